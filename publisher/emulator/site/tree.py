"""The tree of pages at the side: whole for a small workspace, the way to the current page for a large one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from publisher.emulator.site import icons

if TYPE_CHECKING:
    from publisher.emulator.rows import PageRow
    from publisher.emulator.store import Store

SHOWN = 400  # pages in the tree before branches are left to be fetched when they are opened
SIBLINGS = 100  # pages of one branch; the page itself lists them all
DEPTH = 40  # levels


@dataclass(slots=True)
class Branch:
    """A page in the tree. `lazy` branches are fetched from /tree/<id> when somebody opens them."""

    id: str
    title: str
    icon: Markup
    open: bool = False
    current: bool = False
    lazy: bool = False
    children: list[Branch] = field(default_factory=list)
    more: int = 0


def tree(store: Store, trail: Sequence[str] = ()) -> Branch:
    """The workspace as a branch without a page. `trail` is the way from the root to the current page, inclusive."""
    top = Branch("", "", Markup(), open=True)
    way = frozenset(trail)
    left = SHOWN - _fill(top, store.roots(), trail)
    if len(top.children) == 1:
        top.children[0].open = True  # everything is under it
    waiting = deque((branch, 1) for branch in top.children)
    while waiting:
        branch, depth = waiting.popleft()
        if not branch.lazy:  # a database: its records are not in the tree
            continue
        if depth >= DEPTH or (left <= 0 and branch.id not in way):
            continue
        branch.lazy = False
        left -= _fill(branch, store.child_pages(branch.id), trail)
        waiting.extend((child, depth + 1) for child in branch.children)
    return top


def below(store: Store, page_id: str) -> Branch:
    """One level of the tree, for a branch that somebody opened."""
    top = Branch(page_id, "", Markup(), open=True)
    _fill(top, store.child_pages(page_id), ())
    return top


def _fill(branch: Branch, pages: Sequence[PageRow], trail: Sequence[str]) -> int:
    shown = [page for index, page in enumerate(pages) if index < SIBLINGS or page.id in trail]
    branch.more = len(pages) - len(shown)
    branch.children = [
        Branch(
            page.id,
            page.title or "Untitled",
            Markup(icons.icon(page.icon, page.kind)),
            open=page.id in trail,
            current=bool(trail) and page.id == trail[-1],
            lazy=page.kind == "page",
        )
        for page in shown
    ]
    return len(shown)
