"""In which order new pages are created, so that as few requests as possible are made for links.

A page can only be created below a page that exists, and can only link to pages that exist. A page that links to one
that comes later is created with a part of its body, possibly none, and gets the rest when the last target is there.
That costs one request at most, and none if the body needs several requests anyway and one of them holds no such
link. Creating the page whole and updating the linking blocks is never cheaper: it takes a request for each of
them, and a read to learn their ids.

For the links of a page to its own blocks that is the price, unless all of them stand before or behind what they link
to: then they too come in a part of their own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from converters.blocks import PageRef
from converters.dialects.base import BlockInput, PageHead, references
from converters.dialects.uploads import uploads
from publisher.planning.limits import Limits
from publisher.planning.ops import END, START, Append, CreatePage, Op, ReadChildren
from publisher.planning.packing import Handles, create_cost, pack_create, pack_insert
from publisher.planning.places import Own
from publisher.planning.sequence import sequence

Siblings: TypeAlias = Literal["created", "placed", "free"]


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to create.

    `parent` is the key of its parent if that is new too, else "" and `parent_id` is the parent's id ("" = workspace
    root). In `blocks`, links to pages hold keys. `after` is the id of the existing sibling right before it, if any.
    `free`: it has no place among its siblings, as a record has none. `places` are blocks at the top level by the names
    by which links of the page itself have them, and those of other new pages; `asked` are the blocks of the latter.
    """

    key: str
    head: PageHead
    blocks: tuple[BlockInput, ...]
    parent: str = ""
    parent_id: str = ""
    after: str = ""
    free: bool = False
    places: Mapping[str, int] = field(default_factory=dict)
    asked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """Requests about one page, to be sent one after the other.

    `needs` are the places in the answer of `order` of the steps that must be done before; others may be under way.
    `here` are the handles of places on the page, by name.
    """

    key: str
    ops: tuple[Op, ...]
    needs: tuple[int, ...] = ()
    here: Mapping[str, str] = field(default_factory=dict)


PAGE = "@page:"


def page_handle(key: str) -> str:
    """The handle that creating the page with this key binds."""
    return PAGE + key


