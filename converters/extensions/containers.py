"""Fenced containers: `:::note Title`, `::: details Summary`, `::: code-group`, `:::{tip}`.

Docusaurus, VitePress, MyST and Pandoc agree on the fence and differ in what stands behind it; all of it is read. A fence
closes the innermost open container of its length, so that containers nest with or without more colons.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import Paragraph, RichText, Span, Toggle
from converters.extensions.attributes import Attributes, read_attributes
from converters.extensions.kinds import KINDS, Note, bold, finish_note, title_of
from converters.extensions.regions import INTERRUPTS, inside, once
from converters.handlers.basic import finish_quote
from converters.inline import text_of
from converters.state import Extension, Frame, State

# Names that mean one of the kinds that everybody knows
ALIASES = {
    "information": "info",
    "secondary": "note",
    "alert": "warning",
    "warn": "warning",
    "notice": "note",
    "admonition": "note",
    "callout": "note",
    "versionadded": "info",
    "versionchanged": "info",
    "deprecated": "warning",
    "primary": "note",
    "light": "note",
    "dark": "note",
}
_SINCE = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
}
QUOTES = frozenset({"epigraph", "pull-quote", "highlights", "blockquote"})
_TOGGLES = frozenset({"details", "collapse", "dropdown", "toggle", "spoiler", "expand"})
# Containers that only say how to set what stands in them
TRANSPARENT = frozenset({
    "code-group", "raw", "v-pre", "tabs", "tab-set", "group", "center", "left", "right", "div", "grid", "grid-item", "container", "columns", "table",
})  # fmt: skip
_TABS = frozenset({"tabs", "tab-set"})
LABELLED = frozenset({"tab", "tab-item", "column", "card", "grid-item-card"})

_NONE = Attributes()
_FENCE = re.compile(r"^[ \t>*+\-\d.]*(?P<fence>:{3,}|`{3,}|~{3,})[ \t]*(?P<rest>.*)$", re.MULTILINE)
_OPENING = re.compile(r"(:{3,})[ \t]*(?:\{([A-Za-z][\w:.-]*)\}|([A-Za-z][\w-]*)|(?=\{))[ \t]*(.*)")
_LABEL = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands behind the colons of an opening fence."""

    kind: str
    title: str
    attributes: Attributes


def read_opening(text: str) -> Opening | None:
    """The parts of an opening fence; None if the line is none."""
    match = _OPENING.match(text)
    if match is None:
        return None
    kind, rest = (match[2] or match[3] or "").lower(), match[4].rstrip(": \t")
    label = _LABEL.match(rest)
    title, rest = (label[1], rest[label.end() :]) if label else ("", rest)
    attributes, before = Attributes(), rest
    if rest.endswith("}") and (at := rest.rfind("{")) >= 0 and (found := read_attributes(rest[at:])):
        attributes, before = found, rest[:at]
    if not kind:
        kind = attributes.classes[0].lower() if attributes.classes else ""
    title = " ".join(part for part in (title, before.strip()) if part) or attributes.named.get("title", "")
    return Opening(kind, title, attributes) if kind else None


def _pairs(source: str) -> dict[int, int]:
    """Where the fence stands that closes the one at a place; -1 for one that nothing closes. Code is left alone."""
    found: dict[int, int] = {}
    stack: list[tuple[int, int]] = []
    code = ""
    for match in _FENCE.finditer(source):
        fence, rest, at = match["fence"], match["rest"], match.start("fence")
        if code:
            if fence[0] == code[0] and len(fence) >= len(code) and not rest.strip():
                code = ""
        elif fence[0] != ":":
            code = fence if fence[0] == "~" or "`" not in rest else ""
        elif rest.strip():
            found[at] = -1
            stack.append((len(fence), at))
        else:
            while stack and stack[-1][0] < len(fence):
                found[stack.pop()[1]] = at
            if stack and stack[-1][0] == len(fence):
                found[stack.pop()[1]] = at
    return found


def _rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    at = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith(":::", at) or state.is_code_block(line):
        return False
    text = state.src[at : state.eMarks[line]]
    opening = read_opening(text)
    if opening is None:
        return _stray(state, line, text, silent)
    if silent:
        return True
    last = closing_line(state, line, end)
    push_opening(state, opening, line, last)
    inside(state, line + 1, last)
    push_closing(state, line, last, end)
    return True


def _stray(state: StateBlock, line: int, text: str, silent: bool) -> bool:
    """A fence that closes nothing."""
    if text.strip(": \t"):
        return False
    if not silent:
        token = state.push("container_stray", "", 0)
        token.map, token.content, token.meta["column"] = [line, line + 1], text.strip(), _column(state, line)
        state.line = line + 1
    return True


def _say_stray(state: State, token: Token) -> None:
    message = f"“{token.content[:80]}” closes nothing that is open; it is left out."
    state.report("container-fence", message, state.line(token), token.meta["column"])


