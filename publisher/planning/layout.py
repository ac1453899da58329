"""What it costs to bring a tree of blocks into a workspace, and which blocks travel together.

A block goes *inline* (in the request that creates its parent) or *later* (appended to its parent, whose id must then
be known). An append tells the ids of its top level; what was inline must be read, one request a parent. So every
block is in one of two states: *whole* (it and all below it in one request), or *split*: some of its children
inline, the rest later, and its own id needed.

`measure` computes, from the leaves up, the least cost of each block for each number of levels it may still use.
That is exact for the limits on arrays and depth. Why so little has to be tried:

- Nothing inline costs one append per `array` children. Inline children can save at most one of these appends,
  because they fill at most one array.
- It is saved for certain by a window of *whole* children inline, with multiples of `array` before and behind it: any
  other arrangement that saves one can be shifted into such a window.
- A split child inline costs a read of its parent, which eats the append that is saved. It is as many requests, with
  one write fewer: worth it, since services ration writes more strictly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from converters.dialects.base import SCHEME, BlockInput
from converters.dialects.uploads import MEDIA
from publisher.planning.limits import OBLIGATORY, Limits

# A cost is one integer, so that sums and comparisons are lexicographic: requests, then writes, then (in a diff)
# ids lost. 20 bits each, and two more above for equal blocks that stay (`standing.KEPT`); a block that cannot keep to
# the depth at all counts FAR.
READ = 1 << 40
WRITE = READ + (1 << 20)
FAR = 1 << 130

_FRAME = 40  # {"object":"block","type":"","":,"children":[]}, and a comma
_LINK = 128  # what the address of a page or a file may be longer than its name


def requests(cost: int) -> int:
    """The requests in a cost."""
    return (cost & (FAR - 1)) >> 40


def writes(cost: int) -> int:
    """The writing requests in a cost."""
    return (cost >> 20) & 0xFFFFF


def weight(block: BlockInput) -> int:
    """Bytes that a block without its children takes in a request, at most."""
    links = block.content.count(SCHEME.encode()) if block.symbolic or block.type in MEDIA else 0
    return len(block.content) + 2 * len(block.type) + _FRAME + _LINK * links


class Item:
    """A block, measured. A page or a known parent is an item without a block.

    `blocks`, `bytes`: with all below it. `height`: levels below it. `wide`: the longest array in it. `must`: children
    that have to be inline; `roots`: levels they need. `costs[room]`: the least cost of what is not inline, when
    `room` levels may stand below the block in its request. `rest`: the cost of appending all children later.
    `shape` and `digest` are for comparisons (`standing.number`).
    """

    __slots__ = (
        "block",
        "blocks",
        "bytes",
        "costs",
        "digest",
        "height",
        "kids",
        "must",
        "rest",
        "roots",
        "shape",
        "weight",
        "wide",
    )

    def __init__(self, block: BlockInput | None, kids: list[Item], weight: int) -> None:
        self.block = block
        self.kids = kids
        self.weight = weight
        self.blocks = 1 if block is not None else 0
        self.bytes = weight
        self.height = self.wide = self.roots = 0
        self.must = 0
        self.rest = 0
        self.costs: Sequence[int] = ()
        self.shape = -1
        self.digest = b""

    def whole(self, room: int, array: int) -> bool:
        """Whether the block and all below it keep to depth and arrays, `room` levels below it being free."""
        return self.height <= room and self.wide <= array


class Choice(NamedTuple):
    """Which children go inline (None: all, with all below them), and whether the block's children must be read."""

    cost: int
    inline: Sequence[int] | None
    read: bool = False


WHOLE = Choice(0, None)


def measure(blocks: Iterable[BlockInput], limits: Limits) -> list[Item]:
    """Items of the blocks, measured from the leaves up (no recursion: lists may nest a thousand levels)."""
    top: list[Item] = []
    order: list[Item] = []
    pending: list[tuple[BlockInput, list[Item]]] = [(block, top) for block in blocks]
    nothing = (0,) * (limits.depth + 1)
    while pending:
        block, into = pending.pop()
        item = Item(block, [], weight(block))
        item.costs = nothing
        into.append(item)
        if block.children:
            order.append(item)
            pending.extend((child, item.kids) for child in block.children)
    top.reverse()
    for item in reversed(order):
        item.kids.reverse()
        settle(item, limits)
        item.costs = [choose(item, room, limits).cost for room in range(limits.depth + 1)]
    return top


def root(blocks: Iterable[BlockInput], limits: Limits, weight: int) -> Item:
    """A page, or a known parent, over the blocks. `weight`: bytes of a request around its blocks."""
    return settle(Item(None, measure(blocks, limits), weight), limits)


