"""Text of other files, put where a file asks for it, before anything is parsed: as the tools do that it was written for.

Material for MkDocs asks for snippets (`--8<-- "file"`), VitePress for Markdown (`<!--@include: ./part.md-->`) and code
(`<<< @/file.js`), mdBook for both (`{{#include file}}`), MDX for Markdown (`import Part from './_part.mdx'`, `<Part />`).
A line whose file cannot be had stays as it is, and is reported when it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from textwrap import dedent
from typing import TypeAlias

from converters.excerpts import END, Lines, Spans, numbered, region, section, spans, unmarked
from converters.frontmatter import split
from converters.whole import Part, Whole

Reader: TypeAlias = Callable[
    [str], str | None
]  # a path from the folder's root -> the file's text, if it may be had

MAX_DEPTH = 8  # files that include files
MAX_SIZE = 2_000_000  # characters that a file includes; files that include each other again and again would never end
COST = 500  # characters that each inclusion counts for: not even of nothing there are endlessly many
SEARCHED = 100  # characters to look through for a part of a file count as one that is included
# What a text holds that asks for files, for each extension that reads it
_HINTS: Mapping[str, tuple[str, ...]] = {
    "snippets": ("8<-",),
    "includes": ("@include", "<<<"),
    "book-includes": ("{{#",),
    "mdx": (".mdx'", '.mdx"', ".md'", '.md"'),
}

_INDENT = r"(?P<indent>[ \t>]*)"
_SNIPPET = re.compile(rf"{_INDENT}-+8<-+[ \t]+(?P<quote>[\"'])(?P<name>[^\"']+)(?P=quote)[ \t]*\Z")
_BLOCK = re.compile(rf"{_INDENT}-+8<-+[ \t]*\Z")
_PARTS = re.compile(r":(?:([A-Za-z][\w-]*)|(\d*(?::\d*)?(?:,\d*(?::\d*)?)*))\Z")
_BRACES = r"(?:\{(?P<braces>[^{}\n]*)\})?"
_INCLUDE = re.compile(
    rf"{_INDENT}<!--\s*@include:\s*(?P<name>[^\s#{{}}]+)(?:#(?P<region>[^\s{{}}]+))?{_BRACES}\s*-->\s*\Z"
)
_CODE = re.compile(
    rf"{_INDENT}<<<[ \t]+(?P<name>[^\s#{{}}\[\]]+)(?:#(?P<region>[\w-]+))?[ \t]*{_BRACES}"
    r"[ \t]*(?:\[(?P<title>[^\[\]\n]*)\])?[ \t]*\Z"
)
_BOOK = re.compile(
    rf"{_INDENT}\{{\{{#(?P<kind>include|rustdoc_include|playground)[ \t]+(?P<name>[^\s{{}}]+)[^{{}}]*\}}\}}[ \t]*\Z"
)
_IMPORT = re.compile(r"import\s+([A-Z]\w*)\s+from\s+(['\"])((?:\.{1,2}|@site)/[^'\"]+\.mdx?)\2\s*;?[ \t]*\Z")
_COMPONENT = re.compile(rf"{_INDENT}<(?P<name>[A-Z]\w*)\b[^<>]*(?:/>|></(?P=name)>)[ \t]*\Z")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_LANGUAGE = re.compile(r"(?:^|\s)([A-Za-z][\w+#-]*)")

EXTENSIONS = frozenset(_HINTS)
_MARKDOWN = (".md", ".markdown", ".mdx")


@dataclass(frozen=True, slots=True)
class _Want:
    """What one line asks for: `names` are paths that it may mean, `info` what a fence around it says; None for none."""

    names: tuple[str, ...]
    indent: str
    region: str = ""
    section: str = ""
    spans: Spans = ()
    info: str | None = None


def assemble(text: str, path: str, read: Reader, extensions: frozenset[str], limit: int = MAX_SIZE) -> Whole:
    """The text of the file `path`, with what it includes where the extensions say so.

    Never raises; nothing is asked for that leaves the folder. A file that includes itself is not put into itself, and
    beyond `limit` characters nothing more is put in (`Part.full`).
    """
    if not asks(text, extensions):
        return Whole(text)
    builder = _Builder(path, read, extensions, limit)
    builder.put(path, list(enumerate(_lf(text).split("\n"), 1)), "", 0, (path,))
    files = tuple(builder.files)
    if not builder.changed and not builder.full:
        return Whole(text, (), files)
    return Whole("\n".join(builder.lines), tuple(builder.parts), files)


@dataclass(slots=True)
class _Builder:
    """The lines of the whole text so far."""

    path: str
    read: Reader
    extensions: frozenset[str]
    limit: int
    lines: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    files: dict[str, str | None] = field(default_factory=dict)  # what was asked for, and its text
    known: dict[str, Lines] = field(default_factory=dict)  # files as lines
    heads: dict[str, int] = field(default_factory=dict)  # the lines of their front matter
    size: int = 0
    changed: bool = False
    imports: dict[str, str] = field(default_factory=dict)  # components of MDX that are Markdown files

    @property
    def full(self) -> bool:
        return self.size >= self.limit

    def add(self, path: str, line: int, text: str, shown: int, full: bool = False) -> None:
        """One more line: line `line` of the file `path`, which line `shown` of the first file asked for."""
        start, last = len(self.lines) + 1, self.parts[-1] if self.parts else None
        shown = line if path == self.path else shown
        follows = last is not None and last.path == path and last.line + start - last.start == line
        same = last is not None and last.full == full and (path == self.path or last.shown == shown)
        if not follows or not same:
            self.parts.append(Part(start, path, line, shown, full))
        self.lines.append(text)
        if path != self.path:
            self.size += len(text) + 1

    def put(
        self, path: str, lines: Lines, indent: str, shown: int, above: tuple[str, ...], code: bool = False
    ) -> None:
        """Add lines of a file, with what they ask for. `above` are the files that this one stands in."""
        fence, at = "", 0
        while at < len(lines):
            number, text = lines[at]
            inside = code or bool(fence)
            wanted, until = self._wanted(path, lines, at, inside)
            fence = _fence_behind(fence, text)
            found = [self._fetch(want, above) for want in wanted]
            if wanted and None not in found:
                for want, part in zip(wanted, found, strict=True):
                    assert part is not None
                    place = (path, number, shown or number)
                    self._insert(want, *part, indent, place, above, inside)
            else:
                for line, row in lines[at:until]:
                    row = "" if not inside and self._imported(row, dirname(path)) else row
                    full = bool(wanted) and self.full
                    self.add(path, line, indent + row if row else indent.rstrip(), shown, full)
            at = until

    def _imported(self, text: str, near: str) -> bool:
        """Whether a line imports a Markdown file, which says nothing to a reader where its component is put in."""
        match = _IMPORT.match(text) if "mdx" in self.extensions and text.startswith("import") else None
        name = _relative(match[3].replace("@site/", "/"), near) if match else "../"
        if match is None or self._text(name) is None:
            return False
        self.imports[match[1]] = name
        self.changed = True
        return True

    def _wanted(self, path: str, lines: Lines, at: int, code: bool) -> tuple[list[_Want], int]:
        """What a line asks for, and the line behind it."""
        text, near = lines[at][1], dirname(path)
        if "snippets" in self.extensions and "8<-" in text:
            if match := _SNIPPET.match(text):
                return [_snippet(match["name"], match["indent"], near)], at + 1
            if match := _BLOCK.match(text):
                return _block(lines, at, match["indent"], near)
        if "includes" in self.extensions and "@include" in text and (match := _INCLUDE.match(text)):
            name = _relative(match["name"], near)
            some = _spans(match["braces"] or "", ",", alone=True)
            return [_Want((name,), match["indent"], match["region"] or "", spans=some)], at + 1
        if "includes" in self.extensions and not code and "<<<" in text and (match := _CODE.match(text)):
            name = _relative(match["name"], near)
            return [_Want((name,), match["indent"], match["region"] or "", info=_info(match))], at + 1
        if "book-includes" in self.extensions and "{{#" in text and (match := _BOOK.match(text)):
            return [_book(match, near)], at + 1
        if self.imports and not code and (match := _COMPONENT.match(text)) and match["name"] in self.imports:
            return [_Want((self.imports[match["name"]],), match["indent"])], at + 1
        return [], at + 1

    def _text(self, name: str) -> str | None:
        if name not in self.files and not name.startswith("../"):
            self.files[name] = self.read(name)
        return self.files.get(name)

    def _fetch(self, want: _Want, above: tuple[str, ...]) -> tuple[str, Lines] | None:
        """The file and its lines that are wanted."""
        for name in want.names if len(above) <= MAX_DEPTH and not self.full else ():
            if name in above or (text := self._text(name)) is None:
                continue
            self.size += COST + len(text) // SEARCHED
            lines = self._selected(name, text, want)
            return (name, lines) if lines is not None else None
        return None

    def _selected(self, name: str, text: str, want: _Want) -> Lines | None:
        """The lines of a file that are wanted, without front matter; None if it has no such part."""
        if name not in self.known:
            self.known[name] = numbered(_lf(text))
        lines: Lines | None = self.known[name]
        if want.section:
            lines = section(lines or [], want.section)
        if want.region and lines is not None:
            lines = region(lines, want.region)
        if want.spans and lines is not None:
            lines = spans(lines, want.spans)
        if lines is None:
            return None
        head = self._head(name, text) if want.info is None and name.lower().endswith(_MARKDOWN) else 0
        return unmarked([line for line in lines if line[0] > head] if head else lines)

    def _head(self, name: str, text: str) -> int:
        if name not in self.heads:
            self.heads[name] = split(_lf(text)).offset
        return self.heads[name]

    def _insert(
        self,
        want: _Want,
        file: str,
        lines: Lines,
        indent: str,
        place: tuple[str, int, int],
        above: tuple[str, ...],
        code: bool,
    ) -> None:
        path, number, shown = place
        indent += want.indent
        self.changed = True
        if want.info is None:
            self.put(file, lines, indent, shown, (*above, file), code)
            return
        ticks = max((len(run) for _, row in lines for run in re.findall("`+", row)), default=0)
        fence = "`" * max(3, ticks + 1)
        self.add(path, number, f"{indent}{fence}{want.info}", shown)
        rows = dedent("\n".join(row for _, row in lines)).split("\n")
        for (line, _), row in zip(lines, rows, strict=False):
            self.add(file, line, indent + row if row else indent.rstrip(), shown)
        self.add(path, number, indent + fence, shown)


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _fence_behind(fence: str, text: str) -> str:
    """The fence of the code that goes on behind a line, "" if none does."""
    mark = _FENCE.match(text)
    if mark is None or (fence and (not mark[1].startswith(fence) or text[mark.end() :].strip())):
        return fence
    return "" if fence else mark[1]


def _snippet(name: str, indent: str, near: str) -> _Want:
    """`file.md`, `file.md:2:5`, `file.md:section`; the file's path counts from the root, or from where it is named."""
    parts = _PARTS.search(name)
    bare = name[: parts.start()].strip() if parts else name.strip()
    names = () if "://" in bare else (normpath(bare.lstrip("/")), normpath(join(near, bare)))
    if parts is None:
        return _Want(tuple(dict.fromkeys(names)), indent)
    some = tuple(span for part in (parts[2] or "").split(",") for span in _spans(part, ":", alone=False))
    return _Want(tuple(dict.fromkeys(names)), indent, section=parts[1] or "", spans=some)


