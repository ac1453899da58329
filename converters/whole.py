"""A text put together from several files, and where each line of it comes from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from converters.diagnostics import Diagnostic

_LEFT_OUT = frozenset({"snippet-kept", "include-kept", "embed-note"})
_INSTEAD = {"embed-note": "a link leads to the note"}
_TOO_LARGE = (
    "The page includes too much already; {instead}. Include less (do files include each other again and again?), "
    "or link to pages instead."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A run of lines of the whole text, from `start` on: those of the file `path`, from `line` on; all count from 1.

    `shown` is the line of the including file that they stand for: its own, or that which asks for another file's.
    `full`: they ask for files that are left out, since the whole would grow too large. `note`: they are those of a note
    that is shown in the first file, which has a title and headings of its own. `near` is the file from which relative
    addresses in them count; "" for the first.
    """

    start: int
    path: str
    line: int
    shown: int
    full: bool = False
    note: bool = False
    near: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file's text with the texts that it asks for. `files` are the paths that were asked for, found or not.

    `parts` stand in the order of their lines; none if nothing was put in.
    """

    text: str
    parts: tuple[Part, ...] = ()
    files: tuple[str, ...] = ()


def place(parts: tuple[Part, ...], line: int) -> tuple[str, int]:
    """The file and the line in it that a line of the whole text comes from."""
    part = part_of(parts, line)
    return part.path, part.line + line - part.start


def shown(parts: tuple[Part, ...], path: str, line: int) -> int:
    """The line of the file `path` that stands for a line of the whole text that it asked for."""
    part = part_of(parts, line)
    own = part.path == path and not part.note
    return part.shown + line - part.start if own else part.shown


def of_note(parts: tuple[Part, ...], line: int) -> bool:
    """Whether a line of the whole text is one of a note that is shown in the first file."""
    return bool(parts) and part_of(parts, line).note


def part_of(parts: tuple[Part, ...], line: int) -> Part:
    """The run of lines in which a line of the whole text stands."""
    return parts[max(bisect_right(parts, line, key=lambda part: part.start) - 1, 0)]


def located(parts: tuple[Part, ...], items: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics about lines of the whole text as diagnostics about the files that they come from."""
    if not parts:
        return tuple(items)
    return tuple(_located(parts, item) if item.line else item for item in items)


def _located(parts: tuple[Part, ...], item: Diagnostic) -> Diagnostic:
    path, line = place(parts, item.line)
    full = item.code in _LEFT_OUT and part_of(parts, item.line).full
    message = _TOO_LARGE.format(instead=_INSTEAD.get(item.code, "the line stays")) if full else item.message
    return replace(item, path=path, line=line, message=message)
