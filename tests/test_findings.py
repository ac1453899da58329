"""How diagnostics are written for people and for machines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from command import pagemill

from converters.diagnostics import CODES, Diagnostic, diagnostic
from publisher import findings
from publisher.findings import Findings, repository


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    docs = tmp_path / "my docs"
    docs.mkdir()
    (docs / "a.md").write_text("# A\n\nsee [x](gone.md)\tand <font>this</font>\n", encoding="utf-8")
    (docs / "ü.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    return tmp_path


def some(*items: Diagnostic, **more: Any) -> Findings:
    return Findings(items, **more)


def test_text_has_the_line_and_a_caret_below_the_column(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("\ufeffone\r\nsee\t中文 [x](gone.md)\r\n".encode())
    found = some(diagnostic("link-broken", "gone", "a.md", 2, 8), shown="docs", base=tmp_path)
    assert list(findings.text(found, 80)) == [
        "docs/a.md:2:8: warning: gone [link-broken]",
        "    2 | see 中文 [x](gone.md)",
        "      |          ^",
        "1 warning",
    ]
    assert len(list(findings.text(found))) == 2


def test_of_a_long_line_the_part_around_the_column_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x" * 5_000 + "HERE" + "y" * 5_000, encoding="utf-8")
    found = some(diagnostic("link-broken", "gone", "a.md", 1, 5_001), base=tmp_path)
    _, line, caret, _ = findings.text(found, 80)
    assert len(line) <= 80
    assert line[caret.index("^") :].startswith("HERE")


@pytest.mark.parametrize(
    "item", [diagnostic("link-broken", "m", "a.md", 99, 1), diagnostic("encoding", "m", "no.md", 1, 1)]
)
def test_a_line_that_is_not_there_is_not_shown(item: Diagnostic, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one\n", encoding="utf-8")
    assert len(list(findings.text(some(item, base=tmp_path), 80))) == 2


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    found = some(diagnostic("link-broken", "m", "<stdin>", 1, 3), source=b"\x1b[2Jxyz")
    assert not any("\x1b" in line for line in findings.text(found, 80))


def test_on_a_terminal_words_and_places_are_kept_whole(tmp_path: Path) -> None:
    item = diagnostic("link-broken", "'here-and-there.md' is not in the folder", "a long/name.md", 3, 14)
    assert next(findings.text(Findings((item,), "docs", tmp_path), 40)).splitlines() == [
        "docs/a long/name.md:3:14: warning:",
        "    'here-and-there.md' is not in the",
        "    folder [link-broken]",
    ]
    assert next(findings.text(Findings((item,), "docs", tmp_path))) == f"docs/{item}"


def test_nothing_to_say_is_said() -> None:
    assert list(findings.text(some())) == ["Nothing to report."]
    assert list(findings.github(some())) == []


def test_github_annotations_are_escaped() -> None:
    item = Diagnostic("a,b:c%.md", 3, 0, "link-broken", "100% :: of\r\nit, all", "info")
    (line,) = findings.github(some(item, source=b""))
    assert line == "::notice file=a%2Cb%3Ac%25.md,line=3,col=1,title=link-broken::100%25 :: of%0D%0Ait, all"
    (line,) = findings.github(some(replace(item, path="", line=0, severity="error")))
    assert line == "::error title=link-broken::100%25 :: of%0D%0Ait, all"


def check_sarif(log: dict[str, Any]) -> None:
    """The parts of SARIF 2.1.0's schema that this log uses: names, types, ranges, references."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert set(run) == {"tool", "columnKind", "originalUriBaseIds", "results"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"].startswith("file:///")
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"].endswith("/")
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert all(rule[part]["text"].strip() for part in ("shortDescription", "fullDescription", "help"))
    for result in run["results"]:
        assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations"}
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert set(place) <= {"artifactLocation", "region"}
            assert place["artifactLocation"]["uri"].isascii()
            assert " " not in place["artifactLocation"]["uri"]
            assert all(value >= 1 for value in place.get("region", {"startLine": 1}).values())


