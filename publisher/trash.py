"""Pages whose file is gone: which of them may be moved to trash, and why the others stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from publisher.known import KnownPage
from publisher.planning.sides import match_theirs, unread, untouched
from publisher.reader import Reader
from publisher.remote.workspace import Workspace
from publisher.settings import Settings
from publisher.store import Store

FEW = 3  # so many pages may always go, whatever share of a small folder they are


@dataclass(slots=True)
class Verdict:
    """`trash` are the pages to send to trash, topmost ones only; `gone_with` says with which of them each page goes.

    `kept` says why a page stays.
    """

    trash: list[KnownPage] = field(default_factory=list)
    gone_with: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


async def prunable(
    orphans: Sequence[KnownPage],
    settings: Settings,
    force: bool,
    troubled: bool,
    store: Store,
    workspace: Workspace,
) -> Verdict:
    """Which orphans may go. Reads every one of them whole: what others wrote there must not go with it."""
    verdict = Verdict()
    if reason := _reason(orphans, settings, force, troubled, len(store.pages())):
        verdict.kept = {page.key: reason for page in orphans}
        return verdict
    gone = {page.key: page for page in orphans}
    for page in orphans:
        if not force and (what := await _others_work(page, store, workspace)):
            verdict.kept[page.key] = f"{what}; --force moves it to trash all the same."
    _keep_parents(verdict, gone)
    for page in orphans:
        if page.key in verdict.kept:
            continue
        top = page
        while top.parent in gone and top.parent not in verdict.kept:
            top = gone[top.parent]
        verdict.gone_with[page.key] = top.key
    verdict.trash = [page for page in orphans if verdict.gone_with.get(page.key) == page.key]
    return verdict


def _reason(orphans: Sequence[KnownPage], settings: Settings, force: bool, troubled: bool, known: int) -> str:
    """Why no page may go at all; empty if they may."""
    if not settings.prune:
        return "The file is gone; --prune moves the page to trash."
    if troubled:
        return "Not moved to trash, because other pages failed, are held back or in conflict; settle those first."
    if not force and len(orphans) > max(FEW, settings.prune_share * known):
        share = f"{settings.prune_share:.0%}"
        return f"{len(orphans)} of {known} pages would go, more than {share}; --force moves them to trash."
    return ""


def _keep_parents(verdict: Verdict, gone: Mapping[str, KnownPage]) -> None:
    """A page stays if one below it stays: trash takes everything below along."""
    for key in list(verdict.kept):
        parent = gone[key].parent
        while parent in gone:
            verdict.kept.setdefault(parent, "A page below it stays.")
            parent = gone[parent].parent


async def _others_work(page: KnownPage, store: Store, workspace: Workspace) -> str:
    """What somebody else has put into a page; empty if it holds only what was published."""
    ours = {known.id for known in store.pages().values()}
    full = store.page(page.key)
    assert full is not None
    there = await workspace.page(page.id)
    if there is None:  # in the trash already, or not to be seen
        return ""
    if there.title != page.title:
        return "Somebody has renamed it"
    reader = Reader(workspace, workspace.dialect)
    await reader.open(page)
    while ids := [id for node in reader.nodes for id in unread(node)]:
        await reader.look_into(ids)
    strangers = [node for node in reader.nodes if node.foreign and node.id not in ours]
    if strangers:
        return "Somebody has put a page or database of their own into it"
    blocks = [node for node in reader.nodes if not node.foreign]
    pairs = match_theirs(full.base, blocks)
    if len(pairs) < len(blocks) or not all(untouched(full.base[i], blocks[j]) for i, j in pairs):
        return "Somebody has edited it"
    return ""
