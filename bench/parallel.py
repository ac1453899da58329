"""Measure conversion on all processors: `python bench/parallel.py [COPIES] FOLDER...`

For each folder one line: files, seconds on one processor and on all, their ratio, and whether both gave the same. With
COPIES, so many copies of the folder's files count as one folder. The best of three rounds counts.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.document import DEFAULT
from publisher.folder import _packed
from publisher.pool import Item, enable, helpers, spread

ROUNDS = 3


def run(items: list[Item], workers: int) -> tuple[float, dict[str, bytes]]:
    started = time.perf_counter()
    results = dict(spread(partial(_packed, "buildin", DEFAULT), items, workers))
    return time.perf_counter() - started, results


def measure(name: str, items: list[Item]) -> str:
    count = helpers(items)
    alone, together = [], []
    for _ in range(ROUNDS):
        alone.append(run(items, 0))
        together.append(run(items, count))
    one, many = min(alone)[0], min(together)[0]
    same = "the same" if alone[0][1] == together[0][1] else "DIFFERENT"
    size = sum(len(data) for _, data in items) / 1e6
    return (
        f"{name:16} {len(items):5} files {size:5.1f} MB: one process {one:.2f} s, with {count} more {many:.2f} s, "
        f"{one / many:.2f} times as fast, results {same}"
    )


def main(arguments: list[str]) -> None:
    enable()
    copies = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 1
    for argument in arguments:
        folder = Path(argument)
        files = [
            (file.relative_to(folder).as_posix(), file.read_bytes()) for file in sorted(folder.rglob("*.md"))
        ]
        items = [(f"{copy}/{path}", data) for copy in range(copies) for path, data in files]
        print(measure(folder.name, items), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
