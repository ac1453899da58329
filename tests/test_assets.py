"""Pictures and files that documents refer to: read once, kept in the state, and nothing else is ever opened."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from repositories import GIT, Clone
from site_folder import Site, actions

from publisher import inside, saved
from publisher.assets import Assets, Trouble
from publisher.config import load
from publisher.errors import ConflictError, UsageError
from publisher.folder import load as load_folder
from publisher.folder import unchanged_since
from publisher.git import Contents, Repository
from publisher.job import Job
from publisher.planning.files import LocalFile
from publisher.pushed import Pushed
from publisher.scan import scan, scan_source
from publisher.settings import Settings
from publisher.shapes import shape
from publisher.source import Disk, Status
from publisher.store import Store
from publisher.workplace import open_workspace, state_file

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 12\n"
links = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def hashed(data: bytes) -> str:
    return blake2b(data, digest_size=10).hexdigest()


@dataclass
class Reads:
    """The paths that were opened."""

    paths: list[str]

    def take(self) -> list[str]:
        taken, self.paths[:] = sorted(self.paths), []
        return taken


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    found = Reads([])
    original = Disk.open

    def open(self: Disk, path: str) -> Any:
        found.paths.append(path)
        return original(self, path)

    monkeypatch.setattr(Disk, "open", open)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "state.db")
    yield made
    made.close()


@pytest.fixture
def here(tmp_path: Path) -> Site:
    """A folder with one picture of each service's kind."""
    site = Site(tmp_path)
    site.write("img/a.png", PNG)
    return site


def assets(site: Site, store: Store | None = None, dialect: str = "buildin", **more: Any) -> Assets:
    settings = site.settings(**more)
    return Assets(scan(site.folder), store, dialect, settings)


def test_a_file_is_read_once_and_then_known(here: Site, store: Store, reads: Reads) -> None:
    first = assets(here, store)
    wanted = LocalFile("img/a.png", hashed(PNG), len(PNG), "image/png")
    assert (first.get("img/a.png"), first.get("img/a.png")) == (wanted, wanted)
    assert reads.take() == ["img/a.png"]
    first.settle()
    again = assets(here, store)
    assert (again.get("img/a.png"), reads.take()) == (wanted, [])


def test_other_bytes_are_noticed(here: Site, store: Store, reads: Reads) -> None:
    first = assets(here, store)
    first.get("img/a.png")
    first.settle()
    here.write("img/a.png", PNG + b"x")
    found = assets(here, store).get("img/a.png")
    assert isinstance(found, LocalFile)
    assert found.hash == hashed(PNG + b"x")


def test_a_file_of_this_very_moment_is_not_trusted(here: Site, store: Store, reads: Reads) -> None:
    """Within a tick of the clock it may change again and keep its size and time."""
    (here.folder / "img/a.png").write_bytes(PNG)
    first = assets(here, store)
    first.get("img/a.png")
    first.settle()
    reads.take()
    assets(here, store).get("img/a.png")
    assert reads.take() == ["img/a.png"]


def test_what_nobody_refers_to_is_not_looked_at_and_forgotten(here: Site, store: Store, reads: Reads) -> None:
    here.write("img/b.png", PNG + b"b")
    first = assets(here, store)
    first.get("img/a.png")
    first.settle()
    assert (reads.take(), list(store.cache.assets())) == (["img/a.png"], ["img/a.png"])
    second = assets(here, store)
    second.get("img/b.png")
    second.settle()
    assert list(store.cache.assets()) == ["img/b.png"]


def test_the_bytes_that_go_up_are_those_that_were_looked_at(here: Site) -> None:
    found = assets(here)
    file = found.get("img/a.png")
    assert isinstance(file, LocalFile)
    with found.open(file) as stream:
        assert (stream.read(), stream.seek(2), stream.read(2)) == (PNG, 2, PNG[2:4])
    here.write("img/a.png", PNG + b"later")
    with pytest.raises(ConflictError, match="changed"), found.open(file):
        pass


