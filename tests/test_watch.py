"""Watching a folder: every way of saving reaches the workspace, once, as little as possible, and nothing else does."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from site_folder import Site, actions, id_of
from watched import watching

from publisher.errors import RejectedError, TokenError, UnknownOutcomeError, UnreachableError
from publisher.remote.port import Request
from publisher.watching.session import End
from publisher.watching.source import Events, NoEvents

pytestmark = pytest.mark.anyio

ONE = "# A\n\nOne.\n\nTwo.\n"
OTHER = "# A\n\nOne.\n\nTwo, changed.\n"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.write("index.md", "# Home\n\nSee [a](a.md).\n")
    site.write("a.md", ONE)
    return site


def in_place(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def slowly(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        for char in text:
            file.write(char)
            file.flush()


def write_and_rename(path: Path, text: str) -> None:
    beside = path.with_name("a.md.tmp123")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def rename_from_outside(path: Path, text: str) -> None:
    outside = path.parent.parent / "outside.md"
    outside.write_text(text, encoding="utf-8")
    outside.replace(path)


def backup_and_rename(path: Path, text: str) -> None:
    """As vim does it, with its swap file and its probe."""
    folder = path.parent
    (folder / ".a.md.swp").write_text("swap", encoding="utf-8")
    (folder / "4913").write_text("", encoding="utf-8")
    (folder / "4913").unlink()
    path.rename(folder / "a.md~")
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    (folder / "a.md~").unlink()
    (folder / ".a.md.swp").unlink()


def delete_and_create(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, encoding="utf-8")


SAVES = [in_place, slowly, write_and_rename, rename_from_outside, backup_and_rename, delete_and_create]


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
async def test_a_save_is_one_read_and_one_write(site: Site, save: Callable[[Path, str], None]) -> None:
    async with watching(site) as watched:
        page = id_of(watched.view.reports[0], "a.md")
        report = await watched.next(lambda: save(site.folder / "a.md", OTHER))
        assert actions(report) == {"a.md": "update"}
        assert (report.reads, report.writes, report.unchanged) == (1, 1, 1)
        again = await watched.next(lambda: save(site.folder / "a.md", ONE))
        assert (again.reads, again.writes) == (1, 1)
        assert len(watched.view.reports) == 3
    assert await lines(site, page) == ["One.", "Two."]


async def lines(site: Site, page: str) -> list[str]:
    return await asyncio.to_thread(site.lines, page)


async def test_swap_files_hidden_and_ignored_ones_are_nobodys_business(site: Site) -> None:
    site.write(".pagemillignore", "build/\n")
    (site.folder / "build").mkdir()
    async with watching(site) as watched:
        for name in (".a.md.swp", "build/x.md", "#a.md#", ".hidden/x.md", "node_modules/y.md"):
            site.write(name, "# Not for anybody\n")
            (site.folder / name).unlink()
        site.write("build/stays.md", "# Stays here\n")
        report = await watched.next(lambda: site.write("a.md", OTHER))
        assert actions(report) == {"a.md": "update"}
        assert len(watched.view.reports) == 2


async def test_new_folders_come_with_all_that_is_in_them(site: Site) -> None:
    def new() -> None:
        for name in ("guide/index.md", "guide/deep/er/x.md", "guide/deep/y.md"):
            site.write(name, f"# {name}\n\nText of {name}.\n")

    def moved_in() -> None:
        (site.root / "outside" / "inner").mkdir(parents=True)
        (site.root / "outside" / "inner" / "z.md").write_text("# Z\n\nFrom outside.\n", encoding="utf-8")
        (site.root / "outside").rename(site.folder / "outside")

    async with watching(site) as watched:
        new()
        moved_in()
        names = {"guide/index.md", "guide/deep/er/x.md", "guide/deep/y.md", "outside/inner/z.md"}
        await watched.until(lambda: names <= watched.actions().keys())
        later = await watched.next(lambda: site.write("outside/inner/z.md", "# Z\n\nChanged.\n"))
        assert actions(later) == {"outside/inner/z.md": "update"}


async def test_renamed_and_moved_files_and_folders_keep_their_pages(site: Site) -> None:
    site.write("guide/start.md", "# Start\n\nThe first day, and what comes after it.\n")
    async with watching(site) as watched:
        ids = {page.path: page.id for page in watched.view.reports[0].pages}
        site.rename("guide", "manual")
        await watched.until(lambda: "manual/" in watched.actions() or "manual/start.md" in watched.actions())
        report = await watched.next(
            lambda: site.write("manual/start.md", "# Start\n\nThe first day, and the next.\n")
        )
        assert id_of(report, "manual/start.md") == ids["guide/start.md"]
        moved = await watched.next(lambda: site.rename("manual/start.md", "begin.md"))
        assert actions(moved)["begin.md"] == "move"
        assert id_of(moved, "begin.md") == ids["guide/start.md"]

        def edit_and_rename() -> None:
            (site.folder / "begin.md").unlink()
            site.write("other/begin.md", "# Start\n\nThe first day, and the next. More.\n")

        both = await watched.next(edit_and_rename)
        assert id_of(both, "other/begin.md") == ids["guide/start.md"]


async def test_a_deleted_file_is_reported_once_and_stays(site: Site) -> None:
    site.write("b.md", "# B\n\nQuite another text.\n")
    async with watching(site) as watched:
        report = await watched.next(lambda: site.remove("b.md"))
        assert actions(report)["b.md"] == "removed"
        assert report.writes == 0
    tree = await asyncio.to_thread(site.tree)
    assert set(tree["Home"]) == {"A", "B"}


async def test_a_deleted_file_goes_to_trash_if_asked(site: Site) -> None:
    site.write("b.md", "# B\n\nQuite another text.\n")
    async with watching(site, prune=True) as watched:
        report = await watched.next(lambda: site.remove("b.md"))
        assert actions(report)["b.md"] == "trash"
        await watched.next(lambda: delete_and_create(site.folder / "a.md", OTHER))
    assert set((await asyncio.to_thread(site.tree))["Home"]) == {"A"}


async def test_front_matter_alone_is_one_write(site: Site) -> None:
    async with watching(site) as watched:
        report = await watched.next(lambda: site.write("a.md", "---\nicon: 🚀\n---\n" + ONE))
        assert (report.reads, report.writes) == (0, 1)
        renamed = await watched.next(
            lambda: site.write("a.md", "---\ntitle: New\nicon: 🚀\n---\n\nOne.\n\nTwo.\n")
        )
        assert actions(renamed)["a.md"] == "update"


async def test_white_space_costs_nothing_and_is_said(site: Site) -> None:
    async with watching(site) as watched:
        report = await watched.next(lambda: site.write("a.md", "# A\n\n\nOne.\n\nTwo.  \n<!-- note -->\n"))
        assert (report.reads, report.writes) == (0, 0)


async def test_a_picture_that_comes_makes_its_links_lead_somewhere(site: Site) -> None:
    site.write("a.md", "# A\n\nSee [the plan](plan.pdf).\n")
    async with watching(site, files_url="https://example.org/docs") as watched:
        assert watched.view.problems == ["a.md:3: link-broken"]
        report = await watched.next(lambda: site.write("plan.pdf", b"%PDF"))
        assert actions(report)["a.md"] == "update"
        assert watched.view.problems == ["a.md:3: link-broken"]
        site.write("plan.pdf", b"%PDF, other content")
        after = await watched.next(lambda: site.write("index.md", "# Home\n\nNo link.\n"))
        assert actions(after) == {"index.md": "update"}


async def test_a_heading_that_goes_is_missed_by_those_who_link_to_it(site: Site) -> None:
    site.write("a.md", "# A\n\n## Part\n\nText.\n")
    site.write("b.md", "# B\n\nSee [part](a.md#part).\n")
    async with watching(site) as watched:
        assert watched.view.problems == []
        await watched.next(lambda: site.write("a.md", "# A\n\n## Piece\n\nText.\n"))
        assert watched.view.problems == ["b.md:3: link-anchor-broken"]
        await watched.next(lambda: site.write("a.md", "# A\n\n## Part\n\nText.\n"))
        report = await watched.next(lambda: site.write("b.md", "# B\n\nSee the [part](a.md#part).\n"))
        assert report.diagnostics == []


async def test_an_error_is_shown_at_once_and_mended_by_the_next_save(site: Site) -> None:
    async with watching(site) as watched:
        report = await watched.next(lambda: site.write("a.md", "---\ntitle: [\n---\n" + ONE))
        assert actions(report)["a.md"] == "held-back"
        assert watched.view.problems == ["a.md:3: front-matter-invalid"]
        other = await watched.next(lambda: site.write("index.md", "# Home\n\nStill going.\n"))
        assert actions(other)["index.md"] == "update"
        assert len(watched.view.problems) == 1
        mended = await watched.next(lambda: site.write("a.md", OTHER))
        assert actions(mended)["a.md"] == "update"


async def test_a_save_during_a_publish_is_not_lost(site: Site) -> None:
    newest = "# A\n\nOne.\n\nNewest.\n"
    async with watching(site) as watched:
        page = id_of(watched.view.reports[0], "a.md")

        def meanwhile(request: Request) -> None:
            watched.before.clear()
            in_place(site.folder / "a.md", newest)

        watched.before.append(meanwhile)
        site.write("a.md", OTHER)
        await watched.until(lambda: len(watched.view.reports) == 3)
    assert await lines(site, page) == ["One.", "Newest."]


async def test_a_burst_is_few_publishes(site: Site) -> None:
    for number in range(60):
        site.write(f"many/p{number}.md", f"# P{number}\n\nText {number**7} of its own.\n")
    async with watching(site) as watched:
        for number in range(60):
            in_place(site.folder / f"many/p{number}.md", f"# P{number}\n\nText {number**7} of mine.\n")
        names = {f"many/p{number}.md" for number in range(60)}
        await watched.until(
            lambda: {p for p, action in watched.actions().items() if action == "update"} >= names
        )
        assert sum(report.writes for report in watched.view.reports[1:]) == 60
        assert len(watched.view.reports) <= 4


async def test_what_is_half_written_is_not_published(site: Site) -> None:
    async with watching(site) as watched:
        page = id_of(watched.view.reports[0], "a.md")
        with (site.folder / "a.md").open("w", encoding="utf-8") as file:
            file.write("# A\n\nHalf of")
            file.flush()
            report = await watched.next(lambda: site.write("new.md", "# New\n\nText.\n"))  # costs a walk
            assert actions(report).get("a.md", "unchanged") == "unchanged"
            assert await lines(site, page) == ["One.", "Two."]
            file.write(" a whole.\n")
        await watched.until(lambda: watched.actions().get("a.md") == "update")
        assert await lines(site, page) == ["Half of a whole."]


async def test_while_the_network_is_away_changes_wait(site: Site) -> None:
    async with watching(site) as watched:
        page = id_of(watched.view.reports[0], "a.md")

        def away(request: Request) -> None:
            raise UnreachableError("Nobody answers.")

        watched.before.append(away)
        site.write("a.md", OTHER)
        await watched.until(lambda: any(event == "offline" for event, _ in watched.view.notes))
        site.write("a.md", "# A\n\nNewest.\n")
        site.write("c.md", "# C\n\nNew meanwhile.\n")
        retries = watched.session.sender.retry_at
        await watched.until(lambda: watched.session.sender.retry_at != retries)
        watched.before.clear()
        await watched.until(lambda: watched.actions().get("c.md") == "create")
        events = [event for event, _ in watched.view.notes]
        assert (events.count("offline"), events.count("online")) == (1, 1)
    assert await lines(site, page) == ["Newest."]


async def test_it_says_what_is_left_when_it_is_stopped(site: Site) -> None:
    async with watching(site) as watched:
        await watched.until(lambda: watched.session.idle, "rest")
    assert watched.session.left == ", and nothing is left to send."
    async with watching(site) as watched:

        def stop(request: Request) -> None:
            if request.nature != "read":
                watched.stopping.requested = True

        watched.before.append(stop)
        for number in range(30):
            site.write(f"new/{number}.md", f"# New {number}\n\nText.\n")
        await asyncio.wait([watched.task])
        assert not watched.session.idle
    said = re.fullmatch(r"\. About (\d+) pages are left; run it again to go on\.", watched.session.left)
    assert said is not None
    report = await asyncio.to_thread(site.publish)
    assert int(said[1]) == list(actions(report).values()).count("create") > 0


async def test_it_says_what_stands_in_the_way_when_it_is_stopped(site: Site) -> None:
    async with watching(site) as watched:
        await watched.next(lambda: site.write("a.md", "---\ntitle: [\n---\n"))
    assert watched.session.left == ". Not as in the folder: 1 held back."
    async with watching(site) as watched:

        def away(request: Request) -> None:
            raise UnreachableError("Nobody answers.")

        watched.before.append(away)
        site.write("a.md", OTHER)
        await watched.until(lambda: any(event == "offline" for event, _ in watched.view.notes))
    assert watched.session.left == ". What has changed last is not sent; the next run does it."


async def test_when_the_network_is_away_from_the_start_it_waits_too(site: Site) -> None:
    def away(request: Request) -> None:
        raise UnreachableError("Nobody answers.")

    site.write("a.md", "# A\n\nSee [x](x.md).\n")
    async with watching(site, away=away) as watched:
        assert [event for event, _ in watched.view.notes] == ["offline", "watching"]
        assert watched.view.notes[0][1] == "Nobody answers. Changes are kept and sent when it is back."
        site.write("b.md", "# B\n\nNew meanwhile.\n")
        watched.before.clear()
        await watched.until(lambda: watched.actions().get("b.md") == "create")
        assert watched.actions().keys() == {"index.md", "a.md", "b.md"}
        assert watched.view.problems == ["a.md:3: link-broken"]
        assert watched.view.notes[-1][0] == "online"


async def test_a_refused_token_ends_the_watch(site: Site) -> None:
    async def go() -> None:
        async with watching(site) as watched:

            def refuse(request: Request) -> None:
                raise TokenError("The token was revoked.")

            watched.before.append(refuse)
            site.write("a.md", OTHER)
            await watched.until(lambda: False)

    with pytest.raises(TokenError):
        await go()


async def test_ignore_files_count_at_once(site: Site) -> None:
    async with watching(site, prune=True) as watched:
        report = await watched.next(lambda: site.write(".pagemillignore", "a.md\n"))
        assert actions(report)["a.md"] == "trash"
        back = await watched.next(lambda: site.remove(".pagemillignore"))
        assert actions(back)["a.md"] == "create"


@pytest.mark.parametrize("content", ['ignore = ["a.md"]\n', "prune = true\n"])
async def test_other_settings_begin_a_new_session(site: Site, content: str) -> None:
    async with watching(site) as watched:
        (site.root / "pagemill.toml").write_text('folder = "docs"\nignor = 1\n', encoding="utf-8")
        await watched.until(lambda: any(event == "error" for event, _ in watched.view.notes))
        assert "pagemill.toml:2" in watched.view.notes[-1][1]
        (site.root / "pagemill.toml").write_text(f'folder = "docs"\n{content}', encoding="utf-8")
        async with asyncio.timeout(20):
            assert await asyncio.shield(watched.task) is End.CHANGED


async def test_another_folder_in_its_place_begins_a_new_session(site: Site) -> None:
    async with watching(site) as watched:
        shutil.copytree(site.folder, site.root / "copy")
        site.folder.rename(site.root / "before")
        (site.root / "copy").rename(site.folder)
        async with asyncio.timeout(20):
            assert await asyncio.shield(watched.task) is End.CHANGED


async def test_a_publish_elsewhere_is_taken_note_of(site: Site) -> None:
    async with watching(site) as watched:
        await watched.until(lambda: watched.view.reports)
        site.write("b.md", "# B\n\nPublished by a hook.\n")
        await asyncio.to_thread(site.publish)
        await watched.until(lambda: "b.md" in (site.folder / "b.md").name)
        report = await watched.next(lambda: site.write("a.md", OTHER))
        await watched.until(lambda: watched.actions().get("a.md") == "update")
        assert report.count("failed") == 0
    tree = await asyncio.to_thread(site.tree)
    assert tree == {"Home": {"A": {}, "B": {}}}


async def test_walking_finds_what_events_would(site: Site) -> None:
    site.write("guide/x.md", "# X\n\nText of x.\n")
    async with watching(site, poll=True) as watched:
        page = id_of(watched.view.reports[0], "guide/x.md")
        assert actions(await watched.next(lambda: site.write("a.md", OTHER)))["a.md"] == "update"
        report = await watched.next(lambda: site.rename("guide/x.md", "x.md"))
        assert id_of(report, "x.md") == page
        assert actions(await watched.next(lambda: site.remove("a.md")))["a.md"] == "removed"


async def test_when_the_limit_of_watches_is_reached_it_walks_and_says_so(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Events) -> None:
        raise NoEvents("inotify watch limit reached")

    monkeypatch.setattr(Events, "start", refuse)
    async with watching(site) as watched:
        assert watched.view.notes[0][0] == "polling"
        assert "inotify watch limit reached" in watched.view.notes[0][1]
        assert actions(await watched.next(lambda: site.write("a.md", OTHER)))["a.md"] == "update"


async def test_the_limit_is_noticed_below_the_folder_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """watchdog passes over directories that the system refuses to watch; one watch more tells."""
    whole = Events._open

    def few(self: Events, recursive: bool) -> object:
        if not recursive:
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return whole(self, recursive)

    async with watching(site) as watched:
        monkeypatch.setattr(Events, "_open", few)
        monkeypatch.setattr(watched.session.source, "_closes", True)
        site.write("new/x.md", "# X\n")
        await watched.until(lambda: any(event == "polling" for event, _ in watched.view.notes))
        await watched.until(lambda: watched.actions().get("new/x.md") == "create")


async def test_events_that_were_lost_are_made_up_for(site: Site) -> None:
    async with watching(site) as watched:
        source = watched.session.source
        assert isinstance(source, Events)
        source._deliver = lambda signs, at: None  # as when the queue overflows
        site.write("a.md", OTHER)
        os.utime(site.folder / "a.md", (1_600_000_000, 1_600_000_000))
        report = await watched.next(source._tell_lost)
        assert actions(report) == {"a.md": "update"}


async def test_when_events_end_it_goes_on_by_walking(site: Site) -> None:
    async with watching(site) as watched:
        watched.session._lost(False)
        await watched.until(lambda: any(event == "polling" for event, _ in watched.view.notes))
        assert actions(await watched.next(lambda: site.write("a.md", OTHER)))["a.md"] == "update"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
async def test_a_branch_switch_is_one_publish_and_keeps_pages(site: Site) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=site.root, check=True, capture_output=True)

    for number in range(20):
        site.write(f"n{number}.md", f"# N{number}\n\nText {number**9} and nothing else.\n")
    git("init", "-q", "-b", "main")
    (site.root / ".gitignore").write_text(".pagemill/\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    git("checkout", "-qb", "other")
    for number in range(20):
        site.rename(f"n{number}.md", f"moved/n{number}.md")
    git("add", ".")
    git("commit", "-qm", "two")
    git("checkout", "-q", "main")
    async with watching(site) as watched:
        ids = {page.title: page.id for page in watched.view.reports[0].pages}
        report = await watched.next(lambda: git("checkout", "-q", "other"))
        assert {page.action for page in report.pages if page.path.startswith("moved/n")} == {"move"}
        assert {
            page.title: page.id for page in report.pages if page.path.startswith("moved/n")
        }.items() <= ids.items()
        assert report.count("create") == 1  # the page of the folder


@pytest.mark.skipif(sys.platform == "win32", reason="names with slashes of their own")
async def test_a_link_to_something_ignored_is_followed(site: Site) -> None:
    site.write("ignored/x.md", "# X\n\nText.\n")
    site.write(".pagemillignore", "ignored/\n")
    (site.folder / "shown.md").symlink_to("ignored/x.md")
    async with watching(site) as watched:
        report = await watched.next(lambda: site.write("ignored/x.md", "# X\n\nOther text.\n"))
        assert actions(report) == {"shown.md": "update"}


async def test_a_refused_page_is_tried_again_with_the_pages_below_it(site: Site) -> None:
    def refuse(request: Request) -> None:
        if request.method == "POST" and b"Parent" in (request.body or b""):
            raise RejectedError("This is refused.", status=400, code="validation_error")

    def new() -> None:
        site.write("guide/index.md", "# Parent\n\nText.\n")
        site.write("guide/child.md", "# Child\n\nText.\n")

    async with watching(site) as watched:
        watched.before.append(refuse)
        new()
        await watched.until(lambda: watched.actions().get("guide/index.md") == "failed")
        assert "guide/child.md" not in watched.actions()
        watched.before.clear()
        await watched.next(lambda: site.write("a.md", OTHER))
        await watched.until(lambda: watched.actions().get("guide/child.md") == "create")
    assert (await asyncio.to_thread(site.tree))["Home"]["Parent"] == {"Child": {}}


async def test_an_answer_that_was_lost_is_looked_for_soon(site: Site) -> None:
    lost = 0

    def lose(request: Request) -> None:
        nonlocal lost
        if request.nature != "read" and lost < 4:  # as often as a run tries
            lost += 1
            raise UnknownOutcomeError("No answer.")

    async with watching(site) as watched:
        page = id_of(watched.view.reports[0], "a.md")
        watched.before.append(lose)
        site.write("a.md", OTHER)
        await watched.until(lambda: watched.actions().get("a.md") == "update")
    assert await lines(site, page) == ["One.", "Two, changed."]
