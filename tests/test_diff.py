from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import count

import pytest
from exhaustive import nodes

from converters.dialects.base import BlockInput
from publisher.planning.align import increasing
from publisher.planning.base import Node
from publisher.planning.diff import Care, Edit, Insert, Prefer, diff, difference, edits_cost, patch
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import START, DeleteBlock, UpdateBlock


def block(text: str, *children: BlockInput, type: str = "paragraph") -> BlockInput:
    return BlockInput(type, text.encode(), children)


def stand(*blocks: BlockInput) -> tuple[Node, ...]:
    """The blocks with ids "1", "2", … in reading order."""
    return nodes(blocks, map(str, count(1)))


def same_type(old: Node, new: BlockInput) -> bool:
    return old.type == new.type


def changes(
    old: Iterable[Node], *new: BlockInput, limits: Limits = DEFAULT, prefer: Prefer = "ids"
) -> tuple[Edit, ...]:
    old = tuple(old)
    edits = diff("page", old, new, same_type, limits, prefer)
    assert ours(patch("page", old, edits)) == outline(new)
    return edits


def ours(tree: Iterable[Node]) -> list[object]:
    return [(node.type, node.digest, ours(node.children or ())) for node in tree if not node.foreign]


def outline(blocks: Iterable[BlockInput]) -> list[object]:
    return [(block.type, block.digest, outline(block.children)) for block in blocks]


FOREIGN = Node("theirs", "child_page", b"x", foreign=True)
PAGE = [
    block("title", type="heading_1"),
    block("one"),
    block("two"),
    block("three"),
    block("end", type="code"),
]


# The six cases that fool others


def test_an_unchanged_page_costs_nothing() -> None:
    table = BlockInput("table", b"{}", (block("a", type="table_row"), block("b", type="table_row")))
    page = [*PAGE, table, block("list", block("item", block("inner")))]
    assert changes(stand(*page), *page) == ()


def test_one_word_is_one_update() -> None:
    new = [*PAGE[:2], block("two!"), *PAGE[3:]]
    assert changes(stand(*PAGE), *new) == (UpdateBlock("3", new[2]),)


def test_only_a_link_target_is_one_update() -> None:
    old = BlockInput(
        "paragraph", b'{"rich_text":[{"text":{"content":"see","link":{"url":"https://a.example"}}}]}'
    )
    new = BlockInput("paragraph", old.content.replace(b"a.example", b"b.example"))
    assert changes(stand(*PAGE, old), *PAGE, new) == (UpdateBlock("6", new),)


def test_one_table_cell_is_one_update_of_its_row() -> None:
    rows = [BlockInput("table_row", b'{"cells":["%d","x"]}' % index) for index in range(120)]
    changed = BlockInput("table_row", b'{"cells":["70","y"]}')
    old = BlockInput("table", b"{}", tuple(rows))
    new = BlockInput("table", b"{}", (*rows[:70], changed, *rows[71:]))
    assert changes(stand(*PAGE, old), *PAGE, new) == (UpdateBlock("77", changed),)


def test_a_nested_list_item_is_one_update() -> None:
    def page(text: str) -> BlockInput:
        return block("a", block("b", block("c"), block(text)), block("d"))

    changed = block("new")
    assert changes(stand(page("old")), page("new")) == (UpdateBlock("4", changed),)


def test_the_last_block_moved_to_the_top_is_an_insertion_and_a_deletion() -> None:
    new = [PAGE[-1], *PAGE[:-1]]
    assert changes(stand(*PAGE), *new) == (Insert("page", START, (PAGE[-1],)), DeleteBlock("5"))


# What costs what


def test_new_blocks_that_stand_together_are_one_request() -> None:
    new = [*PAGE[:2], *(block(f"new {index}") for index in range(100)), *PAGE[2:]]
    assert changes(stand(*PAGE), *new) == (Insert("page", "2", tuple(new[2:102])),)
    assert edits_cost(changes(stand(*PAGE), *new)) == 1


