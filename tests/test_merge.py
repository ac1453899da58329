"""Three sides of a page: each kind of meeting, under each policy."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from people import Publisher, Standing, World, block, blocks

from converters.dialects.base import BlockInput
from publisher.planning.base import Node, tree_digest
from publisher.planning.merge import Conflict, Drift, Policy, merge, reads
from publisher.planning.ops import Append, DeleteBlock, UpdateBlock

STOP, KEEP, RESTORE = Policy(), Policy("keep", "theirs"), Policy("restore", "ours")
OURS = blocks("a", "b", "c")


def started(ours: tuple[BlockInput, ...] = OURS) -> tuple[World, Publisher]:
    world = World()
    publisher = Publisher(world)
    publisher.create(ours)
    return world, publisher


def edit(world: World, id: str, text: str) -> None:
    world.find(id).content = json.dumps(text).encode()


def remove(world: World, id: str) -> Standing:
    one = world.find(id)
    world.siblings(id).remove(one)
    return one


def add(world: World, at: int, text: str, *, page: bool = False, under: str = "page") -> None:
    world.under(under).insert(at, Standing(f"p-{text}", "paragraph", json.dumps(text).encode(), page=page))


def shown(world: World) -> list[str]:
    return list(world.texts().values())


def test_nothing_is_sent_if_nothing_changed() -> None:
    world, publisher = started()
    merged = publisher.publish(OURS, STOP)
    assert (merged.drifts, merged.conflicts, merged.stopped) == ((), (), False)
    assert (world.writes, world.reads) == (0, 0)
    assert [node.id for node in publisher.base] == ["b1", "b2", "b3"]


def test_what_people_added_stays_where_it_stands() -> None:
    world, publisher = started()
    add(world, 1, "note")
    add(world, 4, "child", page=True)
    merged = publisher.publish(blocks("a", "B", "c", "d"), STOP)
    assert not merged.stopped
    assert shown(world) == ["a", "note", "B", "c", "d", "child"]
    assert [node.foreign for node in publisher.base] == [False, True, False, False, False, True]


@pytest.mark.parametrize(
    ("policy", "result"),
    [(STOP, ["a", "theirs", "c"]), (KEEP, ["a", "theirs", "c"]), (RESTORE, ["a", "b", "c"])],
)
def test_an_edit_of_our_block_is_drift(policy: Policy, result: list[str]) -> None:
    world, publisher = started()
    publisher.publish(OURS, STOP)
    edit(world, "b2", "theirs")
    merged = publisher.publish(OURS, policy)
    assert merged.drifts == (Drift("edited", "b2", "paragraph", 2),)
    assert merged.stopped is (policy == STOP)
    assert shown(world) == result
    again = publisher.look(OURS, STOP)
    assert again.stopped is (policy == STOP)


@pytest.mark.parametrize(
    ("policy", "result"),
    [(STOP, ["a", "theirs", "c"]), (KEEP, ["a", "theirs", "c"]), (RESTORE, ["a", "ours", "c"])],
)
def test_edits_of_both_sides_in_one_block_are_a_conflict(policy: Policy, result: list[str]) -> None:
    world, publisher = started()
    edit(world, "b2", "theirs")
    ours = blocks("a", "ours", "c")
    merged = publisher.publish(ours, policy)
    assert merged.conflicts == (Conflict("edited", "b2", "paragraph", 2),)
    assert shown(world) == result
    if policy != STOP:
        assert tree_digest(publisher.base) == tree_digest(ours)


def test_the_same_edit_on_both_sides_is_no_conflict() -> None:
    world, publisher = started()
    edit(world, "b2", "same")
    merged = publisher.publish(blocks("a", "same", "c"), STOP)
    assert (merged.drifts, merged.conflicts, world.writes) == ((), (), 0)


def test_an_edit_that_was_kept_is_in_conflict_with_a_later_one_of_ours() -> None:
    world, publisher = started()
    edit(world, "b2", "theirs")
    publisher.publish(OURS, KEEP)
    merged = publisher.publish(blocks("a", "later", "c"), STOP)
    assert merged.conflicts == (Conflict("edited", "b2", "paragraph", 2),)
    assert shown(world) == ["a", "theirs", "c"]


def test_a_kept_edit_that_people_take_back_is_ours_again() -> None:
    world, publisher = started()
    edit(world, "b2", "theirs")
    publisher.publish(OURS, KEEP)
    edit(world, "b2", "b")
    publisher.publish(OURS, STOP)
    assert not publisher.publish(blocks("a", "later", "c"), STOP).stopped
    assert shown(world) == ["a", "later", "c"]


@pytest.mark.parametrize(
    ("policy", "result"), [(STOP, ["a", "c"]), (KEEP, ["a", "c"]), (RESTORE, ["a", "b", "c"])]
)
def test_a_deletion_is_drift_and_is_remembered_if_kept(policy: Policy, result: list[str]) -> None:
    world, publisher = started()
    publisher.publish(OURS, STOP)
    remove(world, "b2")
    merged = publisher.publish(OURS, policy)
    assert merged.drifts == (Drift("deleted", "b2", "paragraph", 2),)
    assert shown(world) == result
    if policy != STOP:
        ours = blocks("a", "b", "c", "d")
        assert not publisher.publish(ours, STOP).stopped
        assert shown(world) == [*result, "d"]
        assert tree_digest(publisher.base) == tree_digest(ours)


@pytest.mark.parametrize(("policy", "result"), [(KEEP, ["a", "c"]), (RESTORE, ["a", "B", "c"])])
def test_an_edit_of_a_block_that_they_deleted_is_a_conflict(policy: Policy, result: list[str]) -> None:
    world, publisher = started()
    publisher.publish(OURS, STOP)
    remove(world, "b2")
    merged = publisher.publish(blocks("a", "B", "c"), policy)
    assert merged.conflicts == (Conflict("deleted", "", "paragraph", 2),)
    assert shown(world) == result


@pytest.mark.parametrize(("policy", "result"), [(KEEP, ["a", "theirs", "c"]), (RESTORE, ["a", "c"])])
def test_to_drop_a_block_that_they_edited_is_a_conflict(policy: Policy, result: list[str]) -> None:
    world, publisher = started()
    publisher.publish(OURS, STOP)
    edit(world, "b2", "theirs")
    ours = blocks("a", "c")
    merged = publisher.publish(ours, policy)
    assert merged.conflicts == (Conflict("removed", "b2", "paragraph", 0),)
    assert shown(world) == result
    assert not publisher.look(ours, STOP).stopped


@pytest.mark.parametrize("policy", [KEEP, RESTORE])
def test_a_moved_block_stays_or_is_put_back_but_is_never_doubled(policy: Policy) -> None:
    world, publisher = started()
    publisher.publish(OURS, STOP)
    world.top.append(remove(world, "b1"))
    merged = publisher.publish(OURS, policy)
    assert merged.drifts == (Drift("moved", "b1", "paragraph", 1),)
    assert shown(world) == (["b", "c", "a"] if policy == KEEP else ["a", "b", "c"])
    assert not publisher.look(OURS, STOP).stopped


def test_a_block_is_read_before_it_is_deleted_and_what_people_put_into_it_is_a_conflict() -> None:
    ours = (block("a"), block("t", block("x")), block("u", block("y")))
    world, publisher = started(ours)
    add(world, 1, "note", under="b2")
    merged = publisher.publish(ours[:1], STOP)
    assert merged.conflicts == (Conflict("removed", "b2", "toggle", 0),)
    assert publisher.opened == {"b2", "b4"}
    assert shown(world) == ["a", "t", "x", "note", "u", "y"]
    publisher.publish(ours[:1], KEEP)
    assert shown(world) == ["a", "t", "x", "note"]


def test_what_changes_its_kind_is_not_made_anew_over_what_people_put_into_it() -> None:
    ours = (block("t", block("x")),)
    world, publisher = started(ours)
    add(world, 0, "note", under="b1")
    new = (block("t", block("x"), type="quote"),)
    assert publisher.publish(new, STOP).conflicts == (Conflict("replaced", "b1", "toggle", 0),)
    publisher.publish(new, KEEP)
    assert shown(world) == ["t", "note", "x"]
    assert publisher.ops(publisher.look(new, STOP)) == []


@pytest.mark.parametrize("new", [(), (block("t", block("x"), type="quote"),)], ids=["dropped", "replaced"])
def test_a_block_that_holds_a_child_page_stays_whatever_the_policy(new: tuple[BlockInput, ...]) -> None:
    world, publisher = started((block("t", block("x")),))
    add(world, 0, "child", page=True, under="b1")
    merged = publisher.publish(new, RESTORE)
    assert [conflict.block for conflict in merged.conflicts] == ["b1"]
    assert shown(world) == ["t", "child", "x"]
    assert not publisher.look(new, STOP).stopped


def test_nothing_is_read_below_blocks_that_stay_as_they_are() -> None:
    ours = (block("t", block("x")), block("u", block("y")))
    _, publisher = started(ours)
    publisher.publish((ours[0], block("u", block("z"))), STOP)
    assert publisher.opened == {"b3"}


def test_a_service_that_gives_blocks_back_in_another_form_is_no_drift_once_known() -> None:
    sent = block("a")
    base = (Node("1", "paragraph", sent.digest, seen=b"as given back"),)
    theirs = (Node("1", "paragraph", b"as given back"),)
    merged = merge(base, theirs, [sent], STOP, lambda old, new: True)
    assert merged.drifts == ()
    assert merged.old == (Node("1", "paragraph", sent.digest),)


def test_nothing_is_settled_while_the_page_waits_for_a_person() -> None:
    world, publisher = started()
    publisher.publish(OURS, STOP)
    edit(world, "b1", "theirs")
    edit(world, "b2", "theirs too")
    merged = publisher.publish(blocks("A", "b", "c"), Policy("stop", "theirs"))
    assert merged.stopped
    assert publisher.publish(blocks("A", "b", "c"), STOP).conflicts == merged.conflicts


def test_reads_ask_for_no_more_once_all_was_read() -> None:
    ours = (block("t", block("u", block("x"))),)
    world, publisher = started(ours)
    new = (block("t", block("u", block("z"))),)

    def can(old: Node, new: BlockInput) -> bool:
        return old.type == new.type

    assert reads(publisher.base, world.read(set()), new, can) == ("b1",)
    assert reads(publisher.base, world.read({"b1"}), new, can) == ("b2",)
    assert reads(publisher.base, world.read_all(), new, can) == ()


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (lambda ours: ours, []),
        (lambda ours: (ours[0], block("B", line=2), ours[2]), [UpdateBlock]),
        (lambda ours: (*ours, block("d")), [Append]),
        (lambda ours: ours[1:], [DeleteBlock]),
        (lambda ours: (ours[2], *ours[:2]), [Append, DeleteBlock]),
    ],
)
def test_beside_a_kept_edit_our_own_changes_cost_what_they_cost(
    change: Callable[[tuple[BlockInput, ...]], tuple[BlockInput, ...]], kinds: list[type]
) -> None:
    ours = (*OURS, block("e"))
    world, publisher = started(ours)
    edit(world, "b4", "theirs")
    publisher.publish(ours, KEEP)
    merged = publisher.look((*change(OURS), ours[3]), STOP)
    assert not merged.stopped
    assert [type(op) for op in publisher.ops(merged)] == kinds
