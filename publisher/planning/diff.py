"""The fewest requests that turn the blocks of a page into other blocks.

A block that is equal with all below it is kept wherever the order allows: its id, its comments and the links to it
live on, even where writing it again would save a request (unless requests are preferred). One whose own content
differs is updated in place where the service can; the children of a block that stays are compared in turn. What does
not stay is deleted, what is new is inserted, in one run wherever the new blocks stand together. Blocks cannot be
moved: of those that change places the fewest, and then the cheapest, are written again.

Exact for short lists (`bench/optimal.py` counts). Three things are near and not exact: beyond `compare.CELLS` pairs of
blocks only a band is compared; in long lists a run of more than one array may be counted one request off; and so
may one that blocks or bytes split.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from converters.dialects.base import BlockInput
from publisher.planning.band import Pairs
from publisher.planning.base import Node
from publisher.planning.compare import CanUpdate, Comparison
from publisher.planning.edits import Edit, Insert, edits_cost, patch
from publisher.planning.layout import Item, measure
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import START, DeleteBlock, UpdateBlock
from publisher.planning.standing import NO_CARE, Care, Old, Prefer, Shapes, block_of, grow, number

__all__ = ["Care", "Difference", "Edit", "Insert", "Prefer", "diff", "difference", "edits_cost", "patch"]


@dataclass(frozen=True, slots=True)
class Difference:
    """The edits, and the ids of blocks that ought to go and are left standing because of what is in them.

    `kept` are the ids of the blocks at the top level that stay, each with the place of the new one that it stays for.
    """

    edits: tuple[Edit, ...]
    left: tuple[str, ...] = ()
    kept: tuple[tuple[str, int], ...] = ()


def diff(
    parent: str,
    old: Sequence[Node],
    new: Sequence[BlockInput],
    can_update: CanUpdate,
    limits: Limits = DEFAULT,
    prefer: Prefer = "ids",
) -> tuple[Edit, ...]:
    """The edits of `difference`, where nothing has to be asked for."""
    return difference(parent, old, new, can_update, limits, prefer).edits


def difference(
    parent: str,
    old: Sequence[Node],
    new: Sequence[BlockInput],
    can_update: CanUpdate,
    limits: Limits = DEFAULT,
    prefer: Prefer = "ids",
    care: Care = NO_CARE,
) -> Difference:
    """The edits that turn the children `old` of `parent` into `new`: insertions and updates first, deletions last.

    Parameters:
        can_update: whether the service can turn a block into another in place. It may look at the old block's type
            and at the new block, and is asked once for each such pair.
        prefer: "requests" does what costs the fewest. "ids" keeps equal blocks first: in each list as many as can
            stay in order of those that are there once before and once after, then as many of the others (equal
            blocks at both ends always stay); then it does what costs the fewest. A block is also not deleted and
            written again with all in it only because that is cheaper than changing some of what is in it.

        care: what must stay, and whether a deletion costs reads.

    Foreign nodes stay where they stand behind our own preceding block. A block of ours that holds a foreign or an
    unread one is never deleted: it stays for a new block if one can take its place, else it is left as it is. What was
    not read is taken to be as it should. Edited nodes (`Node.edited`) are neither written over nor deleted.

    Raises:
        ValueError: a block must be changed whose id is not known.
    """
    shapes = Shapes()
    olds = grow(old, shapes, prefer, care)
    items = measure(new, limits)
    number(items, shapes)
    comparison = Comparison(can_update, limits, prefer)
    changes: list[Edit] = []
    deletions: list[Edit] = []
    left: list[str] = []
    pending = [(parent, olds, items, top := comparison.pairs(olds, items))]
    kept = tuple((olds[i].node.id, j) for i, j in top)
    while pending:
        under, olds, items, pairs = pending.pop()
        changes += _insertions(under, olds, items, pairs)
        changes += _updates(olds, items, pairs)
        staying = {i for i, _ in pairs}
        going = [old for i, old in enumerate(olds) if i not in staying]
        deletions += [DeleteBlock(_known(old.node.id)) for old in going if not old.holds]
        left += [old.node.id for old in going if old.holds]
        pending += [
            (olds[i].node.id, olds[i].kids, items[j].kids, comparison.below(olds[i], items[j]))
            for i, j in reversed(pairs)
            if olds[i].shape != items[j].shape
            and (olds[i].kids or items[j].kids)
            and olds[i].node.children is not None
        ]
    return Difference((*changes, *deletions), tuple(left), kept)


def _insertions(parent: str, olds: list[Old], items: list[Item], pairs: Pairs) -> Iterator[Insert]:
    """The new blocks between those that an old one stays for, each run behind the old one before it."""
    after, first = START, 0
    for i, j in [*pairs, (len(olds), len(items))]:
        if first < j:
            yield Insert(_known(parent), _known(after), tuple(block_of(item) for item in items[first:j]))
        if i < len(olds):
            after, first = olds[i].node.id, j + 1


def _updates(olds: list[Old], items: list[Item], pairs: Pairs) -> Iterator[UpdateBlock]:
    for i, j in pairs:
        node, block = olds[i].node, block_of(items[j])
        if (node.type, node.digest) != (block.type, items[j].digest):
            yield UpdateBlock(_known(node.id), block)


def _known(id: str) -> str:
    if not id:
        raise ValueError("a block must be changed whose id is not known; read its page first")
    return id
