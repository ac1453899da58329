"""Three sides of a page, block by block: what we wrote last, what stands there now, what the file says.

Somebody's edit of one of our blocks is *drift*; if the file changed the same block it is a *conflict*. What people
added is foreign and stays where it stands. The policy says what becomes of drift and conflicts; what it keeps is
remembered in the base, so that the next publish neither reports nor overwrites it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.align import Pairs, fill, increasing
from publisher.planning.base import Node, node_of, tree_digest

CanUpdate: TypeAlias = Callable[[Node, BlockInput], bool]


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of somebody's edits: `restore` and `ours` write over them, `stop` leaves the page alone."""

    on_drift: Literal["stop", "keep", "restore"] = "stop"
    on_conflict: Literal["stop", "theirs", "ours"] = "stop"


@dataclass(frozen=True, slots=True)
class Drift:
    """Somebody edited, deleted or moved a block that the file leaves as it was.

    `block` is its id ("" if it was not known), `line` where it stands in the file, from 1.
    """

    kind: Literal["edited", "deleted", "moved"]
    block: str
    type: str
    line: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody's edit and ours meet in one block.

    `edited`: both changed it. `deleted`: they deleted or moved it, the file changed it. `removed`: the file dropped it,
    they changed it or something in it. `replaced`: the file makes another kind of block of it (which is a new block),
    they added or changed something in it. `block` is "" where nothing stands any more, `line` is 0 where the file has none.
    """

    kind: Literal["edited", "deleted", "removed", "replaced"]
    block: str
    type: str
    line: int


@dataclass(frozen=True, slots=True)
class Merge:
    """`old` and `new` go to `diff`; `base` is the base with what was learnt by reading, for `record` and the state.

    `old` holds what stands there, in its order; kept edits have the digest of the file's block, so that they are
    equal to it, and `edited`. With `stopped` nothing is to be sent: the policy wants a person to look first.
    """

    old: tuple[Node, ...]
    new: tuple[BlockInput, ...]
    base: tuple[Node, ...]
    drifts: tuple[Drift, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stopped: bool = False


def reads(
    base: Sequence[Node], theirs: Sequence[Node], ours: Sequence[BlockInput], can_update: CanUpdate
) -> tuple[str, ...]:
    """Ids of blocks whose children must be read before `merge`. Ask again with the answers until there are none.

    A block is looked into if the file changes something in it, or if it goes (somebody may have added to it).
    Elsewhere what we wrote is taken to stand there.
    """
    match = _Match(base, theirs, ours)
    found: list[str] = []
    for i, j in match.theirs.items():
        was, there, block = base[i], theirs[j], match.block(i)
        if block is None or (block.digest != there.digest and not can_update(there, block)):
            found += _unread(there)
        elif there.children is None:
            if _children_differ(was, block):
                found.append(there.id)
        else:
            found += reads(was.children or (), there.children, block.children, can_update)
    for j in match.moved.values():
        found += _unread(theirs[j])
    return tuple(found)


def merge(
    base: Sequence[Node],
    theirs: Sequence[Node],
    ours: Sequence[BlockInput],
    policy: Policy,
    can_update: CanUpdate,
) -> Merge:
    """Bring the three sides together. Without anybody's edits `old` is the base and `new` is ours.

    `theirs` as read, `children` None where nothing was read; foreign are those that a publisher cannot have written
    (child pages): no block that holds one is ever deleted.
    """
    merger = _Merger(policy, can_update)
    level = merger.level(base, theirs, ours)
    drifts, conflicts = tuple(merger.drifts), tuple(merger.conflicts)
    stopped = bool(drifts and policy.on_drift == "stop") or bool(conflicts and policy.on_conflict == "stop")
    return Merge(tuple(level.old), tuple(level.new), tuple(level.base), drifts, conflicts, stopped)


def expected(base: Iterable[Node]) -> tuple[Node, ...]:
    """What should stand there if nobody has edited anything since."""
    return tuple(
        Node(
            node.id,
            node.type,
            node.seen or node.digest,
            None if node.children is None else expected(node.children),
            foreign=node.foreign,
        )
        for node in base
        if not node.gone
    )


@dataclass(slots=True)
class _Level:
    """The result for the children of one block."""

    old: list[Node] = field(default_factory=list)
    new: list[BlockInput] = field(default_factory=list)
    base: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class _Fate:
    """What becomes of one block of the base. None: not there on that side."""

    old: Node | None
    new: BlockInput | None
    base: Node | None


class _Match:
    """Which blocks of the base are which on the two other sides."""

    def __init__(self, base: Sequence[Node], theirs: Sequence[Node], ours: Sequence[BlockInput]) -> None:
        self.ours_list = ours
        self.theirs = dict(match_theirs(base, theirs))
        self.ours = dict(_match_ours(base, ours))
        taken = set(self.theirs.values())
        place = {node.id: j for j, node in enumerate(theirs) if node.id and j not in taken}
        mine = [(i, node) for i, node in enumerate(base) if not node.foreign and i not in self.theirs]
        self.moved = {i: place[node.id] for i, node in mine if node.id in place}

    def block(self, i: int) -> BlockInput | None:
        return self.ours_list[self.ours[i]] if i in self.ours else None


class _Merger:
    def __init__(self, policy: Policy, can_update: CanUpdate) -> None:
        self.policy = policy
        self.can_update = can_update
        self.drifts: list[Drift] = []
        self.conflicts: list[Conflict] = []

    def level(self, base: Sequence[Node], theirs: Sequence[Node], ours: Sequence[BlockInput]) -> _Level:
        """One level, and all below it."""
        match = _Match(base, theirs, ours)
        fates: dict[int, _Fate] = {}
        copies: dict[int, Node] = {}  # our own blocks that people moved and that are not wanted any more
        for i, node in enumerate(base):
            if node.foreign:
                continue
            if i in match.theirs:
                fates[i] = self._standing(node, theirs[match.theirs[i]], match.block(i))
                continue
            copy = theirs[match.moved[i]] if i in match.moved else None
            fates[i] = self._missing(node, copy, match.block(i))
            if copy is not None and fates[i].base is None and not _unread(copy) and _untouched(node, copy):
                copies[match.moved[i]] = node
        return _assemble(match, base, theirs, ours, fates, copies)

    def _standing(self, was: Node, there: Node, block: BlockInput | None) -> _Fate:
        """A block of ours that is there, as we wrote it or edited."""
        if block is None:
            return self._dropped(was, there)
        keep = self._keeps(was, there, block)
        bound = replace(was, id=there.id)
        children = self._below(was, there, block)
        if there.digest == block.digest:  # nothing to send, whoever wrote it
            old = there
            bound = replace(bound, type=block.type, digest=block.digest, seen=b"", edited=False)
        elif keep:
            old = replace(there, type=block.type, digest=block.digest, edited=True)
            if keep == "accepted":
                bound = replace(bound, type=block.type, digest=block.digest, seen=there.digest, edited=True)
        elif _as_written(was, there):
            old = replace(there, digest=was.digest)
            bound = replace(bound, seen=there.digest if there.digest != was.digest else b"", edited=False)
        else:
            old = there  # to be written over
        return _Fate(
            old.with_children(tuple(children.old)),
            replace(block, children=tuple(children.new)),
            bound.with_children(tuple(children.base)),
        )

    def _keeps(self, was: Node, there: Node, block: BlockInput) -> Literal["", "accepted", "left"]:
        """Whether somebody's edit of this block stays: accepted, or only left alone until a person has looked."""
        if there.digest == block.digest:
            return ""
        accepted = was.edited and there.digest == was.seen
        mine = block.digest == was.digest
        if accepted and mine:
            return "accepted"
        if not accepted and not _as_written(was, there) and mine:
            self.drifts.append(Drift("edited", there.id, there.type, block.line))
            return _outcome(self.policy.on_drift)
        if accepted or not _as_written(was, there):
            self.conflicts.append(Conflict("edited", there.id, there.type, block.line))
            return _outcome(self.policy.on_conflict)
        if not self.can_update(there, block) and (locked := _holds(was, there)):
            self.conflicts.append(Conflict("replaced", there.id, there.type, block.line))
            outcome = _outcome(self.policy.on_conflict)
            return outcome or ("accepted" if locked == "page" else "")
        return ""

    def _below(self, was: Node, there: Node, block: BlockInput) -> _Level:
        base = was.children or ()
        theirs = expected(base) if there.children is None else there.children
        return self.level(base, theirs, block.children)

    def _dropped(self, was: Node, there: Node) -> _Fate:
        """The file does not have the block any more."""
        bound = replace(was, id=there.id)
        locked = "" if _untouched(was, there) else _holds(was, there) or "edit"
        if not locked:
            return _Fate(replace(there, digest=was.digest), None, bound)
        self.conflicts.append(Conflict("removed", there.id, there.type, 0))
        if self.policy.on_conflict == "stop":
            return _Fate(replace(there, foreign=True), None, bound)
        if self.policy.on_conflict == "theirs" or locked == "page":
            return _Fate(replace(there, foreign=True), None, _foreign(there))
        return _Fate(there, None, bound)

    def _missing(self, was: Node, copy: Node | None, block: BlockInput | None) -> _Fate:
        """A block of ours that is not there any more, or (`copy`) stands elsewhere."""
        if block is None:
            return _Fate(None, None, None)
        mine = tree_digest([was]) == tree_digest([block])
        if was.gone and mine:
            return _Fate(None, None, was)
        known = copy.id if copy else was.id
        if mine:
            self.drifts.append(Drift("moved" if copy else "deleted", known, was.type, block.line))
            outcome = _outcome(self.policy.on_drift)
        else:
            self.conflicts.append(Conflict("deleted", copy.id if copy else "", was.type, block.line))
            outcome = _outcome(self.policy.on_conflict)
        if outcome == "accepted":
            return _Fate(None, None, replace(node_of(block), gone=True))
        return _Fate(None, None, was) if outcome == "left" else _Fate(None, block, None)


