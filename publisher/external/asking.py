"""One address: asked, followed where it leads, and judged."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from converters.dialects.urls import canonical_url
from publisher.external.hosts import Hosts, LeftAlone, is_askable
from publisher.external.verdict import ALIVE, Verdict, bare, of_silence, of_status, shown
from publisher.remote.web import Heard, Method, Unheard, Web

REDIRECTS = 10
RETRIES = 2
BACKOFF = 1.0  # seconds before the first retry, twice as many before the next, if the host does not say
LEADS = {301, 302, 303, 307, 308}
_FOR_GOOD = {301, 308}


class Asker:
    """Gives the verdict on one address after another; `heard` says whether any host has answered yet."""

    def __init__(self, web: Web, hosts: Hosts) -> None:
        self._web = web
        self._hosts = hosts
        self.heard = False

    async def verdict(self, url: str) -> Verdict:
        """What stands behind an address, without its `#part`."""
        here, moved, for_good = url, "", True
        for _ in range(REDIRECTS + 1):
            leads = here if here != url else ""
            try:
                answer = await self._hear(here)
            except Unheard as error:
                return of_silence(error, here, leads)
            except LeftAlone as error:
                return Verdict("unsure", f"was not asked for: {urlsplit(here).hostname} {error}.")
            if answer.status not in LEADS or not answer.location:
                found = of_status(answer.status, leads)
                return Verdict("moved", to=moved) if found is ALIVE and moved else found
            to = canonical_url(urljoin(here, answer.location))
            if to is None or not is_askable(to):
                return _astray(to or answer.location)
            for_good = for_good and answer.status in _FOR_GOOD
            moved = to if for_good else moved
            here = bare(to)
        return Verdict("unsure", f"leads on and on, {REDIRECTS} times. Open it in a browser.")

    async def _hear(self, url: str) -> Heard:
        """The answer of one address: to HEAD, or to GET where a server does not like HEAD; what may pass is repeated.

        Raises:
            Unheard, LeftAlone: there was none.
        """
        method: Method = "HEAD"
        tries = 0
        while True:
            answer, error = await self._send(method, url)
            if answer is not None and answer.status < 400:
                self._hosts.answered(url)
                return answer
            if method == "HEAD" and _may_be_the_method(answer, error):
                method = "GET"
                if error is None or error.cause != "lost":
                    continue
            if tries == RETRIES or not _may_pass(answer, error) or not self._pause(url, answer, tries):
                return self._end(url, answer, error)
            tries += 1

    async def _send(self, method: Method, url: str) -> tuple[Heard | None, Unheard | None]:
        async with self._hosts.turn(url):
            try:
                answer = await self._web.ask(method, url)
            except Unheard as error:
                self.heard = self.heard or error.cause == "certificate"
                return None, error
        self.heard = True
        return answer, None

    def _pause(self, url: str, answer: Heard | None, tries: int) -> bool:
        """Hold the host back before the next attempt; False if that is not worth waiting for."""
        asked = answer.retry_after if answer is not None else None
        self._hosts.hold(url, BACKOFF * 2**tries if asked is None else asked)
        return not self._hosts.is_closed(url)

    def _end(self, url: str, answer: Heard | None, error: Unheard | None) -> Heard:
        if answer is not None and answer.status != 429:
            self._hosts.answered(url)
        elif error is None or error.cause in ("absent", "time", "lost"):
            self._hosts.silent(url)
        if answer is None:
            assert error is not None
            raise error
        return answer


def _may_be_the_method(answer: Heard | None, error: Unheard | None) -> bool:
    """Whether a request that failed with HEAD may do better with GET."""
    if answer is not None:
        return answer.status != 429
    return error is not None and error.cause in ("time", "lost")


def _may_pass(answer: Heard | None, error: Unheard | None) -> bool:
    """Whether the same request may be answered in a moment. A timeout has been waited for long enough."""
    if answer is not None:
        return answer.status == 429 or (answer.status >= 500 and answer.status != 501)
    return error is not None and error.cause == "lost"


def _astray(to: str) -> Verdict:
    return Verdict("unsure", f"leads to {shown(to)}, which is not on the open web. Open it in a browser.")
