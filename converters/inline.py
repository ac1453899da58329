"""Inline tokens -> rich text, and the blocks that stand within it: pictures, display mathematics.

A picture in a line of text cannot stay in it, so it splits the text where it stands: text, picture, text. In a table
cell, in a heading's title or in a caption there is no room for that; there it becomes its description, linked to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from markdown_it.token import Token

from converters.blocks import PLAIN, Block, InlineEquation, Link, Marks, Media, RichText, Span, Url
from converters.links import file_name, media_kind, normalise_url, shown
from converters.parser import POSITION
from converters.state import InlineHandler, State

Piece: TypeAlias = RichText | Block

# Highlighting has a colour in the services, not a mark of its own.
HIGHLIGHT = "background"

_FIRST_CJK = "\u2e80"
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")

# GFM's extended autolinks. Possessive and looking behind, so that no text makes it slow; unlike GFM it stops at
# full-width punctuation, which ends the sentence around an address and not the address.
_STOP = r"\s<\u3000-\u303f\uff00-\uffef"
_BARE = re.compile(
    rf"(?<![A-Za-z])(?:https?|ftp)://[^{_STOP}]++"
    rf"|(?<![^\s*_~(])www\.[^{_STOP}]++"
    r"|(?<![A-Za-z0-9._+\-/])[A-Za-z0-9._+\-]++@[A-Za-z0-9_\-]++(?:\.[A-Za-z0-9_\-]++)++",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:[a-z]+://)?(?:[^\s/?#@]*@)?([^\s/?#:]*)", re.IGNORECASE)

_SUPER = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUB = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))


@lru_cache(maxsize=1024)
def combine(fields: tuple[str, ...]) -> Marks:
    """The marks of a span that stands in all of these (`Marks` fields; equal marks are one object)."""
    marks = PLAIN
    for name in fields:
        marks = replace(marks, background="yellow") if name == HIGHLIGHT else replace(marks, **{name: True})  # type: ignore[arg-type]
    return marks


class Writer:
    """Collects one line of rich text. With `single` it stays one text: blocks become text too."""

    __slots__ = (
        "_base", "_row", "_start", "active", "content", "fixed", "line", "link", "link_from", "marks", "out", "parts",
        "script", "single", "spans", "state",
    )  # fmt: skip

    def __init__(
        self,
        state: State,
        content: str,
        line: int,
        single: bool = False,
        fixed: tuple[int, int] | None = None,
    ) -> None:
        self.state = state
        self.content = content
        self.line = line
        self.single = single
        self.fixed = fixed
        self.out: list[Piece] = []
        self.spans: list[Span | InlineEquation] = []
        self.parts: list[str] = []
        self.active: list[str] = []
        self.marks = PLAIN
        self.link: Link | None = state.ambient_link
        self.link_from = (0, 0)
        self.script = ""
        self._row = 0
        self._start = 0
        self._base = -1

    def write(self, tokens: Sequence[Token]) -> None:
        """Add inline tokens."""
        parts = self.parts
        handlers = self.state.program.inlines
        for index, token in enumerate(tokens):
            kind = token.type
            if kind == "text":
                if token.content:
                    parts.append(token.content)
            elif kind == "softbreak":
                if (not parts or parts[-1] != "\n") and not self._between_cjk(tokens, index):
                    parts.append(" ")
            else:
                handlers.get(kind, unknown)(self, token)

    def _between_cjk(self, tokens: Sequence[Token], index: int) -> bool:
        """Whether a line break stands between two characters of a script that is written without spaces."""
        last = self.parts[-1] if self.parts else self._last_text()
        if not last or last[-1] < _FIRST_CJK or not _CJK.match(last[-1]):
            return False
        following = next((token.content for token in tokens[index + 1 : index + 4] if token.content), "")
        return _CJK.match(following) is not None

    def _last_text(self) -> str:
        last = self.spans[-1] if self.spans else None
        return last.text if isinstance(last, Span) else ""

    def ends_blank(self) -> bool:
        """Whether nothing, or white space, stands before what comes next."""
        last = self.parts[-1] if self.parts else self._last_text()
        return last[-1:].isspace() or not (last or self.spans)

    def begin(self, mark: str) -> None:
        """Set what follows in a mark (a boolean field of `Marks`, or `HIGHLIGHT`)."""
        self.flush()
        self.active.append(mark)
        self.marks = combine(tuple(self.active))

    def end(self, mark: str) -> None:
        """End the innermost such mark; nothing if there is none."""
        if mark in self.active:
            self.flush()
            del self.active[len(self.active) - 1 - self.active[::-1].index(mark)]
            self.marks = combine(tuple(self.active))

    def begin_link(self, link: Link | None) -> None:
        self.flush()
        self.link = link
        self.link_from = (len(self.out), len(self.spans))

    def end_link(self) -> None:
        """End a link. One that shows nothing is shown by its address, so that it is not lost."""
        self.flush()
        if self.link is not None and self.link_from == (len(self.out), len(self.spans)):
            self.spans.append(Span(shown(self.link), self.marks, self.link))
        self.link = None

    def span(self, text: str, *fields: str) -> None:
        """Add text in further marks."""
        self.flush()
        self.spans.append(Span(text, combine((*self.active, *fields)), self.link))

    def flush(self) -> None:
        """Turn the text collected so far into spans."""
        parts = self.parts
        if not parts:
            return
        text = parts[0] if len(parts) == 1 else "".join(parts)
        parts.clear()
        if self.script:
            text = self._scripted(text)
        if self.link is None and ("://" in text or "@" in text or "www." in text):
            self._with_bare_links(text)
        else:
            self._add(text, self.link)

    def _add(self, text: str, link: Link | None) -> None:
        if self.spans and text:
            last = self.spans[-1]
            if last.marks is self.marks and isinstance(last, Span) and last.link is link:
                self.spans[-1] = Span(last.text + text, self.marks, link)
                return
        if text:
            self.spans.append(Span(text, self.marks, link))

    def _scripted(self, text: str) -> str:
        """Text raised or lowered with Unicode's own characters, if it has them for all of it."""
        table = _SUPER if self.script == "sup" else _SUB
        if all(character in table for character in text):
            return "".join(map(table.__getitem__, text))
        self.state.report("html-kept", f"<{self.script}> is shown as plain text.", self.line)
        return text

    def _with_bare_links(self, text: str) -> None:
        position = 0
        for match in _BARE.finditer(text):
            address = _trim(match[0])
            href = _href(address)
            if href:
                self._add(text[position : match.start()], None)
                self.spans.append(Span(address, self.marks, Url(normalise_url(href))))
                position = match.start() + len(address)
        self._add(text[position:], None)

    def block(self, block: Block) -> None:
        """Let a block stand here: the text before it ends, and goes on behind it."""
        self.flush()
        self._end_text()
        self.out.append(block)

    def _end_text(self) -> None:
        if self.spans:
            text = _strip(self.spans, left=bool(self.out), right=True)
            if text:
                self.out.append(text)
            self.spans = []

    def finish(self) -> list[Piece]:
        """The pieces in reading order; none is empty text."""
        self.flush()
        if not self.out:
            return [tuple(self.spans)] if self.spans else []
        self._end_text()
        return self.out

    def text(self) -> RichText:
        """The text of a `single` writer."""
        self.flush()
        return tuple(self.spans)

    def place(self, token: Token) -> tuple[int, int]:
        """Line and column of an inline token in the original file, as well as they can be known."""
        if self.fixed is not None:
            return self.fixed
        position = token.meta.get(POSITION, -1) if token.meta else -1
        if position < 0:
            position = self.content.find(token.content, self._start) if token.content else self._start
        return self.position(max(position, self._start))

    def position(self, position: int) -> tuple[int, int]:
        """Line and column of a position in `content`. Positions must not go back before the line of the last one."""
        rows = self.content.count("\n", self._start, position)
        if rows or self._base < 0:
            self._row += rows
            self._start = self.content.rfind("\n", self._start, position) + 1 if rows else self._start
            self._base = self._column_of_line()
        return self.line + self._row, self._base + position - self._start + 1

    def _column_of_line(self) -> int:
        """Where the current line of `content`, which has lost its indent and markers, begins in its source line."""
        lines, number = self.state.lines, self.line + self._row - self.state.offset - 1
        end = self.content.find("\n", self._start)
        text = self.content[self._start : end if end >= 0 else len(self.content)].strip()
        return max(lines[number].find(text), 0) if 0 <= number < len(lines) else 0


