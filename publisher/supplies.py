"""The files of a folder, supplied to the requests that show them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from converters.dialects.uploads import Hosted, uploads
from publisher.errors import PagemillError
from publisher.planning.files import LocalFile
from publisher.planning.ops import Append, CreatePage, Op, UpdateBlock, UpdatePage
from publisher.remote.files import PART, SINGLE
from publisher.uploads import Uploader

# bytes of a file that every workspace of Notion takes; above, it is asked what it takes
FREE = 5 * 1024 * 1024


class Supplies:
    """A `Supplier` for one folder.

    Args:
        uploader: brings files into the workspace, each once.
        there: the files that go up, by hash, as far as they are known.
        page: the id of the page that a request is made about.
    """

    def __init__(
        self, uploader: Uploader, there: Callable[[], Mapping[str, LocalFile]], page: Callable[[], str]
    ) -> None:
        self._uploader = uploader
        self._there = there
        self._page = page
        self._files: Mapping[str, LocalFile] = {}

    async def supply(self, hashes: Sequence[str]) -> Mapping[str, Hosted]:
        page = self._page()
        await self._uploader.ensure([self._file(hash) for hash in hashes], page)
        return {hash: self._uploader.hosted(hash, page) for hash in hashes}

    async def lost(self, files: Mapping[str, Hosted], named: bool) -> bool:
        return await self._uploader.forget_lost(files, self._page(), named)

    def used(self, hashes: Sequence[str]) -> None:
        self._uploader.mark_used(hashes, self._page())

    def _file(self, hash: str) -> LocalFile:
        if hash not in self._files:
            self._files = self._there()
        if hash not in self._files:
            raise PagemillError(
                "A file that the page shows is not in the folder any more.",
                "Publish again: links are worked out anew.",
            )
        return self._files[hash]


@dataclass(slots=True)
class Forecast:
    """The uploads that requests will take before they can be sent.

    `files` are those that can go up, by hash; `there` the hashes and pages (their ids) of those that are there already.
    Notion shares a file among all pages (`shared`), Buildin has it for one. `count` of files, `size` of all in bytes.
    """

    files: Mapping[str, LocalFile]
    there: Collection[tuple[str, str]]
    shared: bool
    count: int = 0
    size: int = 0
    writes: int = 0
    reads: int = 0
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def add(self, page: str, contents: Iterable[bytes]) -> int:
        """Requests about a page with this content: the writes that their uploads take.

        `page`: its id, or what else stands for a page that is new.
        """
        before = self.writes
        for hash in uploads(contents):
            key = hash, "" if self.shared else page
            file = self.files.get(hash)
            if file is None or key in self.there or key in self._seen:
                continue
            self._seen.add(key)
            self.count += 1
            self.size += file.size
            self.writes += _requests(file) if self.shared else 1
            if self.shared and file.size > FREE:
                self.reads = 1  # what the workspace takes
        return self.writes - before


def _requests(file: LocalFile) -> int:
    """What an upload to Notion takes: it is announced and sent; in several parts, it is completed too."""
    return 2 if file.size <= SINGLE else 2 + -(-file.size // PART)


def contents(ops: Iterable[Op]) -> list[bytes]:
    """All content that requests send."""
    found: list[bytes] = []
    for op in ops:
        match op:
            case CreatePage(head=head, children=blocks):
                found += [head.properties, head.icon, head.cover]
            case UpdatePage(properties=properties, icon=icon, cover=cover):
                found += [part for part in (properties, icon, cover) if part is not None]
                continue
            case Append(blocks=blocks):
                pass
            case UpdateBlock(input=block):
                blocks = (block,)
            case _:
                continue
        found += [part.content for top in blocks for part in top.walk()]
    return found
