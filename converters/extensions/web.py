"""What stands alone on a line: an address as a bookmark, a film as an embed, a marker as a table of contents.

None of these is on unless it is asked for by name: Markdown says of none of them that they are more than text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from converters.addresses import bare_addresses
from converters.blocks import Block, Bookmark, Embed, TableOfContents
from converters.handlers.themes import LIGHT_PICTURES
from converters.links import normalise_url
from converters.state import BlockHandler, Extension, State

_ADDRESS = re.compile(r"(?:<(https?://[^\s<>]+)>|(https?://[^\s<>]+))\Z", re.IGNORECASE)
_PLAYERS = re.compile(
    r"https?://(?:(?:www\.|m\.)?youtube(?:-nocookie)?\.com/(?:watch|embed/|shorts/|live/)|youtu\.be/|(?:player\.)?vimeo\.com/"
    r"|(?:www\.)?loom\.com/share/|open\.spotify\.com/|(?:www\.)?figma\.com/|codepen\.io/|codesandbox\.io/)",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"\[TOC\]|\[\[_?TOC_?\]\]|\{\{TOC\}\}|\$\{toc\}|\{:\s*toc\s*\}", re.IGNORECASE)


def _addresses(state: State) -> list[str]:
    """The addresses that are all of a paragraph, one on each line; none if there is anything else.

    The first text of a list item or a quote is that item's own, and no block; a toggle has its summary for that.
    """
    text = state.tokens[state.index].content
    if text[:5].lower() not in ("http:", "https", "<http"):
        return []
    if state.frames and not state.blocks and state.frames[-1].kind != "details":
        return []
    found = list(map(_address, text.split("\n")))
    return found if all(found) else []


def _address(line: str) -> str:
    """The address that is all of a line; empty if there is none, or more, such as the full stop of a sentence."""
    match = _ADDRESS.match(line.strip())
    if match is None:
        return ""
    if match[1]:  # in angle brackets it is as it is written
        return normalise_url(match[1])
    text = unescapeAll(match[2])
    return next((normalise_url(href) for _, end, href in bare_addresses(text) if end == len(text)), "")


def _take(state: State, blocks: Iterable[Block]) -> bool:
    state.index += 2  # the text, and the end of the paragraph
    state.blocks.extend(blocks)
    return True


def _bookmark(state: State, token: Token) -> bool:
    urls, line = _addresses(state), state.line(token)
    return bool(urls) and _take(state, (Bookmark(url, line=line + at) for at, url in enumerate(urls)))


def _embed(state: State, token: Token) -> bool:
    urls, line = _addresses(state), state.line(token)
    if not urls or not all(map(_PLAYERS.match, urls)):
        return False
    return _take(state, (Embed(url, line=line + at) for at, url in enumerate(urls)))


def _contents(state: State, token: Token) -> bool:
    if state.frames or not _CONTENTS.fullmatch(state.tokens[state.index].content):
        return False
    return _take(state, [TableOfContents(line=state.line(token))])


def _paragraphs(handler: BlockHandler) -> dict[str, BlockHandler]:
    return {"paragraph_open": handler}


# Embeds behind bookmarks, so that they are asked first
EXTENSIONS: tuple[Extension, ...] = (
    Extension("bookmarks", "an address alone on a line becomes a bookmark", blocks=_paragraphs(_bookmark)),
    Extension("embeds", "a film or a board alone on a line is embedded", blocks=_paragraphs(_embed)),
    Extension(
        "toc", "`[TOC]`, `[[toc]]`, `{{TOC}}` become a table of contents", blocks=_paragraphs(_contents)
    ),
    Extension(
        LIGHT_PICTURES,
        "of a picture for light pages and one for dark ones (`#only-dark`, `#gh-dark-mode-only`) only the first is shown",
    ),
)
