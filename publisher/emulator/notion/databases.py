"""Notion's operations on databases and data sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publisher.emulator.buildin.databases import insert_database, page_of, records
from publisher.emulator.call import Call, Reply, Route, get_page
from publisher.emulator.check import (
    At,
    Refusal,
    as_uuid,
    boolean,
    closed,
    integer,
    invalid,
    one_of,
    uuid,
)
from publisher.emulator.conditions import CONTAINS, DATES, SELECTS, TEXTS, Rules
from publisher.emulator.notion import rich, schemas, show
from publisher.emulator.notion.pages import alive, missing, place, reading_of, schema_by_id, set_trash
from publisher.emulator.notion.people import cursor_of
from publisher.emulator.notion.rich import one_type
from publisher.emulator.notion.versions import SOURCES
from publisher.emulator.querying import read_filter, read_sorts
from publisher.emulator.rows import DATA_SOURCE, DATABASE, PageRow
from publisher.emulator.schema import Schema, plain
from publisher.emulator.writing import Head, Writer

FILTERED = (*TEXTS, *SELECTS, *CONTAINS, *DATES, "number", "files", "checkbox")


def reply_of(call: Call, id: str) -> Reply:
    row = get_page(call, id, "database", "database")
    shown = show.database(row, call.store.data_sources(id), call.env)
    return Reply({**shown, "request_id": call.request_id}, committed=(id, ()))


def source_reply(call: Call, id: str) -> Reply:
    row = get_page(call, id, "data source", "data_source")
    owner = get_page(call, row.parent_id, "database", "database")
    shown = {**show.data_source(row, owner, call.env), "request_id": call.request_id}
    return Reply(shown, committed=(id, ()))


def _existing(call: Call, kind: str) -> PageRow:
    id = as_uuid(call.ids[0])
    row = None if id is None else call.store.page(id)
    if row is None or row.kind != kind:
        raise Refusal("not_found", missing(kind.replace("_", " "), call.ids[0]))
    return row


def create(call: Call, writer: Writer) -> Reply:
    names = ("title", "description", "is_inline", "initial_data_source", "icon", "cover")
    body = closed(call.json, None, required=("parent",), optional=names)
    parent = _parent(call, writer, body["parent"])
    at: At = (None, "initial_data_source")
    first = closed(body.get("initial_data_source", {}), at, optional=("properties",))
    default: dict[str, Any] = {"Name": {"title": {}}}
    schema = schemas.read_schema(first.get("properties") or default, (at, "properties"), call.store)
    id = insert_database(writer, parent, _head(call, body, {}), schema)
    return reply_of(call, id)


def _parent(call: Call, writer: Writer, value: Any) -> str | None:
    at: At = (None, "parent")
    found = closed(value, at, optional=("type", "page_id", "workspace"))
    one_type(found, at, ("page_id", "workspace"))
    return place(call, writer, found, at)[0]


def _head(call: Call, body: Mapping[str, Any], old: Mapping[str, Any]) -> Head:
    """Title, description, icon, cover and flags of a database."""
    reading = reading_of(call)
    extra = dict(old)
    for name in ("title", "description"):
        if name in body:
            extra[name] = rich.read(body[name], (None, name), reading)
    for name in ("is_inline", "is_locked"):
        if name in body:
            extra[name] = boolean(body[name], (None, name))
    icon = rich.icon(body.get("icon"), (None, "icon"), reading)
    cover = rich.cover(body.get("cover"), (None, "cover"), reading)
    return Head(plain(extra.get("title", ())), {}, icon, cover, extra)


def get(call: Call) -> Reply:
    return reply_of(call, _existing(call, "database").id)


def update(call: Call, writer: Writer) -> Reply:
    row = _existing(call, "database")
    names = ("parent", "title", "description", "is_inline", "icon", "cover", "in_trash", "is_locked")
    body = closed(call.json, None, optional=names)
    _trash(writer, row.id, body)
    rest = set(body) - {"in_trash"}
    if not rest:
        return reply_of(call, row.id)
    node = alive(writer, row.id, "database")
    if "parent" in body:
        parent = _parent(call, writer, body["parent"])
        if parent is not None and writer.inside(parent, row.id):
            raise invalid((None, "parent"), "A database cannot be moved into itself.")
        writer.move(node, parent, parent)
    head = _head(call, body, row.extra)
    pictures = {"icon": head.icon, "cover": head.cover}
    columns = {name: value for name, value in pictures.items() if name in body}
    writer.update_page(node, title=head.title, extra=head.extra, **columns)
    return reply_of(call, row.id)


def _trash(writer: Writer, id: str, body: Mapping[str, Any]) -> None:
    if "in_trash" in body:
        node = writer.node(id)
        assert node is not None
        set_trash(writer, node, boolean(body["in_trash"], (None, "in_trash")))


# Data sources


def create_source(call: Call, writer: Writer) -> Reply:
    body = closed(call.json, None, required=("parent", "properties"), optional=("title", "icon"))
    at: At = (None, "parent")
    found = closed(body["parent"], at, required=("database_id",), optional=("type",))
    id = uuid(found["database_id"], (at, "database_id"))
    owner = alive(writer, id, "database", DATABASE)
    schema = schemas.read_schema(body["properties"], (None, "properties"), call.store)
    made = writer.insert_page(owner.id, owner.id, DATA_SOURCE, _source_head(call, body, {}, schema))
    return source_reply(call, made)


def _source_head(call: Call, body: Mapping[str, Any], old: Mapping[str, Any], schema: Schema) -> Head:
    extra = dict(old)
    if "title" in body:
        extra["title"] = rich.read(body["title"], (None, "title"), reading_of(call))
    icon = rich.icon(body.get("icon"), (None, "icon"), reading_of(call))
    return Head(plain(extra.get("title", ())), schema, icon, None, extra)


def get_source(call: Call) -> Reply:
    return source_reply(call, _existing(call, "data_source").id)


def update_source(call: Call, writer: Writer) -> Reply:
    row = _existing(call, "data_source")
    body = closed(call.json, None, optional=("title", "icon", "properties", "in_trash", "parent"))
    _trash(writer, row.id, body)
    if not set(body) - {"in_trash"}:
        return source_reply(call, row.id)
    node = alive(writer, row.id, "data source")
    schema = schema_by_id(row)
    if "properties" in body:
        schema = schemas.read_schema(body["properties"], (None, "properties"), call.store, schema)
    head = _source_head(call, body, row.extra, schema)
    icon = {"icon": head.icon} if "icon" in body else {}
    writer.update_page(node, title=head.title, extra=head.extra, properties=schema, **icon)
    if "parent" in body:
        at: At = (None, "parent")
        wanted = closed(body["parent"], at, required=("database_id",), optional=("type",))
        target = alive(writer, uuid(wanted["database_id"], (at, "database_id")), "database", DATABASE)
        writer.move(node, target.id, target.id)
        writer.db.execute("UPDATE node SET page = ? WHERE parent = ?", (target.id, row.id))
    return source_reply(call, row.id)


def templates(call: Call) -> Reply:
    """Templates are made by people in the app; here there are none."""
    call.allow_query("name", "start_cursor", "page_size")
    _existing(call, "data_source")
    return Reply({"templates": [], "has_more": False, "next_cursor": None, "request_id": call.request_id})


def query(call: Call) -> Reply:
    row = _existing(call, "data_source")
    return _query(call, row)


def query_database(call: Call) -> Reply:
    """Before 2025-09-03 a database was queried itself."""
    if call.version >= SOURCES:
        raise Refusal("invalid_url", "Invalid request URL.")
    return _query(call, call.store.data_sources(_existing(call, "database").id)[0])


def _query(call: Call, source: PageRow) -> Reply:
    names = ("filter", "sorts", "start_cursor", "page_size", "in_trash", "result_type")
    body = closed(call.json if call.body else {}, None, optional=names)
    rules = Rules(FILTERED, 2, relative=True, strict=True, typed=True, now=call.store.clock())
    size = integer(body.get("page_size", 100), (None, "page_size"), least=1, most=100)
    if "result_type" in body:
        one_of(body["result_type"], (None, "result_type"), ("page", "data_source"))
    rows = [] if body.get("result_type") == "data_source" else records(call, source.id)
    if body.get("in_trash"):
        rows = call.store.pages("WHERE n.parent = ? AND n.trash = 1 ORDER BY n.rank, n.seq", (source.id,))
    if "filter" in body:
        keep = read_filter(body["filter"], (None, "filter"), source.properties, rules)
        rows = [record for record in rows if keep(record)]
    if "sorts" in body:
        sort = read_sorts(body["sorts"], (None, "sorts"), source.properties, limit=100, needs_direction=True)
        rows = sort(rows)
    results, cursor = page_of(rows, size, cursor_of(body), f"query:{source.id}", as_uuid=True)
    only = call.query.get("filter_properties", []) + call.query.get("filter_properties[]", [])
    shown = [show.page(record, call.env, only) for record in results]
    return Reply(show.listing(shown, cursor, "page_or_data_source", call.request_id))


ROUTES = (
    Route("POST", "databases", create, "insert", writes=True, databases=True),
    Route("GET", "databases/*", get, databases=True),
    Route("PATCH", "databases/*", update, "update", writes=True, databases=True),
    Route("POST", "databases/*/query", query_database, databases=True),
    Route("POST", "data_sources", create_source, "insert", writes=True, databases=True),
    Route("GET", "data_sources/*", get_source, databases=True),
    Route("PATCH", "data_sources/*", update_source, "update", writes=True, databases=True),
    Route("POST", "data_sources/*/query", query, databases=True),
    Route("GET", "data_sources/*/templates", templates, databases=True),
)
