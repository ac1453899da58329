"""What a publish would do, page by page, with its requests; nothing is sent and the state is not changed."""

from __future__ import annotations

from collections import Counter

from publisher import outline as out
from publisher.creations import creations
from publisher.folder import load
from publisher.outline import Change, Outline, Shape
from publisher.planning.ops import Op, ReadChildren
from publisher.planning.packing import Handles
from publisher.remote.throttle import PACES, UNLIMITED
from publisher.report import Action, PageReport, Report
from publisher.scan import scan
from publisher.settings import Settings
from publisher.store import KnownPage, Store
from publisher.update import estimate

HERE = 0.004  # seconds that a request to the embedded workspace takes


class Planner:
    """Estimates one publish from the state alone: as it will go if nobody has edited a page meanwhile."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.known = store.pages()
        self.report = Report("plan", settings.target, str(settings.folder))

    def plan(self) -> Report:
        folder = load(self.settings, scan(self.settings.folder, self.settings.ignore), self.store)
        found = out.shape(folder, self.known)
        self.report.diagnostics = list(found.diagnostics)
        if found.contradictions:
            self.report.stopped = (
                "Nothing can be sent: first mend the errors that concern the whole folder, or that its settings "
                "count as errors."
            )
            return self.report
        names = out.renamed(self.known, found.tree, folder.facts)
        olds = {new: old for old, new in names.items()}
        todo = out.outline(found, out.rename(self.known, names))
        if not self.known:
            self.report.reads += 1  # looks whether the pages are there already
        self._creations(found, todo)
        for change in todo.change:
            self._change(found, change, olds)
        self._rest(found, todo)
        self.report.pages.sort(key=lambda page: page.path)
        pace = PACES[self.settings.target] if self.settings.target != "local" else UNLIMITED
        latency = 0.35 if self.settings.target != "local" else HERE
        self.report.expected_seconds = pace.seconds(self.report.reads, self.report.writes, latency)
        return self.report

    def _creations(self, found: Shape, todo: Outline) -> None:
        reads: Counter[str] = Counter()
        writes: Counter[str] = Counter()
        for step in creations(found, todo.create, self.known, "", self._find, Handles()):
            reads[step.page] += _reads(step.ops)
            writes[step.page] += len(step.ops) - _reads(step.ops)
        for wanted in todo.create:
            key = wanted.key
            self._list(wanted.path, wanted.node.title, "create", None, reads[key], writes[key])

    def _change(self, found: Shape, change: Change, olds: dict[str, str]) -> None:
        ops: tuple[Op, ...] = ()
        reads = 0
        page = self.store.page(olds.get(change.known.key, change.known.key))
        assert page is not None
        if change.body:
            ours = out.body(found, change.wanted.node, change.known.links, self._find)
            ops, reads = estimate(page, ours, found.folder.dialect)
        reads = (reads + _reads(ops) if ops else 0) + (change.known.title != change.wanted.node.title)
        writes = len(ops) - _reads(ops) + bool(change.head) + change.moved
        action: Action = "update" if ops or change.head else "move" if change.moved else "unchanged"
        self._list(change.wanted.path, change.wanted.node.title, action, page, reads, writes)

    def _rest(self, found: Shape, todo: Outline) -> None:
        for page in todo.unchanged:
            self._list(found.path(page.key), page.title, "unchanged", page)
        for node in todo.held:
            note = "An error in the file keeps the page as it is."
            self._list(node.path or node.key, node.title, "held-back", self.known.get(node.key), note=note)
        for page in todo.bare:
            self._list(page.path, page.title, "removed", page, note=out.BARE)
        for page in todo.orphans:
            if self.settings.prune:
                self._list(page.key, page.title, "trash", page, 2, 1)
            else:
                note = "The file is gone; --prune moves the page to trash."
                self._list(page.key, page.title, "removed", page, note=note)
        self.report.unchanged = self.report.count("unchanged")

    def _find(self, key: str, anchor: str) -> str | None:
        page = self.known.get(key)
        return page.url if page is not None else None

    def _list(
        self,
        path: str,
        title: str,
        action: Action,
        page: KnownPage | None,
        reads: int = 0,
        writes: int = 0,
        note: str = "",
    ) -> None:
        self.report.reads += reads
        self.report.writes += writes
        id, url = (page.id, page.url) if page else ("", "")
        self.report.pages.append(PageReport(path, title, action, id, url, reads + writes, note))


def _reads(ops: tuple[Op, ...]) -> int:
    return sum(isinstance(op, ReadChildren) for op in ops)
