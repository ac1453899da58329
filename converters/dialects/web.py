"""The addresses on the web that block inputs hold: what a reader of the page can follow or is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from converters.dialects.base import BlockInput


def web_addresses(blocks: Iterable[BlockInput]) -> Iterator[tuple[str, int]]:
    """Every http and https address of the blocks and all below them, in reading order, with its block's line.

    Links, pictures, bookmarks, embeds, icons; an address that stands twice comes twice.
    """
    for top in blocks:
        for block in top.walk():
            if b'"url":"http' in block.content:
                yield from ((url, block.line) for url in _urls(json.loads(block.content)))


def is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        url = value.get("url")
        if isinstance(url, str) and is_web(url):
            yield url
        for item in value.values():
            yield from _urls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)
