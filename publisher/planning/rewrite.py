"""Writing a page's whole body anew, where changing it block by block takes far more requests.

One request empties the page, then all of it is appended. For these moments the page holds less than it did: no service
can empty a page and keep what stood there until the new is complete. And every block gets another id: comments and
links to blocks are gone. So it is done only where requests were said to count first, where it saves many of them, and
where everything on the page is ours as we wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import END, BlockOp, DeleteBlock, ErasePage
from publisher.planning.packing import Handles, pack_insert
from publisher.planning.sides import match_theirs, untouched

FAR = 2  # how many times fewer requests a rewrite must take …
SAVED = 10  # … and how many fewer at least


def rewriting(
    page: str, blocks: Sequence[BlockInput], handles: Handles, limits: Limits = DEFAULT
) -> tuple[BlockOp, ...]:
    """The requests that make these blocks the whole body of a page that exists."""
    return (ErasePage(page), *pack_insert(page, END, blocks, limits, handles))


def pays(edits: Sequence[BlockOp], again: Sequence[BlockOp], base: Iterable[Node], read: int) -> bool:
    """Whether a rewrite takes far fewer requests than the edits, its reads counted.

    Parameters:
        base: what was written last.
        read: in how many of its blocks has been looked already. Before a page is emptied it is read whole.
    """
    parents = sum(bool(node.children) for top in base for node in top.walk() if not node.gone)
    requests = len(again) + max(0, parents - read)
    return requests * FAR <= len(edits) and requests + SAVED <= len(edits)


def doomed(edits: Iterable[object], nodes: Iterable[Node]) -> tuple[str, ...]:
    """The ids of the blocks that the edits delete, with those of all blocks below them."""
    deleted = {edit.block for edit in edits if isinstance(edit, DeleteBlock)}
    return tuple(below.id for node in nodes if node.id in deleted for below in node.walk())


def pristine(base: Sequence[Node], theirs: Sequence[Node]) -> bool:
    """Whether nothing stands on the page, read whole, but what we wrote, as we wrote it."""
    pairs = match_theirs(base, theirs)
    return len(pairs) == len(theirs) and all(untouched(base[i], theirs[j]) for i, j in pairs)
