"""Notion's operations on comments. All of them are open: the API can neither resolve nor show resolved ones.

The comments of a page are those at its top; each block has its own, which its page's list leaves out.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from publisher.emulator.call import BOT, Call, Reply, Route, get_block
from publisher.emulator.check import At, Refusal, as_uuid, closed, invalid, mapping, string, uuid
from publisher.emulator.cursors import cut, unpack
from publisher.emulator.dates import iso_minute
from publisher.emulator.notion import rich, show
from publisher.emulator.notion.pages import alive, missing, reading_of
from publisher.emulator.notion.rich import one_type
from publisher.emulator.rows import PAGE, moment
from publisher.emulator.writing import Writer, dump

_COLUMNS = (
    "c.seq, c.id, c.node, c.discussion, c.content, c.name, c.created, c.created_by, n.type FROM comment c "
    "JOIN node n ON n.id = c.node"
)


def add(writer: Writer, node: str, text: list[dict[str, Any]], discussion: str = "", name: str = "") -> str:
    """Write a comment on a page or block, in its discussion or a new one; its id. `text` is in the stored form."""
    id = str(uuid4())
    writer.db.execute(
        "INSERT INTO comment(id, node, discussion, content, name, created, created_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (id, node, discussion or str(uuid4()), dump(text), name, writer.now, writer.actor),
    )
    return id


def create(call: Call, writer: Writer) -> Reply:
    kinds = ("parent", "discussion_id")
    body = closed(call.json, None, required=("rich_text",), optional=(*kinds, "attachments", "display_name"))
    if body.get("attachments"):
        raise invalid((None, "attachments"), "This workspace keeps comments without attachments.")
    kind = one_type(body, None, kinds)
    if kind == "parent":
        node, discussion = _parent(writer, body[kind]), ""
    else:
        discussion = uuid(body[kind], (None, kind))
        row = call.store.row("SELECT node FROM comment WHERE discussion = ?", (discussion,))
        if row is None:
            raise Refusal("not_found", missing("discussion", discussion))
        node = alive(writer, row[0], "block").id
    text = rich.read(body["rich_text"], (None, "rich_text"), reading_of(call))
    name = _name(body["display_name"], (None, "display_name")) if "display_name" in body else ""
    return _reply(call, add(writer, node, text, discussion, name))


def _parent(writer: Writer, value: Any) -> str:
    at: At = (None, "parent")
    kinds = ("page_id", "block_id")
    found = closed(value, at, optional=("type", *kinds))
    kind = one_type(found, at, kinds)
    type = PAGE if kind == "page_id" else None
    return alive(writer, uuid(found[kind], (at, kind)), kind.removesuffix("_id"), type).id


def _name(value: Any, at: At) -> str:
    """The name that a comment is shown with; empty for the integration's own."""
    if mapping(value, at).get("type") != "custom":
        closed(value, at, required=("type",))
        return ""
    closed(value, at, required=("type", "custom"))
    return string(closed(value["custom"], (at, "custom"), required=("name",))["name"], (at, "name"), least=1)


def listing(call: Call) -> Reply:
    call.allow_query("block_id", "start_cursor", "page_size")
    given = (call.query.get("block_id") or [""])[0]
    node = get_block(call, uuid(given, (None, "block_id"))).id
    name = f"comments:{node}"
    start = unpack(call.start_cursor, name) if call.start_cursor else 0
    size = call.page_size(100)
    rows = call.store.rows(
        f"SELECT {_COLUMNS} WHERE c.node = ? AND c.seq > ? ORDER BY c.seq LIMIT ?", (node, start, size + 1)
    )
    shown, cursor = cut(rows, size, lambda row: int(row[0]), name, as_uuid=True)
    return Reply(show.listing([_show(call, row) for row in shown], cursor, "comment", call.request_id))


def get(call: Call) -> Reply:
    return _reply(call, as_uuid(call.ids[0]) or "")


def _reply(call: Call, id: str) -> Reply:
    row = call.store.row(f"SELECT {_COLUMNS} WHERE c.id = ?", (id,))
    if row is None:
        raise Refusal("not_found", missing("comment", id))
    return Reply({**_show(call, row), "request_id": call.request_id})


def _show(call: Call, row: Any) -> dict[str, Any]:
    _, id, node, discussion, content, name, created, author, type = row
    holder = "page_id" if type == PAGE else "block_id"
    own = call.token.name if author == BOT else None
    return {
        "object": "comment",
        "id": id,
        "parent": {"type": holder, holder: node},
        "discussion_id": discussion,
        "created_time": iso_minute(moment(created)),
        "last_edited_time": iso_minute(moment(created)),
        "created_by": show.user(author),
        "rich_text": rich.write(json.loads(content)),
        "display_name": {
            "type": "custom" if name else "integration" if author == BOT else "user",
            "resolved_name": name or own,
        },
    }


ROUTES = (
    Route("GET", "comments", listing, "read_comments"),
    Route("POST", "comments", create, "insert_comments", writes=True),
    Route("GET", "comments/*", get, "read_comments"),
)
