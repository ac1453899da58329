"""What becomes of an HTML element that holds blocks, when it closes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from converters.blocks import Code, Embed, Heading, ListItem, Media, Paragraph, RichText, Span, Toggle, plain
from converters.handlers.basic import add_heading, finish_quote, lead
from converters.handlers.flatten import flatten, without_files
from converters.handlers.html_scan import Tag
from converters.handlers.tables import add_table
from converters.inline import Piece, report_below
from converters.state import Frame, State

_CLASS_LANGUAGE = re.compile(r"\b(?:language|lang|highlight-source)-([\w+#-]+)")
_MAX_SPAN = 100  # columns or rows that one cell may claim


@dataclass(slots=True)
class _Code:
    language: str = ""
    parts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Details:
    summary: RichText = ()


@dataclass(slots=True)
class _Figure:
    """Where the caption stands among the blocks of a figure."""

    first: int = 0
    behind: int = 0


@dataclass(slots=True)
class _Cell:
    text: RichText = ()
    header: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(slots=True)
class _Rows:
    rows: list[list[_Cell]] = field(default_factory=list)
    below: list[Media] = field(default_factory=list)  # files of the folder that the cells show


def data_of(event: Tag) -> object:
    match event.name:
        case "pre":
            return _Code(language_of(event))
        case "details":
            return _Details()
        case "figure":
            return _Figure()
        case "table":
            return _Rows()
        case "td" | "th":
            attrs = event.attrs
            return _Cell((), event.name == "th", _number(attrs.get("colspan")), _number(attrs.get("rowspan")))
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            return event.attrs.get("id", "")
    return None


def _number(text: str | None) -> int:
    return (
        min(max(int(text), 1), _MAX_SPAN)
        if text and text.isascii() and text.isdigit() and len(text) < 9
        else 1
    )


def language_of(event: Tag) -> str:
    match = _CLASS_LANGUAGE.search(event.attrs.get("class", ""))
    return match[1] if match else event.attrs.get("lang", "") if event.name == "pre" else ""


def close(state: State, name: str) -> None:
    """Close the innermost open element of this name, and all in it; a stray end tag closes nothing."""
    for depth in range(len(state.frames) - 1, -1, -1):
        frame = state.frames[depth]
        if not frame.html:
            return
        if frame.kind == name:
            while len(state.frames) > depth:
                state.pop()
            return


# An opening tag closes these, as far as the second of the pair: HTML lets their end tags be left out.
_IMPLIED = {
    "li": (("li",), ("ul", "ol")),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
    "tr": (("tr",), ("table",)),
    "dt": (("dt", "dd"), ("dl",)),
    "dd": (("dt", "dd"), ("dl",)),
}


def close_implied(state: State, name: str) -> None:
    ended, barrier = _IMPLIED.get(name, ((), ()))
    for frame in reversed(state.frames) if ended else ():
        if not frame.html or frame.kind in barrier:
            return
        if frame.kind in ended:
            close(state, frame.kind)
            return


def _pass_on(state: State, frame: Frame) -> None:
    state.blocks.extend(frame.blocks)


def _finish_heading(state: State, frame: Frame) -> None:
    parts: list[Piece] = [
        block.text if isinstance(block, Paragraph) and not block.children else block for block in frame.blocks
    ]
    add_heading(state, int(frame.kind[1]), parts, frame.line, frame.data)


def _finish_details(state: State, frame: Frame) -> None:
    # "Details" is what browsers write where the author wrote nothing
    summary = frame.data.summary or (Span("Details"),)
    state.blocks.append(Toggle(summary, tuple(frame.blocks), line=frame.line))


def _finish_summary(state: State, frame: Frame) -> None:
    parent = state.frames[-1] if state.frames else None
    if parent is not None and parent.kind == "details" and not parent.data.summary:
        parent.data.summary = flatten(frame.blocks)
    else:
        _pass_on(state, frame)


def _finish_item(state: State, frame: Frame) -> None:
    ordered = bool(state.frames) and state.frames[-1].kind == "ol"
    text, children = lead(frame.blocks)
    state.blocks.append(ListItem(text, ordered, children, line=frame.line))


def _finish_term(state: State, frame: Frame) -> None:
    for block in frame.blocks:
        state.blocks.append(replace(block, text=_bold(block.text)) if isinstance(block, Paragraph) else block)


def _finish_definition(state: State, frame: Frame) -> None:
    """Below its term."""
    inside = bool(state.frames) and state.frames[-1].kind == "dl"
    term = state.blocks[-1] if inside and state.blocks else None
    if isinstance(term, Paragraph):
        state.blocks[-1] = replace(term, children=(*term.children, *frame.blocks))
    else:
        _pass_on(state, frame)


def _finish_caption(state: State, frame: Frame) -> None:
    first = len(state.blocks)
    _pass_on(state, frame)
    if state.frames and state.frames[-1].kind == "figure":
        figure: _Figure = state.frames[-1].data
        figure.first, figure.behind = first, len(state.blocks)


def _finish_figure(state: State, frame: Frame) -> None:
    """A picture with its caption, behind which its description stands; the caption of anything else is a text."""
    figure: _Figure = frame.data
    caption = frame.blocks[figure.first : figure.behind]
    others = [*frame.blocks[: figure.first], *frame.blocks[figure.behind :]]
    shown = [index for index, block in enumerate(others) if isinstance(block, (Media, Embed))]
    simple = all(isinstance(block, Paragraph) and not block.children for block in caption)
    if caption and simple and len(shown) == 1 and isinstance(media := others[shown[0]], (Media, Embed)):
        text, described = flatten(caption), media.caption
        if plain(described) not in ("", plain(text)):
            text = (*text, Span(" — "), *described)
        others[shown[0]] = replace(media, caption=text)
        frame.blocks[:] = others
    _pass_on(state, frame)


def _bold(text: RichText) -> RichText:
    return tuple(replace(item, marks=replace(item.marks, bold=True)) for item in text)


def _finish_code(state: State, frame: Frame) -> None:
    text = "".join(frame.data.parts).strip("\n")
    if text:
        state.blocks.append(Code(text, frame.data.language, line=frame.line))
    _pass_on(state, frame)  # Markdown between the tags


def _finish_player(state: State, frame: Frame) -> None:
    """The first of several sources, and a text for browsers that can play none only if there is none."""
    media = [block for block in frame.blocks if isinstance(block, Media)]
    if media and len(media) < len(frame.blocks):
        state.report(
            "html-dropped", f"The text for readers without {frame.kind} is not published.", frame.line
        )
    state.blocks.extend(media[:1] or frame.blocks)


def _finish_cell(state: State, frame: Frame) -> None:
    cell, table = frame.data, table_of(state)
    if table is None:
        _pass_on(state, frame)
        return
    taken: list[Media] = []
    blocks = list(without_files(frame.blocks, taken))
    cell.text = flatten(blocks)
    table.below += taken
    if any(not isinstance(block, (Paragraph, Heading)) for block in blocks) or len(blocks) > 1:
        state.report("block-in-table", "A table cell holds more than a line of text.", frame.line)
    elif taken:
        report_below(state, taken[0].line, 1)
    if not table.rows:
        table.rows.append([])
    table.rows[-1].append(cell)


def table_of(state: State) -> _Rows | None:
    return next((frame.data for frame in reversed(state.frames) if frame.kind == "table"), None)


def _finish_table(state: State, frame: Frame) -> None:
    _pass_on(state, frame)  # a caption, and what stands between the cells by mistake
    rows: list[list[_Cell]] = [row for row in frame.data.rows if row]
    header = bool(rows) and all(cell.header for cell in rows[0])
    body = rows[header:]
    row_header = bool(body) and all(row[0].header and len(row) > 1 for row in body)
    for cell in (cell for row in body for cell in row[row_header:] if cell.header):
        cell.text = _bold(cell.text)
    add_table(state, _grid(rows), frame.line, (), header, frame.data.below, row_header)


def _grid(rows: list[list[_Cell]]) -> list[tuple[RichText, ...]]:
    """The cells at their places: a cell over several columns or rows stands in the first, the others are empty."""
    taken: set[tuple[int, int]] = set()
    result: list[tuple[RichText, ...]] = []
    for number, row in enumerate(rows):
        line: list[RichText] = []
        for cell in row:
            while (number, len(line)) in taken:
                line.append(())
            column = len(line)
            taken.update(
                (number + down, column + right)
                for down in range(1, cell.rows)
                for right in range(cell.columns)
            )
            line.extend([cell.text, *[()] * (cell.columns - 1)])
        result.append(tuple(line))
    return result


FRAMES: dict[str, Callable[[State, Frame], None]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _finish_heading),
    **dict.fromkeys(("td", "th"), _finish_cell),
    **dict.fromkeys(("video", "audio"), _finish_player),
    **dict.fromkeys(("ul", "ol", "tr", "dl"), _pass_on),
    "details": _finish_details,
    "summary": _finish_summary,
    "blockquote": finish_quote,
    "li": _finish_item,
    "dt": _finish_term,
    "dd": _finish_definition,
    "figcaption": _finish_caption,
    "figure": _finish_figure,
    "pre": _finish_code,
    "table": _finish_table,
}
