"""Property values and database schemas in Buildin's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from publisher.emulator.buildin import rich
from publisher.emulator.check import (
    At,
    array,
    boolean,
    closed,
    invalid,
    link,
    mapping,
    number,
    one_of,
    string,
    uuid,
)
from publisher.emulator.reading import Reading, date_value
from publisher.emulator.schema import (
    COMPUTED,
    SELECTS,
    TITLE,
    Options,
    Schema,
    Values,
    check_titles,
    find,
    new_property_id,
    option_id,
    put,
    related,
)
from publisher.emulator.store import Store

TYPES = (
    "title", "rich_text", "number", "select", "multi_select", "date", "people", "files", "checkbox", "url",
    "email", "phone_number", "formula", "relation", "rollup",
    "created_time", "created_by", "last_edited_time", "last_edited_by",
)  # fmt: skip
OPTION_COLORS = (
    "default", "grey", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red",
)  # fmt: skip
_WEB = ("http", "https")
PAGE_SCHEMA: Schema = {TITLE: {"id": TITLE, "name": TITLE, "type": TITLE, TITLE: {}}}


def _stored_color(name: str) -> str:
    return "gray" if name == "grey" else name


def _shown_color(name: str) -> str:
    return "grey" if name == "gray" else name


# Reading values


def read(
    value: Any, at: At, reading: Reading, schema: Schema, options: Options, *, by_id: bool = False
) -> Values:
    """Property values by property id. `schema` is that of the database, or `PAGE_SCHEMA`."""
    found: Values = {}
    for name, entry in mapping(value, at).items():
        known = next((one for one in schema.values() if one["name"] == name), None)
        if known is None and by_id:
            known = find(schema, name)
        if known is None:
            raise invalid((at, name), "is not a property that exists.")
        found[known["id"]] = _value(entry, (at, name), reading, schema, known, options)
    return found


def _value(
    value: Any, at: At, reading: Reading, schema: Schema, known: Mapping[str, Any], options: Options
) -> dict[str, Any]:
    found = mapping(value, at)
    kind = one_of(found.get("type"), (at, "type"), TYPES)
    if kind != known["type"]:
        raise invalid((at, "type"), f"The property is a {known['type']}, not a {kind}.")
    if kind in COMPUTED:
        raise invalid(at, f"A {kind} property cannot be written.")
    closed(found, at, required=("type", kind), optional=("id",))
    inner: At = (at, kind)
    raw = found[kind]
    if kind in ("select", "multi_select"):
        return {"type": kind, kind: _options(raw, inner, schema, known, options)}
    return {"type": kind, kind: _READERS[kind](raw, inner, reading)}


def _options(raw: Any, at: At, schema: Schema, known: Mapping[str, Any], options: Options) -> Any:
    def choose(item: Any, place: At) -> Any:
        wanted = closed(item, place, required=("name",), optional=("id", "color"))
        string(wanted["name"], (place, "name"), limit=100, least=1)
        if "color" in wanted:
            wanted = {
                **wanted,
                "color": _stored_color(one_of(wanted["color"], (place, "color"), OPTION_COLORS)),
            }
        return options.choose(schema, known, wanted, place)

    if known["type"] == "select":
        return None if raw is None else choose(raw, at)
    return [choose(item, (at, place)) for place, item in enumerate(array(raw, at))]


def _nullable(check: Callable[[Any, At], Any]) -> Callable[[Any, At, Reading], Any]:
    return lambda raw, at, _: None if raw is None else check(raw, at)


def _people(raw: Any, at: At, reading: Reading) -> list[dict[str, Any]]:
    found = []
    for place, item in enumerate(array(raw, at)):
        user = closed(item, (at, place), required=("object", "id"))
        one_of(user["object"], ((at, place), "object"), ("user",))
        found.append({"id": uuid(user["id"], ((at, place), "id"))})
    return found


def _relation(raw: Any, at: At, reading: Reading) -> list[dict[str, Any]]:
    return [
        {"id": uuid(closed(item, (at, place), required=("id",))["id"], ((at, place), "id"))}
        for place, item in enumerate(array(raw, at))
    ]


def _files(raw: Any, at: At, reading: Reading) -> list[dict[str, Any]]:
    found = []
    for place, item in enumerate(array(raw, at)):
        inner: At = (at, place)
        kind = one_of(mapping(item, inner).get("type"), (inner, "type"), ("file", "external"))
        entry = closed(item, inner, required=("name", "type", kind))
        optional = ("expiry_time",) if kind == "file" else ()
        target = closed(entry[kind], (inner, kind), required=("url",), optional=optional)
        name = string(entry["name"], (inner, "name"), limit=255)
        found.append({"name": name, "url": link(target["url"], ((inner, kind), "url"), schemes=_WEB)})
    return found


_READERS: Mapping[str, Callable[[Any, At, Reading], Any]] = {
    "title": rich.read,
    "rich_text": rich.read,
    "number": _nullable(number),
    "date": _nullable(lambda raw, at: date_value(raw, at, whole=True)),
    "people": _people,
    "relation": _relation,
    "files": _files,
    "checkbox": lambda raw, at, _: boolean(raw, at),
    "url": _nullable(lambda raw, at: link(raw, at)),
    "email": _nullable(lambda raw, at: string(raw, at, limit=200)),
    "phone_number": _nullable(lambda raw, at: string(raw, at, limit=200)),
}


# Giving out values


def write(value: Mapping[str, Any]) -> dict[str, Any]:
    """A stored value (with its property's id) in Buildin's JSON."""
    kind = value["type"]
    shown: dict[str, Any] = {"id": value.get("id", kind)}
    if kind not in TYPES:  # what only Notion has
        return {**shown, "type": "rich_text", "rich_text": rich.write(_as_text(value))}
    return {**shown, "type": kind, kind: write_bare(kind, value[kind])}


def write_bare(kind: str, raw: Any) -> Any:
    """The value alone."""
    if kind in ("title", "rich_text"):
        return rich.write(raw)
    if kind == "select":
        return None if raw is None else _write_option(raw)
    if kind == "multi_select":
        return [_write_option(option) for option in raw]
    if kind == "people":
        return [{"object": "user", "id": person["id"]} for person in raw]
    if kind == "files":
        return [{"name": file["name"], "type": "external", "external": {"url": file["url"]}} for file in raw]
    if kind in ("created_by", "last_edited_by"):
        return {"object": "user", "id": raw}
    if kind in ("created_time", "last_edited_time"):
        return _time(raw)
    return raw


def _time(raw: Any) -> str:
    from publisher.emulator.dates import iso
    from publisher.emulator.rows import moment

    return iso(moment(raw))


def _as_text(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    raw = value[value["type"]]
    text = raw.get("name", "") if isinstance(raw, dict) else "" if raw is None else str(raw)
    return [{"type": "text", "text": text}] if text else []


def _write_option(option: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": option["id"], "name": option["name"], "color": _shown_color(option["color"])}


# Schemas


def read_schema(value: Any, at: At, store: Store, old: Schema | None = None) -> Schema:
    """A whole schema, or with `old` the changes to one: null takes a property away.

    In a change the key is the name or id of a property, or the name of a new one; `name` renames.
    """
    schema = {} if old is None else {id: dict(entry) for id, entry in old.items()}
    names = {entry["name"]: entry for entry in (old or {}).values()}
    for key, entry in mapping(value, at).items():
        known = (old or {}).get(key) or names.get(key)
        if entry is None and old is not None:
            if known is None:
                raise invalid((at, key), "is not a property that exists.")
            del schema[known["id"]]
            continue
        changed = read_property(
            {"name": known["name"] if known else key, **mapping(entry, (at, key))}, (at, key), store, known
        )
        put(schema, changed, known, (at, key))
    check_titles(schema, at)
    if len(schema) > 100:
        raise invalid(at, "A database has at most 100 properties.", limit=100, actual=len(schema))
    return schema


def read_property(value: Any, at: At, store: Store, known: Mapping[str, Any] | None) -> dict[str, Any]:
    """One property of a schema, which must have a `name`; `known` is what it was before."""
    found = mapping(value, at)
    kind = one_of(found.get("type"), (at, "type"), TYPES)
    closed(found, at, required=("type", "name"), optional=("id", kind))
    name = string(found["name"], (at, "name"), limit=255, least=1)
    if known is not None and TITLE in (kind, known["type"]) and kind != known["type"]:
        raise invalid((at, "type"), "The title property cannot change its type.")
    config = _config(kind, found.get(kind, {}), (at, kind), store, known)
    return {
        "id": known["id"] if known else new_property_id(kind),
        "name": name,
        "type": kind,
        kind: config,
    }


def _config(kind: str, raw: Any, at: At, store: Store, known: Mapping[str, Any] | None) -> dict[str, Any]:
    if kind in ("select", "multi_select"):
        found = closed(raw, at, optional=("options",))
        old = known[kind].get("options", []) if known and known["type"] == kind else []
        if "options" not in found:
            return {"options": old}
        return {"options": _read_options(found["options"], (at, "options"), old)}
    if kind == "number":
        format = closed(raw, at, optional=("format",)).get("format", "number")
        return {"format": string(format, (at, "format"), limit=100)}
    if kind == "formula":
        return {"expression": string(closed(raw, at, optional=("expression",)).get("expression", ""), at)}
    if kind == "relation":
        found = closed(raw, at, optional=("database_id", "type", "synced_property_id"))
        one_of(found.get("type", "single_property"), (at, "type"), ("single_property", "dual_property"))
        if found.get("database_id") is None:
            return {"type": "single_property", **found, "database_id": None}
        target = uuid(found["database_id"], (at, "database_id"))
        both = related(store, target, "database", (at, "database_id"))
        return {"type": "single_property", **found, **both}
    if kind == "rollup":
        return dict(closed(raw, at, optional=("relation_property_id", "rollup_property_id", "function")))
    return dict(closed(raw, at))


def _read_options(raw: Any, at: At, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = []
    for place, item in enumerate(array(raw, at)):
        inner: At = (at, place)
        found = closed(item, inner, required=("name",), optional=("id", "color"))
        name = string(found["name"], (inner, "name"), limit=100, least=1)
        known = next((one for one in old if found.get("id") == one["id"] or name == one["name"]), None)
        color = one_of(found.get("color", "default"), (inner, "color"), OPTION_COLORS)
        if any(option["name"] == name for option in options):
            raise invalid((inner, "name"), "is the name of two options.")
        id = known["id"] if known else option_id()
        options.append({"id": id, "name": name, "color": _stored_color(color)})
    return options


def write_schema(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A property of a schema in Buildin's JSON; a type that only Notion has is shown as rich text."""
    kind = entry["type"]
    shown: dict[str, Any] = {"id": entry["id"], "name": entry["name"]}
    if kind not in TYPES:
        return {**shown, "type": "rich_text", "rich_text": {}}
    config = dict(entry[kind])
    if kind in SELECTS:
        config = {"options": [_write_option(option) for option in config.get("options", [])]}
    if kind == "relation":
        names = ("database_id", "type", "synced_property_id")
        config = {name: config[name] for name in names if name in config}
    return {**shown, "type": kind, kind: config}
