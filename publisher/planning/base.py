"""What stands in the workspace, as far as we know: trees of nodes with ids and digests, no content.

Three trees meet in a plan: *base* is what we wrote last (kept in the state), *theirs* what the workspace holds
(just read), *ours* what the file says (block inputs). Base and theirs are made of `Node`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from converters.dialects.base import BlockInput


@dataclass(frozen=True, slots=True)
class Node:
    """A block in the workspace.

    `id` is the service's id, a handle ("@7") while a plan is made, or empty when not known yet.
    `digest` is `BlockInput.digest` of what we wrote (base) or of what was read (theirs). `seen` is the digest as
    the service gave it back when that differs from what we sent (services normalise), else empty.
    `children` is None when there are some and nobody has read them. `foreign` blocks are not ours: they stay.
    `gone` (base only): somebody deleted it and the deletion was accepted, so it is not written again.
    `edited`: somebody edited it and the edit was accepted (`seen` is what stands there): it must not be written over.
    """

    id: str
    type: str
    digest: bytes
    children: tuple[Node, ...] | None = ()
    seen: bytes = b""
    foreign: bool = False
    gone: bool = False
    edited: bool = False

    def walk(self) -> Iterator[Node]:
        """This node and all known ones below it, in reading order."""
        yield self
        for child in self.children or ():
            yield from child.walk()

    def with_children(self, children: tuple[Node, ...] | None) -> Node:
        return replace(self, children=children)


def node_of(block: BlockInput, id: str = "") -> Node:
    """The node that stands for a block once it is written; ids below it are not known."""
    return Node(id, block.type, block.digest, tuple(node_of(child) for child in block.children))


def tree_digest(trees: Iterable[Node | BlockInput]) -> bytes:
    """16 bytes that stand for a whole body as we mean it: types, contents and nesting; what is foreign does not count.

    A body in the workspace and block inputs have the same digest when there is nothing to send.
    """
    digest = blake2b(digest_size=16)
    stack: list[Node | BlockInput | None] = list(reversed(list(trees)))
    while stack:
        item = stack.pop()
        if item is None:
            digest.update(b")")
        elif not (isinstance(item, Node) and item.foreign):
            digest.update(b"(" + item.digest)
            stack.append(None)
            stack.extend(reversed(item.children or ()))
    return digest.digest()
