"""The folder from one moment to the next: events say where to look, the disk says what is there.

A save costs a look at the files that were saved. Names that come and go cost one walk through the folder.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from publisher.folder import Folder, load, renewed
from publisher.ignore import GIT, OWN
from publisher.scan import Scan, SourceFile, is_markdown, scan
from publisher.settings import Settings
from publisher.store import Store
from publisher.watching.quiet import Batch

FRESH_NS = 200_000_000  # a file that changed so recently, and of which no event came, may be half written


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen. `folder` is None if nothing has changed; `again` are paths that must be looked at once more."""

    folder: Folder | None
    again: frozenset[str] = frozenset()


class Look:
    """Holds the folder as it was last seen. Paths are POSIX, from the folder's root; directories end in a slash."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.folder = load(settings, scan(settings.folder, settings.ignore), store)
        self.folder.digest = ""
        self._files: dict[str, SourceFile] = {}
        self._index()

    def _index(self) -> None:
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
        if name.startswith(".") and name not in (GIT, OWN):
            return ""
        head = ""
        for part in above:
            head += part + "/"
            if part.startswith(".") or head in found.ignored:
                return ""
        if name not in (GIT, OWN) and (path in found.ignored or f"{path}/" in found.ignored):
            return ""
        return path

    def look(self, batch: Batch) -> Sight:
        """What has changed since the last look, held paths aside.

        Raises:
            UsageError: the folder is gone.
        """
        names, walk = self._touched(batch.paths)
        now, late = self._walked(names, batch.held) if walk else (None, set())
        last = self.folder.scan
        if now is None:
            now = replace(last, files=tuple(self._files.values()))
        elif walk:
            names |= {
                file.path for file in now.files if self._files.get(file.path) != file
            } | self._unknown(now)
            names -= late | _below(names, batch.held)
        contents, fresh, unsettled = self._read(now, names)
        known = self._files
        files = []
        for file in now.files:
            if file.path in unsettled and file.path not in known:
                continue
            files.append(fresh.get(file.path) or known.get(file.path, file))
        folder = renewed(self.folder, replace(now, files=tuple(files)), contents, self.store)
        changed = walk and not _alike(self.folder, folder)
        changed = changed or any(
            self.folder.facts.get(path) is not folder.facts.get(path) for path in contents
        )
        self.folder = folder
        self._index()
        return Sight(folder if changed else None, frozenset(unsettled | late))

    def _touched(self, paths: Iterable[str]) -> tuple[set[str], bool]:
        """The known documents among some paths, and whether names came or went, so that a walk is needed."""
        names: set[str] = set()
        walk = False
        found = self.folder.scan
        for path in paths:
            status = _status(f"{self.root}/{path}")
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
        return names, walk

    def _holds(self, prefix: str) -> bool:
        return any(
            path.startswith(prefix) for paths in (self._files, self.folder.scan.assets) for path in paths
        )

    def _unknown(self, now: Scan) -> set[str]:
        return {file.path for file in now.files if file.path not in self.folder.facts}

    def _walked(self, names: set[str], held: frozenset[str]) -> tuple[Scan, set[str]]:
        """The folder as a walk finds it, with held paths as they were; and what may be half written."""
        now = scan(self.settings.folder, self.settings.ignore)
        there = {file.path: file for file in now.files}
        late = set()
        horizon = time.time_ns() - FRESH_NS
        for path, file in there.items():
            if path in self._files and self._files[path] != file and path not in names and file.mtime_ns > horizon:
                late.add(path)
        for path in {*held, *late}:
            if path in self._files:
                there[path] = self._files[path]
            elif path in there and path in held:
                del there[path]
        return replace(now, files=tuple(there[path] for path in sorted(there))), late

    def _read(
        self, now: Scan, names: set[str]
    ) -> tuple[dict[str, bytes], dict[str, SourceFile], set[str]]:
        """The bytes of documents that stand still, and those that do not."""
        contents: dict[str, bytes] = {}
        fresh: dict[str, SourceFile] = {}
        unsettled: set[str] = set()
        for path in names:
            found = read_settled(f"{now.folder}/{path}")
            if found is None:
                unsettled.add(path)
            else:
                contents[path], size, mtime = found
                fresh[path] = SourceFile(path, size, mtime)
        return contents, fresh, unsettled


def read_settled(path: str) -> tuple[bytes, int, int] | None:
    """The bytes of a file, its size and time of change; None if it changed while it was read, or cannot be read."""
    try:
        with open(path, "rb", buffering=0) as handle:  # noqa: PTH123 - as the scan does
            before = os.fstat(handle.fileno())
            data = handle.read()
            after = os.fstat(handle.fileno())
    except OSError:
        return None
    stamp = (before.st_size, before.st_mtime_ns)
    if stamp != (after.st_size, after.st_mtime_ns) or len(data) != before.st_size:
        return None
    return data, *stamp


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - for each event
    except OSError:
        return None


def _below(names: set[str], held: frozenset[str]) -> set[str]:
    return {name for name in names if name in held}


def _alike(then: Folder, now: Folder) -> bool:
    """Whether a walk found the same names with nothing new to say about them."""
    return (
        then.facts.keys() == now.facts.keys()
        and then.scan.assets == now.scan.assets
        and then.scan.ignored == now.scan.ignored
        and then.scan.aliases == now.scan.aliases
        and then.diagnostics == now.diagnostics
    )
