"""Filters and sorts of database queries: read once into functions over records, the same for both services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from publisher.emulator.check import (
    At,
    Refusal,
    array,
    closed,
    invalid,
    mapping,
    one_of,
    path_of,
    string,
)
from publisher.emulator.conditions import SELECTS, Rules, condition
from publisher.emulator.rows import PageRow, milliseconds, moment
from publisher.emulator.schema import plain

Predicate: TypeAlias = Callable[[PageRow], bool]


def read_filter(
    value: Any, at: At, schema: Mapping[str, Mapping[str, Any]], rules: Rules, level: int = 1
) -> Predicate:
    """A filter as a function. `schema` has the properties by name.

    Raises:
        Refusal: validation, or unsupported_filter for a property that cannot be filtered by.
    """
    found = mapping(value, at)
    for name, combine in (("and", all), ("or", any)):
        if name in found:
            closed(found, at, required=(name,))
            if rules.nesting and level > rules.nesting:
                raise invalid(at, f"Filters may be nested {rules.nesting} levels deep.", limit=rules.nesting)
            inner: At = (at, name)
            parts = [
                read_filter(part, (inner, place), schema, rules, level + 1)
                for place, part in enumerate(array(found[name], inner))
            ]
            return lambda row, parts=parts, combine=combine: combine(part(row) for part in parts)  # type: ignore[misc]
    if "timestamp" in found:
        return _timestamp(found, at, rules)
    return _property(found, at, schema, rules)


def _timestamp(found: dict[str, Any], at: At, rules: Rules) -> Predicate:
    kind = one_of(found["timestamp"], (at, "timestamp"), ("created_time", "last_edited_time"))
    closed(found, at, required=("timestamp", kind), optional=("type",) if rules.typed else ())
    test = condition("date", found[kind], (at, kind), rules)
    return lambda row: test(_time_of(row, kind))


def _time_of(row: PageRow, kind: str) -> str:
    return (row.created_time if kind == "created_time" else row.last_edited_time).isoformat()


def _property(
    found: dict[str, Any], at: At, schema: Mapping[str, Mapping[str, Any]], rules: Rules
) -> Predicate:
    name = string(found.get("property"), (at, "property"))
    entry = schema.get(name) or next((one for one in schema.values() if one["id"] == name), None)
    if entry is None:
        raise invalid((at, "property"), f"Could not find property with name or id: {name}")
    kind = entry["type"]
    if kind not in rules.types:
        raise Refusal("unsupported_filter", f"A {kind} property cannot be filtered by.", path_of(at))
    closed(found, at, required=("property", kind), optional=("type",) if rules.typed else ())
    test = condition(kind, found[kind], (at, kind), rules)
    shown: str = entry["name"]
    return lambda row: test(_comparable(row.properties[shown]))


def _comparable(value: Mapping[str, Any]) -> Any:
    """What a condition looks at."""
    kind = value["type"]
    raw = value[kind]
    if kind in ("title", "rich_text"):
        return plain(raw)
    if kind in SELECTS:
        return raw["name"] if raw else ""
    if kind == "multi_select":
        return [option["name"] for option in raw]
    if kind in ("people", "relation"):
        return [item["id"] for item in raw]
    if kind == "date":
        return raw["start"] if raw else ""
    if kind in ("created_time", "last_edited_time"):
        return moment(raw).isoformat()
    return [raw] if kind in ("created_by", "last_edited_by") else raw


# Sorts


def read_sorts(
    value: Any, at: At, schema: Mapping[str, Mapping[str, Any]], *, limit: int, needs_direction: bool
) -> Callable[[list[PageRow]], list[PageRow]]:
    """Sorts as a function over records; the first counts most, records without a value come last.

    Raises:
        Refusal: validation, or unsupported_sort for a property that has no order.
    """
    keys: list[tuple[Callable[[PageRow], Any], bool]] = []
    for place, item in enumerate(array(value, at, limit=limit)):
        inner: At = (at, place)
        by = "timestamp" if "timestamp" in mapping(item, inner) else "property"
        required = (by, "direction") if needs_direction else (by,)
        closed(item, inner, required=required, optional=("direction",))
        names = ("ascending", "descending")
        direction = one_of(item.get("direction", "ascending"), (inner, "direction"), names)
        keys.append((_sort_key(item[by], by, (inner, by), schema), direction == "descending"))
    return lambda rows: _sorted(rows, keys)


def _sort_key(
    name: Any, by: str, at: At, schema: Mapping[str, Mapping[str, Any]]
) -> Callable[[PageRow], Any]:
    if by == "timestamp":
        kind = one_of(name, at, ("created_time", "last_edited_time"))
        return lambda row: milliseconds(row.created_time if kind == "created_time" else row.last_edited_time)
    wanted = string(name, at)
    entry = schema.get(wanted) or next((one for one in schema.values() if one["id"] == wanted), None)
    if entry is None:
        raise invalid(at, f"Could not find sort property with name or id: {wanted}")
    if entry["type"] in ("formula", "rollup", "button", "verification"):
        raise Refusal("unsupported_sort", f"A {entry['type']} property cannot be sorted by.", path_of(at))
    return lambda row: _order(_comparable(row.properties[entry["name"]]))


def _order(raw: Any) -> Any:
    if isinstance(raw, str):
        return raw.casefold() or None
    if isinstance(raw, list):
        return [str(item) for item in raw] or None
    return raw


def _sorted(rows: list[PageRow], keys: Sequence[tuple[Callable[[PageRow], Any], bool]]) -> list[PageRow]:
    for key, descending in reversed(keys):
        filled = [row for row in rows if key(row) is not None]
        empty = [row for row in rows if key(row) is None]
        rows = sorted(filled, key=key, reverse=descending) + empty
    return rows
