"""What is asked of git, with real repositories."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from repositories import Clone, bare, clone, nobodys_git  # noqa: F401 - a fixture

from publisher.errors import UsageError
from publisher.git import Contents, Repository, pushed_refs
from publisher.push import Ref, refs_of

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
    pytest.mark.usefixtures("nobodys_git"),
]


@pytest.fixture
def work(tmp_path: Path) -> Clone:
    made = Clone(tmp_path / "work")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    made.commit(docs__a_md="# A\n", docs__ä_md="# Ä\n", code_py="x")
    return made


def test_paths_from_the_top(work: Clone, tmp_path: Path) -> None:
    repository = Repository(work.root / "docs")
    assert repository.path_of(work.root / "docs" / "x") == "docs/x"
    assert repository.path_of(work.root) == ""
    assert repository.path_of(tmp_path) is None


def test_same_looks_at_the_named_paths_only(work: Clone) -> None:
    repository = Repository(work.root)
    first = work.head()
    second = work.commit(code_py="y")
    third = work.commit(docs__a_md="# B\n")
    assert repository.same(first, second, ["docs"]) is True
    assert repository.same(second, third, ["docs"]) is False
    assert repository.same(first, third, ["code.py", "doc*"]) is False
    assert repository.same(second, third, ["doc*"]) is True
    assert repository.same("1" * 40, third, ["docs"]) is None
    assert repository.same(second, third, [""]) is False


def test_trees_and_contents(work: Clone) -> None:
    repository = Repository(work.root)
    files = repository.tree("HEAD", "docs")
    assert [(file.path, file.mode) for file in files] == [("a.md", "100644"), ("ä.md", "100644")]
    with Contents(repository) as contents:
        assert [contents.read(file.blob) for file in files] == [b"# A\n", "# Ä\n".encode()]
        assert contents.read("HEAD:docs/a.md") == b"# A\n"
        for nothing in ("HEAD:docs", "HEAD:no such file", "1" * 40, "HEAD:a\nHEAD:b", ""):
            assert contents.read(nothing) is None, nothing
        assert contents.read("HEAD:docs/ä.md") == "# Ä\n".encode()
        kinds = [contents.kind(name) for name in ("HEAD", "HEAD:docs", "HEAD:docs/a.md", "HEAD:nothing")]
        assert kinds == ["commit", "tree", "blob", ""]
    with pytest.raises(UsageError, match="ls-tree"):
        repository.tree("HEAD", "nothing")


def test_large_contents(work: Clone) -> None:
    text = "x" * 3_000_000
    work.commit(docs__large_md=text)
    with Contents(Repository(work.root)) as contents:
        assert contents.read("HEAD:docs/large.md") == text.encode()
        assert contents.read("HEAD:docs/a.md") == b"# A\n"


def test_renames_within_the_folder(work: Clone) -> None:
    body = "".join(f"line {number}\n" for number in range(20))
    first = work.commit(docs__old_md=body, docs__out_md=body.upper())
    work.git("mv", "docs/old.md", "docs/new name.md")
    work.git("mv", "docs/out.md", "moved.md")
    second = work.commit()
    repository = Repository(work.root)
    assert repository.renames(first, second, "docs") == {"new name.md": "old.md"}
    assert repository.renames(first, second, "") == {
        "docs/new name.md": "docs/old.md", "moved.md": "docs/out.md",
    }  # fmt: skip
    assert repository.renames("1" * 40, second, "docs") == {}


def test_changed_since(work: Clone) -> None:
    first = work.head()
    work.git("mv", "docs/a.md", "docs/b.md")
    work.commit(code_py="y")
    work.write("docs/new.md", "# Not added\n")
    work.write("docs/ä.md", "# Not committed\n")
    repository = Repository(work.root)
    assert repository.changed(first, "docs") == ["a.md", "b.md", "new.md", "ä.md"]
    assert repository.changed("HEAD", "docs") == ["new.md", "ä.md"]
    assert repository.changed(first, "") == ["code.py", "docs/a.md", "docs/b.md", "docs/new.md", "docs/ä.md"]
    for wrong in ("1" * 40, "--output=x", "nothing"):
        with pytest.raises(UsageError, match="not a commit"):
            repository.changed(wrong, "docs")


def default(root: Path) -> str:
    repository = Repository(root)
    with Contents(repository) as contents:
        return repository.default_branch("origin", contents)


def test_the_default_branch(work: Clone, tmp_path: Path) -> None:
    assert default(work.root) == "main"
    work.git("branch", "-m", "master")
    assert default(work.root) == "master"
    work.git("branch", "trunk")
    work.git("config", "init.defaultBranch", "trunk")
    assert default(work.root) == "trunk"
    work.git("update-ref", "refs/remotes/origin/master", "HEAD")
    assert default(work.root) == "master"
    remote = bare(tmp_path)
    work.git("push", "-q", str(remote), "master:main", "master:master")
    assert default(clone(tmp_path, remote, "copy").root) == "main"


def test_what_a_push_says() -> None:
    zero, one, two = "0" * 40, "1" * 40, "2" * 40
    lines = (
        f"refs/heads/main {one} refs/heads/main {two}\n"
        f"HEAD {one} refs/heads/new {zero}\n"
        f"(delete) {zero} refs/heads/old {one}\n"
        f"refs/tags/v1 {one} refs/tags/v1 {zero}\n"
        "nonsense\n"
    )
    assert len(list(pushed_refs(lines))) == 4
    assert refs_of(lines, {}) == [Ref("main", one, two), Ref("new", one, "")]
    assert refs_of("", {}) == []
