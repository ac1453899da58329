"""One page that exists: read what stands there, bring the three sides together, and say what to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from converters.dialects.base import BlockInput, Dialect
from publisher.known import KnownPage
from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import Care, Difference, Prefer, difference
from publisher.planning.limits import DEFAULT
from publisher.planning.merge import Conflict, Drift, Merge, Policy, expected, merge, reads
from publisher.planning.ops import BlockOp, DeleteBlock
from publisher.planning.packing import Handles
from publisher.planning.places import filled, links_within, remembered
from publisher.planning.requests import requests_of, standing
from publisher.planning.rewrite import doomed, pays, pristine, rewriting
from publisher.planning.settle import adopt, unsettled
from publisher.planning.sides import disown, unread
from publisher.reader import Reader
from publisher.remote.workspace import Workspace
from publisher.settling import pending
from publisher.store import Store

_NAMES = "file-names"  # the service gives back the names of uploaded files
_TURNS = 3  # how often links to blocks of the page may make another difference, before the last one counts


@dataclass(frozen=True, slots=True)
class Body:
    """What a page shall hold. Links to its own blocks are names; `places` say which block each of these stands for."""

    blocks: tuple[BlockInput, ...]
    places: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, blocks: tuple[BlockInput, ...], places: Mapping[str, int]) -> Body:
        """`places` may have more names than there are links."""
        linked = {name for block in blocks for name in links_within(block)}
        return cls(blocks, {name: at for name, at in places.items() if name in linked})

    def filled(self, there: Mapping[str, str]) -> tuple[BlockInput, ...]:
        """The blocks with the addresses of places, which are "" for blocks that are yet to come."""
        return filled(self.blocks, there.get)

    def before(self, page: KnownPage) -> dict[str, str]:
        """The addresses that the places had when the page was written last."""
        known = remembered(page.links)
        return {name: known.get(name, "") for name in self.places}


@dataclass(frozen=True, slots=True)
class Examined:
    """What to send to a page so that its body is `ours`. With `stopped` nothing is sent: a person must look first.

    `here` says where each place of the page is: its address, or the handle of a block that is yet to come.
    """

    ours: tuple[BlockInput, ...]
    ops: tuple[BlockOp, ...] = ()
    drifts: tuple[Drift, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stopped: bool = False
    strangers: int = 0  # blocks of a recognised page that the file does not have
    standing: Mapping[str, Node] = field(default_factory=dict)  # what will be deleted, as it was read
    here: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a page may be changed. `ask`: no block is deleted before it is known to have no open comments."""

    policy: Policy
    prefer: Prefer = "ids"
    ask: bool = True


class _Examination:
    """Finds the requests for one page, reading and asking no more than they need."""

    def __init__(
        self, page: KnownPage, reader: Reader, base: tuple[Node, ...], body: Body, terms: Terms
    ) -> None:
        self.page, self.reader, self.base, self.body, self.terms = page, reader, base, body, terms
        self.there: Mapping[str, str] = body.before(page)
        self.ours = body.filled(self.there)
        self.here: dict[str, str] = {}
        self.asked: set[str] = set()
        self.kept: set[str] = set()  # blocks with open comments

    @property
    def asks(self) -> bool:
        return self.terms.ask and self.reader.workspace.tells_comments

    async def run(self, handles: Handles) -> tuple[Merge, Difference, tuple[BlockOp, ...]]:
        """The three sides brought together, the edits, and their requests."""
        merged, found = await self._settle()
        ops = self._requests(merged, found, handles)
        if not merged.stopped and (again := await self._anew(merged, ops, handles)):
            return merged, Difference(()), again
        while not merged.stopped and await self._ask(doomed(found.edits, _all(self.reader.nodes))):
            merged, found = await self._settle()
            ops = self._requests(merged, found, handles)
        return merged, found, ops

    def _requests(self, merged: Merge, found: Difference, handles: Handles) -> tuple[BlockOp, ...]:
        ops, coming = requests_of(self.page.id, merged, found, self.body.places, handles)
        self.here = {**self.there, **coming}
        return ops

    async def _settle(self) -> tuple[Merge, Difference]:
        """Compare, until the links of the page to its own blocks lead to those that stay or come."""
        merged, found = await self._compare()
        for _ in range(_TURNS if self.body.places else 0):
            there = standing(self.page.url, self.body.places, merged, found)
            if there == self.there:
                break
            self.there, self.ours = there, self.body.filled(there)
            merged, found = await self._compare()
        return merged, found

    async def _compare(self) -> tuple[Merge, Difference]:
        """Read as far as needed, and compare."""
        reader, terms = self.reader, self.terms
        care = Care(frozenset(self.kept), self.asks and terms.prefer == "requests")
        while ids := reads(
            self.base, reader.nodes, self.ours, reader.can_update, prefer=terms.prefer, care=care
        ):
            await reader.look_into(ids)
        merged = merge(self.base, reader.nodes, self.ours, terms.policy, reader.can_update)
        page, prefer = self.page.id, terms.prefer
        found = difference(page, merged.old, merged.new, reader.can_update, DEFAULT, prefer, care)
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
        if self.terms.prefer != "requests" or self.asks or not reader.workspace.erases or self.body.places:
            return ()
        again = rewriting(self.page.id, merged.new, handles)
        if not pays(ops, again, self.base, reader.looked):
            return ()
        while ids := [id for node in reader.nodes for id in unread(node)]:
            await reader.look_into(ids)
        if not pristine(self.base, reader.nodes) or merged.drifts or merged.conflicts:
            return ()
        return again


