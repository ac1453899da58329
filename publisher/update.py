"""One page that exists: read what stands there, bring the three sides together, and say what to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from converters.dialects.base import BlockInput, Dialect, ReadBlock, resolve
from converters.dialects.uploads import UPLOAD, named, renamed
from publisher.known import KnownPage
from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import Care, Difference, Edit, Insert, Prefer, difference
from publisher.planning.limits import DEFAULT
from publisher.planning.merge import Conflict, Drift, Merge, Policy, expected, merge, reads
from publisher.planning.ops import BlockOp, DeleteBlock, UpdateBlock
from publisher.planning.packing import Handles, pack_insert
from publisher.planning.rewrite import doomed, pays, pristine, rewriting
from publisher.planning.settle import adopt, unsettled
from publisher.planning.sides import disown, unread
from publisher.remote.workspace import Workspace
from publisher.settling import pending
from publisher.store import Store

_NAMES = "file-names"  # the service gives back the names of uploaded files


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
        self.names_kept = (
            dialect.name == "notion"
        )  # whether addresses of uploaded files are known to tell their names
        self.contents: dict[str, bytes] = {}  # of blocks that a publisher can have written
        self.nodes: tuple[Node, ...] = ()
        self._written: set[bytes] = set()
        self._uploads: list[str] = []
        self.looked = 0  # in how many blocks

    async def open(self, page: KnownPage) -> None:
        """Read the top level."""
        self._written = {node.digest for top in page.base for node in top.walk()}
        self._uploads = [link.removeprefix(UPLOAD) for link in page.links.values() if link.startswith(UPLOAD)]
        self.nodes = await self._children(page.id)

    async def look_into(self, ids: Sequence[str]) -> None:
        """Read the children of these blocks."""
        for id in ids:
            children = await self._children(id)
            self.looked += 1
            self.nodes = _filled(self.nodes, id, children)

    async def _children(self, id: str) -> tuple[Node, ...]:
        blocks = await self.workspace.children(id)
        if self._uploads and any(named(block.input.content) for block in blocks if block.ours):
            self.names_kept = True
        return tuple(self._node(block) for block in blocks)

    def _meant(self, block: ReadBlock) -> BlockInput:
        """The block; if its file's address tells nothing, as we wrote it where that is all that differs.

        Nobody says that Buildin keeps the names of files. Where it does, another name is somebody's other file.
        """
        if self.names_kept or not self._uploads or named(block.input.content) is not False:
            return block.input
        guesses = (replace(block.input, content=renamed(block.input.content, hash)) for hash in self._uploads)
        return next((guess for guess in guesses if guess.digest in self._written), block.input)

    def _node(self, block: ReadBlock) -> Node:
        if not block.ours:
            return Node(block.id, block.input.type, block.input.digest, foreign=True)
        input = self._meant(block)
        self.contents[block.id] = input.content
        return Node(block.id, input.type, input.digest, None if block.has_children else ())

    def can_update(self, node: Node, block: BlockInput) -> bool:
        """Whether the service can turn the one into the other in place; what was not read is taken to be alike."""
        return self.dialect.can_update(node.type, self.contents.get(node.id, block.content), block)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a page may be changed. `ask`: no block is deleted before it is known to have no open comments."""

    policy: Policy
    prefer: Prefer = "ids"
    ask: bool = True


class _Examination:
    """Finds the requests for one page, reading and asking no more than they need."""

    def __init__(
        self, page: str, reader: Reader, base: tuple[Node, ...], ours: tuple[BlockInput, ...], terms: Terms
    ) -> None:
        self.page, self.reader, self.base, self.ours, self.terms = page, reader, base, ours, terms
        self.asked: set[str] = set()
        self.kept: set[str] = set()  # blocks with open comments

    @property
    def asks(self) -> bool:
        return self.terms.ask and self.reader.workspace.tells_comments

    async def run(self, handles: Handles) -> tuple[Merge, Difference, tuple[BlockOp, ...]]:
        """The three sides brought together, the edits, and their requests."""
        merged, found = await self._compare()
        ops = requests_of(found.edits, handles)
        if not merged.stopped and (again := await self._anew(merged, ops, handles)):
            return merged, Difference(()), again
        while not merged.stopped and await self._ask(doomed(found.edits, _all(self.reader.nodes))):
            merged, found = await self._compare()
            ops = requests_of(found.edits, handles)
        return merged, found, ops

    async def _compare(self) -> tuple[Merge, Difference]:
        """Read as far as needed, and compare."""
        reader, terms = self.reader, self.terms
        care = Care(frozenset(self.kept), self.asks and terms.prefer == "requests")
        while ids := reads(
            self.base, reader.nodes, self.ours, reader.can_update, prefer=terms.prefer, care=care
        ):
            await reader.look_into(ids)
        merged = merge(self.base, reader.nodes, self.ours, terms.policy, reader.can_update)
        found = difference(self.page, merged.old, merged.new, reader.can_update, DEFAULT, terms.prefer, care)
        return merged, found

    async def _ask(self, ids: Sequence[str]) -> bool:
        """Ask for comments; whether there are some that were not known."""
        new = [id for id in ids if id not in self.asked] if self.asks else []
        before = len(self.kept)
        for id in new:
            self.asked.add(id)
            if await self.reader.workspace.commented(id):
                self.kept.add(id)
        return len(self.kept) > before

    async def _anew(self, merged: Merge, ops: tuple[BlockOp, ...], handles: Handles) -> tuple[BlockOp, ...]:
        """The requests that write the page anew, if that is wanted, pays and harms nobody; else none.

        To ask for the comments of every block of a page costs as much as is saved.
        """
        reader = self.reader
        if self.terms.prefer != "requests" or self.asks or not reader.workspace.erases:
            return ()
        again = rewriting(self.page, merged.new, handles)
        if not pays(ops, again, self.base, reader.looked):
            return ()
        while ids := [id for node in reader.nodes for id in unread(node)]:
            await reader.look_into(ids)
        if not pristine(self.base, reader.nodes) or merged.drifts or merged.conflicts:
            return ()
        return again


