"""Blocks in Notion's JSON, read strictly.

Levels: L1 are the items of the request's own array, L2 and L3 what is nested in them. Appending to a block
begins at L1 again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from publisher.emulator.check import (
    At,
    array,
    boolean,
    closed,
    integer,
    invalid,
    link,
    mapping,
    number,
    one_of,
    string,
    uuid,
)
from publisher.emulator.notion import rich
from publisher.emulator.notion.languages import LANGUAGES
from publisher.emulator.reading import HEADINGS, MEDIA, Content, Reading, table_rows
from publisher.emulator.writing import NewBlock

LISTS = ("bulleted_list_item", "numbered_list_item", "quote", "toggle")
READ_ONLY = ("child_page", "child_database", "link_preview", "meeting_notes", "unsupported")
_TEXT = ("paragraph", *HEADINGS, *LISTS, "to_do", "callout", "template")
PARENTS = frozenset([*_TEXT, "synced_block", "table", "column_list", "column", "tab", "child_page"])
_EXTRA: Mapping[str, tuple[str, ...]] = {
    "paragraph": ("icon",),
    "to_do": ("checked",),
    "callout": ("icon",),
    **dict.fromkeys(HEADINGS, ("is_toggleable",)),
}
_WEB = ("http", "https")

# A reader gets the object under the type key without `children`; `new` says that every required field must be there.
ContentReader = Callable[[dict[str, Any], At, Reading, bool], Content]


def _fields(
    found: dict[str, Any], at: At, required: tuple[str, ...], optional: tuple[str, ...], new: bool
) -> None:
    closed(found, at, required=required if new else (), optional=(*required, *optional))


def _text(kind: str) -> ContentReader:
    def read(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
        colored = () if kind == "template" else ("color",)
        _fields(found, at, ("rich_text",), (*colored, *_EXTRA.get(kind, ())), new)
        content: Content = rich.color(found, at)
        if "rich_text" in found:
            content["rich_text"] = rich.read(found["rich_text"], (at, "rich_text"), reading)
        for name in ("checked", "is_toggleable"):
            if name in found:
                content[name] = boolean(found[name], (at, name))
        if "icon" in found:
            content["icon"] = rich.icon(found["icon"], (at, "icon"), reading)
        return content

    return read


def _caption(content: Content, found: dict[str, Any], at: At, reading: Reading) -> Content:
    if "caption" in found:
        content["caption"] = rich.read(found["caption"], (at, "caption"), reading)
    return content


def _code(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    _fields(found, at, ("rich_text", "language"), ("caption",), new)
    content: Content = {}
    if "rich_text" in found:
        content["rich_text"] = rich.read(found["rich_text"], (at, "rich_text"), reading)
    if "language" in found:
        content["language"] = one_of(found["language"], (at, "language"), LANGUAGES)
    return _caption(content, found, at, reading)


def _bookmark(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    _fields(found, at, ("url",), ("caption",), new)
    content: Content = {}
    if "url" in found:
        content["url"] = link(found["url"], (at, "url"), schemes=_WEB)
    return _caption(content, found, at, reading)


def _media(kind: str) -> ContentReader:
    def read(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
        named = ("name",) if kind == "file" else ()
        closed(found, at, optional=("type", "external", "file_upload", "caption", *named))
        content: Content = {}
        if new or "external" in found or "file_upload" in found:
            content = _source(found, at, reading)
        if "name" in found:
            content["name"] = string(found["name"], (at, "name"), limit=900)
        return _caption(content, found, at, reading)

    return read


def _source(found: dict[str, Any], at: At, reading: Reading) -> Content:
    kind = rich.one_type(found, at, ("external", "file_upload"))
    inner: At = (at, kind)
    if kind == "external":
        url = closed(found[kind], inner, required=("url",))["url"]
        return {"url": link(url, (inner, "url"), schemes=_WEB)}
    id = uuid(closed(found[kind], inner, required=("id",))["id"], (inner, "id"))
    return reading.upload(id, "notion", inner)


def _table(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    _fields(found, at, ("table_width",) if new else (), ("has_column_header", "has_row_header"), new)
    content: Content = {}
    if "table_width" in found:
        content["width"] = integer(found["table_width"], (at, "table_width"), least=1, most=100)
    for name in ("has_column_header", "has_row_header"):
        if name in found:
            content[name] = boolean(found[name], (at, name))
    return content


def _row(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    _fields(found, at, ("cells",), (), True)
    inner: At = (at, "cells")
    cells = array(found["cells"], inner)
    return {"cells": [rich.read(cell, (inner, place), reading) for place, cell in enumerate(cells)]}


def _equation(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    _fields(found, at, ("expression",), (), True)
    return {"expression": string(found["expression"], (at, "expression"), limit=reading.equation)}


def _link_to_page(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    kinds = ("page_id", "database_id", "comment_id")
    closed(found, at, optional=("type", *kinds))
    kind = rich.one_type(found, at, kinds)
    return {kind: uuid(found[kind], (at, kind))}


def _synced(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    _fields(found, at, ("synced_from",), (), True)
    if found["synced_from"] is None:
        return {"synced_from": None}
    inner: At = (at, "synced_from")
    origin = closed(found["synced_from"], inner, required=("block_id",), optional=("type",))
    return {"synced_from": uuid(origin["block_id"], (inner, "block_id"))}


def _column(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    closed(found, at, optional=("width_ratio",))
    if "width_ratio" not in found:
        return {}
    ratio = number(found["width_ratio"], (at, "width_ratio"))
    if not 0 < ratio <= 1:
        raise invalid((at, "width_ratio"), f"should be greater than 0 and at most 1, instead was `{ratio}`.")
    return {"width_ratio": ratio}


def _contents(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    closed(found, at, optional=("color",))
    return rich.color(found, at)


def _nothing(found: dict[str, Any], at: At, reading: Reading, new: bool) -> Content:
    closed(found, at)
    return {}


READERS: Mapping[str, ContentReader] = {
    **{kind: _text(kind) for kind in _TEXT},
    "code": _code,
    "equation": _equation,
    **dict.fromkeys(("divider", "breadcrumb", "column_list", "tab"), _nothing),
    "table_of_contents": _contents,
    **dict.fromkeys(("bookmark", "embed"), _bookmark),
    **{kind: _media(kind) for kind in MEDIA},
    "link_to_page": _link_to_page,
    "table": _table,
    "table_row": _row,
    "column": _column,
    "synced_block": _synced,
}


def read_children(value: Any, at: At, reading: Reading, parent: str, depth: int = 0) -> list[NewBlock]:
    """Blocks to write under a parent of the type `parent`; `depth` counts the levels above them in the request."""
    items = array(value, at, limit=reading.array)
    return [_read_block(item, (at, place), reading, parent, depth) for place, item in enumerate(items)]


def _read_block(value: Any, at: At, reading: Reading, parent: str, depth: int) -> NewBlock:
    reading.count(at)
    block = mapping(value, at)
    kind = type_key(block, at, ("object", "type"))
    if "object" in block:
        one_of(block["object"], (at, "object"), ("block",))
    _check_place(kind, at, parent, depth)
    inner: At = (at, kind)
    body = mapping(block[kind], inner)
    content = READERS[kind](
        {key: item for key, item in body.items() if key != "children"}, inner, reading, True
    )
    children: list[NewBlock] = []
    if "children" in body:
        below: At = (inner, "children")
        _check_children(kind, content, below, depth, reading)
        children = read_children(body["children"], below, reading, kind, depth + 1)
    _check_whole(kind, content, children, (inner, "children"))
    return NewBlock(
        kind,
        {key: item for key, item in content.items() if item is not None or key == "synced_from"},
        children,
    )


def type_key(block: Mapping[str, Any], at: At, others: tuple[str, ...]) -> str:
    """The one type key of a block; `type` may repeat it.

    Raises:
        Refusal: none, several, or one that cannot be written.
    """
    keys = [key for key in block if key not in others]
    known = [key for key in keys if key in READERS]
    if len(keys) != 1 or len(known) != 1:
        wrong = next((key for key in keys if key not in READERS), None)
        if wrong is not None:
            raise invalid((at, wrong), "should be not present.")
        raise invalid(at, f"should hold exactly one block type; holds {len(known)}.")
    if block.get("type", known[0]) != known[0]:
        raise invalid((at, "type"), f'should be `"{known[0]}"` or `undefined`.')
    return known[0]


def _check_place(kind: str, at: At, parent: str, depth: int) -> None:
    """Where a block may stand: its parent's type, and its level in the request."""
    wanted = {"table": "table_row", "column_list": "column", "tab": "paragraph"}.get(parent)
    if wanted is not None and kind != wanted:
        raise invalid(at, f"A {parent} may only hold {wanted} blocks, not {kind}.")
    if kind == "table_row" and parent != "table":
        raise invalid(at, "A table_row may only stand in a table.")
    if kind == "column" and parent != "column_list":
        raise invalid(at, "A column may only stand in a column_list.")
    if kind == "column_list" and depth > 0:
        raise invalid(at, "A column_list may only stand at the top level of a request.")
    if kind in ("table", "tab") and depth > 1:
        raise invalid(at, f"A {kind} may stand at most one level below the top level of a request.")


