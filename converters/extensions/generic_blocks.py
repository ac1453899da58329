"""Blocks of PyMdown: `/// note | Title`, `/// details | Summary`, `/// tab | Title`, `/// caption`, each to its `///`."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import Code, Embed, Media, Paragraph, Span
from converters.extensions.admonitions import ADMONITIONS
from converters.extensions.indented import INDENT, line_text, push_title
from converters.extensions.kinds import KINDS
from converters.extensions.regions import INTERRUPTS, inside, once
from converters.extensions.tabs import TABS
from converters.handlers.basic import lead
from converters.notes import fence_behind
from converters.parser import MAX_NESTING
from converters.state import Extension, Frame, State

_OPEN = re.compile(r"(/{3,})[ \t]*([A-Za-z][\w-]*)[ \t]*(?:\|[ \t]*(.*?))?[ \t]*\Z")
_CLOSE = re.compile(r"(/{3,})[ \t]*\Z")
_LEAD = re.compile(r"[ \t>]*")
_OPTION = re.compile(r"([\w-]+):[ \t]*[\"']?(.*?)[\"']?[ \t]*\Z")
_NOTES = frozenset(KINDS) | {"admonition", "details"}
_CAPTIONS = frozenset({"caption", "figure-caption", "table-caption"})
_PLAIN = frozenset({"html", "define", "definition"})
_NAMES = _NOTES | _CAPTIONS | _PLAIN | {"tab"}


def _pairs(source: str) -> dict[int, int]:
    """Where blocks end, by where they begin: a mark closes the last open one of its length, and all in that."""
    found: dict[int, int] = {}
    stack: list[tuple[int, int]] = []
    at, code = 0, ""
    for row in source.split("\n"):
        start = at + _LEAD.match(row).end()  # type: ignore[union-attr]  # it matches nothing, too
        text, before, code = source[start : at + len(row)], code, fence_behind(code, row)
        if not before and not code and text.startswith("///"):
            opening, closing = _OPEN.match(text), _CLOSE.match(text)
            if opening is not None and opening[2].lower() in _NAMES:
                stack.append((len(opening[1]), start))
            elif closing is not None:
                depth = _depth(stack, len(closing[1]))
                if depth >= 0:
                    found[stack[depth][1]] = start
                    del stack[depth:]
        at += len(row) + 1
    return found


def _depth(stack: list[tuple[int, int]], length: int) -> int:
    lowest = max(len(stack) - MAX_NESTING, 0)
    return next((depth for depth in range(len(stack) - 1, lowest - 1, -1) if stack[depth][0] == length), -1)


def _extent(state: StateBlock, line: int, end: int) -> int | None:
    """The line that closes the block which a line opens; None if it opens none."""
    at = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith("///", at) or state.is_code_block(line):
        return None
    close = once(state.env, "generic blocks", state.src, _pairs).get(at)
    if close is None:
        return None
    last = bisect_left(state.eMarks, close, line, end)
    return last if last < end else None


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    last = _extent(state, start, end)
    if last is None:
        return False
    if silent:
        return True
    match = _OPEN.match(line_text(state, start))
    assert match is not None
    name = match[2].lower()
    if name == "tab":
        state.line = _tabs(state, start, end)
        return True
    options, first = _options(state, start + 1, last)
    kind = "admonition" if name in _NOTES else "block_caption" if name in _CAPTIONS else "block_plain"
    token = state.push(f"{kind}_open", "div", 1)
    token.map, token.info = [start, last + 1], name
    if name in _NOTES:
        fold = "" if name != "details" else "open" if options.get("open", "").lower() == "true" else "closed"
        kinds = options.get("type", "" if name == "admonition" else name).lower().split()
        token.meta = {"kinds": kinds, "title": match[3] or None, "fold": fold}
        if match[3]:
            push_title(state, match[3], start)
    inside(state, first, last)
    state.push(f"{kind}_close", "div", -1)
    state.line = last + 1
    return True


def _tabs(state: StateBlock, start: int, end: int) -> int:
    """Tabs beside each other; the line behind them."""
    opening = state.push("tabs_open", "div", 1)
    line = start
    while line < end and (last := _extent(state, line, end)) is not None:
        match = _OPEN.match(line_text(state, line))
        options, first = _options(state, line + 1, last)
        if (
            match is None
            or match[2].lower() != "tab"
            or (line > start and options.get("new", "").lower() == "true")
        ):
            break
        token = state.push("tab_open", "div", 1)
        token.map = [line, last + 1]
        push_title(state, match[3] or "Tab", line)
        inside(state, first, last)
        state.push("tab_close", "div", -1)
        line = state.skipEmptyLines(last + 1) if last + 1 < end else last + 1
    state.push("tabs_close", "div", -1)
    opening.map = [start, line]
    return line


def _options(state: StateBlock, first: int, last: int) -> tuple[dict[str, str], int]:
    """What is said of a block on the indented lines right below its opening, and the line where its content begins."""
    options: dict[str, str] = {}
    line = first
    while line < last and not state.isEmpty(line) and state.sCount[line] - state.blkIndent >= INDENT:
        if match := _OPTION.match(line_text(state, line)):
            options[match[1]] = match[2]
        line += 1
    return options, line


def _plain(state: State, token: Token) -> None:
    message = f"A block “{token.info}” has no block of its own here; its text is kept."
    state.report("structure-degraded", message, state.line(token), 1)


def _caption(state: State, token: Token) -> None:
    state.push(Frame("block_caption", state.line(token), _finish_caption))


def _finish_caption(state: State, frame: Frame) -> None:
    """What stands above has it, if it can."""
    text, rest = lead(frame.blocks)
    above = state.blocks[-1] if state.blocks else None
    if text and isinstance(above, (Code, Media, Embed)):
        between = (Span(" — "),) if above.caption else ()
        state.blocks[-1] = replace(above, caption=(*above.caption, *between, *text))
    elif text:
        state.blocks.append(Paragraph(text, line=frame.line))
    state.blocks.extend(rest)


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "generic_blocks", _rule, INTERRUPTS)


GENERIC_BLOCKS = Extension(
    "generic-blocks",
    "`/// note | Title` up to `///` is what `!!!`, `???` and `===` are; `/// caption` is one",
    setup=_setup,
    blocks={
        **ADMONITIONS.blocks,
        **TABS.blocks,
        "block_plain_open": _plain,
        "block_plain_close": lambda state, token: None,
        "block_caption_open": _caption,
        "block_caption_close": lambda state, token: state.close("block_caption"),
    },
)
