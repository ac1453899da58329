"""The addresses that a page may hold, in the one form in which they are sent and compared."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

URL_LIMIT = 2000  # code units of a URL; Notion "Request limits", Buildin V1 guide

COPY = "pagemill:mirror/"  # begins the path of a copy of a picture on the web; no address can be read as such a path

SCHEMES = ("http", "https", "mailto", "tel")

_LEGAL = "!#$%&'()*+,/:;=?@[]~-._"  # with letters and digits: what RFC 3986 lets stand in a URL
_USUAL = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9!#$%&'()*+,/:;=?@\[\]~._-]*")
_WEB = re.compile(r"(https?)://((?:[^/?#@\s]*@)?)([^/?#@]*)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(
    r"(?:\[[0-9a-f:.]+\]|[^\s\x00-\x20\x7f!\"#$%&'()*+,/:;<=>?@\[\\\]^`{|}~]+)(?::[0-9]{1,5})?", re.I
)
_NOTION = re.compile(
    r"https://(?:www\.|app\.)?notion\.(?:so|com)/(?:[^?#]*[/-])?([0-9a-f]{32})(?:\?(?!(?:[^#]*&)?v=)[^#]*)?(#.*)?"
)
_NOTION_SHORT = re.compile(r"/([0-9a-f]{32})(?:\?[^#]*)?(#.*)?")


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str | None:
    """The URL as it is sent, or None if a service would refuse it: no http, https, mailto or tel URL, or no host.

    Nothing changes where it leads: host in lower case, `/` behind a bare host, characters that may not stand in a
    URL percent-encoded, links to Notion pages by their id alone (the rest of such a path is the page's title).
    """
    if not _USUAL.fullmatch(url):
        url = url.strip()
        scheme, _, rest = url.partition(":")
        if scheme.lower() in ("mailto", "tel"):
            return f"{scheme.lower()}:{_encoded(rest)}" if rest.strip() else None
        matched = _WEB.fullmatch(url)
        if not matched or not _HOST.fullmatch(matched[3]):
            return None
        path = matched[4] if matched[4].startswith("/") else "/" + matched[4]
        url = f"{matched[1].lower()}://{_encoded(matched[2])}{matched[3].lower()}{_encoded(path)}"
    page = _NOTION.fullmatch(url)
    return f"https://www.notion.so/{page[1]}{page[2] or ''}" if page else url


def returned_url(url: str) -> str:
    """What a service returned, in the form of `canonical_url`; Notion shortens links within a workspace to a path."""
    page = _NOTION_SHORT.fullmatch(url)
    if page:
        return f"https://www.notion.so/{page[1]}{page[2] or ''}"
    return canonical_url(url) or url


def shown_url(url: str) -> str:
    """A URL as readable text: whole, but for the payload of a `data:` URL, which is no text."""
    if url[:5].lower() != "data:":
        return url
    header, comma, _ = url.partition(",")
    return f"{header[:100]}{comma}…"


def _encoded(text: str) -> str:
    return quote(text, safe=_LEGAL, errors="replace")
