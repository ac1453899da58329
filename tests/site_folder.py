"""A folder, its settings and its embedded workspace, for tests that publish for real, in process."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from publisher.config import Settings, load
from publisher.job import Job
from publisher.planned import Planner
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

T = TypeVar("T")
_TICKS = itertools.count(1)


@dataclass
class Site:
    """`write` files, `publish`, look at `pages` and `text`; every file gets a time of change of its own."""

    root: Path
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / "docs"

    def settings(self, **more: Any) -> Settings:
        return load({"folder": str(self.folder), **self.options, **more}, {}, self.root)

    def write(self, path: str, text: str | bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        tick = 1_700_000_000_000_000_000 + next(_TICKS) * 1_000_000_000
        os.utime(file, ns=(tick, tick))

    def rename(self, old: str, new: str) -> None:
        target = self.folder / new
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.folder / old).rename(target)

    def remove(self, path: str) -> None:
        (self.folder / path).unlink()

    def publish(self, *, force: bool = False, stopping: Stopping | None = None, **more: Any) -> Report:
        settings = self.settings(**more)
        store = Store(state_file(settings))
        try:
            job = Job(settings, lambda count: open_workspace(settings, count), force=force)
            if stopping is not None:
                job.stopping = stopping
            return asyncio.run(Run(job, store).publish())
        finally:
            store.close()

    def plan(self, **more: Any) -> Report:
        settings = self.settings(**more)
        store = Store(state_file(settings))
        try:
            return Planner(settings, store).plan()
        finally:
            store.close()

    def with_workspace(self, use: Callable[[Workspace], Coroutine[Any, Any, T]], **more: Any) -> T:
        """Do something in the workspace as somebody else."""

        async def run() -> T:
            async with open_workspace(self.settings(**more), lambda: None) as workspace:
                return await use(workspace)

        return asyncio.run(run())

    def tree(self, parent: str = "", **more: Any) -> dict[str, Any]:
        """Titles of all pages below a page (the root by default), nested."""

        async def read(workspace: Workspace) -> dict[str, Any]:
            async def below(id: str) -> dict[str, Any]:
                return {page.title: await below(page.id) for page in await workspace.child_pages(id)}

            return await below(parent)

        return self.with_workspace(read, **more)

    def lines(self, id: str, **more: Any) -> list[str]:
        """The text of a page's blocks, in reading order, nested ones indented; child pages as [title]."""

        async def read(workspace: Workspace) -> list[str]:
            async def below(id: str, indent: str) -> list[str]:
                found = []
                for raw in [block async for block in workspace._children(id)]:
                    content = raw[raw["type"]]
                    if raw["type"] == "child_page":
                        found.append(f"[{content['title']}]")
                        continue
                    items = content.get("rich_text") or [
                        item for cell in content.get("cells", []) for item in cell
                    ]
                    text = "".join(item["plain_text"] for item in items)
                    found.append(f"{indent}{text or '<' + raw['type'] + '>'}")
                    if raw["has_children"]:
                        found += await below(raw["id"], indent + "  ")
                return found

            return await below(id, "")

        return self.with_workspace(read, **more)


def actions(report: Report) -> dict[str, str]:
    """What became of each page, by path."""
    return {page.path: page.action for page in report.pages}


def id_of(report: Report, path: str) -> str:
    return next(page.id for page in report.pages if page.path == path)
