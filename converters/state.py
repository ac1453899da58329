"""What a conversion carries while it walks the parser's tokens, and what an extension may add to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token

from converters.blocks import Block, FileRef, Heading, Link, LinkUse, PageRef, Paragraph, RichText, Url
from converters.diagnostics import Diagnostic, diagnostic
from converters.dialects.urls import SCHEMES, URL_LIMIT, canonical_url
from converters.links import classify, has_suffix
from converters.whole import Part, part_of

if TYPE_CHECKING:
    from converters.inline import Writer

# A handler that returns False declines: the one that was there before it is asked.
BlockHandler: TypeAlias = "Callable[[State, Token], bool | None]"
InlineHandler: TypeAlias = "Callable[[Writer, Token], bool | None]"

_TITLES = "titles"
_BAR = re.compile(r"(?<!\\)\|")
_MARKERS = " \t>*+-.)0123456789"  # of quotes and lists


@dataclass(frozen=True, slots=True)
class Extension:
    """A piece of Markdown that can be switched on by name. Every part is optional.

    `summary` is one line for the documentation. `setup` adds rules to the parser. `prepare` rewrites the body before it is
    parsed and must keep the number of lines. `blocks` and `inlines` say what becomes of the parser's tokens, by token
    type. `address` rewrites the address of a link before it is judged. `finish` runs when all tokens are walked.
    """

    name: str
    summary: str
    setup: Callable[[MarkdownIt], object] | None = None
    prepare: Callable[[str], str] | None = None
    blocks: Mapping[str, BlockHandler] = field(default_factory=dict)
    inlines: Mapping[str, InlineHandler] = field(default_factory=dict)
    address: Callable[[str], str] | None = None
    finish: Callable[[State], None] | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """The parser and the dispatch tables of one set of extensions."""

    parser: MarkdownIt
    blocks: Mapping[str, BlockHandler]
    inlines: Mapping[str, InlineHandler]
    prepare: tuple[Callable[[str], str], ...] = ()
    addresses: tuple[Callable[[str], str], ...] = ()
    finish: tuple[Callable[[State], None], ...] = ()
    names: frozenset[str] = frozenset()  # of the extensions


class Frame:
    """An open container: its blocks so far, and what to make of them when it closes.

    `html` frames may be left open by their author; closing the Markdown container around them closes them too.
    """

    __slots__ = ("blocks", "data", "finish", "html", "kind", "line")

    def __init__(
        self,
        kind: str,
        line: int,
        finish: Callable[[State, Frame], None],
        data: Any = None,
        html: bool = False,
    ) -> None:
        self.kind = kind
        self.line = line
        self.finish = finish
        self.data = data
        self.html = html
        self.blocks: list[Block] = []


class Cursor:
    """Finds line and column, in the original file, of positions in a token's content, in passing.

    Content has lost the indent and the markers of its containers, so a column is found by looking for the line's text in
    the source. Positions must not go back before the line of the last one asked for.
    """

    __slots__ = ("base", "content", "line", "seen", "start", "state")

    def __init__(self, state: State, content: str, line: int) -> None:
        self.state = state
        self.content = content
        self.line = line
        self.start = 0  # of the current line
        self.seen = 0  # how far line breaks are counted
        self.base = -1

    def at(self, position: int) -> tuple[int, int]:
        """Line and column, from 1."""
        rows = self.content.count("\n", self.seen, position)
        if rows:
            self.line += rows
            self.start = self.content.rfind("\n", self.seen, position) + 1
            self.base = -1
        self.seen = max(position, self.seen)
        if self.base < 0:
            self.base = self._base()
        return self.line, max(self.base + position - self.start, 0) + 1

    def _base(self) -> int:
        end = self.content.find("\n", self.start)
        text = self.content[self.start : end if end >= 0 else len(self.content)]
        bare = text.lstrip()
        number = self.line - self.state.offset - 1
        lines = self.state.lines
        if not 0 <= number < len(lines):
            return 0
        row, cell = lines[number], self.state.cell
        found = row.find(bare.rstrip(), _cell_start(row, cell) if cell else 0)
        return max(found - (len(text) - len(bare)), 0)


def _cell_start(row: str, cell: int) -> int:
    """Where a cell of a table may begin at the earliest; equal ones stand before it."""
    bars = _bars(row)
    first = bool(bars) and not row[: bars[0]].strip(_MARKERS)  # is there a bar before the first cell?
    return bars[cell - 1 + first] if len(bars) >= cell + first else 0


@lru_cache(maxsize=2)  # asked for each cell of a row
def _bars(row: str) -> tuple[int, ...]:
    return tuple(match.start() for match in _BAR.finditer(row))


class State:
    """One walk over the tokens of one file. `blocks` is where the next block goes."""

    __slots__ = (
        "_lines", "ambient_link", "anchors", "blocks", "cell", "comments", "diagnostics", "env", "frames", "headings", "index",
        "links", "notes", "offset", "parts", "path", "program", "root", "source", "store", "tokens",
    )  # fmt: skip

    def __init__(
        self, program: Program, path: str, source: str, offset: int, parts: tuple[Part, ...] = ()
    ) -> None:
        self.program = program
        self.path = path
        self.parts = parts  # which files the lines come from, if there are several
        self.source = source
        self.offset = offset
        self.env: dict[str, Any] = {}
        self.tokens: list[Token] = []
        self.index = 0
        self.root: list[Block] = []
        self.blocks = self.root
        self.frames: list[Frame] = []
        self.diagnostics: list[Diagnostic] = []
        self.links: list[LinkUse] = []
        self.headings: list[Heading] = []
        self.anchors: dict[str, int] = {}  # beside those of headings
        self.notes: list[str] = []  # the anchors of the blocks behind the last divider, in their order
        self.comments: list[tuple[int, str]] = []
        self.ambient_link: Link | None = None
        self.cell = 0  # the cell of a table's row that is being read, from 0
        self.store: dict[str, Any] = {}  # for extensions, by their name
        self._lines: list[str] | None = None

    def run(self) -> None:
        """Walk all tokens and close what is left open."""
        self.tokens = self.program.parser.parse(self.source, self.env)
        handlers, tokens, count = self.program.blocks, self.tokens, len(self.tokens)
        unknown = handlers["unknown"]
        while self.index < count:
            token = tokens[self.index]
            self.index += 1
            handlers.get(token.type, unknown)(self, token)
        while self.frames:
            self._leave()
        for finish in self.program.finish:
            finish(self)

    def line(self, token: Token) -> int:
        """The line in the original file at which a block token begins; that of its container if it has none."""
        if token.map:
            return token.map[0] + 1 + self.offset
        return self.frames[-1].line if self.frames else self.offset + 1

    def push(self, frame: Frame) -> None:
        """Open a container: blocks go into it until it is closed."""
        self.frames.append(frame)
        self.blocks = frame.blocks

    def pop(self) -> None:
        """Close the innermost container."""
        frame = self.frames.pop()
        self.blocks = self.frames[-1].blocks if self.frames else self.root
        frame.finish(self, frame)

    def close(self, kind: str) -> None:
        """Close the innermost Markdown container, which is of this kind, and the HTML left open in it."""
        while self.frames and self.frames[-1].html:
            self._leave()
        if self.frames and self.frames[-1].kind == kind:
            self.pop()

    def _leave(self) -> None:
        """Close the innermost container, which its author has not. Only what hides its content is worth a word."""
        frame = self.frames[-1]
        if frame.kind == "details":
            message = "<details> has no end tag: all that follows stands in it."
            self.report("html-unclosed", message, frame.line)
        self.pop()

    @property
    def lines(self) -> list[str]:
        """The lines of the body, split when first asked for."""
        if self._lines is None:
            self._lines = self.source.split("\n")
        return self._lines

    def name(self, anchor: str, line: int) -> None:
        """Let a link's `#part` name the block that begins on a line, or is the next (with a minus: that before it)."""
        self.anchors.setdefault(anchor, line)

    def report(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        self.diagnostics.append(diagnostic(code, message, self.path, line, column))

    def drop_title(self, title: str, line: int, column: int) -> None:
        """Say, once for a file, that the title of a link or of an abbreviation is not published."""
        if title.strip() and not self.store.get(_TITLES):
            self.store[_TITLES] = True
            message = f"“{title.strip()[:80]}” shows nowhere; nor do such titles further down."
            self.report("title-dropped", message, line, column)

    def link(self, href: str, line: int, column: int, *, media: bool = False) -> Link | None:
        """What an address leads to; local ones are noted in `links`. None, and a diagnostic, for an unsafe one."""
        for rewrite in self.program.addresses:
            href = rewrite(href)
        link = classify(href, self.near(href, line) if self.parts else self.path, media=media)
        if isinstance(link, (PageRef, FileRef)):
            self.links.append(LinkUse(link, line, column))
        elif link is None:
            self._refuse(href.strip(), line, column)
        elif (sent := canonical_url(link.url)) is None or len(sent) > URL_LIMIT:
            return Url(link.url, line, column)  # the service's dialect will say so
        return link

    def near(self, href: str, line: int) -> str:
        """The file from which an address counts that stands in a line: the page, or what it shows of another file.

        A place in the same page is one of the page; so is for a site what names no file, but the address of a page.
        """
        if not self.parts or href.startswith("#"):
            return self.path
        part = part_of(self.parts, line)
        return part.near if part.near and (part.note or has_suffix(href)) else self.path

    def _refuse(self, href: str, line: int, column: int) -> None:
        scheme = href.partition(":")[0]
        if scheme.lower() in SCHEMES:
            self.report(
                "link-invalid", f"“{href[:100]}” is not a whole address; its text stays.", line, column
            )
        else:
            message = f"A link to “{scheme[:40]}:” cannot be published; its text stays."
            self.report("link-unsafe", message, line, column)

    def emit(self, pieces: list[RichText | Block], line: int) -> None:
        """Add text as paragraphs, and blocks as they are. Behind a block the text goes on at the block's line."""
        for piece in pieces:
            if isinstance(piece, tuple):
                self.blocks.append(Paragraph(piece, line=line))
            else:
                self.blocks.append(piece)
                line = max(line, piece.line)
