"""Which pages show a picture or another file of the folder, or the text of one."""

from __future__ import annotations

from collections.abc import Container, Iterable
from posixpath import basename

from converters.blocks import FileRef
from converters.dialects.uploads import UPLOAD
from converters.includes import NOTES
from publisher.facts import Facts
from publisher.planning.links import LinkTable, ToUpload
from publisher.planning.nearest import fold, stem_of
from publisher.scan import is_markdown
from publisher.shapes import Shape


def showing(found: Shape, names: Container[str]) -> frozenset[str]:
    """The paths of the documents that refer to one of some files: in their text, which may include it, as their icon
    or cover, or in a property."""
    facts = found.folder.facts.values()
    held = _held(found)
    return frozenset(
        item.path
        for item in facts
        if any(name in names for name in (*_files(item, found.table), *held.get(item.path, ())))
    )


def widened(found: Shape, paths: frozenset[str]) -> frozenset[str]:
    """Some changed files, and the documents that show one of them, or may have shown one that is gone."""
    return paths | showing(found, paths) | _bereft(found, paths)


def _bereft(found: Shape, paths: Iterable[str]) -> frozenset[str]:
    """The paths of the documents that ask for a note of the name of one that is gone."""
    facts = found.folder.facts
    gone = {stem_of(path) for path in paths if path not in facts and is_markdown(path)}
    if not gone or NOTES not in found.folder.options.extensions:
        return frozenset()
    asked = ((item.path, name) for item in facts.values() for name in item.includes)
    return frozenset(path for path, name in asked if stem_of(name) in gone or fold(basename(name)) in gone)


def _held(found: Shape) -> dict[str, list[str]]:
    """The files of the folder that the properties of records hold, by the paths of these."""
    assets = found.folder.assets
    files = assets.files() if assets is not None and found.bases else {}
    there: dict[str, list[str]] = {}
    for key, values in (item for plan in found.bases.plans.values() for item in plan.values.items()):
        node = found.tree.by_key.get(key)
        for value in values:
            if value.type == "files" and isinstance(value.value, tuple) and node is not None:
                hashes = (place.removeprefix(UPLOAD) for place in value.value)
                there.setdefault(node.path or "", []).extend(files[it].path for it in hashes if it in files)
    return there


def _files(facts: Facts, table: LinkTable) -> list[str]:
    pictures = [FileRef(place) for place in (facts.icon, facts.cover) if place and ":" not in place]
    refs = (*(use.link for use in facts.links), *pictures)
    goals = (table.resolve(ref, facts.path).goal for ref in refs)
    shown = [goal.file.path if isinstance(goal, ToUpload) else getattr(goal, "path", "") for goal in goals]
    return [*shown, *facts.includes]
