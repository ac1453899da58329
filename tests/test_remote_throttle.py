"""The pace: budgets are spent to the full, never exceeded, and 429 holds everybody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual_time import now, run

from publisher.errors import Interrupted
from publisher.remote.port import Answer, PassingError, Request
from publisher.remote.stopping import Pauses, finishing
from publisher.remote.throttle import PACES, UNLIMITED, Budget, Pace, Throttle

READ = Request("GET", "/read")
WRITE = Request("PATCH", "/write", b"{}", "write")


@dataclass
class Service:
    """Answers after `latency(n)` seconds and counts each request at a random moment before that."""

    latency: Sequence[float] = (0.35,)
    answers: dict[int, Answer | PassingError] = field(default_factory=dict)
    seed: int = 0
    counted: list[tuple[float, str]] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    async def send(self, request: Request) -> Answer:
        number = len(self.sent)
        self.sent.append(now())
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        latency = self.latency[number % len(self.latency)]
        before = latency * random.Random(self.seed * 100_003 + number).random()
        try:
            await asyncio.sleep(before)
            self.counted.append((now(), request.nature))
            await asyncio.sleep(latency - before)
        finally:
            self.busy -= 1
        answer = self.answers.get(number, Answer(200, {}, b"{}"))
        if isinstance(answer, PassingError):
            raise answer
        return answer

    async def close(self) -> None:
        pass

    def times(self, nature: str = "") -> list[float]:
        return sorted(at for at, kind in self.counted if nature in ("", kind))


def throttled(service: Service, pace: Pace) -> Throttle:
    return Throttle(service, pace, clock=now, wall=lambda: 1_800_000_000 + now())


def busiest_window(times: Sequence[float], seconds: float) -> int:
    """The most requests in any half-open window of this length."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


async def all_of(throttle: Throttle, requests: Sequence[Request]) -> None:
    await asyncio.gather(*(throttle.send(request) for request in requests), return_exceptions=True)


budgets = st.builds(Budget, st.integers(1, 12), st.sampled_from([0.5, 1.0, 10.0]))


@given(
    budget=budgets,
    flights=st.integers(1, 16),
    latency=st.lists(st.floats(0.001, 30.0), min_size=1, max_size=6),
    natures=st.lists(st.booleans(), min_size=1, max_size=60),
    seed=st.integers(0, 1000),
)
@settings(max_examples=150, deadline=None)
def test_no_window_ever_holds_more_than_the_budget(budget, flights, latency, natures, seed):
    service = Service(latency, seed=seed)
    throttle = throttled(service, Pace(writes=budget, together=True, in_flight=flights))
    run(all_of(throttle, [READ if read else WRITE for read in natures]))
    assert len(service.counted) == len(natures)
    assert busiest_window(service.times(), budget.seconds) <= budget.requests
    assert service.busiest <= flights


