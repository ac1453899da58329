"""What a request did to a page, known from its answer or found out by reading."""

from __future__ import annotations

from dataclasses import replace

import pytest
from people import PAGE, World, block, blocks

from converters.dialects.base import BlockInput, PageHead
from publisher.planning.base import Node, node_of
from publisher.planning.ops import (
    END,
    START,
    Append,
    CreatePage,
    DeleteBlock,
    ErasePage,
    ReadChildren,
    UpdateBlock,
)
from publisher.planning.settle import adopt, record, unsettled

A, B, C = (Node(name, "paragraph", block(name).digest) for name in "abc")
NEW = blocks("x", "y")
X, Y = (node_of(one, one_id) for one, one_id in zip(NEW, ("1", "2"), strict=True))


def test_a_created_page_has_its_blocks_without_ids() -> None:
    ours = (block("t", block("u")), block("p"))
    assert record((), CreatePage("@page:a", "", PageHead(b"{}"), ours)) == tuple(map(node_of, ours))


@pytest.mark.parametrize(
    ("after", "result"),
    [(START, (X, Y, A, B)), (END, (A, B, X, Y)), ("a", (A, X, Y, B)), ("nobody's", (A, B, X, Y))],
)
def test_an_append_is_recorded_where_it_went(after: str, result: tuple[Node, ...]) -> None:
    assert record((A, B), Append(PAGE, after, NEW), ["1", "2"]) == result


def test_an_append_below_a_block() -> None:
    holder = replace(A, children=(B,))
    assert record((holder, C), Append("a", "b", NEW), ["1"]) == (
        replace(A, children=(B, X, replace(Y, id=""))),
        C,
    )


def test_updates_and_deletions_are_recorded_at_any_depth() -> None:
    base = (replace(A, children=(replace(B, edited=True, seen=b"theirs"),)), C)
    new = block("new", type="item")
    updated = record(base, UpdateBlock("b", new))
    assert updated == (replace(A, children=(Node("b", "item", new.digest),)), C)
    assert record(updated, DeleteBlock("b")) == (A, C)
    assert record((C,), DeleteBlock("c")) == ()
    assert record((C,), DeleteBlock("nobody's")) == (C,)


def test_reading_tells_ids_of_our_own_blocks_only() -> None:
    base = (
        replace(A, id=""),
        Node("f", "child_page", b"", foreign=True),
        replace(B, id="", gone=True),
        replace(C, id=""),
    )
    bound = record(base, ReadChildren(PAGE, ()), ["a", "c"])
    assert [node.id for node in bound] == ["a", "f", "", "c"]


def standing(*trees: BlockInput) -> tuple[Node, ...]:
    world = World()
    world.insert(PAGE, END, trees)
    return world.read_all()


BASE = standing(block("a"), block("b"))  # b1, b2


def among(*texts: str) -> tuple[Node, ...]:
    """Blocks with these texts; a and b keep their ids, the others are new."""
    known = {block(text).digest: node for text, node in zip("ab", BASE, strict=True)}
    found = []
    for at, text in enumerate(texts):
        digest = block(text).digest
        found.append(known.pop(digest, None) or Node(f"n{at}", "paragraph", digest))
    return tuple(found)


@pytest.mark.parametrize("after", ["b1", START, END])
def test_an_append_that_did_not_happen_leaves_the_base_as_it_was(after: str) -> None:
    assert adopt(BASE, BASE, [Append(PAGE, after, NEW)]) == BASE


@pytest.mark.parametrize(
    ("after", "there", "ours"),
    [
        ("b1", ["a", "x", "y", "b"], ["b1", "n1", "n2", "b2"]),
        ("b1", ["a", "x", "b"], ["b1", "n1", "b2"]),
        ("b1", ["a", "theirs", "x", "y", "b"], ["b1", "n2", "n3", "b2"]),
        ("b1", ["a", "x", "theirs", "y", "b"], ["b1", "n1", "n3", "b2"]),
        ("b1", ["a", "b", "x", "y"], ["b1", "b2"]),
        (START, ["x", "y", "a", "b"], ["n0", "n1", "b1", "b2"]),
        (END, ["a", "b", "x", "y", "theirs"], ["b1", "b2", "n2", "n3"]),
        ("b2", ["a", "x", "y"], ["b1", "n1", "n2", "b2"]),
    ],
)
def test_what_stands_where_it_was_sent_is_ours(after: str, there: list[str], ours: list[str]) -> None:
    found = adopt(BASE, among(*there), [Append(PAGE, after, NEW)])
    assert sorted(node.id for node in found) == sorted(ours)
    assert all(not node.foreign for node in found)


