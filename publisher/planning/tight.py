"""The least cost when the number of blocks or bytes in a request binds: by looking at every way, for few blocks.

Beside what `layout` tries, it may pay to leave blocks off a request only because it is full, and to append around
blocks that came earlier. Batches may lie within each other's gaps but need not cross: of two that cross, the parts
behind the crossing can change places.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from publisher.planning.layout import FAR, READ, WRITE, Item
from publisher.planning.limits import Limits
from publisher.planning.pieces import BODY, Batch, Piece, shrink, whole, with_inline

SMALL = 12  # blocks: a few milliseconds


class _Form(NamedTuple):
    cost: int
    piece: Piece


class _Pick(NamedTuple):
    """Children that travel together, in order, and the cost of what is left below them."""

    cost: int
    blocks: int
    bytes: int
    kids: tuple[tuple[int, Piece], ...]


def applies(root: Item, limits: Limits) -> bool:
    """Whether blocks or bytes can bind at all, and few enough blocks are in play."""
    return root.blocks <= SMALL and (root.blocks > limits.blocks or root.bytes > limits.bytes)


def create(root: Item, limits: Limits) -> Piece:
    """The page with what goes into the request that creates it."""
    return min(_Search(limits).forms(root, limits.depth + 1), key=lambda form: form.cost).piece


def insert(root: Item, limits: Limits) -> Piece:
    """A known parent, all of whose new children are appended."""
    return with_inline(root, (), _Search(limits).deliver(root, 0, len(root.kids))[1])


def insert_cost(root: Item, first: int, last: int, limits: Limits) -> int:
    """The cost of appending the children first … last - 1 of a known parent."""
    return _Search(limits).deliver(root, first, last)[0]


class _Search:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._forms: dict[tuple[Item, int], list[_Form]] = {}
        self._delivered: dict[tuple[Item, int, int], tuple[int, tuple[Batch, ...]]] = {}

    def forms(self, item: Item, room: int) -> list[_Form]:
        """Every way to send a block with `room` levels below it that no other way beats in cost, blocks and bytes."""
        if not item.kids:
            return [_Form(0, whole(item))]
        key = item, room
        if key not in self._forms:
            found = _unbeaten(self._every(item, room), self.limits)
            # What must come along can be more than a request holds; it is sent all the same, for the service to judge.
            self._forms[key] = found or [_Form(FAR + item.rest, shrink(whole(item), 0, 0))]
        return self._forms[key]

    def _every(self, item: Item, room: int) -> Iterator[_Form]:
        count = len(item.kids)
        penalty = FAR if item.roots > room else 0
        if not item.must:
            cost, later = self.deliver(item, 0, count)
            yield _Form(cost, with_inline(item, (), later))
        if room == 0 and not item.must:
            return
        start = _Pick(0, 1 if item.block is not None else 0, item.weight, ())
        for pick in self._picks(start, item, 0, count, max(room - 1, 0)):
            if len(pick.kids) < item.must:
                continue
            rest, later = self._around(item, pick, 0, count)
            piece = with_inline(item, pick.kids, later)
            yield _Form(pick.cost + rest + (READ if piece.reads else 0) + penalty, piece)

    def deliver(self, item: Item, first: int, last: int) -> tuple[int, tuple[Batch, ...]]:
        """The cheapest appends for the children first … last - 1, the parent's id being known."""
        if first >= last:
            return 0, ()
        key = item, first, last
        if key not in self._delivered:
            ways = []
            start = _Pick(0, 0, BODY, ())
            for pick in self._picks(start, item, first, last, self.limits.depth):
                if pick.kids[0][0] == first:
                    cost, later = self._around(item, pick, first, last)
                    ways.append((WRITE + pick.cost + cost, (pick.kids, *later)))
            self._delivered[key] = min(ways, key=lambda way: way[0])
        return self._delivered[key]

    def _around(self, item: Item, pick: _Pick, first: int, last: int) -> tuple[int, tuple[Batch, ...]]:
        """The appends that fill the gaps before, between and behind children that travel together."""
        batches: list[Batch] = []
        cost = 0
        for index in (*(index for index, _ in pick.kids), last):
            more, filling = self.deliver(item, first, index)
            cost += more
            batches += filling
            first = index + 1
        return cost, tuple(batches)

    def _picks(self, start: _Pick, item: Item, first: int, last: int, room: int) -> list[_Pick]:
        """Every non-empty choice of children that can be added to `start`."""
        limits = self.limits
        found: list[_Pick] = []
        open_picks = [start]
        for index in range(first, last):
            more = [
                _Pick(
                    pick.cost + form.cost,
                    pick.blocks + form.piece.blocks,
                    pick.bytes + form.piece.bytes,
                    (*pick.kids, (index, form.piece)),
                )
                for form in self.forms(item.kids[index], room)
                for pick in open_picks
                if len(pick.kids) < limits.array
            ]
            more = [pick for pick in more if _fits(pick, limits) or len(pick.kids) == 1]
            found += more
            open_picks += more
        return found


def _fits(pick: _Pick, limits: Limits) -> bool:
    return pick.blocks <= limits.blocks and pick.bytes <= limits.bytes


def _unbeaten(forms: Iterator[_Form], limits: Limits) -> list[_Form]:
    kept: list[_Form] = []
    every = sorted(forms, key=lambda form: (form.cost, form.piece.blocks, form.piece.bytes))
    fitting = [
        form for form in every if form.piece.blocks <= limits.blocks and form.piece.bytes <= limits.bytes
    ]
    for form in fitting:
        size = form.piece.blocks, form.piece.bytes
        if not any(
            kept_form.piece.blocks <= size[0] and kept_form.piece.bytes <= size[1] for kept_form in kept
        ):
            kept.append(form)
    return kept
