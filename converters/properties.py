"""Front matter against the schema of a database: typed values, or a diagnostic with file and line. Never a guess.

Neutral between the services; `dialects/values.py` turns the values into their JSON. A plain page has a title and
nothing else, so its other front matter is only kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from converters.diagnostics import Diagnostic, diagnostic
from converters.property_types import LIST_LIMIT, READERS, Refused, Value, list_of, scalar, web_file


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
class PropertyValue:
    """A value for one property. None clears it."""

    name: str
    type: str
    value: Value


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
        elif column.type not in READERS:
            message = f"`{column.name}` is a {column.type}, which the service computes itself."
            found.append(diagnostic("property-read-only", message, path, line, min(line, 1)))
        elif column.name in values and name != column.name:
            message = f"`{key}` and another key both mean `{column.name}`."
            found.append(diagnostic("property-type", message, path, line, min(line, 1)))
        else:
            try:
                read = _read(value, column, create_options, related, local)
                values[column.name] = PropertyValue(column.name, column.type, read)
            except Refused as reason:
                message = f"`{key}: {_shown(value)}`: `{column.name}` {reason}."
                found.append(diagnostic("property-type", message, path, line, min(line, 1)))
    return tuple(values.values()), tuple(found)


def _unknown(key: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, list(names), 1)
    return f"The database has no property `{key}`" + (f"; did you mean `{near[0]}`?" if near else ".")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


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
        return list_of(value, lambda item: related(scalar(item).strip()))
    if column.type == "files" and local is not None:
        return list_of(value, lambda item: local(scalar(item).strip()) or web_file(item))
    read = READERS[column.type](value)
    if column.type in ("select", "status", "multi_select"):
        _check_options(read if isinstance(read, tuple) else (str(read),), column, create_options)
    return read


def _check_options(names: tuple[str, ...], column: Property, create: bool) -> None:
    missing = [name for name in names if name not in column.options]
    if missing and (not create or column.type == "status"):  # no service creates a status by a value
        raise Refused(f"has no option `{missing[0]}`; it has {', '.join(column.options) or 'none'}")
    if len(column.options) + len(missing) > LIST_LIMIT:
        raise Refused(f"would have more than {LIST_LIMIT} options")
