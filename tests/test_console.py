"""What is printed at the end of a run, and while files go up."""

from __future__ import annotations

import pytest

from converters.diagnostics import diagnostic
from publisher.console import Bar, Console, Pages
from publisher.report import PageReport


def test_on_a_terminal_diagnostics_break_between_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    item = diagnostic(
        "link-broken", "'a-very-long-name.md' is not in the folder at all", "deep/er/page.md", 120, 7
    )
    console = Console()
    console.diagnostics([item], "docs")
    assert capsys.readouterr().err == f"docs/{item}\n"
    console.terminal = True
    console.diagnostics([item], "docs")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("docs/deep/er/page.md:120:7: warning:")
    assert all(len(line) <= 50 for line in lines)
    assert " ".join(line.strip() for line in lines) == f"docs/{item}"


def test_progress_tells_what_has_gone_and_what_is_known_to_follow() -> None:
    told: list[str] = []

    class Drawn:
        def update(self, task: object, description: str) -> None:
            told.append(description)

    progress = Bar(1, "Publishing", terminal=False)
    progress._bar, progress._task = Drawn(), 0
    progress.uploaded(0, 0)
    progress.uploaded(6500, 700)
    progress.uploaded(7200, 0)
    assert told == ["Publishing (6.5 kB uploaded, 700 B under way)", "Publishing (7.2 kB uploaded)"]


def test_a_second_round_tells_its_pages_once(capsys: pytest.CaptureFixture[str]) -> None:
    with Pages(Console()) as pages:
        pages.tell(PageReport("early.md", "Early", "create"))
        for name in ("a", "b"):
            pages.begin(1)
            pages.tell(PageReport(f"{name}.md", name, "create"))
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["+", "a"], ["+", "b"]]
