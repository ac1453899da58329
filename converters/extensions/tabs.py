"""Content tabs: `=== "Title"`.

A service has no tabs. Several beside each other become toggles, one for each, so that a reader opens the one that is
meant for them. A single tab is only a title, mostly the name of a file: it becomes the caption of the code below it, or a
bold line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import Block, Code, Paragraph, RichText, Toggle
from converters.extensions.indented import extent, line_text, parse_inside, push_title
from converters.extensions.kinds import bold
from converters.extensions.regions import INTERRUPTS
from converters.inline import text_of
from converters.state import Extension, Frame, State

_OPEN = re.compile(r'===(?:(!)\+?|\+(!)?)?[ ]+"(.*)"[ \t]*\Z')


@dataclass(frozen=True, slots=True)
class _Tab:
    title: RichText
    blocks: tuple[Block, ...]
    line: int


@dataclass(slots=True)
class _Set:
    tabs: list[_Tab] = field(default_factory=list)


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    match = _OPEN.match(line_text(state, start))
    if match is None:
        return False
    if silent:
        return True
    token = state.push("tabs_open", "div", 1)
    line = start
    while match:
        line = _tab(state, match[3], line, end)
        match = _OPEN.match(line_text(state, line)) if _beside(state, line, end, start) else None
        if match and (match[1] or match[2]):  # `===!` begins a new set
            break
    state.push("tabs_close", "div", -1)
    token.map = [start, line]
    state.line = line
    return True


def _tab(state: StateBlock, title: str, start: int, end: int) -> int:
    """One tab; the line of what follows it."""
    last, indent = extent(state, start, end)
    token = state.push("tab_open", "div", 1)
    token.map = [start, last]
    push_title(state, title, start)
    parse_inside(state, start + 1, last, indent)
    state.push("tab_close", "div", -1)
    return state.skipEmptyLines(last) if last < end else last


def _beside(state: StateBlock, line: int, end: int, start: int) -> bool:
    return line < end and state.sCount[line] == state.sCount[start]


def _open(state: State, token: Token) -> None:
    state.push(Frame("tabs", state.line(token), _finish, _Set()))


def _close(state: State, token: Token) -> None:
    state.close("tabs")


def _open_tab(state: State, token: Token) -> None:
    line = state.line(token)
    title = text_of(state, state.tokens[state.index], line)
    state.index += 1
    state.push(Frame("tab", line, _finish_tab, title))


def _close_tab(state: State, token: Token) -> None:
    state.close("tab")


def _finish_tab(state: State, frame: Frame) -> None:
    tabs: _Set = state.frames[-1].data
    tabs.tabs.append(_Tab(frame.data, tuple(frame.blocks), frame.line))


def _finish(state: State, frame: Frame) -> None:
    tabs: list[_Tab] = frame.data.tabs
    if len(tabs) > 1:
        state.report("structure-degraded", "The tabs are shown as toggles.", frame.line)
        state.blocks.extend(Toggle(tab.title, tab.blocks, line=tab.line) for tab in tabs)
        return
    for tab in tabs:
        match tab.blocks:
            case (Code(caption=()) as code,):
                state.blocks.append(replace(code, caption=tab.title))
            case blocks:
                state.blocks.extend((Paragraph(bold(tab.title), line=tab.line), *blocks))


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "tabs", _rule, INTERRUPTS)


TABS = Extension(
    "tabs",
    '`=== "Tab"`: several become toggles; a single one the caption of its code, or a bold line',
    setup=_setup,
    blocks={"tabs_open": _open, "tabs_close": _close, "tab_open": _open_tab, "tab_close": _close_tab},
)
