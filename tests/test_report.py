"""What a run says at its end, and while files go up."""

from __future__ import annotations

import pytest

from converters.diagnostics import diagnostic
from publisher import report as show
from publisher.report import Console, PageReport, Progress, Report


def test_what_keeps_everything_back_is_named() -> None:
    one = diagnostic("symlink-outside", "leads out of the folder", "docs/latest")
    assert show.unsent([one]) == "Nothing was sent. First mend 1 error: docs/latest [symlink-outside]."
    many = [diagnostic("link-broken", "gone", "a.md", line, 1) for line in range(1, 6)]
    assert show.unsent(many, "Nothing can be sent") == (
        "Nothing can be sent. First mend 5 errors: a.md:1:1 [link-broken], a.md:2:1 [link-broken], "
        "a.md:3:1 [link-broken], and 2 more."
    )


def test_a_folder_has_pages_or_none() -> None:
    assert not Report().holds_pages
    assert Report(unchanged=3).holds_pages
    assert Report(pages=[PageReport("a.md", "A", "removed")]).holds_pages


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

    class Bar:
        def update(self, task: object, description: str) -> None:
            told.append(description)

    progress = Progress(1, "Publishing", terminal=False)
    progress._bar, progress._task = Bar(), 0
    progress.uploaded(0, 0)
    progress.uploaded(6500, 700)
    progress.uploaded(7200, 0)
    assert told == ["Publishing (6.5 kB uploaded, 700 B under way)", "Publishing (7.2 kB uploaded)"]
