"""Buildin's operations on databases and their records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publisher.emulator.buildin import rich, schemas, show, values
from publisher.emulator.buildin.pages import alive, merged, once, reading_of
from publisher.emulator.buildin.people import cursor_of
from publisher.emulator.call import Call, Reply, Route, get_page
from publisher.emulator.check import (
    At,
    Refusal,
    array,
    as_uuid,
    boolean,
    closed,
    integer,
    invalid,
    mapping,
    string,
    uuid,
)
from publisher.emulator.conditions import CONTAINS, DATES, TEXTS, Rules
from publisher.emulator.cursors import cut, unpack
from publisher.emulator.dates import iso
from publisher.emulator.querying import read_filter, read_sorts
from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE, PageRow
from publisher.emulator.schema import TITLE, Options, Schema, check_titles, numbered, plain, put, title_of
from publisher.emulator.writing import Head, Writer

FILTERED = (*TEXTS, "number", "select", "files", "checkbox", *CONTAINS[:3], *DATES)


def reply_of(call: Call, id: str) -> Reply:
    row = call.store.database(id)
    assert row is not None
    return Reply(show.database(row, call.env), show.etag(iso(row.last_edited_time)), committed=(id, ()))


def create(call: Call, writer: Writer) -> Reply:
    names = ("parent", "title", "description", "icon", "cover", "is_inline")
    body = closed(call.json, None, required=("properties",), optional=names)
    parent: str | None = None
    if "parent" in body:
        at: At = (None, "parent")
        found = closed(body["parent"], at, required=("page_id",))
        parent = alive(writer, uuid(found["page_id"], (at, "page_id")), "page", PAGE).id
    schema = schemas.read_schema(body["properties"], (None, "properties"), call.store)
    head = _head(call, body, {})
    id = insert_database(writer, parent, head, schema)
    return reply_of(call, id)


def insert_database(writer: Writer, parent: str | None, head: Head, schema: Schema) -> str:
    """A database and its first data source."""
    id = writer.insert_page(parent, parent, DATABASE, head)
    extra = {"title": (head.extra or {}).get("title", [])}
    writer.insert_page(id, id, DATA_SOURCE, Head(head.title, schema, extra=extra))
    return id


def _head(call: Call, body: Mapping[str, Any], old: Mapping[str, Any]) -> Head:
    """Title, description, icon, cover and flags of a database."""
    reading = reading_of(call)
    extra = dict(old)
    for name in ("title", "description"):
        if name in body:
            extra[name] = rich.read(body[name], (None, name), reading)
    if "is_inline" in body:
        extra["is_inline"] = boolean(body["is_inline"], (None, "is_inline"))
    return Head(
        plain(extra.get("title", ())),
        {},
        rich.icon(body.get("icon"), (None, "icon")),
        rich.cover(body.get("cover"), (None, "cover")),
        extra,
    )


def get(call: Call) -> Reply:
    return reply_of(call, get_page(call, as_uuid(call.ids[0]), "database", "database").id)


def update(call: Call, writer: Writer) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "database", "database")
    switch = ("in_trash",) * call.env.switches.buildin_in_trash
    names = ("title", "description", "icon", "cover", "properties", *switch)
    body = closed(call.json, None, optional=names)
    node = writer.node(row.id)
    assert node is not None
    if "in_trash" in body:
        writer.trash(node, boolean(body["in_trash"], (None, "in_trash")))
        if len(body) == 1:
            return reply_of(call, row.id)
    alive(writer, row.id, "database")
    head = _head(call, body, row.extra)
    pictures = {"icon": head.icon, "cover": head.cover}
    columns = {name: value for name, value in pictures.items() if name in body}
    writer.update_page(node, title=head.title, extra=head.extra, **columns)
    if "properties" in body:
        source = source_of(call, row.id)
        changed = schemas.read_schema(
            body["properties"], (None, "properties"), call.store, schema_by_id(source)
        )
        set_schema(writer, source.id, changed)
    return reply_of(call, row.id)


def source_of(call: Call, id: str) -> PageRow:
    """The data source behind a database, as Buildin knows only one."""
    return call.store.data_sources(id)[0]


def schema_by_id(source: PageRow) -> Schema:
    return {entry["id"]: entry for entry in source.properties.values()}


def set_schema(writer: Writer, source: str, schema: Schema) -> None:
    node = writer.node(source)
    assert node is not None
    writer.update_page(node, properties=schema)


def delete(call: Call, writer: Writer) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "database", "database")
    node = writer.node(row.id)
    assert node is not None
    writer.trash(node, True)
    return reply_of(call, row.id)


def query(call: Call) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "database", "database")
    body = closed(
        call.json if call.body else {}, None, optional=("filter", "sorts", "start_cursor", "page_size")
    )
    source = source_of(call, row.id)
    rules = Rules(FILTERED, 0, relative=False, strict=False, typed=False, now=call.store.clock())
    size = integer(body.get("page_size", 20), (None, "page_size"), least=1, most=100)
    rows = records(call, source.id)
    if "filter" in body:
        keep = read_filter(body["filter"], (None, "filter"), source.properties, rules)
        rows = [record for record in rows if keep(record)]
    if "sorts" in body:
        sort = read_sorts(body["sorts"], (None, "sorts"), source.properties, limit=3, needs_direction=False)
        rows = sort(rows)
    results, cursor = page_of(rows, size, cursor_of(body), f"query:{source.id}", as_uuid=False)
    return Reply(show.listing([show.page(record, call.env) for record in results], cursor))


def records(call: Call, source: str) -> list[PageRow]:
    where = "WHERE n.parent = ? AND n.type = 'child_page' AND n.trash = 0 ORDER BY n.rank, n.seq"
    return call.store.pages(where, (source,))


def page_of(
    rows: list[PageRow], size: int, cursor: str | None, name: str, *, as_uuid: bool
) -> tuple[list[PageRow], str | None]:
    """What comes behind the record that the cursor names, as the query finds it now.

    Raises:
        Refusal: the cursor is not one of this query, or its record is no longer found by it.
    """
    start = 0
    if cursor is not None:
        seq = unpack(cursor, name)
        place = next((place for place, row in enumerate(rows) if row.seq == seq), None)
        if place is None:
            raise invalid((None, "start_cursor"), "The start_cursor provided is invalid.")
        start = place + 1
    return cut(rows[start : start + size + 1], size, lambda row: row.seq, name, as_uuid=as_uuid)


# Mutations: schema, new records and changed records in one transaction


@dataclass
class _Mutation:
    call: Call
    writer: Writer
    database: str
    source: str
    schema: Schema
    options: Options


def mutate(call: Call, writer: Writer) -> Reply:
    return once(call, writer, _mutate)


def _mutate(call: Call, writer: Writer) -> Reply:
    body = closed(call.json, None, optional=("properties", "create_records", "update_records"))
    if not body:
        raise invalid(None, "should hold at least one of `properties`, `create_records`, `update_records`.")
    id = as_uuid(call.ids[0])
    row = alive(writer, id, "database", DATABASE)
    source = source_of(call, row.id)
    options = Options(call.env.switches.buildin_new_options)
    state = _Mutation(call, writer, row.id, source.id, schema_by_id(source), options)
    result = {
        "object": "database_mutation",
        "database_id": row.id,
        "updated_properties": _change_schema(state, body.get("properties", {})),
        "created_records": _create_records(state, body.get("create_records", [])),
        "updated_records": _update_records(state, body.get("update_records", [])),
    }
    if options.grown is not None:
        set_schema(writer, source.id, options.grown)
    return Reply(result)


def _change_schema(state: _Mutation, value: Any) -> list[dict[str, Any]]:
    at: At = (None, "properties")
    wanted = mapping(value, at)
    if len(wanted) > 20:
        raise invalid(at, "should have at most 20 properties.", limit=20, actual=len(wanted))
    changed = []
    for name, entry in wanted.items():
        id = mapping(entry, (at, name)).get("id")
        if id is not None and id not in state.schema:
            raise invalid(((at, name), "id"), "is not the id of a property.")
        known = state.schema.get(id) if id is not None else None
        read = schemas.read_property(
            {**entry, "name": entry.get("name", name)}, (at, name), state.call.store, known
        )
        put(state.schema, read, known, (at, name))
        created = known is None
        changed.append({"id": read["id"], "name": read["name"], "type": read["type"], "created": created})
    if changed:
        check_titles(state.schema, at)
        set_schema(state.writer, state.source, state.schema)
    return changed


def _create_records(state: _Mutation, value: Any) -> list[dict[str, Any]]:
    at: At = (None, "create_records")
    created = []
    title_id = next(id for id, entry in state.schema.items() if entry["type"] == TITLE)
    for place, item in enumerate(array(value, at)):
        inner: At = (at, place)
        record = closed(item, inner, required=("title",), optional=("properties",))
        title = string(record["title"], (inner, "title"), limit=2000, least=1)
        found = _values(state, record.get("properties", {}), (inner, "properties"))
        found[title_id] = {"type": TITLE, TITLE: [{"type": "text", "text": title}]}
        found = numbered(state.writer, state.source, state.schema, found)
        id = state.writer.insert_page(state.source, state.database, PAGE, Head(title, found))
        created.append({"id": id, "title": title})
    return created


def _update_records(state: _Mutation, value: Any) -> list[dict[str, Any]]:
    at: At = (None, "update_records")
    updated = []
    for place, item in enumerate(array(value, at)):
        inner: At = (at, place)
        record = closed(item, inner, required=("record_id", "properties"))
        id = uuid(record["record_id"], (inner, "record_id"))
        node = alive(state.writer, id, "record")
        if node.parent != state.source:
            raise Refusal("not_found", f"Could not find record with ID: {id}.")
        found = _values(state, record["properties"], (inner, "properties"))
        columns = merged(state.writer, id, found)
        state.writer.update_page(node, **columns)
        updated.append({"id": id, "title": title_of(columns["properties"])})
    return updated


def _values(state: _Mutation, value: Any, at: At) -> dict[str, Any]:
    return values.read(value, at, reading_of(state.call), state.schema, state.options)


ROUTES = (
    Route("POST", "databases", create, "insert", writes=True, databases=True),
    Route("GET", "databases/*", get, databases=True),
    Route("PATCH", "databases/*", update, "update", writes=True, databases=True),
    Route("DELETE", "databases/*", delete, "update", writes=True, databases=True, when="buildin_delete"),
    Route("POST", "databases/*/query", query, databases=True),
    Route("POST", "databases/*/mutations", mutate, "update", writes=True, databases=True),
)
