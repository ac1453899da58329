"""Notion, API version 2026-03-11: shapes of the block objects on write ("Append block children", SDK types)."""

from __future__ import annotations

from converters.dialects.languages import NOTION as LANGUAGES
from converters.dialects.service import Service
from converters.dialects.shape import Shape, block_types

_COLOR = ("color",)

NOTION = Service(
    Shape(
        name="notion",
        whole_items=False,
        nested=True,
        headings=4,
        channels=_COLOR,
        media={"image": "image", "video": "video", "audio": "audio", "pdf": "pdf", "file": "file"},
        languages=LANGUAGES,
        types=block_types(
            4,
            _COLOR,
            {
                "code": ("rich_text", "language", "caption"),
                "video": ("source", "caption"),
                "audio": ("source", "caption"),
                "pdf": ("source", "caption"),
                "table_of_contents": _COLOR,
                "column_list": (),
                "column": (),
            },
        ),
    )
)
