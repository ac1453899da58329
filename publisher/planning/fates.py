"""What becomes of each block of ours that people may have edited: the rules of `merge`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from converters.dialects.base import BlockInput
from publisher.planning.base import Node, node_of, tree_digest
from publisher.planning.sides import (
    INSIDE,
    Match,
    arrange,
    as_written,
    bind,
    expected,
    holds,
    unread,
    untouched,
)

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
    they added or changed something in it. `commented`: it would be deleted, and has open comments. `block` is "" where
    nothing stands any more, `line` is 0 where the file has none.
    """

    kind: Literal["edited", "deleted", "removed", "replaced", "commented"]
    block: str
    type: str
    line: int


@dataclass(slots=True)
class Level:
    """The result for the children of one block. `places` says which of ours each of `new` is."""

    old: list[Node] = field(default_factory=list)
    new: list[BlockInput] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    base: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Fate:
    """What becomes of one block of the base. None: not there on that side."""

    old: Node | None
    new: BlockInput | None
    base: Node | None


class Merger:
    """Brings the three sides of one page together, level by level, and collects what has to be said about it."""

    def __init__(self, policy: Policy, can_update: CanUpdate) -> None:
        self.policy = policy
        self.can_update = can_update
        self.drifts: list[Drift] = []
        self.conflicts: list[Conflict] = []
        self.unread: dict[str, None] = {}

    def level(self, base: Sequence[Node], theirs: Sequence[Node], ours: Sequence[BlockInput]) -> Level:
        """One level, and all below it."""
        match = Match(base, theirs, ours)
        fates: dict[int, Fate] = {}
        copies: dict[int, Node] = {}  # our own blocks that people moved and that are not wanted any more
        for i, node in enumerate(base):
            if node.foreign:
                continue
            if i in match.theirs:
                fates[i] = self._standing(node, theirs[match.theirs[i]], match.block(i))
                continue
            copy = theirs[match.moved[i]] if i in match.moved else None
            fates[i] = self._missing(node, copy, match.block(i))
            if copy is not None and fates[i].base is None:
                self.unread |= dict.fromkeys(unread(copy))
                if not unread(copy) and untouched(node, copy):
                    copies[match.moved[i]] = node
        return _assemble(match, theirs, ours, fates, copies)

    def _standing(self, was: Node, there: Node, block: BlockInput | None) -> Fate:
        """A block of ours that is there, as we wrote it or edited."""
        if block is None:
            return self._dropped(was, there)
        keep = self._keeps(was, there, block)
        bound = replace(was, id=there.id)
        if there.digest == block.digest:  # nothing to send, whoever wrote it
            old = there
            bound = replace(bound, type=block.type, digest=block.digest, seen=b"", edited=False)
        elif keep:
            old = replace(there, type=block.type, digest=block.digest, edited=True)
            if keep == "accepted":
                bound = replace(bound, type=block.type, digest=block.digest, seen=there.digest, edited=True)
        elif as_written(was, there):
            old = replace(there, digest=was.digest)
            bound = replace(bound, seen=there.digest if there.digest != was.digest else b"", edited=False)
        else:
            old = there  # to be written over
        anew = not keep and there.digest != block.digest and not self.can_update(there, block)
        if anew:
            self.unread |= dict.fromkeys(unread(there))
        if there.children is None:
            below = self._assumed(was, there, block)
            bound = bound.with_children(arrange(was.children or (), block.children))
        else:
            below = self.level(was.children or (), there.children, block.children)
            bound = bound.with_children(tuple(below.base))
        if anew and there.children is not None:  # with what people put into it: the policy says so
            bound = old
        else:
            old = old.with_children(tuple(below.old))
        return Fate(old, replace(block, children=tuple(below.new)), bound)

    def _assumed(self, was: Node, there: Node, block: BlockInput) -> Level:
        """Below a block that was not read: what we wrote, under made-up names by which `reads` knows it again."""
        base = [_nameless(child) for child in was.children or ()]
        said = len(self.drifts) + len(self.conflicts)
        level = self.level(base, expected(base, there.id + INSIDE), block.children)
        if len(self.drifts) + len(self.conflicts) > said:
            self.unread[there.id] = None
        return level

    def _keeps(self, was: Node, there: Node, block: BlockInput) -> Literal["", "accepted", "left"]:
        """Whether what stands there stays: accepted, or only left alone until a person has looked."""
        if there.digest == block.digest:
            return ""
        accepted = was.edited and there.digest == was.seen
        mine = block.digest == was.digest
        outcome: Literal["", "accepted", "left"] = ""
        if accepted and mine:
            return "accepted"
        if accepted or not as_written(was, there):
            outcome = self._edited(there, block, mine)
        if outcome or self.can_update(there, block) or not (locked := holds(was, there)):
            return outcome
        self.conflicts.append(Conflict("replaced", there.id, there.type, block.line))
        return _outcome(self.policy.on_conflict) or ("accepted" if locked == "page" else "")

    def _edited(self, there: Node, block: BlockInput, mine: bool) -> Literal["", "accepted", "left"]:
        """Report somebody's edit, and say what the policy makes of it."""
        if mine:
            self.drifts.append(Drift("edited", there.id, there.type, block.line))
            return _outcome(self.policy.on_drift)
        self.conflicts.append(Conflict("edited", there.id, there.type, block.line))
        return _outcome(self.policy.on_conflict)

    def _dropped(self, was: Node, there: Node) -> Fate:
        """The file does not have the block any more."""
        self.unread |= dict.fromkeys(unread(there))
        if untouched(was, there):
            bound = bind(was, there)
            return Fate(_plain(bound), None, bound)
        self.conflicts.append(Conflict("removed", there.id, there.type, 0))
        if self.policy.on_conflict == "stop":
            return Fate(replace(there, foreign=True), None, replace(was, id=there.id))
        if self.policy.on_conflict == "theirs" or holds(was, there) == "page":
            return Fate(replace(there, foreign=True), None, _foreign(there))
        return Fate(there, None, there)

    def _missing(self, was: Node, copy: Node | None, block: BlockInput | None) -> Fate:
        """A block of ours that is not there any more, or (`copy`) stands elsewhere."""
        if block is None:
            return Fate(None, None, None)
        mine = tree_digest([was]) == tree_digest([block])
        if was.gone and mine:
            return Fate(None, None, was)
        known = copy.id if copy else was.id
        if mine:
            self.drifts.append(Drift("moved" if copy else "deleted", known, was.type, block.line))
            outcome = _outcome(self.policy.on_drift)
        else:
            self.conflicts.append(Conflict("deleted", copy.id if copy else "", was.type, block.line))
            outcome = _outcome(self.policy.on_conflict)
        if outcome == "accepted":
            return Fate(None, None, replace(node_of(block), gone=True))
        return Fate(None, None, was) if outcome == "left" else Fate(None, block, None)


