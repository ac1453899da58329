"""The folder from one moment to the next: events say where to look, the disk says what is there.

A save costs a look at the files that were saved. Names that come and go cost one walk through the folder.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from publisher.flavor import for_site
from publisher.folder import Folder, load, renewed
from publisher.ignore import GIT, OWN, hidden
from publisher.scan import Scan, SourceFile, scan, unreadable
from publisher.settings import Settings
from publisher.store import Store
from publisher.watching.quiet import Batch

DECLARING = (".toml", ".yml", ".yaml", ".json")  # order and titles, databases: what others are read by
UNREADABLE = "file-unreadable"
FRESH_NS = 200_000_000  # a file that changed so recently, and of which no event came, may be half written


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen. `folder` is None if nothing has changed; `again` are paths that must be looked at once more.

    `declared` says that everything known of the folder's shape has to be made anew.
    """

    folder: Folder | None
    again: frozenset[str] = frozenset()
    declared: bool = False


class Look:
    """Holds the folder as it was last seen. Paths are POSIX, from the folder's root; directories end in a slash."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.anew()

    def anew(self) -> None:
        """Look at everything, as if for the first time.

        Raises:
            UsageError: there is no such folder.
        """
        self.folder = load(self.settings, scan(self.settings.folder, self.settings.ignore), self.store)
        self.folder.digest = ""
        self.folder.scan = replace(self.folder.scan, diagnostics=self.folder.diagnostics)
        self._files = {file.path: file for file in self.folder.scan.files}

    @property
    def root(self) -> str:
        """The folder's real path."""
        return str(self.folder.scan.folder)

    def concerns(self, path: str) -> str:
        """The path by which the folder knows what an event names; empty for what is not published.

        Names of directories may come with or without their slash.
        """
        found = self.folder.scan
        for real, shown in found.places.items():
            if path == real or path.startswith(real + "/"):
                return shown + path[len(real) :]
        *above, name = path.rstrip("/").split("/")
        own = name in (GIT, OWN)
        head = ""
        for part in above:
            head += part + "/"
            if hidden(part) or head in found.ignored:
                return ""
        ignored = path in found.ignored and path not in found.partials
        if not own and (hidden(name) or ignored or f"{path}/" in found.ignored):
            return ""
        return path

    def look(self, batch: Batch) -> Sight:
        """What has changed since the last look, held paths aside.

        Raises:
            UsageError: the folder is gone.
        """
        names, walk, declared = self._touched(batch.paths)
        names |= self._including(batch.paths, walk)
        late: set[str] = set()
        now = self.folder.scan
        if walk:
            now, late = self._walk(batch)
            differ = {file.path for file in now.files if self._files.get(file.path) != file}
            names = (names | differ | self._unread(now)) - batch.held
        read, now, moving = self._read(now, names)
        shown = self._shown(batch, walk)
        folder = renewed(self.folder, now, read, self.store, same_names=not walk, shown=shown)
        facts = self.folder.facts
        changed = declared or any(facts.get(path) is not folder.facts[path] for path in read)
        changed = changed or _shown_otherwise(self.folder, folder, shown)
        changed = changed or ((walk or now is not self.folder.scan) and not _alike(self.folder, folder))
        self.folder = folder
        return Sight(folder if changed else None, frozenset(moving | late), declared)

    def _touched(self, paths: Iterable[str]) -> tuple[set[str], bool, bool]:
        """The known documents among some paths; whether names came or went, so that a walk is needed; and whether
        something is among them that declares how the folder is to be read."""
        names: set[str] = set()
        walk = declared = False
        found = self.folder.scan
        for path in paths:
            if path.startswith("../"):  # a file of a further root, which no walk of the folder finds
                continue
            status = _status(f"{found.folder}/{path}")
            known = path in self._files
            if path.rpartition("/")[2] in (GIT, OWN):
                walk = True
            elif status is None:
                prefix = path.rstrip("/") + "/"
                walk = walk or known or path in found.assets or path in found.aliases or self._holds(prefix)
            elif known and stat.S_ISREG(status.st_mode):
                names.add(path)
            elif path.endswith("/") or known or path not in found.assets:
                walk = True
            elif path.endswith(DECLARING):
                declared = True
        return names, walk, declared

    def _shown(self, batch: Batch, walk: bool) -> set[str]:
        """Pictures and other files that pages show, and that may be others now."""
        assets = self.folder.assets
        if assets is None:
            return set()
        return (assets.stale() if walk else assets.seen.keys() & batch.paths) - batch.held

    def beside(self) -> set[str]:
        """Files of further roots that pages show and that have changed: no event tells of them."""
        return self.folder.assets.stale(beside=True) if self.folder.assets is not None else set()

    def _included(self) -> dict[str, SourceFile | None]:
        """Size and time of change of the files that documents include."""
        names = {path for facts in self.folder.facts.values() for path in facts.includes}
        found = ((path, _status(f"{self.root}/{path}")) for path in names)
        return {
            path: SourceFile(path, status.st_size, status.st_mtime_ns) if status is not None else None
            for path, status in found
        }

    def stamps(self) -> dict[str, SourceFile | None]:
        """Size and time of change, now, of the pictures and other files that pages show; None for what is not there."""
        found = self.folder.assets.stamps() if self.folder.assets is not None else {}
        return self._included() | {
            path: SourceFile(path, status.size, status.mtime_ns) if status is not None else None
            for path, status in found.items()
        }

    def _including(self, paths: Collection[str], walk: bool) -> set[str]:
        """The documents that include one of some files; all that include any, where names came or went."""
        asking = (facts for facts in self.folder.facts.values() if facts.includes)
        return {facts.path for facts in asking if walk or any(path in paths for path in facts.includes)}

    def _holds(self, prefix: str) -> bool:
        return any(
            path.startswith(prefix) for paths in (self._files, self.folder.scan.assets) for path in paths
        )

    def _unread(self, now: Scan) -> set[str]:
        """Documents of which nothing is known yet, or which could not be read."""
        return {file.path for file in now.files if file.path not in self.folder.facts} | {
            item.path for item in self.folder.diagnostics if item.code == UNREADABLE
        }

    def _walk(self, batch: Batch) -> tuple[Scan, set[str]]:
        """The folder as a walk finds it, with held paths as they were; and those that may be half written."""
        now = for_site(scan(self.settings.folder, self.settings.ignore), self.folder.scan.site)
        there = {file.path: file for file in now.files}
        horizon = time.time_ns() - FRESH_NS
        told = tuple(path for path in batch.paths if path.endswith("/"))
        late = {
            path
            for path, file in there.items()
            if file.mtime_ns > horizon
            and self._files.get(path) != file
            and path not in batch.paths
            and not path.startswith(told)
        }
        for path in batch.held | late:
            if path in self._files:
                there[path] = self._files[path]
            else:
                there.pop(path, None)
        return replace(now, files=tuple(there[path] for path in sorted(there))), late

    def _read(self, now: Scan, names: set[str]) -> tuple[dict[str, tuple[SourceFile, bytes]], Scan, set[str]]:
        """The documents that stand still with their bytes, the folder as it was then, and those that are moving."""
        read: dict[str, tuple[SourceFile, bytes]] = {}
        walked = now is not self.folder.scan
        files = {file.path: file for file in now.files} if walked else self._files
        moving: set[str] = set()
        said = now.diagnostics
        trouble = [item for item in said if item.code != UNREADABLE or item.path not in names]
        for path in sorted(names & files.keys()):
            try:
                found = read_settled(f"{now.folder}/{path}", path)
            except OSError as error:
                trouble.append(unreadable(path, error))
                continue
            if found is None:
                moving.add(path)
            else:
                read[path] = found
                files[path] = found[0]
        for path in moving if walked else ():
            if path in self._files:
                files[path] = self._files[path]
            else:
                del files[path]
        self._files = files
        if walked or trouble != list(said):
            now = replace(now, files=tuple(files.values()), diagnostics=tuple(trouble))
        return read, now, moving


