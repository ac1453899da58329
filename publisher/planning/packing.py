"""Requests for blocks: what is created with the page, what is appended later, and what has to be read between.

The fewest requests in all; among those the fewest writes. Exact for the limits on depth and arrays at any size (see
`layout`). Where the number of blocks or bytes binds, exact for up to `tight.SMALL` blocks, and beyond that filled
greedily, batch by batch.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from converters.dialects.base import BlockInput, PageHead
from publisher.planning import layout, tight
from publisher.planning.limits import Limits
from publisher.planning.ops import END, START, Append, BlockOp, CreatePage, Op, ReadChildren
from publisher.planning.pieces import BODY, Batch, Piece, piece_of, shrink, split, whole, with_inline


class Handles:
    """Names for ids that are not known yet: "@1", "@2", …, each once."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def new(self) -> str:
        self._last += 1
        return f"@{self._last}"


def pack_create(
    page: str,
    parent: str,
    head: PageHead,
    blocks: Sequence[BlockInput],
    limits: Limits,
    handles: Handles,
    anchors: Mapping[int, str] | None = None,
) -> tuple[Op, ...]:
    """The requests that make a page with these blocks. The first is `CreatePage`.

    Parameters:
        page: the handle that creating binds; `parent`: an id or handle of a page, "" for the workspace's root.
        anchors: wanted handles of top-level blocks, by index. Creating tells no ids of blocks, so a handle for a
            block that is created with the page costs one read.
    """
    root = layout.root(blocks, limits, _head_bytes(head))
    piece = _root_piece(root, limits)
    inline = tuple(_build(kid) for _, kid in piece.inline or ())
    first = CreatePage(page, parent, head, inline)
    return (first, *_emit(piece, page, END, limits, handles, anchors or {}))


def pack_insert(
    parent: str,
    after: str,
    blocks: Sequence[BlockInput],
    limits: Limits,
    handles: Handles,
    anchors: Mapping[int, str] | None = None,
) -> tuple[BlockOp, ...]:
    """The requests that put these blocks under a parent that exists, in one run behind its child `after`.

    Parameters:
        after: an id, a handle, START or END.
        anchors: wanted handles of top-level blocks, by index; an append tells them, so they cost nothing.
    """
    if not blocks:
        return ()
    root = layout.root(blocks, limits, BODY)
    piece = Piece(root, (), 0, root.weight)
    if tight.applies(root, limits):
        piece = tight.insert(root, limits)
    return tuple(_emit(piece, parent, after, limits, handles, anchors or {}))


def create_cost(
    blocks: Sequence[BlockInput], limits: Limits, head: PageHead | None = None
) -> tuple[int, int]:
    """(requests, writes) of `pack_create`."""
    return _count(pack_create("@p", "", head or PageHead(b"{}"), blocks, limits, Handles()))


def insert_cost(blocks: Sequence[BlockInput], limits: Limits) -> tuple[int, int]:
    """(requests, writes) of `pack_insert`."""
    return _count(pack_insert("@p", END, blocks, limits, Handles()))


def _count(ops: Sequence[Op]) -> tuple[int, int]:
    return len(ops), sum(not isinstance(op, ReadChildren) for op in ops)


def _head_bytes(head: PageHead) -> int:
    return BODY + len(head.properties) + len(head.icon) + len(head.cover)


def _root_piece(root: layout.Item, limits: Limits) -> Piece:
    """What of a new page goes into the request that creates it."""
    if tight.applies(root, limits):
        return tight.create(root, limits)
    piece = shrink(piece_of(root, limits.depth + 1, limits), limits.blocks, limits.bytes)
    if piece.inline is None:  # all of it: say which, since handles may be wanted for some
        return with_inline(root, [(index, whole(kid)) for index, kid in enumerate(root.kids)], ())
    return piece


def _emit(
    top: Piece, address: str, after: str, limits: Limits, handles: Handles, wanted: Mapping[int, str]
) -> Iterator[BlockOp]:
    """Everything below `top` that is not inline, parents before children, in reading order."""
    pending: deque[tuple[Piece, str, str, Mapping[int, str]]] = deque([(top, address, after, wanted)])
    while pending:
        piece, parent, first, names = pending.popleft()
        start = START if piece is not top or piece.inline else first
        inline = dict(piece.inline or ())
        batches = split(piece, limits) if piece.later is None else piece.later
        bound = _bind(piece, batches, names, handles)
        if asked := tuple((place, bound[i]) for place, i in enumerate(inline) if i in bound):
            yield ReadChildren(parent, asked)
        present = sorted(inline)
        for batch in batches:
            at = bisect_left(present, batch[0][0]) - 1
            behind = (bound.get(present[at], END) if at >= 0 else start) if present else first
            for index, _ in batch:
                insort(present, index)
            names_here = tuple(bound.get(index, "") for index, _ in batch)
            yield Append(parent, behind, tuple(_build(kid) for _, kid in batch), names_here)
        kids = [*inline.items(), *(pair for batch in batches for pair in batch)]
        pending.extend((kid, bound[index], END, {}) for index, kid in sorted(kids, key=_place) if kid.partial)


def _place(pair: tuple[int, Piece]) -> int:
    return pair[0]


def _bind(
    piece: Piece, batches: Sequence[Batch], names: Mapping[int, str], handles: Handles
) -> dict[int, str]:
    """Handles for the children whose ids are needed: to append below them, or as the place to append behind."""
    inline = dict(piece.inline or ())
    readable = piece.reads or any(index in names for index in inline)
    needed = {index for index, kid in inline.items() if kid.partial} | set(names)
    present = sorted(inline)
    for batch in batches:
        at = bisect_left(present, batch[0][0]) - 1
        if at >= 0 and (readable or present[at] not in inline):
            needed.add(present[at])
        for index, kid in batch:
            insort(present, index)
            if kid.partial:
                needed.add(index)
    return {index: names.get(index) or handles.new() for index in sorted(needed)}


def _build(piece: Piece) -> BlockInput:
    """The block with only what goes inline below it. Recursion ends at the depth of a request."""
    block = piece.item.block
    assert block is not None  # only a page or a known parent has none, and those are not built
    if piece.inline is None:
        return block
    return replace(block, children=tuple(_build(kid) for _, kid in piece.inline))
