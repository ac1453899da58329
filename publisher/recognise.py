"""The state is lost, the pages are there: find them again under the parent, instead of publishing them twice.

A page is recognised by its path of titles: the root page by its title under the parent, and so on down. Its body is
taken for ours block by block where it says what the file says, as after a lost answer; what else stands there is
taken for somebody else's and stays.
"""

from __future__ import annotations

from collections.abc import Callable

from converters.dialects.base import resolve
from converters.dialects.schema import read_values
from publisher import outline as out
from publisher import shapes
from publisher.apply import Applier
from publisher.known import KnownPage
from publisher.meeting import meet
from publisher.neighbours import pages_of_others
from publisher.notes import describe
from publisher.outline import Wanted
from publisher.planning.ops import START, Append, record_parent, record_source
from publisher.planning.order import page_handle
from publisher.planning.record_values import PROPERTY, changes, with_ids
from publisher.planning.tree import PageNode
from publisher.remote.adapter import PageInfo
from publisher.remote.databases import Databases
from publisher.remote.workspace import Workspace
from publisher.shapes import Shape
from publisher.store import Store


async def recognise(
    shape: Shape,
    parent: str,
    applier: Applier,
    store: Store,
    workspace: Workspace,
    before: Callable[[str], bytes | None] = lambda _: None,
) -> int:
    """Adopt the pages that are there; says how many.

    `before` gives the text of a file, by its path, as it was when it was published last; None if it is as it was. By it
    blocks are known as ours that the file has no more.

    Reads the children of the parent and of every page that is recognised; at the workspace's root it searches for
    titles. The bodies are read when they are compared.
    """
    others = pages_of_others(store, shape.folder.settings.folder)
    found = await _pages(shape, parent, store, workspace, set(others))
    for key, base in store.databases().items():
        applier.names.know(key, record_parent(base.source), base.url)
        shapes.check_records(shape, key, base)
    for node, page in found:
        applier.names.know(node.key, page.id, page.url)
    for node, page in found:
        wanted = out.want(shape, node)
        old = before(node.path) if node.path is not None else None
        blocks = shape.folder.blocks(old, node.path or "") if old is not None else None
        body = shapes.body(shape, node, {}, applier.names.find, blocks)
        op = Append(page.id, START, tuple(resolve(block, lambda _: None) for block in body))
        with store.transaction():
            store.save_page(
                _known(wanted, page) if wanted.values is None else _record(shape, wanted, page, applier)
            )
            store.begin(node.key, {**describe(op), "adopt": True})
    return len(found)


async def _pages(
    shape: Shape, parent: str, store: Store, workspace: Workspace, taken: set[str]
) -> list[tuple[PageNode, PageInfo]]:
    """The pages of the tree that are there already, parents first; those `taken` are others'."""
    found: list[tuple[PageNode, PageInfo]] = []
    ids = {"": parent}
    below: dict[str, list[PageInfo]] = {}
    for node in shape.tree.pages:
        if (above := ids.get(node.parent)) is None:
            continue
        if node.database:
            if (base := await meet(shape.bases.specs[node.key], above, store, workspace)) is not None:
                ids[node.key] = record_parent(base.source)
            continue
        if source := record_source(above):
            if above not in below:
                below[above] = await Databases(workspace).records(source)
            candidates = [page for page in below[above] if page.title == " ".join(node.title.split())]
        elif not above:
            candidates = await workspace.find_pages(node.title, "")
        else:
            if above not in below:
                below[above] = await workspace.child_pages(above)
            candidates = [page for page in below[above] if page.title == node.title]
        match = next((page for page in candidates if page.id not in taken), None)
        page = match if match is None or match.url else await workspace.page(match.id)
        if page is not None:
            taken.add(page.id)
            ids[node.key] = page.id
            found.append((node, page))
    return found


def _known(wanted: Wanted, page: PageInfo) -> KnownPage:
    """What can be known of a recognised page: its title is as wanted, and an icon or cover that the file does not
    set is not ours to clear."""
    digests = out.head_digests(wanted.head)
    kept = {name for name in ("icon", "cover") if getattr(wanted.head, name) == b"null"} | {"properties"}
    head = {name: digest for name, digest in digests.items() if name in kept}
    return KnownPage(wanted.key, page.id, page.url, wanted.node.parent, wanted.node.title, head=head)


def _record(shape: Shape, wanted: Wanted, page: PageInfo, applier: Applier) -> KnownPage:
    """A recognised record: properties that hold what the file says count as written, all others are not ours yet."""
    plan = shape.bases.plans[wanted.node.parent]
    render = shape.folder.dialect.properties
    there = {value.name: render([value]) for value in read_values(page.properties)}
    head = {name: digest for name, digest in _known(wanted, page).head.items() if name != "properties"}
    _, digests = changes(wanted.values or (), {}, plan.schema, render)
    for value in wanted.values or ():
        final = with_ids(value, lambda key: applier.names.bound.get(page_handle(key), ""))
        if final is not None and there.get(value.name) == render([final]):
            head[PROPERTY + value.name] = digests[PROPERTY + value.name]
    return KnownPage(wanted.key, page.id, page.url, wanted.node.parent, wanted.node.title, head=head)
