"""The state's directory: hidden from git, and held by one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.errors import ConflictError, UsageError


def ignore_in_git(directory: Path) -> None:
    """Make the state's directory ignore itself in git, as virtual environments do."""
    marker = directory / ".gitignore"
    if directory.name == ".pagemill" and not marker.exists():
        marker.write_text("*\n", encoding="utf-8")


@contextmanager
def lock(path: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the state for this process alone. `wait`: how many seconds another run is given to end.

    Raises:
        ConflictError: another run holds it.
    """
    from filelock import FileLock, Timeout

    guard = FileLock(path.with_name(path.name + ".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        guard.acquire(timeout=wait)
    except Timeout:
        raise ConflictError(
            "Another pagemill run is publishing this folder.", "Wait until it is done, then run this again."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The state's directory {path.parent} cannot be written: {error}.",
            "Publishing notes there what it does. PAGEMILL_STATE names another directory.",
        ) from error
    try:
        yield
    finally:
        guard.release()
