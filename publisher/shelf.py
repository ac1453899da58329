"""Pages that are published already: list them, open one, move some to the trash and take them out again."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from converters.blocks import PageRef
from converters.dialects.base import parse_address
from converters.properties import PropertyValue
from converters.property_types import DateValue
from publisher import shapes
from publisher.errors import RejectedError, TrashedError, UsageError
from publisher.folder import load
from publisher.known import KnownPage
from publisher.planning.record_values import PROPERTY, changes
from publisher.planning.tree import natural_path
from publisher.remote.trashed import explained
from publisher.remote.workspace import Workspace
from publisher.scan import scan
from publisher.settings import Settings
from publisher.shapes import Shape
from publisher.store import Store


@dataclass(frozen=True, slots=True)
class Published:
    """One published page. `published` is when it was last written, in UTC. `properties` are the values of a record as
    last written."""

    path: str
    title: str
    id: str
    url: str
    parent: str
    published: str
    archived: bool = False
    database: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


def as_tree(found: Sequence[Published]) -> list[tuple[int, Published]]:
    """The pages with their depth, each below its parent; pages whose parent is not known stand at the top."""
    keys = {page.key for page in found}
    below: dict[str, list[Published]] = {}
    for page in found:
        below.setdefault(page.parent if page.parent in keys else "", []).append(page)
    tree: list[tuple[int, Published]] = []
    stack = [(0, page) for page in reversed(below.get("", []))]
    while stack:
        depth, page = stack.pop()
        tree.append((depth, page))
        stack += [(depth + 1, child) for child in reversed(below.get(page.key, []))]
    return tree


def published(settings: Settings, store: Store) -> list[Published]:
    """Everything that the state knows, in the order in which readers see it as far as the folder says. Sends nothing."""
    shape = _shape(settings, store)
    found = [
        Published(base.key, base.title, base.id, base.url, "", "", database=True, key=base.key)
        for base in store.databases().values()
    ]
    values = _values(shape, store) if shape is not None else {}
    archived = store.archived()
    for page in store.pages().values():
        when = datetime.fromtimestamp(page.published, UTC).isoformat(timespec="seconds")
        found.append(
            Published(
                page.path,
                page.title,
                page.id,
                page.url,
                page.parent,
                when,
                archived=page.key in archived,
                properties=values.get(page.key, {}),
                key=page.key,
            )
        )
    order = {node.key: number for number, node in enumerate(shape.tree.pages)} if shape is not None else {}
    return sorted(found, key=lambda item: (order.get(item.key, len(order)), natural_path(item.path)))


def _shape(settings: Settings, store: Store) -> Shape | None:
    """The folder as it is now; None if it cannot be read."""
    try:
        folder = load(settings, scan(settings.folder, settings.ignore), store)
    except UsageError:
        return None
    return shapes.shape(folder, store.pages(), store.databases())


def _values(shape: Shape, store: Store) -> dict[str, dict[str, Any]]:
    """The properties of each record that stand there as the folder has them now."""
    known = store.pages()
    found: dict[str, dict[str, Any]] = {}
    for plan in shape.bases.plans.values():
        for key, values in plan.values.items():
            if (page := known.get(key)) is not None:
                _, digests = changes(values, {}, plan.schema, shape.folder.dialect.properties)
                written = [
                    v for v in values if page.head.get(PROPERTY + v.name) == digests[PROPERTY + v.name]
                ]
                found[key] = {value.name: _shown(value, shape) for value in written}
    return found


def _shown(value: PropertyValue, shape: Shape) -> Any:
    """A value for people and programs; what a relation names by a file, by the file's path."""
    if isinstance(value.value, DateValue):
        parts = (("start", value.value.start), ("end", value.value.end), ("time_zone", value.value.time_zone))
        return {name: part for name, part in parts if part}
    if not isinstance(value.value, tuple):
        return value.value
    refs = [parse_address(item) for item in value.value] if value.type == "relation" else []
    named = [shape.path(ref.target) if isinstance(ref, PageRef) else "" for ref in refs]
    return [name or item for name, item in zip_longest(named, value.value)]


def chosen(paths: Iterable[str], settings: Settings, store: Store, cwd: Path) -> list[KnownPage]:
    """The published pages of some files or folders, named from where one stands or from the folder's root.

    Raises:
        UsageError: one of them is not published.
    """
    pages = store.pages()
    by_path = {page.path: page for page in pages.values()} | pages
    found: dict[str, KnownPage] = {}
    for path in paths:
        names = [*_inside(path, settings.folder, cwd), path.replace(os.sep, "/").removeprefix("./")]
        page = next(
            (by_path[key] for name in names for key in (name, name.rstrip("/") + "/") if key in by_path), None
        )
        if page is None:
            raise UsageError(f"{path} is not published.", "`pagemill pages` lists what is.")
        found[page.key] = page
    return list(found.values())


def _inside(path: str, folder: Path, cwd: Path) -> list[str]:
    """The path from the folder's root, if it lies in the folder."""
    try:
        relative = (cwd / path).resolve().relative_to(folder.resolve()).as_posix()
    except (ValueError, OSError):
        return []
    return [relative] if relative != "." else ["/"]


async def archive(
    pages: Sequence[KnownPage], store: Store, workspace: Workspace, done: Callable[[KnownPage], None]
) -> None:
    """Move pages to the trash; publishing leaves them, and all below them, alone until they are restored. One write
    each.

    Raises:
        TrashedError: a page above one of them is in the trash.
    """
    async with workspace:
        for page in pages:
            await _put(page, workspace.trash_page(page.id), workspace)
            store.set_archived(page.key, True)
            done(page)


async def restore(
    pages: Sequence[KnownPage],
    store: Store,
    workspace: Workspace,
    done: Callable[[KnownPage], None],
    idle: Callable[[KnownPage], None] = lambda _: None,
) -> None:
    """Take pages out of the trash. One write each; a read where `archive` did not move it there. `idle` is told of
    pages that are not in the trash. Raises as `archive`."""
    archived = store.archived()
    async with workspace:
        for page in pages:
            if page.key not in archived and await workspace.page(page.id) is not None:
                idle(page)
                continue
            await _put(page, workspace.restore_page(page.id), workspace)
            store.set_archived(page.key, False)
            store.set_meta("converged", "")  # what changed in the file meanwhile is published next time
            done(page)


async def _put(page: KnownPage, moved: Awaitable[object], workspace: Workspace) -> None:
    """Do it, and say why if it cannot be done."""
    try:
        await moved
    except RejectedError as error:
        why = await explained(error, page.id, (), workspace)
        if not isinstance(why, TrashedError) or not why.above:
            raise
        message = f"Somebody moved a page above {page.path} to trash. Restore that one first."
        raise TrashedError(message, why.page, above=True) from error
