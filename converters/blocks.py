"""The nouns: what a Markdown file is made of once the syntax is gone.

A document is a tuple of blocks; a block is one frozen value of a closed union. None of them knows JSON:
the dialects turn them into the block inputs of a service. Matching over `Block` ends in `assert_never`,
so a forgotten kind is a type error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from converters.diagnostics import Diagnostic, Silence
    from converters.whole import Part

Color: TypeAlias = Literal[
    "default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"
]
MediaKind: TypeAlias = Literal["image", "video", "audio", "pdf", "file"]
Alignment: TypeAlias = Literal["", "left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Marks:
    """How a span of text is set. `background` is what a highlighter does."""

    bold: bool = False
    italic: bool = False
    strikethrough: bool = False
    underline: bool = False
    code: bool = False
    color: Color = "default"
    background: Color = "default"


PLAIN = Marks()


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute link that leaves the folder: http, https, mailto, tel.

    `line` and `column` say where it stands, for what has to be said about it; 0 if nothing has, or it is not known.
    """

    url: str
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PageRef:
    """A link to another file of the folder, still unresolved.

    `target` is a POSIX path from the folder's root without leading slash ("guide/a.md", "guide/"), normalised
    against the file it stands in; it may leave the folder ("../README.md") and may not exist.
    `anchor` is the part behind `#`, percent-decoded; empty for the page itself.
    """

    target: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A local file that is not a page: a picture, a PDF, an archive. `path` as in `PageRef.target`."""

    path: str


Link: TypeAlias = Url | PageRef | FileRef

# The text of a link by which a note leads back to where it is referred to, an arrow and no pictograph. Without its link it
# is not shown.
WAY_BACK = "\u00a0↩\ufe0e"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text with one set of marks and at most one link. A hard line break is a newline in `text`."""

    text: str
    marks: Marks = PLAIN
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class InlineEquation:
    """TeX within a line of text, without its dollar signs."""

    expression: str
    marks: Marks = PLAIN


RichText: TypeAlias = tuple[Span | InlineEquation, ...]

# `line` is where the block begins in the original file, from 1 (front matter counted). It says where, not what:
# two blocks that differ only in it are equal.


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: RichText
    children: tuple[Block, ...] = ()
    color: Color = "default"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 1 to 6 as written; dialects degrade what a service does not have.

    `anchor` is an explicit id (`{#setup}`); empty means the slug of the text. With `children` it is a toggle heading.
    """

    level: int
    text: RichText
    anchor: str = ""
    children: tuple[Block, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a bulleted (`ordered=False`) or numbered list. `text` may be empty."""

    text: RichText
    ordered: bool = False
    children: tuple[Block, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ToDo:
    text: RichText
    checked: bool = False
    children: tuple[Block, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Quote:
    text: RichText
    children: tuple[Block, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Callout:
    """A note, tip, warning. `icon` is an emoji."""

    text: RichText
    icon: str = "💡"
    color: Color = "default"
    children: tuple[Block, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Toggle:
    """Text that folds its children away: `<details>`, `???`, folded callouts."""

    text: RichText
    children: tuple[Block, ...] = ()
    color: Color = "default"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Code:
    """`text` without the fence and without its last newline; `language` is the first word of the info string."""

    text: str
    language: str = ""
    caption: RichText = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Equation:
    """Display mathematics, TeX without delimiters."""

    expression: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells of rich text; every row has the same number of cells. The first row is the header if `header`.

    `lines` are those of the rows, where they are known.
    """

    rows: tuple[tuple[RichText, ...], ...]
    header: bool = True
    row_header: bool = False
    alignments: tuple[Alignment, ...] = ()
    lines: tuple[int, ...] = field(default=(), compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Divider:
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or another file that the page shows. The caption holds alt text and title."""

    source: Link
    kind: MediaKind = "image"
    caption: RichText = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Bookmark:
    url: str
    caption: RichText = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Embed:
    url: str
    caption: RichText = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Columns:
    """Two or more columns beside each other."""

    columns: tuple[tuple[Block, ...], ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TableOfContents:
    line: int = field(default=0, compare=False)


Block: TypeAlias = (
    Paragraph
    | Heading
    | ListItem
    | ToDo
    | Quote
    | Callout
    | Toggle
    | Code
    | Equation
    | Table
    | Divider
    | Media
    | Bookmark
    | Embed
    | Columns
    | TableOfContents
)


@dataclass(frozen=True, slots=True)
class LinkUse:
    """One place that links to something local. `line` and `column` count from 1 in the original file."""

    link: PageRef | FileRef
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file, converted.

    `path` is POSIX, from the folder's root. `icon` is an emoji or an absolute URL, `cover` an absolute URL,
    both empty when there is none (a local picture stands as its path from the folder's root). `order` is the
    front matter's wish for its place among its siblings. `properties` holds every other front matter key in
    its order, as YAML or TOML gave it (dates, numbers, lists and tables included); `property_lines` says on which
    line a front matter key stands. `anchors` are the names
    that a link's `#part` may use in this file, each with the line of what it names or stands before (with a minus: behind); `notes` those of the
    footnotes, which stand behind the last divider in this order. `silences` are the
    codes that the file turns off; its diagnostics still hold them, and `silence.judge` takes them out. With `parts`, the
    text was put together from several files: the lines of blocks and anchors are then those of the whole, all others are
    those of the files. `titled`: the file says its title; else it is made of the file's name.
    """

    path: str
    title: str
    blocks: tuple[Block, ...]
    icon: str = ""
    cover: str = ""
    order: float | None = None
    draft: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)
    property_lines: Mapping[str, int] = field(default_factory=dict)
    links: tuple[LinkUse, ...] = ()
    anchors: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    silences: tuple[Silence, ...] = ()
    parts: tuple[Part, ...] = ()
    titled: bool = True


def plain(text: RichText) -> str:
    """The bare characters of rich text; equations as their TeX."""
    return "".join(item.text if isinstance(item, Span) else item.expression for item in text)
