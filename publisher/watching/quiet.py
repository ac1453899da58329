"""Events in, settled changes out. Pure: the time is given, nothing is looked at.

A system tells of a save in many ways: a file is written in place, written beside and renamed, renamed away and written
anew, deleted and written anew. What they have in common is that it is over soon. So events are only names of places
to look at, and the looking is done when a moment passed without a further one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import IntEnum

UNFINISHED_SECONDS = (
    1.0  # a file that is written and never closed (a log, a network file system) is taken after this
)
GONE_SECONDS = 0.5  # an editor that deletes and creates has created by then
LIMIT_SECONDS = 2.0  # changes that never pause are published this often


class Sign(IntEnum):
    """What an event says about a path."""

    SETTLED = 1  # written and closed, or renamed to this name
    NEW = 2  # came to be, and may still be empty
    UNFINISHED = 3  # is being written
    GONE = 4  # deleted
    AWAY = 5  # renamed to another name
    TOUCHED = 6  # its rights or times have changed, perhaps at the end of a save


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be looked at now. `held` are paths whose change is still under way: they count as unchanged."""

    paths: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Entry:
    sign: Sign
    at: float
    new: bool = False  # the name was not there before

    @property
    def ready(self) -> float | None:
        """When this is taken though nothing else happens; None if it waits for the quiet window."""
        wait = {Sign.UNFINISHED: UNFINISHED_SECONDS, Sign.GONE: GONE_SECONDS}.get(self.sign)
        return None if wait is None else self.at + wait


@dataclass(slots=True)
class Quiet:
    """Collects signs until they pause.

    `seconds` is the quiet window. Times are seconds of one monotonic clock. A path that was created and deleted again
    leaves nothing; one that was deleted and created again is a change. A path that is gone waits a little longer, but
    no longer than a new path: together they may be a renaming, which must be seen as one.
    """

    seconds: float
    _entries: dict[str, _Entry] = field(default_factory=dict)

    def note(self, path: str, sign: Sign, now: float) -> None:
        """Something happened to a path."""
        before = self._entries.get(path)
        if sign is Sign.TOUCHED:
            self.again((path,), now)
            return
        new = before.new if before else sign is Sign.NEW
        if sign in (Sign.GONE, Sign.AWAY) and before is not None and new:
            del self._entries[path]
            return
        waiting = sign in (Sign.UNFINISHED, Sign.GONE)
        self._entries[path] = _Entry(sign if waiting else Sign.SETTLED, now, new)

    def again(self, paths: Collection[str], now: float) -> None:
        """Paths that could not be taken yet: they are looked at again, unless more is known by now."""
        for path in paths:
            self._entries.setdefault(path, _Entry(Sign.UNFINISHED, now))

    def due(self) -> float | None:
        """When to look next; None while nothing is to be looked at."""
        times = [entry.ready for entry in self._entries.values()]
        return min((at for at in (*times, self._settled_at()) if at is not None), default=None)

    def take(self, now: float) -> Batch | None:
        """What is due, None if nothing is. The rest stays."""
        at = self._settled_at()
        settled = at is not None and at <= now
        renaming = settled and any(entry.new for entry in self._entries.values())
        taken = {
            path
            for path, entry in self._entries.items()
            if (settled and (entry.sign is Sign.SETTLED or (renaming and entry.sign is Sign.GONE)))
            or (entry.ready is not None and entry.ready <= now)
        }
        if not taken:
            return None
        self._entries = {path: entry for path, entry in self._entries.items() if path not in taken}
        return Batch(frozenset(taken), frozenset(self._entries))

    def _settled_at(self) -> float | None:
        """When what waits for quiet may be taken: a window after the last sign, within a limit."""
        settled = [entry.at for entry in self._entries.values() if entry.sign is Sign.SETTLED]
        if not settled:
            return None
        last = max(entry.at for entry in self._entries.values() if entry.sign is not Sign.UNFINISHED)
        return min(last + self.seconds, min(settled) + max(LIMIT_SECONDS, self.seconds))
