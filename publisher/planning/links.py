"""Where links between files lead: to a page, to a file on the web, or nowhere, and why.

A link is read as the tools people move from read it: with or without its suffix, to a folder or to its index file,
with the `.html` of the built site, with percent signs, from a content folder below the root. What is found only
in another case is found with a warning. Nothing outside the folder is ever looked at: paths are compared, not opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from posixpath import normpath
from typing import TypeAlias
from urllib.parse import quote, unquote

from converters.blocks import FileRef, LinkUse, PageRef
from converters.diagnostics import Diagnostic, diagnostic
from converters.mirrored import copied_url
from publisher.planning.files import LocalFile, Trouble
from publisher.planning.named import Named
from publisher.planning.nearest import PAGE, Nearest, fold, sort_of
from publisher.planning.tree import INDEX_NAMES, ROOT, PageNode, PageTree

_PAGE_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".html", ".htm")
_WRITTEN_SUFFIXES = (".md", ".markdown", ".mdx")
# where site generators keep files that the site has at its root: in the folder, or beside it as a further root
_STATIC = ("", "public/", "static/", "../", "../public/", "../static/")
_TOP = ("", "top")  # browsers go to the top of a page without looking for a heading
_NEARLY_ALL = 0.9
_SYMLINKS = {
    "symlink-outside": "is a symbolic link that leads out of the folder, or to a hidden file",
    "symlink-loop": "is a symbolic link that leads back to itself, or to a folder that it stands in",
    "symlink-broken": "is a symbolic link that leads to nothing",
}
_ALIAS_STEPS = 40  # what operating systems allow on one path


@dataclass(frozen=True, slots=True)
class ToPage:
    """A page of the tree. `anchor` is a name that the page really has, or "" for its top."""

    key: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class ToFile:
    """A file of the folder, at its address on the web."""

    path: str
    url: str


@dataclass(frozen=True, slots=True)
class ToUpload:
    """A file of the folder that the workspace shall hold itself."""

    file: LocalFile


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No place a page could link to: the text stays, without a link."""

    path: str


