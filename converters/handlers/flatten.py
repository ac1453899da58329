"""Blocks as one text, where a service has room for no more: table cells, summaries, titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from converters.blocks import (
    Block,
    Bookmark,
    Code,
    Columns,
    Embed,
    Equation,
    FileRef,
    InlineEquation,
    ListItem,
    Marks,
    Media,
    Paragraph,
    RichText,
    Span,
    Table,
    ToDo,
    Url,
    plain,
)  # fmt: skip
from converters.links import file_name

_CODE = Marks(code=True)


def flatten(blocks: Iterable[Block]) -> RichText:
    """All text of the blocks, one line for each; pictures as their linked descriptions."""
    result: list[Span | InlineEquation] = []
    for line in _lines(blocks):
        if result:
            result.append(Span("\n"))
        result.extend(line)
    return tuple(result)


def without_files(blocks: Iterable[Block], taken: list[Media]) -> Iterator[Block]:
    """The blocks with descriptions in place of the files of the folder that they show, which are added to `taken`."""
    for block in blocks:
        if isinstance(block, Media) and isinstance(block.source, FileRef):
            taken.append(block)
            yield Paragraph(block.caption or (Span(file_name(block.source)),), line=block.line)
        elif children := getattr(block, "children", ()):
            below = tuple(without_files(children, taken))
            yield replace(block, children=below)  # type: ignore[arg-type]  # it has them
        else:
            yield block


def _lines(blocks: Iterable[Block]) -> Iterator[RichText]:
    number = 0
    for block in blocks:
        number = number + 1 if isinstance(block, ListItem) and block.ordered else 0
        text = _own(block, number)
        if text:
            yield text
        if isinstance(block, Table):
            yield from (_row(row) for row in block.rows)
        elif isinstance(block, Columns):
            for column in block.columns:
                yield from _lines(column)
        else:
            yield from _lines(getattr(block, "children", ()))


def _own(block: Block, number: int) -> RichText:
    match block:
        case ListItem(text, ordered):
            return (Span(f"{number}. " if ordered else "• "), *text)
        case ToDo(text, checked):
            return (Span("☑ " if checked else "☐ "), *text)
        case Code(text):
            return (Span(text, _CODE),) if text else ()
        case Equation(expression):
            return (InlineEquation(expression),)
        case Media(source, _, caption):
            caption = caption or (Span(file_name(source)),)
            return tuple(
                replace(item, link=source) if isinstance(item, Span) and not item.link else item
                for item in caption
            )
        case Bookmark(url, caption) | Embed(url, caption):
            return (Span(plain(caption) or url, link=Url(url)),)
        case _:
            text = getattr(block, "text", ())
            return text if isinstance(text, tuple) else ()


def _row(cells: Iterable[RichText]) -> RichText:
    result: list[Span | InlineEquation] = []
    for cell in cells:
        if result and cell:
            result.append(Span(" | "))
        result.extend(cell)
    return tuple(result)
