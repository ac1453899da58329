"""Files read while they are sent: a chunk at a time, hashed on the way, never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import BinaryIO, Final, TypeAlias

from converters.dialects.uploads import HASH_LENGTH
from publisher.errors import ConflictError, PagemillError, UploadError
from publisher.planning.files import LocalFile
from publisher.remote.port import Stream

Open: TypeAlias = Callable[[LocalFile], AbstractContextManager[BinaryIO]]
CHUNK: Final = 128 * 1024  # bytes read at once: about 0.1 ms from a disk's cache, so that the loop goes on


@dataclass(frozen=True, slots=True)
class Progress:
    """How far uploads are: files and bytes that have gone out, of so many in all. Bytes sent again count once."""

    files: int = 0
    bytes: int = 0
    all_files: int = 0
    all_bytes: int = 0


class Tally:
    """Keeps the progress and tells it."""

    def __init__(self, told: Callable[[Progress], None]) -> None:
        self.progress = Progress()
        self._told = told

    def add(self, files: int = 0, bytes: int = 0, all_files: int = 0, all_bytes: int = 0) -> None:
        was = self.progress
        self.progress = Progress(
            was.files + files, was.bytes + bytes, was.all_files + all_files, was.all_bytes + all_bytes
        )
        self._told(self.progress)


@dataclass(frozen=True, slots=True)
class Stretch:
    """`length` bytes of a file from `start` on, and their hash. `number`: of the part, from 1; 0 is the whole file."""

    start: int
    length: int
    hash: str
    number: int = 0


class FileChangedError(PagemillError):
    """The file has other bytes than it was said to have."""


class Outgoing:
    """A stretch of a file on its way out. The last chunk leaves only if all of them have the promised hash.

    `begun` is told before every attempt. `check` is called before every chunk, and may raise.
    """

    def __init__(
        self,
        open: Open,
        file: LocalFile,
        stretch: Stretch,
        tally: Tally,
        begun: Callable[[Stretch], None],
        check: Callable[[], None],
    ) -> None:
        self._open = open
        self._file = file
        self._stretch = stretch
        self._tally = tally
        self._begun = begun
        self._check = check
        self._out = 0

    def stream(self) -> Stream:
        return Stream(self._chunks, self._stretch.length, self._file.content_type)

    def take_back(self) -> None:
        """It did not arrive: another attempt begins anew, or there is none."""
        self._tally.add(bytes=-self._out)
        self._out = 0

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        self.take_back()
        self._begun(self._stretch)
        digest, left = _blake(), self._stretch.length
        with _opened(self._open, self._file) as source:
            if self._stretch.start:
                source.seek(self._stretch.start)
            while left:
                self._check()
                chunk = source.read(min(CHUNK, left))
                digest.update(chunk)
                left -= len(chunk)
                if not chunk or (not left and digest.hexdigest() != self._stretch.hash):
                    raise FileChangedError(f"{self._file.path} has changed.")
                self._out += len(chunk)
                self._tally.add(bytes=len(chunk))
                yield chunk


async def stretches(open: Open, file: LocalFile, size: int, check: Callable[[], None]) -> list[Stretch]:
    """The parts of a file, each of `size` bytes but the last. Reads it once, as parts go out in any order.

    `check` is called before every chunk, and may raise.

    Raises:
        FileChangedError: it is not the file that was promised.
    """
    whole, parts = _blake(), list[Stretch]()
    with _opened(open, file) as source:
        for start in range(0, file.size, size):
            part = Stretch(start, min(size, file.size - start), "", len(parts) + 1)
            parts.append(replace(part, hash=await _hash(source, part, whole, check)))
    if whole.hexdigest() != file.hash:
        raise FileChangedError(f"{file.path} has changed.")
    return parts


async def _hash(source: BinaryIO, part: Stretch, whole: blake2b, check: Callable[[], None]) -> str:
    """The hash of the next part; what is read goes into `whole` as well."""
    own, left = _blake(), part.length
    while left and (chunk := source.read(min(CHUNK, left))):
        own.update(chunk)
        whole.update(chunk)
        left -= len(chunk)
        await asyncio.sleep(0)
        check()
    return own.hexdigest()


@contextmanager
def _opened(open: Open, file: LocalFile) -> Iterator[BinaryIO]:
    """The open file. Raises `UploadError` if it cannot be opened, or read later on."""
    try:
        with open(file) as source:
            yield source
    except OSError as error:
        raise UploadError(
            f"{file.path} cannot be read: {error.strerror or error}.",
            "Make it readable, or take it off the page; then publish again.",
            hash=file.hash,
        ) from error
    except ConflictError as error:  # whoever opens it saw that it is another one
        raise FileChangedError(error.message) from error


def _blake() -> blake2b:
    return blake2b(digest_size=HASH_LENGTH // 2)
