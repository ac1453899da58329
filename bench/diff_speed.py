"""How fast the diff is on pages of 10,000 blocks, and how many requests it takes beside deleting and appending all.

`python bench/diff_speed.py [--blocks 10000]` prints one line a case and one in sum. `least` is a lower bound: every
old block that is not in a longest common subsequence costs one request.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.dialects.base import BlockInput
from publisher.planning.band import common
from publisher.planning.base import Node
from publisher.planning.diff import diff, edits_cost
from publisher.planning.limits import DEFAULT
from publisher.planning.packing import insert_cost

TYPES = ["paragraph"] * 6 + ["heading_2", "bulleted_list_item", "bulleted_list_item", "code"]
Page = list[BlockInput]


def block(text: str, type: str = "paragraph", children: tuple[BlockInput, ...] = ()) -> BlockInput:
    return BlockInput(type, text.encode(), children)


def cases(size: int) -> dict[str, tuple[Page, Page]]:
    rng = random.Random(1)
    page = [block(f"block {index}", rng.choice(TYPES)) for index in range(size)]
    words = [block(f"word {index}", rng.choice(TYPES)) for index in range(50)]
    rows = [
        [block(f"{table}.{row}", "table_row") for row in range(99)] for table in range(max(1, size // 100))
    ]
    edited = [
        [
            BlockInput(row.type, row.content + b"!") if rng.random() < 0.1 else row
            for row in table
            if rng.random() < 0.95
        ]
        for table in rows
    ]
    half = size // 2
    return {
        "unchanged": (page, page),
        "one word": (page, [*page[:half], block("new", page[half].type), *page[half + 1 :]]),
        "last to top": (page, [page[-1], *page[:-1]]),
        "all changed": (page, [BlockInput(one.type, one.content + b"!") for one in page]),
        "no type fits": (page, [BlockInput("quote", one.content) for one in page]),
        "all other": (page, [block(f"other {index}", rng.choice(TYPES)) for index in range(size)]),
        "reversed": (page, page[::-1]),
        "shuffled": (page, rng.sample(page, size)),
        "random of 50": (rng.choices(words, k=size), rng.choices(words, k=size)),
        "half equal": (
            [block("a"), *[block("same")] * half, block("z")],
            [block("b"), *[block("same")] * (half - 10), block("y")],
        ),
        "a third edited": (
            page,
            [BlockInput(one.type, one.content + b"!") if rng.random() < 0.3 else one for one in page],
        ),
        "one between each": (
            page,
            [new for one in page[:half] for new in (one, block(f"+{one.content!r}", "code"))],
        ),
        "tables": (
            [block("t", "table", tuple(table)) for table in rows],
            [block("t", "table", tuple(table)) for table in edited],
        ),
    }


def standing(blocks: Page | tuple[BlockInput, ...], ids: count[int]) -> tuple[Node, ...]:
    return tuple(Node(str(next(ids)), one.type, one.digest, standing(one.children, ids)) for one in blocks)


def same_type(old: Node, new: BlockInput) -> bool:
    return old.type == new.type


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blocks", type=int, default=10_000, help="blocks in a page (10000)")
    size = parser.parse_args().blocks
    slowest, taken, naive = 0.0, 0, 0
    for name, (before, after) in cases(size).items():
        old = standing(before, count())
        start = time.perf_counter()
        edits = diff("page", old, after, same_type)
        seconds = time.perf_counter() - start
        cost, all_again = edits_cost(edits), len(before) + insert_cost(after, DEFAULT)[0]
        flat = not any(one.children for one in before)
        least = len(before) - len(common(before, after)) if flat else 0
        print(
            f"{name:17} {seconds:6.2f} s  {cost:6,} requests  {cost / all_again:6.3f} of delete-and-append"
            + (f"  at least {least:,}" if flat else "")
        )
        slowest, taken, naive = max(slowest, seconds), taken + cost, naive + all_again
    print(
        f"diff_speed: {size:,} blocks, slowest {slowest:.2f} s, {taken / naive:.3f} of delete-and-append in sum"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
