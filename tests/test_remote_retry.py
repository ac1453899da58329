"""Retries by permanence: repeated when nothing can be written twice, given up with the story."""

from __future__ import annotations

import asyncio

import pytest
from virtual_time import now, run

from publisher.errors import (
    ConflictError,
    Interrupted,
    PagemillError,
    RejectedError,
    TokenError,
    UnknownOutcomeError,
    UnreachableError,
)
from publisher.remote.port import Answer, PassingError, Request, Stream
from publisher.remote.record import Record
from publisher.remote.retry import Patience, Retry
from publisher.remote.stopping import Pauses

READ = Request("GET", "/r")
IDEMPOTENT = Request("DELETE", "/d", None, "idempotent")
WRITE = Request("PATCH", "/w", b"{}", "write")
DONE = Answer(200, {}, b"{}")
EVERY = [READ, IDEMPOTENT, WRITE]


def refused(after: float | None = None) -> PassingError:
    return PassingError("too fast", status=429, maybe_written=False, retry_after=after)


def broken(status: int = 500) -> PassingError:
    return PassingError("broken", status=status, maybe_written=True)


def lost() -> PassingError:
    return PassingError("connection reset", maybe_written=True)


def absent() -> PassingError:
    return PassingError("connection refused", maybe_written=False, hint="Check the network.")


class Script:
    """Gives its answers one after the other, the last one for ever."""

    def __init__(self, *answers: Answer | PagemillError) -> None:
        self.answers = list(answers)
        self.sent: list[float] = []
        self.closed = False

    async def send(self, request: Request) -> Answer:
        self.sent.append(now())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, PagemillError):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


def send(script: Script, request: Request, patience: Patience | None = None) -> Answer:
    return run(Retry(script, patience=patience).send(request))


@pytest.mark.parametrize("request_", EVERY)
@pytest.mark.parametrize("error", [refused(), refused(4.0), absent()])
def test_repeated_whatever_it_is_when_nothing_was_done(request_, error):
    script = Script(error, DONE)
    assert send(script, request_) == DONE
    assert len(script.sent) == 2


@pytest.mark.parametrize("request_", [READ, IDEMPOTENT])
@pytest.mark.parametrize("error", [broken(), broken(504), lost()])
def test_repeated_when_repeating_does_no_harm(request_, error):
    script = Script(error, error, DONE)
    assert send(script, request_) == DONE
    assert len(script.sent) == 3


@pytest.mark.parametrize("error", [broken(), broken(503), lost()])
def test_a_plain_write_is_never_repeated_blindly(error):
    script = Script(error, DONE)
    with pytest.raises(UnknownOutcomeError, match=r"broken|reset"):
        send(script, WRITE)
    assert len(script.sent) == 1


@pytest.mark.parametrize("request_", EVERY)
@pytest.mark.parametrize(
    "error",
    [
        RejectedError("no", status=400, code="validation_error"),
        TokenError("no"),
        ConflictError("no"),
        UnreachableError("no"),
    ],
)
def test_a_refusal_for_good_is_final(request_, error):
    script = Script(error, DONE)
    with pytest.raises(type(error)):
        send(script, request_)
    assert len(script.sent) == 1


def test_waits_as_long_as_the_service_says_and_little_more():
    script = Script(refused(40.0), refused(2.0), DONE)
    send(script, WRITE)
    assert 40.0 <= script.sent[1] <= 41.0
    assert 42.0 <= script.sent[2] <= 44.0


def test_backs_off_further_each_time():
    script = Script(*[broken()] * 6, DONE)
    send(script, READ)
    pauses = [b - a for a, b in zip(script.sent, script.sent[1:], strict=False)]
    assert all(0.5 * 2**n <= pause <= 0.5 * 2**n + 1 for n, pause in enumerate(pauses))


def test_concurrent_requests_do_not_come_back_together():
    script = Script(*[broken()] * 20, DONE)

    async def main() -> None:
        retry = Retry(script)
        await asyncio.gather(*(retry.send(READ) for _ in range(20)))

    run(main())
    assert len({round(at, 3) for at in script.sent[20:]}) > 10


def test_an_address_that_never_answered_is_given_up_soon():
    script = Script(absent())
    with pytest.raises(UnreachableError, match="connection refused\nTried") as caught:
        send(script, READ)
    assert script.sent[-1] <= 5
    assert len(script.sent) >= 3
    assert caught.value.hint == "Check the network."


