"""GitHub's own additions to GFM."""

from __future__ import annotations

from converters.state import Extension

EXTENSIONS: tuple[Extension, ...] = ()
