"""Filters and sorts of database queries: read once into functions over records, the same for both services."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from publisher.emulator.check import (
    At,
    Refusal,
    array,
    boolean,
    closed,
    invalid,
    mapping,
    number,
    one_of,
    path_of,
    string,
    uuid,
)
from publisher.emulator.dates import check_date, parse
from publisher.emulator.rows import PageRow, milliseconds, moment
from publisher.emulator.schema import plain

Predicate: TypeAlias = Callable[[PageRow], bool]
Test: TypeAlias = Callable[[Any], bool]
TEXTS = ("title", "rich_text", "url", "email", "phone_number")
SELECTS = ("select", "status")
CONTAINS = ("multi_select", "people", "relation", "created_by", "last_edited_by")
DATES = ("date", "created_time", "last_edited_time")
_SPANS = {"week": 7, "month": 30, "year": 365}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a service allows: types that can be filtered by, nesting of `and` and `or` (0: any depth), words for dates.

    `strict` false lets `is_empty` be false too. `now` is the time that "past_week" starts from.
    """

    types: Collection[str]
    nesting: int
    relative: bool
    strict: bool
    typed: bool
    now: datetime


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
    test = _condition("date", found[kind], (at, kind), rules)
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
    test = _condition(kind, found[kind], (at, kind), rules)
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


# Conditions


def _condition(kind: str, value: Any, at: At, rules: Rules) -> Test:
    """Exactly one operator of a property type."""
    found = mapping(value, at)
    if len(found) != 1:
        raise invalid(at, f"should have exactly one operator, has {len(found)}.")
    name, operand = next(iter(found.items()))
    if kind != "checkbox" and name in ("is_empty", "is_not_empty"):
        wanted = boolean(operand, (at, name))
        if rules.strict and not wanted:
            raise invalid((at, name), "should be `true`, instead was `false`.")
        return _is_empty if wanted == (name == "is_empty") else lambda raw: not _is_empty(raw)
    table = _OPERATORS["text" if kind in TEXTS else _family(kind)]
    if kind in DATES and rules.relative and name in _RELATIVE:
        closed(operand, (at, name))
        return _relative(name, rules.now)
    if name not in table:
        raise invalid((at, name), "should be not present.")
    return table[name](operand, (at, name))


def _family(kind: str) -> str:
    if kind in SELECTS:
        return "select"
    if kind in CONTAINS:
        return "names" if kind == "multi_select" else "ids"
    return "date" if kind in DATES else kind


def _is_empty(raw: Any) -> bool:
    return raw is None or raw == "" or raw == []


def _text(compare: Callable[[str, str], bool]) -> Callable[[Any, At], Test]:
    def read(operand: Any, at: At) -> Test:
        wanted = string(operand, at).casefold()
        return lambda raw: compare((raw or "").casefold(), wanted)

    return read


def _number(compare: Callable[[Any, Any], bool]) -> Callable[[Any, At], Test]:
    def read(operand: Any, at: At) -> Test:
        wanted = number(operand, at)
        return lambda raw: raw is not None and compare(raw, wanted)

    return read


def _unequal_number(operand: Any, at: At) -> Test:
    wanted = number(operand, at)
    return lambda raw: raw != wanted


def _flag(equal: bool) -> Callable[[Any, At], Test]:
    def read(operand: Any, at: At) -> Test:
        wanted = boolean(operand, at)
        return lambda raw: (bool(raw) == wanted) == equal

    return read


def _named(equal: bool) -> Callable[[Any, At], Test]:
    def read(operand: Any, at: At) -> Test:
        wanted = string(operand, at)
        return lambda raw: (raw == wanted) == equal

    return read


def _among(inside: bool, ids: bool) -> Callable[[Any, At], Test]:
    def read(operand: Any, at: At) -> Test:
        wanted = uuid(operand, at) if ids else string(operand, at)
        return lambda raw: (wanted in raw) == inside

    return read


def _date(compare: Callable[[Any, Any], bool]) -> Callable[[Any, At], Test]:
    def read(operand: Any, at: At) -> Test:
        text = check_date(operand, at)
        wanted = parse(text)
        assert wanted is not None
        whole_day = len(text) == 10

        def test(raw: Any) -> bool:
            found = parse(raw) if raw else None
            if found is None:
                return False
            if whole_day or len(raw) == 10:
                return compare(found.date(), wanted.date())
            return compare(found, wanted)

        return test

    return read


_RELATIVE = ("this_week", *(f"{way}_{span}" for way in ("past", "next") for span in _SPANS))


def _relative(name: str, now: datetime) -> Test:
    """`past_week`, `next_month`, `this_week`: days around now."""
    way, span = name.split("_")
    today = now.date()
    if way == "this":
        first = today - timedelta(days=(today.weekday() + 1) % 7)  # weeks begin on Sunday
        last = first + timedelta(days=6)
    else:
        reach = timedelta(days=_SPANS[span])
        first, last = (today - reach, today) if way == "past" else (today, today + reach)

    def test(raw: Any) -> bool:
        found = parse(raw) if raw else None
        return found is not None and first <= found.date() <= last

    return test


_OPERATORS: Mapping[str, Mapping[str, Callable[[Any, At], Test]]] = {
    "text": {
        "equals": _text(operator.eq),
        "does_not_equal": _text(operator.ne),
        "contains": _text(lambda text, part: part in text),
        "does_not_contain": _text(lambda text, part: part not in text),
        "starts_with": _text(str.startswith),
        "ends_with": _text(str.endswith),
    },
    "number": {
        "equals": _number(operator.eq),
        "does_not_equal": _unequal_number,
        "greater_than": _number(operator.gt),
        "less_than": _number(operator.lt),
        "greater_than_or_equal_to": _number(operator.ge),
        "less_than_or_equal_to": _number(operator.le),
    },
    "checkbox": {"equals": _flag(True), "does_not_equal": _flag(False)},
    "select": {
        "equals": _named(True),
        "does_not_equal": _named(False),
    },
    "names": {"contains": _among(True, False), "does_not_contain": _among(False, False)},
    "ids": {"contains": _among(True, True), "does_not_contain": _among(False, True)},
    "date": {
        "equals": _date(operator.eq),
        "before": _date(operator.lt),
        "after": _date(operator.gt),
        "on_or_before": _date(operator.le),
        "on_or_after": _date(operator.ge),
    },
    "files": {},
}


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
