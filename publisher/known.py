"""What the state knows: one value for each row of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from publisher.planning.base import Node


@dataclass(frozen=True, slots=True)
class CachedFile:
    """One file as it was when it was last converted. `facts` is what planning needs of it without parsing again."""

    path: str
    size: int
    mtime_ns: int
    hash: bytes
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CachedAsset:
    """A picture or another file that documents refer to, as it was when it was last read.

    `path` as in `Assets.names`. `size` in bytes and `mtime_ns` as the disk told them, -1 if they are not to be trusted;
    `mark` stands for the content in a commit. `hash` is empty for a file that was not read, `content_type` what it
    holds.
    """

    path: str
    size: int
    mtime_ns: int
    mark: str
    hash: str
    content_type: str


@dataclass(frozen=True, slots=True)
class KnownPage:
    """One published page. `path` is its file, or its folder if it has none.

    `content` is the digest of the whole body as last written, empty while the body is not known to be complete.
    `head` holds the digests of properties, icon and cover as last written. `links` remembers the address that each
    link got, so that an address that got better later does not cost a request. `base` is what we wrote last.
    """

    key: str
    id: str
    url: str
    parent: str
    title: str
    source: bytes = b""
    sketch: bytes = b""
    content: bytes = b""
    head: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    base: tuple[Node, ...] = ()
    removed: bool = False
    published: float = 0.0
    path: str = ""


@dataclass(frozen=True, slots=True)
class KnownDatabase:
    """A database that holds records. `key` is its folder's in the tree of pages.

    Records hang under `source` (on Notion the data source, on Buildin the database itself). `schema` is the service's
    JSON when it was last read or written. `made`: pagemill created it, and may add properties unasked.
    """

    key: str
    id: str
    source: str
    url: str = ""
    title: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict)
    made: bool = False


@dataclass(frozen=True, slots=True)
class KnownUpload:
    """A file that the workspace holds, or (not `whole`) of which it holds some parts.

    `hash` is that of its bytes. `page`: the id of the page that it is for, "" for any. `reference` is what the service
    calls it, under the key `kind` of a block. `parts`: the hash of each part that has arrived, by its number; "" for
    one that was on its way. `again`: some part went out more than once. `made`: Unix seconds. `used`: a page shows it,
    so that it does not expire.
    """

    hash: str
    page: str
    kind: str
    reference: Mapping[str, Any]
    whole: bool = True
    parts: Mapping[int, str] = field(default_factory=dict)
    again: bool = False
    made: float = 0.0
    used: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was about to be sent. `op` is its description, `key` its Idempotency-Key."""

    id: int
    page: str
    op: Mapping[str, Any]
    key: str
