"""Pictures on the web that are published as files: with `images.mirror` a document refers to its copy of a picture.

The copy is called by the picture's address, so that everything that is known of local files holds for it too, and where
there is no copy the address is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote, unquote

from converters.blocks import Block, Columns, Document, FileRef, LinkUse, Media, Url
from converters.dialects.urls import COPY, URL_LIMIT, canonical_url
from converters.dialects.web import is_web
from converters.links import file_name

PREFIX = COPY


def copy_path(url: str) -> str:
    """What a document calls its copy of a picture: a path that ends in the picture's name."""
    return f"{PREFIX}{quote(url, safe='')}/{quote(file_name(Url(url)), safe='')}"


def copied_url(path: str) -> str:
    """The address of the picture that a path stands for; "" for the path of any other file."""
    return unquote(path.removeprefix(PREFIX).partition("/")[0]) if path.startswith(PREFIX) else ""


def mirrored(document: Document, looks: bool = False) -> Document:
    """The document with copies in place of its pictures on the web; with `looks` also of its icon and its cover."""
    uses: list[LinkUse] = []
    blocks = tuple(_mirrored(document.blocks, uses))
    icon, cover = document.icon, document.cover
    if looks:
        icon = _look(icon, _line(document, "icon", "emoji"), uses)
        cover = _look(cover, _line(document, "cover"), uses)
    if not uses:
        return document
    return replace(document, blocks=blocks, icon=icon, cover=cover, links=(*document.links, *uses))


def _line(document: Document, *keys: str) -> int:
    """Where the first of some keys of the front matter stands."""
    return next((document.property_lines[key] for key in keys if key in document.property_lines), 1)


def _look(place: str, line: int, uses: list[LinkUse]) -> str:
    """The path of the copy of an icon or cover; one that is not on the web, or can be no address, as it is."""
    url = canonical_url(place)
    if url is None or not is_web(url) or len(url) > URL_LIMIT:
        return place
    uses.append(LinkUse(copy := FileRef(copy_path(url)), line, 1))
    return copy.path


def _mirrored(blocks: Iterable[Block], uses: list[LinkUse]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Media):
            yield _picture(block, uses)
        elif isinstance(block, Columns):
            columns = tuple(tuple(_mirrored(column, uses)) for column in block.columns)
            yield replace(block, columns=columns)
        elif children := getattr(block, "children", ()):
            yield replace(block, children=tuple(_mirrored(children, uses)))  # type: ignore[arg-type]  # it has them
        else:
            yield block


def _picture(block: Media, uses: list[LinkUse]) -> Media:
    url = canonical_url(block.source.url) if block.kind == "image" and isinstance(block.source, Url) else None
    if url is None or not is_web(url):
        return block
    copy = FileRef(copy_path(url))
    uses.append(LinkUse(copy, block.line, 1))
    return replace(block, source=copy)
