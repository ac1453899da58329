"""The folder as a tree of pages: where its links lead, what is wrong with it, and the bodies of its pages.

Nothing is sent here and nothing is parsed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from converters.blocks import FileRef, PageRef
from converters.diagnostics import CODES, Diagnostic, diagnostic
from converters.dialects.base import BlockInput, PlaceRef, Reference, address, resolve
from converters.dialects.encode import is_emoji
from converters.dialects.uploads import upload_address
from converters.silence import judge
from publisher import bases as databases_of
from publisher.bases import Bases
from publisher.facts import Facts
from publisher.folder import Folder, place
from publisher.known import KnownDatabase, KnownPage
from publisher.planning.files import LocalFile, with_linked_files
from publisher.planning.identity import Trace, renames
from publisher.planning.links import LinkTable, ToFile, ToPage, ToUpload
from publisher.planning.records import hold
from publisher.planning.tree import ROOT, DocFacts, PageNode, PageTree, build

Find: TypeAlias = Callable[
    [str, str], str | None
]  # a page's key and a place on it -> their address, if known


@dataclass(slots=True)
class Shape:
    """The folder as a tree of pages with its links; `diagnostics` are everything that is to be said about it.

    `bases` are the folders that are databases; `whole` is the tree before records were held back for their values,
    and `said` what there was to say then. `archived` are the keys of pages that are left in the trash.
    """

    folder: Folder
    tree: PageTree
    table: LinkTable
    diagnostics: tuple[Diagnostic, ...]
    bases: Bases = field(default_factory=Bases)
    whole: PageTree | None = None
    said: tuple[Diagnostic, ...] = ()
    archived: frozenset[str] = frozenset()

    def path(self, key: str) -> str:
        """What a report calls a page: its file, or its folder."""
        node = self.tree.by_key.get(key)
        return node.path or key if node is not None else key

    def reading_order(self) -> dict[str, int]:
        """Where each page stands among all, as readers see them, by what a report calls it."""
        return {node.path or node.key: number for number, node in enumerate(self.tree.pages)}

    @property
    def contradictions(self) -> tuple[Diagnostic, ...]:
        """Nothing may be written before these are mended: errors of the folder as a whole, and what its settings
        count as an error though it holds no page back."""
        whole = {*self.folder.diagnostics, *self.tree.diagnostics}
        errors = (item for item in self.diagnostics if item.severity == "error")
        return tuple(item for item in errors if item in whole or CODES[item.code].severity != "error")


def shape(
    folder: Folder, known: Iterable[str] = (), databases: Mapping[str, KnownDatabase] | None = None
) -> Shape:
    """The pages of a folder and where their links lead. `known` are the keys of pages that exist already.

    `databases` are those that are known, by key; records of others are checked when their schema was read.
    """
    settings, scan = folder.settings, folder.scan
    documents = [DocFacts(f.path, f.title, f.order, f.draft, f.held) for f in folder.facts.values()]
    site, trouble = place(settings, scan)
    bases, wrong = databases_of.bases_of(settings, scan)
    root = "page" if ROOT in bases.specs else settings.root
    folders = frozenset(key.rstrip("/") for key in bases.specs)
    tree = build(documents, scan.folder.name, root, site.order, site.titles, folders)
    tree = databases_of.shaped(tree, bases, wrong)
    table = LinkTable(
        tree,
        {facts.path: facts.anchors for facts in folder.facts.values()},
        folder.assets.names if folder.assets is not None else scan.assets,
        scan.aliases,
        scan.ignored,
        settings.files_url,
        frozenset(known),
        "wikilinks" in folder.options.extensions,
        folder.assets.get if folder.assets is not None else None,
        scan.folders,
        scan.symlinks,
        scan.folder.name if scan.site == "docusaurus" else "",  # its pages' addresses begin with "/docs"
        scan.site,
    )
    said: list[Diagnostic] = [*folder.diagnostics, *tree.diagnostics, *trouble]
    for facts in folder.facts.values():
        if facts.path not in tree.drafts:
            said += (item for item in facts.diagnostics if _its_own(item, facts, tree))
            said += table.check(facts.path, facts.links)
            said += _of_pictures(facts, folder, table)
    if folder.assets is not None:
        folder.assets.settle()
    found = Shape(folder, tree, table, judged(folder, said), bases, tree, tuple(said))
    for key in bases.specs:
        if databases_of.ready(bases, key, base := (databases or {}).get(key)):
            check_records(found, key, base)
    return found


def _of_pictures(facts: Facts, folder: Folder, table: LinkTable) -> list[Diagnostic]:
    """What is wrong with a local icon or cover."""
    said: list[Diagnostic] = []
    for key, value in (("icon", facts.icon), ("cover", facts.cover)):
        if not value or is_emoji(value) or ":" in value:
            continue
        finding = table.resolve(FileRef(value))
        code, message = finding.code, finding.message
        if isinstance(finding.goal, ToUpload) and folder.dialect.name != "notion":
            code, message = (
                "file-not-uploaded",
                f"Buildin takes no uploaded file as the {key} of a page: “{value}”.",
            )
        if code:
            said.append(diagnostic(code, message, facts.path, facts.lines.get(key, 1), 1))
    return said


def _its_own(item: Diagnostic, facts: Facts, tree: PageTree) -> bool:
    """Whether nobody else says it: what is said of a text that a document includes may be a document's itself."""
    return item.path == facts.path or item.path not in tree.by_path


