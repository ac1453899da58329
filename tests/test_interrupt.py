"""Ctrl-C, in the real command: what is under way is finished, the state is saved, the next run goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from live_server import PATIENCE, live
from site_folder import Site
from stories import first

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
