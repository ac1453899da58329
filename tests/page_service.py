"""A service that holds one page in memory: it takes the operations of a plan, and refuses what breaks a limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.limits import OBLIGATORY, Limits
from publisher.planning.ops import END, START, Append, CreatePage, DeleteBlock, Op, ReadChildren, UpdateBlock


class Service:
    """`ids`: what each handle is bound to. `children`: ids below an id, in order. `requests`, `writes`: counted."""

    def __init__(self, limits: Limits, page: str = "") -> None:
        self.limits = limits
        self.ids: dict[str, str] = {}
        self.children: dict[str, list[str]] = {page: []} if page else {}
        self.blocks: dict[str, tuple[str, bytes]] = {}
        self.requests = self.writes = 0

    def load(self, parent: str, nodes: Iterable[Node]) -> None:
        """What stands there already."""
        for node in nodes:
            self.children.setdefault(parent, []).append(node.id)
            self.children[node.id] = []
            self.blocks[node.id] = node.type, node.digest
            self.load(node.id, node.children or ())

    def run(self, ops: Iterable[Op]) -> None:
        for op in ops:
            self.requests += 1
            self.writes += not isinstance(op, ReadChildren)
            if isinstance(op, CreatePage):
                self.check(op.children, len(op.head.properties) + len(op.head.icon) + len(op.head.cover))
                self.ids[op.page] = "page"
                self.children["page"] = self._add(op.children)
            elif isinstance(op, Append):
                self._append(op)
            elif isinstance(op, ReadChildren):
                there = self.children[self._id(op.parent)]
                assert len(there) <= 100, "one request reads a hundred"
                assert op.handles, "a read for nothing"
                for place, handle in op.handles:
                    self._bind(handle, there[place])
            elif isinstance(op, UpdateBlock):
                self.blocks[self._id(op.block)] = op.input.type, op.input.digest
            elif isinstance(op, DeleteBlock):
                self._delete(self._id(op.block))
            else:
                raise AssertionError(op)

    def tree(self, parent: str) -> list[object]:
        """(type, digest, tree below) of each child."""
        return [(*self.blocks[id], self.tree(id)) for id in self.children[parent]]

    def check(self, blocks: Sequence[BlockInput], head: int = 0) -> None:
        assert self._depth(blocks) <= self.limits.depth
        every = [block for top in blocks for block in top.walk()]
        assert len(every) <= self.limits.blocks
        assert head + sum(len(block.content) + 40 for block in every) <= self.limits.bytes
        assert max([len(blocks), *(len(block.children) for block in every)]) <= self.limits.array
        for block in every:
            assert not OBLIGATORY.get(block.type) or block.children

    def _depth(self, blocks: Sequence[BlockInput]) -> int:
        return max((1 + self._depth(block.children) for block in blocks if block.children), default=0)

    def _append(self, op: Append) -> None:
        assert op.blocks
        assert len(op.handles) == len(op.blocks)
        self.check(op.blocks)
        there = self.children[self._id(op.parent)]
        place = {START: 0, END: len(there)}.get(op.after)
        at = place if place is not None else there.index(self._id(op.after)) + 1
        new = self._add(op.blocks)
        there[at:at] = new
        for handle, id in zip(op.handles, new, strict=True):
            if handle:
                self._bind(handle, id)

    def _add(self, blocks: Sequence[BlockInput]) -> list[str]:
        made = []
        for block in blocks:
            id = f"b{len(self.blocks)}"
            self.blocks[id] = block.type, block.digest
            self.children[id] = self._add(block.children)
            made.append(id)
        return made

    def _delete(self, id: str) -> None:
        holder = next(children for children in self.children.values() if id in children)
        holder.remove(id)

    def _bind(self, handle: str, id: str) -> None:
        assert handle not in self.ids, "a handle is bound once"
        self.ids[handle] = id

    def _id(self, name: str) -> str:
        return self.ids[name] if name.startswith("@") else name


def tree_of(blocks: Iterable[BlockInput]) -> list[object]:
    """What `Service.tree` gives when exactly these blocks are there."""
    return [(block.type, block.digest, tree_of(block.children)) for block in blocks]
