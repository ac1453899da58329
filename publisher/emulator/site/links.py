"""Addresses: which may be followed, and which lead to a page of this very workspace."""

from __future__ import annotations

import re
from collections.abc import Callable

from publisher.emulator.site.budget import Budget

# Whoever wrote a page chose its addresses, so only schemes that cannot run anything are links.
_SAFE = re.compile(r"(?:https?://|mailto:|tel:)[^\x00-\x1f\x7f]+", re.IGNORECASE)
_INLINE = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+", re.IGNORECASE)
_HEX = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_ID = re.compile(_HEX, re.IGNORECASE)
# A title may stand before the id, as Notion writes it: /Getting-started-<32 hex digits>.
_ENDS_IN_ID = re.compile(rf"(?:^|[/-])({_HEX})$", re.IGNORECASE)

# Files of the workspace carry the address under which it was served when they were uploaded.
_OWN_FILE = re.compile(rf"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(/files/{_HEX}/[^/?#\\\s]*)")


def canonical(text: str) -> str | None:
    """The id with dashes and in lower case, or None if `text` is no id."""
    if not _ID.fullmatch(text):
        return None
    digits = text.replace("-", "").lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def safe(url: str) -> str | None:
    """The address if it may be followed (http, https, mailto, tel), else None; uploaded files become relative."""
    url = url.strip()
    own = _OWN_FILE.fullmatch(url)
    if own:
        return own.group(1)
    return url if _SAFE.fullmatch(url) else None


def picture(url: str) -> str | None:
    """The address if it may be shown as an image (http, https, an upload, inline raster data), else None."""
    if _INLINE.fullmatch(url.strip()):
        return url.strip()
    found = safe(url)
    return found if found and found.lower().startswith(("http", "/")) else None


def host(url: str) -> str:
    """The part of a safe address that says whose it is, for people; empty for an uploaded file."""
    if (safe(url) or "").startswith("/"):
        return ""
    rest = url.split("://", 1)[-1]
    name = re.split(r"[/?#]", rest, maxsplit=1)[0].rsplit("@", 1)[-1]
    return name.removeprefix("www.") or url


class Links:
    """Turns addresses of this workspace's pages into relative ones.

    `title` gives the title of the page or database with this id, None if there is none; it is asked once per id.
    An id names one page everywhere, so any address whose path ends in one counts, on whatever host it was
    written for. As it goes along with everything that is drawn for one answer, it also carries its `budget`.
    """

    __slots__ = ("_known", "_title", "budget")

    def __init__(self, title: Callable[[str], str | None]) -> None:
        self.budget = Budget()
        self._title = title
        self._known: dict[str, str | None] = {}

    def title(self, page_id: str) -> str | None:
        """The title of a page of this workspace, None if there is no such page."""
        if page_id not in self._known:
            self._known[page_id] = self._title(page_id)
        return self._known[page_id]

    def page(self, page_id: str) -> str | None:
        """The relative address of a page of this workspace, None if there is no such page."""
        return None if self.title(page_id) is None else f"/p/{page_id}"

    def href(self, url: str) -> str | None:
        """What an anchor's href may be: an own page, a safe address, or None (then it stays text)."""
        return self._own(url) or safe(url)

    def _own(self, url: str) -> str | None:
        path, _, fragment = url.strip().partition("#")
        block = canonical(fragment)
        if not path:
            return f"#{block}" if block else None
        found = _ENDS_IN_ID.search(path.partition("?")[0].rstrip("/"))
        page_id = canonical(found.group(1)) if found else None
        address = self.page(page_id) if page_id else None
        return f"{address}#{block}" if address and block else address
