"""Count what links of pages to their own blocks cost when a folder is created: `python bench/own.py FOLDER...`

For each folder and dialect one line: pages; those with such links, and their blocks that link; requests without these
links, with them, and done plainly (each page whole, then its ids are read, then each block that links is written
again). In brackets what the links cost, and how that compares with the plain way.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from publisher.creations import placed
from publisher.folder import load
from publisher.outline import want
from publisher.planning.limits import DEFAULT
from publisher.planning.order import NewPage, order
from publisher.planning.packing import Handles
from publisher.planning.places import links_within, rewrite
from publisher.scan import scan
from publisher.settings import Settings
from publisher.shapes import body, shape

Dialect: TypeAlias = Literal["buildin", "notion"]


def new_pages(folder: Path, dialect: Dialect) -> list[NewPage]:
    """The pages of a folder as they would be created below a page."""
    settings = Settings(folder=folder, dialect=dialect)
    made = shape(load(settings, scan(folder), None))
    pages = [
        NewPage(
            node.key,
            want(made, node).head,
            body(made, node, {}, lambda key, anchor: None),
            node.parent,
            "" if node.parent else "top",
        )
        for node in made.tree.pages
    ]
    return placed(pages, made)


def requests(pages: Sequence[NewPage], dialect: Dialect) -> int:
    siblings: Literal["placed", "created"] = "placed" if dialect == "notion" else "created"
    return sum(len(step.ops) for step in order(pages, (), DEFAULT, Handles(), siblings=siblings))


def measure(folder: Path, dialect: Dialect) -> str:
    pages = new_pages(folder, dialect)
    without = requests([replace(page, places={}) for page in pages], dialect)
    linking = {
        page.key: [block for block in page.blocks if links_within(block)] for page in pages if page.places
    }
    again = [
        op
        for page in linking.values()
        for block in page
        for op in rewrite("@", block, links_within(block), Handles())
    ]
    plain = len(again) + sum(-(-len(page.blocks) // 100) for page in pages if page.places)
    cost = requests(pages, dialect) - without
    return (
        f"{folder.name} {dialect}: {len(pages)} pages, {len(linking)} with blocks that are linked to, "
        f"{sum(map(len, linking.values()))} blocks that link to their own page, {without} requests without these links, {without + cost} with them "
        f"(+{cost / max(without, 1):.1%}), {without + plain} plainly ({cost / max(plain, 1):.2f} of that cost)"
    )


def main() -> None:
    for name in sys.argv[1:]:
        for dialect in ("buildin", "notion"):
            print(measure(Path(name), "notion" if dialect == "notion" else "buildin"), flush=True)


if __name__ == "__main__":
    main()
