"""How soon a save is on its way: from the close of the file to the first byte of the request, in a large folder.

Usage: python bench/watch.py [FILES] [SAVES]    (10,000 files and 200 saves by default, in a temporary directory)

Publishes the folder to the embedded workspace (some minutes), watches it in the same process and saves files as
editors do. For each kind of save it prints, in milliseconds: watchdog's own time from the save to its last event, and
what pagemill adds to that and to the quiet window until the request is there: median, p95, p99. Beside it, measured
at the same time: how late a bare sleep of the quiet window ends on this machine. Then changes of names
(new, renamed and moved files and folders), how many of all changes were caught, and the CPU share of an idle watch.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from publisher.config import Settings, load
from publisher.console import Console
from publisher.planned import Planner
from publisher.remote.connect import connect
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.watching.sending import Plan
from publisher.watching.session import Session
from publisher.watching.source import Signs
from publisher.watching.view import View
from publisher.workplace import state_file

PATIENCE = 20.0  # seconds after which a change counts as missed
IDLE = 10.0


class Stopwatch:
    """When the last event of a change came, and when the first request after it."""

    def __init__(self) -> None:
        self.event = self.request = 0.0
        self.asked = threading.Event()
        self.done = threading.Event()

    def reset(self) -> None:
        self.event = self.request = 0.0
        self.asked.clear()
        self.done.clear()

    def app(self, inner: Any) -> Callable[..., Any]:
        async def timed(scope: Any, receive: Any, send: Any) -> None:
            if not self.request:
                self.request = time.monotonic()
                self.asked.set()
            await inner(scope, receive, send)

        return timed


class Watched(Session):
    """A session that tells the stopwatch of events."""

    stopwatch: Stopwatch

    def _deliver(self, signs: Signs, at: float) -> None:
        if signs and not self.stopwatch.request:
            self.stopwatch.event = at
        super()._deliver(signs, at)


class Told(View):
    """Shows nothing and tells the stopwatch of finished publishes."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        super().__init__(Console(quiet=True), "")
        self._stopwatch = stopwatch

    def published(self, report: Report, saved: Collection[str], first: bool) -> None:
        self._stopwatch.done.set()


def make(docs: Path, count: int) -> None:
    """Files of about 1 KB with links to their neighbours, 50 to a directory."""
    for number in range(count):
        path = place(docs, number)
        if number % 50 == 0:
            path.parent.mkdir(parents=True)
        path.write_text(text(number, "first"), encoding="utf-8")


def place(docs: Path, number: int) -> Path:
    return docs / f"part-{number // 1000}" / f"chapter-{number // 50}" / f"page-{number}.md"


