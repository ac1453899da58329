"""What the folder wants, held against what the state knows: which pages are new, changed, moved, gone.

Nothing is sent here and nothing is parsed again; bodies are looked at only where something may have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TypeAlias

from converters.blocks import Document, FileRef, PageRef
from converters.diagnostics import CODES, Diagnostic
from converters.dialects.base import BlockInput, PageHead, address, resolve, resolve_head
from converters.silence import judge
from publisher.folder import Facts, Folder, place
from publisher.planning.identity import Trace, renames
from publisher.planning.links import LinkTable, ToFile, ToPage
from publisher.planning.order import PAGE, page_handle
from publisher.planning.tree import DocFacts, PageNode, PageTree, build
from publisher.store import KnownPage

BARE = "The file is gone; --prune empties the page."
Find: TypeAlias = Callable[
    [str, str], str | None
]  # a page's key and a place on it -> their address, if known


@dataclass(frozen=True, slots=True)
class Wanted:
    """One page as the folder wants it.

    `links` maps each link's address to where it leads: a URL, or `page_handle` of a key with `#` and a place on the
    page. Dead links are left out.
    """

    node: PageNode
    head: PageHead
    source: bytes = b""
    sketch: bytes = b""
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.node.key

    @property
    def path(self) -> str:
        return self.node.path or self.node.key

    def goal(self) -> KnownPage:
        """What the state shall say of the page once it is written."""
        return KnownPage(
            self.key, "", "", self.node.parent, self.node.title, self.source, self.sketch,
            head=head_digests(self.head), links=self.links, path=self.path,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A known page that may differ from what the folder wants.

    `head` names the parts that changed ("properties", "icon", "cover"); `body` says that the body must be looked at.
    """

    wanted: Wanted
    known: KnownPage
    head: tuple[str, ...] = ()
    moved: bool = False
    body: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """The folder against the state.

    `orphans` are known pages without a file; `bare` those of folders that have lost their index file, but not their
    pages; `held` wait for an error to be mended.
    """

    create: tuple[Wanted, ...] = ()
    change: tuple[Change, ...] = ()
    unchanged: tuple[KnownPage, ...] = ()
    orphans: tuple[KnownPage, ...] = ()
    bare: tuple[KnownPage, ...] = ()
    held: tuple[PageNode, ...] = ()


@dataclass(slots=True)
class Shape:
    """The folder as a tree of pages with its links; `diagnostics` are everything that is to be said about it."""

    folder: Folder
    tree: PageTree
    table: LinkTable
    diagnostics: tuple[Diagnostic, ...]

    def path(self, key: str) -> str:
        """What a report calls a page: its file, or its folder."""
        node = self.tree.by_key.get(key)
        return node.path or key if node is not None else key

    @property
    def contradictions(self) -> tuple[Diagnostic, ...]:
        """Nothing may be written before these are mended: errors of the folder as a whole, and what its settings
        count as an error though it holds no page back."""
        whole = {*self.folder.diagnostics, *self.tree.diagnostics}
        errors = (item for item in self.diagnostics if item.severity == "error")
        return tuple(item for item in errors if item in whole or CODES[item.code].severity != "error")


def shape(folder: Folder, known: Iterable[str] = ()) -> Shape:
    """The pages of a folder and where their links lead. `known` are the keys of pages that exist already."""
    settings, scan = folder.settings, folder.scan
    documents = [DocFacts(f.path, f.title, f.order, f.draft, f.held) for f in folder.facts.values()]
    site, trouble = place(settings, scan)
    tree = build(documents, scan.folder.name, settings.root, site.order, site.titles)
    table = LinkTable(
        tree,
        {facts.path: facts.anchors for facts in folder.facts.values()},
        scan.assets,
        scan.aliases,
        scan.ignored,
        settings.files_url,
        frozenset(known),
        "wikilinks" in folder.options.extensions,
    )
    said: list[Diagnostic] = [*folder.diagnostics, *tree.diagnostics, *trouble]
    for facts in folder.facts.values():
        if facts.path not in tree.drafts:
            said += facts.diagnostics
            said += table.check(facts.path, facts.links)
    return Shape(folder, tree, table, judged(folder, said))