def read_settled(place: str, path: str) -> tuple[SourceFile, bytes] | None:
    """A file and its bytes; None if it changed while it was read, or is gone. `path` is what the folder calls it.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with open(place, "rb", buffering=0) as handle:  # noqa: PTH123 - as the scan does
            before = os.fstat(handle.fileno())
            data = handle.read()
            after = os.fstat(handle.fileno())
    except FileNotFoundError:
        return None
    stamp = (before.st_size, before.st_mtime_ns)
    if stamp != (after.st_size, after.st_mtime_ns) or len(data) != before.st_size:
        return None
    return SourceFile(path, *stamp), data


def _shown_otherwise(then: Folder, now: Folder, paths: Iterable[str]) -> bool:
    """Whether one of some files is no longer what pages show."""
    if then.assets is None or now.assets is None:
        return False
    before, after = then.assets.seen, now.assets.seen
    return any(before.get(path) != after.get(path) for path in paths)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - for each event
    except OSError:
        return None


def _alike(then: Folder, now: Folder) -> bool:
    """Whether a walk found the same names with nothing new to say about them."""
    return (
        then.facts.keys() == now.facts.keys()
        and then.scan.assets == now.scan.assets
        and then.scan.ignored == now.scan.ignored
        and then.scan.aliases == now.scan.aliases
        and then.diagnostics == now.diagnostics
    )
