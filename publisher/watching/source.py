"""Where the signs come from: the system's file events through watchdog, or walks through the folder."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from publisher.errors import UsageError
from publisher.scan import Scan, SourceFile, scan
from publisher.settings import Settings
from publisher.watching.quiet import Sign

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

Signs: TypeAlias = list[tuple[str, Sign]]
Stamps: TypeAlias = dict[str, SourceFile | None]
POLL_SECONDS = 1.0
MOVING_SECONDS = 0.2  # after a walk that found a change
POLL_SHARE = 20  # between two walks pass at least so many times what one takes


class Source(Protocol):
    """Tells of changes until it is stopped. What it calls is called in the loop's thread."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class NoEvents(Exception):
    """The system watches no more directories, or not these."""


class Events:
    """The system's own events. `deliver` gets paths from the root, directories with a slash at the end.

    `lost` is called when events may have been lost: with True if they still come, False if they have ended.
    """

    def __init__(
        self, root: str, deliver: Callable[[Signs, float], None], lost: Callable[[bool], None]
    ) -> None:
        self._root = root.rstrip(os.sep) + os.sep
        self._deliver = deliver
        self._lost = lost
        self._closes = sys.platform.startswith("linux")  # elsewhere no event says that a file was closed
        self._observer: Any = None
        self._hook: Any = None
        self._log = _Lost(self._tell_lost)

    def start(self) -> None:
        """Watch the folder with all that is in it.

        Raises:
            NoEvents: the system's limit for watches is reached, or it cannot watch this folder at all.
        """
        self._loop = asyncio.get_running_loop()
        self._hook, threading.excepthook = threading.excepthook, self._died
        logging.getLogger("watchdog").addHandler(self._log)
        try:
            self._observer = self._open(recursive=True)
            self.check()
        except OSError as error:
            self.stop()
            raise NoEvents(error.strerror or str(error)) from error

    def check(self) -> None:
        """Try one watch more: watchdog passes over directories below the folder when the limit is reached.

        Raises:
            OSError: the limit is reached.
        """
        if self._closes:
            probe = self._open(recursive=False)
            probe.stop()
            probe.join()

    def stop(self) -> None:
        if self._hook is not None:
            threading.excepthook, self._hook = self._hook, None
        logging.getLogger("watchdog").removeHandler(self._log)
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def _open(self, recursive: bool) -> Any:
        from watchdog import events  # 47 ms
        from watchdog.observers import Observer

        class Handler(events.FileSystemEventHandler):
            def dispatch(_, event: FileSystemEvent) -> None:
                self._on_event(event)

        wanted = ["DirCreated", "DirDeleted", "DirMoved", "FileCreated", "FileDeleted", "FileMoved"]
        wanted += ["FileModified", "FileClosed", "FileAttrib"]
        kinds = [found for name in wanted if (found := getattr(events, f"{name}Event", None))]
        observer = Observer()
        try:
            observer.schedule(Handler(), self._root.rstrip(os.sep), recursive=recursive, event_filter=kinds)
            observer.start()
        except BaseException:
            observer.stop()
            raise
        return observer

    def _on_event(self, event: FileSystemEvent) -> None:
        """In watchdog's thread."""
        if signs := signs_of(event, self._closes):
            found = [(self._relative(path), sign) for path, sign in signs]
            self._call(self._deliver, [item for item in found if item[0]], time.monotonic())

    def _relative(self, path: str) -> str:
        if not path.startswith(self._root):
            return ""
        path = path[len(self._root) :]
        return path.replace(os.sep, "/") if os.sep != "/" else path

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            self._loop.call_soon_threadsafe(function, *arguments)

    def _tell_lost(self) -> None:
        self._call(self._lost, True)

    def _died(self, arguments: threading.ExceptHookArgs) -> None:
        """A thread ended with an exception; if it was watchdog's, no more events come."""
        frame = arguments.exc_traceback
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        module = frame.tb_frame.f_globals.get("__name__", "") if frame is not None else ""
        if module.startswith("watchdog"):
            self._call(self._lost, False)
        elif self._hook is not None:
            self._hook(arguments)


class _Lost(logging.Handler):
    """watchdog tells of lost events in its log only."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell()


def signs_of(event: FileSystemEvent, closes: bool) -> Signs:
    """What an event says, as whole paths. `closes`: the system tells when a written file is closed."""
    source, target = os.fsdecode(event.src_path), os.fsdecode(event.dest_path or "")
    end = os.sep if event.is_directory else ""
    match event.event_type:
        case "closed":
            return [(source, Sign.SETTLED)]
        case "moved":
            moved = [(source + end, Sign.AWAY)] if source else []
            return moved + ([(target + end, Sign.SETTLED)] if target else [])
        case "created":
            return [(source + end, Sign.NEW)]
        case "deleted":
            return [(source + end, Sign.GONE)]
        case "modified" if not event.is_directory:
            return [(source, Sign.UNFINISHED if closes else Sign.SETTLED)]
        case "attrib" if not event.is_directory:
            return [(source, Sign.TOUCHED)]
        case _:
            return []


class Polling:
    """Walks the folder again and again: for network and container file systems, which send no events.

    A change is told when a second walk, a moment later, finds it as the first one did. `shown` gives the pictures and
    other files that pages show, as they are now: these are compared too, of others only the names.
    """

    def __init__(
        self,
        settings: Settings,
        deliver: Callable[[Signs, float], None],
        start: Scan,
        shown: Callable[[], Stamps] = dict,
    ) -> None:
        self._settings = settings
        self._deliver = deliver
        self._shown = shown
        self._told = _stamps(start, shown())
        self._seen = self._told
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        pause = POLL_SECONDS
        while True:
            await asyncio.sleep(pause)
            begun = time.perf_counter()
            now = await asyncio.to_thread(self._look)
            moving = now is not None and self.compare(now, time.monotonic())
            pause = MOVING_SECONDS if moving else POLL_SECONDS
            pause = max(pause, POLL_SHARE * (time.perf_counter() - begun))

    def _look(self) -> Stamps | None:
        try:
            return _stamps(scan(self._settings.folder, self._settings.ignore), self._shown())
        except UsageError:  # the folder is gone; whoever watches sees that too
            return None

    def compare(self, now: Stamps, at: float) -> bool:
        """Tell what stands still and differs from what was told; says whether something still moves."""
        signs: Signs = []
        moving = False
        for path, stamp in now.items():
            if path in self._told and self._told[path] == stamp:
                continue
            if path in self._seen and self._seen[path] == stamp:
                signs.append((path, Sign.SETTLED if path in self._told else Sign.NEW))
                self._told[path] = stamp
            else:
                moving = True
        for path in [path for path in self._told if path not in now]:
            del self._told[path]
            signs.append((path, Sign.GONE))
        self._seen = now
        if signs:
            self._deliver(signs, at)
        return moving


def _stamps(found: Scan, shown: Stamps) -> Stamps:
    """What is compared from walk to walk: of files that no page shows only that they are there."""
    pictures = {path: shown.get(path) for path in found.assets}
    return {**pictures, **{file.path: file for file in found.files}}
