"""The older versions of Notion's API, as far as their shapes are still to be met in examples.

Requests are brought into the shape of 2026-03-11 before a handler sees them, answers are brought back:

- before 2026-03-11 `archived` stands for `in_trash`, and an append may say `after`;
- before 2025-09-03 a database is its only data source: it holds the schema, its records name it as their parent, and
  it is queried itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from publisher.emulator.call import Call, Reply
from publisher.emulator.check import Refusal, invalid
from publisher.emulator.notion.schemas import write_schema

CURRENT = "2026-03-11"
SOURCES = "2025-09-03"  # databases hold data sources
OLDER = ("2022-02-22", "2022-06-28", SOURCES)


def admit(version: str | None) -> str:
    """The version of a request.

    Raises:
        Refusal: missing, or one that is not spoken here.
    """
    if version is None:
        raise Refusal(
            "missing_version",
            "Notion-Version header failed validation: Notion-Version header should be defined, instead was "
            "`undefined`.",
        )
    if version != CURRENT and version not in OLDER:
        raise Refusal(
            "missing_version", f'Notion-Version header should be `"{CURRENT}"`, instead was `"{version}"`.'
        )
    return version


def speaking(run: Callable[..., Reply]) -> Callable[..., Reply]:
    """A handler that also speaks the older versions."""

    def versioned(call: Call, *writer: Any) -> Reply:
        if call.version == CURRENT:
            return run(call, *writer)
        reply = run(_modern(call), *writer)
        return replace(reply, body=_old(call, reply.body))

    return versioned


def _modern(call: Call) -> Call:
    """The request in the current shape."""
    if not call.body or call.method not in ("POST", "PATCH") or call.path.startswith("file_uploads"):
        return call
    body = dict(call.json)
    if "archived" in body:
        if "in_trash" in body:
            raise invalid((None, "archived"), "should be not present, as `in_trash` is.")
        body["in_trash"] = body.pop("archived")
    if "after" in body and call.path.endswith("/children"):
        body["position"] = {"type": "after_block", "after_block": {"id": body.pop("after")}}
    if call.version < SOURCES:
        if call.path == "databases" and "properties" in body:
            body["initial_data_source"] = {"properties": body.pop("properties")}
        if call.path == "search" and isinstance(body.get("filter"), dict):
            value = body["filter"].get("value")
            body["filter"] = {**body["filter"], "value": "data_source" if value == "database" else value}
    modern = replace(call)
    modern.__dict__["json"] = body  # the cached decoded body
    return modern


def _old(call: Call, value: Any) -> Any:
    """An answer, or a result of one, in the shape of the call's version."""
    if not isinstance(value, dict):
        return value
    shown = dict(value)
    if shown.get("object") == "list":
        shown["results"] = [_old(call, result) for result in shown["results"]]
    if "in_trash" in shown:
        shown["archived"] = shown["in_trash"]
    if call.version >= SOURCES:
        return shown
    parent = shown.get("parent")
    if isinstance(parent, dict) and parent.get("type") == "data_source_id":
        shown["parent"] = {"type": "database_id", "database_id": parent["database_id"]}
    if shown.get("object") == "data_source":
        shown.update(object="database", id=value["parent"]["database_id"], parent=value["database_parent"])
    elif shown.get("object") == "database":
        source = call.store.page(shown.pop("data_sources")[0]["id"])
        assert source is not None
        shown["properties"] = {name: write_schema(entry) for name, entry in source.properties.items()}
    return shown
