"""`pagemill watch`: publish once, then every change, until somebody stops it.

The system tells of changes, `Quiet` says when they have settled, `Look` looks at the files, and the same `Run` that
`publish` uses sends the difference, with what it knew the last time. While it runs, changes go on being collected; the
state is locked only while something is published, so that a push or a publish elsewhere finds it free.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from publisher.apply import Stopping
from publisher.errors import (
    ConflictError,
    Exit,
    PagemillError,
    TokenError,
    UnknownOutcomeError,
    UnreachableError,
    UsageError,
)
from publisher.folder import Folder
from publisher.memory import Memory
from publisher.remote.retry import Patience
from publisher.remote.workspace import Workspace
from publisher.report import PageReport, Report
from publisher.scan import scan
from publisher.settings import Settings
from publisher.store import Store, lock
from publisher.sync import Job, Run
from publisher.watching.config import Files, GitLock
from publisher.watching.look import Look
from publisher.watching.quiet import Batch, Quiet
from publisher.watching.source import Events, NoEvents, Polling, Signs, Source
from publisher.watching.view import View

TICK_SECONDS = 1.0  # how often settings files and the folder itself are looked at
LONGEST_PAUSE = 30.0  # seconds between two tries while the service cannot be reached
PATIENCE = Patience(failing=10.0)  # beyond it the newest content is tried, not the oldest again
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


class End(Enum):
    """Why a session ended."""

    STOPPED = 1
    CHANGED = 2  # other settings, or another folder at its place


def watch(plan: Plan, view: View) -> int:
    """Watch until Ctrl-C.

    Raises:
        PagemillError: the first publish could not be made, the settings are wrong, or the token was refused.
    """
    return asyncio.run(_watch(plan, view))


async def _watch(plan: Plan, view: View) -> int:
    stopping = Stopping()
    settings = plan.settings()
    first = True
    wake = asyncio.Event()
    with _interruptible(stopping, wake):
        while True:
            session = Session(plan, settings, view, stopping, wake, first)
            end = await session.run()
            if end is End.STOPPED:
                view.note("stopped", "Stopped; the state is saved.")
                return Exit.INTERRUPTED
            settings, first = session.settings, False


@contextmanager
def _interruptible(stopping: Stopping, wake: asyncio.Event) -> Iterator[None]:
    """The first Ctrl-C lets the request under way finish; a second one stops at once."""
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: object) -> None:
        if stopping.requested:
            raise KeyboardInterrupt
        stopping.requested = True
        loop.call_soon_threadsafe(wake.set)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Session:
    """A watch with one set of settings. `settings` are those of the next session after `End.CHANGED`."""

    def __init__(
        self, plan: Plan, settings: Settings, view: View, stopping: Stopping, wake: asyncio.Event, first: bool
    ) -> None:
        self.source: Source | None = None
        self.plan = plan
        self.settings = settings
        self.view = view
        self.stopping = stopping
        self.first = first
        self.quiet = Quiet(settings.quiet_ms / 1000)
        self.memory = Memory()
        self.pause = 0.0  # until the next try, while the service cannot be reached
        self.retry_at: float | None = None
        self._wake = wake
        self._signs: list[tuple[Signs, float]] = []
        self._walk = False
        self._ended = False
        self._workspace: Workspace | None = None
        self._count: Callable[[], None] = lambda: None
        self._version = -1

    async def run(self) -> End:
        """Watch until the settings change or somebody stops it."""
        self.files = Files(self.settings)
        self.git = GitLock(self.settings.folder)
        if not await self._folder_is_there():
            return End.STOPPED if self.stopping.requested else End.CHANGED
        self.store = Store(self.plan.state(self.settings))
        try:
            self.source = self._events()  # before the first look, so that nothing is missed
            self.look = Look(self.settings, self.store)
            self.source = self.source or self._polling()
            await self._publish(self.look.folder, frozenset())
            _settle_memory()
            self._say_watching()
            return await self._loop()
        finally:
            gc.unfreeze()
            if self.source is not None:
                self.source.stop()
            if self._workspace is not None:
                await self._workspace.close()
            self.store.close()

    # -- where changes come from ---------------------------------------------------------------------------

    def _events(self) -> Events | None:
        if self.plan.poll:
            return None
        source = Events(os.path.realpath(self.settings.folder), self._deliver, self._lost)
        try:
            source.start()
        except NoEvents as limit:
            self._say_limit(str(limit))
            return None
        return source

    def _say_limit(self, why: str) -> None:
        text = (
            f"The system tells of no changes ({why}); the folder is looked through every second instead."
            " If a limit was reached on Linux, `sysctl fs.inotify.max_user_watches=524288` raises it."
        )
        self.view.note("polling", text)

    def _polling(self) -> Polling:
        source = Polling(self.settings, self._deliver, self.look.folder.scan)
        source.start()
        return source

    def _deliver(self, signs: Signs, at: float) -> None:
        self._signs.append((signs, at))
        self._wake.set()

    def _lost(self, alive: bool) -> None:
        """Events were lost: everything is looked at. If none come any more, `_poll_instead` sees to it."""
        self._walk = True
        self._ended = self._ended or not alive
        self._wake.set()

    def _poll_instead(self) -> None:
        self._ended = False
        if self.source is not None:
            self.source.stop()
        self._say_limit("its events have ended")
        self.source = self._polling()

    def _say_watching(self) -> None:
        how = "walks" if isinstance(self.source, Polling) else "events"
        self.view.note("watching", f"Watching {self.view.folder}; Ctrl-C stops it.", mode=how)

    # -- the loop ------------------------------------------------------------------------------------------

    async def _loop(self) -> End:
        while True:
            batch = await self._next()
            if self.stopping.requested:
                return End.STOPPED
            if batch is None:
                if await self._tick():
                    return End.CHANGED
                continue
            await self._take(batch)

    async def _next(self) -> Batch | None:
        """The next settled changes; None when it is time to look at the settings, or to stop."""
        tick_at = time.monotonic() + TICK_SECONDS
        while not self.stopping.requested:
            if self._ended:
                self._poll_instead()
            self._drain()
            now = time.monotonic()
            busy = self.git.busy(now)
            batch = None if busy else self.quiet.take(now)
            walk = self._walk and not busy
            if batch is not None or walk or (self.retry_at is not None and self.retry_at <= now):
                return batch or Batch()
            if tick_at <= now:
                return None
            due = now + 0.05 if busy and self.quiet.due() is not None else self.quiet.due()
            times = [at for at in (due, self.retry_at, tick_at) if at is not None]
            with suppress(TimeoutError):
                async with asyncio.timeout(max(min(times) - now, 0)):
                    await self._wake.wait()
            self._wake.clear()
        return None

    def _drain(self) -> None:
        """Signs become entries of `quiet`, under the names by which the folder knows them."""
        arrived, self._signs = self._signs, []
        for signs, at in arrived:
            for path, sign in signs:
                if known := self.look.concerns(path):
                    self.quiet.note(known, sign, at)

    async def _take(self, batch: Batch) -> None:
        paths = batch.paths | {"/"} if self._walk else batch.paths
        self._walk, self.retry_at = False, None
        try:
            sight = self.look.look(replace(batch, paths=paths))
        except UsageError:  # the folder is gone: the next tick sees to it
            return
        self.quiet.again(sight.again, time.monotonic())
        if sight.declared:
            self.memory.shape = None
        if any(path.endswith("/") for path in paths):
            self._check_limit()
        if sight.folder is not None or self.pause:
            await self._publish(self.look.folder, batch.paths)

    def _check_limit(self) -> None:
        """New directories may have been too many."""
        if isinstance(self.source, Events):
            try:
                self.source.check()
            except OSError:
                self._lost(alive=False)

    async def _tick(self) -> bool:
        """Whether a session with other settings has to begin."""
        if self.files.folder_changed():
            return True
        if self.files.changed():
            try:
                self.settings = self.plan.settings()
            except PagemillError as error:
                self.view.note("error", f"{error} The settings stay as they were.")
                return False
            return True
        return False

    async def _folder_is_there(self) -> bool:
        """Wait for a folder that is gone; at the very start its absence is an error of the first publish."""
        if self.settings.folder.is_dir():
            return True
        if self.first:
            scan(self.settings.folder)  # says what is wrong
        self.view.note("waiting", f"{self.settings.folder} is gone; waiting until it is back.")
        while not self.stopping.requested and not self.settings.folder.is_dir():
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
        return not self.stopping.requested

    # -- publishing ----------------------------------------------------------------------------------------

    async def _publish(self, folder: Folder, saved: frozenset[str]) -> None:
        """Send what differs. What cannot be sent now is tried again later.

        Raises:
            PagemillError: the token was refused; or the first publish of all failed as a whole.
        """
        begun = time.monotonic()
        run: Run | None = None
        try:
            with self._locked() as folder_again:
                run = self._run(folder_again or folder)
                report = await run.publish()
        except TokenError:
            raise
        except ConflictError as error:
            self._later(error, "waiting", LOCK_SECONDS)
        except (UnreachableError, UnknownOutcomeError) as error:
            if self.first:
                raise
            self._later(error, "offline", max(1.0, min(self.pause * 2, LONGEST_PAUSE)))
        except PagemillError as error:
            if self.first:
                raise
            self.view.note("error", str(error))
        except OSError:  # a file went while it was published: its event is on the way
            self._walk = True
        else:
            report.seconds = time.monotonic() - begun
            self._tell(report, saved)
        finally:
            self.plan.finished()

    def _run(self, folder: Folder) -> Run:
        def begin(total: int) -> None:
            self.view.diagnostics(run.report.diagnostics, self.memory.examined)
            if self.first:
                self.plan.begin(total)

        job = Job(
            self.settings,
            self._connect,
            force=self.plan.force,
            stopping=self.stopping,
            begin=begin,
            on_page=self.plan.on_page if self.first else lambda _: None,
            folder=folder,
            memory=self.memory,
        )
        run = Run(job, self.store)
        return run

    def _connect(self, count: Callable[[], None]) -> Workspace:
        """One connection for the whole session."""
        self._count = count
        if self._workspace is None:
            self._workspace = self.plan.connect(self.settings, lambda: self._count())
        return self._workspace

    @contextmanager
    def _locked(self) -> Iterator[Folder | None]:
        """Hold the state. If another run has written to it meanwhile, nothing that was known of it holds.

        Raises:
            ConflictError: another run holds it.
        """
        with lock(self.store.path):
            version = self.store.written_elsewhere()
            if self._version in (-1, version):
                self._version = version
                yield None
                return
            self._version = version
            self.store.refresh()
            self.memory = Memory()
            self.look = Look(self.settings, self.store)
            yield self.look.folder

    def _later(self, error: PagemillError, event: str, pause: float) -> None:
        if not self.pause:
            texts = {
                "offline": f"{error.message.splitlines()[0]} Changes are kept and sent when it is back.",
                "waiting": "Another run is publishing this folder; changes are sent when it is done.",
            }
            self.view.note(event, texts[event])
        self.pause = pause
        self.retry_at = time.monotonic() + pause

    def _tell(self, report: Report, saved: frozenset[str]) -> None:
        if self.pause:
            self.view.note("online", "It goes on.")
            self.pause = 0.0
        if any("no clear answer" in page.note for page in report.pages):
            self.retry_at = time.monotonic() + 1.0
        self.view.diagnostics(report.diagnostics, self.memory.examined)
        self.view.published(report, saved, self.first)
        if self.first and not report.interrupted:
            self.first = False
            self.plan.opened(self.settings, report)


def _settle_memory() -> None:
    """What is known now stays known: the collector need not go through it with every save."""
    gc.collect()
    gc.freeze()
