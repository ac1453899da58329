"""A folder read from a commit is the folder that a working tree of that commit would hold."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from repositories import GIT, Clone

from converters.document import Options
from publisher.flavor import with_site
from publisher.git import Contents, Repository
from publisher.including import of_scan
from publisher.pushed import Pushed
from publisher.scan import Scan, scan, scan_source

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
    pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there"),
]


@pytest.fixture(autouse=True)
def nobodys_git(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    made = Clone(tmp_path_factory.mktemp("pushed") / "repository")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    return made


@pytest.fixture(scope="module")
def contents(work: Clone) -> Iterator[Contents]:
    with Contents(Repository(work.root)) as found:
        yield found


def both(work: Clone, contents: Contents, folder: str = "docs") -> tuple[Scan, Scan]:
    """The folder from the disk and from the commit."""
    repository = Repository(work.root)
    place = Path(os.path.realpath(work.root / folder))
    pushed = Pushed(repository, contents, work.head(), "" if folder == "." else folder)
    return scan(work.root / folder), scan_source(place, pushed)


def facts(found: Scan) -> tuple[object, ...]:
    return (
        [(file.path, found.read(file)) for file in found.files],
        found.assets,
        found.aliases,
        {path for path in found.ignored if not path.startswith(".git")},
        # a link through itself and on (`b -> b/c`) is a loop to some systems and nothing to others
        [(item.path, item.code.replace("symlink-loop", "symlink-broken")) for item in found.diagnostics],
        found.places,
        found.folder,
    )


NAMES = st.sampled_from(
    ["a.md", "b.md", "c", "d", "e.png", ".hidden", "ü ö.md", "x[1]*.md", ".pagemillignore"]
)
PLACES = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
LINKS = st.one_of(
    PLACES,
    st.sampled_from(
        ["..", ".", "../..", "../../out", "../docs/a.md", "../c", "c/../a.md", "/etc", "nothing", "d/c"]
    ),
)
TREES = st.tuples(
    st.dictionaries(PLACES, st.sampled_from(["# A\n", "b.md\n", "/c/\n"]), min_size=1, max_size=8),
    st.dictionaries(PLACES, LINKS, max_size=5),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tree=TREES)
@example(tree=({"a.md": "# A\n"}, {"c": "c/../a.md"}))
@example(tree=({"a.md": "# A\n"}, {"b.md": "c/../a.md"}))
@example(tree=({"a.md/a.md": "# A\n"}, {"a.md": "..", ".pagemillignore": "c/../a.md"}))
def test_the_commit_gives_what_the_disk_gives(
    work: Clone, contents: Contents, tree: tuple[dict[str, str], dict[str, str]]
) -> None:
    files, links = tree
    docs = work.root / "docs"
    shutil.rmtree(docs, ignore_errors=True)
    docs.mkdir()
    for path, text in files.items():
        _try(docs / path, lambda place, text=text: place.write_text(text, encoding="utf-8"))
    for path, target in links.items():
        _try(docs / path, lambda place, target=target: place.symlink_to(target))
    _without_empty(docs)
    if not docs.exists():
        return
    work.commit()
    on_disk, in_git = both(work, contents)
    assert facts(in_git) == facts(on_disk)


def _try(place: Path, make: object) -> None:
    """Make a file where that can be done: a part of its path may be a file or a link already."""
    try:
        if not os.path.lexists(place) and not any(above.is_symlink() for above in place.parents):
            place.parent.mkdir(parents=True, exist_ok=True)
            make(place)  # type: ignore[operator]
    except OSError:
        pass


def _without_empty(top: Path) -> None:
    """Git holds no empty directories."""
    for directory, _, _ in os.walk(top, topdown=False):
        if not any(Path(directory).iterdir()):
            Path(directory).rmdir()


def test_the_whole_repository_and_ignore_files_above(work: Clone, contents: Contents) -> None:
    shutil.rmtree(work.root / "docs", ignore_errors=True)
    work.write("docs/a.md", "# A\n")
    work.write("docs/deep/b.md", "# B\n")
    work.git("add", "-A")
    work.write(".gitignore", "b.md\n")
    work.git("add", ".gitignore")
    work.git("commit", "-qm", "ignored, and tracked all the same")
    for folder in (".", "docs", "docs/deep"):
        on_disk, in_git = both(work, contents, folder)
        assert facts(in_git) == facts(on_disk), folder
    work.git("rm", "-q", ".gitignore")


def test_what_stands_beside_the_folder(work: Clone, contents: Contents) -> None:
    work.commit(docs__a_md="# A\n", mkdocs_yml="x", deep__er__c_md="# C\n")
    work.write("mkdocs.yml", "changed on the disk only")
    on_disk, in_git = both(work, contents)
    assert in_git.source.find("../mkdocs.yml") == b"x"
    assert in_git.source.find("../nothing") is None
    assert in_git.source.find("../../outside") is None
    assert {entry.name for entry in on_disk.source.entries("../")} - {".git"} == {
        entry.name for entry in in_git.source.entries("../")
    }


def test_what_a_site_includes_from_beside_the_folder(work: Clone, contents: Contents) -> None:
    site = "markdown_extensions:\n  - pymdownx.snippets:\n      base_path: [includes, .]\n      auto_append: [end.txt]\n"
    names = ("a.txt", "link.txt", ".hidden.txt", "docs/ignored.txt", "../outside.txt")
    page = "\n".join(f'--8<-- "{name}"' for name in names)
    for path, text in {
        "mkdocs.yml": site, "docs/page.md": page, "docs/.pagemillignore": "ignored.txt", "docs/ignored.txt": "secret",
        "includes/a.txt": "first", "includes/end.txt": "last", ".hidden.txt": "secret",
    }.items():  # fmt: skip
        work.write(path, text)
    (work.root / "includes" / "link.txt").symlink_to(work.root / "docs" / "ignored.txt")
    (work.root.parent / "outside.txt").write_text("secret")
    work.commit()
    for found in both(work, contents):
        options = with_site(Options(frozenset({"snippets"})), found, "mkdocs")
        content = of_scan(found, options)("page.md", page.encode())
        assert content.data.decode() == page.replace('--8<-- "a.txt"', "first") + "\n\nlast"


def test_a_large_file_is_not_read_to_be_included(
    work: Clone, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize %d\n"
    files = {
        "small.txt": b"y" * 1_000,
        "large.txt": b"x" * 1_001,
        "lfs.txt": pointer % 1_001,
        "near.txt": pointer % 1_000,
    }
    for name, data in files.items():
        (work.root / "docs").mkdir(exist_ok=True)
        (work.root / "docs" / name).write_bytes(data)
    work.commit()
    pushed = Pushed(Repository(work.root), contents, work.head(), "docs")
    read: list[str] = []
    real = Contents.read
    monkeypatch.setattr(Contents, "read", lambda self, name: read.append(name) or real(self, name))
    asked: list[bytes] = []
    monkeypatch.setattr(Contents, "resolved", lambda self, data, path: asked.append(data) or data)
    found = {name: pushed.small(name, 1_000) for name in files}
    assert found == {**files, "large.txt": None, "lfs.txt": None}
    assert len(read) == 3
    assert asked == [files["small.txt"], files["near.txt"]]
    with pytest.raises(FileNotFoundError):
        pushed.small("gone.txt", 1_000)


def test_submodules_are_named(work: Clone, contents: Contents) -> None:
    head = work.head()
    work.git("update-index", "--add", "--cacheinfo", f"160000,{head},docs/sub")
    work.git("commit", "-qm", "a submodule")
    repository = Repository(work.root)
    assert Pushed(repository, contents, work.head(), "docs").submodules == ["sub"]
    work.git("rm", "-q", "--cached", "docs/sub")


def test_marks_are_the_ids_of_blobs(work: Clone, contents: Contents) -> None:
    work.commit(docs__a_md="# Marked\n")
    _, in_git = both(work, contents)
    (mark,) = (file.mark for file in in_git.files if file.path == "a.md")
    assert work.git("cat-file", "blob", mark).out == "# Marked\n"
