"""Where the files of a folder are read from: the disk, or a commit (`publisher.pushed`). The walk is the same."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from publisher.inside import open_inside

RACY_NS = 2_000_000_000  # FAT keeps times to two seconds


def settled(mtime_ns: int) -> int:
    """A time of change that can be trusted. A file changed a moment ago may change again within the clock's tick
    and keep its size (git calls such entries racy): its time is not kept, so that it is read again."""
    return mtime_ns if time.time_ns() - mtime_ns > RACY_NS else -1


class Entry(Protocol):
    """A name in a directory, as `os.DirEntry` has it."""

    @property
    def name(self) -> str: ...

    def is_symlink(self) -> bool: ...

    def is_dir(self, *, follow_symlinks: bool = True) -> bool: ...


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a regular file without reading it.

    `size` in bytes, `mtime_ns` the time of its last change; both -1 where there is a `mark` instead, which stands for
    the content itself (a blob's id).
    """

    size: int = -1
    mtime_ns: int = -1
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a path leads when all symbolic links on the way are followed.

    `inside` is the path from the folder's root, "" for the root itself, None for what is not in the folder. `shown`
    names the place to people.
    """

    inside: str | None
    kind: Literal["file", "directory", "nothing", "loop"]
    shown: str


class Source(Protocol):
    """The files of one folder. Paths are POSIX, from the folder's root; directories are "" or end in a slash."""

    def entries(self, base: str) -> Sequence[Entry]:
        """What is in a directory, sorted by name.

        Raises:
            OSError: it cannot be read.
        """

    def status(self, path: str) -> Status | None:
        """None if it is not a regular file.

        Raises:
            OSError: it cannot be looked at.
        """

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            OSError: it cannot be read, or is gone by now.
        """

    def small(self, path: str, limit: int) -> bytes | None:
        """The bytes of a file that has no more than so many; None for a larger one, which is not read.

        Raises:
            OSError: it cannot be read, is no regular file, or is gone by now.
        """

    def find(self, path: str) -> bytes | None:
        """The bytes of a file, None if there is none of that name. The path may lead out of the folder ("../a").

        Raises:
            OSError: it is there and cannot be read.
        """

    def above(self, name: str) -> Iterator[tuple[str, bytes]]:
        """The files of a name in the directories above the folder, the nearest first, up to the repository's top.

        Each with the way from its directory down to the folder ("docs/"). None outside a repository.
        """

    def target(self, path: str) -> Target:
        """Where a path leads."""

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """The bytes of a file from their beginning, to be read in pieces and sought in; for large files.

        Raises:
            OSError: it cannot be read, is no regular file, is hidden, or does not lie in the folder (any more).
        """

    def beside(self, place: Path) -> Source | None:
        """The files of another directory, as of the same moment; None if that moment has no such directory."""


class Disk:
    """The files of a folder as they lie on the disk. `root` has no symbolic links in it."""

    def __init__(self, root: Path = Path()) -> None:
        self.root = root

    def entries(self, base: str) -> list[os.DirEntry[str]]:
        with os.scandir(self.root / base) as found:
            return sorted(found, key=lambda entry: entry.name)

    def status(self, path: str) -> Status | None:
        found = os.stat(f"{self.root}/{path}")  # noqa: PTH116 - a third of the time
        return Status(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None

    def read(self, path: str) -> bytes:
        with open(f"{self.root}/{path}", "rb", buffering=0) as handle:  # noqa: PTH123 - a third of the time
            return handle.read()

    def small(self, path: str, limit: int) -> bytes | None:
        status = self.status(path)
        if status is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if status.size > limit:
            return None
        with open(f"{self.root}/{path}", "rb") as handle:  # noqa: PTH123
            data = handle.read(limit + 1)  # it may have grown
        return data if len(data) <= limit else None

    def find(self, path: str) -> bytes | None:
        return self.read(path) if (self.root / path).is_file() else None

    def above(self, name: str) -> Iterator[tuple[str, bytes]]:
        top = next(
            (place for place in (self.root, *self.root.parents) if (place / ".git").exists()), self.root
        )
        for directory in self.root.parents if top != self.root else ():
            try:
                data = (directory / name).read_bytes() if (directory / name).is_file() else None
            except OSError:
                data = None  # what stands above the folder is not ours to complain of
            if data is not None:
                yield self.root.relative_to(directory).as_posix() + "/", data
            if directory == top:
                return

    def target(self, path: str) -> Target:
        try:
            real = os.path.realpath(self.root / path)
        except OSError:  # it went while it was followed
            return Target(path, "nothing", path)
        if os.path.exists(real) and (why := _refused(self.root / path)):  # noqa: PTH110
            return Target(path, "loop" if why == errno.ELOOP else "nothing", path)
        if os.path.isdir(real):  # noqa: PTH112
            return Target(self._inside(real), "directory", real)
        if os.path.exists(real):  # noqa: PTH110 - a loop ends here too
            return Target(self._inside(real), "file", real)
        looping = os.path.islink(real)  # noqa: PTH114
        return Target(self._inside(real), "loop" if looping else "nothing", real)

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        return open_inside(self.root, path)

    def beside(self, place: Path) -> Disk | None:
        return Disk(Path(os.path.realpath(place))) if place.is_dir() else None

    def _inside(self, real: str) -> str | None:
        if real == str(self.root):
            return ""
        prefix = str(self.root).rstrip(os.sep) + os.sep
        return real[len(prefix) :].replace(os.sep, "/") if real.startswith(prefix) else None


def _refused(place: Path) -> int:
    """Why the system does not follow a path that `realpath` does, which does not mind a link that needs itself
    (`a -> a/../b`) or what is not there (`gone/../b`); 0 if it does."""
    try:
        os.stat(place)  # noqa: PTH116
    except OSError as error:
        return error.errno or errno.ENOENT
    return 0
