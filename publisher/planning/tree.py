"""Files become a tree of pages: who is whose parent, under which title, in which order.

Every folder that holds a page is a page. Its text is its `index.md`, `README.md` or `_index.md`; without one of
them, the file of its own name beside it (`guide.md` beside `guide/`) or in it (`guide/guide.md`). The folder itself
is the root page, unless the files are to stand directly under the parent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from converters.diagnostics import Diagnostic, diagnostic

_NOTHING: Mapping[str, Any] = MappingProxyType({})
ROOT = "/"  # the key of the root page
INDEX_NAMES = ("index", "readme", "_index")  # in the order in which a message names them


@dataclass(frozen=True, slots=True)
class DocFacts:
    """What the tree needs of one document.

    `title` is empty when the document has none of its own. `held` says that it has errors and must not be written.
    """

    path: str
    title: str = ""
    order: float | None = None
    draft: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class PageNode:
    """One page.

    `key` is its stable name: a folder's path with a slash at the end ("guide/", "/" for the root), a file's path
    otherwise. So a folder's page keeps its key when its index file comes, goes or is renamed. `path` is the file
    that holds its text; None means a folder without one, whose body is empty. `parent` is a key; "" means that it
    stands directly under the page that the publish was given. `position` counts from 0 among its siblings.
    `held` pages are not written: one that exists stays as it is; one that does not is made only if it has
    children, with an empty body. `database`: it is no page but a database, and the pages below it its records.
    """

    key: str
    path: str | None
    title: str
    parent: str
    position: int = 0
    held: bool = False
    database: bool = False

    @property
    def folder(self) -> str | None:
        """The folder's path, "" for the root; None if the page is not a folder's."""
        return self.key.rstrip("/") if self.key.endswith("/") else None


@dataclass(frozen=True, slots=True)
class PageTree:
    """All pages in reading order: parents before their children, siblings in their order.

    `drafts` are the paths that were left out because they are drafts. An error among the diagnostics means that the
    folder contradicts itself, and that nothing should be written before it is mended.
    """

    pages: tuple[PageNode, ...]
    drafts: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    by_key: Mapping[str, PageNode] = field(init=False, compare=False, repr=False)
    by_path: Mapping[str, PageNode] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {page.key: page for page in self.pages})
        object.__setattr__(self, "by_path", {page.path: page for page in self.pages if page.path is not None})


def build(
    documents: Sequence[DocFacts],
    root_name: str,
    root: Literal["page", "none"] = "page",
    places: Mapping[str, float] = _NOTHING,
    titles: Mapping[str, str] = _NOTHING,
    databases: Container[str] = (),
) -> PageTree:
    """The tree of pages of a folder.

    `root_name` is the folder's name, the root page's title when nothing better is known. With `root="none"` there is
    no root page: the top level stands directly under the parent, and an index there is a page like any other. `places`
    and `titles`, by the keys of pages, count for what has no order and no title of its own. `databases` are folders
    that hold no text: an index file in one is a page below it like any other.
    """
    published = sorted((document for document in documents if not document.draft), key=lambda item: item.path)
    claims = _claims(published, root, databases)
    sources = {folder: files[0] for folder, files in claims.items() if files}
    disputed = {folder for folder, files in claims.items() if len(files) > 1}
    taken = {file.path for files in claims.values() for file in files}
    pages = [
        _folder_page(folder, sources.get(folder), root_name, root, disputed, titles) for folder in claims
    ]
    pages += [_file_page(file, root_name, root, titles) for file in published if file.path not in taken]
    own = {facts.path: facts.order for facts in published if facts.order is not None}
    order = {page.key: own.get(page.path or "", places.get(page.key)) for page in pages}
    return PageTree(
        tuple(_reading_order(pages, order)),
        frozenset(document.path for document in documents if document.draft),
        tuple(_dispute(folder, claims[folder]) for folder in sorted(disputed)),
    )


def _claims(published: Sequence[DocFacts], root: str, databases: Container[str]) -> dict[str, list[DocFacts]]:
    """For every folder that becomes a page, the files that claim to be its text; "" is the root."""
    folders: dict[str, list[DocFacts]] = {"": []} if root == "page" and published else {}
    for document in published:
        folder = _folder(document.path)
        while folder and folder not in folders:
            folders[folder] = []
            folder = _folder(folder)
    named: dict[str, list[DocFacts]] = {}
    folded = {_fold(folder): folder for folder in folders if folder}
    inside: dict[str, list[DocFacts]] = {}
    for document in published:
        folder, stem = _folder(document.path), _stem(document.path)
        note = _beside(f"{folder}/{stem}" if folder else stem, folders, folded)
        if stem.lower() in INDEX_NAMES and folder in folders:
            if folder not in databases:
                folders[folder].append(document)
        elif note and note not in databases:
            named.setdefault(note, []).append(document)
        elif folder in folders and folder not in databases and _fold(stem) == _fold(_name(folder)):
            inside.setdefault(folder, []).append(document)
    for folder, claimants in folders.items():
        claimants.sort(key=lambda item: INDEX_NAMES.index(_stem(item.path).lower()))
        claimants += named.get(folder, [])
        if not claimants and folder:
            claimants += inside.get(folder, [])
    return folders


def _beside(path: str, folders: Mapping[str, object], folded: Mapping[str, str]) -> str | None:
    """The folder that has the name of a file beside it, the exact one first."""
    return path if path in folders else folded.get(_fold(path))


def _folder_page(
    folder: str,
    source: DocFacts | None,
    root_name: str,
    root: str,
    disputed: set[str],
    titles: Mapping[str, str],
) -> PageNode:
    own = source.title if source is not None and not source.held else ""
    title = own or titles.get(f"{folder}/") or humanise(_name(folder) if folder else root_name)
    held = folder in disputed or (source is not None and source.held)
    path = source.path if source is not None else None
    return PageNode(f"{folder}/", path, title, _parent(folder, root), held=held)


def _file_page(document: DocFacts, root_name: str, root: str, titles: Mapping[str, str]) -> PageNode:
    stem = _stem(document.path)
    title = document.title or titles.get(document.path)
    title = title or humanise(root_name if stem.lower() in INDEX_NAMES else stem)
    return PageNode(document.path, document.path, title, _parent(document.path, root), held=document.held)


def _parent(path: str, root: str) -> str:
    """The key of the page above a file or folder."""
    if not path:
        return ""
    folder = _folder(path)
    return f"{folder}/" if folder or root == "page" else ""


def _dispute(folder: str, files: Sequence[DocFacts]) -> Diagnostic:
    names = " and ".join(f"“{file.path}”" for file in files)
    message = (
        f"{names} both claim to be the page of {f'the folder “{folder}”' if folder else 'the root folder'}."
    )
    return diagnostic("page-claimed-twice", message, files[0].path)


def _reading_order(pages: Sequence[PageNode], order: Mapping[str, float | None]) -> Iterator[PageNode]:
    children: dict[str, list[PageNode]] = {}
    for page in pages:
        children.setdefault(page.parent, []).append(page)
    stack = _sorted(children.get("", ()), order)[::-1]
    while stack:
        page = stack.pop()
        yield page
        stack += _sorted(children.get(page.key, ()), order)[::-1]


def _sorted(siblings: Iterable[PageNode], order: Mapping[str, float | None]) -> list[PageNode]:
    ranked = sorted(siblings, key=lambda page: _rank(page, order.get(page.key)))
    return [replace(page, position=position) for position, page in enumerate(ranked)]


def _rank(page: PageNode, order: float | None) -> tuple[object, ...]:
    """Pages with a number come first: the front matter's, else the one that the name begins with; then names."""
    name = _name(page.folder) if page.folder is not None else _stem(page.key)
    prefix, rest = split_prefix(name)
    number = order if order is not None else prefix
    # NaN would make the order depend on where the sort began
    placed = number is not None and number == number
    return (not placed, number if placed else 0, natural(rest if prefix is not None else name), page.key)


