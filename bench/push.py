"""What the pre-push hook costs a push.

Usage: python bench/push.py [FILES] [PAIRS]    (1,000 files and 15 pairs by default, made in a temporary directory)

Pairs of pushes that touch no docs, with the hook and without (`--no-verify`), beside `python -c pass` in the same run:
medians, and the median of the differences. Then pushes that touch 1, 10 and 100 files of the folder.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

GIT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PAGEMILL_"))},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "bench",
    "GIT_AUTHOR_EMAIL": "bench@example.org",
    "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@example.org",
}


def run(cwd: Path, *command: str) -> None:
    subprocess.run(command, cwd=cwd, env=GIT, check=True, capture_output=True)


def timed(work: Callable[[], None]) -> float:
    """Milliseconds."""
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def make(root: Path, count: int) -> Path:
    """A remote and a clone with a folder of `count` files, the hook installed, everything pushed and published."""
    run(root, "git", "init", "-q", "--bare", "-b", "main", "remote.git")
    run(root, "git", "clone", "-q", "remote.git", "work")
    work = root / "work"
    run(work, "git", "checkout", "-q", "-B", "main")
    text = "A line of words that is neither short nor long.\n\n" * 20
    for number in range(count):
        file = work / "docs" / f"part-{number // 100}" / f"page-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# Page {number}\n\n{text}", encoding="utf-8")
    (work / "pagemill.toml").write_text('folder = "docs"\n', encoding="utf-8")
    commit(work)
    run(work, sys.executable, "-m", "publisher", "hook", "install")
    run(work, "git", "push", "-q", "origin", "HEAD")
    return work


def commit(work: Path) -> None:
    run(work, "git", "add", "-A")
    run(work, "git", "commit", "-q", "--no-gpg-sign", "-m", "bench")


def without_docs(work: Path, pairs: int) -> None:
    bare: list[float] = []
    hooked: list[float] = []
    plain: list[float] = []
    for number in range(pairs):
        plain.append(timed(lambda: run(work, sys.executable, "-c", "pass")))
        order = [(bare, ["--no-verify"]), (hooked, [])]
        for times, options in order if number % 2 else order[::-1]:
            (work / "code.txt").write_text(f"{number} {options}\n", encoding="utf-8")
            commit(work)
            times.append(timed(partial(run, work, "git", "push", "-q", *options, "origin", "HEAD")))
    more = [one - other for one, other in zip(hooked, bare, strict=True)]
    median = statistics.median
    print(
        f"no docs touched, {pairs} pairs: push {median(bare):.0f} ms, with the hook {median(hooked):.0f} ms, "
        f"difference {median(more):.0f} ms (worst {max(more):.0f}); python -c pass {median(plain):.0f} ms"
    )


def with_docs(work: Path, count: int) -> None:
    for changed in (1, 10, 100):
        times = []
        for turn in range(3):
            for number in range(min(changed, count)):
                file = work / "docs" / f"part-{number // 100}" / f"page-{number}.md"
                file.write_text(f"{file.read_text('utf-8')}\nChange {changed} {turn}.\n", encoding="utf-8")
            commit(work)
            times.append(timed(lambda: run(work, "git", "push", "-q", "origin", "HEAD")))
        print(f"{changed} of {count} files changed: push and publish {statistics.median(times):.0f} ms")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory() as name:
        work = make(Path(name), count)
        without_docs(work, pairs)
        with_docs(work, count)


if __name__ == "__main__":
    main()
