"""The state: what we know of the last publish, in one SQLite file per folder, target and parent.

Nothing in it is needed to read the pages; everything in it saves requests. Every answer of a service is committed
before the next request about the same page is sent, and every write's intent before the write, so a process that
is stopped at any instant leaves a state from which the next run goes on.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from publisher.cache import TABLES, Cache
from publisher.disk import connect, snapshot, transaction, trouble
from publisher.errors import StorageError, UsageError
from publisher.known import Intent, KnownDatabase, KnownPage, KnownUpload
from publisher.locking import ignore_in_git
from publisher.notes import dump_nodes, load_nodes, revive, to_json
from publisher.planning.base import Node
from publisher.planning.settle import record

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
  key TEXT PRIMARY KEY, path TEXT NOT NULL, id TEXT NOT NULL UNIQUE, url TEXT NOT NULL, parent TEXT NOT NULL, title TEXT NOT NULL,
  source BLOB NOT NULL, sketch BLOB NOT NULL, content BLOB NOT NULL, head TEXT NOT NULL, links TEXT NOT NULL,
  base TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0, published REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS listing ON pages (removed, parent, path, title, id, url);
CREATE TABLE IF NOT EXISTS databases (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
  schema TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
  hash TEXT NOT NULL, page TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, status TEXT NOT NULL,
  parts TEXT NOT NULL, made REAL NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (hash, page)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, page TEXT NOT NULL, op TEXT NOT NULL, ids TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS intents (
  id INTEGER PRIMARY KEY, page TEXT NOT NULL, op TEXT NOT NULL, key TEXT NOT NULL,
  at REAL NOT NULL);
"""