def test_deletions_between_do_not_split_a_run() -> None:
    old = [block("a"), block("x", type="code"), block("y", type="code"), block("b")]
    new = [block("a"), *(block(str(index), type="quote") for index in range(3)), block("b")]
    edits = changes(stand(*old), *new)
    assert edits == (Insert("page", "1", tuple(new[1:4])), DeleteBlock("2"), DeleteBlock("3"))


def test_a_type_that_cannot_change_is_a_deletion_and_an_insertion() -> None:
    new = [*PAGE[:2], block("two", type="quote"), *PAGE[3:]]
    assert changes(stand(*PAGE), *new) == (Insert("page", "2", (new[2],)), DeleteBlock("3"))


def test_a_block_goes_with_all_below_it_in_one_request() -> None:
    old = [block("a", block("b", block("c"))), block("d")]
    assert changes(stand(*old), block("d")) == (DeleteBlock("1"),)


def test_children_come_and_go_while_their_parent_stays() -> None:
    kid = block("kid")
    assert changes(stand(block("a")), block("a", kid)) == (Insert("1", START, (kid,)),)
    assert changes(stand(block("a", kid)), block("a")) == (DeleteBlock("2"),)
    edits = changes(stand(block("a", kid)), block("b", kid, block("more")))
    assert edits == (UpdateBlock("1", block("b", kid, block("more"))), Insert("1", "2", (block("more"),)))


def test_update_is_preferred_to_replacing_where_both_cost_the_same() -> None:
    edits = changes(stand(block("a")), block("x"), block("y"), block("z"))
    assert sum(isinstance(edit, UpdateBlock) for edit in edits) == 1
    assert edits_cost(edits) == 2


def test_ids_or_requests() -> None:
    rows = [block(str(index), type="table_row") for index in range(20)]
    changed = [block(f"{index}!", type="table_row") if index < 8 else rows[index] for index in range(20)]
    old = [block("t", *rows, type="table")]
    new = block("t", *changed, type="table")
    assert edits_cost(changes(stand(*old), new)) == 8
    assert edits_cost(changes(stand(*old), new, prefer="requests")) == 2


def test_an_equal_block_stays_even_if_that_costs_a_request() -> None:
    """Three updates and one insertion would do, at the price of the first block's id."""
    limits = Limits(array=2)
    old = [block("a"), block("b"), block("x", type="code")]
    new = [block("n"), block("m"), block("y", type="code"), block("a"), block("q", type="quote")]
    cheap = changes(stand(*old), *new, limits=limits, prefer="requests")
    assert edits_cost(cheap, limits) == 4
    assert UpdateBlock("1", new[0]) in cheap
    edits = changes(stand(*old), *new, limits=limits)
    assert edits_cost(edits, limits) == 5
    assert "1" not in {edit.block for edit in edits if not isinstance(edit, Insert)}


def test_a_block_without_its_like_stays_rather_than_several_that_have_theirs() -> None:
    rule = block("---", type="divider")
    old = [block("start"), block("one"), rule, rule, rule, block("end")]
    new = [block("begin"), rule, rule, rule, block("one"), block("finish")]
    deleted = {edit.block for edit in changes(stand(*old), *new) if isinstance(edit, DeleteBlock)}
    assert "2" not in deleted


