"""Pages that are emptied and written anew, because requests were said to count first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import png
from site_folder import Site, id_of
from test_crash import Bench
from test_people_law import World

from publisher.errors import UnknownOutcomeError, UnreachableError
from publisher.job import Job
from publisher.planning.ops import END
from publisher.remote.port import Answer, Request, Transport
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file


def changelog(version: int, count: int = 120) -> str:
    lines = (f"Change {number} of version {version}.\n\n" for number in range(count))
    return "# Changes\n\n" + "".join(lines)


@pytest.fixture
def notion(tmp_path: Path) -> Site:
    return Site(tmp_path, {"dialect": "notion", "root": "none"})


@pytest.mark.parametrize(("prefer", "writes"), [("ids", 120), ("requests", 3)])
def test_a_long_page_is_written_anew_where_that_was_asked_for(notion: Site, prefer: str, writes: int) -> None:
    notion.write("page.md", changelog(1))
    page = id_of(notion.publish(prefer=prefer), "page.md")
    notion.write("page.md", changelog(2))
    plan, report = notion.plan(prefer=prefer), notion.publish(prefer=prefer)
    assert (plan.reads, plan.writes) == (report.reads, report.writes) == (2, writes)
    assert notion.lines(page) == [f"Change {number} of version 2." for number in range(120)]
    assert notion.publish(prefer=prefer).writes == 0


def test_buildin_cannot_empty_a_page(tmp_path: Path) -> None:
    site = Site(tmp_path, {"dialect": "buildin", "prefer": "requests"})
    site.write("index.md", changelog(1, 30))
    site.publish()
    site.write("index.md", changelog(2, 30))
    assert site.plan().writes == site.publish().writes == 30


def test_little_to_change_is_changed_block_by_block(notion: Site) -> None:
    notion.write("page.md", changelog(1, 11))
    notion.publish(prefer="requests")
    notion.write("page.md", changelog(1, 11).replace("Change 3 ", "Change three "))
    assert notion.publish(prefer="requests").writes == 1
    notion.write("page.md", changelog(2, 11))  # 2 requests would do, but all blocks would be others
    assert notion.publish(prefer="requests").writes == 11


def test_asking_for_comments_counts(notion: Site) -> None:
    """Each block of a page is asked for before it is emptied, and then it is no cheaper."""
    notion.write("page.md", changelog(1, 20))
    notion.publish()
    notion.write("page.md", changelog(2, 20))
    report = notion.publish(prefer="requests", comments="ask")
    assert (report.reads, report.writes) == (1, 20)


def test_a_page_with_child_pages_is_not_emptied(notion: Site) -> None:
    notion.write("book/index.md", changelog(1, 20))
    notion.write("book/kid.md", "# Kid\n\nStays.\n")
    report = notion.publish(prefer="requests")
    notion.write("book/index.md", changelog(2, 20))
    assert notion.publish(prefer="requests").writes == 20
    assert notion.lines(id_of(report, "book/kid.md")) == ["Stays."]
    assert notion.tree() == {"Changes": {"Kid": {}}}


def nested(version: int) -> str:
    return changelog(version, 10) + "".join(
        f"- a{n} of {version}\n  - b{n} of {version}\n" for n in range(10)
    )


@pytest.mark.parametrize("where", ["top", "inside", "edit", "page"])
def test_a_page_with_something_of_others_is_not_emptied(notion: Site, where: str) -> None:
    notion.write("page.md", nested(1))
    page = id_of(notion.publish(prefer="requests"), "page.md")

    async def meddle(workspace: Workspace) -> None:
        children = await workspace.children(page)
        theirs = children[0].input
        theirs = type(theirs)(theirs.type, theirs.content.replace(b"Change 0", b"People"))
        match where:
            case "top":
                await workspace.append(page, END, [theirs])
            case "inside":
                await workspace.append(children[-1].id, END, [theirs])
            case "edit":
                await workspace.update_block(children[0].id, theirs)
            case _:
                head = b'{"title":{"title":[{"text":{"content":"People"}}]}}'
                from converters.dialects.base import PageHead

                await workspace.create_page(page, PageHead(head))

    notion.with_workspace(meddle)
    notion.write("page.md", nested(2))
    notion.publish(prefer="requests", on_conflict="theirs")
    assert any("People" in line for line in notion.lines(page))


def test_a_nested_page_is_read_whole_before_it_is_emptied(notion: Site) -> None:
    notion.write("page.md", nested(1))
    page = id_of(notion.publish(prefer="requests"), "page.md")
    notion.write("page.md", nested(2).replace("of 2", "of two"))
    plan, report = notion.plan(prefer="requests"), notion.publish(prefer="requests")
    assert (plan.reads, plan.writes) == (report.reads, report.writes) == (11, 2)
    assert notion.lines(page)[-2:] == ["a9 of two", "  b9 of two"]


class Losing:
    """A transport that loses the answer to the request that empties a page; with `before`, the request itself."""

    def __init__(self, inner: Transport, before: bool) -> None:
        self.inner, self.before = inner, before

    async def send(self, request: Request) -> Answer:
        erases = b"erase_content" in (request.body or b"")
        answer = None if erases and self.before else await self.inner.send(request)
        if erases:
            self.before = False
            raise UnknownOutcomeError("lost")
        assert answer is not None
        return answer

    async def close(self) -> None:
        await self.inner.close()


@pytest.mark.parametrize("before", [True, False])
def test_a_lost_answer_is_settled_by_reading(notion: Site, before: bool) -> None:
    notion.write("page.md", changelog(1, 20))
    page = id_of(notion.publish(), "page.md")
    notion.write("page.md", changelog(2, 20))
    options = notion.settings(prefer="requests", on_drift="keep")
    store = Store(state_file(options))

    def join(count: Callable[[], None]) -> Any:
        workspace = open_workspace(options, count)
        return workspace.through(lambda inner: Losing(inner, before))

    try:
        report = asyncio.run(Run(Job(options, join), store).publish())
    finally:
        store.close()
    assert report.failed == report.conflicts == 0
    notion.publish(prefer="requests")
    assert notion.lines(page) == [f"Change {number} of version 2." for number in range(20)]
    assert notion.publish().writes == 0


class NoUploads:
    """A transport that takes no files."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    async def send(self, request: Request) -> Answer:
        if "file_uploads" in request.path:
            raise UnreachableError("no files today")
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


