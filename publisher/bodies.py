"""Block inputs in a few bytes: what a run keeps of every document that it may have to write.

As objects the bodies of a folder take many times the memory of its Markdown, and no other process could be sent them.
Even as JSON they take six times as much where a service demands every annotation of every piece of text, so what
stands in nearly all of them is kept as a single byte.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from converters.dialects.base import BlockInput

# Control characters never stand in JSON as they are, so each may stand for something else.
_END = b"\0"
_SHORT: Sequence[tuple[bytes, bytes]] = (
    (
        b'{"annotations":{"bold":false,"code":false,"italic":false,"strikethrough":false,"underline":false},'
        b'"href":null,"plain_text":"',
        b"\x01",
    ),
    (b'","text":{"content":"', b"\x02"),
    (b'","link":null},"type":"text"}', b"\x03"),
)


def pack(inputs: Sequence[BlockInput]) -> bytes:
    """Block inputs, and all below them, in bytes; `unpack` gives equal ones."""
    pieces: list[bytes] = []
    frames = [_frame(block, pieces) for block in inputs]
    contents = _END.join(pieces)
    for long, short in _SHORT:
        contents = contents.replace(long, short)
    return marshal.dumps((contents, frames))


def unpack(packed: bytes) -> tuple[BlockInput, ...]:
    """The block inputs that were packed."""
    contents, frames = marshal.loads(packed)
    for long, short in reversed(_SHORT):
        contents = contents.replace(short, long)
    return _blocks(frames, iter(contents.split(_END)))


def _frame(block: BlockInput, contents: list[bytes]) -> tuple[Any, ...]:
    """All of a block but its content, which goes to those of all others."""
    contents.append(block.content)
    children = tuple([_frame(child, contents) for child in block.children]) if block.children else ()
    return block.type, children, block.symbolic, block.line, block.instead


def _blocks(frames: Iterable[tuple[Any, ...]], contents: Iterator[bytes]) -> tuple[BlockInput, ...]:
    """The blocks of these frames; `contents` are in reading order, as the frames are."""
    made = []
    for kind, below, symbolic, line, instead in frames:
        content = next(contents)
        made.append(BlockInput(sys.intern(kind), content, _blocks(below, contents), symbolic, line, instead))
    return tuple(made)
