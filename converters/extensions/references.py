"""Links as Python-Markdown reads them where Markdown sees none: `[text] [name]`, and `[name][^1]` before a footnote."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.rules_inline import StateInline

from converters.parser import POSITION
from converters.state import Extension

_NAME = re.compile(r"[ \n]\[([^\[\]]+)\]")


def _rule(state: StateInline, silent: bool) -> bool:
    source, start, limit = state.src, state.pos, state.posMax
    references = state.env.get("references")
    if source[start] != "[" or not references or source.startswith("[^", start):
        return False
    end = state.md.helpers.parseLinkLabel(state, start, True)
    if end < 0:
        return False
    match = _NAME.match(source, end + 1, limit)
    footnote = source.startswith("[^", end + 1)
    label = match[1] if match is not None else source[start + 1 : end] if footnote else ""
    found = references.get(normalizeReference(label)) if label and not label.startswith("^") else None
    if found is None:
        return False
    if not silent:
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": found["href"]}
        if found["title"]:
            token.attrSet("title", found["title"])
        token.meta[POSITION] = start
        state.pos, state.posMax = start + 1, end
        state.linkLevel += 1
        state.md.inline.tokenize(state)
        state.linkLevel -= 1
        state.push("link_close", "a", -1)
    state.pos = match.end() if match is not None else end + 1
    state.posMax = limit
    return True


def _setup(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("link", "spaced_reference", _rule)


REFERENCES = Extension(
    "spaced-references",
    "`[text] [name]` is a link to what `[name]:` says, and so is `[name]` before a footnote",
    setup=_setup,
)
