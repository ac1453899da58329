"""A client for tests of the embedded workspace: both services over one app in process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from publisher.emulator.app import DEFAULT_URL, create_app
from publisher.emulator.store import Store

CURRENT = "2026-03-11"


def text(content: str) -> list[dict[str, Any]]:
    """Rich text of one item, as both services take it."""
    return [{"type": "text", "text": {"content": content}}]


def titled(title: str) -> dict[str, Any]:
    """Properties of a plain page, as both services take them."""
    return {"title": {"type": "title", "title": text(title)}}


def block(kind: str, content: dict[str, Any] | None = None, **beside: Any) -> dict[str, Any]:
    """A block input; text blocks get the text "t"."""
    words = {"rich_text": text("t")}
    return {"type": kind, kind: words if content is None else content, **beside}


def row(*cells: str) -> dict[str, Any]:
    return block("table_row", {"cells": [text(cell) for cell in cells]})


@dataclass
class Workspace:
    """An app, and ways to call it."""

    app: Starlette = field(default_factory=lambda: create_app(None))

    @property
    def store(self) -> Store:
        store = self.app.state.store
        assert isinstance(store, Store)
        return store

    def raw(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any request, as httpx takes it. A header of None is left out."""
        headers = {"Authorization": "Bearer test", "Notion-Version": CURRENT, **more.pop("headers", {})}
        given = {name: value for name, value in headers.items() if value is not None}
        return asyncio.run(self._request(method, path, headers=given, **more))

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url=DEFAULT_URL) as client:
            return await client.request(method, path, **more)

    def send(self, method: str, path: str, body: Any = None, **headers: str | None) -> httpx.Response:
        """A request with a JSON body; keyword arguments are headers with "_" for "-"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {} if body is None else {"json": body}
        return self.raw(method, path, headers=named, **sent)

    def ok(self, method: str, path: str, body: Any = None, **headers: str | None) -> Any:
        """The decoded answer of a request that must succeed."""
        answer = self.send(method, path, body, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(
        self, method: str, path: str, body: Any = None, code: str = "validation_error", **headers: str
    ) -> Any:
        """The error of a request that must be refused with this code."""
        answer = self.send(method, path, body, **headers)
        error = answer.json()
        assert answer.status_code >= 400, answer.text
        assert (error["object"], error["status"], error["code"]) == ("error", answer.status_code, code), error
        assert error["request_id"] == (
            answer.headers.get("X-Request-Id") or answer.headers["X-Notion-Request-Id"]
        )
        return error

    def page(self, title: str = "Page", parent: str = "", children: list[Any] | None = None) -> str:
        """A new page through Buildin; its id."""
        body: dict[str, Any] = {"properties": titled(title), "children": children or []}
        if parent:
            body["parent"] = {"page_id": parent}
        return str(self.ok("POST", "/v2/pages", body)["id"])

    def append(self, parent: str, *children: Any, **position: Any) -> list[str]:
        """Append through Buildin; the ids of the first level."""
        body = {"children": list(children), **position}
        answer = self.ok("PATCH", f"/v2/blocks/{parent}/children", body)
        return [str(result["id"]) for result in answer["results"]]

    def texts(self, parent: str) -> list[str]:
        """The plain texts (or titles) of the children, read page by page through Notion."""
        found: list[str] = []
        query = "?page_size=100"
        while query:
            answer = self.ok("GET", f"/v1/blocks/{parent}/children{query}")
            for child in answer["results"]:
                content = child[child["type"]]
                items = content.get("rich_text", [])
                found.append(content.get("title") or "".join(item["plain_text"] for item in items))
            query = f"?page_size=100&start_cursor={answer['next_cursor']}" if answer["has_more"] else ""
        return found
