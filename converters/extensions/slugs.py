"""The names that sites give headings, where they differ from GitHub's, and the names of terms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markdown_it.token import Token

from converters.anchors import number, slug
from converters.blocks import plain
from converters.extensions.attributes import heading_handler
from converters.state import Extension, State

_COMBINING = re.compile("[\u0300-\u036f]")
_SPECIAL = re.compile(r"""[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:"'“”‘’<>,.?/\x00-\x1f]+""")
_NO_WORD = re.compile(r"[\W_]+")
_NOT_PYTHON = re.compile(r"[^\w\s-]")
_RUN = re.compile(r"[-\s]+")
_NOT_KRAMDOWN = re.compile(r"[^\w \-]")


def vitepress_slug(text: str) -> str:
    """The name that VitePress gives a heading: no accents, every run of signs a hyphen, no digit first."""
    bare = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    name = _SPECIAL.sub("-", bare).strip("-").lower()
    return f"_{name}" if name[:1].isdigit() else name


def zola_slug(text: str) -> str:
    """The name that Zola gives a heading: no accents, every run of what is no letter or digit a hyphen."""
    bare = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return _NO_WORD.sub("-", bare).strip("-").lower()


def kramdown_slug(text: str) -> str:
    """The name that kramdown, and so Jekyll, gives a heading: from the first letter on, without punctuation."""
    start = next((at for at, character in enumerate(text) if character.isalpha()), len(text))
    return _NOT_KRAMDOWN.sub("", text[start:]).replace("_", "").replace(" ", "-").lower() or "section"


def _slugs(site: str, rule: Callable[[str], str]) -> Extension:
    return Extension(
        f"{site.lower()}-anchors",
        f"headings have the names that {site} gives them",
        blocks={"heading_open": heading_handler(rule)},
    )


def python_slug(text: str) -> str:
    """The name that Python-Markdown gives a heading: ASCII only, every run of spaces and hyphens one hyphen."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _RUN.sub("-", _NOT_PYTHON.sub("", bare).strip().lower())


def _name_headings(state: State) -> None:
    """Python-Markdown's names beside those of GitHub, which sites of other scripts have: repeated ones get "_1", "_2"."""
    used: set[str] = set()
    counts: dict[str, int] = {}  # up to which number the names of a stem are taken
    for heading in state.headings:
        name = heading.anchor or python_slug(plain(heading.text))
        start, _, count = name.rpartition("_")
        numbered = bool(start) and count.isdecimal() and len(count) < 9
        stem, taken = (start, int(count)) if numbered else (name, 0)
        taken = max(taken, counts.get(stem, 0) if name in used or not name else 0)
        while name in used or not name:
            taken += 1
            name = f"{stem}_{taken}"
        counts[stem] = max(taken, counts.get(stem, 0))
        used.add(name)
        state.name(name, heading.line)


_TERMS = "terms"


def _term(state: State, token: Token) -> bool:
    """Hugo names the terms of definition lists too."""
    if name := slug(state.tokens[state.index].content.replace("`", "").replace("*", "")):
        state.store.setdefault(_TERMS, []).append((state.line(token), name))
    return False


def _name_terms(state: State) -> None:
    """Number the names of terms and headings together: whichever comes second gets "-1"."""
    if terms := state.store.get(_TERMS):
        named = [(heading.line, heading.anchor or slug(plain(heading.text))) for heading in state.headings]
        found = sorted([*named, *terms], key=lambda item: item[0])
        for (line, _), name in zip(found, number(name for _, name in found), strict=True):
            state.name(name, line)


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "term-anchors",
        "terms of definition lists are names that links may use",
        blocks={"dt_open": _term},
        finish=_name_terms,
    ),
    Extension(
        "mkdocs-anchors",
        "headings also have the names that Python-Markdown gives them",
        finish=_name_headings,
    ),
    _slugs("VitePress", vitepress_slug),
    _slugs("Zola", zola_slug),
    _slugs("Kramdown", kramdown_slug),
)
