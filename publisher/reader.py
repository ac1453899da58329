"""What stands on one page, read as far as somebody needs it, as the nodes that planning compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from converters.dialects.base import BlockInput, Dialect, ReadBlock
from converters.dialects.uploads import UPLOAD, named, renamed
from converters.dialects.urls import canonical_url
from publisher.known import KnownPage
from publisher.planning.base import Node
from publisher.planning.places import without_anchors, without_places
from publisher.remote.workspace import Workspace


class Reader:
    """The blocks of one page as they stand there, read as far as somebody needs them."""

    def __init__(self, workspace: Workspace, dialect: Dialect) -> None:
        self.workspace = workspace
        self.dialect = dialect
        self.names_kept = (
            dialect.name == "notion"
        )  # whether addresses of uploaded files are known to tell their names
        self.contents: dict[str, bytes] = {}  # of blocks that a publisher can have written
        self.nodes: tuple[Node, ...] = ()
        self._written: set[bytes] = set()
        self._uploads: list[str] = []
        self._address = ""  # of the page
        self._unlinked: dict[str, bytes] = {}  # digests of blocks without their links to blocks of the page
        self._recognised = False
        self._pages: frozenset[str] = frozenset()
        self._anchored: dict[str, bytes] = {}  # digests as read of blocks that link to blocks of these pages
        self.looked = 0  # in how many blocks

    async def open(self, page: KnownPage, pages: Iterable[str] | None = None) -> None:
        """Read the top level.

        `pages`: the addresses of all pages, if this one was recognised: then nobody knows any more to which blocks of
        them, and of its own, it linked.
        """
        self._written = {node.digest for top in page.base for node in top.walk()}
        self._uploads = [link.removeprefix(UPLOAD) for link in page.links.values() if link.startswith(UPLOAD)]
        self._address = canonical_url(page.url) or page.url
        self._recognised = pages is not None
        self._pages = frozenset(canonical_url(url) or url for url in pages or ()) - {self._address}
        self.nodes = await self._children(page.id)

    def unlinked(self, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        """What was read, of a recognised page without its links to its own blocks."""
        if not self._unlinked:
            return nodes
        return tuple(
            replace(
                node,
                digest=self._unlinked.get(node.id, node.digest),
                children=node.children and self.unlinked(node.children),
            )
            for node in nodes
        )

    def linked(self, base: tuple[Node, ...]) -> tuple[Node, ...]:
        """The base that was adopted from `unlinked`, as it was read."""
        if not self._unlinked:
            return base
        there = {node.id: node.digest for top in self.nodes for node in top.walk()}

        def found(node: Node) -> Node:
            bare = self._unlinked.get(node.id)
            if bare is not None and bare == node.digest:
                node = replace(node, digest=there[node.id])  # we wrote it with its links
            elif bare is not None and bare == node.seen:
                node = replace(node, seen=there[node.id])
            return node.with_children(node.children and tuple(map(found, node.children)))

        return tuple(map(found, base))

    def anchored(self, base: tuple[Node, ...]) -> tuple[Node, ...]:
        """The base with what stands there for links to blocks of other pages, which it has as links to those pages."""
        if not self._anchored:
            return base
        return tuple(
            replace(
                node,
                seen=self._anchored.get(node.id, node.seen),
                children=node.children and self.anchored(node.children),
            )
            for node in base
        )

    async def look_into(self, ids: Sequence[str]) -> None:
        """Read the children of these blocks."""
        for id in ids:
            children = await self._children(id)
            self.looked += 1
            self.nodes = _filled(self.nodes, id, children)

    async def _children(self, id: str) -> tuple[Node, ...]:
        blocks = await self.workspace.children(id)
        if self._uploads and any(named(block.input.content) for block in blocks if block.ours):
            self.names_kept = True
        return tuple(self._node(block) for block in blocks)

    def _meant(self, block: ReadBlock) -> BlockInput:
        """The block; if its file's address tells nothing, as we wrote it where that is all that differs.

        Nobody says that Buildin keeps the names of files. Where it does, another name is somebody's other file.
        """
        if self.names_kept or not self._uploads or named(block.input.content) is not False:
            return block.input
        guesses = (replace(block.input, content=renamed(block.input.content, hash)) for hash in self._uploads)
        return next((guess for guess in guesses if guess.digest in self._written), block.input)

    def _node(self, block: ReadBlock) -> Node:
        if not block.ours:
            return Node(block.id, block.input.type, block.input.digest, foreign=True)
        input = self._meant(block)
        if self._pages and (whole := without_anchors(input, self._pages)) is not input:
            self._anchored[block.id], input = input.digest, whole
        self.contents[block.id] = input.content
        if self._recognised and (bare := without_places(input, self._address)) is not input:
            self._unlinked[block.id] = bare.digest
        return Node(block.id, input.type, input.digest, None if block.has_children else ())

    def can_update(self, node: Node, block: BlockInput) -> bool:
        """Whether the service can turn the one into the other in place; what was not read is taken to be alike."""
        return self.dialect.can_update(node.type, self.contents.get(node.id, block.content), block)


def _filled(nodes: tuple[Node, ...], id: str, children: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(
        replace(node, children=children)
        if node.id == id
        else replace(node, children=_filled(node.children, id, children))
        if node.children
        else node
        for node in nodes
    )
