"""Front matter against the schema of a database: typed values, or a diagnostic with file and line. Never a guess.

Neutral between the services; `dialects/values.py` turns the values into their JSON. A plain page has a title and
nothing else, so its other front matter is only kept.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from converters.diagnostics import Diagnostic, diagnostic

NAME_LIMIT = 100  # characters of an option's name; Notion OpenAPI, Buildin V1 guide
LIST_LIMIT = 100  # values of multi_select, relation, people; Notion "Request limits"
TEXT_LIMIT = 200_000  # 100 items of 2,000 characters
URL_LIMIT = 2000
CONTACT_LIMIT = 200  # email, phone_number; Notion "Request limits"

_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WEB = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_ENCODED = frozenset(' "<>\\^`{|}')  # what a URL holds percent-encoded only
_RANGE = re.compile(r"\s*(?:\.\.|/| to | – )\s*")


@dataclass(frozen=True, slots=True)
class Property:
    """A column of a database: its display name, its type, and for select types the names of its options.

    `target` is what a relation points to: the id of a database (Buildin) or data source (Notion). `format` is how a
    number is shown. `colors` are those of options, by name, where they are to have one; grey and gray are one colour.
    """

    name: str
    type: str
    options: tuple[str, ...] = ()
    target: str = ""
    format: str = ""
    colors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DateValue:
    """A day ("2026-04-09") or a moment (ISO 8601), or a range of them. `time_zone` is an IANA name or empty."""

    start: str
    end: str = ""
    time_zone: str = ""


Value: TypeAlias = str | int | float | bool | tuple[str, ...] | DateValue | None


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """A value for one property. None clears it."""

    name: str
    type: str
    value: Value


class Refused(Exception):
    """A value that the property cannot hold; the message completes "`key: value`: …"."""


def property_values(
    properties: Mapping[str, Any],
    schema: Iterable[Property],
    path: str,
    *,
    lines: Mapping[str, int] | None = None,
    create_options: bool = True,
    related: Callable[[str], str] | None = None,
    local: Callable[[str], str | None] | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[tuple[PropertyValue, ...], tuple[Diagnostic, ...]]:
    """The values that can be sent, and a diagnostic for every key that cannot.

    Args:
        properties: Front matter without the keys that pagemill itself reads.
        schema: The database's properties as the service gave them.
        path: The file, for diagnostics.
        lines: The line of each key in the file, from 1, where known.
        create_options: Whether an option that does not exist yet may be sent, so that the service creates it.
        related: What stands for the page that a relation names, where that is more than ids; raises `Refused`.
        local: What stands for the file of the folder that a text names, None if it names none; raises `Refused`.
        names: Property names of keys that are not called like their property.
    """
    columns = list(schema)
    exact = {column.name: column for column in columns}
    folded = {column.name.casefold(): column for column in reversed(columns)}
    values: dict[str, PropertyValue] = {}
    found: list[Diagnostic] = []
    for key, value in properties.items():
        line = (lines or {}).get(key, 0)
        name = (names or {}).get(key, key)
        column = exact.get(name) or folded.get(name.casefold())
        if column is None:
            found.append(diagnostic("property-unknown", _unknown(key, exact), path, line, min(line, 1)))
        elif column.type not in _READERS:
            message = f"`{column.name}` is a {column.type}, which the service computes itself"
            found.append(diagnostic("property-read-only", message, path, line, min(line, 1)))
        elif column.name in values and name != column.name:
            message = f"`{key}` and another key both mean `{column.name}`"
            found.append(diagnostic("property-type", message, path, line, min(line, 1)))
        else:
            try:
                read = _read(value, column, create_options, related, local)
                values[column.name] = PropertyValue(column.name, column.type, read)
            except Refused as reason:
                message = f"`{key}: {_shown(value)}`: `{column.name}` {reason}"
                found.append(diagnostic("property-type", message, path, line, min(line, 1)))
    return tuple(values.values()), tuple(found)


def _unknown(key: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, list(names), 1)
    return f"the database has no property `{key}`" + (f"; did you mean `{near[0]}`?" if near else "")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def fits(kind: str, value: Any) -> bool:
    """Whether a property of this type could hold the value; options may be new."""
    try:
        _READERS[kind](value)
    except Refused:
        return False
    return True


def _read(
    value: Any,
    column: Property,
    create_options: bool,
    related: Callable[[str], str] | None = None,
    local: Callable[[str], str | None] | None = None,
) -> Value:
    if value is None or value == "" or value == []:
        if column.type == "checkbox":
            raise Refused("is true or false, and cannot be empty")
        return None
    if column.type == "relation" and related is not None:
        return _list(value, lambda item: related(_scalar(item).strip()))
    if column.type == "files" and local is not None:
        return _list(value, lambda item: local(_scalar(item).strip()) or _file(item))
    read = _READERS[column.type](value)
    if column.type in ("select", "status", "multi_select"):
        _check_options(read if isinstance(read, tuple) else (str(read),), column, create_options)
    return read


def _check_options(names: tuple[str, ...], column: Property, create: bool) -> None:
    missing = [name for name in names if name not in column.options]
    if missing and (not create or column.type == "status"):  # no service creates a status by a value
        raise Refused(f"has no option `{missing[0]}`; it has {', '.join(column.options) or 'none'}")
    if len(column.options) + len(missing) > LIST_LIMIT:
        raise Refused(f"would have more than {LIST_LIMIT} options")


def _scalar(value: Any) -> str:
    """A scalar of YAML or TOML as people wrote it, near enough to read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Refused("needs a text")


