"""Counts what really goes out, attempt by attempt, and tells whoever listens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from publisher.errors import PagemillError, RejectedError
from publisher.remote.port import Answer, Nature, PassingError, Request, Transport

_LOG = logging.getLogger("pagemill.remote")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt. `status` is 0 when there was no answer or its status is in `error`; `sent` counts body bytes.

    `storage`: it went to a storage of the service and counts neither as read nor as write.
    """

    method: str
    path: str
    nature: Nature
    status: int
    error: str
    seconds: float
    sent: int
    storage: bool = False


@dataclass(slots=True)
class Counts:
    """What has gone out so far. Searches and queries are reads, whatever their method. `refused`: 429 and 529.

    `stored` are requests to a storage of the service, which no request budget is spent on.
    """

    reads: int = 0
    writes: int = 0
    stored: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def requests(self) -> int:
        return self.reads + self.writes


class Record:
    """Counts every attempt before it is sent, and reports it afterwards to `on_request` and to the log.

    Neither ever holds a header or a body: the token and the text of pages stay out of logs.
    """

    def __init__(
        self,
        inner: Transport,
        *,
        on_request: Callable[[Exchange], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts = Counts()
        self._inner = inner
        self._on_request = on_request
        self._clock = clock

    async def send(self, request: Request) -> Answer:
        begun = self._clock()
        if request.url:
            self.counts.stored += 1
        elif request.nature == "read":
            self.counts.reads += 1
        else:
            self.counts.writes += 1
        status, problem = 0, "cancelled"
        try:
            answer = await self._inner.send(request)
            status, problem = answer.status, ""
        except PagemillError as error:
            status, problem = _status(error), type(error).__name__
            self.counts.refused += status in (429, 529)
            self.counts.failed += 1
            if isinstance(error, PassingError):
                error.seconds = self._clock() - begun
            raise
        finally:
            self._tell(request, status, problem, self._clock() - begun)
        return answer

    async def close(self) -> None:
        await self._inner.close()

    def _tell(self, request: Request, status: int, problem: str, seconds: float) -> None:
        _LOG.debug(
            "%s %s %s %s %.3f s", request.method, request.path, status or "-", problem or "ok", seconds
        )
        if self._on_request is not None:
            about = (request.method, request.path, request.nature)
            self._on_request(
                Exchange(*about, status, problem, seconds, request.size, storage=bool(request.url))
            )


def _status(error: PagemillError) -> int:
    return error.status if isinstance(error, RejectedError | PassingError) else 0
