"""A silent service: a person is told once, after ten seconds, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from virtual_time import now, run

from publisher.emulator.app import create_app
from publisher.emulator.faults import parse
from publisher.errors import PagemillError, RejectedError
from publisher.remote.connect import connect
from publisher.remote.port import Answer, PassingError, Request, Stream
from publisher.remote.silence import Silence

READ = Request("GET", "/r")
DONE = Answer(200, {}, b"{}")


class Service:
    """Each request takes some seconds and ends in an answer or an error."""

    def __init__(self, *answers: tuple[float, Answer | PagemillError]) -> None:
        self.answers = list(answers)

    async def send(self, request: Request) -> Answer:
        seconds, answer = self.answers.pop(0)
        await asyncio.sleep(seconds)
        if isinstance(answer, PagemillError):
            raise answer
        return answer

    async def close(self) -> None: ...


def error(status: int) -> PassingError:
    return PassingError("no", status=status, maybe_written=False)


def told(service: Service, pauses: Sequence[float], request: Request = READ) -> list[tuple[float, str]]:
    """What is told when, if requests follow each other after these pauses."""
    lines: list[tuple[float, str]] = []

    def tell(line: str) -> None:
        lines.append((now(), line))

    async def main() -> None:
        silence = Silence(service, "Notion", tell, clock=now)
        for pause in pauses:
            await asyncio.sleep(pause)
            with suppress(PagemillError):
                await silence.send(request)
        await silence.close()

    run(main())
    return lines


def test_told_once_while_nothing_comes():
    lines = told(Service((60, error(0)), (60, error(0)), (1, DONE)), [0, 5, 5])
    assert lines == [(10, "Notion has not answered yet; trying again (Ctrl-C stops).")]


def test_told_again_for_another_silence():
    lines = told(Service((15, DONE), (9, DONE), (15, DONE)), [0, 60, 60])
    assert [at for at, _ in lines] == [10, 60 + 15 + 60 + 9 + 10]


def test_told_in_the_pauses_between_refusals():
    lines = told(Service((0, error(429)), (0, error(429)), (0, DONE)), [0, 30, 30])
    assert lines == [(10, "Notion answers with errors only (429); trying again (Ctrl-C stops).")]


@pytest.mark.parametrize("answer", [DONE, RejectedError("no", status=404, code="x")])
def test_an_answer_breaks_the_silence(answer):
    assert told(Service(*[(6, answer)] * 5), [0] * 5) == []


def test_one_request_of_many_that_is_answered_breaks_it():
    async def main() -> list[str]:
        lines: list[str] = []
        silence = Silence(Service((18, DONE), (9, DONE)), "Notion", lines.append, clock=now)
        await asyncio.gather(silence.send(READ), silence.send(READ))
        return lines

    assert run(main()) == []


def test_nobody_is_told_of_uploads_and_of_idle_times():
    async def nothing():
        yield b""

    assert told(Service((100, DONE)), [0], Request("PUT", "/f", stream=Stream(nothing, 1))) == []
    assert told(Service((1, DONE), (1, DONE)), [0, 100]) == []


@pytest.mark.parametrize(("service", "name"), [("notion", "Notion"), ("buildin", "Buildin")])
def test_a_connection_tells_who_is_silent(service: str, name: str) -> None:
    app = create_app(None, faults=parse("delay:20@1+"))

    async def main() -> list[str]:
        lines: list[str] = []
        async with connect(service, "", "token", app=app, tell=lines.append, clock=now) as workspace:
            await workspace.me()
        return lines

    assert run(main()) == [f"{name} has not answered yet; trying again (Ctrl-C stops)."]
