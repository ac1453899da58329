"""A publish that sends no write: what would be sent is written down and answered here; reads go to the workspace.

The whole of publishing runs as it is, so what it would send now is what it will send, as long as nothing changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import uuid4

from publisher.errors import UsageError
from publisher.remote.ids import canonical
from publisher.remote.port import Answer, Request, Transport

_BASES = ("databases", "data_sources")
NEW = "https://new.invalid/"  # where pages stand that are not there yet

_PATH = re.compile(
    r"/v([12])/(pages|blocks|databases|data_sources)(?:/([^/?]+))?(/children|/move|/query|/mutations)?(?:\?.*)?$"
)


class Rehearsal:
    """A transport that answers writes itself, and reads about what it pretended to have written.

    `writes` are all of them, each with the page that it is about; `made` the ids of what is there only here.

    Args:
        inner: answers all other reads.
        page: which page the work is about at this moment.
        count: is called for every request that does not reach `inner`.
    """

    def __init__(self, inner: Transport, page: Callable[[], str], count: Callable[[], None]) -> None:
        self.writes: list[tuple[str, Request]] = []
        self.reads = 0  # that were answered here
        self._inner = inner
        self._page = page
        self._count = count
        self._children: dict[str, list[dict[str, Any]]] = {}  # of what was made here
        self._pages: dict[str, list[dict[str, Any]]] = {}  # made here, below what is really there
        self._bases = _Bases()

    @property
    def made(self) -> Collection[str]:
        return self._children.keys()

    async def send(self, request: Request) -> Answer:
        found = _PATH.match(request.path)
        version, kind, id, more = found.groups() if found else ("", "", "", "")
        id = canonical(id or "")
        if request.nature == "read":
            return await self._read(request, kind, id, more)
        self.writes.append((self._page(), request))
        self._count()
        body = json.loads(request.body or b"{}")
        match kind, request.method, more:
            case "pages", "POST", None:
                id = self._make(body.get("children", []))
                self._put(id, canonical(body.get("parent", {}).get("page_id", "")))
                return _answer(_page(id))
            case "blocks", "PATCH", "/children":
                return _answer(_listing(self._append(id, body["children"])))
            case (("pages" | "blocks"), ("PATCH" | "POST" | "DELETE"), (None | "/move")):
                return _answer(_page(id))
            case "databases", "POST", None:
                id = self._make([])
                self._put(id, canonical((body.get("parent") or {}).get("page_id", "")), "child_database")
                return _answer(self._bases.make(body, id, self._make([]) if version == "1" else id))
            case (("databases" | "data_sources"), "PATCH", None):
                return _answer(self._bases.alter(id, body["properties"]))
            case "databases", "POST", "/mutations":
                return _answer({"object": "database_mutation"})
        raise UsageError(
            f"{request.method} {request.path} cannot be planned exactly before it is sent.",
            "Plan without --refresh and --out.",
        )

    async def _read(self, request: Request, kind: str, id: str, more: str | None) -> Answer:
        """What there is; of what the run only pretended to make, what it would be."""
        if id in self._children:
            self.reads += 1
            self._count()
            return _answer(_listing(self._children[id]) if more else self._bases.shown(id) or _page(id))
        answer = await self._inner.send(request)
        if kind in _BASES and not more:
            self._bases.seen(id, answer)
        return self._with_new_pages(id if more == "/children" else "", answer)

    async def close(self) -> None:
        await self._inner.close()

    def _put(self, id: str, parent: str, kind: str = "child_page") -> None:
        """A new page or database stands among the children of its parent, behind all others."""
        block = {
            "object": "block",
            "id": id,
            "type": kind,
            kind: {"title": ""},
            "has_children": True,
        }
        children = self._children if parent in self._children else self._pages
        children.setdefault(parent, []).append(block)

    def _with_new_pages(self, parent: str, answer: Answer) -> Answer:
        """The last part of a list of children, with the pages that were put there."""
        added = self._pages.get(parent) if parent else None
        if not added or (listing := answer.json()).get("has_more"):
            return answer
        return _answer({**listing, "results": [*listing["results"], *added]})

    def _make(self, children: Sequence[Mapping[str, Any]]) -> str:
        id = str(uuid4())
        self._children[id] = [self._block(child) for child in children]
        return id

    def _append(self, id: str, children: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        made = [self._block(child) for child in children]
        if id in self._children:
            self._children[id] += made
        return made

    def _block(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A block as a service gives it back; Notion takes children inside its content, Buildin beside it."""
        kind = given["type"]
        content = dict(given[kind])
        inside = content.pop("children", None) or given.get("children") or []
        id = self._make(inside)
        return {"object": "block", "id": id, "type": kind, kind: content, "has_children": bool(inside)}


class _Bases:
    """Databases as they would be: those made here, and the schemas of others as they were read and changed."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, Any]] = {}  # databases, and on Notion data sources
        self._schemas: dict[str, dict[str, Any]] = {}  # by the id of what holds it

    def shown(self, id: str) -> dict[str, Any] | None:
        made = self._made.get(id)
        return {**made, "properties": self._schemas[id]} if made and id in self._schemas else made

    def seen(self, id: str, answer: Answer) -> None:
        """A database or data source that is really there has been read."""
        self._schemas[id] = dict(answer.json().get("properties") or {})

    def make(self, body: Mapping[str, Any], id: str, source: str) -> dict[str, Any]:
        """A new database; `source` holds its records: its data source, or it itself."""
        title = [{**item, "plain_text": item["text"]["content"]} for item in body.get("title", [])]
        place = {"type": "database_id", "database_id": id}
        self._made[source] = {"object": "data_source", "id": source, "parent": place}
        self._made[id] = {
            "object": "database", "id": id, "url": NEW + id, "title": title, "parent": body.get("parent"),
            "data_sources": [{"id": source}],
        }  # fmt: skip
        self.alter(source, (body.get("initial_data_source") or body)["properties"])
        return self.shown(id) or {}

    def alter(self, id: str, properties: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The holder of a schema with more in it."""
        schema = self._schemas.setdefault(id, {})
        for name, entry in properties.items():
            schema[name] = {"id": name, "name": name, **schema.get(name, {}), **entry}
        return {"id": id, "properties": schema}


def _page(id: str) -> dict[str, Any]:
    return {"object": "page", "id": id, "url": NEW + id, "properties": {}}


def _listing(results: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "results": results, "has_more": False, "next_cursor": None}


def _answer(value: object) -> Answer:
    return Answer(200, {}, json.dumps(value).encode())
