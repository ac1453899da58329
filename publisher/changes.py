"""Pages that exist and may differ from the folder: read, compare, send the difference, pages beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from converters.diagnostics import Diagnostic, diagnostic
from publisher import shapes
from publisher.apply import Applier, Outcome, PageStep
from publisher.errors import PagemillError, RejectedError, TrashedError
from publisher.known import KnownPage
from publisher.outline import Change
from publisher.planning.merge import Conflict, Drift, Policy
from publisher.planning.ops import MovePage, Op, UpdatePage
from publisher.planning.order import page_handle
from publisher.planning.packing import Handles
from publisher.planning.tree import PageNode
from publisher.remote.trashed import moved_to_trash
from publisher.remote.workspace import GONE
from publisher.report import Action
from publisher.settings import Settings
from publisher.shapes import Shape
from publisher.store import Store
from publisher.update import Body, Examined, Terms, examine

_KINDS = {
    "edited": "Somebody has edited the {type} that stands here",
    "deleted": "Somebody has deleted the {type} that stands here",
    "moved": "Somebody has moved the {type} that stands here",
    "removed": "The file has dropped a {type} that somebody has edited",
    "replaced": "The file makes another kind of block of a {type} that somebody has edited",
    "commented": "A {type} that the file has no more has open comments",
}
_SETTLED = {"stop": "the page was left alone", "theirs": "it stays so", "ours": "the file's text was written"}


class Changes:
    """Examines and updates known pages. `actions` says afterwards what was done to each, `notes` why it was not.

    With `force` blocks are deleted whatever comments they have.
    """

    def __init__(
        self, settings: Settings, found: Shape, applier: Applier, handles: Handles, force: bool = False
    ) -> None:
        self.settings = settings
        self.found = found
        self.applier = applier
        self.handles = handles
        self.force = force
        self.actions: dict[str, Action] = {}
        self.notes: dict[str, str] = {}
        self.diagnostics: list[Diagnostic] = []

    async def run(
        self, changes: Sequence[Change], on_done: Callable[[PageStep], None], context: Callable[[str], Any]
    ) -> Outcome:
        """Bring all these pages to what the folder says."""
        known = self.applier.store.pages()  # without those below a page that is to be made anew
        by_key = {change.wanted.key: change for change in changes if change.known.key in known}
        steps = [PageStep(key, (), _goal(change)) for key, change in by_key.items()]

        async def prepare(step: PageStep) -> PageStep | None:
            return await self._prepare(step, by_key[step.page])

        outcome = await self.applier.run(
            steps, self.settings.concurrency, on_done, prepare=prepare, context=context
        )
        for key, error in list(outcome.failed.items()):
            if await self._gone(by_key[key].known.id, error):
                del outcome.failed[key]
                self._regain(key, outcome)
        return outcome

    async def _gone(self, id: str, error: PagemillError) -> bool:
        """Whether a refusal means that somebody moved the page to trash, or took it away from the token."""
        if isinstance(error, TrashedError):
            return not error.above
        refused = isinstance(error, RejectedError) and error.status in GONE
        return refused and await self.applier.workspace.page(id) is None

    def _regain(self, key: str, outcome: Outcome) -> None:
        """A page that somebody moved to trash is a conflict, or is created anew in the next round."""
        if self.settings.on_conflict == "ours":
            self.applier.store.forget_page(key)
            outcome.unsettled.add(key)
        else:
            self._conflict(
                key,
                "Somebody moved this page to trash. Restore it there, or publish with --on-conflict ours.",
            )

    async def _prepare(self, step: PageStep, change: Change) -> PageStep | None:
        """The step with the requests that bring one page to what the folder says."""
        ops: list[Op] = []
        action: Action = "unchanged"
        page = page_handle(step.page)
        if change.moved:
            parent = change.wanted.node.parent
            ops.append(MovePage(page, page_handle(parent) if parent else self.settings.parent))
            action = "move"
        if change.head:
            parts = await self._head(change)
            if parts is None:
                return None
            if parts:
                ops.append(UpdatePage(page, **{name: getattr(change.wanted.head, name) for name in parts}))
                action = "update"
        if change.body:
            examined = await self._examine(change)
            if examined.stopped:
                commented = any(item.kind == "commented" for item in examined.conflicts)
                what = "commented on what would go from" if commented else "edited"
                self._conflict(
                    step.page, f"Somebody has {what} this page (see above); nothing was sent to it."
                )
                return None
            ops += examined.ops
            action = "update" if examined.ops else action
            step = replace(step, ours=examined.ours, standing=examined.standing, here=examined.here)
        self.actions[step.page] = action
        return replace(step, ops=tuple(ops))

    async def _head(self, change: Change) -> tuple[str, ...] | None:
        """The parts of a page's head to send, None if the page is to be left alone.

        A title is read before another one is written over it: somebody may have renamed the page.
        """
        mine = (change.known.title, change.wanted.node.title)
        if "properties" not in change.head or mine[0] == mine[1]:
            return change.head
        there = await self.applier.workspace.page(change.known.id)
        if there is None or there.title.split() in [title.split() for title in mine]:
            return change.head
        policy = self.settings.on_conflict
        message = f"Somebody has renamed the page to “{there.title}”; {_SETTLED[policy]}."
        self.diagnostics.append(diagnostic("conflict", message, change.wanted.path))
        if policy == "stop":
            self._conflict(change.wanted.key, "Somebody has renamed this page; nothing was sent to it.")
            return None
        return tuple(part for part in change.head if part != "properties" or policy == "ours")

    async def _examine(self, change: Change) -> Examined:
        wanted, settings = change.wanted, self.settings
        blocks = shapes.body(self.found, wanted.node, change.known.links, self.applier.names.find)
        body = Body.of(blocks, shapes.places(self.found, wanted.node))
        policy = Policy(settings.on_drift, settings.on_conflict)
        applier = self.applier
        terms = Terms(policy, settings.prefer, settings.asks_comments and not self.force)
        examined = await examine(wanted.key, body, terms, applier.store, applier.workspace, self.handles)
        found: list[Drift | Conflict] = [*examined.drifts, *examined.conflicts]
        self.diagnostics += [said(item, wanted.path, policy) for item in found]
        if examined.strangers:
            count = examined.strangers
            what = f"{count} blocks on the page are" if count > 1 else "1 block on the page is"
            message = f"{what} not in the file; {'they stay' if count > 1 else 'it stays'}."
            self.diagnostics.append(diagnostic("page-strangers", message, wanted.path))
        return examined

    def _conflict(self, key: str, note: str) -> None:
        self.actions[key] = "conflict"
        self.notes[key] = note


def regain(outcome: Outcome, settings: Settings, found: Shape, store: Store) -> None:
    """With `--on-conflict ours`, what is ours and in the trash above pages is made anew in the next round, and all
    below it. Of what is not ours it is said that this option does not help."""
    known = {page.id: page.key for page in store.pages().values()}
    for key, base in store.databases().items():
        if _remade(key, found):
            known |= dict.fromkeys((base.id, base.source), key)
    for key, error in list(outcome.failed.items()):
        if not isinstance(error, TrashedError):
            continue
        if (top := known.get(error.page)) is None:
            outcome.failed[key] = moved_to_trash(error.page, error.above, ours=False)
        elif settings.on_conflict == "ours":
            _forget(top, found, store)
            del outcome.failed[key]
            outcome.unsettled.add(key)


def _forget(top: str, found: Shape, store: Store) -> None:
    """Forget a page or database and all below it, so that it is made anew."""
    store.forget_page(top)
    for key in store.databases():
        above: PageNode | None = found.tree.by_key.get(key)
        while above is not None and above.key != top:
            above = found.tree.by_key.get(above.parent)
        if above is not None and _remade(key, found):
            store.forget_database(key)


def _remade(key: str, found: Shape) -> bool:
    """Whether a database can be made anew: one that is named by its id is somebody's."""
    return key in found.bases.specs and not found.bases.specs[key].id


def _goal(change: Change) -> KnownPage:
    """What the state shall say afterwards. A record's properties are written apart; moved, it has none of ours yet."""
    goal = change.wanted.goal()
    if change.wanted.values is None:
        return goal
    kept = {
        name: value
        for name, value in change.known.head.items()
        if not change.moved or name in ("icon", "cover")
    }
    return replace(goal, head=kept)


def said(item: Drift | Conflict, path: str, policy: Policy) -> Diagnostic:
    """A drift or conflict as a diagnostic at the line where our block stands."""
    what = _KINDS[item.kind].format(type=item.type.replace("_", " "))
    if isinstance(item, Drift):
        done = {"stop": "the page was left alone", "keep": "it stays so", "restore": "it was restored"}
        return diagnostic("drift", f"{what}; {done[policy.on_drift]}.", path, item.line, 1)
    settled = _SETTLED[policy.on_conflict]
    if item.kind == "commented" and policy.on_conflict != "theirs":
        settled = "the page was left alone, --force deletes it"
    return diagnostic("conflict", f"{what}; {settled}.", path, item.line, 1)
