"""Inline tokens -> rich text, and the blocks that stand within it: pictures, display mathematics.

A picture in a line of text cannot stay in it, so it splits the text where it stands: text, picture, text. In a table
cell, in a heading's title or in a caption there is no room for that; there it becomes its description, linked to it.
Text cannot link to a file of the folder: below a table there is room for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from markdown_it.token import Token

from converters.addresses import bare_addresses
from converters.blocks import PLAIN, Block, FileRef, InlineEquation, Link, Marks, Media, RichText, Span, Url
from converters.links import file_name, media_kind, normalise_url, shown
from converters.parser import POSITION
from converters.spaces import single_spaced, stripped
from converters.state import Cursor, InlineHandler, State

Piece: TypeAlias = RichText | Block

# Highlighting has a colour in the services, not a mark of its own.
HIGHLIGHT = "background"

_FIRST_CJK = "\u2e80"
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


_SUPER = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUB = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))


_FROM_PLAIN: dict[str, Marks] = {}


def with_mark(marks: Marks, name: str, on: bool = True) -> Marks:
    """The marks with one more or less (a boolean field of `Marks`, or `HIGHLIGHT`); equal marks are one object."""
    if marks is PLAIN and on:  # nearly always, and hashing seven fields takes its time
        found = _FROM_PLAIN.get(name)
        if found is None:
            found = _FROM_PLAIN[name] = _with_mark(PLAIN, name, True)
        return found
    return _with_mark(marks, name, on)


@lru_cache(maxsize=1024)
def _with_mark(marks: Marks, name: str, on: bool) -> Marks:
    if name == HIGHLIGHT:
        changed = replace(marks, background="yellow" if on else "default")
    else:
        changed = replace(marks, **{name: on})  # type: ignore[arg-type]  # the names are those of the boolean fields
    return PLAIN if changed == PLAIN else _one(changed)


@lru_cache(maxsize=1024)
def _one(marks: Marks) -> Marks:
    return marks


class Writer:
    """Collects one line of rich text. With `single` it stays one text: blocks become text too."""

    __slots__ = (
        "below", "columns", "counts", "cursor", "fixed", "line", "link", "link_from", "marks", "out", "parts", "script",
        "script_place", "searched", "single", "spans", "state",
    )  # fmt: skip

    def __init__(
        self,
        state: State,
        content: str,
        line: int,
        single: bool = False,
        fixed: tuple[int, int] | None = None,
        below: list[Media] | None = None,
    ) -> None:
        self.state = state
        self.line = line
        self.single = single
        self.fixed = fixed
        self.below = below  # with `single`: where the files of the folder go that the text shows
        self.columns: dict[int, int] = {}  # of the pictures in `out`
        self.out: list[Piece] = []
        self.spans: list[Span | InlineEquation] = []
        self.parts: list[str] = []
        self.counts: dict[str, int] = {}
        self.marks = PLAIN
        self.link: Link | None = state.ambient_link
        self.link_from = (0, 0)
        self.script = ""  # "sub" or "sup" while such a tag is open
        self.script_place = (line, 0)
        self.cursor = Cursor(state, content, line)
        self.searched = 0

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

    def begins_line(self) -> bool:
        """Whether nothing but blanks stands between here and the beginning, or a line break."""
        for part in reversed(self.parts):
            if text := part.rstrip(" "):
                return text.endswith("\n")
        return not self.spans or self._last_text().endswith("\n")

    def begin(self, mark: str) -> None:
        """Set what follows in a mark (a boolean field of `Marks`, or `HIGHLIGHT`)."""
        count = self.counts.get(mark, 0)
        self.counts[mark] = count + 1
        if not count:
            self.flush()
            self.marks = with_mark(self.marks, mark)

    def end(self, mark: str) -> None:
        """End the innermost such mark; nothing if there is none. Counted, so that they need not be nested."""
        count = self.counts.get(mark, 0)
        if count:
            self.counts[mark] = count - 1
        if count == 1:
            self.flush()
            self.marks = with_mark(self.marks, mark, False)

    def begin_link(self, link: Link | None) -> None:
        self.flush()
        self.link = link
        self.link_from = (len(self.out), len(self.spans))

    def end_link(self) -> None:
        """End a link. One that shows nothing, or nothing but a formula, is shown by its address: it is not lost."""
        self.flush()
        if self.link is not None and self.link_from[0] == len(self.out):
            texts = self.spans[self.link_from[1] :]
            if not any(isinstance(item, Span) for item in texts):
                address = Span(shown(self.link), self.marks, self.link)
                around = (Span(" (", self.marks), address, Span(")", self.marks))
                self.spans += around if texts else (address,)
        self.link = None

    def span(self, text: str, mark: str) -> None:
        """Add text in one more mark."""
        self.flush()
        self.spans.append(Span(text, with_mark(self.marks, mark), self.link))

    def flush(self) -> None:
        """Turn the text collected so far into spans."""
        parts = self.parts
        if not parts:
            return
        text = parts[0] if len(parts) == 1 else "".join(parts)
        parts.clear()
        if "  " in text or "\n " in text or " \n" in text:
            text = single_spaced(text)
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
        self.state.report("html-kept", f"<{self.script}> is shown as plain text.", *self.script_place)
        self.script = ""  # for the rest of it too, which is said once
        return text

    def _with_bare_links(self, text: str) -> None:
        position = 0
        for start, end, href in bare_addresses(text):
            self._add(text[position:start], None)
            self.spans.append(Span(text[start:end], self.marks, Url(normalise_url(href))))
            position = end
        self._add(text[position:], None)

    def block(self, block: Block) -> None:
        """Let a block stand here: the text before it ends, and goes on behind it."""
        self.flush()
        self._end_text()
        self.out.append(block)

    def _end_text(self) -> None:
        if self.spans:
            text = stripped(self.spans)
            if text:
                self.out.append(text)
            self.spans = []

    def finish(self) -> list[Piece]:
        """The pieces in reading order; none is empty text."""
        self.flush()
        self._end_text()
        if len(self.out) > 1:
            self._note_pictures()
        return self.out

    def _note_pictures(self) -> None:
        """Say that a picture left its line, if there is a line that it left."""
        if any(isinstance(piece, tuple) for piece in self.out):
            for index, piece in enumerate(self.out):
                if isinstance(piece, Media) and piece.kind == "image":
                    column = self.columns.get(index, 1)
                    message = "The picture stands in a block of its own."
                    self.state.report("image-inline", message, piece.line, column)

    def text(self) -> RichText:
        """The text of a `single` writer."""
        self.flush()
        return stripped(self.spans)

    def place(self, token: Token) -> tuple[int, int]:
        """Line and column of an inline token in the original file, as well as they can be known."""
        if self.fixed is not None:
            return self.fixed
        position = token.meta.get(POSITION, -1) if token.meta else -1
        if position < 0 and token.content:
            position = self.cursor.content.find(token.content, self.searched)
            self.searched = max(position + 1, self.searched)
        return self.cursor.at(max(position, self.cursor.start))


def pieces(state: State, token: Token, line: int) -> list[Piece]:
    """The text of an inline token, split at the blocks that stand in it."""
    if (text := _only_text(state, token)) is not None:
        return [text] if text else []
    writer = Writer(state, token.content, line)
    writer.write(token.children or ())
    return writer.finish()


def text_of(state: State, token: Token, line: int, below: list[Media] | None = None) -> RichText:
    """The text of an inline token as one text: for table cells, terms, summaries.

    Files of the folder that it shows are added to `below`, if that is given, and leave their descriptions.
    """
    if (text := _only_text(state, token)) is not None:
        return text
    writer = Writer(state, token.content, line, single=True, below=below)
    writer.write(token.children or ())
    return writer.text()


def _only_text(state: State, token: Token) -> RichText | None:
    """What a writer would make of a single plain text, which half of all texts are; None for any other."""
    children = token.children
    if not children or len(children) > 1 or children[0].type != "text" or state.ambient_link is not None:
        return None
    text = children[0].content
    if "://" in text or "@" in text or "www." in text:
        return None
    text = text.strip()
    if "  " in text:
        text = single_spaced(text)
    return (Span(text),) if text else ()


def unknown(writer: Writer, token: Token) -> None:
    """A token of a plugin that nobody handles: its text stays."""
    if token.content:
        writer.state.report("structure-degraded", f"“{token.type}” is kept as text.", *writer.place(token))
        writer.parts.append(token.content)


def image(writer: Writer, token: Token) -> None:
    """A picture: a block with its description as caption, or the linked description."""
    place = writer.place(token)
    alt = Writer(writer.state, token.content, writer.line, single=True, fixed=place)
    alt.link = None
    alt.write(token.children or ())
    show_image(writer, str(token.attrs.get("src", "")), alt.text(), str(token.attrs.get("title", "")), place)


def show_image(writer: Writer, src: str, alt: RichText, title: str, place: tuple[int, int]) -> None:
    """Put a picture where the writer stands, whatever kind of text that is."""
    source = _source(writer.state, src, place)
    caption = _caption(alt, title)
    if source is not None:
        show_media(writer, Media(source, media_kind(source), caption, line=place[0]), place[1])
        return
    writer.flush()
    writer.spans.extend(_captioned(writer, caption))


def _source(state: State, src: str, place: tuple[int, int]) -> Link | None:
    """Where a picture is to be found; None, and a diagnostic, for nowhere."""
    if src.partition("#")[0].strip():
        return state.link(src, *place, media=True)
    state.report("link-invalid", "The picture has no address; its description stays.", *place)
    return None


def show_media(writer: Writer, media: Media, column: int) -> None:
    """Put a picture or another file where the writer stands: a block, or where there is no room its linked caption."""
    caption = _captioned(writer, media.caption)
    shown = replace(media, caption=caption) if caption is not media.caption else media
    if not writer.single:
        writer.block(shown)
        writer.columns[len(writer.out) - 1] = column
    elif writer.below is not None and isinstance(media.source, FileRef):
        writer.flush()
        writer.spans.extend(caption or (Span(file_name(media.source)),))
        writer.below.append(shown)
        report_below(writer.state, media.line, column)
    else:
        _image_in_text(writer, caption, media.source)


def report_below(state: State, line: int, column: int) -> None:
    state.report("image-inline", "What the cell shows stands below the table.", line, column)


def _captioned(writer: Writer, caption: RichText) -> RichText:
    """The caption; within a link it is that link."""
    if writer.link is None:
        return caption
    return _linked(caption or (Span(shown(writer.link)),), writer.link)


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