def _text(value: Any) -> str:
    text = ", ".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)
    return _within(text, TEXT_LIMIT)


def _within(text: str, limit: int) -> str:
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 > limit:
        raise Refused(f"holds at most {limit:,} characters")
    return text


def _number(value: Any) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if re.search("[.eE]", value) else int(value[:400])
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused("is a number")
    if not math.isfinite(value) if isinstance(value, float) else abs(value) > 2**53:
        raise Refused("is a number that a service can hold exactly")
    return value


def _checkbox(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refused("is true or false")
    return value


def _option(value: Any) -> str:
    name = _within(_scalar(value).strip(), NAME_LIMIT)
    if not name or "," in name:
        raise Refused("has options, whose names are not empty and hold no comma")
    return name


def _options(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]  # no name holds a comma
    return _list(value, _option)


def _list(value: Any, read: Callable[[Any], str]) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if len(items) > LIST_LIMIT:
        raise Refused(f"holds at most {LIST_LIMIT} values")
    return tuple(dict.fromkeys(map(read, items)))


def _matching(pattern: re.Pattern[str], limit: int, what: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            raise Refused(f"is {what}")
        return _within(value.strip(), limit)

    return read


def _web(value: Any) -> str:
    """An address of the web, within the limit also when what must not stand in one is percent-encoded."""
    url = _matching(_WEB, URL_LIMIT, "an address of the web")(value)
    host = _host(url)
    if re.search(r"[\x00-\x20\x7f]", url) or not host or _ENCODED & set(host):
        raise Refused("is an address of the web")
    grown = sum(
        3 * len(char.encode("utf-8", "replace")) - 1 for char in url if char in _ENCODED or char > "~"
    )
    if len(url) + grown > URL_LIMIT:
        raise Refused(f"holds at most {URL_LIMIT:,} characters")
    return url


def _file(value: Any) -> str:
    try:
        return _web(value)
    except Refused:
        raise Refused("holds addresses of the web, and files of the folder by their paths") from None


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _phone(value: Any) -> str:
    return _within(_scalar(value), CONTACT_LIMIT)


def _date(value: Any) -> DateValue:
    if isinstance(value, Mapping) and set(value) <= {"start", "end", "time_zone"} and "start" in value:
        zone = value.get("time_zone") or ""
        start, end = _moment(value["start"]), _moment(value["end"]) if value.get("end") else ""
        if not isinstance(zone, str):
            raise Refused("is a date, and its time zone a name such as Europe/Berlin")
    elif isinstance(value, str) and len(parts := _RANGE.split(value.strip())) == 2:
        start, end, zone = _moment(parts[0]), _moment(parts[1]), ""
    else:
        start, end, zone = _moment(value), "", ""
    if end and (len(start) == 10) != (len(end) == 10):
        raise Refused("is a range, of two days or of two moments")
    if end and (_offset(start) == "") == (_offset(end) == "") and _instant(end) < _instant(start):
        raise Refused("is a range, and ends before it begins")
    if zone and len(start) == 10:
        raise Refused("is a date, and a day has no time zone")
    if zone and (_offset(start) or _offset(end) or not _is_zone(zone)):
        raise Refused("is a date, with a time zone such as Europe/Berlin and no offset beside it")
    return DateValue(start, end, zone)


def _instant(moment: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(moment)


def _offset(moment: str) -> str:
    """The offset from UTC that a moment names, if any."""
    found = re.search(r"(?:Z|[+-]\d\d:\d\d(?::[\d.]+)?)$", moment[10:])
    return found[0] if found else ""


@lru_cache(maxsize=64)
def _is_zone(name: str) -> bool:
    """Whether there is such a time zone; any name, where the system has no time zone database."""
    from zoneinfo import ZoneInfo

    def known(zone: str) -> bool:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError):
            return False
        return True

    return known(name) or not known("Europe/London")


def _moment(value: Any) -> str:
    """ISO 8601, from what YAML and TOML make of a date or from text."""
    if isinstance(value, str):
        try:
            moment = datetime.datetime.fromisoformat(value.strip())
        except ValueError:
            raise Refused("is a date, such as 2026-04-09 or 2026-04-09T14:30:00+02:00") from None
        day = len(value.strip()) <= 10
        value = moment.date() if day else moment
    if not isinstance(value, datetime.date):
        raise Refused("is a date, such as 2026-04-09 or 2026-04-09T14:30:00+02:00")
    return value.isoformat()


_READERS: Final[Mapping[str, Callable[[Any], Value]]] = {
    "title": _text,
    "rich_text": _text,
    "number": _number,
    "select": _option,
    "status": _option,
    "multi_select": _options,
    "date": _date,
    "checkbox": _checkbox,
    "url": _web,
    "email": _matching(_EMAIL, CONTACT_LIMIT, "an email address"),
    "phone_number": _phone,
    "people": lambda value: _list(value, _matching(_ID, CONTACT_LIMIT, "a list of people's ids")),
    "relation": lambda value: _list(value, _matching(_ID, CONTACT_LIMIT, "a list of pages' ids")),
    "files": lambda value: _list(value, _web),
}
