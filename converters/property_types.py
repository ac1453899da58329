"""What a property of each type can hold: a value of the front matter as its reader gives it, or `Refused`."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

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
class DateValue:
    """A day ("2026-04-09") or a moment (ISO 8601), or a range of them. `time_zone` is an IANA name or empty."""

    start: str
    end: str = ""
    time_zone: str = ""


Value: TypeAlias = str | int | float | bool | tuple[str, ...] | DateValue | None


class Refused(Exception):
    """A value that the property cannot hold; the message completes "`key: value`: …"."""


def fits(kind: str, value: Any) -> bool:
    """Whether a property of this type could hold the value; options may be new."""
    try:
        READERS[kind](value)
    except Refused:
        return False
    return True


def scalar(value: Any) -> str:
    """A scalar of YAML or TOML as people wrote it, near enough to read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Refused("needs a text")


def _text(value: Any) -> str:
    text = ", ".join(map(scalar, value)) if isinstance(value, list) else scalar(value)
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
    name = _within(scalar(value).strip(), NAME_LIMIT)
    if not name or "," in name:
        raise Refused("has options, whose names are not empty and hold no comma")
    return name


def _options(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]  # no name holds a comma
    return list_of(value, _option)


def list_of(value: Any, read: Callable[[Any], str]) -> tuple[str, ...]:
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


def web_file(value: Any) -> str:
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
    return _within(scalar(value), CONTACT_LIMIT)


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


READERS: Final[Mapping[str, Callable[[Any], Value]]] = {
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
    "people": lambda value: list_of(value, _matching(_ID, CONTACT_LIMIT, "a list of people's ids")),
    "relation": lambda value: list_of(value, _matching(_ID, CONTACT_LIMIT, "a list of pages' ids")),
    "files": lambda value: list_of(value, _web),
}
