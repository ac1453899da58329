"""What the folder wants, held against what the state knows: which pages are new, changed, moved, gone.

Nothing is sent here and nothing is parsed again; bodies are looked at only where something may have changed.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from converters.anchors import NOTE
from converters.blocks import Document
from converters.dialects.base import PLACE, PageHead, PlaceRef, Reference, address, resolve_head
from converters.dialects.uploads import upload_address
from converters.properties import PropertyValue
from publisher.known import KnownPage
from publisher.planning.links import ToFile, ToPage, ToUpload
from publisher.planning.order import PAGE, page_handle
from publisher.planning.record_values import changes, record_digests, symbolic
from publisher.planning.tree import PageNode, PageTree
from publisher.shapes import Shape

BARE = "The file is gone; --prune empties the page."


def held_note(page: KnownPage | None) -> str:
    """Why a page is held back, and what that means for it; None: it does not exist yet."""
    return f"An error in the file keeps {'it from being published' if page is None else 'the page as it is'}."


@dataclass(frozen=True, slots=True)
class Wanted:
    """One page as the folder wants it.

    `links` maps each link's address to where it leads: a URL, or `page_handle` of a key with `#` and a place on the
    page. Dead links are left out; `PLACE` stands for those to blocks of the page itself. `values` are the properties of
    a record, None for a page; the head leaves out those that name other records, which need not be there yet.
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


def outline(shape: Shape, known: Mapping[str, KnownPage], only: Collection[str] | None = None) -> Outline:
    """Sort all pages by what has to be done about them.

    `only` are the keys of the pages to look at, where it is known that all others are as they should be.
    """
    create: list[Wanted] = []
    unchanged, held, bare = [], [], []
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
    differing, records, same = _compared(shape, there, known, {wanted.key for wanted in create})
    gone = known.values() if only is None else ()
    orphans = tuple(page for page in gone if page.key not in shape.tree.by_key)
    return Outline(tuple(create), differing, (*unchanged, *same), orphans, tuple(bare), tuple(held), records)


def _compared(
    shape: Shape,
    there: Iterable[tuple[Wanted, KnownPage]],
    known: Mapping[str, KnownPage],
    coming: Container[str],
) -> tuple[tuple[Change, ...], tuple[RecordChange, ...], tuple[KnownPage, ...]]:
    """Of pages that are there: those that may differ, records with other properties, and the rest."""
    differing, records, same = [], [], []
    for wanted, page in there:
        difference = _difference(wanted, page, known, coming)
        other = record_change(shape, wanted, page)
        if difference is not None:
            differing.append(difference)
        if other is not None:
            records.append(other)
        if difference is None and other is None:
            same.append(page)
    return tuple(differing), tuple(records), tuple(same)


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
    # it comes from elsewhere: nothing is set here
    head = page.head if page.parent == wanted.node.parent else {}
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
    own = any(name.startswith(NOTE) for name in facts.anchors)
    for use in facts.links:
        match shape.table.resolve(use.link, facts.path).goal:
            case ToFile(_, url):
                links[address(use.link)] = url
            case ToUpload(file):
                links[address(use.link)] = upload_address(file.hash)
            case ToPage(key, anchor) if key == node.key:
                own = own or facts.anchors.get(anchor, -1) >= 0
            case ToPage(key, anchor) if key in shape.tree.by_key:
                links[address(use.link)] = f"{page_handle(key)}#{anchor}"
            case _:
                pass
    if own and shape.folder.settings.own_links:
        links[PLACE] = ""
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


def _picture(shape: Shape, ref: Reference) -> str | None:
    """Where a page's icon or cover is found; Buildin takes no uploaded file for them."""
    if isinstance(ref, PlaceRef):
        return None
    match shape.table.resolve(ref).goal:
        case ToFile(_, url):
            return url
        case ToUpload(file) if shape.folder.dialect.name == "notion":
            return upload_address(file.hash)
        case _:
            return None


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
    before = {name for name in then if name == PLACE or not name.startswith(PLACE)}
    return now.keys() == before and all(
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
