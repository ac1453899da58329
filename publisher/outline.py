"""What the folder wants, held against what the state knows: which pages are new, changed, moved, gone.

Nothing is sent here and nothing is parsed again; bodies are looked at only where something may have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import TypeAlias

from converters.blocks import Document, FileRef, PageRef
from converters.diagnostics import CODES, Diagnostic, diagnostic
from converters.dialects.base import BlockInput, PageHead, address, resolve, resolve_head
from converters.dialects.encode import is_emoji
from converters.dialects.uploads import upload_address
from converters.properties import PropertyValue
from converters.silence import judge
from publisher import bases as databases_of
from publisher.bases import Bases
from publisher.folder import Facts, Folder, place
from publisher.planning.files import LocalFile, with_linked_files
from publisher.planning.identity import Trace, renames
from publisher.planning.links import LinkTable, ToFile, ToPage, ToUpload
from publisher.planning.order import PAGE, page_handle
from publisher.planning.records import changes, hold, record_digests, symbolic
from publisher.planning.tree import ROOT, DocFacts, PageNode, PageTree, build
from publisher.store import KnownDatabase, KnownPage

BARE = "The file is gone; --prune empties the page."
Find: TypeAlias = Callable[
    [str, str], str | None
]  # a page's key and a place on it -> their address, if known


@dataclass(frozen=True, slots=True)
class Wanted:
    """One page as the folder wants it.

    `links` maps each link's address to where it leads: a URL, or `page_handle` of a key with `#` and a place on the
    page. Dead links are left out. `values` are the properties of a record, None for a page; the head leaves out those
    that name other records, which need not be there yet.
    """

    node: PageNode
    head: PageHead
    source: bytes = b""
    sketch: bytes = b""
    links: Mapping[str, str] = field(default_factory=dict)
    values: tuple[PropertyValue, ...] | None = None

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
            head=head_digests(self.head) if self.values is None else record_digests(self.head),
            links=self.links, path=self.path,
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
class RecordChange:
    """A known record whose properties, icon or cover differ from what was last written.

    `digests` is what the state's head says of the properties once all of `values` are written.
    """

    wanted: Wanted
    known: KnownPage
    values: tuple[PropertyValue, ...]
    looks: tuple[str, ...]
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outline:
    """The folder against the state. `records` are those with other properties than last written.

    `orphans` are known pages without a file; `bare` those of folders that have lost their index file, but not their
    pages; `held` wait for an error to be mended.
    """

    create: tuple[Wanted, ...] = ()
    change: tuple[Change, ...] = ()
    unchanged: tuple[KnownPage, ...] = ()
    orphans: tuple[KnownPage, ...] = ()
    bare: tuple[KnownPage, ...] = ()
    held: tuple[PageNode, ...] = ()
    records: tuple[RecordChange, ...] = ()


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
                f"Buildin takes no uploaded file as the {key} of a page: {value!r}",
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
        if node.database:
            continue
        page = known.get(node.key)
        if shape.archived and _archived(shape, node):
            unchanged += [page] if page is not None else []
            continue
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
    records: list[RecordChange] = []
    for wanted, page in there:
        difference = _difference(wanted, page, known, coming)
        other = record_change(shape, wanted, page)
        if difference is not None:
            change.append(difference)
        if other is not None:
            records.append(other)
        if difference is None and other is None:
            unchanged.append(page)
    gone = known.values() if only is None else ()
    orphans = [page for page in gone if page.key not in shape.tree.by_key]
    lists = (create, change, unchanged, orphans, bare, held, records)
    return Outline(*map(tuple, lists))  # type: ignore[arg-type]  # each list is of its field's type


def limited(todo: Outline, tree: PageTree, paths: Container[str]) -> Outline:
    """What of it concerns the files of `paths`, and what other pages need because of them.

    New pages come with those above them. Of pages whose file is as it was published, links, titles and places still
    follow; pages that only differ because nothing is known of their content are left alone.
    """
    new = {wanted.key: wanted for wanted in todo.create}
    create = {key for key, wanted in new.items() if wanted.path in paths}
    for key in (*create, *(change.wanted.key for change in todo.change)):
        above = tree.by_key[key].parent
        while above in new and above not in create:
            create.add(above)
            above = tree.by_key[above].parent

    def concerned(wanted: Wanted, known: KnownPage) -> bool:
        return wanted.path in paths or bool(known.source and known.source == wanted.source)

    return replace(
        todo,
        create=tuple(wanted for wanted in todo.create if wanted.key in create),
        change=tuple(item for item in todo.change if concerned(item.wanted, item.known)),
        records=tuple(item for item in todo.records if concerned(item.wanted, item.known)),
        orphans=tuple(page for page in todo.orphans if page.path in paths),
        bare=tuple(page for page in todo.bare if page.path in paths),
        held=tuple(node for node in todo.held if node.path in paths),
    )


def _archived(shape: Shape, node: PageNode) -> bool:
    """Whether a page, or one above it, was moved to trash on purpose."""
    above: PageNode | None = node
    while above is not None and above.key not in shape.archived:
        above = shape.tree.by_key.get(above.parent)
    return above is not None


def record_change(shape: Shape, wanted: Wanted, page: KnownPage) -> RecordChange | None:
    """What of a record's head differs from what was last written; None for nothing, and for plain pages."""
    plan = shape.bases.plans.get(wanted.node.parent)
    if plan is None or wanted.values is None or wanted.node.held or _archived(shape, wanted.node):
        return None
    head = (
        page.head if page.parent == wanted.node.parent else {}
    )  # it comes from elsewhere: nothing is set here
    values, digests = changes(wanted.values, head, plan.schema, shape.folder.dialect.properties)
    now = record_digests(wanted.head)
    looks = tuple(name for name in ("icon", "cover") if page.head.get(name) != now[name])
    return RecordChange(wanted, page, values, looks, digests) if values or looks else None


