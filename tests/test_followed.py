"""What the state knows of blocks that link within their page follows their links to other addresses."""

from __future__ import annotations

from dataclasses import replace

from people import block

from converters.dialects.base import BlockInput
from publisher.planning.base import Node, node_of
from publisher.planning.fates import Drift
from publisher.planning.followed import follow, other_digests
from publisher.planning.merge import Policy, merge

BEFORE = (block("plain"), block("to 1"), block("holds", block("in to 1")))
NOW = (block("plain"), block("to 2"), block("holds", block("in to 2")))
DIGESTS = other_digests(BEFORE, NOW)


def base(*, gone: bool = False, edited: bool = False) -> tuple[Node, ...]:
    """What was written; of the block that links this may be known."""
    first, second, third = (node_of(one, f"b{at}") for at, one in enumerate(BEFORE))
    return first, replace(second, gone=gone, edited=edited), third


def can_update(old: Node, new: BlockInput) -> bool:
    return old.type == new.type


def test_only_what_differs() -> None:
    deep = BEFORE[2].children[0].digest
    assert sorted(DIGESTS) == sorted([BEFORE[1].digest, deep])
    assert DIGESTS[deep] == NOW[2].children[0].digest
    assert other_digests(BEFORE, BEFORE) == {}


def test_what_stands_as_it_was_written_is_to_be_written() -> None:
    """It has the old address still."""
    assert follow(base(), base(), DIGESTS) == base()
    assert follow(base(), None, DIGESTS) == base()


def test_what_is_known_as_deleted_or_edited_follows() -> None:
    for nodes in (base(gone=True), base(edited=True)):
        assert follow(nodes, None, DIGESTS)[1].digest == NOW[1].digest
        assert follow(nodes, None, {}) == nodes


def test_what_was_deleted_follows_with_all_in_it() -> None:
    found = follow(base(), base()[:1], DIGESTS)
    assert found[1].digest == NOW[1].digest
    assert (found[2].children or ())[0].digest == NOW[2].children[0].digest


def test_what_was_moved_is_known_where_it_stands() -> None:
    """It is drift, and the copy is ours: restored, it does not stand there twice."""
    first, second, third = base()
    theirs = (second, first, third)
    followed = follow(base(), theirs, DIGESTS)
    merged = merge(followed, theirs, NOW, Policy("restore", "ours"), can_update)
    assert [drift.kind for drift in merged.drifts if isinstance(drift, Drift)] == ["moved"]
    assert not merged.conflicts
    assert not any(node.foreign for node in merged.old)
