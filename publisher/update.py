"""One page that exists: read what stands there, bring the three sides together, and say what to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from converters.dialects.base import BlockInput, Dialect
from publisher.known import KnownPage
from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import Care, Difference, Prefer, difference
from publisher.planning.followed import follow, other_digests
from publisher.planning.limits import DEFAULT
from publisher.planning.merge import Conflict, Drift, Merge, Policy, expected, merge, reads
from publisher.planning.ops import BlockOp, DeleteBlock
from publisher.planning.packing import Handles
from publisher.planning.places import filled, links_within, remembered
from publisher.planning.requests import Ways, requests_of, standing
from publisher.planning.rewrite import doomed, pays, pristine, rewriting
from publisher.planning.settle import Pending, adopt, unsettled
from publisher.planning.sides import disown, unread
from publisher.reader import Reader
from publisher.remote.workspace import Workspace
from publisher.settling import pending
from publisher.store import Store

_NAMES = "file-names"  # the service gives back the names of uploaded files


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

    def named(self) -> tuple[BlockInput, ...]:
        """The blocks with names for all places."""
        return filled(self.blocks, lambda _: "")

    def known(self, page: KnownPage, ours: Iterable[BlockInput]) -> dict[bytes, bytes]:
        """The digests of `ours` by those that the state may have of the same blocks."""
        if not self.places:
            return {}
        ours = tuple(ours)
        before = other_digests(self.filled(self.before(page)), ours)
        return before | other_digests(self.named(), ours)

    def before(self, page: KnownPage) -> dict[str, str]:
        """The addresses that the places had when the page was written last; none for those that were left out."""
        known = remembered(page.links)
        return {name: known.get(name, "") for name in self.places if known.get(name, ".")}

    def here(self, there: Mapping[str, str]) -> dict[str, str]:
        """Where all places are, "" for those that are left out."""
        return dict.fromkeys(self.places, "") | dict(there)


@dataclass(frozen=True, slots=True)
class Examined:
    """What to send to a page so that its body is `ours`, which has names for places.

    With `stopped` nothing is sent: a person must look first.

    `here` says where each place of the page is: its address, the handle of a block that is yet to come, or "" for one
    that is left out.
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
        self.ways = Ways(body.before(page))
        self.ours = body.filled(self.ways.there)
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
        self.here = self.body.here({**self.ways.known, **coming})
        return ops

    async def _settle(self) -> tuple[Merge, Difference]:
        """Compare, until the links of the page to its own blocks lead to those that stay or come."""
        self.ours = self.body.filled(self.ways.there)
        merged, found = await self._compare()
        while self.ways.follow(standing(self.page.url, self.body.places, merged, found)):
            self.ours = self.body.filled(self.ways.there)
            merged, found = await self._compare()
        self.ours = self.body.filled(self.ways.known)
        return merged, self.ways.settled(merged, found)

    async def _compare(self) -> tuple[Merge, Difference]:
        """Read as far as needed, and compare."""
        reader, terms = self.reader, self.terms
        known = self.body.known(self.page, self.ours)
        base = follow(self.base, reader.nodes, known)
        care = Care(frozenset(self.kept), self.asks and terms.prefer == "requests")
        while ids := reads(base, reader.nodes, self.ours, reader.can_update, prefer=terms.prefer, care=care):
            await reader.look_into(ids)
            base = follow(self.base, reader.nodes, known)
        merged = merge(base, reader.nodes, self.ours, terms.policy, reader.can_update)
        page, prefer = self.page.id, terms.prefer
        found = difference(page, merged.old, merged.new, reader.can_update, DEFAULT, prefer, care)
        return merged, found

    def names(self) -> dict[bytes, bytes]:
        """The digests of blocks with names for places, by those that they were compared with."""
        named, ways = self.body.named(), self.ways
        compared = (self.body.filled(there) for there in (ways.there, ways.known))
        return {old: new for ours in compared for old, new in other_digests(ours, named).items()}

    def unsent(self) -> tuple[Node, ...]:
        """The base with what was learnt by reading, if nothing is sent, so that nothing is settled."""
        return merge(self.base, self.reader.nodes, self.ours, Policy(), self.reader.can_update).base

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
    if page.content == tree_digest(body.filled(before)) and not doubts:
        return Examined(body.named(), here=body.here(before))
    reader = Reader(workspace, workspace.dialect)
    reader.names_kept = reader.names_kept or store.meta(_NAMES) is not None
    recognised = any(doubt.recognised for doubt in doubts)
    await reader.open(page, [known.url for known in store.pages().values()] if recognised else None)
    base = await _adopted(page, reader, [doubt.op for doubt in doubts if doubt.op is not None])
    examination = _Examination(page, reader, base, body, terms)
    merged, found, ops = await examination.run(handles)
    ours = body.named()
    merged = _spared(merged, found, examination)
    learnt = examination.unsent() if merged.stopped else merged.base
    with store.transaction():
        if reader.names_kept and store.meta(_NAMES) is None:
            store.set_meta(_NAMES, "kept")
        store.save_base(key, reader.anchored(follow(learnt, None, examination.names())))
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


async def _adopted(page: KnownPage, reader: Reader, lost: Sequence[Pending]) -> tuple[Node, ...]:
    """The base as it really stands, after requests whose answers were lost."""
    while ids := unsettled(page.base, reader.unlinked(reader.nodes), lost):
        await reader.look_into(ids)
    return reader.linked(adopt(page.base, reader.unlinked(reader.nodes), lost))


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
    return replace(merged, conflicts=conflicts, stopped=True)


def estimate(
    page: KnownPage, body: Body, dialect: Dialect, prefer: Prefer = "ids", ask: bool = True
) -> tuple[tuple[BlockOp, ...], int]:
    """The requests of an update if nobody else has edited the page, and the reads before them. Sends nothing."""
    there = body.before(page)
    if page.content and page.content == tree_digest(body.filled(there)):
        return (), 0
    expectation = expected(page.base)

    def can_update(node: Node, block: BlockInput) -> bool:
        return dialect.can_update(node.type, block.content, block)

    notion = dialect.name == "notion"  # only there comments can be asked for, and pages be emptied
    asks = ask and notion
    care = Care(asking=asks and prefer == "requests")
    ways = Ways(there)
    while True:
        ours = body.filled(ways.there)
        base = follow(page.base, expectation, body.known(page, ours))
        merged: Merge = merge(base, expectation, ours, Policy("keep", "ours"), can_update)
        found = difference(page.id, merged.old, merged.new, can_update, DEFAULT, prefer, care)
        if not ways.follow(standing(page.url, body.places, merged, found)):
            break
    looks = len(reads(base, _closed(expectation), ours, can_update, prefer=prefer, care=care))
    ops, _ = requests_of(page.id, merged, ways.settled(merged, found), body.places, Handles())
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
