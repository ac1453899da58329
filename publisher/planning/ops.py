"""The requests a plan is made of, as values.

Handles: an id is either the service's own or a name that begins with "@" and is bound while the plan is applied
(a page's handle when it is created; a block's from the answer to an append or from reading children).
Every operation costs one request, except `ReadChildren` (one per 100 children).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from converters.dialects.base import BlockInput, PageHead

START = "@start"  # `Append.after`: before everything that stands there
END = "@end"  # `Append.after`: behind everything that stands there
RECORDS = "records:"  # a parent that begins with it is a database (on Notion a data source), not a page


def record_parent(source: str) -> str:
    """The parent of pages that are records of a database, by the id under which its records hang."""
    return RECORDS + source


def record_source(parent: str) -> str:
    """The inverse of `record_parent`; "" for any other parent."""
    return parent.removeprefix(RECORDS) if parent.startswith(RECORDS) else ""


@dataclass(frozen=True, slots=True)
class CreatePage:
    """A page and its first blocks. `page` is the handle to bind, `parent` a page's id or handle ("" = workspace root).

    `after` is the sibling page to stand behind, where a service can place a new page; "" = behind all that is there.
    """

    page: str
    parent: str
    head: PageHead
    children: tuple[BlockInput, ...] = ()
    after: str = ""


@dataclass(frozen=True, slots=True)
class UpdatePage:
    """Properties, icon, cover: only those that changed (None = leave alone)."""

    page: str
    properties: bytes | None = None
    icon: bytes | None = None
    cover: bytes | None = None


@dataclass(frozen=True, slots=True)
class MovePage:
    page: str
    parent: str


@dataclass(frozen=True, slots=True)
class TrashPage:
    page: str


@dataclass(frozen=True, slots=True)
class Append:
    """Blocks under `parent` (a page or a block), behind its child `after` (an id, a handle, START or END).

    `handles` has one entry per top-level block: a handle to bind to the new block's id, or "" if nobody needs it.
    """

    parent: str
    after: str
    blocks: tuple[BlockInput, ...]
    handles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateBlock:
    block: str
    input: BlockInput


@dataclass(frozen=True, slots=True)
class DeleteBlock:
    block: str


@dataclass(frozen=True, slots=True)
class ReadChildren:
    """Read the children of `parent` to learn ids: `handles` maps the place among our blocks, from 0, to a handle."""

    parent: str
    handles: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class ErasePage:
    """Delete everything that stands on a page, in one request: only where all of it is ours."""

    page: str


BlockOp: TypeAlias = Append | UpdateBlock | DeleteBlock | ReadChildren | ErasePage
Op: TypeAlias = CreatePage | UpdatePage | MovePage | TrashPage | BlockOp
