"""What comes first and what is written twice, so that a page's links to its own blocks have addresses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.blocks import WAY_BACK, PageRef
from converters.dialects.base import (
    BlockInput,
    PageHead,
    PlaceRef,
    address,
    parse_address,
    references,
    resolve,
)
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import END, START, Append, CreatePage, Op, ReadChildren, UpdateBlock
from publisher.planning.order import NewPage, Step, order, page_handle
from publisher.planning.packing import Handles
from publisher.planning.places import Own, filled, links_within, remembered, rewrite, without_places
from publisher.planning.requests import Ways

HEAD = PageHead(b"{}")
SMALL = Limits(array=4, depth=1, blocks=50, bytes=100_000)


def block(text: str, *names: str, kids: Sequence[BlockInput] = (), kind: str = "paragraph") -> BlockInput:
    """A block with links to places of its page, and to pages (`page:KEY`)."""
    refs = [PageRef(name[5:]) if name.startswith("page:") else PlaceRef(name) for name in names]
    spans = [{"type": "text", "text": {"content": text}}] + [
        {"type": "text", "text": {"content": name, "link": {"url": address(ref)}}}
        for name, ref in zip(names, refs, strict=True)
    ]
    return BlockInput(kind, json.dumps({"rich_text": spans}).encode(), tuple(kids), symbolic=bool(names))


def page(key: str, *blocks: BlockInput, parent: str = "") -> NewPage:
    """A page; the name of each block at its top level is its place."""
    places = {str(at): at for at in range(len(blocks))}
    wanted = frozenset().union(*map(links_within, blocks)) if blocks else frozenset()
    used = {name: at for name, at in places.items() if name in wanted}
    return NewPage(key, HEAD, blocks, parent, "" if parent else "top", places=used)


class Live:
    """A block that stands there, with the links that it has: to a block, or to nothing."""

    def __init__(self, source: BlockInput, links: dict[str, Live | None]) -> None:
        self.source, self.links = source, links
        self.kids: list[Live] = []


class Service:
    """Does requests as they are sent: a link to a block that nobody knows yet is text."""

    def __init__(self) -> None:
        self.pages: dict[str, list[Live]] = {}
        self.bound: dict[str, Live] = {}

    def run(self, steps: Sequence[Step]) -> None:
        for step in steps:
            for op in step.ops:
                self.send(op, step.here)

    def send(self, op: Op, here: dict[str, str] | object) -> None:
        assert isinstance(here, dict)
        match op:
            case CreatePage(handle, _, _, children):
                self.pages[handle] = [self.live(child, here) for child in children]
            case Append(parent, after, blocks, handles):
                items = self.pages[parent] if parent in self.pages else self.bound[parent].kids
                at = {START: 0, END: len(items)}.get(after, -1)
                at = items.index(self.bound[after]) + 1 if at < 0 else at
                new = [self.live(item, here) for item in blocks]
                items[at:at] = new
                self.bound.update({name: live for name, live in zip(handles, new, strict=True) if name})
            case ReadChildren(parent, wanted):
                items = self.pages[parent] if parent in self.pages else self.bound[parent].kids
                self.bound.update({name: items[at] for at, name in wanted})
            case UpdateBlock(handle, new):
                self.bound[handle].links = self.links(new, here)
            case _:
                raise AssertionError(op)

    def live(self, source: BlockInput, here: dict[str, str]) -> Live:
        found = Live(source, self.links(source, here))
        found.kids = [self.live(child, here) for child in source.children]
        return found

    def links(self, source: BlockInput, here: dict[str, str]) -> dict[str, Live | None]:
        names = (ref.name for ref in references(source) if isinstance(ref, PlaceRef))
        return {name: self.bound.get(here[name]) for name in names}

    def check(self, page: NewPage) -> None:
        """Everything is there, in order, and every link leads to its block."""
        tops = self.pages[page_handle(page.key)]
        assert [top.source.content for top in tops] == [item.content for item in page.blocks]
        pairs: list[tuple[Live, BlockInput]] = list(zip(tops, page.blocks, strict=True))
        while pairs:
            live, source = pairs.pop()
            assert live.source.content == source.content
            for name, target in live.links.items():
                assert target is tops[page.places[name]]
            pairs += zip(live.kids, source.children, strict=True)


def made(*pages: NewPage, limits: Limits = DEFAULT) -> tuple[Step, ...]:
    steps = order(pages, (), limits, Handles())
    service = Service()
    service.run(steps)
    for one in pages:
        service.check(one)
    return steps


def cost(steps: Iterable[Step]) -> int:
    return sum(len(step.ops) for step in steps)


def kinds(steps: Iterable[Step]) -> str:
    """The requests by their first letters."""
    return "".join(type(op).__name__[0] for step in steps for op in step.ops)


def test_no_links_no_reads() -> None:
    assert kinds(made(page("a", block("one"), block("two")))) == "C"


def test_one_link_is_written_when_its_target_is_there() -> None:
    assert kinds(made(page("a", block("see", "1"), block("there")))) == "CRU"
    assert kinds(made(page("a", block("there"), block("see", "0")))) == "CRU"
    assert kinds(made(page("a", block("me", "0")))) == "CRU"


def test_a_list_of_contents_comes_behind_what_it_lists() -> None:
    toc = [block(f"to {at}", str(at)) for at in range(3, 6)]
    heads = [block(f"head {at}") for at in range(3)]
    assert kinds(made(page("a", *toc, *heads))) == "CRA"
    back = [block(f"back {at}", str(at)) for at in range(3)]
    assert kinds(made(page("a", *heads, *back))) == "CRA"
    below = [block(f"to {at}", str(at)) for at in range(2, 5)]
    assert kinds(made(page("a", *below[:2], *heads, *(block("up", "2"), block("up", "3"))))) == "CRAA"


def test_notes_come_behind_the_text_that_refers_to_them() -> None:
    text = [block(f"text {at}", str(at + 4)) for at in range(4)]
    notes = [block(f"note {at}", str(at)) for at in range(4)]
    assert kinds(made(page("a", *text, *notes))) == "CRA" + "U" * 4


def test_links_in_what_is_nested_are_read_for() -> None:
    deep = block("top", kids=[block("plain"), block("in", "1", kids=[block("deep", "1")])])
    assert kinds(made(page("a", deep, block("there")))) in ("CRRURU", "CRA")


def test_pages_below_stand_behind_and_other_pages_are_waited_for() -> None:
    first = page("a", block("there", "page:b"), block("see", "0"), block("and", "0"))
    steps = made(first, page("b", block("child"), parent="a"))
    assert steps[-1].key == "a"
    assert cost(steps) <= 5


def test_a_step_that_finishes_a_page_waits_for_all_others_of_it() -> None:
    text = [block(f"text {at}", str(at + 4)) for at in range(4)]
    notes = [block(f"note {at}", str(at)) for at in range(4)]
    steps = made(page("a", *text, *notes))
    assert [step.needs for step in steps] == [(), (0,), (0, 1)]


@st.composite
def bodies(draw: st.DrawFn) -> tuple[BlockInput, ...]:
    count = draw(st.integers(1, 9))
    names = st.lists(st.integers(0, count - 1).map(str), max_size=2, unique=True)
    found = []
    for at in range(count):
        kids = [block(f"{at}.{kid}", *draw(names)) for kid in range(draw(st.integers(0, 2)))]
        found.append(block(str(at), *draw(st.one_of(st.just([]), names)), kids=kids))
    return tuple(found)


@given(st.lists(bodies(), min_size=1, max_size=3), st.sampled_from([DEFAULT, SMALL]))
def test_every_link_leads_to_its_block(folder: list[tuple[BlockInput, ...]], limits: Limits) -> None:
    pages = [page(f"p{at}", *blocks, parent=f"p{at - 1}" if at else "") for at, blocks in enumerate(folder)]
    made(*pages, limits=limits)


def naive(blocks: Sequence[BlockInput]) -> int:
    """All at once, a read, and an update for each block that links, with the reads for what is nested."""
    linking = [item for item in blocks if links_within(item)]
    again = [op for item in linking for op in rewrite("@", item, links_within(item), Handles())]
    return 1 + bool(linking) + len(again)


def windows(blocks: tuple[BlockInput, ...]) -> int:
    """The least that any first part allows: what stands before and behind it comes later, each in a request."""
    links = {at: {int(name) for name in links_within(item)} for at, item in enumerate(blocks)}
    best = naive(blocks)
    for first, last in combinations(range(len(blocks) + 1), 2):
        parts = [range(first), range(last, len(blocks))]
        early = [at for at in range(first, last) if links[at]]
        early += [at for part in parts for at in part if links[at] - set(range(first, last))]
        again = sum(
            sum(1 for _ in rewrite("@", blocks[at], links_within(blocks[at]), Handles())) for at in early
        )
        best = min(best, 1 + any(links.values()) + sum(bool(part) for part in parts) + again)
    return best


@given(bodies())
def test_never_more_than_writing_all_again_or_than_the_best_parts(
    blocks: tuple[BlockInput, ...],
) -> None:
    least = cost(made(page("a", *blocks)))
    assert least <= naive(blocks)
    assert least <= windows(blocks)


def test_what_others_link_to_is_told_with_the_page() -> None:
    assert Own.of("a", (block("one"),), {}) == Own((block("one"),))
    head, other = block("head"), block("to b", "page:b")
    asked = NewPage("a", HEAD, (other, head), "", "top", places={"head": 1}, asked=frozenset({1}))
    steps = order((asked, page("b", block("to a", "page:a"))), (), DEFAULT, Handles())
    told = [op.handles for op in steps[0].ops if isinstance(op, ReadChildren)]
    assert told == [((0, steps[0].here["head"]),)]


def test_filling_in() -> None:
    source = block("see", "a", "b", "c")
    (found,) = filled([source], {"a": "https://x/#1", "b": ""}.get)
    text = found.content.decode()
    assert "https://x/#1" in text
    assert address(PlaceRef("b")) in text
    assert address(PlaceRef("c")) not in text
    assert links_within(found) == {"b"}
    assert found.symbolic


def test_a_way_back_without_its_link_is_not_shown() -> None:
    spans = [
        {"type": "text", "text": {"content": "note"}},
        {"type": "text", "text": {"content": WAY_BACK, "link": {"url": address(PlaceRef("fnref:a"))}}},
    ]
    source = BlockInput("paragraph", json.dumps({"rich_text": spans}).encode(), symbolic=True)
    assert json.loads(resolve(source, lambda _: None).content)["rich_text"] == spans[:1]
    kept = resolve(source, lambda _: "https://x.example/a#b")
    assert WAY_BACK in json.loads(kept.content)["rich_text"][1]["text"]["content"]


@pytest.mark.parametrize("name", ["fn:1", "a b", "ü#?", "x" * 300])
def test_a_name_survives_in_its_address(name: str) -> None:
    assert parse_address(address(PlaceRef(name))) == PlaceRef(name)
    assert remembered({address(PlaceRef(name)): "https://x/#1", "https://y": "z"}) == {name: "https://x/#1"}


def test_what_was_read_without_its_links_to_the_page() -> None:
    url = "https://x.example/p/1"
    spans = [
        {"type": "text", "text": {"content": "see "}},
        {"type": "text", "text": {"content": "there", "link": {"url": f"{url}#{'a' * 32}"}}},
        {"type": "text", "text": {"content": "else", "link": {"url": f"https://x.example/p/2#{'a' * 32}"}}},
    ]
    content = json.dumps({"rich_text": spans}, separators=(",", ":")).encode()
    source = BlockInput("paragraph", content)
    bare = json.loads(without_places(source, url).content)["rich_text"]
    assert [item["text"]["content"] for item in bare] == ["see there", "else"]
    assert without_places(source, "https://x.example/p/3") is source


def test_a_place_that_comes_and_goes_waits_for_its_address() -> None:
    """Whether a block stays may depend on an address that it has only if it stays."""
    ways = Ways({"a": "here", "b": "1"})
    turns = 0
    while ways.follow({"a": "" if ways.there["a"] else "here", "b": "1"}):
        turns += 1
        assert turns < 10
    assert ways.there == {"a": "", "b": "1"}
    assert ways.known == {"a": "here", "b": "1"}


def test_a_place_that_is_left_out_has_no_address() -> None:
    ways = Ways({"a": "here"})
    assert ways.follow({})
    assert ways.there == {}
    assert not ways.follow({})
