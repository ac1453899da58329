"""Publishing is convergence: compare what the folder says with what the workspace holds, send the difference.

First publish, edit, resume after a crash, repair after somebody's edit are one algorithm: settle what is in doubt,
plan, apply; and again, if an answer was lost on the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from converters.blocks import FileRef
from converters.diagnostics import Diagnostic
from converters.mirrored import copied_url
from publisher import mirror, pictures, shapes
from publisher import outline as out
from publisher.account import PAGE, Account
from publisher.apply import Applier, Outcome, PageStep, Stopping
from publisher.changes import Changes, regain
from publisher.creations import creations
from publisher.errors import ConflictError, Interrupted
from publisher.facts import Facts
from publisher.folder import Folder, load, unchanged_since
from publisher.known import KnownPage
from publisher.memory import Memory
from publisher.outline import Outline
from publisher.planning import kinds
from publisher.planning.files import Trouble
from publisher.planning.ops import TrashPage
from publisher.planning.order import page_handle
from publisher.planning.packing import Handles
from publisher.recognise import recognise
from publisher.records import Keeper
from publisher.remote.files import upload_limit
from publisher.remote.workspace import Workspace
from publisher.report import PageReport, Report, describe_base, diagnostic_json
from publisher.scan import Scan, scan
from publisher.settings import Settings
from publisher.settling import settle_creations
from publisher.shapes import Shape
from publisher.shown import widened
from publisher.store import Store
from publisher.supplies import FREE, Supplies
from publisher.trash import prunable
from publisher.uploads import Progress, Uploader
from publisher.wording import size as show_size
from publisher.wording import unsent

_MIRRORED = "mirrored"  # when the pictures on the web were last asked for
ROUNDS = 4  # how often a run settles lost answers and goes on, before it leaves the rest to the next run


@dataclass(slots=True)
class Job:
    """What one run is asked for.

    `connect` is called only when there is something to read or to send; the function it is given is called after
    every request. `begin` is told how many pages may change, `on_page` what became of each.

    `scan` is what was found in the folder, if somebody looked already; otherwise the disk is walked. `renames` are
    files that are known to have been renamed: new path to old path. With `whole` nothing is sent while any file has
    an error, instead of holding back the pages of those that have one. `paths` are the files to look at; None: all.
    `before` gives the text that a file had when it was published last, by its path, where that is known without a state.

    For a process that publishes again and again: `folder` is the folder if it has been read already, `memory` what is
    kept from run to run. With a memory the connection is left open, and of the unchanged pages only the number is told.
    """

    settings: Settings
    connect: Callable[[Callable[[], None]], Workspace]
    force: bool = False
    stopping: Stopping = field(default_factory=Stopping)
    begin: Callable[[int], None] = lambda _: None
    on_page: Callable[[PageReport], None] = lambda _: None
    on_upload: Callable[[Progress], None] = lambda _: None
    scan: Scan | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    paths: frozenset[str] | None = None
    before: Callable[[str], bytes | None] = lambda _: None
    folder: Folder | None = None
    memory: Memory | None = None


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
        await self._copy_pictures(folder)
        self.known = self.store.pages()
        found = self._shape(folder)
        self.report.stopped = self._against(found)
        if self.report.stopped:
            return self.report
        self.store.set_meta("converged", "")
        workspace = self.job.connect(self.account.count)
        workspace.pauses.stopping = self.job.stopping
        reads, writes = workspace.counts.reads, workspace.counts.writes
        clean = False
        async with workspace if self.job.memory is None else nullcontext():
            try:
                found = await self._fitting(found, workspace)
                self.report.stopped = self._against(found)
                if not self.report.stopped:
                    clean = await self._supplied(found, workspace)
            except Interrupted:  # outside of the steps, which leave their pages to the next run
                self.report.interrupted = True
            finally:
                self.report.reads = workspace.counts.reads - reads
                self.report.writes = workspace.counts.writes - writes
                self.known = self.store.pages()
                self.account.finish(self.known, self.only)
        pictures.prune(self.settings, self.store)
        if clean and not self.report.failed and self.only is None and not self.limited:
            said = [diagnostic_json(item) for item in found.diagnostics]
            self.store.set_meta("diagnostics", json.dumps(said))
            self.store.set_meta("converged", folder.converged())
        return self.report

    def _against(self, found: Shape) -> str:
        """Why nothing may be sent; empty if nothing speaks against it."""
        errors = [item for item in found.diagnostics if item.severity == "error"]
        if self.job.whole and errors:
            return unsent(errors)
        if found.contradictions:
            return unsent(found.contradictions)
        return ""

    async def _copy_pictures(self, folder: Folder) -> None:
        """Fetch the pictures on the web that pages are to hold themselves; in a watch only if a changed file names any."""
        memory = self.job.memory
        before = memory.shape.folder.facts if memory is not None and memory.shape is not None else {}
        changed = (facts for path, facts in folder.facts.items() if facts is not before.get(path))
        if not self.settings.mirror or folder.assets is None or (before and not _copied(changed)):
            return
        copier = mirror.mirror(self.settings, kinds.largest(folder.dialect.name), self._is_stopped)
        await copier.refresh(_copied(folder.facts.values()))
        if not self._is_stopped():
            self.store.set_meta(_MIRRORED, str(copier.wall()))
        folder.assets = folder.assets.fetched()

    async def _fitting(self, found: Shape, workspace: Workspace) -> Shape:
        """The folder without files that are too large for this workspace: what its plan allows only Notion can tell."""
        assets = found.folder.assets
        if assets is None or workspace.service != "notion":
            return found
        large = [file for file in assets.files().values() if file.size > FREE]
        there = self.store.uploads() if large else {}
        large = [file for file in large if (file.hash, "") not in there]
        if not large:
            return found
        limit = await upload_limit(workspace.beneath()) or kinds.largest("notion")
        refused = [file for file in large if file.size > limit]
        for file in refused:
            message = f"{file.path!r} has {show_size(file.size)}; this workspace takes {show_size(limit)}"
            assets.refuse(file.path, Trouble("file-too-large", message))
        if not refused:
            return found
        fitting = shapes.shape(found.folder, self.known, self.store.databases())
        fitting.archived = found.archived
        self.report.diagnostics = list(fitting.diagnostics)
        if self.job.memory is not None:
            self.job.memory.shape = fitting
        return fitting

    async def _supplied(self, found: Shape, workspace: Workspace) -> bool:
        """Converge, with the files of the folder at hand for the requests that name them."""
        assets = found.folder.assets
        if assets is None or workspace.attach is None:
            return await self._converge(found, workspace)
        uploader = Uploader(
            workspace.beneath(),
            self.store,
            assets.open,
            on_progress=self.job.on_upload,
            stopped=self._is_stopped,
        )
        workspace.attach.supplier = Supplies(uploader, assets.files, self._page_id)
        try:
            return await self._converge(found, workspace)
        finally:
            self.report.uploads, self.report.uploaded_bytes = uploader.progress.files, uploader.progress.bytes

    def _is_stopped(self) -> bool:
        return self.job.stopping.requested

    def _page_id(self) -> str:
        page = self.store.pages().get(PAGE.get())
        return page.id if page is not None else ""

    def _nothing_to_do(self, found: Scan) -> bool:
        """Whether no file was touched since a publish after which everything was as it should be."""
        digest = unchanged_since(self.settings, found, self.store)
        if not digest or digest != self.store.meta("converged") or self.store.intents():
            return False
        if self.settings.mirror and not mirror.is_fresh(float(self.store.meta(_MIRRORED) or 0)):
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
        for turn in range(ROUNDS):
            await settle_creations(applier, self.store, workspace)
            if turn == 0 and not self.store.pages():
                await recognise(found, self.settings.parent, applier, self.store, workspace, self.job.before)
            self.known = self.store.pages()
            outcome = await self._round(found, applier, workspace)
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

    async def _round(self, found: Shape, applier: Applier, workspace: Workspace) -> Outcome:
        """Create, change, trash: in this order, so that nothing is taken away before its successor is there."""
        keeper = Keeper(found, self.settings, applier, self.handles, PAGE.set)
        if found.bases and _stuck(opened := await self._open(keeper)):
            return opened
        todo = whole = out.outline(found, self.known, self.only)
        if self.job.paths is not None:
            todo = out.limited(whole, found.tree, widened(found, self.job.paths))
            self.limited = todo != whole
        self.job.begin(len(todo.create) + len(todo.change))
        outcome = await applier.run(
            creations(found, todo.create, self.known, self.settings.parent, applier.names.find, self.handles),
            self.settings.concurrency,
            lambda step: self.account.page(found, step.page, "create") if step.last else None,
            context=PAGE.set,
        )
        for phase in (self._changes, partial(self._records, keeper), self._orphans):
            if outcome.fatal or self.job.stopping.requested:
                break
            outcome.include(await phase(found, todo, applier, outcome))
        regain(outcome, self.settings, found, self.store)  # last: no phase looks for what is forgotten
        for page in todo.unchanged:
            if page.removed:  # its file is back
                self.store.update_page(page.key, removed=False)
            self.account.note(page.key, found.path(page.key), page.title, "unchanged", page)
        for change in todo.records:  # what could not be sent yet: a relation to a record that is held back
            if change.wanted.key not in self.account.pages:
                self.account.page(found, change.wanted.key, "unchanged")
        for page in todo.bare:
            self.store.update_page(page.key, removed=True)
            self.account.note(page.key, page.path, page.title, "removed", page, out.BARE)
        for node in todo.held:
            self.account.page(found, node.key, "held-back", out.held_note(self.known.get(node.key)))
        self._tell_failed(found, outcome)
        return outcome

    def _tell_failed(self, found: Shape, outcome: Outcome) -> None:
        for key, error in outcome.failed.items():
            self.account.page(
                found, key, "conflict" if isinstance(error, ConflictError) else "failed", str(error)
            )

    async def _changes(self, found: Shape, todo: Outline, applier: Applier, so_far: Outcome) -> Outcome:
        """Bring the pages that exist to what the folder says."""
        changes = Changes(self.settings, found, applier, self.handles, self.job.force)
        result = await changes.run(
            todo.change,
            lambda step: self.account.page(found, step.page, changes.actions[step.page]),
            PAGE.set,
        )
        for key, note in changes.notes.items():
            self.account.page(found, key, changes.actions[key], note)
        more = shapes.judged(found.folder, changes.diagnostics)
        self.account.diagnose(more)
        return result

    async def _open(self, keeper: Keeper) -> Outcome:
        """The databases, before their records."""
        opened = await keeper.open()
        found = keeper.found
        for key, action in keeper.actions.items():
            self.account.base(found, key, action, keeper.notes.get(key, ""))
        regain(opened, self.settings, found, self.store)
        self._tell_failed(found, opened)
        self.account.diagnose(found.diagnostics)
        self.report.databases = [describe_base(plan) for plan in found.bases.plans.values()]
        self.known = self.store.pages()
        return opened

    async def _records(
        self, keeper: Keeper, found: Shape, todo: Outline, applier: Applier, so_far: Outcome
    ) -> Outcome:
        """The properties of records, those of new ones among them that name other records."""
        if not found.bases:
            return Outcome()
        keeper.actions, keeper.notes = {}, {}
        result = await keeper.write()
        for key, action in keeper.actions.items():
            said = self.account.pages.get(key)
            if said is None or said.action == "unchanged" or action == "conflict":
                self.account.page(found, key, action, keeper.notes.get(key, ""))
        for key in found.bases.plans:  # requests about many records count for their database
            if (
                said := self.account.pages.get(key)
            ) is not None and said.requests != self.account.requests.get(key, 0):
                self.account.base(
                    found, key, "update" if said.action == "unchanged" else said.action, said.note
                )
        more = shapes.judged(found.folder, keeper.diagnostics)
        self.account.diagnose(more)
        return result

    async def _orphans(self, found: Shape, todo: Outline, applier: Applier, so_far: Outcome) -> Outcome:
        """Report pages without a file; move them to trash if that was asked for and nothing speaks against it."""
        if not todo.orphans:
            return Outcome()
        troubled = bool(
            so_far.failed or so_far.unsettled or so_far.held or todo.held or self.account.conflicts
        )
        verdict = await prunable(
            todo.orphans, self.settings, self.job.force, troubled, self.store, applier.workspace
        )
        steps = [PageStep(page.key, (TrashPage(page_handle(page.key)),), page) for page in verdict.trash]
        result = await applier.run(steps, self.settings.concurrency, context=PAGE.set)
        for page in todo.orphans:
            if verdict.gone_with.get(page.key) in result.done:
                self.account.note(page.key, page.path, page.title, "trash", page)
            elif page.key not in result.failed:
                self.store.update_page(page.key, removed=True)
                note = verdict.kept.get(page.key, "")
                self.account.note(page.key, page.path, page.title, "removed", page, note)
        return result


def _copied(facts: Iterable[Facts]) -> list[str]:
    """The pictures on the web of which some documents are to hold copies."""
    uses = (use.link for item in facts for use in item.links)
    return [url for link in uses if isinstance(link, FileRef) and (url := copied_url(link.path))]


def _stuck(opened: Outcome) -> bool:
    """Whether a database could not be opened; its records must not be created elsewhere then."""
    return bool(opened.failed or opened.unsettled or opened.held or opened.fatal)
