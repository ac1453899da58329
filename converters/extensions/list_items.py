"""List items of Python-Markdown: four spaces belong to one, however wide its mark is."""

from __future__ import annotations

import re
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.extensions.indented import INDENT, line_text
from converters.state import Extension, State

_MARK = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?P<space>[ \t]+|\Z)")
_SEEN = "widened lists"


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Before a list is read: what is indented by four below a mark of more is moved to where Markdown expects it."""
    if silent or state.is_code_block(start) or not _width(state, start):
        return False
    # a state is kept with its lines, so that no other one takes its identity
    _, seen = state.env.setdefault(_SEEN, {}).setdefault(id(state), (state, set()))
    if start in seen:
        return False
    base, line = state.sCount[start], start
    while line < end and state.sCount[line] - base in range(INDENT) and (width := _width(state, line)):
        seen.add(line)
        after = _behind(state, line, end, base)
        for inner in range(line + 1, after) if width > INDENT else ():
            if state.sCount[inner] - base >= INDENT and not state.isEmpty(inner):
                _move(state, inner, width - INDENT)
        line = after
    return False


def _width(state: StateBlock, line: int) -> int:
    """How far Markdown wants the content of a list item to be indented from its mark; 0 for another line."""
    match = _MARK.match(line_text(state, line))
    if match is None:
        return 0
    space = len(match["space"].expandtabs(INDENT))
    return match.start("space") + (space if 1 <= space <= INDENT else 1)


def _behind(state: StateBlock, line: int, end: int, base: int) -> int:
    """The line behind a list item: the next one, or text at the margin with a blank line above it."""
    for inner in range(line + 1, end):
        if state.isEmpty(inner) or state.sCount[inner] - base >= INDENT:
            continue
        if state.isEmpty(inner - 1) or _width(state, inner):
            return inner
    return end


def _move(state: StateBlock, line: int, columns: int) -> None:
    """Let a line begin further left, so that it is indented further; not one of its characters moves."""
    state.bMarks[line] -= columns
    state.tShift[line] += columns
    state.sCount[line] += columns
    state.bsCount[line] -= columns


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("list", "list_items", _rule)


def _code(state: State, token: Token) -> bool:
    """In a list, Python-Markdown counts four spaces for the item, Markdown only as many as its mark is wide."""
    if any(frame.kind == "item" for frame in state.frames):
        token.content = dedent(token.content)
    return False


LIST_ITEMS = Extension(
    "list-items", "what is indented by four stands in the list item, however wide its mark is", setup=_setup
)
LIST_CODE = Extension(
    "list-code",
    "code in a list item, indented by eight, begins where it is meant to",
    blocks={"code_block": _code},
)
