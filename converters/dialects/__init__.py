"""Blocks in the JSON of each service. The embedded workspace speaks either; Buildin's is its default."""

from __future__ import annotations

from collections.abc import Mapping

from converters.dialects.base import Dialect
from converters.dialects.buildin import BUILDIN
from converters.dialects.notion import NOTION

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (BUILDIN, NOTION)}

__all__ = ["DIALECTS", "Dialect"]
