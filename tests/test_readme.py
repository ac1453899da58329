"""The README is true: its commands run, and no command, option, setting or exit code is missing from it."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
from command import pagemill, serving

from publisher.errors import Exit
from publisher.options import parser
from publisher.settings import SPECS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOOL: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "readme.py"))


def examples() -> list[str]:
    """Every `pagemill …` line of the README's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("pagemill ")]


RUNNING = ("serve", "watch")  # these do not end by themselves; tests of their own start and stop them
COMMANDS = [line for line in examples() if line.split()[1] not in (*RUNNING, "hook")]


def test_there_are_examples() -> None:
    assert len(COMMANDS) >= 5


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "fixtures" / "folders" / "handbook", root / "docs")
    return root


@pytest.mark.parametrize("line", COMMANDS)
def test_the_readmes_commands_run(project: Path, line: str) -> None:
    words = line.split()[1:]
    if "--to" not in words:
        result = pagemill(*words, cwd=project)
        assert result.code == 0, result.err
        return
    service = words[words.index("--to") + 1]
    with serving(project, "docs") as url:
        env = {f"PAGEMILL_{service.upper()}_URL": url, f"{service.upper()}_TOKEN": "t"}
        if "--parent" in words:
            place = words.index("--parent")
            top = pagemill("publish", "docs", "--json", cwd=project)
            words[place + 1] = re.findall(r'"url": "([^"]+)"', top.out)[0]
        result = pagemill(*words, cwd=project, env=env)
    assert result.code == 0, result.err


def test_every_command_and_option_is_documented() -> None:
    for name, command in TOOL["commands"](parser()):
        assert f"`pagemill {name}" in README, name
        for action in command._actions:
            for option in action.option_strings:
                assert option in ("-h", "--help") or option in README, (name, option)


def test_the_tables_are_as_the_code_has_them() -> None:
    assert TOOL["filled"](README) == README, "run python docs/readme.py"


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert documented == {int(code) for code in Exit}


def test_what_the_readme_points_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_makefile_has_what_the_readme_says() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE):
        assert f"\n{target}:" in makefile, target


def test_the_table_for_the_readme_names_every_setting() -> None:
    rows = TOOL["settings_table"]().splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(SPECS)
    assert all(row.count("|") == 5 for row in rows)
    assert "| `prune` | `true`, `false` | `false` |" in TOOL["settings_table"]()
