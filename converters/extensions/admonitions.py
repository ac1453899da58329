"""Admonitions of Python-Markdown: `!!! note "Title"`, and those that fold, `???` and `???+`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import RichText
from converters.extensions.indented import extent, line_text, parse_inside, push_title
from converters.extensions.kinds import KINDS, Fold, Note, finish_note
from converters.extensions.regions import INTERRUPTS
from converters.inline import text_of
from converters.state import Extension, Frame, State

_OPEN = re.compile(r'(!!!|\?\?\?\+?)[ ]?(?:([\w\-]++(?:[ ]++[\w\-]++)*+)(?:[ ]+"(.*)")?|[ ]*"(.+)")[ \t]*\Z')
_FOLDS: dict[str, Fold] = {"!!!": "", "???": "closed", "???+": "open"}


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    match = _OPEN.match(line_text(state, start))
    if match is None:
        return False
    if silent:
        return True
    kinds = (match[2] or "").lower().split()
    title = match[3] if match[2] else match[4]
    last, indent = extent(state, start, end)
    token = state.push("admonition_open", "div", 1)
    token.map = [start, last]
    token.meta = {"kinds": kinds, "title": title, "fold": _FOLDS[match[1]]}
    if title:
        push_title(state, title, start)
    parse_inside(state, start + 1, last, indent)
    state.push("admonition_close", "div", -1)
    state.line = last
    return True


def _open(state: State, token: Token) -> None:
    kinds, title, fold = token.meta["kinds"], token.meta["title"], token.meta["fold"]
    line = state.line(token)
    text: RichText = ()
    if title:
        text = text_of(state, state.tokens[state.index], line)
        state.index += 1
    kind, *classes = kinds or [""]
    if classes:
        state.report("attributes-dropped", f"“{' '.join(classes)}” is not kept.", line)
    if title == "" and kind not in KINDS and fold != "closed":
        kind = ""  # the author wants no title
    state.push(Frame("admonition", line, finish_note, Note(kind, text, fold)))


def _close(state: State, token: Token) -> None:
    state.close("admonition")


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "admonition", _rule, INTERRUPTS)


ADMONITIONS = Extension(
    "admonitions",
    '`!!! note "Title"` becomes a callout, `??? note` a toggle',
    setup=_setup,
    blocks={"admonition_open": _open, "admonition_close": _close},
)