def _check_children(kind: str, content: Content, at: At, depth: int, reading: Reading) -> None:
    if kind not in PARENTS:
        raise invalid(at, "should be not present.")
    if depth + 1 > reading.depth:
        reason = f"children may stand at most {reading.depth} levels below the top level of a request."
        raise invalid(at, reason, limit=reading.depth, actual=depth + 1)
    if kind in HEADINGS and not content.get("is_toggleable"):
        raise invalid(at, "A heading has children only if is_toggleable is true.")
    if kind == "synced_block" and content["synced_from"] is not None:
        raise invalid(at, "A synced copy has no children of its own.")


def _check_whole(kind: str, content: Content, children: list[NewBlock], at: At) -> None:
    """What must be there at creation."""
    if kind == "table":
        if not children:
            raise invalid(at, "length should be ≥ `1`, instead was `0`.", limit=1, actual=0)
        table_rows(content["width"], children, at)
    elif kind == "column_list" and len(children) < 2:
        raise invalid(
            at, f"length should be ≥ `2`, instead was `{len(children)}`.", limit=2, actual=len(children)
        )


def read_update(body: Mapping[str, Any], current: str, reading: Reading) -> Content:
    """The content of an update of a block of the type `current`; None where a value is taken away."""
    kind = type_key(body, None, ("type", "in_trash", "archived", "object"))
    closed(body, None, required=(kind,), optional=("type", "in_trash"))
    if kind != current:
        raise invalid((None, kind), f"The type of a block cannot change; this one is a {current}.")
    if kind == "column_list":
        raise invalid((None, kind), "A column_list cannot be updated.")
    inner: At = (None, kind)
    return READERS[kind](mapping(body[kind], inner), inner, reading, False)
