"""Ctrl-C, as requests see it: those under way are finished, no new one is begun, and no pause is waited out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from publisher.errors import Interrupted

_FINISHING: ContextVar[bool] = ContextVar("finishing", default=False)  # what must not be left half done


class Stopping:
    """Whether somebody asked to stop. `requested` may be set from a signal handler: it wakes whoever pauses."""

    def __init__(self) -> None:
        self._requested = False
        self._pausing: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @property
    def requested(self) -> bool:
        return self._requested

    @requested.setter
    def requested(self, value: bool) -> None:
        self._requested = value
        for woken, loop in list(self._pausing.items()):
            loop.call_soon_threadsafe(woken.set)

    @property
    def here(self) -> bool:
        """Whether it is requested of the task that asks: not within `finishing`."""
        return self._requested and not _FINISHING.get()

    async def pause(self, seconds: float) -> None:
        """Wait for so many seconds.

        Raises:
            Interrupted: somebody asked to stop; at once.
        """
        if _FINISHING.get():
            await asyncio.sleep(seconds)
            return
        self._check()
        woken = asyncio.Event()
        self._pausing[woken] = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            del self._pausing[woken]
        self._check()

    def _check(self) -> None:
        if self.here:
            raise Interrupted


class Pauses:
    """How the requests of one workspace wait. `stopping` may be replaced by that of the run that sends them."""

    def __init__(self) -> None:
        self.stopping = Stopping()

    @property
    def stopped(self) -> bool:
        return self.stopping.here

    async def wait(self, seconds: float) -> None:
        """Raises `Interrupted` as soon as somebody asks to stop."""
        await self.stopping.pause(seconds)


@contextmanager
def finishing() -> Iterator[None]:
    """Requests within are sent even if somebody asked to stop: what was begun would be worse half done."""
    token = _FINISHING.set(True)
    try:
        yield
    finally:
        _FINISHING.reset(token)
