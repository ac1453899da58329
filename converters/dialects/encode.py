"""Blocks to block inputs: one walk for both services, inside every limit of text, nothing lost.

What a service does not have becomes the nearest thing that it has, and a diagnostic says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from converters.blocks import (
    PLAIN,
    Block,
    Bookmark,
    Callout,
    Code,
    Columns,
    Divider,
    Embed,
    Equation,
    FileRef,
    Heading,
    InlineEquation,
    ListItem,
    Media,
    Paragraph,
    Quote,
    RichText,
    Span,
    Table,
    TableOfContents,
    ToDo,
    Toggle,
    Url,
)
from converters.dialects.base import SCHEME, BlockInput, address
from converters.dialects.languages import PLAIN_TEXT, code_language
from converters.dialects.rich import Inline, readable, unmarked
from converters.dialects.shape import Shape, array, members, quoted
from converters.dialects.text import EXPRESSION_LIMIT, ITEM_LIMIT, clean, units
from converters.dialects.urls import shown_url

WIDTH_LIMIT = 100  # cells of a table row; Notion OpenAPI, Buildin unpublished
FALLBACK_ICON = "💡"

_REFERENCE = f'"url":"{SCHEME}'
# What an emoji begins with: a keycap, or a character of the symbol planes. Letters never count.
_EMOJI = re.compile(
    "(?:[#*0-9]\ufe0f?\u20e3|[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff][^\\s!-~]{0,12})"
)


def is_emoji(text: str) -> bool:
    """Whether a text is one pictograph that both services take as an icon."""
    return _EMOJI.fullmatch(text) is not None and not any(map(str.isalpha, text[1:]))


class Encoder(Inline):
    """One file's blocks on their way into a service's JSON."""

    def __init__(self, shape: Shape, path: str) -> None:
        super().__init__(shape, path)
        self._in_columns = False

    def blocks(self, blocks: Iterable[Block]) -> list[BlockInput]:
        return [made for block in blocks for made in self.block(block)]

    def block(self, block: Block) -> list[BlockInput]:
        """What one block becomes: usually one block input, more when it is long, none when it says nothing."""
        match block:
            case Paragraph():
                return self._paragraph(block)
            case ListItem(text, ordered):
                kind = "numbered_list_item" if ordered else "bulleted_list_item"
                return [self._holder(kind, text, block.children, block.line, {})]
            case Code():
                return self._code(block)
            case Heading():
                return self._heading(block)
            case Table():
                return self._table(block)
            case Media():
                return self._media(block)
            case Quote(text, children):
                return [self._holder("quote", text, children, block.line, {})]
            case Callout(text, icon, color):
                fields = self.shape.colors("default", color)
                emoji = quoted(icon if is_emoji(icon) else FALLBACK_ICON)
                fields["icon"] = f'{{"emoji":{emoji},"type":"emoji"}}'
                return [self._holder("callout", text, block.children, block.line, fields)]
            case ToDo(text, checked, children):
                fields = {"checked": "true" if checked else "false"}
                return [self._holder("to_do", text, children, block.line, fields)]
            case Toggle(text, children, color):
                fields = self.shape.colors(color, "default")
                return [self._holder("toggle", text, children, block.line, fields)]
            case Divider():
                return [BlockInput("divider", b"{}", line=block.line)]
            case Equation():
                return self._equation(block)
            case Bookmark(url, caption):
                return self._address("bookmark", Url(url), caption, block.line)
            case Embed(url, caption):
                return self._address("embed", Url(url), caption, block.line)
            case Columns():
                return self._columns(block)
            case TableOfContents():
                return self._contents(block)
            case _:
                assert_never(block)

    def _make(self, kind: str, content: str, line: int, children: tuple[BlockInput, ...] = ()) -> BlockInput:
        return BlockInput(kind, content.encode(), children, _REFERENCE in content, line)

    def _paragraphs(self, items: list[str], line: int) -> list[BlockInput]:
        """Paragraphs of at most 100 items each; none for no items."""
        return [
            self._make("paragraph", f'{{"rich_text":{array(items[at : at + ITEM_LIMIT])}}}', line)
            for at in range(0, len(items), ITEM_LIMIT)
        ]

    def _split_note(self, items: list[str], line: int) -> None:
        if len(items) > ITEM_LIMIT:
            self.note("text-split", f"A text of {len(items)} parts goes on in the blocks that follow.", line)

    def _paragraph(self, block: Paragraph) -> list[BlockInput]:
        items = self.rich(block.text, block.line)
        if len(items) <= ITEM_LIMIT and not block.children and block.color == "default":
            return [self._make("paragraph", f'{{"rich_text":{array(items)}}}', block.line)]
        self._split_note(items, block.line)
        fields = self.shape.colors(block.color, "default")
        children = tuple(self.blocks(block.children))
        starts = range(0, len(items) or 1, ITEM_LIMIT)
        return [
            self._make(
                "paragraph",
                members(fields | {"rich_text": array(items[at : at + ITEM_LIMIT])}),
                block.line,
                children if at == starts[-1] else (),
            )
            for at in starts
        ]

    def _holder(
        self, kind: str, text: RichText, children: tuple[Block, ...], line: int, fields: dict[str, str]
    ) -> BlockInput:
        """A block with text and children; text beyond 100 items goes on in paragraphs before the other children."""
        items = self.rich(text, line)
        rest: list[BlockInput] = []
        if len(items) > ITEM_LIMIT:
            self._split_note(items, line)
            rest = self._paragraphs(items[ITEM_LIMIT:], line)
        below = tuple(rest + self.blocks(children)) if rest or children else ()
        rich = array(items[:ITEM_LIMIT])
        content = members(fields | {"rich_text": rich}) if fields else f'{{"rich_text":{rich}}}'
        return self._make(kind, content, line, below)

    def _heading(self, block: Heading) -> list[BlockInput]:
        level = min(max(block.level, 1), self.shape.headings)
        if level != block.level:
            message = f"A heading of level {block.level} becomes one of level {level}."
            self.note("heading-level", message, block.line)
        kind = f"heading_{level}"
        if block.children:
            return [self._holder(kind, block.text, block.children, block.line, {"is_toggleable": "true"})]
        items = self.rich(block.text, block.line)
        self._split_note(items, block.line)
        heading = self._make(kind, f'{{"rich_text":{array(items[:ITEM_LIMIT])}}}', block.line)
        return [heading, *self._paragraphs(items[ITEM_LIMIT:], block.line)]

    # -- code and mathematics -----------------------------------------------------------------------------------

    def _code(self, block: Code) -> list[BlockInput]:
        language = code_language(block.language, self.shape.languages)
        if language is None:
            self.note("code-language", f"The code language “{block.language[:60]}” is not known.", block.line)
            language = self.shape.languages[PLAIN_TEXT]
        items = self.shape.items([(block.text, PLAIN, None)])
        self._split_note(items, block.line)
        caption = self.rich(block.caption, block.line)
        captioned = bool(caption) and "caption" in self.shape.types["code"]
        starts = range(0, len(items) or 1, ITEM_LIMIT)
        made: list[BlockInput] = []
        if caption and not captioned:
            self.note("structure-degraded", "A code block's caption stands above it.", block.line)
            made = self._paragraphs(caption, block.line)
        for at in starts:
            fields = {"language": quoted(language), "rich_text": array(items[at : at + ITEM_LIMIT])}
            if captioned and at == starts[-1]:
                fields["caption"] = array(caption[:ITEM_LIMIT])
            made.append(self._make("code", members(fields), block.line))
        return made + self._paragraphs(caption[ITEM_LIMIT:], block.line) if captioned else made

    def _equation(self, block: Equation) -> list[BlockInput]:
        if not block.expression.strip():
            return []
        if units(block.expression) <= EXPRESSION_LIMIT:
            return [self._make("equation", f'{{"expression":{quoted(clean(block.expression))}}}', block.line)]
        length = units(block.expression)
        self.note("equation-long", f"An equation of {length:,} characters is kept as code.", block.line)
        return self._code(Code(block.expression, "latex", line=block.line))

    # -- what is shown from elsewhere ---------------------------------------------------------------------------

    def _media(self, block: Media) -> list[BlockInput]:
        kind = self.shape.media[block.kind]
        source = block.source
        if kind == "embed" and not isinstance(source, Url):
            kind = "file"  # the address of a local file is known later, and only a file's is filled in then
        if isinstance(source, Url):
            return self._address(kind, source, block.caption, block.line)
        made = self._captioned(kind, _source(address(source)), block.caption, block.line)
        if not block.caption:
            path = source.path if isinstance(source, FileRef) else source.target
            name = array(self.rich((Span(path.rpartition("/")[2]),), block.line))
            made[0] = replace(made[0], instead=f'{{"rich_text":{name}}}'.encode())
        return made

    def _address(self, kind: str, link: Url, caption: RichText, line: int) -> list[BlockInput]:
        """A block that shows what stands at an address of the web; a paragraph if the address cannot be sent."""
        url = self.target(link, line)
        if url is None or not url.startswith("http"):
            shown = Span(shown_url(link.url), link=Url(url) if url else None)
            text = (*caption, Span(" "), shown) if caption else (shown,)
            return self._paragraph(Paragraph(text, line=line))
        fields = {"url": quoted(url)} if kind in ("bookmark", "embed") else _source(url)
        return self._captioned(kind, fields, caption, line)

    def _captioned(self, kind: str, fields: dict[str, str], caption: RichText, line: int) -> list[BlockInput]:
        items = self.rich(caption, line)
        self._split_note(items, line)
        if items:
            fields = fields | {"caption": array(items[:ITEM_LIMIT])}
        return [self._make(kind, members(fields), line), *self._paragraphs(items[ITEM_LIMIT:], line)]

    # -- tables, columns ----------------------------------------------------------------------------------------

    def _table(self, block: Table) -> list[BlockInput]:
        width = max((len(row) for row in block.rows), default=0)
        if not width:
            return []
        if width > WIDTH_LIMIT:
            self.note("table-wide", f"The table has {width} columns; {WIDTH_LIMIT} are allowed.", block.line)
        overflow: list[BlockInput] = []
        lines = block.lines or (block.line,) * len(block.rows)
        rows = tuple(
            self._row(row, min(width, WIDTH_LIMIT), line, overflow)
            for row, line in zip(block.rows, lines, strict=True)
        )
        fields = {
            "has_column_header": "true" if block.header else "false",
            "has_row_header": "true" if block.row_header else "false",
            "table_width": str(min(width, WIDTH_LIMIT)),
        }
        return [self._make("table", members(fields), block.line, rows), *overflow]

    def _row(
        self, row: tuple[RichText, ...], width: int, line: int, overflow: list[BlockInput]
    ) -> BlockInput:
        if len(row) > width:
            last: list[Span | InlineEquation] = list(row[width - 1])
            for cell in row[width:]:
                last += [Span(" | "), *cell]
            row = (*row[: width - 1], tuple(last))
        cells = [array(self._cell(cell, line, overflow)) for cell in row]
        cells += ["[]"] * (width - len(cells))
        return self._make("table_row", f'{{"cells":{array(cells)}}}', line)

    def _cell(self, cell: RichText, line: int, overflow: list[BlockInput]) -> list[str]:
        """A cell's items. Beyond 100 its marks go first, then its links; what is left stands below the table."""
        items = self.rich(cell, line)
        if len(items) <= ITEM_LIMIT:
            return items
        told = len(self.diagnostics)
        items = self.rich(tuple(unmarked(item) for item in cell), line)
        if len(items) > ITEM_LIMIT:
            items = self.rich((Span("".join(readable(item) for item in cell)),), line)
        del self.diagnostics[told:]  # what had to change was said the first time
        self.note("text-split", "A table cell of too many parts loses its marks, then its links.", line)
        overflow += self._paragraphs(items[ITEM_LIMIT:], line)
        return items[:ITEM_LIMIT]

    def _columns(self, block: Columns) -> list[BlockInput]:
        possible = self.shape.has("column_list") and not self._in_columns
        if not possible or not 2 <= len(block.columns) <= WIDTH_LIMIT:
            if len(block.columns) > 1:
                self.note("structure-degraded", "Columns stand below each other.", block.line)
            return [made for column in block.columns for made in self.blocks(column)]
        self._in_columns = True
        columns = [tuple(self.blocks(column)) for column in block.columns]
        self._in_columns = False
        empty = BlockInput("paragraph", b'{"rich_text":[]}', line=block.line)  # no column may be empty
        made = tuple(BlockInput("column", b"{}", blocks or (empty,), line=block.line) for blocks in columns)
        return [BlockInput("column_list", b"{}", made, line=block.line)]

    def _contents(self, block: TableOfContents) -> list[BlockInput]:
        if self.shape.has("table_of_contents"):
            return [BlockInput("table_of_contents", b"{}", line=block.line)]
        self.note("structure-degraded", "There are no tables of contents; the mark is left out.", block.line)
        return []


def _source(url: str) -> dict[str, str]:
    return {"external": f'{{"url":{quoted(url)}}}'}  # without `type`: Notion refuses it in an update
