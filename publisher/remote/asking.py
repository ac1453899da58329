"""Asking a service: requests out, answers in with their sense, lists page after page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from publisher.errors import Interrupted, PagemillError, UnknownOutcomeError, UnreachableError
from publisher.remote.adapter import Adapter, read_listing
from publisher.remote.answers import NAMES
from publisher.remote.port import Answer, Request, Transport

T = TypeVar("T")


class Asking:
    """A service behind its adapter. To be closed, or used as a context.

    Its methods raise what `Transport` raises; beyond that, `UnreachableError` when an answer makes no sense, and
    `UnknownOutcomeError` when that was the answer to a write.
    """

    def __init__(self, adapter: Adapter, transport: Transport) -> None:
        self.adapter = adapter
        self._transport = transport

    @property
    def service(self) -> str:
        """ "buildin" or "notion"."""
        return self.adapter.service

    def through(self, wrap: Callable[[Transport], Transport]) -> Self:
        """The same with a transport around its own."""
        self._transport = wrap(self._transport)
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    async def ask(self, request: Request, read: Callable[[Answer], T]) -> T:
        """Send a request and read its answer with a function that raises `ValueError` for one without sense."""
        answer = await self._transport.send(request)
        try:
            return read(answer)
        except ValueError as error:
            raise self._nonsense(request, str(error)) from error

    def _nonsense(self, request: Request, why: str) -> UnreachableError | UnknownOutcomeError:
        message = (
            f"The answer of {NAMES[self.service]} to {request.method} {request.path} makes no sense: {why}."
        )
        if request.nature == "read":
            return UnreachableError(message, "Check the address (--base-url).")
        return UnknownOutcomeError(message, "Run again: the page is read before anything is sent.")

    async def listed(self, ask: Callable[[str], Request]) -> AsyncIterator[Mapping[str, Any]]:
        """All results of a list; `ask` makes the request for a cursor, "" for the beginning."""
        cursor, seen = "", set[str]()
        while True:
            request = ask(cursor)
            listing = await self.ask(request, read_listing)
            for item in listing.results:
                yield item
            if not (cursor := listing.cursor):
                return
            if cursor in seen:
                raise self._nonsense(request, "the list goes in a circle")
            seen.add(cursor)


@contextmanager
def written() -> Iterator[None]:
    """Whatever ends a look at what was written a moment ago: it is written, and must not count as not done."""
    try:
        yield
    except UnknownOutcomeError:
        raise
    except (PagemillError, Interrupted) as error:
        message = (
            getattr(error, "message", "") or "Stopped before it was known what the service has made of it."
        )
        raise UnknownOutcomeError(message, "Run again: the page is read first.") from error
