"""Facts: what planning needs of a document that nobody has to parse again. They are kept in the state as JSON."""

from __future__ import annotations

import datetime
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

from converters.blocks import Document, FileRef, LinkUse, PageRef
from converters.diagnostics import Diagnostic, Silence
from converters.dialects.base import BlockInput
from converters.dialects.text import clean
from publisher.planning.identity import sketch
from publisher.scan import fingerprint

MAX_BITS = 10_000  # of a whole number: Python writes none of more than 4,300 digits


@dataclass(frozen=True, slots=True)
class Facts:
    """One document without its blocks. `title` is empty when it has none of its own.

    `anchors` maps each name that a link's `#part` may use to the place of its block at the top level, from 0, or of that
    which it is in; -1 where it names none. `properties` are the front matter keys that pagemill does not read itself, as `portable` makes them;
    `lines` says where each stands. `hash` is that of the file with all that it includes; `includes` are the files that
    it asks for, found or not.
    """

    path: str
    hash: bytes
    sketch: bytes
    title: str
    icon: str = ""
    cover: str = ""
    order: float | None = None
    draft: bool = False
    anchors: Mapping[str, int] = field(default_factory=dict)
    links: tuple[LinkUse, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    silences: tuple[Silence, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    includes: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether an error in the file keeps its page back."""
        return any(item.severity == "error" for item in self.diagnostics)


def facts_of(
    document: Document,
    data: bytes,
    inputs: Sequence[BlockInput],
    more: tuple[Diagnostic, ...],
    includes: tuple[str, ...] = (),
) -> Facts:
    """What is kept of a document: `more` are the diagnostics of its encoding."""
    return Facts(
        document.path,
        fingerprint(data),
        sketch(data),
        document.title if document.titled else "",
        document.icon,
        document.cover,
        document.order,
        document.draft,
        _places(document, inputs),
        document.links,
        tuple(sorted((*document.diagnostics, *more))),
        document.silences,
        {clean(key): portable(value) for key, value in document.properties.items()},
        {clean(key): line for key, line in document.property_lines.items()}
        if document.properties or document.icon or document.cover
        else {},
        includes,
    )


def _places(document: Document, inputs: Sequence[BlockInput]) -> dict[str, int]:
    """Which block at the top level each anchor names: that which begins on its line, or the last before it."""
    if not document.anchors and not document.notes:
        return {}
    first: dict[int, int] = {}
    for place, block in enumerate(inputs):
        first.setdefault(block.line, place)
    found = {name: first.get(line, -1) for name, line in document.anchors.items()}
    end = len(inputs)
    if document.notes:  # each is one block, behind the last divider
        end = max(place for place, block in enumerate(inputs) if block.type == "divider")
        found |= {name: place for place, name in enumerate(document.notes, end + 1)}
    elsewhere = {name: line for name, line in document.anchors.items() if line and line not in first}
    return found | _near(elsewhere, inputs[:end]) if elsewhere and end else found


def _near(lines: Mapping[str, int], inputs: Sequence[BlockInput]) -> dict[str, int]:
    """The block at the top level that holds a line, or begins behind it; with a minus, that which begins before it."""
    inner: dict[int, int] = {}
    for place, top in enumerate(inputs):
        for block in top.walk() if top.children else ():
            rows = len(block.children) if block.type == "table" else 0  # with the line below its head
            for line in range(block.line, block.line + rows + 1):
                inner.setdefault(line, place)
    starts = list(accumulate((block.line for block in inputs), max))
    last = len(inputs) - 1
    return {
        name: max(bisect_left(starts, -line) - 1, 0)
        if line < 0
        else inner.get(line, min(bisect_right(starts, line), last))
        for name, line in lines.items()
    }


def portable(value: Any) -> Any:
    """A front matter value as JSON can hold it: dates as ISO 8601, and what no property can hold as a table."""
    match value:
        case bool() | None | float():
            return value
        case str():
            return clean(value)
        case int():
            return value if value.bit_length() < MAX_BITS else {"number": "too large"}
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list() | tuple() | set():
            return [portable(item) for item in value]
        case dict():
            return {clean(str(key)): portable(item) for key, item in value.items()}
        case _:
            return {"type": type(value).__name__}


def write_facts(facts: Facts) -> Mapping[str, Any]:
    """Facts as JSON values."""
    return {
        "title": facts.title,
        "sketch": facts.sketch.hex(),
        "icon": facts.icon,
        "cover": facts.cover,
        "order": facts.order,
        "draft": facts.draft,
        "anchors": facts.anchors,
        "links": [_write_link(use) for use in facts.links],
        "diagnostics": [
            [item.line, item.column, item.code, item.message, item.severity]
            + ([item.path] if item.path != facts.path else [])
            for item in facts.diagnostics
        ],
        "silences": [[item.code, item.line] for item in facts.silences],
        **({"properties": facts.properties} if facts.properties else {}),
        **({"lines": facts.lines} if facts.lines else {}),
        **({"includes": list(facts.includes)} if facts.includes else {}),
    }


def read_facts(path: str, hash: bytes, values: Mapping[str, Any]) -> Facts:
    """The inverse of `write_facts`."""
    return Facts(
        path,
        hash,
        bytes.fromhex(values["sketch"]),
        values["title"],
        values["icon"],
        values["cover"],
        values["order"],
        values["draft"],
        values["anchors"],
        tuple(_read_link(*item) for item in values["links"]),
        tuple(Diagnostic(item[5] if len(item) > 5 else path, *item[:5]) for item in values["diagnostics"]),
        tuple(Silence(*item) for item in values["silences"]),
        _keyed(values.get("properties")),
        _keyed(values.get("lines")),
        tuple(values.get("includes", ())),
    )


def _keyed(table: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A table of front matter keys, which are the same in all documents."""
    return {sys.intern(key): value for key, value in table.items()} if table else {}


def _write_link(use: LinkUse) -> list[Any]:
    match use.link:
        case PageRef(target, anchor):
            return [target, anchor, use.line, use.column]
        case FileRef(path):
            return [path, None, use.line, use.column]


def _read_link(target: str, anchor: str | None, line: int, column: int) -> LinkUse:
    return LinkUse(_reference(target, anchor), line, column)


@lru_cache(maxsize=4096)  # the same pages are linked again and again: half the memory of a folder's facts
def _reference(target: str, anchor: str | None) -> PageRef | FileRef:
    return FileRef(target) if anchor is None else PageRef(target, anchor)
