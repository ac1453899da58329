"""Notion's operations on users, and search."""

from __future__ import annotations

from typing import Any

from publisher.emulator.call import BOT, PERSON, WORKSPACE, Call, Reply, Route, get_page
from publisher.emulator.check import At, Refusal, as_uuid, boolean, closed, integer, one_of, string
from publisher.emulator.finding import Search, search
from publisher.emulator.notion import show
from publisher.emulator.notion.pages import missing
from publisher.emulator.rows import DATA_SOURCE, PAGE, PageRow


def _bot(call: Call) -> dict[str, Any]:
    limits = {"max_file_upload_size_in_bytes": call.env.switches.notion_max_file}
    bot = {
        "owner": {"type": "workspace", "workspace": True},
        "workspace_id": WORKSPACE,
        "workspace_limits": limits,
        "workspace_name": "pagemill",
    }
    return {
        "object": "user",
        "id": BOT,
        "name": call.token.name,
        "avatar_url": None,
        "type": "bot",
        "bot": bot,
    }


_PERSON: dict[str, Any] = {
    "object": "user",
    "id": PERSON,
    "name": "Somebody",
    "avatar_url": None,
    "type": "person",
    "person": {},
}


def me(call: Call) -> Reply:
    return Reply({**_bot(call), "request_id": call.request_id})


def user(call: Call) -> Reply:
    id = as_uuid(call.ids[0])
    if id not in (BOT, PERSON):
        raise Refusal("not_found", missing("user", call.ids[0]))
    return Reply({**(_PERSON if id == PERSON else _bot(call)), "request_id": call.request_id})


def users(call: Call) -> Reply:
    call.allow_query("start_cursor", "page_size")
    call.page_size(100)
    return Reply(show.listing([_PERSON, _bot(call)], None, "user", call.request_id))


def find(call: Call) -> Reply:
    names = ("query", "filter", "sort", "start_cursor", "page_size")
    body = closed(call.json, None, optional=names)
    types, in_trash = _filter(body)
    query = string(body.get("query", ""), (None, "query"))
    wanted = Search(query, types, "edited", _descending(body), in_trash)
    size = integer(body.get("page_size", 100), (None, "page_size"), least=1, most=100)
    rows, cursor = search(call.store, wanted, size, cursor_of(body), as_uuid=True)
    results = [result(call, row) for row in rows]
    return Reply(show.listing(results, cursor, "page_or_data_source", call.request_id))


def cursor_of(body: dict[str, Any]) -> str | None:
    """`start_cursor` of a body."""
    return string(body["start_cursor"], (None, "start_cursor"), least=1) if "start_cursor" in body else None


def result(call: Call, row: PageRow) -> dict[str, Any]:
    if row.kind == "page":
        return show.page(row, call.env)
    owner = get_page(call, row.parent_id, "database", "database")
    return show.data_source(row, owner, call.env)


def _filter(body: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
    if "filter" not in body:
        return (PAGE, DATA_SOURCE), False
    at: At = (None, "filter")
    found = closed(body["filter"], at, optional=("property", "value", "in_trash"))
    in_trash = boolean(found.get("in_trash", False), (at, "in_trash"))
    if "in_trash" in found and "value" not in found:
        return (PAGE, DATA_SOURCE), in_trash
    one_of(found.get("property"), (at, "property"), ("object",))
    kinds = {"page": (PAGE,), "data_source": (DATA_SOURCE,)}
    return kinds[one_of(found.get("value"), (at, "value"), kinds)], in_trash


def _descending(body: dict[str, Any]) -> bool:
    if "sort" not in body:
        return True
    at: At = (None, "sort")
    found = closed(body["sort"], at, required=("timestamp",), optional=("direction",))
    one_of(found["timestamp"], (at, "timestamp"), ("last_edited_time", "relevance"))
    direction = one_of(found.get("direction", "descending"), (at, "direction"), ("ascending", "descending"))
    return direction == "descending"


ROUTES = (
    Route("GET", "users/me", me, ""),
    Route("GET", "users/*", user, "users"),
    Route("GET", "users", users, "users"),
    Route("POST", "search", find, "read"),
)
