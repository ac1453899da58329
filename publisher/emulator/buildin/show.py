"""What Buildin answers with: blocks, pages, databases and lists in its JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from publisher.emulator.buildin import rich, schemas, values
from publisher.emulator.call import Environment
from publisher.emulator.dates import iso
from publisher.emulator.rows import BlockRow, PageRow

Shown = dict[str, Any]

# What Notion has and Buildin has not, as the nearest thing it has.
_NEAREST = {
    "heading_4": "heading_3",
    "video": "file",
    "audio": "file",
    "pdf": "file",
    "link_preview": "bookmark",
    "table_of_contents": "paragraph",
    "breadcrumb": "paragraph",
    "tab": "paragraph",
    "unsupported": "paragraph",
}


def shown_type(type: str) -> str:
    """The type under which a stored block is shown."""
    return _NEAREST.get(type, type)


def user(id: str) -> Shown:
    return {"object": "user", "id": id}


def _text(content: Mapping[str, Any]) -> Shown:
    shown: Shown = {
        "rich_text": rich.write(content.get("rich_text", ())),
        "text_color": content.get("color", "default"),
        "background_color": content.get("background", "default"),
    }
    return _aligned(shown, content)


def _aligned(shown: Shown, content: Mapping[str, Any]) -> Shown:
    if "align" in content:
        shown["text_align"] = content["align"]
    if "caption_align" in content:
        shown["caption_align"] = content["caption_align"]
    return shown


def _heading(content: Mapping[str, Any]) -> Shown:
    return {**_text(content), "is_toggleable": content.get("is_toggleable", False)}


def _to_do(content: Mapping[str, Any]) -> Shown:
    return {**_text(content), "checked": content.get("checked", False)}


def _callout(content: Mapping[str, Any]) -> Shown:
    icon = rich.write_picture(content.get("icon"))
    return {**_text(content), **({"icon": icon} if icon else {})}


def _code(content: Mapping[str, Any]) -> Shown:
    shown: Shown = {
        "rich_text": rich.write(content["rich_text"]),
        "language": content.get("language", "plain text"),
    }
    if "display_mode" in content:
        shown["display_mode"] = content["display_mode"]
    elif shown["language"].lower() == "mermaid":
        shown["display_mode"] = "split"
    return _aligned(shown, content)


def _bookmark(content: Mapping[str, Any]) -> Shown:
    shown = {"url": content["url"], "caption": rich.write(content.get("caption", ()))}
    return _aligned(shown, content)


def _media(content: Mapping[str, Any]) -> Shown:
    kind = "file" if "upload" in content else "external"
    shown: Shown = {
        "type": kind,
        kind: {"url": content["url"]},
        "caption": rich.write(content.get("caption", ())),
    }
    return _aligned(shown, content)


def _table(content: Mapping[str, Any]) -> Shown:
    return {
        "table_width": content["width"],
        "has_column_header": content.get("has_column_header", False),
        "has_row_header": content.get("has_row_header", False),
        "width_mode": content.get("width_mode", "fixed"),
    }


def _row(content: Mapping[str, Any]) -> Shown:
    return {"cells": [rich.write(cell) for cell in content["cells"]]}


def _link_to_page(content: Mapping[str, Any]) -> Shown:
    kind = "database_id" if "database_id" in content else "page_id"
    return {"type": kind, kind: content.get(kind) or content.get("comment_id")}


def _synced(content: Mapping[str, Any]) -> Shown:
    origin = content.get("synced_from")
    return {"synced_from": {"block_id": origin} if origin else None}


def _template(content: Mapping[str, Any]) -> Shown:
    return {"rich_text": rich.write(content["rich_text"])}


_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], Shown]] = {
    **dict.fromkeys(("paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle"), _text),
    **dict.fromkeys(("heading_1", "heading_2", "heading_3"), _heading),
    "to_do": _to_do,
    "callout": _callout,
    "code": _code,
    **dict.fromkeys(("divider", "column_list", "column"), lambda _: {}),
    **dict.fromkeys(("bookmark", "embed"), _bookmark),
    **dict.fromkeys(("image", "file"), _media),
    "table": _table,
    "table_row": _row,
    "equation": lambda content: _aligned({"expression": content["expression"]}, content),
    "link_to_page": _link_to_page,
    "synced_block": _synced,
    "template": _template,
    **dict.fromkeys(("child_page", "child_database"), lambda content: {"title": content["title"]}),
}


def block(row: BlockRow) -> Shown:
    """A block object."""
    kind = shown_type(row.type)
    holder = "page_id" if row.parent_id == row.page_id else "block_id"
    parent: Shown = {"type": holder, holder: row.parent_id}
    return {
        "object": "block",
        "id": row.id,
        "parent": parent if row.parent_id else {"type": "workspace", "workspace": True},
        "created_time": iso(row.created_time),
        "last_edited_time": iso(row.last_edited_time),
        "created_by": user(row.created_by),
        "last_edited_by": user(row.last_edited_by),
        "has_children": row.has_children,
        "in_trash": row.in_trash,
        "type": kind,
        kind: _WRITERS[kind](row.content),
    }


def parent(row: PageRow) -> Shown:
    if row.parent_type == "workspace":
        return {"type": "workspace", "workspace": True}
    if row.parent_type == "data_source_id":
        return {"type": "database_id", "database_id": row.database_id}
    return {"type": row.parent_type, row.parent_type: row.parent_id}


def page_time(row: PageRow, env: Environment) -> str:
    """The edit time that the page shows and that its ETag is made of."""
    return iso(row.last_edited_time if env.switches.block_edits_touch_page else row.head_time)


def etag(time: str) -> dict[str, str]:
    return {"ETag": f'W/"{time}"'}


def page(row: PageRow, env: Environment) -> Shown:
    """A page object."""
    return {
        "object": "page",
        "id": row.id,
        "page_type": "page",
        "created_time": iso(row.created_time),
        "last_edited_time": page_time(row, env),
        "created_by": user(row.created_by),
        "last_edited_by": user(row.last_edited_by),
        "parent": parent(row),
        "in_trash": row.in_trash,
        "icon": rich.write_picture(row.icon),
        "cover": rich.write_picture(row.cover),
        "properties": {name: values.write(value) for name, value in row.properties.items()},
        "url": f"{env.base_url}/p/{row.id}",
    }


def database(row: PageRow, env: Environment) -> Shown:
    """A database object with the schema of its first data source."""
    return {
        "object": "database",
        "id": row.id,
        "created_time": iso(row.created_time),
        "last_edited_time": iso(row.last_edited_time),
        "created_by": user(row.created_by),
        "last_edited_by": user(row.last_edited_by),
        "title": rich.write(row.extra.get("title", ())),
        "description": rich.write(row.extra.get("description", ())),
        "icon": rich.write_picture(row.icon),
        "cover": rich.write_picture(row.cover),
        "parent": parent(row),
        "properties": {name: schemas.write_schema(entry) for name, entry in row.properties.items()},
        "in_trash": row.in_trash,
        "is_inline": row.extra.get("is_inline", False),
        "url": f"{env.base_url}/p/{row.id}",
    }


def listing(results: Sequence[Any], cursor: str | None) -> Shown:
    return {
        "object": "list",
        "results": list(results),
        "next_cursor": cursor,
        "has_more": cursor is not None,
    }
