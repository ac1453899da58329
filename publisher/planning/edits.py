"""What a diff is made of, and what it does to a tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import START, DeleteBlock, UpdateBlock
from publisher.planning.packing import insert_cost


@dataclass(frozen=True, slots=True)
class Insert:
    """One run of new blocks under `parent` behind its child `after` (an id that is there already, or START)."""

    parent: str
    after: str
    blocks: tuple[BlockInput, ...]


Edit: TypeAlias = Insert | UpdateBlock | DeleteBlock


def edits_cost(edits: Iterable[Edit], limits: Limits = DEFAULT) -> int:
    """The requests that the edits take: those of `packing` for insertions, one for each of the others."""
    return sum(insert_cost(edit.blocks, limits)[0] if isinstance(edit, Insert) else 1 for edit in edits)


class _Live:
    """A node that can be changed."""

    __slots__ = ("children", "node", "parent")

    def __init__(self, node: Node | None, parent: _Live | None) -> None:
        self.node = node
        self.parent = parent
        self.children: list[_Live] = []


def patch(parent: str, old: Sequence[Node], edits: Iterable[Edit]) -> tuple[Node, ...]:
    """The tree after the edits, as the service would have it; the reference that the laws compare with.

    New nodes have no id. Children that were not read stay unread.

    Raises:
        KeyError: an edit names a block that is not there.
    """
    root = _Live(None, None)
    known = {parent: root}
    for live in _grow(root, old):
        if live.node is not None and live.node.id:
            known[live.node.id] = live
    for edit in edits:
        _apply(edit, known)
    return _nodes(root)


def _grow(root: _Live, nodes: Sequence[Node]) -> list[_Live]:
    grown: list[_Live] = []
    pending: list[tuple[_Live, Sequence[Node]]] = [(root, nodes)]
    while pending:
        under, children = pending.pop()
        for node in children:
            live = _Live(node, under)
            under.children.append(live)
            grown.append(live)
            pending.append((live, node.children or ()))
    return grown


def _apply(edit: Edit, known: dict[str, _Live]) -> None:
    if isinstance(edit, Insert):
        under = known[edit.parent]
        at = 0 if edit.after == START else under.children.index(known[edit.after]) + 1
        under.children[at:at] = _new(under, edit.blocks)
        return
    live = known[edit.block]
    assert live.node is not None
    assert live.parent is not None
    if isinstance(edit, UpdateBlock):
        live.node = Node(live.node.id, edit.input.type, edit.input.digest, live.node.children)
    else:
        live.parent.children.remove(live)
        pending = [live]
        while pending:
            gone = pending.pop()
            if gone.node is not None:
                known.pop(gone.node.id, None)
            pending += gone.children


def _new(under: _Live, blocks: Sequence[BlockInput]) -> list[_Live]:
    top: list[_Live] = []
    pending: list[tuple[_Live, list[_Live], Sequence[BlockInput]]] = [(under, top, blocks)]
    while pending:
        parent, into, children = pending.pop()
        for block in children:
            live = _Live(Node("", block.type, block.digest), parent)
            into.append(live)
            pending.append((live, live.children, block.children))
    return top


def _nodes(root: _Live) -> tuple[Node, ...]:
    order: list[_Live] = []
    pending = [root]
    while pending:
        live = pending.pop()
        order.append(live)
        pending += live.children
    done: dict[int, Node] = {}
    for live in reversed(order):
        if live.node is not None:
            unread = live.node.children is None and not live.children
            children = None if unread else tuple(done[id(child)] for child in live.children)
            done[id(live)] = live.node.with_children(children)
    return tuple(done[id(child)] for child in root.children)