def want(shape: Shape, node: PageNode) -> Wanted:
    """One page as the folder wants it now."""
    facts = shape.folder.facts.get(node.path or "")
    if facts is None or node.held:
        return _of_record(shape, Wanted(node, shape.folder.dialect.head(Document(node.key, node.title, ()))))
    links = {}
    for use in facts.links:
        match shape.table.resolve(use.link).goal:
            case ToFile(_, url):
                links[address(use.link)] = url
            case ToUpload(file):
                links[address(use.link)] = upload_address(file.hash)
            case ToPage(key, anchor) if key != node.key and key in shape.tree.by_key:
                links[address(use.link)] = f"{page_handle(key)}#{anchor}"
            case _:
                pass
    document = Document(facts.path, node.title, (), facts.icon, facts.cover)
    head = resolve_head(shape.folder.dialect.head(document), lambda ref: _picture(shape, ref))
    return _of_record(shape, Wanted(node, head, facts.hash, facts.sketch, links))


def _of_record(shape: Shape, wanted: Wanted) -> Wanted:
    """The properties of a record in place of a page's title."""
    if not shape.bases.holds(wanted.node):
        return wanted
    plan = shape.bases.plans.get(wanted.node.parent)
    title = PropertyValue(plan.title if plan else "Title", "title", " ".join(wanted.node.title.split()))
    values = (plan.values.get(wanted.key) if plan else None) or (title,)
    sent = [title] if wanted.node.held else [value for value in values if not symbolic(value)]
    head = replace(wanted.head, properties=shape.folder.dialect.properties(sent))
    return replace(wanted, head=head, values=values)


def _picture(shape: Shape, ref: PageRef | FileRef) -> str | None:
    """Where a page's icon or cover is found; Buildin takes no uploaded file for them."""
    match shape.table.resolve(ref).goal:
        case ToFile(_, url):
            return url
        case ToUpload(file) if shape.folder.dialect.name == "notion":
            return upload_address(file.hash)
        case _:
            return None


def _local(shape: Shape, ref: PageRef | FileRef) -> LocalFile | None:
    goal = shape.table.resolve(ref).goal
    return goal.file if isinstance(goal, ToUpload) else None


def _has_children(tree: PageTree, node: PageNode) -> bool:
    return any(page.parent == node.key for page in tree.pages)


def _difference(
    wanted: Wanted, page: KnownPage, known: Mapping[str, KnownPage], coming: Container[str]
) -> Change | None:
    now = head_digests(wanted.head) if wanted.values is None else {}  # a record's head is `record_change`'s
    head = tuple(name for name, digest in now.items() if page.head.get(name) != digest)
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
    Links to the page itself lead nowhere: their text stays.
    """
    if node.path is None or node.held:
        return ()

    def lookup(ref: PageRef | FileRef) -> str | None:
        match shape.table.resolve(ref).goal:
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
            case _:
                return None

    if blocks is None:
        blocks = shape.folder.body(node.path)
    blocks = with_linked_files(blocks, lambda ref: _local(shape, ref))
    return tuple(resolve(block, lookup) for block in blocks)
