"""What the readers of both dialects need while they turn a request's blocks into the stored form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.emulator.check import At, Refusal, array, integer, invalid, link, mapping, string, uuid
from publisher.emulator.rows import milliseconds
from publisher.emulator.store import Store

COLORS = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
HEADINGS = ("heading_1", "heading_2", "heading_3", "heading_4")
MEDIA = ("image", "video", "audio", "pdf", "file")
MARKS = ("bold", "italic", "strikethrough", "underline", "code")

Content = dict[str, Any]


@dataclass
class Reading:
    """Limits of one request, and what has been counted so far.

    `page`: the page that the blocks stand in, None for one that is being created. `shared`: any page may show a file.
    """

    store: Store
    base_url: str
    text: int = 2000
    items: int = 100
    equation: int = 1000
    array: int = 100
    blocks: int = 1000
    depth: int = 2
    page: str | None = None
    shared: bool = True
    counted: int = field(default=0, init=False)

    def count(self, at: At) -> None:
        """One more block in this request."""
        self.counted += 1
        if self.counted > self.blocks:
            reason = f"A request may hold at most {self.blocks} blocks."
            raise invalid(at, reason, limit=self.blocks, actual=self.counted)

    def title(self, id: str) -> str:
        """What a mention of a page shows."""
        row = self.store.row("SELECT title FROM node WHERE id = ?", (id,))
        return (row[0] if row else None) or "Untitled"

    def upload(self, id: str, service: str, at: At) -> Content:
        """The stored form of an uploaded file, which stays from now on.

        Raises:
            Refusal: no such file, its bytes have not arrived, or it has expired.
        """
        about = "SELECT name, status, expires FROM file WHERE id = ? AND service = ?"
        row = self.store.row(about, (id, service))
        if row is None:
            raise Refusal("not_found", f"Could not find file upload with ID: {id}.")
        if row[1] != "uploaded":
            raise invalid(at, f"File upload {id} has status `{row[1]}`; it must be uploaded first.")
        if row[2] is not None and row[2] <= milliseconds(self.store.clock()):
            raise invalid(at, f"File upload {id} has status `expired`; it must be uploaded again.")
        if not self.shared and (owner := self._owner(id)) not in ("", self.page):
            raise invalid(at, f"The file was uploaded for the page {owner}, and can be used there only.")
        self.store.db.execute("UPDATE file SET expires = NULL WHERE id = ?", (id,))
        return {"url": f"{self.base_url}/files/{id}/{_file_name(row[0])}", "upload": id, "name": row[0]}

    def _owner(self, id: str) -> str:
        """The page that a file was uploaded for, "" if that was not noted."""
        row = self.store.row("SELECT page FROM file_page WHERE file = ?", (id,))
        return str(row[0]) if row else ""


def _file_name(name: str | None) -> str:
    from urllib.parse import quote

    return quote((name or "file").replace("/", "_"), safe="")


def settle(type: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Content:
    """The content after an update: what is not named stays; None takes a value away."""
    if type == "synced_block":
        return dict(new)
    if any(key in new for key in ("url", "upload", "page_id", "database_id", "comment_id")):
        keep = ("caption", "align", "caption_align", "name")
        old = {key: value for key, value in old.items() if key in keep}
    return {key: value for key, value in {**old, **new}.items() if value is not None}


def table_rows(width: int, rows: Sequence[Any], at: At) -> None:
    """Every row has as many cells as the table is wide. `rows` are `NewBlock`s."""
    for number, row in enumerate(rows):
        check_width(width, row.content, (at, number))


def check_width(width: int, content: Mapping[str, Any], at: At) -> None:
    cells = len(content["cells"])
    if cells != width:
        reason = f"Number of cells in table row must match the table width of {width}, instead was `{cells}`."
        raise invalid(at, reason, limit=width, actual=cells)


def date_value(value: Any, at: At, *, whole: bool) -> dict[str, Any]:
    """A date of a mention or property. `whole`: end and time_zone must be given, if only as null."""
    from publisher.emulator.check import closed
    from publisher.emulator.dates import check_date, check_zone

    names = ("start", "end", "time_zone")
    required = names if whole else ("start",)
    found = closed(value, at, required=required, optional=names)
    start = check_date(found["start"], (at, "start"))
    end = None if found.get("end") is None else check_date(found["end"], (at, "end"))
    zone = None if found.get("time_zone") is None else check_zone(found["time_zone"], (at, "time_zone"))
    return {"start": start, "end": end, "time_zone": zone}


__all__ = [
    "COLORS",
    "HEADINGS",
    "MARKS",
    "MEDIA",
    "Content",
    "Reading",
    "array",
    "check_width",
    "date_value",
    "integer",
    "link",
    "mapping",
    "settle",
    "string",
    "table_rows",
    "uuid",
]
