"""How long the walk of a large folder takes, against reading and hashing its files and nothing else.

Usage: python bench/scan.py [FILES]    (10,000 by default, made in a temporary directory)
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

from publisher.planning.tree import DocFacts, build
from publisher.scan import fingerprint, scan

ROUNDS = 5


def make(root: Path, count: int) -> None:
    """A folder of `count` Markdown files of about 3 KB, 50 to a directory, with ignore files and pictures."""
    text = "A line of words that is neither short nor long.\n" * 60
    for number in range(count):
        directory = root / f"part-{number // 1000}" / f"chapter-{number // 50}"
        if number % 50 == 0:
            directory.mkdir(parents=True)
            (directory / "picture.png").write_bytes(b"x")
        (directory / f"page-{number}.md").write_text(f"# Page {number}\n\n{text}", encoding="utf-8")
    (root / ".gitignore").write_text("*.tmp\nbuild/\n/site\n", encoding="utf-8")


def best(work: Callable[[], object]) -> float:
    """The shortest of some runs, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def read_and_hash(root: Path) -> None:
    for directory, _, names in os.walk(root):
        for name in names:
            with open(f"{directory}/{name}", "rb", buffering=0) as handle:  # noqa: PTH123 - as bare as can be
                blake2b(handle.read(), digest_size=16).digest()


def scan_and_read(root: Path) -> None:
    found = scan(root)
    for file in found.files:
        fingerprint(found.read(file))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        make(root, count)
        bare = best(lambda: read_and_hash(root))
        walk = best(lambda: scan(root))
        both = best(lambda: scan_and_read(root))
        facts = [DocFacts(file.path) for file in scan(root).files]
        tree = best(lambda: build(facts, "bench"))
    print(
        f"scan {count} files: read+hash {bare:.0f} ms = 1.00; scan {walk:.0f} ms = {walk / bare:.2f}; "
        f"scan+read+hash {both:.0f} ms = {both / bare:.2f}; tree {tree:.0f} ms = {tree / bare:.2f}"
    )


if __name__ == "__main__":
    main()
