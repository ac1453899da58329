"""The files that other programs read: the GitHub Action, pre-commit's hooks, the snippets of docs/ci.md."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import PAGEMILL
from repositories import GIT, Clone

ROOT = Path(__file__).resolve().parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
posix = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("bash") or not shutil.which("git"), reason="runs bash"
)


@pytest.fixture
def work(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "work")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit(docs__a_md="# A\n\nText.\n", docs__b_md="# B\n\n[x](nowhere.md)\n")
    return made


def act(work: Clone, event: str, code: int = 0, **inputs: str) -> tuple[str, dict[str, str], str]:
    """The action's heart as a runner starts it: what it prints, its outputs, the job's summary."""
    place = work.root.parent / "runner"
    place.mkdir(exist_ok=True)
    program = place / "pagemill"
    program.write_text(f'#!/bin/sh\nexec {" ".join(PAGEMILL)} "$@"\n', "utf-8")
    program.chmod(0o755)
    env = {
        **work._environment(GIT),
        "PAGEMILL": str(program),
        "EVENT": event,
        "RUNNER_TEMP": str(place),
        "GITHUB_OUTPUT": str(place / "output"),
        "GITHUB_STEP_SUMMARY": str(place / "summary"),
        "FOLDER": "docs",
        **inputs,
    }
    for name in ("output", "summary"):
        (place / name).write_text("", "utf-8")
    (step,) = (step for step in ACTION["runs"]["steps"] if step.get("id") == "run")
    script = step["run"].replace("$GITHUB_ACTION_PATH", str(ROOT))
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=work.root, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    outputs = dict(line.split("=", 1) for line in (place / "output").read_text("utf-8").splitlines())
    assert outputs["exit-code"] == str(code), done
    return done.stdout, outputs, (place / "summary").read_text("utf-8")


@posix
def test_a_pull_request_gets_a_plan(work: Clone) -> None:
    out, outputs, summary = act(work, "pull_request")
    assert "::warning file=docs/b.md,line=3,col=1,title=link-broken::" in out
    assert outputs["command"] == "plan"
    assert "3 to create" in summary
    assert Path(outputs["report"]).read_text("utf-8") == summary
    assert work.pages() == {}


@posix
def test_a_push_is_published(work: Clone) -> None:
    _, outputs, summary = act(work, "push")
    assert (outputs["command"], "3 created" in summary) == ("publish", True)
    assert set(work.pages()) == {"Docs", "A", "B"}
    work.commit(docs__a_md="# A\n\nChanged.\n")
    _, _, summary = act(work, "push", CHANGED_ONLY="true", ARGUMENTS="--prune  --force")
    assert "1 updated" in summary


@posix
def test_what_fails_is_passed_on(work: Clone) -> None:
    work.commit(docs__b_md="---\ntitle: [\n---\n")
    out, _, _ = act(work, "push", code=1)
    assert "::error file=docs/b.md" in out
    act(work, "push", code=1, COMMAND="check")
    act(work, "push", code=2, FOLDER="nowhere")
    out, _, _ = act(work, "push", code=2, ARGUMENTS="--nonsense $(touch owned) ; touch owned")
    assert not (work.root / "owned").exists()


def test_the_action_takes_no_input_for_a_command() -> None:
    """Inputs reach shells by the environment only."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]
        assert "uses" in step or step["shell"] == "bash"
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text("utf-8")))
    assert used == set(ACTION["inputs"])


def test_pre_commit_finds_its_hooks() -> None:
    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    }
    assert hooks["pagemill-publish"]["stages"] == ["pre-push"]
    for hook in hooks.values():
        words = hook["entry"].split()
        done = subprocess.run([*PAGEMILL, *words[1:], "--help"], capture_output=True, env=dict(os.environ))
        assert done.returncode == 0
        assert hook["language"] == "python"


def test_the_snippets_are_yaml_and_name_what_there_is() -> None:
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    snippets = [
        yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    ]
    pre_commit, github, gitlab = snippets
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert pre_commit[0]["hooks"][0]["id"] in {hook["id"] for hook in hooks}
    assert set(github["jobs"]["docs"]["steps"][1]["with"]) <= set(ACTION["inputs"])
    assert set(gitlab) == {"docs", "docs plan"}
