"""What the names in a plan stand for while it is applied: handles and links become ids and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converters.blocks import PageRef
from converters.dialects.base import PLACE, BlockInput, PlaceRef, Reference, address, resolve
from publisher.known import KnownPage
from publisher.planning.ops import record_parent
from publisher.planning.order import PAGE, page_handle
from publisher.planning.places import block_address
from publisher.store import Store


class Names:
    """The ids and addresses of what is there, by handle, key and place; they become more while requests are sent.

    `here` says for each page where the blocks are that its own links lead to, by name: their addresses, or handles.
    """

    def __init__(self, store: Store) -> None:
        self.bound: dict[str, str] = {}
        self.here: dict[str, Mapping[str, str]] = {}
        self._addresses: dict[str, str] = {}
        self._sent: dict[
            str, dict[str, str]
        ] = {}  # by page: where each link of its goal led when it was sent
        # what the state knew at the beginning; a loop over all would cost each save
        self._pages = store.pages()
        for base in store.databases().values():
            self.know(base.key, record_parent(base.source), base.url)

    def know(self, key: str, id: str, url: str) -> None:
        """A page that exists: what its handle and links to it are bound to."""
        self.bound[page_handle(key)] = id
        self._addresses[key] = url

    def id(self, handle: str) -> str:
        """The id that a handle is bound to; what is none, or is not bound, as it is."""
        found = self.bound.get(handle)
        if found is None and handle.startswith(PAGE) and (page := self._pages.get(handle[len(PAGE) :])):
            found = page.id
        return handle if found is None else found

    def find(self, key: str, anchor: str) -> str | None:
        """The address of a page and, where the block's id is known, of a place on it."""
        page = self._pages.get(key)
        url = self._addresses.get(key, page.url if page is not None else None)
        if not anchor or url is None:
            return url
        return self._place(key, anchor) or url

    def _place(self, key: str, name: str) -> str | None:
        """The address of a block that the page itself links to, once it is there."""
        found = self.here.get(key, {}).get(name) or None
        if found is None or not found.startswith("@"):
            return found
        url, block = self.find(key, ""), self.bound.get(found)
        return block_address(url, block) if url and block else None

    def links(self, goal: KnownPage, before: Mapping[str, str]) -> dict[str, str]:
        """Where the links of a page's goal lead by now; empty for those whose page could not be made.

        `before`: where they led. If nobody has looked at the page's body, its own places are where they were.
        """
        found = {name: self._link(goal.key, link) for name, link in goal.links.items()}
        here = self.here.get(goal.key)
        if here is None:
            return found | {name: link for name, link in before.items() if name.startswith(PLACE)}
        return found | {address(PlaceRef(name)): self._place(goal.key, name) or "" for name in here}

    def _link(self, page: str, link: str) -> str:
        if not link.startswith(PAGE):
            return link
        key, _, anchor = link[len(PAGE) :].partition("#")
        return self._sent.get(page, {}).get(link) or self.find(key, anchor) or ""

    def filled(self, page: str, blocks: Iterable[BlockInput]) -> tuple[BlockInput, ...]:
        """The blocks of a page with every address that is known by now; a link without one is text for the time being."""

        def lookup(ref: Reference) -> str | None:
            if isinstance(ref, PlaceRef):
                return self._place(page, ref.name)
            if not isinstance(ref, PageRef):
                return None
            found = self.find(ref.target, ref.anchor)
            if found is None:
                return None
            # one address for all links of a page to one place, also when it got better between two requests
            link = f"{page_handle(ref.target)}#{ref.anchor}"
            return self._sent.setdefault(page, {}).setdefault(link, found)

        return tuple(resolve(block, lookup) for block in blocks)
