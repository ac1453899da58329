"""Parts of a file that another one asks for: some of its lines, a marked section, a region, what a heading covers."""

from __future__ import annotations

import re
from typing import TypeAlias

from converters.anchors import slug

Lines: TypeAlias = list[tuple[int, str]]  # lines with their numbers in their file, from 1
Spans: TypeAlias = tuple[tuple[int, int], ...]  # first and last line, from 1
END = 1 << 30

_SECTION = re.compile(
    r"-+8<-+[ \t]*\[[ \t]*(?:start|(?P<end>end))[ \t]*:[ \t]*(?P<name>[\w-]+)[ \t]*\]"
    r"|\bANCHOR(?P<last>_END)?:[ \t]*(?P<anchor>[\w-]+)"
)
_REGION = re.compile(r"(?:^|[^\w])(end)?region\b[ \t]*([\w*-]*)", re.IGNORECASE)
HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*(?:\{#([^\s{}]+)\}[ \t]*)?\Z")
_ID = re.compile(r"[ \t]\^[\w-]+\Z")  # the name of a block, as Obsidian writes it
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")


def numbered(text: str) -> Lines:
    """The lines of a text."""
    return list(enumerate(text.removesuffix("\n").split("\n"), 1))


def unmarked(lines: Lines) -> Lines:
    """Lines without those that mark where a section begins or ends."""
    return [line for line in lines if _mark(line[1]) is None]


def _mark(text: str) -> tuple[str, bool] | None:
    """The name of the section that a line begins or ends, and whether it ends it."""
    found = _SECTION.search(text) if "8<-" in text or "ANCHOR" in text else None
    if found is None:
        return None
    return found["name"] or found["anchor"], bool(found["end"] or found["last"])


def spans(lines: Lines, wanted: Spans) -> Lines | None:
    """Some of the lines, counted from 1; None if there are none at these places."""
    return [line for first, last in wanted for line in lines[max(first - 1, 0) : last]] or None


def section(lines: Lines, name: str) -> Lines | None:
    """What stands between `--8<-- [start:name]` and `--8<-- [end:name]`, or `ANCHOR: name` and `ANCHOR_END: name`."""
    found: Lines | None = None
    for line in lines:
        mark = _mark(line[1])
        if mark is not None and mark[0] == name:
            if not mark[1] and found is None:
                found = []
            elif mark[1] and found is not None:
                return found
        elif found is not None:
            found.append(line)
    return None


def region(lines: Lines, name: str) -> Lines | None:
    """What stands between `#region name` and `#endregion` in comments; else what the heading of that name covers."""
    found: Lines | None = None
    for line in lines:
        mark = _REGION.search(line[1]) if "region" in line[1].lower() else None
        if mark is not None and (mark[2] == name or (mark[1] and not mark[2])):
            if mark[1] and found is not None:
                return found
            found = [] if not mark[1] else found
        elif found is not None:
            found.append(line)
    return found if found is not None else below(lines, name)


def below(lines: Lines, name: str) -> Lines | None:
    """A heading, by its anchor or its explicit name, and what stands below it, to the next one that is not lower."""
    found: Lines = []
    level, code = 0, False
    for line in lines:
        code ^= _FENCE.match(line[1]) is not None
        heading = None if code else HEADING.match(line[1])
        if heading and level and len(heading[1]) <= level:
            break
        if heading and not level and name in (heading[3], slug(heading[2]), slug(_ID.sub("", heading[2]))):
            level = len(heading[1])
        if level:
            found.append(line)
    return found or None
