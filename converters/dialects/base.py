"""Block inputs: blocks in the JSON of one service, ready to be compared, packed and sent.

A `BlockInput` holds its own content as compact, canonical JSON, so that equal blocks have equal bytes: the diff
compares bytes, the packer counts bytes, and a request is put together without building it again. Links to
pages and files of the folder are still names in it (`pagemill:page/…`), until `resolve` puts addresses in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote, unquote

from converters.blocks import WAY_BACK, Block, Document, FileRef, PageRef, Url
from converters.diagnostics import Diagnostic
from converters.dialects.text import merge_items
from converters.dialects.uploads import UPLOAD
from converters.dialects.urls import canonical_url
from converters.properties import Property, PropertyValue

SCHEME = "pagemill:"
PLACE = SCHEME + "place/"


@dataclass(frozen=True, slots=True)
class BlockInput:
    """One block as a service takes it.

    `type` is the service's name ("heading_2"). `content` is the JSON object under that name, compact, with sorted
    keys and UTF-8, without children. `symbolic` says that it holds links which `resolve` must still fill in. `instead`
    is the content of the paragraph that stands for a picture or file without a caption if it cannot be shown.
    """

    type: str
    content: bytes
    children: tuple[BlockInput, ...] = ()
    symbolic: bool = field(default=False, compare=False)
    line: int = field(default=0, compare=False)
    instead: bytes = field(default=b"", compare=False)

    @property
    def digest(self) -> bytes:
        """16 bytes that stand for type and content, children not counted."""
        digest = _seed(self.type).copy()  # a third quicker than a new one
        digest.update(self.content)
        return digest.digest()

    def walk(self) -> Iterator[BlockInput]:
        """This block and all below it, in reading order."""
        stack = [self]
        while stack:
            block = stack.pop()
            yield block
            stack.extend(reversed(block.children))


@lru_cache(maxsize=256)
def _seed(kind: str) -> blake2b:
    return blake2b(digest_size=16, person=kind.encode()[:16])


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block as the service returned it, made comparable: `input` has no children yet.

    `ours` is False for what a publisher can never have written as a block (child pages, databases, comments' blocks).
    """

    id: str
    input: BlockInput
    has_children: bool
    ours: bool = True


@dataclass(frozen=True, slots=True)
class PageHead:
    """What a page has beside its body, each as compact JSON of the service; `null` clears icon and cover."""

    properties: bytes
    icon: bytes = b"null"
    cover: bytes = b"null"


@dataclass(frozen=True, slots=True)
class PlaceRef:
    """A block of the very page that the link stands on, by one of the names that the document has for it.

    It has an address only when the block is there: it is the last kind of reference to be resolved.
    """

    name: str


Reference: TypeAlias = PageRef | FileRef | PlaceRef
Resolver: TypeAlias = Callable[[Reference], str | None]


class Dialect(Protocol):
    """What differs between the services, as pure functions."""

    name: str

    def encode(
        self, blocks: Iterable[Block], path: str
    ) -> tuple[tuple[BlockInput, ...], tuple[Diagnostic, ...]]:
        """Blocks as block inputs within every limit of text, and a diagnostic for each thing that had to change."""
        ...

    def head(self, document: Document) -> PageHead:
        """Title, icon and cover of a plain page (not a database record)."""
        ...

    def properties(self, values: Iterable[PropertyValue]) -> bytes:
        """The properties of a database record, as compact JSON of the service."""
        ...

    def schema(self, properties: Iterable[Property], known: Mapping[str, Any] | None = None) -> bytes:
        """Properties of a database, as compact JSON of the service; see `schema.render_schema`."""
        ...

    def property_types(self, types: Iterable[str]) -> tuple[str, ...]:
        """Those of the property types that the service has."""
        ...

    def render(self, block: BlockInput) -> bytes:
        """The JSON of a block and its children as the service takes it in `children`."""
        ...

    def render_update(self, block: BlockInput) -> bytes:
        """The JSON body that updates a block in place, without its children."""
        ...

    def read(self, block: Mapping[str, Any]) -> ReadBlock:
        """What the service returned for one block, in the canonical form that `encode` gives."""
        ...

    def can_update(self, old_type: str, old_content: bytes, new: BlockInput) -> bool:
        """Whether the service can turn the one into the other in place (children apart)."""
        ...