def _assemble(
    match: _Match,
    base: Sequence[Node],
    theirs: Sequence[Node],
    ours: Sequence[BlockInput],
    fates: dict[int, _Fate],
    copies: dict[int, Node],
) -> _Level:
    """Put the fates in order: old and base as things stand, new as the file says."""
    level = _Level()
    whose = {j: i for i, j in match.theirs.items()}
    waiting = [i for i in fates if i not in match.theirs]  # remembered, but not standing anywhere
    waiting.reverse()

    def remember(until: int) -> None:
        while waiting and waiting[-1] < until:
            if (kept := fates[waiting.pop()].base) is not None:
                level.base.append(kept)

    for j, there in enumerate(theirs):
        if j in whose:
            remember(whose[j])
            fate = fates[whose[j]]
            level.old += [fate.old] if fate.old else []
            level.base += [fate.base] if fate.base else []
        elif j in copies:
            level.old.append(replace(there, digest=copies[j].digest))
            level.base.append(replace(copies[j], id=there.id))
        else:
            level.old.append(replace(there, foreign=True))
            level.base.append(_foreign(there))
    remember(len(base))
    of = {k: i for i, k in match.ours.items()}
    for k, block in enumerate(ours):
        new = fates[of[k]].new if k in of else block
        level.new += [new] if new else []
    return level


