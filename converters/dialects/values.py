"""Typed property values in the JSON of a service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from converters.blocks import PLAIN
from converters.dialects.base import compact
from converters.dialects.shape import Shape, array
from converters.dialects.text import ITEM_LIMIT, clean
from converters.dialects.uploads import UPLOAD
from converters.dialects.urls import canonical_url
from converters.properties import PropertyValue
from converters.property_types import DateValue, Value

NAME_LIMIT = 100  # characters of a file's name that both services take

_LISTS = frozenset({"multi_select", "people", "relation", "files"})


def render_values(shape: Shape, values: Iterable[PropertyValue]) -> bytes:
    """The `properties` object of a record: display names, each with the type that both services understand."""
    return b"{" + b",".join(_member(shape, value) for value in sorted(values, key=lambda v: v.name)) + b"}"


def _member(shape: Shape, value: PropertyValue) -> bytes:
    """One member of the object; escapes in YAML can smuggle in halves of characters, which JSON cannot hold."""
    if value.type in ("title", "rich_text"):
        text = str(value.value) if value.value is not None else ""
        content = array(shape.items([(text, PLAIN, None)])[:ITEM_LIMIT]).encode()
    else:
        content = compact(_content(shape, value.type, value.value))
    kind = compact(value.type)
    members = sorted([(b'"type"', kind), (kind, content)])
    return compact(value.name) + b":{" + b",".join(key + b":" + item for key, item in members) + b"}"


def _content(shape: Shape, kind: str, value: Value) -> Any:
    if value is None:
        return [] if kind in _LISTS else None
    if isinstance(value, DateValue):
        date = {"start": value.start, "end": value.end or None, "time_zone": value.time_zone or None}
        # Buildin demands all three; Notion takes what is not named as absent
        return date if shape.whole_items else {key: item for key, item in date.items() if item}
    if isinstance(value, tuple):
        return [_entry(kind, clean(item)) for item in value]
    if not isinstance(value, str):
        return value
    if kind in ("select", "status"):
        return {"name": clean(value)}
    return (canonical_url(value) if kind == "url" else None) or clean(value)


def _entry(kind: str, item: str) -> dict[str, Any]:
    match kind:
        case "people":
            return {"object": "user", "id": item}
        case "relation":
            return {"id": item}
        case "files" if item.startswith(UPLOAD):
            return {"type": "file", "file": {"url": item}}  # gets its name with the service's reference
        case "files":
            url = canonical_url(item) or item
            name = url.partition("?")[0].rstrip("/").rpartition("/")[2][:NAME_LIMIT] or url[:NAME_LIMIT]
            return {"name": name, "type": "external", "external": {"url": url}}
        case _:
            return {"name": item}
