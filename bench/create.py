"""Count the requests that create all pages of a folder, links and all: `python bench/create.py FOLDER...`

For each folder and dialect one line: pages; the lower bound of writes (per page: blocks, arrays, depth, bytes), and
with links (pages that link in a ring cannot all be whole when they are created); writes with links ignored; with links,
siblings created in any order and placed; with links, siblings created in the order in which they are listed; in any
order and not placed; and creating all pages empty first. In brackets the ratio to the first bound. Then for each
dialect the sums: what it comes to with the settings (Notion places new pages; Buildin lists them as they were created,
and with `siblings = "any"` in any order).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from operator import add
from pathlib import Path
from typing import Literal, TypeAlias

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from converters.blocks import PageRef
from converters.dialects.base import BlockInput, references
from publisher.folder import load
from publisher.outline import want
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.ops import ReadChildren
from publisher.planning.order import NewPage, Siblings, Step, order
from publisher.planning.packing import Handles, create_cost, insert_cost
from publisher.scan import scan
from publisher.settings import Settings
from publisher.shapes import Shape, body, shape

Dialect: TypeAlias = Literal["buildin", "notion"]


def new_pages(made: Shape) -> list[NewPage]:
    """The pages of a folder as they would be created below a page."""
    found = []
    for node in made.tree.pages:
        blocks = body(made, node, {}, lambda key, anchor: None)
        found.append(
            NewPage(node.key, want(made, node).head, blocks, node.parent, "" if node.parent else "top")
        )
    return found


def least_writes(blocks: Sequence[BlockInput], limits: Limits) -> int:
    """A bound that no way of packing can beat: what the largest request holds, and what has no room inline."""
    count = sum(1 for block in blocks for _ in block.walk())
    size = sum(len(part.content) for block in blocks for part in block.walk())
    bound = max(-(-count // limits.blocks), -(-size // limits.bytes), 1)
    return max(bound, -(-len(blocks) // limits.array), 1 + _appends(blocks, limits, limits.depth))


def _appends(blocks: Sequence[BlockInput], limits: Limits, room: int) -> int:
    """Appends that cannot be saved: an array that overflows, wherever it stands, takes one for each further array;
    what is too deep takes at least one."""
    extra = max(-(-len(blocks) // limits.array) - 1, 0)
    return extra + max(
        sum(max(-(-len(part.children) // limits.array) - 1, 0) for block in blocks for part in block.walk()),
        int(any(_height(block) > room for block in blocks)),
    )


def _height(block: BlockInput) -> int:
    return 1 + max(map(_height, block.children)) if block.children else 0


def rings(pages: Sequence[NewPage]) -> int:
    """Rings of links without a common page; no order creates all pages of one of them whole.

    Pages of several requests are left out: they may be able to wait for free. A page that links to one below it is a
    ring of its own.
    """
    index = {page.key: i for i, page in enumerate(pages)}
    children: list[list[int]] = [[] for _ in pages]
    wanted: list[list[int]] = [[] for _ in pages]  # who wants a page
    wants: list[set[int]] = [set() for _ in pages]
    for i, page in enumerate(pages):
        if page.parent:
            children[index[page.parent]].append(i)
        if create_cost(page.blocks, DEFAULT, page.head)[0] == 1:
            refs = {ref for top in page.blocks for block in top.walk() for ref in references(block)}
            keys = {ref.target for ref in refs if isinstance(ref, PageRef)} - {page.key}
            wants[i] = {index[key] for key in keys if key in index}
            for target in wants[i]:
                wanted[target].append(i)
    used: set[int] = set()
    found = 0
    for most in (1, 2, 3, len(pages)):
        for i in range(len(pages)):
            if i not in used and (ring := _ring(i, children, wanted, wants[i], used, most)):
                used |= ring
                found += 1
    return found


def _ring(
    start: int,
    children: Sequence[Sequence[int]],
    wanted: Sequence[Sequence[int]],
    goals: set[int],
    used: set[int],
    most: int,
) -> set[int]:
    """A ring through a page, of at most so many pages that link onwards in it; those pages, or nothing."""
    came: dict[int, frozenset[int]] = {start: frozenset([start])}
    queue = [start]
    for at in queue:
        if at in goals:
            return set(came[at])
        steps = [(other, came[at]) for other in children[at]]
        if len(came[at]) < most:
            steps += [(other, came[at] | {other}) for other in wanted[at] if other not in used]
        for other, links in steps:
            if other not in came:
                came[other] = links
                queue.append(other)
    return set()


def counted(steps: Sequence[Step]) -> tuple[int, int]:
    """(writes, reads)."""
    ops = [op for step in steps for op in step.ops]
    reads = sum(isinstance(op, ReadChildren) for op in ops)
    return len(ops) - reads, reads


def with_links(pages: Sequence[NewPage], siblings: Siblings) -> tuple[int, int]:
    return counted(order(pages, (), DEFAULT, Handles(), siblings=siblings))


def without_links(pages: Sequence[NewPage]) -> tuple[int, int]:
    return with_links([replace(page, blocks=tuple(map(_plain, page.blocks))) for page in pages], "free")


def _plain(block: BlockInput) -> BlockInput:
    return replace(block, symbolic=False, children=tuple(map(_plain, block.children)))


def measure(folder: Path, dialect: Dialect) -> tuple[str, tuple[int, ...]]:
    """The line for a folder; the two bounds, and the writes placed, in order and in any order."""
    settings = Settings(folder=folder, dialect=dialect)
    pages = new_pages(shape(load(settings, scan(folder), None)))
    bound = sum(least_writes(page.blocks, DEFAULT) for page in pages)
    empty = sum(1 + insert_cost(page.blocks, DEFAULT)[1] for page in pages)
    plain = sum(create_cost(page.blocks, DEFAULT, page.head)[1] for page in pages)
    start = time.perf_counter()
    placed = with_links(pages, "placed")
    seconds = time.perf_counter() - start
    created, free = with_links(pages, "created"), with_links(pages, "free")

    def shown(name: str, writes: int, reads: int = -1) -> str:
        also = f" + {reads} reads" if reads >= 0 else ""
        return f"{name} {writes}{also} ({writes / bound:.3f})"

    least = bound + rings(pages)
    line = ", ".join(
        (
            f"{folder.name} {dialect}: {len(pages)} pages, bound {bound}",
            shown("with links", least),
            shown("without links", plain, without_links(pages)[1]),
            shown("placed", *placed),
            shown("in order", *created),
            shown("free", *free),
            shown("empty first", empty),
            f"{seconds:.1f} s",
        )
    )
    return line, (bound, least, placed[0], created[0], free[0])


def main() -> None:
    sums: dict[Dialect, list[int]] = {"buildin": [0] * 5, "notion": [0] * 5}
    for name in sys.argv[1:]:
        for dialect, total in sums.items():
            line, counts = measure(Path(name), dialect)
            print(line, flush=True)
            total[:] = map(add, total, counts)
    for dialect, (bound, least, placed, created, free) in sums.items():
        ways = {"placed": placed} if dialect == "notion" else {"in order": created, "in any order": free}
        shown = ", ".join(f"{name} {writes} ({writes / bound:.3f})" for name, writes in ways.items())
        print(f"all {dialect}: bound {bound}, with links {least} ({least / bound:.3f}), {shown}")


if __name__ == "__main__":
    main()
