"""Two lists of siblings side by side for the least cost: which of the old stay for which of the new.

The new ones between two that stay are inserted in one run; a run costs one request to begin and little to go on
(affine gaps). Everything else is a number a pair or a number a block.

In full: every pair is looked at, which is exact. For long lists only a band is, along a path through what both lists
have in common (their longest common subsequence, by whole machine words at a time).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add

NEVER = 1 << 160  # more than any cost
Pairs = list[tuple[int, int]]

_BITS = 400_000_000  # of the table from which the longest common subsequence is read: 50 MB


@dataclass(frozen=True, slots=True)
class Task:
    """What an alignment needs to know.

    `rows[i]`: the cost of letting old i stay for each new one in its band (NEVER where it cannot).
    `drop[i]`: the cost of old i if it does not stay. `start`: the cost of beginning a run.
    `steps[j]`: what the new blocks before j cost beside that, summed up.
    `table[a][b]`: the exact cost of the run a … b - 1, where `start` and `steps` are not exact (only in full).
    """

    rows: Sequence[list[int]]
    drop: Sequence[int]
    start: int
    steps: Sequence[int]
    table: Sequence[Sequence[int]] | None = None


def full(n: int, m: int) -> list[tuple[int, int]]:
    """The band that leaves nothing out."""
    return [(0, m)] * (n + 1)


def along(pairs: Pairs, n: int, m: int, cells: int) -> list[tuple[int, int]]:
    """First and last column of each row in a band of about so many cells along the pairs, straight between them."""
    middle = [0] * (n + 2)
    at, to = 0, 0
    for i, j in [*pairs, (n, m)]:
        for row in range(at, i + 1):
            middle[row] = to + (row - at) * (j - to) // max(i - at, 1)
        at, to = i + 1, j + 1
    middle[n + 1] = m
    width = max(8, cells // (2 * n + 2))
    return [
        (max(0, middle[i] - width) if i else 0, min(m, middle[i + 1] + width) if i < n else m)
        for i in range(n + 1)
    ]


def align(task: Task, band: Sequence[tuple[int, int]]) -> tuple[int, Pairs]:
    """The least cost, and the pairs (old, new) that stay for one another. Ties keep more of the later ones."""
    return (_Tabled if task.table is not None else _Affine)(task, band).solve()


class _Rows(ABC):
    """Row i, column j: old 0 … i - 1 and new 0 … j - 1 are dealt with.

    `idle`: no run has begun since the last pair. `best`: with or without. Rows are kept to walk back along.
    """

    def __init__(self, task: Task, band: Sequence[tuple[int, int]]) -> None:
        self.task, self.band = task, band
        self.idle: list[list[int]] = []
        self.best: list[list[int]] = []

    def solve(self) -> tuple[int, Pairs]:
        lo, hi = self.band[0]
        self.idle.append([0] + [NEVER] * (hi - lo))
        self.best.append(self.runs(0))
        for i, drop in enumerate(self.task.drop):
            stay = list(map(add, self.best[i], self.task.rows[i]))
            below = [cost + drop for cost in self.idle[i]]
            self.idle.append(list(map(min, self.moved(below, i, 0), self.moved(stay, i, 1))))
            self.best.append(self.runs(i + 1))
        return self.best[-1][-1], self.walk_back()

    def moved(self, values: list[int], i: int, by: int) -> list[int]:
        """Values of columns lo[i] + by … as a row of the next band."""
        first = self.band[i][0] + by
        lo, hi = self.band[i + 1]
        head = max(0, first - lo)
        part = values[max(0, lo - first) : max(0, hi + 1 - first)]
        return [NEVER] * head + part + [NEVER] * (hi + 1 - lo - head - len(part))

    @abstractmethod
    def runs(self, i: int) -> list[int]:
        """`best` of row i, from its `idle`."""

    def walk_back(self) -> Pairs:
        found: Pairs = []
        i, j = len(self.band) - 1, self.band[-1][1]
        while i or j:
            i, j = self.before_run(i, j)
            while i and self.best_pair(i, j) != self.idle[i][j - self.band[i][0]]:
                i -= 1
            if not i:
                break
            i, j = i - 1, j - 1
            found.append((i, j))
        return found[::-1]

    def best_pair(self, i: int, j: int) -> int:
        """The cost at (i, j) if the two before it stay for one another."""
        lo, hi = self.band[i - 1]
        if not lo < j <= hi:
            return NEVER
        return self.best[i - 1][j - 1 - lo] + self.task.rows[i - 1][j - 1 - lo]

    @abstractmethod
    def before_run(self, i: int, j: int) -> tuple[int, int]:
        """Where the run began that ends at (i, j); the same place if none does."""


class _Affine(_Rows):
    """Runs cost `start` and `steps`. A run goes on while old ones between are dropped, so it can leave a band's row."""

    def __init__(self, task: Task, band: Sequence[tuple[int, int]]) -> None:
        super().__init__(task, band)
        self.open: list[list[int]] = []  # a run has begun; without `steps`

    def runs(self, i: int) -> list[int]:
        lo, hi = self.band[i]
        steps = self.task.steps[lo : hi + 1]
        start = self.task.start
        begun = [idle - step + start for idle, step in zip(self.idle[i], steps, strict=True)]
        if i:
            drop = self.task.drop[i - 1]
            begun = list(map(min, begun, self.moved([cost + drop for cost in self.open[i - 1]], i - 1, 0)))
        self.open.append(list(accumulate(begun, min)))
        return list(map(min, self.idle[i], map(add, self.open[i], steps)))

    def before_run(self, i: int, j: int) -> tuple[int, int]:
        lo = self.band[i][0]
        if self.best[i][j - lo] == self.idle[i][j - lo]:
            return i, j
        while True:
            lo = self.band[i][0]
            value = self.open[i][j - lo]
            if self.idle[i][j - lo] - self.task.steps[j] + self.task.start == value:
                return i, j
            if j > lo and self.open[i][j - lo - 1] == value:
                j -= 1
            else:
                i -= 1


