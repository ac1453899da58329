"""The names of headings: what a link's `#part` means.

The rule is GitHub's: lower case, punctuation away, spaces become hyphens, and the second heading of a name gets "-1".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from converters.blocks import Columns, Heading, plain

NOTE, REFERENCE = (
    "fn:",
    "fnref:",
)  # before a footnote's name: its anchor, and that of the first reference to it

_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


def slug(text: str) -> str:
    """The anchor of a heading's bare text, before repeated ones are numbered. Letters of every script are kept."""
    text = text.strip().lower()
    if text.isascii():
        return _NOT_IN_SLUG.sub("", text).replace(" ", "-")
    # combining marks belong to their letter, but `\w` does not hold them
    return _NOT_IN_SLUG.sub(_keep_mark, text).replace(" ", "-")


def _keep_mark(match: re.Match[str]) -> str:
    return match[0] if unicodedata.category(match[0])[0] == "M" else ""


def number(names: Iterable[str]) -> Iterator[str]:
    """The names in order, repeated ones numbered "-1", "-2" as GitHub does; never gives a name twice."""
    seen: dict[str, int] = {}
    for name in names:
        unique = name
        while unique in seen:
            seen[name] += 1
            unique = f"{name}-{seen[name]}"
        seen[unique] = 0
        yield unique


def heading_anchors(headings: Iterable[Heading]) -> Iterator[str]:
    """The anchor of each heading: its explicit one, or the numbered slug of its text."""
    return number(heading.anchor or slug(plain(heading.text)) for heading in headings)


def headings(blocks: Iterable[object]) -> Iterator[Heading]:
    """All headings in reading order, nested ones included."""
    stack = [iter(blocks)]
    while stack:
        block = next(stack[-1], None)
        if block is None:
            stack.pop()
            continue
        if isinstance(block, Heading):
            yield block
        if isinstance(block, Columns):
            stack.extend(iter(column) for column in reversed(block.columns))
        elif children := getattr(block, "children", ()):
            stack.append(iter(children))
