"""Which tool a folder was written for, as far as its own files say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

GITHUB = "github"
SAMPLE_FILES = 24
SAMPLE_SIZE = 12_000  # characters of each

# Names that only one tool's files and directories have. The first tool of this order counts: some leave files of others
# behind, and `_config.yml` is Jupyter Book's as well, `conf.py` everybody's.
_ORDER = ("docusaurus", "vitepress", "mkdocs", "hugo", "zola", "myst", "mdbook", "jekyll", "obsidian")
_NAMES = {
    **dict.fromkeys(
        (f"docusaurus.config.{suffix}" for suffix in ("js", "ts", "mjs", "cjs", "mts")), "docusaurus"
    ),
    **dict.fromkeys(("_category_.json", "_category_.yml", "_category_.yaml"), "docusaurus"),
    ".vitepress": "vitepress",
    **dict.fromkeys(("mkdocs.yml", "mkdocs.yaml"), "mkdocs"),
    **dict.fromkeys(("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"), "hugo"),
    **dict.fromkeys(("myst.yml", "_toc.yml"), "myst"),
    "book.toml": "mdbook",
    **dict.fromkeys(("_config.yml", "_config.yaml", "_posts", "_layouts"), "jekyll"),
    ".obsidian": "obsidian",
}
# `config.toml` is Zola's, or Hugo's before it had a name of its own
_ZOLA_CONFIG = re.compile(
    r"^\s*(?:base_url|compile_sass|build_search_index|taxonomies|\[markdown\]|\[slugify\])\b", re.MULTILINE
)
_HUGO_CONFIG = re.compile(
    r"^\s*(?:baseURL|languageCode|theme|\[params\]|\[\[?menu)\b", re.MULTILINE | re.IGNORECASE
)

# What the files themselves say. Each counts once for a file; code has been taken out.
_SIGNS: tuple[tuple[str, float, re.Pattern[str]], ...] = tuple(
    (flavor, weight, re.compile(pattern, re.MULTILINE))
    for flavor, weight, pattern in (
        ("hugo", 3, r"\{\{[<%]\s*/?\s*[\w./-]+"),
        (
            "hugo",
            1,
            r"\A(?:---\n(?:[^\n]*\n)*?(?:linkTitle|lastmod|weight|draft): |\+\+\+\n(?:[^\n]*\n)*?(?:draft|weight|lastmod) = )",
        ),
        ("zola", 3, r"\]\(@/[^()\s]+\)"),
        (
            "zola",
            2,
            r"\A\+\+\+\n(?:[^\n]*\n)*?(?:sort_by|insert_anchor_links|page_template|\[extra\]|\[taxonomies\])",
        ),
        ("zola", 1, r"\A\+\+\+\n"),
        ("vitepress", 2, r"^#{1,6} .*\{#[\w-]+\}[ \t]*$"),
        ("vitepress", 2, r"^::: ?(?:details|code-group|v-pre|raw|tip|info|warning|danger)\b"),
        ("vitepress", 3, r"^<script setup|^layout: (?:home|doc)$|^<!--\s*@include:"),
        ("docusaurus", 2, r"^:::(?:note|tip|info|warning|danger|caution)\b"),
        ("docusaurus", 3, r"^import \w+ from ['\"]@(?:theme|site|docusaurus)"),
        ("docusaurus", 3, r"^(?:sidebar_position|sidebar_label|pagination_label|displayed_sidebar): "),
        ("docusaurus", 1, r"^#{1,6} .*\{#[\w-]+\}[ \t]*$"),
        ("mkdocs", 3, r"^ *(?:!!!|\?\?\?\+?) \w+"),
        ("mkdocs", 3, r"^ *=== \"|^ *-+8<-+ |\]\([^()\n]*\)\{ ?[.:]|\n::: [\w.]+\n    \w+:"),
        ("mdbook", 3, r"^[ \t]*\{\{#(?:include|rustdoc_include|playground) "),
        ("obsidian", 2, r"!?\[\[[^\[\]\n]+\]\]"),
        ("obsidian", 2, r"^> \[!\w+\][+-]|^%%|\s\^[\w-]{4,}$"),
        ("jekyll", 2, r"\{% ?(?:include|link|post_url|highlight|raw|if|for|assign|comment)\b"),
        ("jekyll", 2, r"^\{: ?[.#][\w-]|\A---\n(?:[^\n]*\n)*?(?:nav_order|permalink|layout): "),
        (
            "myst",
            3,
            r"\{(?:ref|doc|numref|cite|term|eq|py:\w+|class|func|meth)\}`|^(?:`{3,}|:{3,})\{[a-z-]+\}",
        ),
        ("myst", 3, r":(?:numref|ref|label|eqref|cite|citet):`|^:begin_tab:"),
    )
)
_CODE = re.compile(r"^[ \t>]*(`{3,}|~{3,}).*?(?:^[ \t>]*\1|\Z)", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
_IN_CODE = ("myst", "mdbook")  # roles look like code, and what is included mostly is
_SHARE = 0.05  # of the sampled files must say so
_ENOUGH = 2.0  # a lone sign in one file is a coincidence


def detect(names: Iterable[str], samples: Iterable[str] = (), configs: Iterable[str] = ()) -> str:
    """The flavour of a folder: a name of `converters.extensions.FLAVORS`, "github" when nothing speaks for another.

    `names` are paths of files and directories in the folder and beside it, with "/" between their parts.
    `samples` are texts of some of its Markdown files, and `configs` those of files called `config.toml`.
    """
    found = {_NAMES.get(path.rstrip("/").rpartition("/")[2], "") for path in names}
    for text in configs:
        found.add("zola" if _ZOLA_CONFIG.search(text) else "hugo" if _HUGO_CONFIG.search(text) else "")
    named = next((flavor for flavor in _ORDER if flavor in found), "")
    return named or _by_content([text[:SAMPLE_SIZE] for text in samples])


def _by_content(texts: list[str]) -> str:
    scores: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for text in texts:
        prose = _SPAN.sub("", _CODE.sub("", text))
        own: Counter[str] = Counter()
        for flavor, weight, pattern in _SIGNS:
            if pattern.search(text if flavor in _IN_CODE else prose):
                own[flavor] += weight  # type: ignore[assignment]  # weights are numbers
        scores.update(own)
        files.update(own.keys())
    best = max(scores, key=lambda flavor: (scores[flavor], flavor), default="")
    if not best or scores[best] < max(_ENOUGH, _SHARE * len(texts)) or files[best] < min(2, len(texts)):
        return GITHUB
    return best
