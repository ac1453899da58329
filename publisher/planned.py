"""What a publish would do, page by page, with its requests; nothing is sent and the state is not changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from publisher import outline as out
from publisher import shapes
from publisher.creations import creations
from publisher.folder import load
from publisher.known import KnownPage
from publisher.meeting import meet
from publisher.opening import schema_note
from publisher.outline import Change, Outline
from publisher.planning.ops import START, Append, CreatePage, Op, ReadChildren
from publisher.planning.packing import Handles
from publisher.planning.record_values import symbolic
from publisher.remote.adapter import PAGE_SIZE
from publisher.remote.databases import MUTATED
from publisher.remote.throttle import expected_seconds
from publisher.remote.workspace import Workspace
from publisher.report import Action, PageReport, Report, describe_base
from publisher.scan import scan
from publisher.settings import Settings
from publisher.shapes import Shape
from publisher.shown import widened
from publisher.store import Store
from publisher.supplies import Forecast, contents
from publisher.update import Body, estimate
from publisher.wording import from_here, unsent


class Planner:
    """Estimates one publish from the state alone: as it will go if nobody has edited a page meanwhile.

    `connect` is called only to read the schema of a database that the state does not know yet. `paths` are the files to
    look at; None: all.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        connect: Callable[[Callable[[], None]], Workspace] | None = None,
        paths: frozenset[str] | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.connect = connect
        self.paths = paths
        self.known = store.pages()
        self.uploads = Forecast({}, (), False)
        self.report = Report("plan", settings.target, str(settings.folder))

    def plan(self) -> Report:
        folder = load(self.settings, scan(self.settings.folder, self.settings.ignore), self.store)
        found = shapes.shape(folder, self.known, self.store.databases())
        found.archived = self.store.archived()
        self._look(found)
        self.uploads = Forecast({}, self.store.uploads(), found.folder.dialect.name == "notion")
        self.report.diagnostics = list(found.diagnostics)
        if found.contradictions:
            here = from_here(self.settings.folder)
            self.report.stopped = unsent(found.contradictions, "Nothing can be sent", here)
            return self.report
        names = shapes.renamed(self.known, found.tree, folder.facts)
        olds = {new: old for old, new in names.items()}
        todo = out.outline(found, shapes.rename(self.known, names))
        if self.paths is not None:
            todo = out.limited(todo, found.tree, widened(found, self.paths))
        self.uploads.files = folder.assets.files() if folder.assets is not None else {}
        if not self.known:
            self.report.reads += 1  # looks whether the pages are there already
        self._creations(found, todo)
        for change in todo.change:
            self._change(found, change, olds)
        if found.bases:
            self._records(found, todo)
        self._rest(found, todo)
        self.report.sort(found.reading_order())
        self.report.uploads, self.report.uploaded_bytes = self.uploads.count, self.uploads.size
        self.report.reads += self.uploads.reads
        seconds = expected_seconds(self.settings.target, self.report.reads, self.report.writes)
        self.report.expected_seconds = seconds
        return self.report

    def _creations(self, found: Shape, todo: Outline) -> None:
        reads: Counter[str] = Counter()
        writes: Counter[str] = Counter()
        service = found.folder.dialect.name
        length: Counter[str] = Counter()  # of pages, and of the blocks that others go into
        for step in creations(found, todo.create, self.known, "", self._find, Handles()):
            reads[step.page] += _reads(step.ops, service) + _long(step.ops, length)
            writes[step.page] += _writes(step.ops)
            writes[step.page] += self.uploads.add(step.page, contents(step.ops))
        for wanted in todo.create:
            key = wanted.key
            self._list(wanted.path, wanted.node.title, "create", None, reads[key], writes[key])

    def _change(self, found: Shape, change: Change, olds: dict[str, str]) -> None:
        ops: tuple[Op, ...] = ()
        reads = 0
        page = self.store.page(olds.get(change.known.key, change.known.key))
        assert page is not None
        if change.body:
            blocks = shapes.body(found, change.wanted.node, change.known.links, self._find)
            body = Body.of(blocks, shapes.places(found, change.wanted.node))
            prefer, ask = self.settings.prefer, self.settings.asks_comments
            ops, reads = estimate(page, body, found.folder.dialect, prefer, ask)
        more = _reads(ops, found.folder.dialect.name)
        reads = (reads + more if ops else 0) + (change.known.title != change.wanted.node.title)
        writes = _writes(ops) + bool(change.head) + change.moved
        heads = [getattr(change.wanted.head, name) for name in change.head]
        writes += self.uploads.add(page.id, [*contents(ops), *heads])
        action: Action = "update" if ops or change.head else "move" if change.moved else "unchanged"
        self._list(change.wanted.path, change.wanted.node.title, action, page, reads, writes)

    def _look(self, found: Shape) -> None:
        """Read the schemas that have to be known before anything can be said of their records."""
        unread = [
            key for key in found.bases.specs if key in found.tree.by_key and key not in found.bases.plans
        ]
        if not unread or self.connect is None:
            return

        async def read() -> None:
            assert self.connect is not None
            async with self.connect(lambda: None) as workspace:
                for key in unread:
                    known = await meet(found.bases.specs[key], "", self.store, workspace)
                    shapes.check_records(found, key, known)
                self.report.reads += workspace.counts.reads

        asyncio.run(read())

    def _records(self, found: Shape, todo: Outline) -> None:
        """Databases to create or to change, and the properties of their records."""
        databases = self.store.databases()
        self.report.databases = [describe_base(plan) for plan in found.bases.plans.values()]
        for key, plan in found.bases.plans.items():
            known = databases.get(key)
            action: Action = "create" if not plan.exists else "update" if plan.changes else "unchanged"
            writes = int(action != "unchanged")
            if not plan.exists and any(item.type == "relation" and not item.target for item in plan.schema):
                writes += 1  # a database can point to itself only when it is there
            writes += self._properties(found, todo, key)
            changed = [item.name for item in plan.changes]
            note = "" if action == "unchanged" else schema_note(plan.exists, changed)
            page = KnownPage(key, known.id, known.url, "", "") if known else None
            title = known.title if known and known.title else plan.spec.title
            self._list(key, title, action, page, 0, writes, note)

    def _properties(self, found: Shape, todo: Outline, base: str) -> int:
        """List the records whose properties differ. Gives the writes that are about many: on Buildin they go together."""
        changed = {change.wanted.key: change for change in todo.records if change.wanted.node.parent == base}
        looks = [change.wanted.key for change in changed.values() if change.looks]
        related = sum(
            wanted.node.parent == base and any(map(symbolic, wanted.values or ())) for wanted in todo.create
        )
        together = len(changed) - len(looks) + related
        gathered = found.folder.dialect.name == "buildin" and together > 1
        for key, change in changed.items():
            sent = found.folder.dialect.properties(change.values)
            cost = int(not gathered or key in looks) + self.uploads.add(change.known.id, [sent])
            self._list(change.wanted.path, change.wanted.node.title, "update", change.known, 0, cost)
        if gathered:
            return -(-together // MUTATED)
        self.report.writes += related
        return 0

    def _rest(self, found: Shape, todo: Outline) -> None:
        for page in todo.unchanged:
            self._list(found.path(page.key), page.title, "unchanged", page)
        for node in todo.held:
            there = self.known.get(node.key)
            self._list(node.path or node.key, node.title, "held-back", there, note=out.held_note(there))
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


def _reads(ops: tuple[Op, ...], service: str) -> int:
    """The reads among some requests; to put blocks first, Buildin has to be told what stands first now."""
    asks = service == "buildin"
    return sum(
        isinstance(op, ReadChildren) or (asks and isinstance(op, Append) and op.after == START) for op in ops
    )


def _long(ops: tuple[Op, ...], length: Counter[str]) -> int:
    """The reads that long lists of blocks take beyond the first hundred. `length` is counted up by what is written."""
    more = 0
    for op in ops:
        match op:
            case CreatePage(page=page, children=blocks) | Append(parent=page, blocks=blocks):
                length[page] += len(blocks)
            case ReadChildren(parent=page):
                more += max(length[page] - 1, 0) // PAGE_SIZE
            case _:
                pass
    return more


def _writes(ops: tuple[Op, ...]) -> int:
    return sum(not isinstance(op, ReadChildren) for op in ops)