def test_a_change_during_an_upload_is_noticed_at_its_end(here: Site) -> None:
    found = assets(here)
    file = found.get("img/a.png")
    assert isinstance(file, LocalFile)
    opened = found.open(file)
    opened.__enter__().read(1)
    here.write("img/a.png", PNG + b"later")
    with pytest.raises(ConflictError, match="changed"):
        opened.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("name", "data", "dialect", "code"),
    [
        ("a.png", b"", "buildin", "file-empty"),
        ("a.png", b"<!doctype html>", "buildin", "file-type"),
        ("a.zip", b"PK\3\4", "notion", "file-type"),
        ("a.png", POINTER, "buildin", "lfs-pointer"),
    ],
)
def test_what_cannot_go_up(
    here: Site, store: Store, reads: Reads, name: str, data: bytes, dialect: str, code: str
) -> None:
    here.write(name, data)
    for _ in range(2):
        found = assets(here, store, dialect)
        trouble = found.get(name)
        assert isinstance(trouble, Trouble)
        assert trouble.code == code
        found.settle()
    assert len(reads.take()) <= 1


def test_what_is_too_large_is_not_even_read(here: Site, store: Store, reads: Reads) -> None:
    here.write("a.zip", b"PK\3\4")
    os.truncate(here.folder / "a.zip", 100 * 1024 * 1024 + 1)
    found = assets(here, store)
    assert found.get("a.zip") == Trouble("file-too-large", "“a.zip” has 100.0 MiB; 100 MiB are allowed.")
    found.settle()
    assert (reads.take(), found.unchanged()) == ([], found.digest())


def test_without_uploads_nothing_is_looked_at(here: Site, reads: Reads) -> None:
    found = assets(here, uploads=False).get("img/a.png")
    assert isinstance(found, Trouble)
    assert (found.code, reads.take()) == ("file-not-uploaded", [])


# -- nothing outside -------------------------------------------------------------------------------------------------------

OUTSIDE = [
    "../secret.png", "/etc/passwd", "C:\\a.png", "C:/a.png", "\\\\host\\share\\a.png", "//host/a.png", "file:///etc/passwd",
    "img/../../secret.png", ".env", ".git/config", "img/A.PNG", "img/a.png/", "img/a.png::$DATA", "CON", "img", "", ".",
    "~/.ssh/id_rsa", "img\\a.png", "img//a.png", "img/a.png\0.png",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_only_what_was_listed_is_opened(here: Site, reads: Reads, path: str) -> None:
    (here.root / "secret.png").write_bytes(PNG)
    here.write(".env", "TOKEN=1")
    here.write(".git/config", "x")
    found = assets(here).get(path)
    assert isinstance(found, Trouble)
    assert (found.code, reads.take()) == ("asset-unreadable", [])


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("../secret.png", "link-outside"),
        ("../../secret.png", "link-outside"),
        ("%2e%2e/secret.png", "link-outside"),
        ("..\\secret.png", "link-outside"),
        ("/etc/passwd.png", "link-broken"),
        ("C:/secret.png", "link-unsafe"),
        ("file:///etc/passwd", "link-unsafe"),
        ("\\\\host\\share\\x.png", "link-invalid"),
        (".env", "link-held-back"),
        (".git/config", "link-held-back"),
        ("img/A.png", "link-case"),
        ("img/a.png:stream", "link-broken"),
        ("nul", "link-broken"),
        ("pagemill:upload/00112233445566778899", "link-unsafe"),
        ("pagemill:file/.env", "link-unsafe"),
        ("PAGEMILL:file/.env", "link-unsafe"),
        ("./pagemill:upload/00112233445566778899", "link-broken"),
    ],
)
@pytest.mark.parametrize("form", ["![x]({})", "[x]({})", '<img src="{}" alt="x">'])
def test_addresses_that_lead_elsewhere_are_refused_with_file_and_line(
    here: Site, reads: Reads, form: str, address: str, code: str
) -> None:
    (here.root / "secret.png").write_bytes(PNG)
    here.write(".env", "TOKEN=1")
    here.write(".git/config", "x")
    if address.startswith("\\\\") and form.startswith(("!", "[")):
        code = "link-broken"  # `\\\\` is one backslash in Markdown
    here.write("index.md", f"# A\n\n{form.format(address)}\n")
    found = shape(load_folder(here.settings(), scan(here.folder), None))
    assert [(item.code, item.line) for item in found.diagnostics] == [(code, 3)]
    assert set(reads.take()) <= ({"img/a.png"} if code == "link-case" else set())


