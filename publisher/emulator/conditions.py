"""The conditions of filters: an operator and its operand, as a test of a property's value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from publisher.emulator.check import (
    At,
    boolean,
    closed,
    invalid,
    mapping,
    number,
    string,
    uuid,
)
from publisher.emulator.dates import check_date, parse

Test: TypeAlias = Callable[[Any], bool]
TEXTS = ("title", "rich_text", "url", "email", "phone_number")
SELECTS = ("select", "status")
CONTAINS = ("multi_select", "people", "relation", "created_by", "last_edited_by")
DATES = ("date", "created_time", "last_edited_time")
_SPANS = {"week": 7, "month": 30, "year": 365}
_RELATIVE = ("this_week", *(f"{way}_{span}" for way in ("past", "next") for span in _SPANS))


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


def condition(kind: str, value: Any, at: At, rules: Rules) -> Test:
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
