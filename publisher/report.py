"""What a run did, as values, as JSON, and for the person at the terminal. Only this module and `cli` print."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Literal, TypeAlias

from converters.diagnostics import Diagnostic
from publisher.planning.records import BasePlan

Action: TypeAlias = Literal[
    "create", "update", "move", "trash", "unchanged", "conflict", "failed", "removed", "held-back"
]

SIGNS: dict[Action, str] = {
    "create": "+",
    "update": "~",
    "move": ">",
    "trash": "-",
    "unchanged": ".",
    "conflict": "!",
    "failed": "x",
    "removed": "?",
    "held-back": "!",
}


SCREEN = 25  # diagnostics that a publish prints; `check` prints them all
STOPPING = "Stopping: requests under way are finished. Ctrl-C again stops at once."
NAMED = 3  # errors that the sentence names because of which nothing is sent


@dataclass(frozen=True, slots=True)
class PageReport:
    """What happened, or would happen, to one page. `requests` counts reads and writes about this page."""

    path: str
    title: str
    action: Action
    id: str = ""
    url: str = ""
    requests: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class PropertyReport:
    """A property of a database. `sign` is "+" for one that is or was added, "~" for one that gets options, else "."."""

    name: str
    type: str
    sign: str
    options: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """A database and the properties that its records need, with the reason for each that was inferred."""

    path: str
    title: str
    properties: tuple[PropertyReport, ...] = ()


def describe_base(plan: BasePlan) -> DatabaseReport:
    """What the plan of a database says of its schema."""
    why = {item.property.name: item.why for item in plan.added}
    changed = {item.name for item in plan.changes}
    return DatabaseReport(
        plan.spec.key,
        plan.spec.title,
        tuple(
            PropertyReport(
                item.name,
                item.type,
                "+" if item.name in why else "~" if item.name in changed else ".",
                item.options,
                why.get(item.name, ""),
            )
            for item in plan.schema
        ),
    )


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


@dataclass(slots=True)
class Report:
    """What a run did. `seconds` is wall time; `interrupted` that it was stopped and the state saved.

    `uploads` are the files that were uploaded, or would be; their requests count among reads and writes.
    """

    command: str = "publish"
    target: str = "local"
    folder: str = ""
    reads: int = 0
    writes: int = 0
    pages: list[PageReport] = field(
        default_factory=list, repr=False
    )  # thousands; asyncio shows results in passing
    diagnostics: list[Diagnostic] = field(default_factory=list)
    seconds: float = 0.0
    expected_seconds: float = 0.0
    unchanged: int = 0
    url: str = ""
    interrupted: bool = False
    stopped: str = ""
    databases: list[DatabaseReport] = field(default_factory=list)
    uploads: int = 0
    uploaded_bytes: int = 0

    def count(self, action: Action) -> int:
        return sum(1 for page in self.pages if page.action == action)

    @property
    def holds_pages(self) -> bool:
        """Whether there is any page to speak of; only a folder without Markdown files, published or to come, has none."""
        return bool(self.pages or self.unchanged)

    @property
    def conflicts(self) -> int:
        return self.count("conflict")

    @property
    def failed(self) -> int:
        """Pages that the service refused, and pages held back because of an error in their file."""
        return self.count("failed") + self.count("held-back")

    def as_json(self) -> dict[str, Any]:
        """The documented shape of `--json` (README, "JSON")."""
        return {
            "command": self.command,
            "target": self.target,
            "folder": self.folder,
            "url": self.url,
            "reads": self.reads,
            "writes": self.writes,
            "created": self.count("create"),
            "updated": self.count("update"),
            "moved": self.count("move"),
            "trashed": self.count("trash"),
            "unchanged": self.unchanged,
            "removed": self.count("removed"),
            "conflicts": self.conflicts,
            "failed": self.failed,
            "uploads": self.uploads,
            "uploaded_bytes": self.uploaded_bytes,
            "interrupted": self.interrupted,
            "pages": [asdict(page) for page in self.pages],
            **({"databases": [asdict(base) for base in self.databases]} if self.databases else {}),
            "diagnostics": [diagnostic_json(item) for item in self.diagnostics],
            "seconds": round(self.seconds, 3),
            **({"expected_seconds": round(self.expected_seconds, 1)} if self.command == "plan" else {}),
        }


def diagnostic_json(item: Diagnostic) -> dict[str, Any]:
    return {
        "code": item.code,
        "severity": item.severity,
        "path": item.path,
        "line": item.line,
        "column": item.column,
        "message": item.message,
    }


def print_json(value: object, indent: int | None = None) -> None:
    print_line(json.dumps(value, ensure_ascii=False, indent=indent))


def print_line(text: str) -> None:
    """One line for a machine to read."""
    print(text, flush=True)


def say_now(text: str) -> None:
    """One line on standard error, also from a signal handler that has come while another one was written."""
    try:
        print(text, file=sys.stderr, flush=True)
    except RuntimeError:  # that other line is not through yet
        os.write(2, f"{text}\n".encode())


def printable(text: str) -> str:
    """Text for a terminal: control characters (a title may hold any) become visible instead of acting."""
    return "".join(
        char if char.isprintable() else repr(char)[1:-1] if char not in "\n\t" else " " for char in text
    )


def page_line(page: PageReport, width: int) -> str:
    """One page on one line: sign, title, path, requests."""
    requests = "" if not page.requests else f"{page.requests} request{'s' if page.requests != 1 else ''}"
    room = max(width - 4 - 13, 20)
    title, path = printable(page.title), printable(page.path)
    left = _shorten(title, room * 3 // 5)
    right = _shorten(path, room - max(len(left), room // 2) - 2)
    line = f"{SIGNS[page.action]} {left:<{room // 2}}  {right:<{room - room // 2 - 2}} {requests}".rstrip()
    return line + (f"\n    {printable(page.note)}" if page.note else "")


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
        return f"{', '.join(parts)}: {cost}, about {duration(report.expected_seconds)}."
    return f"{', '.join(parts)}: {cost}, {duration(report.seconds)}."


def nothing_in(folder: str) -> str:
    """The last line of a run that found no page."""
    return f"There are no Markdown files to publish in {printable(folder)}."


def unsent(errors: Sequence[Diagnostic], what: str = "Nothing was sent") -> str:
    """That nothing goes out before these errors are mended, and which they are."""
    places = [f"{printable(item.place)} [{item.code}]" for item in errors[:NAMED]]
    more = f", and {len(errors) - NAMED} more" if len(errors) > NAMED else ""
    return f"{what}. First mend {_plural(len(errors), 'error')}: {', '.join(places)}{more}."


def size(bytes: float) -> str:
    """A number of bytes for people, in powers of a thousand."""
    for unit in ("B", "kB", "MB"):
        if bytes < 999.5:
            return f"{bytes:.0f} B" if unit == "B" else f"{bytes:.1f} {unit}"
        bytes /= 1000
    return f"{bytes:.1f} GB"


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


class Console:
    """Writes a run for people: colours and a progress bar on a terminal, plain lines elsewhere.

    Results go to standard output, progress and diagnostics to standard error.
    """

    def __init__(self, quiet: bool = False, json_only: bool = False) -> None:
        self.quiet = quiet or json_only
        self.terminal = sys.stderr.isatty() and not self.quiet
        self.width = self._width()

    @staticmethod
    def _width() -> int:
        from shutil import get_terminal_size

        return min(get_terminal_size((80, 24)).columns, 120)

    def line(self, text: str = "") -> None:
        if not self.quiet:
            print(text, flush=True)

    def note(self, text: str) -> None:
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def diagnostics(self, items: Sequence[Diagnostic], folder: str, lowest: str = "warning") -> None:
        """Diagnostics as `folder/file:line:column`, so that terminals and editors make them links.

        From `lowest` severity on; errors first, and not more than a screen of them.
        """
        ranks = {"info": 0, "warning": 1, "error": 2}
        shown = [item for item in items if ranks[item.severity] >= ranks[lowest]]
        shown.sort(key=lambda item: item.severity != "error")
        for item in shown[:SCREEN]:
            self.note(wrapped(item, folder, self.width if self.terminal else 0))
        if len(shown) > SCREEN:
            self.note(f"... and {len(shown) - SCREEN} more.")

    def progress(self, total: int, what: str) -> Progress:
        return Progress(total, what, self.terminal)


def in_folder(item: Diagnostic, folder: str) -> str:
    text = printable(str(item))
    return text if folder in ("", ".") or not item.path else f"{folder.rstrip('/')}/{text}"


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


class Progress(AbstractContextManager["Progress"]):
    """A progress bar on a terminal (rich); silent elsewhere, where every finished page is a line anyway."""

    def __init__(self, total: int, what: str, terminal: bool) -> None:
        self._bar: Any = None
        self._what = what
        if terminal and total > 1:
            from rich.console import Console as RichConsole
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as RichProgress

            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=RichConsole(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def step(self) -> None:
        """One thing is done that needs no line."""
        if self._bar:
            self._bar.advance(self._task)

    def uploaded(self, sent: int, under_way: int) -> None:
        """So many bytes of files have gone, and so many of those that pages have asked for by now are still to go."""
        if self._bar and sent + under_way:
            rest = f", {size(under_way)} under way" if under_way else ""
            self._bar.update(self._task, description=f"{self._what} ({size(sent)} uploaded{rest})")

    def write(self, line: str, console: Console) -> None:
        """One page is done: a line above the bar, and the bar moves."""
        if self._bar:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)
            self._bar.advance(self._task)
        else:
            console.line(line)
