"""One round of a run: create, change, trash. In this order nothing is taken away before its successor is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from publisher import outline as out
from publisher import shapes
from publisher.account import PAGE, Account
from publisher.apply import Applier, Outcome, PageStep
from publisher.changes import Changes, regain
from publisher.creations import creations
from publisher.errors import ConflictError
from publisher.job import Job
from publisher.opening import Opener
from publisher.outline import Outline
from publisher.planning.ops import TrashPage
from publisher.planning.order import page_handle
from publisher.planning.packing import Handles
from publisher.records import Keeper
from publisher.report import Action, describe_base
from publisher.shapes import Shape
from publisher.shown import widened
from publisher.trash import prunable


class Round:
    """Brings the pages of a shape to what the folder says, as far as that goes without asking again.

    `handles` are the run's, and `only` the keys of the pages to compare; None: all. `limited` says afterwards whether
    pages were left alone that a whole run would have looked at.
    """

    def __init__(
        self,
        job: Job,
        found: Shape,
        applier: Applier,
        account: Account,
        handles: Handles,
        only: set[str] | None,
    ) -> None:
        self.job = job
        self.settings = job.settings
        self.found = found
        self.applier = applier
        self.store = applier.store
        self.account = account
        self.handles = handles
        self.only = only
        self.known = self.store.pages()
        self.limited = False

    async def run(self) -> Outcome:
        """Say of every page what became of it."""
        if self.found.bases and _stuck(opened := await self._open()):
            return opened
        todo = self._todo()
        self.job.begin(len(todo.create) + len(todo.change))
        outcome = await self._create(todo)
        phases: tuple[Callable[[], Awaitable[Outcome]], ...] = (
            partial(self._change, todo),
            self._write_records,
            partial(self._trash, todo, outcome),
        )
        for phase in phases:
            if outcome.fatal or self.job.stopping.requested:
                break
            outcome.include(await phase())
        regain(outcome, self.settings, self.found, self.store)  # last: no phase looks for what is forgotten
        self._tell_rest(todo)
        self._tell_failed(outcome)
        return outcome

    async def _open(self) -> Outcome:
        """The databases, before their records."""
        opener = Opener(self.found, self.settings, self.applier, self.handles, PAGE.set)
        opened = await opener.open()
        for key, action in opener.actions.items():
            self.account.base(self.found, key, action, opener.notes.get(key, ""))
        regain(opened, self.settings, self.found, self.store)
        self._tell_failed(opened)
        self.account.diagnose(self.found.diagnostics)
        self.account.report.databases = [describe_base(plan) for plan in self.found.bases.plans.values()]
        self.known = self.store.pages()
        return opened

    def _todo(self) -> Outline:
        whole = out.outline(self.found, self.known, self.only)
        if self.job.paths is None:
            return whole
        todo = out.limited(whole, self.found.tree, widened(self.found, self.job.paths))
        self.limited = todo != whole
        return todo

    async def _create(self, todo: Outline) -> Outcome:
        find = self.applier.names.find
        return await self.applier.run(
            creations(self.found, todo.create, self.known, self.settings.parent, find, self.handles),
            self.settings.concurrency,
            lambda step: self.account.page(self.found, step.page, "create") if step.last else None,
            context=PAGE.set,
        )

    async def _change(self, todo: Outline) -> Outcome:
        """Bring the pages that exist to what the folder says."""
        changes = Changes(self.settings, self.found, self.applier, self.handles, self.job.force)
        result = await changes.run(
            todo.change,
            lambda step: self.account.page(self.found, step.page, changes.actions[step.page]),
            PAGE.set,
        )
        for key, note in changes.notes.items():
            self.account.page(self.found, key, changes.actions[key], note)
        self.account.diagnose(shapes.judged(self.found.folder, changes.diagnostics))
        return result

    async def _write_records(self) -> Outcome:
        """The properties of records, those of new ones among them that name other records."""
        if not self.found.bases:
            return Outcome()
        keeper = Keeper(self.found, self.settings, self.applier, PAGE.set)
        result = await keeper.write()
        for key, action in keeper.actions.items():
            said = self.account.pages.get(key)
            if said is None or said.action == "unchanged" or action == "conflict":
                self.account.page(self.found, key, action, keeper.notes.get(key, ""))
        for key in self.found.bases.plans:  # requests about many records count for their database
            said = self.account.pages.get(key)
            if said is not None and said.requests != self.account.requests.get(key, 0):
                action = "update" if said.action == "unchanged" else said.action
                self.account.base(self.found, key, action, said.note)
        self.account.diagnose(shapes.judged(self.found.folder, keeper.diagnostics))
        return result

    async def _trash(self, todo: Outline, so_far: Outcome) -> Outcome:
        """Report pages without a file; move them to trash if that was asked for and nothing speaks against it."""
        if not todo.orphans:
            return Outcome()
        troubled = bool(
            so_far.failed or so_far.unsettled or so_far.held or todo.held or self.account.conflicts
        )
        verdict = await prunable(
            todo.orphans, self.settings, self.job.force, troubled, self.store, self.applier.workspace
        )
        steps = [PageStep(page.key, (TrashPage(page_handle(page.key)),), page) for page in verdict.trash]
        result = await self.applier.run(steps, self.settings.concurrency, context=PAGE.set)
        for page in todo.orphans:
            if verdict.gone_with.get(page.key) in result.done:
                self.account.note(page.key, page.path, page.title, "trash", page)
            elif page.key not in result.failed:
                self.store.update_page(page.key, removed=True)
                note = verdict.kept.get(page.key, "")
                self.account.note(page.key, page.path, page.title, "removed", page, note)
        return result

    def _tell_rest(self, todo: Outline) -> None:
        """Say what is to be said of the pages that no request was about."""
        for page in todo.unchanged:
            if page.removed:  # its file is back
                self.store.update_page(page.key, removed=False)
            self.account.note(page.key, self.found.path(page.key), page.title, "unchanged", page)
        for change in todo.records:  # what could not be sent yet: a relation to a record that is held back
            if change.wanted.key not in self.account.pages:
                self.account.page(self.found, change.wanted.key, "unchanged")
        for page in todo.bare:
            self.store.update_page(page.key, removed=True)
            self.account.note(page.key, page.path, page.title, "removed", page, out.BARE)
        for node in todo.held:
            self.account.page(self.found, node.key, "held-back", out.held_note(self.known.get(node.key)))

    def _tell_failed(self, outcome: Outcome) -> None:
        for key, error in outcome.failed.items():
            action: Action = "conflict" if isinstance(error, ConflictError) else "failed"
            self.account.page(self.found, key, action, str(error))


def _stuck(opened: Outcome) -> bool:
    """Whether a database could not be opened; its records must not be created elsewhere then."""
    return bool(opened.failed or opened.unsettled or opened.held or opened.fatal)
