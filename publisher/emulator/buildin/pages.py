"""Buildin's operations on pages."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from publisher.emulator.buildin import rich, schemas, show, values
from publisher.emulator.buildin.blocks import read_children
from publisher.emulator.call import Call, Reply, Route, get_page
from publisher.emulator.check import At, Refusal, as_uuid, boolean, closed, invalid, uuid
from publisher.emulator.reading import Reading
from publisher.emulator.rows import DATABASE, PAGE, PageRow
from publisher.emulator.schema import Options, Schema, numbered, title_of
from publisher.emulator.writing import END, Head, NodeRow, Place, Writer


def reading_of(call: Call, page: str | None = None) -> Reading:
    """The limits of one request. `page`: the page that it writes blocks into, if there is one yet."""
    switches = call.env.switches
    return Reading(
        call.store,
        call.env.base_url,
        text=switches.buildin_text,
        items=switches.buildin_rich_text,
        equation=switches.buildin_equation,
        array=switches.buildin_array,
        blocks=switches.buildin_blocks,
        depth=switches.buildin_depth,
        page=page,
        shared=switches.buildin_shared_files,
    )


def page_reply(call: Call, row: PageRow, committed: tuple[str, tuple[str, ...]] = ("", ())) -> Reply:
    tag = show.etag(show.page_time(row, call.env))
    return Reply(show.page(row, call.env), tag, committed=committed)


def alive(writer: Writer, id: str | None, name: str, type: str | None = None) -> NodeRow:
    """The node of that id (and of that stored type, if one is given), which is to be written.

    Raises:
        Refusal: there is none, or it or something above it is in trash.
    """
    node = None if id is None else writer.node(id)
    if node is None or type not in (None, node.type):
        raise Refusal("not_found", f"Could not find {name} with ID: {id}.")
    if writer.archived(node.id):
        raise Refusal("validation", f"The {name} is in trash. Take it out before writing to it.")
    return node


def once(call: Call, writer: Writer, run: Any) -> Reply:
    """`run(call, writer)`, or the answer that the same Idempotency-Key had before."""
    key = call.headers.get("idempotency-key")
    if key is None:
        return run(call, writer)  # type: ignore[no-any-return]
    if not 1 <= len(key) <= 200:
        raise Refusal(
            "validation", "Idempotency-Key should have 1 to 200 characters.", limit=200, actual=len(key)
        )
    digest = blake2b(call.path.encode() + b"\0" + call.body, digest_size=16).digest()
    found = writer.db.execute("SELECT digest, answer FROM idempotency WHERE key = ?", (key,)).fetchone()
    if found is not None:
        if found[0] != digest:
            raise Refusal("idempotency_conflict", "The Idempotency-Key belongs to another body.")
        return Reply(found[1])
    reply: Reply = run(call, writer)
    writer.db.execute("INSERT INTO idempotency VALUES (?, ?, ?)", (key, digest, reply.encoded()))
    return reply


def create(call: Call, writer: Writer) -> Reply:
    return once(call, writer, _create)


def _create(call: Call, writer: Writer) -> Reply:
    names = ("parent", "icon", "cover", "properties", "children")
    body = closed(call.json, None, optional=names)
    reading = reading_of(call)
    parent, page, schema = _parent(call, writer, body.get("parent", _ROOT))
    given = body.get("properties", {})
    options = Options(call.env.switches.buildin_new_options)
    found = values.read(given, (None, "properties"), reading, schema, options)
    if schema is not schemas.PAGE_SCHEMA and not title_of(found).strip():
        raise invalid((None, "properties"), "A record needs a title.")
    head = Head(
        title_of(found),
        numbered(writer, parent, schema, found) or _UNTITLED,
        rich.icon(body.get("icon"), (None, "icon")),
        rich.cover(body.get("cover"), (None, "cover")),
    )
    children = read_children(body.get("children", []), (None, "children"), reading, PAGE)
    if options.grown is not None and parent is not None:
        _grow(writer, parent, options.grown)
    id = writer.insert_page(parent, page, PAGE, head)
    writer.insert(id, id, children)
    return page_reply(call, get_page(call, id, "page"), (id, ()))


_ROOT: Any = object()
_UNTITLED: dict[str, dict[str, Any]] = {"title": {"type": "title", "title": []}}


def _grow(writer: Writer, source: str, schema: Schema) -> None:
    node = writer.node(source)
    assert node is not None
    writer.update_page(node, properties=schema)


def _parent(call: Call, writer: Writer, value: Any) -> tuple[str | None, str | None, Schema]:
    """Where a new page goes: its parent, the page or database it stands in, and the schema of its values."""
    if value is _ROOT:
        return None, None, schemas.PAGE_SCHEMA
    at: At = (None, "parent")
    found = closed(value, at, optional=("page_id", "database_id"))
    if len(found) != 1:
        raise invalid(at, "should have exactly one of `page_id` and `database_id`.")
    return place(call, writer, found, at)


def place(
    call: Call, writer: Writer, parent: Mapping[str, Any], at: At
) -> tuple[str | None, str | None, Schema]:
    """The nodes that `{"page_id"}` or `{"database_id"}` stand for."""
    if "page_id" in parent:
        id = uuid(parent["page_id"], (at, "page_id"))
        alive(writer, id, "page", PAGE)
        return id, id, schemas.PAGE_SCHEMA
    id = uuid(parent["database_id"], (at, "database_id"))
    alive(writer, id, "database", DATABASE)
    source = call.store.data_sources(id)[0]
    return source.id, id, {entry["id"]: entry for entry in source.properties.values()}


def get(call: Call) -> Reply:
    return page_reply(call, get_page(call, as_uuid(call.ids[0]), "page"))


def schema_of(call: Call, row: PageRow) -> Schema:
    """The schema that a page's values follow."""
    if row.parent_type != "data_source_id":
        return schemas.PAGE_SCHEMA
    source = get_page(call, row.parent_id, "data source", "data_source")
    return {entry["id"]: entry for entry in source.properties.values()}


