"""What stands alone on a line: an address as a bookmark, a film as an embed, a marker as a table of contents.

None of these is on unless it is asked for by name: Markdown says of none of them that they are more than text.
"""

from __future__ import annotations

import re

from markdown_it.token import Token

from converters.blocks import Block, Bookmark, Embed, TableOfContents
from converters.links import normalise_url
from converters.state import BlockHandler, Extension, State

_ADDRESS = re.compile(r"<?(https?://[^\s<>]+)>?\Z", re.IGNORECASE)
_PLAYERS = re.compile(
    r"https?://(?:(?:www\.|m\.)?youtube\.com/(?:watch|embed/|shorts/|live/)|youtu\.be/|(?:player\.)?vimeo\.com/"
    r"|(?:www\.)?loom\.com/share/|open\.spotify\.com/|(?:www\.)?figma\.com/|codepen\.io/|codesandbox\.io/)",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"\[TOC\]|\[\[_?TOC_?\]\]|\{\{TOC\}\}|\$\{toc\}|\{:\s*toc\s*\}", re.IGNORECASE)


def _alone(state: State, token: Token) -> str:
    """The text of a paragraph at the top of the page; empty for others, which are part of something."""
    return "" if state.frames else state.tokens[state.index].content


def _take(state: State, block: Block) -> bool:
    state.index += 2  # the text, and the end of the paragraph
    state.blocks.append(block)
    return True


def _bookmark(state: State, token: Token) -> bool:
    match = _ADDRESS.match(_alone(state, token))
    return match is not None and _take(state, Bookmark(normalise_url(match[1]), line=state.line(token)))


def _embed(state: State, token: Token) -> bool:
    match = _ADDRESS.match(_alone(state, token))
    if match is None or not _PLAYERS.match(match[1]):
        return False
    return _take(state, Embed(normalise_url(match[1]), line=state.line(token)))


def _contents(state: State, token: Token) -> bool:
    if not _CONTENTS.fullmatch(_alone(state, token)):
        return False
    return _take(state, TableOfContents(line=state.line(token)))


def _paragraphs(handler: BlockHandler) -> dict[str, BlockHandler]:
    return {"paragraph_open": handler}


# Embeds behind bookmarks, so that they are asked first
EXTENSIONS: tuple[Extension, ...] = (
    Extension("bookmarks", "an address alone on a line becomes a bookmark", blocks=_paragraphs(_bookmark)),
    Extension("embeds", "a film or a board alone on a line is embedded", blocks=_paragraphs(_embed)),
    Extension(
        "toc", "`[TOC]`, `[[toc]]`, `{{TOC}}` become a table of contents", blocks=_paragraphs(_contents)
    ),
)