async def examine(
    key: str,
    ours: Sequence[BlockInput],
    terms: Terms,
    store: Store,
    workspace: Workspace,
    handles: Handles,
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
    reader.names_kept = reader.names_kept or store.meta(_NAMES) is not None
    await reader.open(page)
    lost = [doubt.op for doubt in doubts if doubt.op is not None]
    while ids := unsettled(page.base, reader.nodes, lost):
        await reader.look_into(ids)
    base = adopt(page.base, reader.nodes, lost)
    examination = _Examination(page.id, reader, base, ours, terms)
    merged, found, ops = await examination.run(handles)
    merged = _spared(merged, found, examination)
    with store.transaction():
        if reader.names_kept and store.meta(_NAMES) is None:
            store.set_meta(_NAMES, "kept")
        store.save_base(key, merged.base)
        for doubt in doubts:
            store.end(doubt.intent)
    if merged.stopped:
        return Examined(ours, (), merged.drifts, merged.conflicts, True)
    strangers = 0
    if any(doubt.recognised for doubt in doubts):
        strangers = sum(node.foreign and node.id in reader.contents for node in merged.old)
    deleted = {op.block for op in ops if isinstance(op, DeleteBlock)}
    standing = {node.id: node for node in _all(reader.nodes) if node.id in deleted}
    return Examined(ours, ops, merged.drifts, merged.conflicts, strangers=strangers, standing=standing)


def _spared(merged: Merge, found: Difference, examination: _Examination) -> Merge:
    """The merge with a conflict for each block that would be deleted and has open comments.

    Whoever takes the other side in conflicts keeps the block as one that is not ours; else the page is left alone,
    also where our side is to win: comments go with --force only.
    """
    nodes = [node for node in _all(examination.reader.nodes) if node.id in found.left]
    nodes = [node for node in nodes if any(below.id in examination.kept for below in node.walk())]
    if merged.stopped or not nodes:
        return merged
    conflicts = (*merged.conflicts, *(Conflict("commented", node.id, node.type, 0) for node in nodes))
    if examination.terms.policy.on_conflict == "theirs":
        return replace(merged, conflicts=conflicts, base=disown(merged.base, {node.id for node in nodes}))
    sides = examination.base, examination.reader.nodes, examination.ours
    nothing = merge(*sides, Policy(), examination.reader.can_update)  # is sent, so nothing is settled
    return replace(merged, conflicts=conflicts, base=nothing.base, stopped=True)


def estimate(
    page: KnownPage, ours: Sequence[BlockInput], dialect: Dialect, prefer: Prefer = "ids", ask: bool = True
) -> tuple[tuple[BlockOp, ...], int]:
    """The requests of an update if nobody else has edited the page, and the reads before them. Sends nothing."""
    ours = tuple(ours)
    if page.content and page.content == tree_digest(ours):
        return (), 0
    there = expected(page.base)

    def can_update(node: Node, block: BlockInput) -> bool:
        return dialect.can_update(node.type, block.content, block)

    notion = dialect.name == "notion"  # only there comments can be asked for, and pages be emptied
    asks = ask and notion
    care = Care(asking=asks and prefer == "requests")
    looks = len(reads(page.base, _closed(there), ours, can_update, prefer=prefer, care=care))
    merged: Merge = merge(page.base, there, ours, Policy("keep", "ours"), can_update)
    found = difference(page.id, merged.old, merged.new, can_update, DEFAULT, prefer, care)
    ops, top = requests_of(found.edits, Handles()), -(-len(there) // 100)
    if prefer == "requests" and notion and not asks and pristine(page.base, there):
        again = rewriting(page.id, merged.new, Handles())
        if pays(ops, again, page.base, looks):
            return again, top + sum(bool(node.children) for node in _all(there))
    questions = len(doomed(ops, _all(there))) if asks else 0
    return ops, top + looks + questions


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


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    """All nodes with those below them."""
    return (node for top in nodes for node in top.walk())


def _closed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """As they look after reading the top level alone."""
    return tuple(replace(node, children=None) if node.children else node for node in nodes)
