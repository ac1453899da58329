"""All addresses of a folder: each is asked for once, many at a time, and what came of it is said wherever it stands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from converters.diagnostics import Diagnostic
from converters.external import WebUse
from publisher.external.asking import Asker
from publisher.external.hosts import IN_ALL, Hosts, is_askable
from publisher.external.known import Known
from publisher.external.verdict import Verdict, bare, diagnostics
from publisher.remote.web import Web

OFFLINE = Verdict("unsure", "cannot be reached, and nothing else can either. Is this computer's network up?")
OpenWeb = Callable[[], Web]


def open_web() -> Web:
    return Web(time.time, connections=IN_ALL)


@dataclass(frozen=True, slots=True)
class External:
    """How external addresses are looked at.

    Args:
        ignored: Patterns of addresses that are not asked for.
        state: Where verdicts are kept; None to keep none.
        again: Whether earlier verdicts count for nothing.
        begin: Told how many addresses are to be asked for, are known from before, and are passed over.
        step: Called after each.
        web: What asks.
    """

    ignored: Sequence[str] = ()
    state: Path | None = None
    again: bool = False
    begin: Callable[[int, int, int], object] = lambda asked, known, passed: None
    step: Callable[[], object] = lambda: None
    web: OpenWeb = open_web
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def look(self, uses: Iterable[WebUse]) -> tuple[Diagnostic, ...]:
        """What is to be said of the addresses at these places."""
        return asyncio.run(self.find(uses))

    async def find(self, uses: Iterable[WebUse]) -> tuple[Diagnostic, ...]:
        uses = tuple(uses)
        named = dict.fromkeys(bare(use.url) for use in uses)
        urls = [url for url in named if is_askable(url, self.ignored)]
        store = Known(self.state, self.wall)
        try:
            known = {} if self.again else {url: was for url in urls if (was := store.find(url)) is not None}
            asked = [url for url in urls if url not in known]
            self.begin(len(asked), len(known), len(named) - len(urls))
            found = await self._ask(asked, store) if asked else {}
        finally:
            store.close()
        return tuple(diagnostics(uses, {**known, **found}))

    async def _ask(self, urls: Sequence[str], store: Known) -> dict[str, Verdict]:
        web = self.web()
        asker = Asker(web, Hosts(asyncio.get_running_loop().time, self.sleep))
        found: dict[str, Verdict] = {}

        async def one(url: str) -> None:
            found[url] = await asker.verdict(url)
            if asker.heard:  # else it may be this computer that is cut off
                store.save(url, found[url])
            self.step()

        try:
            async with asyncio.TaskGroup() as group:
                for url in urls:
                    group.create_task(one(url))
        finally:
            await web.close()
        alone = len({urlsplit(url).hostname for url in urls}) == 1
        return found if asker.heard or alone else {url: _offline(verdict) for url, verdict in found.items()}


def _offline(verdict: Verdict) -> Verdict:
    return OFFLINE if verdict.state in ("dead", "unsure") else verdict