def _column(state: StateBlock, line: int) -> int:
    """The column, from 1, at which the text of a line begins."""
    at = state.bMarks[line] + state.tShift[line]
    return at - state.src.rfind("\n", 0, at)


def closing_line(state: StateBlock, line: int, end: int) -> int:
    """The line of the fence that closes the one on a line; `end` if there is none."""
    closing = _closing(state, line)
    last = bisect_right(state.bMarks, closing) - 1 if closing >= 0 else end
    return min(max(last, line + 1), end)


def _closing(state: StateBlock, line: int) -> int:
    at = state.bMarks[line] + state.tShift[line]
    return once(state.env, "containers", state.src, _pairs).get(at, -1)


def push_opening(state: StateBlock, opening: Opening, line: int, last: int) -> Token:
    """Begin a container, with its title."""
    token = state.push("container_open", "div", 1)
    token.map, token.meta["opening"] = [line, last], opening
    colons = state.src.startswith(":", state.bMarks[line] + state.tShift[line])
    token.meta["unclosed"] = _column(state, line) if colons and _closing(state, line) < 0 else 0
    if opening.title:
        title = state.push("inline", "", 0)
        title.map, title.content, title.children = [line, line + 1], opening.title, []
    return token


def push_closing(state: StateBlock, line: int, last: int, end: int) -> None:
    """End a container whose content has been read."""
    state.push("container_close", "div", -1)
    # what left the list that the container stands in is not the container's
    state.line = last + 1 if state.line >= last and last < end else max(state.line, line + 1)


def open_container(state: State, token: Token) -> None:
    """What a container's opening token begins."""
    opening: Opening = token.meta["opening"]
    title: RichText = ()
    line = state.line(token)
    if column := token.meta["unclosed"]:
        message = f"Nothing closes “{opening.kind[:80]}”; it goes on to the end of what it stands in."
        state.report("container-fence", message, line, column)
    if opening.title:
        title = text_of(state, state.tokens[state.index], line)
        state.index += 1
    open_note(state, opening.kind, title, line, opening.attributes)


def open_note(state: State, kind: str, title: RichText, line: int, attributes: Attributes = _NONE) -> None:
    """Open a container of this kind, whichever syntax it was written in; `container_close` closes it."""
    if anchor := attributes.named.get("id"):
        state.name(anchor, line)
    if kind in _SINCE:
        title = (Span(f"{_SINCE[kind]} " if title else _SINCE[kind]), *title)
    kind = ALIASES.get(kind, kind)
    if kind in QUOTES:
        state.push(Frame("container", line, finish_quote))
        state.emit([title] if title else [], line)
    elif kind in _TABS:
        state.push(Frame("container", line, finish_tabs))
    elif kind in TRANSPARENT or kind in LABELLED:
        state.push(Frame("container", line, _pass_on, title))
    elif kind in _TOGGLES:
        state.push(Frame("container", line, _finish_toggle, title))
    else:
        if kind not in KINDS and kind != "danger":
            state.report(
                "container-unknown",
                f"“{kind}” is not a kind of note that pagemill knows; it is shown as a note.",
                line,
            )
        state.push(Frame("container", line, finish_note, Note(kind, title)))


def close_container(state: State, token: Token) -> None:
    """The end of what `open_container` began."""
    state.close("container")


def _finish_toggle(state: State, frame: Frame) -> None:
    summary = frame.data or (Span(title_of("details")),)
    state.blocks.append(Toggle(summary, tuple(frame.blocks), line=frame.line))


def _pass_on(state: State, frame: Frame) -> None:
    if frame.data and state.frames and state.frames[-1].finish is finish_tabs:
        state.blocks.append(Toggle(frame.data, tuple(frame.blocks), line=frame.line))
        return
    if frame.data:
        state.blocks.append(Paragraph(bold(frame.data), line=frame.line))
    state.blocks.extend(frame.blocks)


def finish_tabs(state: State, frame: Frame) -> None:
    """Tabs beside each other, which are toggles by now; a single one needs no folding."""
    match frame.blocks:
        case [Toggle(text, children) as tab]:
            state.blocks.extend((Paragraph(bold(text), line=tab.line), *children))
        case tabs:
            if any(isinstance(tab, Toggle) for tab in tabs):
                state.report("structure-degraded", "The tabs are shown as toggles.", frame.line)
            state.blocks.extend(tabs)


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "containers", _rule, INTERRUPTS)


CONTAINERS = Extension(
    "containers",
    "`:::note Title` becomes a callout, `::: details` and each of several tabs a toggle; other kinds are shown as notes",
    setup=_setup,
    blocks={
        "container_open": open_container,
        "container_close": close_container,
        "container_stray": _say_stray,
    },
)

EXTENSIONS: tuple[Extension, ...] = (CONTAINERS,)
