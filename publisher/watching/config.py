"""Files that no event tells of: the settings, what stands above the folder, and git's lock."""

from __future__ import annotations

import os
from pathlib import Path

from publisher import nav
from publisher.config import FILE
from publisher.ignore import GIT
from publisher.settings import Settings

PROJECT = "pyproject.toml"
LOCK_SECONDS = 30.0  # a lock that is older belongs to a git that has died


class Files:
    """Notices when the settings, the ignore files above the folder, or the folder itself become others."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder
        self._paths = _above(settings)
        self._known = self._stamps()
        self._identity = _identity(self._folder)

    def changed(self) -> bool:
        """Whether one of the files is not what it was when this was last asked."""
        before, self._known = self._known, self._stamps()
        return before != self._known

    def folder_changed(self) -> bool:
        """Whether the folder is gone, or another one stands at its place."""
        return _identity(self._folder) != self._identity

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(path) for path in self._paths]


def _above(settings: Settings) -> list[str]:
    folder = Path(os.path.realpath(settings.folder))
    found = [folder / name for name in nav.FILES] + [folder.parent / name for name in nav.FILES]
    for directory in (folder, *folder.parents):
        found += [directory / FILE, directory / PROJECT]
        found += [directory / GIT] if directory != folder else []
        if (directory / ".git").exists():
            break
    # a file named with --config
    origins = {origin.rpartition(":")[0] for origin in settings.provenance.values()}
    found += [path for origin in origins if (path := Path(origin)).suffix == ".toml" and path not in found]
    return [str(path) for path in found]


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - every second
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


class GitLock:
    """Whether git is changing the working tree: a checkout is then published as one change, not file by file."""

    def __init__(self, folder: Path) -> None:
        self._lock = _git_directory(folder)
        self._since: float | None = None

    def busy(self, now: float) -> bool:
        """Whether to wait; `now` in seconds of a monotonic clock. Not for longer than half a minute."""
        if self._lock is None or not os.path.exists(self._lock):  # noqa: PTH110 - for each batch
            self._since = None
            return False
        if self._since is None:
            self._since = now
        return now - self._since < LOCK_SECONDS


def _git_directory(folder: Path) -> str | None:
    """The lock of the index of the repository that a folder is in; None if it is in none."""
    real = Path(os.path.realpath(folder))
    for directory in (real, *real.parents):
        git = directory / ".git"
        if git.is_dir():
            return str(git / "index.lock")
        if git.is_file():  # a worktree or a submodule
            text = git.read_text("utf-8", "replace").removeprefix("gitdir:").strip()
            return str(directory / text / "index.lock")
    return None
