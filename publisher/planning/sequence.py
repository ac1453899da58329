"""In which order to make things that need one another, when not every need can be met. Pure graph work.

Each item has things that must come before it (`hard`) and things it would like to come before it (`wants`).
An item whose wants all come before it is *whole*; every other one is *loose* and costs. The fewest loose items is
the feedback vertex set problem (NP-hard), so this is a heuristic: take items out until no cycle is left, move single
items about while it helps (annealing with a fixed seed, the same in every run), give back whatever fits.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence

MOVES = 1_000  # tried for each item that lies on a cycle …
WORK = 200_000  # … but no more than this in all: less than a second
CYCLE = "the needs that must be met form a cycle"
FITS = 3_000_000  # edges looked at while giving back


def sequence(hard: Sequence[Sequence[int]], wants: Sequence[Sequence[int]]) -> tuple[list[int], set[int]]:
    """An order of the items 0..n-1 and those that are loose in it.

    `hard[i]` must come before i; together they have no cycle. `wants[i]` should come before i. Of two items that
    may both come next the smaller number does. n log n, and a bounded time for what lies on cycles.
    """
    graph = _Graph(hard, wants)
    groups = [group for group in _components(graph.successors()) if len(group) > 1]
    for group in groups:
        graph.break_cycles(group)
    if graph.loose:
        moved = _anneal(graph, graph.order(), sorted(item for group in groups for item in group))
        if len(moved) < len(graph.loose):
            graph.loose = moved
        graph.give_back()
    return graph.order(), graph.loose


class _Graph:
    """The needs that are kept: all the hard ones, and the wants of every item that is not loose."""

    def __init__(self, hard: Sequence[Sequence[int]], wants: Sequence[Sequence[int]]) -> None:
        self.hard = [list(dict.fromkeys(items)) for items in hard]
        self.wants = [[want for want in dict.fromkeys(items) if want != i] for i, items in enumerate(wants)]
        self.hard_next: list[list[int]] = [[] for _ in hard]
        self.wanted_by: list[list[int]] = [[] for _ in hard]
        for item in range(len(hard)):
            for before in self.hard[item]:
                self.hard_next[before].append(item)
            for want in self.wants[item]:
                self.wanted_by[want].append(item)
        self.loose: set[int] = set()

    def next(self, item: int) -> list[int]:
        return self.hard_next[item] + [other for other in self.wanted_by[item] if other not in self.loose]

    def successors(self) -> list[list[int]]:
        return [self.next(item) for item in range(len(self.hard))]

    def break_cycles(self, group: Sequence[int]) -> None:
        """Loosen items of one strongly connected component until it has no cycle."""
        live = _Live(self, group)
        while live.strip():
            item = live.worst()
            self.loose.add(item)
            live.loosen(item)

    def order(self) -> list[int]:
        """The smallest topological order.

        Raises:
            ValueError: the hard needs form a cycle.
        """
        following = self.successors()
        waiting = [0] * len(following)
        for items in following:
            for item in items:
                waiting[item] += 1
        ready = [item for item, count in enumerate(waiting) if not count]
        found: list[int] = []
        while ready:
            item = heapq.heappop(ready)
            found.append(item)
            for other in following[item]:
                waiting[other] -= 1
                if not waiting[other]:
                    heapq.heappush(ready, other)
        if len(found) < len(following):
            raise ValueError(CYCLE)
        return found

    def give_back(self) -> None:
        """Make loose items whole where that closes no cycle."""
        budget = FITS
        for item in sorted(self.loose, key=lambda item: (len(self.wants[item]), item)):
            if budget <= 0:
                return
            goals = set(self.wants[item])
            seen = {item}
            queue = [item]
            for at in queue:
                following = [other for other in self.next(at) if other not in seen]
                budget -= len(following) + 1
                seen.update(following)
                queue += following
                if not goals.isdisjoint(following):
                    break
            else:
                self.loose.discard(item)


def _anneal(graph: _Graph, order: Sequence[int], items: Sequence[int]) -> set[int]:
    """Move single items about in the order; the loose items of the best order seen."""
    rand = random.Random(len(items))
    place = [0.0] * len(order)
    for index, item in enumerate(order):
        place[item] = float(index)
    wants, wanted_by = graph.wants, graph.wanted_by

    def loose(item: int) -> bool:
        here = place[item]
        return any(place[want] >= here for want in wants[item])

    now = {item for item in range(len(order)) if loose(item)}
    best = set(now)
    rounds = min(WORK, MOVES * len(items))
    for step in range(rounds):
        item = items[int(rand.random() * len(items))]
        to = _somewhere(graph, place, item, rand)
        if to is None:
            continue
        affected = [item, *wanted_by[item]]
        came, place[item] = place[item], to
        after = [other for other in affected if loose(other)]
        worse = len(after) - sum(other in now for other in affected)
        heat = 0.6 * (1 - step / rounds) + 0.02
        if worse > 0 and rand.random() >= math.exp(-worse / heat):
            place[item] = came
            continue
        now.difference_update(affected)
        now.update(after)
        if len(now) < len(best):
            best = set(now)
    return best


def _somewhere(graph: _Graph, place: Sequence[float], item: int, rand: random.Random) -> float | None:
    """A promising place: behind all it wants, before all that want it, or anywhere; None if it must not go there."""
    choice = rand.random()
    if choice < 0.4 and graph.wants[item]:
        to = max(place[want] for want in graph.wants[item]) + rand.random() / 2
    elif choice < 0.8 and graph.wanted_by[item]:
        to = min(place[other] for other in graph.wanted_by[item]) - rand.random() / 2
    else:
        to = rand.random() * len(place)
    low = max((place[other] for other in graph.hard[item]), default=-math.inf)
    high = min((place[other] for other in graph.hard_next[item]), default=math.inf)
    if low >= high:
        return None
    to = min(max(to, low + 1e-6), high - 1e-6)
    return to if low < to < high else None


class _Live:
    """The part of a component that still lies on cycles, with what is before and behind each item."""

    def __init__(self, graph: _Graph, group: Sequence[int]) -> None:
        self.items = set(group)
        inside = self.items
        self.hard = {item: {other for other in graph.hard[item] if other in inside} for item in group}
        self.wants = {item: {other for other in graph.wants[item] if other in inside} for item in group}
        self.next: dict[int, set[int]] = {item: set() for item in group}
        for item in group:
            for before in self.hard[item] | self.wants[item]:
                self.next[before].add(item)
        self.dirty = list(group)
        self.heap = [(-self._score(item), item) for item in group]
        heapq.heapify(self.heap)

    def _score(self, item: int) -> int:
        """About how many cycles are broken when the item is loosened."""
        return len(self.wants[item]) * len(self.next[item]) * (1 if self.hard[item] else 4)

    def strip(self) -> bool:
        """Take away what has nothing before it or nothing behind it; whether anything is left."""
        while self.dirty:
            item = self.dirty.pop()
            before = self.hard[item] | self.wants[item]
            if item not in self.items or (before and self.next[item]):
                continue
            self.items.discard(item)
            for other in before:
                self.next[other].discard(item)
                self._touch(other)
            for other in self.next[item]:
                self.hard[other].discard(item)
                self.wants[other].discard(item)
                self._touch(other)
        return bool(self.items)

    def worst(self) -> int:
        """The item that is best loosened; every cycle has one, because the hard needs alone have none."""
        while self.heap:
            score, item = heapq.heappop(self.heap)
            if score and item in self.items and -score == self._score(item):
                return item
        raise ValueError(CYCLE)

    def loosen(self, item: int) -> None:
        for other in self.wants[item] - self.hard[item]:
            self.next[other].discard(item)
            self._touch(other)
        self.wants[item] = set()
        self._touch(item)

    def _touch(self, item: int) -> None:
        self.dirty.append(item)
        heapq.heappush(self.heap, (-self._score(item), item))


def _components(following: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components (Tarjan's algorithm, without recursion)."""
    number = [0] * len(following)
    low = [0] * len(following)
    held = [False] * len(following)
    stack: list[int] = []
    found: list[list[int]] = []
    count = 0
    for root in range(len(following)):
        walk = [] if number[root] else [(root, 0)]
        while walk:
            item, step = walk.pop()
            if step == 0:
                count += 1
                number[item] = low[item] = count
                stack.append(item)
                held[item] = True
            else:
                low[item] = min(low[item], low[following[item][step - 1]])
            for at in range(step, len(following[item])):
                other = following[item][at]
                if not number[other]:
                    walk += [(item, at + 1), (other, 0)]
                    break
                if held[other]:
                    low[item] = min(low[item], number[other])
            else:
                if low[item] == number[item]:
                    found.append(_pop_through(stack, item, held))
    return found


def _pop_through(stack: list[int], item: int, held: list[bool]) -> list[int]:
    group: list[int] = []
    while not group or group[-1] != item:
        group.append(stack.pop())
        held[group[-1]] = False
    return sorted(group)
