"""The published limits of one request, as data.

Sources: Notion "Request limits" and "Append block children"; Buildin publishes only the 100 children at the
top level, so Notion's numbers stand in for the rest as a floor that is safe on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may carry.

    `array`: blocks in any one array of children. `depth`: levels of children below the top level of the request.
    `blocks`: blocks in all, nested ones counted. `bytes`: the body as sent, in UTF-8 bytes.
    """

    array: int = 100
    depth: int = 2
    blocks: int = 1000
    bytes: int = 500_000


DEFAULT = Limits()

# Children that a block must bring along in the request that creates it: at least so many, or all if it has fewer.
# A table has no rows later that it did not begin with, columns stand only inside a list of columns, and a column
# is never empty (Notion, "Block": table, column_list, column).
OBLIGATORY: Mapping[str, int] = {"table": 1, "column_list": 100, "column": 1}