@pytest.mark.parametrize("size", [30, 3_000])
def test_as_many_equal_blocks_stay_as_can(size: int) -> None:
    """Where tables are full and where only a band is compared."""
    rng = random.Random(size)
    old = [block(str(index), type=rng.choice("ppq")) for index in range(size)]
    new = [one if rng.random() < 0.8 else block(f"{one.content!r}!", type=rng.choice("ppq")) for one in old]
    for _ in range(size // 5):
        new.insert(rng.randrange(size), new.pop(rng.randrange(size)))
    there = stand(*old)
    places = {one.digest: place for place, one in enumerate(new)}
    most = len(increasing([places[one.digest] for one in old if one.digest in places]))
    before = {node.id: node.digest for node in there}
    after = patch("page", there, changes(there, *new))
    assert sum(before.get(node.id) == node.digest for node in after) == most


def test_a_run_over_the_array_is_counted_by_its_requests() -> None:
    """Keeping the block in the middle splits the run, and still saves nothing but keeps its id."""
    limits = Limits(array=2)
    new = [block("n", type="quote"), block("a"), block("m", type="quote")]
    edits = changes(stand(block("a")), *new, limits=limits)
    assert edits_cost(edits, limits) == 2
    assert not any(isinstance(edit, DeleteBlock) for edit in edits)


# What is not ours


def test_foreign_blocks_stay_behind_our_block_before_them() -> None:
    a, b = stand(block("a"), block("b"))
    edits = changes((a, FOREIGN, b), block("a"), block("new"), block("b"))
    assert edits == (Insert("page", "1", (block("new"),)),)
    assert changes((FOREIGN, a, b), block("a")) == (DeleteBlock("2"),)
    assert changes((FOREIGN,), block("a")) == (Insert("page", START, (block("a"),)),)


def test_a_block_that_holds_a_foreign_one_is_not_deleted() -> None:
    held = Node("h", "toggle", b"h", (Node("k", "paragraph", b"k", (FOREIGN,)),))
    (a,) = stand(block("a"))
    edits = diff("page", (a, held), [block("a")], same_type)
    assert edits == ()


def test_a_block_that_holds_a_foreign_one_becomes_another_if_it_can() -> None:
    held = Node("h", "toggle", b"h", (FOREIGN, Node("k", "paragraph", b"k")))
    new = block("new", block("inner"), type="toggle")
    edits = changes((held,), new)
    assert edits == (UpdateBlock("h", new), UpdateBlock("k", block("inner")))


def test_what_was_not_read_is_neither_deleted_nor_looked_into() -> None:
    unread = Node("u", "toggle", block("a", type="toggle").digest, None)
    assert diff("page", (unread,), [block("a", block("kid"), type="toggle")], same_type) == ()
    assert diff("page", (unread,), [], same_type) == ()
    changed = block("b", block("kid"), type="toggle")
    assert diff("page", (unread,), [changed], same_type) == (UpdateBlock("u", changed),)


def test_an_edit_that_was_accepted_is_not_written_over() -> None:
    edited = Node("e", "paragraph", b"e", edited=True)
    assert diff("page", (edited,), [block("new")], same_type) == (Insert("page", START, (block("new"),)),)


def test_an_id_that_is_not_known_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="id is not known"):
        diff("page", (Node("", "paragraph", b"x"),), [block("y")], same_type)
    assert diff("page", (Node("", "paragraph", block("y").digest),), [block("y")], same_type) == ()


# Order, and odd input


def test_deletions_come_last() -> None:
    old = [block("list", block("x", type="code"), block("y")), block("z", type="code"), block("end")]
    new = [block("list", block("n", type="quote"), block("y")), block("q", type="quote"), block("end!")]
    edits = changes(stand(*old), *new)
    kinds = [isinstance(edit, DeleteBlock) for edit in edits]
    assert kinds == sorted(kinds)
    assert sum(kinds) == 2


def test_the_same_input_gives_the_same_edits() -> None:
    rng = random.Random(4)
    old = [block(rng.choice("abc"), type=rng.choice("pq")) for _ in range(60)]
    new = [block(rng.choice("abc"), type=rng.choice("pq")) for _ in range(60)]
    assert changes(stand(*old), *new) == changes(stand(*old), *new)


def test_from_nothing_and_to_nothing() -> None:
    assert changes((), *PAGE) == (Insert("page", START, tuple(PAGE)),)
    assert changes(stand(*PAGE)) == tuple(DeleteBlock(str(index)) for index in range(1, 6))
    assert changes(()) == ()


