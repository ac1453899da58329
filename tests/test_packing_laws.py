from __future__ import annotations

from itertools import count

from exhaustive import least_packing
from hypothesis import given, settings
from hypothesis import strategies as st
from page_service import Service, tree_of

from converters.dialects.base import BlockInput, PageHead
from publisher.planning.limits import Limits
from publisher.planning.ops import START
from publisher.planning.packing import Handles, create_cost, insert_cost, pack_create, pack_insert

HEAD = PageHead(b"{}")
LIMITS = st.builds(
    Limits, array=st.integers(1, 5), depth=st.integers(1, 3), blocks=st.integers(4, 40), bytes=st.just(10**9)
)


def blocks_of(shape: list[object], names: count[int], kind: str) -> tuple[BlockInput, ...]:
    made = []
    for kids in shape:
        children = blocks_of(kids, names, kind) if isinstance(kids, list) else ()
        rows = children and not any(child.children for child in children)
        type = kind if rows else "toggle" if children else "paragraph"
        made.append(BlockInput(type, b"%d" % next(names), children))
    return tuple(made)


SHAPES = st.recursive(st.just([]), lambda inner: st.lists(inner, max_size=9), max_leaves=60)
FORESTS = st.builds(
    lambda shape, kind: blocks_of(shape, count(), kind), SHAPES, st.sampled_from(["toggle", "table"])
)
SMALL = st.builds(
    lambda shape, kind: blocks_of(shape, count(), kind),
    st.recursive(st.just([]), lambda inner: st.lists(inner, max_size=3), max_leaves=5),
    st.sampled_from(["toggle", "table"]),
)


@given(FORESTS, LIMITS)
@settings(max_examples=300, deadline=None)
def test_batches_keep_to_every_limit_and_join_up_to_the_page(
    top: tuple[BlockInput, ...], limits: Limits
) -> None:
    service = Service(limits)
    service.run(pack_create("@page", "", HEAD, top, limits, Handles()))
    assert service.tree("page") == tree_of(top)
    assert create_cost(top, limits) == (service.requests, service.writes)


@given(FORESTS, LIMITS, st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_an_insertion_stands_where_it_should(top: tuple[BlockInput, ...], limits: Limits, at: int) -> None:
    service = Service(limits, "p")
    before = tuple(BlockInput("old", b"%d" % index) for index in range(3))
    service.children["p"] = service._add(before)
    after = service.children["p"][at - 1] if at else START
    service.run(pack_insert("p", after, top, limits, Handles()))
    assert service.tree("p") == tree_of([*before[:at], *top, *before[at:]])
    assert insert_cost(top, limits) == (service.requests, service.writes)


@given(FORESTS, st.integers(500, 5_000))
@settings(max_examples=100, deadline=None)
def test_bytes_are_kept_to(top: tuple[BlockInput, ...], size: int) -> None:
    limits = Limits(bytes=size)
    service = Service(limits)
    service.run(pack_create("@page", "", HEAD, top, limits, Handles()))
    assert service.tree("page") == tree_of(top)


@given(FORESTS, LIMITS)
@settings(max_examples=100, deadline=None)
def test_requests_are_never_fewer_than_blocks_and_arrays_ask_for(
    top: tuple[BlockInput, ...], limits: Limits
) -> None:
    total = sum(1 for block in top for _ in block.walk())
    assert create_cost(top, limits)[1] >= max(1, -(-total // limits.blocks), -(-len(top) // limits.array))
    assert insert_cost(top, limits)[1] >= max(-(-total // limits.blocks), -(-len(top) // limits.array))


@given(SMALL, LIMITS, st.booleans())
@settings(max_examples=200, deadline=None)
def test_no_other_way_takes_fewer_requests(top: tuple[BlockInput, ...], limits: Limits, create: bool) -> None:
    if sum(1 for block in top for _ in block.walk()) > 8:
        return
    least = least_packing(top, limits, create)
    if least is not None:
        assert (create_cost if create else insert_cost)(top, limits) == least
