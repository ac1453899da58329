from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import count, product

import pytest
from exhaustive import LeastDiff, Total, blocks, forests, nodes
from hypothesis import given, settings
from hypothesis import strategies as st
from page_service import Service, tree_of

from converters.dialects.base import BlockInput
from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import Edit, Insert, diff, edits_cost, patch
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import BlockOp, DeleteBlock, UpdateBlock
from publisher.planning.packing import Handles, insert_cost, pack_insert


def same_type(old: Node, new: BlockInput) -> bool:
    return old.type == new.type


def made(shape: list[object], labels: list[str], kinds: list[str]) -> tuple[BlockInput, ...]:
    found = []
    for index, kids in enumerate(shape):
        inner = made(kids, labels[1:], kinds[1:]) if isinstance(kids, list) and kids else ()
        label, kind = labels[index % len(labels)], kinds[index % len(kinds)]
        found.append(BlockInput(kind, label.encode(), inner))
    return tuple(found)


SHAPES = st.recursive(st.just([]), lambda inner: st.lists(inner, max_size=7), max_leaves=25)
TREES = st.builds(
    made,
    SHAPES,
    st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=12, max_size=12),
    st.lists(st.sampled_from(["p", "p", "q"]), min_size=12, max_size=12),
)
LIMITS = st.sampled_from([DEFAULT, Limits(array=2, depth=1), Limits(array=3, depth=2, blocks=5)])


@st.composite
def edited_trees(draw: st.DrawFn) -> tuple[tuple[BlockInput, ...], tuple[BlockInput, ...]]:
    """A tree and another one made of it by small changes at every depth."""
    old = draw(TREES)
    return old, _changed(draw, old)


def _changed(draw: st.DrawFn, blocks: tuple[BlockInput, ...]) -> tuple[BlockInput, ...]:
    found: list[BlockInput] = []
    for block in blocks:
        what = draw(st.integers(0, 9))
        if what == 0:
            continue
        if what == 1:
            found.append(BlockInput(draw(st.sampled_from("pq")), b"new"))
        content = block.content + b"!" if what == 2 else block.content
        found.append(BlockInput(block.type, content, _changed(draw, block.children)))
    return tuple(found)


@st.composite
def with_foreign(draw: st.DrawFn, tree: tuple[Node, ...]) -> tuple[Node, ...]:
    found: list[Node] = []
    for node in tree:
        if draw(st.integers(0, 4)) == 0:
            found.append(Node(f"theirs {draw(st.uuids())}", "child_page", b"x", foreign=True))
        found.append(node.with_children(draw(with_foreign(node.children or ()))))
    return tuple(found)


def ours(tree: Iterable[Node]) -> list[object]:
    return [(node.type, node.digest, ours(node.children or ())) for node in tree if not node.foreign]


def standing(tree: tuple[BlockInput, ...]) -> tuple[Node, ...]:
    return nodes(tree, map(str, count(1)))


def every(tree: Iterable[Node]) -> list[Node]:
    return [node for top in tree for node in top.walk()]


PAIRS = st.one_of(st.tuples(TREES, TREES), edited_trees())


@given(PAIRS, LIMITS, st.sampled_from(["ids", "requests"]))
@settings(max_examples=400, deadline=None)
def test_patching_with_the_diff_gives_the_new_page(pair, limits, prefer) -> None:
    old, new = standing(pair[0]), pair[1]
    edits = diff("page", old, new, same_type, limits, prefer)
    assert ours(patch("page", old, edits)) == tree_of(new)
    if prefer == "requests" and limits.blocks > 100:  # never more than deleting all and writing all again
        assert edits_cost(edits, limits) <= len(old) + insert_cost(new, limits)[0]


@given(PAIRS, LIMITS)
@settings(max_examples=200, deadline=None)
def test_the_requests_of_a_diff_give_the_new_page(pair, limits) -> None:
    old, new = standing(pair[0]), pair[1]
    service = Service(limits, "page")
    service.load("page", old)
    edits = diff("page", old, new, same_type, limits)
    handles = Handles()
    ops: list[BlockOp] = []
    for edit in edits:
        ops += (
            pack_insert(edit.parent, edit.after, edit.blocks, limits, handles)
            if isinstance(edit, Insert)
            else [edit]
        )
    service.run(ops)
    assert service.tree("page") == tree_of(new)
    assert service.requests == edits_cost(edits, limits)


@given(st.data(), PAIRS, LIMITS)
@settings(max_examples=300, deadline=None)
def test_what_is_not_ours_stays_and_stays_in_order(data, pair, limits) -> None:
    old = data.draw(with_foreign(standing(pair[0])))
    edits = diff("page", old, pair[1], same_type, limits)
    after = patch("page", old, edits)
    assert [node.id for node in every(old) if node.foreign] == [
        node.id for node in every(after) if node.foreign
    ]
    written = {edit.block for edit in edits if isinstance(edit, UpdateBlock | DeleteBlock)}
    assert not written & {node.id for node in every(old) if node.foreign}
    holders = {node.id for node in every(old) if any(inner.foreign for inner in node.walk())}
    assert holders <= {node.id for node in every(after)}


@given(PAIRS)
@settings(max_examples=200, deadline=None)
def test_a_diff_with_itself_is_empty_and_a_second_diff_too(pair) -> None:
    old, new = standing(pair[0]), pair[1]
    assert diff("page", old, pair[0], same_type) == ()
    after = patch("page", old, diff("page", old, new, same_type))
    assert diff("page", after, new, same_type) == ()


