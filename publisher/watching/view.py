"""What a watch shows: a line for each page that was published, and what is wrong, once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from converters.diagnostics import Diagnostic
from publisher.console import Console, print_json
from publisher.report import SIGNS, PageReport, Report, diagnostic_json
from publisher.wording import duration, note_of, nothing_in, placed, printable, summary

LINES = 20  # pages of one publish that get a line of their own
STICKY = ("removed", "conflict", "failed", "held-back")  # said once, not with every publish
_RANKS = {"info": 0, "warning": 1, "error": 2}


class View:
    """Lines for people, or one JSON object a line for programs. `folder` is how people call it."""

    def __init__(self, console: Console, folder: str, json: bool = False, verbose: bool = False) -> None:
        self.console = console
        self.folder = folder
        self.json = json
        self._lowest = 0 if verbose else 1
        self._said: dict[str, frozenset[tuple[str, str]]] = {}
        self._errors: set[str] = set()
        self._told: dict[str, tuple[str, str]] = {}

    # -- what was published ----------------------------------------------------------------------------------

    def published(self, report: Report, saved: Collection[str], first: bool) -> None:
        """One publish.

        `saved` are the documents that it was about. The pages of the first one were told as they came.
        """
        pages = [page for page in report.pages if self._is_news(page)]
        if self.json:
            values = report.as_json()
            values["pages"] = [item for item in values["pages"] if item["action"] != "unchanged"]
            self._object("publish", **values)
            return
        if report.stopped:
            self._line(report.stopped)
            return
        if first:
            self._line(f"  {summary(report) if report.holds_pages else nothing_in(self.folder)}")
        elif len(pages) == 1:
            self._line(f"{self._page(pages[0])}, {_seconds(report.seconds)}{self._note(pages[0])}")
        elif pages:
            for page in pages[:LINES]:
                self._line(f"{self._page(page)}{self._note(page)}")
            if len(pages) > LINES:
                self._line(f"  ... and {len(pages) - LINES} more")
            self._line(f"  {summary(report)}")
        elif saved:
            named = next(iter(saved)) if len(saved) == 1 else f"{len(saved)} files"
            self._line(
                f". {printable(named)}: no block has changed, {_requests(report.reads + report.writes)}"
            )

    def _page(self, page: PageReport) -> str:
        title, path = printable(page.title), printable(page.path)
        return f"{SIGNS[page.action]} {title}  {path}  {_requests(page.requests)}"

    def _note(self, page: PageReport) -> str:
        return f"\n{'':10}  {note_of(page, self.folder)}" if page.note else ""

    def _is_news(self, page: PageReport) -> bool:
        if page.action not in STICKY:
            self._told.pop(page.path, None)
            return page.action != "unchanged"
        new = self._told.get(page.path) != (page.action, page.note)
        self._told[page.path] = (page.action, page.note)
        return new

    def standing(self) -> str:
        """The pages that are not as in the folder because of something that a person has to decide or to mend."""
        counts = Counter(action for action, _ in self._told.values())
        words = {"conflict": "in conflict", "held-back": "held back", "failed": "failed"}
        return ", ".join(f"{counts[action]} {word}" for action, word in words.items() if counts[action])

    # -- what is wrong ---------------------------------------------------------------------------------------

    def diagnostics(self, items: Sequence[Diagnostic], examined: Collection[str] | None) -> None:
        """What is new to say about the documents that were examined (None: all of them), and what was mended."""
        by_path: dict[str, list[Diagnostic]] = {}
        for item in items:
            by_path.setdefault(item.path, []).append(item)
        paths = {*by_path, *self._said} if examined is None else {*by_path, *examined}
        fresh: list[Diagnostic] = []
        for path in sorted(paths):
            found = by_path.get(path, [])
            known = self._said.get(path, frozenset())
            fresh += [item for item in found if (item.code, item.message) not in known]
            self._mended(path, found)
            self._said[path] = frozenset((item.code, item.message) for item in found)
            if not found:
                self._said.pop(path)
        self._show(fresh)

    def _mended(self, path: str, found: Iterable[Diagnostic]) -> None:
        if any(item.severity == "error" for item in found):
            self._errors.add(path)
        elif path in self._errors:
            self._errors.remove(path)
            if self.json:
                self._object("mended", path=path)
            else:
                self._line(f"  {placed(path, self.folder)}: its errors are mended")

    def _show(self, fresh: list[Diagnostic]) -> None:
        if self.json:
            for item in fresh:
                self._object("diagnostic", **diagnostic_json(item))
        else:
            lowest = "info" if self._lowest == 0 else "warning"
            self.console.diagnostics(
                [item for item in fresh if _RANKS[item.severity] >= self._lowest], self.folder, lowest
            )

    # -- everything else -------------------------------------------------------------------------------------

    def note(self, event: str, text: str, **values: Any) -> None:
        """Something that is not about a page: watching, offline, online, waiting, stopped."""
        if self.json:
            self._object(event, message=text, **values)
        else:
            self._line(f"  {text}")

    def _object(self, event: str, **values: Any) -> None:
        print_json({"event": event, "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), **values})

    def _line(self, text: str) -> None:
        self.console.line(f"{time.strftime('%H:%M:%S')}  {text}")


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _seconds(seconds: float) -> str:
    return duration(seconds) if seconds >= 1 else f"{seconds * 1000:.0f} ms"
