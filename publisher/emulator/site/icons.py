"""Icons and covers of pages and callouts, and the few small drawings of the site itself."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from publisher.emulator.site import links


def symbol(name: str) -> str:
    """One of the drawings defined at the top of every page (templates/symbols.svg)."""
    return f'<svg class="glyph" aria-hidden="true"><use href="#i-{name}"></use></svg>'


def icon(value: Mapping[str, Any] | None, otherwise: str = "page") -> str:
    """HTML of an icon object: an emoji, a picture, or the drawing `otherwise`. Always decoration."""
    if value:
        if value.get("type") == "emoji" and value.get("emoji"):
            return f'<span class="emoji" aria-hidden="true">{escape(str(value["emoji"])[:16])}</span>'
        address = file_url(value)
        if address:
            return f'<img class="emoji" src="{escape(address)}" alt="" loading="lazy" referrerpolicy="no-referrer">'
    return symbol(otherwise) if otherwise else ""


def file_url(value: Mapping[str, Any] | None) -> str | None:
    """The address of an icon, cover or media object if it may be shown."""
    address = source(value)
    return links.picture(address) if address else None


def source(value: Mapping[str, Any] | None) -> str:
    """The address in `{url}`, or in `{<type>: {url}}` as the services write it; empty if there is none."""
    for inner in (value or {}, *(value or {}).values()):
        if isinstance(inner, Mapping) and inner.get("url"):
            return str(inner["url"])
    return ""
