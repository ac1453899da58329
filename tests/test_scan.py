"""The walk of the folder: what is found, what is left out, and what is wrong with it."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from publisher.errors import UsageError
from publisher.scan import Scan, SourceFile, fingerprint, fold, printable, scan, unreadable

FOLDERS = Path(__file__).parent.parent / "fixtures" / "folders"
links = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
posix = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="such names cannot be made there")


def write(root: Path, **files: str) -> None:
    """Make files; `__` in a name stands for a slash."""
    for name, text in files.items():
        make(root / name.replace("__", "/"), text)


def make(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def paths(found: Scan) -> list[str]:
    return [file.path for file in found.files]


def codes(found: Scan) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in found.diagnostics]


def test_markdown_and_other_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/c.MARKDOWN", "a/d.Md", "a/img/e.png", "LICENSE", "a.mdx", "mdx"):
        make(tmp_path / name)
    found = scan(tmp_path)
    assert paths(found) == ["a.mdx", "a/c.MARKDOWN", "a/d.Md", "b.md"]
    assert found.assets == {"a/img/e.png", "LICENSE", "mdx"}
    assert found.diagnostics == ()


def test_what_is_known_of_a_file(tmp_path: Path) -> None:
    file = make(tmp_path / "a.md", "héllo")
    os.utime(file, ns=(1, 1_700_000_000_123_456_700))
    found = scan(tmp_path)
    (source,) = found.files
    assert (source.size, source.mtime_ns) == (6, file.stat().st_mtime_ns)
    assert found.read(source) == "héllo".encode()


def test_the_fingerprint_stands_for_the_content() -> None:
    assert fingerprint(b"a") == fingerprint(b"a") != fingerprint(b"b")
    assert len(fingerprint(b"")) == 16


def test_hidden_files_and_packages_are_left_out(tmp_path: Path) -> None:
    for name in (".git/a.md", ".hidden.md", "node_modules/x/README.md", "a/.obsidian/b.md", "ok.md"):
        make(tmp_path / name)
    found = scan(tmp_path, ["!.hidden.md", "!node_modules/"])
    assert paths(found) == ["ok.md"]
    assert found.ignored == {".git/", ".hidden.md", "node_modules/", "a/.obsidian/"}


def test_patterns_of_the_settings(tmp_path: Path) -> None:
    for name in ("a.md", "b/a.md", "drafts/x.md", "b/drafts/y.md", "c/TODO.md", "d/z.md", "d/keep.md"):
        make(tmp_path / name)
    found = scan(tmp_path, ["/a.md", "drafts/", "TODO.md", "d/*", "!d/keep.md"])
    assert paths(found) == ["b/a.md", "d/keep.md"]
    assert found.ignored == {"a.md", "drafts/", "b/drafts/", "c/TODO.md", "d/z.md"}


def test_ignore_files_at_every_level(tmp_path: Path) -> None:
    for name in ("a.md", "x/a.md", "x/b.md", "x/y/a.md", "x/y/b.md"):
        make(tmp_path / name)
    make(tmp_path / ".gitignore", "a.md\n")
    make(tmp_path / "x" / ".gitignore", "!a.md\n/b.md\n")
    make(tmp_path / "x" / "y" / ".pagemillignore", "a.md\n")
    assert paths(scan(tmp_path)) == ["x/a.md", "x/y/b.md"]


def test_the_settings_are_stronger_than_ignore_files(tmp_path: Path) -> None:
    write(tmp_path, built__api="x", a="x")
    make(tmp_path / "built" / "api.md")
    make(tmp_path / ".gitignore", "built/\n")
    assert paths(scan(tmp_path)) == []
    assert paths(scan(tmp_path, ["!built/"])) == ["built/api.md"]


def test_nothing_below_an_ignored_folder_comes_back(tmp_path: Path) -> None:
    make(tmp_path / "a" / "b.md")
    assert paths(scan(tmp_path, ["a/", "!a/b.md"])) == []


def test_the_repository_above_has_a_say(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in ("docs/a.md", "docs/tmp/b.md", "docs/tmp2/c.md"):
        make(tmp_path / name)
    make(tmp_path / ".gitignore", "/docs/tmp/\ntmp2/\n")
    assert paths(scan(tmp_path / "docs")) == ["docs/a.md".removeprefix("docs/")]


def test_an_ignored_folder_can_be_published_by_name(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    make(tmp_path / "site" / "a.md")
    make(tmp_path / ".gitignore", "site/\n")
    assert paths(scan(tmp_path / "site")) == ["a.md"]


def test_nothing_above_the_repository_has_a_say(tmp_path: Path) -> None:
    make(tmp_path / ".gitignore", "*.md\n")
    make(tmp_path / "repo" / "docs" / "a.md")
    assert paths(scan(tmp_path / "repo" / "docs")) == ["a.md"]
    (tmp_path / "repo" / ".git").mkdir()
    assert paths(scan(tmp_path / "repo" / "docs")) == ["a.md"]


def test_wrong_patterns(tmp_path: Path) -> None:
    make(tmp_path / "a.md")
    make(tmp_path / "b.md")
    make(tmp_path / ".pagemillignore", "a.md\n!\n")
    with pytest.raises(UsageError, match="'!' is not a valid pattern"):
        scan(tmp_path, ["!"])
    found = scan(tmp_path)
    assert paths(found) == ["b.md"]
    assert [(item.path, item.line, item.code) for item in found.diagnostics] == [
        (".pagemillignore", 2, "ignore-pattern")
    ]


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        scan(tmp_path / "missing")
    with pytest.raises(UsageError, match="is a file"):
        scan(make(tmp_path / "a.md"))


@links
def test_a_link_to_a_page_is_an_alias(tmp_path: Path) -> None:
    make(tmp_path / "real" / "a.md")
    make(tmp_path / "real" / "a.png")
    (tmp_path / "b.md").symlink_to("real/a.md")
    (tmp_path / "latest").symlink_to("real")
    (tmp_path / "pic.png").symlink_to(tmp_path / "real" / "a.png")
    found = scan(tmp_path)
    assert paths(found) == ["real/a.md"]
    assert found.aliases == {"b.md": "real/a.md", "latest": "real", "pic.png": "real/a.png"}
    assert found.diagnostics == ()


@links
def test_a_link_to_what_is_ignored_is_followed_once(tmp_path: Path) -> None:
    for name in ("src/sub/a.md", "src/b.md", "src/c.png"):
        make(tmp_path / name)
    (tmp_path / "docs").symlink_to("src")
    (tmp_path / "again").symlink_to("src/sub")
    (tmp_path / "single.md").symlink_to("src/b.md")
    found = scan(tmp_path, ["/src"])
    assert paths(found) == ["docs/b.md", "docs/sub/a.md"]
    assert found.assets == {"docs/c.png"}
    assert found.aliases == {"again": "docs/sub", "single.md": "docs/b.md"}
    assert found.read(found.files[0]) == b"x"


@links
def test_links_out_of_the_folder_are_errors(tmp_path: Path) -> None:
    make(tmp_path / "secret.md", "secret")
    make(tmp_path / "docs-private" / "x.md")
    root = tmp_path / "docs"
    make(root / "a.md")
    make(root / ".git" / "config")
    (root / "file.md").symlink_to("../secret.md")
    (root / "dir").symlink_to(tmp_path)
    (root / "alike").symlink_to("../docs-private")
    (root / "pic.png").symlink_to("/etc/hostname")
    (root / "missing.md").symlink_to("../missing.md")
    (root / "config.md").symlink_to(".git/config")
    (root / "hop.md").symlink_to("file.md")
    found = scan(root)
    assert paths(found) == ["a.md"]
    outside = ["alike", "config.md", "dir", "file.md", "hop.md", "missing.md", "pic.png"]
    assert codes(found) == [(name, "symlink-outside") for name in outside]
    assert {item.severity for item in found.diagnostics} == {"error"}


@links
def test_loops_are_errors_and_end(tmp_path: Path) -> None:
    make(tmp_path / "a" / "b.md")
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "one.md").symlink_to("two.md")
    (tmp_path / "two.md").symlink_to("one.md")
    (tmp_path / "gone.md").symlink_to("nowhere.md")
    found = scan(tmp_path)
    assert paths(found) == ["a/b.md"]
    assert codes(found) == [
        ("a/self", "symlink-loop"),
        ("a/up", "symlink-loop"),
        ("gone.md", "symlink-broken"),
        ("one.md", "symlink-loop"),
        ("two.md", "symlink-loop"),
    ]


@links
def test_ignored_folders_that_link_to_each_other_end(tmp_path: Path) -> None:
    make(tmp_path / "x" / "a.md")
    make(tmp_path / "y" / "b.md")
    (tmp_path / "x" / "y").symlink_to("../y")
    (tmp_path / "y" / "x").symlink_to("../x")
    (tmp_path / "in").symlink_to("x")
    found = scan(tmp_path, ["/x", "/y"])
    assert paths(found) == ["in/a.md", "in/y/b.md"]
    assert found.aliases == {"in/y/x": "in"}


@links
def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    make(tmp_path / "real" / "a.md")
    (tmp_path / "docs").symlink_to("real")
    found = scan(tmp_path / "docs")
    assert paths(found) == ["a.md"]
    assert found.folder == (tmp_path / "real").resolve()


@links
def test_ignored_links_are_not_looked_at(tmp_path: Path) -> None:
    make(tmp_path / "a.md")
    (tmp_path / "out.md").symlink_to("/etc/hostname")
    (tmp_path / ".#a.md").symlink_to("me@host:1")  # an editor's lock
    assert scan(tmp_path, ["out.md"]).diagnostics == ()


@posix
def test_odd_names(tmp_path: Path) -> None:
    for name in ("a b.md", "🫖.md", "日本語/ü.md", "a\\b.md", "%20.md", "#.md", "'\".md"):
        make(tmp_path / name)
    found = scan(tmp_path)
    assert len(found.files) == 7
    assert found.diagnostics == ()


@posix
def test_names_that_cannot_be_shown_are_errors(tmp_path: Path) -> None:
    make(tmp_path / "a\n\x1b[31m.md")
    make(tmp_path / "b\x00c.md".replace("\x00", "\x07") / Path("x.md"))
    make(tmp_path / "bell\x07.png")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")).write_text("x")
    found = scan(tmp_path)
    assert paths(found) == []
    assert codes(found) == [
        ("\\udcff.md", "name-invalid"),
        ("a\\n\\x1b[31m.md", "name-invalid"),
        ("b\\x07c.md", "name-invalid"),
    ]
    for item in found.diagnostics:
        str(item).encode()  # can be printed and stored
        assert "\x1b" not in str(item)


@posix
def test_names_that_other_systems_do_not_tell_apart(tmp_path: Path) -> None:
    for name in (
        "FAQ.md",
        "faq.md",
        "Guide/a.md",
        "guide/b.md",
        "caf\u00e9.md",
        "cafe\u0301.md",
        "X.png",
        "x.png",
    ):
        make(tmp_path / name)
    found = scan(tmp_path)
    assert len(found.files) == 6
    assert codes(found) == [
        ("caf\u00e9.md", "name-collision"),
        ("faq.md", "name-collision"),
        ("guide", "name-collision"),
    ]
    assert {item.severity for item in found.diagnostics} == {"warning"}


@posix
def test_what_is_not_a_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # a socket's path may not be long
        try:
            server.bind("socket.md")
        finally:
            os.chdir(here)
        assert codes(scan(tmp_path)) == [("pipe.md", "file-unreadable"), ("socket.md", "file-unreadable")]


def test_what_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "a.md")
    make(tmp_path / "locked" / "b.md")
    real = os.scandir

    def refusing(path: Path) -> os.ScandirIterator[str]:
        if path.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return real(str(path))

    monkeypatch.setattr("os.scandir", refusing)
    found = scan(tmp_path)
    assert paths(found) == ["a.md"]
    assert codes(found) == [("locked/", "file-unreadable")]
    assert "Permission denied" in found.diagnostics[0].message


def test_a_file_that_is_gone_by_now(tmp_path: Path) -> None:
    file = make(tmp_path / "a.md")
    found = scan(tmp_path)
    file.unlink()
    with pytest.raises(OSError) as caught:
        found.read(found.files[0])
    assert unreadable("a.md", caught.value).code == "file-unreadable"


@posix
def test_a_deep_folder(tmp_path: Path) -> None:
    here, depth = tmp_path, 300
    for _ in range(depth):
        here = here / "d"
    make(here / "a.md")
    assert paths(scan(tmp_path)) == ["d/" * depth + "a.md"]


def test_folding() -> None:
    assert fold("README.md") == fold("readme.MD")
    assert fold("cafe\u0301") == fold("CAF\u00c9")
    assert fold("straße") == "strasse"
    assert fold("a") != fold("b")


def test_printable() -> None:
    assert printable("a b/é🫖.md") == "a b/é🫖.md"
    assert printable("\udcff\r") == "\\udcff\\r"


def test_the_handbook() -> None:
    found = scan(FOLDERS / "handbook")
    assert len(found.files) == 18
    assert found.assets == {"img/workshop.svg", "img/fleet.svg"}
    assert found.diagnostics == ()
    assert all(
        isinstance(file, SourceFile) and stat.S_ISREG((found.folder / file.path).stat().st_mode)
        for file in found.files
    )


def test_a_symbolic_link_that_goes_during_the_walk_leads_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("a")
    (tmp_path / "b.md").symlink_to("a.md")
    real = os.path.realpath

    def gone(path: os.PathLike[str] | str) -> str:
        if Path(path).name == "b.md":
            raise FileNotFoundError(2, "gone", str(path))
        return real(path)

    monkeypatch.setattr(os.path, "realpath", gone)
    found = scan(tmp_path)
    assert codes(found) == [("b.md", "symlink-broken")]
    assert [file.path for file in found.files] == ["a.md"]


def test_directories_and_links_that_lead_nowhere_are_known(tmp_path: Path) -> None:
    (tmp_path / "x.png").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / ".hidden").mkdir()
    (tmp_path / "out.png").symlink_to("/etc/passwd")
    found = scan(tmp_path)
    assert found.folders == {"", "x.png/", "a/", "a/b/"}
    assert found.symlinks == {"out.png": "symlink-outside"}
