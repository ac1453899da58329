"""Dates as the services write them: `2026-04-09` or `2026-04-09T08:00:00.000Z`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from publisher.emulator.check import At, invalid, show, string


@lru_cache(maxsize=1024)  # what was written together has one time
def iso(time: datetime) -> str:
    """To the millisecond, in UTC, as Buildin shows times."""
    return time.isoformat(timespec="milliseconds")[:23] + "Z"


@lru_cache(maxsize=1024)
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
    """The name of a time zone; where the system has no time zone database, any name."""
    text = string(value, at, limit=100)
    if not _known(text) and _known("Europe/London"):
        raise invalid(at, f"should be a valid IANA time zone, instead was {show(value)}.")
    return text


@lru_cache(maxsize=256)
def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
