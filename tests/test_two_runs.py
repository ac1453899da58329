"""Two processes publish one folder at once: one works, the other says so; no page is there twice, none is missing."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
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
