"""Databases of both services, as requests and as values.

On Notion the schema and the records belong to a data source within the database; on Buildin to the database itself.
`source` is the one that records hang under; `planning.ops.record_parent` makes of it a parent for pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from converters.dialects.base import compact
from publisher.errors import RejectedError
from publisher.remote.adapter import (
    PAGE_SIZE,
    PageInfo,
    array,
    block_id,
    body,
    flag,
    page_info,
    segment,
    text,
)
from publisher.remote.adapter import parent_id as parent_of
from publisher.remote.notion import HEADERS
from publisher.remote.port import Answer, Nature, Request
from publisher.remote.workspace import Workspace

MUTATED = 100  # records that one request of Buildin's mutations endpoint may change (OpenAPI)


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """A database as the workspace holds it. `schema` is the service's JSON, by property name."""

    id: str
    source: str
    url: str = ""
    title: str = ""
    parent_id: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewDatabase:
    """What a database is created with; `properties` is the rendered schema, `icon` an icon's JSON or `null`."""

    title: bytes
    properties: bytes
    description: bytes | None = None
    icon: bytes = b"null"
    inline: bool = False


class Databases:
    """The databases of a workspace. Raises what `Workspace` raises."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.notion = workspace.service == "notion"

    async def get(self, id: str) -> DatabaseInfo | None:
        """A database, by its id or on Notion its data source's; None if there is none. One read, on Notion two."""
        try:
            shown = await self._json(_get(self._path("databases", id)))
        except RejectedError as error:
            if error.status not in (400, 404):
                raise
            return await self._by_source(id) if self.notion else None
        if shown.get("in_trash"):
            return None
        if not self.notion:
            return _info(shown, block_id(shown))
        sources = [source for source in shown.get("data_sources") or () if isinstance(source, dict)]
        if not sources:
            return None
        source = await self._json(_get(self._path("data_sources", str(sources[0]["id"]))))
        return _info(shown, block_id(source), source)

    async def _by_source(self, id: str) -> DatabaseInfo | None:
        try:
            source = await self._json(_get(self._path("data_sources", id)))
        except RejectedError as error:
            if error.status not in (400, 404):
                raise
            return None
        shown = await self._json(_get(self._path("databases", parent_of(source))))
        return _info(shown, block_id(source), source)

    async def find(self, title: str, parent: str) -> DatabaseInfo | None:
        """The database of this title right below a page, or at the workspace's root. One read per 100 blocks."""
        if parent:
            async for block in self.workspace.listed(
                lambda c: self.workspace.adapter.get_children(parent, c)
            ):
                content = block.get("child_database")
                if isinstance(content, Mapping) and content.get("title") == title:
                    return await self.get(block_id(block))
            return None
        kind = "data_source" if self.notion else "database"

        def ask(cursor: str) -> Request:
            wish: dict[str, Any] = {
                "filter": {"property": "object", "value": kind}, "page_size": PAGE_SIZE, "query": title,
            }  # fmt: skip
            return self._request(
                "POST", "search", "read", compact(wish | ({"start_cursor": cursor} if cursor else {}))
            )

        async for item in self.workspace.listed(ask):
            if _title(item) == title:
                found = await self.get(parent_of(item) if self.notion else block_id(item))
                if found is not None and not found.parent_id:
                    return found
        return None

    async def create(self, parent: str, new: NewDatabase) -> DatabaseInfo:
        """A new database below a page ("": at the workspace's root). One write, and on Notion one read."""
        place: bytes | None = None
        if self.notion:
            place = (
                body(type=b'"page_id"', page_id=text(parent))
                if parent
                else body(type=b'"workspace"', workspace=b"true")
            )
        elif parent:
            place = body(page_id=text(parent))
        content = body(
            parent=place,
            title=new.title,
            description=new.description,
            icon=None if new.icon == b"null" else new.icon,
            is_inline=flag(True) if new.inline else None,
            properties=None if self.notion else new.properties,
            initial_data_source=body(properties=new.properties) if self.notion else None,
        )
        shown = await self._json(self._request("POST", "databases", "write", content))
        if not self.notion and isinstance(shown.get("properties"), dict):
            return _info(shown, block_id(shown))
        found = await self.get(block_id(shown))
        assert found is not None  # it was created a moment ago
        return found

    async def alter(self, known: DatabaseInfo, properties: bytes) -> DatabaseInfo:
        """Add properties to the schema, or options to a property. One write."""
        kind = "data_sources" if self.notion else "databases"
        path = f"{kind}/{segment(known.source)}"
        shown = await self._json(self._request("PATCH", path, "idempotent", body(properties=properties)))
        return DatabaseInfo(
            known.id, known.source, known.url, known.title, known.parent_id, shown.get("properties") or {}
        )

    async def records(self, source: str) -> list[PageInfo]:
        """All records with their values. One read per 100."""
        kind = "data_sources" if self.notion else "databases"

        def ask(cursor: str) -> Request:
            wish: dict[str, Any] = {"page_size": PAGE_SIZE} | ({"start_cursor": cursor} if cursor else {})
            return self._request("POST", f"{kind}/{segment(source)}/query", "read", compact(wish))

        return [page_info(item) async for item in self.workspace.listed(ask) if item.get("object") == "page"]

    async def mutate(self, source: str, updates: Sequence[tuple[str, bytes]], key: str) -> None:
        """Set properties of up to 100 records in one transaction. One write; Buildin only."""
        items = [body(record_id=text(id), properties=properties) for id, properties in updates]
        request = Request(
            "POST",
            f"/v2/databases/{segment(source)}/mutations",
            body(update_records=array(items)),
            "idempotent",
            {"idempotency-key": key} if self.workspace.adapter.replays_creations else {},
        )
        await self._json(request)

    # beneath

    async def _json(self, request: Request) -> Mapping[str, Any]:
        return await self.workspace.ask(request, _object)

    def _path(self, kind: str, id: str) -> str:
        return f"{'/v1' if self.notion else '/v2'}/{kind}/{segment(id)}"

    def _request(self, method: str, path: str, nature: Nature, content: bytes) -> Request:
        if self.notion:
            return Request(method, f"/v1/{path}", content, nature, HEADERS)
        return Request(method, f"/v2/{path}", content, nature)


def _get(path: str) -> Request:
    return Request("GET", path, headers=HEADERS if path.startswith("/v1/") else {})


def holders(id: str, service: str) -> tuple[Request, ...]:
    """The requests that tell where the database stands that `id` is of, or on Notion its data source."""
    if service == "notion":
        return _get(f"/v1/data_sources/{segment(id)}"), _get(f"/v1/databases/{segment(id)}")
    return (_get(f"/v2/databases/{segment(id)}"),)


def _object(answer: Answer) -> Mapping[str, Any]:
    data = answer.json()
    if data.get("object") != "database_mutation":
        block_id(data)  # raises where there is none
    assert isinstance(data, dict)  # the client lets nothing else through
    return data


def _info(shown: Mapping[str, Any], source: str, holder: Mapping[str, Any] | None = None) -> DatabaseInfo:
    schema = (holder or shown).get("properties")
    return DatabaseInfo(
        block_id(shown),
        source,
        str(shown.get("url") or ""),
        _title(shown),
        parent_of(shown),
        schema if isinstance(schema, dict) else {},
    )


def _title(shown: Mapping[str, Any]) -> str:
    items = shown.get("title")
    return "".join(str(item.get("plain_text") or "") for item in items) if isinstance(items, list) else ""