def test_an_address_that_has_answered_is_given_time():
    async def main() -> float:
        script.answers = [DONE]
        retry = Retry(script)
        await retry.send(READ)
        script.answers = [absent()]
        with pytest.raises(UnreachableError):
            await retry.send(WRITE)
        return now()

    script = Script(DONE)
    assert 120 < run(main()) <= 180


def test_patience_ends_within_its_limits():
    with pytest.raises(UnreachableError, match="Tried"):
        send(Script(broken()), READ)
    script = Script(refused(60.0))
    with pytest.raises(UnreachableError, match="asks to wait 60 s"):
        send(script, WRITE)
    assert 800 < script.sent[-1] <= 900


def test_a_wait_beyond_all_patience_is_not_begun():
    script = Script(refused(3600.0))
    with pytest.raises(UnreachableError, match="asks to wait 3600 s"):
        send(script, WRITE)
    assert script.sent == [0.0]


def test_a_perhaps_done_write_ends_as_unknown_even_if_the_service_is_gone_now():
    with pytest.raises(UnknownOutcomeError):
        send(Script(lost(), absent()), IDEMPOTENT)
    with pytest.raises(UnknownOutcomeError):
        send(Script(absent(), lost()), WRITE)
    with pytest.raises(UnreachableError):
        send(Script(lost(), absent()), READ)


def test_a_conflict_after_a_lost_answer_may_be_with_ourselves():
    with pytest.raises(UnknownOutcomeError):
        send(Script(lost(), ConflictError("changed")), IDEMPOTENT)
    with pytest.raises(ConflictError):
        send(Script(refused(), ConflictError("changed")), IDEMPOTENT)


def test_a_collision_that_does_not_end_is_a_conflict():
    collision = PassingError("collision", status=409, maybe_written=False, verdict=ConflictError)
    with pytest.raises(ConflictError):
        send(Script(collision), WRITE, Patience(refused=10))
    assert send(Script(collision, DONE), WRITE) == DONE


class Slow(Script):
    """Every answer takes so many seconds."""

    def __init__(self, seconds: float, *answers: Answer | PagemillError) -> None:
        super().__init__(*answers)
        self.seconds = seconds

    async def send(self, request: Request) -> Answer:
        self.sent.append(now())
        await asyncio.sleep(self.seconds)
        return await super().send(request)


def given_up_after(script: Script, request: Request = READ) -> float:
    async def main() -> float:
        with pytest.raises(PagemillError):
            await Retry(Record(script, clock=now)).send(request)
        return now()

    return run(main())


def test_waiting_for_an_answer_counts_as_much_as_pausing():
    assert 180 < given_up_after(Slow(60.0, lost())) <= 190  # three attempts of a minute each
    assert given_up_after(Slow(10.0, absent())) == 10
    assert 100 < given_up_after(Slow(30.0, broken())) <= 210


def test_an_upload_that_takes_long_has_more_than_one_try():
    async def nothing():
        yield b""

    script = Slow(200.0, lost())
    upload = Request("PUT", "/f", None, "idempotent", stream=Stream(nothing, 1))
    assert 600 < given_up_after(script, upload) < 620


def test_what_answers_in_place_of_the_service_is_given_up_soon():
    """The sign-in page of a network answers everything with 200."""
    portal = PassingError("not JSON", status=200, maybe_written=True)
    assert given_up_after(Script(portal)) <= 5


def test_a_refusal_that_does_not_say_when_is_not_waited_for_as_long_as_one_that_does():
    assert 120 < given_up_after(Script(refused())) <= 180
    script = Script(refused(0.0))
    assert 120 < given_up_after(script) <= 180
    assert len(script.sent) < 15  # pauses grow


@pytest.mark.parametrize(
    ("request_", "error", "kind"),
    [
        (WRITE, refused(600.0), Interrupted),
        (READ, lost(), Interrupted),
        (IDEMPOTENT, lost(), UnknownOutcomeError),
    ],
)
def test_a_pause_ends_when_somebody_asks_to_stop(request_, error, kind):
    script, pauses = Script(*[error] * 6, DONE), Pauses()

    def stop() -> None:
        pauses.stopping.requested = True

    async def main() -> float:
        asyncio.get_running_loop().call_later(4.0, stop)
        with pytest.raises(kind):
            await Retry(script, sleep=pauses.wait).send(request_)
        return now()

    assert run(main()) == 4.0


def test_closes_what_it_wraps():
    script = Script(DONE)
    run(Retry(script).close())
    assert script.closed
