"""Folders beside the published one whose pictures and files documents may refer to: the setting `file_roots`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import UsageError
from publisher.scan import Scan, scan_source
from publisher.settings import Settings
from publisher.source import Disk, Source

# a person said it for this run, not a file that came with the folder
_BY_HAND = (
    "PAGEMILL_",
    "--",
    "default",
)


@dataclass(frozen=True, slots=True)
class Root:
    """A further folder.

    `names` are its files as documents call them from the folder's root: they begin with `prefix`.
    """

    prefix: str
    source: Source
    names: frozenset[str]


def roots(settings: Settings, found: Scan) -> tuple[Root, ...]:
    """The further folders, as of the same moment as the scan; those that a commit does not have are left out.

    Raises:
        UsageError: one is not there, or lies where a settings file may not send a reader.
    """
    made = []
    for place in settings.file_roots:
        real = Path(os.path.realpath(place))
        _check(settings, place, real, found.folder)
        source = found.source.beside(real)
        if source is None and isinstance(found.source, Disk):
            raise UsageError(
                f"{settings.origin('file_roots')}: file_roots: {place} is no folder",
                "Name a folder that is there, or leave it out.",
            )
        if source is not None and real != found.folder:
            made.append(_root(real, source, found.folder))
    return tuple(made)


def _root(real: Path, source: Source, folder: Path) -> Root:
    prefix = Path(os.path.relpath(real, folder)).as_posix() + "/"
    own = folder.relative_to(real).as_posix() + "/" if folder.is_relative_to(real) else ""
    names = scan_source(real, source).assets
    return Root(
        prefix, source, frozenset(prefix + name for name in names if not own or not name.startswith(own))
    )


def _check(settings: Settings, place: Path, real: Path, folder: Path) -> None:
    where = settings.origin("file_roots")
    if where.startswith(_BY_HAND):
        return
    top = next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder.parent)
    if not real.is_relative_to(top):
        raise UsageError(
            f"{where}: file_roots: {place} lies outside {top}",
            "A settings file may only name folders of its repository (without one: beside the folder). Use "
            "PAGEMILL_FILE_ROOTS for others.",
        )
