"""Ids as people and services spell them: with or without dashes, alone or in the address of a page."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from publisher.errors import UsageError

_ID = re.compile(
    r"(?<![0-9a-fA-F])([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})"
    r"(?![0-9a-fA-F])"
)


def canonical(id: str) -> str:
    """The dashed, lower-case spelling of a UUID; anything else as it is."""
    found = _ID.fullmatch(id)
    return "-".join(found.groups()).lower() if found else id


def page_id(text: str) -> str:
    """The id in what a person gives for a page: an id in either spelling, or the page's address.

    Raises:
        UsageError: there is no id in it.
    """
    text = text.strip()
    if found := _ID.fullmatch(text):
        return canonical(found.group())
    parts = urlsplit(text)
    peeked = parse_qs(parts.query).get("p", [""])[-1]  # a page that is open beside a database
    for place in (peeked, parts.path if parts.scheme else ""):
        if ids := _ID.findall(place):
            return "-".join(ids[-1]).lower()
    raise UsageError(
        f"{text!r} is not a page id.",
        "Copy the page's address from the browser, or the 32 letters and digits at its end.",
    )
