"""Installing the pre-push hook: where git looks for it, beside what is there, and gone without a trace."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import GIT, Clone, bare, clone

from publisher import hooks
from publisher.errors import UsageError
from publisher.git import Repository

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
posix = pytest.mark.skipif(sys.platform == "win32", reason="runs the hook with sh itself")
RECORDER = '#!/bin/sh\necho "first: $*" > first.log\ncat >> first.log\n'


@pytest.fixture(autouse=True)
def nobodys_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def work(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "work")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    made.write("docs/index.md", "# Docs\n")
    return made


def put(path: Path, text: str, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def ours(work: Clone, place: str = ".git/hooks") -> Path:
    return work.root / place / "pre-push"


def run(hook: Path, cwd: Path, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(hook), "origin", "somewhere"],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        env=Clone(cwd)._environment(env),
        timeout=30,
    )


def test_install_status_uninstall(work: Clone) -> None:
    repository = Repository(work.root)
    assert hooks.status(repository).state == "absent"
    found = hooks.install(repository, "docs", None)
    assert (found.state, found.kept, found.current) == ("installed", False, True)
    if sys.platform != "win32":
        assert ours(work).stat().st_mode & 0o111
    before = ours(work).read_bytes()
    assert hooks.install(repository, "docs", None) == found
    assert ours(work).read_bytes() == before
    assert hooks.uninstall(repository)
    assert not ours(work).exists()
    assert not hooks.uninstall(repository)


def test_a_hook_that_is_there_is_kept_and_comes_back_exactly(work: Clone) -> None:
    mode = 0o750 if sys.platform != "win32" else 0o755
    first = put(ours(work), "#!/bin/sh\r\n\xff no text \x00", mode)
    data, was = first.read_bytes(), stat.S_IMODE(first.stat().st_mode)
    repository = Repository(work.root)
    hooks.install(repository, "docs", None)
    assert hooks.install(repository, "docs", None).kept
    assert hooks.uninstall(repository)
    assert (first.read_bytes(), stat.S_IMODE(first.stat().st_mode)) == (data, was)
    assert [path.name for path in first.parent.iterdir() if not path.name.endswith(".sample")] == ["pre-push"]


@posix
def test_a_hook_that_is_a_link_comes_back_as_one(work: Clone) -> None:
    target = put(work.root / "tools" / "hook", RECORDER)
    ours(work).parent.mkdir(exist_ok=True)
    ours(work).symlink_to(target)
    hooks.install(Repository(work.root), "docs", None)
    hooks.uninstall(Repository(work.root))
    assert ours(work).readlink() == target
    assert target.read_text() == RECORDER


def test_nothing_is_written_over(work: Clone) -> None:
    repository = Repository(work.root)
    put(ours(work), RECORDER)
    kept = put(ours(work).with_name(hooks.KEPT), "an older one")
    with pytest.raises(UsageError, match="in the way"):
        hooks.install(repository, "docs", None)
    assert (ours(work).read_text(), kept.read_text()) == (RECORDER, "an older one")
    kept.unlink()
    hooks.install(repository, "docs", None)
    ours(work).write_text(ours(work).read_text() + "echo mine\n")
    assert hooks.status(repository).state == "edited"
    for change in (lambda: hooks.install(repository, "docs", None), lambda: hooks.uninstall(repository)):
        with pytest.raises(UsageError, match="edited"):
            change()


@posix
def test_the_first_hook_gets_what_git_says_and_has_a_veto(work: Clone) -> None:
    put(ours(work), RECORDER)
    hooks.install(Repository(work.root), "docs", None)
    lines = (
        f"refs/tags/v1 {'1' * 40} refs/tags/v1 {'0' * 40}\nrefs/tags/v2 {'1' * 40} refs/tags/v2 {'0' * 40}\n"
    )
    assert run(ours(work), work.root, lines).returncode == 0
    assert (work.root / "first.log").read_text() == f"first: origin somewhere\n{lines}"
    put(ours(work).with_name(hooks.KEPT), "#!/bin/sh\necho no >&2\nexit 7\n")
    refused = run(ours(work), work.root, lines)
    assert (refused.returncode, refused.stderr) == (7, "no\n")


@posix
def test_a_first_hook_that_git_would_not_have_run_is_not_run(work: Clone) -> None:
    put(ours(work), "#!/bin/sh\nexit 1\n", 0o644)
    hooks.install(Repository(work.root), "docs", None)
    assert run(ours(work), work.root).returncode == 0


def test_hooks_path_of_the_repository(work: Clone) -> None:
    work.git("config", "core.hooksPath", ".githooks")
    put(ours(work, ".githooks"), RECORDER)
    found = hooks.install(Repository(work.root / "docs"), "docs", None)
    assert found.kept
    assert hooks._is_ours(ours(work, ".githooks").read_text())
    assert not ours(work).exists()


def test_a_shared_hooks_path_is_left_alone(work: Clone, tmp_path: Path) -> None:
    work.git("config", "core.hooksPath", str(tmp_path / "shared"))
    with pytest.raises(UsageError, match="outside of this repository"):
        hooks.install(Repository(work.root), "docs", None)
    assert not (tmp_path / "shared").exists()


def test_husky_is_left_alone(work: Clone) -> None:
    work.git("config", "core.hooksPath", ".husky/_")
    with pytest.raises(UsageError) as caught:
        hooks.install(Repository(work.root), "docs", None)
    assert ".husky/pre-push" in caught.value.hint


def test_a_linked_working_tree_shares_the_hooks(work: Clone, tmp_path: Path) -> None:
    work.commit()
    work.git("worktree", "add", "-q", str(tmp_path / "linked"))
    hooks.install(Repository(tmp_path / "linked"), "docs", None)
    assert hooks.status(Repository(work.root)).state == "installed"
    assert ours(work).exists()


def test_a_submodule_has_hooks_of_its_own(work: Clone, tmp_path: Path) -> None:
    inner = Clone(tmp_path / "inner")
    inner.root.mkdir()
    inner.git("init", "-q", "-b", "main")
    inner.commit(docs__a_md="# A\n")
    work.commit()
    work.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "sub")
    hooks.install(Repository(work.root / "sub"), "docs", None)
    assert (work.root / ".git" / "modules" / "sub" / "hooks" / "pre-push").exists()
    assert not ours(work).exists()


def test_what_pre_commit_took_over_is_still_ours(work: Clone) -> None:
    """pre-commit moves a hook that it finds to pre-push.legacy and calls it."""
    repository = Repository(work.root)
    hooks.install(repository, "docs", None)
    ours(work).rename(ours(work).with_name(hooks.LEGACY))
    put(ours(work), "#!/usr/bin/env bash\n# File generated by pre-commit\n")
    assert hooks.status(repository).state == "legacy"
    assert hooks.install(repository, "other", None).state == "legacy"
    assert "--folder other" in ours(work).with_name(hooks.LEGACY).read_text()
    assert hooks.uninstall(repository)
    assert [path.name for path in ours(work).parent.glob("pre-push*") if path.suffix != ".sample"] == [
        "pre-push"
    ]


@posix
def test_pagemill_is_gone(work: Clone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone" / "python"))
    hooks.install(Repository(work.root), "docs", None)
    line = f"refs/heads/main {'1' * 40} refs/heads/main {'0' * 40}\n"
    result = run(ours(work), work.root, line, PATH="/usr/bin:/bin")
    assert result.returncode == 0
    assert "not where it was" in result.stderr
    assert (work.root / ".git" / "pagemill" / "behind").exists()
    other = put(tmp_path / "bin" / "pagemill", '#!/bin/sh\necho "$@" > called\ncat >> called\nexit 3\n')
    result = run(ours(work), work.root, line, PATH=f"{other.parent}:/usr/bin:/bin")
    assert result.returncode == 3
    assert (work.root / "called").read_text() == f"hook run --folder docs origin somewhere\n{line}"


@posix
def test_the_script_is_plain_sh(work: Clone) -> None:
    hooks.install(Repository(work.root), "my docs/it's", "a b.toml")
    for shell in filter(shutil.which, ("sh", "dash", "busybox")):
        command = [shell, *(["sh"] if shell == "busybox" else []), "-n", str(ours(work))]
        subprocess.run(command, check=True)
    checker = shutil.which("shellcheck")
    if checker:
        subprocess.run([checker, "-s", "sh", str(ours(work))], check=True)
    text = ours(work).read_text()
    assert "{" not in text.replace("() {", "").replace("${PAGEMILL_SKIP:-0}", "")
    assert """--folder 'my docs/it'"'"'s' --config 'a b.toml'""" in text


def test_skipping(work: Clone) -> None:
    hooks.install(Repository(work.root), "docs", None)
    result = run(ours(work), work.root, PAGEMILL_SKIP="1")
    assert (result.returncode, "skipped" in result.stderr) == (0, True)
    assert run(ours(work), work.root, PAGEMILL_SKIP="0").stderr == ""


def test_the_commands(work: Clone) -> None:
    assert work.pagemill("hook", "status", code=1).out.startswith("Not installed")
    result = work.pagemill("hook", "install", code=2)
    assert "which folder" in result.err
    work.pagemill("hook", "install", "nowhere", code=2)
    assert "pre-push" in work.pagemill("hook", "install", ".", cwd="docs").out
    assert "hook run --folder docs" in ours(work).read_text()
    assert work.pagemill("hook", "status").out.startswith("Installed")
    assert work.pagemill("hook", "uninstall").out == "Removed.\n"
    assert not ours(work).exists()
    assert work.pagemill("hook", "uninstall").out == "There was none.\n"
    ours(work).write_text("#!/bin/sh\n", encoding="utf-8")
    work.pagemill("hook", "install", "docs")
    assert "that was there first is back" in work.pagemill("hook", "uninstall").out


def test_outside_a_repository_and_in_a_bare_one(tmp_path: Path) -> None:
    plain = Clone(tmp_path, {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert "git rev-parse" in plain.pagemill("hook", "install", code=2).err
    assert "work tree" in Clone(bare(tmp_path)).pagemill("hook", "install", code=2).err


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git was not found"):
        Repository(tmp_path)


def test_a_clone_does_not_bring_the_hook(work: Clone, tmp_path: Path) -> None:
    work.commit()
    hooks.install(Repository(work.root), "docs", None)
    assert hooks.status(Repository(clone(tmp_path, work.root, "copy").root)).state == "absent"
