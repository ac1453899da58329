"""The pre-push hook with real git: what is published when, from what, and what happens when something goes wrong."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from command import ask, serving
from repositories import Clone, bare, clone

from publisher.config import load
from publisher.planning.identity import THRESHOLD, similarity, sketch
from publisher.workplace import state_file

SETTINGS = 'folder = "docs"\n'
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
links = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A remote, and a clone with the hook and one commit that is not pushed yet."""
    root = tmp_path_factory.mktemp("template")
    made = clone(root, bare(root))
    made.git("remote", "set-url", "origin", "../remote.git")
    made.write("pagemill.toml", SETTINGS)
    made.commit(docs__index_md="# Docs\n\nSee [a](a.md).\n", docs__a_md="# A\n\nText of a.\n")
    made.pagemill("hook", "install")
    return root


@pytest.fixture
def work(template: Path, tmp_path: Path) -> Clone:
    """A clone with the hook and one commit that is not pushed yet."""
    return _copied(template, tmp_path)


def _copied(template: Path, root: Path) -> Clone:
    for name in ("work", "remote.git"):
        shutil.copytree(template / name, root / name, dirs_exist_ok=True)
    return Clone(root / "work")


@pytest.fixture
def remote(template: Path, tmp_path: Path) -> Path:
    if not (tmp_path / "remote.git").exists():
        _copied(template, tmp_path)
    return tmp_path / "remote.git"


