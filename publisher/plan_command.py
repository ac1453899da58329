"""`plan`: what a publish would do, worked out from the state or rehearsed in the workspace."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path

from publisher.config import Settings
from publisher.console import Console
from publisher.planned import Planner
from publisher.report import Report
from publisher.store import Store
from publisher.telling import exit_code, format_of, print_report, shown_name
from publisher.wording import database_lines, page_line
from publisher.workplace import limit_of, looking, open_workspace, settings_of, state_file


def plan(options: Namespace) -> int:
    settings = settings_of(options)
    console = Console(options.quiet, format_of(options) != "text")
    where = state_file(settings)
    store = Store(where if where.exists() else None, reading=True)
    store.path = where  # what it would be written to: others beside it count
    try:
        limit = limit_of(settings, options)
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
            console.line(page_line(page, console.width, shown_name(settings, options)))
    for line in database_lines(report.databases, options.verbose):
        console.line(line)
    print_report(report, settings, options, console)
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
