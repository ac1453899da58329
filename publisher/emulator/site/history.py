"""What each write changed, block by block, in words and with the blocks themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from publisher.emulator.site import blocks, richtext, walk

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.emulator.rows import BlockRow, Change
    from publisher.emulator.store import Store

SHOWN = 60  # blocks of one write that are shown in full
_DIFFED = 4000  # characters of one block that are compared word by word

_VERBS = {
    "created": "added",
    "updated": "changed",
    "deleted": "removed",
    "restored": "brought back",
    "moved": "moved",
    "page_created": "Page created",
    "page_updated": "Title, icon, cover or properties changed",
    "page_moved": "Page moved",
    "page_trashed": "Page moved to trash",
    "page_restored": "Page brought back from trash",
}
_SIGNS = {"created": "added", "restored": "added", "deleted": "removed", "updated": "changed"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A block that a write touched. `sign` is added, removed, changed or "" and `html` shows it."""

    id: str
    sign: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Write:
    """One write as the page's history shows it; `more` blocks were touched beyond those in `entries`."""

    version: int
    time: datetime
    actor: str
    request: str
    summary: str
    entries: tuple[Entry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Old:
    """The former content of a block, in the shape that the renderer draws."""

    id: str
    type: str
    content: Mapping[str, Any]


def writes(store: Store, changes: Iterable[Change], context: walk.Context) -> Iterator[Write]:
    """The changes of one page, newest first, those of one write together.

    `changes` begin with the newest one of the page: what a block said after a write is what the next write to it found.
    """
    said: dict[str, Mapping[str, Any]] = {}  # of blocks that were changed later
    for _, run in groupby(changes, key=lambda change: change.version):
        together = sorted(run, key=lambda change: change.kind)
        first = together[0]
        entries: list[Entry] = []
        for change in together:
            entries.extend(_entries(store, change, said, context, SHOWN - len(entries)))
        for change in together:
            said.update(change.before)
        yield Write(
            first.version,
            first.time,
            first.actor,
            first.request,
            "; ".join(_summary(change) for change in together),
            tuple(entries),
            sum(max(0, len(change.block_ids) - SHOWN) for change in together),
        )


def _summary(change: Change) -> str:
    verb = _VERBS.get(change.kind, change.kind)
    if change.kind.startswith("page_"):
        return verb
    count = len(change.block_ids)
    return f"{count} {'block' if count == 1 else 'blocks'} {verb}"


def _entries(
    store: Store, change: Change, said: Mapping[str, Mapping[str, Any]], context: walk.Context, limit: int
) -> Iterator[Entry]:
    """The blocks of a change as it left them; those written inside another one of it stand inside it."""
    sign = _SIGNS.get(change.kind, "")
    found = {block_id: _then(store, block_id, said) for block_id in change.block_ids[: max(0, limit)]}
    inside: dict[str, list[BlockRow]] = {}
    for row in found.values():
        if row and row.parent_id in found:
            inside.setdefault(row.parent_id, []).append(row)
    for block_id, row in found.items():
        before = change.before.get(block_id)
        if row is None:
            yield Entry(block_id, sign, Markup('<p class="quiet">A block that is gone for good.</p>'))
        elif isinstance(before, Mapping):
            yield Entry(block_id, sign, Markup(_compared(before, row, context)))
        elif row.parent_id not in found:
            yield Entry(block_id, sign, Markup(blocks.excerpt(context, row, inside)))


def _then(store: Store, block_id: str, said: Mapping[str, Mapping[str, Any]]) -> BlockRow | None:
    """A block with what it said before it was changed later."""
    row = store.block(block_id)
    return replace(row, content=dict(said[block_id])) if row is not None and block_id in said else row


def _compared(before: Mapping[str, Any], row: walk.Row, context: walk.Context) -> str:
    """Words struck out and words put in; where the words are the same, the block before and after."""
    old, new = _words(before), _words(row.content)
    if old == new or len(old) + len(new) > _DIFFED:
        was = blocks.excerpt(context, Old(row.id, row.type, before), {})
        return f'<div class="was">{was}</div>{blocks.excerpt(context, row, {})}'
    return f'<p class="diff line">{"".join(_diff(old, new))}</p>'


def _words(content: Mapping[str, Any]) -> str:
    texts = [content.get("rich_text"), content.get("caption"), *(content.get("cells") or ())]
    parts = [richtext.plain(text) for text in texts if text]
    parts += [str(content[key]) for key in ("expression", "url", "title", "language") if content.get(key)]
    return " · ".join(parts)


def _diff(old: str, new: str) -> Iterator[str]:
    before, after = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (old, new))
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield escape("".join(after[b1:b2]))
            continue
        if a2 > a1:
            yield f"<del>{escape(''.join(before[a1:a2]))}</del>"
        if b2 > b1:
            yield f"<ins>{escape(''.join(after[b1:b2]))}</ins>"


@dataclass(frozen=True, slots=True)
class Recent:
    """A page that was written lately: when last, and how many blocks were added, changed and removed."""

    page_id: str
    time: datetime
    summary: str


def recent(changes: Iterable[Change]) -> list[Recent]:
    """The pages that `changes` (oldest first) are about, the last written first."""
    counts: dict[str, dict[str, int]] = {}
    times: dict[str, datetime] = {}
    for change in changes:
        # put in again at the end: the order is that of the last write
        counted = counts.pop(change.page_id, {})
        counted[change.kind] = counted.get(change.kind, 0) + len(change.block_ids)
        counts[change.page_id] = counted
        times[change.page_id] = change.time
    return [Recent(page_id, times[page_id], _counted(counts[page_id])) for page_id in reversed(counts)]


def _counted(counted: Mapping[str, int]) -> str:
    parts = [_VERBS[kind].lower() for kind in counted if kind.startswith("page_") and kind in _VERBS]
    parts += [f"{number} {_VERBS.get(kind, kind)}" for kind, number in counted.items() if number]
    return ", ".join(parts)