@pytest.fixture(scope="module")
def published(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    _copied(template, root).push()
    return root


@pytest.fixture
def pushed(published: Path, tmp_path: Path) -> Clone:
    """The same, pushed."""
    made = _copied(published, tmp_path)
    (state,) = (made.root / ".pagemill").glob("docs.local.*.db")
    state.rename(state_file(load({}, {}, made.root)))  # its name says where the folder is
    return made


def test_the_first_push_publishes_the_folder_before_git_sends(work: Clone) -> None:
    result = work.push()
    assert work.pages() == {"Docs": "See a.", "A": "Text of a."}
    assert "publishing docs at" in result.err
    assert result.err.index("2 created") < result.err.index("[new branch]")
    assert result.out == ""


def test_what_is_not_committed_is_never_published(pushed: Clone) -> None:
    pushed.write("docs/a.md", "# A\n\nNot committed.\n")
    pushed.write("docs/secret.md", "# Secret\n\nNot even added.\n")
    pushed.write("docs/b.md", "# B\n\nCommitted.\n")
    pushed.git("add", "docs/b.md")
    pushed.git("commit", "-qm", "b")
    pushed.write("docs/b.md", "# B\n\nStaged only.\n")
    pushed.git("add", "docs/b.md")
    pushed.push()
    assert pushed.pages() == {"Docs": "See a.", "A": "Text of a.", "B": "Committed."}


def test_an_older_commit_can_be_pushed(pushed: Clone) -> None:
    first = pushed.commit(docs__a_md="# A\n\nFirst.\n")
    pushed.commit(docs__a_md="# A\n\nSecond.\n")
    pushed.push("origin", f"{first}:main")
    assert pushed.pages()["A"] == "First."
    pushed.push()
    assert pushed.pages()["A"] == "Second."


def test_a_push_without_docs_says_nothing_and_leaves_the_state_alone(pushed: Clone) -> None:
    (state,) = (pushed.root / ".pagemill").glob("docs.local.*.db")
    before = state.stat().st_mtime_ns
    pushed.commit(src__code_py="print()")
    assert "pagemill" not in pushed.push().err
    assert state.stat().st_mtime_ns == before


def test_hook_and_publish_share_the_state(pushed: Clone) -> None:
    assert "0 writes, 0 reads" in pushed.pagemill("publish").out
    pushed.commit(docs__a_md="# A\n\nPublished by hand.\n")
    assert "1 updated" in pushed.pagemill("publish").out
    assert "0 writes, 0 reads" in pushed.push().err
    pushed.commit(docs__a_md="# A\n\nPublished by the hook.\n")
    assert "1 updated, 1 unchanged: 1 write" in pushed.push().err
    assert "0 writes, 0 reads" in pushed.pagemill("publish").out


def test_only_changed_files_are_read(pushed: Clone) -> None:
    from publisher.git import Contents, Repository
    from publisher.pushed import Pushed
    from publisher.scan import scan_source

    pushed.commit(docs__b_md="# B\n\nNew.\n")
    pushed.push()
    (state,) = (pushed.root / ".pagemill").glob("docs.local.*.db")
    with sqlite3.connect(state) as db:
        marks = dict(db.execute("SELECT path, mark FROM marks"))
    repository = Repository(pushed.root)
    with Contents(repository) as contents:
        found = scan_source(pushed.root, Pushed(repository, contents, pushed.head(), "docs"))
    assert marks == {file.path: file.mark for file in found.files}


@pytest.mark.parametrize(
    ("branch", "hook", "published"),
    [
        ("main", "", True),
        ("topic", "", False),
        ("release/2", 'branches = ["release/*"]', True),
        ("main", 'branches = ["release/*"]', False),
        ("main", 'remotes = ["upstream"]', False),
        ("main", 'remotes = ["orig*"]', True),
    ],
)
def test_only_configured_branches_and_remotes(work: Clone, branch: str, hook: str, published: bool) -> None:
    work.write("pagemill.toml", f"{SETTINGS}[hook]\n{hook}\n")
    work.commit()
    work.push("origin", f"HEAD:refs/heads/{branch}")
    assert bool(work.pages()) == published


def test_the_remotes_own_default_branch_counts(tmp_path: Path, work: Clone, remote: Path) -> None:
    work.push("origin", "HEAD:refs/heads/trunk", "HEAD:refs/heads/main", env={"PAGEMILL_SKIP": "1"})
    Clone(remote).git("symbolic-ref", "HEAD", "refs/heads/trunk")
    other = clone(tmp_path, remote, "other")
    other.pagemill("hook", "install")
    other.commit(docs__a_md="# A\n\nTo main.\n")
    other.push("origin", "HEAD:main")
    assert other.pages() == {}
    other.push("origin", "HEAD:trunk")
    assert other.pages()["A"] == "To main."


def test_a_push_to_an_address_is_not_for_us(work: Clone, remote: Path) -> None:
    work.push(str(remote), "HEAD:main")
    assert work.pages() == {}


def test_several_refs_at_once(work: Clone) -> None:
    work.git("tag", "v1")
    work.git("checkout", "-qb", "topic")
    work.commit(docs__a_md="# A\n\nOf the topic.\n")
    work.push("origin", "topic", "main", "v1")
    assert work.pages()["A"] == "Text of a."


def test_the_first_pattern_that_matches_counts(work: Clone) -> None:
    work.write("pagemill.toml", f'{SETTINGS}[hook]\nbranches = ["live", "main"]\n')
    work.commit()
    work.git("checkout", "-qb", "live")
    work.commit(docs__a_md="# A\n\nLive.\n")
    work.push("origin", "main", "live")
    assert work.pages()["A"] == "Live."


def test_tags_and_deletions_do_nothing(pushed: Clone) -> None:
    before = pushed.pages()
    pushed.commit(docs__a_md="# A\n\nTagged.\n")
    pushed.git("tag", "-a", "v2", "-m", "v2")
    assert "pagemill" not in pushed.push("origin", "v2").err
    pushed.git("push", "-q", "origin", "HEAD~:refs/heads/old")
    assert "pagemill" not in pushed.push("origin", ":old").err
    assert pushed.pages() == before


def test_force_pushes_publish_what_counts_now(pushed: Clone) -> None:
    pushed.commit(docs__a_md="# A\n\nTo be taken back.\n", docs__gone_md="# Gone\n\nSoon.\n")
    pushed.push()
    pushed.git("reset", "-q", "--hard", "HEAD~")
    pushed.commit(docs__a_md="# A\n\nRewritten.\n")
    result = pushed.push("--force", "origin", "HEAD")
    assert pushed.pages()["A"] == "Rewritten."
    assert "1 without a file" in result.err


def test_a_branch_that_is_new_to_the_remote(pushed: Clone) -> None:
    pushed.write("pagemill.toml", f'{SETTINGS}[hook]\nbranches = ["next"]\n')
    pushed.commit(docs__a_md="# A\n\nNext.\n")
    pushed.push("origin", "HEAD:refs/heads/next")
    assert pushed.pages()["A"] == "Next."
    pushed.push("origin", ":next")
    assert "0 writes, 0 reads" in pushed.push("origin", "HEAD:refs/heads/next").err


def test_merges_publish_the_merged_tree(pushed: Clone) -> None:
    pushed.git("checkout", "-qb", "topic")
    pushed.commit(docs__b_md="# B\n\nOf the topic.\n")
    pushed.git("checkout", "-q", "main")
    pushed.commit(docs__a_md="# A\n\nOf main.\n")
    pushed.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    pushed.push()
    assert pushed.pages() == {"Docs": "See a.", "A": "Of main.", "B": "Of the topic."}


def test_a_shallow_clone(tmp_path: Path, pushed: Clone, remote: Path) -> None:
    pushed.commit(docs__b_md="# B\n\nMore.\n")
    pushed.push()
    Clone(tmp_path).git("clone", "-q", "--depth", "1", remote.as_uri(), "shallow")
    shallow = Clone(tmp_path / "shallow")
    shallow.pagemill("hook", "install")
    shallow.commit(docs__a_md="# A\n\nFrom a shallow clone.\n")
    shallow.push()
    assert shallow.pages()["A"] == "From a shallow clone."


def test_two_clones_take_turns(tmp_path: Path, pushed: Clone, remote: Path) -> None:
    """Each clone has a state of its own; the workspace is the same."""
    other = clone(tmp_path, remote, "other")
    other.pagemill("hook", "install")
    with serving(tmp_path, "--workspace", "served.db") as url:
        service = {"PAGEMILL_TARGET": "notion", "PAGEMILL_NOTION_URL": url, "NOTION_TOKEN": "t"}
        pushed.commit(docs__a_md="# A\n\nBy the first.\n")
        pushed.push(env=service)
        other.git("pull", "-q")
        other.commit(docs__a_md="# A\n\nBy the second.\n")
        other.push(env=service)
        pushed.git("pull", "-q")
        pushed.commit(code_py="x")
        assert "pagemill" not in pushed.push(env=service).err
        pushed.commit(docs__b_md="# B\n\nBy the first again.\n")
        result = pushed.push(env=service)
        assert "1 created" in result.err
        found = ask("POST", f"{url}/v1/search", {}, {"Notion-Version": "2026-03-11"}).json()["results"]
    titles = ["".join(item["plain_text"] for item in page["properties"]["title"]["title"]) for page in found]
    assert sorted(titles) == ["A", "B", "Docs"]


@pytest.mark.parametrize("service", ["buildin", "notion"])
def test_over_http(work: Clone, tmp_path: Path, service: str) -> None:
    with serving(tmp_path, "--workspace", "served.db") as url:
        env = {
            "PAGEMILL_TARGET": service, f"PAGEMILL_{service.upper()}_URL": url, f"{service.upper()}_TOKEN": "t",
        }  # fmt: skip
        assert "2 created" in work.push(env=env).err
        work.commit(docs__a_md="# A\n\nChanged.\n")
        assert "1 updated, 1 unchanged: 1 write, 1 read" in work.push(env=env).err


def test_a_renamed_file_keeps_its_page_by_what_git_says(pushed: Clone) -> None:
    """Most bytes stand in both texts, but few pieces of it: git sees a rename where we alone would see none."""
    long = [f"{'moon' * 20}-{number}" for number in range(12)]
    short = [" ".join(f"{number}{letter}" for letter in "abcdefghij") for number in range(12)]
    before = "\n\n".join(long + short)
    after = "\n\n".join(long + [line[::-1] for line in short])
    assert similarity(sketch(before), sketch(after)) < THRESHOLD
    pushed.write("docs/old.md", before)
    pushed.commit()
    assert "1 created" in pushed.push().err
    pushed.git("mv", "docs/old.md", "docs/renamed.md")
    pushed.write("docs/renamed.md", after)
    pushed.commit()
    result = pushed.push()
    assert "created" not in result.err
    assert "without a file" not in result.err
    assert "Renamed" in pushed.pages()


def test_removed_files_are_reported(pushed: Clone) -> None:
    pushed.git("rm", "-q", "docs/a.md")
    pushed.commit()
    assert "1 without a file" in pushed.push().err
    assert "A" in pushed.pages()


def test_a_folder_that_the_commit_does_not_have_takes_no_page_away(pushed: Clone) -> None:
    pushed.git("rm", "-rq", "docs")
    pushed.commit()
    assert "is not there" in pushed.push().err
    assert "A" in pushed.pages()


@links
def test_symbolic_links_in_the_tree(work: Clone) -> None:
    (work.root / "docs" / "alias.md").symlink_to("a.md")
    (work.root / "docs" / "c.md").write_text("# C\n\nSee [a](alias.md).\n", encoding="utf-8")
    work.commit()
    work.push()
    assert work.pages() == {"Docs": "See a.", "A": "Text of a.", "C": "See a."}
    (work.root / "docs" / "out.md").symlink_to("../pagemill.toml")
    work.commit()
    result = work.push(code=1)
    assert "symlink-outside" in result.err


def test_settings_and_ignore_files_come_from_the_commit(work: Clone) -> None:
    work.write("docs/.pagemillignore", "a.md\n")
    work.commit(docs__b_md="# B\n\nText of b.\n")
    work.write("pagemill.toml", SETTINGS + 'ignore = ["b.md"]\n')
    work.write("docs/.pagemillignore", "b.md\n")
    work.push()
    assert set(work.pages()) == {"Docs", "B"}


def test_a_settings_file_that_is_not_in_the_commit_is_read_from_the_disk(work: Clone) -> None:
    work.git("rm", "-q", "--cached", "pagemill.toml")
    work.git("commit", "-qm", "mine alone")
    work.push()
    assert "A" in work.pages()


def test_nothing_happens_in_a_repository_without_settings(tmp_path: Path, remote: Path) -> None:
    made = clone(tmp_path, remote, "other")
    commit = made.commit(docs__a_md="# A\n")
    line = f"refs/heads/main {commit} refs/heads/main {'0' * 40}\n"
    result = made.pagemill("hook", "run", "origin", str(remote), stdin=line)
    assert (result.out, result.err) == ("", "")
    assert not (made.root / ".pagemill").exists()


def test_from_a_linked_working_tree_and_from_a_folder_within(work: Clone, tmp_path: Path) -> None:
    """The hook is shared; the folder, its state and its embedded workspace are those of the tree that pushes."""
    work.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    linked = Clone(tmp_path / "linked")
    linked.git("remote", "set-url", "origin", str(tmp_path / "remote.git"))
    linked.commit(docs__a_md="# A\n\nFrom the side.\n")
    Clone(linked.root / "docs").push("origin", "HEAD:main")
    assert linked.pages()["A"] == "From the side."
    assert work.pages() == {}


def test_with_hooks_in_the_repository(work: Clone) -> None:
    work.pagemill("hook", "uninstall")
    work.git("config", "core.hooksPath", "tools/hooks")
    work.pagemill("hook", "install", cwd="docs")
    work.push()
    assert work.pages()["A"] == "Text of a."


def test_from_a_submodule(work: Clone, remote: Path, tmp_path: Path) -> None:
    work.push(env={"PAGEMILL_SKIP": "1"})
    outer = Clone(tmp_path / "outer")
    outer.root.mkdir()
    outer.git("init", "-q")
    outer.git("submodule", "add", "-q", str(remote), "sub")
    inner = Clone(outer.root / "sub")
    inner.pagemill("hook", "install")
    inner.commit(docs__a_md="# A\n\nFrom a submodule.\n")
    inner.push()
    assert inner.pages()["A"] == "From a submodule."


@pytest.mark.skipif(sys.platform == "win32", reason="file names of that kind cannot be made there")
def test_odd_names(work: Clone) -> None:
    for number, name in enumerate(("a b.md", "ü.md", "[x]*?.md", "-n.md", "quote'\".md", "deep/ü/c.md")):
        work.write(f"docs/{name}", f"# Odd {number}\n\nText {number}.\n")
    work.commit()
    work.push()
    assert {f"Odd {number}" for number in range(6)} <= set(work.pages())


# -- when something goes wrong -----------------------------------------------------------------------------------------


def test_an_error_in_a_file_stops_the_push_before_anything_is_sent(pushed: Clone) -> None:
    before = pushed.pages()
    pushed.commit(docs__b_md="---\ntitle: [\n---\n", docs__a_md="# A\n\nGood.\n")
    result = pushed.push(code=1)
    assert "docs/b.md:" in result.err
    assert "git push --no-verify" in result.err
    assert pushed.pages() == before
    assert pushed.git("rev-parse", "origin/main").out.strip() != pushed.head()


@pytest.mark.parametrize("way", [["--no-verify"], []])
def test_an_outage_traps_nobody_and_the_next_push_catches_up(pushed: Clone, way: list[str]) -> None:
    away = {"PAGEMILL_BASE_URL": "http://127.0.0.1:9"}
    pushed.commit(docs__a_md="# A\n\nDuring the outage.\n")
    stopped = pushed.push(env=away, code=1)
    assert "PAGEMILL_SKIP=1" in stopped.err
    pushed.push(*way, "origin", "HEAD", env={**away, "PAGEMILL_SKIP": "" if way else "1"})
    assert "An earlier push went out without its pages" in pushed.pagemill("hook", "status").out
    assert pushed.pages()["A"] == "Text of a."
    pushed.commit(src__code_py="print()")
    pushed.push()
    assert pushed.pages()["A"] == "During the outage."
    pushed.commit(src__code_py="print(1)")
    assert "pagemill" not in pushed.push().err


def test_a_failure_can_be_a_warning(pushed: Clone) -> None:
    pushed.write("pagemill.toml", f'{SETTINGS}[hook]\non_failure = "warn"\n')
    pushed.commit(docs__b_md="---\ntitle: [\n---\n")
    result = pushed.push()
    assert "The push goes on" in result.err


def test_only_checking(work: Clone) -> None:
    work.write("pagemill.toml", f'{SETTINGS}[hook]\nwhen = "check"\n')
    work.commit()
    work.push()
    assert work.pages() == {}
    work.commit(docs__b_md="---\ntitle: [\n---\n")
    result = work.push(code=1)
    assert "docs/b.md:3:1: error" in result.err
    assert work.pages() == {}


def test_settings_that_are_wrong_stop_the_push(pushed: Clone) -> None:
    pushed.write("pagemill.toml", f'{SETTINGS}[hook]\nwen = "check"\n')
    pushed.commit()
    result = pushed.push(code=1)
    assert "hook.wen" in result.err
    assert "pagemill.toml:3" in result.err
    assert "--no-verify" in result.err


def test_a_push_that_the_remote_refuses_is_mended_by_the_next(pushed: Clone, remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    pushed.commit(docs__a_md="# A\n\nRefused.\n")
    pushed.push(code=1)
    hook.unlink()
    pushed.commit("--amend", docs__a_md="# A\n\nAccepted.\n")
    pushed.push()
    assert pushed.pages()["A"] == "Accepted."


def test_somebody_elses_edit_stops_the_push(work: Clone, tmp_path: Path) -> None:
    with serving(tmp_path, "--workspace", "served.db") as url:
        env = {"PAGEMILL_TARGET": "notion", "PAGEMILL_NOTION_URL": url, "NOTION_TOKEN": "t"}
        headers = {"Notion-Version": "2026-03-11"}
        work.push(env=env)
        page = next(
            page
            for page in ask("POST", f"{url}/v1/search", {}, headers).json()["results"]
            if page["properties"]["title"]["title"][0]["plain_text"] == "A"
        )
        (block,) = ask("GET", f"{url}/v1/blocks/{page['id']}/children", None, headers).json()["results"]
        text = [{"type": "text", "text": {"content": "By a reader."}}]
        ask("PATCH", f"{url}/v1/blocks/{block['id']}", {"paragraph": {"rich_text": text}}, headers)
        work.commit(docs__a_md="# A\n\nBy the writer.\n")
        result = work.push(env=env, code=1)
    assert "in conflict" in result.err


def test_lfs_pointers_are_diagnosed(work: Clone) -> None:
    work.commit(docs__big_md=POINTER)
    result = work.push(code=1, env={"PATH": _without_lfs()})
    assert "lfs-pointer" in result.err
    assert work.pages() == {}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a program named git-lfs")
def test_lfs_pointers_are_resolved(work: Clone, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "git-lfs"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\n[ "$1" = smudge ] && cat >/dev/null && printf "# Big\\n\\nFrom afar.\\n"\n', "utf-8"
    )
    program.chmod(0o755)
    work.commit(docs__big_md=POINTER)
    work.push(code=1, env={"PATH": _without_lfs()})
    work.push(env={"PATH": f"{program.parent}:{_without_lfs()}"})
    assert work.pages()["Big"] == "From afar."


def _without_lfs() -> str:
    """The PATH without the directories in which git-lfs is."""
    import os

    return os.pathsep.join(
        part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "git-lfs").exists()
    )


def test_what_pre_commit_says_in_the_environment(work: Clone) -> None:
    env = {
        "PRE_COMMIT_REMOTE_NAME": "origin",
        "PRE_COMMIT_REMOTE_URL": "somewhere",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
        "PRE_COMMIT_TO_REF": work.head(),
    }
    work.pagemill("hook", "run", env=env)
    assert work.pages()["A"] == "Text of a."
    before = env["PRE_COMMIT_TO_REF"]
    work.commit(code_py="x")
    result = work.pagemill(
        "hook", "run", env={**env, "PRE_COMMIT_FROM_REF": before, "PRE_COMMIT_TO_REF": work.head()}
    )
    assert result.err == ""
