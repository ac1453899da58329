"""A dialect made from the data of a service."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from converters.blocks import PLAIN, Block, Document, FileRef
from converters.diagnostics import Diagnostic
from converters.dialects.base import BlockInput, PageHead, ReadBlock, address, compact
from converters.dialects.encode import Encoder, is_emoji
from converters.dialects.read import read_block
from converters.dialects.schema import property_types, render_schema
from converters.dialects.shape import DEFAULTS, Shape, array
from converters.dialects.text import ITEM_LIMIT
from converters.dialects.urls import COPY, URL_LIMIT, canonical_url
from converters.dialects.values import render_values
from converters.properties import Property, PropertyValue

# No service changes these in place: there is nothing in them that could differ, or it is fixed at creation.
_FIXED = frozenset({"column_list", "column", "divider", "table_of_contents"})


class Service:
    """`Dialect` for one service; see there for what each method promises."""

    def __init__(self, shape: Shape) -> None:
        self.name = shape.name
        self.shape = shape

    def encode(
        self, blocks: Iterable[Block], path: str
    ) -> tuple[tuple[BlockInput, ...], tuple[Diagnostic, ...]]:
        encoder = Encoder(self.shape, path)
        made = tuple(encoder.blocks(blocks))
        return made, tuple(encoder.diagnostics)

    def head(self, document: Document) -> PageHead:
        """Title, icon and cover. A local picture stands as its address, for `resolve_head` to fill in."""
        title = self.shape.items([(" ".join(document.title.split()), PLAIN, None)])[:ITEM_LIMIT]
        properties = f'{{"title":{{"title":{array(title)},"type":"title"}}}}'
        return PageHead(properties.encode(), icon_json(document.icon), _picture(document.cover))

    def properties(self, values: Iterable[PropertyValue]) -> bytes:
        """The `properties` object of a database record."""
        return render_values(self.shape, values)

    def schema(self, properties: Iterable[Property], known: Mapping[str, Any] | None = None) -> bytes:
        return render_schema(self.shape, properties, known)

    def property_types(self, types: Iterable[str]) -> tuple[str, ...]:
        return property_types(self.shape, types)

    def render(self, block: BlockInput) -> bytes:
        parts: list[bytes] = []
        self._render(block, parts)
        return b"".join(parts)

    def _render(self, block: BlockInput, parts: list[bytes]) -> None:
        kind = block.type.encode()
        parts += (b'{"type":"', kind, b'","', kind, b'":')
        if not block.children:
            parts += (block.content, b"}")
            return
        if self.shape.nested:
            parts += (block.content[:-1], b"," if len(block.content) > 2 else b"", b'"children":[')
        else:
            parts += (block.content, b',"children":[')
        for place, child in enumerate(block.children):
            if place:
                parts.append(b",")
            self._render(child, parts)
        parts.append(b"]}}" if self.shape.nested else b"]}")

    def render_update(self, block: BlockInput) -> bytes:
        """Every field that `encode` leaves out at its default is named, since a service keeps what is not named."""
        content = json.loads(block.content)
        for field in self.shape.types[block.type]:
            if field in DEFAULTS:
                content.setdefault(field, DEFAULTS[field])
        if block.type == "table" and self.shape.nested:
            del content["table_width"]  # Notion fixes it at creation and refuses it here
        return compact({block.type: content})

    def read(self, block: Mapping[str, Any]) -> ReadBlock:
        return read_block(self.shape, block)

    def can_update(self, old_type: str, old_content: bytes, new: BlockInput) -> bool:
        if old_type != new.type or old_type in _FIXED or old_type not in self.shape.types:
            return False
        if old_type == "table":
            return _loaded(old_content).get("table_width") == _loaded(new.content).get("table_width")
        if old_type == "table_row":
            return len(_loaded(old_content).get("cells", ())) == len(_loaded(new.content)["cells"])
        if old_type.startswith("heading_"):
            return b'"is_toggleable":true' not in old_content or b'"is_toggleable":true' in new.content
        return True


def _loaded(content: bytes) -> dict[str, Any]:
    loaded = json.loads(content or b"{}")  # empty: not known
    return loaded if isinstance(loaded, dict) else {}


def icon_json(icon: str) -> bytes:
    """An emoji, or a picture at a URL or in the folder; `null` for what is neither."""
    if is_emoji(icon):
        return compact({"emoji": icon, "type": "emoji"})
    return _picture(icon)


def _picture(place: str) -> bytes:
    """An external file at a URL or, still unresolved, a local file or a copy; `null` for what is none of them."""
    if not place.strip():
        return b"null"
    url = canonical_url(place)
    if place.startswith(COPY) or (url is None and ":" not in place and ("." in place or "/" in place)):
        url = address(FileRef(place))
    elif url is not None and (not url.startswith("http") or len(url) > URL_LIMIT):
        url = None
    return b"null" if url is None else compact({"external": {"url": url}, "type": "external"})
