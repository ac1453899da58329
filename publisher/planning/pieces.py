"""Pieces: blocks as they travel in one request, with those of their children that come later left off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from publisher.planning.layout import Item, choose
from publisher.planning.limits import Limits

Batch: TypeAlias = "tuple[tuple[int, Piece], ...]"


class Piece:
    """A block and what of it goes inline.

    `inline`: (place among the children, piece) of each inline child; None: all, with all below them. `blocks` and
    `bytes`: what it takes in its request. `later`: the batches of the other children in the order in which they are
    sent; None: `split` makes them.
    """

    __slots__ = ("blocks", "bytes", "inline", "item", "later")

    def __init__(
        self,
        item: Item,
        inline: tuple[tuple[int, Piece], ...] | None,
        blocks: int,
        bytes: int,
        later: tuple[Batch, ...] | None = None,
    ) -> None:
        self.item = item
        self.inline = inline
        self.blocks = blocks
        self.bytes = bytes
        self.later = later

    @property
    def partial(self) -> bool:
        """Whether something is left to do below it, so that its id is needed."""
        if self.inline is None:
            return False
        return len(self.inline) < len(self.item.kids) or any(kid.partial for _, kid in self.inline)

    @property
    def reads(self) -> bool:
        """Whether its children's ids must be read: an inline one has work below it, or a gap lies between them."""
        if not self.inline:
            return False
        span = self.inline[-1][0] - self.inline[0][0] + 1
        return span > len(self.inline) or any(kid.partial for _, kid in self.inline)


def whole(item: Item) -> Piece:
    """The block with all below it."""
    return Piece(item, None, item.blocks, item.bytes, ())


def with_inline(
    item: Item, inline: Sequence[tuple[int, Piece]], later: tuple[Batch, ...] | None = None
) -> Piece:
    """The block with these children inline, the others later."""
    own = 1 if item.block is not None else 0
    blocks = own + sum(kid.blocks for _, kid in inline)
    return Piece(item, tuple(inline), blocks, item.weight + sum(kid.bytes for _, kid in inline), later)


def piece_of(item: Item, room: int, limits: Limits) -> Piece:
    """The cheapest form with `room` levels below it; blocks and bytes not limited. Recursion ends at the depth."""
    choice = choose(item, room, limits)
    if choice.inline is None:
        return whole(item)
    level = max(room - 1, 0)
    return with_inline(item, [(index, piece_of(item.kids[index], level, limits)) for index in choice.inline])


def shrink(piece: Piece, blocks: int, bytes: int) -> Piece:
    """The piece within what a request has left: inline children from the first on, as many as fit.

    A child that must be inline stays, made smaller itself, even if that is too much: one block always fits.
    """
    if piece.blocks <= blocks and piece.bytes <= bytes:
        return piece
    item = piece.item
    inline = piece.inline
    if inline is None:
        inline = tuple((index, whole(kid)) for index, kid in enumerate(item.kids))
    left, room = blocks - (item.block is not None), bytes - item.weight
    kept: list[tuple[int, Piece]] = []
    for index, kid in inline:
        due = item.must - len(kept) - 1  # children that must still find a place behind this one
        if due >= 0:
            kid = shrink(kid, left - due, room)
        elif kid.blocks > left or kid.bytes > room:
            break
        kept.append((index, kid))
        left -= kid.blocks
        room -= kid.bytes
    return with_inline(item, kept)


def split(piece: Piece, limits: Limits) -> tuple[Batch, ...]:
    """The children that are not inline, in batches: each as full as the limits of a request allow."""
    if piece.inline is None:
        return ()
    inline = {index for index, _ in piece.inline}
    return tuple(_batches(piece.item, inline, limits))


def _batches(item: Item, inline: set[int], limits: Limits) -> Iterator[Batch]:
    batch: list[tuple[int, Piece]] = []
    blocks = bytes = 0
    for index, kid in enumerate(item.kids):
        if index in inline:
            if batch:
                yield tuple(batch)
            batch, blocks, bytes = [], 0, 0
            continue
        part = shrink(piece_of(kid, limits.depth, limits), limits.blocks, limits.bytes - BODY)
        if batch and (
            len(batch) == limits.array
            or blocks + part.blocks > limits.blocks
            or bytes + part.bytes > limits.bytes - BODY
        ):
            yield tuple(batch)
            batch, blocks, bytes = [], 0, 0
        batch.append((index, part))
        blocks += part.blocks
        bytes += part.bytes
    if batch:
        yield tuple(batch)


BODY = 300  # bytes of a request around its blocks
