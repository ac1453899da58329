"""MyST's tables that are written as lists: each item is a row, each item in that a cell."""

from __future__ import annotations

from dataclasses import dataclass

from markdown_it.token import Token

from converters.blocks import Block, ListItem, Media, Paragraph, RichText, ToDo
from converters.extensions.directive_kinds import Options
from converters.extensions.kinds import bold
from converters.handlers.flatten import flatten, without_files
from converters.handlers.tables import add_table
from converters.inline import text_of
from converters.state import Frame, State


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands above a table, and which of its rows and columns head the others."""

    title: RichText
    row: bool
    column: bool


def list_table(state: State, token: Token, options: Options) -> None:
    """Open a table; the end of its container closes it. Its title stands above it."""
    line, opening = state.line(token), token.meta["opening"]
    title: RichText = ()
    if opening.title:
        title = text_of(state, state.tokens[state.index], line)
        state.index += 1
    if anchor := opening.attributes.named.get("id"):
        state.name(anchor, line)
    rows, columns = (options.first(name).strip() not in ("", "0") for name in ("header-rows", "stub-columns"))
    state.push(Frame("container", line, _finish, _Head(title, rows, columns)))


def _finish(state: State, frame: Frame) -> None:
    head: _Head = frame.data
    if head.title:
        state.blocks.append(Paragraph(bold(head.title), line=frame.line))
    below: list[Media] = []
    rows = [_row(block, below) for block in frame.blocks]
    if all(rows) and rows:
        lines = tuple(block.line for block in frame.blocks)
        add_table(state, [row for row in rows if row], frame.line, (), head.row, below, head.column, lines)
        return
    state.report("structure-degraded", "This is no list of lists, and so no table; it is kept.", frame.line)
    state.blocks.extend(frame.blocks)


def _row(block: Block, below: list[Media]) -> tuple[RichText, ...] | None:
    """The cells of a row; None if a block is none."""
    if not isinstance(block, ListItem) or block.text:
        return None
    cells = [item for item in block.children if isinstance(item, (ListItem, ToDo))]
    if not cells or len(cells) < len(block.children):
        return None
    return tuple(_cell(cell, below) for cell in cells)


def _cell(item: ListItem | ToDo, below: list[Media]) -> RichText:
    if isinstance(item, ToDo):
        return flatten([item])
    return flatten(without_files((Paragraph(item.text, line=item.line), *item.children), below))
