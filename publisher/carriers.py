"""How one file gets into a workspace: on Notion whole or in parts, on Buildin by way of its storage."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from publisher.errors import Interrupted, RejectedError, UploadError
from publisher.known import KnownUpload
from publisher.planning.files import LocalFile
from publisher.remote import files as requests
from publisher.remote.port import Request, Stream
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.streaming import Open, Outgoing, Stretch, Tally, stretches

T = TypeVar("T")
SENDS = 4  # bodies under way at once, of all files together: pages are written beside them
PARTS = 2  # of one file; as many at most go out again after a crash, when their answers were still on the way


@dataclass(slots=True)
class Way:
    """What every carrier needs. `sends` lets so many bodies go out at once; `stopped` says that none is to go on."""

    workspace: Workspace
    store: Store
    open: Open
    tally: Tally
    now: Callable[[], float]
    sends: asyncio.Semaphore
    stopped: Callable[[], bool]

    def check(self) -> None:
        """Raises `Interrupted` once no more is to be sent."""
        if self.stopped():
            raise Interrupted

    async def send(
        self,
        file: LocalFile,
        stretch: Stretch,
        request: Callable[[Stream], Request],
        begun: Callable[[Stretch], None] = lambda _: None,
    ) -> None:
        """Send a stretch of a file in a request that is made around it. `begun` is told before every attempt."""
        outgoing = Outgoing(self.open, file, stretch, self.tally, begun, self.check)
        async with self.sends:
            self.check()
            try:
                await self.workspace.ask(request(outgoing.stream()), lambda _: None)
            except BaseException:
                outgoing.take_back()
                raise


class Parts:
    """What the state says of an upload in parts: which have arrived, which are on their way."""

    def __init__(self, store: Store, known: KnownUpload) -> None:
        self.known = known
        self._store = store

    def begun(self, part: Stretch) -> None:
        self._note(part, "", again=self.known.again or part.number in self.known.parts)

    def arrived(self, part: Stretch) -> None:
        self._note(part, part.hash, again=self.known.again)

    def missing(self, parts: Sequence[Stretch]) -> list[Stretch]:
        return [part for part in parts if not self.known.parts.get(part.number)]

    def _note(self, part: Stretch, hash: str, again: bool) -> None:
        self.known = replace(self.known, parts={**self.known.parts, part.number: hash}, again=again)
        self._store.save_upload(self.known)


class Carrier(Protocol):
    """Brings files into the workspace of one service. `shared`: a file may be shown on any page."""

    shared: bool

    async def bring(self, file: LocalFile, name: str, page: str) -> KnownUpload:
        """Upload a file under a name. What must survive a crash is noted in the state on the way.

        Raises:
            FileChangedError: the file has other bytes than promised.
            Interrupted: as `Way.check`.
            UploadError: it cannot be read; or as `Transport`.
        """
        ...

    async def lost(self, known: KnownUpload, named: bool) -> bool:
        """Whether the service no longer has an upload of an earlier run; `named`: a refusal was about a file."""
        ...


class NotionCarrier:
    """File uploads: in one part up to 20 MB, else in parts of which a killed run leaves what has arrived."""

    shared = True

    def __init__(self, way: Way) -> None:
        self._way = way

    async def bring(self, file: LocalFile, name: str, page: str) -> KnownUpload:
        if file.size <= requests.SINGLE:
            return await self._whole(file, name)
        parts = await stretches(self._way.open, file, requests.PART, self._way.check)
        known = await self._begun_before(file, parts)
        if known is not None:
            try:
                return await self._in_parts(file, name, parts, known)
            except RejectedError:  # its hour has passed meanwhile, or it is not as it was taken to be
                self._way.tally.add(all_bytes=self._noted(file, parts))
        return await self._in_parts(file, name, parts, await self._begin(file, name, len(parts)))

    async def lost(self, known: KnownUpload, named: bool) -> bool:
        return not await self._is_done(known)

    async def _whole(self, file: LocalFile, name: str) -> KnownUpload:
        known = await self._begin(file, name, 1)
        id, whole = str(known.reference["id"]), Stretch(0, file.size, file.hash)
        try:
            await self._way.send(file, whole, partial(requests.send_part, id, name))
        except RejectedError:
            # It is taken only once, and the answer to an earlier attempt may have been lost.
            if not await self._is_done(known):
                raise
            self._way.tally.add(bytes=file.size)
        return replace(known, whole=True)

    async def _begin(self, file: LocalFile, name: str, parts: int) -> KnownUpload:
        made = self._way.now()
        request = requests.create_upload(name, file.content_type, parts)
        upload = await self._way.workspace.ask(request, requests.read_upload)
        return KnownUpload(file.hash, "", "file_upload", {"id": upload.id}, whole=False, made=made)

    async def _begun_before(self, file: LocalFile, parts: Sequence[Stretch]) -> KnownUpload | None:
        """What an earlier run has begun, if the service still has all that is noted of it."""
        known = self._way.store.uploads().get((file.hash, ""))
        hashes = {part.number: part.hash for part in parts}
        if (
            known is None
            or known.whole
            or any(hash not in ("", hashes.get(n)) for n, hash in known.parts.items())
        ):
            return None
        upload = await self._look(known)
        if upload is None:
            return None
        if upload.status == "uploaded":  # only the answer was lost
            return replace(known, parts=hashes)
        if upload.status != "pending" or upload.parts != len(parts):
            return None
        if upload.sent == len(known.parts) and not known.again:  # all that was on its way has arrived
            return replace(known, parts={number: hashes[number] for number in known.parts})
        return known if upload.sent >= sum(map(bool, known.parts.values())) else None

    async def _in_parts(
        self, file: LocalFile, name: str, parts: Sequence[Stretch], known: KnownUpload
    ) -> KnownUpload:
        noted, id = Parts(self._way.store, known), str(known.reference["id"])
        missing = noted.missing(parts)
        self._way.tally.add(all_bytes=sum(part.length for part in missing) - file.size)
        left = iter(missing)

        async def work() -> None:
            for part in left:
                request = partial(requests.send_part, id, name, number=part.number)
                await self._way.send(file, part, request, noted.begun)
                noted.arrived(part)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(PARTS):
                    group.create_task(work())
        except BaseExceptionGroup as errors:
            raise _first(errors) from errors
        await self._expect_done(known, requests.complete_upload(id), file)
        return replace(known, whole=True, parts={})

    def _noted(self, file: LocalFile, parts: Sequence[Stretch]) -> int:
        """Bytes of the parts that the state has as sent."""
        known = self._way.store.uploads().get((file.hash, ""))
        return sum(part.length for part in parts if known is not None and known.parts.get(part.number))

    async def _expect_done(self, known: KnownUpload, request: Request, file: LocalFile) -> None:
        try:
            upload = await self._way.workspace.ask(request, requests.read_upload)
        except RejectedError:
            if not await self._is_done(known):
                raise
            return
        if upload.status != "uploaded" and not (upload.status == "" and await self._is_done(known)):
            raise UploadError(
                f"{file.path} was sent, but Notion has it as {upload.status!r}.",
                "Publish again; if it comes to the same, please report it with this message.",
                hash=file.hash,
            )

    async def _is_done(self, known: KnownUpload) -> bool:
        upload = await self._look(known)
        return upload is not None and upload.status == "uploaded"

    async def _look(self, known: KnownUpload) -> requests.FileUpload | None:
        request = requests.get_upload(str(known.reference["id"]))
        try:
            return await self._way.workspace.ask(request, requests.read_upload)
        except RejectedError as error:
            if error.status not in (400, 404, 410):
                raise
            return None


class BuildinCarrier:
    """An address of the storage for each file and page, and the bytes to that address."""

    shared = False

    def __init__(self, way: Way) -> None:
        self._way = way

    async def bring(self, file: LocalFile, name: str, page: str) -> KnownUpload:
        try:
            return await self._put(file, name, page)
        except _RefusedByStorageError:
            # the address has expired, or was used by an attempt whose answer was lost
            return await self._put(file, name, page)

    async def lost(self, known: KnownUpload, named: bool) -> bool:
        return named  # Buildin cannot be asked

    async def _put(self, file: LocalFile, name: str, page: str) -> KnownUpload:
        made = self._way.now()
        request = requests.ask_address(name, file.content_type, file.size, page)
        address = await self._way.workspace.ask(request, requests.read_address)
        whole = Stretch(0, file.size, file.hash)
        try:
            await self._way.send(file, whole, partial(requests.put_file, address))
        except RejectedError as error:
            raise _RefusedByStorageError(
                error.message, status=error.status, code=error.code, hint=error.hint
            ) from error
        reference = {"oss_name": address.name, "size": file.size}
        return KnownUpload(file.hash, page, "file", reference, made=made)


class _RefusedByStorageError(RejectedError):
    """The storage took no bytes at the address that the service had given."""


def carrier(way: Way) -> Carrier:
    """The carrier for the workspace's service."""
    return BuildinCarrier(way) if way.workspace.service == "buildin" else NotionCarrier(way)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
