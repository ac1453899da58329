"""The workspace on disk: one SQLite file in WAL mode, read and written by several threads and processes.

Everything that can stand somewhere (pages, databases, data sources, blocks) is a row of one table `node`, so that
parents, children and trash work alike for all. One connection behind a lock serves all threads; other processes
are kept apart by SQLite itself (a write begins with BEGIN IMMEDIATE and waits up to ten seconds for its turn).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.emulator.rows import (
    DATA_SOURCE,
    DATABASE,
    PAGE,
    BlockRow,
    Change,
    PageRow,
    milliseconds,
    moment,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from publisher.emulator.writing import Writer

FORMAT = 1  # `PRAGMA user_version` of the file

SCHEMA = """
CREATE TABLE node(
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,       -- dashed, lower case
  parent     TEXT,                       -- id of the node it stands in; NULL: the root of the workspace
  page       TEXT,                       -- the page it stands in; for a record and a data source the database
  type       TEXT NOT NULL,              -- the block's type; child_page, child_database, data_source
  rank       INTEGER NOT NULL,           -- order among the children of one parent, with gaps
  trash      INTEGER NOT NULL DEFAULT 0,
  content    TEXT NOT NULL DEFAULT '{}', -- blocks: their content; pages: PageRow.extra
  title      TEXT,                       -- pages, databases, data sources: plain text
  properties TEXT,                       -- pages: values by property id; data sources: schema by property id
  icon       TEXT,
  cover      TEXT,
  created    INTEGER NOT NULL,           -- milliseconds since 1970
  edited     INTEGER NOT NULL,
  head       INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  edited_by  TEXT NOT NULL
);
CREATE INDEX node_children ON node(parent, trash, rank);
CREATE INDEX node_pages ON node(edited, seq) WHERE title IS NOT NULL;
CREATE INDEX node_in_page ON node(page, trash, rank) WHERE title IS NOT NULL;
CREATE TABLE write(
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  time    INTEGER NOT NULL,
  request TEXT NOT NULL,
  actor   TEXT NOT NULL
);
CREATE TABLE change(
  version INTEGER NOT NULL,
  page    TEXT NOT NULL,
  kind    TEXT NOT NULL,
  blocks  TEXT NOT NULL,
  before  TEXT
);
CREATE INDEX change_page ON change(page, version);
CREATE INDEX change_version ON change(version);
CREATE TABLE idempotency(
  key    TEXT PRIMARY KEY,
  digest BLOB NOT NULL,
  answer BLOB NOT NULL
);
CREATE TABLE file(
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  service      TEXT NOT NULL,
  mode         TEXT NOT NULL,
  status       TEXT NOT NULL,
  name         TEXT,
  content_type TEXT,
  size         INTEGER,
  parts        INTEGER NOT NULL DEFAULT 1,
  secret       TEXT NOT NULL,
  created      INTEGER NOT NULL,
  expires      INTEGER
);
CREATE TABLE file_part(
  file   TEXT NOT NULL,
  number INTEGER NOT NULL,
  data   BLOB NOT NULL,
  PRIMARY KEY(file, number)
);
"""

_HAS_CHILDREN = "EXISTS(SELECT 1 FROM node c WHERE c.parent = n.id AND c.trash = 0)"
BLOCK_COLUMNS = (
    "n.seq, n.id, n.parent, n.page, n.type, n.content, n.title, "
    f"{_HAS_CHILDREN}, n.created, n.edited, n.created_by, n.edited_by, n.trash"
)
PAGE_COLUMNS = (
    "n.seq, n.id, n.type, n.title, n.parent, n.page, n.icon, n.cover, n.properties, n.content, n.created, n.edited, "
    f"n.head, n.created_by, n.edited_by, n.trash, {_HAS_CHILDREN}, p.type, p.properties"
)
# Neither the node nor anything above it is in trash.
ALIVE = (
    "n.trash = 0 AND NOT EXISTS(WITH RECURSIVE up(id, trash) AS (SELECT n.parent, 0 UNION ALL "
    "SELECT a.parent, a.trash FROM up JOIN node a ON a.id = up.id) SELECT 1 FROM up WHERE trash = 1)"
)
_PAGES = f"SELECT {PAGE_COLUMNS} FROM node n LEFT JOIN node p ON p.id = n.parent"
_KINDS = {PAGE: "page", DATABASE: "database", DATA_SOURCE: "data_source"}


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

    def _create(self) -> None:
        found = self.db.execute("PRAGMA user_version").fetchone()[0]
        if found == FORMAT:
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            found = self.db.execute("PRAGMA user_version").fetchone()[
                0
            ]  # another process may have been first
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
        return _in_reading_order(id, [block_row(row) for row in rows])

    # Reading: pages and databases

    def page(self, id: str) -> PageRow | None:
        """A page, database or data source by its id, in trash or not."""
        row = self.row(f"{_PAGES} WHERE n.id = ? AND n.title IS NOT NULL", (id,))
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
            {_PAGES} JOIN up ON up.id = n.id
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
        return _with_properties(found, sources[0].properties) if sources else found

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
        return [page_row(row) for row in self.rows(f"{_PAGES} {where}", parameters)]

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
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")


def _in_reading_order(root: str, blocks: list[BlockRow]) -> list[BlockRow]:
    """Parents before their children; `blocks` are sorted by rank (SQLite's own depth-first order is lost in a join)."""
    below: dict[str, list[BlockRow]] = {}
    for block in blocks:
        below.setdefault(block.parent_id, []).append(block)
    ordered, stack = [], list(reversed(below.get(root, [])))
    while stack:
        block = stack.pop()
        ordered.append(block)
        stack.extend(reversed(below.get(block.id, [])))
    return ordered


def block_row(row: Any) -> BlockRow:
    """A row of `BLOCK_COLUMNS` as a value."""
    seq, id, parent, page, type, content, title, full, created, edited, created_by, edited_by, trash = row
    return BlockRow(
        seq,
        id,
        parent or "",
        page or "",
        type,
        {"title": title} if title is not None else json.loads(content),
        bool(full),
        moment(created),
        moment(edited),
        created_by,
        edited_by,
        bool(trash),
    )


def page_row(row: Any) -> PageRow:
    """A row of `PAGE_COLUMNS` as a value."""
    (seq, id, type, title, parent, page, icon, cover, properties, extra, created, edited, head) = row[:13]
    created_by, edited_by, trash, full, parent_type, schema = row[13:]
    return PageRow(
        seq,
        id,
        _KINDS[type],  # type: ignore[arg-type]
        title,
        _parent_type(parent, parent_type),
        parent or "",
        page if parent_type == DATA_SOURCE else parent if type == DATA_SOURCE else "",
        json.loads(icon) if icon else None,
        json.loads(cover) if cover else None,
        _by_name(row, type, json.loads(properties or "{}"), schema if parent_type == DATA_SOURCE else None),
        json.loads(extra),
        moment(created),
        moment(edited),
        moment(head),
        created_by,
        edited_by,
        bool(trash),
        bool(full),
    )


def _parent_type(parent: str | None, type: str | None) -> str:
    if parent is None:
        return "workspace"
    names = {PAGE: "page_id", DATABASE: "database_id", DATA_SOURCE: "data_source_id"}
    return names.get(type or "", "block_id")


def _by_name(row: Any, type: str, properties: dict[str, Any], schema: str | None) -> dict[str, Any]:
    """Values and schemas are kept by property id, so that renaming a property touches one row; shown by name."""
    if type == DATA_SOURCE:
        return {entry["name"]: entry for entry in properties.values()}
    if schema is None:
        plain = properties or ({"title": {"type": "title", "title": []}} if type == PAGE else {})
        return {id: {"id": id, **value} for id, value in plain.items()}
    shown = {}
    for id, name, kind in _columns(schema):
        value = properties.get(id) or {"type": kind, kind: _unset(kind, row)}
        shown[name] = {"id": id, **value}
    return shown


@lru_cache(maxsize=64)
def _columns(schema: str) -> tuple[tuple[str, str, str], ...]:
    """Id, name and type of the properties of a schema, which many records share."""
    return tuple((id, entry["name"], entry["type"]) for id, entry in json.loads(schema).items())


def _unset(kind: str, row: Any) -> Any:
    """What a property shows that has no value of its own: computed, or empty."""
    computed = {"created_time": 10, "last_edited_time": 11, "created_by": 13, "last_edited_by": 14}
    if kind in computed:
        return row[computed[kind]]
    if kind == "checkbox":
        return False
    return [] if kind in ("title", "rich_text", "multi_select", "people", "files", "relation") else None


def _with_properties(page: PageRow, properties: dict[str, Any]) -> PageRow:
    from dataclasses import replace

    return replace(page, properties=properties)
