"""What the commands do: settings to a run, a run to a report. Imported when a command runs, not before."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sqlite3
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from publisher import hints
from publisher.config import Settings, load
from publisher.console import STOPPING, Bar, Console, print_json, print_line, say_now
from publisher.errors import Exit, PagemillError, UsageError, not_a_workspace
from publisher.locking import ignore_in_git, lock
from publisher.remote.connect import connect
from publisher.remote.ids import page_id
from publisher.remote.record import Exchange
from publisher.remote.retry import Patience
from publisher.remote.tokens import token
from publisher.remote.workspace import Workspace
from publisher.report import PageReport, Report, diagnostic_json
from publisher.scan import require
from publisher.store import Store
from publisher.sync import Job, Run
from publisher.wording import database_lines, diagnostics_summary, nothing_in, page_line, summary

if TYPE_CHECKING:
    from publisher.since import Range
    from publisher.streaming import Progress

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
    name = "".join(char if char.isalnum() or char in "-_." else "_" for char in folder.name)
    return settings.state / f"{name or 'folder'}.{settings.target}.{mark}.db"


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


def publish(options: Namespace) -> int:
    settings, planned = settings_of(options), None
    if options.plan_file:
        from publisher import saved

        planned = saved.read(Path(options.plan_file))
        settings, options.force = saved.adopted(planned, settings)
    console = Console(options.quiet, _format(options) != "text")
    started = time.monotonic()
    require(settings.folder)  # before anything is made beside it
    where = state_file(settings)
    with lock(where):
        store = Store(where)
        try:
            said = store.meta("diagnostics")
            report, error = _publish(settings, options, store, console, planned)
        finally:
            store.close()
    report.seconds = time.monotonic() - started
    if error is None or report.pages or _format(options) == "json":
        _print(report, settings, options, console, _is_old(report, said))
    if error is not None:
        raise error
    return exit_code(report)


def _format(options: Namespace) -> str:
    return "json" if options.json else str(options.format)


def _is_old(report: Report, said: str | None) -> bool:
    """Whether nothing was sent and nothing is to be said but what the last run has said (`said`, as the state has it)."""
    now = [diagnostic_json(item) for item in report.diagnostics]
    return not report.writes and bool(now) and now == json.loads(said or "[]")


def _print(
    report: Report, settings: Settings, options: Namespace, console: Console, old: bool = False
) -> None:
    """A report in the form that was asked for."""
    match _format(options):
        case "json":
            print_json(report.as_json())
        case "markdown":
            from publisher.markdown import markdown

            for line in markdown(report, options.folder or settings.folder.name):
                print_line(line)
        case _:
            tell(report, settings, options, console, old)


def _range(settings: Settings, options: Namespace) -> Range | None:
    """What a run is limited to; None: nothing."""
    from publisher.since import changed_files

    return changed_files(settings.folder, options.since, options.changed, os.environ, settings.file_roots)


def _publish(
    settings: Settings, options: Namespace, store: Store, console: Console, planned: dict[str, Any] | None
) -> tuple[Report, PagemillError | None]:
    """Run it. What stops everything is returned beside the report, so that what was done is still told."""
    bar: list[Bar] = []

    def begin(total: int) -> None:
        bar.append(console.progress(total, "Publishing").__enter__())

    def on_page(page: PageReport) -> None:
        if page.action != "removed" or page.note:
            for progress in bar:
                progress.write(page_line(page, console.width), console)

    def on_upload(sent: Progress) -> None:
        for progress in bar:
            progress.uploaded(sent.bytes, sent.all_bytes - sent.bytes)

    job = Job(
        settings,
        lambda count: open_workspace(settings, count, tell=console.note),
        force=options.force,
        begin=begin,
        on_page=on_page,
        on_upload=on_upload,
    )
    if (limit := _range(settings, options)) is not None:
        job.paths, job.before = limit.paths, limit.before
    if planned is not None:
        from publisher import saved

        job = saved.bound(job, planned, store)
    try:
        return run_job(job, store)
    finally:
        for progress in bar:
            progress.__exit__(None, None, None)


def run_job(job: Job, store: Store) -> tuple[Report, PagemillError | None]:
    """Run it, until Ctrl-C. What stops everything is returned beside the report, so that what was done is told too."""
    run = Run(job, store)
    try:
        with interruptible(job):
            return asyncio.run(run.publish()), None
    except PagemillError as error:
        return run.report, error


def watch(options: Namespace) -> int:
    from publisher import watch as watching
    from publisher.watching.view import View

    settings = settings_of(options)
    console = Console(options.quiet, options.json)
    bar: list[Bar] = []

    def on_page(page: PageReport) -> None:
        for progress in bar:
            progress.write(page_line(page, console.width), console)

    def finished() -> None:
        while bar:
            bar.pop().__exit__(None, None, None)

    require(settings.folder)
    with _pages(settings, options, console) as pages:
        plan = watching.Plan(
            lambda: settings_of(options),
            partial(open_workspace, patience=watching.PATIENCE, tell=console.note),
            state_file,
            poll=options.poll,
            force=options.force,
            opened=lambda _, report: pages(report.url),
            begin=lambda total: bar.append(console.progress(total, "Publishing").__enter__()),
            on_page=on_page,
            finished=finished,
        )
        shown = settings.folder.name if not options.folder else options.folder
        return watching.watch(plan, View(console, shown, options.json, options.verbose))


@contextmanager
def _pages(settings: Settings, options: Namespace, console: Console) -> Iterator[Callable[[str], None]]:
    """What `--open` opens: the page in the browser, served from here if it is in the embedded workspace."""
    if not options.open:
        yield lambda url: None
        return
    import webbrowser

    if settings.target != "local" or settings.base_url:
        yield lambda url: _open(webbrowser, url)
        return
    from publisher.emulator.server import prepare

    try:
        assert settings.workspace is not None
        settings.workspace.parent.mkdir(parents=True, exist_ok=True)
        ignore_in_git(settings.workspace.parent)
        server, sock, here = prepare(settings.workspace, "127.0.0.1", options.port)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Port {options.port} cannot be used: {getattr(error, 'strerror', None) or error}",
            "Choose another with --port, or --port 0 for any free one.",
        ) from error
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    console.line(f"The pages are at {here}")
    try:
        yield lambda url: _open(webbrowser, here + urlsplit(url).path)
    finally:
        server.should_exit = True
        thread.join(5)
        sock.close()


def _open(browser: ModuleType, url: str) -> None:
    if url:
        browser.open(url)


@contextmanager
def interruptible(job: Job) -> Iterator[None]:
    """The first Ctrl-C lets the requests under way finish; a second one stops at once."""

    def stop(number: int, frame: object) -> None:
        if job.stopping.requested:
            raise KeyboardInterrupt
        job.stopping.requested = True
        say_now(STOPPING)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def exit_code(report: Report) -> int:
    """Exit code of a run that came to its end; the worst thing counts."""
    if report.interrupted:
        return Exit.INTERRUPTED
    if report.conflicts:
        return Exit.CONFLICT
    return Exit.FAILED if report.failed or report.stopped else Exit.OK


def tell(report: Report, settings: Settings, options: Namespace, console: Console, old: bool = False) -> None:
    """Say what a run did, for people. Of diagnostics that are `old` only their number, unless more is asked for."""
    shown = settings.folder.name if not options.folder else options.folder
    if not old or options.verbose:
        console.diagnostics(report.diagnostics, shown, "info" if options.verbose else "warning")
    if options.verbose:
        for page in report.pages:
            if page.action == "unchanged":
                console.line(page_line(page, console.width))
    counts = diagnostics_summary(report.diagnostics)
    if report.stopped:
        console.note(report.stopped)
        return
    limited = getattr(options, "since", None) or getattr(options, "changed", False)
    told = report.holds_pages or limited or report.interrupted
    console.line(summary(report) if told else nothing_in(shown))
    if counts:
        console.line(f"{counts}; `{hints.check(settings, options)}` shows them all.")
    if report.interrupted:
        console.note("Interrupted; the state is saved. Run it again to go on.")
    elif report.url and settings.target == "local" and not settings.base_url:
        console.line(f"To read them, run: {hints.serve(settings, options)}\n{report.url}")
    elif report.url:
        console.line(report.url)


def plan(options: Namespace) -> int:
    from publisher.planned import Planner

    settings = settings_of(options)
    console = Console(options.quiet, _format(options) != "text")
    store = Store(state_file(settings) if state_file(settings).exists() else None, reading=True)
    try:
        limit = _range(settings, options)
        paths = limit.paths if limit is not None else None
        if options.refresh or options.out:
            report = _rehearsed(settings, options, store, console, paths)
        else:
            connecting = partial(open_workspace, settings, tell=console.note)
            report = Planner(settings, store, connecting, paths).plan()
    finally:
        store.close()
    for page in report.pages:
        if page.action != "unchanged" or options.verbose:
            console.line(page_line(page, console.width))
    for line in database_lines(report.databases, options.verbose):
        console.line(line)
    _print(report, settings, options, console)
    return exit_code(report)


def _rehearsed(
    settings: Settings, options: Namespace, store: Store, console: Console, paths: frozenset[str] | None
) -> Report:
    """The exact plan, written down if that was asked for."""
    from publisher import saved

    connect_to = partial(looking, settings, tell=console.note)
    done = saved.rehearse(settings, store, connect_to, options.force, paths)
    if options.out:
        saved.write(done.plan, Path(options.out))
    return done.report


def looking(
    settings: Settings, on_request: Callable[[], None], tell: Callable[[str], None] | None = None
) -> Workspace:
    """The workspace to be read. An embedded one that is not there yet is not made for that."""
    if settings.target == "local" and settings.workspace is not None and not settings.workspace.exists():
        settings = replace(settings, workspace=None)
    return open_workspace(settings, on_request, tell=tell)


def status(options: Namespace) -> int:
    from publisher.status import Survey

    settings = settings_of(options)
    console = Console(options.quiet, options.json)
    store = known_state(settings)
    try:
        survey = Survey(settings, store, partial(looking, settings, tell=console.note))
        report = asyncio.run(survey.look())
    finally:
        store.close()
    if options.json:
        print_json(report.as_json())
        return exit_code(report)
    for page in report.pages:
        if page.action != "unchanged" or page.note or options.verbose:
            console.line(page_line(page, console.width))
    console.diagnostics(report.diagnostics, settings.folder.name if not options.folder else options.folder)
    console.line(survey.summary)
    return exit_code(report)


def known_state(settings: Settings, reading: bool = True) -> Store:
    """The state of a folder that was published, to be read only unless it is said otherwise.

    Raises:
        UsageError: it was not, from here and to there.
    """
    where = state_file(settings)
    if not where.exists():
        raise UsageError(f"{settings.folder} has not been published there.", "`pagemill publish` does it.")
    return Store(where, reading)
