"""Publishing from a command: to the end, until Ctrl-C, or as far as it goes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from publisher.console import STOPPING, say_now
from publisher.errors import PagemillError
from publisher.job import Job
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run


def run_job(job: Job, store: Store) -> tuple[Report, PagemillError | None]:
    """Run it, until Ctrl-C. What stops everything is returned beside the report: what was done is told too."""
    run = Run(job, store)
    try:
        with interruptible(job):
            return asyncio.run(run.publish()), None
    except PagemillError as error:
        return run.report, error


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
