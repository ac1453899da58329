"""What a line asks for that other text is to take the place of: which file, and which part of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from converters.excerpts import END, Lines, Spans
from converters.extensions.grammars import LONGEST, arguments

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
_SHORTCODE = re.compile(
    rf"{_INDENT}\{{\{{[<%]\s*(?P<kind>include|include-md|readfile|include-code|code-include|includecode|codefile"
    r"|code_sample|codenew)\s(?P<rest>(?:[^{}%>]|[%>](?!\}\}))*+)[>%]\}\}[ \t]*\Z"
)
_TEXT = (".md", ".markdown", ".html", ".htm")
# Folders of their own, beside those that any path may count from: Kubernetes has one for texts and one for code
_FOLDERS = {"include": ("", "includes"), "code_sample": ("examples", ""), "codenew": ("examples", "")}
_LANGUAGE = re.compile(r"(?:^|\s)([A-Za-z][\w+#-]*)")


@dataclass(frozen=True, slots=True)
class Snippets:
    """What the settings of a site say of snippets.

    `bases` are the folders from which their names count, as paths from the folder's root: they may lead out of it
    ("../includes"). `appended` are the names of those that every page ends with.
    """

    bases: tuple[str, ...] = ()
    appended: tuple[str, ...] = ()


NO_SNIPPETS = Snippets()


@dataclass(frozen=True, slots=True)
class Want:
    """What one line asks for: `names` are paths that it may mean, `info` what a fence around it says; None for none.

    `part` is what a `note` is asked for that is to stand apart from the text around it; `mark` is that of the list item
    in which it stands. Relative addresses count from the file that is put in if it is `whole`: a note, or a component of
    MDX; the others are mere text to their tools, whose addresses count from the page.
    """

    names: tuple[str, ...]
    indent: str
    region: str = ""
    section: str = ""
    spans: Spans = ()
    info: str | None = None
    note: bool = False
    whole: bool = False
    part: str = ""
    mark: str = ""

    def key(self, name: str) -> str:
        """What must not stand in itself: the file of that name, or the part of it."""
        return f"{name}#{self.part}" if self.part else name


def wanted(
    lines: Lines,
    at: int,
    path: str,
    extensions: frozenset[str],
    imports: Mapping[str, str],
    code: bool,
    bases: tuple[str, ...] = (),
) -> tuple[list[Want], int]:
    """What a line of the file `path` asks for, and the line behind it. `imports` are files by the names of components;
    `code` says that the line stands in a block of code; for `bases` see `Snippets`."""
    text, near = lines[at][1], dirname(path)
    if "snippets" in extensions and "8<-" in text:
        if match := _SNIPPET.match(text):
            return [snippet(match["name"], match["indent"], near, bases)], at + 1
        if match := _BLOCK.match(text):
            return _block(lines, at, match["indent"], near, bases)
    if "includes" in extensions and "@include" in text and (match := _INCLUDE.match(text)):
        name = relative(match["name"], near)
        some = _spans(match["braces"] or "", ",", alone=True)
        return [Want((name,), match["indent"], match["region"] or "", spans=some)], at + 1
    if "includes" in extensions and not code and "<<<" in text and (match := _CODE.match(text)):
        name = relative(match["name"], near)
        return [Want((name,), match["indent"], match["region"] or "", info=_info(match))], at + 1
    if "book-includes" in extensions and "{{#" in text and (match := _BOOK.match(text)):
        return [_book(match, near)], at + 1
    if "shortcode-includes" in extensions and "{{" in text and (match := _SHORTCODE.match(text[:LONGEST])):
        return _shortcode(match, near, code), at + 1
    if imports and not code and (match := _COMPONENT.match(text)) and match["name"] in imports:
        return [Want((imports[match["name"]],), match["indent"], whole=True)], at + 1
    return [], at + 1


def imported(text: str, near: str) -> tuple[str, str] | None:
    """The component and the Markdown file that a line imports, in a file of the folder `near`."""
    match = _IMPORT.match(text) if text.startswith("import") else None
    return (match[1], relative(match[3].replace("@site/", "/"), near)) if match else None


def snippet(name: str, indent: str, near: str, bases: tuple[str, ...] = ()) -> Want:
    """`file.md`, `file.md:2:5`, `file.md:section`; the file's path counts from one of the bases, from the root, or from
    where it is named."""
    parts = _PARTS.search(name)
    bare = name[: parts.start()].strip() if parts else name.strip()
    top = bare.lstrip("/")
    ways = (*(join(base, top) for base in bases), top, join(near, bare))
    names = [normpath(way) for way in ways] if "://" not in bare else []
    if parts is None:
        return Want(tuple(dict.fromkeys(names)), indent)
    some = tuple(span for part in (parts[2] or "").split(",") for span in _spans(part, ":", alone=False))
    return Want(tuple(dict.fromkeys(names)), indent, section=parts[1] or "", spans=some)


def _book(match: re.Match[str], near: str) -> Want:
    """`file.rs`, `file.rs:2:5`, `file.rs:3`, `file.rs:anchor`; a playground is code of its own."""
    parts = _PARTS.search(match["name"])
    bare = match["name"][: parts.start()] if parts else match["name"]
    some = _spans(parts[2], ":", alone=True) if parts and parts[2] else ()
    info = "rust" if match["kind"] == "playground" else None
    return Want(
        (relative(bare, near),), match["indent"], section=(parts and parts[1]) or "", spans=some, info=info
    )


def _shortcode(match: re.Match[str], near: str, code: bool) -> list[Want]:
    """`include "file.md"`, `readfile file="a.go" code="true"`: a file that is no text of a page's is a block of code."""
    values, named = arguments(match["rest"].rstrip().removesuffix("/"))
    name = next((named[key] for key in ("file", "path", "src") if named.get(key)), "".join(values[:1]))
    if not name or "://" in name:
        return []
    suffix = name.rpartition("/")[2].rpartition(".")[2].lower()
    text = match["kind"] in ("include", "include-md", "readfile") and named.get("code", "").lower() != "true"
    text = text and (not suffix or f".{suffix}" in _TEXT or suffix == "txt")
    info = None if text or code else named.get("lang") or named.get("language") or suffix
    names = _in_content(name, near, _FOLDERS.get(match["kind"], ("",)))
    return [Want(names, match["indent"], info=info, whole=True)]


