"""How the workspace lies in SQLite: the tables, the columns that rows are read from, and rows as values."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE, BlockRow, PageRow, moment

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

# What came later: made also in a workspace that was there before.
LATER = """
CREATE TABLE IF NOT EXISTS comment(
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  node       TEXT NOT NULL,              -- the page or block it is about
  discussion TEXT NOT NULL,
  content    TEXT NOT NULL,              -- rich text
  name       TEXT NOT NULL,              -- what it is signed with; empty: its author's own name
  created    INTEGER NOT NULL,
  created_by TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS comment_node ON comment(node, seq);
CREATE TABLE IF NOT EXISTS file_page(
  file TEXT PRIMARY KEY,
  page TEXT NOT NULL                     -- the page that a file was uploaded for, where the service asks
)
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
PAGES = f"SELECT {PAGE_COLUMNS} FROM node n LEFT JOIN node p ON p.id = n.parent"
_KINDS = {PAGE: "page", DATABASE: "database", DATA_SOURCE: "data_source"}


def in_reading_order(root: str, blocks: list[BlockRow]) -> list[BlockRow]:
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
