"""Replay the history of a repository: publish its documentation commit by commit, and count.

    bench/history REPO PATH [--commits 200] [--dialect notion] [--prefer ids]

REPO is a local clone, PATH the folder of Markdown files in it. The last commits that touch PATH are published one after
the other, in order, into an embedded workspace in memory; the first of them is what stands there to begin with.

Prints the writes that each commit cost (median, mean, most, sum) beside

- the minimum: for each page the cheapest edits of its blocks that `planning.diff` knows (exact up to its limit,
  whatever ids it costs), the cheapest creation, one request for a head, a move, a trashed page; with `--prefer
  requests` under Notion, to empty the page and to write it anew if that is less (also where a page below it forbids it);
- erase-and-append: one request empties a changed page, then all of it is appended;
- delete-and-append: every top-level block of a changed page is deleted, then all of it is appended;

and the share of unchanged blocks at the top level that kept their ids, see `survival`. Exits with 1 if that is not all
and ids are preferred.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from converters.dialects.base import BlockInput
from publisher.config import Settings, load
from publisher.emulator.app import create_app
from publisher.job import Job
from publisher.known import KnownPage
from publisher.planning.align import increasing
from publisher.planning.base import Node, tree_digest
from publisher.planning.diff import Insert, diff
from publisher.planning.limits import DEFAULT
from publisher.planning.packing import create_cost, insert_cost
from publisher.remote.connect import connect
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run

Page = tuple[tuple[str, BlockInput], ...]  # top-level blocks with their ids


@dataclass
class Costs:
    """Writes of one commit, by way of publishing; `common` and `kept` count top-level blocks."""

    ours: int = 0
    reads: int = 0
    least: int = 0
    erase: int = 0
    delete: int = 0
    common: int = 0
    kept: int = 0
    edited: int = 0  # pages whose blocks changed


class Checkout:
    """The files of one folder of a repository at one commit after the other; only what changed is written."""

    def __init__(self, repository: Path, path: str, to: Path) -> None:
        self.repository, self.path, self.to = repository, path.strip("/"), to
        self.blobs: dict[str, str] = {}
        self.time = 1_500_000_000

    def commits(self, count: int) -> list[str]:
        """The last commits of the first parents' line that touch the folder, and one before them, oldest first."""
        names = self.git("rev-list", "--first-parent", f"-n{count + 1}", "HEAD", "--", self.path or ".")
        return names.decode().split()[::-1]

    def go(self, commit: str) -> None:
        now: dict[str, str] = {}
        for line in self.git("ls-tree", "-r", "-z", commit, "--", self.path or ".").split(b"\0")[:-1]:
            what, name = line.split(b"\t", 1)
            if what.startswith(b"100"):
                inside = os.fsdecode(name).removeprefix(self.path).lstrip("/")
                now[inside] = what.split()[2].decode()
        for old in self.blobs.keys() - now.keys():
            (self.to / old).unlink()
        self.time += 10
        for path, blob in now.items():
            if self.blobs.get(path) != blob:
                file = self.to / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(self._content(blob))
                os.utime(file, (self.time, self.time))
        self.blobs = now

    def _content(self, blob: str) -> bytes:
        """A file's content; empty for large ones (pictures) that a partial clone does not have."""
        try:
            return self.git("cat-file", "blob", blob)
        except subprocess.CalledProcessError:
            return b""

    def git(self, *arguments: str) -> bytes:
        return subprocess.run(
            ["git", "-C", str(self.repository), *arguments], check=True, capture_output=True
        ).stdout


@dataclass
class Replay:
    """Publishes one state of the folder after the other."""

    settings: Settings
    app: Any = field(default_factory=lambda: create_app(None))
    store: Store = field(default_factory=lambda: Store(None))
    pages: dict[str, Page] = field(default_factory=dict)  # by id
    known: dict[str, KnownPage] = field(default_factory=dict)  # by id

    def connect(self, count: Callable[[], None] = lambda: None) -> Workspace:
        return connect(self.settings.dialect, "", "token", app=self.app, on_request=lambda _: count())

    async def publish(self) -> tuple[Costs, Report]:
        report = await Run(Job(self.settings, self.connect, force=True), self.store).publish()
        if report.stopped or report.conflicts or any(page.action == "failed" for page in report.pages):
            trouble = [
                f"{page.path}: {page.note}" for page in report.pages if page.action in ("failed", "conflict")
            ]
            raise SystemExit(f"Not published: {report.stopped} {trouble[:3]}")
        costs = Costs(report.writes, report.reads)
        known = {page.id: page for page in self.store.pages().values()}
        async with self.connect() as workspace:
            for page in report.pages:
                if page.action not in ("unchanged", "trash", "removed") and page.id:
                    now = await tree(workspace, page.id)
                    self._weigh(costs, workspace, page.id, now, known[page.id])
                    self.pages[page.id] = now
        gone = self.known.keys() - known.keys()
        topmost = sum(self.known[id].parent not in {self.known[other].key for other in gone} for id in gone)
        for way in ("least", "erase", "delete"):
            setattr(costs, way, getattr(costs, way) + topmost)
        self.known = known
        return costs, report

    def _weigh(self, costs: Costs, workspace: Workspace, id: str, now: Page, page: KnownPage) -> None:
        new = [block for _, block in now]
        before, was = self.pages.get(id), self.known.get(id)
        if before is None or was is None:
            made = create_cost(new, DEFAULT)[1]
            costs.least, costs.erase, costs.delete = (
                costs.least + made,
                costs.erase + made,
                costs.delete + made,
            )
            return
        head = (was.head != page.head) + (was.parent != page.parent)
        old = [block for _, block in before]
        if old == new:
            costs.least, costs.erase, costs.delete = (
                costs.least + head,
                costs.erase + head,
                costs.delete + head,
            )
            return
        costs.edited += 1
        again = insert_cost(new, DEFAULT)[1] if new else 0
        edits = cheapest(old, new, workspace.dialect.can_update)
        anew = self.settings.prefer == "requests" and workspace.erases
        costs.least += head + (min(edits, 1 + again) if anew else edits)
        costs.erase += head + 1 + again
        costs.delete += head + len(old) + again
        common, kept = survival(before, now)
        costs.common += common
        costs.kept += kept


