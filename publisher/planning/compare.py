"""Which of the blocks that stand there stay for which of the new ones, at every depth, for the least cost."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import accumulate
from typing import TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.band import NEVER, Pairs, Task, align, along, between, common, full, unique
from publisher.planning.base import Node
from publisher.planning.layout import READ, WRITE, Item
from publisher.planning.limits import Limits
from publisher.planning.packing import insert_cost
from publisher.planning.pieces import BODY
from publisher.planning.standing import KEPT, UNIQUE, Old, Prefer, block_of
from publisher.planning.tight import SMALL

CELLS = 200_000  # pairs of blocks that are compared in one diff: a fraction of a second
_UNTRIMMED = 2_500  # pairs up to which equal ends are compared too where trimming them might not be exact
_LEAST = 40  # new blocks that an old one is compared with when the budget is spent
_TABLED = 100_000  # steps up to which runs are priced one by one
_NESTED = 6  # what a pair that both have children costs, in pairs without

CanUpdate: TypeAlias = Callable[[Node, BlockInput], bool]
_Work: TypeAlias = "Generator[tuple[list[Old], list[Item]], Found, Found]"
Found: TypeAlias = tuple[int, Pairs]


class Runs:
    """What it costs to insert new siblings in one run."""

    def __init__(self, items: Sequence[Item], limits: Limits) -> None:
        self.items, self.limits = items, limits
        self.later = list(accumulate((item.costs[limits.depth] for item in items), initial=0))
        self.blocks = list(accumulate((item.blocks for item in items), initial=0))
        self.bytes = list(accumulate((item.bytes for item in items), initial=0))

    @property
    def binds(self) -> bool:
        """Whether one request may be too small for the blocks or bytes of a run."""
        return self.blocks[-1] > self.limits.blocks or self.bytes[-1] > self.limits.bytes - BODY

    @property
    def plain(self) -> bool:
        """Whether a run costs nothing but a request for each full array."""
        return not self.binds and not self.later[-1]

    def cost(self, a: int, b: int) -> int:
        """The cost of the run a … b - 1: exact, except where blocks or bytes bind in a long run."""
        limits = self.limits
        if a == b:
            return 0
        blocks, bytes = self.blocks[b] - self.blocks[a], self.bytes[b] - self.bytes[a]
        arrays = WRITE * -(-(b - a) // limits.array) + self.later[b] - self.later[a]
        if blocks <= limits.blocks and bytes <= limits.bytes - BODY:
            return arrays
        if blocks <= SMALL:
            total, writing = insert_cost([block_of(item) for item in self.items[a:b]], limits)
            return (total - writing) * READ + writing * WRITE
        return max(arrays, WRITE * -(-blocks // limits.blocks), WRITE * -(-bytes // limits.bytes))


# With children, these can be updated or not depending on what is in them: a table on its width, a heading on whether
# it is toggleable. For all others the type decides, so that one answer counts for all blocks of a type.
CHOOSY = frozenset({"table", "heading_1", "heading_2", "heading_3", "heading_4"})


class Comparison:
    """Compares lists of siblings, and those below them as far as it matters. Remembers what it has found."""

    def __init__(self, can_update: CanUpdate, limits: Limits, prefer: Prefer) -> None:
        self.can_update, self.limits, self.prefer = can_update, limits, prefer
        self.left = CELLS
        self.found: dict[tuple[int, int], Found] = {}
        self.fills: dict[int, int] = {}

    def pairs(self, olds: list[Old], items: list[Item]) -> Pairs:
        """The pairs of siblings that stay for one another. (Generators on a stack, since lists may nest deeply.)"""
        stack = [self._compare(olds, items)]
        answer: Found | None = None
        while stack:
            try:
                asked = next(stack[-1]) if answer is None else stack[-1].send(answer)
                stack.append(self._compare(*asked))
                answer = None
            except StopIteration as done:
                stack.pop()
                answer = done.value
        assert answer is not None
        return answer[1]

    def below(self, old: Old, item: Item) -> Pairs:
        """The pairs among the children of two blocks, one of which stays for the other."""
        known = self.found.get((id(old), id(item)))
        return known[1] if known else self.pairs(old.kids, item.kids)

    def _compare(self, olds: list[Old], items: list[Item]) -> _Work:
        worth = self._worth(olds, items)
        head, tail = self._equal_ends(olds, items)
        n, m = len(olds) - head - tail, len(items) - head - tail
        front: Pairs = [(i, i) for i in range(head)]
        back: Pairs = [(head + n + i, head + m + i) for i in range(tail)]
        olds, items = olds[head : head + n], items[head : head + m]
        runs = Runs(items, self.limits)
        if not n or not m:
            return sum(old.drop for old in olds) + runs.cost(0, m), front + back
        band = self._band(olds, items)
        rows = yield from self._rows(olds, items, band, worth)
        cost, middle = align(self._task(olds, runs, rows), band)
        # One level up only what it costs counts: there, blocks are equal or not.
        cost += sum(worth.get(olds[i].shape, 0) for i, j in middle if olds[i].shape == items[j].shape)
        return cost, front + [(head + i, head + j) for i, j in middle] + back

    def _worth(self, olds: list[Old], items: list[Item]) -> dict[int, int]:
        """What it is worth that a block of each shape stays for an equal one; nothing when only requests count."""
        if self.prefer == "requests":
            return {}
        left, right = Counter(old.shape for old in olds), Counter(item.shape for item in items)
        return {
            shape: UNIQUE if left[shape] == right[shape] == 1 else KEPT
            for shape in left.keys() & right.keys()
        }

    def _equal_ends(self, olds: list[Old], items: list[Item]) -> tuple[int, int]:
        """How many blocks are equal at both ends, and stay without a comparison.

        It costs the fewest requests too where a run costs the same whatever is in it: what stands between only moves
        within its run. Otherwise it might not, so when requests are all that counts, short lists are compared whole.
        """
        if self.prefer == "requests" and len(olds) * len(items) <= _UNTRIMMED:
            plain = Runs(items, self.limits).plain and not any(old.holds for old in olds)
            if not plain and [old.shape for old in olds] != [item.shape for item in items]:
                return 0, 0
        shortest = min(len(olds), len(items))
        head = 0
        while head < shortest and olds[head].shape == items[head].shape:
            head += 1
        tail = 0
        while tail < shortest - head and olds[-1 - tail].shape == items[-1 - tail].shape:
            tail += 1
        return head, tail

    def _band(self, olds: list[Old], items: list[Item]) -> list[tuple[int, int]]:
        n, m = len(olds), len(items)
        nested = sum(1 for old in olds if old.kids) * sum(1 for item in items if item.kids)
        work = n * m + nested * (_NESTED - 1)
        if work <= max(self.left, _UNTRIMMED):
            band = full(n, m)
        else:
            shapes = [old.shape for old in olds], [item.shape for item in items]
            pairs = common(*shapes) if self.prefer == "requests" else between(unique(*shapes), *shapes)
            pairs = between(pairs, [old.node.digest for old in olds], [item.digest for item in items])
            band = along(pairs, n, m, max(self.left, _LEAST * n) * n * m // work)
        self.left -= sum(hi - lo for lo, hi in band) * work // (n * m)
        return band

    def _rows(
        self, olds: list[Old], items: list[Item], band: Sequence[tuple[int, int]], worth: dict[int, int]
    ) -> Generator[tuple[list[Old], list[Item]], Found, list[list[int]]]:
        """For each old block, the cost of its staying for each new one in its band."""
        equal: dict[int, list[int]] = {}
        alike: dict[tuple[str, bytes], list[int]] = {}
        for j, item in enumerate(items):
            equal.setdefault(item.shape, []).append(j)
            alike.setdefault((block_of(item).type, item.digest), []).append(j)
        parents = [j for j, item in enumerate(items) if item.kids]
        fills = [self._fill(items[j]) if items[j].kids else 0 for j in range(len(items))]
        updates: dict[tuple[str, bytes], list[int]] = {}
        rows: list[list[int]] = []
        for old, (lo, hi) in zip(olds, band, strict=False):
            node = old.node
            kind = (node.type, node.digest if node.type in CHOOSY and node.children else b"")
            if kind not in updates:
                updates[kind] = [WRITE if self.can_update(node, block_of(item)) else NEVER for item in items]
            row = updates[kind][lo:hi] if not old.kept else [NEVER] * (hi - lo)
            for j in _within(alike.get((node.type, node.digest)), lo, hi):
                row[j - lo] = 0
            if node.children is not None and (parents or old.kids):
                own = row
                row = [stay + fill + old.clear for stay, fill in zip(own, fills[lo:hi], strict=True)]
                for j in _within(parents, lo, hi) if old.kids else ():
                    if own[j - lo] < NEVER and items[j].shape != old.shape:
                        row[j - lo] = own[j - lo] + (yield from self._below(old, items[j]))
            for j in _within(equal.get(old.shape), lo, hi):
                row[j - lo] = -worth.get(old.shape, 0)
            rows.append(row)
        return rows

    def _below(self, old: Old, item: Item) -> Generator[tuple[list[Old], list[Item]], Found, int]:
        """The cost of turning the children of a block that stays into those of the other."""
        key = id(old), id(item)
        if key not in self.found:
            cells = len(old.kids) * len(item.kids)
            if cells > max(self.left, 4):
                return _estimate(old, item)
            self.found[key] = yield old.kids, item.kids
        return self.found[key][0]

    def _fill(self, item: Item) -> int:
        """The cost of inserting all children of a block that has none of ours yet."""
        if id(item) not in self.fills:
            self.fills[id(item)] = Runs(item.kids, self.limits).cost(0, len(item.kids))
        return self.fills[id(item)]

    def _task(self, olds: list[Old], runs: Runs, rows: list[list[int]]) -> Task:
        m, array = len(runs.items), self.limits.array
        drop = [old.drop for old in olds]
        if (m > array or runs.binds) and len(olds) * m * m <= _TABLED:
            table = [[runs.cost(a, b) if a < b else 0 for b in range(m + 1)] for a in range(m)]
            return Task(rows, drop, WRITE, runs.later, table)
        # A long run begins a new request now and then; where exactly, only a table would know.
        steps = [cost + WRITE * (max(j - 1, 0) // array) for j, cost in enumerate(runs.later)]
        return Task(rows, drop, WRITE, steps)


def _within(places: list[int] | None, lo: int, hi: int) -> Iterator[int]:
    """Those of the ascending places that lie in lo … hi - 1."""
    if places:
        yield from places[bisect_left(places, lo) : bisect_left(places, hi)]


def _estimate(old: Old, item: Item) -> int:
    """About the cost of turning the children of one into those of the other, without looking at their order."""
    equal = sum(1 for kid in item.kids if kid.shape in old.bag)
    gone, new = max(0, len(old.kids) - equal), len(item.kids) - equal
    return WRITE * (gone + (new > gone))
