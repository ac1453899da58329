"""GFM tables."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it.token import Token

from converters.blocks import Alignment, Link, Media, RichText, Table
from converters.inline import text_of
from converters.rules import SURPLUS
from converters.state import State

_ALIGNMENTS: dict[str, Alignment] = {
    "text-align:left": "left",
    "text-align:center": "center",
    "text-align:right": "right",
}
_LONG = "The row has more cells than the table's head; from here on they stand in its last cell."


def table(state: State, token: Token) -> None:
    """A whole table, from its opening token to its closing one."""
    rows: list[tuple[RichText, ...]] = []
    below: list[Media] = []
    row: list[RichText] = []
    alignments: list[Alignment] = []
    tokens, line = state.tokens, state.line(token)
    while (current := tokens[state.index]).type != "table_close":
        state.index += 1
        kind = current.type
        if kind == "inline":
            place = line + len(rows) + (len(rows) > 0)
            state.cell = len(row)
            row.append(text_of(state, current, place, below))
            if SURPLUS in current.meta:
                state.report("table-row-long", _LONG, place, current.meta[SURPLUS])
        elif kind == "th_open":
            alignments.append(_ALIGNMENTS.get(str(current.attrs.get("style", "")), ""))
        elif kind == "tr_close":
            rows.append(tuple(row))
            row = []
    state.index += 1
    state.cell = 0
    lines = tuple(line + number + (number > 0) for number in range(len(rows)))
    add_table(state, rows, line, tuple(alignments), below=below, lines=lines)


def add_table(
    state: State,
    rows: list[tuple[RichText, ...]],
    line: int,
    alignments: tuple[Alignment, ...],
    header: bool = True,
    below: Iterable[Media] = (),
    row_header: bool = False,
    lines: tuple[int, ...] = (),
) -> None:
    """A table, its rows filled up to the same width, and below it what its cells show, each file once."""
    width = max(map(len, rows), default=0)
    if not width:
        return
    if any(alignments):
        state.report("table-alignment", "The alignment of table columns is not shown.", line)
    full = tuple(row if len(row) == width else (*row, *((),) * (width - len(row))) for row in rows)
    aligned = alignments if any(alignments) else ()
    state.blocks.append(Table(full, header, row_header, aligned, lines, line))
    shown: dict[Link, Media] = {}
    for media in below:
        shown.setdefault(media.source, media)
    state.blocks.extend(shown.values())
