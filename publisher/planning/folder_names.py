"""What there is in a folder, by name: its pages and files, and the names that a link may mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from publisher.planning.named import Named
from publisher.planning.nearest import PAGE, Nearest, fold, sort_of
from publisher.planning.tree import INDEX_NAMES, ROOT, PageNode, PageTree

_PAGE_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".html", ".htm")
_WRITTEN_SUFFIXES = (".md", ".markdown", ".mdx")
# where site generators keep files that the site has at its root: in the folder, or beside it as a further root
_STATIC = ("", "public/", "static/", "../", "../public/", "../static/")
_NEARLY_ALL = 0.9


@dataclass(slots=True)
class FolderNames:
    """Everything in the folder by name. `content` is the folder that links of the site count from, if not the root."""

    kinds: dict[str, PageNode | str]  # a page, "file", or why it is not published
    folded: dict[str, str]
    content: str
    _named: Named | None = None
    _nearest: dict[str, Nearest] = field(default_factory=dict)

    @classmethod
    def of(
        cls, tree: PageTree, assets: Collection[str], ignored: Collection[str], usual: str = ""
    ) -> FolderNames:
        """`usual` is the content folder of a whole project, with a slash, if the tool has one."""
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
        return cls(kinds, folded, _content(tree, usual))

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


def candidates(path: str, file: bool) -> Iterator[str]:
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
        # a site has "a.md" at "a/index.html"
        yield from (folder + end for end in _WRITTEN_SUFFIXES if folder)


def _content(tree: PageTree, usual: str) -> str:
    """The folder, with a slash, in which the pages really begin; "" for the root.

    A whole repository's `content/en/` or `src/` is published as it is, but the links of its site count from there: from
    the first folder with a text of its own on the way down through folders that hold nearly all pages. The way begins
    in the `usual` folder if that is there.
    """
    content = usual if usual in tree.by_key else ""
    keys = [page.key for page in tree.pages]
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


def heads(path: str) -> Iterator[str]:
    """The path and every folder above it, the longest first."""
    head = path.rstrip("/")
    while head:
        yield head
        head = head.rpartition("/")[0]
