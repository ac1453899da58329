"""What a service returned for a block, in the canonical form that `encode` gives.

Only fields that we write are compared: what a person sets beside them (alignment, column widths) is left alone and
no drift. Whatever a publisher never writes as a block is foreign, and kept digestable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from converters.blocks import PLAIN, Color, Marks
from converters.dialects.base import BlockInput, ReadBlock
from converters.dialects.languages import code_language
from converters.dialects.shape import DEFAULTS, Piece, Shape, array, members, quoted
from converters.dialects.text import clean
from converters.dialects.uploads import hash_of, upload_address
from converters.dialects.urls import returned_url


def read_block(shape: Shape, block: Mapping[str, Any]) -> ReadBlock:
    """A service's block made comparable; unknown types are foreign, with their content as it came."""
    kind = str(block.get("type", ""))
    content = block.get(kind)
    fields = shape.types.get(kind)
    id, nested = str(block.get("id", "")), bool(block.get("has_children"))
    if fields is None or not isinstance(content, Mapping):
        known = (
            {key: value for key, value in content.items() if key != "children"}
            if isinstance(content, Mapping)
            else {}
        )
        return ReadBlock(id, BlockInput(kind, clean(compact_text(known)).encode()), nested, ours=False)
    found: dict[str, str] = {}
    for field in fields:
        found |= _FIELDS[field](shape, content)
    return ReadBlock(id, BlockInput(kind, members(found).encode()), nested)


def compact_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _rich(shape: Shape, value: Any) -> str:
    items = value if isinstance(value, list) else []
    return array(shape.items([_piece(shape, item) for item in items if isinstance(item, Mapping)]))


def _piece(shape: Shape, item: Mapping[str, Any]) -> Piece:
    marks = _marks(shape, item.get("annotations") or {})
    kind = item.get("type") or ("equation" if "equation" in item else "text")
    if kind == "text":
        text = item.get("text") or {}
        link = text.get("link") or {}
        url = link.get("url") or None
        return str(text.get("content", "")), marks, returned_url(url) if url else None
    if kind == "equation":
        return shape.equation(str((item.get("equation") or {}).get("expression", "")), marks)
    rest = {key: value for key, value in item.items() if key not in ("annotations", "plain_text", "href")}
    return clean(compact_text(rest))  # a mention: somebody else's, so only its identity counts


def _marks(shape: Shape, annotations: Mapping[str, Any]) -> Marks:
    if not annotations:
        return PLAIN
    if shape.whole_items:
        color, background = annotations.get("text_color"), annotations.get("background_color")
    else:
        only = str(annotations.get("color") or "default")
        behind = only.endswith("_background")
        color, background = (None, only.removesuffix("_background")) if behind else (only, None)
    return Marks(
        bold=bool(annotations.get("bold")),
        italic=bool(annotations.get("italic")),
        strikethrough=bool(annotations.get("strikethrough")),
        underline=bool(annotations.get("underline")),
        code=bool(annotations.get("code")),
        color=cast(Color, color or "default"),
        background=cast(Color, background or "default"),
    )


def _optional(field: str) -> Callable[[Shape, Mapping[str, Any]], dict[str, str]]:
    default = DEFAULTS[field]

    def read(_: Shape, content: Mapping[str, Any]) -> dict[str, str]:
        value = content.get(field, default)
        return {} if value in (default, None, "default_background") else {field: compact_text(value)}

    return read


def _flag(field: str) -> Callable[[Shape, Mapping[str, Any]], dict[str, str]]:
    return lambda _, content: {field: "true" if content.get(field) else "false"}


def _caption(shape: Shape, content: Mapping[str, Any]) -> dict[str, str]:
    items = _rich(shape, content.get("caption"))
    return {} if items == "[]" else {"caption": items}


def _icon(_: Shape, content: Mapping[str, Any]) -> dict[str, str]:
    icon = content.get("icon")
    if not isinstance(icon, Mapping):
        return {}
    kind = str(icon.get("type") or "emoji")
    return {"icon": compact_text({"type": kind, kind: _lasting(kind, icon.get(kind))})}


def _source(_: Shape, content: Mapping[str, Any]) -> dict[str, str]:
    kind = str(content.get("type") or ("external" if "external" in content else "file"))
    return {kind: compact_text(_lasting(kind, content.get(kind)))}


def _lasting(kind: str, value: Any) -> Any:
    """A file reference without what changes from one reading to the next: signatures and their expiry.

    A file that went up under a name with its hash is named by that.
    """
    if not isinstance(value, Mapping):
        return value
    kept = {key: item for key, item in value.items() if key not in ("expiry_time", "content_type")}
    url = kept.get("url")
    if kind == "file" and isinstance(url, str) and (hash := hash_of(url)):
        return {"url": upload_address(hash)}
    if isinstance(url, str):
        kept["url"] = url.partition("?")[0] if "expiry_time" in value else returned_url(url)
    return kept


def _language(shape: Shape, content: Mapping[str, Any]) -> dict[str, str]:
    given = str(content.get("language") or "")
    return {"language": quoted(code_language(given, shape.languages) or clean(given))}


def _cells(shape: Shape, content: Mapping[str, Any]) -> dict[str, str]:
    return {"cells": array([_rich(shape, cell) for cell in content.get("cells") or []])}


_FIELDS: Final[Mapping[str, Callable[[Shape, Mapping[str, Any]], dict[str, str]]]] = {
    "rich_text": lambda shape, content: {"rich_text": _rich(shape, content.get("rich_text"))},
    "caption": _caption,
    "cells": _cells,
    "checked": _flag("checked"),
    "has_column_header": _flag("has_column_header"),
    "has_row_header": _flag("has_row_header"),
    "is_toggleable": _optional("is_toggleable"),
    "color": _optional("color"),
    "text_color": _optional("text_color"),
    "background_color": _optional("background_color"),
    "icon": _icon,
    "language": _language,
    "source": _source,
    "url": lambda _, content: {"url": quoted(returned_url(str(content.get("url") or "")))},
    "expression": lambda _, content: {"expression": quoted(clean(str(content.get("expression") or "")))},
    "table_width": lambda _, content: {"table_width": str(int(content.get("table_width") or 0))},
}
