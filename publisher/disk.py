"""SQLite for what pagemill keeps on disk: its errors are told as what they mean for a person."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from publisher.errors import StorageError

_FULL = 64_000  # bytes left on a disk; SQLite calls its writes failing there now full, now an I/O error
_AGAIN = "Make room and run this again: what is done is not done twice."
_ELSEWHERE = "Give write access to its directory, or name another one in PAGEMILL_STATE."
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file is called to people, and what to do when it is broken."""

    name: str
    broken: str


STATE = Kept("state", "Move it away: the next publish recognises the pages under the parent again.")


def connect(path: Path, kept: Kept = STATE) -> sqlite3.Connection:
    """A connection that raises `StorageError` in place of `sqlite3.Error`, and commits by itself.

    Raises:
        StorageError: the file cannot be opened.
    """
    try:
        made = sqlite3.connect(path, isolation_level=None, timeout=10, factory=_Connection)
    except sqlite3.Error as error:
        raise trouble(path, error, kept) from error
    made.kept = kept
    return made


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; nested use joins the outer one."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        _roll_back(db)
        raise


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:  # a full disk may have ended it
        db.execute("ROLLBACK")


def snapshot(path: Path, kept: Kept = STATE) -> sqlite3.Connection:
    """A database as it stands, in memory, for where its directory cannot be written.

    Raises:
        StorageError: it cannot be read.
    """
    there = connect(Path(":memory:"), kept)
    wal = path.with_name(path.name + "-wal")
    ways = ["mode=ro"] if wal.exists() and wal.stat().st_size else ["mode=ro", "immutable=1"]
    for way in ways:
        try:
            source = sqlite3.connect(f"file:{quote(str(path))}?{way}", uri=True)
            try:
                source.execute("BEGIN")
                # Held to the end: a copy of what is locked would be tried for ever.
                source.execute("SELECT 1 FROM sqlite_schema").fetchone()
                source.backup(there)
                return there
            finally:
                source.close()
        except sqlite3.Error as error:
            problem = trouble(path, error, kept)
            problem.__cause__ = error
            if _code(error) in _BUSY:  # it is being written: as it stands it may be half of it
                break
    raise problem


def trouble(path: Path, error: sqlite3.Error | OSError, kept: Kept = STATE) -> StorageError:
    """What an error means, and what to do about it."""
    code, name = _code(error), kept.name
    if _is_full(path, error, code):
        return StorageError(f"The {name} cannot be written: the disk is full ({path}).", _AGAIN)
    if code == sqlite3.SQLITE_READONLY or (isinstance(error, OSError) and error.errno in _FORBIDDEN):
        return StorageError(f"The {name} cannot be written: {path} is read-only.", _ELSEWHERE)
    if code in _BUSY:
        return StorageError(f"The {name} file {path} is in use by another program.", "Run this again later.")
    if code in _BROKEN:
        return StorageError(f"The {name} file {path} cannot be opened: {error}.", kept.broken)
    return StorageError(f"The {name} file {path} cannot be read or written: {error}.", _ELSEWHERE)


def is_broken(error: StorageError) -> bool:
    """Whether the file is no such database (any more), so that only another one in its place can help."""
    return _code(error.__cause__) in (*_BROKEN, sqlite3.SQLITE_ERROR)  # the last: it has other tables


def _code(error: BaseException | None) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def _is_full(path: Path, error: Exception, code: int) -> bool:
    if code == sqlite3.SQLITE_FULL or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return True
    if code not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return False
    try:
        return shutil.disk_usage(path.parent).free < _FULL
    except OSError:
        return False


class _Connection(sqlite3.Connection):
    path = Path(":memory:")
    kept = STATE

    def __init__(self, path: Path, *options: Any, **more: Any) -> None:
        super().__init__(path, *options, **more)
        self.path = path

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _Cursor)

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> Any:
        return self.cursor().executemany(sql, parameters)

    def executescript(self, script: str) -> Any:
        return self.cursor().executescript(script)


class _Cursor(sqlite3.Cursor):
    """Whatever a connection does goes through here."""

    def _told(self, error: sqlite3.Error) -> StorageError:
        assert isinstance(self.connection, _Connection)
        return trouble(self.connection.path, error, self.connection.kept)

    def execute(self, sql: str, parameters: Any = ()) -> Self:
        try:
            return super().execute(sql, parameters)
        except sqlite3.Error as error:
            raise self._told(error) from error

    def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.Error as error:
            raise self._told(error) from error

    def executescript(self, script: str) -> Self:
        try:
            super().executescript(script)
        except sqlite3.Error as error:
            raise self._told(error) from error
        return self

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.Error as error:
            raise self._told(error) from error

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.Error as error:
            raise self._told(error) from error

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.Error as error:
            raise self._told(error) from error
