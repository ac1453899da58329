from __future__ import annotations

from itertools import count, product

import pytest
from exhaustive import blocks, forests, least_packing
from page_service import Service, tree_of

from converters.dialects.base import BlockInput, PageHead
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import END, START, Append, CreatePage, ReadChildren
from publisher.planning.packing import Handles, create_cost, insert_cost, pack_create, pack_insert

HEAD = PageHead(b'{"title":"t"}')
ROOMY = 10**9


def block(text: str, *children: BlockInput, type: str = "paragraph") -> BlockInput:
    return BlockInput(type, text.encode(), children)


def many(number: int, type: str = "paragraph") -> list[BlockInput]:
    return [block(str(index), type=type) for index in range(number)]


def chain(levels: int) -> BlockInput:
    found = block("0")
    for level in range(1, levels):
        found = block(str(level), found)
    return found


def create(top: list[BlockInput], limits: Limits = DEFAULT) -> Service:
    service = Service(limits)
    service.run(pack_create("@page", "", HEAD, top, limits, Handles()))
    assert service.tree("page") == tree_of(top)
    return service


def test_a_small_page_is_one_request() -> None:
    top = [*many(99), block("list", block("item", block("inner")))]
    ops = pack_create("@page", "parent", HEAD, top, DEFAULT, Handles())
    assert ops == (CreatePage("@page", "parent", HEAD, tuple(top)),)


def test_an_empty_page_is_one_request() -> None:
    assert pack_create("@page", "", HEAD, [], DEFAULT, Handles()) == (CreatePage("@page", "", HEAD),)
    assert pack_insert("parent", END, [], DEFAULT, Handles()) == ()


@pytest.mark.parametrize(("number", "requests"), [(100, 1), (101, 2), (200, 2), (201, 3), (10_000, 100)])
def test_a_hundred_blocks_go_in_one_request(number: int, requests: int) -> None:
    assert create(many(number)).requests == requests


def test_each_batch_of_an_insertion_goes_behind_the_one_before() -> None:
    first, second, third = pack_insert("p", "a", many(250), DEFAULT, Handles())
    assert isinstance(first, Append)
    assert isinstance(second, Append)
    assert isinstance(third, Append)
    assert first.after == "a"
    assert second.after == first.handles[-1] == "@1"
    assert third.after == second.handles[-1] == "@2"
    assert not any(first.handles[:-1])


def test_rows_beyond_a_hundred_are_appended_to_their_table() -> None:
    table = BlockInput("table", b"{}", tuple(many(250, "table_row")))
    service = Service(DEFAULT, "p")
    ops = pack_insert("p", END, [table], DEFAULT, Handles())
    service.run(ops)
    assert service.tree("p") == tree_of([table])
    assert len(ops) == 3


def test_a_table_too_deep_for_its_rows_comes_later() -> None:
    table = BlockInput("table", b"{}", (block("row", type="table_row"),))
    service = create([block("a", block("b", table))])
    assert (service.requests, service.writes) == (3, 2)


def test_columns_come_with_their_columns_and_something_in_each() -> None:
    deep = block("list", block("item", block("inner")))
    columns = BlockInput(
        "column_list",
        b"{}",
        (block("1", block("text"), deep, type="column"), block("2", deep, block("text"), type="column")),
    )
    create([columns])
    full = BlockInput(
        "column_list", b"{}", (block("1", *many(150), type="column"), block("2", *many(3), type="column"))
    )
    service = create([full])
    assert (service.requests, service.writes) == (4, 2)


def test_what_cannot_keep_to_the_depth_is_sent_all_the_same() -> None:
    table = BlockInput("table", b"{}", (block("row", type="table_row"),))
    columns = BlockInput(
        "column_list", b"{}", (block("1", table, type="column"), block("2", table, type="column"))
    )
    ops = pack_insert("p", END, [columns], DEFAULT, Handles())
    assert len(ops) == 1