async def tree(workspace: Workspace, id: str) -> Page:
    """Everything in a page that a publisher can have written."""
    found = []
    for block in await workspace.children(id):
        if block.ours:
            below = await tree(workspace, block.id) if block.has_children else ()
            found.append((block.id, replace(block.input, children=tuple(child for _, child in below))))
    return tuple(found)


def cheapest(
    old: Sequence[BlockInput], new: Sequence[BlockInput], can_update: Callable[[str, bytes, BlockInput], bool]
) -> int:
    """The writes of the cheapest edits."""
    contents: dict[str, bytes] = {}

    def node(block: BlockInput) -> Node:
        id = str(len(contents))
        contents[id] = block.content
        return Node(id, block.type, block.digest, tuple(map(node, block.children)))

    edits = diff(
        "page",
        [node(block) for block in old],
        new,
        lambda there, block: can_update(there.type, contents[there.id], block),
        prefer="requests",
    )
    return sum(insert_cost(edit.blocks, DEFAULT)[1] if isinstance(edit, Insert) else 1 for edit in edits)


def survival(before: Page, now: Page) -> tuple[int, int]:
    """How many blocks of a page are unchanged, and how many of these kept their ids.

    A block is the same if it is equal with all below it and there once on either side: of several equal ones nobody can
    say which is which. The same blocks in another order cannot all stay, since no service moves blocks. So as many
    count as unchanged as the longest run of them that is in order has, whichever of such runs it was that stayed.
    """
    left, right = _once(before), _once(now)
    places = {digest: place for place, digest in enumerate(right)}
    common = increasing([places[digest] for digest in left if digest in places])
    return len(common), sum(right.get(digest) == id for digest, id in left.items())


def _once(page: Page) -> dict[bytes, str]:
    """The ids of the blocks that have no equal on the page, by digest and in order."""
    digests = [tree_digest([block]) for _, block in page]
    often = Counter(digests)
    return {digest: id for digest, (id, _) in zip(digests, page, strict=True) if often[digest] == 1}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("path")
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--dialect", choices=["buildin", "notion"], default="notion")
    parser.add_argument("--prefer", choices=["ids", "requests"], default="ids")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "docs")
        folder.mkdir()
        return asyncio.run(replay(options, folder))


async def replay(options: argparse.Namespace, folder: Path) -> int:
    checkout = Checkout(options.repository, options.path, folder)
    wanted = {"folder": str(folder), "dialect": options.dialect, "prune": True, "prefer": options.prefer}
    settings = load(wanted, {}, folder.parent)
    run, costs, begun = Replay(settings), [], time.perf_counter()
    first, *commits = checkout.commits(options.commits)
    checkout.go(first)
    start, report = await run.publish()
    for commit in commits:
        checkout.go(commit)
        costs.append((await run.publish())[0])
    print(
        f"{options.repository.name}/{options.path} {options.dialect}: {len(report.pages)} pages in {start.ours} writes, "
        f"then {len(commits)} commits, {sum(c.edited for c in costs)} edits of pages, {time.perf_counter() - begun:.0f} s"
    )
    least = sum(item.least for item in costs) or 1
    for name, way in (
        ("pagemill", "ours"), ("minimum", "least"), ("erase-and-append", "erase"), ("delete-and-append", "delete"),
    ):  # fmt: skip
        values = [getattr(item, way) for item in costs]
        print(
            f"  {name:<18} writes a commit: median {statistics.median(values):g}, mean {statistics.mean(values):.1f}, "
            f"most {max(values)}, sum {sum(values)} = {sum(values) / least:.3f} of the minimum"
        )
    kept, common = sum(item.kept for item in costs), sum(item.common for item in costs)
    print(
        f"  reads {sum(item.reads for item in costs)}, ids kept of unchanged blocks {kept} of {common} = {kept / (common or 1):.2%}"
    )
    return 0 if kept == common or settings.prefer == "requests" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
