"""Laws of publishing among people: nothing of theirs is lost in silence, and what was settled stays settled."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import PAGE, Publisher, Standing, World, block, can_update, meddle, random_page, rewrite

from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import diff
from publisher.planning.limits import Limits
from publisher.planning.merge import Policy, expected, merge

seeds = st.integers(0, 2**32)
policies = st.builds(
    Policy, st.sampled_from(["stop", "keep", "restore"]), st.sampled_from(["stop", "theirs", "ours"])
)


def agrees(publisher: Publisher) -> bool:
    """Whether the memory is what stands there, as far as it was looked at."""

    def same(base: tuple[Node, ...], there: list[Standing]) -> bool:
        standing = [node for node in base if not node.gone]
        return len(standing) == len(there) and all(map(equal, standing, there))

    def equal(node: Node, one: Standing) -> bool:
        if node.id not in ("", one.id):
            return False
        if node.foreign:
            return True
        below = one.id not in publisher.opened or same(node.children or (), one.children)
        return below and (node.seen or node.digest) == one.digest

    return same(publisher.base, publisher.world.top)


def started(rand: Random) -> tuple[World, Publisher, tuple]:
    world = World()
    publisher = Publisher(world)
    ours = random_page(rand)
    publisher.create(ours)
    return world, publisher, ours


@settings(max_examples=150, deadline=None)
@given(seeds, policies, st.integers(0, 6))
def test_what_people_wrote_is_there_afterwards_or_is_reported(seed: int, policy: Policy, edits: int) -> None:
    rand = Random(seed)
    world, publisher, ours = started(rand)
    written: set[str] = set()
    for _ in range(4):
        written |= {meddle(world, rand) for _ in range(rand.randint(0, edits))}
        ours = rewrite(ours, rand)
        before = {id: text for id, text in world.texts().items() if text in written}
        merged = publisher.publish(ours, policy)
        reported = {item.block for item in (*merged.drifts, *merged.conflicts)}
        inside = {below.id for id in reported for one in world.all() if one.id == id for below in one.walk()}
        lost = {id for id, text in before.items() if world.texts().get(id) != text}
        if merged.stopped:
            assert not lost
        above = {node.id for top in merged.old for node in top.walk() if node.id in reported}
        covered = {below.id for top in merged.old for n in top.walk() if n.id in above for below in n.walk()}
        assert lost <= reported | inside | covered
        if not lost:
            assert all(text in world.texts().values() for text in before.values())


@settings(max_examples=150, deadline=None)
@given(seeds, policies, st.integers(0, 6))
def test_a_publish_that_was_done_is_remembered_and_leaves_nothing_to_do(
    seed: int, policy: Policy, edits: int
) -> None:
    rand = Random(seed)
    world, publisher, ours = started(rand)
    for _ in range(4):
        for _ in range(rand.randint(0, edits)):
            meddle(world, rand)
        ours = rewrite(ours, rand)
        if publisher.publish(ours, policy).stopped:
            continue
        assert agrees(publisher)
        again = publisher.look(ours, Policy())  # "stop": whatever was kept is not reported again
        assert (again.drifts, again.conflicts) == ((), ())
        assert publisher.ops(again) == []
        assert tree_digest(again.base) == tree_digest(ours)
        assert tree_digest(publisher.base) == tree_digest(ours)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_our_blocks_are_as_the_file_says_if_the_file_wins(seed: int) -> None:
    rand = Random(seed)
    world, publisher, ours = started(rand)
    publisher.thorough = True
    for _ in range(4):
        for _ in range(rand.randint(0, 5)):
            meddle(world, rand)
        ours = rewrite(ours, rand)
        publisher.publish(ours, Policy("restore", "ours"))
        foreign = {node.id for top in publisher.base for node in top.walk() if node.foreign}
        locked = any(one.page for one in world.all())
        if not locked:
            assert tree_digest(strip(world.read_all(), foreign)) == tree_digest(ours)


def strip(nodes: tuple[Node, ...], foreign: set[str]) -> tuple[Node, ...]:
    return tuple(
        node.with_children(strip(node.children or (), foreign)) for node in nodes if node.id not in foreign
    )


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_without_people_it_is_the_plain_diff(seed: int) -> None:
    rand = Random(seed)
    world, publisher, ours = started(rand)
    publisher.publish(ours, Policy())
    merged = publisher.look(rewrite(ours, rand), Policy())
    assert not merged.stopped
    ours = rewrite(ours, rand)
    whole = merge(publisher.base, world.read_all(), ours, Policy(), can_update)
    assert whole.new == ours
    assert whole.old == world.read_all()
    assert diff(PAGE, whole.old, whole.new, can_update) == diff(
        PAGE, expected(world.read_all()), ours, can_update
    )


@settings(max_examples=100, deadline=None)
@given(seeds, st.booleans())
def test_child_pages_are_never_harmed(seed: int, ours_wins: bool) -> None:
    rand = Random(seed)
    world, publisher, ours = started(rand)
    policy = Policy("restore", "ours") if ours_wins else Policy("keep", "theirs")
    for _ in range(4):
        for _ in range(4):
            meddle(world, rand)
        pages = {one.id for one in world.all() if one.page}
        ours = rewrite(ours, rand)
        publisher.publish(ours, policy)
        assert pages <= {one.id for one in world.all()}


@settings(max_examples=200, deadline=None)
@given(seeds, st.integers(0, 8), st.booleans(), st.integers(-1, 3), st.integers(0, 3))
def test_a_lost_answer_doubles_nothing(seed: int, lose: int, meddled: bool, partly: int, more: int) -> None:
    rand = Random(seed)
    world, publisher, ours = started(rand)
    publisher.limits = Limits(array=3, depth=1, blocks=8)
    publisher.publish(ours, Policy())
    ours = rewrite(rewrite(ours, rand), rand)
    publisher.publish(ours, Policy("restore", "ours"), lose, partly)
    if meddled:
        for _ in range(more):
            meddle(world, rand)
        ours = rewrite(ours, rand)
    policy = Policy("keep", "theirs") if meddled else Policy()
    merged = publisher.publish(ours, policy)
    assert not merged.stopped
    assert agrees(publisher)
    assert tree_digest(publisher.base) == tree_digest(ours)
    if not meddled:
        assert tree_digest(world.read_all()) == tree_digest(ours)
    assert publisher.ops(publisher.look(ours, Policy())) == []


@pytest.mark.parametrize("policy", [Policy("keep", "theirs"), Policy("restore", "ours")])
def test_a_long_page_among_people(policy: Policy) -> None:
    world = World()
    publisher = Publisher(world)
    ours = tuple(block(f"line {at % 3_000}") for at in range(10_000))
    publisher.create(ours)
    theirs = list(world.read_all())
    for at in range(0, 10_000, 97):
        theirs[at] = Node(theirs[at].id, "paragraph", b"somebody's")
    merged = merge(publisher.base, theirs, ours, policy, can_update)
    assert len(merged.drifts) == 104
