"""Before anything is planned: find out what became of writes whose answer never came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from publisher.apply import Applier
from publisher.errors import PagemillError, TokenError, UnknownOutcomeError, UnreachableError
from publisher.known import Intent, KnownPage
from publisher.notes import revive
from publisher.outline import head_digests
from publisher.planning.ops import (
    Append,
    CreatePage,
    DeleteBlock,
    ErasePage,
    ReadChildren,
    UpdateBlock,
    record_source,
)
from publisher.planning.record_values import record_digests
from publisher.remote.adapter import PageInfo
from publisher.remote.databases import Databases
from publisher.remote.workspace import Workspace
from publisher.store import Store


async def settle_creations(applier: Applier, store: Store, workspace: Workspace) -> None:
    """For every page whose creation was begun and never answered: adopt it, or know that it is not there.

    With an Idempotency-Key the same request is sent again, byte for byte, and gives the first answer. Elsewhere the
    parent's child pages are read: one with our title that the state does not know is ours.

    Raises:
        TokenError, UnreachableError, UnknownOutcomeError: it cannot be found out now; the intent stays.
    """
    for intent in store.intents():
        op = revive(intent.op)
        if not isinstance(op, CreatePage):
            continue
        goal = _goal(intent, op, store)
        if workspace.adapter.replays_creations:
            try:
                info = await workspace.create_page(op.parent, op.head, op.children, intent.key)
            except (TokenError, UnreachableError, UnknownOutcomeError):
                raise
            except PagemillError:  # refused now, so it was not done before either: it is planned anew
                store.end(intent.id)
            else:
                applier.created(goal, info, op.children, intent.id)
            continue
        known = {page.id for page in store.pages().values()}
        for page in await _titled(goal.title, op.parent, workspace):
            if page.id not in known and await _is_ours(page.id, op, workspace):
                applier.created(goal, page, op.children, intent.id)
                break
        else:
            store.end(intent.id)


def _goal(intent: Intent, op: CreatePage, store: Store) -> KnownPage:
    """The page as it was about to be created: nothing of it has to be sent again."""
    if source := record_source(op.parent):
        above = next((base.key for base in store.databases().values() if base.source == source), "")
        head = record_digests(op.head)
    else:
        above = next((page.key for page in store.pages().values() if page.id == op.parent), "")
        head = head_digests(op.head)
    return KnownPage(intent.page, "", "", above, intent.op["title"], head=head)


async def _titled(title: str, parent: str, workspace: Workspace) -> list[PageInfo]:
    """The pages of a title right below a page, or the records of a title in a database."""
    if source := record_source(parent):
        return [page for page in await Databases(workspace).records(source) if page.title == title]
    return await workspace.find_pages(title, parent)


async def _is_ours(id: str, op: CreatePage, workspace: Workspace) -> bool:
    """Whether a page of the right title holds what was about to be sent: somebody may have made one of that name."""
    there = [block.input.type for block in await workspace.children(id) if block.ours]
    return there[: len(op.children)] == [block.type for block in op.children]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A write about an existing page whose outcome is not known. `op` is None if the page must only be read again.

    `recognised`: nobody sent it in this life of the state; it is what a recognised page should hold.
    """

    intent: int
    op: Append | UpdateBlock | DeleteBlock | ErasePage | None
    recognised: bool = False


def pending(intents: Iterable[Intent], page: str) -> list[Doubt]:
    """The writes about a page whose outcome is not known, in the order in which they were begun."""
    found = []
    for intent in intents:
        op = revive(intent.op) if intent.page == page else None
        if intent.page == page and not isinstance(op, CreatePage | ReadChildren):
            found.append(Doubt(intent.id, op, bool(intent.op.get("adopt"))))
    return found
