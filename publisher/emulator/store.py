"""The workspace on disk: one SQLite file in WAL mode, read and written by several threads and processes.

Everything that can stand somewhere (pages, databases, data sources, blocks) is a row of one table `node`, so that
parents, children and trash work alike for all. One connection behind a lock serves all threads; other processes
are kept apart by SQLite itself (a write begins with BEGIN IMMEDIATE and waits up to ten seconds for its turn).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.emulator.rows import DATA_SOURCE, BlockRow, Change, PageRow, milliseconds, moment
from publisher.emulator.tables import (
    ALIVE,
    BLOCK_COLUMNS,
    FORMAT,
    LATER,
    PAGES,
    SCHEMA,
    block_row,
    in_reading_order,
    page_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.emulator.writing import Writer


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """A workspace. `path` None or ":memory:" keeps it in memory.

    Raises:
        sqlite3.DatabaseError: the file is not a workspace of this format.
    """

    def __init__(
        self, path: Path | str | None = None, *, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.clock = clock or _now
        self.lock = threading.RLock()
        self.db = sqlite3.connect(
            ":memory:" if path is None else str(path),
            timeout=10,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        self.db.create_function("fold", 1, lambda text: text.casefold(), deterministic=True)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self._create()
        for statement in LATER.split(";\n"):
            self.db.execute(statement)

    def _create(self) -> None:
        found = self.db.execute("PRAGMA user_version").fetchone()[0]
        if found == FORMAT:
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            # another process may have been first
            found = self.db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, FORMAT) or (found == 0 and self._tables()):
                raise sqlite3.DatabaseError(f"not a workspace of format {FORMAT} (found {found})")
            if found == 0:
                for statement in SCHEMA.split(";\n"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version = {FORMAT}")
        finally:
            self.db.execute("COMMIT")

    def _tables(self) -> int:
        return int(self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])

    def close(self) -> None:
        with self.lock:
            self.db.close()

    # Reading: blocks

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[Any]:
        """All rows of a query, read under the lock."""
        with self.lock:
            return self.db.execute(sql, tuple(parameters)).fetchall()

    def row(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """The first row of a query, or None."""
        with self.lock:
            return self.db.execute(sql, tuple(parameters)).fetchone()

    def block(self, id: str) -> BlockRow | None:
        """A block by its id, in trash or not; pages and databases inside a page count as blocks."""
        row = self.row(f"SELECT {BLOCK_COLUMNS} FROM node n WHERE n.id = ?", (id,))
        return None if row is None or row[4] == DATA_SOURCE else block_row(row)

    def blocks(self, ids: Sequence[str]) -> list[BlockRow]:
        """Blocks that are known to exist, in the order of their ids; at most some hundreds."""
        marks = ", ".join("?" * len(ids))
        rows = self.rows(f"SELECT {BLOCK_COLUMNS} FROM node n WHERE n.id IN ({marks})", ids)
        found = {row[1]: block_row(row) for row in rows}
        return [found[id] for id in ids]

    def children(self, id: str, limit: int = -1, after: tuple[int, int] | None = None) -> list[BlockRow]:
        """The children of a page or block in their order, without those in trash.

        `after` is (rank, seq) of the last one seen.
        """
        where, parameters = "", [id]
        if after is not None:
            where, parameters = "AND (n.rank, n.seq) > (?, ?)", [id, *after]  # type: ignore[list-item]
        rows = self.rows(
            f"SELECT {BLOCK_COLUMNS} FROM node n WHERE n.parent = ? AND n.trash = 0 {where} "
            "ORDER BY n.rank, n.seq LIMIT ?",
            [*parameters, limit],
        )
        return [block_row(row) for row in rows]

    def subtree(self, id: str) -> list[BlockRow]:
        """Everything below a page or block in reading order (parents before their children), in one query.

        Child pages and databases are listed, what stands in them is not.
        """
        rows = self.rows(
            f"""
            WITH RECURSIVE below(id) AS (
              SELECT id FROM node WHERE parent = ?1 AND trash = 0
              UNION ALL
              SELECT c.id FROM below JOIN node b ON b.id = below.id JOIN node c ON c.parent = b.id AND c.trash = 0
              WHERE b.title IS NULL
            )
            SELECT {BLOCK_COLUMNS} FROM below JOIN node n ON n.id = below.id ORDER BY n.rank, n.seq
            """,
            (id,),
        )
        return in_reading_order(id, [block_row(row) for row in rows])

    # Reading: pages and databases

    def page(self, id: str) -> PageRow | None:
        """A page, database or data source by its id, in trash or not."""
        row = self.row(f"{PAGES} WHERE n.id = ? AND n.title IS NOT NULL", (id,))
        return None if row is None else page_row(row)

    def roots(self) -> list[PageRow]:
        """Pages and databases at the root of the workspace, in order."""
        return self.pages("WHERE n.parent IS NULL AND n.trash = 0 ORDER BY n.rank, n.seq")

    def child_pages(self, id: str) -> list[PageRow]:
        """Pages and databases that stand directly in a page, in order (also those inside its columns and toggles)."""
        return self.pages(
            "WHERE n.page = ? AND n.title IS NOT NULL AND n.type != 'data_source' AND n.trash = 0 "
            "ORDER BY n.rank, n.seq",
            (id,),
        )

    def ancestors(self, id: str) -> list[PageRow]:
        """The pages and databases above a page or block, the outermost first, itself not among them."""
        rows = self.rows(
            f"""
            WITH RECURSIVE up(id, level) AS (
              SELECT parent, 1 FROM node WHERE id = ?
              UNION ALL
              SELECT node.parent, level + 1 FROM up JOIN node ON node.id = up.id WHERE level < 10000
            )
            {PAGES} JOIN up ON up.id = n.id
            WHERE n.title IS NOT NULL AND n.type != 'data_source' ORDER BY up.level DESC
            """,
            (id,),
        )
        return [page_row(row) for row in rows]

    def search(self, query: str, limit: int = 20) -> list[PageRow]:
        """Pages and databases whose title holds `query` (case ignored), the last edited first."""
        return self.pages(
            f"WHERE n.title IS NOT NULL AND instr(fold(n.title), ?) AND n.type != 'data_source' AND {ALIVE} "
            "ORDER BY n.edited DESC, n.seq DESC LIMIT ?",
            (query.casefold(), limit),
        )

    def database(self, id: str) -> PageRow | None:
        """A database, with the schema of its first data source as `properties`."""
        found = self.page(id)
        if found is None or found.kind != "database":
            return None
        sources = self.data_sources(id)
        return replace(found, properties=sources[0].properties) if sources else found

    def data_sources(self, database_id: str) -> list[PageRow]:
        return self.pages("WHERE n.parent = ? AND n.trash = 0 ORDER BY n.rank, n.seq", (database_id,))

    def records(self, database_id: str) -> list[PageRow]:
        """The records of a database (of all its data sources), in the order in which they were made."""
        return self.pages(
            "WHERE n.page = ? AND n.title IS NOT NULL AND n.type = 'child_page' AND n.trash = 0 ORDER BY n.rank, n.seq",
            (database_id,),
        )

    def pages(self, where: str, parameters: Iterable[Any] = ()) -> list[PageRow]:
        """Pages, databases and data sources `n` that fulfil a piece of SQL."""
        return [page_row(row) for row in self.rows(f"{PAGES} {where}", parameters)]

    # History

    def version(self) -> int:
        """The number of the last committed write; 0 in an empty workspace."""
        return int(self.row("SELECT coalesce(max(version), 0) FROM write")[0])

    def changes_since(self, version: int, limit: int = 1000) -> list[Change]:
        """What was written after `version`, oldest first."""
        return self._changes("WHERE c.version > ? ORDER BY c.version, c.rowid LIMIT ?", (version, limit))

    def history(self, page_id: str, limit: int = 200) -> list[Change]:
        """What each write did to a page, newest first."""
        return self._changes(
            "WHERE c.page = ? ORDER BY c.version DESC, c.rowid DESC LIMIT ?", (page_id, limit)
        )

    def _changes(self, where: str, parameters: Iterable[Any]) -> list[Change]:
        sql = (
            "SELECT c.version, w.time, w.request, w.actor, c.page, c.kind, c.blocks, c.before "
            f"FROM change c JOIN write w ON w.version = c.version {where}"
        )
        return [
            Change(
                row[0],
                moment(row[1]),
                row[2],
                row[3],
                row[4],
                row[5],
                tuple(json.loads(row[6])),
                json.loads(row[7] or "{}"),
            )
            for row in self.rows(sql, parameters)
        ]

    # Writing

    @contextmanager
    def write(self, request: str = "", actor: str = "") -> Iterator[Writer]:
        """One transaction: all of it happens, or nothing.

        `request` and `actor` go into the history. The writer must not be used after the block.
        """
        from publisher.emulator.writing import Writer

        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                writer = Writer(self, request, actor, milliseconds(self.clock()))
                yield writer
                writer.finish()
                self.db.execute("COMMIT")
            except BaseException:
                if self.db.in_transaction:
                    self.db.execute("ROLLBACK")
                raise