@given(
    reads=budgets,
    writes=budgets,
    natures=st.lists(st.booleans(), min_size=1, max_size=60),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_reads_and_writes_have_budgets_of_their_own(reads, writes, natures, seed):
    service = Service((0.2, 1.5), seed=seed)
    throttle = throttled(service, Pace(reads, writes))
    run(all_of(throttle, [READ if read else WRITE for read in natures]))
    assert busiest_window(service.times("read"), reads.seconds) <= reads.requests
    assert busiest_window(service.times("write"), writes.seconds) <= writes.requests


@pytest.mark.parametrize("latency", [(0.35,), (0.2, 0.3, 0.6, 0.35)])
def test_uses_the_budget_while_there_is_work(latency):
    service = Service(latency)
    throttle = throttled(service, PACES["notion"])
    run(all_of(throttle, [WRITE, READ] * 1350))  # 15 windows' worth
    times = service.times()
    assert busiest_window(times, 60.0) <= 180
    whole_windows = int(times[-1] // 60)
    within = sum(at < whole_windows * 60 for at in times)
    assert whole_windows >= 14
    assert within / (180 * whole_windows) >= 0.97


def test_the_budget_may_be_spent_at_once():
    service = Service((0.35,))
    run(all_of(throttled(service, PACES["notion"]), [WRITE] * 180))
    assert service.times()[-1] < 180 / 8 * 0.35 + 1


def test_unlimited_is_bounded_by_flights_only():
    service = Service((1.0,))
    run(all_of(throttled(service, UNLIMITED), [WRITE] * 80))
    assert service.busiest == 8
    assert service.times()[-1] <= 10.0


def test_reads_go_on_while_writes_wait_for_their_budget():
    service = Service((0.1,))
    pace = Pace(reads=Budget(100), writes=Budget(10))
    run(all_of(throttled(service, pace), [WRITE] * 30 + [READ] * 50))
    assert service.times("read")[-1] < 10
    assert service.times("write")[-1] > 120


def test_a_refusal_holds_everybody_until_retry_after():
    refusal = PassingError("later", status=429, maybe_written=False, retry_after=20.0)
    service = Service((0.5,), {3: refusal})
    run(all_of(throttled(service, UNLIMITED), [WRITE, READ] * 30))
    assert not [at for at in service.sent if 0.5 < at < 20.5]


def test_a_refusal_without_retry_after_holds_for_a_second():
    service = Service((0.5,), {0: PassingError("later", status=529, maybe_written=False)})
    run(all_of(throttled(service, Pace(in_flight=1)), [WRITE] * 2))
    assert service.sent == [0.0, 1.5]


def test_an_outage_holds_nobody():
    service = Service((0.5,), {0: PassingError("broken", status=500, maybe_written=True)})
    run(all_of(throttled(service, Pace(in_flight=1)), [WRITE] * 2))
    assert service.sent == [0.0, 0.5]


def limits(limit: str, remaining: str, reset: str) -> dict[str, str]:
    return {"x-ratelimit-limit": limit, "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}


def test_learns_a_wider_budget_from_the_headers():
    service = Service((0.1,), {0: Answer(200, limits("300", "299", "1800000060"), b"{}")})
    run(all_of(throttled(service, PACES["buildin"]), [WRITE] * 300))
    assert service.times()[-1] < 60


def test_learns_a_narrower_budget_from_a_refusal():
    refusal = PassingError(
        "later", status=429, maybe_written=False, retry_after=30.0, headers=limits("20", "0", "1800000030")
    )
    service = Service((0.1,), {0: refusal})
    run(all_of(throttled(service, PACES["buildin"]), [WRITE] * 50))
    assert busiest_window(service.times(), 60.0) <= 20


def test_an_empty_window_is_waited_for():
    service = Service((0.1,), {0: Answer(200, limits("100", "0", "1800000040"), b"{}")})
    run(all_of(throttled(service, Pace(writes=Budget(100), in_flight=1)), [WRITE] * 2))
    assert service.sent[1] == pytest.approx(40.0)


@pytest.mark.parametrize(
    "headers",
    [
        limits("a lot", "0", "1800000040"),
        limits("nan", "0", "1"),
        limits("-5", "0", "1"),
        limits("1", "5", "10"),
        {"x-ratelimit-limit": "300"},
    ],
)
def test_headers_that_make_no_sense_change_nothing(headers):
    service = Service((0.1,), {0: Answer(200, headers, b"{}")})
    run(all_of(throttled(service, PACES["buildin"]), [WRITE] * 100))
    assert service.times()[-1] < 10


def test_a_wrong_clock_holds_for_one_window_at_most():
    service = Service((0.1,), {0: Answer(200, limits("100", "0", "1900000000"), b"{}")})
    run(all_of(throttled(service, Pace(writes=Budget(100), in_flight=1)), [WRITE] * 2))
    assert service.sent[1] <= 61


def test_cancelled_work_gives_its_places_back():
    async def main() -> None:
        throttle = throttled(service, Pace(writes=Budget(2, 10.0), in_flight=2))
        tasks = [asyncio.create_task(throttle.send(WRITE)) for _ in range(6)]
        await asyncio.sleep(0.5)  # two under way, four waiting
        for task in tasks[1:5]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await throttle.send(WRITE)

    service = Service((1.0,))
    run(main())
    assert service.sent[:2] == [0.0, 0.0]
    assert len(service.sent) == 4
    assert service.sent[-1] <= 21.0


def test_estimates_the_time_of_a_publish():
    assert PACES["notion"].seconds(0, 0) == 0
    assert PACES["notion"].seconds(0, 180) < 10
    assert 60 < PACES["notion"].seconds(100, 100) < 62
    assert PACES["buildin"].seconds(800, 100) < 60
    assert UNLIMITED.seconds(0, 80, latency=1.0) == 10


def test_nothing_departs_once_somebody_asks_to_stop():
    service, pauses = Service((2.0,)), Pauses()
    throttle = Throttle(service, Pace(writes=Budget(3)), clock=now, pauses=pauses)
    ended: list[float] = []

    async def one() -> None:
        try:
            await throttle.send(WRITE)
        finally:
            ended.append(now())

    def stop() -> None:
        pauses.stopping.requested = True

    async def main() -> list[BaseException | None]:
        asyncio.get_running_loop().call_later(1.0, stop)
        return await asyncio.gather(*(one() for _ in range(6)), return_exceptions=True)

    results = run(main())
    assert len(service.sent) == 3  # those under way are finished
    assert [type(result) for result in results] == [type(None)] * 3 + [Interrupted] * 3
    assert max(ended) == 2.0


def test_what_must_not_be_left_half_done_departs_all_the_same():
    service, pauses = Service((1.0,)), Pauses()
    throttle = Throttle(service, Pace(writes=Budget(1)), clock=now, pauses=pauses)

    async def main() -> float:
        with finishing():
            await throttle.send(WRITE)
            pauses.stopping.requested = True
            await throttle.send(WRITE)
        with pytest.raises(Interrupted):
            await throttle.send(WRITE)
        return now()

    assert run(main()) == pytest.approx(62, abs=0.01)
