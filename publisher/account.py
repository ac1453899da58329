"""What is to be said of a run: what became of each page, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from converters.diagnostics import Diagnostic
from publisher.known import KnownPage
from publisher.planning.tree import ROOT
from publisher.report import Action, PageReport, Report
from publisher.shapes import Shape
from publisher.store import Store

PAGE: ContextVar[str] = ContextVar("page", default="")  # which page a request is about, for counting


@dataclass(slots=True)
class Account:
    """Gathers the report of one run. `on_page` is told what became of each page, as soon as that is known."""

    report: Report
    store: Store
    on_page: Callable[[PageReport], None]
    pages: dict[str, PageReport] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)

    def count(self) -> None:
        """One more request, about the page that is being worked on."""
        page = PAGE.get()
        self.requests[page] = self.requests.get(page, 0) + 1

    def page(self, found: Shape, key: str, action: Action, note: str = "") -> None:
        """Say what became of the page with this key."""
        node = found.tree.by_key.get(key)
        page = self.store.page(key)
        title = node.title if node else page.title if page else key
        self.note(key, found.path(key), title, action, page, note)

    def note(
        self, key: str, path: str, title: str, action: Action, page: KnownPage | None, note: str = ""
    ) -> None:
        """Say what became of a page; what is said last counts, but a later round does not make a change undone."""
        if (
            action == "unchanged"
            and key in self.pages
            and self.pages[key].action in ("create", "update", "move")
        ):
            return
        id, url = (page.id, page.url) if page else ("", "")
        item = PageReport(path, title, action, id, url, self.requests.get(key, 0), note)
        self.pages[key] = item
        if action != "unchanged":
            self.on_page(item)

    @property
    def conflicts(self) -> bool:
        """Whether a person has to decide something."""
        return any(page.action == "conflict" for page in self.pages.values())

    def diagnose(self, more: Iterable[Diagnostic]) -> None:
        """Say this too, once."""
        self.report.diagnostics = sorted({*self.report.diagnostics, *more})

    def finish(self, known: Mapping[str, KnownPage], only: Collection[str] | None) -> None:
        """Complete the report. `known` are all pages; of those that are not in `only`, just the number is told."""
        self.report.pages = list(self.pages.values())
        self.report.unchanged = self.report.count("unchanged")
        if only is not None:
            self.report.unchanged += sum(not page.removed for page in known.values()) - len(only)
        tops = [page.url for page in known.values() if not page.parent]
        tops += [base.url for base in self.store.databases().values() if base.key == ROOT]
        self.report.url = next(iter(tops), "")

    def base(self, found: Shape, key: str, action: Action, note: str) -> None:
        """Say what became of a database."""
        base, spec = self.store.databases().get(key), found.bases.specs[key]
        id, url = (base.id, base.url) if base else ("", "")
        title = base.title if base and base.title else spec.title
        self.pages[key] = item = PageReport(key, title, action, id, url, self.requests.get(key, 0), note)
        if action != "unchanged":
            self.on_page(item)
