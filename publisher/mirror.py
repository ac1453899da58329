"""Copies of pictures on the web, one for each address, beside the state: what `images.mirror` publishes in their place.

Only a publish fetches, and a watch when it begins and when a saved file names a picture; whoever else wants to know
what would go up sees the copies that are there. A server is asked at most once a day whether its picture is still the
same.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from converters.mirrored import PREFIX, copied_url, copy_path
from publisher.disk import Kept, connect, is_broken, snapshot, trouble
from publisher.errors import StorageError
from publisher.inside import open_inside
from publisher.locking import ignore_in_git, lock
from publisher.planning import kinds
from publisher.settings import Settings
from publisher.source import Disk, Status

if TYPE_CHECKING:
    from publisher.external.fetching import Fetcher
    from publisher.remote.web import Web

FRESH = 86_400.0  # seconds for which a copy counts without a question
AGAIN = 3_600.0  # after which a picture that could not be had is tried again
KEPT = 7 * FRESH  # for which a copy is kept that no document refers to: it may come back with another branch
OPEN = 64  # copies under way at once, each with a file
_NEW = "new-"  # what the names of copies begin with that are not complete
_INDEX = "index.db"
_COPY = re.compile(r"[0-9a-f]{32}")
_KEPT = Kept("picture index", "Move it away: the next publish makes another one.")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
  url TEXT PRIMARY KEY, etag TEXT NOT NULL, modified TEXT NOT NULL, asked REAL NOT NULL, there INTEGER NOT NULL)
  WITHOUT ROWID;
"""


def is_fresh(asked: float) -> bool:
    """Whether what was asked for then, in Unix seconds, need not be asked for again."""
    return 0 <= time.time() - asked < FRESH


class Copies(Disk):
    """The copies as files, by the paths of `copy_path` without their prefix. `names` are all of them."""

    def __init__(self, directory: Path) -> None:
        super().__init__(Path(os.path.realpath(directory)))
        self.names = frozenset(copy_path(url) for url in _there(self.root))

    def status(self, path: str) -> Status | None:
        return super().status(_file_name(copied_url(PREFIX + path)))

    def open(self, path: str) -> BinaryIO:
        return open_inside(self.root, _file_name(copied_url(PREFIX + path)))


def copies(settings: Settings) -> Copies | None:
    """The copies that are there; None where pictures stay on the web."""
    return Copies(_directory(settings)) if settings.mirror else None


@dataclass(frozen=True, slots=True)
class Mirror:
    """Keeps copies.

    Args:
        directory: where they are.
        limit: bytes that one may have.
        web: what asks for them; a new one for each time.
        wall: Unix seconds.
        sleep: waits so many seconds.
        stopped: once it says so, nothing more is asked for.
    """

    directory: Path
    limit: int
    web: Callable[[], Web]
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    stopped: Callable[[], bool] = lambda: False

    async def refresh(self, urls: Iterable[str]) -> None:
        """Fetch the pictures that are not there, or may have changed. What cannot be had is left out, or as it was.

        `urls` are all that documents refer to: a copy of any other picture goes after a while.

        Raises:
            StorageError: what is known of the copies cannot be noted; a broken index is made anew.
        """
        from publisher.external.hosts import is_askable

        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            ignore_in_git(self.directory.parent)
        except OSError as error:
            raise trouble(self.directory, error, _KEPT) from error
        with closing(_index(self.directory)) as db:
            wanted = dict.fromkeys(urls)
            self._prune(db, wanted)
            due = [url for url in wanted if is_askable(url) and self._is_due(db, url)]
            if due:
                await self._fetch(db, due)

    def _prune(self, db: sqlite3.Connection, wanted: Collection[str]) -> None:
        """Take away copies that nobody wants any more, and what a killed run was writing."""
        oldest = self.wall() - KEPT
        rows = db.execute("SELECT url FROM pictures WHERE asked < ?", (oldest,)).fetchall()
        gone = [row for row in rows if row[0] not in wanted]
        for (url,) in gone:
            _remove(self.directory / _file_name(url))
        db.executemany("DELETE FROM pictures WHERE url = ?", gone)
        known = {*wanted, *(row[0] for row in db.execute("SELECT url FROM pictures"))}
        names = set(map(_file_name, known))
        for place in self.directory.iterdir():
            lost = _COPY.fullmatch(place.name) and place.name not in names  # a broken index knew of it
            if lost or place.name.startswith(_NEW):
                _remove(place, oldest)

    def _is_due(self, db: sqlite3.Connection, url: str) -> bool:
        row = db.execute("SELECT asked, there FROM pictures WHERE url = ?", (url,)).fetchone()
        if row is None:
            return True
        asked, there = row
        if there and not (self.directory / _file_name(url)).is_file():
            return True
        lasts = FRESH if there else AGAIN
        return not 0 <= self.wall() - asked < lasts

    async def _fetch(self, db: sqlite3.Connection, urls: Iterable[str]) -> None:
        from publisher.external.fetching import Fetcher
        from publisher.external.hosts import Hosts

        web = self.web()
        fetcher = Fetcher(web, Hosts(asyncio.get_running_loop().time, self.sleep), self.limit)
        slots = asyncio.Semaphore(OPEN)

        async def one(url: str) -> None:
            async with slots:
                if not self.stopped():
                    await self._one(db, fetcher, url)

        try:
            async with asyncio.TaskGroup() as group:
                for url in urls:
                    group.create_task(one(url))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            await web.close()

    async def _one(self, db: sqlite3.Connection, fetcher: Fetcher, url: str) -> None:
        from tempfile import mkstemp

        from publisher.external.fetching import NotFetched, Version

        place = self.directory / _file_name(url)
        row = db.execute("SELECT etag, modified FROM pictures WHERE url = ?", (url,)).fetchone()
        known = Version(*row) if row is not None and place.is_file() else Version()
        name = ""
        try:
            handle, name = mkstemp(dir=self.directory, prefix=_NEW)
            with os.fdopen(handle, "w+b") as into:
                found = await fetcher.fetch(url, known, into)
                good = found is None or _is_picture(into, url)
            if found is not None and good:
                os.replace(name, place)  # noqa: PTH105 - its name is text
                known = found
        except (NotFetched, OSError):
            pass  # what was there stays, and the page shows it, or the picture where it is
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)  # noqa: PTH108 - its name is text
        row = (url, known.etag, known.modified, self.wall(), place.is_file())
        db.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)", row)