@given(PAIRS)
@settings(max_examples=200, deadline=None)
def test_equal_blocks_are_never_written(pair) -> None:
    old = standing(pair[0])
    digests = {node.id: (node.type, node.digest) for node in every(old)}
    for edit in diff("page", old, pair[1], same_type):
        if isinstance(edit, UpdateBlock):
            assert digests[edit.block] != (edit.input.type, edit.input.digest)


@given(TREES, st.data())
@settings(max_examples=200, deadline=None)
def test_ids_of_unchanged_blocks_survive(tree, data) -> None:
    """Whatever blocks are rewritten: each is one update, and nothing else is touched."""
    numbers = count()
    changed: list[int] = []

    def rewrite(blocks: tuple[BlockInput, ...]) -> tuple[BlockInput, ...]:
        found = []
        for block in blocks:
            number = next(numbers)
            content = b"%d %s" % (number, block.content)
            if data.draw(st.booleans()):
                changed.append(number)
                content += b"!"
            found.append(BlockInput(block.type, content, rewrite(block.children)))
        return tuple(found)

    def numbered(blocks: tuple[BlockInput, ...], numbers: count[int]) -> tuple[BlockInput, ...]:
        return tuple(
            BlockInput(
                block.type, b"%d %s" % (next(numbers), block.content), numbered(block.children, numbers)
            )
            for block in blocks
        )

    new = rewrite(tree)
    old = nodes(numbered(tree, count()), map(str, count()))
    edits = diff("page", old, new, same_type)
    assert all(isinstance(edit, UpdateBlock) for edit in edits)
    assert sorted(int(edit.block) for edit in edits if isinstance(edit, UpdateBlock)) == sorted(changed)


def total(old: tuple[Node, ...], edits: tuple[Edit, ...], limits: Limits, least: LeastDiff) -> Total:
    """(requests, writes, ids lost) of edits, counted as `LeastDiff` counts."""
    by_id = {node.id: node for node in every(old)}
    sums = [0, 0, 0]
    for edit in edits:
        if isinstance(edit, Insert):
            cost = (*insert_cost(edit.blocks, limits), 0)
        else:
            cost = least.drop(by_id[edit.block]) if isinstance(edit, DeleteBlock) else (1, 1, 0)
        sums = [have + more for have, more in zip(sums, cost, strict=True)]
    return sums[0], sums[1], sums[2]


def kept(old: tuple[Node, ...], new: tuple[BlockInput, ...], edits: tuple[Edit, ...]) -> tuple[int, int]:
    """How many top-level blocks without another equal one stay with all in them, and how many others."""
    before = {node.id: tree_digest([node]) for node in old}
    stay = [
        before[node.id] for node in patch("page", old, edits) if before.get(node.id) == tree_digest([node])
    ]
    often = Counter([*before.values(), *(tree_digest([block]) for block in new)])
    once = sum(often[digest] == 2 for digest in stay)
    return once, len(stay) - once


@given(PAIRS, LIMITS)
@settings(max_examples=200, deadline=None)
def test_no_preference_for_requests_keeps_more_equal_blocks(pair, limits) -> None:
    old, new = standing(pair[0]), pair[1]
    by_ids = kept(old, new, diff("page", old, new, same_type, limits, "ids"))
    assert by_ids >= kept(old, new, diff("page", old, new, same_type, limits, "requests"))


@pytest.mark.slow
@pytest.mark.parametrize("ids", [True, False])
def test_no_other_diff_is_cheaper_for_every_small_pair(ids: bool) -> None:
    for limits in (Limits(2, 1, 3), Limits(3, 0, 99), Limits(2, 2, 99)):
        least = LeastDiff(limits, same_type, ids)
        for labels in (labels for size in range(5) for labels in product("ab", repeat=size)):
            for before in range(len(labels) + 1):
                for old_shape, new_shape in product(forests(before, 4), forests(len(labels) - before, 4)):
                    rest = iter(labels)
                    old, new = standing(blocks(old_shape, rest)), blocks(new_shape, rest)
                    edits = diff("page", old, new, same_type, limits, "ids" if ids else "requests")
                    assert total(old, edits, limits, least) == least.between(old, new), (limits, old, new)


@given(st.data(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_other_diff_is_cheaper(data, ids) -> None:
    limits = data.draw(
        st.sampled_from([Limits(2, 0, 99), Limits(2, 1, 3), Limits(3, 2, 4), Limits(9, 1, 99)])
    )

    def tree(size: int) -> tuple[BlockInput, ...]:
        shape = data.draw(st.sampled_from(forests(size, 4)))
        labels = data.draw(st.lists(st.sampled_from("abc"), min_size=size, max_size=size))
        kinds = data.draw(st.lists(st.sampled_from("pq"), min_size=size, max_size=size))
        return blocks(shape, iter(labels), iter(kinds))

    old, new = standing(tree(data.draw(st.integers(0, 5)))), tree(data.draw(st.integers(0, 4)))
    least = LeastDiff(limits, same_type, ids)
    edits = diff("page", old, new, same_type, limits, "ids" if ids else "requests")
    assert total(old, edits, limits, least) == least.between(old, new)
