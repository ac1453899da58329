"""Is it really the fewest requests? Every small tree, packed and compared, against trying everything.

`python bench/optimal.py [--blocks 7]` takes some minutes and prints one line. Packing: every forest of up to so many
blocks and four levels under 45 limits, as a new page and as an insertion. Diff: every pair of forests with so many
blocks together and two contents, under four limits in turn, for "ids" and for "requests".
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from exhaustive import LeastDiff, Total, blocks, forests, least_packing, nodes

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.diff import Edit, Insert, diff
from publisher.planning.limits import Limits
from publisher.planning.ops import DeleteBlock
from publisher.planning.packing import create_cost, insert_cost

PACKING = [
    Limits(array, depth, total) for array in (2, 3, 4) for depth in (0, 1, 2) for total in (2, 3, 4, 5, 99)
]
DIFF = [Limits(2, 1, 3), Limits(3, 0, 99), Limits(2, 2, 99), Limits(9, 1, 4)]
LEVELS = 4


def packings(most: int) -> Iterator[bool]:
    """For every case whether the planner found the least."""
    for size in range(most + 1):
        for forest in forests(size, LEVELS):
            top = blocks(forest, map(str, count()))
            for limits in PACKING:
                yield create_cost(top, limits) == least_packing(top, limits, create=True)
                yield insert_cost(top, limits) == least_packing(top, limits, create=False)


def diffs(most: int) -> Iterator[bool]:
    """For every case whether the planner found the least."""
    least = [
        (prefer, LeastDiff(limits, same_type, prefer == "ids"))
        for prefer in ("ids", "requests")
        for limits in DIFF
    ]
    for turn, (old, new) in enumerate(pairs(most)):
        prefer, judge = least[turn % len(least)]
        edits = diff("page", old, new, same_type, judge.limits, "ids" if prefer == "ids" else "requests")
        yield total(old, edits, judge) == judge.between(old, new)


def pairs(most: int) -> Iterator[tuple[tuple[Node, ...], tuple[BlockInput, ...]]]:
    for size in range(most + 1):
        for before in range(size + 1):
            for shapes in product(forests(before, LEVELS), forests(size - before, LEVELS)):
                for labels in product("ab", repeat=size):
                    rest = iter(labels)
                    yield nodes(blocks(shapes[0], rest), map(str, count())), blocks(shapes[1], rest)


def same_type(old: Node, new: BlockInput) -> bool:
    return old.type == new.type


def total(old: tuple[Node, ...], edits: tuple[Edit, ...], judge: LeastDiff) -> Total:
    by_id = {node.id: node for top in old for node in top.walk()}
    costs: list[Total] = [(0, 0, 0)]
    for edit in edits:
        if isinstance(edit, Insert):
            costs.append((*insert_cost(edit.blocks, judge.limits), 0))
        else:
            costs.append(judge.drop(by_id[edit.block]) if isinstance(edit, DeleteBlock) else (1, 1, 0))
    requests, writes, lost = map(sum, zip(*costs, strict=True))
    return requests, writes, lost


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=7, help="blocks in a tree (7)")
    most = parser.parse_args().blocks
    start = time.perf_counter()
    packed, compared = list(packings(most)), list(diffs(most))
    wrong = packed.count(False) + compared.count(False)
    print(
        f"optimal: {len(packed):,} packings and {len(compared):,} diffs of up to {most} blocks,"
        f" {wrong} not minimal, {time.perf_counter() - start:.0f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
