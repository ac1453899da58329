"""Where links between files lead: to a page, to a file on the web, or nowhere, and why.

A link is read as the tools people move from read it: with or without its suffix, to a folder or to its index file,
with the `.html` of the built site, with percent signs, from a content folder below the root. What is found only
in another case is found with a warning. Nothing outside the folder is ever looked at: paths are compared, not opened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from posixpath import normpath
from typing import TypeAlias
from urllib.parse import quote, unquote

from converters.blocks import FileRef, LinkUse, PageRef
from converters.diagnostics import Diagnostic, diagnostic
from converters.links import has_suffix
from converters.mirrored import copied_url
from publisher.planning.files import LocalFile, Trouble
from publisher.planning.folder_names import FolderNames, candidates, heads, normalise
from publisher.planning.nearest import fold
from publisher.planning.site_urls import CONTENT, DEEPER, from_address
from publisher.planning.tree import PageNode, PageTree

_TOP = ("", "top")  # browsers go to the top of a page without looking for a heading
_SYMLINKS = {
    "symlink-outside": "is a symbolic link that leads out of the folder, or to a hidden file",
    "symlink-loop": "is a symbolic link that leads back to itself, or to a folder that it stands in",
    "symlink-broken": "is a symbolic link that leads to nothing",
}
_MISSING = ("link-broken", "link-outside")
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

    Args:
        anchors: the anchors that documents have, by path.
        assets, aliases, ignored: those of the scan.
        files_url: where the folder's files can be read, empty if nowhere.
        known: the keys of pages that exist in the workspace. A page that is held back can be linked to if it is one.
        by_name: whether what is not where a link says is looked for by its name in the whole folder, as Obsidian does.
        uploads: looks at a file that goes up; None if files do not.
        folders: the directories, with a slash at the end.
        symlinks: symbolic links that lead nowhere, with the code of what is said of them.
        base: where a site has the folder; its addresses may begin with that.
        site: the tool that the folder is written for, a name of `FLAVORS`; it says how addresses are read.
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
    site: str = ""
    _answers: dict[PageRef | FileRef, Finding] = field(default_factory=dict, init=False)
    _names: FolderNames = field(init=False)

    def __post_init__(self) -> None:
        self._names = FolderNames.of(self.tree, self.assets, self.ignored, CONTENT.get(self.site, ""))

    def resolve(self, ref: PageRef | FileRef, near: str = "") -> Finding:
        """Where a reference leads. What is not there counts from the address of the page `near`, as browsers have it."""
        found = self._answer(ref)
        if found.code not in _MISSING or self.site not in DEEPER or not near:
            return found
        other = _from_address(ref, near)
        deeper = self._answer(other) if other is not None else found
        return found if deeper.code in _MISSING else deeper

    def _answer(self, ref: PageRef | FileRef) -> Finding:
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
        found = ((use, self.resolve(use.link, path)) for use in uses)
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
            return Finding(finding.goal, "link-case", f"“{written}” is written “{name}” in the folder.")
        return finding

    def _beside(self, written: str) -> Finding:
        """A file of a further root: they are known by the way that leads there from the folder ("../assets/a.png")."""
        name = normpath(written.replace("\\", "/"))
        if name in self.assets:
            return self._goal(name, "")
        if (found := self._names.folded.get(fold(name), "")) in self.assets:
            return Finding(
                self._goal(found, "").goal, "link-case", f"“{written}” is written “{found}” in the folder."
            )
        steps = "../" * name.split("/").count("..")
        root = steps + name[len(steps) :].partition("/")[0] + "/"
        if not any(asset.startswith(root) for asset in self.assets if asset.startswith("../")):
            return Finding(Nowhere(written), "link-outside", f"“{written}” is outside the folder.")
        return Finding(Nowhere(written), *self._missing(written, name, True))

    def _hits(self, path: str, file: bool) -> Iterator[tuple[str, bool]]:
        """Names that exist for a path, best first, and whether they are written exactly so."""
        names = self._names
        spellings = [path, unquote(path)] if "%" in path else [path]
        places = [place for spelling in spellings for place in self._places(spelling)]
        likely = [name for place in places for name in candidates(place, file)]
        yield from ((name, True) for name in likely if name in names.kinds)
        yield from ((names.folded[fold(name)], False) for name in likely if fold(name) in names.folded)
        if self.by_name:
            yield from ((name, True) for name in names.called(path))
        yield from ((place, True) for place in places if self._below_ignored(place))

    def _places(self, path: str) -> Iterator[str]:
        """The path as it is, without symbolic links, and below the content folder if the site has one."""
        real = self._real(path)
        yield real
        for content in heads(self._names.content):  # all texts may stand in one folder of a site's content
            yield self._real(f"{content}/{path}")
        if self.base and path.startswith(f"{self.base}/"):
            yield self._real(path.removeprefix(f"{self.base}/"))

    def _real(self, path: str) -> str:
        for _ in range(_ALIAS_STEPS if self.aliases else 0):
            alias = next((head for head in heads(path) if head in self.aliases), None)
            if alias is None:
                break
            path = (self.aliases[alias] + path[len(alias) :]).lstrip("/")
        return path

    def _below_ignored(self, path: str) -> bool:
        return path in self.ignored or any(f"{head}/" in self.ignored for head in heads(path))

    def _goal(self, name: str, anchor: str) -> Finding:
        match self._names.kinds.get(name):
            case PageNode() as page:
                return self._page(page, anchor)
            case "file" if self.files_url:
                return Finding(ToFile(name, f"{self.files_url.rstrip('/')}/{quote(name)}"))
            case "file" if self.uploads is not None:
                return _upload(name, self.uploads(name))
            case "file":
                return Finding(Nowhere(name), "file-not-uploaded", f"“{name}” is not on the web.")
            case reason:
                return Finding(
                    Nowhere(name), "link-held-back", f"“{name}” is not published: {reason or 'ignored'}."
                )

    def _copy(self, path: str, url: str) -> Finding:
        """The copy of a picture on the web, or the picture itself where there is none that can go up."""
        found = self.uploads(path) if self.uploads is not None else None
        if isinstance(found, LocalFile):
            return Finding(ToUpload(found))
        return Finding(
            ToFile(path, url),
            "image-not-mirrored",
            f"{url} stays where it is: it has no copy that can go up.",
        )

    def _page(self, page: PageNode, anchor: str) -> Finding:
        if page.held and page.path is not None and page.folder is None and page.key not in self.known:
            return Finding(Nowhere(page.path), "link-held-back", f"“{page.path}” is held back by an error.")
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
        hint = f"; did you mean “#{folded[near[0]]}”?" if near else "."
        message = f"“{page.path or page.key}” has no heading “#{anchor}”{hint}"
        return Finding(ToPage(page.key), "link-anchor-broken", message)

    def _missing(self, written: str, path: str, file: bool) -> tuple[str, str]:
        """Code and message for what is not there."""
        link = next((head for head in heads(path) if head in self.symlinks), "")
        if link:
            code = "link-outside" if self.symlinks[link] == "symlink-outside" else "link-broken"
            return code, f"“{link}” {_SYMLINKS[self.symlinks[link]]}."
        if path.rstrip("/") + "/" in self.folders:
            return "link-broken", f"“{written}” is a directory, not a {'file' if file else 'page'}."
        near = self._names.nearest(path, file)
        return "link-broken", f"“{written}” is not in the folder" + (
            f"; did you mean “{near}”?" if near else "."
        )


def _from_address(ref: PageRef | FileRef, near: str) -> PageRef | FileRef | None:
    """What a reference means that counts from its page's address. Tools look up Markdown files from the file."""
    if isinstance(ref, FileRef):
        path = from_address(ref.path, near)
        return FileRef(path) if path is not None else None
    path = from_address(ref.target, near) if not has_suffix(ref.target) else None
    return PageRef(path, ref.anchor) if path is not None else None


def _upload(name: str, file: LocalFile | Trouble) -> Finding:
    if isinstance(file, Trouble):
        return Finding(Nowhere(name), file.code, file.message)
    return Finding(ToUpload(file))