def test_equal_blocks_that_were_there_before_are_not_taken_for_the_new_ones() -> None:
    base = standing(block("x"), block("x"))
    assert adopt(base, base, [Append(PAGE, "b1", (block("x"),))]) == base


def test_blocks_without_ids_are_told_from_what_was_appended_behind_them() -> None:
    base = tuple(replace(node, id="") for node in BASE)
    found = adopt(base, among("a", "b", "b", "a"), [Append(PAGE, END, blocks("b", "a"))])
    assert [node.id for node in found] == ["", "", "n2", "n3"]


def test_a_block_that_the_service_changed_between_two_known_ones_is_ours() -> None:
    there = (
        *among("a", "x"),
        Node("odd", "paragraph", b"given back otherwise"),
        Node("z", "paragraph", block("z").digest),
    )
    found = adopt(BASE[:1], there, [Append(PAGE, "b1", blocks("x", "y", "z"))])
    assert [(node.id, node.digest, node.seen) for node in found[2:3]] == [
        ("odd", block("y").digest, b"given back otherwise")
    ]


def test_of_half_written_blocks_only_the_half_is_ours() -> None:
    sent = block("t", block("u"), block("v"))
    there = standing(block("a"), replace(sent, children=sent.children[:1]))
    closed = (there[0], there[1].with_children(None))
    append = Append(PAGE, "b1", (sent,))
    assert unsettled(BASE[:1], closed, [append]) == ("b2",)
    assert unsettled(BASE[:1], there, [append]) == ()
    (_, found) = adopt(BASE[:1], there, [append])
    assert [child.id for child in found.children or ()] == ["b3"]


def test_updates_and_deletions_are_seen_in_what_stands_there() -> None:
    pending = [UpdateBlock("b1", block("A")), DeleteBlock("b2")]
    assert adopt(BASE, BASE, pending) == BASE
    done = (Node("b1", "paragraph", block("A").digest),)
    assert adopt(BASE, done, pending) == done
    theirs = (replace(done[0], digest=block("theirs").digest),)
    assert adopt(BASE, theirs, pending[:1]) == BASE


def test_the_parents_of_what_is_not_known_are_read_from_the_top_down() -> None:
    base = standing(block("t", block("u", block("x"))))
    top = (base[0].with_children(None),)
    middle = (base[0].with_children((base[0].children[0].with_children(None),)),)  # type: ignore[index]
    for op in (DeleteBlock("b3"), UpdateBlock("b3", block("X")), Append("b2", END, NEW)):
        assert unsettled(base, top, [op]) == ("b1",)
        assert unsettled(base, middle, [op]) == ("b2",)
        assert unsettled(base, base, [op]) == ()
    gone = (base[0].with_children(()),)
    assert adopt(base, gone, [DeleteBlock("b3")]) == (
        base[0].with_children((base[0].children[0].with_children(()),)),
    )  # type: ignore[index]
    assert adopt(base, gone, [Append("b2", END, NEW)]) == base


def test_a_page_that_was_emptied_keeps_only_what_people_had_deleted() -> None:
    gone = replace(B, id="", gone=True)
    assert record((A, gone, C), ErasePage(PAGE)) == (gone,)


def test_whether_a_page_was_emptied_is_seen_by_what_stands_there() -> None:
    gone = replace(B, id="", gone=True)
    assert unsettled((A, gone, C), (), [ErasePage(PAGE)]) == ()
    assert adopt((A, gone, C), (A, C), [ErasePage(PAGE)]) == (A, gone, C)
    assert adopt((A, gone, C), (C,), [ErasePage(PAGE)]) == (gone, C)
    assert adopt((A, gone, C), (), [ErasePage(PAGE)]) == (gone,)
    there = tuple(node_of(one, f"new{at}") for at, one in enumerate(NEW))
    assert adopt((A,), there, [ErasePage(PAGE), Append(PAGE, END, NEW)]) == there
