"""Before anything is planned: find out what became of writes whose answer never came, and find lost pages again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from converters.dialects.base import BlockInput
from publisher.apply import Applier, creation_of
from publisher.errors import PagemillError, UnknownOutcomeError
from publisher.planning.base import Node
from publisher.planning.ops import Append, DeleteBlock, UpdateBlock
from publisher.planning.settle import Pending
from publisher.remote.workspace import PageInfo, Workspace
from publisher.store import Intent, KnownPage, Store, load_nodes


async def settle_creations(applier: Applier, store: Store, workspace: Workspace) -> None:
    """For every page whose creation was begun and never answered: adopt it, or know that it is not there.

    With an Idempotency-Key the same request is sent again, byte for byte, and gives the first answer. Elsewhere the
    parent's child pages are read: one with our title that the state does not know is ours.
    """
    for intent in store.intents():
        if intent.op["op"] != "create":
            continue
        parent, head, nodes = creation_of(intent.op)
        goal = KnownPage(intent.page, "", "", "", "")
        if workspace.replays_creations:
            body = [intent.body] if intent.body else []
            try:
                info = await workspace.create_page(parent, head, body, idempotency_key=intent.key)
            except UnknownOutcomeError:
                raise
            except PagemillError:  # refused now, so it was not done before either: plan it anew
                store.end(intent.id)
                continue
            applier.created(goal, info, nodes, intent.id)
            continue
        known = {page.id for page in store.pages().values()}
        title = workspace.title_of(head)
        found = [page for page in await workspace.find_pages(title, parent) if page.id not in known]
        if found:
            applier.created(goal, found[0], nodes, intent.id)
        else:
            store.end(intent.id)


def pending_of(intents: Iterable[Intent], page: str) -> tuple[tuple[int, Pending], ...]:
    """The block operations about a page whose outcome is not known, with their intents' numbers."""
    found: list[tuple[int, Pending]] = []
    for intent in intents:
        if intent.page != page:
            continue
        op = intent.op
        match op["op"]:
            case "append":
                found.append((intent.id, Pending.append(op["parent"], op["after"], load_nodes(op["nodes"]))))
            case "update":
                found.append((intent.id, Pending.update(op["block"], load_nodes(op["node"])[0])))
            case "delete":
                found.append((intent.id, Pending.delete(op["block"])))
    return tuple(found)
