"""New pages as steps: in which order, with which blocks, and what has to be read so that links find their headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from converters.blocks import PageRef
from publisher import shapes
from publisher.apply import PageStep
from publisher.known import KnownPage
from publisher.outline import Wanted
from publisher.planning.limits import DEFAULT
from publisher.planning.order import NewPage, Siblings, order, page_handle
from publisher.planning.packing import Handles
from publisher.planning.places import links_within
from publisher.planning.timing import in_time, page_links
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
    planned = in_time(order(pages, known, DEFAULT, handles, siblings=siblings, page_first=not notion))
    last = {step.key: index for index, step in enumerate(planned)}
    return [
        PageStep(
            step.key, step.ops, new[step.key].goal(), step.needs, last[step.key] == index, here=step.here
        )
        for index, step in enumerate(planned)
    ]


def _id(key: str, known: Mapping[str, KnownPage], top: str, found: Shape) -> str:
    """A page's id, or the handle of a database."""
    if key in found.bases.specs:
        return page_handle(key)
    return known[key].id if key in known else top


def placed(pages: Sequence[NewPage], found: Shape) -> list[NewPage]:
    """The pages with the places of those of their blocks that they, or other new pages, link to."""
    asked: dict[str, dict[str, int]] = {}  # by other pages
    for page in pages:
        for ref in page_links(page.blocks):
            # the first block stands where the page begins
            if ref.anchor and (place := _place(found, ref)) > 0:
                asked.setdefault(ref.target, {})[ref.anchor] = place
    done = []
    for page in pages:
        names = frozenset().union(*map(links_within, page.blocks)) if page.blocks else frozenset()
        own = {
            name: place for name in sorted(names) if (place := _place(found, PageRef(page.key, name))) >= 0
        }
        others = asked.get(page.key, {})
        places = {**own, **others}
        done.append(replace(page, places=places, asked=frozenset(others.values())) if places else page)
    return done


def _place(found: Shape, ref: PageRef) -> int:
    """Which top-level block of a page an anchor names, from 0; -1 if that cannot be said."""
    node = found.tree.by_key.get(ref.target)
    facts = found.folder.facts.get(node.path or "") if node is not None else None
    return facts.anchors.get(ref.anchor, -1) if facts is not None else -1
