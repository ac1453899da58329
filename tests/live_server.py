"""The embedded workspace over real HTTP, in a thread of this process, so that a test sees every request as it comes."""

from __future__ import annotations

import asyncio
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command import PAGEMILL, environment, pagemill
from snapshot import snapshot

from publisher.emulator.faults import parse
from publisher.emulator.server import Options, prepare
from publisher.remote.connect import connect

PATIENCE = 30.0  # seconds until a test gives up on a process


@dataclass(frozen=True)
class Live:
    """A server at `url`; `store` is what it holds."""

    url: str
    dialect: str
    app: Any

    @property
    def handled(self) -> int:
        """How many requests have been answered."""
        return len(self.app.state.requests)

    @property
    def begun(self) -> int:
        """How many requests have come."""
        return int(self.app.state.faults._counts.get("all", 0))

    def hurry(self) -> None:
        """From now on there are no faults, and no delays."""
        self.app.state.faults.rules = ()

    def look(self) -> list[str]:
        async def read() -> list[str]:
            async with connect(self.dialect, self.url, "token") as workspace:
                return await snapshot(workspace)

        return asyncio.run(read())

    def _words(self, *options: str) -> list[str]:
        return ["publish", "docs", "--base-url", self.url, "--dialect", self.dialect, *options]

    def start(self, cwd: Path, *options: str) -> subprocess.Popen[str]:
        """`pagemill publish docs`, in a process that has the signals of a terminal."""
        return subprocess.Popen(
            [*PAGEMILL, *self._words(*options)],
            cwd=cwd,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def publish(self, cwd: Path, *options: str) -> tuple[int, str, str]:
        """The same, to its end: exit code, output, errors."""
        done = pagemill(*self._words(*options), cwd=cwd, timeout=PATIENCE)
        return done.code, done.out, done.err

    def wait_for(self, requests: int, process: subprocess.Popen[str]) -> None:
        """Until so many requests have come, or the process has come to its end."""
        until = time.monotonic() + PATIENCE
        while self.begun < requests and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.002)


@contextmanager
def live(dialect: str, faults: str = "") -> Iterator[Live]:
    """A server whose workspace is empty and in memory. `faults` as in `publisher.emulator.faults`."""
    server, socket, url = prepare(None, "127.0.0.1", 0, Options(faults=parse(faults)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    try:
        yield Live(url, dialect, server.app)
    finally:
        server.should_exit = True
        thread.join()
        socket.close()
