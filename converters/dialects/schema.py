"""Schemas of databases, and the values of records as they are read, in the JSON of a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from converters.dialects.base import compact
from converters.dialects.shape import Shape
from converters.dialects.uploads import hash_of, upload_address
from converters.properties import Property, PropertyValue
from converters.property_types import DateValue, Value

SELECTS = ("select", "multi_select", "status")
_ONLY_NOTION = frozenset(["status"])


def property_types(shape: Shape, types: Iterable[str]) -> tuple[str, ...]:
    """Those of the types that the service can make."""
    return tuple(kind for kind in types if shape.nested or kind not in _ONLY_NOTION)


def render_schema(
    shape: Shape, properties: Iterable[Property], known: Mapping[str, Any] | None = None
) -> bytes:
    """Properties of a schema, to create or to change: by name, each with its type and configuration.

    `known` is the schema as the service gave it: options that it has keep their ids and colours.
    """
    entries = {item.name: _entry(shape, item, (known or {}).get(item.name)) for item in properties}
    return compact(entries)


def _entry(shape: Shape, item: Property, known: Any) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if item.type in SELECTS:
        config = {"options": _options(shape, item, known)}
    elif item.type == "number":
        config = {"format": item.format or "number"}
    elif item.type == "relation" and shape.nested:
        config = {"data_source_id": item.target, "type": "single_property", "single_property": {}}
    elif item.type == "relation":
        config = {"database_id": item.target, "type": "single_property"}
    if shape.nested:
        return {"type": item.type, item.type: config}
    return {"name": item.name, "type": item.type, **({item.type: config} if config else {})}


def _options(shape: Shape, item: Property, known: Any) -> list[dict[str, Any]]:
    there = {option["name"]: option for option in _listed(known, item.type)}
    colors = {name: color_name(shape, color) for name, color in item.colors}
    kept = [
        {key: option[key] for key in ("id", "name", "color") if option.get(key)} for option in there.values()
    ]
    new = [name for name in item.options if name not in there]
    return kept + [{"name": name, **({"color": colors[name]} if name in colors else {})} for name in new]


def _listed(entry: Any, kind: str) -> list[dict[str, Any]]:
    config = entry.get(kind) if isinstance(entry, Mapping) else None
    options = config.get("options") if isinstance(config, Mapping) else None
    return [
        option for option in options or () if isinstance(option, dict) and isinstance(option.get("name"), str)
    ]


def color_name(shape: Shape, color: str) -> str:
    """The service's name of a colour: Buildin says grey, Notion gray."""
    if color in ("gray", "grey"):
        return "gray" if shape.nested else "grey"
    return color


def read_schema(properties: Mapping[str, Any]) -> tuple[Property, ...]:
    """The properties of a database or data source as the service gave them."""
    found = []
    for name, entry in properties.items():
        if not isinstance(entry, Mapping) or not isinstance(kind := entry.get("type"), str):
            continue
        options = tuple(option["name"] for option in _listed(entry, kind))
        config = entry.get(kind)
        target = ""
        if kind == "relation" and isinstance(config, Mapping):
            target = str(config.get("data_source_id") or config.get("database_id") or "")
        found.append(Property(str(entry.get("name") or name), kind, options, target))
    return tuple(found)


# -- the values of a record --------------------------------------------------------------------------------------------


def read_values(properties: Mapping[str, Any]) -> tuple[PropertyValue, ...]:
    """What a record holds, in the form that `render_values` takes; what cannot be written is left out."""
    found = []
    for name, entry in properties.items():
        kind = entry.get("type") if isinstance(entry, Mapping) else None
        if isinstance(kind, str) and kind in _READERS:
            found.append(
                PropertyValue(name, kind, _READERS[kind](entry.get(kind)) or _empty(entry.get(kind)))
            )
    return tuple(found)


def _empty(raw: Any) -> Value:
    """None for what holds nothing; false and zero hold something."""
    return raw if isinstance(raw, (bool, int, float)) else None


def _plain(raw: Any) -> str:
    return "".join(_item(item) for item in raw or ())


def _item(item: Mapping[str, Any]) -> str:
    text = item.get("text")
    inner = text.get("content") if isinstance(text, Mapping) else None
    return str(item.get("plain_text") or inner or "")


def _names(key: str) -> Callable[[Any], Value]:
    return lambda raw: tuple(str(item.get(key)) for item in raw or ())


def _date(raw: Any) -> Value:
    if not isinstance(raw, Mapping):
        return None
    return DateValue(str(raw.get("start") or ""), str(raw.get("end") or ""), str(raw.get("time_zone") or ""))


def _files(raw: Any) -> Value:
    found = []
    for item in raw or ():
        place = item.get(item.get("type") or "external") or item.get("external") or item.get("file") or {}
        url = str(place.get("url") or "")
        hash = hash_of(url) if item.get("type") == "file" else ""
        found.append(upload_address(hash) if hash else url)
    return tuple(found)


def _same(raw: Any) -> Value:
    return raw if isinstance(raw, (str, int, float, bool)) else None


_READERS: Mapping[str, Callable[[Any], Value]] = {
    "title": _plain,
    "rich_text": _plain,
    "number": _same,
    "select": lambda raw: str(raw["name"]) if raw else None,
    "status": lambda raw: str(raw["name"]) if raw else None,
    "multi_select": _names("name"),
    "date": _date,
    "people": _names("id"),
    "relation": _names("id"),
    "files": _files,
    "checkbox": _same,
    "url": _same,
    "email": _same,
    "phone_number": _same,
}
