"""New pages as steps: in which order, with which blocks, and what has to be read so that links find their headings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from converters.blocks import PageRef
from converters.dialects.base import BlockInput, references
from publisher import shapes
from publisher.apply import PageStep
from publisher.known import KnownPage
from publisher.names import anchor_handle
from publisher.outline import Wanted
from publisher.planning.limits import DEFAULT
from publisher.planning.ops import Append, CreatePage, ReadChildren, UpdateBlock
from publisher.planning.order import NewPage, Siblings, order, page_handle
from publisher.planning.packing import Handles
from publisher.planning.places import links_within
from publisher.shapes import Find, Shape

_AS_CREATED: Mapping[str, Siblings] = {"folder": "created", "any": "free"}


def creations(
    found: Shape,
    create: Sequence[Wanted],
    known: Mapping[str, KnownPage],
    top: str,
    find: Find,
    handles: Handles,
) -> list[PageStep]:
    """The steps that make all new pages, with their goals. `top` is the id of the page above them all."""
    new = {wanted.key: wanted for wanted in create}
    pages = [
        NewPage(
            key,
            wanted.head,
            shapes.body(found, wanted.node, {}, find),
            parent=wanted.node.parent if wanted.node.parent in new else "",
            parent_id="" if wanted.node.parent in new else _id(wanted.node.parent, known, top, found),
            free=found.bases.holds(wanted.node),
        )
        for key, wanted in new.items()
    ]
    pages = placed(pages, found)
    # Notion can place a new page among its siblings; Buildin lists them as they were created
    notion = found.folder.dialect.name == "notion"
    siblings: Siblings = "placed" if notion else _AS_CREATED[found.folder.settings.siblings]
    planned = order(pages, known, DEFAULT, handles, siblings=siblings, page_first=not notion)
    last = {step.key: index for index, step in enumerate(planned)}
    steps = [
        PageStep(
            step.key, step.ops, new[step.key].goal(), step.needs, last[step.key] == index, here=step.here
        )
        for index, step in enumerate(planned)
    ]
    return _with_anchors(steps, last, found)


def _id(key: str, known: Mapping[str, KnownPage], top: str, found: Shape) -> str:
    """A page's id, or the handle of a database."""
    if key in found.bases.specs:
        return page_handle(key)
    return known[key].id if key in known else top


def placed(pages: Sequence[NewPage], found: Shape) -> list[NewPage]:
    """The pages that link to their own blocks with the places of these, and of those that other new pages link to."""
    own = {page.key: frozenset().union(*map(links_within, page.blocks)) for page in pages if page.blocks}
    wanted = {key: set(names) for key, names in own.items() if names}
    refs = _references([block for page in pages for block in page.blocks]) if wanted else ()
    for ref in refs:
        if ref.anchor and ref.target in wanted:
            wanted[ref.target].add(ref.anchor)
    return [
        replace(
            page,
            places={
                name: at
                for name in sorted(wanted[page.key])
                if (at := _place(found, PageRef(page.key, name))) >= 0
            },
        )
        if page.key in wanted
        else page
        for page in pages
    ]


def _with_anchors(steps: Sequence[PageStep], last: Mapping[str, int], found: Shape) -> list[PageStep]:
    """Where a later step links to a heading of a page, that page's blocks are read once they are all there.

    Creating a page does not tell the ids of its blocks. One read per 100 of them does; a link that comes before
    its page is complete leads to the page's top instead, since to write it again would cost a write.
    """
    wanted: dict[int, set[str]] = {}
    done: list[PageStep] = []
    for index, step in enumerate(steps):
        needs = set(step.needs)
        for ref in _links(step):
            target = last.get(ref.target, index)
            if ref.anchor and target < index and _place(found, ref) > 0:  # the first block is the page's top
                if ref.anchor not in (steps[target].here or {}):
                    wanted.setdefault(target, set()).add(ref.anchor)
                needs.add(target)
        done.append(replace(step, needs=tuple(sorted(needs))))
    for index, anchors in wanted.items():
        key = done[index].page
        places = sorted(
            (_place(found, PageRef(key, anchor)), anchor_handle(key, anchor)) for anchor in anchors
        )
        read = ReadChildren(page_handle(key), tuple(places))
        done[index] = replace(done[index], ops=(*done[index].ops, read))
    return done


def _links(step: PageStep) -> list[PageRef]:
    """The links to pages, by key, in what a step sends."""
    blocks: list[BlockInput] = []
    for op in step.ops:
        match op:
            case CreatePage():
                blocks += op.children
            case Append():
                blocks += op.blocks
            case UpdateBlock():
                blocks.append(op.input)
            case _:
                pass
    return _references(blocks)


def _references(blocks: Iterable[BlockInput]) -> list[PageRef]:
    found = [ref for top in blocks for block in top.walk() if block.symbolic for ref in references(block)]
    return [ref for ref in found if isinstance(ref, PageRef)]


def _place(found: Shape, ref: PageRef) -> int:
    """Which top-level block of a page an anchor names, from 0; -1 if that cannot be said."""
    node = found.tree.by_key.get(ref.target)
    facts = found.folder.facts.get(node.path or "") if node is not None else None
    return facts.anchors.get(ref.anchor, -1) if facts is not None else -1
