"""Data source schemas in Notion's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
from publisher.emulator.notion.rich import one_type
from publisher.emulator.notion.values import OPTION_COLORS, TYPES
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
