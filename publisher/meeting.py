"""Find or make the databases that hold records, and keep what is known of them in the state."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from converters.dialects.base import Dialect
from converters.dialects.service import icon_json
from converters.inference import WRITABLE
from converters.properties import Property, PropertyValue
from publisher.errors import UnknownOutcomeError, UsageError
from publisher.known import KnownDatabase
from publisher.planning.records import BasePlan, BaseSpec
from publisher.remote.databases import DatabaseInfo, Databases, NewDatabase
from publisher.remote.workspace import Workspace
from publisher.store import Store

OP = "database"  # what the intent to create one is called


async def meet(spec: BaseSpec, parent: str, store: Store, workspace: Workspace) -> KnownDatabase | None:
    """The database of a folder if it is there, read and kept in the state. It is named by its id, or by its title
    below `parent`.

    Raises:
        UsageError: it is named by an id that the token does not see.
    """
    databases = Databases(workspace)
    known = store.databases().get(spec.key)
    id = known.id if known else spec.id
    info = await (databases.get(id) if id else databases.find(spec.title, parent))
    if info is None:
        if id and not known:
            raise UsageError(
                f"There is no database {id}, or the token may not see it.",
                "Share it with the integration, and check the id.",
            )
        return None
    begun = [intent for intent in store.intents() if intent.page == spec.key and intent.op.get("op") == OP]
    found = _known(spec.key, info, made=bool(begun) or bool(known and known.made))
    with store.transaction():
        store.save_database(found)
        for intent in begun:
            store.end(intent.id)
    return found


def _known(key: str, info: DatabaseInfo, made: bool) -> KnownDatabase:
    return KnownDatabase(key, info.id, info.source, info.url, info.title, info.schema, made)


async def make(plan: BasePlan, parent: str, store: Store, workspace: Workspace) -> KnownDatabase:
    """Create a database. One write, and one more if records name each other. Its intent is on disk before.

    Raises:
        PagemillError: the service refused, cannot be reached, or the outcome is not known; then the intent stays.
    """
    spec, dialect = plan.spec, workspace.dialect
    first = [item for item in plan.schema if item.type != "relation" or item.target]
    new = NewDatabase(
        rich_text(dialect, spec.title),
        dialect.schema(first),
        rich_text(dialect, spec.description) if spec.description else None,
        icon_json(spec.icon),
        spec.inline,
    )
    intent = store.begin(spec.key, {"op": OP, "parent": parent, "title": spec.title})
    try:
        info = await Databases(workspace).create(parent, new)
    except UnknownOutcomeError:
        raise
    except Exception:
        store.end(intent)
        raise
    found = _known(spec.key, info, made=True)
    with store.transaction():
        store.save_database(found)
        store.end(intent)
    later = [item for item in plan.schema if item not in first]
    return await alter(found, later, store, workspace) if later else found


async def alter(
    known: KnownDatabase, changes: Sequence[Property], store: Store, workspace: Workspace
) -> KnownDatabase:
    """Add properties, or options to properties. One write."""
    wanted = [
        replace(item, target=item.target or known.source)
        for item in changes
        if item.type in (*WRITABLE, "title")
    ]
    info = DatabaseInfo(known.id, known.source, known.url, known.title, schema=known.schema)
    info = await Databases(workspace).alter(info, workspace.dialect.schema(wanted, known.schema))
    found = replace(known, schema=info.schema)
    store.save_database(found)
    return found


def rich_text(dialect: Dialect, text: str) -> bytes:
    """Plain words as rich text of the service."""
    value = json.loads(dialect.properties([PropertyValue("text", "rich_text", text)]))["text"]["rich_text"]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
