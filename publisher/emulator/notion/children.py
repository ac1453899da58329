"""Notion's operations on blocks."""

from __future__ import annotations

import json
from typing import Any

from publisher.emulator.buildin.children import page_of_children, width_of
from publisher.emulator.call import Call, Reply, Route, get_block
from publisher.emulator.check import At, Refusal, as_uuid, boolean, closed, invalid, mapping, one_of
from publisher.emulator.notion import show
from publisher.emulator.notion.blocks import PARENTS, read_children, read_update
from publisher.emulator.notion.pages import ARCHIVED, after_block, alive, missing, reading_of, set_trash
from publisher.emulator.reading import HEADINGS, check_width, settle, table_rows
from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE
from publisher.emulator.writing import END, NodeRow, Place, Writer


def block_reply(call: Call, id: str) -> Reply:
    return Reply({**show.block(get_block(call, id)), "request_id": call.request_id})


def _existing(call: Call) -> str:
    id = as_uuid(call.ids[0])
    if id is None:
        raise Refusal("validation", "should be a valid uuid.", "path.block_id")
    if call.store.block(id) is None:
        raise Refusal("not_found", missing("block", id))
    return id


def get(call: Call) -> Reply:
    return block_reply(call, _existing(call))


def children(call: Call) -> Reply:
    call.allow_query("start_cursor", "page_size")
    row = get_block(call, _existing(call))
    results, cursor = page_of_children(call, row, call.page_size(100), as_uuid=True)
    return Reply(show.listing([show.block(child) for child in results], cursor, "block", call.request_id))


def append(call: Call, writer: Writer) -> Reply:
    body = closed(call.json, None, required=("children",), optional=("position",))
    node = alive(writer, _existing(call), "block")
    if node.type in (DATABASE, DATA_SOURCE) or node.type not in PARENTS:
        raise invalid(None, f"Block type {node.type} does not support children.")
    content = json.loads(node.content)
    if node.type in HEADINGS and not content.get("is_toggleable"):
        raise invalid(None, "A heading has children only if is_toggleable is true.")
    if node.type == "synced_block" and content.get("synced_from"):
        raise invalid(None, "A synced copy has no children of its own.")
    found = read_children(body["children"], (None, "children"), reading_of(call), node.type)
    if node.type == "table":
        table_rows(width_of(node), found, (None, "children"))
    page = node.id if node.type == PAGE else node.page
    assert page is not None
    where = _position(writer, body["position"], node) if "position" in body else END
    ids = writer.insert(node.id, page, found, where)
    results = [show.block(row) for row in call.store.blocks(ids)]
    return Reply(show.listing(results, None, "block", call.request_id), committed=(node.id, tuple(ids)))


def _position(writer: Writer, value: Any, parent: NodeRow) -> Place:
    at: At = (None, "position")
    kind = one_of(mapping(value, at).get("type"), (at, "type"), ("after_block", "start", "end"))
    if kind != "after_block":
        closed(value, at, required=("type",))
        return Place("start") if kind == "start" else END
    closed(value, at, required=("type", kind))
    return after_block(writer, value[kind], (at, kind), parent.id)


def update(call: Call, writer: Writer) -> Reply:
    id = _existing(call)
    node = writer.node(id)
    assert node is not None
    body = call.json
    if "in_trash" in body:
        set_trash(writer, node, boolean(body["in_trash"], (None, "in_trash")))
        if set(body) <= {"in_trash"}:
            return block_reply(call, id)
    node = alive(writer, id, "block")
    if node.title is not None:
        raise invalid(None, f"Block type {node.type} cannot be updated as a block.")
    found = read_update(body, node.type, reading_of(call))
    _check_update(call, writer, node, found)
    writer.update(node, settle(node.type, json.loads(node.content), found))
    return block_reply(call, id)


def _check_update(call: Call, writer: Writer, node: NodeRow, found: dict[str, Any]) -> None:
    if node.type == "table_row":
        table = writer.node(node.parent or "")
        assert table is not None
        check_width(width_of(table), found, (None, "table_row"))
    if (
        node.type in HEADINGS
        and found.get("is_toggleable") is False
        and get_block(call, node.id).has_children
    ):
        raise invalid((None, node.type), "is_toggleable cannot be removed while the heading has children.")


def delete(call: Call, writer: Writer) -> Reply:
    id = _existing(call)
    node = writer.node(id)
    assert node is not None
    if writer.archived(id):
        raise Refusal("validation", ARCHIVED)
    writer.trash(node, True)
    return block_reply(call, id)


ROUTES = (
    Route("GET", "blocks/*", get),
    Route("PATCH", "blocks/*", update, "update", writes=True),
    Route("DELETE", "blocks/*", delete, "update", writes=True),
    Route("GET", "blocks/*/children", children),
    Route("PATCH", "blocks/*/children", append, "insert", writes=True),
)
