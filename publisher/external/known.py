"""Verdicts from earlier runs, in a SQLite file of their own: they belong to no folder, target or publish."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from publisher.external.verdict import State, Verdict
from publisher.locking import ignore_in_git

FILE = "links.db"
VERSION = 1  # of the table and of what its verdicts say
_DAY = 86_400.0
LASTS = {"alive": 7 * _DAY, "moved": 7 * _DAY, "dead": _DAY / 24, "unsure": _DAY / 24}  # seconds
_SCHEMA = """
CREATE TABLE IF NOT EXISTS verdicts (
  url TEXT PRIMARY KEY, state TEXT NOT NULL, says TEXT NOT NULL, target TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
"""


class Known:
    """What addresses were a while ago. Several runs may use one file; where none can be written it is forgotten.

    Args:
        directory: The state's directory; None to remember nothing.
        wall: Unix seconds.
    """

    def __init__(self, directory: Path | None, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._db = _open(directory)
        oldest = wall() - max(LASTS.values())
        with suppress(sqlite3.Error):
            self._db.execute("DELETE FROM verdicts WHERE at < ?", (oldest,))

    def find(self, url: str) -> Verdict | None:
        """The verdict on an address if it still counts."""
        row: tuple[State, str, str, float] | None = None
        with suppress(sqlite3.Error):
            query = "SELECT state, says, target, at FROM verdicts WHERE url = ?"
            row = self._db.execute(query, (url,)).fetchone()
        if row is None:
            return None
        state, says, to, at = row
        fresh = 0 <= self._wall() - at < LASTS.get(state, 0)  # a clock that was set back makes nothing last
        return Verdict(state, says, to) if fresh else None

    def save(self, url: str, verdict: Verdict) -> None:
        """Remember a verdict, if it is one that lasts. A disk that is full is no reason to stop."""
        if verdict.state not in LASTS:
            return
        row = (url, verdict.state, verdict.says, verdict.to, self._wall())
        with suppress(sqlite3.Error):
            self._db.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        self._db.close()


def _open(directory: Path | None) -> sqlite3.Connection:
    if directory is not None:
        with suppress(OSError, sqlite3.Error):
            directory.mkdir(parents=True, exist_ok=True)
            ignore_in_git(directory)
            return _prepared(str(directory / FILE))
    return _prepared(":memory:")


def _prepared(name: str) -> sqlite3.Connection:
    db = sqlite3.connect(name, isolation_level=None, timeout=10)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            db.executescript(f"DROP TABLE IF EXISTS verdicts; PRAGMA user_version = {VERSION};")
        db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_SCHEMA}")
    except sqlite3.Error:
        db.close()
        raise
    return db
