"""`pagemill watch` as a person runs it: a process, lines on its output, Ctrl-C."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from command import PAGEMILL, environment, pagemill

PATIENCE = 30.0
posix = pytest.mark.skipif(sys.platform == "win32", reason="a test cannot send Ctrl-C to one process there")


class Running:
    """A watch in a process of its own, its output line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    def _read(self, stream: Iterator[str]) -> None:
        for line in stream:
            self.lines.put(line.rstrip("\n"))

    def until(self, wanted: Callable[[str], bool]) -> str:
        """The next line for which this is true."""
        while True:
            line = self.lines.get(timeout=PATIENCE)
            if wanted(line):
                return line

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@contextmanager
def running(cwd: Path, *arguments: str) -> Iterator[Running]:
    process = subprocess.Popen(
        [*PAGEMILL, "watch", *arguments],
        cwd=cwd,
        env={**environment(), "BROWSER": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Docs\n\nSee [a](a.md).\n", encoding="utf-8")
    (docs / "a.md").write_text("# A\n\nText.\n", encoding="utf-8")
    return tmp_path


@posix
def test_from_start_to_ctrl_c(project: Path) -> None:
    with running(project, "docs") as watch:
        assert "2 created" in watch.until(lambda line: "created" in line)
        watch.until(lambda line: "Watching docs" in line)
        (project / "docs" / "a.md").write_text("# A\n\nOther text.\n", encoding="utf-8")
        line = watch.until(lambda line: "a.md" in line)
        assert "~ A  a.md  2 requests, " in line
        (project / "docs" / "a.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
        assert "docs/a.md:3:1: error" in watch.until(lambda line: "error" in line)
        (project / "docs" / "a.md").write_text("# A\n\nMended.\n", encoding="utf-8")
        assert "  docs/a.md: its errors are mended" in watch.until(lambda line: "mended" in line)
        watch.until(lambda line: "~ A" in line)
        assert watch.interrupt() == 130
        line = watch.until(lambda line: "Stopped" in line)
        assert line.endswith("Stopped; the state is saved, and nothing is left to send.")
    after = pagemill("publish", "docs", cwd=project)
    assert (after.code, "0 writes" in after.out) == (0, True), after.out


@posix
def test_lines_of_json(project: Path) -> None:
    with running(project, "docs", "--json") as watch:
        events = [json.loads(watch.lines.get(timeout=PATIENCE)) for _ in range(2)]
        assert [event["event"] for event in events] == ["publish", "watching"]
        assert events[0]["created"] == 2
        assert events[1]["mode"] in ("events", "walks")
        (project / "docs" / "a.md").write_text("# A\n\nSee [x](x.md).\n", encoding="utf-8")
        events = [json.loads(watch.lines.get(timeout=PATIENCE)) for _ in range(2)]
        assert [event["event"] for event in events] == ["diagnostic", "publish"]
        assert (events[0]["path"], events[0]["line"]) == ("a.md", 3)
        assert [(page["path"], page["requests"]) for page in events[1]["pages"]] == [("a.md", 2)]
        assert watch.interrupt() == 130
        assert json.loads(watch.until(lambda line: line.startswith("{")))["event"] == "stopped"


@posix
def test_the_pages_are_served_meanwhile(project: Path) -> None:
    with running(project, "docs", "--open", "--port", "0") as watch:
        line = watch.until(lambda line: "The pages are at" in line)
        url = line.split()[-1]
        watch.until(lambda line: "Watching" in line)
        assert "Docs" in httpx.get(url, follow_redirects=True, timeout=PATIENCE).text
        assert watch.interrupt() == 130


@posix
def test_a_push_and_a_watch_get_along(project: Path) -> None:
    with running(project, "docs") as watch:
        watch.until(lambda line: "Watching" in line)
        assert pagemill("publish", "docs", cwd=project).code == 0
        (project / "docs" / "a.md").write_text("# A\n\nOther text.\n", encoding="utf-8")
        watch.until(lambda line: "~ A" in line)
        assert watch.interrupt() == 130


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nowhere"], 2, "does not exist"),
        (["docs", "--to", "notion"], 4, "NOTION_TOKEN"),
    ],
)
def test_what_cannot_begin_is_told(project: Path, arguments: list[str], code: int, says: str) -> None:
    result = pagemill("watch", *arguments, cwd=project)
    assert (result.code, says in result.err) == (code, True), result.err
    assert "Traceback" not in result.err


@posix
def test_ctrl_c_at_the_very_start(project: Path) -> None:
    with running(project, "docs") as watch:
        watch.lines.get(timeout=PATIENCE)
        assert watch.interrupt() == 130