def pieces(state: State, token: Token, line: int) -> list[Piece]:
    """The text of an inline token, split at the blocks that stand in it."""
    children = token.children or ()
    writer = Writer(state, token.content, line)
    writer.write(children)
    return writer.finish()


def text_of(state: State, token: Token, line: int) -> RichText:
    """The text of an inline token as one text: for table cells, terms, summaries."""
    writer = Writer(state, token.content, line, single=True)
    writer.write(token.children or ())
    return writer.text()


def _trim(address: str) -> str:
    """GFM: punctuation at the end is not part of an address, nor is a parenthesis that it did not open."""
    end = len(address)
    surplus = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and surplus > 0:
            surplus -= 1
        elif last not in "?!.,:*_~'\";":
            break
        end -= 1
    return address[:end]


def _href(address: str) -> str:
    """The full address of a bare one, empty if it is none after all."""
    lower = address[:8].lower()
    if "@" in address and "://" not in lower and not lower.startswith("www."):
        return "mailto:" + address if "." in address.rpartition("@")[2] and address[-1] not in "-_" else ""
    match = _HOST.match(address)
    host = match[1] if match else ""
    if not any(character.isalnum() for character in host) or "_" in ".".join(host.split(".")[-2:]):
        return ""
    if lower.startswith("www."):
        return "http://" + address if host.count(".") > 1 or len(host) > 4 else ""
    return address


