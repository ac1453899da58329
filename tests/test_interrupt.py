"""Ctrl-C, in the real command: what is under way is finished, the state is saved, the next run goes on."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from live_server import PATIENCE, live
from site_folder import Site, id_of
from stories import first

from publisher.job import Job
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

WINDOWS = sys.platform == "win32"
SLOW = "delay:0.05@1+"  # seconds that every request takes


def interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


@pytest.mark.skipif(WINDOWS, reason="a process cannot be sent Ctrl-C alone there")
def test_the_state_is_saved_and_the_next_run_does_the_rest(tmp_path: Path) -> None:
    dialect = "notion"
    calm_path = tmp_path / "calm"
    for place in (tmp_path, calm_path):
        first(Site(place))
    with live(dialect) as calm:
        assert calm.publish(calm_path)[0] == 0
        wanted = [line.replace(calm.url, "") for line in calm.look()]
    with live(dialect, SLOW) as server:
        process = server.start(tmp_path)
        server.wait_for(5, process)
        interrupt(process)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, (out, err)
        assert "Run it again to go on" in err
        assert "Traceback" not in err
        before = server.handled
        assert 5 <= before <= 8  # what was under way, and nothing new
        server.hurry()
        code, out, err = server.publish(tmp_path)
        assert code == 0, (out, err)
        assert [line.replace(server.url, "") for line in server.look()] == wanted
        sent = server.handled
        assert server.publish(tmp_path)[0] == 0
        assert server.handled == sent


@pytest.mark.skipif(WINDOWS, reason="a process cannot be sent Ctrl-C alone there")
def test_a_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    first(Site(tmp_path))
    with live("notion", "delay:3@3+") as server:
        process = server.start(tmp_path)
        server.wait_for(3, process)
        interrupt(process)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.4)
        interrupt(process)
        _, err = process.communicate(timeout=2.5)
        assert process.returncode == 130
        assert "Traceback" not in err


@pytest.mark.skipif(WINDOWS, reason="a process cannot be sent Ctrl-C alone there")
def test_it_is_acknowledged_and_ends_pauses(tmp_path: Path) -> None:
    first(Site(tmp_path))
    with live("notion", "429:300@3+") as server:
        process = server.start(tmp_path)
        server.wait_for(3, process)
        interrupt(process)
        _, err = process.communicate(timeout=PATIENCE)  # far less than the service asks to wait
        assert process.returncode == 130, err
        assert "Stopping: requests under way are finished. Ctrl-C again stops at once." in err
        assert "Run it again to go on" in err
        assert "Traceback" not in err
        assert server.begun <= 3 + 8


@pytest.mark.parametrize("dialect", ["notion", "buildin"])
def test_stopped_after_any_answer_the_next_run_does_the_rest(dialect: str, tmp_path: Path) -> None:
    calm = Site(tmp_path / "calm", {"dialect": dialect, "root": "none"})
    first(calm)
    answers = calm.publish()
    for point in range(1, answers.reads + answers.writes, 3):
        site = Site(tmp_path / str(point), {"dialect": dialect, "root": "none"})
        first(site)
        assert _stopped_after(point, site).interrupted
        report = site.publish()
        assert not report.interrupted
        assert site.tree() == calm.tree()
        for page in answers.pages:
            if page.id:
                assert site.lines(id_of(report, page.path)) == calm.lines(page.id)


def _stopped_after(answers: int, site: Site) -> Report:
    """A publish, with Ctrl-C when so many requests have been answered."""
    stopping, seen = Stopping(), 0
    settings = site.settings()

    def count() -> None:
        nonlocal seen
        seen += 1
        stopping.requested = stopping.requested or seen >= answers

    def connected(told: Callable[[], None]) -> Workspace:
        return open_workspace(settings, count)

    store = Store(state_file(settings))
    try:
        return asyncio.run(Run(Job(settings, connected, stopping=stopping), store).publish())
    finally:
        store.close()
