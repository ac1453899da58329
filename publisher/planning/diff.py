"""The fewest requests that turn the blocks of a page into other blocks.

A block that is equal with all below it is never touched: its id, its comments and the links to it live on. One whose own
content differs is updated in place where the service can; the children of a block that stays are compared in turn.
What does not stay is deleted, what is new is inserted, in one run wherever the new blocks stand together. Blocks cannot
be moved: of those that change places the cheapest to write again are written again.

Exact (see `bench/optimal.py`) up to `CELLS` pairs of blocks to compare; for more, along a band.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from itertools import accumulate
from typing import TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.band import NEVER, Pairs, Task, align, along, common, full
from publisher.planning.base import Node
from publisher.planning.edits import Edit, Insert, edits_cost, patch
from publisher.planning.layout import READ, WRITE, Item, measure, run_cost
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import START, DeleteBlock, UpdateBlock
from publisher.planning.packing import insert_cost
from publisher.planning.pieces import BODY

__all__ = ["Edit", "Insert", "diff", "edits_cost", "patch"]

CELLS = 250_000  # pairs of blocks that are compared in one diff: about a quarter of a second
_UNTRIMMED = 2_500  # pairs up to which equal ends are compared too where trimming them might not be exact
_TABLED = 200_000  # steps up to which runs are priced one by one
_STAY = 1_000 * WRITE  # what it costs to leave a block of ours because of what people have put into it

CanUpdate: TypeAlias = Callable[[Node, BlockInput], bool]
_Work: TypeAlias = "Generator[tuple[list[_Old], list[Item]], tuple[int, Pairs], tuple[int, Pairs]]"


def diff(
    parent: str,
    old: Sequence[Node],
    new: Sequence[BlockInput],
    can_update: CanUpdate,
    limits: Limits = DEFAULT,
) -> tuple[Edit, ...]:
    """The edits that turn the children `old` of `parent` into `new`; insertions and updates first, deletions last.

    Parameters:
        can_update: whether the service can turn a block into another in place. It may look at the old block's type
            and at the new block, and is asked once for each such pair.

    Foreign nodes stay where they stand behind our own preceding block. A block of ours that holds a foreign or an
    unread one is never deleted: it stays for a new block if one can take its place, else it is left as it is. What was
    not read is taken to be as it should. Edited nodes (`Node.edited`) are not written over.

    Raises:
        ValueError: a block must be changed whose id is not known.
    """
    return _Diff(can_update, limits).edits(parent, old, new)


class _Old:
    """A block of ours in the workspace. `kids`: those of ours below it. `clear`: the cost of deleting them."""

    __slots__ = ("bag", "clear", "drop", "holds", "kids", "node", "shape", "size")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.kids: list[_Old] = []
        self.shape = -1
        self.size = 1
        self.holds = node.children is None or node.edited
        self.drop = self.clear = 0
        self.bag: Counter[int] | None = None


class _Diff:
    def __init__(self, can_update: CanUpdate, limits: Limits) -> None:
        self.can_update = can_update
        self.limits = limits
        self.left = CELLS
        self.shapes: dict[object, int] = {}
        self.updates: dict[tuple[str, int], bool] = {}
        self.solved: dict[tuple[int, int], tuple[int, Pairs]] = {}
        self.fills: dict[int, int] = {}

    def edits(self, parent: str, old: Sequence[Node], new: Sequence[BlockInput]) -> tuple[Edit, ...]:
        olds = self._grow(old)
        items = measure(new, self.limits)
        self._shape(items)
        changes: list[Edit] = []
        deletions: list[Edit] = []
        pending = [(parent, olds, items, self._solve(olds, items))]
        while pending:
            under, olds, items, pairs = pending.pop()
            below: list[tuple[str, list[_Old], list[Item], Pairs]] = []
            after, done = START, 0
            staying = dict(pairs)
            for i, j in [*pairs, (len(olds), len(items))]:
                if done < j:
                    run = tuple(_block(item) for item in items[done:j])
                    changes.append(Insert(_known(under), _known(after), run))
                if i == len(olds):
                    break
                there, item = olds[i], items[j]
                after, done = there.node.id, j + 1
                if there.node.digest != _block(item).digest or there.node.type != _block(item).type:
                    changes.append(UpdateBlock(_known(there.node.id), _block(item)))
                if (
                    there.shape != item.shape
                    and there.node.children is not None
                    and (there.kids or item.kids)
                ):
                    inner = self.solved.get((id(there), id(item)))
                    pairs_below = inner[1] if inner else self._solve(there.kids, item.kids)
                    below.append((there.node.id, there.kids, item.kids, pairs_below))
            deletions += [
                DeleteBlock(_known(there.node.id))
                for i, there in enumerate(olds)
                if i not in staying and not there.holds
            ]
            pending += reversed(below)
        return (*changes, *deletions)

    # What is compared

    def _grow(self, nodes: Sequence[Node]) -> list[_Old]:
        top: list[_Old] = []
        order: list[_Old] = []
        pending: list[tuple[list[_Old], Sequence[Node]]] = [(top, nodes)]
        while pending:
            into, children = pending.pop()
            for node in children:
                if not node.foreign:
                    old = _Old(node)
                    into.append(old)
                    order.append(old)
                    if node.children:
                        old.holds = old.holds or any(child.foreign for child in node.children)
                        pending.append((old.kids, node.children))
        for old in reversed(order):
            old.shape = self._number(old.node.type, old.node.digest, tuple([kid.shape for kid in old.kids]))
            old.size += sum(kid.size for kid in old.kids)
            old.holds = old.holds or any(kid.holds for kid in old.kids)
            old.clear = sum(kid.drop for kid in old.kids)
            old.drop = _STAY if old.holds else WRITE + old.size
        return top

    def _shape(self, items: list[Item]) -> None:
        order: list[Item] = []
        pending = list(items)
        while pending:
            item = pending.pop()
            order.append(item)
            pending += item.kids
        for item in reversed(order):
            block = _block(item)
            item.shape = self._number(block.type, block.digest, tuple([kid.shape for kid in item.kids]))

    def _number(self, *key: object) -> int:
        """The same number for blocks that are equal with all below them."""
        return self.shapes.setdefault(key, len(self.shapes))

    # Costs

    def _solve(self, olds: list[_Old], items: list[Item]) -> Pairs:
        """Run `_compare` and all comparisons it asks for; a stack of generators, since lists may nest deeply."""
        stack = [self._compare(olds, items)]
        answer: tuple[int, Pairs] | None = None
        while True:
            try:
                asked = stack[-1].send(answer) if answer is not None else next(stack[-1])
                stack.append(self._compare(*asked))
                answer = None
            except StopIteration as done:
                stack.pop()
                answer = done.value
                if not stack:
                    assert answer is not None
                    return answer[1]

    def _compare(self, olds: list[_Old], items: list[Item]) -> _Work:
        head, tail = self._trim(olds, items)
        front: Pairs = [(i, i) for i in range(head)]
        n, m = len(olds) - head - tail, len(items) - head - tail
        back: Pairs = [(head + n + i, head + m + i) for i in range(tail)]
        olds, items = olds[head : head + n], items[head : head + m]
        if not n or not m:
            cost = sum(old.drop for old in olds) + (self._run(items) if items else 0)
            return cost, front + back
        if n * m <= max(self.left, _UNTRIMMED):
            band = full(n, m)
        else:
            pairs = common([old.shape for old in olds], [item.shape for item in items])
            band = along(pairs, n, m, max(self.left, CELLS // 10))
        self.left -= sum(hi - lo for lo, hi in band)
        rows = yield from self._rows(olds, items, band)
        cost, middle = align(self._task(olds, items, rows), band)
        return cost, front + [(head + i, head + j) for i, j in middle] + back

    def _trim(self, olds: list[_Old], items: list[Item]) -> tuple[int, int]:
        """How many blocks are equal at both ends.

        To keep those is the cheapest where every new block fits into one request: what stands between only moves within
        its run. Otherwise it might not be, so short lists are not trimmed.
        """
        depth = self.limits.depth
        plain = not self._binds(items) and not any(item.costs[depth] for item in items)
        if len(olds) * len(items) <= _UNTRIMMED and not (plain and not any(old.holds for old in olds)):
            same = len(olds) == len(items) and all(
                old.shape == item.shape for old, item in zip(olds, items, strict=True)
            )
            return (len(olds), 0) if same else (0, 0)
        shortest = min(len(olds), len(items))
        head = 0
        while head < shortest and olds[head].shape == items[head].shape:
            head += 1
        tail = 0
        while tail < shortest - head and olds[-1 - tail].shape == items[-1 - tail].shape:
            tail += 1
        return head, tail

    def _rows(
        self, olds: list[_Old], items: list[Item], band: Sequence[tuple[int, int]]
    ) -> Generator[tuple[list[_Old], list[Item]], tuple[int, Pairs], list[list[int]]]:
        """For each old block and each new one in its band: the cost of its staying."""
        by_shape: dict[int, list[int]] = {}
        by_digest: dict[tuple[str, bytes], list[int]] = {}
        parents: list[int] = []
        for j, item in enumerate(items):
            block = _block(item)
            by_shape.setdefault(item.shape, []).append(j)
            by_digest.setdefault((block.type, block.digest), []).append(j)
            if item.kids:
                parents.append(j)
        updates: dict[str, list[int]] = {}
        fills = [self._fill(item) for item in items]
        rows: list[list[int]] = []
        for old, (lo, hi) in zip(olds, band, strict=False):
            node = old.node
            if node.edited:
                row = [NEVER] * (hi - lo)
            else:
                if node.type not in updates:
                    updates[node.type] = [self._update(node, item) for item in items]
                row = updates[node.type][lo:hi]
            for j in by_digest.get((node.type, node.digest), ()):
                if lo <= j < hi:
                    row[j - lo] = 0
            if node.children is None:
                rows.append(row)
                continue
            row = [own + fill + old.clear for own, fill in zip(row, fills[lo:hi], strict=True)]
            for j in parents if old.kids else ():
                if lo <= j < hi and row[j - lo] < NEVER and items[j].shape != old.shape:
                    own = row[j - lo] - fills[j] - old.clear
                    key = id(old), id(items[j])
                    if key not in self.solved and self._affordable(old, items[j]):
                        self.solved[key] = yield old.kids, items[j].kids
                    below = self.solved[key][0] if key in self.solved else _estimate(old, items[j])
                    row[j - lo] = own + below
            for j in by_shape.get(old.shape, ()):
                if lo <= j < hi:
                    row[j - lo] = 0
            rows.append(row)
        return rows

    def _affordable(self, old: _Old, item: Item) -> bool:
        cells = len(old.kids) * len(item.kids)
        return cells <= self.left or cells <= 4

    def _update(self, node: Node, item: Item) -> int:
        return WRITE if self.can_update(node, _block(item)) else NEVER

    def _task(self, olds: list[_Old], items: list[Item], rows: list[list[int]]) -> Task:
        depth, array = self.limits.depth, self.limits.array
        drop = [old.drop for old in olds]
        m = len(items)
        table: list[list[int]] | None = None
        if (m > array or self._binds(items)) and len(olds) * m * m <= _TABLED:
            table = [[self._run(items[a:b]) if a < b else 0 for b in range(m + 1)] for a in range(m)]
        steps = list(accumulate((item.costs[depth] for item in items), initial=0))
        if m > array:  # a long run begins a new request now and then; where exactly, only the table knows
            steps = [step + WRITE * (j // array) for j, step in enumerate(steps)]
        return Task(lambda i, _lo, _hi: rows[i], drop, WRITE, steps, table)

    def _binds(self, items: Sequence[Item]) -> bool:
        """Whether blocks or bytes of a request may be short."""
        limits = self.limits
        return (
            sum(item.blocks for item in items) > limits.blocks
            or sum(item.bytes for item in items) > limits.bytes - BODY
        )

    def _run(self, items: Sequence[Item]) -> int:
        """The cost of inserting new siblings in one run."""
        if not self._binds(items):
            return run_cost(items, self.limits)
        total, writing = insert_cost([_block(item) for item in items], self.limits)
        return (total - writing) * READ + writing * WRITE

    def _fill(self, item: Item) -> int:
        """The cost of inserting all children of a block that stays and has none of ours."""
        if not item.kids:
            return 0
        if id(item) not in self.fills:
            self.fills[id(item)] = self._run(item.kids)
        return self.fills[id(item)]


def _estimate(old: _Old, item: Item) -> int:
    """About the cost of turning the children of one into those of the other, without looking at their order."""
    if old.bag is None:
        old.bag = Counter(kid.shape for kid in old.kids)
    equal = sum((old.bag & Counter(kid.shape for kid in item.kids)).values())
    change = max(len(old.kids), len(item.kids)) - equal
    return WRITE * (len(old.kids) - equal + (1 if change > len(old.kids) - equal else 0))


def _block(item: Item) -> BlockInput:
    assert item.block is not None  # only the parent of all has none
    return item.block


def _known(id: str) -> str:
    if not id:
        raise ValueError("a block must be changed whose id is not known; read its page first")
    return id