def _strip(spans: list[Span | InlineEquation], left: bool, right: bool) -> RichText:
    """Rich text without the white space that stood beside a block."""
    spans = list(spans)
    if left:
        while spans and isinstance(spans[0], Span):
            text = spans[0].text.lstrip()
            if text:
                spans[0] = replace(spans[0], text=text) if text != spans[0].text else spans[0]
                break
            del spans[0]
    if right:
        while spans and isinstance(last := spans[-1], Span):
            text = last.text.rstrip()
            if text:
                spans[-1] = replace(last, text=text) if text != last.text else last
                break
            spans.pop()
    return tuple(spans)


def unknown(writer: Writer, token: Token) -> None:
    """A token of a plugin that nobody handles: its text stays."""
    if token.content:
        writer.state.report("structure-degraded", f"“{token.type}” is kept as text.", *writer.place(token))
        writer.parts.append(token.content)


def code(writer: Writer, token: Token) -> None:
    writer.span(token.content, "code")


def hard_break(writer: Writer, token: Token) -> None:
    writer.parts.append("\n")


def open_link(writer: Writer, token: Token) -> None:
    href = str(token.attrs.get("href", ""))
    writer.begin_link(writer.state.link(href, *writer.place(token)))


def close_link(writer: Writer, token: Token) -> None:
    writer.end_link()


def image(writer: Writer, token: Token) -> None:
    """A picture: a block with its description as caption, or the linked description."""
    place = writer.place(token)
    alt = Writer(writer.state, token.content, writer.line, single=True, fixed=place)
    alt.link = None
    alt.write(token.children or ())
    show_image(writer, str(token.attrs.get("src", "")), alt.text(), str(token.attrs.get("title", "")), place)


def show_image(writer: Writer, src: str, alt: RichText, title: str, place: tuple[int, int]) -> None:
    """Put a picture where the writer stands, whatever kind of text that is."""
    source = writer.state.link(src, *place, media=True)
    caption = _caption(alt, title)
    if writer.link is not None:
        caption = _linked(caption or (Span(shown(writer.link)),), writer.link)
    if source is None:
        writer.flush()
        writer.spans.extend(caption)
    elif writer.single:
        _image_in_text(writer, caption, source)
    else:
        writer.block(Media(source, media_kind(source), caption, line=place[0]))


def _caption(alt: RichText, title: str) -> RichText:
    if not title or title == "".join(getattr(item, "text", "") for item in alt):
        return alt
    return (*alt, Span(f" — {title}" if alt else title))


def _linked(text: RichText, link: Link) -> RichText:
    return tuple(replace(item, link=link) if isinstance(item, Span) else item for item in text)


def _image_in_text(writer: Writer, caption: RichText, source: Link) -> None:
    """The description, linked to the picture; if it already is a link, the picture's name follows, linked."""
    writer.flush()
    if writer.link is None:
        writer.spans.extend(_linked(caption or (Span(file_name(source)),), source))
    else:
        writer.spans.extend((*caption, Span(" ("), Span(file_name(source), link=source), Span(")")))


def marks(token: str, mark: str) -> dict[str, InlineHandler]:
    """The handlers of a pair of tokens that only set a mark."""
    return {
        f"{token}_open": lambda writer, _: writer.begin(mark),
        f"{token}_close": lambda writer, _: writer.end(mark),
    }


INLINES: dict[str, InlineHandler] = {
    **marks("strong", "bold"),
    **marks("em", "italic"),
    **marks("s", "strikethrough"),
    "code_inline": code,
    "hardbreak": hard_break,
    "link_open": open_link,
    "link_close": close_link,
    "image": image,
}
