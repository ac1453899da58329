"""One page that exists: read what stands there, bring the three sides together, and say what to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from converters.dialects.base import BlockInput, Dialect, ReadBlock, resolve
from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import Edit, Insert, Prefer, diff
from publisher.planning.limits import DEFAULT
from publisher.planning.merge import Conflict, Drift, Merge, Policy, expected, merge, reads
from publisher.planning.ops import BlockOp, DeleteBlock, UpdateBlock
from publisher.planning.packing import Handles, pack_insert
from publisher.planning.settle import adopt, unsettled
from publisher.remote.workspace import Workspace
from publisher.settling import pending
from publisher.store import KnownPage, Store


@dataclass(frozen=True, slots=True)
class Examined:
    """What to send to a page so that its body is `ours`. With `stopped` nothing is sent: a person must look first."""

    ours: tuple[BlockInput, ...]
    ops: tuple[BlockOp, ...] = ()
    drifts: tuple[Drift, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stopped: bool = False
    strangers: int = 0  # blocks of a recognised page that the file does not have
    standing: Mapping[str, Node] = field(default_factory=dict)  # what will be deleted, as it was read


class Reader:
    """The blocks of one page as they stand there, read as far as somebody needs them."""

    def __init__(self, workspace: Workspace, dialect: Dialect) -> None:
        self.workspace = workspace
        self.dialect = dialect
        self.contents: dict[str, bytes] = {}  # of blocks that a publisher can have written
        self.nodes: tuple[Node, ...] = ()

    async def open(self, page: KnownPage) -> None:
        """Read the top level."""
        self.nodes = await self._children(page.id)

    async def look_into(self, ids: Sequence[str]) -> None:
        """Read the children of these blocks."""
        for id in ids:
            children = await self._children(id)
            self.nodes = _filled(self.nodes, id, children)

    async def _children(self, id: str) -> tuple[Node, ...]:
        return tuple(self._node(block) for block in await self.workspace.children(id))

    def _node(self, block: ReadBlock) -> Node:
        if block.ours:
            self.contents[block.id] = block.input.content
        children = None if block.has_children and block.ours else ()
        return Node(block.id, block.input.type, block.input.digest, children, foreign=not block.ours)

    def can_update(self, node: Node, block: BlockInput) -> bool:
        """Whether the service can turn the one into the other in place; what was not read is taken to be alike."""
        return self.dialect.can_update(node.type, self.contents.get(node.id, block.content), block)


async def examine(
    key: str,
    ours: Sequence[BlockInput],
    policy: Policy,
    store: Store,
    workspace: Workspace,
    handles: Handles,
    prefer: Prefer = "ids",
) -> Examined:
    """The requests that bring the body of a page to `ours`; what was learnt by reading is in the state afterwards.

    A page whose body is as it was written costs nothing, not even a read.
    """
    page = store.page(key)
    assert page is not None
    ours = tuple(resolve(block, lambda _: None) for block in ours)  # links to pages that could not be made
    doubts = pending(store.intents(), key)
    if page.content == tree_digest(ours) and not doubts:
        return Examined(ours)
    reader = Reader(workspace, workspace.dialect)
    await reader.open(page)
    lost = [doubt.op for doubt in doubts if doubt.op is not None]
    while ids := unsettled(page.base, reader.nodes, lost):
        await reader.look_into(ids)
    base = adopt(page.base, reader.nodes, lost)
    while ids := reads(base, reader.nodes, ours, reader.can_update, prefer=prefer):
        await reader.look_into(ids)
    merged = merge(base, reader.nodes, ours, policy, reader.can_update)
    with store.transaction():
        store.save_base(key, merged.base)
        for doubt in doubts:
            store.end(doubt.intent)
    if merged.stopped:
        return Examined(ours, (), merged.drifts, merged.conflicts, True)
    ops = requests_of(diff(page.id, merged.old, merged.new, reader.can_update, DEFAULT, prefer), handles)
    strangers = 0
    if any(doubt.recognised for doubt in doubts):
        strangers = sum(node.foreign and node.id in reader.contents for node in merged.old)
    deleted = {op.block for op in ops if isinstance(op, DeleteBlock)}
    standing = {node.id: node for top in reader.nodes for node in top.walk() if node.id in deleted}
    return Examined(ours, ops, merged.drifts, merged.conflicts, strangers=strangers, standing=standing)


def estimate(
    page: KnownPage, ours: Sequence[BlockInput], dialect: Dialect, prefer: Prefer = "ids"
) -> tuple[tuple[BlockOp, ...], int]:
    """The requests of an update if nobody else has edited the page, and the reads before them. Sends nothing."""
    ours = tuple(ours)
    if page.content and page.content == tree_digest(ours):
        return (), 0
    there = expected(page.base)

    def can_update(node: Node, block: BlockInput) -> bool:
        return dialect.can_update(node.type, block.content, block)

    looks = len(reads(page.base, _closed(there), ours, can_update, prefer=prefer))
    merged: Merge = merge(page.base, there, ours, Policy("keep", "ours"), can_update)
    ops = requests_of(diff(page.id, merged.old, merged.new, can_update, DEFAULT, prefer), Handles())
    return ops, -(-len(there) // 100) + looks


def requests_of(edits: Sequence[Edit], handles: Handles) -> tuple[BlockOp, ...]:
    """Edits as requests: a run of blocks becomes as many as its size and depth need."""
    ops: list[BlockOp] = []
    for edit in edits:
        match edit:
            case Insert(parent, after, blocks):
                ops += pack_insert(parent, after, blocks, DEFAULT, handles)
            case UpdateBlock() | DeleteBlock():
                ops.append(edit)
            case _:
                assert_never(edit)
    return tuple(ops)


def _filled(nodes: tuple[Node, ...], id: str, children: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(
        replace(node, children=children)
        if node.id == id
        else replace(node, children=_filled(node.children, id, children))
        if node.children
        else node
        for node in nodes
    )


def _closed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """As they look after reading the top level alone."""
    return tuple(replace(node, children=None) if node.children else node for node in nodes)
