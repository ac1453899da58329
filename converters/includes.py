"""Text of other files, put where a file asks for it, before anything is parsed: as the tools do that it was written for.

Material for MkDocs asks for snippets (`--8<-- "file"`), VitePress for Markdown (`<!--@include: ./part.md-->`) and code
(`<<< @/file.js`), mdBook and Hugo for both (`{{#include file}}`, `{{% include "file.md" %}}`), MDX for Markdown
(`import Part from './_part.mdx'`, `<Part />`), Obsidian for notes (`![[Note]]`). A line whose file cannot be had stays as it is, and is reported when it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from posixpath import dirname
from textwrap import dedent
from typing import TypeAlias

from converters import notes
from converters.blocks import FileRef, PageRef
from converters.excerpts import Lines, numbered, region, section, spans, unmarked
from converters.extensions.mdx import uncovered
from converters.extensions.wikilinks import link_of
from converters.frontmatter import split
from converters.links import local_path, media_kind
from converters.wants import NO_SNIPPETS, Snippets, Want, imported, snippet, wanted
from converters.whole import Part, Whole

# a path from the folder's root -> the file's text, if it may be had
Reader: TypeAlias = Callable[[str], str | None]
# the name of a note, as a link writes it -> the path of its file, if there is one
Finder: TypeAlias = Callable[[str], str | None]

MAX_DEPTH = 8  # files that include files
MAX_SIZE = 2_000_000  # characters that a file includes; files that include each other again and again would never end
COST = 500  # characters that each inclusion counts for: not even of nothing there are endlessly many
SEARCHED = 100  # characters to look through for a part of a file count as one that is included
NOTES = "note-embeds"
SNIPPETS = "snippets"
# What a text holds that asks for files, for each extension that reads it
_HINTS: Mapping[str, tuple[str, ...]] = {
    SNIPPETS: ("8<-",),
    "includes": ("@include", "<<<"),
    "book-includes": ("{{#",),
    "mdx": (".mdx'", '.mdx"', ".md'", '.md"'),
    NOTES: ("![[",),
    "shortcode-includes": ("include", "readfile", "codefile", "code_sample", "codenew"),
}

EXTENSIONS = frozenset(_HINTS)
_MARKDOWN = (".md", ".markdown", ".mdx")


def _nowhere(name: str) -> str | None:
    return None


def assemble(
    text: str,
    path: str,
    read: Reader,
    extensions: frozenset[str],
    limit: int = MAX_SIZE,
    find: Finder = _nowhere,
    site: Snippets = NO_SNIPPETS,
) -> Whole:
    """The text of the file `path`, with what it includes where the extensions say so, and with what `site` adds.

    Never raises; nothing is asked for that leaves the folder, unless it stands below a base that `site` names. A file that includes itself is not put into itself, and
    beyond `limit` characters nothing more is put in (`Part.full`).
    """
    if not asks(text, extensions, site):
        return Whole(text)
    builder = _Builder(path, read, find, extensions, limit, site)
    lines = list(enumerate(builder.readable(text).split("\n"), 1))
    if NOTES in extensions:
        builder.footnotes |= notes.footnotes(lines)
    builder.put(path, lines, "", 0, (path,))
    for name in site.appended if SNIPPETS in extensions else ():
        builder.append(name, len(lines))
    files = tuple(builder.files)
    if not builder.changed and not builder.full:
        return Whole(text, (), files)
    return Whole("\n".join(builder.lines), tuple(builder.parts), files)


@dataclass(slots=True)
class _Builder:
    """The lines of the whole text so far."""

    path: str
    read: Reader
    find: Finder
    extensions: frozenset[str]
    limit: int
    site: Snippets = NO_SNIPPETS
    lines: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    files: dict[str, str | None] = field(default_factory=dict)  # what was asked for, and its text
    known: dict[str, Lines] = field(default_factory=dict)  # files as lines
    heads: dict[str, tuple[int, bool]] = field(default_factory=dict)  # see `_head`
    size: int = 0
    changed: bool = False
    imports: dict[str, str] = field(default_factory=dict)  # components of MDX that are Markdown files
    footnotes: set[str] = field(default_factory=set)  # names that are taken, where notes are shown
    note: bool = False  # whether these are the lines of one
    near: str = ""  # the file from which addresses count, if not the first

    @property
    def full(self) -> bool:
        return self.size >= self.limit

    def readable(self, text: str) -> str:
        """The text with line feeds alone, and with no fence around what MDX is to read."""
        text = _lf(text)
        return uncovered(text) if "mdx" in self.extensions else text

    def add(self, path: str, line: int, text: str, shown: int, full: bool = False) -> None:
        """One more line: line `line` of the file `path`, which line `shown` of the first file asked for."""
        start, last = len(self.lines) + 1, self.parts[-1] if self.parts else None
        shown = line if path == self.path and not self.note else shown
        alike = (
            last is not None
            and last.path == path
            and last.line + start - last.start == line
            and (last.full, last.note, last.near) == (full, self.note, self.near)
            and (last.shown == shown or (path == self.path and not self.note))
        )
        if not alike:
            self.parts.append(Part(start, path, line, shown, full, self.note, self.near))
        self.lines.append(text)
        if path != self.path or self.note:
            self.size += len(text) + 1

    def put(
        self, path: str, lines: Lines, indent: str, shown: int, above: tuple[str, ...], code: bool = False
    ) -> str:
        """Add lines of a file, with what they ask for. `above` are the files that this one stands in.

        Returns what ends the code or comment that is still open where they end, "" if none is.
        """
        fence, hidden, opener, at = "", "", "", 0
        while at < len(lines):
            number, text = lines[at]
            inside = code or bool(fence)
            asked, until = self._asked(path, lines, at, inside, bool(hidden))
            fence, hidden = self._behind(fence, hidden, text)
            opener = opener if inside else text
            found = [self._fetch(want, above) for want in asked]
            if asked and None not in found:
                for want, part in zip(asked, found, strict=True):
                    assert part is not None
                    place = (path, number, shown or number)
                    self._insert(want, *part, indent, place, above, inside)
            else:
                for line, row in lines[at:until]:
                    row = "" if not inside and self._imported(row, dirname(path)) else row
                    full = bool(asked) and self.full
                    self.add(path, line, indent + row if row else indent.rstrip(), shown, full)
            at = until
        # in a quote or a list code ends with that
        return hidden or (fence if opener.startswith(fence) else "")

    def _behind(self, fence: str, hidden: str, text: str) -> tuple[str, str]:
        """The fence of the code and the end of the comment that go on behind a line."""
        if hidden or NOTES not in self.extensions:
            return (
                ("", notes.comment_behind(hidden, text)) if hidden else (notes.fence_behind(fence, text), "")
            )
        return notes.fence_behind(fence, text), "" if fence else notes.comment_behind("", text)

    def append(self, name: str, last: int) -> None:
        """Add a file behind the last line of the page; nothing if it is not there, or is the page."""
        want = snippet(name, "", dirname(self.path), self.site.bases)
        found = self._fetch(want, (self.path,))
        if found is not None:
            self.add(self.path, last, "", last)
            self._insert(want, *found, "", (self.path, last, last), (self.path,), code=False)

    def _imported(self, text: str, near: str) -> bool:
        """Whether a line imports a Markdown file, which says nothing to a reader where its component is put in."""
        found = imported(text, near) if "mdx" in self.extensions else None
        if found is None or self._text(found[1]) is None:
            return False
        self.imports[found[0]] = found[1]
        self.changed = True
        return True

    def _asked(self, path: str, lines: Lines, at: int, code: bool, hidden: bool) -> tuple[list[Want], int]:
        """What a line asks for, and the line behind it."""
        if NOTES in self.extensions and not code and not hidden and "![[" in lines[at][1]:
            return self._note(path, lines[at][1]), at + 1
        return wanted(lines, at, path, self.extensions, self.imports, code, self.site.bases)

    def _note(self, path: str, text: str) -> list[Want]:
        """The note that a line of the file `path` asks for. A picture is none; "Node.js" may be a note or a file."""
        asked = notes.embed(text)
        link = link_of(asked.target, path) if asked is not None else None
        if asked is None or not isinstance(link, (PageRef, FileRef)):
            return []
        target = local_path(link)
        if target.startswith("../") or (isinstance(link, FileRef) and media_kind(link) != "file"):
            return []
        name = path if asked.target.startswith("#") else self.find(target)
        if name is None:
            self.files.setdefault(target, None)  # it may come to be there
        names = (name,) if name is not None else ()
        return [Want(names, asked.indent, note=True, whole=True, part=asked.part, mark=asked.mark)]

    def _text(self, name: str) -> str | None:
        if name not in self.files and (self.site.bases or not name.startswith("../")):
            self.files[name] = self.read(name)
        return self.files.get(name)

    def _fetch(self, want: Want, above: tuple[str, ...]) -> tuple[str, Lines] | None:
        """The file and its lines that are wanted."""
        for name in want.names if len(above) <= MAX_DEPTH and not self.full else ():
            if want.key(name) in above or (text := self._text(name)) is None:
                continue
            self.size += COST + len(text) // SEARCHED
            lines = self._selected(name, text, want)
            return (name, lines) if lines is not None else None
        return None

    def _selected(self, name: str, text: str, want: Want) -> Lines | None:
        """The lines of a file that are wanted, without front matter; None if it has no such part."""
        if name not in self.known:
            self.known[name] = numbered(self.readable(text))
        if want.note:
            return self._shown(name, text, want)
        lines: Lines | None = self.known[name]
        if want.section:
            lines = section(lines or [], want.section)
        if want.region and lines is not None:
            lines = region(lines, want.region)
        if want.spans and lines is not None:
            lines = spans(lines, want.spans)
        if lines is None:
            return None
        head = self._head(name, text)[0] if want.info is None and name.lower().endswith(_MARKDOWN) else 0
        return unmarked([line for line in lines if line[0] > head] if head else lines)

    def _shown(self, name: str, text: str, want: Want) -> Lines | None:
        """What is shown of a note; None if it has no such part, or is not published itself."""
        head, withheld = self._head(name, text)
        whole = self.known[name][head:]
        lines = notes.part(whole, want.part) if not withheld else None
        if lines is not None and want.part:
            lines = notes.with_links(lines, name)
        if lines is None or "footnotes" not in self.extensions:
            return lines
        return notes.with_footnotes(lines, whole if want.part else lines, self.footnotes)

    def _head(self, name: str, text: str) -> tuple[int, bool]:
        """The lines of a file's front matter, and whether it says that the file is no page."""
        if name not in self.heads:
            front = split(_lf(text))
            self.heads[name] = front.offset, notes.withheld(front.metadata)
        return self.heads[name]

    def _insert(
        self,
        want: Want,
        file: str,
        lines: Lines,
        indent: str,
        place: tuple[str, int, int],
        above: tuple[str, ...],
        code: bool,
    ) -> None:
        shown = place[2]
        indent += want.indent
        self.changed = True
        above, near = (*above, want.key(file)), self.near
        self.near = file if want.whole else near
        if want.note:
            self._stand_apart(want, file, lines, indent, place, above)
        elif want.info is None:
            self.put(file, lines, indent, shown, above, code)
        else:
            self._quote(want, file, lines, indent, place)
        self.near = near

    def _quote(self, want: Want, file: str, lines: Lines, indent: str, place: tuple[str, int, int]) -> None:
        """Add lines as a block of code."""
        path, number, shown = place
        ticks = max((len(run) for _, row in lines for run in re.findall("`+", row)), default=0)
        fence = "`" * max(3, ticks + 1)
        self.add(path, number, f"{indent}{fence}{want.info}", shown)
        rows = dedent("\n".join(row for _, row in lines)).split("\n")
        for (line, _), row in zip(lines, rows, strict=False):
            self.add(file, line, indent + row if row else indent.rstrip(), shown)
        self.add(path, number, indent + fence, shown)

    def _stand_apart(
        self,
        want: Want,
        file: str,
        lines: Lines,
        indent: str,
        place: tuple[str, int, int],
        above: tuple[str, ...],
    ) -> None:
        """Add a note, with blank lines around it; code or a comment that it opens ends with it."""
        path, number, shown = place
        before, self.note = self.note, True
        if self.lines and self.lines[-1].strip(" \t>") and not want.mark:
            self.add(path, number, indent.rstrip(), shown)
        mark = "" if notes.is_item(lines) else want.mark  # an item stands for the item
        start, inner = len(self.lines), indent + " " * len(mark)
        fence = self.put(file, lines, inner, shown, above)
        if fence:
            self.add(path, number, inner + fence, shown)
        if mark and len(self.lines) > start:
            self.lines[start] = indent + mark + self.lines[start][len(inner) :]
        elif mark:
            self.add(path, number, indent + mark, shown)
        self.add(path, number, indent.rstrip(), shown)
        self.note = before


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def asks(text: str, extensions: frozenset[str], site: Snippets = NO_SNIPPETS) -> bool:
    """Whether a text may ask for other files at all, or the site does for all texts."""
    if site.appended and SNIPPETS in extensions:
        return True
    return any(hint in text for name, hints in _HINTS.items() if name in extensions for hint in hints)
