"""Blocks with open comments: on Notion none is deleted without --force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_folder import Site, actions, id_of
from test_people_law import World

from publisher.emulator.app import create_app
from publisher.emulator.notion import comments
from publisher.emulator.rows import PAGE
from publisher.emulator.store import Store as Emulated
from publisher.emulator.switches import Token
from publisher.job import Job
from publisher.remote.connect import connect
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, {"dialect": "notion"})


def blocks(site: Site, page: str) -> list[str]:
    async def read(workspace: Workspace) -> list[str]:
        return [block.id for block in await workspace.children(page)]

    return site.with_workspace(read)


def comment(store: Emulated, block: str) -> None:
    with store.write("", "people") as writer:
        comments.add(writer, block, [{"type": "text", "text": "why?"}])


def comment_on(site: Site, block: str) -> None:
    workspace = Emulated(site.settings().workspace)
    comment(workspace, block)
    workspace.close()


def lines(*texts: str) -> str:
    return "# A\n\n" + "".join(f"{text}\n\n" for text in texts)


@pytest.fixture
def page(site: Site) -> str:
    """A page of three paragraphs; somebody has commented on the second."""
    site.write("index.md", lines("One.", "Two.", "Three."))
    page = id_of(site.publish(), "index.md")
    comment_on(site, blocks(site, page)[1])
    return page


def test_a_commented_block_survives_and_goes_with_force(site: Site, page: str) -> None:
    site.write("index.md", lines("One.", "Three, changed."))
    for _ in range(2):
        report = site.publish()
        assert actions(report) == {"index.md": "conflict"}
        assert (report.reads, report.writes) == (2, 0)
        (found,) = report.diagnostics
        assert found.code == "conflict"
        assert "has open comments" in found.message
        assert site.lines(page) == ["One.", "Two.", "Three."]
    report = site.publish(force=True)
    assert (report.reads, report.writes, report.conflicts) == (1, 2, 0)
    assert site.lines(page) == ["One.", "Three, changed."]
    assert site.publish().writes == 0


def test_it_stays_as_not_ours_if_the_other_side_is_to_win(site: Site, page: str) -> None:
    site.write("index.md", lines("One.", "Three.", "Four."))
    report = site.publish(on_conflict="theirs")
    assert "has open comments; it stays so" in report.diagnostics[0].message
    assert site.lines(page) == ["One.", "Two.", "Three.", "Four."]
    assert site.publish().reads == 0
    site.write("index.md", lines("One.", "Five."))
    assert site.publish(force=True).writes == 2
    assert site.lines(page) == ["One.", "Two.", "Five."]


def test_it_stays_also_where_our_side_is_to_win(site: Site, page: str) -> None:
    site.write("index.md", lines("One.", "Three."))
    report = site.publish(on_conflict="ours")
    assert "the page was left alone, --force deletes it" in report.diagnostics[0].message
    assert site.lines(page) == ["One.", "Two.", "Three."]


def test_a_commented_block_may_change_its_text_and_its_place(site: Site, page: str) -> None:
    old = blocks(site, page)
    site.write("index.md", lines("One.", "Two, changed.", "Three."))
    assert (site.publish().reads, blocks(site, page)) == (1, old)
    site.write("index.md", lines("Two, changed.", "One.", "Three."))
    assert site.publish().conflicts == 0
    assert site.lines(page) == ["Two, changed.", "One.", "Three."]
    assert old[1] in blocks(site, page)


def test_a_comment_deep_inside_what_would_be_deleted(site: Site) -> None:
    site.write("index.md", lines("One.", "- a\n  - b\n    - c", "Three."))
    page = id_of(site.publish(), "index.md")
    (below,) = blocks(site, blocks(site, page)[1])
    comment_on(site, blocks(site, below)[0])
    site.write("index.md", lines("One.", "Three."))
    report = site.publish()
    assert (actions(report), report.writes) == ({"index.md": "conflict"}, 0)
    assert site.lines(page) == ["One.", "a", "  b", "    c", "Three."]
    assert site.plan().writes == 1


def test_only_what_would_go_is_asked_for_and_only_if_wanted(site: Site) -> None:
    site.write("index.md", lines(*map(str, range(9))))
    site.publish()
    site.write("index.md", lines(*map(str, range(6))))
    plan, report = site.plan(), site.publish()
    assert (plan.reads, plan.writes) == (report.reads, report.writes) == (4, 3)
    site.write("index.md", lines("0", "1"))
    assert site.publish(comments="ignore").reads == 1
    site.write("index.md", lines("0"))
    assert site.publish(prefer="requests").reads == 1
    site.write("index.md", lines(""))
    assert site.publish(prefer="requests", comments="ask").reads == 2


def test_a_token_that_may_not_read_comments_asks_once(site: Site) -> None:
    app = create_app(None, tokens={"token": Token(read_comments=False)})
    store = Store(None)

    def publish() -> Report:
        options = site.settings()

        def join(count: Callable[[], None]) -> Any:
            return connect("notion", "", "token", app=app, on_request=lambda _: count())

        return asyncio.run(Run(Job(options, join), store).publish())

    site.write("index.md", lines(*map(str, range(9))))
    page = id_of(publish(), "index.md")
    comment(app.state.store, app.state.store.children(page)[0].id)
    site.write("index.md", lines("8"))
    report = publish()
    assert (report.reads, report.writes, report.failed) == (2, 8, 0)


def test_buildin_has_no_comments_to_ask_for(tmp_path: Path) -> None:
    site = Site(tmp_path, {"dialect": "buildin"})
    site.write("index.md", lines("One.", "Two."))
    site.publish()
    site.write("index.md", lines("One."))
    plan, report = site.plan(), site.publish()
    assert plan.reads == report.reads == 1


@settings(max_examples=20)
@given(
    st.integers(0, 2**32), st.sampled_from(["stop", "theirs", "ours"]), st.sampled_from(["ids", "requests"])
)
def test_no_commented_block_is_ever_deleted(seed: int, conflict: str, prefer: str) -> None:
    with TemporaryDirectory() as root:
        world = World(Path(root), "notion", seed)
        rand, store, commented = Random(seed), world.app.state.store, set[str]()
        world.publish()
        for _ in range(4):
            for page in store.rows("SELECT id FROM node WHERE type = ? AND trash = 0", (PAGE,)):
                found = store.subtree(page[0])
                for block in rand.sample(found, min(len(found), rand.choice((0, 1, 2)))):
                    if block.type != PAGE:
                        comment(store, block.id)
                        commented.add(block.id)
            world.author.rewrite()
            world.publish(on_conflict=conflict, prefer=prefer, comments="ask")
            for id in commented:
                assert not _gone(store, id), "\n".join(world.log)


def _gone(store: Emulated, id: str) -> bool:
    """Whether a block, or a block around it, is in the trash; a page takes its comments along."""
    while id:
        block = store.block(id)
        assert block is not None
        if block.type == PAGE:
            return False
        if block.in_trash:
            return True
        id = block.parent_id
    return False


def test_who_tells_comments() -> None:
    for service, tells in (("notion", True), ("buildin", False)):
        workspace = connect(service, "", "token", app=create_app(None))
        assert workspace.tells_comments == tells
        assert not asyncio.run(workspace.commented("nobody's"))
