"""The next command that is named: typed as it stands, it finds what this run has made and says what this run says."""

from __future__ import annotations

import re
import shlex
from argparse import Namespace
from pathlib import Path

import pytest
from command import pagemill, serving

from publisher import hints
from publisher.options import parser
from publisher.workplace import settings_of


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Docs\n\nSee [x](gone.md).\n", encoding="utf-8")
    (tmp_path / "a b.toml").write_text('folder = "docs"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def options(*words: str) -> Namespace:
    return parser().parse_args(["publish", *words])


@pytest.mark.parametrize(
    ("words", "serve", "check"),
    [
        (["docs"], "docs", "docs"),
        (["docs", "--workspace", "w.db"], "docs --workspace w.db", "docs"),
        (["--config", "a b.toml"], "--config 'a b.toml'", "--config 'a b.toml'"),
        (["docs", "--dialect", "notion"], "docs", "docs --dialect notion"),
        (["docs", "--to", "notion", "--strict"], "docs", "docs --dialect notion --strict"),
        (["docs", "--no-uploads"], "docs", "docs --no-uploads"),
        (["docs", "--files-url", "https://x.dev/"], "docs", "docs --files-url https://x.dev/"),
        (
            ["--plan", "p.json", "--config", "a b.toml"],
            "docs --config 'a b.toml'",
            "docs --config 'a b.toml'",
        ),
    ],
)
def test_options_are_repeated(project: Path, words: list[str], serve: str, check: str) -> None:
    given = options(*words)
    settings = settings_of(given)
    assert hints.serve(settings, given) == f"pagemill serve {serve}"
    assert hints.check(settings, given) == f"pagemill check {check}"


@pytest.mark.parametrize(
    "words", [["docs"], ["docs", "--strict", "--dialect", "notion"], ["docs", "--no-uploads"]]
)
def test_what_is_named_can_be_typed(project: Path, words: list[str]) -> None:
    given = options(*words)
    for line in (hints.serve(settings_of(given), given), hints.check(settings_of(given), given)):
        assert parser().parse_args(shlex.split(line)[1:])


def test_the_hint_shows_the_pages_of_this_workspace(project: Path) -> None:
    said = pagemill("publish", "docs", "--workspace", "w.db", cwd=project).out
    words = shlex.split(re.findall(r"To read them, run: pagemill serve (.*)", said)[0])
    page = re.findall(r"http://127.0.0.1:4747(/\S+)", said)[0]
    import httpx

    with serving(project, *words) as url:
        assert "Docs" in httpx.get(url + page, follow_redirects=True).text


def test_check_counts_for_the_service_that_is_named(project: Path) -> None:
    """Also where the settings have another target."""
    (project / "docs" / "index.md").write_text("---\nicon: a.png\n---\n# Docs\n", encoding="utf-8")
    (project / "docs" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (project / "pagemill.toml").write_text('target = "buildin"\n', encoding="utf-8")
    assert "Buildin takes no uploaded file" in pagemill("check", "docs", cwd=project).out
    assert "Buildin takes no" not in pagemill("check", "docs", "--dialect", "notion", cwd=project).out
