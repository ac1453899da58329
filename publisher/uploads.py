"""Files brought into a workspace: each once, streamed, beside each other, resumed where a killed run had stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from converters.dialects.uploads import Hosted, hosted_name
from publisher.carriers import SENDS, Way, carrier
from publisher.errors import (
    ConflictError,
    RejectedError,
    UnknownOutcomeError,
    UnreachableError,
    UploadError,
)
from publisher.known import KnownUpload
from publisher.planning.files import LocalFile
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.streaming import FileChangedError, Open, Progress, Tally

FILES: Final = 4  # brought at once
LIFETIME: Final = 50 * 60.0  # seconds; Notion keeps for an hour what no page shows


class Uploader:
    """Brings files into one workspace, and remembers in the state what is there.

    Args:
        open: gives a file's bytes from their beginning; what it gives can be sought in. Called for every attempt.
        now: Unix seconds.
        on_progress: told after every chunk.
        stopped: asked before every chunk; once it says so, nothing more goes out.

    `progress` has at the end the files and bytes that were uploaded.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        open: Open,
        *,
        now: Callable[[], float] = time.time,
        on_progress: Callable[[Progress], None] = lambda _: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._now = now
        self._tally = Tally(on_progress)
        self._way = Way(workspace, store, open, self._tally, now, asyncio.Semaphore(SENDS), stopped)
        self._carrier = carrier(self._way)
        self._files = asyncio.Semaphore(FILES)
        self._known = store.uploads()
        self._fresh: set[tuple[str, str]] = set()  # uploaded in this run
        self._names: dict[tuple[str, str], str] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    @property
    def progress(self) -> Progress:
        return self._tally.progress

    async def ensure(self, files: Iterable[LocalFile], page: str) -> None:
        """Bring files into the workspace that are not there yet.

        Args:
            page: id of the page that they are for; on Buildin it must exist.

        Raises:
            ConflictError: a file changed while it was being uploaded.
            Interrupted: it was stopped before all were there; of a file in parts, those that arrived are kept.
            TokenError, UnreachableError: as `Transport`.
            UploadError: a file cannot be read, or the service refuses it.
        """
        wanted = {self._key(file.hash, page): file for file in files}
        self._names |= {key: file.name for key, file in wanted.items()}
        tasks = [self._task(key, file) for key, file in wanted.items() if not self._is_there(key)]
        # Another page may wait for the same file: it goes on even if this page gives up.
        for result in await asyncio.gather(*map(asyncio.shield, tasks), return_exceptions=True):
            if result is not None:
                raise result

    def hosted(self, hash: str, page: str) -> Hosted:
        """The uploaded file of that hash, once `ensure` has brought it for that page."""
        key = self._key(hash, page)
        known = self._known[key]
        return Hosted(known.kind, known.reference, self._names.get(key, ""))

    def mark_used(self, hashes: Iterable[str], page: str) -> None:
        """A request that attached these files has succeeded: they no longer expire."""
        for hash in hashes:
            known = self._known.get(self._key(hash, page))
            if known is not None and known.whole and not known.used:
                self._save(replace(known, used=True))

    async def forget_lost(self, files: Mapping[str, Hosted], page: str, named: bool = True) -> bool:
        """Forget files that the service may have lost, after it refused a request that named them as in `files`.

        Notion is asked for each; of Buildin all are forgotten if the refusal `named` a file; what was uploaded a moment
        ago is not in question. True if any was lost, or has another reference by now: `ensure` again and resend.
        """
        found = False
        for hash, hosted in files.items():
            key = self._key(hash, page)
            if self._stands(key, hosted):
                if not await self._is_lost(key, named):
                    continue
                if self._stands(key, hosted):  # no other page has found it out and brought it meanwhile
                    self._forget(key)
            found = True
        return found

    def _stands(self, key: tuple[str, str], hosted: Hosted) -> bool:
        known = self._known.get(key)
        return known is not None and known.reference == hosted.reference

    async def _is_lost(self, key: tuple[str, str], named: bool) -> bool:
        known = self._known[key]
        recent = key in self._fresh and self._now() - known.made < LIFETIME
        return not recent and await self._carrier.lost(known, named)

    def _key(self, hash: str, page: str) -> tuple[str, str]:
        return hash, "" if self._carrier.shared else page

    def _is_there(self, key: tuple[str, str]) -> bool:
        known = self._known.get(key)
        return known is not None and known.whole and (known.used or self._now() - known.made < LIFETIME)

    def _save(self, known: KnownUpload) -> None:
        self._known[known.hash, known.page] = known
        self._store.save_upload(known)

    def _forget(self, key: tuple[str, str]) -> None:
        self._known.pop(key, None)
        self._store.forget_upload(*key)

    def _task(self, key: tuple[str, str], file: LocalFile) -> asyncio.Task[None]:
        """The task that brings a file, begun by whoever needs it first."""
        task = self._tasks.get(key)
        if task is None:
            self._tasks[key] = task = asyncio.create_task(self._bring(key, file))
            task.add_done_callback(lambda done: self._end(key, done))
        return task

    def _end(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # taken note of, should nobody wait for it any more

    async def _bring(self, key: tuple[str, str], file: LocalFile) -> None:
        self._tally.add(all_files=1, all_bytes=file.size)
        async with self._files:
            self._way.check()
            try:
                name = hosted_name(file.name, file.hash)
                self._save(await self._carrier.bring(file, name, key[1]))
            except FileChangedError as error:
                self._forget(key)
                raise ConflictError(
                    f"{file.path} changed while it was being uploaded.", "Publish again."
                ) from error
            except UnknownOutcomeError as error:  # nothing that a page shows was written
                raise UnreachableError(
                    f"{file.path} could not be uploaded.\n{error.message}",
                    "Publish again: what has arrived is not sent twice.",
                ) from error
            except RejectedError as error:
                # not the refusal of the request that wants to show the file
                raise UploadError(
                    f"{file.path} could not be uploaded.\n{error.message}", error.hint, hash=file.hash
                ) from error
        self._fresh.add(key)
        self._tally.add(files=1)


__all__ = ["LIFETIME", "Open", "Progress", "Uploader"]
