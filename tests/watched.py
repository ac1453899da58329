"""A watch in process for tests: real files, real events, the embedded workspace; everything is awaited by condition."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from site_folder import Site

from publisher.console import Console
from publisher.remote.port import Answer, Request, Transport
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.settings import Settings
from publisher.watching.sending import Plan
from publisher.watching.session import End, Session
from publisher.watching.view import View
from publisher.workplace import open_workspace, state_file

PATIENCE = 20.0  # seconds after which a test fails instead of waiting on


@dataclass
class Gate(Transport):
    """Stands before the workspace: `before` is called with every request and may raise or write files."""

    inner: Transport
    before: Callable[[Request], None]

    async def send(self, request: Request) -> Answer:
        self.before(request)
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


class Seen(View):
    """Remembers what was shown, and wakes who waits for it."""

    def __init__(self) -> None:
        super().__init__(Console(quiet=True), "docs")
        self.reports: list[Report] = []
        self.notes: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self.news = asyncio.Event()

    def published(self, report: Report, saved: Collection[str], first: bool) -> None:
        super().published(report, saved, first)
        self.reports.append(report)
        self.news.set()

    def note(self, event: str, text: str, **values: Any) -> None:
        self.notes.append((event, text))
        self.news.set()

    def _show(self, fresh: list[Any]) -> None:
        self.problems += [f"{item.path}:{item.line}: {item.code}" for item in fresh]
        self.news.set()


@dataclass
class Watched:
    """A running watch. `before` may be set to look at, or to refuse, every request."""

    site: Site
    view: Seen
    stopping: Stopping
    wake: asyncio.Event
    task: asyncio.Task[End]
    session: Session
    before: list[Callable[[Request], None]] = field(default_factory=list)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until something shown makes the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                if self.task.done():
                    self.task.result()
                    raise AssertionError(f"the watch has ended before {what or 'this came'}")
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await self.view.news.wait()
                self.view.news.clear()

    async def next(self, change: Callable[[], object]) -> Report:
        """Make a change and wait for the publish of it."""
        count = len(self.view.reports)
        change()
        await self.until(lambda: len(self.view.reports) > count)
        return self.view.reports[count]

    def actions(self) -> dict[str, str]:
        """What became of each page in all publishes so far, the last of each."""
        return {page.path: page.action for report in self.view.reports for page in report.pages}


@contextlib.asynccontextmanager
async def watching(
    site: Site, *, poll: bool = False, away: Callable[[Request], None] | None = None, **options: Any
) -> AsyncIterator[Watched]:
    """Watch a site; its first publish is done when this is entered, or refused by `away`."""
    view, stopping, wake = Seen(), Stopping(), asyncio.Event()
    before: list[Callable[[Request], None]] = [away] if away is not None else []

    def connect(settings: Settings, count: Callable[[], None]) -> Workspace:
        workspace = open_workspace(settings, count)
        workspace._transport = Gate(workspace._transport, lambda request: [look(request) for look in before])  # type: ignore[func-returns-value]
        return workspace

    plan = Plan(lambda: site.settings(**options), connect, state_file, poll=poll)
    session = Session(plan, site.settings(**options), view, stopping, wake, first=True)
    task = asyncio.create_task(session.run())
    watched = Watched(site, view, stopping, wake, task, session, before)
    try:
        await watched.until(lambda: any(event == "watching" for event, _ in view.notes), "watching")
        yield watched
    finally:
        stopping.requested = True
        wake.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([task])
    if not task.cancelled():
        task.result()