# As Docusaurus has it, so that folders move without surprises: "01-", "1.", "1 - " are prefixes; "2023-01-02-news"
# and "7.0-notes" are a date and a version.
_PREFIX = re.compile(r"(\d{1,9})\s*[-_.)]+\s*(?=[^-_.\s])|(0\d{1,8})\s+(?=\S)")
_NO_PREFIX = re.compile(r"\d+[-_.]\d")
_SEPARATORS = re.compile(r"(?<!\d)[-_\s]+|[-_\s]+(?!\d)")  # not those within a date
_DIGITS = re.compile(r"(\d+)")


def split_prefix(name: str) -> tuple[int | None, str]:
    """The number that a file or folder name begins with, and the rest: "01-intro" is 1 and "intro"."""
    match = None if _NO_PREFIX.match(name) else _PREFIX.match(name)
    return (int(match[1] or match[2]), name[match.end() :]) if match else (None, name)


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key in which "page2" stands before "page10", whatever the case and the way accents are written."""
    parts = _DIGITS.split(_fold(name))
    return tuple(
        (True, 0, part) if at % 2 == 0 else (False, _int(part), part) for at, part in enumerate(parts)
    )


def natural_path(path: str) -> tuple[object, ...]:
    """A sort key for paths in which each name counts as in `natural`."""
    return tuple(map(natural, path.split("/")))


def _int(digits: str) -> int:
    return int(digits[:4000])  # Python refuses longer ones


def humanise(name: str) -> str:
    """A title from a file or folder name: "01-getting_started" is "Getting started"."""
    words = _SEPARATORS.sub(" ", split_prefix(name)[1]).strip() or name
    return words[:1].upper() + words[1:]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    name = _name(path)
    return name.rpartition(".")[0] or name


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
