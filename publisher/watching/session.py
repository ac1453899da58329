"""One watch with one set of settings: collect changes, wait until they settle, look, send."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from contextlib import suppress
from dataclasses import replace
from enum import Enum

from publisher.errors import PagemillError, UsageError
from publisher.remote.stopping import Stopping
from publisher.scan import scan
from publisher.settings import Settings
from publisher.watching.config import Files, GitLock
from publisher.watching.quiet import Batch, Quiet, Sign
from publisher.watching.sending import Plan, Sender
from publisher.watching.source import Events, NoEvents, Polling, Signs, Source
from publisher.watching.view import View
from publisher.wording import called

TICK_SECONDS = 1.0  # how often settings files and the folder itself are looked at


class End(Enum):
    """Why a session ended."""

    STOPPED = 1
    CHANGED = 2  # other settings, or another folder at its place


class Session:
    """A watch with one set of settings. `settings` are those of the next session after `End.CHANGED`.

    `idle` says that nothing is under way for which Ctrl-C would have to wait, `left` is what the
    workspace had not as it is in the folder when this was stopped, as the end of a sentence.
    """

    def __init__(
        self, plan: Plan, settings: Settings, view: View, stopping: Stopping, wake: asyncio.Event, first: bool
    ) -> None:
        self.plan = plan
        self.settings = settings
        self.view = view
        self.stopping = stopping
        self.first = first
        self.quiet = Quiet(settings.quiet_ms / 1000)
        self.source: Source | None = None
        self.idle = False
        self.left = "."
        self._wake = wake
        self._signs: list[tuple[Signs, float]] = []
        self._walk = False
        self._ended = False

    async def run(self) -> End:
        """Watch until the settings change or somebody stops it."""
        self.files = Files(self.settings)
        self.git = GitLock(self.settings.folder)
        if not await self._folder_is_there():
            return End.STOPPED if self.stopping.requested else End.CHANGED
        self.sender = Sender(self.plan, self.settings, self.view, self.stopping, self.first)
        try:
            self.source = self._events()  # before the first look, so that nothing is missed
            self.look = self.sender.open()
            self.source = self.source or self._polling()
            await self.sender.publish(frozenset())
            if self.stopping.requested:
                return self._stopped()
            _settle_memory()
            self._say_watching()
            return await self._loop()
        except UsageError:
            if self.first or self.settings.folder.is_dir():
                raise
            return End.CHANGED  # the folder went again
        finally:
            gc.unfreeze()
            if self.source is not None:
                self.source.stop()
            await self.sender.close()

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
        source = Polling(self.settings, self._deliver, self.look.folder.scan, self.look.stamps)
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
        self.view.note("watching", f"Watching {called(self.view.folder)}; Ctrl-C stops it.", mode=how)

    # -- the loop ------------------------------------------------------------------------------------------

    async def _loop(self) -> End:
        while True:
            batch = await self._next()
            if self.stopping.requested:
                return self._stopped()
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
            if (
                batch is not None
                or walk
                or (self.sender.retry_at is not None and self.sender.retry_at <= now)
            ):
                return batch or Batch()
            if tick_at <= now:
                return None
            due = now + 0.05 if busy and self.quiet.due() is not None else self.quiet.due()
            times = [at for at in (due, self.sender.retry_at, tick_at) if at is not None]
            await self._rest(max(min(times) - now, 0))
        return None

    async def _rest(self, seconds: float) -> None:
        """Until something happens, and no longer."""
        self.idle = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self.idle = False
        self._wake.clear()

    def _stopped(self) -> End:
        self._drain()
        self.left = self._unsent()
        return End.STOPPED

    def _unsent(self) -> str:
        if self.sender.left:
            pages = f"{self.sender.left} page{'s are' if self.sender.left > 1 else ' is'}"
            return f". About {pages} left; run it again to go on."
        if self.sender.unsent or self._walk or self.quiet.due() is not None:
            return ". What has changed last is not sent; the next run does it."
        standing = self.view.standing()
        return f". Not as in the folder: {standing}." if standing else ", and nothing is left to send."

    def _drain(self) -> None:
        """Signs become entries of `quiet`, under the names by which the folder knows them."""
        arrived, self._signs = self._signs, []
        for signs, at in arrived:
            for path, sign in signs:
                if known := self.look.concerns(path):
                    self.quiet.note(known, sign, at)

    async def _take(self, batch: Batch) -> None:
        paths = batch.paths | {"/"} if self._walk else batch.paths
        self._walk = False
        try:
            sight = self.look.look(replace(batch, paths=paths))
        except UsageError:  # the folder is gone: the next tick sees to it
            return
        self.quiet.again(sight.again, time.monotonic())
        if sight.declared:
            self.sender.forget()
        if any(path.endswith("/") for path in paths):
            self._check_limit()
        if sight.folder is not None or self.sender.unsent:
            await self.sender.publish(batch.paths & self.look.folder.facts.keys())

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
        for path in self.look.beside():
            self.quiet.note(path, Sign.SETTLED, time.monotonic())
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
            await self._rest(TICK_SECONDS)
        return not self.stopping.requested


def _settle_memory() -> None:
    """What is known now stays known: the collector need not go through it with every save."""
    gc.collect()
    gc.freeze()
