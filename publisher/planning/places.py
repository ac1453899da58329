"""Links of a page to its own blocks: from a footnote and back, to a heading further up.

A block has an address only when it is there. So what is linked to comes first where that is cheap, and what went out
before all its links were known is written once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple

from converters.dialects.base import (
    PLACE,
    BlockInput,
    PlaceRef,
    Reference,
    address,
    parse_address,
    references,
    resolve,
)
from publisher.planning.limits import Limits
from publisher.planning.ops import Append, BlockOp, Op, ReadChildren, UpdateBlock
from publisher.planning.packing import Handles, insert_cost

_MARK = PLACE.encode()
_ANCHORED = re.compile(rb'("(?:url|href)":"([^"#\\]+))#[0-9a-f]{32}"')
_FEW = 24  # blocks that link, for which every way is looked at
_TRIED = 4  # ways of which the very requests are counted


def links_within(block: BlockInput) -> frozenset[str]:
    """The names of the places that a block, or one below it, links to on its own page."""
    return frozenset(name for part in block.walk() for name in _links(part))


def _links(block: BlockInput) -> Iterator[str]:
    if block.symbolic and _MARK in block.content:
        yield from (ref.name for ref in references(block) if isinstance(ref, PlaceRef))


def filled(blocks: Iterable[BlockInput], find: Callable[[str], str | None]) -> tuple[BlockInput, ...]:
    """The blocks with the addresses of places: a URL, None to leave the text without a link, "" to leave it for later.

    All other references that are left lead nowhere.
    """

    def lookup(ref: Reference) -> str | None:
        if not isinstance(ref, PlaceRef):
            return None
        found = find(ref.name)
        return address(ref) if found == "" else found

    return tuple(resolve(block, lookup) for block in blocks)


def block_address(page: str, block: str) -> str:
    """The address of a block on the page with this address."""
    return f"{page}#{block.replace('-', '')}"


def without_places(block: BlockInput, page: str) -> BlockInput:
    """A block that was read, without its links to blocks of the page with this address."""
    start = b'"url":"' + page.encode() + b"#"
    if start not in block.content:
        return block
    found = re.sub(re.escape(start) + rb'[0-9a-f]{32}"', b'"url":"' + _MARK + b'-"', block.content)
    return resolve(replace(block, content=found, symbolic=True), lambda _: None)


def without_anchors(block: BlockInput, pages: Container[str]) -> BlockInput:
    """A block that was read, with links to these pages as a whole in place of links to blocks on them."""

    def whole(match: re.Match[bytes]) -> bytes:
        return match[1] + b'"' if match[2].decode() in pages else match[0]

    found = _ANCHORED.sub(whole, block.content)
    if found == block.content:
        return block
    return resolve(
        replace(block, content=found, symbolic=True), lambda _: None
    )  # equal neighbours become one


def remembered(links: Mapping[str, str]) -> dict[str, str]:
    """The addresses that places of a page had when it was written last, by name. `links` as the state keeps them."""
    refs = ((parse_address(name), link) for name, link in links.items() if name.startswith(PLACE))
    return {ref.name: link for ref, link in refs if isinstance(ref, PlaceRef) and ref.name}


@dataclass(frozen=True, slots=True)
class Own:
    """The links of a new page to its own blocks, by the places of blocks at the top level.

    `links` are the places that a block, with all in it, links to. `handles` are those that are wanted: of the blocks that
    are linked to, on this page or from others, and of those that link. `here` gives the handle for each name.
    """

    blocks: tuple[BlockInput, ...] = ()
    links: Mapping[int, frozenset[int]] = field(default_factory=dict)
    handles: Mapping[int, str] = field(default_factory=dict)
    here: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, key: str, blocks: tuple[BlockInput, ...], places: Mapping[str, int]) -> Own:
        """`places`: the blocks that names stand for; those that nothing here links to are wanted by other pages."""
        names = {at: links_within(block) for at, block in enumerate(blocks)}
        links = {
            at: frozenset(places[name] for name in found if name in places) for at, found in names.items()
        }
        links = {at: found for at, found in links.items() if found}
        wanted = {*links, *places.values()}
        handles = {at: f"@place:{key}#{at}" for at in sorted(wanted)}
        return cls(blocks, links, handles, {name: handles[at] for name, at in places.items()})

    def cuts(self) -> list[tuple[int, int]]:
        """The parts of the page that may come first, so that the others know the addresses in it; all of it among them.

        What stands before such a part, or behind it, comes in a request of its own, and saves those for the blocks that
        need not be written twice then. Where few blocks link, every pair of borders is looked at.
        """
        count = len(self.blocks)
        uses = [_Use(at, min(to), max(to), _count(self.blocks[at])) for at, to in self.links.items()]
        heads, tails = [0, *(at + 1 for at in self.links)], [count, *self.links]
        if len(uses) > _FEW:
            heads, tails = [0, _head(uses, count)], [count, _tail(uses, count)]

        def saved(cut: tuple[int, int]) -> tuple[int, int]:
            first, last = cut
            fits = (
                use.cost
                for use in uses
                if not first <= use.at < last and first <= use.low and use.high < last
            )
            return sum(fits) - (first > 0) - (last < count), last - first

        pairs = {(head, tail) for head in heads for tail in tails if head <= tail}
        return [(0, count), *sorted(pairs, key=saved, reverse=True)[:_TRIED]]

    def runs(self, first: int, last: int, limits: Limits) -> list[range]:
        """Runs of blocks in this part of the page that are better sent when the others in it are there.

        Such a run takes a request; each of its blocks would take one to be written again, and more for what is in it.
        """
        found: list[range] = []
        for at in range(first, last):
            if at in self.links and found and found[-1].stop == at:
                found[-1] = range(found[-1].start, at + 1)
            elif at in self.links and (
                at == 0 or at > first
            ):  # behind a block that is there, or before all others
                found.append(range(at, at + 1))
        while True:
            late = {at for run in found for at in run}
            kept = [run for run in found if self._saved(run, first, last, late) > self._sent(run, limits)]
            if len(kept) == len(found):
                return found
            found = kept

    def _saved(self, run: range, first: int, last: int, late: Container[int]) -> int:
        known = (at for at in run if all(first <= to < last and to not in late for to in self.links[at]))
        return sum(_count(self.blocks[at]) for at in known)

    def _sent(self, run: range, limits: Limits) -> int:
        return insert_cost(self.blocks[run.start : run.stop], limits)[0]

    def wanted(self, places: Iterable[int]) -> dict[int, str]:
        """The handles of these blocks, by their place among them."""
        return {at: self.handles[place] for at, place in enumerate(places) if place in self.handles}

    def again(
        self, create: Sequence[Op], parts: Iterable[Sequence[Op]], handles: Handles
    ) -> tuple[BlockOp, ...]:
        """The requests for the blocks that went out too early: `create` first, then the parts in any order."""
        if not self.links:
            return ()
        texts = {self.handles[at]: self.blocks[at] for at in self.links}
        known: set[str] = set()
        found = early(create, texts, self.here, known)
        for part in parts:
            found |= early(part, texts, self.here, set(known))
        return tuple(
            op for handle, names in found.items() for op in rewrite(handle, texts[handle], names, handles)
        )


def early(
    ops: Iterable[Op], texts: Mapping[str, BlockInput], here: Mapping[str, str], known: set[str]
) -> dict[str, frozenset[str]]:
    """The blocks, by handle, that these requests send before all that they link to is there, with the names of that.

    Parameters:
        texts: the blocks that link, by handle. A handle that is read is that of a block that came with its page.
        here: the handles of names.
        known: handles that are bound; those that the requests bind are added.
    """
    found: dict[str, frozenset[str]] = {}
    for op in ops:
        match op:
            case ReadChildren(handles=pairs):
                fresh = [handle for _, handle in pairs]
                found |= {handle: links_within(texts[handle]) for handle in fresh if handle in texts}
            case Append(handles=fresh):
                for handle in fresh:
                    names = links_within(texts[handle]) if handle in texts else frozenset()
                    if missing := {name for name in names if here.get(name) not in known}:
                        found[handle] = frozenset(missing)
            case _:
                continue
        known.update(fresh)
    return found


def rewrite(handle: str, block: BlockInput, names: frozenset[str], handles: Handles) -> Iterator[BlockOp]:
    """The requests that write a block that is there once more, and those below it, if they link to these names."""
    if not names.isdisjoint(_links(block)):
        yield UpdateBlock(handle, replace(block, children=()))
    below = {
        at: handles.new() for at, kid in enumerate(block.children) if not names.isdisjoint(links_within(kid))
    }
    if below:
        yield ReadChildren(handle, tuple(below.items()))
    for at in below:
        yield from rewrite(below[at], block.children[at], names, handles)


def _count(block: BlockInput) -> int:
    """The requests that `rewrite` takes for all links of a block."""
    names = links_within(block)
    return sum(1 for _ in rewrite("", block, names, Handles()))


class _Use(NamedTuple):
    """A block that links: its place, the first and the last that it links to, and what it costs to write it again."""

    at: int
    low: int
    high: int
    cost: int


def _head(uses: Iterable[_Use], count: int) -> int:
    """Where the first part should begin, if the page has to begin with something that comes later."""
    steps = [0] * (count + 2)
    for use in uses:
        if use.at < use.low:
            steps[use.at + 1] += use.cost
            steps[use.low + 1] -= use.cost
    found = list(accumulate(steps))
    return max(range(count + 1), key=lambda at: (found[at], -at))


def _tail(uses: Iterable[_Use], count: int) -> int:
    """Where the first part should end, if the page has to end with something that comes later: as seen from the end."""
    last = count - 1
    return count - _head(
        (_Use(last - use.at, last - use.high, last - use.low, use.cost) for use in uses), count
    )
