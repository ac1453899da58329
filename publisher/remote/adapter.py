"""What an adapter is: pure functions from neutral values to a service's requests, and from its answers back.

An adapter sends nothing and knows no clock. Bodies are put together from the JSON bytes that a dialect rendered,
without decoding them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from converters.dialects.base import PageHead
from publisher.remote.ids import canonical
from publisher.remote.port import Answer, Request

PAGE_SIZE = 100  # the most that both services give at once


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A page as the workspace holds it, without its body.

    `parent_id` is "" at the workspace's root. `etag` is "" where the service gives none. Ids are dashed and in lower
    case. `properties` is the service's JSON.
    """

    id: str
    url: str = ""
    title: str = ""
    parent_id: str = ""
    in_trash: bool = False
    etag: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Me:
    """Whose token this is."""

    id: str
    name: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, as the service gave it; `cursor` is "" on the last one."""

    results: tuple[Mapping[str, Any], ...]
    cursor: str = ""


class Adapter(Protocol):
    """The requests of one service. A `parent` of "" is the workspace's root."""

    @property
    def service(self) -> str: ...

    @property
    def replays_creations(self) -> bool:
        """Whether the same creation, sent again with its key, gives the first answer instead of a second page."""
        ...

    def create_page(
        self, parent: str, head: PageHead, children: Sequence[bytes] = (), key: str = "", after: str = ""
    ) -> Request:
        """`children`: at most 100 rendered blocks. `key` makes it repeatable where the service knows such keys.

        `after`: the sibling page to stand behind, where the service can place a new page.
        """
        ...

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
        """Only what is not None. `if_match`: the etag that must still hold, where the service knows etags."""
        ...

    def move_page(self, page: str, parent: str) -> Request:
        """Raises `UsageError` where the service has no such move."""
        ...

    def get_page(self, page: str) -> Request: ...

    def append(self, parent: str, after: str, children: Sequence[bytes], first_child: str = "") -> Request:
        """`after`: an id, START or END. `first_child`: what stands first now; Buildin needs it for START."""
        ...

    def needs_first_child(self, after: str) -> bool:
        """Whether `append` has to be told the first child for this place."""
        ...

    def get_children(self, block: str, cursor: str = "", page_size: int = PAGE_SIZE) -> Request: ...

    def get_block(self, block: str) -> Request: ...

    def update_block(self, block: str, body: bytes) -> Request: ...

    def delete_block(self, block: str) -> Request: ...

    def trash_block(self, block: str, in_trash: bool = True) -> Request:
        """The other way to delete a block, for when `delete_block` is not there; and the way back."""
        ...

    def erase(self, page: str) -> Request | None:
        """Delete everything that stands on a page in one request; None where the service has no such thing."""
        ...

    def get_comments(self, block: str) -> Request | None:
        """The open comments of a page or block (one is enough to know); None where the service does not tell."""
        ...

    def search(self, query: str, cursor: str = "") -> Request:
        """Pages whose title matches; all pages that the token sees for ""."""
        ...

    def me(self) -> Request: ...

    def read_me(self, answer: Answer) -> Me:
        """Raises as `read_page`."""
        ...


def body(**parts: bytes | None) -> bytes:
    """A JSON object of parts that are JSON already; None is left out."""
    return (
        b"{"
        + b",".join(b'"' + name.encode() + b'":' + part for name, part in parts.items() if part is not None)
        + b"}"
    )


def array(items: Sequence[bytes]) -> bytes:
    """A JSON array of items that are JSON already."""
    return b"[" + b",".join(items) + b"]"


def text(value: str) -> bytes:
    """A JSON string."""
    return json.dumps(value, ensure_ascii=False).encode()


def flag(value: bool | None) -> bytes | None:
    """A JSON boolean, None for None."""
    return None if value is None else b"true" if value else b"false"


def unless_null(value: bytes) -> bytes | None:
    """None for `null`: a new page needs nothing cleared."""
    return None if value == b"null" else value


def segment(id: str) -> str:
    """An id as a part of a path: whatever is in it, it stays one part."""
    return quote(id, safe="") if id.strip(".") else "%2E" * len(id)


def listing_query(cursor: str, page_size: int) -> str:
    """The query of a list."""
    return "?" + urlencode({"page_size": page_size} | ({"start_cursor": cursor} if cursor else {}))


def read_listing(answer: Answer) -> Listing:
    """One page of a list.

    Raises:
        ValueError: the answer is no list.
    """
    data = answer.json()
    results = data.get("results")
    if not isinstance(results, list):
        raise ValueError("a list without results")
    if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in results):
        raise ValueError("a list of objects without ids")
    cursor = data.get("next_cursor") if data.get("has_more") else None
    return Listing(tuple(results), cursor if isinstance(cursor, str) else "")


def read_page(answer: Answer) -> PageInfo:
    """The page of an answer about a page.

    Raises:
        ValueError: the answer has no id.
    """
    return page_info(answer.json(), answer.headers.get("etag", ""))


def page_info(data: Mapping[str, Any], etag: str = "") -> PageInfo:
    """A page object of either service.

    Raises:
        ValueError: it has no id.
    """
    return PageInfo(
        block_id(data),
        _text(data.get("url")),
        _title(data.get("properties")),
        parent_id(data),
        bool(data.get("in_trash") or data.get("archived")),
        etag,
        found if isinstance(found := data.get("properties"), dict) else {},
    )


def block_id(data: Mapping[str, Any]) -> str:
    """The id of a block or page object.

    Raises:
        ValueError: it has none.
    """
    if not (id := _text(data.get("id"))):
        raise ValueError("an object without id")
    return canonical(id)


def parent_id(data: Mapping[str, Any]) -> str:
    """The parent's id of a block or page object; "" for the workspace's root."""
    parent = data.get("parent")
    if not isinstance(parent, dict):
        return ""
    for kind in ("page_id", "block_id", "data_source_id", "database_id"):
        if found := _text(parent.get(kind)):
            return canonical(found)
    return ""


def _title(properties: object) -> str:
    """The plain text of the one property that is a title, whatever its name."""
    for value in properties.values() if isinstance(properties, dict) else ():
        if isinstance(value, dict) and isinstance(items := value.get("title"), list):
            return "".join(_plain(item) for item in items if isinstance(item, dict))
    return ""


def _plain(item: Mapping[str, Any]) -> str:
    inner = item.get("text")
    return _text(item.get("plain_text")) or (_text(inner.get("content")) if isinstance(inner, dict) else "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
