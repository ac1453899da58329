"""The pace: a service's request budget, spent as a burst by all concurrent work and never exceeded.

A service counts a request at some moment between our sending it and our having its answer, in windows whose
phase nobody tells. So a place in the budget is taken when a request is sent and given back one window *after its
answer*: then no window of that length, wherever it begins, can hold more requests than the budget. The price is the
latency once per window, 0.6 % of a minute at 350 ms.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from publisher.errors import Interrupted
from publisher.remote.port import Answer, PassingError, Request, Transport
from publisher.remote.stopping import Pauses


@dataclass(frozen=True, slots=True)
class Budget:
    """So many requests in any `seconds`."""

    requests: int
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a service lets us go. `together`: reads and writes spend the budget of writes.

    `in_flight`: requests under way at once (8 use all of 3 requests a second up to 2.6 s latency).
    """

    reads: Budget | None = None
    writes: Budget | None = None
    together: bool = False
    in_flight: int = 8

    def seconds(self, reads: int, writes: int, latency: float = 0.35) -> float:
        """About how long so many requests take, from a fresh budget on."""
        lanes = (
            [(self.writes, reads + writes)] if self.together else [(self.reads, reads), (self.writes, writes)]
        )
        flow = math.ceil((reads + writes) / self.in_flight) * latency
        waits = [(count - 1) // b.requests * (b.seconds + latency) for b, count in lanes if b and count]
        return max([flow, *(wait + latency for wait in waits)])


TICK = 0.001  # seconds: no timer is finer, and a shorter pause could end before the clock has moved
STORAGE_FLIGHTS = 4  # uploads under way at once to a storage, which counts no requests
UNLIMITED = Pace()
PACES: Mapping[str, Pace] = {
    # "Request limits": 180 a minute for each connection (600 on Business and Enterprise), may be spent at once.
    "notion": Pace(writes=Budget(180), together=True),
    # V2 publishes no numbers; those of the V1 guide, until the headers say otherwise.
    "buildin": Pace(reads=Budget(1000), writes=Budget(100)),
}
HERE, AWAY = 0.004, 0.35  # seconds that a request takes: to the embedded workspace, to a service


def expected_seconds(target: str, reads: int, writes: int) -> float:
    """About how long a run with so many requests takes. `target` as in the settings."""
    if target in PACES:
        return PACES[target].seconds(reads, writes, AWAY)
    return UNLIMITED.seconds(reads, writes, HERE)


class Throttle:
    """Lets requests go as the pace allows, first come first served within reads and within writes.

    A 429 or 529 with Retry-After holds everybody until then; X-RateLimit-* headers correct the budget. Once somebody
    asks to stop, none goes any more (`Interrupted`).

    Args:
        clock: monotonic seconds. wall: Unix seconds, for X-RateLimit-Reset. pauses: how it waits.
    """

    def __init__(
        self,
        inner: Transport,
        pace: Pace,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        pauses: Pauses | None = None,
    ) -> None:
        self._inner = inner
        self._clock, self._wall = clock, wall
        self._pauses = pauses or Pauses()
        budgets = [b.requests for b in (pace.reads, pace.writes) if b is not None]
        # Never more than a budget, so that a full window always has an answered request to wait for.
        self._in_flight = min([pace.in_flight, *budgets])
        self._flights = asyncio.Semaphore(self._in_flight)
        self._writes = _Lane(pace.writes)
        self._reads = self._writes if pace.together else _Lane(pace.reads)
        self._held_until = -math.inf
        self._storage = asyncio.Semaphore(STORAGE_FLIGHTS)

    async def send(self, request: Request) -> Answer:
        if request.url:
            async with self._storage:
                if self._pauses.stopped:
                    raise Interrupted
                return await self._inner.send(request)
        lane = self._reads if request.nature == "read" else self._writes
        await self._depart(lane)
        try:
            answer = await self._inner.send(request)
        except PassingError as error:
            self._learn(lane, error.headers)
            if error.retry_after is not None or error.status in (429, 529):
                self._held_until = max(self._held_until, self._clock() + (error.retry_after or 1.0))
            raise
        finally:
            lane.land(self._clock())
            self._flights.release()
        self._learn(lane, answer.headers)
        return answer

    async def close(self) -> None:
        await self._inner.close()

    async def _depart(self, lane: _Lane) -> None:
        async with lane.turn:
            while True:
                await self._flights.acquire()
                now = self._clock()
                delay = max(self._held_until - now, lane.delay(now))
                if delay <= 0 and not self._pauses.stopped:
                    lane.flying += 1
                    return
                self._flights.release()  # the other lane may have budget
                await self._pauses.wait(max(delay, TICK))

    def _learn(self, lane: _Lane, headers: Mapping[str, str]) -> None:
        """Take over what the service says about its window. Wrong clocks cannot hold us for more than a window."""
        limit, left = _number(headers, "x-ratelimit-limit"), _number(headers, "x-ratelimit-remaining")
        reset = _number(headers, "x-ratelimit-reset")
        if lane.budget is None or limit is None or reset is None:
            return
        window = lane.budget.seconds
        until = min(max(reset - self._wall() if reset > 1e9 else reset, 0.0), window)
        if limit >= self._in_flight:
            lane.budget = Budget(int(limit), window)
        if left is not None and left <= 0:
            lane.held_until = self._clock() + until


class _Lane:
    """One budget and the requests that stand in its window."""

    def __init__(self, budget: Budget | None) -> None:
        self.budget = budget
        self.turn = asyncio.Lock()
        self.flying = 0
        self.held_until = -math.inf
        self._landed: deque[float] = deque()

    def delay(self, now: float) -> float:
        """Seconds until one more request fits."""
        held = self.held_until - now
        if self.budget is None:
            return held
        while self._landed and self._landed[0] + self.budget.seconds <= now:
            self._landed.popleft()
        excess = self.flying + len(self._landed) - self.budget.requests
        if excess < 0:
            return held
        # `excess + 1` places must come free; there are that many, since a budget is never below the flights
        return max(held, self._landed[excess] + self.budget.seconds - now)

    def land(self, now: float) -> None:
        self.flying -= 1
        if self.budget is not None:
            self._landed.append(now)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(headers[name])
    except (KeyError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
