"""`pagemill watch`: publish once, then every change, until somebody stops it.

The system tells of changes, `Quiet` says when they have settled, `Look` looks at the files, and the same `Run` that
`publish` uses sends the difference, with what it knew the last time. While it runs, changes go on being collected; the
state is locked only while something is published, so that a push or a publish elsewhere finds it free.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from publisher.console import STOPPING, say_now
from publisher.errors import Exit
from publisher.remote.stopping import Stopping
from publisher.watching.sending import PATIENCE, Plan
from publisher.watching.session import End, Session
from publisher.watching.view import View

__all__ = ["PATIENCE", "Plan", "watch"]


def watch(plan: Plan, view: View) -> int:
    """Watch until Ctrl-C.

    Raises:
        PagemillError: the first publish was refused, the settings are wrong, or the token was refused.
    """
    return asyncio.run(_watch(plan, view))


async def _watch(plan: Plan, view: View) -> int:
    stopping = Stopping()
    settings = plan.settings()
    first = True
    wake = asyncio.Event()
    sessions: list[Session] = []
    with _interruptible(stopping, wake, lambda: bool(sessions) and sessions[-1].idle):
        while True:
            session = Session(plan, settings, view, stopping, wake, first)
            sessions[:] = [session]
            end = await session.run()
            if end is End.STOPPED:
                view.note("stopped", f"Stopped; the state is saved{session.left}")
                return Exit.INTERRUPTED
            settings, first = session.settings, False


@contextmanager
def _interruptible(stopping: Stopping, wake: asyncio.Event, is_idle: Callable[[], bool]) -> Iterator[None]:
    """The first Ctrl-C lets the request under way finish, and says so if there is one; a second one stops at once."""
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: object) -> None:
        if stopping.requested:
            raise KeyboardInterrupt
        stopping.requested = True
        if not is_idle():
            say_now(STOPPING)
        loop.call_soon_threadsafe(wake.set)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