class Store:
    """The state of one folder published to one place. Not for several threads at once.

    `cache` is what was found out about its files. Without a path it is empty, in memory, and gone afterwards. With
    `reading`, a state that cannot be written is copied into memory: what is noted there is gone afterwards as well.
    Every method raises `StorageError` when the disk is full or broken.

    Raises:
        UsageError: the file is not a state of this version, or cannot be opened.
    """

    def __init__(self, path: Path | None, reading: bool = False) -> None:
        self.path = path or Path(":memory:")
        self._pages: dict[str, KnownPage] | None = None  # what `pages` says, as long as only we write
        try:
            self._db = self._connected(path, reading)
            self._open()
        except (OSError, StorageError) as error:
            known = error if isinstance(error, StorageError) else trouble(self.path, error)
            raise UsageError(known.message, known.hint) from error
        self.cache = Cache(self._db)

    @staticmethod
    def _connected(path: Path | None, reading: bool) -> sqlite3.Connection:
        if path is None:
            return connect(Path(":memory:"))
        if reading and path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            return snapshot(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        ignore_in_git(path.parent)
        return connect(path)

    def _open(self) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA + TABLES)
        version = self.meta("schema") or str(SCHEMA_VERSION)
        if version != str(SCHEMA_VERSION):
            raise UsageError(
                f"The state file {self.path} was written by another version of pagemill (schema {version}).",
                "Update pagemill, or move the file away: the pages are then recognised again.",
            )
        if self.meta("schema") is None:
            self.set_meta("schema", str(SCHEMA_VERSION))

    def close(self) -> None:
        self._db.close()

    def copy(self) -> Store:
        """The same state in memory: what is done to it is gone afterwards."""
        other = Store(None)
        other.path = self.path
        self._db.backup(other._db)
        return other

    def generation(self) -> str:
        """A digest of what is known of the workspace: it changes with every publish that sends something."""
        digest = blake2b(digest_size=16)
        for table in ("pages", "databases", "journal", "intents"):
            for row in self._db.execute(f"SELECT * FROM {table} ORDER BY 1"):
                digest.update(repr(row).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested use joins the outer one."""
        try:
            with transaction(self._db):
                yield
        except BaseException:
            self._pages = None
            raise

    def written_elsewhere(self) -> int:
        """A number that changes when another process writes to the state; `refresh` then forgets what is remembered."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def refresh(self) -> None:
        self._pages = None

    def meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # -- pages ---------------------------------------------------------------------------------------------

    def pages(self) -> dict[str, KnownPage]:
        """All pages by key, without their base trees (read those with `page`). Read from the file once."""
        if self._pages is None:
            rows = self._db.execute(
                "SELECT key, path, id, url, parent, title, source, sketch, content, head, links, '[]', removed, published"
                " FROM pages"
            )
            self._pages = {row[0]: _page(row) for row in rows}
        return dict(self._pages)

    def listing(self) -> Iterator[KnownPage]:
        """All pages with no more than their names, parents, ids and addresses: what a report says of them."""
        rows = self._db.execute(
            "SELECT key, id, url, parent, title, removed, path FROM pages INDEXED BY listing ORDER BY key"
        )
        for key, id, url, parent, title, removed, path in rows:
            yield KnownPage(key, id, url, parent, title, removed=bool(removed), path=path)

    def page(self, key: str) -> KnownPage | None:
        """One page with its base tree, as it stands after all that was noted since the tree was saved."""
        row = self._db.execute("SELECT * FROM pages WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        page = _page(row)
        notes = self._db.execute("SELECT op, ids FROM journal WHERE page = ? ORDER BY id", (key,)).fetchall()
        for op, ids in notes:
            done = revive(json.loads(op))
            assert done is not None  # only what changes a tree is noted
            page = replace(page, base=record(page.base, done, json.loads(ids), page.id))
        return page

    def note(self, key: str, op: Mapping[str, Any], ids: Sequence[str] = ()) -> None:
        """What a request has done to a page; its body counts as incomplete until the page is saved again."""
        self._db.execute(
            "INSERT INTO journal (page, op, ids) VALUES (?, ?, ?)", (key, to_json(op), to_json(list(ids)))
        )
        self._db.execute("UPDATE pages SET content = x'' WHERE key = ? AND content != x''", (key,))
        self._remember(key, content=b"")

    def save_page(self, page: KnownPage) -> None:
        row = (
            page.key, page.path, page.id, page.url, page.parent, page.title, page.source, page.sketch, page.content,
            to_json(page.head), to_json(page.links), dump_nodes(page.base), page.removed,
            page.published or time.time(),
        )  # fmt: skip
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
            self._db.execute("DELETE FROM journal WHERE page = ?", (page.key,))
        before = self._pages.get(page.key) if self._pages is not None else None
        if self._pages is None or before is None or before.id != page.id:
            self._pages = None  # a row of the same id may have gone
        else:
            self._pages[page.key] = replace(page, base=(), published=row[-1])

    def save_base(self, key: str, base: tuple[Node, ...]) -> None:
        """What stands in the page now; its body counts as incomplete until `complete`."""
        with self.transaction():
            self._db.execute(
                "UPDATE pages SET base = ?, content = x'' WHERE key = ?", (dump_nodes(base), key)
            )
            self._db.execute("DELETE FROM journal WHERE page = ?", (key,))
        self._remember(key, content=b"")

    def update_page(self, key: str, **columns: object) -> None:
        """Set single columns (their names are those of `KnownPage`; `head` and `links` as mappings)."""
        names = ", ".join(f"{name} = ?" for name in columns)
        values = [to_json(v) if isinstance(v, Mapping) else v for v in columns.values()]
        self._db.execute(f"UPDATE pages SET {names} WHERE key = ?", (*values, key))
        self._remember(key, **columns)

    def _remember(self, key: str, **columns: Any) -> None:
        if self._pages is not None and key in self._pages:
            self._pages[key] = replace(self._pages[key], **columns)

    def rename_pages(self, renames: Mapping[str, str]) -> None:
        """Give pages new keys; swaps and chains are fine. Parents' keys follow."""
        self._pages = None
        with self.transaction():
            for old in renames:
                self._db.execute("UPDATE pages SET key = ? WHERE key = ?", (f"\x01{old}", old))
            for table in ("journal", "intents"):
                self._rename(table, renames)
            for old, new in renames.items():
                self._db.execute("UPDATE pages SET key = ? WHERE key = ?", (new, f"\x01{old}"))
                self._db.execute("UPDATE pages SET parent = ? WHERE parent = ?", (f"\x01{new}", old))
            self._db.execute(
                "UPDATE pages SET parent = substr(parent, 2) WHERE substr(parent, 1, 1) = char(1)"
            )

    def _rename(self, table: str, renames: Mapping[str, str]) -> None:
        pages = [
            row[0] for row in self._db.execute(f"SELECT DISTINCT page FROM {table}") if row[0] in renames
        ]
        for page in pages:
            self._db.execute(f"UPDATE {table} SET page = ? WHERE page = ?", (f"\x01{page}", page))
        for page in pages:
            self._db.execute(f"UPDATE {table} SET page = ? WHERE page = ?", (renames[page], f"\x01{page}"))

    def forget_page(self, key: str) -> None:
        """Forget a page and all below it, as trash takes them along, with the writes to them that are in doubt."""
        below = (
            "WITH RECURSIVE below(key) AS (VALUES (?) UNION"
            " SELECT pages.key FROM pages JOIN below ON pages.parent = below.key) SELECT key FROM below"
        )
        self._pages = None
        with self.transaction():
            keys = {row[0] for row in self._db.execute(below, (key,))}
            ids = "DELETE FROM uploads WHERE page = (SELECT id FROM pages WHERE key = ?)"
            self._db.executemany(ids, ((gone,) for gone in keys))
            self._db.executemany("DELETE FROM pages WHERE key = ?", ((gone,) for gone in keys))
            for intent in self.intents():
                if intent.page in keys and intent.op.get("op") != "create":
                    self.end(intent.id)

    # -- databases -----------------------------------------------------------------------------------------

    def databases(self) -> dict[str, KnownDatabase]:
        """All databases by key."""
        rows = self._db.execute("SELECT key, id, source, url, title, schema, made FROM databases")
        return {
            key: KnownDatabase(key, id, source, url, title, json.loads(schema), bool(made))
            for key, id, source, url, title, schema, made in rows
        }

    def save_database(self, known: KnownDatabase) -> None:
        row = (known.key, known.id, known.source, known.url, known.title, to_json(known.schema), known.made)
        self._db.execute("INSERT OR REPLACE INTO databases VALUES (?,?,?,?,?,?,?)", row)

    def forget_database(self, key: str) -> None:
        """Forget a database and its records, with all below them."""
        with self.transaction():
            self.forget_page(key)
            self._db.execute("DELETE FROM databases WHERE key = ?", (key,))

    def archived(self) -> frozenset[str]:
        """The keys of pages that were moved to trash on purpose, to be left there."""
        found: list[str] = json.loads(self.meta("archived") or "[]")
        return frozenset(found)

    def set_archived(self, key: str, archived: bool) -> None:
        keys = self.archived() | {key} if archived else self.archived() - {key}
        self.set_meta("archived", json.dumps(sorted(keys)))

    # -- uploaded files -------------------------------------------------------------------------------------

    def uploads(self) -> dict[tuple[str, str], KnownUpload]:
        """All uploaded files by hash and page."""
        rows = self._db.execute("SELECT hash, page, kind, reference, status, parts, made, used FROM uploads")
        return {(row[0], row[1]): _upload(row) for row in rows}

    def save_upload(self, known: KnownUpload) -> None:
        status = "uploaded" if known.whole else "again" if known.again else "pending"
        parts = json.dumps(dict(known.parts))
        row = (
            known.hash,
            known.page,
            known.kind,
            to_json(known.reference),
            status,
            parts,
            known.made,
            known.used,
        )
        self._db.execute("INSERT OR REPLACE INTO uploads VALUES (?,?,?,?,?,?,?,?)", row)

    def forget_upload(self, hash: str, page: str) -> None:
        self._db.execute("DELETE FROM uploads WHERE hash = ? AND page = ?", (hash, page))

    # -- intents -------------------------------------------------------------------------------------------

    def begin(self, page: str, op: Mapping[str, Any], key: str = "") -> int:
        """Note a write that is about to be sent; on disk when this returns."""
        row = self._db.execute(
            "INSERT INTO intents (page, op, key, at) VALUES (?, ?, ?, ?)",
            (page, to_json(op), key, time.time()),
        )
        assert row.lastrowid is not None
        return row.lastrowid

    def end(self, intent: int) -> None:
        self._db.execute("DELETE FROM intents WHERE id = ?", (intent,))

    def intents(self) -> list[Intent]:
        rows = self._db.execute("SELECT id, page, op, key FROM intents ORDER BY id")
        return [Intent(row[0], row[1], json.loads(row[2]), row[3]) for row in rows]


def _page(row: tuple[Any, ...]) -> KnownPage:
    key, path, id, url, parent, title, source, sketch, content, head, links, base, removed, published = row
    return KnownPage(
        key, id, url, parent, title, source, sketch, content, json.loads(head), json.loads(links),
        load_nodes(base), bool(removed), published, path,
    )  # fmt: skip


def _upload(row: tuple[Any, ...]) -> KnownUpload:
    hash, page, kind, reference, status, parts, made, used = row
    sent, whole, again = json.loads(parts), status == "uploaded", status == "again"
    numbered = {int(number): digest for number, digest in sent.items()}
    return KnownUpload(hash, page, kind, json.loads(reference), whole, numbered, again, made, bool(used))