def _assemble(
    match: Match,
    theirs: Sequence[Node],
    ours: Sequence[BlockInput],
    fates: dict[int, Fate],
    copies: dict[int, Node],
) -> Level:
    """Put the fates in order: old and base as things stand, new as the file says."""
    level = Level()
    whose = {j: i for i, j in match.theirs.items()}
    waiting = sorted(
        (match.ours[i] for i in fates if i in match.ours and i not in match.theirs), reverse=True
    )
    of = {k: i for i, k in match.ours.items()}

    def remember(until: int) -> None:
        """What is known but stands nowhere, where the file has it."""
        while waiting and waiting[-1] < until:
            if (kept := fates[of[waiting.pop()]].base) is not None:
                level.base.append(kept)

    for j, there in enumerate(theirs):
        if j in whose:
            remember(match.ours.get(whose[j], -1))
            fate = fates[whose[j]]
            level.old += [fate.old] if fate.old else []
            level.base += [fate.base] if fate.base else []
        elif j in copies:
            level.base.append(bind(copies[j], there))
            level.old.append(_plain(level.base[-1]))
        else:
            level.old.append(replace(there, foreign=True))
            level.base.append(_foreign(there))
    remember(len(ours))
    for k, block in enumerate(ours):
        new = fates[of[k]].new if k in of else block
        if new:
            level.new.append(new)
            level.places.append(k)
    return level


def _nameless(node: Node) -> Node:
    return replace(node, id="", children=tuple(map(_nameless, node.children or ())))


def _plain(node: Node, name: str = "") -> Node:
    """A block of ours as `diff` takes it: what stands there, under the digests of what we wrote."""
    id = node.id or name
    children = [child for child in node.children or () if not child.gone]
    below = tuple(_plain(child, f"{id}{INSIDE}{at}") for at, child in enumerate(children))
    return Node(id, node.type, node.digest, below)


def _foreign(there: Node) -> Node:
    """How what is not ours is remembered: that it is there."""
    return Node(there.id, there.type, there.digest, foreign=True)


def _outcome(choice: str) -> Literal["", "accepted", "left"]:
    if choice in ("keep", "theirs"):
        return "accepted"
    return "left" if choice == "stop" else ""
