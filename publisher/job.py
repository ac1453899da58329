"""What one run is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from publisher.folder import Folder
from publisher.memory import Memory
from publisher.remote.stopping import Stopping
from publisher.remote.workspace import Workspace
from publisher.report import PageReport
from publisher.scan import Scan
from publisher.settings import Settings
from publisher.uploads import Progress


@dataclass(slots=True)
class Job:
    """What one run is asked for.

    `connect` is called only when there is something to read or to send; the function it is given is called after
    every request. `begin` is told how many pages may change, `on_page` what became of each.

    `scan` is what was found in the folder, if somebody looked already; otherwise the disk is walked. `renames` are
    files that are known to have been renamed: new path to old path. With `whole` nothing is sent while any file has an
    error, instead of holding back the pages of those that have one. `paths` are the files to look at; None: all.
    `before` gives the text that a file had when it was published last, by its path, where that is known without a
    state.

    For a process that publishes again and again: `folder` is the folder if it has been read already, `memory` what is
    kept from run to run. With a memory the connection is left open, and of the unchanged pages only the number is told.
    """

    settings: Settings
    connect: Callable[[Callable[[], None]], Workspace]
    force: bool = False
    stopping: Stopping = field(default_factory=Stopping)
    begin: Callable[[int], None] = lambda _: None
    on_page: Callable[[PageReport], None] = lambda _: None
    on_upload: Callable[[Progress], None] = lambda _: None
    scan: Scan | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    paths: frozenset[str] | None = None
    before: Callable[[str], bytes | None] = lambda _: None
    folder: Folder | None = None
    memory: Memory | None = None