async def examine(
    key: str,
    body: Body,
    terms: Terms,
    store: Store,
    workspace: Workspace,
    handles: Handles,
) -> Examined:
    """The requests that give a page this body; what was learnt by reading is in the state afterwards.

    A page whose body is as it was written costs nothing, not even a read.
    """
    page = store.page(key)
    assert page is not None
    doubts = pending(store.intents(), key)
    before = body.before(page)
    if page.content == tree_digest(ours := body.filled(before)) and not doubts:
        return Examined(ours, here=before)
    reader = Reader(workspace, workspace.dialect)
    reader.names_kept = reader.names_kept or store.meta(_NAMES) is not None
    await reader.open(page)
    lost = [doubt.op for doubt in doubts if doubt.op is not None]
    recognised = any(
        doubt.recognised for doubt in doubts
    )  # then nobody knows which links to its own blocks it had
    while ids := unsettled(page.base, reader.unlinked(reader.nodes) if recognised else reader.nodes, lost):
        await reader.look_into(ids)
    if recognised:
        base = reader.linked(adopt(page.base, reader.unlinked(reader.nodes), lost))
    else:
        base = adopt(page.base, reader.nodes, lost)
    examination = _Examination(page, reader, base, body, terms)
    merged, found, ops = await examination.run(handles)
    ours = examination.ours
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
    if recognised:
        strangers = sum(node.foreign and node.id in reader.contents for node in merged.old)
    deleted = {op.block for op in ops if isinstance(op, DeleteBlock)}
    going = {node.id: node for node in _all(reader.nodes) if node.id in deleted}
    here = examination.here
    return Examined(
        ours, ops, merged.drifts, merged.conflicts, strangers=strangers, standing=going, here=here
    )


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
    page: KnownPage, body: Body, dialect: Dialect, prefer: Prefer = "ids", ask: bool = True
) -> tuple[tuple[BlockOp, ...], int]:
    """The requests of an update if nobody else has edited the page, and the reads before them. Sends nothing."""
    base, there = page.base, body.before(page)
    if page.content and page.content == tree_digest(body.filled(there)):
        return (), 0
    expectation = expected(base)

    def can_update(node: Node, block: BlockInput) -> bool:
        return dialect.can_update(node.type, block.content, block)

    notion = dialect.name == "notion"  # only there comments can be asked for, and pages be emptied
    asks = ask and notion
    care = Care(asking=asks and prefer == "requests")
    for _ in range(1 + _TURNS):
        ours = body.filled(there)
        merged: Merge = merge(base, expectation, ours, Policy("keep", "ours"), can_update)
        found = difference(page.id, merged.old, merged.new, can_update, DEFAULT, prefer, care)
        settled, there = there, standing(page.url, body.places, merged, found)
        if settled == there:
            break
    looks = len(reads(base, _closed(expectation), ours, can_update, prefer=prefer, care=care))
    ops, _ = requests_of(page.id, merged, found, body.places, Handles())
    top = -(-len(expectation) // 100)
    if prefer == "requests" and notion and not asks and not body.places and pristine(base, expectation):
        again = rewriting(page.id, merged.new, Handles())
        if pays(ops, again, base, looks):
            return again, top + sum(bool(node.children) for node in _all(expectation))
    questions = len(doomed(ops, _all(expectation))) if asks else 0
    return ops, top + looks + questions


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    """All nodes with those below them."""
    return (node for top in nodes for node in top.walk())


def _closed(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """As they look after reading the top level alone."""
    return tuple(replace(node, children=None) if node.children else node for node in nodes)
