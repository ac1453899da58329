"""Time that passes only when everybody waits: an hour of waiting costs a test nothing.

`run(coroutine)` runs it on an event loop whose clock jumps to the next timer as soon as nothing else can happen.
Inside it `asyncio.sleep`, `asyncio.timeout` and `now()` agree on that clock, which begins at 0.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events and timeout is None:
            raise RuntimeError("Everybody waits, and nothing will ever happen.")
        if not events and timeout is not None:
            self.now += timeout
        return events


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        self._clock_resolution = 1e-9  # elsewhere up to 16 ms: timers would fire that much too early

    def time(self) -> float:
        return self._jump.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, in simulated time."""
    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(main)


def now() -> float:
    """Simulated seconds since `run` began."""
    return asyncio.get_running_loop().time()
