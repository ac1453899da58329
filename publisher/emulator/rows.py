"""What the workspace holds, as values: the rows that the store gives out.

Content stands in one form that belongs to neither service; both are served from it.

Rich text is a list of flat items. Every key but `type` and `text` is left out when it has its default::

    {"type": "text" | "equation" | "mention", "text": str,      # the words; TeX; what a mention shows
     "link": str, "bold": true, "italic": true, "strikethrough": true, "underline": true, "code": true,
     "color": str, "background": str,
     "mention": {"type": "page" | "database" | "user" | "date" | …, …}}

Block content by type (`?` = may be missing):

- paragraph, headings 1 to 4, list items, to_do, quote, toggle, callout, template:
  rich_text, color?, background?, align?, checked?, is_toggleable?, icon?
- code: rich_text, language, caption?, align?, display_mode?
- bookmark, embed, link_preview: url, caption?, align?, caption_align?
- image, video, audio, pdf, file: url, upload? (id of a stored file), name?, caption?, align?, caption_align?
- table: width, has_column_header, has_row_header, width_mode?; its rows are children
- table_row: cells (a list of rich texts)
- equation: expression, align? · link_to_page: page_id or database_id or comment_id
- synced_block: synced_from (an id or null) · column: width_ratio? · table_of_contents: color?, background?
- child_page, child_database: title · divider, breadcrumb, column_list, tab: nothing
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

PAGE = "child_page"
DATABASE = "child_database"
DATA_SOURCE = "data_source"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block. `id` and the other ids are dashed UUIDs; `parent_id` equals `page_id` at the top of a page.

    A page or database that stands in a page is also a block of it, with its own id and type `child_page` or
    `child_database`. `seq` is the place in which it was written, and grows.
    """

    seq: int
    id: str
    parent_id: str
    page_id: str
    type: str
    content: dict[str, Any]
    has_children: bool
    created_time: datetime
    last_edited_time: datetime
    created_by: str
    last_edited_by: str
    in_trash: bool


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page, a record of a database, a database or one of its data sources, by `kind`.

    `parent_type` is "workspace" (then `parent_id` is empty), "page_id", "block_id", "database_id" (a data source) or
    "data_source_id" (a record, whose `database_id` names the database). `properties` of a page are its values by name,
    each `{"id", "type", <type>: value}` with rich text in the stored form; of a data source its schema by name; of
    a database empty. `head_time` is the last change of the page itself, blocks not counted. `extra` holds what few
    have: is_locked, is_inline, description.
    """

    seq: int
    id: str
    kind: Literal["page", "database", "data_source"]
    title: str
    parent_type: str
    parent_id: str
    database_id: str
    icon: dict[str, Any] | None
    cover: dict[str, Any] | None
    properties: dict[str, Any]
    extra: dict[str, Any]
    created_time: datetime
    last_edited_time: datetime
    head_time: datetime
    created_by: str
    last_edited_by: str
    in_trash: bool
    has_children: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What one write did to one page.

    `version` numbers the writes of the workspace; `request` is the method and path ("" for an edit by hand);
    `kind` is created, updated, deleted, restored or moved for blocks, and page_created, page_updated, page_moved,
    page_trashed, page_restored for the page itself. `before` has the old content of updated blocks by id.
    """

    version: int
    time: datetime
    request: str
    actor: str
    page_id: str
    kind: str
    block_ids: tuple[str, ...]
    before: dict[str, Any]


@lru_cache(maxsize=1024)  # what was written together has one time, and a hash that is computed once
def moment(milliseconds: int) -> datetime:
    """The time that a number of milliseconds since 1970 stands for, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds(time: datetime) -> int:
    """Milliseconds since 1970. A time without zone counts as UTC."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    delta = aware - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
