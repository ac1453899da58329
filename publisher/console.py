"""What is printed: results to standard output, progress and diagnostics to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from converters.diagnostics import Diagnostic
from publisher.report import PageReport
from publisher.wording import page_line, size, wrapped

STOPPING = "Stopping: requests under way are finished. Ctrl-C again stops at once."
SCREEN = 25  # diagnostics that a publish prints; `check` prints them all


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

    def progress(self, total: int, what: str) -> Bar:
        return Bar(total, what, self.terminal)


class Bar(AbstractContextManager["Bar"]):
    """A progress bar on a terminal (rich); silent elsewhere, where every finished page is a line anyway."""

    def __init__(self, total: int, what: str, terminal: bool) -> None:
        self._bar: Any = None
        self._what = what
        if terminal and total > 1:
            from rich.console import Console as RichConsole
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=RichConsole(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(what, total=total)

    def __enter__(self) -> Bar:
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


class Pages(AbstractContextManager["Pages"]):
    """The pages of a publish, each told when it is done. Nothing is told before `begin`. `folder`: how it is called."""

    def __init__(self, console: Console, folder: str = "") -> None:
        self._console = console
        self._folder = folder
        self._bar: Bar | None = None

    def begin(self, total: int) -> None:
        """A round begins, in which so many pages may change; an earlier one is over."""
        self.end()
        self._bar = self._console.progress(total, "Publishing").__enter__()

    def tell(self, page: PageReport) -> None:
        if self._bar is not None:
            self._bar.write(page_line(page, self._console.width, self._folder), self._console)

    def uploaded(self, sent: int, under_way: int) -> None:
        if self._bar is not None:
            self._bar.uploaded(sent, under_way)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        self._bar = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
