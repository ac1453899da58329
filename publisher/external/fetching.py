"""One picture fetched: followed where it leads, and not again if it is as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urljoin

from converters.dialects.urls import canonical_url
from publisher.external.asking import BACKOFF, LEADS, REDIRECTS, RETRIES
from publisher.external.hosts import Hosts, LeftAlone, is_askable
from publisher.remote.web import Heard, Unheard, Web


class NotFetched(Exception):
    """There is no such picture to be had; the text says why, as the rest of a sentence about it."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a server said of the bytes that it sent, so that it can be asked whether they are still the same."""

    etag: str = ""
    modified: str = ""

    def headers(self) -> dict[str, str]:
        asked = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in asked.items() if value} | {"accept-encoding": "identity"}


class Fetcher:
    """Fetches one picture after another, at the pace of `hosts`.

    Args:
        limit: bytes that one may have.
    """

    def __init__(self, web: Web, hosts: Hosts, limit: int) -> None:
        self._web, self._hosts, self._limit = web, hosts, limit

    async def fetch(self, url: str, known: Version, into: BinaryIO) -> Version | None:
        """Write what stands behind an address into a file that is open and empty.

        Returns: The version that was written; None if it is the known one, and nothing was written.

        Raises:
            NotFetched: it cannot be had.
        """
        here = url
        for _ in range(REDIRECTS + 1):
            heard = await self._patiently(here, known, into)
            if heard.status == 304:
                return None
            if heard.status == 200:
                return Version(heard.etag, heard.modified)
            if heard.status not in LEADS or not heard.location:
                raise NotFetched(f"answers {heard.status}")
            to = canonical_url(urljoin(here, heard.location))
            if to is None or not is_askable(to):
                raise NotFetched("leads off the open web")
            here = to
        raise NotFetched(f"leads on and on, {REDIRECTS} times")

    async def _patiently(self, url: str, known: Version, into: BinaryIO) -> Heard:
        """One answer; what may pass is asked for again."""
        for tries in range(RETRIES + 1):
            why = "is not on the open web"
            try:
                into.seek(0)
                into.truncate()
                async with self._hosts.turn(url):
                    heard = await self._web.fetch(url, known.headers(), _limited(into, self._limit))
                if heard.status != 429 and (heard.status < 500 or heard.status == 501):
                    self._hosts.answered(url)
                    return heard
                why, wait = f"answers {heard.status}", heard.retry_after
            except Unheard as error:
                why, wait = error.why or why, None
                if error.cause != "lost":
                    self._hosts.silent(url)
                    break
            except LeftAlone as error:
                raise NotFetched(f"was not asked for: its host {error}") from error
            self._hosts.hold(url, BACKOFF * 2**tries if wait is None else wait)
        raise NotFetched(why)


def _limited(into: BinaryIO, limit: int) -> Callable[[bytes], None]:
    def write(piece: bytes) -> None:
        if into.tell() + len(piece) > limit:
            raise NotFetched(f"has more than {limit / (1 << 20):.0f} MiB")
        into.write(piece)

    return write
