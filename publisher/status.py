"""How the workspace stands to the folder and to what was published: who edited what, and what is not ours.

Reads every page whole, and sends no write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from publisher import outline as out
from publisher import shapes
from publisher.apply import Applier
from publisher.changes import said
from publisher.errors import RejectedError
from publisher.folder import load
from publisher.known import KnownPage
from publisher.outline import Outline
from publisher.planning.merge import Conflict, Drift, Policy, merge
from publisher.planning.settle import adopt
from publisher.planning.sides import unread
from publisher.reader import Reader
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import GONE, Workspace
from publisher.report import Action, PageReport, Report
from publisher.scan import scan
from publisher.settings import Settings
from publisher.settling import pending
from publisher.shapes import Shape
from publisher.store import Store
from publisher.update import Body

LOOK = Policy("stop", "stop")


@dataclass(slots=True)
class Standing:
    """One page as it was found. `others` counts blocks, pages and databases that are not ours."""

    drifts: int = 0
    conflicts: int = 0
    others: int = 0
    title: str = ""  # if somebody has renamed the page
    gone: bool = False

    @property
    def note(self) -> str:
        if self.gone:
            return "Somebody moved this page to trash."
        parts = [
            (self.drifts, f"{_blocks(self.drifts)} edited by somebody"),
            (self.conflicts, f"{_blocks(self.conflicts)} in conflict"),
            (self.others, f"{_blocks(self.others)} that somebody else put here"),
            (bool(self.title), f"renamed to {self.title!r}"),
        ]
        return ", ".join(text for count, text in parts if count)


def _blocks(count: int) -> str:
    return f"{count} block{'' if count == 1 else 's'}"


class Survey:
    """Looks at every page that was published. The state is not changed."""

    def __init__(
        self, settings: Settings, store: Store, connect: Callable[[Callable[[], None]], Workspace]
    ) -> None:
        self.settings = settings
        self.store = store.copy()
        self.connect = connect
        self.report = Report("status", settings.target, str(settings.folder))
        self.found: dict[str, Standing] = {}  # by the page's key
        self.waiting = 0  # pages that a publish would make or compare

    async def look(self) -> Report:
        """Read the workspace.

        Raises:
            PagemillError: it cannot be read.
        """
        folder = load(self.settings, scan(self.settings.folder, self.settings.ignore), self.store)
        known = self.store.pages()
        shape = shapes.shape(folder, known, self.store.databases())
        names = shapes.renamed(known, shape.tree, folder.facts)
        self.store.rename_pages(names)
        known = self.store.pages()
        todo = out.outline(shape, known)
        self.report.diagnostics = list(shape.diagnostics)
        workspace = self.connect(lambda: None)
        async with workspace:
            applier = Applier(workspace, self.store, folder.dialect, Stopping())
            slots = asyncio.Semaphore(self.settings.concurrency)

            async def one(page: KnownPage) -> None:
                async with slots:
                    self.found[page.key] = await self._page(page, shape, applier)

            await asyncio.gather(*map(one, known.values()))
        self.report.reads = workspace.counts.reads
        self.report.diagnostics.sort()
        self._tell(shape, todo, known)
        self.store.close()
        return self.report

    async def _page(self, known: KnownPage, shape: Shape, applier: Applier) -> Standing:
        workspace = applier.workspace
        there = await workspace.page(known.id)
        page = self.store.page(known.key)
        if there is None or page is None:
            return Standing(gone=True)
        renamed = "" if there.title.split() == page.title.split() else there.title
        reader = Reader(workspace, workspace.dialect)
        try:
            await reader.open(page)
            while ids := [id for node in reader.nodes for id in unread(node)]:
                await reader.look_into(ids)
        except RejectedError as error:  # it went with a page above it
            if error.status not in GONE:
                raise
            return Standing(gone=True)
        lost = [doubt.op for doubt in pending(self.store.intents(), page.key) if doubt.op is not None]
        base = adopt(page.base, reader.nodes, lost)
        node = shape.tree.by_key.get(page.key)
        body = shapes.body(shape, node, page.links, applier.names.find) if node is not None else ()
        places = shapes.places(shape, node) if node is not None else {}
        wanted = Body.of(body, places)
        ours = wanted.filled(wanted.before(page))
        merged = merge(base, reader.nodes, ours, LOOK, reader.can_update)
        found: list[Drift | Conflict] = [*merged.drifts, *merged.conflicts]
        if node is not None:
            self.report.diagnostics += [said(item, shape.path(page.key), LOOK) for item in found]
        mine = {known.id for known in self.store.pages().values()}
        others = sum(item.foreign and item.id not in mine for top in merged.old for item in top.walk())
        if node is None:  # without a file nothing is in conflict
            return Standing(len(found), 0, others, renamed)
        return Standing(len(merged.drifts), len(merged.conflicts), others, renamed)

    def _tell(self, shape: Shape, todo: Outline, known: dict[str, KnownPage]) -> None:
        self.waiting = len(todo.create) + len(todo.change)
        changed = {change.wanted.key for change in todo.change}
        orphans = {page.key for page in todo.orphans}
        for key, page in known.items():
            standing = self.found[key]
            action: Action = "update" if key in changed else "unchanged"
            note = standing.note
            if standing.conflicts or standing.gone:
                action = "conflict"
            elif key in orphans:
                action, note = "removed", "; ".join(filter(None, ("The file is gone", note)))
            self.report.pages.append(
                PageReport(shape.path(key), page.title, action, page.id, page.url, note=note)
            )
        for wanted in todo.create:
            self.report.pages.append(PageReport(wanted.path, wanted.node.title, "create"))
        self.report.sort(shape.reading_order())
        self.report.unchanged = self.report.count("unchanged")

    @property
    def summary(self) -> str:
        """The last line: how many pages are in which state."""
        standings = self.found.values()
        counts = (
            (len(standings), "published"),
            (self.waiting, "to publish"),
            (sum(bool(item.drifts or item.title) for item in standings), "edited by others"),
            (sum(bool(item.conflicts) for item in standings), "in conflict"),
            (sum(item.gone for item in standings), "in the trash"),
            (self.report.count("removed"), "without a file"),
            (sum(bool(item.others) for item in standings), "that hold what is not ours"),
        )
        parts = [f"{count} {what}" for count, what in counts if count or what == "published"]
        return f"{', '.join(parts)}: {self.report.reads} reads."