def compact(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def address(link: Url | Reference) -> str:
    """The address to put into content: the URL itself, or a name for `resolve`."""
    match link:
        case Url(url):
            return url
        case PlaceRef(name):
            return f"{PLACE}{_quoted(name)}"
        case PageRef(target, anchor):
            return f"{SCHEME}page/{_quoted(target)}" + (f"#{_quoted(anchor)}" if anchor else "")
        case FileRef(path):
            return f"{SCHEME}file/{_quoted(path)}"


def parse_address(text: str) -> Reference | None:
    """The reference behind an address made by `address`; None for a plain URL."""
    if not text.startswith(SCHEME) or text.startswith(UPLOAD):
        return None
    if text.startswith(PLACE):
        return PlaceRef(_unquoted(text[len(PLACE) :]))
    kind, _, rest = text[len(SCHEME) :].partition("/")
    path, _, anchor = rest.partition("#")
    return FileRef(_unquoted(path)) if kind == "file" else PageRef(_unquoted(path), _unquoted(anchor))


@lru_cache(maxsize=4096)  # the same pages are linked again and again
def _quoted(text: str) -> str:
    return quote(text, errors="surrogatepass")  # a path may hold what is not text, and still is one path


def _unquoted(text: str) -> str:
    return unquote(text, errors="surrogatepass")


def references(block: BlockInput) -> tuple[Reference, ...]:
    """Every reference in the block's own content, in order, each once."""
    if not block.symbolic:
        return ()
    found: dict[Reference, None] = {}
    _walk_addresses(json.loads(block.content), lambda ref: found.setdefault(ref))
    return tuple(found)


def resolve(block: BlockInput, lookup: Resolver) -> BlockInput:
    """The block and all below it with addresses in place of references.

    `lookup` gives the URL of a reference, the name of an uploaded file (`upload_address`), None to take the link away
    (the text stays, but for a way back), or an address of `address()` again to leave it for later. A picture or file
    whose address is None becomes a paragraph of its caption, or of its name.
    """
    children = tuple(resolve(child, lookup) for child in block.children)
    if not block.symbolic:
        return block if children == block.children else _with(block, children=children)
    content = json.loads(block.content)
    pending = _fill(content, lookup)
    kind = block.type
    if isinstance(content, dict) and content.get("external", True) is None:
        caption = content.get("caption")
        content = {"rich_text": caption or []} if caption or not block.instead else json.loads(block.instead)
        kind = "paragraph"
    return BlockInput(
        kind, compact(content), children, pending, block.line, block.instead if pending else b""
    )


def resolve_head(head: PageHead, lookup: Resolver) -> PageHead:
    """The head with addresses in place of local pictures; an icon or cover whose address is None becomes `null`."""

    def filled(value: bytes) -> bytes:
        content = json.loads(value)
        _fill(content, lookup)
        return b"null" if content is None or content.get("external", True) is None else compact(content)

    return PageHead(head.properties, filled(head.icon), filled(head.cover))


def _with(block: BlockInput, children: tuple[BlockInput, ...]) -> BlockInput:
    return BlockInput(block.type, block.content, children, block.symbolic, block.line, block.instead)


def _walk_addresses(value: Any, visit: Callable[[Reference], object]) -> None:
    if isinstance(value, dict):
        url = value.get("url")
        if isinstance(url, str) and (ref := parse_address(url)) is not None:
            visit(ref)
        for item in value.values():
            _walk_addresses(item, visit)
    elif isinstance(value, list):
        for item in value:
            _walk_addresses(item, visit)


def _fill(value: Any, lookup: Resolver) -> bool:
    """Put addresses into decoded content, in place; says whether references are left."""
    if isinstance(value, list):
        pending = sum(_fill(item, lookup) for item in value) > 0  # every item, also after the first hit
        # links that are gone or lead to one place leave equal neighbours
        value[:] = merge_items([item for item in value if not _leads_nowhere(item)])
        return pending
    if not isinstance(value, dict):
        return False
    pending = False
    for key, holder in list(value.items()):
        url = holder.get("url") if isinstance(holder, dict) else None
        if not isinstance(url, str) or (ref := parse_address(url)) is None:
            pending = _fill(holder, lookup) or pending
            continue
        found = lookup(ref)
        if found is not None and found.startswith(UPLOAD):
            _host(value, key, found)
        elif found is not None:
            holder["url"] = canonical_url(found) or found
            pending = pending or found.startswith(SCHEME)
        else:
            value[key] = None
    _sync_href(value)
    return pending


def _leads_nowhere(item: Any) -> bool:
    """Whether it is a way back without its link."""
    text = item.get("text") if isinstance(item, dict) else None
    return isinstance(text, dict) and text.get("content") == WAY_BACK and not text.get("link")


def _host(value: dict[str, Any], key: str, upload: str) -> None:
    """An uploaded file in place of an external one; text cannot link to it."""
    if key != "external":
        value[key] = None
        return
    del value["external"]
    value["file"] = {"url": upload}
    if "type" in value:
        value["type"] = "file"


def _sync_href(item: dict[str, Any]) -> None:
    """A rich text item repeats its link in `href` where the dialect writes it."""
    text = item.get("text")
    if not isinstance(text, dict) or "link" not in text:
        return
    link = text["link"]
    if "href" in item:
        item["href"] = link["url"] if link else None
    elif link is None:
        del text["link"]
