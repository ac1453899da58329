"""What was found out about the files of a folder, so that those that did not change are not read again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from publisher.disk import transaction
from publisher.known import CachedAsset, CachedFile
from publisher.notes import to_json

TABLES = """
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, hash BLOB NOT NULL,
  facts TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (path TEXT PRIMARY KEY, mark TEXT NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assets (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, mark TEXT NOT NULL, hash TEXT NOT NULL,
  content_type TEXT NOT NULL) WITHOUT ROWID;
"""


class Cache:
    """The part of a state that says nothing of the workspace. Every method raises `StorageError` as the state does."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def stats(self) -> dict[str, tuple[int, int, bytes]]:
        """Size, time of change and content hash of every cached file: enough to know that nothing changed."""
        rows = self._db.execute("SELECT path, size, mtime_ns, hash FROM files")
        return {path: (size, mtime, digest) for path, size, mtime, digest in rows}

    def files(self) -> dict[str, CachedFile]:
        rows = self._db.execute("SELECT path, size, mtime_ns, hash, facts FROM files")
        return {row[0]: CachedFile(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows}

    def save_files(self, changed: Iterable[CachedFile], gone: Iterable[str] = ()) -> None:
        with transaction(self._db):
            self._db.executemany("DELETE FROM files WHERE path = ?", ((path,) for path in gone))
            self._db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
                ((f.path, f.size, f.mtime_ns, f.hash, to_json(f.facts)) for f in changed),
            )

    def marks(self) -> dict[str, tuple[str, bytes]]:
        """What stands for a file's content elsewhere (a blob's id in git), and the hash of that content."""
        return {row[0]: (row[1], row[2]) for row in self._db.execute("SELECT path, mark, hash FROM marks")}

    def save_marks(self, marks: Iterable[tuple[str, str, bytes]]) -> None:
        """Path, mark and hash of each file."""
        with transaction(self._db):
            self._db.executemany("INSERT OR REPLACE INTO marks VALUES (?, ?, ?)", marks)

    def forget_files(self) -> None:
        self._db.execute("DELETE FROM files")

    def assets(self) -> dict[str, CachedAsset]:
        """The files that documents referred to when this was last noted, by path."""
        rows = self._db.execute("SELECT path, size, mtime_ns, mark, hash, content_type FROM assets")
        return {row[0]: CachedAsset(*row) for row in rows}

    def save_assets(self, changed: Iterable[CachedAsset], gone: Iterable[str] = ()) -> None:
        with transaction(self._db):
            self._db.executemany("DELETE FROM assets WHERE path = ?", ((path,) for path in gone))
            self._db.executemany(
                "INSERT OR REPLACE INTO assets VALUES (?, ?, ?, ?, ?, ?)",
                ((a.path, a.size, a.mtime_ns, a.mark, a.hash, a.content_type) for a in changed),
            )
