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
    find,
)

VALUE_TYPES = (
    "title", "rich_text", "number", "url", "select", "multi_select", "people", "email", "phone_number", "date",
    "checkbox", "relation", "files", "status", "place", "verification",
)  # fmt: skip
TYPES = (*VALUE_TYPES, *sorted(COMPUTED))
OPTION_COLORS = ("default", *COLORS)
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
