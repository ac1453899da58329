"""Code languages: from what stands behind a fence to the name that a service knows.

A word is followed through `NEAREST` until the service has a name for it, so that `zsh` becomes `bash` where there is
one and `Shell` where there is not. Sources: Notion's OpenAPI (a closed list), Buildin's V1 guide (display names;
whether V2 wants them or takes any string is unconfirmed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLAIN_TEXT = "plain text"

_NOTION_NAMES = (
    "abap|abc|agda|arduino|ascii art|assembly|bash|basic|bnf|c|c#|c++|clojure|coffeescript|coq|css|dart|dhall|"
    "diff|docker|ebnf|elixir|elm|erlang|f#|flow|fortran|gherkin|glsl|go|graphql|groovy|haskell|hcl|html|idris|"
    "java|javascript|json|julia|kotlin|latex|less|lisp|livescript|llvm ir|lua|makefile|markdown|markup|matlab|"
    "mathematica|mermaid|nix|notion formula|objective-c|ocaml|pascal|perl|php|plain text|powershell|prolog|"
    "protobuf|purescript|python|r|racket|reason|ruby|rust|sass|scala|scheme|scss|shell|smalltalk|solidity|sql|"
    "swift|toml|typescript|vb.net|verilog|vhdl|visual basic|webassembly|xml|yaml|java/c/c++/c#"
)

_BUILDIN_NAMES = (
    "C|C#|C++|Clojure|CMake|Closure Stylesheets (GSS)|CoffeeScript|Common Lisp|Crystal|CSS|D|Dart|Django|Dockerfile|"
    "diff|EBNF|Elm|Erlang|elixir|Fortran|F#|Gherkin|Go|Ini|Shell|Groovy|HAML|Haskell|Haxe|HTML|HTTP|Java|JavaScript|"
    "JSON|Julia|Kotlin|LESS|LiveScript|Lua|Markdown|Mathematica|Matlab|MakeFile|Mermaid|Nginx|NSIS|Objective-C|"
    "Objective-C++|OCaml|Pascal|Perl|PHP|Plain Text|PowerShell|Properties files|ProtoBuf|Puppet|Python|Q|R|RPM Spec|"
    "Ruby|Rust|React|SAS|Scala|Scheme|SCSS|Smalltalk|Stylus|SQL|Solidity|Swift|LaTeX|sTeX|Tcl|Toml|Twig|TypeScript|"
    "VB.NET|VBScript|Verilog|VHDL|Vue|XML|XQuery|YAML"
)

NOTION: Mapping[str, str] = {name: name for name in _NOTION_NAMES.split("|")}
BUILDIN: Mapping[str, str] = {name.lower(): name for name in _BUILDIN_NAMES.split("|")}

_SAME = {
    "plain text": "text txt plain plaintext plain-text none no nohighlight no-highlight nocode raw ascii output log logs stdout stderr "
    "out result results console-output terminal-output tree csv tsv toc terminfo",
    "javascript": "js mjs cjs ecmascript es6 node nodejs qml",
    "typescript": "ts mts cts tsx typescriptreact deno",
    "react": "jsx javascriptreact",
    "python": "py py3 python3 python2 py2 pycon pytb python-repl ipython ipython3 ipynb gyp starlark bazel bzl pyi sage "
    "micropython pyodide",
    "shell": "sh console shell-session shellsession shellscript shell-script sh-session terminal term command commandline "
    "cli prompt ksh csh tcsh cmdline",
    "bash": "zsh fish bash-session bashrc",
    "powershell": "ps ps1 psm1 psd1 pwsh posh powershell-session",
    "batch": "bat cmd dos batchfile winbatch",
    "yaml": "yml yaml-frontmatter eyaml docker-compose cff",
    "json": "jsonc json5 jsonl ndjson geojson jsonld json-ld webmanifest topojson jsonnet",
    "toml": "tml",
    "ini": "cfg conf config editorconfig gitconfig systemd desktop inifile unit",
    "properties files": "properties props dotenv env java-properties",
    "html": "htm xhtml html5 html+erb erb eex heex leex html+eex html+php html+django html+jinja htmldjango ejs handlebars hbs "
    "html+handlebars mustache jinja jinja2 j2 njk nunjucks liquid svelte astro razor cshtml blade go-html-template gohtml go-template "
    "gotmpl gohtmltmpl tera htmlmixed angular angular-html templ marko freemarker ftl velocity jekyll",
    "xml": "svg xsd xsl xslt rss atom plist wsdl xaml mathml opml xul csproj pom rng ssml",
    "markup": "sgml",
    "markdown": "md mdx mkd mdown commonmark gfm rmd qmd quarto myst markdoc obsidian",
    "c": "h c99 c11 ansi-c",
    "c++": "cpp cxx cc hpp hxx hh cplusplus c-plus-plus cuda cu metal",
    "c#": "cs csharp c-sharp csx dotnet",
    "f#": "fs fsharp f-sharp fsx fsi",
    "vb.net": "vb vbnet visualbasic-net",
    "visual basic": "vba vb6 visualbasic visual-basic bas",
    "vbscript": "vbs asp",
    "objective-c": "objc objectivec obj-c",
    "objective-c++": "objc++ objective-cpp objectivecpp mm",
    "java": "jsp javac java-repl processing",
    "kotlin": "kt kts",
    "groovy": "gradle jenkinsfile gvy",
    "scala": "sc sbt scala3 chisel",
    "go": "golang gomod go-mod gosum vlang v",
    "rust": "rs rust-script",
    "ruby": "rb irb gemfile rake rakefile podfile ruby-repl jruby",
    "crystal": "cr",
    "php": "php3 php4 php5 php7 php8 phtml inc php-template",
    "perl": "pl pm perl5 perl6 raku",
    "docker": "dockerfile containerfile",
    "makefile": "make mk mak gnumake bsdmake justfile just",
    "cmake": "cmakelists",
    "sql": "mysql postgres postgresql pgsql plpgsql sqlite sqlite3 psql tsql t-sql plsql pl/sql mariadb mssql hql cql duckdb "
    "bigquery snowflake sparql kusto prql clickhouse surql",
    "graphql": "gql graphqls",
    "css": "postcss pcss tailwind tailwindcss wxss",
    "sass": "sass-indented",
    "stylus": "styl",
    "diff": "patch udiff git-diff rej",
    "latex": "tex math katex bibtex bib asciimath tikz mathjax amsmath",
    "matlab": "octave",
    "mathematica": "wolfram wl nb mma wolfram-language",
    "r": "rscript splus rlang",
    "julia": "jl julia-repl",
    "lua": "luau moonscript teal",
    "haskell": "hs lhs cabal",
    "purescript": "purs",
    "ocaml": "ml mli",
    "reason": "re reasonml rescript res",
    "elixir": "ex exs iex",
    "erlang": "erl hrl escript",
    "clojure": "clj cljs cljc edn clojurescript",
    "lisp": "elisp emacs-lisp el cl emacs common-lisp commonlisp fennel janet hy",
    "common lisp": "lisp",
    "scheme": "scm guile chicken ss",
    "racket": "rkt",
    "prolog": "swipl",
    "protobuf": "proto proto3 protocol-buffers",
    "hcl": "terraform tf tfvars opentofu nomad packer",
    "nix": "nixos",
    "assembly": "asm nasm masm gas x86asm armasm arm mips riscv s 6502 asm6502 avrasm x86",
    "llvm ir": "llvm ll llvm-ir",
    "webassembly": "wasm wat wast",
    "verilog": "systemverilog sv svh vlog",
    "vhdl": "vhd",
    "fortran": "f77 f90 f95 f03 f08 for fortran90",
    "pascal": "delphi objectpascal objpas lazarus",
    "coffeescript": "coffee cson iced",
    "livescript": "ls",
    "dart": "flutter",
    "swift": "swiftui",
    "solidity": "sol",
    "smalltalk": "squeak st",
    "gherkin": "cucumber feature",
    "ebnf": "abnf pest antlr antlr4 g4 peg",
    "bnf": "grammar",
    "glsl": "hlsl shader vert frag wgsl shaderlab opengl",
    "basic": "qbasic quickbasic freebasic",
    "arduino": "ino",
    "mermaid": "mmd",
    "nginx": "nginxconf nginx-conf",
    "http": "https rest restclient",
    "twig": "html+twig",
    "tcl": "tk expect",
    "haml": "slim",
    "vue": "vue-html vuejs",
    "d": "dlang",
    "q": "kdb kdb+",
    "puppet": "pp",
    "dockerfile": "docker",
    "idris": "idr idris2",
    "agda": "lagda",
    "coq": "gallina",
    "ascii art": "ascii-art asciiart ditaa goat",
    "notion formula": "notion-formula",
    "nsis": "nsi",
}

# Where a service does not have a language, one that is written much like it.
_LIKE = {
    "bash": "shell",
    "batch": "powershell",
    "react": "javascript",
    "vue": "html",
    "django": "html",
    "twig": "html",
    "haml": "ruby",
    "crystal": "ruby",
    "puppet": "ruby",
    "haxe": "java",
    "d": "c",
    "arduino": "c++",
    "glsl": "c",
    "flow": "javascript",
    "objective-c++": "objective-c",
    "markup": "html",
    "properties files": "ini",
    "ini": "toml",
    "hcl": "ini",
    "stylus": "css",
    "sass": "scss",
    "closure stylesheets (gss)": "css",
    "stex": "latex",
    "common lisp": "lisp",
    "lisp": "common lisp",
    "racket": "scheme",
    "purescript": "haskell",
    "idris": "haskell",
    "agda": "haskell",
    "dhall": "haskell",
    "reason": "ocaml",
    "visual basic": "vb.net",
    "vbscript": "visual basic",
    "basic": "vb.net",
    "bnf": "ebnf",
    "ascii art": PLAIN_TEXT,
    "docker": "dockerfile",
    "java/c/c++/c#": "java",
    "xquery": "xml",
}

NEAREST: Mapping[str, str] = {word: name for name, words in _SAME.items() for word in words.split()}

_WORD = re.compile(r"[{.]*(?:language-|lang-)?([^\s,{}:;\[\]()!|=\"'<>?]*)")


def code_language(word: str, names: Mapping[str, str]) -> str | None:
    """The service's name for a fence's language; its plain text for none; None if it has nothing near.

    Args:
        word: The first word of an info string, as people write it (`Rust,ignore`, `{.python}`, `js{1,3}`).
        names: The service's names by their lower-case form.
    """
    text = word.strip().lower()
    if text in names:
        return names[text]
    matched = _WORD.match(text)
    key = matched[1].removesuffix("-vue") if matched and "=" not in text else ""  # `title=…` is no language
    for _ in range(4):  # no chain of NEAREST and _LIKE is longer
        if not key or key in names:
            break
        key = NEAREST.get(key) or _LIKE.get(key, "")
        if not key:
            return None
    return names.get(key or PLAIN_TEXT)
