"""Buildin, API v2: shapes as in its published OpenAPI, which is stricter than its examples."""

from __future__ import annotations

from converters.dialects.languages import BUILDIN as LANGUAGES
from converters.dialects.service import Service
from converters.dialects.shape import Shape, block_types

_COLORS = ("background_color", "text_color")

BUILDIN = Service(
    Shape(
        name="buildin",
        whole_items=True,
        nested=False,
        headings=3,
        channels=_COLORS,
        media={"image": "image", "video": "embed", "audio": "file", "pdf": "file", "file": "file"},
        languages=LANGUAGES,
        types=block_types(3, _COLORS, {}),
    )
)
