"""Buildin's API, version 2, as requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from converters.dialects.base import PageHead, compact
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
from publisher.remote.port import Answer, Request

ADDRESS = "https://api.buildin.ai"


@dataclass(frozen=True, slots=True)
class BuildinAdapter:
    """`idempotency_keys`: send `Idempotency-Key` on creation. A server that refuses the header needs it off."""

    idempotency_keys: bool = True
    service: str = "buildin"

    @property
    def replays_creations(self) -> bool:
        return self.idempotency_keys

    def create_page(
        self, parent: str, head: PageHead, children: Sequence[bytes] = (), key: str = "", after: str = ""
    ) -> Request:
        content = body(
            parent=_place(parent) if parent else None,
            properties=head.properties,
            icon=unless_null(head.icon),
            cover=unless_null(head.cover),
            children=array(children) if children else None,
        )
        if key and self.idempotency_keys:
            return Request("POST", "/v2/pages", content, "idempotent", {"idempotency-key": key})
        return Request("POST", "/v2/pages", content, "write")

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
        headers = {"if-match": if_match} if if_match else {}
        return Request("PATCH", f"/v2/pages/{segment(page)}", changes, "idempotent", headers)

    def move_page(self, page: str, parent: str) -> Request:
        place = body(parent=_place(parent) if parent else body(workspace=b"true"))
        return Request("PATCH", f"/v2/pages/{segment(page)}/move", place, "idempotent")

    def get_page(self, page: str) -> Request:
        return Request("GET", f"/v2/pages/{segment(page)}")

    def append(self, parent: str, after: str, children: Sequence[bytes], first_child: str = "") -> Request:
        before = text(first_child) if after == START and first_child else None
        behind = text(after) if after not in (START, END) else None
        changes = body(children=array(children), after=behind, before=before)
        return Request("PATCH", f"/v2/blocks/{segment(parent)}/children", changes, "write")

    def needs_first_child(self, after: str) -> bool:
        return after == START

    def get_children(self, block: str, cursor: str = "", page_size: int = PAGE_SIZE) -> Request:
        return Request("GET", f"/v2/blocks/{segment(block)}/children{listing_query(cursor, page_size)}")

    def get_block(self, block: str) -> Request:
        return Request("GET", f"/v2/blocks/{segment(block)}")

    def update_block(self, block: str, body: bytes) -> Request:
        return Request("PATCH", f"/v2/blocks/{segment(block)}", body, "idempotent")

    def delete_block(self, block: str) -> Request:
        return Request("DELETE", f"/v2/blocks/{segment(block)}", None, "idempotent")

    def trash_block(self, block: str, in_trash: bool = True) -> Request:
        return Request("PATCH", f"/v2/blocks/{segment(block)}", body(in_trash=flag(in_trash)), "idempotent")

    def erase(self, page: str) -> Request | None:
        return None

    def get_comments(self, block: str) -> Request | None:
        return None

    def search(self, query: str, cursor: str = "") -> Request:
        wish: dict[str, Any] = {
            "filter": {"property": "object", "value": "page"},
            "page_size": PAGE_SIZE,
            "query": query,
        }
        if cursor:
            wish["start_cursor"] = cursor
        return Request("POST", "/v2/search", compact(wish), "read")

    def me(self) -> Request:
        return Request("GET", "/v2/users/me")

    def read_me(self, answer: Answer) -> Me:
        data = answer.json()
        return Me(block_id(data), str(data.get("name") or ""), str(data.get("workspace_name") or ""))


def _place(parent: str) -> bytes:
    """A page, or the database whose record the page is; the schema is closed: no "type" in it."""
    if source := record_source(parent):
        return body(database_id=text(source))
    return body(page_id=text(parent))