def mirror(settings: Settings, limit: int, stopped: Callable[[], bool] = lambda: False) -> Mirror:
    """The copies of a folder's state. `limit`: bytes that a file may have which goes up."""
    from publisher.external.hosts import IN_ALL
    from publisher.remote.web import Web

    web = partial(Web, time.time, connections=IN_ALL)
    return Mirror(_directory(settings), limit, web, stopped=stopped)


def _directory(settings: Settings) -> Path:
    assert settings.state is not None
    return settings.state / "mirror"


def _remove(place: Path, oldest: float = math.inf) -> None:
    """Take a file away that is older than that; another process may have it open, or have been faster."""
    with suppress(OSError):
        if place.stat().st_mtime < oldest:
            place.unlink()


def _file_name(url: str) -> str:
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _is_picture(file: BinaryIO, url: str) -> bool:
    """Whether a server has sent a picture, and not a page that asks for a login."""
    file.seek(0)
    return kinds.is_picture(kinds.content_type(file.read(kinds.HEAD), copy_path(url)))


def _index(directory: Path) -> sqlite3.Connection:
    """The index. A broken one is made anew, since the copies themselves are there: they are only asked about again.

    Raises:
        StorageError: it cannot be read or written.
    """
    path = directory / _INDEX
    if (db := _opened(path)) is not None:
        return db
    with lock(path, wait=10):
        if (db := _opened(path)) is not None:  # another run was faster
            return db
        try:
            for end in ("", "-wal", "-shm", "-journal"):
                path.with_name(_INDEX + end).unlink(missing_ok=True)
        except OSError as error:
            raise trouble(path, error, _KEPT) from error
        db = _opened(path)
    assert db is not None
    return db


def _opened(path: Path) -> sqlite3.Connection | None:
    """The index, None if it is broken."""
    db = connect(path, _KEPT)
    try:
        db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")
        db.execute("SELECT url, etag, modified, asked, there FROM pictures LIMIT 0")
        whole = db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except StorageError as error:
        db.close()
        if is_broken(error):
            return None
        raise
    if not whole:
        db.close()
    return db if whole else None


def _there(directory: Path) -> list[str]:
    """The pictures of which there is a copy; none if the index is broken, until a publish has made another one.

    Raises:
        StorageError: the index cannot be read.
    """
    path = directory / _INDEX
    if not path.exists():
        return []
    try:
        with closing(snapshot(path, _KEPT)) as db:
            return [url for (url,) in db.execute("SELECT url FROM pictures WHERE there = 1")]
    except StorageError as error:
        if is_broken(error):
            return []
        raise
