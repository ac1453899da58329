"""Before anything is planned: find out what became of writes whose answer never came."""

from __future__ import annotations

from collections.abc import Iterable

from publisher.apply import Applier, revive
from publisher.errors import PagemillError, TokenError, UnknownOutcomeError, UnreachableError
from publisher.planning.ops import Append, CreatePage, DeleteBlock, UpdateBlock
from publisher.remote.workspace import Workspace
from publisher.store import Intent, KnownPage, Store


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
        goal = KnownPage(intent.page, "", "", "", intent.op["title"])
        if workspace.replays_creations:
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
        found = [page for page in await workspace.find_pages(goal.title, op.parent) if page.id not in known]
        if found:
            applier.created(goal, found[0], op.children, intent.id)
        else:
            store.end(intent.id)


def pending(intents: Iterable[Intent]) -> dict[str, list[tuple[int, Append | UpdateBlock | DeleteBlock | None]]]:
    """By page: the writes about existing pages whose outcome is not known, with their intents' numbers."""
    found: dict[str, list[tuple[int, Append | UpdateBlock | DeleteBlock | None]]] = {}
    for intent in intents:
        op = revive(intent.op)
        if not isinstance(op, CreatePage):
            found.setdefault(intent.page, []).append((intent.id, op))
    return found
