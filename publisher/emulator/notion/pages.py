"""Notion's operations on pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from publisher.emulator.call import Call, Reply, Route, get_page
from publisher.emulator.check import At, Refusal, as_uuid, boolean, closed, invalid, mapping, one_of, uuid
from publisher.emulator.cursors import pack, unpack
from publisher.emulator.notion import rich, schemas, show, templates, values
from publisher.emulator.notion.blocks import read_children
from publisher.emulator.notion.rich import one_type
from publisher.emulator.reading import Reading
from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE, PageRow
from publisher.emulator.schema import Options, Schema, numbered, title_of
from publisher.emulator.writing import END, Head, NodeRow, Place, Writer

ARCHIVED = "Can't edit block that is archived. You must unarchive the block before editing."
_UPDATES = (
    "properties",
    "icon",
    "cover",
    "is_locked",
    "template",
    "erase_content",
    "in_trash",
    "is_archived",
)
_UNTITLED: dict[str, dict[str, Any]] = {"title": {"type": "title", "title": []}}


def reading_of(call: Call) -> Reading:
    """The limits of one request."""
    return Reading(call.store, call.env.base_url)


def page_reply(call: Call, row: PageRow, committed: tuple[str, tuple[str, ...]] = ("", ())) -> Reply:
    only = call.query.get("filter_properties", []) + call.query.get("filter_properties[]", [])
    shown = {**show.page(row, call.env, only), "request_id": call.request_id}
    return Reply(shown, committed=committed)


def alive(writer: Writer, id: str | None, name: str, type: str | None = None) -> NodeRow:
    """The node of that id (and of that stored type, if one is given), which is to be written.

    Raises:
        Refusal: there is none, or it or something above it is in trash.
    """
    node = None if id is None else writer.node(id)
    if node is None or type not in (None, node.type):
        raise Refusal("not_found", missing(name, id))
    if writer.archived(node.id):
        raise Refusal("validation", ARCHIVED)
    return node


def missing(name: str, id: str | None) -> str:
    return (
        f"Could not find {name} with ID: {id}. Make sure the relevant pages and databases are shared with your "
        "integration."
    )


def create(call: Call, writer: Writer) -> Reply:
    names = ("parent", "properties", "icon", "cover", "children", "content", "markdown", "allow_async")
    body = closed(call.json, None, optional=(*names, "template", "position"))
    _check_forms(body)
    reading = reading_of(call)
    parent, page, schema = place(call, writer, body.get("parent", {"workspace": True}), (None, "parent"))
    options = Options(call.env.switches.notion_new_options)
    given = values.read(body.get("properties", {}), (None, "properties"), reading, schema, options)
    template = templates.read(call, writer, body)
    found = templates.values(template, parent, given)
    head = Head(
        title_of(found),
        numbered(writer, parent, schema, found) or _UNTITLED,
        rich.icon(body.get("icon"), (None, "icon"), reading) or templates.picture(call, template, "icon"),
        rich.cover(body.get("cover"), (None, "cover"), reading) or templates.picture(call, template, "cover"),
    )
    key = "content" if "content" in body else "children"
    own = read_children(body.get(key, []), (None, key), reading, PAGE)
    children = templates.content(call, template) if template else own
    if options.grown is not None and parent is not None:
        _grow(writer, parent, options.grown)
    where = _position(writer, body["position"], parent) if "position" in body else END
    id = writer.insert_page(parent, page, PAGE, head, where)
    writer.insert(id, id, children)
    return page_reply(call, get_page(call, id, "page"), (id, ()))


def _check_forms(body: Mapping[str, Any]) -> None:
    """What excludes what."""
    bodies = [name for name in ("children", "content", "markdown") if name in body]
    if len(bodies) > 1:
        raise invalid((None, bodies[1]), f"should be not present, as `{bodies[0]}` is.")
    if "markdown" in body:
        raise invalid((None, "markdown"), "This workspace takes blocks, not Markdown.")
    if "allow_async" in body:
        raise invalid((None, "allow_async"), "should be present only with `markdown`.")


def _grow(writer: Writer, source: str, schema: Schema) -> None:
    node = writer.node(source)
    assert node is not None
    writer.update_page(node, properties=schema)


def place(call: Call, writer: Writer, value: Any, at: At) -> tuple[str | None, str | None, Schema]:
    """Where a page goes: its parent, the page or database it stands in, and the schema of its values."""
    kinds = ("page_id", "database_id", "data_source_id", "workspace")
    found = closed(value, at, optional=("type", *kinds))
    kind = one_type(found, at, kinds)
    if kind == "workspace":
        if found[kind] is not True:
            raise invalid((at, kind), "should be `true`.")
        return None, None, schemas.PAGE_SCHEMA
    id = uuid(found[kind], (at, kind))
    types = {"page_id": PAGE, "database_id": DATABASE, "data_source_id": DATA_SOURCE}
    node = alive(writer, id, kind.removesuffix("_id").replace("_", " "), types[kind])
    if kind == "page_id":
        return id, id, schemas.PAGE_SCHEMA
    if kind == "database_id":
        sources = call.store.data_sources(id)
        if len(sources) != 1:
            raise invalid((at, kind), "The database has several data sources; name one with data_source_id.")
        return sources[0].id, id, schema_by_id(sources[0])
    return id, node.parent, schema_by_id(get_page(call, id, "data source", "data_source"))


def schema_by_id(source: PageRow) -> Schema:
    return {entry["id"]: entry for entry in source.properties.values()}


def _position(writer: Writer, value: Any, parent: str | None) -> Place:
    at: At = (None, "position")
    kind = one_of(mapping(value, at).get("type"), (at, "type"), ("after_block", "page_start", "page_end"))
    if kind != "after_block":
        closed(value, at, required=("type",))
        return Place("start") if kind == "page_start" else END
    closed(value, at, required=("type", kind))
    return after_block(writer, value[kind], (at, kind), parent)


def after_block(writer: Writer, value: Any, at: At, parent: str | None) -> Place:
    """Behind the child that `{"id"}` names.

    Raises:
        Refusal: it is not a child of the parent.
    """
    id = uuid(closed(value, at, required=("id",))["id"], (at, "id"))
    sibling = writer.node(id)
    if sibling is None or sibling.parent != parent or sibling.trash:
        raise invalid((at, "id"), f"Block {id} is not a child of the parent.")
    return Place("after", id)


def get(call: Call) -> Reply:
    return page_reply(call, get_page(call, as_uuid(call.ids[0]), "page"))


def update(call: Call, writer: Writer) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "page")
    node = writer.node(row.id)
    assert node is not None
    body = closed(call.json, None, optional=_UPDATES)
    template = templates.read(call, writer, body)
    copied = templates.content(call, template) if template else []
    if "in_trash" in body:
        set_trash(writer, node, boolean(body["in_trash"], (None, "in_trash")))
    columns = _columns(call, writer, row, body)
    if columns or template or body.get("erase_content"):
        alive(writer, row.id, "page")
    if columns:
        writer.update_page(node, **columns)
    if "erase_content" in body and boolean(body["erase_content"], (None, "erase_content")):
        for child in call.store.children(row.id):
            found = writer.node(child.id)
            assert found is not None
            writer.trash(found, True)
    writer.insert(row.id, row.id, copied)
    return page_reply(call, get_page(call, row.id, "page"))


def set_trash(writer: Writer, node: NodeRow, in_trash: bool) -> None:
    """Put into trash or take out, unless something above is in trash.

    Raises:
        Refusal: the node cannot be edited.
    """
    if node.parent is not None and writer.archived(node.parent):
        raise Refusal("validation", "Can't edit block with an archived ancestor.")
    writer.trash(node, in_trash)


def _columns(call: Call, writer: Writer, row: PageRow, body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that an update sets."""
    reading = reading_of(call)
    columns: dict[str, Any] = {}
    if "icon" in body:
        columns["icon"] = rich.icon(body["icon"], (None, "icon"), reading)
    if "cover" in body:
        columns["cover"] = rich.cover(body["cover"], (None, "cover"), reading)
    flags = {name: boolean(body[name], (None, name)) for name in ("is_locked", "is_archived") if name in body}
    if flags:
        columns["extra"] = {**row.extra, **flags}
    if "properties" in body:
        schema = schema_of(call, row)
        options = Options(call.env.switches.notion_new_options)
        found = values.read(body["properties"], (None, "properties"), reading, schema, options)
        if options.grown is not None:
            _grow(writer, row.parent_id, options.grown)
        node = writer.node(row.id)
        assert node is not None
        together = {**json.loads(node.properties or "{}"), **found}
        columns.update(properties=together, title=title_of(together))
    return columns


