"""One Markdown file -> one `Document`. Pure, and total: whatever the text is, there is a document and no exception."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from converters.anchors import heading_anchors, slug
from converters.blocks import Document, Heading, Span, plain
from converters.diagnostics import Diagnostic, diagnostic
from converters.extensions import EXTENSIONS, GITHUB, MDX
from converters.frontmatter import FrontMatter, split
from converters.handlers import program
from converters.head import Head
from converters.lfs import is_pointer
from converters.mirrored import mirrored
from converters.silence import silences
from converters.state import Program, State
from converters.wants import NO_SNIPPETS, Snippets
from converters.whole import Part, located, of_note, place, shown

# In the order in which they are asked
ORDER_KEYS = ("order", "nav_order", "sidebar_position", "weight")
TITLE_FROM = ("front-matter", "h1", "file-name")
INDEX_NAMES = frozenset({"index", "readme", "_index"})

_NUMBER_PREFIX = re.compile(r"\d+[-_. ]+(?=\D)")
_SEPARATORS = re.compile(r"[-_\s]+")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Options:
    """What a conversion may be told. Equal options share one parser.

    `extensions` are names of `converters.extensions.EXTENSIONS`; unknown ones are a mistake of the caller (KeyError).
    `order_keys` are the front matter keys of a page's place, `title_from` the sources of its title (of `TITLE_FROM`);
    the first that is there counts. `mdx` are the extensions that a file has besides if its name ends in `.mdx`.
    `mirror`: pictures on the web are the document's own files (`converters.mirrored`), with `mirror_looks` also its icon
    and its cover. `snippets` is for who puts files together (`converters.includes`).
    """

    extensions: frozenset[str] = GITHUB
    order_keys: tuple[str, ...] = ORDER_KEYS
    title_from: tuple[str, ...] = TITLE_FROM
    mdx: frozenset[str] = MDX
    mirror: bool = False
    mirror_looks: bool = False
    snippets: Snippets = NO_SNIPPETS

    def of(self, path: str) -> frozenset[str]:
        """The extensions of one file."""
        return self.extensions | self.mdx if path.lower().endswith(".mdx") else self.extensions


DEFAULT = Options()


def convert(text: str, path: str, options: Options = DEFAULT, parts: tuple[Part, ...] = ()) -> Document:
    """The document that `text` is, standing in the file `path` (POSIX, from the folder's root).

    `parts` say which files its lines come from, if it was put together from several (`includes.assemble`). Never raises
    on any text. A diagnostic of severity "error" means that the page is held back.
    """
    text = _clean(text)
    front = split(text)
    compiled = _program(options.of(path))
    body = front.body
    for prepare in compiled.prepare:
        body = prepare(body)
    state = State(compiled, path, body, front.offset, parts)
    state.run()
    return _document(state, front, options, parts)


def convert_bytes(
    data: bytes, path: str, options: Options = DEFAULT, parts: tuple[Part, ...] = ()
) -> Document:
    """As `convert`, from the bytes of a file: UTF-8 with or without byte order mark.

    Other bytes become U+FFFD, with an "encoding" error at the first of them. What Git LFS left in place of the file
    is an "lfs-pointer" error.
    """
    try:
        document = convert(data.decode("utf-8"), path, options, parts)
        if not is_pointer(data):
            return document
        problem = diagnostic("lfs-pointer", "This is a pointer of Git LFS, not the file itself.", path)
        return replace(document, diagnostics=(problem, *document.diagnostics))
    except UnicodeDecodeError as error:
        document = convert(data.decode("utf-8", "replace"), path, options)
        return replace(document, diagnostics=(_encoding(data, error, path), *document.diagnostics))


@lru_cache(maxsize=32)
def _program(names: frozenset[str]) -> Program:
    chosen = {name: EXTENSIONS[name] for name in names}
    return program(chosen[name] for name in EXTENSIONS if name in chosen)


def _clean(text: str) -> str:
    """One kind of line ending, no byte order mark, no half characters."""
    if text.startswith("\ufeff"):
        text = text[1:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


def _encoding(data: bytes, error: UnicodeDecodeError, path: str) -> Diagnostic:
    before = data[: error.start]
    line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
    utf16 = " It looks like UTF-16." if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    message = f"Byte 0x{data[error.start]:02X} is not UTF-8.{utf16}"
    return Diagnostic(path, line, column, "encoding", message, "error")


def _document(state: State, front: FrontMatter, options: Options, parts: tuple[Part, ...]) -> Document:
    if front.error is not None:
        error = front.error
        state.report("front-matter-invalid", f"Front matter: {error.message}.", error.line, error.column)
    if front.unclosed:
        message = "Front matter begins here and does not end; all of it is shown as text."
        state.report("front-matter-unclosed", message, 1, 1)
    head = Head(state, front, options.extensions, options.order_keys)
    names = zip(heading_anchors(state.headings), state.headings, strict=True)
    anchors = {name: heading.line for name, heading in names}
    for name, line in state.anchors.items():
        anchors.setdefault(name, line)
    title = _title(state, head.title(), options.title_from, parts)
    document = Document(
        path=state.path,
        title=title or title_of_path(state.path),
        titled=bool(title),
        blocks=tuple(state.root),
        icon=head.icon(),
        cover=head.cover(),
        order=head.order(),
        draft=head.draft(),
        silences=silences(state, head.off(), front.lines.get("pagemill", 1)),
        properties=head.rest,
        property_lines=front.lines,
        links=tuple(state.links),
        anchors=anchors,
        notes=tuple(state.notes),
        diagnostics=tuple(sorted(state.diagnostics)),
    )
    document = mirrored(document, options.mirror_looks) if options.mirror else document
    return _placed(document, parts) if parts else document


def _placed(document: Document, parts: tuple[Part, ...]) -> Document:
    """The document with the places in its files. What another file turns off, that file says of itself."""
    path = document.path
    own = (item for item in document.silences if not item.line or place(parts, item.line)[0] == path)
    return replace(
        document,
        links=tuple(replace(use, line=shown(parts, path, use.line)) for use in document.links),
        diagnostics=tuple(sorted(located(parts, document.diagnostics))),
        silences=tuple(replace(item, line=place(parts, item.line)[1]) if item.line else item for item in own),
        parts=parts,
    )


def _title(state: State, given: str, sources: tuple[str, ...], parts: tuple[Part, ...]) -> str:
    """The page's title, empty if the file's name counts; a heading that says it is taken out of the body.

    That of another note is none.
    """
    tops = [block for block in state.root if isinstance(block, Heading) and block.level == 1]
    tops = [block for block in tops if not of_note(parts, block.line)]
    lone = " ".join(plain(tops[0].text).split()) if len(tops) == 1 else ""
    found = {"front-matter": given, "h1": lone}
    source = next((source for source in sources if source == "file-name" or found[source]), "file-name")
    title = found.get(source, "")
    if tops and (source == "h1" or (source == "front-matter" and _same(plain(tops[0].text), given))):
        _remove(state, tops[0])
    return title


def _same(one: str, other: str) -> bool:
    return slug(" ".join(one.split())) == slug(" ".join(other.split())) and bool(one.strip())


def _remove(state: State, heading: Heading) -> None:
    """Take a heading out, unless it holds what a title cannot; what hangs below it stays."""
    if not all(isinstance(item, Span) and item.link is None for item in heading.text):
        return
    place = next(index for index, block in enumerate(state.root) if block is heading)
    state.root[place : place + 1] = heading.children


def title_of_path(path: str) -> str:
    """A title made of a file's name, or of its folder's for an index: "02-getting-started.md" -> "Getting started"."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    if stem.lower() in INDEX_NAMES and folder:
        stem = folder.rpartition("/")[2]
    prefix = _NUMBER_PREFIX.match(stem)
    words = _SEPARATORS.sub(" ", stem[prefix.end() :] if prefix else stem).strip() or stem
    return words[:1].upper() + words[1:]
