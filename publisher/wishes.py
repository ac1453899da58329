"""The `[properties]` table: what a person wants of the properties of a database, by front matter key.

[properties]
title = "Name"                                  # what the title property is called
priority = "number"                             # a type
due = { name = "Due date", type = "date" }      # another name
state = { type = "select", options = ["open", { name = "done", color = "green" }] }
build = false                                   # stays in the file
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from converters.inference import TITLE_KEY, WRITABLE, Wish
from converters.property_types import NAME_LIMIT

COLORS = ("default", "gray", "grey", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
_KEYS = ("name", "type", "ignore", "options", "format", "database")


def read_wishes(raw: object) -> dict[str, Wish]:
    """The table as values.

    Raises:
        ValueError: a key, type or value that is not known; the message names it.
    """
    if not isinstance(raw, Mapping):
        raise ValueError("must be a table of front matter keys")
    return {str(key): _wish(str(key), value) for key, value in raw.items()}


def _wish(key: str, value: Any) -> Wish:
    if value is False:
        return Wish(ignore=True)
    if value is True:
        return Wish()
    if isinstance(value, str):
        if key == TITLE_KEY:
            return Wish(name=_name(key, value))
        return Wish(type=_type(key, value))
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} must be a type, false, or a table")
    if unknown := sorted(set(value) - set(_KEYS)):
        raise ValueError(f"{key} may hold {', '.join(_KEYS)}, not {unknown[0]!r}")
    names, colors = _options(key, value.get("options", []))
    target = _text(key, "database", value.get("database", ""))
    return Wish(
        _name(key, value["name"]) if "name" in value else "",
        _type(key, value["type"]) if "type" in value else "",
        value.get("ignore") is True,
        names,
        _text(key, "format", value.get("format", "")),
        target,
        colors,
    )


def _text(key: str, part: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key}.{part} must be a text")
    return value.strip()


def _name(key: str, value: object) -> str:
    name = " ".join(_text(key, "name", value).split())
    if not 0 < len(name) <= NAME_LIMIT:
        raise ValueError(f"{key}.name must have 1 to {NAME_LIMIT} characters")
    return name


def _type(key: str, value: object) -> str:
    kind = _text(key, "type", value)
    if kind not in WRITABLE:
        raise ValueError(f"{key} must be {', '.join(WRITABLE)} or false, not {kind!r}")
    return kind


def _options(key: str, raw: object) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    if not isinstance(raw, list):
        raise ValueError(f"{key}.options must be a list")
    names: list[str] = []
    colors: list[tuple[str, str]] = []
    for item in raw:
        entry = {"name": item} if isinstance(item, str) else item
        if not isinstance(entry, Mapping) or not isinstance(name := entry.get("name"), str):
            raise ValueError(f"{key}.options holds names, or tables of name and color")
        name = name.strip()
        if not 0 < len(name) <= NAME_LIMIT or "," in name:
            raise ValueError(
                f"{key}.options: a name has 1 to {NAME_LIMIT} characters and no comma, not {name!r}"
            )
        if (color := entry.get("color")) is not None:
            if color not in COLORS:
                raise ValueError(f"{key}.options: a color is one of {', '.join(COLORS)}, not {color!r}")
            colors.append((name, str(color)))
        names.append(name)
    return tuple(dict.fromkeys(names)), tuple(colors)
