"""Components whose tags and content share a line: `<TabItem value="a" label="A">Text.</TabItem>`.

Only those that become blocks of their own, such as tabs and notes; the tags of others are marks in a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it.rules_block import StateBlock

from converters.extensions.component_tags import Component, read
from converters.extensions.grammars import LONGEST
from converters.extensions.regions import apart
from converters.extensions.shortcode_pairs import MARKS, OPENS

_HOLDING = OPENS.keys() - MARKS.keys() - {"button"}
_ROWS = 12  # lines that are looked through for the end of a component; keeps a file of open tags linear
_SIGN = re.compile(r"`[^`]*`|<")


@dataclass(slots=True)
class _Pieces:
    """The tags and the texts between them, in order, each with the line at which it begins, from 0."""

    tags: list[tuple[Component, int]] = field(default_factory=list)
    texts: list[tuple[str, int]] = field(default_factory=list)  # the one behind each tag
    rows: int = 0


def put_apart(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The rule for a line that begins with a component, and goes on behind its tag."""
    last = line
    while last < min(end, line + _ROWS) and not state.isEmpty(last):
        last += 1
    found = _pieces(state.getLines(line, last, state.sCount[line], False)[:LONGEST])
    if found is None:
        return False
    if not silent:
        for (tag, row), (text, begin) in zip(found.tags, found.texts, strict=True):
            token = state.push("component", "", 0)
            token.map, token.meta["component"] = [line + row, line + row + 1], tag
            apart(state, text, line + begin)
        state.line = line + found.rows
    return True


def _pieces(text: str) -> _Pieces | None:
    """A component up to its end, and those that follow it on its last line; None if there is no such end."""
    found, names, at = _Pieces(), list[str](), 0
    for sign in _SIGN.finditer(text):
        tag = read(text, sign.start()) if sign.start() >= at and sign[0] == "<" else None
        if tag is None or tag.role == "alone" or tag.name.lower() not in _HOLDING:
            continue
        between = text[at : sign.start()]
        if not names and between.strip():
            return None
        if found.tags:
            found.texts.append((between, text.count("\n", 0, at)))
        found.tags.append((tag, text.count("\n", 0, sign.start())))
        at = tag.end
        if tag.role == "open":
            names.append(tag.name)
        elif not names or names.pop() != tag.name:
            return None
        if not names and not text[at:].partition("\n")[0].strip():
            found.texts.append(("", 0))
            found.rows = text.count("\n", 0, at) + 1
            return found
    return None
