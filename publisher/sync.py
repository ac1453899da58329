"""Publishing is convergence: compare what the folder says with what the workspace holds, send the difference.

First publish, edit, resume after a crash, repair after somebody's edit are one algorithm: settle what is in doubt,
plan, apply; and again, if an answer was lost on the way.
"""

from __future__ import annotations

import json
from contextlib import nullcontext

from converters.diagnostics import Diagnostic
from publisher import neighbours, pictures, shapes
from publisher.account import Account
from publisher.apply import Applier, Outcome
from publisher.errors import Interrupted
from publisher.folder import Folder, load, unchanged_since
from publisher.job import Job
from publisher.known import KnownPage
from publisher.planning.packing import Handles
from publisher.provisions import copy_pictures, is_mirrored, refuse_large, supplying
from publisher.recognise import recognise
from publisher.remote.workspace import Workspace
from publisher.report import PageReport, Report, diagnostic_json
from publisher.rounds import Round
from publisher.scan import Scan, scan
from publisher.settling import settle_creations
from publisher.shapes import Shape
from publisher.store import Store
from publisher.wording import from_here, unsent

ROUNDS = 4  # how often a run settles lost answers and goes on, before it leaves the rest to the next run


class Run:
    """One publish of one folder to one place."""

    def __init__(self, job: Job, store: Store) -> None:
        self.job = job
        self.settings = job.settings
        self.store = store
        self.known: dict[str, KnownPage] = {}
        self.handles = Handles()
        self.report = Report(target=job.settings.target, folder=str(job.settings.folder))
        self.account = Account(self.report, store, job.on_page)
        self.only: set[str] | None = None  # keys of the pages to compare; None: all
        self.limited = False  # whether pages were left alone that a whole run would have looked at

    async def publish(self) -> Report:
        """Bring the workspace to what the folder says.

        Raises:
            TokenError, UnreachableError: nothing can go on; what was done is in the state.
        """
        folder = self.job.folder
        if folder is None:
            scanned = self.job.scan or scan(self.settings.folder, self.settings.ignore)
            if self._nothing_to_do(scanned):
                return self.report
            folder = load(self.settings, scanned, self.store)
        await copy_pictures(folder, self.job, self.store)
        self.known = self.store.pages()
        found = self._shape(folder)
        self.report.stopped = self._against(found)
        if not self.report.stopped:
            await self._send(found)
        return self.report

    async def _send(self, found: Shape) -> None:
        self.store.set_meta("converged", "")
        neighbours.sign(self.store, self.settings.folder)
        workspace = self.job.connect(self.account.count)
        workspace.pauses.stopping = self.job.stopping
        reads, writes = workspace.counts.reads, workspace.counts.writes
        clean = False
        async with workspace if self.job.memory is None else nullcontext():
            try:
                found = await self._fitting(found, workspace)
                self.report.stopped = self._against(found)
                if not self.report.stopped:
                    with supplying(found, self.job, self.store, workspace, self.report):
                        clean = await self._converge(found, workspace)
            except Interrupted:  # outside of the steps, which leave their pages to the next run
                self.report.interrupted = True
            finally:
                self.report.reads = workspace.counts.reads - reads
                self.report.writes = workspace.counts.writes - writes
                self.known = self.store.pages()
                self.account.finish(self.known, self.only)
                self.report.sort(found.reading_order())
        pictures.prune(self.settings, self.store)
        if clean and not self.report.failed and self.only is None and not self.limited:
            said = [diagnostic_json(item) for item in found.diagnostics]
            self.store.set_meta("diagnostics", json.dumps(said))
            self.store.set_meta("converged", found.folder.converged())

    def _against(self, found: Shape) -> str:
        """Why nothing may be sent; empty if nothing speaks against it."""
        errors = [item for item in found.diagnostics if item.severity == "error"]
        here = from_here(self.settings.folder)
        if self.job.whole and errors:
            return unsent(errors, folder=here)
        return unsent(found.contradictions, folder=here) if found.contradictions else ""

    async def _fitting(self, found: Shape, workspace: Workspace) -> Shape:
        """The shape without the files that this workspace does not take."""
        if not await refuse_large(found, self.store, workspace):
            return found
        fitting = shapes.shape(found.folder, self.known, self.store.databases())
        fitting.archived = found.archived
        self.report.diagnostics = list(fitting.diagnostics)
        if self.job.memory is not None:
            self.job.memory.shape = fitting
        return fitting

    def _nothing_to_do(self, found: Scan) -> bool:
        """Whether no file was touched since a publish after which everything was as it should be."""
        digest = unchanged_since(self.settings, found, self.store)
        if not digest or digest != self.store.meta("converged") or self.store.intents():
            return False
        if not is_mirrored(self.settings, self.store):
            return False
        self.known = {page.key: page for page in self.store.listing()}
        if self.settings.prune and any(page.removed for page in self.known.values()):
            return False
        said = json.loads(self.store.meta("diagnostics") or "[]")
        self.report.diagnostics = [Diagnostic(**item) for item in said]
        for page in self.known.values():
            self.account.note(
                page.key, page.path, page.title, "removed" if page.removed else "unchanged", page
            )
        for base in self.store.databases().values():
            self.account.pages[base.key] = PageReport(base.key, base.title, "unchanged", base.id, base.url)
        self.account.finish(self.known, self.only)
        return True

    def _shape(self, folder: Folder) -> Shape:
        """The folder as a tree; pages whose files were renamed get their new keys."""
        if (found := self._remembered(folder)) is not None:
            return found
        found = shapes.shape(folder, self.known, self.store.databases())
        found.archived = self.store.archived()
        names = shapes.renamed(self.known, found.tree, folder.facts, self.job.renames)
        if not found.contradictions:
            with self.store.transaction():
                self.store.rename_pages(names)
                self._follow_files(found)
            self.known = self.store.pages()
        self.report.diagnostics = list(found.diagnostics)
        if (memory := self.job.memory) is not None:
            memory.shape, memory.left, memory.examined = found, None, None
        return found

    def _follow_files(self, found: Shape) -> None:
        """A file that is only called otherwise now costs no request, but `pages` and `open` shall know it."""
        for page in list(self.store.pages().values()):
            node = found.tree.by_key.get(page.key)
            if node is None or (node.path is None and not page.path.endswith("/")):
                continue  # its file is gone, and is to be named as it was
            if page.path != (path := node.path or node.key):
                self.store.update_page(page.key, path=path)

    def _remembered(self, folder: Folder) -> Shape | None:
        """What the last run knew, if only texts have changed since; it then says which pages to compare."""
        memory = self.job.memory
        if memory is not None and memory.shape is not None and memory.shape.bases:
            return None  # what one file says of its properties may change the schema for all
        found = memory.patched(folder) if memory is not None else None
        if memory is None or found is None:
            return None
        self.only = memory.left = memory.only(found)
        memory.shape = found
        found.archived = self.store.archived()
        self.report.diagnostics = list(found.diagnostics)
        return found

    async def _converge(self, found: Shape, workspace: Workspace) -> bool:
        """Rounds of plan and apply, until nothing is in doubt. Says whether all is as it should be."""
        applier = Applier(workspace, self.store, found.folder.dialect, self.job.stopping)
        outcome = Outcome()
        for number in range(ROUNDS):
            await settle_creations(applier, self.store, workspace)
            if number == 0 and not self.store.pages():
                await recognise(found, self.settings.parent, applier, self.store, workspace, self.job.before)
            turn = Round(self.job, found, applier, self.account, self.handles, self.only)
            outcome = await turn.run()
            self.limited = turn.limited
            if outcome.fatal:
                raise outcome.fatal
            if not outcome.unsettled or self.job.stopping.requested:
                break
            self.only = None  # a page may get another address now, and links to it with it
        for key in outcome.unsettled:
            self.account.page(
                found, key, "failed", "The service gave no clear answer; the next run goes on here."
            )
        self.report.interrupted = self.job.stopping.requested
        self._remember(found, outcome)
        trouble = outcome.failed or outcome.unsettled or outcome.held or self.report.interrupted
        return not trouble and not self.account.conflicts

    def _remember(self, found: Shape, outcome: Outcome) -> None:
        memory = self.job.memory
        if memory is not None and not self.report.interrupted:
            # what failed may be above what was held: then all are looked at, so that each has its parent
            memory.left = None if outcome.held or outcome.failed else set(outcome.unsettled)
            memory.unclear = bool(outcome.unsettled)
            more = memory.others(found)
            self.account.diagnose(more)
