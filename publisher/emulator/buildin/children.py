"""Buildin's operations on blocks."""

from __future__ import annotations

from typing import Any

from publisher.emulator.buildin import show
from publisher.emulator.buildin.blocks import PARENTS, read_children, read_update
from publisher.emulator.buildin.pages import alive, reading_of
from publisher.emulator.call import Call, Reply, Route, get_block
from publisher.emulator.check import Refusal, array, as_uuid, boolean, closed, invalid, uuid
from publisher.emulator.cursors import cut, unpack
from publisher.emulator.dates import iso
from publisher.emulator.reading import check_width, settle, table_rows
from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE, BlockRow
from publisher.emulator.writing import END, NodeRow, Place, Writer


def block_reply(call: Call, id: str | None) -> Reply:
    row = get_block(call, id)
    return Reply(show.block(row), show.etag(iso(row.last_edited_time)))


def get(call: Call) -> Reply:
    return block_reply(call, as_uuid(call.ids[0]))


def children(call: Call) -> Reply:
    call.allow_query("start_cursor", "page_size")
    row = get_block(call, as_uuid(call.ids[0]))
    results, cursor = page_of_children(call, row, call.page_size(20), as_uuid=False)
    return Reply(show.listing([show.block(child) for child in results], cursor))


def page_of_children(
    call: Call, row: BlockRow, size: int, *, as_uuid: bool
) -> tuple[list[BlockRow], str | None]:
    """One page of the children of a block, behind the cursor of the request."""
    name = f"children:{row.id}"
    after = None
    if call.start_cursor:
        seq = unpack(call.start_cursor, name)
        found = call.store.row("SELECT rank, seq FROM node WHERE seq = ? AND parent = ?", (seq, row.id))
        if found is None:
            raise invalid((None, "start_cursor"), "The start_cursor provided is invalid.")
        after = (found[0], found[1])
    rows = call.store.children(row.id, size + 1, after)
    return cut(rows, size, lambda child: child.seq, name, as_uuid=as_uuid)


def append(call: Call, writer: Writer) -> Reply:
    body = closed(call.json, None, required=("children",), optional=("after", "before"))
    node = alive(writer, as_uuid(call.ids[0]), "block")
    if node.type in (DATABASE, DATA_SOURCE):
        raise Refusal("validation", "A database has records, no blocks.")
    kind = show.shown_type(node.type)
    if kind != "table" and kind not in PARENTS:
        raise invalid(None, f"{kind} does not support children.")
    array(body["children"], (None, "children"), least=1)
    page = node.id if node.type == PAGE else node.page
    assert page is not None
    found = read_children(body["children"], (None, "children"), reading_of(call, page), kind)
    if kind == "table":
        table_rows(width_of(node), found, (None, "children"))
    ids = writer.insert(node.id, page, found, _place(call, writer, body, node))
    results = [show.block(row) for row in call.store.blocks(ids)]
    return Reply(show.listing(results, None), committed=(node.id, tuple(ids)))


def width_of(table: NodeRow) -> int:
    import json

    return int(json.loads(table.content)["width"])


def _place(call: Call, writer: Writer, body: dict[str, Any], parent: NodeRow) -> Place:
    if "after" in body and "before" in body and None not in (body["after"], body["before"]):
        raise invalid(None, "should not have both `after` and `before`.")
    for where in ("after", "before"):
        if where not in body or (body[where] is None and call.env.switches.buildin_null_anchor):
            continue
        sibling = writer.node(uuid(body[where], (None, where)))
        if sibling is None or sibling.parent != parent.id or sibling.trash:
            raise invalid((None, where), "is not a direct child of the block.")
        return Place("after" if where == "after" else "before", sibling.id)
    return END


def update(call: Call, writer: Writer) -> Reply:
    id = as_uuid(call.ids[0])
    row = get_block(call, id)
    node = writer.node(row.id)
    assert node is not None
    body = call.json
    if "in_trash" in body:
        if not call.env.switches.buildin_in_trash:
            raise invalid((None, "in_trash"), "should be not present.")
        writer.trash(node, boolean(body["in_trash"], (None, "in_trash")))
        if set(body) <= {"in_trash", "type"}:
            return block_reply(call, row.id)
    node = alive(writer, id, "block")
    if node.title is not None:
        raise Refusal("unsupported_block_type", f"Block type {node.type} cannot be written.")
    found = read_update(body, show.shown_type(node.type), reading_of(call, node.page))
    if node.type == "table_row":
        table = writer.node(node.parent or "")
        assert table is not None
        check_width(width_of(table), found, (None, "table_row"))
    if node.type == "table" and found["width"] != width_of(node):
        raise invalid(((None, "table"), "table_width"), "The width of a table cannot change.")
    writer.update(node, settle(node.type, row.content, found))
    return block_reply(call, row.id)


def delete(call: Call, writer: Writer) -> Reply:
    row = get_block(call, as_uuid(call.ids[0]))
    node = writer.node(row.id)
    assert node is not None
    writer.trash(node, True)
    return block_reply(call, row.id)


ROUTES = (
    Route("GET", "blocks/*", get),
    Route("PATCH", "blocks/*", update, "update", writes=True),
    Route("DELETE", "blocks/*", delete, "update", writes=True, when="buildin_delete"),
    Route("GET", "blocks/*/children", children),
    Route("PATCH", "blocks/*/children", append, "insert", writes=True),
)
