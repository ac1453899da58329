"""The order of new pages: every link has its target, in as few requests as can be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.blocks import PageRef
from converters.dialects.base import BlockInput, PageHead, address, references
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import END, START, Append, CreatePage, ReadChildren
from publisher.planning.order import NewPage, Siblings, Step, order, page_handle
from publisher.planning.packing import Handles
from publisher.planning.sequence import sequence

HEAD = PageHead(b"{}")
SMALL = Limits(array=3, depth=1, blocks=50, bytes=100_000)


def link(text: str, *targets: str) -> BlockInput:
    """A paragraph with links to pages."""
    spans = [{"text": {"content": text}}] + [
        {"text": {"content": key, "link": {"url": address(PageRef(key))}}} for key in targets
    ]
    return BlockInput("paragraph", json.dumps({"rich_text": spans}).encode(), symbolic=bool(targets))


def page(key: str, *targets: str, parent: str = "", size: int = 0) -> NewPage:
    """A page with `size` plain blocks and then one linking block for each target."""
    plain = [link(f"{key} {at}") for at in range(size)]
    links = [link(f"{key} to {target}", target) for target in targets]
    return NewPage(key, HEAD, (*plain, *links), parent, "" if parent else "top")


def made(
    pages: Sequence[NewPage], siblings: Siblings = "created", limits: Limits = DEFAULT, **more: bool
) -> tuple[Step, ...]:
    return order(pages, (), limits, Handles(), siblings=siblings, **more)


def requests(steps: Iterable[Step]) -> int:
    return sum(len(step.ops) for step in steps)


class Service:
    """Applies steps and checks that each request is possible and each link has its target."""

    def __init__(self, pages: Sequence[NewPage], own: bool = False) -> None:
        self.keys = {page_handle(page.key): page.key for page in pages}
        self.own = own
        self.children: dict[str, list[str | BlockInput]] = {"top": []}
        self.bound: dict[str, BlockInput] = {}

    def apply(self, step: Step) -> None:
        for op in step.ops:
            match op:
                case CreatePage(handle, parent, _, blocks, after):
                    self._check(blocks, "")
                    siblings = self.children[parent]
                    siblings.insert(siblings.index(after) + 1 if after else len(siblings), handle)
                    self.children[handle] = list(blocks)
                case Append(parent, after, blocks, handles):
                    self._check(blocks, parent)
                    items = self.children[parent]
                    known = self.bound.get(after)
                    at = {START: 0, END: len(items)}.get(after, -1)
                    if at < 0:
                        at = next(i for i, item in enumerate(items) if item is known) + 1
                    items[at:at] = blocks
                    self.bound.update(
                        {name: block for name, block in zip(handles, blocks, strict=True) if name}
                    )
                case ReadChildren(parent, wanted):
                    own = [item for item in self.children[parent] if not isinstance(item, str)]
                    self.bound.update({name: own[at] for at, name in wanted})
                case _:
                    raise AssertionError(op)

    def _check(self, blocks: Sequence[BlockInput], page: str) -> None:
        for block in blocks:
            for ref in references(block):
                handle = page_handle(ref.target) if isinstance(ref, PageRef) else ""
                assert handle not in self.keys or handle in self.children or handle == page

    def body(self, key: str) -> list[BlockInput]:
        items = self.children[page_handle(key)]
        own = [item for item in items if not isinstance(item, str)]
        assert items[: len(own)] == own, "our blocks stand before the child pages"
        return own

    def order_below(self, parent: str) -> list[str]:
        return [self.keys[item] for item in self.children[parent] if isinstance(item, str)]


def run(
    pages: Sequence[NewPage], steps: Sequence[Step], siblings: Siblings, rand: Random | None = None
) -> Service:
    """Apply the steps, in any order that their needs allow, and check the result."""
    service = Service(pages)
    left, done = list(range(len(steps))), set()
    while left:
        ready = [at for at in left if done.issuperset(steps[at].needs)]
        at = rand.choice(ready) if rand else left[0]
        assert at in ready
        service.apply(steps[at])
        left.remove(at)
        done.add(at)
    for one in pages:
        assert service.body(one.key) == list(one.blocks)
    if siblings != "free":
        for parent in {one.parent for one in pages}:
            wanted = [one.key for one in pages if one.parent == parent]
            assert service.order_below(page_handle(parent) if parent else "top") == wanted
    return service


@st.composite
def forests(draw: st.DrawFn, most: int = 9) -> list[NewPage]:
    count = draw(st.integers(1, most))
    keys = [f"p{at}" for at in range(count)]
    found = []
    for at, key in enumerate(keys):
        parent = draw(st.sampled_from(["", *keys[:at]]))
        blocks = [
            link(f"{key} {place}", *draw(st.lists(st.sampled_from(keys), max_size=2)))
            if draw(st.booleans())
            else link(f"{key} {place}")
            for place in range(draw(st.integers(0, 8)))
        ]
        blocks = [block for block in blocks if all(ref.target != key for ref in references(block))]  # type: ignore[union-attr]
        found.append(NewPage(key, HEAD, tuple(blocks), parent, "" if parent else "top"))
    return found


@settings(max_examples=250, deadline=None)
@given(
    forests(),
    st.sampled_from(["created", "placed", "free"]),
    st.sampled_from([SMALL, DEFAULT]),
    st.integers(0, 99),
)
def test_every_link_has_its_target_whatever_runs_beside_what(
    pages: list[NewPage], siblings: Siblings, limits: Limits, seed: int
) -> None:
    steps = made(pages, siblings, limits)
    run(pages, steps, siblings)
    run(pages, steps, siblings, Random(seed))
    assert steps == made(pages, siblings, limits)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6).flatmap(lambda n: st.tuples(
    st.lists(st.sets(st.integers(0, n - 1)), min_size=n, max_size=n),
    st.lists(st.integers(-1, n - 2), min_size=n, max_size=n),
)))  # fmt: skip
def test_no_order_of_few_items_is_better(problem: tuple[list[set[int]], list[int]]) -> None:
    wants, parents = problem
    hard = [[parent] if 0 <= parent < at else [] for at, parent in enumerate(parents)]
    line, loose = sequence(hard, [sorted(items) for items in wants])
    place = {item: at for at, item in enumerate(line)}
    assert loose == {i for i, items in enumerate(wants) if any(place[want] > place[i] for want in items)}

    def cost(line: Sequence[int]) -> int:
        place = {item: at for at, item in enumerate(line)}
        if any(place[before] > place[i] for i, items in enumerate(hard) for before in items):
            return len(line) + 1
        return sum(any(place[want] > place[i] for want in items) for i, items in enumerate(wants))

    assert len(loose) == min(map(cost, permutations(range(len(hard)))))


def test_links_back_cost_nothing() -> None:
    pages = [page("a"), page("b", "a"), page("c", "a", "b")]
    assert requests(made(pages)) == 3


def test_links_forward_cost_nothing_where_the_order_is_free() -> None:
    pages = [page("a", "c"), page("b", "c"), page("c")]
    assert requests(made(pages, "free")) == requests(made(pages, "placed")) - 1 == 3
    assert [step.key for step in made(pages, "free")] == ["c", "a", "b"]


def test_siblings_are_created_in_their_order() -> None:
    pages = [page("a", "c"), page("b", "c"), page("c")]
    steps = made(pages, "created")
    assert [step.key for step in steps] == ["a", "b", "c", "a", "b"]
    assert requests(steps) == 5


def test_placed_siblings_name_their_predecessor() -> None:
    pages = [page("a"), page("b", "c"), page("c")]
    steps = made(pages, "placed")
    assert [(step.key, step.ops[0].after) for step in steps] == [  # type: ignore[union-attr]
        ("a", ""), ("c", "@page:a"), ("b", "@page:a"),
    ]  # fmt: skip
    assert steps[2].needs == (0, 1)


def test_new_pages_go_behind_the_sibling_that_exists() -> None:
    pages = [NewPage("n", HEAD, (), "", "top", after="existing")]
    (step,) = made(pages, "placed")
    assert step.ops == (CreatePage("@page:n", "top", HEAD, (), "existing"),)


def test_a_parent_that_lists_its_children_gets_its_body_afterwards_in_one_request() -> None:
    pages = [page("i", "a", "b", size=2), page("a", parent="i"), page("b", parent="i")]
    steps = made(pages)
    assert requests(steps) == 4
    assert steps[-1].ops[0] == Append("@page:i", START, pages[0].blocks, ("", "", "", ""))
    run(pages, steps, "created")


def test_a_leaf_shows_what_it_can_from_the_beginning() -> None:
    pages = [page("a", "b", size=2), page("b")]
    first, _, last = made(pages)
    assert first.ops == (CreatePage("@page:a", "top", HEAD, pages[0].blocks[:2]),)
    assert last.ops == (Append("@page:a", END, pages[0].blocks[2:], ("",)),)
    assert last.needs == (0, 1)


@pytest.mark.parametrize("at", [0, 60, 129])
def test_a_page_of_several_requests_waits_for_free(at: int) -> None:
    blocks = [link(f"{place}") for place in range(130)]
    blocks[at] = link("forward", "b")
    pages = [NewPage("a", HEAD, tuple(blocks), "", "top"), page("b")]
    steps = made(pages)
    assert requests(steps) == 3
    run(pages, steps, "created")


def test_links_to_known_and_unknown_pages_do_not_matter() -> None:
    steps = order([page("a", "known", "nowhere")], {"known"}, DEFAULT, Handles())
    assert requests(steps) == 1


def test_links_to_the_page_itself_as_a_whole_do_not_matter() -> None:
    assert requests(made([page("a", "a", size=1)])) == 1


def test_every_page_of_a_ring_but_one_is_whole() -> None:
    keys = [f"p{at:03}" for at in range(200)]
    pages = [page(key, keys[(at + 1) % 200]) for at, key in enumerate(keys)]
    assert requests(made(pages, "free")) == 201


def test_a_large_folder_is_ordered() -> None:
    rand = Random(1)
    keys = [f"p{at:05}" for at in range(4_000)]
    pages = [
        page(key, *rand.sample(keys, 4), parent=keys[at // 20] if at else "") for at, key in enumerate(keys)
    ]
    steps = made(pages, "placed")
    assert len(steps) >= 4_000
    assert requests(steps) < 6_400


def test_parents_that_form_a_ring_are_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        made([page("a", parent="b"), page("b", parent="a")])
