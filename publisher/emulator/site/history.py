"""What each write changed, block by block, in words and with the blocks themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from publisher.emulator.site import blocks, richtext, walk

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.emulator.rows import Change
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
    html: str


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
    """The changes of one page, newest first, those of one write together."""
    for _, run in groupby(changes, key=lambda change: change.version):
        together = sorted(run, key=lambda change: change.kind)
        touched = [(change, block_id) for change in together for block_id in change.block_ids]
        first = together[0]
        yield Write(
            first.version,
            first.time,
            first.actor,
            first.request,
            "; ".join(_summary(change) for change in together),
            tuple(_entry(store, change, block_id, context) for change, block_id in touched[:SHOWN]),
            max(0, len(touched) - SHOWN),
        )


def _summary(change: Change) -> str:
    verb = _VERBS.get(change.kind, change.kind)
    if change.kind.startswith("page_"):
        return verb
    count = len(change.block_ids)
    return f"{count} {'block' if count == 1 else 'blocks'} {verb}"


def _entry(store: Store, change: Change, block_id: str, context: walk.Context) -> Entry:
    row = store.block(block_id)
    sign = _SIGNS.get(change.kind, "")
    if row is None:
        return Entry(block_id, sign, '<p class="quiet">A block that is gone for good.</p>')
    before = change.before.get(block_id)
    if sign == "changed" and isinstance(before, Mapping):
        html = _compared(before, row, context)
    else:
        html = blocks.one(context, row)
    return Entry(block_id, sign, html)


def _compared(before: Mapping[str, Any], row: walk.Row, context: walk.Context) -> str:
    """Words struck out and words put in; where the words are the same, the block before and after."""
    old, new = _words(before), _words(row.content)
    if old == new or len(old) + len(new) > _DIFFED:
        return (
            f'<div class="was">{blocks.one(context, Old(row.id, row.type, before))}</div>{blocks.one(context, row)}'
        )
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
