"""Database schemas and property values in the stored form, and the checks that both services share.

A schema maps property ids to `{"id", "name", "type", <type>: config, "description"?}`; a record's values map property
ids to `{"type", <type>: value}`. Rich text is in the stored form, colours of options are named as Notion does (`gray`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from publisher.emulator.check import At, invalid
from publisher.emulator.store import Store
from publisher.emulator.writing import Writer

Schema = dict[str, dict[str, Any]]
Values = dict[str, dict[str, Any]]

TITLE = "title"
COMPUTED = frozenset(
    [
        "formula",
        "rollup",
        "created_time",
        "created_by",
        "last_edited_time",
        "last_edited_by",
        "unique_id",
        "button",
        "location",
        "last_visited_time",
    ]
)
LISTS = frozenset(["title", "rich_text", "multi_select", "people", "files", "relation"])
SELECTS = ("select", "multi_select", "status")


def new_property_id(kind: str) -> str:
    """A short id, as Notion's are; the title's is "title"."""
    return TITLE if kind == TITLE else secrets.token_urlsafe(9)


def option_id() -> str:
    return str(uuid4())


def empty(kind: str) -> Any:
    """The value of a property that was never set."""
    if kind == "checkbox":
        return False
    return [] if kind in LISTS else None


def plain(items: Any) -> str:
    """The bare characters of stored rich text."""
    return "".join(item["text"] for item in items)


def find(schema: Schema, key: str) -> dict[str, Any] | None:
    """A property by its name or id."""
    if key in schema:
        return schema[key]
    return next((entry for entry in schema.values() if entry["name"] == key), None)


def title_of(values: Values) -> str:
    """The title among the values of a page, as plain text."""
    for value in values.values():
        if value.get("type") == TITLE:
            return plain(value[TITLE])
    return ""


def put(schema: Schema, entry: dict[str, Any], known: Mapping[str, Any] | None, at: At) -> None:
    """Set a property. Only the title's id is not its own, so a second one would take the place of the first.

    Raises:
        Refusal: it would.
    """
    if known is None and entry["id"] in schema:
        raise invalid(at, "is a second property of type title.")
    schema[entry["id"]] = entry


def check_titles(schema: Schema, at: At) -> None:
    """A schema has exactly one title, and no name twice."""
    if sum(entry["type"] == TITLE for entry in schema.values()) != 1:
        raise invalid(at, "should hold exactly one property of type title.")
    seen: set[str] = set()
    for entry in schema.values():
        if entry["name"] in seen:
            raise invalid((at, entry["name"]), "is the name of two properties.")
        seen.add(entry["name"])


def numbered(writer: Writer, source: str | None, schema: Schema, values: Values) -> Values:
    """The values of a new record, with the next number of its unique_id property if the schema has one."""
    for id, entry in schema.items():
        if entry["type"] != "unique_id":
            continue
        found = writer.db.execute(
            "SELECT max(json_extract(properties, ?)) FROM node WHERE parent = ? AND type = 'child_page'",
            (f'$."{id}".unique_id.number', source),
        ).fetchone()[0]
        number = {"prefix": entry["unique_id"]["prefix"], "number": (found or 0) + 1}
        return {**values, id: {"type": "unique_id", "unique_id": number}}
    return values


@dataclass
class Options:
    """Choosing an option of a select property by name or id.

    `new`: a name that is unknown is added to the schema, which `grown` then holds.
    """

    new: bool
    grown: Schema | None = None

    def choose(self, schema: Schema, entry: Mapping[str, Any], wanted: Mapping[str, Any], at: At) -> Any:
        """The option as it is stored in a value.

        Raises:
            Refusal: no such option.
        """
        kind, known = entry["type"], entry[entry["type"]].get("options", [])
        for option in known:
            if wanted.get("id") == option["id"] or (
                "id" not in wanted and wanted.get("name") == option["name"]
            ):
                return {key: option[key] for key in ("id", "name", "color")}
        if not self.new or "name" not in wanted or kind == "status" or len(known) >= 100:
            shown = wanted.get("name") or wanted.get("id")
            raise invalid(at, f'"{shown}" is not an option of the property "{entry["name"]}".')
        option = {"id": option_id(), "name": wanted["name"], "color": wanted.get("color") or "default"}
        known.append(option)
        self.grown = schema
        return dict(option)


def related(store: Store, id: str, kind: str, at: At) -> dict[str, Any]:
    """Both ids of the target of a relation; `kind` says which one `id` is.

    Raises:
        Refusal: there is no such database or data source.
    """
    row = store.page(id)
    if row is None or row.kind != kind:
        raise invalid(at, f"Could not find the related {kind.replace('_', ' ')} with ID: {id}.")
    if kind == "data_source":
        return {"database_id": row.parent_id, "data_source_id": id}
    return {"database_id": id, "data_source_id": store.data_sources(id)[0].id}