Goal: TypeAlias = ToPage | ToFile | ToUpload | Nowhere


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a link leads, and the code and message of what is wrong with it, empty when all is well."""

    goal: Goal
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class LinkTable:
    """Resolves the links of all documents of one folder; every answer is worked out once.

    `anchors` maps a document's path to the anchors it has. `assets`, `aliases` and `ignored` are those of the scan.
    `files_url` is where the folder's files can be read, empty if nowhere; then `uploads` looks at a file that goes up, if
    files do. `known` holds the keys of pages that exist in
    the workspace: a page that is held back can be linked to if it is among them. With `by_name`, what is not where a
    link says is looked for by its name in the whole folder, as Obsidian does. `folders` are the directories, with a slash
    at the end, `symlinks` the symbolic links that lead nowhere, with the code of what is said of them. `base` is where a
    site has the folder: its addresses may begin with that.
    """

    tree: PageTree
    anchors: Mapping[str, Collection[str]] = field(default_factory=dict)
    assets: Collection[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    ignored: Collection[str] = frozenset()
    files_url: str = ""
    known: Collection[str] = frozenset()
    by_name: bool = False
    uploads: Callable[[str], LocalFile | Trouble] | None = None
    folders: Collection[str] = frozenset()
    symlinks: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    _answers: dict[PageRef | FileRef, Finding] = field(default_factory=dict, init=False)
    _names: _Names = field(init=False)

    def __post_init__(self) -> None:
        self._names = _Names.of(self.tree, self.assets, self.ignored)

    def resolve(self, ref: PageRef | FileRef) -> Finding:
        """Where a reference leads."""
        if ref not in self._answers:
            self._answers[ref] = self._resolve(ref)
        return self._answers[ref]

    def renew(self, path: str, anchors: Collection[str]) -> None:
        """A document has other anchors than before: what leads to its page is worked out again."""
        self.anchors = {**self.anchors, path: anchors}
        page = self.tree.by_path.get(path)
        for ref, finding in list(self._answers.items()):
            if page is not None and isinstance(finding.goal, ToPage) and finding.goal.key == page.key:
                del self._answers[ref]

    def renew_file(self, name: str) -> None:
        """A file has other bytes than before: what shows it is worked out again."""
        for ref, finding in list(self._answers.items()):
            goal = finding.goal
            if name == (goal.file.path if isinstance(goal, ToUpload) else getattr(goal, "path", "")):
                del self._answers[ref]

    def check(self, path: str, uses: Iterable[LinkUse]) -> tuple[Diagnostic, ...]:
        """What is wrong with the links of one document, with line and column."""
        found = ((use, self.resolve(use.link)) for use in uses)
        return tuple(
            diagnostic(finding.code, finding.message, path, use.line, use.column)
            for use, finding in found
            if finding.code
        )

    def _resolve(self, ref: PageRef | FileRef) -> Finding:
        written = ref.target if isinstance(ref, PageRef) else ref.path
        if isinstance(ref, FileRef) and (url := copied_url(written)):
            return self._copy(written, url)
        path = normalise(written)
        if path is None:
            return self._beside(written)
        hit = next(self._hits(path, isinstance(ref, FileRef)), None)
        if hit is None:
            return Finding(Nowhere(written), *self._missing(written, path, isinstance(ref, FileRef)))
        name, exact = hit
        finding = self._goal(name, ref.anchor if isinstance(ref, PageRef) else "")
        # an address without a suffix is that of a built site, which writes all its addresses in lower case
        if not exact and not finding.code and written.rstrip("/").lower().endswith(name[-3:].lower()):
            return Finding(finding.goal, "link-case", f"{written!r} is written {name!r} in the folder")
        return finding

    def _beside(self, written: str) -> Finding:
        """A file of a further root: they are known by the way that leads there from the folder ("../assets/a.png")."""
        name = normpath(written.replace("\\", "/"))
        if name in self.assets:
            return self._goal(name, "")
        if (found := self._names.folded.get(fold(name), "")) in self.assets:
            return Finding(
                self._goal(found, "").goal, "link-case", f"{written!r} is written {found!r} in the folder"
            )
        steps = "../" * name.split("/").count("..")
        root = steps + name[len(steps) :].partition("/")[0] + "/"
        if not any(asset.startswith(root) for asset in self.assets if asset.startswith("../")):
            return Finding(Nowhere(written), "link-outside", f"{written!r} is outside the folder")
        return Finding(Nowhere(written), *self._missing(written, name, True))

    def _hits(self, path: str, file: bool) -> Iterator[tuple[str, bool]]:
        """Names that exist for a path, best first, and whether they are written exactly so."""
        names = self._names
        spellings = [path, unquote(path)] if "%" in path else [path]
        places = [place for spelling in spellings for place in self._places(spelling)]
        candidates = [name for place in places for name in _candidates(place, file)]
        yield from ((name, True) for name in candidates if name in names.kinds)
        yield from ((names.folded[fold(name)], False) for name in candidates if fold(name) in names.folded)
        if self.by_name:
            yield from ((name, True) for name in names.called(path))
        yield from ((place, True) for place in places if self._below_ignored(place))

    def _places(self, path: str) -> Iterator[str]:
        """The path as it is, without symbolic links, and below the content folder if the site has one."""
        real = self._real(path)
        yield real
        for content in _heads(
            self._names.content
        ):  # a site's texts may all stand in one folder of its content
            yield self._real(f"{content}/{path}")
        if self.base and path.startswith(f"{self.base}/"):
            yield self._real(path.removeprefix(f"{self.base}/"))

    def _real(self, path: str) -> str:
        for _ in range(_ALIAS_STEPS if self.aliases else 0):
            alias = next((head for head in _heads(path) if head in self.aliases), None)
            if alias is None:
                break
            path = (self.aliases[alias] + path[len(alias) :]).lstrip("/")
        return path

    def _below_ignored(self, path: str) -> bool:
        return path in self.ignored or any(f"{head}/" in self.ignored for head in _heads(path))

    def _goal(self, name: str, anchor: str) -> Finding:
        match self._names.kinds.get(name):
            case PageNode() as page:
                return self._page(page, anchor)
            case "file" if self.files_url:
                return Finding(ToFile(name, f"{self.files_url.rstrip('/')}/{quote(name)}"))
            case "file" if self.uploads is not None:
                return _upload(name, self.uploads(name))
            case "file":
                return Finding(Nowhere(name), "file-not-uploaded", f"{name!r} is not on the web")
            case reason:
                return Finding(
                    Nowhere(name), "link-held-back", f"{name!r} is not published: {reason or 'ignored'}"
                )

    def _copy(self, path: str, url: str) -> Finding:
        """The copy of a picture on the web, or the picture itself where there is none that can go up."""
        found = self.uploads(path) if self.uploads is not None else None
        if isinstance(found, LocalFile):
            return Finding(ToUpload(found))
        return Finding(
            ToFile(path, url), "image-not-mirrored", f"{url} stays where it is: it has no copy that can go up"
        )

    def _page(self, page: PageNode, anchor: str) -> Finding:
        if page.held and page.path is not None and page.folder is None and page.key not in self.known:
            return Finding(Nowhere(page.path), "link-held-back", f"{page.path!r} is held back by an error")
        if anchor in _TOP or page.held:
            return Finding(ToPage(page.key))
        have = self.anchors.get(page.path or "", ())
        if page.path is not None and page.path not in self.anchors:
            return Finding(ToPage(page.key))  # nobody said what it has
        if anchor in have:
            return Finding(ToPage(page.key, anchor))
        folded = {fold(name): name for name in have}
        if name := folded.get(fold(anchor)):
            return Finding(ToPage(page.key, name))
        near = get_close_matches(fold(anchor), folded, 1)
        hint = f"; did you mean '#{folded[near[0]]}'?" if near else ""
        message = f"{page.path or page.key!r} has no heading '#{anchor}'{hint}"
        return Finding(ToPage(page.key), "link-anchor-broken", message)

    def _missing(self, written: str, path: str, file: bool) -> tuple[str, str]:
        """Code and message for what is not there."""
        link = next((head for head in _heads(path) if head in self.symlinks), "")
        if link:
            code = "link-outside" if self.symlinks[link] == "symlink-outside" else "link-broken"
            return code, f"{link!r} {_SYMLINKS[self.symlinks[link]]}"
        if path.rstrip("/") + "/" in self.folders:
            return "link-broken", f"{written!r} is a directory, not a {'file' if file else 'page'}"
        near = self._names.nearest(path, file)
        return "link-broken", f"{written!r} is not in the folder" + (
            f"; did you mean {near!r}?" if near else ""
        )


def _upload(name: str, file: LocalFile | Trouble) -> Finding:
    if isinstance(file, Trouble):
        return Finding(Nowhere(name), file.code, file.message)
    return Finding(ToUpload(file))


@dataclass(slots=True)
class _Names:
    """Everything in the folder by name. `content` is the folder that links of the site count from, if not the root."""

    kinds: dict[str, PageNode | str]  # a page, "file", or why it is not published
    folded: dict[str, str]
    content: str
    _named: Named | None = None
    _nearest: dict[str, Nearest] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: PageTree, assets: Collection[str], ignored: Collection[str]) -> _Names:
        kinds: dict[str, PageNode | str] = dict.fromkeys(sorted(ignored), "ignored")
        for draft in sorted(tree.drafts):
            kinds[draft] = "a draft"
            if _is_index(draft):
                kinds.setdefault(draft.rpartition("/")[0], "a draft")
        kinds.update(dict.fromkeys(sorted(assets), "file"))
        for page in tree.pages:
            if page.path is not None:
                kinds[page.path] = page
            if page.folder is not None:
                kinds[page.folder] = kinds[page.folder + "/"] = page
        if "" not in kinds:
            top = next((page for page in tree.pages if not page.parent and _is_index(page.key)), None)
            if top is not None:
                kinds[""] = kinds["/"] = top
        folded = {fold(name): name for name in reversed(kinds)}
        return cls(kinds, folded, _content(tree))

    def nearest(self, path: str, file: bool) -> str:
        """The existing name of the same sort that a wrong one most likely means; "" if none is near."""
        if not self._nearest:
            self._index()
        sort = sort_of(path)
        sorts = (PAGE, "") if not sort and not file else (sort,)
        finds = (self._nearest[sort].find(path) for sort in sorts if sort in self._nearest)
        return next(filter(None, finds), "")

    def called(self, path: str) -> tuple[str, ...]:
        """The file that a link means which only names it, as `Named` finds it."""
        if self._named is None:
            pages = (
                name for name, kind in self.kinds.items() if isinstance(kind, PageNode) and kind.path == name
            )
            files = (name for name, kind in self.kinds.items() if kind == "file")
            self._named = Named.of(pages, files)
        found = self._named.find(path)
        return (found,) if found else ()

    def _index(self) -> None:
        names: dict[str, list[str]] = {}
        for name, kind in self.kinds.items():
            folder = isinstance(kind, PageNode) and kind.path is not None and kind.path != name
            if name and not name.endswith("/") and not folder and kind != "ignored":
                names.setdefault(PAGE if isinstance(kind, PageNode) else sort_of(name), []).append(name)
        self._nearest = {sort: Nearest.of(sort, found) for sort, found in names.items()}


def normalise(path: str) -> str | None:
    """A path from the folder's root without "." and ".."; None if it leaves the folder. A last slash stays."""
    parts: list[str] = []
    names = path.replace("\\", "/").split("/")
    for name in names:
        if name == "..":
            if not parts:
                return None
            parts.pop()
        elif name not in ("", "."):
            parts.append(name)
    return "/".join(parts) + ("/" if parts and names[-1] in ("", ".", "..") else "")


