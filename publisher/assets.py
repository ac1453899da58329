"""Pictures and files that documents refer to: what is in them, whether they can go up, and their bytes.

Only what a document refers to is ever looked at, and only what the walk has listed can be referred to. A file is read
once: what it holds is told from the first piece of the reading that makes its hash, and both are kept in the state
until its size or its time changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, TypeAlias

from converters.dialects.uploads import HASH_LENGTH
from converters.lfs import is_pointer
from converters.mirrored import PREFIX, copied_url
from publisher.errors import ConflictError
from publisher.known import CachedAsset
from publisher.mirror import copies
from publisher.pictures import scaler
from publisher.planning import kinds
from publisher.planning.files import LocalFile, Trouble
from publisher.roots import roots
from publisher.scan import Scan
from publisher.settings import Settings
from publisher.source import Source, Status, settled
from publisher.store import Store

__all__ = ["Assets", "Trouble"]

CHUNK = 1 << 20  # bytes that are read at once
_NOT_READ = -2  # the size of what could not be read: no file has it, so it is looked at again
_POINTER = "application/x-git-lfs-pointer"
Found: TypeAlias = LocalFile | Trouble


class Assets:
    """The pictures and files of one folder, and of its further roots, at one instant.

    `names` are all that may be referred to; `seen` is what was found out about those that were asked for.

    Args:
        scan: the folder.
        store: what was known of the files the last time; None: nothing, and nothing is kept.
        dialect: "buildin" or "notion": the service whose limits count.
        settings: `uploads`, `file_roots`, `images_max_width` and `state`.

    Raises:
        UsageError: a further root is not there, or not allowed.
    """

    def __init__(self, scan: Scan, store: Store | None, dialect: str, settings: Settings) -> None:
        self.seen: dict[str, Found] = {}
        self._settings = settings
        self._dialect = dialect
        self._store = store
        self._rows = store.cache.assets() if store is not None else {}
        self._kept = dict(self._rows)  # what the state says
        self._stamps: dict[str, Status | None] = {}  # of what was asked for; None: it could not be looked at
        self._scaler = scaler(settings) if store is not None else None
        self._scaled: dict[str, Path] = {}  # what goes up in place of a picture
        self._arrive(scan)

    def _arrive(self, scan: Scan) -> None:
        self._scan = scan
        self._roots = roots(self._settings, scan)
        self.names = scan.assets.union(*(root.names for root in self._roots))
        self._count_copies()

    def _count_copies(self) -> None:
        self._copies = copies(self._settings)
        self._all = self.names | self._copies.names if self._copies is not None else self.names

    def get(self, path: str) -> Found:
        """What goes up for a file, or why nothing does. `path`: one of `names`."""
        if path not in self.seen:
            self.seen[path] = self._look(path)
        return self.seen[path]

    def files(self) -> dict[str, LocalFile]:
        """Those that go up, by hash, as far as they were asked for."""
        return {file.hash: file for file in self.seen.values() if isinstance(file, LocalFile)}

    def refuse(self, path: str, trouble: Trouble) -> None:
        """A file cannot go up for a reason that only the workspace could tell."""
        self.seen[path] = trouble

    @contextmanager
    def open(self, file: LocalFile) -> Iterator[BinaryIO]:
        """The bytes that go up for a file, from their beginning; they can be sought in.

        Raises:
            OSError: it cannot be read any more, or lies outside by now.
            ConflictError: it is not the file that was looked at, or has changed before it was closed.
        """
        if file.path in self._scaled:
            with self._smaller_one(file).open("rb") as stream:
                yield stream
            return
        with self._original(file.path) as stream:
            yield stream

    @contextmanager
    def _original(self, path: str) -> Iterator[BinaryIO]:
        source, inner = self._place(path)
        with source.open(inner) as stream:
            self._same(path, stream)
            yield stream
            self._same(path, stream)

    def _same(self, path: str, stream: BinaryIO) -> None:
        known = self._stamps.get(path)
        if known is None or (not known.mark and known != _status(stream)):
            raise ConflictError(f"{path} has changed while it was published.", "Publish again.")

    # -- looking -------------------------------------------------------------------------------------------

    def _look(self, path: str) -> Found:
        if not self._settings.uploads:
            return Trouble("file-not-uploaded", f"“{path}” is not uploaded.")
        self._stamps[path] = None
        if path not in self._all:  # nothing that was not listed is opened, whatever it is called
            return Trouble("asset-unreadable", f"“{path}” is not a file of the folder.")
        before, self._rows[path] = self._rows.get(path), CachedAsset(path, _NOT_READ, -1, "", "", "")
        source, inner = self._place(path)
        try:
            status = source.status(inner)
            if status is None:
                return Trouble("asset-unreadable", f"“{path}” is not a regular file.")
            row = self._rows[path] = self._row(path, before, status, source, inner)
            self._stamps[path] = status
            return self._judged(row)
        except OSError as error:
            return Trouble("asset-unreadable", f"“{path}” cannot be read: {error.strerror or error}.")
        except ConflictError:
            return Trouble("asset-unreadable", f"“{path}” cannot be read: it is being changed.")

    def _place(self, path: str) -> tuple[Source, str]:
        """Where a name is read: the source, and its path there."""
        if self._copies is not None and path in self._copies.names:
            return self._copies, path.removeprefix(PREFIX)
        for root in self._roots:
            if path in root.names:
                return root.source, path[len(root.prefix) :]
        return self._scan.source, path

    def _row(
        self, path: str, known: CachedAsset | None, status: Status, source: Source, inner: str
    ) -> CachedAsset:
        if known is not None and _as_it_was(known, status) and (known.hash or not self._fits(known.size)):
            return known
        if not status.mark and not self._fits(status.size):
            return CachedAsset(path, status.size, status.mtime_ns, "", "", "")
        with source.open(inner) as stream:
            before = status if status.mark else _status(stream)
            hash, size, kind = _read(stream, path)
            if not status.mark and (before != status or _status(stream) != before):
                raise OSError("it is being changed")
        if not status.mark:
            mark = known.mark if known is not None and known.hash == hash else ""
            return CachedAsset(path, size, settled(status.mtime_ns), mark, hash, kind)
        if known is not None and known.hash == hash:
            return CachedAsset(path, size, known.mtime_ns, status.mark, hash, kind)
        return CachedAsset(path, size, -1, "" if kind == _POINTER else status.mark, hash, kind)

    def _fits(self, size: int) -> bool:
        return 0 < size <= kinds.largest(self._dialect)

    def _judged(self, row: CachedAsset) -> Found:
        """What a file that was read is good for."""
        if not row.size:
            return Trouble("file-empty", f"“{row.path}” is empty.")
        if not self._fits(row.size):
            most = kinds.largest(self._dialect) // kinds.MIB
            size = f"{row.size / kinds.MIB:,.1f} MiB"
            return Trouble("file-too-large", f"“{row.path}” has {size}; {most:,} MiB are allowed.")
        if row.content_type == _POINTER:
            return Trouble("lfs-pointer", f"“{row.path}” is a pointer of Git LFS, not the file itself.")
        name = row.path.rpartition("/")[2]
        taken = kinds.taken(self._dialect, row.content_type, name)
        if isinstance(taken, str):
            return Trouble("file-type", f"“{row.path}” {taken}.")
        called = taken.name if taken.name != name else ""
        return self._smaller(LocalFile(row.path, row.hash, row.size, taken.content_type, called), row)

    def _smaller(self, file: LocalFile, row: CachedAsset) -> LocalFile:
        """The file, or a scaled one in its place."""
        self._scaled.pop(file.path, None)
        made = None
        if self._scaler is not None:
            made = self._scaler.scaled(row.hash, row.content_type, lambda: self._original(file.path))
        if made is None:
            return file
        self._scaled[file.path] = made.place
        return replace(file, hash=made.hash, size=made.size)

    def _smaller_one(self, file: LocalFile) -> Path:
        """Where the scaled picture is; it is made again if somebody has taken it away."""
        if not self._scaled[file.path].exists() and self._look(file.path) != file:
            raise ConflictError(f"{file.path} has changed while it was published.", "Publish again.")
        return self._scaled[file.path]

    # -- from one time to the next -------------------------------------------------------------------------

    def settle(self) -> None:
        """Keep what was found out; forget files that nobody asked for."""
        if self._store is None:
            return
        now = {path: self._rows[path] for path in self.seen if path in self._rows}
        fresh = [row for path, row in now.items() if self._kept.get(path) != row]
        if fresh or self._kept.keys() != now.keys():
            self._store.cache.save_assets(fresh, self._kept.keys() - now.keys())
            self._kept = now

    def renewed(self, scan: Scan, changed: Iterable[str]) -> Assets:
        """The same files a moment later: those of `changed` are looked at again, as far as somebody asked for them."""
        made = copy(self)
        made.seen, made._rows, made._stamps = dict(self.seen), dict(self._rows), dict(self._stamps)
        made._scaled = dict(self._scaled)
        if scan is not self._scan:
            made._arrive(scan)
        for path in self.seen.keys() & set(changed):
            made.seen[path] = made._look(path)
        return made

    def fetched(self) -> Assets:
        """The same files once pictures on the web were fetched: their copies are looked at again."""
        made = self.renewed(self._scan, ())
        made._count_copies()
        for path in self.seen:
            if copied_url(path):
                made.seen[path] = made._look(path)
        return made

    def stale(self, *, beside: bool = False) -> set[str]:
        """Those that were asked for and are not as they were then, by a look at the disk without reading.

        `beside`: only those of the further roots.
        """
        known = list(self._stamps.items())  # a copy: another thread may ask
        if beside:
            known = [item for item in known if item[0] not in self._scan.assets]
        return {path for path, stamp in known if self._stamp(path) != stamp}

    def stamps(self) -> dict[str, Status | None]:
        """Size and time of change, now, of those that were asked for."""
        return {path: self._stamp(path) for path in list(self._stamps)}

    def _stamp(self, path: str) -> Status | None:
        source, inner = self._place(path)
        try:
            return source.status(inner)
        except OSError:
            return None

    def digest(self) -> str:
        """Stands for the content of all files that were asked for, and for the names in the further roots."""
        return self._digest(self._rows[path] for path in self.seen if path in self._rows)

    def unchanged(self) -> str:
        """The `digest` of the last time if no file has changed since, else empty. Reads no file."""
        for path, row in self._rows.items():
            status = self._stamp(path) if path in self._all else None
            if status is None or not _as_it_was(row, status):
                return ""
        return self._digest(self._rows.values())

    def _digest(self, rows: Iterable[CachedAsset]) -> str:
        digest = blake2b(digest_size=16)
        for name in sorted(self.names - self._scan.assets):
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        for row in sorted(rows, key=lambda row: row.path):
            digest.update(f"{row.path}\0{row.hash or row.size}\0".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def _as_it_was(known: CachedAsset, status: Status) -> bool:
    if status.mark:
        return known.mark == status.mark
    return (known.size, known.mtime_ns) == (status.size, status.mtime_ns)


def _status(stream: BinaryIO) -> Status:
    found = os.fstat(stream.fileno())
    return Status(found.st_size, found.st_mtime_ns)


def _read(stream: BinaryIO, name: str) -> tuple[str, int, str]:
    """The hash, size and type of a file, in one reading."""
    digest, size = blake2b(digest_size=HASH_LENGTH // 2), 0
    piece = stream.read(CHUNK)
    head = piece[: kinds.HEAD]
    while piece:
        digest.update(piece)
        size += len(piece)
        piece = stream.read(CHUNK)
    kind = _POINTER if size == len(head) and is_pointer(head) else kinds.content_type(head, name)
    return digest.hexdigest(), size, kind