def _book(match: re.Match[str], near: str) -> _Want:
    """`file.rs`, `file.rs:2:5`, `file.rs:3`, `file.rs:anchor`; a playground is code of its own."""
    parts = _PARTS.search(match["name"])
    bare = match["name"][: parts.start()] if parts else match["name"]
    some = _spans(parts[2], ":", alone=True) if parts and parts[2] else ()
    info = "rust" if match["kind"] == "playground" else None
    return _Want(
        (_relative(bare, near),), match["indent"], section=(parts and parts[1]) or "", spans=some, info=info
    )


def _spans(text: str, separator: str, alone: bool) -> Spans:
    """`2:5`, `:5`, `2:`; a number alone is one line, or the first of many."""
    first, found, last = text.partition(separator)
    if not (first or last) or not (first + last).isdecimal():
        return ()
    one = int(first or 1)
    return ((one, int(last) if last else one if alone and not found else END),)


def _block(lines: Lines, at: int, indent: str, near: str) -> tuple[list[_Want], int]:
    """Names of files on lines of their own, to the next mark; a name behind `; ` is left out."""
    for end in range(at + 1, len(lines)):
        if _BLOCK.match(lines[end][1]):
            names = (text.strip() for _, text in lines[at + 1 : end])
            return [
                _snippet(name, indent, near) for name in names if name and not name.startswith(";")
            ], end + 1
    return [], at + 1


def _relative(name: str, near: str) -> str:
    if name.startswith(("@/", "/")):
        return normpath(name.lstrip("@/"))
    return normpath(join(near, name))


def _info(match: re.Match[str]) -> str:
    """The info string for `<<< file.js{1,3 ts} [title]`."""
    braces = match["braces"] or ""
    named = _LANGUAGE.search(braces)
    language = named[1] if named else match["name"].rpartition("/")[2].rpartition(".")[2]
    marks = re.match(r"[\d,-]*", braces)
    title = f" [{match['title']}]" if match["title"] else ""
    return f"{language}{f' {{{marks[0]}}}' if marks and marks[0] else ''}{title}"


def asks(text: str, extensions: frozenset[str]) -> bool:
    """Whether a text may ask for other files at all."""
    return any(hint in text for name, hints in _HINTS.items() if name in extensions for hint in hints)