def match_theirs(base: Sequence[Node], theirs: Sequence[Node], *, loosely: bool = True) -> Pairs:
    """Which of our blocks stand where: by id, and those without id by what is in them. Pairs do not cross.

    `loosely` pairs also what has only the type in common: somebody has edited it.
    """
    place = {node.id: j for j, node in enumerate(theirs)}
    known = [(i, place[node.id]) for i, node in enumerate(base) if node.id in place and not node.foreign]
    pairs = [known[at] for at in increasing([j for _, j in known])]
    named = {node.id for node in base if node.id}
    left = [None if node.id or node.foreign or node.gone else node for node in base]
    right = [None if node.id in named or node.foreign else node for node in theirs]
    pairs = fill(pairs, [n and (n.seen or n.digest) for n in left], [n and n.digest for n in right])
    if not loosely:
        return pairs
    return fill(pairs, [n and n.type for n in left], [n and n.type for n in right])


def _match_ours(base: Sequence[Node], ours: Sequence[BlockInput]) -> Pairs:
    """Which of our blocks is which in the file: the same with all below it, the same without, the same kind."""
    left = [None if node.foreign else node for node in base]
    pairs = fill([], [n and tree_digest([n]) for n in left], [tree_digest([block]) for block in ours])
    pairs = fill(pairs, [n and n.digest for n in left], [block.digest for block in ours])
    return fill(pairs, [n and n.type for n in left], [block.type for block in ours])


def _as_written(was: Node, there: Node) -> bool:
    return there.digest == was.digest or (there.digest == was.seen and not was.edited)


def _untouched(was: Node, there: Node) -> bool:
    """Nobody has edited the block or anything in it; what was not read is taken to be as we wrote it."""
    if not _as_written(was, there):
        return False
    if there.children is None:
        return True
    mine = was.children or ()
    pairs = match_theirs(mine, there.children)
    return len(pairs) == len(there.children) and all(_untouched(mine[i], there.children[j]) for i, j in pairs)


def _holds(was: Node, there: Node) -> Literal["", "edit", "page"]:
    """What of other people is inside a block: a page or database, an edit or addition, or nothing."""
    if any(node.foreign for node in there.walk()):
        return "page"
    mine, children = was.children or (), there.children
    if children is None:
        return ""
    pairs = match_theirs(mine, children)
    clean = len(pairs) == len(children) and all(_untouched(mine[i], children[j]) for i, j in pairs)
    return "" if clean else "edit"


def _unread(there: Node) -> list[str]:
    return [node.id for node in there.walk() if node.children is None and not node.foreign]


def _children_differ(was: Node, block: BlockInput) -> bool:
    return tree_digest(was.children or ()) != tree_digest(block.children)


def _foreign(there: Node) -> Node:
    """How what is not ours is remembered: that it is there."""
    return Node(there.id, there.type, there.digest, foreign=True)


def _outcome(choice: str) -> Literal["", "accepted", "left"]:
    if choice in ("keep", "theirs"):
        return "accepted"
    return "left" if choice == "stop" else ""
