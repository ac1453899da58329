"""Search over titles and over the words on the pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from publisher.emulator.rows import BlockRow
from publisher.emulator.site import richtext

if TYPE_CHECKING:
    from publisher.emulator.store import Store

TITLES = 20
PAGES = 20
PLACES = 3  # shown of each page
_READ = 2000  # blocks looked at, because the stored form also holds words that are not on the page
_AROUND = 70  # characters shown before and after what was found


@dataclass(frozen=True, slots=True)
class Place:
    """A block that holds what was searched for."""

    page_id: str
    block_id: str
    excerpt: Markup


@dataclass(frozen=True, slots=True)
class Found:
    """What a page holds of it: the first places, and how many there are."""

    page_id: str
    places: list[Place]
    total: int


def pages(store: Store, query: str, limit: int = PAGES) -> list[Found]:
    """Pages whose words hold `query` (case ignored), those with the most places first."""
    found: dict[str, list[Place]] = {}
    for place in _places(store, query):
        found.setdefault(place.page_id, []).append(place)
    ordered = sorted(found.items(), key=lambda entry: -len(entry[1]))
    # The last written comes first, so the end of the list is the top of the page.
    return [Found(id, places[: -PLACES - 1 : -1], len(places)) for id, places in ordered[:limit]]


def _places(store: Store, query: str) -> Iterator[Place]:
    from publisher.emulator.tables import BLOCK_COLUMNS, block_row

    stored = json.dumps(query, ensure_ascii=False)[1:-1]  # the content is JSON, so quotes in it are escaped
    if query.isascii():
        matches, wanted = "n.content LIKE ? ESCAPE '\\'", _like(stored)
    else:  # slower, but LIKE knows only the case of ASCII
        matches, wanted = "instr(fold(n.content), ?)", stored.casefold()
    rows = store.rows(
        f"SELECT {BLOCK_COLUMNS} FROM node n JOIN node p ON p.id = n.page "
        f"WHERE n.title IS NULL AND n.trash = 0 AND p.trash = 0 AND {matches} ORDER BY n.seq DESC LIMIT ?",
        (wanted, _READ),
    )
    for row in map(block_row, rows):
        for excerpt in _excerpts(row, query):
            yield Place(row.page_id, row.id, excerpt)


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _excerpts(row: BlockRow, query: str) -> Iterator[Markup]:
    """At most one excerpt of a block, with what was found marked."""
    content = row.content
    texts = [content.get("rich_text"), content.get("caption"), *(content.get("cells") or ())]
    for words in [*(richtext.plain(text) for text in texts), str(content.get("expression") or "")]:
        at = words.lower().find(query.lower())
        if at >= 0:
            yield _marked(words, at, at + len(query))
            return


def _marked(words: str, start: int, end: int) -> Markup:
    before, after = max(0, start - _AROUND), min(len(words), end + _AROUND)
    if before:  # not in the middle of a word, if there is a space at all
        before = words.find(" ", before, start) + 1 or before
    if after < len(words):
        space = words.rfind(" ", end, after)
        after = space if space > end else after
    return Markup(
        ("… " if before else "")
        + escape(words[before:start])
        + f"<mark>{escape(words[start:end])}</mark>"
        + escape(words[end:after])
        + (" …" if after < len(words) else "")
    )
