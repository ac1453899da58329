"""Blocks in Buildin's JSON: reading them strictly, giving them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from publisher.emulator.buildin import rich
from publisher.emulator.buildin.rich import ALIGNMENTS
from publisher.emulator.check import (
    At,
    Refusal,
    array,
    boolean,
    closed,
    integer,
    invalid,
    link,
    mapping,
    one_of,
    path_of,
    string,
    uuid,
)
from publisher.emulator.reading import Content, Reading, table_rows
from publisher.emulator.writing import NewBlock

READ_ONLY = ("child_page", "child_database", "template", "synced_block", "column_list", "column")
# The V2 schema would take children everywhere; the V1 guide says which blocks have them.
PARENTS = frozenset(
    [
        "paragraph",
        "heading_1",
        "heading_2",
        "heading_3",
        "bulleted_list_item",
        "numbered_list_item",
        "to_do",
        "quote",
        "toggle",
        "callout",
        "column",
        "synced_block",
        "child_page",
    ]
)
_COLOR_KEYS = ("text_color", "background_color", "color")


def _text(*extra: str) -> Callable[[Any, At, Reading], Content]:
    def read(value: Any, at: At, reading: Reading) -> Content:
        optional = (*_COLOR_KEYS, "text_align", *extra)
        found = closed(value, at, required=("rich_text",), optional=optional)
        content: Content = {"rich_text": rich.read(found["rich_text"], (at, "rich_text"), reading)}
        content.update(rich.colors(found, at))
        for name in ("checked", "is_toggleable"):
            if name in found:
                content[name] = boolean(found[name], (at, name))
        if found.get("icon") is not None:
            content["icon"] = rich.icon(found["icon"], (at, "icon"))
        return _aligned(content, found, at)

    return read


def _aligned(content: Content, found: Mapping[str, Any], at: At) -> Content:
    for name, key in (("text_align", "align"), ("caption_align", "caption_align")):
        if name in found:
            content[key] = one_of(found[name], (at, name), ALIGNMENTS)
    return content


def _code(value: Any, at: At, reading: Reading) -> Content:
    optional = ("language", "text_align", "display_mode")
    found = closed(value, at, required=("rich_text",), optional=optional)
    content: Content = {"rich_text": rich.read(found["rich_text"], (at, "rich_text"), reading)}
    if "language" in found:
        content["language"] = string(found["language"], (at, "language"), limit=100)
    if "display_mode" in found:
        mode = one_of(found["display_mode"], (at, "display_mode"), ("source", "split", "preview"))
        if mode != "source" and content.get("language", "").lower() != "mermaid":
            raise invalid((at, "display_mode"), "split and preview are only for Mermaid.")
        content["display_mode"] = mode
    return _aligned(content, found, at)


def _bookmark(value: Any, at: At, reading: Reading) -> Content:
    found = closed(value, at, required=("url",), optional=("caption", "text_align", "caption_align"))
    url = link(found["url"], (at, "url"), schemes=("http", "https"))
    return _captioned({"url": url}, found, at, reading)


def _captioned(content: Content, found: Mapping[str, Any], at: At, reading: Reading) -> Content:
    if "caption" in found:
        content["caption"] = rich.read(found["caption"], (at, "caption"), reading)
    return _aligned(content, found, at)


def _media(value: Any, at: At, reading: Reading) -> Content:
    optional = ("type", "external", "file", "caption", "text_align", "caption_align")
    found = closed(value, at, optional=optional)
    kinds = [kind for kind in ("external", "file") if kind in found]
    if len(kinds) != 1:
        raise invalid(at, "should have exactly one of `external` and `file`.")
    kind = kinds[0]
    if "type" in found:
        one_of(found["type"], (at, "type"), (kind,))
    inner: At = (at, kind)
    content = (
        {"url": link(closed(found[kind], inner, required=("url",))["url"], (inner, "url"), schemes=_WEB)}
        if kind == "external"
        else _stored_file(found[kind], inner, reading)
    )
    return _captioned(content, found, at, reading)


_WEB = ("http", "https")


def _stored_file(value: Any, at: At, reading: Reading) -> Content:
    names = ("url", "oss_name", "size", "content_type", "expiry_time")
    found = closed(value, at, optional=names)
    if "size" in found:
        integer(found["size"], (at, "size"), least=0)
    if "oss_name" not in found:
        if "url" not in found:
            raise invalid(at, "should have `url`, or `oss_name` and `size`.")
        return {"url": link(found["url"], (at, "url"), schemes=_WEB)}
    if "size" not in found:
        raise invalid((at, "size"), "should be defined, instead was `undefined`.")
    name = string(found["oss_name"], (at, "oss_name"))
    row = reading.store.row("SELECT id FROM file WHERE secret = ? AND service = 'buildin'", (name,))
    if row is None:
        raise invalid((at, "oss_name"), "is not the name of an uploaded file.")
    return reading.upload(row[0], "buildin", (at, "oss_name"))


def _table(value: Any, at: At, reading: Reading) -> Content:
    optional = ("has_column_header", "has_row_header", "width_mode")
    found = closed(value, at, required=("table_width",), optional=optional)
    content: Content = {
        "width": integer(found["table_width"], (at, "table_width"), least=1, most=reading.array)
    }
    for name in optional[:2]:
        if name in found:
            content[name] = boolean(found[name], (at, name))
    if "width_mode" in found:
        content["width_mode"] = one_of(found["width_mode"], (at, "width_mode"), ("fixed", "adaptive"))
    return content


def _row(value: Any, at: At, reading: Reading) -> Content:
    found = closed(value, at, required=("cells",))
    inner: At = (at, "cells")
    cells = array(found["cells"], inner, limit=reading.array)
    return {"cells": [rich.read(cell, (inner, number), reading) for number, cell in enumerate(cells)]}


def _equation(value: Any, at: At, reading: Reading) -> Content:
    found = closed(value, at, required=("expression",), optional=("text_align",))
    text = string(found["expression"], (at, "expression"), limit=reading.equation)
    return _aligned({"expression": text}, found, at)


def _link_to_page(value: Any, at: At, reading: Reading) -> Content:
    found = mapping(value, at)
    kind = one_of(found.get("type"), (at, "type"), ("page_id", "database_id"))
    closed(found, at, required=("type", kind))
    return {kind: uuid(found[kind], (at, kind))}


def _nothing(value: Any, at: At, reading: Reading) -> Content:
    closed(value, at)
    return {}


READERS: Mapping[str, Callable[[Any, At, Reading], Content]] = {
    **dict.fromkeys(("paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle"), _text()),
    **dict.fromkeys(("heading_1", "heading_2", "heading_3"), _text("is_toggleable")),
    "to_do": _text("checked"),
    "callout": _text("icon"),
    "code": _code,
    "divider": _nothing,
    "bookmark": _bookmark,
    "embed": _bookmark,
    "image": _media,
    "file": _media,
    "table": _table,
    "table_row": _row,
    "equation": _equation,
    "link_to_page": _link_to_page,
}


def read_children(value: Any, at: At, reading: Reading, parent: str, depth: int = 0) -> list[NewBlock]:
    """Blocks to write under a parent of the type `parent`; `depth` counts the levels above them in the request."""
    limit = 100 if depth == 0 else reading.array
    items = array(value, at, limit=limit)
    if items and depth > reading.depth:
        reason = f"children may stand at most {reading.depth} levels below the top level of a request."
        raise invalid(at, reason, limit=reading.depth, actual=depth)
    return [_read_block(item, (at, number), reading, parent, depth) for number, item in enumerate(items)]


def _read_block(value: Any, at: At, reading: Reading, parent: str, depth: int) -> NewBlock:
    reading.count(at)
    block = mapping(value, at)
    if "type" not in block:
        raise invalid((at, "type"), "should be defined, instead was `undefined`.")
    kind = writable(block["type"], (at, "type"))
    if (kind == "table_row") != (parent == "table"):
        raise invalid(at, f"{kind} may not be a child of {parent}.")
    closed(block, at, required=("type", kind), optional=("object", "children"))
    if "object" in block:
        one_of(block["object"], (at, "object"), ("block",))
    content = READERS[kind](block[kind], (at, kind), reading)
    below: At = (at, "children")
    children = read_children(block.get("children", []), below, reading, kind, depth + 1)
    if children and kind != "table" and kind not in PARENTS:
        raise invalid(below, f"{kind} does not support children.")
    if kind == "table":
        if not children:
            raise invalid(below, "a table needs at least one row.", limit=1, actual=0)
        table_rows(content["width"], children, below)
    return NewBlock(kind, _plain(content), children)


def writable(value: Any, at: At) -> str:
    """The type of a block that may be written.

    Raises:
        Refusal: unsupported_block_type.
    """
    kind = string(value, at)
    if kind not in READERS:
        raise Refusal("unsupported_block_type", f"Block type {kind} cannot be written.", path_of(at))
    return kind


def _plain(content: Content) -> Content:
    return {key: value for key, value in content.items() if value is not None}


def read_update(body: Mapping[str, Any], shown: str, reading: Reading) -> Content:
    """The content of an update of a block that is shown with the type `shown`; None where a value is taken away."""
    keys = [key for key in body if key not in ("type", "in_trash", "object")]
    if len(keys) != 1:
        raise invalid(None, "should hold exactly one block type.")
    kind = writable(keys[0], (None, keys[0]))
    if kind != shown or body.get("type", kind) != shown:
        raise invalid((None, kind), f"The type of a block cannot change; this one is a {shown}.")
    closed(body, None, required=(kind,), optional=("type", "in_trash"))
    return READERS[kind](body[kind], (None, kind), reading)
