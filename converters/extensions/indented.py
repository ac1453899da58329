"""Containers of Python-Markdown: a line that opens one, and its content indented by four."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock

INDENT = 4


def line_text(state: StateBlock, line: int) -> str:
    """A line without its indent."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def extent(state: StateBlock, start: int, end: int) -> tuple[int, int]:
    """Where the content below the line `start` ends (a line that is not of it), and how far it is indented.

    An author may indent from the marker, or from the container that the marker stands in.
    """
    last, indent = start + 1, 0
    for line in range(start + 1, end):
        if state.isEmpty(line):
            continue
        count = state.sCount[line]
        if not indent:
            if count < state.blkIndent + INDENT:
                break
            indent = min(count, state.sCount[start] + INDENT)
        if count < indent:
            break
        last = line + 1
    return last, indent or state.blkIndent + INDENT


def parse_inside(state: StateBlock, start: int, stop: int, indent: int) -> None:
    """Parse some lines as the content of the container that was opened last."""
    before = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "container", stop, indent
    state.md.block.tokenize(state, start, stop)
    state.parentType, state.lineMax, state.blkIndent = before


def push_title(state: StateBlock, title: str, line: int) -> None:
    """A title's inline token, right behind its container's opening token."""
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = title, [line, line + 1], []