def _candidates(path: str, file: bool) -> Iterator[str]:
    """The names that a path may stand for, the most literal first."""
    if file:
        yield from (top + path for top in _STATIC)
    else:
        yield path
    bare = path.rstrip("/")
    if bare != path:
        yield bare
    base = next((bare[: -len(end)] for end in _PAGE_SUFFIXES if bare.lower().endswith(end)), bare)
    yield from (base + end for end in _WRITTEN_SUFFIXES if base)
    if base != bare:
        yield base
    if _is_index(base):
        folder = base.rpartition("/")[0]
        yield folder
        yield from (
            folder + end for end in _WRITTEN_SUFFIXES if folder
        )  # a site has "a.md" at "a/index.html"


def _content(tree: PageTree) -> str:
    """The folder, with a slash, in which the pages really begin; "" for the root.

    A whole repository's `content/en/` or `src/` is published as it is, but the links of its site count from there: from
    the first folder with a text of its own on the way down through folders that hold nearly all pages.
    """
    content, keys = "", [page.key for page in tree.pages]
    while (page := tree.by_key.get(content or ROOT)) is None or page.path is None:
        keys = [key for key in keys if key.startswith(content)]
        below = Counter(key[len(content) :].partition("/")[0] for key in keys if key != content)
        name, count = below.most_common(1)[0] if below else ("", 0)
        if f"{content}{name}/" not in tree.by_key or count < _NEARLY_ALL * below.total():
            break
        content += f"{name}/"
    return content


def _is_index(path: str) -> bool:
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0] if name.lower().endswith(_PAGE_SUFFIXES) else name
    return stem.lower() in INDEX_NAMES


def _heads(path: str) -> Iterator[str]:
    """The path and every folder above it, the longest first."""
    head = path.rstrip("/")
    while head:
        yield head
        head = head.rpartition("/")[0]
