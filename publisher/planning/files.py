"""Files of the folder that pages show: what is known of them when the plan is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from converters.blocks import FileRef, PageRef
from converters.dialects.base import BlockInput, PlaceRef, compact, references
from converters.dialects.uploads import MEDIA, upload_address


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that goes up.

    `path` is POSIX, from the folder's root. `hash`: 20 hex digits (`HASH_LENGTH`) of the bytes that are sent. `size` in
    bytes. `content_type` as found in the content. `called` is the name to go up under, if its own does not fit what is
    in it.
    """

    path: str
    hash: str
    size: int
    content_type: str
    called: str = ""

    @property
    def name(self) -> str:
        return self.called or self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a file cannot go up: the code of a diagnostic and its message."""

    code: str
    message: str


_HOLDERS = frozenset(
    {"paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "quote", "callout", "toggle"}
)
FindFile = Callable[[PageRef | FileRef], LocalFile | None]


def with_linked_files(blocks: Iterable[BlockInput], find: FindFile) -> tuple[BlockInput, ...]:
    """The blocks, and each file that their text links to in a block of its own: neither service lets text link to a
    file that it holds.

    The file stands inside the block that links to it first; where that can hold none (a heading, a table), it stands at
    the end of the page, so that no block changes its place. `find` gives the file of a reference, if it goes up.
    """
    made = _Linked(find)
    return (*map(made.block, blocks), *map(_file_block, made.last))


class _Linked:
    def __init__(self, find: FindFile) -> None:
        self.find = find
        self.seen: set[str] = set()
        self.last: list[LocalFile] = []

    def block(self, block: BlockInput) -> BlockInput:
        files = self._files(block)
        children = tuple(map(self.block, block.children))
        if files and block.type in _HOLDERS:
            children = (*map(_file_block, files), *children)
        else:
            self.last += files
        return block if children == block.children else replace(block, children=children)

    def _files(self, block: BlockInput) -> list[LocalFile]:
        """What the block's own text links to and is not on the page yet."""
        if not block.symbolic or block.type in MEDIA:
            return []
        refs = (ref for ref in references(block) if not isinstance(ref, PlaceRef))
        found = {file.hash: file for ref in refs if (file := self.find(ref)) is not None}
        new = [file for hash, file in found.items() if hash not in self.seen]
        self.seen |= found.keys()
        return new


def _file_block(file: LocalFile) -> BlockInput:
    return BlockInput("file", compact({"file": {"url": upload_address(file.hash)}}))
