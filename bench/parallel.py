"""Measure conversion on all processors: `python bench/parallel.py [COPIES] FOLDER...`

For each folder one line: files, seconds on one processor and on all, their ratio, and whether both gave the same; then
the same in processor time. That one depends little on what else the machine does: `shared` is what is gained if the
processes share the work evenly, `busiest` what is gained with the one process that worked longest. Facts are read as a
run reads them, and the median of the rounds' ratios counts.

Two processors are seldom twice as fast as one, since they share memory, and a fork copies what it touches: `at most` is
what two forks gain that do half of the files each and send nothing, first in seconds, then in processor time.

Each measurement is made in a new process, as every run is one; the ways take turns. In a process that has converted
before, a fork would copy the memory that has become free, and all would look worse than it is. With COPIES, so many
copies of the folder's files count as one folder.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import publisher.publish_command  # noqa: F401  # what every run has imported by then
from converters.document import DEFAULT
from publisher.converted import Packed, convert_packed, unpacked
from publisher.pool import Item, _seldom_collecting, enable, helpers, spread

ROUNDS = 9
WAYS = ("alone", "together", "halves")
convert = partial(convert_packed, "buildin", DEFAULT)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds; processor seconds of this process, and of all others together; what stands for the results."""

    wall: float
    here: float
    there: float
    results: str = ""

    @property
    def all(self) -> float:
        return self.here + self.there


def cost(work: Callable[[], dict[str, Packed]]) -> Cost:
    def now() -> tuple[float, float, float]:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.perf_counter(), time.process_time(), children.ru_utime + children.ru_stime

    before = now()
    found = work()
    wall, here, there = (after - start for after, start in zip(now(), before, strict=True))
    return Cost(
        wall, here, there, blake2b(repr(sorted(found.items())).encode("utf-8", "replace")).hexdigest()
    )


def run(items: list[Item], workers: int) -> dict[str, Packed]:
    """What the files become, packed; the facts are read from it on the way."""
    results: dict[str, Packed] = {}
    for name, packed in spread(convert, items, workers):
        unpacked(name, b"", packed)
        results[name] = packed
    return results


def halves(items: list[Item]) -> dict[str, Packed]:
    """Two processes, half of the work each, and nothing said between them: this one knows its own half only."""
    order = sorted(items, key=lambda item: len(item[1]))
    results: dict[str, Packed] = {}
    with _seldom_collecting():
        child = os.fork()
        for name, data in order[::4] + order[3::4] if child else order[1::4] + order[2::4]:
            results[name] = convert(name, data)
            unpacked(name, b"", results[name])
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
    return results


def read(folder: Path, copies: int) -> list[Item]:
    files = [
        (file.relative_to(folder).as_posix(), file.read_bytes()) for file in sorted(folder.rglob("*.md"))
    ]
    return [(f"{copy}/{path}", data) for copy in range(copies) for path, data in files]


def one(way: str, items: list[Item]) -> Cost:
    match way:
        case "halves":
            return cost(partial(halves, items))
        case _:
            return cost(partial(run, items, helpers(items) if way == "together" else 0))


def fresh(way: str, folder: Path, copies: int) -> Cost:
    """The cost in a new process."""
    command = [sys.executable, __file__, "--one", way, str(copies), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Cost(*json.loads(done.stdout))


def measure(folder: Path, copies: int) -> str:
    items = read(folder, copies)
    count = helpers(items)
    rounds = [tuple(fresh(way, folder, copies) for way in WAYS) for _ in range(ROUNDS)]
    same = (
        "the same"
        if len({turn.results for alone, both, _ in rounds for turn in (alone, both)}) == 1
        else "DIFFERENT"
    )
    first, many = (median(turn[place].wall for turn in rounds) for place in range(2))
    wall = median(alone.wall / both.wall for alone, both, _ in rounds)
    most = median(alone.wall / forks.wall for alone, _, forks in rounds)
    shared = median(alone.all * (count + 1) / both.all for alone, both, _ in rounds)
    busiest = median(alone.all / max(both.here, both.there / (count or 1)) for alone, both, _ in rounds)
    evenly = median(alone.all * 2 / forks.all for alone, _, forks in rounds)
    size = sum(len(data) for _, data in items) / 1e6
    return (
        f"{folder.name:16} {len(items):5} files {size:5.1f} MB: one process {first:.2f} s, with {count} more {many:.2f} s, "
        f"{wall:.2f} times as fast (two at most {most:.2f}), results {same}; in processor time shared {shared:.2f}, "
        f"busiest {busiest:.2f}, two at most {evenly:.2f}"
    )


def main(arguments: list[str]) -> None:
    enable()
    if arguments[:1] == ["--one"]:
        _, way, copies, folder = arguments
        found = one(way, read(Path(folder), int(copies)))
        print(json.dumps([found.wall, found.here, found.there, found.results]))
        return
    count = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 1
    for argument in arguments:
        print(measure(Path(argument), count), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
