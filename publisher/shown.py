"""Which pages show a picture or another file of the folder, or the text of one."""

from __future__ import annotations

from collections.abc import Container

from converters.blocks import FileRef
from publisher.facts import Facts
from publisher.planning.links import LinkTable, ToUpload
from publisher.shapes import Shape


def showing(found: Shape, names: Container[str]) -> frozenset[str]:
    """The paths of the documents that refer to one of some files: in their text, which may include it, or as their icon
    or cover."""
    facts = found.folder.facts.values()
    return frozenset(item.path for item in facts if any(name in names for name in _files(item, found.table)))


def widened(found: Shape, paths: frozenset[str]) -> frozenset[str]:
    """Some changed files, and the documents that show one of them."""
    return paths | showing(found, paths)


def _files(facts: Facts, table: LinkTable) -> list[str]:
    pictures = [FileRef(place) for place in (facts.icon, facts.cover) if place and ":" not in place]
    goals = (table.resolve(ref).goal for ref in (*(use.link for use in facts.links), *pictures))
    shown = [goal.file.path if isinstance(goal, ToUpload) else getattr(goal, "path", "") for goal in goals]
    return [*shown, *facts.includes]
