"""Small trees, every one of them, and the least number of requests found by trying everything.

Written without a look at how the planner works: a state is what is there and whose id is known, a step is one request.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import product
from typing import TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.base import Node, tree_digest
from publisher.planning.limits import OBLIGATORY, Limits

Forest: TypeAlias = "tuple[Forest, ...]"  # a tree is the forest of its root's children
Cost: TypeAlias = tuple[int, int]  # requests, writes
Total: TypeAlias = tuple[int, int, int]  # requests, writes, ids lost
Kept: TypeAlias = tuple[
    int, int
]  # equal blocks that stay: those without another equal one on either side, others


@cache
def forests(nodes: int, depth: int) -> tuple[Forest, ...]:
    """Every ordered forest with so many nodes and at most so many levels."""
    if nodes == 0:
        return ((),)
    if depth == 0:
        return ()
    found = []
    for first in range(1, nodes + 1):
        for kids, rest in product(forests(first - 1, depth - 1), forests(nodes - first, depth)):
            found.append((kids, *rest))
    return tuple(found)


def blocks(
    forest: Forest, labels: Iterator[str], types: Iterator[str] | None = None
) -> tuple[BlockInput, ...]:
    """Blocks in the shape of a forest; labels (and types) are used up in reading order."""
    made = []
    for kids in forest:
        label = next(labels)
        kind = next(types) if types else "paragraph"
        made.append(BlockInput(kind, label.encode(), blocks(kids, labels, types)))
    return tuple(made)


class _Shape:
    """A forest as numbers: node 0 is the parent, the others in reading order."""

    def __init__(self, top: tuple[BlockInput, ...]) -> None:
        self.kids: list[list[int]] = [[]]
        self.must = [0]
        self._add(0, top)

    def _add(self, parent: int, blocks: tuple[BlockInput, ...]) -> None:
        for block in blocks:
            node = len(self.kids)
            self.kids.append([])
            self.must.append(min(OBLIGATORY.get(block.type, 0), len(block.children)))
            self.kids[parent].append(node)
            self._add(node, block.children)


def least_packing(top: tuple[BlockInput, ...], limits: Limits, create: bool) -> Cost | None:
    """(requests, writes) to make a page of the blocks, or to put them under a known parent; None if impossible."""
    if not top and not create:
        return 0, 0
    return _Packing(_Shape(top), limits, create).least()


class _Packing:
    def __init__(self, shape: _Shape, limits: Limits, create: bool) -> None:
        self.shape, self.limits, self.create = shape, limits, create
        self.cut = lru_cache(maxsize=None)(self._cut)

    def _cut(self, node: int, room: int) -> tuple[int, ...]:
        """Sets (as bits) of what may go in one request with a node: the node and some of what is below it."""
        found = {1 << node} if not self.shape.must[node] else set()
        for mask, count in self._join(self.shape.kids[node], room - 1):
            if count >= max(1, self.shape.must[node]):
                found.add(mask | 1 << node)
        return tuple(sorted(mask for mask in found if mask.bit_count() <= self.limits.blocks))

    def _join(self, kids: list[int], room: int) -> set[tuple[int, int]]:
        """Sets of some of these siblings with some of what is below them, and how many siblings."""
        found = {(0, 0)}
        if room < 0:
            return found
        for kid in kids:
            found |= {
                (mask | more, count + 1)
                for mask, count in found
                if count < self.limits.array
                for more in self.cut(kid, room)
                if (mask | more).bit_count() <= self.limits.blocks
            }
        return found

    def least(self) -> Cost | None:
        goal = sum(1 << node for node in range(1, len(self.shape.kids)))
        best: dict[tuple[int, int], Cost] = {}
        queue: list[tuple[Cost, int, int]] = []

        def reach(cost: Cost, there: int, known: int) -> None:
            if cost < best.get((there, known), (99, 99)):
                best[there, known] = cost
                heapq.heappush(queue, (cost, there, known))

        if self.create:
            for mask, _ in self._join(self.shape.kids[0], self.limits.depth):
                reach((1, 1), mask, 0)
        else:
            reach((0, 0), 0, 0)
        while queue:
            cost, there, known = heapq.heappop(queue)
            if there == goal:
                return cost
            if best[there, known] < cost:
                continue
            for node, kids in enumerate(self.shape.kids):
                if not kids or (node and not known >> node & 1):
                    continue
                seen = sum(1 << kid for kid in kids if there >> kid & 1)
                if seen & ~known:
                    reach((cost[0] + 1, cost[1]), there, known | seen)
                for mask, top in self._appends(node, there, known):
                    reach((cost[0] + 1, cost[1] + 1), there | mask, known | top)
        return None

    def _appends(self, node: int, there: int, known: int) -> Iterator[tuple[int, int]]:
        """What one append under a node may bring: the set, and its top level."""
        gap: list[int] = []
        anchor = True  # the start is always a place
        kids = self.shape.kids[node]
        for kid in [*kids, 0]:
            if kid and not there >> kid & 1:
                gap.append(kid)
                continue
            if gap and (anchor or (not kid and (node or self.create))):  # or the end
                bits = sum(1 << one for one in gap)
                for mask, _ in self._join(gap, self.limits.depth):
                    if mask:
                        yield mask, mask & bits
            gap = []
            anchor = bool(known >> kid & 1)


class LeastDiff:
    """The least (requests, writes, ids lost) of a diff, over every way to let old blocks stay for new ones in order.

    With `ids` equal blocks at both ends stay. In the middle the most equal blocks stay that can, first of those that
    are there once in each of the lists, then of the others; then requests count. Each block that goes with its parent
    counts as if it were deleted by itself, and one request more.
    """

    def __init__(
        self, limits: Limits, can_update: Callable[[Node, BlockInput], bool], ids: bool = False
    ) -> None:
        self.limits, self.can_update, self.ids = limits, can_update, ids
        self.runs: dict[object, Total] = {}

    def between(self, old: tuple[Node, ...], new: tuple[BlockInput, ...]) -> Total:
        return self.best(old, new)[1]

    def best(self, old: tuple[Node, ...], new: tuple[BlockInput, ...]) -> tuple[Kept, Total]:
        """With `ids` also what stays in the middle, negative."""
        old = tuple(node for node in old if not node.foreign)
        worth = _worth(old, new) if self.ids else {}
        while self.ids and old and new and _equal(old[0], new[0]):
            old, new = old[1:], new[1:]
        while self.ids and old and new and _equal(old[-1], new[-1]):
            old, new = old[:-1], new[:-1]
        return self._from(old, new, (), worth)

    def _from(
        self,
        old: tuple[Node, ...],
        new: tuple[BlockInput, ...],
        run: tuple[BlockInput, ...],
        worth: dict[bytes, Kept],
    ) -> tuple[Kept, Total]:
        """`run`: new blocks since the last one that an old one stays for."""
        if not old and not new:
            return (0, 0), self._run(run)
        ways = []
        if old:
            kept, cost = self._from(old[1:], new, run, worth)
            ways.append((kept, _sum(self.drop(old[0]), cost)))
        if new:
            ways.append(self._from(old, new[1:], (*run, new[0]), worth))
        if old and new and (stay := self._stay(old[0], new[0])) is not None:
            kept, cost = self._from(old[1:], new[1:], (), worth)
            more = worth.get(tree_digest([old[0]]), (0, 0)) if _equal(old[0], new[0]) else (0, 0)
            ways.append(((kept[0] - more[0], kept[1] - more[1]), _sum(stay, self._run(run), cost)))
        return min(ways)

    def _stay(self, old: Node, new: BlockInput) -> Total | None:
        own = (0, 0, 0)
        if (old.type, old.digest) != (new.type, new.digest):
            if not self.can_update(old, new):
                return None
            own = (1, 1, 0)
        return _sum(own, self.between(old.children or (), new.children))

    def drop(self, old: Node) -> Total:
        if any(node.foreign for node in old.walk()):
            return 1000, 1000, 0
        alone = (1, 1, sum(1 for _ in old.walk()))
        below = (_sum((1, 1, 0), self.drop(kid)) for kid in old.children or ()) if self.ids else ()
        return _sum(alone, *below)

    def _run(self, run: tuple[BlockInput, ...]) -> Total:
        key = tuple(map(_outline, run))
        if key not in self.runs:
            least = least_packing(run, self.limits, create=False)
            assert least is not None
            self.runs[key] = (*least, 0)
        return self.runs[key]


def _equal(old: Node, new: BlockInput) -> bool:
    return tree_digest([old]) == tree_digest([new])


def _worth(old: tuple[Node, ...], new: tuple[BlockInput, ...]) -> dict[bytes, Kept]:
    """What it counts that a block stays for an equal one."""
    left, right = Counter(tree_digest([node]) for node in old), Counter(tree_digest([block]) for block in new)
    return {digest: (1, 0) if left[digest] == right[digest] == 1 else (0, 1) for digest in left}


def _outline(block: BlockInput) -> object:
    return block.type in OBLIGATORY and block.type, tuple(map(_outline, block.children))


def _sum(*costs: Total) -> Total:
    requests, writes, lost = map(sum, zip(*costs, strict=True))
    return requests, writes, lost


def nodes(blocks: tuple[BlockInput, ...], ids: Iterator[str]) -> tuple[Node, ...]:
    """The blocks as they stand in a workspace."""
    return tuple(Node(next(ids), block.type, block.digest, nodes(block.children, ids)) for block in blocks)
