"""A run in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from converters.diagnostics import diagnostic
from publisher.report import PageReport, Report
from publisher.wording import estimate, from_here, page_line, summary, unsent


def test_what_keeps_everything_back_is_named() -> None:
    one = diagnostic("symlink-outside", "leads out of the folder", "docs/latest")
    assert unsent([one]) == "Nothing was sent. First mend 1 error: docs/latest [symlink-outside]."
    many = [diagnostic("link-broken", "gone", "a.md", line, 1) for line in range(1, 6)]
    assert unsent(many, "Nothing can be sent") == (
        "Nothing can be sent. First mend 5 errors: a.md:1:1 [link-broken], a.md:2:1 [link-broken], "
        "a.md:3:1 [link-broken], and 2 more."
    )
    assert unsent([one], folder="my docs/").endswith("error: my docs/docs/latest [symlink-outside].")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a second"),
        (1.2, "about 1 s"),
        (59.4, "about 59 s"),
        (59.8, "about 1 min 0 s"),
        (150, "about 2 min 30 s"),
    ],
)
def test_what_is_to_come_is_told_roughly(seconds: float, said: str) -> None:
    assert estimate(seconds) == said
    assert summary(Report("plan", expected_seconds=seconds)).endswith(f", {said}.")


def test_a_note_names_its_place_as_it_is_reached_from_here() -> None:
    page = PageReport("a.md", "A", "failed", note="a.md:3: Notion refused this paragraph")
    assert page_line(page, 80, "docs/").endswith("\n    docs/a.md:3: Notion refused this paragraph")
    assert page_line(page, 80, ".").endswith("\n    a.md:3: Notion refused this paragraph")
    gone = PageReport("a.md", "A", "removed", note="The file is gone")
    assert page_line(gone, 80, "docs").endswith("\n    The file is gone")


def test_a_folder_is_called_as_it_is_reached_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs" / "guide").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs")
    assert from_here(tmp_path / "docs") == "."
    assert from_here(tmp_path / "docs" / "guide") == "guide"
    assert from_here(tmp_path) == ".."
    assert from_here(Path("/srv")) == "/srv"
