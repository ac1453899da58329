"""Dates as the services write them: `2026-04-09` or `2026-04-09T08:00:00.000Z`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from publisher.emulator.check import At, invalid, show, string


def iso(time: datetime) -> str:
    """To the millisecond, in UTC, as Buildin shows times."""
    return time.isoformat(timespec="milliseconds")[:23] + "Z"


def iso_minute(time: datetime) -> str:
    """In whole minutes, as Notion shows times."""
    return time.isoformat(timespec="minutes")[:16] + ":00.000Z"


def parse(text: str) -> datetime | None:
    """A date (its midnight) or a time in ISO 8601, in UTC where it names no zone; None if it is neither."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def check_date(value: Any, at: At) -> str:
    text = string(value, at)
    if len(text) < 10 or text[4] != "-" or parse(text) is None:
        raise invalid(at, f"should be a valid ISO 8601 date string, instead was {show(value)}.")
    return text


def check_zone(value: Any, at: At) -> str:
    text = string(value, at)
    if text not in available_timezones() and not _known(text):
        raise invalid(at, f"should be a valid IANA time zone, instead was {show(value)}.")
    return text


def _known(name: str) -> bool:
    """Where the system has no time zone database, only UTC can be known."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return name in ("UTC", "Etc/UTC")
    return True


def day_of(text: str) -> date | None:
    """The calendar day that a stored date falls on."""
    found = parse(text)
    return found.date() if found else None
