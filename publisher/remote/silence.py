"""A service that gives no answer for a while: whoever waits is told so, once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from publisher.errors import PagemillError
from publisher.remote.port import Answer, PassingError, Request, Transport

SILENCE = 10.0  # seconds without a good answer that a person should not have to wonder about


class Silence:
    """Tells when a service that is being asked has given no good answer for `SILENCE` seconds; once, until it does.

    Stands beneath the throttle: waiting for our own pace is no silence. Nor is the time that uploads take.
    """

    def __init__(
        self,
        inner: Transport,
        name: str,
        tell: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._name = name
        self._tell = tell
        self._clock = clock
        self._asked = 0  # requests under way
        self._since: float | None = None  # when the first was sent that had no good answer
        self._status = 0  # of the last bad answer
        self._timer: asyncio.TimerHandle | None = None

    async def send(self, request: Request) -> Answer:
        if request.stream is not None:
            return await self._inner.send(request)
        self._asked += 1
        if self._since is None:
            self._since = self._clock()
            self._wait(SILENCE)
        try:
            answer = await self._inner.send(request)
        except PassingError as error:
            self._asked -= 1
            self._status = error.status
            raise
        except PagemillError:  # a refusal is an answer
            self._answered()
            raise
        except BaseException:
            self._asked -= 1
            raise
        self._answered()
        return answer

    async def close(self) -> None:
        self._rest()
        await self._inner.close()

    def _answered(self) -> None:
        self._asked -= 1
        self._status = 0
        if not self._asked:
            self._rest()
            return
        self._since = self._clock()
        if self._timer is None:
            self._wait(SILENCE)

    def _rest(self) -> None:
        self._since = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._since is None:
            return
        left = self._since + SILENCE - self._clock()
        if left > 0.01:
            self._wait(left)
            return
        what = f"answers with errors only ({self._status})" if self._status >= 300 else "has not answered yet"
        self._tell(f"{self._name} {what}; trying again (Ctrl-C stops).")
