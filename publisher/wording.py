"""A report in words, line by line. Text out; `console` prints it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from converters.diagnostics import Diagnostic
from publisher.report import SIGNS, DatabaseReport, PageReport, Report

NAMED = 3  # errors that the sentence names because of which nothing is sent


def database_lines(databases: Iterable[DatabaseReport], all_of_them: bool = False) -> list[str]:
    """The properties that are added or changed, one line each, with the reason."""
    lines = []
    for base in databases:
        shown = [item for item in base.properties if all_of_them or item.sign != "."]
        lines += [f"  properties of {printable(base.title)}:"] if shown else []
        for item in shown:
            options = f" ({_plural(len(item.options), 'option')})" if item.options else ""
            why = f"  {item.why}" if item.why else ""
            lines.append(printable(f"  {item.sign} {item.name}: {item.type}{options}{why}"))
    return lines


def printable(text: str) -> str:
    """Text for a terminal: control characters (a title may hold any) become visible instead of acting."""
    return "".join(
        char if char.isprintable() else repr(char)[1:-1] if char not in "\n\t" else " " for char in text
    )


def page_line(page: PageReport, width: int, folder: str = "") -> str:
    """One page on one line: sign, title, path, requests; its note below. `folder` stands before the note's place."""
    requests = _plural(page.requests, "request") if page.requests else ""
    room = max(width - 4 - 13, 20)
    title, path = printable(page.title), printable(page.path)
    left = _shorten(title, room * 3 // 5)
    right = _shorten(path, room - max(len(left), room // 2) - 2)
    line = f"{SIGNS[page.action]} {left:<{room // 2}}  {right:<{room - room // 2 - 2}} {requests}".rstrip()
    return line + (f"\n    {note_of(page, folder)}" if page.note else "")


def note_of(page: PageReport, folder: str) -> str:
    """A page's note; the place in its file that it may begin with, as people reach it."""
    return placed(page.note, folder if page.note.startswith(f"{page.path}:") else "")


def _shorten(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"


def summary(report: Report) -> str:
    """The last line of a run, in words."""
    verbs = {"create": "created", "update": "updated", "move": "moved", "trash": "moved to trash"}
    if report.command == "plan":
        verbs = {
            "create": "to create",
            "update": "to update",
            "move": "to move",
            "trash": "to move to trash",
        }
    counts = Counter(page.action for page in report.pages)
    parts = [f"{counts[action]} {verb}" for action, verb in verbs.items() if counts[action]]  # type: ignore[index]
    if report.unchanged or not parts:
        parts.append(f"{report.unchanged} unchanged")
    for count, word in (
        (counts["removed"], "without a file"),
        (report.conflicts, "in conflict"),
        (counts["held-back"], "held back"),
        (counts["failed"], "failed"),
    ):
        if count:
            parts.append(f"{count} {word}")
    cost = f"{_plural(report.writes, 'write')}, {_plural(report.reads, 'read')}"
    if report.uploads:
        cost += f", {_plural(report.uploads, 'upload')} of {size(report.uploaded_bytes)}"
    if report.command == "plan":
        return f"{', '.join(parts)}: {cost}, {estimate(report.expected_seconds)}."
    return f"{', '.join(parts)}: {cost}, {duration(report.seconds)}."


def nothing_in(folder: str) -> str:
    """The last line of a run that found no page."""
    return f"There are no Markdown files to publish in {called(folder)}."


def called(folder: str) -> str:
    """A folder in a sentence."""
    return "this folder" if folder == "." else printable(folder)


def unsent(errors: Sequence[Diagnostic], what: str = "Nothing was sent", folder: str = "") -> str:
    """That nothing goes out before these errors are mended, and which they are. `folder` stands before their paths."""
    places = [f"{placed(item.place, folder if item.path else '')} [{item.code}]" for item in errors[:NAMED]]
    more = f", and {len(errors) - NAMED} more" if len(errors) > NAMED else ""
    return f"{what}. First mend {_plural(len(errors), 'error')}: {', '.join(places)}{more}."


def size(bytes: float) -> str:
    """A number of bytes for people, in powers of a thousand."""
    for unit in ("B", "kB", "MB"):
        if bytes < 999.5:
            return f"{bytes:.0f} B" if unit == "B" else f"{bytes:.1f} {unit}"
        bytes /= 1000
    return f"{bytes:.1f} GB"


def estimate(seconds: float) -> str:
    """How long something will take, no more exactly than that can be known."""
    if seconds < 1:
        return "less than a second"
    return f"about {f'{seconds:.0f} s' if seconds < 59.5 else duration(round(seconds))}"


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def diagnostics_summary(items: Iterable[Diagnostic]) -> str:
    """ "2 errors, 1 warning, 12 notes", or nothing."""
    counts = Counter(item.severity for item in items)
    words = (("error", "error"), ("warning", "warning"), ("info", "note"))
    return ", ".join(_plural(counts[severity], word) for severity, word in words if counts[severity])  # type: ignore[index]


def from_here(folder: Path) -> str:
    """A folder as a terminal opens it: from the working directory, or absolute where that is shorter. "." for itself."""
    whole = os.path.abspath(folder)  # noqa: PTH100 - links stay what they are
    try:
        return min(os.path.relpath(whole), whole, key=len)
    except ValueError:  # another drive
        return whole


def in_folder(item: Diagnostic, folder: str) -> str:
    """A diagnostic whose path begins where people stand."""
    return placed(str(item), folder if item.path else "")


def placed(path: str, folder: str) -> str:
    """A path in a folder, or a text that begins with one, as people reach it."""
    return printable(path) if folder in ("", ".") else f"{folder.rstrip('/')}/{printable(path)}"


def wrapped(item: Diagnostic, folder: str, width: int) -> str:
    """A diagnostic for a terminal of so many columns: no word is broken, nor the place. 0 columns: one line."""
    text = in_folder(item, folder)
    if not width or len(text) <= width:
        return text
    from textwrap import wrap

    head = text[: len(text) - len(printable(str(item))) + len(printable(item.place)) + 1]
    lines = wrap(
        text[len(head) :].lstrip(),
        width,
        initial_indent="x" * len(head) + " ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join([head + lines[0][len(head) :], *lines[1:]])