def judged(folder: Folder, items: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics about a folder, sorted, as its settings and its files want them."""
    off = {facts.path: facts.silences for facts in folder.facts.values() if facts.silences}
    return tuple(sorted(judge(items, off, folder.settings.diagnostics, folder.settings.strict)))


def renamed(known: Mapping[str, KnownPage], tree: PageTree, facts: Mapping[str, Facts]) -> dict[str, str]:
    """Known keys that stand under a new name now: old key to new key."""
    before = [Trace(page.key, page.title, page.source, page.sketch) for page in known.values()]
    after = [
        Trace(node.key, node.title, facts[node.path].hash, facts[node.path].sketch)
        if node.path is not None
        else Trace(node.key, node.title)
        for node in tree.pages
    ]
    return {old: new for new, old in renames(before, after).items()}


def rename(known: Mapping[str, KnownPage], names: Mapping[str, str]) -> dict[str, KnownPage]:
    """The known pages under their new keys; their parents' keys follow."""
    found = {}
    for page in known.values():
        key = names.get(page.key, page.key)
        found[key] = replace(page, key=key, parent=names.get(page.parent, page.parent))
    return found


def outline(shape: Shape, known: Mapping[str, KnownPage], only: Collection[str] | None = None) -> Outline:
    """Sort all pages by what has to be done about them.

    `only` are the keys of the pages to look at, where it is known that all others are as they should be.
    """
    create: list[Wanted] = []
    change, unchanged, held, bare = [], [], [], []
    there: list[tuple[Wanted, KnownPage]] = []
    nodes = shape.tree.pages
    if only is not None:
        nodes = tuple(shape.tree.by_key[key] for key in sorted(only) if key in shape.tree.by_key)
    for node in nodes:
        page = known.get(node.key)
        if node.held:
            held.append(node)
            if page is not None or not _has_children(shape.tree, node):
                continue
        wanted = want(shape, node)
        if page is None:
            create.append(wanted)
        elif page.source and not wanted.source and not shape.folder.settings.prune:
            bare.append(page)
        else:
            there.append((wanted, page))
    coming = {wanted.key for wanted in create}
    for wanted, page in there:
        if (difference := _difference(wanted, page, known, coming)) is not None:
            change.append(difference)
        else:
            unchanged.append(page)
    gone = known.values() if only is None else ()
    orphans = [page for page in gone if page.key not in shape.tree.by_key]
    return Outline(
        tuple(create), tuple(change), tuple(unchanged), tuple(orphans), tuple(bare), tuple(held)
    )


def want(shape: Shape, node: PageNode) -> Wanted:
    """One page as the folder wants it now."""
    facts = shape.folder.facts.get(node.path or "")
    if facts is None or node.held:
        return Wanted(node, shape.folder.dialect.head(Document(node.key, node.title, ())))
    links = {}
    for use in facts.links:
        match shape.table.resolve(use.link).goal:
            case ToFile(_, url):
                links[address(use.link)] = url
            case ToPage(key, anchor) if key != node.key and key in shape.tree.by_key:
                links[address(use.link)] = f"{page_handle(key)}#{anchor}"
            case _:
                pass
    document = Document(facts.path, node.title, (), facts.icon, facts.cover)
    head = resolve_head(shape.folder.dialect.head(document), lambda ref: _file(shape, ref))
    return Wanted(node, head, facts.hash, facts.sketch, links)


def _file(shape: Shape, ref: PageRef | FileRef) -> str | None:
    goal = shape.table.resolve(ref).goal
    return goal.url if isinstance(goal, ToFile) else None


def _has_children(tree: PageTree, node: PageNode) -> bool:
    return any(page.parent == node.key for page in tree.pages)


def _difference(
    wanted: Wanted, page: KnownPage, known: Mapping[str, KnownPage], coming: Container[str]
) -> Change | None:
    head = tuple(name for name, digest in head_digests(wanted.head).items() if page.head.get(name) != digest)
    moved = page.parent != wanted.node.parent
    same = page.source == wanted.source and same_links(wanted.links, page.links, known, coming)
    body = not (page.content and same)
    return Change(wanted, page, head, moved, body) if head or moved or body else None


def same_links(
    now: Mapping[str, str],
    then: Mapping[str, str],
    known: Mapping[str, KnownPage],
    coming: Container[str] = (),
) -> bool:
    """Whether every link still leads where it led; which place on the page may have become known since.

    `coming` are the keys of pages that are about to be created: a link to one of them leads nowhere yet.
    """
    return now.keys() == then.keys() and all(
        _page_of(now[name], known, coming) == _page_of(then[name], known) for name in now
    )


def _page_of(link: str, known: Mapping[str, KnownPage], coming: Container[str] = ()) -> str:
    """The address a link leads to, without the place on the page; empty for a page that cannot be there."""
    page, _, _ = link.partition("#")
    if not page.startswith(PAGE):
        return page
    found = known.get(page[len(PAGE) :])
    if found is None:
        return page if page[len(PAGE) :] in coming else ""
    return found.url


def head_digests(head: PageHead) -> dict[str, str]:
    """What the state keeps of a head: enough to see which part changed."""
    return {
        name: blake2b(getattr(head, name), digest_size=8).hexdigest()
        for name in ("properties", "icon", "cover")
    }


def body(shape: Shape, node: PageNode, before: Mapping[str, str], find: Find) -> tuple[BlockInput, ...]:
    """The blocks of a page with its links filled in.

    `before` are addresses that links got earlier, kept while they lead to the same page. `find` gives the address of a
    page and a place on it; a link to a page that is not there yet stays a name, with the page's key as its target.
    Links to the page itself lead nowhere: their text stays.
    """
    if node.path is None or node.held:
        return ()

    def lookup(ref: PageRef | FileRef) -> str | None:
        match shape.table.resolve(ref).goal:
            case ToFile(_, url):
                return url
            case ToPage(key, anchor) if key != node.key:
                found = find(key, anchor)
                if found is None:
                    return address(PageRef(key, anchor)) if key in shape.tree.by_key else None
                old = before.get(address(ref), "")
                return old if old.partition("#")[0] == found.partition("#")[0] else found
            case _:
                return None

    return tuple(resolve(block, lookup) for block in shape.folder.body(node.path))
