"""The workspace as the rest of pagemill sees it: neutral values in, neutral values out, one service behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from converters.dialects.base import BlockInput, Dialect, PageHead, ReadBlock
from publisher.errors import RejectedError, TokenError, UnknownOutcomeError
from publisher.planning.ops import END, START
from publisher.remote.adapter import (
    Adapter,
    Me,
    PageInfo,
    block_id,
    page_info,
    read_listing,
    read_page,
)
from publisher.remote.answers import NAMES
from publisher.remote.asking import Asking, written
from publisher.remote.attach import Attach
from publisher.remote.ids import canonical
from publisher.remote.port import Answer, Transport
from publisher.remote.record import Counts
from publisher.remote.stopping import Pauses
from publisher.remote.throttle import UNLIMITED, Pace

GONE = (400, 404, 405, 410)  # statuses that a thing in the trash, or a missing operation, may answer with


class Workspace(Asking):
    """Pages and blocks of one workspace. Ids are the service's; a parent of "" is the workspace's root.

    Every method costs the requests it names and raises what those of `Asking` raise.

    Args:
        counts: what has gone out so far, kept by the recorder.
        pace: how fast the service lets us go, for estimates.
        pauses: how its requests wait.
    """

    def __init__(
        self,
        adapter: Adapter,
        transport: Transport,
        dialect: Dialect,
        *,
        counts: Counts | None = None,
        pace: Pace = UNLIMITED,
        pauses: Pauses | None = None,
    ) -> None:
        super().__init__(adapter, transport)
        self.dialect = dialect
        self.counts = counts if counts is not None else Counts()
        self.pace = pace
        self.pauses = pauses or Pauses()
        self.attach = transport if isinstance(transport, Attach) else None
        self._comments_hidden = False  # the token may not read comments

    def beneath(self) -> Workspace:
        """This workspace without what was put around its transport: to bring the files there that requests name."""
        inner = self._transport if self.attach is None else self.attach.inner
        return Workspace(
            self.adapter, inner, self.dialect, counts=self.counts, pace=self.pace, pauses=self.pauses
        )

    async def me(self) -> Me:
        """Whose token this is. One read."""
        return await self.ask(self.adapter.me(), self.adapter.read_me)

    # pages

    async def create_page(
        self,
        parent: str,
        head: PageHead,
        blocks: Sequence[BlockInput] = (),
        key: str = "",
        after: str = "",
    ) -> PageInfo:
        """Create a page with its first blocks (at most 100, within the limits of a request). One write.

        `after` is the sibling page to stand behind, where the service can place a new page. The same `key` with the
        same content creates one page, where the service knows keys.
        """
        request = self.adapter.create_page(parent, head, self._rendered(blocks), key, after)
        page = await self.ask(request, read_page)
        if page.url:
            return page
        with written():  # saved, although the service answered with an error
            return await self.page(page.id) or page

    async def page(self, id: str) -> PageInfo | None:
        """A page, None if it is in the trash, does not exist or is not shared with the token. One read."""
        try:
            page = await self.ask(self.adapter.get_page(id), read_page)
        except RejectedError as error:
            if error.status != 404:
                raise
            return None
        return None if page.in_trash else page

    async def update_page(
        self,
        id: str,
        *,
        properties: bytes | None = None,
        icon: bytes | None = None,
        cover: bytes | None = None,
        if_match: str = "",
    ) -> PageInfo:
        """Change what is not None. One write.

        Raises:
            ConflictError: `if_match` is no longer the page's etag (services without etags ignore it).
        """
        request = self.adapter.update_page(
            id, properties=properties, icon=icon, cover=cover, if_match=if_match
        )
        return await self.ask(request, read_page)

    async def move_page(self, id: str, parent: str) -> None:
        """Put a page under another one. One write. `UsageError` where the service has no such move."""
        await self._transport.send(self.adapter.move_page(id, parent))

    async def trash_page(self, id: str) -> None:
        """Move a page to the trash. One write; a page that is gone already is fine (one read more)."""
        try:
            await self._transport.send(self.adapter.update_page(id, in_trash=True))
        except RejectedError as error:
            if error.status not in GONE or await self.page(id) is not None:
                raise

    async def restore_page(self, id: str) -> PageInfo:
        """Take a page out of the trash. One write."""
        return await self.ask(self.adapter.update_page(id, in_trash=False), read_page)

    async def child_pages(self, parent: str) -> list[PageInfo]:
        """The pages right below a page or at the root, without their addresses. One read per 100 blocks."""
        if not parent:
            return await self._root_pages("")
        blocks = [block async for block in self._children(parent)]
        return [_child_page(block, parent) for block in blocks if block.get("type") == "child_page"]

    async def find_pages(self, title: str, parent: str) -> list[PageInfo]:
        """The pages of this title right below a page or at the root: reads as `child_pages`, and one for each."""
        pages = await self.child_pages(parent) if parent else await self._root_pages(title)
        found = [await self.page(page.id) for page in pages if page.title == title]
        return [page for page in found if page is not None]

    # blocks

    async def children(self, id: str) -> list[ReadBlock]:
        """The direct children of a page or block, in order. One read per 100."""
        return [self.dialect.read(block) async for block in self._children(id)]

    async def block(self, id: str) -> ReadBlock | None:
        """A block, None if it is in the trash or not there. One read."""
        block = await self._block(id)
        return None if block is None else self.dialect.read(block)

    async def append(
        self, parent: str, after: str, blocks: Sequence[BlockInput], first_child: str = ""
    ) -> tuple[str, ...]:
        """Insert blocks behind the child `after` (an id, START or END) and give the new ids of the first level.

        One write; START on Buildin one read more unless `first_child` is known; and the reads of `children` when the
        answer does not tell the ids.
        """
        if self.adapter.needs_first_child(after) and not first_child:
            first_child = await self._first_child(parent)
        request = self.adapter.append(parent, after, self._rendered(blocks), first_child)
        answer = await self._transport.send(request)
        ids = _new_ids(answer, after, len(blocks))
        if ids is not None:
            return ids
        with written():
            return await self._ids_at(parent, after, blocks)

    async def update_block(self, id: str, block: BlockInput) -> None:
        """Change a block in place, its children apart. One write."""
        await self._transport.send(self.adapter.update_block(id, self.dialect.render_update(block)))

    async def delete_block(self, id: str) -> ReadBlock | None:
        """Move a block and all below it to the trash. One write; a block that is gone already is fine.

        When the service refuses, a read tells whether the block is gone; if not, the other way is tried.
        Gives the block as it was deleted, None if the answer does not tell.
        """
        try:
            answer = await self._transport.send(self.adapter.delete_block(id))
        except RejectedError as error:
            if error.status not in GONE:
                raise
            if await self._block(id) is None:
                return None
            if error.status == 400:
                raise
            answer = await self._transport.send(self.adapter.trash_block(id))
        block = answer.json()
        told = isinstance(block, dict) and isinstance(block.get(str(block.get("type"))), dict)
        return self.dialect.read(block) if told else None

    async def restore_block(self, id: str) -> None:
        """Take a block and all below it out of the trash, to where it stood. One write."""
        await self._transport.send(self.adapter.trash_block(id, in_trash=False))

    async def erase(self, page: str) -> None:
        """Delete everything that stands on a page, what is not ours as well: look before. One write.

        The service must be one that can (`erases`).
        """
        request = self.adapter.erase(page)
        assert request is not None
        await self._transport.send(request)

    @property
    def erases(self) -> bool:
        """Whether the service can empty a page in one request."""
        return self.adapter.erase("") is not None

    # comments

    @property
    def tells_comments(self) -> bool:
        """Whether open comments can be asked for, as far as it is known: the token may not be allowed to read them."""
        return not self._comments_hidden and self.adapter.get_comments("") is not None

    async def commented(self, id: str) -> bool:
        """Whether a block has open comments; False where that is not told. One read where it is."""
        request = self.adapter.get_comments(id)
        if request is None or self._comments_hidden:
            return False
        try:
            return bool((await self.ask(request, read_listing)).results)
        except TokenError:  # 403; a token that is refused altogether is refused by the next request too
            self._comments_hidden = True
            return False
        except RejectedError as error:
            if error.status not in GONE:
                raise
            return False

    # beneath

    def _rendered(self, blocks: Sequence[BlockInput]) -> list[bytes]:
        return [self.dialect.render(block) for block in blocks]

    async def _children(self, id: str) -> AsyncIterator[Mapping[str, Any]]:
        async for block in self.listed(lambda cursor: self.adapter.get_children(id, cursor)):
            yield block

    async def _first_child(self, parent: str) -> str:
        listing = await self.ask(self.adapter.get_children(parent, page_size=1), read_listing)
        return block_id(listing.results[0]) if listing.results else ""

    async def _block(self, id: str) -> Mapping[str, Any] | None:
        try:
            block = (await self._transport.send(self.adapter.get_block(id))).json()
        except RejectedError as error:
            if error.status != 404:
                raise
            return None
        assert isinstance(block, dict)  # the client lets nothing else through
        return None if block.get("in_trash") or block.get("archived") else block

    async def _root_pages(self, query: str) -> list[PageInfo]:
        found = self.listed(lambda cursor: self.adapter.search(query, cursor))
        pages = [page_info(item) async for item in found if item.get("object") == "page"]
        return [page for page in pages if not page.parent_id and not page.in_trash]

    async def _ids_at(self, parent: str, after: str, blocks: Sequence[BlockInput]) -> tuple[str, ...]:
        """Learn the ids of blocks that were appended a moment ago, by reading."""
        there = await self.children(parent)
        ids = [canonical(block.id) for block in there]
        start = 0
        if after == END:
            start = len(there) - len(blocks)
        elif after != START:
            start = ids.index(canonical(after)) + 1 if canonical(after) in ids else len(ids)
        new = there[max(start, 0) : max(start, 0) + len(blocks)]
        if [block.input.type for block in new] != [block.type for block in blocks]:
            raise UnknownOutcomeError(
                f"{NAMES[self.service]} has taken {len(blocks)} blocks, but they are not where they were sent to.",
                "Somebody may have edited the page at the same moment. Run again: the page is read first.",
            )
        return tuple(canonical(block.id) for block in new)


def _new_ids(answer: Answer, after: str, count: int) -> tuple[str, ...] | None:
    """The ids of the new blocks, None if the answer does not tell: some answers hold neighbours as well."""
    try:
        ids = [block_id(block) for block in read_listing(answer).results]
    except ValueError:
        return None
    if len(ids) > count and canonical(after) in ids:
        ids = ids[ids.index(canonical(after)) + 1 :][:count]
    return tuple(ids) if len(ids) == count else None


def _child_page(block: Mapping[str, Any], parent: str) -> PageInfo:
    content = block.get("child_page")
    title = content.get("title") if isinstance(content, dict) else None
    return PageInfo(
        block_id(block),
        title=str(title or ""),
        parent_id=canonical(parent),
        in_trash=bool(block.get("in_trash")),
    )
