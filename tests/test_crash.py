"""The crash law: a publish that is stopped at any instant is finished by the next one, and nothing is there twice.

The process ends with `os._exit` just before a request is sent and just after its answer has come, at every request of
a first publish and of one that creates, updates, moves and trashes; and at statements of the state's database.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from site_folder import Site
from snapshot import snapshot, texts

from publisher.commands import open_workspace, state_file
from publisher.remote.port import Answer, Request, Transport
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Job, Run

CRASHED = 77
OPTIONS = {"prune": True}
_PROCESSES: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


class Doomed:
    """A transport that ends the process: `point` 2 * n is before request n is sent, 2 * n + 1 behind its answer."""

    def __init__(self, inner: Transport, point: int) -> None:
        self.inner = inner
        self.point = point
        self.sent = 0

    async def send(self, request: Request) -> Answer:
        number = self.sent
        self.sent += 1
        if self.point == 2 * number:
            os._exit(CRASHED)
        answer = await self.inner.send(request)
        if self.point == 2 * number + 1:
            os._exit(CRASHED)
        return answer

    async def close(self) -> None:
        await self.inner.close()


def publish(site: Site, point: int = -1, statement: int = -1) -> Report:
    """Publish; the process ends at this point of its requests, or before this statement to the state's database."""
    settings = site.settings(**OPTIONS)
    store = Store(state_file(settings))
    if statement >= 0:
        left = iter(range(statement, -1, -1))
        store._db.set_trace_callback(lambda _: os._exit(CRASHED) if next(left) == 0 else None)

    def connect(count: Callable[[], None]) -> Any:
        workspace = open_workspace(settings, count)
        workspace._transport = Doomed(workspace._transport, point)
        return workspace

    try:
        return asyncio.run(Run(Job(settings, connect, force=True), store).publish())
    finally:
        store.close()


def crash(site: Site, point: int = -1, statement: int = -1) -> bool:
    """Publish in a process of its own; says whether it came to its end before the point."""
    process = _PROCESSES.Process(target=publish, args=(site, point, statement))
    process.start()
    process.join()
    assert process.exitcode in (0, CRASHED)
    return bool(process.exitcode == 0)


class Bench:
    """A site that can be put back to where it began."""

    def __init__(self, site: Site, *stories: Callable[[Site], None]) -> None:
        self.site = site
        for story in stories[:-1]:
            story(site)
            publish(site)
        stories[-1](site)
        self.start = site.root.with_name("start")
        shutil.copytree(site.root, self.start)
        self.report = publish(site)
        self.wanted = self.look()
        assert self.report.failed == 0
        assert {text: count for text, count in texts(self.wanted).items() if count > 1 and text} == {}

    def reset(self) -> None:
        shutil.rmtree(self.site.root)
        shutil.copytree(self.start, self.site.root)

    def look(self) -> list[Any]:
        return self.site.with_workspace(snapshot)

    def repaired(self) -> None:
        """The next run does the rest, and leaves nothing to do."""
        publish(self.site)
        assert self.look() == self.wanted
        after = publish(self.site)
        assert (after.reads, after.writes) == (0, 0)


def first(site: Site) -> None:
    site.write("index.md", "# Handbook\n\nWelcome. See [the guide](guide/start.md) and [money](money.md).\n")
    site.write("guide/index.md", "# Guide\n\nHow we work. Ask [them](../money.md).\n")
    deep = "".join(f"{'  ' * level}- level {level}\n" for level in range(6))
    site.write("guide/start.md", f"# Start\n\nFirst day. Back [home](../index.md).\n\n{deep}\nEnd of the day.\n")
    site.write("money.md", "---\nicon: 💶\n---\n# Money\n\nWe [pay](guide/start.md).\n\n| what |\n|---|\n| tea |\n")
    site.write("long.md", "# Long\n\n" + "".join(f"Line {number}.\n\n" for number in range(230)))
    site.write("old.md", "# Old\n\nThis will go.\n")
    site.write("older/index.md", "# Older\n\nThis too.\n")
    site.write("older/oldest.md", "# Oldest\n\nAnd this.\n")
    site.write("moving.md", "# Moving\n\nThis page moves to another folder, word for word.\n")


def then(site: Site) -> None:
    site.write("index.md", "# Handbook\n\nWelcome all. See [the guide](guide/start.md) and [news](news/today.md).\n")
    deep = "".join(f"{'  ' * level}- level {level}{' changed' * (level > 3)}\n" for level in range(6))
    site.write("guide/start.md", f"# Start\n\nBefore.\n\nFirst day. Back [home](../index.md).\n\n{deep}\nLast words.\n")
    site.write("money.md", "---\nicon: 💰\ntitle: Cash\n---\n\nWe [pay](guide/start.md).\n\n| what |\n|---|\n| tea |\n| milk |\n")
    lines = [f"Line {number}.\n\n" for number in range(230) if number % 60]
    lines[100:100] = [f"New {number}.\n\n" for number in range(130)]
    site.write("long.md", "# Long\n\n" + "".join(lines))
    site.write("news/today.md", "# Today\n\nNew page, from [cash](../money.md).\n\n- a\n  - b\n    - c\n      - d\n")
    site.write("news/index.md", "# News\n\nSee [today](today.md).\n")
    for path in ("old.md", "older/index.md", "older/oldest.md"):
        site.remove(path)
    site.rename("moving.md", "guide/moved.md")


STORIES = {"first": (first,), "second": (first, then)}


@pytest.fixture(params=list(STORIES))
def bench(request: pytest.FixtureRequest, site: Site) -> Bench:
    site.root = site.root / "site"
    return Bench(site, *STORIES[request.param])


def test_stopped_at_any_request(bench: Bench) -> None:
    point = 0
    while True:
        bench.reset()
        if crash(bench.site, point):
            break
        bench.repaired()
        point += 1
    assert point == 2 * (bench.report.reads + bench.report.writes)