def test_reads_take_the_place_of_writes_where_they_are_as_many() -> None:
    """Three appends of one level each would do too, but writes are rationed more strictly than reads."""
    ops = pack_create("@page", "", HEAD, [chain(6)], DEFAULT, Handles())
    assert [type(op) for op in ops] == [CreatePage, ReadChildren, ReadChildren, ReadChildren, Append]
    service = create([chain(6)])
    assert (service.requests, service.writes) == (5, 2)


def test_a_full_request_is_cut_by_bytes() -> None:
    top = [block("x" * 200_000), block("y" * 200_000), block("z" * 200_000)]
    assert create(top).requests == 2
    assert create([block("x" * 900), *many(40)], Limits(bytes=2_500)).requests >= 2


def test_links_that_are_not_known_yet_have_room_to_grow() -> None:
    link = b'{"url":"pagemill:page/a.md"}' + b" " * 400_000
    plain = BlockInput("paragraph", link)
    linked = [
        BlockInput("paragraph", link.replace(b" ", b'{"url":"pagemill:page/a.md"},', 800), symbolic=True)
    ]
    assert insert_cost([plain, *many(90)], DEFAULT) == (1, 1)
    assert insert_cost([*linked, *many(90)], DEFAULT) == (2, 2)


def test_a_single_block_always_fits() -> None:
    assert create_cost([block("x" * 600_000)], DEFAULT) == (2, 2)
    assert insert_cost([block("x" * 600_000)], DEFAULT) == (1, 1)


def test_a_thousand_blocks_go_in_one_request() -> None:
    tables = [BlockInput("table", b"{}", tuple(many(99, "table_row"))) for _ in range(11)]
    service = create(tables)
    assert service.requests == 2


def test_wanted_handles_are_bound() -> None:
    service = Service(DEFAULT, "p")
    service.run(pack_insert("p", END, many(150), DEFAULT, Handles(), {3: "@heading", 120: "@other"}))
    there = service.children["p"]
    assert (service.ids["@heading"], service.ids["@other"]) == (there[3], there[120])
    assert service.requests == 2
    page = Service(DEFAULT)
    page.run(pack_create("@page", "", HEAD, many(150), DEFAULT, Handles(), {3: "@heading", 120: "@other"}))
    there = page.children["page"]
    assert (page.ids["@heading"], page.ids["@other"]) == (there[3], there[120])


def test_handles_begin_where_they_are_told() -> None:
    handles = Handles(7)
    assert (handles.new(), handles.new()) == ("@8", "@9")


def test_a_list_of_a_thousand_levels() -> None:
    ops = pack_create("@page", "", HEAD, [chain(1_000)], DEFAULT, Handles())
    assert sum(isinstance(op, ReadChildren) for op in ops) < len(ops) <= 1_000
    levels = [depth(op.blocks) for op in ops if isinstance(op, Append)]
    assert max(levels) <= DEFAULT.depth


def depth(top: tuple[BlockInput, ...]) -> int:
    return max((1 + depth(one.children) for one in top if one.children), default=0)


def test_the_start_is_only_used_before_something() -> None:
    """What cannot be inline stands before what can: it is put at the start, and nothing has to be read."""
    top = [block("a", block("b", block("c"))), *many(2)]
    ops = pack_create("@page", "", HEAD, top, Limits(array=2, depth=1, blocks=99), Handles())
    appends = [op for op in ops if isinstance(op, Append)]
    assert appends[0].after in (START, END)
    service = Service(Limits(array=2, depth=1, blocks=99))
    service.run(ops)
    assert service.tree("page") == tree_of(top)


@pytest.mark.slow
def test_the_fewest_requests_for_every_small_tree() -> None:
    for array, levels, total in product((1, 2, 3), (0, 1, 2), (2, 3, 4, 99)):
        limits = Limits(array, levels, total, ROOMY)
        for forest in (forest for size in range(6) for forest in forests(size, 4)):
            top = blocks(forest, map(str, count()))
            assert create_cost(top, limits) == least_packing(top, limits, create=True), (limits, forest)
            assert insert_cost(top, limits) == least_packing(top, limits, create=False), (limits, forest)
