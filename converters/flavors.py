"""Which tool a folder was written for, as far as its own files say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

GITHUB = "github"
SAMPLE_FILES = 24
SAMPLE_SIZE = 12_000  # characters of each

# Files and directories that only one tool has. The first line that fits counts: some tools leave files of others behind.
_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("docusaurus", re.compile(r"(?:^|/)(?:docusaurus\.config\.[cm]?[jt]s|_category_\.(?:json|ya?ml))\Z")),
    ("vitepress", re.compile(r"(?:^|/)\.vitepress(?:/|\Z)")),
    ("mkdocs", re.compile(r"(?:^|/)mkdocs\.ya?ml\Z")),
    ("hugo", re.compile(r"(?:^|/)(?:hugo\.(?:toml|ya?ml|json)|archetypes/|_default/config\.toml)")),
    ("jekyll", re.compile(r"(?:^|/)(?:_config\.ya?ml|_posts/)")),
    ("obsidian", re.compile(r"(?:^|/)\.obsidian(?:/|\Z)")),
    ("myst", re.compile(r"(?:^|/)(?:myst\.yml|conf\.py|_toc\.yml)\Z")),
)
# `config.toml` is Zola's, or Hugo's before it had a name of its own; `_config.yml` is Jupyter Book's as well
_ZOLA_CONFIG = re.compile(r"^\s*(?:base_url|compile_sass|build_search_index|taxonomies|\[markdown\]|\[slugify\])\b", re.MULTILINE)
_HUGO_CONFIG = re.compile(r"^\s*(?:baseURL|languageCode|theme|\[params\]|\[\[?menu)\b", re.MULTILINE | re.IGNORECASE)
_CONFIG = re.compile(r"(?:^|/)config\.toml\Z")
_MYST_CONFIG = re.compile(r"(?:^|/)_toc\.yml\Z")

# What the files themselves say. Each counts once for a file; code has been taken out.
_SIGNS: tuple[tuple[str, float, re.Pattern[str]], ...] = tuple(
    (flavor, weight, re.compile(pattern, re.MULTILINE))
    for flavor, weight, pattern in (
        ("hugo", 3, r"\{\{[<%]\s*/?\s*[\w./-]+"),
        ("hugo", 1, r"\A(?:---\n(?:[^\n]*\n)*?(?:linkTitle|lastmod|weight|draft): |\+\+\+\n(?:[^\n]*\n)*?(?:draft|weight|lastmod) = )"),
        ("zola", 3, r"\]\(@/[^)\s]+\)"),
        ("zola", 2, r"\A\+\+\+\n(?:[^\n]*\n)*?(?:sort_by|insert_anchor_links|page_template|\[extra\]|\[taxonomies\])"),
        ("zola", 1, r"\A\+\+\+\n"),
        ("vitepress", 2, r"^#{1,6} .*\{#[\w-]+\}[ \t]*$"),
        ("vitepress", 2, r"^::: ?(?:details|code-group|v-pre|raw|tip|info|warning|danger)\b"),
        ("vitepress", 3, r"^<script setup|^layout: (?:home|doc)$|^<!--\s*@include:"),
        ("docusaurus", 2, r"^:::(?:note|tip|info|warning|danger|caution)\b"),
        ("docusaurus", 3, r"^import \w+ from ['\"]@(?:theme|site|docusaurus)"),
        ("docusaurus", 3, r"^(?:sidebar_position|sidebar_label|pagination_label|displayed_sidebar): "),
        ("docusaurus", 1, r"^#{1,6} .*\{#[\w-]+\}[ \t]*$"),
        ("mkdocs", 3, r"^ *(?:!!!|\?\?\?\+?) \w+"),
        ("mkdocs", 3, r"^ *=== \"|^ *-+8<-+ |\]\([^)]*\)\{ ?[.:]|\n::: [\w.]+\n    \w+:"),
        ("obsidian", 2, r"!?\[\[[^\[\]\n]+\]\]"),
        ("obsidian", 2, r"^> \[!\w+\][+-]|^%%|\s\^[\w-]{4,}$"),
        ("jekyll", 2, r"\{% ?(?:include|link|post_url|highlight|raw|if|for|assign|comment)\b"),
        ("jekyll", 2, r"^\{: ?[.#][\w-]|\A---\n(?:[^\n]*\n)*?(?:nav_order|permalink|layout): "),
        ("myst", 3, r"\{(?:ref|doc|numref|cite|term|eq|py:\w+|class|func|meth)\}`|^(?:`{3,}|:{3,})\{[a-z-]+\}"),
        ("myst", 3, r":(?:numref|ref|label|eqref|cite|citet):`|^:begin_tab:"),
    )
)
_CODE = re.compile(r"^[ \t>]*(`{3,}|~{3,})(?![{]).*?(?:^[ \t>]*\1|\Z)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`[^`\n{]+`(?!`)")
_SHARE = 0.05  # of the sampled files must say so
_ENOUGH = 2.0  # a lone sign in one file is a coincidence


def detect(names: Iterable[str], samples: Iterable[str] = (), configs: Iterable[str] = ()) -> str:
    """The flavour of a folder: a name of `converters.extensions.FLAVORS`, "github" when nothing speaks for another.

    `names` are paths of the folder and of the one above it, with "/" between their parts and at the end of directories.
    `samples` are texts of some of its Markdown files, and `configs` those of files called `config.toml`.
    """
    paths = sorted(set(names))
    texts = list(configs)
    if any(_MYST_CONFIG.search(path) for path in paths):
        return "myst"
    for flavor, pattern in _NAMES:
        if any(pattern.search(path) for path in paths):
            return flavor
    if any(_CONFIG.search(path) for path in paths):
        if any(map(_ZOLA_CONFIG.search, texts)):
            return "zola"
        if any(map(_HUGO_CONFIG.search, texts)):
            return "hugo"
    return _by_content([text[:SAMPLE_SIZE] for text in samples])


def _by_content(texts: list[str]) -> str:
    scores: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for text in texts:
        prose = _SPAN.sub("", _CODE.sub("", text))
        # roles stand in what looks like code
        own: Counter[str] = Counter()
        for flavor, weight, pattern in _SIGNS:
            if pattern.search(text if flavor == "myst" else prose):
                own[flavor] += weight  # type: ignore[assignment]  # weights are numbers
        scores.update(own)
        files.update(own.keys())
    best = max(scores, key=lambda flavor: (scores[flavor], flavor), default="")
    if not best or scores[best] < max(_ENOUGH, _SHARE * len(texts)) or files[best] < min(2, len(texts)):
        return GITHUB
    return best