def _in_content(name: str, near: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """What a path of Hugo's may mean: it counts from the page if it does not begin with a slash, or from the content
    folder, which is one of those above the page."""
    if name.startswith(("./", "../")):
        return (normpath(join(near, name)),)
    steps = near.split("/") if near else []
    ways = ["/".join(steps[:count]) for count in range(len(steps), -1, -1)]
    if name.startswith("/"):
        ways.reverse()
    bare = name.lstrip("/")
    return tuple(dict.fromkeys(normpath(join(way, folder, bare)) for way in ways for folder in folders))


def _spans(text: str, separator: str, alone: bool) -> Spans:
    """`2:5`, `:5`, `2:`; a number alone is one line, or the first of many."""
    first, found, last = text.partition(separator)
    if not (first or last) or not (first + last).isdecimal():
        return ()
    one = int(first or 1)
    return ((one, int(last) if last else one if alone and not found else END),)


def _block(lines: Lines, at: int, indent: str, near: str, bases: tuple[str, ...]) -> tuple[list[Want], int]:
    """Names of files on lines of their own, to the next mark; a name behind `; ` is left out."""
    for end in range(at + 1, len(lines)):
        if _BLOCK.match(lines[end][1]):
            names = (text.strip() for _, text in lines[at + 1 : end])
            return [
                snippet(name, indent, near, bases) for name in names if name and not name.startswith(";")
            ], end + 1
    return [], at + 1


def relative(name: str, near: str) -> str:
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
