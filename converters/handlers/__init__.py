"""What becomes of each kind of block token: one dispatch table of small, total handlers."""

from __future__ import annotations

from collections.abc import Iterable

from converters.handlers import basic, html, html_inline, lists, tables, themes
from converters.handlers.inlines import INLINES
from converters.parser import OVERFLOW, build
from converters.state import BlockHandler, Extension, InlineHandler, Program

BLOCKS: dict[str, BlockHandler] = {
    "paragraph_open": basic.paragraph,
    "heading_open": basic.heading,
    "fence": basic.fence,
    "code_block": basic.indented_code,
    "hr": basic.divider,
    "blockquote_open": basic.quote_open,
    "blockquote_close": basic.quote_close,
    "bullet_list_open": basic.skip,
    "bullet_list_close": basic.skip,
    "ordered_list_open": lists.ordered_open,
    "ordered_list_close": basic.skip,
    "list_item_open": lists.item_open,
    "list_item_close": lists.item_close,
    "table_open": tables.table,
    "html_block": html.html_block,
    "inline": basic.loose_inline,
    OVERFLOW: basic.overflow,
    "unknown": basic.unknown,
}


def program(extensions: Iterable[Extension] = ()) -> Program:
    """The parser and the tables for these extensions. A later one is asked before an earlier one."""
    chosen = tuple(extensions)
    blocks: dict[str, BlockHandler] = dict(BLOCKS)
    inlines: dict[str, InlineHandler] = {
        **INLINES,
        "html_inline": html_inline.html_inline,
        "image": themes.image,
    }
    for extension in chosen:
        for kind, block in extension.blocks.items():
            blocks[kind] = _first_block(block, blocks.get(kind, basic.unknown))
        for kind, inline in extension.inlines.items():
            inlines[kind] = _first_inline(inline, inlines[kind]) if kind in inlines else inline
    return Program(
        parser=build(extension.setup for extension in chosen if extension.setup),
        blocks=blocks,
        inlines=inlines,
        prepare=tuple(extension.prepare for extension in chosen if extension.prepare),
        addresses=tuple(extension.address for extension in chosen if extension.address),
        finish=tuple(extension.finish for extension in chosen if extension.finish),
        names=frozenset(extension.name for extension in chosen),
    )


def _first_block(new: BlockHandler, old: BlockHandler) -> BlockHandler:
    return lambda state, token: new(state, token) is not False or old(state, token)


def _first_inline(new: InlineHandler, old: InlineHandler) -> InlineHandler:
    return lambda writer, token: new(writer, token) is not False or old(writer, token)