def update(call: Call, writer: Writer) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "page")
    node = writer.node(row.id)
    assert node is not None
    _match(call, row)
    optional = ("properties", "icon", "cover") + ("in_trash",) * call.env.switches.buildin_in_trash
    body = closed(call.json, None, optional=optional)
    if "in_trash" in body:
        writer.trash(node, boolean(body["in_trash"], (None, "in_trash")))
    columns: dict[str, Any] = {}
    if "icon" in body:
        columns["icon"] = rich.icon(body["icon"], (None, "icon"))
    if "cover" in body:
        columns["cover"] = rich.cover(body["cover"], (None, "cover"))
    if "properties" in body:
        columns.update(_properties(call, writer, row, body["properties"]))
    if columns:
        alive(writer, row.id, "page")
        writer.update_page(node, **columns)
    return page_reply(call, get_page(call, row.id, "page"))


def _match(call: Call, row: PageRow) -> None:
    wanted = call.headers.get("if-match")
    current = show.etag(show.page_time(row, call.env))["ETag"]
    if wanted is not None and wanted.strip() not in (current, "*", current.removeprefix("W/")):
        raise Refusal("conflict", f"The page has changed: its ETag is {current}, If-Match was {wanted}.")


def _properties(call: Call, writer: Writer, row: PageRow, value: Any) -> dict[str, Any]:
    schema = schema_of(call, row)
    options = Options(call.env.switches.buildin_new_options)
    found = values.read(value, (None, "properties"), reading_of(call), schema, options)
    if options.grown is not None:
        _grow(writer, row.parent_id, options.grown)
    return merged(writer, row.id, found)


def merged(writer: Writer, id: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """The columns `properties` and `title` after some values of a page were set."""
    import json

    node = writer.node(id)
    assert node is not None
    together = {**json.loads(node.properties or "{}"), **found}
    return {"properties": together, "title": title_of(together)}


def delete(call: Call, writer: Writer) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "page")
    node = writer.node(row.id)
    assert node is not None
    writer.trash(node, True)
    return page_reply(call, get_page(call, row.id, "page"))


def move(call: Call, writer: Writer) -> Reply:
    body = closed(call.json, None, required=("parent",), optional=("after", "before"))
    if "after" in body and "before" in body:
        raise invalid(None, "should not have both `after` and `before`.")
    node = alive(writer, as_uuid(call.ids[0]), "page")
    if node.title is None or node.type == "data_source":
        raise Refusal("not_found", f"Could not find page with ID: {call.ids[0]}.")
    at: At = (None, "parent")
    wanted = closed(body["parent"], at, optional=("workspace", "page_id", "database_id"))
    if len(wanted) != 1 or wanted.get("workspace", True) is not True:
        raise invalid(at, "should have exactly one of `workspace`, `page_id` and `database_id`.")
    parent: str | None = None
    page: str | None = None
    if "workspace" not in wanted:
        parent, page, _ = place(call, writer, wanted, at)
    if parent is not None and writer.inside(parent, node.id):
        raise invalid(at, "A page cannot be moved into itself.")
    writer.move(node, parent, page, _beside(writer, body, parent))
    row = call.store.page(node.id)
    assert row is not None
    result = {
        "object": "move_result",
        "id": row.id,
        "object_type": row.kind,
        "parent": show.parent(row),
        "after": body.get("after"),
        "before": body.get("before"),
    }
    return Reply(result)


def _beside(writer: Writer, body: Mapping[str, Any], parent: str | None) -> Place:
    for where in ("after", "before"):
        if where not in body:
            continue
        sibling = writer.node(uuid(body[where], (None, where)))
        if sibling is None or sibling.parent != parent or sibling.title is None or sibling.trash:
            raise invalid((None, where), "is not a page under that parent.")
        return Place("after" if where == "after" else "before", sibling.id)
    return END


def property_item(call: Call) -> Reply:
    from publisher.emulator.cursors import pack, unpack

    call.allow_query("page_size", "start_cursor")
    row = get_page(call, as_uuid(call.ids[0]), "page")
    wanted = call.ids[1]
    found = next((value for name, value in row.properties.items() if wanted in (value["id"], name)), None)
    if found is None:
        raise Refusal("not_found", f"Could not find property with ID: {wanted}.")
    shown = values.write(found)
    kind, id = shown["type"], shown["id"]
    if kind not in ("title", "rich_text", "relation", "people"):
        return Reply({"object": "property_item", "id": id, "type": kind, kind: shown[kind]})
    name = f"property:{row.id}:{id}"
    start = unpack(call.start_cursor, name) if call.start_cursor else 0
    end = start + call.page_size(20)
    more = end < len(shown[kind])
    cursor = pack(name, end, as_uuid=False) if more else None
    listing = show.listing(shown[kind][start:end], cursor)
    item = {"object": "property_item", "id": id, "type": kind}
    return Reply({**listing, "type": "property_item", "property_item": item})


ROUTES = (
    Route("POST", "pages", create, "insert", writes=True),
    Route("GET", "pages/*", get),
    Route("PATCH", "pages/*", update, "update", writes=True),
    Route("DELETE", "pages/*", delete, "update", writes=True, when="buildin_delete"),
    Route("PATCH", "pages/*/move", move, "update", writes=True),
    Route("GET", "pages/*/properties/*", property_item),
)
