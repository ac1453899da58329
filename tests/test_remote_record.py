"""What is counted and what is told."""

from __future__ import annotations

import asyncio
import logging

import pytest
from virtual_time import now, run

from publisher.errors import RejectedError, TokenError
from publisher.remote.port import Answer, PassingError, Request
from publisher.remote.record import Counts, Exchange, Record


class Inner:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def send(self, request: Request) -> Answer:
        await asyncio.sleep(0.25)
        if self.error is not None:
            raise self.error
        return Answer(200, {"etag": "private"}, b'{"secret":1}')

    async def close(self) -> None:
        pass


def test_counts_by_nature_not_by_method():
    seen: list[Exchange] = []

    async def main() -> Counts:
        record = Record(Inner(), on_request=seen.append, clock=now)
        await record.send(Request("POST", "/v1/search", b"{}", "read"))
        await record.send(Request("PATCH", "/v1/pages/x", b'{"a":1}', "idempotent"))
        await record.send(Request("POST", "/v1/pages", b"{}", "write"))
        return record.counts

    counts = run(main())
    assert (counts.reads, counts.writes, counts.requests, counts.failed) == (1, 2, 3, 0)
    assert seen[1] == Exchange("PATCH", "/v1/pages/x", "idempotent", 200, "", 0.25, 7)


@pytest.mark.parametrize(
    ("error", "status", "refused"),
    [
        (PassingError("slow", status=429, maybe_written=False), 429, 1),
        (PassingError("gone", maybe_written=True), 0, 0),
        (RejectedError("no", status=404, code="x"), 404, 0),
        (TokenError("no"), 0, 0),
    ],
)
def test_failures_are_counted_and_told(error, status, refused):
    seen: list[Exchange] = []

    async def main() -> Counts:
        record = Record(Inner(error), on_request=seen.append, clock=now)
        with pytest.raises(type(error)):
            await record.send(Request("GET", "/x"))
        return record.counts

    counts = run(main())
    assert (counts.failed, counts.refused, counts.reads) == (1, refused, 1)
    assert (seen[0].status, seen[0].error) == (status, type(error).__name__)


def test_a_cancelled_attempt_is_told_as_well():
    seen: list[Exchange] = []

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await Record(Inner(), on_request=seen.append, clock=now).send(Request("GET", "/x"))

    run(main())
    assert [exchange.error for exchange in seen] == ["cancelled"]


def test_the_log_holds_neither_headers_nor_bodies(caplog):
    caplog.set_level(logging.DEBUG)
    request = Request("PATCH", "/x", b'{"text":"private"}', "write", {"if-match": "private"})
    run(Record(Inner(), clock=now).send(request))
    assert "PATCH /x 200 ok" in caplog.text
    assert "private" not in caplog.text
    assert "secret" not in caplog.text