def test_sarif(tmp_path: Path) -> None:
    items = (
        diagnostic("encoding", "bytes", "my docs/ü.md", 2, 0),
        diagnostic("link-broken", "gone", "../x.md"),
        diagnostic("link-broken", "gone", ""),
    )
    log = json.loads(findings.sarif(some(*items, base=tmp_path, root=tmp_path)))
    check_sarif(log)
    first, outside, whole = log["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "my%20docs/%C3%BC.md", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 2, "startColumn": 1}
    assert outside["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")
    assert whole["locations"] == []


def test_paths_count_from_the_repository(project: Path) -> None:
    assert repository(project / "my docs") == project
    found = some(base=project / "my docs", root=project)
    assert found.place(diagnostic("encoding", "m", "a.md")) == "my docs/a.md"


def test_check_in_every_format(project: Path) -> None:
    def run(*arguments: str) -> str:
        result = pagemill("check", "my docs", *arguments, cwd=project)
        assert result.code == 1, result.err
        return result.out

    assert "my docs/a.md:3:5: warning:" in run()
    assert json.loads(run("--format", "json")) == json.loads(run("--json"))
    assert "::error file=my docs/ü.md,line=3,col=1,title=front-matter-invalid::" in run("--format", "github")
    check_sarif(json.loads(run("--format", "sarif")))


def test_settings_and_strict_change_what_counts(project: Path) -> None:
    (project / "my docs" / "ü.md").unlink()
    assert pagemill("check", "my docs", cwd=project).code == 0
    assert pagemill("check", "my docs", "--strict", cwd=project).code == 1
    settings = project / "pagemill.toml"
    settings.write_text('diagnostics = { "link-broken" = "off", "html-kept" = "off" }\n', encoding="utf-8")
    result = pagemill("check", "my docs", "--strict", cwd=project)
    assert (result.code, result.out) == (0, "Nothing to report.\n")
    settings.write_text('[diagnostics]\nlink-brokn = "off"\n', encoding="utf-8")
    result = pagemill("check", "my docs", cwd=project)
    assert result.code == 2
    assert "pagemill.toml:1: diagnostics" in result.err
    assert "link-broken" in result.err
    env = {"PAGEMILL_DIAGNOSTICS": "link-broken=error"}
    settings.unlink()
    assert pagemill("check", "my docs", cwd=project, env=env).code == 1


def test_notes_are_counted_and_shown_if_asked_for() -> None:
    broken = diagnostic("link-broken", "gone", "a.md", 3, 5)
    notes = [diagnostic("html-kept", "kept", "a.md", line, 1) for line in (4, 5)]
    unsure = diagnostic("link-unsure", "answers 403", "a.md", 6, 1)
    everything = Findings((broken, *notes, unsure))
    assert list(findings.text(everything)) == [*map(str, everything.items), "1 warning, 3 notes"]
    told = list(findings.text(everything, notes=False))
    assert told == [str(broken), str(unsure), "1 warning, 3 notes; -v shows all."]
    assert list(findings.text(Findings(tuple(notes)), notes=False)) == ["2 notes; -v shows them."]
    assert list(findings.text(Findings((broken,)), notes=False)) == [str(broken), "1 warning"]
    assert len(list(findings.github(everything))) == 4


def test_what_counts_as_an_error_is_not_published(project: Path) -> None:
    (project / "my docs" / "ü.md").unlink()
    for command in ("plan", "publish"):
        result = pagemill(command, "my docs", "--strict", cwd=project)
        assert result.code == 1
        assert "gone.md" in result.err
        assert "first mend" in result.err.lower()
    assert (
        "First mend 1 error: my docs/a.md:3:5 [link-broken]."
        in pagemill("plan", "my docs", "--strict", cwd=project).err
    )
    assert pagemill("publish", "my docs", cwd=project).code == 0
    assert pagemill("publish", "my docs", "--strict", cwd=project).code == 1  # though no file changed since
    page = project / "my docs" / "a.md"
    page.write_text("---\npagemill: {off: [link-broken]}\n---\n" + page.read_text("utf-8"), encoding="utf-8")
    result = pagemill("publish", "my docs", "--strict", cwd=project)
    assert result.code == 0, result.err
