"""Notion's API, version 2026-03-11, as requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from converters.dialects.base import PageHead, compact
from publisher.errors import UsageError
from publisher.planning.ops import END, START, record_source
from publisher.remote.adapter import (
    PAGE_SIZE,
    Me,
    array,
    block_id,
    body,
    flag,
    listing_query,
    segment,
    text,
    unless_null,
)
from publisher.remote.port import Answer, Nature, Request

VERSION = "2026-03-11"
ADDRESS = "https://api.notion.com"
HEADERS = MappingProxyType({"notion-version": VERSION})


@dataclass(frozen=True, slots=True)
class NotionAdapter:
    """Notion has no Idempotency-Key and no If-Match: both are ignored, and a creation is a plain write."""

    service: str = "notion"

    @property
    def replays_creations(self) -> bool:
        return False

    def create_page(
        self, parent: str, head: PageHead, children: Sequence[bytes] = (), key: str = "", after: str = ""
    ) -> Request:
        place = _place(parent) if parent else _ROOT
        behind = body(type=b'"after_block"', after_block=body(id=text(after))) if parent and after else None
        return _request(
            "POST",
            "/v1/pages",
            "write",
            body(
                parent=place,
                properties=head.properties,
                icon=unless_null(head.icon),
                cover=unless_null(head.cover),
                children=array(children) if children else None,
                position=behind,
            ),
        )

    def update_page(
        self,
        page: str,
        *,
        properties: bytes | None = None,
        icon: bytes | None = None,
        cover: bytes | None = None,
        in_trash: bool | None = None,
        if_match: str = "",
    ) -> Request:
        changes = body(properties=properties, icon=icon, cover=cover, in_trash=flag(in_trash))
        return _request("PATCH", f"/v1/pages/{segment(page)}", "idempotent", changes)

    def move_page(self, page: str, parent: str) -> Request:
        if not parent:
            raise UsageError(
                "Notion cannot move a page to the workspace's root.", "Name a page with --parent."
            )
        place = body(parent=_place(parent))
        return _request("POST", f"/v1/pages/{segment(page)}/move", "idempotent", place)

    def get_page(self, page: str) -> Request:
        return _request("GET", f"/v1/pages/{segment(page)}")

    def append(self, parent: str, after: str, children: Sequence[bytes], first_child: str = "") -> Request:
        match after:
            case _ if after == START:
                position: bytes | None = body(type=b'"start"')
            case _ if after == END:
                position = None
            case _:
                position = body(type=b'"after_block"', after_block=body(id=text(after)))
        changes = body(children=array(children), position=position)
        return _request("PATCH", f"/v1/blocks/{segment(parent)}/children", "write", changes)

    def needs_first_child(self, after: str) -> bool:
        return False

    def get_children(self, block: str, cursor: str = "", page_size: int = PAGE_SIZE) -> Request:
        return _request("GET", f"/v1/blocks/{segment(block)}/children{listing_query(cursor, page_size)}")

    def get_block(self, block: str) -> Request:
        return _request("GET", f"/v1/blocks/{segment(block)}")

    def update_block(self, block: str, body: bytes) -> Request:
        return _request("PATCH", f"/v1/blocks/{segment(block)}", "idempotent", body)

    def delete_block(self, block: str) -> Request:
        return _request("DELETE", f"/v1/blocks/{segment(block)}", "idempotent")

    def trash_block(self, block: str, in_trash: bool = True) -> Request:
        return _request("PATCH", f"/v1/blocks/{segment(block)}", "idempotent", body(in_trash=flag(in_trash)))

    def erase(self, page: str) -> Request | None:
        # "write": sent once more after a lost answer, it would take along what somebody has written since
        return _request("PATCH", f"/v1/pages/{segment(page)}", "write", body(erase_content=b"true"))

    def get_comments(self, block: str) -> Request | None:
        return _request("GET", "/v1/comments?" + urlencode({"block_id": block, "page_size": 1}))

    def search(self, query: str, cursor: str = "") -> Request:
        wish: dict[str, Any] = {
            "filter": {"property": "object", "value": "page"},
            "page_size": PAGE_SIZE,
            "query": query,
        }
        if cursor:
            wish["start_cursor"] = cursor
        return _request("POST", "/v1/search", "read", compact(wish))

    def me(self) -> Request:
        return _request("GET", "/v1/users/me")

    def read_me(self, answer: Answer) -> Me:
        data = answer.json()
        bot = data.get("bot")
        workspace = bot.get("workspace_name") if isinstance(bot, Mapping) else None
        return Me(block_id(data), str(data.get("name") or ""), str(workspace or ""))


def _place(parent: str) -> bytes:
    """A page, or the data source whose record the page is."""
    if source := record_source(parent):
        return body(type=b'"data_source_id"', data_source_id=text(source))
    return body(type=b'"page_id"', page_id=text(parent))


_ROOT = body(type=b'"workspace"', workspace=b"true")


def _request(method: str, path: str, nature: Nature = "read", content: bytes | None = None) -> Request:
    return Request(method, path, content, nature, HEADERS)
