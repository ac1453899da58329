"""A disk that is full, read-only or broken: said in one sentence, at once, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from site_folder import Site, actions

from publisher import disk
from publisher.errors import Exit, StorageError, UsageError
from publisher.job import Job
from publisher.known import KnownPage
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

PAGES = 12


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path, {"dialect": "notion", "root": "none"})
    for number in range(PAGES):
        site.write(f"{number}.md", f"# Page {number}\n\n" + "Many words.\n\n" * 200)
    return site


def fill(db: sqlite3.Connection, room: int) -> None:
    """From here on the disk of a database has room for so many of its pages."""
    used = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {used + room}")


def publish(site: Site, prepare: Callable[[Store, Workspace], None]) -> tuple[Run, StorageError]:
    settings = site.settings()
    store = Store(state_file(settings))
    begun: list[Workspace] = []

    def connected(count: Callable[[], None]) -> Workspace:
        begun.append(open_workspace(settings, count))
        prepare(store, begun[0])
        return begun[0]

    try:
        run = Run(Job(settings, connected), store)
        with pytest.raises(StorageError) as caught:
            asyncio.run(run.publish())
        return run, caught.value
    finally:
        store.close()


@pytest.mark.parametrize("room", [0, 1, 3, 8, 20])
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(site: Site, room: int) -> None:
    run, error = publish(site, lambda store, _: fill(store._db, room))
    assert "The state cannot be written: the disk is full" in error.message
    assert error.exit == Exit.FAILED
    assert run.report.writes < PAGES + 8  # those under way at most
    report = site.publish()
    assert set(actions(report).values()) <= {"create", "update", "unchanged"}
    titles = list(site.tree())
    assert sorted(titles) == sorted(f"Page {number}" for number in range(PAGES))  # none twice
    assert site.publish().writes == 0


@pytest.mark.parametrize("room", [0, 8, 40])
def test_a_full_workspace_ends_the_run_at_once(site: Site, room: int) -> None:
    def prepare(store: Store, workspace: Workspace) -> None:
        fill(_application(workspace).state.store.db, room)

    run, error = publish(site, prepare)
    assert error.message == "The workspace cannot be written: the disk is full."
    assert run.report.writes <= PAGES + 8
    site.publish()
    assert len(site.tree()) == PAGES


def _application(workspace: Workspace) -> object:
    """The embedded workspace behind a connection."""
    inner = workspace._transport
    while not hasattr(inner, "_transport"):
        inner = getattr(inner, "inner", None) or inner._inner
    app = inner._transport.app
    while not hasattr(app, "state"):
        app = app.app
    return app


def test_a_transaction_that_a_full_disk_broke_is_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    fill(store._db, 0)
    many = [KnownPage(f"{number}.md", f"id-{number}", "u" * 1000, "", "T") for number in range(100)]

    def save() -> None:
        with store.transaction():
            for page in many:
                store.save_page(page)

    with pytest.raises(StorageError):
        save()
    assert not store._db.in_transaction
    assert store.pages() == {}
    store._db.execute("PRAGMA max_page_count = 100000")
    store.save_page(KnownPage("a.md", "id", "u", "", "A"))
    assert list(store.pages()) == ["a.md"]
    store.close()


def error_of(code: int, words: str = "words") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code  # type: ignore[misc]
    return error


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (error_of(sqlite3.SQLITE_FULL), "the disk is full", "Make room"),
        (OSError(28, "No space left on device"), "the disk is full", "Make room"),
        (error_of(sqlite3.SQLITE_READONLY), "is read-only", "write access"),
        (PermissionError(13, "Permission denied"), "is read-only", "write access"),
        (error_of(sqlite3.SQLITE_BUSY), "in use by another program", "later"),
        (error_of(sqlite3.SQLITE_NOTADB), "cannot be opened", "Move it away"),
        (error_of(sqlite3.SQLITE_IOERR), "cannot be read or written: words", "write access"),
    ],
)
def test_what_an_error_means(tmp_path: Path, error: sqlite3.Error, message: str, hint: str) -> None:
    told = disk.trouble(tmp_path / "state.db", error)
    assert message in told.message
    assert hint in told.hint
    assert ("Move it away" in told.hint) == (hint == "Move it away")


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a state read-only, also for an administrator: to the eye of the process, and for SQLite."""

    def make(state: Path) -> None:
        may = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))
        connect = disk.connect

        def refused(path: Path) -> sqlite3.Connection:
            if path == state:
                raise disk.trouble(path, error_of(sqlite3.SQLITE_READONLY))
            return connect(path)

        monkeypatch.setattr("publisher.store.connect", refused)

    return make


def test_a_read_only_state_can_be_read(site: Site, read_only: Callable[[Path], None]) -> None:
    site.publish()
    where = state_file(site.settings())
    before = where.read_bytes()
    read_only(where)
    store = Store(where, reading=True)
    assert len(store.pages()) == PAGES
    store.set_meta("note", "kept for this run")
    assert store.meta("note") == "kept for this run"
    store.close()
    assert where.read_bytes() == before
    with pytest.raises(UsageError, match="is read-only") as caught:
        Store(where)
    assert "Move it away" not in str(caught.value)


def test_what_is_not_yet_in_the_main_file_is_read_too(
    tmp_path: Path, read_only: Callable[[Path], None]
) -> None:
    writer = Store(tmp_path / "state.db")
    writer.save_page(KnownPage("a.md", "id", "u", "", "A"))
    assert (tmp_path / "state.db-wal").stat().st_size
    read_only(tmp_path / "state.db")
    assert list(Store(tmp_path / "state.db", reading=True).pages()) == ["a.md"]
    writer.close()
