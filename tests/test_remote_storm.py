"""The storm: three requests in ten fail in every way there is, and nothing is lost or written twice.

The work is what a publisher does: make a page, fill it one append after the other, change and delete blocks; an
unknown outcome is settled by reading, never by sending again.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from virtual_time import now, run

from converters.blocks import Paragraph, Span
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, PageHead, compact
from publisher.emulator.app import create_app
from publisher.emulator.faults import Rate, parse
from publisher.errors import UnknownOutcomeError
from publisher.planning.ops import END
from publisher.remote.connect import connect
from publisher.remote.throttle import Budget, Pace
from publisher.remote.workspace import Workspace

WEATHER = (
    "429:3@5%,529:2@3%,500@3%,500-after@3%,502@2%,503@2%,503-after@4%,504-after@3%,reset@3%,reset-after@3%,"
    "truncate@3%,delay:20@3%,seed={seed}"
)


def line(service: str, text: str) -> BlockInput:
    (block,), _ = DIALECTS[service].encode([Paragraph((Span(text),))], "a.md")
    return block


def head(title: str) -> PageHead:
    return PageHead(
        compact({"title": {"type": "title", "title": [{"type": "text", "text": {"content": title}}]}})
    )


async def texts(workspace: Workspace, page: str) -> list[str]:
    read = [json.loads(block.input.content)["rich_text"] for block in await workspace.children(page)]
    return ["".join(item["text"]["content"] for item in items) for items in read]


async def created(workspace: Workspace, title: str) -> str:
    while True:
        try:
            return (await workspace.create_page("", head(title), key=f"key-{title}")).id
        except UnknownOutcomeError:
            if found := await workspace.find_pages(title, ""):
                return found[0].id


async def appended(workspace: Workspace, page: str, text: str) -> None:
    while True:
        try:
            await workspace.append(page, END, [line(workspace.service, text)])
            return
        except UnknownOutcomeError:
            if text in await texts(workspace, page):
                return


async def publish(workspace: Workspace, title: str) -> list[str]:
    """Ten lines; then the third is changed and the fifth deleted."""
    page = await created(workspace, title)
    for number in range(10):
        await appended(workspace, page, str(number))
    ids = [block.id for block in await workspace.children(page)]
    await workspace.update_block(ids[2], line(workspace.service, "two"))
    await workspace.delete_block(ids[4])
    return await texts(workspace, page)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("service", ["buildin", "notion"])
def test_nothing_is_lost_and_nothing_is_twice(service: str, seed: int):
    titles = ["A", "B", "C", "D"]
    budget = 40
    faults = parse(WEATHER.format(seed=seed))
    faults.rate = Rate(budget, 60.0)
    faults.clock = lambda: 1_800_000_000 + now()
    app = create_app(None, faults=faults)

    async def main() -> None:
        pace = Pace(writes=Budget(budget), together=True)
        workspace = connect(service, "", "token", app=app, pace=pace, clock=now)
        results = await asyncio.gather(*(publish(workspace, title) for title in titles))
        assert all(lines == ["0", "1", "two", "3", "5", "6", "7", "8", "9"] for lines in results)
        assert sorted(page.title for page in await workspace.child_pages("")) == titles
        assert workspace.counts.failed > workspace.counts.requests / 8

    run(main())
    assert faults.injected > 10
    assert faults.refusals == 0  # whatever else goes wrong, our own pace is never the reason
