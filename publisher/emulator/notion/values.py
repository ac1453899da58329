"""Property values and data source schemas in Notion's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
from publisher.emulator.dates import iso_minute
from publisher.emulator.notion import rich
from publisher.emulator.notion.rich import one_type
from publisher.emulator.reading import COLORS, Reading, date_value
from publisher.emulator.rows import moment
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

VALUE_TYPES = (
    "title", "rich_text", "number", "url", "select", "multi_select", "people", "email", "phone_number", "date",
    "checkbox", "relation", "files", "status", "place", "verification",
)  # fmt: skip
TYPES = (*VALUE_TYPES, *sorted(COMPUTED))
OPTION_COLORS = ("default", *COLORS)
PAGE_SCHEMA: Schema = {TITLE: {"id": TITLE, "name": TITLE, "type": TITLE, TITLE: {}}}
_WEB = ("http", "https")


# Reading values


def read(value: Any, at: At, reading: Reading, schema: Schema, options: Options) -> Values:
    """Property values by property id; the keys of `value` are names or ids."""
    found: Values = {}
    for key, entry in mapping(value, at).items():
        known = find(schema, key)
        if known is None:
            raise invalid((at, key), f"{key} is not a property that exists.")
        found[known["id"]] = _value(entry, (at, key), reading, schema, known, options)
    return found


def _value(
    value: Any, at: At, reading: Reading, schema: Schema, known: Mapping[str, Any], options: Options
) -> dict[str, Any]:
    kind = known["type"]
    if isinstance(value, list) and kind == TITLE:  # the short form {"title": [...]} of the page's own title
        value = {TITLE: value}
    found = mapping(value, at)
    if kind in COMPUTED:
        raise invalid(at, f"A {kind} property cannot be written.")
    if one_type(found, at, VALUE_TYPES) != kind:
        raise invalid(at, f"{known['name']} is expected to be {kind}.")
    closed(found, at, required=(kind,), optional=("type", "id", "name"))
    inner: At = (at, kind)
    raw = found[kind]
    if kind in SELECTS:
        return {"type": kind, kind: _options(raw, inner, schema, known, options)}
    return {"type": kind, kind: _READERS[kind](raw, inner, reading)}


def _options(raw: Any, at: At, schema: Schema, known: Mapping[str, Any], options: Options) -> Any:
    def choose(item: Any, place: At) -> Any:
        wanted = closed(item, place, optional=("id", "name", "color", "description"))
        if "id" not in wanted and "name" not in wanted:
            raise invalid(place, "should have `id` or `name`.")
        if "name" in wanted:
            name = string(wanted["name"], (place, "name"), limit=100, least=1)
            if "," in name:
                raise invalid((place, "name"), "An option's name may not hold a comma.")
        if "color" in wanted:
            one_of(wanted["color"], (place, "color"), OPTION_COLORS)
        return options.choose(schema, known, wanted, place)

    if known["type"] == "multi_select":
        return [choose(item, (at, place)) for place, item in enumerate(array(raw, at))]
    return None if raw is None else choose(raw, at)


def _nullable(check: Callable[[Any, At], Any]) -> Callable[[Any, At, Reading], Any]:
    return lambda raw, at, _: None if raw is None else check(raw, at)


def _ids(*others: str) -> Callable[[Any, At, Reading], list[dict[str, Any]]]:
    def read_ids(raw: Any, at: At, reading: Reading) -> list[dict[str, Any]]:
        found = []
        for place, item in enumerate(array(raw, at)):
            inner: At = (at, place)
            entry = closed(item, inner, required=("id",), optional=others)
            found.append({"id": uuid(entry["id"], (inner, "id"))})
        return found

    return read_ids


def _files(raw: Any, at: At, reading: Reading) -> list[dict[str, Any]]:
    found = []
    for place, item in enumerate(array(raw, at)):
        inner: At = (at, place)
        entry = closed(item, inner, optional=("type", "name", "file", "external", "file_upload"))
        kind = one_type(entry, inner, ("file", "external", "file_upload"))
        body: At = (inner, kind)
        if kind == "file_upload":
            id = uuid(closed(entry[kind], body, required=("id",))["id"], (body, "id"))
            stored = reading.upload(id, "notion", body)
        else:
            target = closed(entry[kind], body, required=("url",), optional=("expiry_time",))
            stored = {"url": link(target["url"], (body, "url"), schemes=_WEB)}
            if "name" not in entry:
                raise invalid((inner, "name"), "should be defined, instead was `undefined`.")
        if "name" in entry:
            stored["name"] = string(entry["name"], (inner, "name"), limit=100)
        found.append(stored)
    return found


def _place(raw: Any, at: At) -> dict[str, Any]:
    names = ("name", "address", "aws_place_id", "google_place_id")
    found = closed(raw, at, required=("lat", "lon"), optional=names)
    for name in ("lat", "lon"):
        number(found[name], (at, name))
    return dict(found)


def _verification(raw: Any, at: At) -> dict[str, Any]:
    found = closed(raw, at, required=("state",), optional=("date",))
    state = one_of(found["state"], (at, "state"), ("verified", "unverified"))
    date = found.get("date")
    return {"state": state, "date": None if date is None else date_value(date, (at, "date"), whole=False)}


_READERS: Mapping[str, Callable[[Any, At, Reading], Any]] = {
    "title": rich.read,
    "rich_text": rich.read,
    "number": _nullable(number),
    "url": _nullable(lambda raw, at: string(raw, at, limit=2000)),
    "email": _nullable(lambda raw, at: string(raw, at, limit=200)),
    "phone_number": _nullable(lambda raw, at: string(raw, at, limit=200)),
    "date": _nullable(lambda raw, at: date_value(raw, at, whole=False)),
    "people": _ids("object", "name", "type"),
    "relation": _ids(),
    "checkbox": lambda raw, at, _: boolean(raw, at),
    "files": _files,
    "place": _nullable(_place),
    "verification": _nullable(_verification),
}


# Giving out values


def write(value: Mapping[str, Any]) -> dict[str, Any]:
    """A stored value (with its property's id) in Notion's JSON."""
    kind = value["type"]
    return {"id": value.get("id", kind), "type": kind, kind: write_bare(kind, value[kind])}


def write_bare(kind: str, raw: Any) -> Any:
    """The value alone."""
    if kind in ("title", "rich_text"):
        return rich.write(raw)
    if kind == "people":
        return [{"object": "user", "id": person["id"]} for person in raw]
    if kind == "files":
        return [_write_file(file) for file in raw]
    if kind in ("created_by", "last_edited_by"):
        return {"object": "user", "id": raw}
    if kind in ("created_time", "last_edited_time"):
        return iso_minute(moment(raw))
    if raw is None and kind in _UNCOMPUTED:
        return dict(_UNCOMPUTED[kind])
    return raw


# Formulas and rollups are kept, not computed.
_UNCOMPUTED: Mapping[str, dict[str, Any]] = {
    "formula": {"type": "string", "string": None},
    "rollup": {"type": "array", "array": [], "function": "show_original"},
    "unique_id": {"prefix": None, "number": None},
    "button": {},
}


def _write_file(file: Mapping[str, Any]) -> dict[str, Any]:
    if "upload" in file:
        return {"name": file["name"], "type": "file", "file": rich.write_file(file["url"])}
    return {"name": file["name"], "type": "external", "external": {"url": file["url"]}}


# Schemas


def read_schema(value: Any, at: At, store: Store, old: Schema | None = None) -> Schema:
    """A whole schema, or with `old` the changes to one: null takes a property away, `{"name"}` renames it."""
    schema = {} if old is None else {id: dict(entry) for id, entry in old.items()}
    names = {entry["name"]: entry for entry in (old or {}).values()}
    for key, entry in mapping(value, at).items():
        known = (old or {}).get(key) or names.get(key)
        if entry is None and old is not None:
            if known is None:
                raise invalid((at, key), f"{key} is not a property that exists.")
            if known["type"] == TITLE:
                raise invalid((at, key), "The title property cannot be removed.")
            del schema[known["id"]]
            continue
        changed = _property(entry, (at, key), store, key, known)
        put(schema, changed, known, (at, key))
    check_titles(schema, at)
    return schema


def _property(value: Any, at: At, store: Store, key: str, known: Mapping[str, Any] | None) -> dict[str, Any]:
    found = closed(value, at, optional=("id", "type", "name", "description", *TYPES))
    name = string(found.get("name", known["name"] if known else key), (at, "name"), limit=2000, least=1)
    if known is not None and not any(kind in found for kind in TYPES):
        return {**known, "name": name}
    kind = one_type(found, at, TYPES)
    if known is not None and TITLE in (kind, known["type"]) and kind != known["type"]:
        raise invalid((at, kind), "The title property cannot change its type.")
    config = _config(kind, found[kind], (at, kind), store, known)
    entry = {"id": known["id"] if known else new_property_id(kind), "name": name, "type": kind, kind: config}
    if found.get("description") is not None:
        entry["description"] = string(found["description"], (at, "description"), limit=280, least=1)
    return entry


def _config(kind: str, raw: Any, at: At, store: Store, known: Mapping[str, Any] | None) -> dict[str, Any]:
    old = known[kind] if known and known["type"] == kind else {}
    if kind in ("select", "multi_select", "status"):
        found = closed(raw, at, optional=("options", "groups") if kind == "status" else ("options",))
        if "options" in found:
            return {"options": _read_options(found["options"], (at, "options"), old.get("options", []))}
        return dict(old) if old else {"options": _default_statuses() if kind == "status" else []}
    if kind == "number":
        found = closed(raw, at, optional=("format",))
        return {"format": string(found.get("format", "number"), (at, "format"), limit=100)}
    if kind == "formula":
        return {"expression": string(closed(raw, at, optional=("expression",)).get("expression", ""), at)}
    if kind == "relation":
        return _relation(raw, at, store)
    if kind == "rollup":
        names = (
            "relation_property_name",
            "relation_property_id",
            "rollup_property_name",
            "rollup_property_id",
        )
        return dict(closed(raw, at, required=("function",), optional=names))
    if kind == "unique_id":
        return {"prefix": closed(raw, at, optional=("prefix",)).get("prefix")}
    return dict(closed(raw, at))


def _default_statuses() -> list[dict[str, Any]]:
    names = (("Not started", "default"), ("In progress", "blue"), ("Done", "green"))
    return [{"id": option_id(), "name": name, "color": color} for name, color in names]


def _relation(raw: Any, at: At, store: Store) -> dict[str, Any]:
    kinds = ("single_property", "dual_property")
    found = closed(raw, at, required=("data_source_id",), optional=("type", "database_id", *kinds))
    kind = one_type(found, at, kinds)
    closed(found[kind], (at, kind), optional=("synced_property_id", "synced_property_name"))
    target = uuid(found["data_source_id"], (at, "data_source_id"))
    return {**related(store, target, "data_source", (at, "data_source_id")), "type": kind, kind: found[kind]}


def _read_options(raw: Any, at: At, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = []
    for place, item in enumerate(array(raw, at)):
        inner: At = (at, place)
        found = closed(item, inner, optional=("id", "name", "color", "description"))
        known = next((one for one in old if _same_option(one, found)), None)
        if known is None and "name" not in found:
            raise invalid((inner, "name"), "should be defined, instead was `undefined`.")
        name = string(found.get("name", known["name"] if known else ""), (inner, "name"), limit=100, least=1)
        if "," in name:
            raise invalid((inner, "name"), "An option's name may not hold a comma.")
        color = found.get("color", known["color"] if known else "default")
        if any(option["name"] == name for option in options):
            raise invalid((inner, "name"), "is the name of two options.")
        id = known["id"] if known else option_id()
        options.append({"id": id, "name": name, "color": one_of(color, (inner, "color"), OPTION_COLORS)})
    return options


def _same_option(option: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return bool(wanted["id"] == option["id"] if "id" in wanted else wanted.get("name") == option["name"])


def write_schema(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A property of a schema in Notion's JSON."""
    kind = entry["type"]
    config = dict(entry[kind])
    if kind == "relation":
        config.setdefault(config["type"], {})
    if kind in SELECTS:
        config["options"] = [{"description": None, **option} for option in config.get("options", [])]
    if kind == "status":
        ids = [option["id"] for option in config["options"]]
        config["groups"] = [{"id": "todo", "name": "To-do", "color": "gray", "option_ids": ids}]
    return {
        "id": entry["id"],
        "name": entry["name"],
        "description": entry.get("description"),
        "type": kind,
        kind: config,
    }