def test_lists_a_thousand_levels_deep() -> None:
    def chain(name: str) -> tuple[BlockInput, Node]:
        made, node = BlockInput("item", b"end"), Node("end", "item", BlockInput("item", b"end").digest)
        for level in range(1_000):
            made = BlockInput("item", f"{name}{level}".encode(), (made,))
            node = Node(f"id{level}", "item", made.digest, (node,))
        return made, node

    (a, there), (b, _) = chain("a"), chain("b")
    assert diff("page", (there,), [a], same_type) == ()
    edits = diff("page", (there,), [b], same_type)
    assert len(edits) == 1_000
    top = patch("page", (there,), edits)
    for _ in range(1_001):
        assert len(top) == 1
        assert top[0].digest == b.digest
        top, b = top[0].children or (), b.children[0] if b.children else b


@pytest.mark.slow
def test_thousands_of_blocks_in_bad_cases() -> None:
    rng = random.Random(7)
    types = ["paragraph", "paragraph", "code", "item"]
    old = [block(str(index), type=rng.choice(types)) for index in range(3_000)]
    there = stand(*old)
    shuffled = rng.sample(old, len(old))
    cases: list[tuple[list[BlockInput], int]] = [
        ([BlockInput(one.type, one.content + b"!") for one in old], 3_000),
        ([BlockInput("quote", one.content) for one in old], 3_030),
        (old[::-1], 3_030),
        (shuffled, 3_030),
        ([old[-1], *old[:-1]], 2),
        ([new for one in old for new in (one, BlockInput("quote", one.content))], 3_000),
    ]
    for new, most in cases:
        assert edits_cost(changes(there, *new)) <= most


@pytest.mark.slow
def test_thousands_of_equal_blocks() -> None:
    old = [block("start"), *[block("same")] * 5_000, block("end")]
    new = [block("begin"), *[block("same")] * 4_990, block("finish")]
    assert edits_cost(changes(stand(*old), *new)) == 12


# Blocks that must stay


def test_what_must_stay_is_left_and_named() -> None:
    old = stand(*PAGE)
    found = difference("page", old, [PAGE[0], PAGE[2], PAGE[4]], same_type, care=Care({"2", "4"}))
    assert (found.edits, found.left) == ((), ("2", "4"))
    assert difference("page", old, [PAGE[0], PAGE[2], PAGE[4]], same_type, care=Care({"2"})).left == ("2",)


def test_what_must_stay_keeps_what_is_around_it() -> None:
    old = stand(block("a", block("b", block("c"))), block("d"))
    found = difference("page", old, [block("e", type="code")], same_type, care=Care({"3"}))
    assert found.left == ("1",)
    assert DeleteBlock("1") not in found.edits
    assert DeleteBlock("4") in found.edits


@pytest.mark.parametrize("prefer", ["ids", "requests"])
def test_what_must_stay_is_not_made_into_another_block(prefer: Prefer) -> None:
    old = stand(block("a"), block("b"), block("c"))
    new = [block("a"), block("x")]
    found = difference("page", old, new, same_type, prefer=prefer, care=Care({"2"}))
    assert (found.edits, found.left) == ((UpdateBlock("3", block("x")),), ("2",))


def test_of_blocks_that_change_places_the_one_that_must_stay_does() -> None:
    old, new = stand(block("a"), block("b"), block("c")), [block("b"), block("c"), block("a")]
    found = difference("page", old, new, same_type, care=Care({"1"}))
    assert found.left == ()
    assert {edit.block for edit in found.edits if isinstance(edit, DeleteBlock)} == {"2", "3"}


def test_where_deletions_cost_reads_rows_are_updated_rather_than_their_table_replaced() -> None:
    def table(text: str) -> BlockInput:
        return block("t", *(block(f"{text}{row}", type="row") for row in range(8)), type="table")

    for asking, count_ in ((False, 2), (True, 8)):
        care = Care(asking=asking)
        found = difference("page", stand(table("a")), [table("b")], same_type, DEFAULT, "requests", care)
        assert len(found.edits) == count_
