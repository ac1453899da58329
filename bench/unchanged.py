"""A folder in which nothing changed: what a publish costs beside reading and hashing the same files.

    python bench/unchanged.py [--files 10000]

One line: files, requests, milliseconds of publishing and of reading and hashing (both the best of five, in this
process), their ratio, and the memory that a publish needs beyond what is there before, in all and for each file.
Exits with 1 if a request is sent or the ratio is above 1.5.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from publisher.config import Settings, load
from publisher.job import Job
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

RUNS = 5
MOST = 1.5  # times reading and hashing


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "docs")
        write(folder, files)
        settings = load({"folder": str(folder)}, {}, Path(root))
        first = publish(settings)
        assert first.count("create") >= files, first.stopped
        reading = best(lambda: read_all(folder))
        reports: list[Report] = []
        publishing = best(lambda: reports.append(publish(settings)))
        requests = sum(report.reads + report.writes for report in reports)
        memory = peak(lambda: publish(settings))
    ratio = publishing / reading
    print(
        f"{files} files unchanged: {requests} requests, publish {publishing * 1000:.0f} ms, "
        f"read and hash {reading * 1000:.0f} ms, ratio {ratio:.2f}, "
        f"{memory / 1e6:.1f} MB ({memory / files:.0f} bytes a file)"
    )
    return 1 if requests or ratio > MOST else 0


def write(folder: Path, count: int) -> None:
    """Files of a few kilobytes, a hundred to a directory, all older than a file system's clock can doubt."""
    paragraph = (
        "Documentation is read more often than it is written, and edited more often than it is read.\n\n"
    )
    old = time.time() - 3600
    for number in range(count):
        file = folder / f"part {number // 100}" / f"page {number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# Page {number}\n\nNumber {number}.\n\n" + paragraph * 30, encoding="utf-8")
        os.utime(file, (old, old))


def publish(settings: Settings) -> Report:
    store = Store(state_file(settings))
    try:
        return asyncio.run(Run(Job(settings, lambda count: open_workspace(settings, count)), store).publish())
    finally:
        store.close()


def read_all(folder: Path) -> None:
    """What cannot be done with less if times of change are not trusted: every file is read and hashed."""
    for directory, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(directory, name), "rb") as file:  # noqa: PTH118, PTH123 - the fastest way
                blake2b(file.read(), digest_size=16).digest()


def best(work: Callable[[], object]) -> float:
    """The shortest of some runs, in seconds."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def peak(work: Callable[[], object]) -> int:
    """Bytes of Python's memory that a run needs at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    sys.exit(main())
