"""Opaque cursors: they name the last item that was given out, and the list it belongs to."""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import blake2b
from typing import TypeVar
from uuid import UUID

from publisher.emulator.check import At, invalid

T = TypeVar("T")


def _mark(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=8).digest()


def pack(name: str, position: int, *, as_uuid: bool) -> str:
    """A cursor for a place in the list `name`. Notion's have the form of a UUID."""
    raw = position.to_bytes(8, "big") + _mark(name)
    return str(UUID(bytes=raw)) if as_uuid else base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unpack(cursor: str, name: str, at: At = (None, "start_cursor")) -> int:
    """The place that a cursor stands for.

    Raises:
        Refusal: not a cursor, or one of another list.
    """
    try:
        raw = UUID(cursor).bytes if len(cursor) == 36 else base64.urlsafe_b64decode(cursor + "==")
    except ValueError:
        raw = b""
    if len(raw) != 16 or raw[8:] != _mark(name):
        raise invalid(at, "The start_cursor provided is invalid.")
    return int.from_bytes(raw[:8], "big")


def cut(
    items: list[T], size: int, seq_of: Callable[[T], int], name: str, *, as_uuid: bool
) -> tuple[list[T], str | None]:
    """The first `size` of `items` (of which one more than needed was read), and the cursor for the rest."""
    if len(items) <= size:
        return items, None
    shown = items[:size]
    return shown, pack(name, seq_of(shown[-1]), as_uuid=as_uuid)
