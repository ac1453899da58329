"""Publishing records that is stopped at any request, before it is sent or behind its answer, is finished by the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from site_folder import Site

from publisher.errors import PagemillError, UnknownOutcomeError
from publisher.job import Job
from publisher.planning.tree import ROOT
from publisher.remote.databases import Databases
from publisher.remote.port import Answer, Request, Transport
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

OPTIONS = {"database": "Tasks"}


class Stopped(BaseException):
    """The process is gone."""


class Doomed:
    """A transport that stops everything: `point` 2 * n is before request n is sent, 2 * n + 1 behind its answer."""

    def __init__(self, inner: Transport, point: int) -> None:
        self.inner, self.point, self.sent = inner, point, 0

    async def send(self, request: Request) -> Answer:
        number, self.sent = self.sent, self.sent + 1
        if self.point <= 2 * number:
            raise Stopped
        answer = await self.inner.send(request)
        if self.point == 2 * number + 1:
            raise Stopped
        return answer

    async def close(self) -> None:
        await self.inner.close()


class Deaf(Doomed):
    """The answer to one write is lost; the service has done what was asked."""

    async def send(self, request: Request) -> Answer:
        answer = await self.inner.send(request)
        number = self.sent
        self.sent += request.nature != "read"
        if request.nature != "read" and number == self.point:
            raise UnknownOutcomeError("no answer")
        return answer


def publish(site: Site, doom: Callable[[Transport], Transport] | None = None) -> None:
    settings = site.settings(**OPTIONS)
    store = Store(state_file(settings))

    def connect(count: Callable[[], None]) -> Workspace:
        workspace = open_workspace(settings, count)
        if doom is not None:
            workspace._transport = doom(workspace._transport)
        return workspace

    try:
        asyncio.run(Run(Job(settings, connect), store).publish())
    finally:
        store.close()


def there(site: Site) -> list[tuple[str, Any]]:
    """Title and priority of every record of every database at the root, by title."""
    settings = site.settings(**OPTIONS)
    store = Store(state_file(settings))
    base = store.databases()[ROOT]
    store.close()

    async def read(workspace: Workspace) -> list[tuple[str, Any]]:
        databases = Databases(workspace)
        pages = await databases.records(base.source)
        again = await databases.find("Tasks", "")
        assert again is not None
        assert again.id == base.id  # it was made once
        return sorted((page.title, page.properties["priority"]["number"]) for page in pages)

    return site.with_workspace(read)


def write(site: Site, priority: int) -> None:
    site.write("a.md", f"---\ntitle: A\npriority: {priority}\nafter: b.md\n---\n\nText of a.\n")
    site.write("b.md", f"---\ntitle: B\npriority: {priority + 1}\nafter: a.md\n---\n\nText of b.\n")


@pytest.mark.parametrize("point", range(22))
def test_a_stopped_publish_is_finished_by_the_next(tmp_path: Path, point: int) -> None:
    site = Site(tmp_path, {"dialect": "buildin" if point % 2 else "notion"})
    write(site, 1)
    try:
        publish(site, lambda inner: Doomed(inner, point))
    except* Stopped:
        pass
    publish(site)
    assert there(site) == [("A", 1), ("B", 2)]
    write(site, 5)
    try:
        publish(site, lambda inner: Doomed(inner, point % 5))
    except* Stopped:
        pass
    publish(site)
    assert there(site) == [("A", 5), ("B", 6)]
    assert site.publish(**OPTIONS).writes == 0


@pytest.mark.parametrize("point", range(6))
def test_a_lost_answer_is_settled_in_the_same_run(site: Site, point: int) -> None:
    write(site, 1)
    try:
        publish(site, lambda inner: Deaf(inner, point))
    except PagemillError:
        publish(site)
    assert there(site) == [("A", 1), ("B", 2)]
    assert site.publish(**OPTIONS).writes == 0
