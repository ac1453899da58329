"""Three sides of a page, block by block: what we wrote last, what stands there now, what the file says.

Somebody's edit of one of our blocks is *drift*; if the file changed the same block it is a *conflict*. What people
added is foreign and stays where it stands. The policy says what becomes of drift and conflicts; what it keeps is
remembered in the base, so that the next publish neither reports nor overwrites it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.diff import Care, Insert, Prefer, difference
from publisher.planning.fates import CanUpdate, Conflict, Drift, Merger, Policy
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import DeleteBlock, UpdateBlock
from publisher.planning.sides import INSIDE, arrange, expected, unread
from publisher.planning.standing import NO_CARE

__all__ = ["Conflict", "Drift", "Merge", "Policy", "arrange", "expected", "merge", "reads"]


_POLICIES = (
    Policy("keep", "theirs"),
    Policy("keep", "ours"),
    Policy("restore", "theirs"),
    Policy("restore", "ours"),
)


@dataclass(frozen=True, slots=True)
class Merge:
    """`old` and `new` go to `diff`; `base` is the base with what was learnt by reading, for `record` and the state.

    `old` holds what stands there, in its order; kept edits have the digest of the file's block, so that they are equal
    to it, and `edited`. With `stopped` nothing is to be sent: the policy wants a person to look first. `unread` are
    blocks that had to be read for this and were not; there are none after `reads`. `places` says which of the file's
    blocks each of `new` is.
    """

    old: tuple[Node, ...]
    new: tuple[BlockInput, ...]
    base: tuple[Node, ...]
    drifts: tuple[Drift, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    stopped: bool = False
    unread: tuple[str, ...] = ()
    places: tuple[int, ...] = ()


def reads(
    base: Sequence[Node],
    theirs: Sequence[Node],
    ours: Sequence[BlockInput],
    can_update: CanUpdate,
    policy: Policy | None = None,
    limits: Limits = DEFAULT,
    prefer: Prefer = "ids",
    care: Care = NO_CARE,
) -> tuple[str, ...]:
    """Ids of blocks whose children must be read before `merge`. Ask again with the answers until there are none.

    A block is looked into if something in it would be written, or if it would be deleted: somebody may have added to
    it. Elsewhere what we wrote is taken to stand there. Without a policy the answer is good for each; `prefer` and
    `care` must be those of the `difference` which is to follow.
    """
    blind = {
        node.id: unread(node) for top in theirs if not top.foreign for node in top.walk() if unread(node)
    }
    found: dict[str, None] = {}
    for choice in (policy,) if policy else _POLICIES:
        if not blind:
            break
        merged = merge(base, theirs, ours, choice, can_update)
        found.update(dict.fromkeys(merged.unread))
        for edit in difference("@page", merged.old, merged.new, can_update, limits, prefer, care).edits:
            match edit:
                case DeleteBlock(block):
                    found.update(dict.fromkeys(blind.get(block, ())))
                case UpdateBlock(block):
                    pass
                case Insert(parent=block):
                    found.update({block: None} if block in blind.get(block, ()) else {})
            if INSIDE in block:
                found[block.partition(INSIDE)[0]] = None
        if not merged.drifts and not merged.conflicts:
            break
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
    merger = Merger(policy, can_update)
    level = merger.level(base, theirs, ours)
    drifts, conflicts = tuple(merger.drifts), tuple(merger.conflicts)
    stopped = bool(drifts and policy.on_drift == "stop") or bool(conflicts and policy.on_conflict == "stop")
    if stopped and policy != Policy():  # nothing is sent, so nothing is settled
        level.base = Merger(Policy(), can_update).level(base, theirs, ours).base
    return Merge(
        tuple(level.old),
        tuple(level.new),
        tuple(level.base),
        drifts,
        conflicts,
        stopped,
        tuple(merger.unread),
        tuple(level.places),
    )
