"""Why a page refuses to be written: it, or a page above it, was moved to the trash."""

from __future__ import annotations

import re
from collections.abc import Iterable

from publisher.errors import Interrupted, PagemillError, RejectedError, TrashedError
from publisher.remote.adapter import PageInfo, read_page
from publisher.remote.workspace import GONE, Workspace

HEIGHT = 100  # pages above each other that are looked at at most


async def explained(
    error: PagemillError, page: str, parents: Iterable[str], workspace: Workspace
) -> PagemillError:
    """What a refused write about a page, or to put it under parents, failed for: a `TrashedError`, or the refusal as it
    is. All are ids.

    Only refusals that may be about the trash are looked into: one read for each page, and for each above it.
    """
    if not isinstance(error, RejectedError) or not _may_be_trash(error):
        return error
    try:
        for id in (page, *parents):
            if there := await in_trash(id, workspace):
                above = there.id != page
                return TrashedError(f"{_ABOVE if above else _ITSELF} {_REMEDY}", there.id, above)
    except (PagemillError, Interrupted):  # then it stays a mystery for now
        return error
    return error


_ITSELF = "Somebody moved this page to trash."
_ABOVE = "Somebody moved a page above this one to trash."
_REMEDY = "Restore it there, or publish with --on-conflict ours."


async def in_trash(id: str, workspace: Workspace) -> PageInfo | None:
    """The highest that is in the trash of a page and those above it; None if there is none, as far as one can see."""
    found = None
    for _ in range(HEIGHT):
        there = await _look(id, workspace) if id else None
        if there is None:
            break
        found = there if there.in_trash else found
        id = there.parent_id
    return found


async def _look(id: str, workspace: Workspace) -> PageInfo | None:
    """A page, or the block that a page stands in."""
    for request in (workspace.adapter.get_page(id), workspace.adapter.get_block(id)):
        try:
            return await workspace.ask(request, read_page)
        except RejectedError as error:
            if error.status not in GONE:
                raise
    return None


def _may_be_trash(error: RejectedError) -> bool:
    """A 400 is mostly about the content."""
    words = re.search("archiv|trash", error.message, re.IGNORECASE)
    return error.status in GONE and (error.status != 400 or words is not None)
