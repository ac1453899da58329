"""The files that the pages of one run show: which are fetched from the web, which are too large, how they go up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from converters.blocks import FileRef
from converters.mirrored import copied_url
from publisher import mirror
from publisher.account import PAGE
from publisher.facts import Facts
from publisher.folder import Folder
from publisher.job import Job
from publisher.planning import kinds
from publisher.planning.files import Trouble
from publisher.remote.files import upload_limit
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.settings import Settings
from publisher.shapes import Shape
from publisher.store import Store
from publisher.supplies import FREE, Supplies
from publisher.uploads import Uploader
from publisher.wording import size

_MIRRORED = "mirrored"  # when the pictures on the web were last asked for


def is_mirrored(settings: Settings, store: Store) -> bool:
    """Whether no picture on the web has to be asked for."""
    return not settings.mirror or mirror.is_fresh(float(store.meta(_MIRRORED) or 0))


async def copy_pictures(folder: Folder, job: Job, store: Store) -> None:
    """Fetch the pictures on the web that pages are to hold themselves; in a watch only if a changed file names any."""
    memory = job.memory
    before = memory.shape.folder.facts if memory is not None and memory.shape is not None else {}
    changed = (facts for path, facts in folder.facts.items() if facts is not before.get(path))
    if not job.settings.mirror or folder.assets is None or (before and not _copied(changed)):
        return
    copier = mirror.mirror(job.settings, kinds.largest(folder.dialect.name), _stopped(job))
    await copier.refresh(_copied(folder.facts.values()))
    if not job.stopping.requested:
        store.set_meta(_MIRRORED, str(copier.wall()))
    folder.assets = folder.assets.fetched()


async def refuse_large(found: Shape, store: Store, workspace: Workspace) -> bool:
    """Whether there were files too large for this workspace, refused now: what its plan allows only Notion can tell."""
    assets = found.folder.assets
    if assets is None or workspace.service != "notion":
        return False
    large = [file for file in assets.files().values() if file.size > FREE]
    there = store.uploads() if large else {}
    large = [file for file in large if (file.hash, "") not in there]
    if not large:
        return False
    limit = await upload_limit(workspace.beneath()) or kinds.largest("notion")
    refused = [file for file in large if file.size > limit]
    for file in refused:
        message = f"“{file.path}” has {size(file.size)}; this workspace takes {size(limit)}."
        assets.refuse(file.path, Trouble("file-too-large", message))
    return bool(refused)


@contextmanager
def supplying(found: Shape, job: Job, store: Store, workspace: Workspace, report: Report) -> Iterator[None]:
    """Has the files of the folder at hand for the requests that name them; the report tells which went up."""
    assets = found.folder.assets
    if assets is None or workspace.attach is None:
        yield
        return

    def page_id() -> str:
        page = store.pages().get(PAGE.get())
        return page.id if page is not None else ""

    uploader = Uploader(
        workspace.beneath(), store, assets.open, on_progress=job.on_upload, stopped=_stopped(job)
    )
    workspace.attach.supplier = Supplies(uploader, assets.files, page_id)
    try:
        yield
    finally:
        report.uploads, report.uploaded_bytes = uploader.progress.files, uploader.progress.bytes


def _stopped(job: Job) -> Callable[[], bool]:
    return lambda: job.stopping.requested


def _copied(facts: Iterable[Facts]) -> list[str]:
    """The pictures on the web of which some documents are to hold copies."""
    uses = (use.link for item in facts for use in item.links)
    return [url for link in uses if isinstance(link, FileRef) and (url := copied_url(link.path))]