def text(number: int, mark: str) -> str:
    near = [other for other in (number - 1, number - 2) if other >= 0 and other // 50 == number // 50]
    links = "\n".join(f"See [page {other}](page-{other}.md#end).\n" for other in near)
    body = "\n\n".join(f"Paragraph {part} of page {number}, not about anything." for part in range(8))
    return f"# Page {number}\n\n## Begin\n\n{body}\n\n{links}\n## End\n\nSaved: {mark}.\n"


def in_place(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


def write_and_rename(path: Path, content: str) -> None:
    beside = path.with_name(f"{path.name}.tmp")
    beside.write_text(content, encoding="utf-8")
    beside.replace(path)


def backup_and_rename(path: Path, content: str) -> None:
    """As vim does it."""
    swap, backup = path.with_name(f".{path.name}.swp"), path.with_name(f"{path.name}~")
    swap.write_text("swap", encoding="utf-8")
    (path.parent / "4913").write_text("", encoding="utf-8")
    (path.parent / "4913").unlink()
    path.rename(backup)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o644)
    backup.unlink()
    swap.unlink()


def delete_and_create(path: Path, content: str) -> None:
    path.unlink()
    path.write_text(content, encoding="utf-8")


SAVES = (in_place, write_and_rename, backup_and_rename, delete_and_create)


def structure(docs: Path) -> list[tuple[str, Callable[[], object]]]:
    """Changes of names, each on files of its own."""
    top = docs / "part-0"
    outside = docs.parent / "outside"

    def new_folder() -> None:
        (top / "new" / "inner").mkdir(parents=True)
        for number in range(5):
            (top / "new" / "inner" / f"n{number}.md").write_text(f"# N{number}\n\nNew.\n", encoding="utf-8")

    def moved_in() -> None:
        outside.mkdir()
        for number in range(5):
            (outside / f"o{number}.md").write_text(f"# O{number}\n\nFrom outside.\n", encoding="utf-8")
        outside.rename(top / "outside")

    return [
        ("new file", lambda: (top / "fresh.md").write_text("# Fresh\n\nText.\n", encoding="utf-8")),
        ("moved file", lambda: (top / "fresh.md").rename(top / "chapter-2" / "moved.md")),
        (
            "title",
            lambda: (top / "chapter-2" / "moved.md").write_text(
                "# Another title\n\nText.\n", encoding="utf-8"
            ),
        ),
        ("new folder", new_folder),
        ("folder moved in", moved_in),
        ("moved folder", lambda: (top / "chapter-1").rename(top / "chapter-one")),
        ("save in the moved folder", lambda: in_place(top / "chapter-one" / "page-60.md", text(60, "moved"))),
        ("save in the new folder", lambda: in_place(top / "new" / "inner" / "n1.md", "# N1\n\nNewer.\n")),
    ]


class Lateness:
    """Sleeps again and again and notes how late it wakes: what the machine adds, whoever uses it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._late: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            due = time.monotonic() + self._seconds
            time.sleep(self._seconds)
            self._late.append((time.monotonic() - due) * 1000)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def line(self) -> str:
        cuts = statistics.quantiles(self._late, n=100, method="inclusive")
        middle = statistics.median(self._late)
        return f"{'a bare sleep is late by':26} {'':17}   median {middle:5.1f}  p95 {cuts[94]:5.1f}  p99 {cuts[98]:5.1f} ms"


class Bench:
    def __init__(self, docs: Path, settings: Settings, count: int, saves: int) -> None:
        self.count = count
        self.docs = docs
        self.settings = settings
        self.saves = saves
        self.stopwatch = Stopwatch()
        self.caught = self.made = 0
        self.stopping = Stopping()
        self.lines: list[str] = []

    def connect(self, settings: Settings, count: Callable[[], None]) -> Workspace:
        from publisher.emulator.app import create_app

        app = self.stopwatch.app(create_app(settings.workspace))
        return connect(
            settings.dialect, "http://127.0.0.1:4747", "local", app=app, on_request=lambda _: count()
        )

    async def run(self) -> None:
        plan = Plan(lambda: self.settings, self.connect, state_file)
        wake = asyncio.Event()
        session = Watched(plan, self.settings, Told(self.stopwatch), self.stopping, wake, first=True)
        session.stopwatch = self.stopwatch
        loop = asyncio.get_running_loop()

        def stop() -> None:
            self.stopping.requested = True
            loop.call_soon_threadsafe(wake.set)

        thread = threading.Thread(target=self.write, args=(stop,))
        thread.start()
        await session.run()
        thread.join()

    def write(self, stop: Callable[[], None]) -> None:
        """In a thread of its own: wait for the first publish, then save and wait, again and again."""
        self.stopwatch.done.wait()
        time.sleep(3)
        try:
            late = Lateness(self.settings.quiet_ms / 1000)
            times = {save.__name__: self.measure(save) for save in SAVES}
            late.stop()
            for name, pairs in times.items():
                self.lines.append(line(name.replace("_", " "), pairs))
            self.lines.append(line("all saves", [pair for pairs in times.values() for pair in pairs]))
            self.lines.append(late.line())
            for name, change in structure(self.docs):
                self.lines.append(line(name, [self.once(change)]))
            before = time.process_time()
            time.sleep(IDLE)
            self.lines.append(f"idle CPU {(time.process_time() - before) / IDLE:.3%} over {IDLE:.0f} s")
        finally:
            stop()

    def measure(self, save: Callable[[Path, str], None]) -> list[tuple[float, float]]:
        pairs = []
        for number in range(self.saves // len(SAVES)):
            page = 100 + number * 37 % (self.count - 100)
            path, content = place(self.docs, page), text(page, f"{save.__name__} {number}")
            pairs.append(self.once(partial(save, path, content)))
        return pairs

    def once(self, change: Callable[[], object]) -> tuple[float, float]:
        """Seconds: watchdog's share, and ours over both it and the quiet window; infinite if it was missed."""
        self.stopwatch.reset()
        change()
        closed = time.monotonic()
        self.made += 1
        if not self.stopwatch.asked.wait(PATIENCE):
            return float("inf"), float("inf")
        self.caught += self.stopwatch.done.wait(PATIENCE)
        time.sleep(0.05)
        event, quiet = self.stopwatch.event, self.settings.quiet_ms / 1000
        return event - closed, self.stopwatch.request - event - quiet


def line(name: str, pairs: list[tuple[float, float]]) -> str:
    events, ours = ([pair[side] * 1000 for pair in pairs] for side in (0, 1))
    if len(pairs) == 1:
        return f"{name:26} watchdog {events[0]:6.1f}   pagemill {ours[0]:6.1f} ms"
    cuts = statistics.quantiles(ours, n=100, method="inclusive")
    return (
        f"{name:26} watchdog {statistics.median(events):6.1f}   pagemill median {statistics.median(ours):5.1f}"
        f"  p95 {cuts[94]:5.1f}  p99 {cuts[98]:5.1f} ms   ({len(pairs)} saves)"
    )


def left_over(settings: Settings) -> int:
    """How many requests a publish would still have to send."""
    store = Store(state_file(settings))
    try:
        report = Planner(settings, store).plan()
    finally:
        store.close()
    return report.writes


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    saves = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as name:
        docs = Path(name) / "docs"
        make(docs, count)
        settings = load({"folder": str(docs)}, {}, Path(name))
        bench = Bench(docs, settings, count, saves)
        asyncio.run(bench.run())
        print(f"{count} files, quiet window {settings.quiet_ms} ms, {os.cpu_count()} CPUs")
        print("\n".join(bench.lines))
        print(f"caught {bench.caught} of {bench.made} changes; requests left to send: {left_over(settings)}")


if __name__ == "__main__":
    main()
