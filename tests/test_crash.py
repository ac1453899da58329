"""The crash law: a publish that is stopped at any instant is finished by the next one, and nothing is there twice.

A publish stops just before a request is sent and just after its answer has come, at every request of a first publish
and of one that creates, updates, moves and trashes; and at statements of the state's database. What a process leaves
behind that ends at a request is what is on the disk at that instant: one publish that is copied there again and again
gives them all, and some processes that do end with `os._exit` show that it is the same.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from live_server import live
from site_folder import Site
from snapshot import snapshot
from stories import first, then

from publisher.job import Job
from publisher.remote.port import Answer, Request, Transport
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

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


class Copied:
    """A transport beside which `copy` is called, at the same points at which `Doomed` ends the process."""

    def __init__(self, inner: Transport, copy: Callable[[], None]) -> None:
        self.inner = inner
        self.copy = copy

    async def send(self, request: Request) -> Answer:
        self.copy()
        answer = await self.inner.send(request)
        self.copy()
        return answer

    async def close(self) -> None:
        await self.inner.close()


def publish(
    site: Site, point: int = -1, statement: int = -1, copy: Callable[[], None] | None = None
) -> Report:
    """Publish; the process ends at this point of its requests, or before this statement to the state's database.

    With `copy` it does not end: that is called at every point of its requests.
    """
    settings = site.settings(**OPTIONS)
    store = Store(state_file(settings))
    if statement >= 0:
        left = iter(range(statement, -1, -1))
        store._db.set_trace_callback(lambda _: os._exit(CRASHED) if next(left) == 0 else None)

    def connect(count: Callable[[], None]) -> Any:
        workspace = open_workspace(settings, count)
        inner = workspace.attach.inner  # files go up beneath
        workspace.attach.inner = Copied(inner, copy) if copy is not None else Doomed(inner, point)
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
        assert len(set(self.wanted)) == len(self.wanted)  # so that what is there twice can be seen

    def reset(self) -> None:
        shutil.rmtree(self.site.root)
        shutil.copytree(self.start, self.site.root)

    def stops(self) -> Iterator[int]:
        """The site as it is left by a publish that ends at each point of its requests, one after another."""
        self.reset()
        left: list[Path] = []

        def copy() -> None:
            left.append(self.site.root.with_name(f"stop-{len(left)}"))
            # the index of a write-ahead log is made anew by the first who opens it
            shutil.copytree(self.site.root, left[-1], ignore=shutil.ignore_patterns("*-shm"))

        publish(self.site, copy=copy)
        for point, place in enumerate(left):
            shutil.rmtree(self.site.root)
            place.rename(self.site.root)
            yield point

    def killed(self, point: int) -> None:
        """The site is left by a process that really ends at this point; it is as the copy of it that stands there."""
        copied = self.left()
        self.reset()
        assert not crash(self.site, point)
        assert self.left() == copied

    def left(self) -> tuple[list[str], list[str], list[str]]:
        """What stands in the workspace; the pages that the state knows, and what it knows to be under way."""
        store = Store(state_file(self.site.settings(**OPTIONS)))
        try:
            known = [page.path for page in store.pages().values()]
            return self.look(), known, [str(sorted(intent.op)) for intent in store.intents()]
        finally:
            store.close()

    def look(self) -> list[str]:
        return self.site.with_workspace(snapshot)

    def repaired(self) -> None:
        """The next run does the rest, and leaves nothing to do."""
        publish(self.site)
        assert "\n".join(self.look()) == "\n".join(self.wanted)
        after = publish(self.site)
        assert (after.reads, after.writes) == (0, 0)


STORIES = {"first": (first,), "second": (first, then)}


@pytest.fixture(params=list(STORIES))
def bench(request: pytest.FixtureRequest, site: Site) -> Bench:
    site.root = site.root / "site"
    return Bench(site, *STORIES[request.param])


def test_stopped_at_any_request(bench: Bench) -> None:
    points = 0
    for point in bench.stops():
        if point % 12 == 5:
            bench.killed(point)
        bench.repaired()
        points += 1
    stored = (
        bench.report.uploads if bench.site.settings().dialect == "buildin" else 0
    )  # into Buildin's storage
    assert points == 2 * (bench.report.reads + bench.report.writes + stored)


def test_stopped_while_the_state_is_written(bench: Bench) -> None:
    """The process ends before a statement to the state's database, at every nineteenth of them."""
    statement = 0
    while True:
        bench.reset()
        if crash(bench.site, statement=statement):
            break
        bench.repaired()
        statement += 19
    assert statement > 100


def test_stopped_again_and_again(bench: Bench) -> None:
    """Runs that are each stopped after a few requests come to the end together."""
    rand = Random(7)
    for _ in range(2):
        bench.reset()
        while not crash(bench.site, rand.randrange(3, 16)):
            pass
        bench.repaired()


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
@pytest.mark.parametrize("requests", [6])
def test_the_command_killed_in_the_middle(tmp_path: Path, dialect: str, requests: int) -> None:
    """A real kill -9 of the real command, at a moment that nobody chose exactly."""
    first(Site(tmp_path))
    with live(dialect, "delay:0.02@1+") as server:
        process = server.start(tmp_path)
        server.wait_for(requests, process)
        process.kill()
        process.communicate()
        server.hurry()
        code, out, err = server.publish(tmp_path)
        assert code == 0, (out, err)
        lines = [_plain(line) for line in server.look()]
        sent = server.handled
        assert server.publish(tmp_path)[0] == 0
        assert server.handled == sent
    assert lines == undisturbed(dialect)


@cache
def undisturbed(dialect: str) -> list[str]:
    """What stands there after a publish that nobody stopped."""
    with TemporaryDirectory() as root, live(dialect) as server:
        first(Site(Path(root)))
        assert server.publish(Path(root))[0] == 0
        return [_plain(line) for line in server.look()]


def _plain(line: str) -> str:
    return re.sub(r"http://[\w.]+:\d+", "", line)
