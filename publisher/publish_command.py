"""`publish`: one run, with a bar while it goes on and a report at its end."""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.config import Settings
from publisher.console import Console, Pages
from publisher.errors import PagemillError
from publisher.job import Job
from publisher.locking import lock
from publisher.report import PageReport, Report
from publisher.running import run_job
from publisher.scan import require
from publisher.store import Store
from publisher.telling import exit_code, format_of, is_old, print_report, shown_name
from publisher.workplace import limit_of, open_workspace, settings_of, state_file

if TYPE_CHECKING:
    pass


def publish(options: Namespace) -> int:
    settings, planned = settings_of(options), None
    if options.plan_file:
        from publisher import saved

        planned = saved.read(Path(options.plan_file))
        settings, options.force = saved.adopted(planned, settings)
    console = Console(options.quiet, format_of(options) != "text")
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
    if error is None or report.pages or format_of(options) == "json":
        print_report(report, settings, options, console, is_old(report, said))
    if error is not None:
        raise error
    return exit_code(report)


def _publish(
    settings: Settings, options: Namespace, store: Store, console: Console, planned: dict[str, Any] | None
) -> tuple[Report, PagemillError | None]:
    """Run it. What stops everything is returned beside the report, so that what was done is still told."""
    with Pages(console, shown_name(settings, options)) as pages:

        def on_page(page: PageReport) -> None:
            if page.action != "removed" or page.note:
                pages.tell(page)

        job = Job(
            settings,
            lambda count: open_workspace(settings, count, tell=console.note),
            force=options.force,
            begin=pages.begin,
            on_page=on_page,
            on_upload=lambda sent: pages.uploaded(sent.bytes, sent.all_bytes - sent.bytes),
        )
        if (limit := limit_of(settings, options)) is not None:
            job.paths, job.before = limit.paths, limit.before
        if planned is not None:
            from publisher import saved

            job = saved.bound(job, planned, store)
        return run_job(job, store)