@links
def test_links_and_other_things_that_are_no_files(here: Site, reads: Reads) -> None:
    (here.root / "secret.png").write_bytes(PNG)
    (here.folder / "out.png").symlink_to(here.root / "secret.png")
    here.write(".hidden.png", PNG)
    (here.folder / "hidden.png").symlink_to(here.folder / ".hidden.png")
    os.mkfifo(here.folder / "pipe.png")
    found = assets(here)
    assert not {"out.png", "hidden.png"} & found.names
    trouble = found.get("pipe.png")
    assert trouble == Trouble("asset-unreadable", "“pipe.png” is not a regular file.")
    assert reads.take() == []


@links
@pytest.mark.parametrize("steps", [True, False])
def test_a_file_that_becomes_a_link_after_it_was_listed(
    here: Site, monkeypatch: pytest.MonkeyPatch, steps: bool
) -> None:
    if not steps:
        monkeypatch.setattr(inside, "_STEPS", False)
    (here.root / "img").mkdir()
    (here.root / "img/a.png").write_bytes(PNG + b"secret")
    found = assets(here)
    file = found.get("img/a.png")
    assert isinstance(file, LocalFile)
    (here.folder / "img/a.png").unlink()
    (here.folder / "img/a.png").symlink_to(here.root / "img/a.png")
    with pytest.raises(OSError, match="out of the folder"), found.open(file):
        pass
    shutil.rmtree(here.folder / "img")
    (here.folder / "img").symlink_to(here.root / "img")
    assert isinstance(assets(here).get("img/a.png"), Trouble)
    with pytest.raises(OSError, match="out of the folder"):
        Disk(here.folder.resolve()).open("img/a.png")


