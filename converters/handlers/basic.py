"""Headings, paragraphs, code, dividers, quotes, and what nobody else takes."""

from __future__ import annotations

import re

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from converters.blocks import Block, Code, Divider, Heading, Paragraph, Quote, RichText, Span
from converters.inline import pieces
from converters.state import Frame, State

_LANGUAGE = re.compile(r"\s*\{?\s*\.?([^\s,:{}]*)(:[^\s{}]+)?")
_TITLE = re.compile(
    r"""(?:title|caption|filename|file|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s}"']+))""", re.IGNORECASE
)


def paragraph(state: State, token: Token) -> None:
    inline = state.tokens[state.index]
    state.index += 2
    line = state.line(token)
    state.emit(pieces(state, inline, line), line)


def heading(state: State, token: Token) -> None:
    inline = state.tokens[state.index]
    state.index += 2
    line = state.line(token)
    add_heading(state, int(token.tag[1]), pieces(state, inline, line), line)


def add_heading(state: State, level: int, parts: list[RichText | Block], line: int, anchor: str = "") -> None:
    """A heading of the first piece of text; what stands beside it, pictures above all, keeps its place."""
    for number, piece in enumerate(parts):
        if isinstance(piece, tuple):
            found = Heading(level, piece, anchor, line=line)
            state.headings.append(found)
            state.emit([*parts[:number], found, *parts[number + 1 :]], line)
            return
    state.emit(parts, line)


def fence(state: State, token: Token) -> None:
    language, title = info(token.info)
    caption = (Span(title),) if title else ()
    state.blocks.append(Code(_body(token), language, caption, line=state.line(token)))


def info(text: str) -> tuple[str, str]:
    """Language and title of a code block's info string."""
    if not text:
        return "", ""
    if "\\" in text or "&" in text:
        text = unescapeAll(text)
    match = _LANGUAGE.match(text)
    language, file = (match[1], match[2]) if match else ("", None)
    if "=" in language:  # attributes only
        language = ""
    title = _TITLE.search(text)
    if title:
        return language, next(group for group in title.groups() if group is not None)
    # `js:app.js` names a file, `js:line-numbers` an option
    return language, file[1:] if file and "." in file else ""


def indented_code(state: State, token: Token) -> None:
    state.blocks.append(Code(_body(token), line=state.line(token)))


def _body(token: Token) -> str:
    return token.content[:-1] if token.content.endswith("\n") else token.content


def divider(state: State, token: Token) -> None:
    state.blocks.append(Divider(line=state.line(token)))


def quote_open(state: State, token: Token) -> None:
    state.push(Frame("quote", state.line(token), finish_quote))


def quote_close(state: State, token: Token) -> None:
    state.close("quote")


def finish_quote(state: State, frame: Frame) -> None:
    text, children = lead(frame.blocks)
    state.blocks.append(Quote(text, children, line=frame.line))


def lead(blocks: list[Block]) -> tuple[RichText, tuple[Block, ...]]:
    """A container's own text, which is its first paragraph, and its children."""
    if blocks and isinstance(first := blocks[0], Paragraph) and not first.children:
        return first.text, tuple(blocks[1:])
    return (), tuple(blocks)


def skip(state: State, token: Token) -> None:
    """A token that says nothing its neighbours do not say."""


def loose_inline(state: State, token: Token) -> None:
    """Text in a container that nobody handles."""
    line = state.line(token)
    state.emit(pieces(state, token, line), line)


def overflow(state: State, token: Token) -> None:
    """What is nested too deeply to be read: kept as it was written."""
    line = state.line(token)
    state.report("nesting-limit", "Nested too deeply; kept as plain text from here.", line)
    text = token.content.strip()
    if text:
        state.blocks.append(Paragraph((Span(text),), line=line))


def unknown(state: State, token: Token) -> None:
    """A token of a plugin that nobody handles: its text stays, its children are handled as if it were not there."""
    if token.content:
        line = state.line(token)
        state.report("structure-degraded", f"“{token.type}” is kept as text.", line)
        state.blocks.append(Paragraph((Span(token.content.rstrip("\n")),), line=line))
