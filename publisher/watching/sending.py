"""Publishing again and again with one connection, one state and what the last run knew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import (
    ConflictError,
    PagemillError,
    TokenError,
    UnknownOutcomeError,
    UnreachableError,
)
from publisher.job import Job
from publisher.locking import lock
from publisher.memory import Memory
from publisher.remote.retry import Patience
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import Workspace
from publisher.report import PageReport, Report
from publisher.settings import Settings
from publisher.store import Store
from publisher.sync import Run
from publisher.watching.look import Look
from publisher.watching.view import View

PATIENCE = Patience(failing=10.0)  # beyond it the newest content is tried, not the oldest again
AGAIN_SECONDS = 1.0  # until the next try after a lost answer, or a file that went while it was sent
LONGEST_PAUSE = 30.0  # seconds between two tries while the service cannot be reached
LOCK_SECONDS = 0.5  # between two tries while another run publishes


@dataclass(frozen=True, slots=True)
class Plan:
    """What to watch. The functions are those that `publish` is made of; `opened` is called after the first publish."""

    settings: Callable[[], Settings]
    connect: Callable[[Settings, Callable[[], None]], Workspace]
    state: Callable[[Settings], Path]
    poll: bool = False
    force: bool = False
    opened: Callable[[Settings, Report], None] = lambda settings, report: None
    begin: Callable[[int], None] = lambda _: None
    on_page: Callable[[PageReport], None] = lambda _: None
    finished: Callable[[], None] = lambda: None


class Sender:
    """Sends what differs, now or later. `retry_at` is when to try again what could not be sent, None if all was; `left`
    is the number of pages to which a publish did not come that was stopped.

    `first` says that nothing was published yet: what goes wrong then is raised instead of being tried again, but for a
    service that cannot be reached.
    """

    def __init__(self, plan: Plan, settings: Settings, view: View, stopping: Stopping, first: bool) -> None:
        self.plan = plan
        self.settings = settings
        self.view = view
        self.first = first
        self.retry_at: float | None = None
        self.unsent = False
        self.left = 0
        self._due = 0
        self._stopping = stopping
        self._pause = 0.0  # the last one between two tries
        self._noted = False
        self._store = Store(plan.state(settings))
        self._memory = Memory()
        self._version: int | None = None
        self._workspace: Workspace | None = None
        self._count: Callable[[], None] = lambda: None
        self.look: Look

    def open(self) -> Look:
        """Read the folder for the first time.

        Raises:
            UsageError: there is no such folder.
        """
        self.look = Look(self.settings, self._store)
        return self.look

    async def close(self) -> None:
        if self._workspace is not None:
            await self._workspace.close()
        self._store.close()

    def forget(self) -> None:
        """What is known of the folder's shape holds no more."""
        self._memory.shape = None

    async def publish(self, saved: frozenset[str]) -> None:
        """Send what differs from the folder as it was last looked at. `saved` are the documents that it is about.

        Raises:
            PagemillError: the token was refused; or the first publish of all was refused as a whole.
        """
        begun = time.monotonic()
        self.unsent, self.retry_at = True, None
        try:
            with self._locked():
                report = await self._run().publish()
        except TokenError:
            raise
        except ConflictError as error:
            self._later("waiting", error, LOCK_SECONDS)
        except (UnreachableError, UnknownOutcomeError) as error:
            if self.first:
                self.forget()  # all there is to say has still to be said
            self._later("offline", error, self._next_pause())
        except PagemillError as error:
            if self.first:
                raise
            self.view.note("error", str(error))
        except (OSError, ExceptionGroup) as error:
            if isinstance(error, ExceptionGroup) and error.split(OSError)[1] is not None:
                raise
            self.retry_at = time.monotonic() + AGAIN_SECONDS  # a file went meanwhile; its event is on the way
        else:
            report.seconds = time.monotonic() - begun
            self._tell(report, saved)
        finally:
            self.plan.finished()

    def _run(self) -> Run:
        def begin(total: int) -> None:
            self._due = total + _done(run.account.pages.values())
            self.view.diagnostics(run.report.diagnostics, self._memory.examined)
            if self.first:
                self.plan.begin(total)

        job = Job(
            self.settings,
            self._connect,
            force=self.plan.force,
            stopping=self._stopping,
            begin=begin,
            on_page=self.plan.on_page if self.first else lambda _: None,
            folder=self.look.folder,
            memory=self._memory,
        )
        run = Run(job, self._store)
        return run

    def _connect(self, count: Callable[[], None]) -> Workspace:
        """One connection for the whole session."""
        self._count = count
        if self._workspace is None:
            self._workspace = self.plan.connect(self.settings, lambda: self._count())
        return self._workspace

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the state. If another run has written to it meanwhile, nothing that was known of it holds.

        Raises:
            ConflictError: another run holds it.
        """
        with lock(self._store.path):
            before, self._version = self._version, self._store.written_elsewhere()
            if before not in (None, self._version):
                self._store.refresh()
                self._memory = Memory()
                self.look.anew()
            yield

    def _next_pause(self) -> float:
        return max(AGAIN_SECONDS, min(self._pause * 2, LONGEST_PAUSE))

    def _later(self, event: str, error: PagemillError, pause: float) -> None:
        """Say so once, and try again after a pause."""
        if not self._noted:
            texts = {
                "offline": f"{error.message.splitlines()[0].rstrip('.')}. Changes are kept and sent when it is back.",
                "waiting": "Another run is publishing this folder; changes are sent when it is done.",
            }
            self.view.note(event, texts[event])
        self._noted = True
        self._pause = pause
        self.retry_at = time.monotonic() + pause

    def _tell(self, report: Report, saved: frozenset[str]) -> None:
        if self._noted:
            self.view.note("online", "It goes on.")
            self._noted = False
        self.unsent = self._memory.unclear
        self.left = max(self._due - _done(report.pages), 0) if report.interrupted else 0
        self._pause = self._next_pause() if self.unsent else 0.0
        if self.unsent:
            self.retry_at = time.monotonic() + self._pause
        self.view.diagnostics(report.diagnostics, self._memory.examined)
        self.view.published(report, saved, self.first)
        if self.first and not report.interrupted:
            self.first = False
            self.plan.opened(self.settings, report)


def _done(pages: Iterable[PageReport]) -> int:
    """How many pages are known to have needed something."""
    return sum(page.action != "unchanged" for page in pages)
