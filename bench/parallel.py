"""Measure conversion on all processors: `python bench/parallel.py [COPIES] FOLDER...`

For each folder one line: files, seconds on one processor and on all, their ratio, and whether both gave the same; then
the same in processor time. That one depends little on what else the machine does: `shared` is what is gained if the
processes share the work evenly, `busiest` what is gained with the one process that worked longest. Both ways run in
turns, facts are read as a run reads them, and the median of the rounds' ratios counts.

Two processors are seldom twice as fast as one, since they share memory: `at most` is what two forks gain that do half
each and send nothing. With COPIES, so many copies of the folder's files count as one folder.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.document import DEFAULT
from publisher.folder import _packed, _unpacked
from publisher.pool import Item, enable, helpers, spread

ROUNDS = 7
convert = partial(_packed, "buildin", DEFAULT)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds; processor seconds of this process, and of all others together."""

    wall: float
    here: float
    there: float

    @property
    def all(self) -> float:
        return self.here + self.there


def cost(work: Callable[[], object]) -> Cost:
    def now() -> tuple[float, float, float]:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), time.process_time(), children.ru_utime + children.ru_stime

    gc.collect()
    before = now()
    work()
    return Cost(*(after - start for after, start in zip(now(), before, strict=True)))


def run(items: list[Item], workers: int) -> dict[str, bytes]:
    """What the files become, packed; the facts are read from it on the way."""
    results: dict[str, bytes] = {}
    for name, packed in spread(convert, items, workers):
        _unpacked(name, b"", packed)
        results[name] = packed
    return results


def halves(items: list[Item]) -> None:
    """Two processes, half of the work each, and nothing said between them."""
    child = os.fork()
    for item in items[::2] if child else items[1::2]:
        convert(*item)
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def measure(name: str, items: list[Item]) -> str:
    count = helpers(items)
    same = "the same" if run(items, 0) == run(items, count) else "DIFFERENT"
    rounds = [
        (cost(partial(run, items, 0)), cost(partial(run, items, count)), cost(partial(halves, items)))
        for _ in range(ROUNDS)
    ]
    one, many = (median(turn[place].wall for turn in rounds) for place in range(2))
    wall = median(alone.wall / both.wall for alone, both, _ in rounds)
    shared = median(alone.all * (count + 1) / both.all for alone, both, _ in rounds)
    busiest = median(alone.all / max(both.here, both.there / (count or 1)) for alone, both, _ in rounds)
    most = median(alone.all * 2 / forks.all for alone, _, forks in rounds)
    size = sum(len(data) for _, data in items) / 1e6
    return (
        f"{name:16} {len(items):5} files {size:5.1f} MB: one process {one:.2f} s, with {count} more {many:.2f} s, "
        f"{wall:.2f} times as fast, results {same}; in processor time shared {shared:.2f}, busiest {busiest:.2f}, "
        f"two at most {most:.2f}"
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
