"""Publish real folders as databases of the embedded workspace, every file a record, and change their properties.

    python bench/records.py FOLDER…

One line per folder and dialect: records, properties of the inferred schema, values; writes, refused requests; values
that read back differently; requests of the second publish; requests after one property of one file changed; requests
after one property of every file changed. Exits with 1 if anything was refused, differs, or was sent in vain.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from corpora import each

from converters.dialects.schema import read_values
from publisher import shapes
from publisher.config import Settings, load
from publisher.folder import load as load_folder
from publisher.job import Job
from publisher.planning.order import page_handle
from publisher.planning.record_values import with_ids
from publisher.remote.databases import Databases
from publisher.report import Report
from publisher.scan import scan
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file


def main(folders: list[str]) -> int:
    return each(folders, one)


async def one(folder: Path, dialect: str) -> int:
    settings = load({"folder": str(folder), "dialect": dialect, "database": "Docs", "records": "all"}, {})
    started = time.perf_counter()
    first = await publish(settings)
    seconds = time.perf_counter() - started
    differing, count, columns = await read_back(settings)
    second = await publish(settings)
    files = markdown(folder)
    add_number(files[len(files) // 2 : len(files) // 2 + 1], 1)
    await publish(settings)  # the property is new: its schema changes once
    add_number(files[len(files) // 2 : len(files) // 2 + 1], 2)
    third = await publish(settings)
    add_number(files, 3)
    fourth = await publish(settings)
    refused = [page for page in first.pages if page.action in ("failed", "held-back")]
    print(
        f"{folder.name:<16} {dialect:<8} records {len(first.pages) - 1:>4}  properties {columns:>2}  values {count:>5}  "
        f"writes {first.writes:>5}  {seconds:5.1f} s  refused {len(refused)}  differ {len(differing)}  "
        f"second {second.reads + second.writes}  one property {third.reads}+{third.writes}  "
        f"all records {fourth.reads}+{fourth.writes}",
        flush=True,
    )
    for page in refused[:5]:
        print(f"    refused {page.path}: {page.note}")
    for key in differing[:5]:
        print(f"    differs {key}")
    return len(refused) + len(differing) + second.reads + second.writes + (third.writes != 1)


async def publish(settings: Settings) -> Report:
    store = Store(state_file(settings))
    try:
        return await Run(Job(settings, lambda count: open_workspace(settings, count)), store).publish()
    finally:
        store.close()


async def read_back(settings: Settings) -> tuple[list[str], int, int]:
    """Values that are not in the workspace as the files say; how many there are, and the properties of the schema."""
    store = Store(state_file(settings))
    known, databases = store.pages(), store.databases()
    folder = load_folder(settings, scan(settings.folder), None)
    found = shapes.shape(folder, known, databases)
    render = folder.dialect.properties
    ids = {page_handle(key): page.id for key, page in known.items()}
    differing, count, columns = [], 0, 0
    async with open_workspace(settings, lambda: None) as workspace:
        for key, plan in found.bases.plans.items():
            columns += len(plan.schema)
            records = {page.id: page for page in await Databases(workspace).records(databases[key].source)}
            for record, values in plan.values.items():
                there = {value.name: value for value in read_values(records[known[record].id].properties)}
                for value in values:
                    count += 1
                    final = with_ids(value, lambda other: ids.get(page_handle(other), ""))
                    if final is None or render([there[value.name]]) != render([final]):
                        differing.append(f"{record}: {value.name}")
    store.close()
    return differing, count, columns


def markdown(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.md"))


def add_number(files: list[Path], number: int) -> None:
    """Give each file the property `bench`, or change it."""
    for file in files:
        text = file.read_text(encoding="utf-8")
        lines = [
            line for line in text.splitlines(keepends=True) if not line.startswith(("bench: ", "bench = "))
        ]
        text = "".join(lines)
        if text.startswith("---\n"):
            text = f"---\nbench: {number}\n{text[4:]}"
        elif text.startswith("+++\n"):
            text = f"+++\nbench = {number}\n{text[4:]}"
        else:
            text = f"---\nbench: {number}\n---\n{text}"
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
