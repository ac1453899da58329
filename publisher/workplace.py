"""What a command works on: its settings, the state of its folder, the workspace."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.config import Settings, load, state_name
from publisher.errors import UsageError, not_a_workspace
from publisher.remote.connect import connect
from publisher.remote.ids import page_id
from publisher.remote.record import Exchange
from publisher.remote.retry import Patience
from publisher.remote.tokens import token
from publisher.remote.workspace import Workspace
from publisher.store import Store

if TYPE_CHECKING:
    from publisher.since import Range


OPTIONS = (
    "folder", "target", "parent", "base_url", "dialect", "workspace", "files_url", "uploads", "prune", "on_drift", "on_conflict",
    "strict", "database",
)  # fmt: skip


def settings_of(options: Namespace) -> Settings:
    """The settings of a run from its options, the environment and the settings file."""
    given = {name: getattr(options, name, None) for name in OPTIONS}
    settings = load(given, os.environ, config=options.config)
    return replace(settings, parent=page_id(settings.parent)) if settings.parent else settings


def state_file(settings: Settings) -> Path:
    """One state per folder, target, address and parent, with a name that a person can tell apart."""
    assert settings.state is not None
    folder = Path(os.path.realpath(settings.folder))  # docs, ../docs and a link to it are one folder
    place = settings.base_url
    if not place and settings.target == "local" and settings.workspace is not None:
        place = os.path.realpath(settings.workspace)
    dialect = settings.dialect if settings.target == "local" else ""
    identity = "\0".join((str(folder), settings.target, dialect, str(place), settings.parent))
    if settings.database:
        identity += "\0" + settings.database
    mark = hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()
    return settings.state / f"{state_name(folder)}.{settings.target}.{mark}.db"


def open_workspace(
    settings: Settings,
    on_request: Callable[[], None],
    patience: Patience | None = None,
    tell: Callable[[str], None] | None = None,
) -> Workspace:
    """The workspace of the settings; the embedded one runs in this process and takes the same road.

    `tell` is given a line for people when the service does not answer for a while.
    """

    def count(seen: Exchange) -> None:
        if not seen.storage:
            on_request()

    told = partial(connect, on_request=count, patience=patience, tell=tell)
    if settings.target != "local":
        return told(settings.target, settings.base_url, token(settings.target))
    if settings.base_url:
        return told(settings.dialect, settings.base_url, "local")
    from publisher.emulator.app import create_app
    from publisher.emulator.switches import LOCAL

    try:
        app = create_app(settings.workspace, switches=LOCAL)
    except sqlite3.DatabaseError as error:
        raise not_a_workspace(settings.workspace, error) from error
    return told(settings.dialect, "http://127.0.0.1:4747", "local", app=app)


def limit_of(settings: Settings, options: Namespace) -> Range | None:
    """What a run is limited to; None: nothing."""
    from publisher.since import changed_files

    return changed_files(settings.folder, options.since, options.changed, os.environ, settings.file_roots)


def looking(
    settings: Settings, on_request: Callable[[], None], tell: Callable[[str], None] | None = None
) -> Workspace:
    """The workspace to be read. An embedded one that is not there yet is not made for that."""
    if settings.target == "local" and settings.workspace is not None and not settings.workspace.exists():
        settings = replace(settings, workspace=None)
    return open_workspace(settings, on_request, tell=tell)


def known_state(settings: Settings, reading: bool = True) -> Store:
    """The state of a folder that was published, to be read only unless it is said otherwise.

    Raises:
        UsageError: it was not, from here and to there.
    """
    where = state_file(settings)
    if not where.exists():
        raise UsageError(f"{settings.folder} has not been published there.", "`pagemill publish` does it.")
    return Store(where, reading)