def settle(item: Item, limits: Limits) -> Item:
    """Sum up the children of an item, which are measured already."""
    kids = item.kids
    if not kids:
        return item
    item.blocks += sum(kid.blocks for kid in kids)
    item.bytes += sum(kid.bytes for kid in kids)
    item.height = 1 + max(kid.height for kid in kids)
    item.wide = max(len(kids), max(kid.wide for kid in kids))
    if item.block is not None:
        item.must = min(OBLIGATORY.get(item.block.type, 0), len(kids), limits.array)
    if item.must:
        # The cheapest ones may be chosen, except where all must be there.
        roots = sorted(kid.roots for kid in kids)
        item.roots = 1 + roots[item.must - 1]
    item.rest = run_cost(kids, limits)
    return item


def run_cost(items: Sequence[Item], limits: Limits) -> int:
    """The cost of appending items to a parent whose id is known, blocks and bytes of a request not limited."""
    return WRITE * -(-len(items) // limits.array) + sum(item.costs[limits.depth] for item in items)


def choose(item: Item, room: int, limits: Limits) -> Choice:
    """What of an item goes inline when `room` levels may stand below it; blocks and bytes not limited."""
    if item.whole(room, limits.array):
        return WHOLE
    options: list[Choice] = []
    if room > 0 or item.must:
        level = max(room - 1, 0)  # with no room left, what must be inline is inline all the same
        options += _windows(item, level, limits)
        options += _reading(item, level, limits)
    if not item.must:
        options.append(Choice(item.rest, ()))
    best = min(options, key=lambda option: option.cost)
    return best._replace(cost=best.cost + FAR) if item.roots > room else best


def _windows(item: Item, level: int, limits: Limits) -> list[Choice]:
    """A contiguous range of whole children inline: nothing has to be read to append the others around it."""
    kids, array = item.kids, limits.array
    batches = -(-len(kids) // array)
    least = len(kids) - array * (batches - 1)
    fits = [kid.whole(level, array) for kid in kids]
    if batches > 1 and least >= item.must:
        for start in range(0, len(kids), array):
            if all(fits[start : start + least]):
                return [Choice(item.rest - WRITE, range(start, start + least))]
    if item.must != 1:
        return []
    # One must be inline, so take what saves nothing: best at an end, where the others need no more appends.
    for index in sorted(
        (index for index, fit in enumerate(fits) if fit), key=lambda i: min(i, len(kids) - 1 - i)
    ):
        around = -(-index // array) + -(-(len(kids) - 1 - index) // array)
        return [Choice(item.rest + WRITE * (around - batches), range(index, index + 1))]
    return []


def _reading(item: Item, level: int, limits: Limits) -> list[Choice]:
    """Split children inline too: the item's children are read, so any of them can be an anchor."""
    kids, array, depth = item.kids, limits.array, limits.depth
    later = sum(kid.costs[depth] for kid in kids)
    extra = [kid.costs[level] - kid.costs[depth] for kid in kids]
    if item.must > 1:
        count = min(len(kids), array)
        tail = WRITE * -(-(len(kids) - count) // array)
        split = any(not kid.whole(level, array) for kid in kids[:count])
        return [Choice((READ if split else 0) + tail + later + sum(extra[:count]), range(count), split)]
    if len(kids) <= array:
        cost, inline = _cheapest_gaps(extra)
    else:
        cost, inline = _cheapest_places(extra, array)
    return [Choice(READ + later + cost, inline, True)]


def _cheapest_gaps(extra: Sequence[int]) -> tuple[int, list[int]]:
    """At least one child inline at its extra cost; each gap before, between and behind them is one write."""
    # The cheapest way that ends inline, and that ends in a gap behind something inline: cost, and what is inline.
    inside: tuple[int, object] | None = None
    gap: tuple[int, object] | None = None
    for index, more in enumerate(extra):
        ways = [(WRITE if index else 0, None), *(way for way in (inside, gap) if way)]
        cost, chain = min(ways, key=_cost)
        gaps = [*([gap] if gap else []), *([(inside[0] + WRITE, inside[1])] if inside else [])]
        gap = min(gaps, key=_cost) if gaps else None
        inside = cost + more, (index, chain)
    cost, chain = min((way for way in (inside, gap) if way), key=_cost)
    return cost, _unlink(chain)


def _cost(way: tuple[int, object]) -> int:
    return way[0]


def _cheapest_places(extra: Sequence[int], array: int) -> tuple[int, list[int]]:
    """As few children inline as save one append, the others in full batches around them."""
    batches = -(-len(extra) // array) - 1
    least = len(extra) - array * batches
    # best[taken] after `full` batches: the children taken stand at full * array + taken
    best: list[tuple[int, object]] = []
    for full in range(batches + 1):
        row: list[tuple[int, object]] = []
        for taken in range(least + 1):
            options: list[tuple[int, object]] = [best[taken]] if best else ([(0, None)] if not taken else [])
            if taken:
                index = full * array + taken - 1
                options.append((row[-1][0] + extra[index], (index, row[-1][1])))
            row.append(min(options, key=_cost))
        best = row
    return best[least][0] + WRITE * batches, _unlink(best[least][1])


def _unlink(chain: object) -> list[int]:
    found: list[int] = []
    while isinstance(chain, tuple):
        found.append(chain[0])
        chain = chain[1]
    return found[::-1]