def check_records(found: Shape, key: str, known: KnownDatabase | None) -> None:
    """Hold the records of a database against its schema: their values, what is wrong with them, which are held back."""
    assert found.whole is not None
    databases_of.plan(found.bases, key, known, found.whole, found.folder)
    found.tree = hold(found.whole, found.bases.held)
    found.diagnostics = judged(found.folder, (*found.said, *found.bases.diagnostics))


def judged(folder: Folder, items: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Diagnostics about a folder, sorted, as its settings and its files want them."""
    items = tuple(items)
    said = {item.path for item in items} & folder.facts.keys()
    off = {path: folder.facts[path].silences for path in said if folder.facts[path].silences}
    return tuple(sorted(judge(items, off, folder.settings.diagnostics, folder.settings.strict)))


def renamed(
    known: Mapping[str, KnownPage],
    tree: PageTree,
    facts: Mapping[str, Facts],
    hints: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Known keys that stand under a new name now: old key to new key. `hints` maps new paths to old ones."""
    if known.keys() <= tree.by_key.keys() or tree.by_key.keys() <= known.keys():
        return {}  # nothing went, or nothing is new
    before = [Trace(page.key, page.title, page.source, page.sketch) for page in known.values()]
    after = [
        Trace(node.key, node.title, facts[node.path].hash, facts[node.path].sketch)
        if node.path is not None
        else Trace(node.key, node.title)
        for node in tree.pages
        if not node.database
    ]
    olds = {page.path: page.key for page in known.values()} if hints else {}
    told = {
        node.key: olds[old]
        for node in tree.pages
        if (old := hints.get(node.path or "")) is not None and old in olds
    }
    return {old: new for new, old in renames(before, after, told).items()}


def rename(known: Mapping[str, KnownPage], names: Mapping[str, str]) -> dict[str, KnownPage]:
    """The known pages under their new keys; their parents' keys follow."""
    found = {}
    for page in known.values():
        key = names.get(page.key, page.key)
        found[key] = replace(page, key=key, parent=names.get(page.parent, page.parent))
    return found


def body(
    shape: Shape,
    node: PageNode,
    before: Mapping[str, str],
    find: Find,
    blocks: Sequence[BlockInput] | None = None,
) -> tuple[BlockInput, ...]:
    """The blocks of a page with its links filled in; of `blocks`, if they are given, in place of the file's own.

    `before` are addresses that links got earlier, kept while they lead to the same page. `find` gives the address of a
    page and a place on it; a link to a page that is not there yet stays a name, with the page's key as its target.
    A link to a block of the page itself is a name of `places`; the text of one to the page as a whole stays.
    """
    if node.path is None or node.held:
        return ()
    here = _here(shape, node)

    def lookup(ref: Reference) -> str | None:
        if isinstance(ref, PlaceRef):
            return None
        match shape.table.resolve(ref, node.path or "").goal:
            case ToFile(_, url):
                return url
            case ToUpload(file):
                return upload_address(file.hash)
            case ToPage(key, anchor) if key != node.key:
                found = find(key, anchor)
                if found is None:
                    return address(PageRef(key, anchor)) if key in shape.tree.by_key else None
                old = before.get(address(ref), "")
                return old if old.partition("#")[0] == found.partition("#")[0] else found
            case ToPage(_, anchor) if anchor in here:
                return address(PlaceRef(here[anchor]))
            case _:
                return None

    if blocks is None:
        blocks = shape.folder.body(node.path)
    blocks = with_linked_files(blocks, lambda ref: _local(shape, ref, node.path or ""))
    return tuple(resolve(block, lookup) for block in blocks)


def places(shape: Shape, node: PageNode) -> dict[str, int]:
    """The blocks of a page, counted at the top level, that its own links may lead to, by name."""
    facts = shape.folder.facts.get(node.path or "")
    return {name: facts.anchors[name] for name in dict.fromkeys(_here(shape, node).values())} if facts else {}


def _here(shape: Shape, node: PageNode) -> dict[str, str]:
    """For each anchor of a page the one name of the block that it names."""
    facts = shape.folder.facts.get(node.path or "")
    if facts is None or not shape.folder.settings.own_links:
        return {}
    first: dict[int, str] = {}
    return {name: first.setdefault(at, name) for name, at in facts.anchors.items() if at >= 0}


def _local(shape: Shape, ref: PageRef | FileRef, near: str) -> LocalFile | None:
    goal = shape.table.resolve(ref, near).goal
    return goal.file if isinstance(goal, ToUpload) else None
