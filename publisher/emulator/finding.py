"""Search by title, for both services: page by page over the last edited (or created) pages, databases, sources."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from publisher.emulator.check import invalid
from publisher.emulator.cursors import cut, unpack
from publisher.emulator.rows import PageRow
from publisher.emulator.store import Store
from publisher.emulator.tables import ALIVE


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for. `types` are stored types (child_page, child_database, data_source)."""

    query: str
    types: Collection[str]
    order: Literal["edited", "created"] = "edited"
    descending: bool = True
    in_trash: bool = False


def search(
    store: Store, wanted: Search, size: int, cursor: str | None, *, as_uuid: bool
) -> tuple[list[PageRow], str | None]:
    """One page of results, and the cursor for the next. What stands in trash, or below something there, is left out.

    Raises:
        Refusal: the cursor is not one of this search.
    """
    name = f"search:{wanted}"
    where, parameters = "", []
    if cursor is not None:
        seq = unpack(cursor, name)
        last = store.row(f"SELECT {wanted.order} FROM node WHERE seq = ?", (seq,))
        if last is None:
            raise invalid((None, "start_cursor"), "The start_cursor provided is invalid.")
        where = f"AND (n.{wanted.order}, n.seq) {'<' if wanted.descending else '>'} (?, ?)"
        parameters = [last[0], seq]
    direction = "DESC" if wanted.descending else "ASC"
    types = ", ".join(f"'{type}'" for type in sorted(wanted.types))
    rows = store.pages(
        f"WHERE n.title IS NOT NULL AND n.type IN ({types}) AND {'n.trash = 1' if wanted.in_trash else ALIVE} "
        f"AND instr(fold(n.title), ?) {where} ORDER BY n.{wanted.order} {direction}, n.seq {direction} LIMIT ?",
        [wanted.query.casefold(), *parameters, size + 1],
    )
    return cut(rows, size, lambda row: row.seq, name, as_uuid=as_uuid)
