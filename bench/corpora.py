"""Publish real folders into the embedded workspace, read everything back, and publish again.

    python bench/corpora.py FOLDER…

One line per folder and dialect: pages, blocks, writes, refused requests, pages that read back differently, requests of
the second publish, and after one line of one file was edited: requests, and the pages they were about.
Exits with 1 if anything was refused, differs, or was sent in vain.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from converters.dialects.base import BlockInput
from publisher import shapes
from publisher.config import Settings, load
from publisher.folder import load as load_folder
from publisher.job import Job
from publisher.planning.places import block_address, filled
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.scan import scan
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file


def main(folders: list[str]) -> int:
    return each(folders, one)


def each(folders: list[str], look: Callable[[Path, str], Coroutine[Any, Any, int]]) -> int:
    """Look at a copy of each folder in each dialect; 1 if anything was wrong."""
    bad = 0
    for folder in folders:
        for dialect in ("buildin", "notion"):
            with tempfile.TemporaryDirectory() as temporary:
                copy = Path(temporary, Path(folder).resolve().name)
                shutil.copytree(folder, copy)
                bad += asyncio.run(look(copy, dialect))
    return 1 if bad else 0


async def one(folder: Path, dialect: str) -> int:
    settings = load({"folder": str(folder), "dialect": dialect}, {})
    started = time.perf_counter()
    first = await publish(settings)
    seconds = time.perf_counter() - started
    differing, blocks = await read_back(settings)
    second = await publish(settings)
    edited = edit(folder)
    third = await publish(settings)
    about = sorted(page.path for page in third.pages if page.requests)
    refused = [page for page in first.pages if page.action == "failed"]
    print(
        f"{folder.name:<16} {dialect:<8} pages {len(first.pages):>4}  blocks {blocks:>6}  writes {first.writes:>5}  "
        f"{seconds:5.1f} s  refused {len(refused)}  differ {len(differing)}  second {second.reads + second.writes}  "
        f"edit {third.reads}+{third.writes} about {','.join(about)}",
        flush=True,
    )
    for page in refused[:5]:
        print(f"    refused {page.path}: {page.note}")
    for key in differing[:5]:
        print(f"    differs {key}")
    return len(refused) + len(differing) + second.reads + second.writes + (about != [edited])


async def publish(settings: Settings) -> Report:
    store = Store(state_file(settings))
    try:
        return await Run(Job(settings, lambda count: open_workspace(settings, count)), store).publish()
    finally:
        store.close()


async def read_back(settings: Settings) -> tuple[list[str], int]:
    """Pages whose blocks are not those that were converted, links resolved as they were sent."""
    store = Store(state_file(settings))
    folder = load_folder(settings, scan(settings.folder), None)
    found = shapes.shape(folder)
    known = store.pages()
    urls = {key: page.url for key, page in known.items()}
    differing, count = [], 0
    async with open_workspace(settings, lambda: None) as workspace:
        for node in found.tree.pages:
            page = known[node.key]
            wanted = shapes.body(found, node, page.links, lambda key, _: urls.get(key))
            there, ids = await tree(workspace, page.id)
            places = shapes.places(found, node)
            here = {name: block_address(page.url, ids[at]) for name, at in places.items() if at < len(ids)}
            count += sum(1 for block in wanted for _ in block.walk())
            if strip(filled(wanted, here.get)) != there:
                differing.append(node.key)
    store.close()
    return differing, count


async def tree(workspace: Workspace, id: str) -> tuple[tuple[BlockInput, ...], list[str]]:
    """What stands in a page or block, and the ids of its first level."""
    found, ids = [], []
    for block in await workspace.children(id):
        if block.ours:
            children = (await tree(workspace, block.id))[0] if block.has_children else ()
            found.append(replace(block.input, children=children))
            ids.append(block.id)
    return tuple(found), ids


def strip(blocks: tuple[BlockInput, ...]) -> tuple[BlockInput, ...]:
    """Without source lines, which a service does not have."""
    return tuple(replace(block, line=0, children=strip(block.children)) for block in blocks)


def edit(folder: Path) -> str:
    """Change one word of one paragraph in the middle of the folder; says in which file."""
    files = sorted(path for path in folder.rglob("*.md") if path.stat().st_size > 500)
    path = files[len(files) // 2]
    path.write_text(path.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    return path.relative_to(folder).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
