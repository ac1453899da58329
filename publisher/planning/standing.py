"""The blocks that stand in a workspace, measured for a comparison with new ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.layout import READ, WRITE, Item

Prefer: TypeAlias = Literal["ids", "requests"]

# What an equal block that stays is worth when ids are preferred: more than all requests together. One whose like is
# once on either side is worth more than all others: of it alone people can say that it is the same block.
KEPT = 1 << 60
UNIQUE = 1 << 80
STAY = 1 << 100  # what it costs to leave a block of ours because of what people have put into it


@dataclass(frozen=True, slots=True)
class Care:
    """What has to be looked at before a block is deleted.

    `keep` are the ids of blocks that must neither be deleted nor made into others. With `asking` each deleted block,
    and each below it, counts a read: whether it has open comments.
    """

    keep: Collection[str] = frozenset()
    asking: bool = False


NO_CARE = Care()


class Old:
    """A block of ours that stands there.

    `kids`: those of ours below it. `kept`: it stays as it is, or for the same content elsewhere. `shape`: the same
    number for blocks that are equal with all below them. `holds`: something is in it that must not be deleted. `drop`:
    what deleting it costs; `clear`: what deleting its kids does. `bag`: the shapes of its kids.
    """

    __slots__ = ("bag", "clear", "drop", "holds", "kept", "kids", "node", "shape", "size")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.kids: list[Old] = []
        self.shape = -1
        self.size = 1
        self.kept = node.edited
        self.holds = node.children is None or node.edited
        self.drop = self.clear = 0
        self.bag: frozenset[int] = frozenset()


class Shapes:
    """Numbers for blocks: equal ones, with all below them, have the same."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    def of(self, type: str, digest: bytes, kids: Sequence[int]) -> int:
        return self._numbers.setdefault((type, digest, tuple(kids)), len(self._numbers))


def grow(nodes: Sequence[Node], shapes: Shapes, prefer: Prefer, care: Care = NO_CARE) -> list[Old]:
    """Our blocks among the nodes, with those below them. What is foreign only marks the block that holds it."""
    top: list[Old] = []
    order: list[Old] = []
    pending: list[tuple[list[Old], Sequence[Node]]] = [(top, nodes)]
    while pending:
        into, children = pending.pop()
        for node in children:
            if node.foreign:
                continue
            old = Old(node)
            old.kept = old.kept or node.id in care.keep
            old.holds = old.holds or old.kept
            into.append(old)
            order.append(old)
            if node.children:
                old.holds = old.holds or any(child.foreign for child in node.children)
                pending.append((old.kids, node.children))
    for old in reversed(order):
        kids = old.kids
        numbers = [kid.shape for kid in kids]
        old.shape = shapes.of(old.node.type, old.node.digest, numbers)
        if kids:
            old.bag = frozenset(numbers)
            old.size += sum(kid.size for kid in kids)
            old.holds = old.holds or any(kid.holds for kid in kids)
            old.clear = sum(kid.drop for kid in kids)
        old.drop = STAY if old.holds else WRITE + old.size * (1 + READ * care.asking)
        if prefer == "ids" and kids and not old.holds:
            # Each block that would go with it counts more than the request that would delete it alone, so that
            # nothing is written again only because its parent goes more cheaply.
            old.drop += old.clear + WRITE * len(kids)
    return top


def number(items: Iterable[Item], shapes: Shapes) -> None:
    """Give new blocks their shapes and digests."""
    order: list[Item] = []
    pending = list(items)
    while pending:
        item = pending.pop()
        order.append(item)
        pending += item.kids
    for item in reversed(order):
        block = block_of(item)
        item.digest = block.digest
        item.shape = shapes.of(block.type, item.digest, [kid.shape for kid in item.kids])


def block_of(item: Item) -> BlockInput:
    """The block of an item that has one."""
    assert item.block is not None  # only a page or a known parent has none
    return item.block