def publish_with(site: Site, change: Callable[[Job, Workspace], None]) -> Report:
    """Publish once, with something about the run changed when it connects."""
    options = site.settings(prefer="requests")
    store = Store(state_file(options))

    def join(count: Callable[[], None]) -> Workspace:
        workspace = open_workspace(options, count)
        change(job, workspace)
        return workspace

    job = Job(options, join)
    try:
        return asyncio.run(Run(job, store).publish())
    finally:
        store.close()


def test_a_page_is_not_emptied_before_its_pictures_are_there(notion: Site) -> None:
    notion.write("page.md", changelog(1, 20))
    page = id_of(notion.publish(), "page.md")
    before = notion.lines(page)
    notion.write("page.md", changelog(2, 20) + "\n![x](x.png)\n")
    notion.write("x.png", png(1))

    def change(job: Job, workspace: Workspace) -> None:
        assert workspace.attach is not None
        workspace.attach.inner = NoUploads(workspace.attach.inner)

    with pytest.raises(UnreachableError, match="no files today"):
        publish_with(notion, change)
    assert notion.lines(page) == before
    notion.publish(prefer="requests")
    assert notion.lines(page)[:20] == [f"Change {number} of version 2." for number in range(20)]


def test_ctrl_c_leaves_no_page_empty(notion: Site) -> None:
    notion.write("page.md", changelog(1, 20))
    page = id_of(notion.publish(), "page.md")
    notion.write("page.md", changelog(2, 20))

    def change(job: Job, workspace: Workspace) -> None:
        class Stop(NoUploads):
            async def send(self, request: Request) -> Answer:
                answer = await self.inner.send(request)
                job.stopping.requested = job.stopping.requested or b"erase_content" in (request.body or b"")
                return answer

        workspace.through(Stop)

    assert publish_with(notion, change).interrupted
    assert notion.lines(page) == [f"Change {number} of version 2." for number in range(20)]


def _first(site: Site) -> None:
    site.write("page.md", changelog(1, 110))
    site.write("other.md", "# Other\n\nOne.\n")


def _then(site: Site) -> None:
    site.write("page.md", changelog(2, 110))
    site.write("other.md", "# Other\n\nTwo.\n")


def test_stopped_at_any_request(tmp_path: Path) -> None:
    bench = Bench(Site(tmp_path / "site", {"dialect": "notion", "prefer": "requests"}), _first, _then)
    assert bench.report.writes == 1 + 2 + 1
    points = 0
    for point in bench.stops():
        if point % 4 == 3:
            bench.killed(point)
        bench.repaired()
        points += 1
    assert points == 2 * (bench.report.reads + bench.report.writes)


@settings(max_examples=8)
@given(st.integers(0, 2**32), st.sampled_from(["stop", "keep", "restore"]), st.sampled_from(["stop", "ours"]))
def test_what_people_wrote_is_there_or_reported(seed: int, drift: str, conflict: str) -> None:
    with TemporaryDirectory() as root:
        world = World(Path(root), "notion", seed)
        world.publish()
        for path, lines in world.author.pages.items():
            world.author.pages[path] = [*lines, *((0, "") for _ in range(12))]
        world.author.renew()
        world.publish()
        for _ in range(3):
            for _ in range(world.rand.choice((0, 0, 1, 3))):
                world.log.append(world.crowd.meddle())
            world.author.renew()
            world.meddling = [world.rand.randint(1, 12) for _ in range(world.rand.choice((0, 1, 2)))]
            report = world.publish(on_drift=drift, on_conflict=conflict, prefer="requests")
            assert world.lost(report) == {}, "\n".join(world.log)


def test_the_law_sees_pages_emptied(tmp_path: Path) -> None:
    world = World(tmp_path, "notion", 1)
    world.publish()
    world.author.pages["a.md"] = [(0, f"ours{number}") for number in range(100, 120)]
    world.author.save()
    world.publish(prefer="requests")
    world.author.renew()
    report: Report = world.publish(prefer="requests")
    assert report.failed == 0
    assert any("erase_content" in line for line in world.log), json.dumps(world.log)
