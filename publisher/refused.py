"""What a service has refused, as the person who wrote it knows it: the file, the line, the words that stand there.

A refusal names its place in the request; the blocks of the request know the lines that they come from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from converters.dialects.base import SCHEME, BlockInput
from converters.dialects.uploads import upload_address
from publisher.errors import PagemillError, RejectedError, UploadError
from publisher.known import KnownPage
from publisher.planning.ops import Append, CreatePage, Op, UpdateBlock, UpdatePage
from publisher.remote.answers import NAMES, block_place
from publisher.remote.trashed import may_be_trash

REASON = 200  # characters of a service's reason that a person should have to read
EXCERPT = 40  # characters of a block, enough to find it
# both services' codes for what was sent
ABOUT_CONTENT = frozenset({"validation_error", "unsupported_block_type"})

_PATH = re.compile(r"[\w.\[\]]*\bchildren(?:\[\d+\]|\.\d+\b)[\w.\[\]]*")
_HEAD = re.compile(r"\b(?:body\.)?(properties|icon|cover)\b[.\[: ]")
_NO_CONTENT = re.compile(r"\bbody\.(?:parent|position|after)\b|^(?:parent|position|after)[.\[:]")
_PREAMBLE = re.compile(r"^(?:body failed validation[:.]\s*(?:Fix one:\s*)?)?(?:body\.)?")
_HEAD_NAMES = {"properties": "title or properties", "icon": "icon", "cover": "cover"}
_CHANGE = (
    "Change it there and publish again; if nothing is wrong with it, please report it with this message."
)
_FRONT = "Change it in the file (its front matter, or its first heading) and publish again."


@contextmanager
def naming(op: Op, page: KnownPage, service: str) -> Iterator[None]:
    """Let a refusal of what an operation sends for a page, or of a file in it, say what of the page's file it is about.

    Refusals of another kind (the page is gone, in the trash, not shared) pass as they are.

    Raises:
        RejectedError: in place of the one that says less.
        PagemillError: in place of an `UploadError`.
    """
    try:
        yield
    except RejectedError as error:
        told = _told(error, op, page.path or page.key, NAMES.get(service, service))
        if told is None:
            raise
        raise told from error
    except UploadError as error:  # several pages may be told of the same
        lines = [block.line for top in _sent(op) for block in top.walk() if _shows(block, error.hash)]
        place = _place(page.path or page.key, lines[:1])
        raise PagemillError(f"{place}: {error.message}", error.hint) from error


def _shows(block: BlockInput, hash: str) -> bool:
    return upload_address(hash).encode() in block.content


def of_record(
    error: RejectedError, page: KnownPage, names: Iterable[str], lines: Mapping[str, int], service: str
) -> RejectedError:
    """The refusal of a record with the property that it speaks of, one of `names`, and the line of its front matter.

    `lines` are by the folded name.
    """
    if error.code not in ABOUT_CONTENT or may_be_trash(error):
        return error
    said, path = _said(error), page.path or page.key
    named = next((name for name in sorted(names, key=len, reverse=True) if name in said), "")
    place = _place(path, [lines.get(named.casefold(), 0)])
    what = f"`{named}`" if named else "the properties"
    told = f"{place}: {NAMES.get(service, service)} refused {what}"
    return _renewed(error, told, _plain(said), _CHANGE)


def _told(error: RejectedError, op: Op, path: str, service: str) -> RejectedError | None:
    """The refusal with what it is about; None if there is no telling."""
    if error.code not in ABOUT_CONTENT:
        return None
    blocks, said = _sent(op), _said(error)
    reason = _plain(said)
    if chain := _chain(blocks, block_place(error)):
        reason = _reason(next(words for words in error.words if _PATH.search(words)))
        return _renewed(error, _of_block(chain, path, service), reason, _CHANGE)
    if may_be_trash(error) or _NO_CONTENT.search(said):
        return None
    head = _HEAD.search(said) if isinstance(op, CreatePage | UpdatePage) else None
    if head is not None:
        what = f"{path}: {service} refused the page's {_HEAD_NAMES[head[1]]}"
        return _renewed(error, what, reason, _FRONT)
    if len(blocks) == 1 and not blocks[0].children:
        reason = reason.removeprefix(f"{blocks[0].type}.")  # the way into the block of an update
        return _renewed(error, _of_block(blocks, path, service), reason, _CHANGE)
    if not blocks:
        return None
    place = _place(path, [block.line for top in blocks for block in top.walk()])
    return _renewed(error, f"{place}: {service} refused what one of these lines became", reason, _CHANGE)


def _said(error: RejectedError) -> str:
    """What a service says is wrong: the first place that it names, else its sentence."""
    return (error.words[1:] or error.words)[0].removeprefix("at ")


def _sent(op: Op) -> Sequence[BlockInput]:
    """The blocks of a request, in the order in which a refusal counts them."""
    match op:
        case CreatePage(children=blocks) | Append(blocks=blocks):
            return blocks
        case UpdateBlock(input=block):
            return (replace(block, children=()),)
        case _:
            return ()


def _chain(blocks: Sequence[BlockInput], place: Sequence[int]) -> list[BlockInput]:
    """The block at a place and those that it stands in, outermost first; as far as there are such."""
    chain: list[BlockInput] = []
    for index in place:
        if index >= len(blocks):
            break
        chain.append(blocks[index])
        blocks = blocks[index].children
    return chain


def _of_block(chain: Sequence[BlockInput], path: str, service: str) -> str:
    """What is said of the last of a chain. A block that has no line of its own has that of the block around it."""
    block = chain[-1]
    line = next((outer.line for outer in reversed(chain) if outer.line), 0)
    words = _excerpt(block)
    shown = f" “{words}”" if words else ""
    return f"{_place(path, [line])}: {service} refused this {block.type.replace('_', ' ')}{shown}"


def _place(path: str, lines: Iterable[int]) -> str:
    """`path:12`, or `path:12-40` for what stands somewhere between; just the path if no line is known."""
    known = sorted(line for line in lines if line)
    if not known:
        return path
    return f"{path}:{known[0]}" + (f"-{known[-1]}" if known[-1] > known[0] else "")


def _renewed(error: RejectedError, what: str, reason: str, hint: str) -> RejectedError:
    trace = f", request id {error.request_id}" if error.request_id else ""
    return RejectedError(
        f"{what}: {reason} ({error.code}{trace})",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        hint=hint,
        words=error.words,
    )


def _reason(said: str) -> str:
    """A service's words about a block without the way to it, which says nothing to whoever wrote the text."""
    path = _PATH.search(said)
    assert path is not None
    rest = said[path.end() :]
    if not re.search(r"\w{2}", rest):  # the path stands at the end
        return _short(said.replace(path.group(), "this block"))
    tail = re.split(r"children(?:\[\d+\]|\.\d+)\.?", path.group())[-1]
    inner = tail.partition(".")[2]  # behind the block's type
    return _short(f"{inner}{rest}" if inner else rest.lstrip(" :"))


def _plain(said: str) -> str:
    return _short(_PREAMBLE.sub("", said))


def _short(text: str) -> str:
    return text if len(text) <= REASON else text[: REASON - 1].rstrip() + "…"


def _excerpt(block: BlockInput) -> str:
    """The beginning of what a block says; where it has no words, the address that it shows."""
    content = json.loads(block.content)
    texts = [*_strings(content, ("content", "expression"))] or [*_strings(content, ("url",))]
    words = " ".join(("" if "cells" not in content else " ").join(texts).split())
    if words.startswith(SCHEME):
        words = ""
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1].rstrip() + "…"


def _strings(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    """The texts under these names, in reading order."""
    for name, item in value.items() if isinstance(value, dict) else ():
        if name in names and isinstance(item, str):
            yield item
        else:
            yield from _strings(item, names)
    for item in value if isinstance(value, list) else ():
        yield from _strings(item, names)