class _Tabled(_Rows):
    """Runs cost what the table says; only in full."""

    def runs(self, i: int) -> list[int]:
        idle, table = self.idle[i], self.task.table
        assert table is not None
        return [
            min(idle[b], min((idle[a] + table[a][b] for a in range(b)), default=NEVER))
            for b in range(len(idle))
        ]

    def before_run(self, i: int, j: int) -> tuple[int, int]:
        idle, table, best = self.idle[i], self.task.table, self.best[i][j]
        assert table is not None
        if idle[j] == best:
            return i, j
        return i, next(a for a in range(j - 1, -1, -1) if idle[a] + table[a][j] == best)


def common(left: Sequence[Hashable], right: Sequence[Hashable]) -> Pairs:
    """Pairs of a longest common subsequence; beyond 20,000 by 20,000 one of keys that are unique on both sides."""
    if len(left) * len(right) > _BITS:
        return unique(left, right)
    places: dict[Hashable, int] = {}
    for j, key in enumerate(right):
        places[key] = places.get(key, 0) | 1 << j
    every = (1 << len(right)) - 1
    row = every  # bit j is 0 where the length grows between column j and j + 1 (Hyyrö's form)
    rows: list[int] = []
    for key in left:
        if hits := places.get(key, 0) & row:
            row = ((row + hits) | (row - hits)) & every
        rows.append(row)
    found: Pairs = []
    i, j = len(left), len(right)
    while i and j:
        if left[i - 1] == right[j - 1]:
            i, j = i - 1, j - 1
            found.append((i, j))
        elif rows[i - 1] >> (j - 1) & 1:
            j -= 1
        else:
            i -= 1
    return found[::-1]


def between(pairs: Pairs, left: Sequence[Hashable], right: Sequence[Hashable]) -> Pairs:
    """The pairs, and between each two of them those of another idea of sameness."""
    found: Pairs = []
    at, to = 0, 0
    for i, j in [*pairs, (len(left), len(right))]:
        found += [(at + a, to + b) for a, b in common(left[at:i], right[to:j])]
        if i < len(left):
            found.append((i, j))
        at, to = i + 1, j + 1
    return found


def unique(left: Sequence[Hashable], right: Sequence[Hashable]) -> Pairs:
    """Keys that occur once on each side, without those that cross (patience)."""
    once: dict[Hashable, int] = {}
    for j, key in enumerate(right):
        once[key] = -1 if key in once else j
    seen: dict[Hashable, int] = {}
    for i, key in enumerate(left):
        seen[key] = -1 if key in seen else i
    pairs = [(i, once[key]) for key, i in seen.items() if i >= 0 and once.get(key, -1) >= 0]
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        tops[pile : pile + 1] = [j]
        ends[pile : pile + 1] = [at]
        before.append(ends[pile - 1] if pile else -1)
    found: Pairs = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
