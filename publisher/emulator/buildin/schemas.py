"""Database schemas in Buildin's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publisher.emulator.buildin.values import OPTION_COLORS, TYPES, stored_color, write_option
from publisher.emulator.check import (
    At,
    array,
    closed,
    invalid,
    mapping,
    one_of,
    string,
    uuid,
)
from publisher.emulator.schema import (
    SELECTS,
    TITLE,
    Schema,
    check_titles,
    new_property_id,
    option_id,
    put,
    related,
)
from publisher.emulator.store import Store

PAGE_SCHEMA: Schema = {TITLE: {"id": TITLE, "name": TITLE, "type": TITLE, TITLE: {}}}


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
        options.append({"id": id, "name": name, "color": stored_color(color)})
    return options


def write_schema(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A property of a schema in Buildin's JSON; a type that only Notion has is shown as rich text."""
    kind = entry["type"]
    shown: dict[str, Any] = {"id": entry["id"], "name": entry["name"]}
    if kind not in TYPES:
        return {**shown, "type": "rich_text", "rich_text": {}}
    config = dict(entry[kind])
    if kind in SELECTS:
        config = {"options": [write_option(option) for option in config.get("options", [])]}
    if kind == "relation":
        names = ("database_id", "type", "synced_property_id")
        config = {name: config[name] for name in names if name in config}
    return {**shown, "type": kind, kind: config}
