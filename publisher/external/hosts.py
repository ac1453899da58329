"""Who may be asked, and how fast: no host more than a browser would ask of it, none that says or shows it is down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from converters.dialects.web import is_web
from publisher.remote.throttle import TICK
from publisher.remote.web import is_private

IN_ALL = 16  # requests under way at once
PER_HOST = 2
PAUSE = 0.2  # seconds from one request to a host to the next
PATIENCE = 30.0  # seconds that a host may ask us to wait
STRIKES = 3  # addresses in a row without an answer, after which a host is left alone

_NEAR = ("localhost", "local", "internal", "home.arpa", "lan", "onion")
_EXAMPLES = ("test", "example", "invalid", "example.com", "example.net", "example.org")  # RFC 2606


def is_askable(url: str, ignored: Sequence[str] = ()) -> bool:
    """Whether an address is on the open web, as far as it says itself, and is neither an example nor ignored.

    `ignored` are patterns in which `*` stands for anything, such as `https://wiki.acme.org/*`.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    near = is_private(host) or not ("." in host or ":" in host)
    named = any(host == name or host.endswith(f".{name}") for name in (*_NEAR, *_EXAMPLES))
    return is_web(url) and not near and not named and not any(fnmatchcase(url, item) for item in ignored)


class LeftAlone(Exception):
    """A host is not asked any more in this run; the text says why."""


@dataclass(slots=True)
class _Host:
    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PER_HOST))
    turn: float = 0.0  # when it may be asked next
    strikes: int = 0
    closed: str = ""


class Hosts:
    """The turns of all requests. Times are those of the event loop's clock.

    Args:
        sleep: waits so many seconds.
    """

    def __init__(
        self, clock: Callable[[], float], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._all = asyncio.Semaphore(IN_ALL)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait until the address's host may be asked.

        Raises:
            LeftAlone: it may not be asked any more.
        """
        host = self._of(url)
        async with host.free:
            while not host.closed and (wait := host.turn - self._clock()) > 0:
                await self._sleep(max(wait, TICK))
            if host.closed:
                raise LeftAlone(host.closed)
            host.turn = self._clock() + PAUSE
            async with self._all:
                yield

    def hold(self, url: str, seconds: float) -> None:
        """A host asks for a pause; of one that is longer than anybody would wait it is not asked again."""
        host = self._of(url)
        if seconds > PATIENCE:
            host.closed = f"asks to wait {seconds:.0f} s"
        host.turn = max(host.turn, self._clock() + seconds)

    def is_closed(self, url: str) -> bool:
        return bool(self._of(url).closed)

    def answered(self, url: str) -> None:
        self._of(url).strikes = 0

    def silent(self, url: str) -> None:
        """An address got no answer, or no other than to come later."""
        host = self._of(url)
        host.strikes += 1
        if host.strikes >= STRIKES:
            host.closed = host.closed or f"gave no answer to {host.strikes} others"

    def _of(self, url: str) -> _Host:
        return self._hosts.setdefault(urlsplit(url).hostname or "", _Host())
