"""Blocks that link within their page, as the state knows them, when what they link to became other blocks.

Nobody has changed such a block in the file. Where people have edited or deleted it that must not look so: what is known of
it follows, to the addresses that its links have now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.sides import as_written, match_theirs


def other_digests(before: Iterable[BlockInput], now: Iterable[BlockInput]) -> dict[bytes, bytes]:
    """The digests of the same blocks with other addresses: before to now, where these differ."""
    pairs = ((old, new) for old, new in zip(before, now, strict=True) if old is not new)
    both = (pair for old, new in pairs for pair in zip(old.walk(), new.walk(), strict=True))
    return {old.digest: new.digest for old, new in both if old.content != new.content}


def follow(
    base: Sequence[Node], theirs: Sequence[Node] | None, digests: Mapping[bytes, bytes], gone: bool = False
) -> tuple[Node, ...]:
    """The base with other digests for what people have edited or deleted, whether that was accepted or is seen now.

    `theirs`: what stands there, None where nobody has looked. `gone`: all of it is not there any more.
    """
    if not digests:
        return tuple(base)
    there = {i: theirs[j] for i, j in match_theirs(base, theirs)} if theirs is not None else {}

    def one(i: int, node: Node) -> Node:
        now = there.get(i)
        lost = gone or node.gone or (theirs is not None and now is None)
        changed = lost or node.edited or (now is not None and not as_written(node, now))
        below = now.children if now is not None else None
        node = node.with_children(node.children and follow(node.children, below, digests, lost))
        if not changed or (digest := digests.get(node.digest)) is None:
            return node
        # it may stand elsewhere as it was written
        return replace(node, digest=digest, seen=node.seen or (b"" if node.gone else node.digest))

    return tuple(node if node.foreign else one(i, node) for i, node in enumerate(base))