def schema_of(call: Call, row: PageRow) -> Schema:
    """The schema that a page's values follow."""
    if row.parent_type != "data_source_id":
        return schemas.PAGE_SCHEMA
    return schema_by_id(get_page(call, row.parent_id, "data source", "data_source"))


def move(call: Call, writer: Writer) -> Reply:
    node = alive(writer, as_uuid(call.ids[0]), "page", PAGE)
    body = closed(call.json, None, required=("parent",))
    at: At = (None, "parent")
    given = closed(body["parent"], at, optional=("type", "page_id", "data_source_id"))
    parent, page, _ = place(call, writer, given, at)
    if parent is not None and writer.inside(parent, node.id):
        raise invalid(at, "A page cannot be moved into itself.")
    writer.move(node, parent, page)
    return page_reply(call, get_page(call, node.id, "page"))


def property_item(call: Call) -> Reply:
    call.allow_query("page_size", "start_cursor")
    row = get_page(call, as_uuid(call.ids[0]), "page")
    wanted = call.ids[1]
    found = next((value for name, value in row.properties.items() if wanted in (value["id"], name)), None)
    if found is None:
        raise Refusal("not_found", missing("property", wanted))
    shown = values.write(found)
    kind, id = shown["type"], shown["id"]
    item = {"object": "property_item", "id": id, "type": kind}
    if kind not in ("title", "rich_text", "relation", "people"):
        return Reply({**item, kind: shown[kind], "request_id": call.request_id})
    name = f"property:{row.id}:{id}"
    start = unpack(call.start_cursor, name) if call.start_cursor else 0
    end = start + call.page_size(100)
    cursor = pack(name, end, as_uuid=True) if end < len(shown[kind]) else None
    results = [{**item, kind: entry} for entry in shown[kind][start:end]]
    listing = show.listing(results, cursor, "property_item", call.request_id)
    return Reply({**listing, "property_item": {"id": id, "type": kind, kind: {}, "next_url": None}})


ROUTES = (
    Route("POST", "pages", create, "insert", writes=True),
    Route("GET", "pages/*", get),
    Route("PATCH", "pages/*", update, "update", writes=True),
    Route("POST", "pages/*/move", move, "update", writes=True),
    Route("GET", "pages/*/properties/*", property_item),
)
