"""Watching: saving a picture publishes the pages that show it, and no others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from site_folder import Site, actions
from watched import Gate, watching

from publisher.errors import UnreachableError
from publisher.remote.port import Request

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.write("index.md", "# Home\n\nText.\n")
    site.write("a.md", "# A\n\n![x](x.png)\n")
    site.write("b.md", "# B\n\nSee [x](/x.png).\n")
    site.write("c.md", "# C\n\n![y](y.png)\n")
    site.write("x.png", PNG)
    site.write("y.png", PNG + b"y")
    return site


def in_place(path: Path) -> None:
    path.write_bytes(PNG + b"changed")


def write_and_rename(path: Path) -> None:
    beside = path.with_name(".x.png.tmp")
    beside.write_bytes(PNG + b"renamed")
    beside.replace(path)


@pytest.mark.parametrize("save", [in_place, write_and_rename])
@pytest.mark.parametrize("poll", [False, True])
async def test_saving_a_picture_publishes_the_pages_that_show_it(
    site: Site, save: Callable[[Path], None], poll: bool
) -> None:
    async with watching(site, poll=poll) as watched:
        report = await watched.next(lambda: save(site.folder / "x.png"))
        changed = {path for path, action in actions(report).items() if action == "update"}
        assert changed == {"a.md", "b.md"}
        assert len(watched.view.reports) == 2


async def test_a_picture_that_is_only_touched_is_not_sent_again(site: Site) -> None:
    async with watching(site) as watched:
        os.utime(site.folder / "x.png")
        report = await watched.next(lambda: site.write("c.md", "# C\n\nOther.\n"))
        assert {path for path, action in actions(report).items() if action == "update"} == {"c.md"}
        assert len(watched.view.reports) == 2


async def test_a_picture_that_comes_goes_and_spoils_is_spoken_of(site: Site) -> None:
    async with watching(site) as watched:
        report = await watched.next(lambda: site.write("x.png", b"<!doctype html>"))
        assert {path for path, action in actions(report).items() if action == "update"} == {"a.md", "b.md"}
        assert watched.view.problems == ["a.md:3: file-type", "b.md:3: file-type"]
        await watched.next(lambda: site.remove("x.png"))
        assert watched.view.problems[2:] == ["a.md:3: link-broken", "b.md:3: link-broken"]
        report = await watched.next(lambda: site.write("x.png", PNG))
        assert {path for path, action in actions(report).items() if action == "update"} == {"a.md", "b.md"}
        assert report.diagnostics == []


async def test_a_new_reference_and_then_its_picture(site: Site) -> None:
    async with watching(site) as watched:
        await watched.next(lambda: site.write("index.md", "# Home\n\n![y](y.png)\n"))
        report = await watched.next(lambda: site.write("y.png", PNG + b"newer"))
        assert {path for path, action in actions(report).items() if action == "update"} == {
            "index.md",
            "c.md",
        }


async def test_files_of_a_further_root(site: Site) -> None:
    beside = site.root / "assets"
    beside.mkdir()
    (beside / "z.png").write_bytes(PNG)
    site.options["file_roots"] = (beside,)
    site.write("c.md", "# C\n\n![z](../assets/z.png)\n")
    async with watching(site) as watched:
        report = await watched.next(lambda: (beside / "z.png").write_bytes(PNG + b"changed"))
        assert {path for path, action in actions(report).items() if action == "update"} == {"c.md"}


async def test_while_no_file_can_be_brought_pictures_wait(site: Site) -> None:
    async with watching(site) as watched:
        workspace = watched.session.sender._workspace
        assert workspace is not None
        assert workspace.attach is not None
        down = True

        def away(request: Request) -> None:
            if down and request.stream is not None:
                raise UnreachableError("Nobody takes files.")

        workspace.attach.inner = Gate(workspace.attach.inner, away)
        in_place(site.folder / "x.png")
        await watched.until(lambda: any(event == "offline" for event, _ in watched.view.notes))
        retry = watched.session.sender.retry_at
        await watched.until(lambda: watched.session.sender.retry_at != retry)
        down = False
        await watched.until(lambda: watched.actions().get("a.md") == "update")
        assert watched.actions()["b.md"] == "update"
        assert [event for event, _ in watched.view.notes].count("online") == 1
