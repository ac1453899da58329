"""Refusals, and checks of decoded JSON that raise them.

A place in the body is a linked tuple `(outer, key)`, so that naming it costs nothing until something is wrong.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

At: TypeAlias = "tuple[At, str | int] | None"

Kind: TypeAlias = Literal[
    "validation",
    "invalid_json",
    "invalid_url",
    "missing_version",
    "unsupported_filter",
    "unsupported_sort",
    "unsupported_block_type",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "idempotency_conflict",
    "rate_limited",
    "too_large",
    "internal",
    "unavailable",
    "gateway_timeout",
    "overload",
    "full",
]

_HEX = re.compile(r"[0-9a-fA-F]{32}\Z")
_DASHED = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})


@dataclass
class Refusal(Exception):
    """A request that is answered with an error. `kind` belongs to neither service; each has a code and status for it.

    `path` names the place in the body ("children[0].paragraph"); `limit` and `actual` the numbers behind it.
    """

    kind: Kind
    message: str
    path: str = ""
    limit: int | None = None
    actual: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    additional: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def path_of(at: At) -> str:
    """The place as text: `children[3].paragraph.rich_text`."""
    parts: list[str] = []
    while at is not None:
        at, key = at
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    return "".join(reversed(parts)).removeprefix(".")


def invalid(at: At, reason: str, *, limit: int | None = None, actual: int | None = None) -> Refusal:
    return Refusal("validation", reason, path_of(at), limit, actual)


def units(text: str) -> int:
    """The length as the services count it: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def loads(body: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no lone surrogates (they cannot be stored).

    Raises:
        Refusal: invalid_json.
    """
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid_json", "Error parsing JSON body.") from error
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def show(value: Any) -> str:
    """A value for a message, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def mapping(value: Any, at: At) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(at, f"should be an object, instead was {show(value)}.")
    return value


def closed(
    value: Any, at: At, *, required: Collection[str] = (), optional: Collection[str] = ()
) -> dict[str, Any]:
    """An object with no other keys than these."""
    found = mapping(value, at)
    for key in found:
        if key not in required and key not in optional:
            raise invalid((at, key), "should be not present.")
    for key in required:
        if key not in found:
            raise invalid((at, key), "should be defined, instead was `undefined`.")
    return found


def string(value: Any, at: At, *, limit: int | None = None, least: int = 0) -> str:
    """A string of at most `limit` UTF-16 code units."""
    if not isinstance(value, str):
        raise invalid(at, f"should be a string, instead was {show(value)}.")
    if limit is not None and len(value) * 2 > limit and (size := units(value)) > limit:
        reason = f"length should be ≤ `{limit}`, instead was `{size}`."
        raise invalid((at, "length"), reason, limit=limit, actual=size)
    if len(value) < least:
        raise invalid((at, "length"), f"length should be ≥ `{least}`.", limit=least, actual=len(value))
    return value


def boolean(value: Any, at: At) -> bool:
    if not isinstance(value, bool):
        raise invalid(at, f"should be a boolean, instead was {show(value)}.")
    return value


def number(value: Any, at: At) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise invalid(at, f"should be a number, instead was {show(value)}.")
    return value


def integer(value: Any, at: At, *, least: int, most: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(at, f"should be an integer, instead was {show(value)}.")
    if value < least or (most is not None and value > most):
        raise invalid(at, f"should be between {least} and {most}, instead was `{value}`.", actual=value)
    return value


def one_of(value: Any, at: At, names: Collection[str]) -> str:
    if not isinstance(value, str) or value not in names:
        listed = ", ".join(f'`"{name}"`' for name in list(names)[:40])
        raise invalid(at, f"should be {listed}, instead was {show(value)}.")
    return value


def array(value: Any, at: At, *, limit: int = 100, least: int = 0) -> Sequence[Any]:
    if not isinstance(value, list):
        raise invalid(at, f"should be an array, instead was {show(value)}.")
    if not least <= len(value) <= limit:
        sign, bound = ("≤", limit) if len(value) > limit else ("≥", least)
        reason = f"should be {sign} `{bound}`, instead was `{len(value)}`."
        raise invalid((at, "length"), reason, limit=bound, actual=len(value))
    return value


def uuid(value: Any, at: At) -> str:
    """An id, dashed or not, in either case, as it is stored."""
    found = as_uuid(value) if isinstance(value, str) else None
    if found is None:
        raise invalid(at, f"should be a valid uuid, instead was {show(value)}.")
    return found


def as_uuid(text: str) -> str | None:
    """The dashed lower-case form of an id, or None if it is none."""
    if _DASHED.match(text):
        return text.lower()
    return str(UUID(text)) if _HEX.match(text) else None


def link(value: Any, at: At, *, schemes: Collection[str] = LINK_SCHEMES) -> str:
    """An absolute URL of at most 2,000 UTF-16 code units; relative ones are refused, as the services do."""
    text = string(value, at, limit=2000)
    try:
        parts = urlsplit(text)
        whole = bool(parts.hostname) if parts.scheme.lower() in ("http", "https") else bool(parts.path)
    except ValueError:
        parts, whole = urlsplit(""), False
    if parts.scheme.lower() not in schemes or not whole or any(c.isspace() for c in text):
        raise invalid(at, f"should be a valid absolute URL, instead was {show(value)}.")
    return text
