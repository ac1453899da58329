"""The narrow port: one request in, one answer out. Decorators (retry, throttle, record) have the same shape."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from publisher.errors import PagemillError, UnreachableError

Nature: TypeAlias = Literal["read", "idempotent", "write"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is made while it is sent.

    `chunks` begins it anew for every attempt; its chunks have `length` bytes together. `content_type` "" sends none.
    """

    chunks: Callable[[], AsyncGenerator[bytes, None]]
    length: int
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request as a service's adapter makes it.

    `path` begins with "/" and is relative to the service's address. `nature` decides what may be repeated after an
    unknown outcome: a "read" always; "idempotent" (a deletion, a whole-value update, a create with an
    Idempotency-Key) too; a plain "write" never.

    `stream` takes the place of `body`. With `url` the request goes to that address instead, which is a storage of the
    service and not the service: without the token, outside of the request budget. It may hold a secret and is shown
    nowhere; `path` is then what people see in its place.
    """

    method: str
    path: str
    body: bytes | None = None
    nature: Nature = "read"
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Stream | None = None
    url: str = field(default="", repr=False)

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return self.stream.length if self.stream is not None else len(self.body or b"")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, with a status below 300.

    The names of `headers` are in lower case. A storage's body is not JSON.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class PassingError(PagemillError):
    """Refused or lost for now; another attempt may succeed. Nothing above `Retry` ever sees it.

    `status` is 0 without an answer. `maybe_written`: the service may have done what was asked. `retry_after`: seconds
    to wait, None if the service did not say. `headers`: the answer's, lower case. `verdict`: what it becomes when
    nobody wants to wait any longer. `seconds`: how long this attempt took.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        maybe_written: bool,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
        verdict: type[PagemillError] = UnreachableError,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.maybe_written = maybe_written
        self.retry_after = retry_after
        self.headers = headers or {}
        self.verdict = verdict
        self.seconds = 0.0


class Transport(Protocol):
    """Sends a request.

    Raises:
        TokenError: 401, or 403 for a missing scope or capability.
        RejectedError: any other refusal (4xx), with the service's code, message and request id.
        ConflictError: 409 because somebody else changed the page.
        UnknownOutcomeError: a write that may or may not have happened.
        UnreachableError: no answer, and certainly nothing written.
        PassingError: below `Retry` only, in place of the last two.
        Interrupted: somebody asked to stop, and it was not sent.
    """

    async def send(self, request: Request) -> Answer: ...

    async def close(self) -> None: ...
