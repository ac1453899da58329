"""Changing the workspace inside one transaction, and noting what was changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from publisher.emulator.rows import DATA_SOURCE, DATABASE, PAGE

if TYPE_CHECKING:
    from publisher.emulator.store import Store

GAP = 1 << 32  # between the ranks of neighbours; 32 insertions at one place before a renumbering


@dataclass(frozen=True, slots=True)
class NewBlock:
    """A block to write: content in the stored form."""

    type: str
    content: Mapping[str, Any]
    children: Sequence[NewBlock] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where among the children of a parent: `anchor` is the sibling for after and before."""

    where: Literal["start", "end", "after", "before"] = "end"
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A row of `node` as it stands, for decisions before a write."""

    id: str
    parent: str | None
    page: str | None
    type: str
    rank: int
    trash: int
    content: str
    title: str | None
    properties: str | None
    edited: int
    head: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a page, database or data source has beside its children; `properties` by property id."""

    title: str
    properties: Mapping[str, Any]
    icon: Mapping[str, Any] | None = None
    cover: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] | None = None


END = Place()
_COLUMNS = "id, parent, page, type, rank, trash, content, title, properties, edited, head"
_INSERT = (
    "INSERT INTO node(id, parent, page, type, rank, content, title, properties, icon, cover, "
    "created, edited, head, created_by, edited_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once, not for every value


def dump(value: object) -> str:
    """JSON as it is stored and sent."""
    return _ENCODER.encode(value)


class Writer:
    """The methods that change things. Made by `Store.write`; ids must exist where not said otherwise."""

    def __init__(self, store: Store, request: str, actor: str, now: int) -> None:
        self.store = store
        self.db = store.db
        self.request = request
        self.actor = actor
        self.now = now
        self._changes: dict[tuple[str, str], list[str]] = {}
        self._before: dict[tuple[str, str], dict[str, Any]] = {}

    # Looking

    def node(self, id: str) -> NodeRow | None:
        row = self.db.execute(f"SELECT {_COLUMNS} FROM node WHERE id = ?", (id,)).fetchone()
        return None if row is None else NodeRow(*row)

    def archived(self, id: str | None) -> bool:
        """Whether the node or anything above it is in trash."""
        return bool(
            self.db.execute(
                "WITH RECURSIVE up(id, trash) AS (SELECT parent, trash FROM node WHERE id = ? "
                "UNION ALL SELECT node.parent, node.trash FROM up JOIN node ON node.id = up.id) "
                "SELECT 1 FROM up WHERE trash = 1 LIMIT 1",
                (id,),
            ).fetchone()
        )

    def inside(self, id: str | None, ancestor: str) -> bool:
        """Whether `ancestor` is the node itself or stands above it."""
        return bool(
            self.db.execute(
                "WITH RECURSIVE up(id) AS (SELECT ? UNION ALL SELECT node.parent FROM up JOIN node ON node.id = up.id) "
                "SELECT 1 FROM up WHERE id = ? LIMIT 1",
                (id, ancestor),
            ).fetchone()
        )

    # Blocks

    def insert(
        self, parent: str, page: str, blocks: Sequence[NewBlock], place: Place = END, *, quiet: bool = False
    ) -> list[str]:
        """Write blocks under a page or block; the ids of the first level, in order. `quiet`: not in the history."""
        if not blocks:
            return []
        rows: list[tuple[Any, ...]] = []
        ranks = self._ranks(parent, len(blocks), place)
        top = [
            self._flatten(block, parent, page, rank, rows) for block, rank in zip(blocks, ranks, strict=True)
        ]
        self.db.executemany(_INSERT, rows)
        if not quiet:
            self.note(page, "created", *(row[0] for row in rows))
        return top

    def _flatten(
        self, block: NewBlock, parent: str, page: str, rank: int, rows: list[tuple[Any, ...]]
    ) -> str:
        id = str(uuid4())
        now, actor = self.now, self.actor
        own = (id, parent, page, block.type, rank, dump(block.content), None, None, None, None)
        rows.append((*own, now, now, now, actor, actor))
        for number, child in enumerate(block.children, 1):
            self._flatten(child, id, page, number * GAP, rows)
        return id

    def update(self, node: NodeRow, content: Mapping[str, Any]) -> None:
        """Replace the content of a block."""
        assert node.page is not None
        self.db.execute(
            "UPDATE node SET content = ?, edited = max(?, edited + 1), edited_by = ? WHERE id = ?",
            (dump(content), self.now, self.actor, node.id),
        )
        self.note(node.page, "updated", node.id)
        self._before.setdefault((node.page, "updated"), {}).setdefault(node.id, json.loads(node.content))

    def trash(self, node: NodeRow, in_trash: bool) -> None:
        """Put a node into trash or take it out; what stands below it goes along."""
        if bool(node.trash) == in_trash:
            return
        self.db.execute(
            "UPDATE node SET trash = ?, edited = max(?, edited + 1), head = max(?, head + 1), edited_by = ? "
            "WHERE id = ?",
            (int(in_trash), self.now, self.now, self.actor, node.id),
        )
        if node.page is not None:
            self.note(node.page, "deleted" if in_trash else "restored", node.id)
        if node.title is not None:
            self.note(node.id, "page_trashed" if in_trash else "page_restored")

    # Pages, databases, data sources

    def insert_page(
        self, parent: str | None, page: str | None, type: str, head: Head, place: Place = END, id: str = ""
    ) -> str:
        """Write a page, database or data source; `page` is the page it stands in, for records the database."""
        assert type in (PAGE, DATABASE, DATA_SOURCE)
        id = id or str(uuid4())
        rank = self._ranks(parent, 1, place)[0]
        now, actor = self.now, self.actor
        values = (id, parent, page, type, rank, dump(head.extra or {}), head.title, dump(head.properties))
        pictures = (_dump(head.icon), _dump(head.cover))
        self.db.execute(_INSERT, (*values, *pictures, now, now, now, actor, actor))
        self.note(id, "page_created")
        if page is not None:
            self.note(page, "created", id)
        return id

    def update_page(self, node: NodeRow, **columns: Any) -> None:
        """Set columns of a page: title (plain), properties, icon, cover, extra; dicts are stored as JSON."""
        if "extra" in columns:
            columns["content"] = columns.pop("extra")
        names = list(columns)
        values = [value if name == "title" else _dump(value) for name, value in columns.items()]
        assignments = "".join(f", {name} = ?" for name in names)
        self.db.execute(
            f"UPDATE node SET edited = max(?, edited + 1), head = max(?, head + 1), edited_by = ?{assignments} "
            "WHERE id = ?",
            (self.now, self.now, self.actor, *values, node.id),
        )
        self.note(node.id, "page_updated")

    def move(self, node: NodeRow, parent: str | None, page: str | None, place: Place = END) -> None:
        """Put a page or database under another parent, or at another place of the same."""
        rank = self._ranks(parent, 1, place)[0]
        self.db.execute(
            "UPDATE node SET parent = ?, page = ?, rank = ?, edited = max(?, edited + 1), head = max(?, head + 1), "
            "edited_by = ? WHERE id = ?",
            (parent, page, rank, self.now, self.now, self.actor, node.id),
        )
        self.note(node.id, "page_moved")
        for touched in dict.fromkeys((node.page, page)):
            if touched is not None:
                self.note(touched, "moved", node.id)

    # Order

    def _ranks(self, parent: str | None, count: int, place: Place) -> list[int]:
        for _ in range(2):
            low, high = self._neighbours(parent, place)
            if high is None:
                return [(low or 0) + GAP * number for number in range(1, count + 1)]
            if low is None:
                return [high - GAP * (count - number) for number in range(count)]
            step = (high - low) // (count + 1)
            if step:
                return [low + step * number for number in range(1, count + 1)]
            self._renumber(parent)
        raise AssertionError("a fresh numbering leaves room for every insertion of one request")

    def _neighbours(self, parent: str | None, place: Place) -> tuple[int | None, int | None]:
        if place.where == "end":
            return self._extreme(parent, "", "DESC"), None
        if place.where == "start":
            return None, self._extreme(parent, "", "ASC")
        rank = self.db.execute("SELECT rank FROM node WHERE id = ?", (place.anchor,)).fetchone()[0]
        if place.where == "after":
            return rank, self._extreme(parent, f"AND rank > {int(rank)}", "ASC")
        return self._extreme(parent, f"AND rank < {int(rank)}", "DESC"), rank

    def _extreme(self, parent: str | None, where: str, direction: str) -> int | None:
        """The first or last rank, by two seeks of the index (what is in trash keeps its place)."""
        found = []
        for trash in (0, 1):
            row = self.db.execute(
                f"SELECT rank FROM node WHERE parent IS ? AND trash = {trash} {where} "
                f"ORDER BY rank {direction} LIMIT 1",
                (parent,),
            ).fetchone()
            if row is not None:
                found.append(int(row[0]))
        if not found:
            return None
        return max(found) if direction == "DESC" else min(found)

    def _renumber(self, parent: str | None) -> None:
        rows = self.db.execute(
            "SELECT seq FROM node WHERE parent IS ? ORDER BY rank, seq", (parent,)
        ).fetchall()
        ranks = [(number * GAP, row[0]) for number, row in enumerate(rows, 1)]
        self.db.executemany("UPDATE node SET rank = ? WHERE seq = ?", ranks)

    # History

    def note(self, page: str, kind: str, *ids: str) -> None:
        """Remember that this write changed a page."""
        self._changes.setdefault((page, kind), []).extend(ids)

    def changed(self) -> Iterator[tuple[str, str]]:
        yield from self._changes

    def finish(self) -> None:
        """Called by the store before the commit: edit times of the pages, and the history."""
        if not self._changes:
            return
        for page in {page for page, kind in self._changes if not kind.startswith("page_")}:
            self.db.execute(
                "UPDATE node SET edited = max(?, edited + 1), edited_by = ? WHERE id = ?",
                (self.now, self.actor, page),
            )
        version = self.db.execute(
            "INSERT INTO write(time, request, actor) VALUES (?, ?, ?)", (self.now, self.request, self.actor)
        ).lastrowid
        rows = [
            (version, page, kind, dump(ids), _dump(self._before.get((page, kind))))
            for (page, kind), ids in self._changes.items()
        ]
        self.db.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?)", rows)


def _dump(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else dump(value)
