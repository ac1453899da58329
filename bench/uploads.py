"""What a kill -9 in the middle of a large upload costs: how many parts of a file are sent in all, of how many needed.

Usage: python bench/uploads.py [MEGABYTES]    (50 by default, in a temporary directory)

Publishes a folder with one film to the embedded workspace (as Notion, over HTTP, in another process), kills that
process once the workspace has taken 1, 2, 3 … parts, and publishes again. Some answers are still on their way when the
process dies.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from publisher.emulator.faults import parse
from publisher.emulator.server import Options, prepare
from publisher.emulator.switches import LOCAL
from publisher.remote.files import PART
from publisher.store import Store

PATIENCE = 60.0  # seconds until a process counts as stuck
DELAY = "delay:0.1@1+"  # of every answer, as on a network


@contextmanager
def workspace() -> Iterator[tuple[str, Any]]:
    """An empty embedded workspace in memory: its address, and its app."""
    options = Options(faults=parse(DELAY), switches=LOCAL)
    server, socket, url = prepare(None, "127.0.0.1", 0, options)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield url, server.app
    finally:
        server.should_exit = True
        thread.join()
        socket.close()


def publish(root: Path, url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "publisher", "publish", "docs", "--base-url", url, "--dialect", "notion"]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def taken(app: Any) -> int:
    """Parts that the workspace has taken, those that it took twice counted twice."""
    return sum(one.path.endswith("/send") and one.status == 200 for one in app.state.requests)


def noted(root: Path) -> int:
    """Parts that the state has as answered."""
    store = Store(next((root / ".pagemill").glob("docs.*.db")))
    try:
        return sum(bool(part) for known in store.uploads().values() for part in known.parts.values())
    finally:
        store.close()


def killed(root: Path, parts: int) -> tuple[int, int, int]:
    """Kill a publish once so many parts are there: parts taken until then, answered, and taken by the next run."""
    with workspace() as (url, app):
        first = publish(root, url)
        until = time.monotonic() + PATIENCE
        while taken(app) < parts and first.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        first.kill()
        first.communicate()
        time.sleep(0.5)  # what was on its way has been answered, to nobody
        before, finished = taken(app), noted(root)
        second = publish(root, url)
        said, _ = second.communicate(timeout=PATIENCE)
        if second.returncode:
            raise SystemExit(said)
        check(root, app)
        return before, finished, taken(app) - before


def check(root: Path, app: Any) -> None:
    """The film is there, byte by byte."""
    store = app.state.store
    file = store.row("SELECT id FROM file WHERE status = 'uploaded'")
    parts = store.rows("SELECT data FROM file_part WHERE file = ? ORDER BY number", (file[0],))
    assert b"".join(part[0] for part in parts) == (root / "docs" / "film.mp4").read_bytes()


def main() -> None:
    size = int(sys.argv[1]) * 1_000_000 if len(sys.argv) > 1 else 50_000_000
    film = b"\0\0\0\x18ftypmp42" + Random(8).randbytes(size - 12)
    needed = -(-size // PART)
    print(f"{size / 1e6:.0f} MB, {needed} parts needed")
    for parts in range(1, needed):
        with tempfile.TemporaryDirectory() as name:
            docs = Path(name) / "docs"
            docs.mkdir()
            (docs / "index.md").write_text("# Film\n\n[The film](film.mp4)\n", encoding="utf-8")
            (docs / "film.mp4").write_bytes(film)
            before, finished, after = killed(Path(name), parts)
        print(
            f"killed after {parts}: {before} taken, {finished} of them answered; then {after} more; "
            f"{before + after} sent in all / {needed} needed"
        )


if __name__ == "__main__":
    main()
