"""Turning diagnostics off, and up: for a line, for a file, for a folder.

A line is silenced by a comment on it, or by one that stands alone before it: `<!-- pagemill: off link-broken -->`.
A file is silenced by its front matter: `pagemill: {off: [link-broken]}`. A folder has its settings. What holds a page
back is an error by its nature and can be silenced nowhere: there would be no page, and nobody would know why.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from converters.diagnostics import CODES, Diagnostic, Level, Silence

if TYPE_CHECKING:
    from converters.state import State

_DIRECTIVE = re.compile(r"\s*pagemill\s*:\s*", re.IGNORECASE)
_OFF = re.compile(r"off\b[\s:]*(.*)", re.IGNORECASE | re.DOTALL)
_NAMES = re.compile(r"[^\s,]+")
# A line that holds a comment and nothing else but the marks of the list or quote around it
_ALONE = re.compile(r"[\s>*+\-]*(?:\d+[.)]\s+)?(?:<!--|%%|\{/\*).*")
_DROPPED = ("html-dropped-comment", "comment-dropped")
_ENDS = ("-->", "%%", "*/}")


def fault(code: str) -> str:
    """Why a code cannot be turned off; empty if it can."""
    if code not in CODES:
        near = get_close_matches(code.lower(), CODES, 1)
        return f"“{code[:60]}” is not a code" + (f"; did you mean “{near[0]}”?" if near else "")
    if CODES[code].severity == "error":
        return f"“{code}” is an error, which holds the page back; it cannot be turned off"
    return ""


def silences(state: State, codes: Iterable[str], line: int) -> tuple[Silence, ...]:
    """What the file silences: `codes` of its front matter, which stand on `line`, and its comments.

    Says what is wrong.
    """
    found = [Silence(code) for code in codes if _known(state, code, line)]
    spoken: set[int] = set()
    for start, text in state.comments:
        directive = _DIRECTIVE.match(text)
        if directive is None:
            continue
        spoken.add(start)
        off = _OFF.match(text, directive.end())
        names = _NAMES.findall(off[1]) if off else []
        if not names:
            message = "A comment for pagemill reads “pagemill: off” and the codes."
            state.report("silence-invalid", message, start, 1)
        lines = tuple(_lines(state, start, start + text.count("\n")))
        found += (Silence(name, place) for name in names if _known(state, name, start) for place in lines)
    if spoken:  # nobody needs to hear that these are not published
        state.diagnostics[:] = [
            item for item in state.diagnostics if item.code not in _DROPPED or item.line not in spoken
        ]
    return tuple(found)


def _known(state: State, code: str, line: int) -> bool:
    wrong = fault(code)
    if wrong:
        state.report("silence-invalid", f"{wrong}.", line, 1)
    return not wrong


def _lines(state: State, first: int, last: int) -> Iterator[int]:
    """The lines that a comment speaks of: its own, and the next one with text if it stands alone, with the comments
    above that one."""
    yield from range(first, last + 1)
    rows, top = state.lines, state.offset + 1
    if first < top or last - top >= len(rows):
        return
    if not (_ALONE.match(rows[first - top]) and rows[last - top].rstrip().endswith(_ENDS)):
        return
    for number in range(last - top + 1, len(rows)):
        row = rows[number].lstrip(" \t>").rstrip()
        if row:
            yield number + top
        if row and not (_ALONE.match(row) and row.endswith(_ENDS)):
            return


def judge(
    items: Iterable[Diagnostic],
    off: Mapping[str, Collection[Silence]],
    levels: Mapping[str, Level],
    strict: bool = False,
) -> Iterator[Diagnostic]:
    """The diagnostics that are left, with the severity that they have in this folder.

    Args:
        off: What each file silences, by path.
        levels: The folder's own severity of a code; "off" silences it. Errors stay errors.
        strict: Whether warnings, as they are then, count as errors.
    """
    for item in items:
        silenced = off.get(item.path, ())
        if item.severity != "error":
            if silenced and (Silence(item.code) in silenced or Silence(item.code, item.line) in silenced):
                continue
            level = levels.get(item.code, item.severity)
            if level == "off":
                continue
            if strict and level == "warning":
                level = "error"
            if level != item.severity:
                item = replace(item, severity=level)
        yield item
