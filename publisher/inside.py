"""Files opened for reading in one directory and nowhere else, whatever somebody puts in their place meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

ALWAYS = frozenset({"node_modules", "__pycache__"})  # never published, like hidden files
# A pipe or a device must not stop the run when it is opened: it is told from a file only then.
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_STEPS = os.open in os.supports_dir_fd and bool(_NO_LINK)
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{name}{n}" for name in ("com", "lpt") for n in "0123456789¹²³")]
)  # fmt: skip


def hidden(name: str) -> bool:
    """Whether a name is never published, whatever the patterns say."""
    return name.startswith(".") or name in ALWAYS


def open_inside(root: Path, path: str) -> BinaryIO:
    """A regular file below `root`, opened for reading in binary. `root` has no symbolic links in it.

    Symbolic links that stay below it are followed. What leads out, to a hidden file, or to anything that is no regular
    file is refused, also if it was put there after somebody looked.

    Raises:
        OSError: it is refused, gone, or cannot be read.
    """
    parts = way(root, path)
    descriptor = _descend(root, parts) if _STEPS else os.open(root.joinpath(*parts), _READ | _NO_LINK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _refused(path, "is not a regular file")
        if not _STEPS and not os.path.samestat(found, root.joinpath(*way(root, path)).lstat()):
            raise _refused(path, "was replaced while it was opened")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def way(root: Path, path: str, windows: bool = os.name == "nt") -> tuple[str, ...]:
    """The names from `root` down to a file, all symbolic links followed. `path`: POSIX, from `root`.

    Raises:
        OSError: it leads out of `root` or to what is never published.
    """
    if windows and any(map(_special, path.split("/"))):
        raise _refused(path, "is a name with a meaning of its own to Windows")
    real = os.path.realpath(root / path)
    if not Path(real).is_relative_to(root):
        raise _refused(path, "leads out of the folder")
    parts = Path(real).relative_to(root).parts
    if any(map(hidden, parts)):
        raise _refused(path, "leads to a hidden file")
    if not parts:
        raise _refused(path, "is not a regular file")
    return parts


def _descend(root: Path, parts: Sequence[str]) -> int:
    """Open name by name, so that none of them can be made a symbolic link on the way."""
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in parts[:-1]:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | _NO_LINK, dir_fd=at)
            os.close(at)
            at = inner
        return os.open(parts[-1], _READ | _NO_LINK, dir_fd=at)
    finally:
        os.close(at)


def _special(name: str) -> bool:
    """Whether Windows takes a name for a device or for a part of a file, or reads another one for it."""
    return ":" in name or name.endswith((".", " ")) or name.partition(".")[0].rstrip(" ").lower() in _DEVICES


def _refused(path: str, why: str) -> OSError:
    return OSError(errno.EACCES, why, path)
