"""Two processes publish one folder at once: one works, the other says so; no page is there twice, none is missing."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from command import pagemill
from live_server import PATIENCE, live
from site_folder import Site
from stories import first


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
def test_one_works_and_one_says_so(tmp_path: Path, dialect: str) -> None:
    first(Site(tmp_path))
    gate = threading.Event()

    async def wait(_: float) -> None:
        while not gate.is_set():  # noqa: ASYNC110 - it is set in another thread
            await asyncio.sleep(0.01)

    with live(dialect, "delay:1@3+") as server:
        server.app.state.faults.sleep = wait
        one = server.start(tmp_path)
        server.wait_for(3, one)
        code, out, err = server.publish(tmp_path)
        gate.set()
        assert (code, out) == (3, "")
        assert "Another pagemill run is publishing this folder" in err
        assert one.wait(PATIENCE) == 0
        one.communicate()
        lines = server.look()
        assert len(lines) == len(set(lines)) > 100
        sent = server.handled
        assert server.publish(tmp_path)[0] == 0
        assert server.handled == sent


def test_many_at_the_same_moment(tmp_path: Path) -> None:
    first(Site(tmp_path))
    with live("notion") as server:
        processes = [server.start(tmp_path) for _ in range(4)]
        for process in processes:
            process.communicate(timeout=PATIENCE)
        codes = {process.returncode for process in processes}
        assert 0 in codes
        assert codes <= {0, 3}
        lines = server.look()
        assert len(lines) == len(set(lines)) > 100


def test_a_folder_beside_another_does_not_take_its_pages(tmp_path: Path) -> None:
    """Two folders with pages of the same titles have one place for their states, and the same workspace."""
    for name in ("alpha", "beta"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "index.md").write_text(f"# Notes\n\n{name} text.\n")
        (folder / "setup.md").write_text(f"# Setup\n\n{name} setup.\n")
    assert "2 created" in pagemill("publish", "alpha", cwd=tmp_path).out
    assert "2 to create" in pagemill("plan", "beta", "--refresh", cwd=tmp_path).out
    assert "2 created" in pagemill("publish", "beta", cwd=tmp_path).out
    for name in ("alpha", "beta"):
        assert "2 unchanged" in pagemill("publish", name, cwd=tmp_path).out
        assert pagemill("status", name, cwd=tmp_path).code == 0


def test_a_folder_that_was_renamed_finds_its_pages(tmp_path: Path) -> None:
    folder = tmp_path / "alpha"
    folder.mkdir()
    (folder / "index.md").write_text("# Notes\n\ntext\n")
    assert "1 created" in pagemill("publish", "alpha", cwd=tmp_path).out
    folder.rename(tmp_path / "beta")
    assert "1 unchanged" in pagemill("publish", "beta", cwd=tmp_path).out
