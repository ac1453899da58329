"""Text within the limits of one rich text item: cleaned, measured and split without losing a character.

The services count UTF-16 code units. A split never falls inside a grapheme cluster, so that no letter loses its
accent and no emoji falls apart.
"""

from __future__ import annotations

import re
from typing import Any

TEXT_LIMIT = 2000  # code units of `text.content`; Notion "Request limits", Buildin V1 guide
ITEM_LIMIT = 100  # items of one rich text array; Notion "Request limits"
EXPRESSION_LIMIT = 1000  # code units of `equation.expression`; Notion "Request limits"

# Between two of these there always is a grapheme boundary: printable ASCII, Latin, Cyrillic, kana, CJK, Hangul syllables.
_SAFE = re.compile(
    "[ -~\u00c0-\u024f\u0400-\u0482\u048a-\u052f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]{2}"
)
_REFUSED = re.compile("[\0\ud800-\udfff]")


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Text that can stand in UTF-8 JSON: U+FFFD for NUL and lone surrogates; two halves of a pair are joined."""
    if not _REFUSED.search(text):
        return text
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\0", "\ufffd")


def split(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Pieces of at most `limit` code units that join up to `text`; each as long as possible.

    A piece ends at a grapheme boundary, except where a single cluster is longer than the limit.
    """
    if 2 * len(text) <= limit or units(text) <= limit:
        return [text]
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = _cut(text, start, limit)
        pieces.append(text[start:end])
        start = end
    return pieces


def _cut(text: str, start: int, limit: int) -> int:
    """Where the piece that begins at `start` ends."""
    end = start + limit
    piece = text[start:end]
    if units(piece) > limit:
        whole = piece.encode("utf-16-le", "surrogatepass")[: 2 * limit]
        end = start + len(whole.decode("utf-16-le", "ignore"))
    if end >= len(text) or _SAFE.match(text, end - 1):
        return min(end, len(text))
    return _boundary(text, start, end)


def _boundary(text: str, start: int, end: int) -> int:
    """The last grapheme boundary in (start, end]; `end` itself if there is none."""
    # Costs 20 ms to import: only for a long text that is cut at a doubtful place. It has no type stubs.
    import regex  # type: ignore[import-untyped]

    last = start
    for cluster in regex.finditer(r"\X", text, pos=start):
        if cluster.end() > end:
            break
        last = cluster.end()
    return last if last > start else end


def merge_items(items: list[Any]) -> list[Any]:
    """Decoded rich text items with equal neighbours joined, and split again where they grew too long.

    What `encode` gives for the same text; used after links were taken away or turned out to be the same.
    """
    merged: list[Any] = []
    for item in items:
        if merged and _frame(merged[-1]) is not None and _frame(merged[-1]) == _frame(item):
            item = _with_content(item, merged.pop()["text"]["content"] + item["text"]["content"])
        merged.append(item)
    return [piece for item in merged for piece in _split_item(item)]


def _frame(item: Any) -> Any:
    """All of a text item but its text; None for anything else."""
    text = item.get("text") if isinstance(item, dict) and item.get("type") == "text" else None
    if not isinstance(text, dict):
        return None
    rest = {key: value for key, value in item.items() if key not in ("text", "plain_text")}
    return rest, {key: value for key, value in text.items() if key != "content"}


def _with_content(item: dict[str, Any], content: str) -> dict[str, Any]:
    changed = {**item, "text": {**item["text"], "content": content}}
    if "plain_text" in item:
        changed["plain_text"] = content
    return changed


def _split_item(item: Any) -> list[Any]:
    if _frame(item) is None:
        return [item]
    pieces = split(item["text"]["content"])
    return [item] if len(pieces) == 1 else [_with_content(item, piece) for piece in pieces]
