"""What Notion answers with: blocks, pages, databases, data sources and lists in its JSON (2026-03-11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from publisher.emulator.call import Environment
from publisher.emulator.dates import iso_minute
from publisher.emulator.notion import rich, schemas, values
from publisher.emulator.notion.languages import LANGUAGES
from publisher.emulator.reading import HEADINGS, MEDIA
from publisher.emulator.rows import BlockRow, PageRow

Shown = dict[str, Any]


def user(id: str) -> Shown:
    return {"object": "user", "id": id}


def _text(content: Mapping[str, Any]) -> Shown:
    return {"rich_text": rich.write(content.get("rich_text", ())), "color": rich.write_color(content)}


def _icon(content: Mapping[str, Any]) -> Shown:
    return {**_text(content), "icon": rich.write_picture(content.get("icon"))}


def _paragraph(content: Mapping[str, Any]) -> Shown:
    return _icon(content) if "icon" in content else _text(content)


def _code(content: Mapping[str, Any]) -> Shown:
    """A language that only Buildin knows is shown as the one of that name in lower case, else as plain text."""
    name = content.get("language", "plain text")
    known = name if name in LANGUAGES else name.lower() if name.lower() in LANGUAGES else "plain text"
    return {
        "rich_text": rich.write(content["rich_text"]),
        "caption": rich.write(content.get("caption", ())),
        "language": known,
    }


def _bookmark(content: Mapping[str, Any]) -> Shown:
    return {"url": content["url"], "caption": rich.write(content.get("caption", ()))}


def _media(content: Mapping[str, Any]) -> Shown:
    shown: Shown = {"caption": rich.write(content.get("caption", ()))}
    if "upload" in content:
        return {"type": "file", "file": rich.write_file(content["url"]), **shown}
    return {"type": "external", "external": {"url": content["url"]}, **shown}


def _file(content: Mapping[str, Any]) -> Shown:
    name = content.get("name") or content["url"].rsplit("/", 1)[-1].split("?")[0]
    return {**_media(content), "name": name}


def _table(content: Mapping[str, Any]) -> Shown:
    return {
        "table_width": content["width"],
        "has_column_header": content.get("has_column_header", False),
        "has_row_header": content.get("has_row_header", False),
    }


def _link_to_page(content: Mapping[str, Any]) -> Shown:
    kind = next(iter(content))
    return {"type": kind, kind: content[kind]}


def _synced(content: Mapping[str, Any]) -> Shown:
    origin = content.get("synced_from")
    return {"synced_from": {"type": "block_id", "block_id": origin} if origin else None}


_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], Shown]] = {
    "paragraph": _paragraph,
    **dict.fromkeys(("bulleted_list_item", "numbered_list_item", "quote", "toggle"), _text),
    **dict.fromkeys(
        HEADINGS, lambda content: {**_text(content), "is_toggleable": content.get("is_toggleable", False)}
    ),
    "to_do": lambda content: {**_text(content), "checked": content.get("checked", False)},
    "callout": _icon,
    "template": lambda content: {"rich_text": rich.write(content["rich_text"])},
    "code": _code,
    "equation": lambda content: {"expression": content["expression"]},
    **dict.fromkeys(("divider", "breadcrumb", "column_list", "tab", "unsupported"), lambda _: {}),
    "table_of_contents": lambda content: {"color": rich.write_color(content)},
    **dict.fromkeys(("bookmark", "embed"), _bookmark),
    "link_preview": lambda content: {"url": content["url"]},
    **dict.fromkeys(MEDIA, _media),
    "file": _file,
    "table": _table,
    "table_row": lambda content: {"cells": [rich.write(cell) for cell in content["cells"]]},
    "link_to_page": _link_to_page,
    "column": lambda content: dict(content),
    "synced_block": _synced,
    **dict.fromkeys(("child_page", "child_database"), lambda content: {"title": content["title"]}),
}


def block(row: BlockRow) -> Shown:
    """A block object."""
    holder = "page_id" if row.parent_id == row.page_id else "block_id"
    parent: Shown = {"type": holder, holder: row.parent_id}
    return {
        "object": "block",
        "id": row.id,
        "parent": parent if row.parent_id else {"type": "workspace", "workspace": True},
        "created_time": iso_minute(row.created_time),
        "last_edited_time": iso_minute(row.last_edited_time),
        "created_by": user(row.created_by),
        "last_edited_by": user(row.last_edited_by),
        "has_children": row.has_children,
        "in_trash": row.in_trash,
        "type": row.type,
        row.type: _WRITERS[row.type](row.content),
    }


def parent(row: PageRow) -> Shown:
    if row.parent_type == "workspace":
        return {"type": "workspace", "workspace": True}
    if row.parent_type == "data_source_id":
        return {"type": "data_source_id", "data_source_id": row.parent_id, "database_id": row.database_id}
    return {"type": row.parent_type, row.parent_type: row.parent_id}


def _times(row: PageRow) -> Shown:
    return {
        "created_time": iso_minute(row.created_time),
        "last_edited_time": iso_minute(row.last_edited_time),
    }


def _authors(row: PageRow) -> Shown:
    return {"created_by": user(row.created_by), "last_edited_by": user(row.last_edited_by)}


def _looks(row: PageRow) -> Shown:
    return {"icon": rich.write_picture(row.icon), "cover": rich.write_picture(row.cover)}


def _address(row: PageRow, env: Environment) -> Shown:
    return {"url": f"{env.base_url}/p/{row.id}", "public_url": None}


def page(row: PageRow, env: Environment, only: Sequence[str] = ()) -> Shown:
    """A page object; `only` names the properties to show, by id or name (none: all)."""
    return {
        "object": "page",
        "id": row.id,
        **_times(row),
        **_authors(row),
        **_looks(row),
        "parent": parent(row),
        "in_trash": row.in_trash,
        "is_locked": row.extra.get("is_locked", False),
        "properties": {
            name: values.write(value)
            for name, value in row.properties.items()
            if not only or name in only or value.get("id") in only
        },
        **_address(row, env),
    }


def database(row: PageRow, sources: Sequence[PageRow], env: Environment) -> Shown:
    """A database object: a container of data sources."""
    return {
        "object": "database",
        "id": row.id,
        "title": rich.write(row.extra.get("title", ())),
        "description": rich.write(row.extra.get("description", ())),
        "parent": parent(row),
        "is_inline": row.extra.get("is_inline", False),
        "in_trash": row.in_trash,
        "is_locked": row.extra.get("is_locked", False),
        **_times(row),
        "data_sources": [{"id": source.id, "name": source.title} for source in sources],
        **_looks(row),
        **_address(row, env),
    }


def data_source(row: PageRow, owner: PageRow, env: Environment) -> Shown:
    """A data source object: the schema of a database's records."""
    return {
        "object": "data_source",
        "id": row.id,
        "title": rich.write(row.extra.get("title", ())),
        "description": rich.write(row.extra.get("description", ())),
        "parent": {"type": "database_id", "database_id": owner.id},
        "database_parent": parent(owner),
        "is_inline": owner.extra.get("is_inline", False),
        "in_trash": row.in_trash,
        **_times(row),
        **_authors(row),
        "properties": {name: schemas.write_schema(entry) for name, entry in row.properties.items()},
        **_looks(row),
        **_address(owner, env),
    }


def listing(results: Sequence[Any], cursor: str | None, kind: str, request_id: str) -> Shown:
    return {
        "object": "list",
        "results": list(results),
        "next_cursor": cursor,
        "has_more": cursor is not None,
        "type": kind,
        kind: {},
        "request_id": request_id,
    }
