"""Why a page refuses to be written: it, or a page above it, was moved to the trash."""

from __future__ import annotations

import re
from collections.abc import Iterable

from publisher.errors import Interrupted, PagemillError, RejectedError, TrashedError
from publisher.remote.adapter import PageInfo, read_page
from publisher.remote.databases import holders
from publisher.remote.workspace import GONE, Workspace

HEIGHT = 100  # pages above each other that are looked at at most


async def explained(
    error: PagemillError, page: str, parents: Iterable[str], workspace: Workspace
) -> PagemillError:
    """What a refused write about a page, or to put it under parents, failed for: a `TrashedError`, or the refusal as it
    is. All are ids.

    Only refusals that may be about the trash are looked into: one read for each page, and for each above it; up to four
    for a database.
    """
    if not isinstance(error, RejectedError) or not may_be_trash(error):
        return error
    try:
        for id in (page, *parents):
            if there := await in_trash(id, workspace):
                return moved_to_trash(there.id, above=there.id != page)
    except (PagemillError, Interrupted):  # then it stays a mystery for now
        return error
    return error


def moved_to_trash(id: str, above: bool = False, ours: bool = True) -> TrashedError:
    """What a person is told of a page, or one above it, that is in the trash; of one that is not `ours` as well."""
    what = "a page above this one" if above else "this page"
    if ours:
        said = f"Somebody moved {what} to trash. Restore it there, or publish with --on-conflict ours."
    else:  # nobody but its owner can make it anew
        said = (
            f"Somebody moved {what} to trash, and it is none of this folder's. Restore it there, or publish under "
            "another page with --parent."
        )
    return TrashedError(said, id, above)


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
    """A page, or the block or database that a page stands in."""
    adapter = workspace.adapter
    for request in (adapter.get_page(id), adapter.get_block(id), *holders(id, workspace.service)):
        try:
            return await workspace.ask(request, read_page)
        except RejectedError as error:
            if error.status not in GONE:
                raise
    return None


def may_be_trash(error: RejectedError) -> bool:
    """Whether a refusal can be about the trash; a 400 is mostly about the content."""
    words = re.search("archiv|trash", " ".join(error.words), re.IGNORECASE)
    return error.status in GONE and (error.status != 400 or words is not None)
