"""Measure conversion on all processors: `python bench/parallel.py [COPIES] FOLDER...`

For each folder one line: files, seconds on one processor and on all, their ratio, and whether both gave the same; then
the same in processor time, where all processors count as far as they share the work evenly. That one does not depend on
what else the machine does. With COPIES, so many copies of the folder's files count as one folder. The best of three
rounds counts.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.document import DEFAULT
from publisher.folder import _packed
from publisher.pool import Item, enable, helpers, spread

ROUNDS = 3


def run(items: list[Item], workers: int) -> tuple[float, float, dict[str, bytes]]:
    """Seconds, processor seconds of all processes together, results."""
    started, before = time.perf_counter(), sum(os.times()[:4])
    results = dict(spread(partial(_packed, "buildin", DEFAULT), items, workers))
    return time.perf_counter() - started, sum(os.times()[:4]) - before, results


def measure(name: str, items: list[Item]) -> str:
    count = helpers(items)
    alone, together = [], []
    for _ in range(ROUNDS):
        alone.append(run(items, 0))
        together.append(run(items, count))
    one, many = min(item[0] for item in alone), min(item[0] for item in together)
    cost, costs = min(item[1] for item in alone), min(item[1] for item in together)
    same = "the same" if alone[0][2] == together[0][2] else "DIFFERENT"
    size = sum(len(data) for _, data in items) / 1e6
    return (
        f"{name:16} {len(items):5} files {size:5.1f} MB: one process {one:.2f} s, with {count} more {many:.2f} s, "
        f"{one / many:.2f} times as fast, results {same}; in processor time {cost * (count + 1) / costs:.2f}"
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
