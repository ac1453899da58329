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
    Options,
    Schema,
    Values,
    find,
)

TYPES = (
    "title", "rich_text", "number", "select", "multi_select", "date", "people", "files", "checkbox", "url",
    "email", "phone_number", "formula", "relation", "rollup",
    "created_time", "created_by", "last_edited_time", "last_edited_by",
)  # fmt: skip
OPTION_COLORS = (
    "default", "grey", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red",
)  # fmt: skip
_WEB = ("http", "https")


def stored_color(name: str) -> str:
    return "gray" if name == "grey" else name


def shown_color(name: str) -> str:
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
                "color": stored_color(one_of(wanted["color"], (place, "color"), OPTION_COLORS)),
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
        return None if raw is None else write_option(raw)
    if kind == "multi_select":
        return [write_option(option) for option in raw]
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


def write_option(option: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": option["id"], "name": option["name"], "color": shown_color(option["color"])}
