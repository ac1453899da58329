"""A folder as a commit holds it, read from git: what lies in the working copy does not count."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from converters.lfs import is_pointer, pointed_size
from publisher.git import LINK, SUBMODULE, Contents, Repository, TreeFile
from publisher.source import Entry, Status, Target

MAX_LINKS = 40  # that one path may go through, as Linux has it


@dataclass(slots=True)
class _Name:
    """A name in a directory of a commit. `file` is None for a directory."""

    name: str
    file: TreeFile | None
    leads_to_directory: bool

    def is_symlink(self) -> bool:
        return self.file is not None and self.file.mode == LINK

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self.file is None or (follow_symlinks and self.leads_to_directory)


class Pushed:
    """The files of one folder in one commit. `folder` is its path from the repository's top, "" for the top itself.

    Raises:
        UsageError: the commit has no such folder.
    """

    def __init__(self, repository: Repository, contents: Contents, commit: str, folder: str) -> None:
        self.repository = repository
        self.commit = commit
        self.folder = folder
        self.submodules: list[str] = []  # what the commit only names: other repositories hold their files
        self._contents = contents
        self._links: dict[str, str] = {}
        self._directories: dict[str, dict[str, TreeFile | None]] = {"": {}}
        for file in repository.tree(commit, folder):
            if file.mode == SUBMODULE:
                self.submodules.append(file.path)
            else:
                self._add(file)

    def _add(self, file: TreeFile) -> None:
        base, _, name = file.path.rpartition("/")
        known = self._directories.get(base)
        if known is None:
            known = self._directories[base] = {}
            while base:  # the directories above, as far as they are new
                base, _, directory = base.rpartition("/")
                self._directories.setdefault(base, {}).setdefault(directory, None)
        known[name] = file

    def entries(self, base: str) -> Sequence[Entry]:
        if base.startswith("../"):
            return self._beside(base)
        directory = self._real(base.rstrip("/"))
        if directory not in self._directories:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), base)
        return [
            _Name(name, file, file is not None and file.mode == LINK and self._is_directory(f"{base}{name}"))
            for name, file in sorted(self._directories[directory].items())
        ]

    def _beside(self, base: str) -> list[Entry]:
        place = self._from_top(base.rstrip("/"))
        names = [] if place is None else self.repository.names(self.commit, place)
        return [_Name(name, None, False) for name in sorted(names)]

    def status(self, path: str) -> Status | None:
        return Status(mark=file.blob) if (file := self._file(path)) is not None else None

    def read(self, path: str) -> bytes:
        file = self._file(path)
        data = self._contents.read(file.blob) if file is not None else None
        if data is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return self._contents.resolved(data, self._place(path))

    def small(self, path: str, limit: int) -> bytes | None:
        file = self._file(path)
        size = self._contents.size(file.blob) if file is not None else None
        if file is None or size is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        data = self._contents.read(file.blob) if size <= limit else None
        if data is None or (is_pointer(data) and pointed_size(data) > limit):
            return None
        return self._contents.resolved(data, self._place(path))

    def _place(self, path: str) -> str:
        """A path of the folder from the repository's top."""
        return f"{self.folder}/{path}" if self.folder else path

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        file = self._file(path)
        found = self.repository.open(file.blob, self._place(path)) if file is not None else None
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return found

    def beside(self, place: Path) -> Pushed | None:
        path = self.repository.path_of(place)
        if path is None or self._contents.kind(f"{self.commit}:{path}") != "tree":
            return None
        return Pushed(self.repository, self._contents, self.commit, path)

    def find(self, path: str) -> bytes | None:
        if path.startswith("../"):
            place = self._from_top(path)
            return self._contents.read(f"{self.commit}:{place}") if place else None
        return self.read(path) if self._file(path) is not None else None

    def above(self, name: str) -> Iterator[tuple[str, bytes]]:
        parts = self.folder.split("/") if self.folder else []
        for depth in range(len(parts) - 1, -1, -1):
            data = self._contents.read(f"{self.commit}:{'/'.join([*parts[:depth], name])}")
            if data is not None:
                yield "/".join(parts[depth:]) + "/", data

    def target(self, path: str) -> Target:
        """As the file system would have it, in a working tree that holds this commit."""
        at = self.folder.split("/") if self.folder else []
        rest = path.split("/")[::-1]
        followed, missing = 0, False
        while rest:
            part = rest.pop()
            if part == ".." and not at:
                return _outside(self.repository.top.joinpath("..", *rest[::-1]))
            if part == "..":
                missing = missing or not self._stands(at)
                at.pop()
            elif part not in ("", "."):
                at.append(part)
                way = self._link(at)
                if way is None:
                    continue
                followed += 1
                if followed > MAX_LINKS:
                    return Target(path, "loop", path)
                at.pop()
                if way.startswith("/"):
                    inner = self._absolute(way)
                    if inner is None:
                        return _outside(Path(way, *rest[::-1]))
                    at, way = [], inner
                rest += way.split("/")[::-1]
        found = self._described(at)
        return Target(path, "nothing", path) if missing and found.kind != "nothing" else found

    def _stands(self, at: Sequence[str]) -> bool:
        """Whether there is such a directory: no path leads on through one that is not there."""
        inside = self._inside(at)
        if inside is not None:
            return inside in self._directories
        return self._contents.kind(f"{self.commit}:{'/'.join(at)}") == "tree"

    def _described(self, at: Sequence[str]) -> Target:
        shown = "/".join(at)
        inside = self._inside(at)
        if inside is None:
            directory = self._contents.kind(f"{self.commit}:{shown}") == "tree"
            return Target(None, "directory" if directory else "file", shown)
        if inside in self._directories:
            return Target(inside, "directory", shown)
        base, _, name = inside.rpartition("/")
        there = self._directories.get(base, {}).get(name) is not None
        return Target(inside, "file" if there else "nothing", shown)

    def _link(self, at: Sequence[str]) -> str | None:
        """Where a symbolic link leads, as it is written; None for what is none. The path counts from the top."""
        inside = self._inside(at)
        if not inside:
            return None
        base, _, name = inside.rpartition("/")
        file = self._directories.get(base, {}).get(name)
        if file is None or file.mode != LINK:
            return None
        if file.blob not in self._links:
            self._links[file.blob] = (self._contents.read(file.blob) or b"").decode(
                "utf-8", "surrogateescape"
            )
        return self._links[file.blob]

    def _absolute(self, way: str) -> str | None:
        """An absolute path into the working tree, from its top."""
        path = Path(way)
        return (
            path.relative_to(self.repository.top).as_posix()
            if path.is_relative_to(self.repository.top)
            else None
        )

    def _inside(self, at: Sequence[str]) -> str | None:
        top = self.folder.split("/") if self.folder else []
        return "/".join(at[len(top) :]) if list(at[: len(top)]) == top else None

    def _from_top(self, path: str) -> str | None:
        """A path that begins with "../", from the repository's top; None if it leaves the repository."""
        at = self.folder.split("/") if self.folder else []
        for part in path.split("/"):
            if part == ".." and not at:
                return None
            at = at[:-1] if part == ".." else [*at, part]
        return "/".join(at)

    def _real(self, path: str) -> str:
        if path in self._directories or not path:
            return path
        return self.target(path).inside or path

    def _is_directory(self, path: str) -> bool:
        return self.target(path).kind == "directory"

    def _file(self, path: str) -> TreeFile | None:
        base, _, name = self._real_file(path).rpartition("/")
        file = self._directories.get(base, {}).get(name)
        return file if file is not None and file.mode != LINK else None

    def _real_file(self, path: str) -> str:
        base, _, name = path.rpartition("/")
        file = self._directories.get(base, {}).get(name)
        if file is not None and file.mode != LINK:
            return path
        target = self.target(path)
        return target.inside if target.kind == "file" and target.inside else path


def _outside(place: Path) -> Target:
    """What a link leads to that leaves the repository: only the disk can say what it is."""
    return Target(None, "directory" if place.is_dir() else "file", str(place))
