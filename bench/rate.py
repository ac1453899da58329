"""How much of a service's request budget is used while there is work, in simulated time: `python bench/rate.py`

A service counts requests in fixed windows whose phase we do not know, refuses what exceeds them, and answers after
350 ms on average. One line per service and spread of the latency: requests sent, refused, and the share of the budget
used in whole windows. Fails below 97 %, and on a single refusal.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))  # where simulated time is

from virtual_time import now, run

from publisher.remote.port import Answer, PassingError, Request
from publisher.remote.throttle import PACES, Budget, Throttle

LATENCY = 0.35
MINUTES = 60
WRITE = Request("PATCH", "/", b"{}", "write")


class Service:
    """Counts each request at a random moment between its sending and its answer."""

    def __init__(self, budget: Budget, spread: float, chance: random.Random) -> None:
        self.budget, self.spread, self.chance = budget, spread, chance
        self.phase = chance.random() * budget.seconds
        self.windows: Counter[int] = Counter()
        self.refused = 0

    async def send(self, request: Request) -> Answer:
        latency = LATENCY * (1 + self.spread * (2 * self.chance.random() - 1))
        before = latency * self.chance.random()
        await asyncio.sleep(before)
        window = int((now() + self.phase) // self.budget.seconds)
        full = self.windows[window] >= self.budget.requests
        self.windows[window] += not full
        await asyncio.sleep(latency - before)
        if full:
            self.refused += 1
            raise PassingError("too fast", status=429, maybe_written=False, retry_after=self.budget.seconds)
        return Answer(200, {}, b"{}")

    async def close(self) -> None:
        """Nothing is open."""


def measure(name: str, spread: float, seed: int) -> bool:
    pace = PACES[name]
    budget = pace.writes
    assert budget is not None
    service = Service(budget, spread, random.Random(seed))

    async def main() -> float:
        throttle = Throttle(service, pace, clock=now)
        await asyncio.gather(*(throttle.send(WRITE) for _ in range(budget.requests * MINUTES)))
        return now()

    run(main())
    whole = sorted(service.windows)[1:-1]  # the first and the last one are cut
    used = sum(service.windows[window] for window in whole) / (budget.requests * len(whole))
    sent = sum(service.windows.values())
    print(
        f"{name:8} {budget.requests} per {budget.seconds:.0f} s, latency {LATENCY * 1000:.0f} ms ± {spread:.0%}: "
        f"{sent} sent, {service.refused} refused, {used:.2%} of the budget used"
    )
    return service.refused == 0 and used >= 0.97


def main() -> int:
    results = [
        measure(name, spread, seed) for name in PACES for seed, spread in enumerate((0.0, 0.5, 0.9), start=1)
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