def order(
    pages: Sequence[NewPage],
    known: Container[str],
    limits: Limits,
    handles: Handles,
    *,
    siblings: Siblings = "created",
    page_first: bool = False,
) -> tuple[Step, ...]:
    """The steps that create all pages with all their links, in an order in which they can be done.

    Parameters:
        pages: siblings in the order in which readers shall see them.
        known: keys of pages that exist; links to them, and to keys that are neither new nor known, cost nothing.
        siblings: `created`: in their order, for services that list pages in the order of creation. `placed`: in any
            order, each behind its predecessor (`CreatePage.after`). `free`: in any order.
        page_first: whether a file can go up only when its page is there; blocks that show one then come after it.

    Raises:
        ValueError: the parents form a cycle.
    """
    made = _Order(pages, known, limits, handles, page_first)
    families = _Families(pages, siblings)
    line, _ = sequence(families.hard, made.wants())
    return made.steps(families, line)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A page made in parts: the blocks from `first` up to `last` with it, the others later; `again` when all are there.

    `late`: a block that other pages link to is not told with the page, so that their links may have to do without it.
    """

    first: int
    last: int
    create: tuple[Op, ...]
    before: tuple[Op, ...] = ()
    behind: tuple[Op, ...] = ()
    again: tuple[Op, ...] = ()
    late: bool = False

    @property
    def cost(self) -> tuple[int, int, int]:
        """Requests, and one for links that lead less far; then writes; then the more is there at once the better."""
        ops = (*self.create, *self.before, *self.behind, *self.again)
        reads = sum(isinstance(op, ReadChildren) for op in ops)
        return len(ops) + self.late, len(ops) - reads, self.first - self.last


class _Order:
    def __init__(
        self,
        pages: Sequence[NewPage],
        known: Container[str],
        limits: Limits,
        handles: Handles,
        page_first: bool,
    ) -> None:
        self.pages = pages
        self.page_first = page_first
        self.limits = limits
        self.handles = handles
        self.index = {page.key: i for i, page in enumerate(pages) if page.key not in known}
        self.parents = {page.parent for page in pages}
        self.links = [dict(self._links(i)) for i in range(len(pages))]
        self.own = [Own.of(page.key, page.blocks, page.places) if page.places else Own() for page in pages]
        self.least = [self._least(i) for i in range(len(pages))]
        self.windows = [self._windows(i) for i in range(len(pages))]
        self.done: list[Step] = []
        self.parts: list[list[int]] = [[] for _ in pages]  # the steps of each page
        self.created: dict[int, int] = {}  # page -> its step

    def _links(self, i: int) -> Iterator[tuple[int, frozenset[int]]]:
        """Each top-level block that needs pages which are new, by its place, and those pages."""
        for at, block in enumerate(self.pages[i].blocks):
            refs = [ref for part in block.walk() if part.symbolic for ref in references(part)]
            keys = {ref.target for ref in refs if isinstance(ref, PageRef)}
            found = {self.index[key] for key in keys if key in self.index}
            found.discard(i)
            if self.page_first and uploads(part.content for part in block.walk()):
                found.add(i)
            if found:
                yield at, frozenset(found)

    def _least(self, i: int) -> int:
        """Requests for the page alone; 0 where nobody asks because it has no links."""
        page = self.pages[i]
        return create_cost(page.blocks, self.limits, page.head)[0] if self.links[i] else 0

    def _windows(self, i: int) -> list[tuple[int, int]]:
        """The parts of the page of which one must be created with it, lest that take one more request."""
        blocks = self.pages[i].blocks
        return [(0, len(blocks))] if self.least[i] < 2 else _windows(blocks, self.limits)

    def wants(self) -> list[list[int]]:
        """For each page the pages that should come first: those that its easiest part links to."""
        found: list[list[int]] = []
        for links, windows in zip(self.links, self.windows, strict=True):
            parts = [
                {other for at, others in links.items() if first <= at < last for other in others}
                for first, last in windows
            ]
            fewest = min(range(len(parts)), key=lambda at: len(parts[at]))
            found.append(sorted(parts[fewest]))
        return found

    def steps(self, families: _Families, line: Sequence[int]) -> tuple[Step, ...]:
        """The steps that create the pages in this order; what is left of a page as soon as its last target is there."""
        place = {i: at for at, i in enumerate(line)}
        waiting: dict[int, list[tuple[int, tuple[Op, ...], set[int], bool]]] = {}
        for at, i in enumerate(line):
            cut = self._create(i, families)
            count, latest = len(self.pages[i].blocks), at
            for ops, first, last in ((cut.before, 0, cut.first), (cut.behind, cut.last, count)):
                if ops:
                    targets = self._targets(i, first, last)
                    ready = max((place[target] for target in targets), default=at)
                    latest = max(ready, latest)
                    waiting.setdefault(max(ready, at), []).append((i, ops, targets, False))
            if cut.again:
                waiting.setdefault(latest, []).append((i, cut.again, set(), True))
            for owner, ops, targets, finish in waiting.pop(at, []):
                needs = {self.created[target] for target in targets} | {self.created[owner]}
                self._do(owner, ops, needs.union(self.parts[owner]) if finish else needs)
        return tuple(self.done)

    def _do(self, i: int, ops: tuple[Op, ...], needs: set[int]) -> None:
        self.parts[i].append(len(self.done))
        self.done.append(Step(self.pages[i].key, ops, tuple(sorted(needs)), self.own[i].here))

    def _create(self, i: int, families: _Families) -> _Cut:
        """Do the step that creates the page."""
        links = self.links[i]
        cut = self._cut(i, [at for at in sorted(links) if not links[at] <= self.created.keys()])
        after, before = families.add(i)
        needs = {self.created[other] for other in (*before, *self._targets(i, cut.first, cut.last))}
        ops = tuple(replace(op, after=after) if isinstance(op, CreatePage) else op for op in cut.create)
        self.created[i] = len(self.done)
        self._do(i, ops, needs)
        return cut

    def _targets(self, i: int, first: int, last: int) -> set[int]:
        return {other for at, others in self.links[i].items() if first <= at < last for other in others}

    def _cut(self, i: int, missing: Sequence[int]) -> _Cut:
        """The cheapest way to create the page without the top-level blocks `missing`."""
        count = len(self.pages[i].blocks)
        own = self.own[i].cuts() if self.own[i].links else []
        if not missing and not own:
            return self._try(i, 0, count)
        options = [*own, (0, 0)]
        if missing:
            options = [*own, (0, missing[0]), *self.windows[i], (missing[-1] + 1, count), (0, 0)]
        best: _Cut | None = None
        for first, last in dict.fromkeys(options):
            if bisect_left(missing, first) < bisect_left(missing, last):
                continue
            cut = self._try(i, first, last)
            if best is None or cut.cost < best.cost:
                best = cut
            if not own and not self.pages[i].asked and cut.cost[0] <= max(self.least[i], 2):
                break
        assert best is not None  # nothing is missing from (0, 0)
        return best

    def _try(self, i: int, first: int, last: int) -> _Cut:
        """The requests if the blocks from `first` up to `last` are created with the page."""
        page = self.pages[i]
        parent = page_handle(page.parent) if page.parent else page.parent_id
        handle = page_handle(page.key)
        own, blocks = self.own[i], page.blocks
        runs = own.runs(first, last, self.limits) if own.links else []
        late = {at for run in runs for at in run}
        kept = [at for at in range(first, last) if at not in late]
        anchors = own.wanted(kept)

        def stands_before(at: int) -> str:
            """What a block at this place goes behind, if others come before it."""
            if at == first or not kept:
                return START
            if at - 1 in late:
                return own.handles[at - 1]
            return anchors.setdefault(kept.index(at - 1), self.handles.new())

        def inserted(after: str, places: range) -> tuple[Op, ...]:
            part = blocks[places.start : places.stop]
            return pack_insert(handle, after, part, self.limits, self.handles, own.wanted(places))

        # child pages will stand behind what is created now
        after = stands_before(last) if last < len(blocks) and page.key in self.parents else END
        places = [stands_before(run.start) for run in runs]
        some = [blocks[at] for at in kept]
        create = pack_create(handle, parent, page.head, some, self.limits, self.handles, anchors)
        for place, run in zip(places, runs, strict=True):
            create = (*create, *inserted(place, run))
        parts = inserted(START, range(first)), inserted(after, range(last, len(blocks)))
        again = own.again(create, parts, self.handles)
        untold = any(not first <= at < last for at in page.asked)
        return _Cut(first, last, create, *parts, again, untold)


class _Families:
    """What the tree of pages demands of the order: parents first, and siblings as readers shall see them."""

    def __init__(self, pages: Sequence[NewPage], siblings: Siblings) -> None:
        self.pages = pages
        index = {page.key: i for i, page in enumerate(pages)}
        self.hard: list[list[int]] = [[] for _ in pages]
        self.family = [(page.parent, page.parent_id, page.after) for page in pages]
        self.placed = [
            siblings == "placed" and family != ("", "", "") and not page.free
            for page, family in zip(pages, self.family, strict=True)
        ]
        self.standing: dict[tuple[str, str, str], list[int]] = {}
        self.latest: dict[tuple[tuple[str, str, str], int], int] = {}
        last: dict[tuple[str, str, str], int] = {}
        for i, page in enumerate(pages):
            family = self.family[i]
            if page.parent:
                self.hard[i].append(index[page.parent])
            if (
                siblings != "free"
                and not page.free
                and family in last
                and not (self.placed[i] and page.after)
            ):
                self.hard[i].append(last[family])
            if not self.placed[i] or family not in last:
                last[family] = i

    def add(self, i: int) -> tuple[str, list[int]]:
        """Place a page that is created next: `CreatePage.after`, and the pages that must be there before it.

        A page behind a sibling needs whatever was put directly behind that one earlier, or the two would change places.
        """
        if not self.placed[i]:
            return "", self.hard[i]
        family = self.family[i]
        standing = self.standing.setdefault(family, [])
        at = bisect_left(standing, i)
        before = standing[at - 1] if at else -1
        earlier = self.latest.get((family, before))
        self.latest[family, before] = i
        standing.insert(at, i)
        after = page_handle(self.pages[before].key) if at else self.pages[i].after
        return after, [*self.hard[i], *([before] if at else []), *([] if earlier is None else [earlier])]


def _windows(blocks: Sequence[BlockInput], limits: Limits) -> list[tuple[int, int]]:
    """Parts of a large page; with any of them the rest takes one request fewer than the whole."""
    left = _borders(blocks, limits)
    right = [len(blocks) - border for border in _borders(blocks[::-1], limits)]
    count = min(len(left), len(right)) - 1
    found = [(left[at], right[count - 1 - at]) for at in range(count)] if count else [(0, len(blocks))]
    return [(first, max(first, last)) for first, last in found]


def _borders(blocks: Sequence[BlockInput], limits: Limits) -> list[int]:
    """Where each request ends when the blocks are appended from the first on, beginning with 0."""
    borders = [0]
    for op in pack_insert("@page", END, blocks, limits, Handles()):
        if isinstance(op, Append) and op.parent == "@page":
            borders.append(borders[-1] + len(op.blocks))
    return borders
