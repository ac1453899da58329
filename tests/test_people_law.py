"""The people law: what others wrote, before or during a publish, is there afterwards or is reported; never silently lost.

One thing no publisher can see, since neither service can make a write to a block depend on what stands there: an edit
of a block in the moments between its reading and our update of that very block. See `World._unseen`.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from crowd import Crowd
from hypothesis import given, settings
from hypothesis import strategies as st
from site_folder import Site

from publisher.emulator.app import create_app
from publisher.emulator.writing import NewBlock
from publisher.job import Job
from publisher.remote.connect import connect
from publisher.remote.port import Answer, Request, Transport
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run

DRIFT = ["stop", "keep", "restore"]
CONFLICT = ["stop", "theirs", "ours"]
seeds = st.integers(0, 2**32)


class Author:
    """Somebody who writes the files: pages of paragraphs and nested lists, every line of them different."""

    def __init__(self, site: Site, rand: Random) -> None:
        self.site = site
        self.rand = rand
        self.last = 0
        self.pages: dict[str, list[tuple[int, str]]] = {}  # lines with their depth; 0 is a paragraph
        for path in ("index.md", "a.md", "sub/index.md", "sub/b.md"):
            self.pages[path] = [self._line() for _ in range(rand.randint(2, 7))]
        self.titles = {path: path for path in (*self.pages, "sub/c.md")}
        self.save()

    def _line(self) -> tuple[int, str]:
        self.last += 1
        return self.rand.choice((0, 0, 1, 1, 2, 3)), f"ours{self.last}"

    def rewrite(self) -> None:
        """Edit some pages, add, remove or rename one."""
        for lines in self.pages.values():
            for _ in range(self.rand.choice((0, 0, 1, 2, 3))):
                at = self.rand.randrange(len(lines)) if lines else 0
                match self.rand.choice(("add", "edit", "edit", "drop", "move")) if lines else "add":
                    case "add":
                        lines.insert(at, self._line())
                    case "edit":
                        lines[at] = (lines[at][0], self._line()[1])
                    case "drop":
                        del lines[at]
                    case "move":
                        lines.insert(self.rand.randrange(len(lines)), lines.pop(at))
        if self.rand.random() < 0.2:
            self.titles[self.rand.choice(list(self.titles))] = self._line()[1]
        if self.rand.random() < 0.2:
            self.pages.pop("a.md", None)
        elif self.rand.random() < 0.2:
            self.pages.setdefault(self.rand.choice(("a.md", "sub/c.md")), [self._line()])
        self.save()

    def save(self) -> None:
        for path, lines in self.pages.items():
            text, above = [f"# {self.titles[path]}\n\n"], 0
            for depth, line in lines:
                depth = min(depth, above + 1)
                text.append(f"{'  ' * (depth - 1)}- {line}\n" if depth else f"\n{line}\n\n")
                above = depth
            self.site.write(path, "".join(text))
        for file in self.site.folder.rglob("*.md"):
            if file.relative_to(self.site.folder).as_posix() not in self.pages:
                file.unlink()

    def renew(self) -> None:
        """Another text in every line, and one line more: blocks that nobody changes are not looked at."""
        for path, lines in self.pages.items():
            self.pages[path] = [(depth, self._line()[1]) for depth, _ in (*lines, (0, ""))]
        self.save()


class Watched:
    """A transport beside which people go on working: before request number `at` they do something."""

    def __init__(self, inner: Transport, world: World) -> None:
        self.inner = inner
        self.world = world

    async def send(self, request: Request) -> Answer:
        self.world.before(request)
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


class World:
    """A folder with its author, a workspace with its people, and pagemill between them."""

    def __init__(self, root: Path, dialect: str, seed: int) -> None:
        self.site = Site(root, {"dialect": dialect})
        self.rand = Random(seed)
        self.app = create_app(None)
        self.store = Store(None)
        self.author = Author(self.site, self.rand)
        self.crowd = Crowd(self.app.state.store, self.rand)
        self.meddling: list[int] = []
        self.sent = 0
        self.words: dict[str, str] = {}
        self.meddled = False
        self.late: set[str] = set()
        self.parents: set[str] = set()
        self.excused: set[str] = set()
        self.log: list[str] = []

    def before(self, request: Request) -> None:
        """Just before a request is handled: people may act."""
        self.sent += 1
        for _ in range(self.meddling.count(self.sent)):
            was = self.crowd.words()
            self.log.append(f"{self.sent}: {self.crowd.meddle()}")
            now = self.crowd.words()
            self.words = {
                word: page for word, page in self.words.items() if word not in was or word in now
            } | now
            self.late |= now.keys() - was.keys()
            self.meddled = True
        self.log.append(f"{request.method} {request.path} {(request.body or b'')[:200]!r}")
        self.excused |= self._unseen(request)

    def _unseen(self, request: Request) -> set[str]:
        """The words that a request takes away and that no publisher could have seen.

        Edits of the very block that is updated, after it was read. What came, after it was read, into a page that is
        moved to trash or emptied, or deeper into a block that is deleted; that is in the service's trash.
        """
        id = request.path.rpartition("/")[2]
        if request.method == "DELETE":
            return self.crowd.words_in(id) if self.meddled and id in self.parents else set()
        if request.method == "PATCH" and "erase_content" in (request.body or b"").decode():
            return self.crowd.words_in(id) & self.late
        if request.method == "PATCH" and "in_trash" in (request.body or b"").decode():
            here = {word for word, page in self.words.items() if page == id}
            return self.crowd.words_in(id) | here if self.meddled else set()
        return {word for word, block in self.crowd.edited.items() if block == id and word in self.late}

    def publish(self, **policy: Any) -> Report:
        options = self.site.settings(prune=True, **policy)

        def join(count: Callable[[], None]) -> Any:
            workspace = connect(options.dialect, "", "token", app=self.app, on_request=lambda _: count())
            workspace._transport = Watched(workspace._transport, self)
            return workspace

        self.sent, self.meddled, self.late, self.excused = 0, False, set(), set()
        self.parents = self.crowd.parents()
        self.words = self.crowd.words()
        self.titles = {page.id: page.path for page in self.store.pages().values()}
        self.log.append(f"publish {policy} {self.meddling}")
        return asyncio.run(Run(Job(options, join), self.store).publish())

    def lost(self, report: Report) -> dict[str, str]:
        """Words that are gone although nobody took them away, and that the report does not speak of."""
        told = {item.path for item in report.diagnostics if item.code in ("drift", "conflict")}
        told |= {page.path for page in report.pages if page.action in ("conflict", "failed")}
        gone = self.words.keys() - self.crowd.words().keys() - self.excused
        return {
            word: self.titles.get(self.words[word], "?")
            for word in gone
            if self.titles.get(self.words[word], "?") not in told
        }


def years(world: World, **policy: Any) -> None:
    """Three times people edit, then the author, and then it is published while people edit on."""
    world.publish()
    for _ in range(3):
        for _ in range(world.rand.randint(0, 4)):
            world.log.append(world.crowd.meddle())
        world.author.rewrite()
        world.meddling = [world.rand.randint(1, 12) for _ in range(world.rand.choice((0, 0, 1, 2)))]
        report = world.publish(**policy)
        assert world.lost(report) == {}, "\n".join(world.log)
    world.meddling = []


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
@settings(max_examples=30)
@given(seeds, st.sampled_from(DRIFT), st.sampled_from(CONFLICT))
def test_what_people_wrote_is_there_or_reported(dialect: str, seed: int, drift: str, conflict: str) -> None:
    with tempfile.TemporaryDirectory() as root:
        years(World(Path(root), dialect, seed), on_drift=drift, on_conflict=conflict)


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
@settings(max_examples=30)
@given(seeds, st.sampled_from(["stop", "restore"]), st.sampled_from(["stop", "ours"]))
def test_our_content_arrives_once_people_stop(dialect: str, seed: int, drift: str, conflict: str) -> None:
    with tempfile.TemporaryDirectory() as root:
        world = World(Path(root), dialect, seed)
        years(world, on_drift=drift, on_conflict=conflict)
        world.author.renew()
        for _ in range(3):
            report = world.publish(on_drift="restore", on_conflict="ours")
        assert report.conflicts == report.failed == report.writes == 0, "\n".join(world.log)
        pages = {page.path: page.id for page in world.store.pages().values() if not page.removed}
        for path, lines in world.author.pages.items():
            wanted = [line for _, line in lines]
            there = [line for line in world.crowd.lines(pages[path]) if line in wanted]
            assert there == wanted, "\n".join([path, *world.log])


def actions(report: Report) -> dict[str, str]:
    return {page.path: page.action for page in report.pages}


@pytest.fixture(params=["buildin", "notion"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """One page, published, of a paragraph and a list."""
    world = World(tmp_path, request.param, 0)
    world.author.pages = {"a.md": [(0, "ours1"), (1, "ours2"), (1, "ours3"), (2, "ours4")]}
    world.author.save()
    world.publish()
    return world


def blocks(world: World) -> dict[str, str]:
    page = next(page.id for page in world.store.pages().values() if page.path == "a.md")
    return {
        line: block.id
        for line, block in zip(world.crowd.lines(page), world.app.state.store.subtree(page), strict=True)
    }


def test_a_block_edited_at_the_moment_of_its_deletion_is_put_back(world: World) -> None:
    there = blocks(world)
    world.author.pages["a.md"] = [(0, "ours1"), (1, "ours2")]
    world.author.save()

    def edit(request: Request) -> None:
        if request.method == "DELETE":
            with world.app.state.store.write("", "people") as writer:
                text = [{"type": "text", "text": "people1"}]
                writer.update(writer.node(there["ours3"]), {"rich_text": text})

    world.before = edit  # type: ignore[method-assign]  # for this one publish
    assert actions(world.publish())["a.md"] == "conflict"
    assert list(blocks(world)) == ["ours1", "ours2", "people1", "ours4"]
    del world.before
    report = world.publish()
    assert actions(report)["a.md"] == "conflict"
    assert (
        "The file has dropped a bulleted list item that somebody has edited" in report.diagnostics[0].message
    )
    world.publish(on_conflict="ours")
    assert list(blocks(world)) == ["ours1", "ours2"]


def test_a_block_that_got_something_inside_at_the_moment_of_its_deletion_is_put_back(world: World) -> None:
    there = blocks(world)
    world.author.pages["a.md"] = [(0, "ours1"), (1, "ours3"), (2, "ours4")]
    world.author.save()

    def add(request: Request) -> None:
        if request.method == "DELETE":
            with world.app.state.store.write("", "people") as writer:
                node = writer.node(there["ours2"])
                text = NewBlock("paragraph", {"rich_text": [{"type": "text", "text": "people1"}]})
                writer.insert(node.id, node.page, [text])

    world.before = add  # type: ignore[method-assign]  # for this one publish
    assert actions(world.publish())["a.md"] == "conflict"
    assert "people1" in blocks(world)


@pytest.mark.parametrize(("policy", "title"), [("stop", "people1"), ("theirs", "people1"), ("ours", "ours9")])
def test_a_page_renamed_on_both_sides_is_a_conflict(world: World, policy: str, title: str) -> None:
    page = next(page for page in world.store.pages().values() if page.path == "a.md")
    with world.app.state.store.write("", "people") as writer:
        writer.update_page(writer.node(page.id), **world.crowd._title())
    world.author.titles["a.md"] = "ours9"
    world.author.save()
    report = world.publish(on_conflict=policy)
    assert [(item.code, item.path) for item in report.diagnostics] == [("conflict", "a.md")]
    assert (actions(report)["a.md"] == "conflict") == (policy == "stop")
    assert world.app.state.store.page(page.id).title == title
    assert world.publish(on_conflict=policy).writes == 0


def test_pruning_sees_what_people_wrote_deep_inside_a_page(world: World) -> None:
    there = blocks(world)
    with world.app.state.store.write("", "people") as writer:
        node = writer.node(there["ours4"])
        writer.insert(node.id, node.page, [NewBlock("paragraph", {"rich_text": world.crowd._text()})])
    world.author.pages = {}
    world.author.save()
    report = world.publish()
    assert actions(report)["a.md"] == "removed"
    assert "people1" in world.crowd.words()
