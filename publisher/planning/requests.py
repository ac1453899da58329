"""Edits of a page as requests, in an order in which its links to its own blocks find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from converters.dialects.base import BlockInput
from publisher.planning.diff import Difference, Edit, Insert
from publisher.planning.limits import DEFAULT
from publisher.planning.merge import Merge
from publisher.planning.ops import BlockOp, DeleteBlock, UpdateBlock
from publisher.planning.packing import Handles, pack_insert
from publisher.planning.places import block_address, early, filled, links_within, rewrite

_TURNS = 3  # how often other addresses may make another difference, before what changed by them waits for its address


def standing(url: str, places: Mapping[str, int], merged: Merge, found: Difference) -> dict[str, str]:
    """The addresses of places once the edits are done: "" for a block that is yet to come, none for one that is left out.

    `url` is that of the page, `places` say which block of the file a name stands for.
    """
    kept = {merged.places[at]: id for id, at in found.kept}
    coming = set(merged.places)
    return {
        name: block_address(url, kept[at]) if at in kept else ""
        for name, at in places.items()
        if at in coming
    }


class Ways:
    """Where the places of a page are, found turn by turn: which blocks stay says where links lead, and the other way round.

    `there`: the addresses to compare with, "" for what is yet to come, none for what is left out. `known`: those after
    the edits that were found last.
    """

    def __init__(self, before: Mapping[str, str]) -> None:
        self.there = self.known = dict(before)
        self._turns = 0
        self._loose: set[str] = set()  # names whose addresses would change what stays, again and again

    def follow(self, standing: Mapping[str, str]) -> bool:
        """Whether to compare again, since the edits that were found lead elsewhere than was thought."""
        self.known = dict(standing)
        names = (standing.keys() | self.there.keys()) - self._loose
        other = {name for name in names if standing.get(name) != self.there.get(name)}
        self._turns += 1
        if self._turns > _TURNS:
            self._loose |= other
        self.there = self.known | dict.fromkeys(self._loose, "")
        return bool(other)

    def settled(self, merged: Merge, found: Difference) -> Difference:
        """The edits with every address that is known, and without those that are none then."""
        if not self._loose:
            return found
        nodes = {node.id: node for top in merged.old for node in top.walk()}
        edits: list[Edit] = []
        for edit in found.edits:
            match edit:
                case Insert(blocks=blocks):
                    edits.append(replace(edit, blocks=filled(blocks, self.known.get)))
                case UpdateBlock(id, block):
                    (block,) = filled((block,), self.known.get)
                    if (nodes[id].type, nodes[id].digest) != (block.type, block.digest):
                        edits.append(UpdateBlock(id, block))
                case DeleteBlock():
                    edits.append(edit)
                case _:
                    assert_never(edit)
        return replace(found, edits=tuple(edits))


def requests_of(
    page: str, merged: Merge, found: Difference, places: Mapping[str, int], handles: Handles
) -> tuple[tuple[BlockOp, ...], dict[str, str]]:
    """The requests, and the handles of those of the places that they make.

    A run of blocks becomes as many requests as its size and depth need. What links to a block that is yet to come is
    updated when that is there; what is inserted before, or with it, is written again.
    """
    writer = _Requests(page, merged, found, places, handles)
    for edit in found.edits:
        writer.add(edit)
    return writer.ops(), writer.here


class _Requests:
    def __init__(
        self, page: str, merged: Merge, found: Difference, places: Mapping[str, int], handles: Handles
    ) -> None:
        self.page, self.handles = page, handles
        self.names: dict[int, list[str]] = {}
        for name, at in places.items():
            self.names.setdefault(at, []).append(name)
        kept = {at for _, at in found.kept}
        # of the blocks that come, in the order in which the edits hold them
        self.coming = iter([place for at, place in enumerate(merged.places) if at not in kept])
        self.here: dict[str, str] = {}
        self.texts: dict[str, BlockInput] = {}  # inserted blocks that link to what comes, by handle
        self.changes: list[BlockOp] = []
        self.late: list[BlockOp] = []
        self.deletions: list[BlockOp] = []

    def add(self, edit: Edit) -> None:
        match edit:
            case Insert(parent, after, blocks):
                wanted = dict(self._wanted(blocks, parent == self.page))
                self.changes += pack_insert(parent, after, blocks, DEFAULT, self.handles, wanted)
            case UpdateBlock(input=block):
                (self.late if links_within(block) else self.changes).append(edit)
            case DeleteBlock():
                self.deletions.append(edit)
            case _:
                assert_never(edit)

    def _wanted(self, blocks: Sequence[BlockInput], top: bool) -> Iterator[tuple[int, str]]:
        """The handles that are wanted of inserted blocks."""
        for at, block in enumerate(blocks):
            names = self.names.get(next(self.coming), []) if top else []
            links = bool(links_within(block))
            if not names and not links:
                continue
            handle = self.handles.new()
            self.here |= dict.fromkeys(names, handle)
            if links:
                self.texts[handle] = block
            yield at, handle

    def ops(self) -> tuple[BlockOp, ...]:
        return (*self.changes, *self.late, *self._again(), *self.deletions)

    def _again(self) -> Iterable[BlockOp]:
        for handle, names in early(self.changes, self.texts, self.here, set()).items():
            yield from rewrite(handle, self.texts[handle], names, self.handles)