@links
@pytest.mark.parametrize("place", ["img", "img/a.png"])
def test_a_file_that_becomes_a_link_at_the_last_moment(
    here: Site, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Between finding out where it leads and opening it."""
    outside = here.root / "outside"
    outside.mkdir()
    (outside / "a.png").write_bytes(PNG + b"secret")
    root, original = here.folder.resolve(), inside.way

    def way(*arguments: Any) -> tuple[str, ...]:
        found = original(*arguments)
        target = root / place
        shutil.move(target, here.root / "moved")
        target.symlink_to(outside if place == "img" else outside / "a.png")
        return found

    monkeypatch.setattr(inside, "way", way)
    with pytest.raises(OSError):
        inside.open_inside(root, "img/a.png")


@links
def test_a_pipe_at_the_last_moment_does_not_hang(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(here.folder / "pipe.png")
    with pytest.raises(OSError, match="regular"):
        Disk(here.folder.resolve()).open("pipe.png")


@links
def test_links_within_the_folder_are_followed(here: Site) -> None:
    (here.folder / "same.png").symlink_to(here.folder / "img/a.png")
    with Disk(here.folder.resolve()).open("same.png") as stream:
        assert stream.read() == PNG


@pytest.mark.parametrize(
    "name", ["CON", "nul.png", "a/COM1.txt", "img/a.png:b", "a.png.", "a.png ", "LPT¹", "aux .png"]
)
def test_names_with_a_meaning_to_windows(here: Site, name: str) -> None:
    with pytest.raises(OSError, match="Windows"):
        inside.way(here.folder.resolve(), name, windows=True)
    assert inside.way(here.folder.resolve(), "img/a.png", windows=True) == ("img", "a.png")


# -- further roots ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def rooted(here: Site) -> Site:
    """A folder whose pictures stand beside it."""
    (here.root / "assets/deep").mkdir(parents=True)
    (here.root / "assets/deep/b.png").write_bytes(PNG + b"b")
    (here.root / "assets/.hidden.png").write_bytes(PNG)
    here.options["file_roots"] = (here.root / "assets",)
    here.write(
        "sub/p.md",
        "# P\n\n![b](../../assets/deep/b.png)\n\n![x](../../assets/gone.png)\n\n![y](../../other/y.png)\n",
    )
    return here


def test_files_of_a_further_root(rooted: Site) -> None:
    found = shape(load_folder(rooted.settings(), scan(rooted.folder), None))
    held = found.folder.assets
    assert held is not None
    file = held.get("../assets/deep/b.png")
    assert isinstance(file, LocalFile)
    assert (file.hash, file.name) == (hashed(PNG + b"b"), "b.png")
    with held.open(file) as stream:
        assert stream.read() == PNG + b"b"
    assert [(item.line, item.code) for item in found.diagnostics] == [(5, "link-broken"), (7, "link-outside")]
    assert not any("hidden" in name for name in held.names)


def test_a_root_that_is_not_there(here: Site) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        assets(here, file_roots=(here.root / "gone",))


def settings_file(site: Site, roots: str) -> Settings:
    (site.root / "pagemill.toml").write_text(f'folder = "docs"\nfile_roots = [{roots}]\n')
    return load({}, {}, site.root)


def test_a_settings_file_names_only_folders_of_its_repository(
    here: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    (here.root / "assets").mkdir()
    found = scan(here.folder)
    assert Assets(found, None, "buildin", settings_file(here, '"assets"')).names >= {"img/a.png"}
    for outside in (str(away), "../" + away.name, "/", "~"):
        with pytest.raises(UsageError, match=r"pagemill.toml:2: file_roots: .* lies outside"):
            Assets(found, None, "buildin", settings_file(here, repr(outside)))
    trusted = load({"folder": str(here.folder)}, {"PAGEMILL_FILE_ROOTS": str(away)}, here.root)
    assert Assets(found, None, "buildin", trusted).names == {"img/a.png"}


# -- from one time to the next ---------------------------------------------------------------------------------------------


def test_the_second_publish_reads_nothing_and_notices_a_changed_picture(
    site: Site, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write("a.md", "# A\n\n![x](x.png)\n")
    site.write("b.md", "# B\n\nNothing.\n")
    site.write("x.png", PNG)
    site.publish()
    reads.take()
    second = site.publish()
    assert (second.reads, second.writes, reads.take()) == (0, 0, [])
    settings = site.settings()
    site.write("x.png", PNG + b"new")
    planned = site.plan()
    assert actions(planned)["a.md"] == "update"
    assert actions(planned)["b.md"] == "unchanged"
    report = site.publish()
    assert actions(report)["a.md"] == "update"
    assert site.publish().writes == 0
    assert settings.uploads


def test_a_setting_about_files_is_noticed(site: Site) -> None:
    site.write("a.md", "# A\n\n![x](x.png)\n")
    site.write("x.png", PNG)
    site.publish()
    found, store = scan(site.folder), Store(None)
    given = site.settings()
    digests = set()
    for more in ({}, {"uploads": False}, {"files_url": "https://example.org"}, {"images.max_width": 9}):
        settings = site.settings(**more)
        folder = load_folder(settings, found, store)
        shape(folder)
        assert unchanged_since(settings, found, store) == folder.converged()
        digests.add(folder.converged())
    assert len(digests) == 4
    assert given == site.settings()
    store.close()


def test_a_saved_plan_is_for_the_pictures_that_it_was_made_for(site: Site) -> None:
    site.write("a.md", "# A\n\n![x](x.png)\n")
    site.write("x.png", PNG)
    settings = site.settings()
    store = Store(state_file(settings))
    planned = saved.rehearse(settings, store, partial(open_workspace, settings))
    job = Job(settings, partial(open_workspace, settings))
    assert saved.bound(job, planned.plan, store).folder is not None
    site.write("x.png", PNG + b"new")
    with pytest.raises(ConflictError, match="Files have changed"):
        saved.bound(job, planned.plan, store)
    store.close()


def test_what_could_not_be_read_is_tried_again(
    here: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Disk, path: str) -> BinaryIO:
        raise PermissionError(13, "Permission denied", path)

    with monkeypatch.context() as patch:
        patch.setattr(Disk, "open", refuse)
        first = assets(here, store)
        assert first.get("img/a.png") == Trouble(
            "asset-unreadable", "“img/a.png” cannot be read: Permission denied."
        )
        first.settle()
    again = assets(here, store)
    assert again.unchanged() == ""
    assert isinstance(again.get("img/a.png"), LocalFile)


def test_stale_files(here: Site) -> None:
    found = assets(here)
    found.get("img/a.png")
    assert found.stale() == set()
    here.write("img/a.png", PNG + b"2")
    assert (found.stale(), found.stale(beside=True)) == ({"img/a.png"}, set())
    later = found.renewed(scan(here.folder), {"img/a.png", "unasked.png"})
    assert later.seen != found.seen
    assert later.stale() == set()


# -- from a commit ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    made = Clone(tmp_path / "work")
    made.root.mkdir()
    made.git("init", "-q", "-b", "main")
    for path, data in {"docs/a.png": PNG, "docs/lfs.png": POINTER, "assets/b.png": PNG + b"b"}.items():
        (made.root / path).parent.mkdir(exist_ok=True)
        (made.root / path).write_bytes(data)
    made.commit(docs__index_md="# A\n\n![a](a.png) ![l](lfs.png) ![b](../assets/b.png)\n")
    return made


@git
def test_files_of_a_commit(work: Clone, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({"folder": str(work.root / "docs"), "file_roots": (work.root / "assets",)}, {}, work.root)
    (work.root / "docs/a.png").write_bytes(b"something else")
    (work.root / "assets/b.png").unlink()
    repository = Repository(work.root)
    with Contents(repository) as contents:
        source = Pushed(repository, contents, work.head(), "docs")
        found = scan_source(settings.folder.resolve(), source)
        first = Assets(found, store, "buildin", settings)
        a, b, lfs = (first.get(name) for name in ("a.png", "../assets/b.png", "lfs.png"))
        assert isinstance(a, LocalFile)
        assert isinstance(b, LocalFile)
        assert (a.hash, a.size, b.hash) == (hashed(PNG), len(PNG), hashed(PNG + b"b"))
        assert lfs == Trouble("lfs-pointer", "“lfs.png” is a pointer of Git LFS, not the file itself.")
        with first.open(a) as stream:
            assert (stream.read(), stream.seek(1), stream.read(3)) == (PNG, 1, b"PNG")
        first.settle()
        opened: list[str] = []
        monkeypatch.setattr(Repository, "open", lambda self, blob, path: opened.append(path))
        again = Assets(found, store, "buildin", settings)
        assert (again.get("a.png"), again.get("../assets/b.png"), opened) == (a, b, [])
        with pytest.raises(OSError):
            source.open("gone.png")


@git
def test_a_large_file_of_a_commit_goes_through_a_temporary_file(
    work: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.git._IN_MEMORY", 1000)
    data = bytes(range(256)) * 100
    (work.root / "docs/large.bin").write_bytes(data)
    work.commit()
    repository = Repository(work.root)
    with Contents(repository) as contents:
        source = Pushed(repository, contents, work.head(), "docs")
        with source.open("large.bin") as stream:
            assert stream.read() == data
            assert (stream.seek(256), stream.read(2)) == (256, b"\0\1")


@git
def test_disk_and_commit_share_what_is_known(work: Clone, store: Store) -> None:
    settings = load({"folder": str(work.root / "docs")}, {}, work.root)
    old = 1_700_000_000_000_000_000
    os.utime(work.root / "docs/a.png", ns=(old, old))
    repository = Repository(work.root)
    with Contents(repository) as contents:
        pushed = scan_source(settings.folder.resolve(), Pushed(repository, contents, work.head(), "docs"))
        for found in (scan(settings.folder), pushed):
            held = Assets(found, store, "buildin", settings)
            held.get("a.png")
            held.settle()
        for found in (scan(settings.folder), pushed):
            assert Assets(found, store, "buildin", settings).unchanged()
    row = store.cache.assets()["a.png"]
    assert (row.mtime_ns, len(row.mark)) == (old, 40)
    assert Status(row.size, row.mtime_ns) == Disk(settings.folder).status("a.png")
