"""One contract for every workspace: what pagemill relies on, whichever API is spoken.

It runs against the embedded workspace, in process, under both services. Whoever speaks for another service, or
for the same one elsewhere, adds it to `SERVICES` and `opened`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from virtual_time import now, run

from converters.blocks import Code, Divider, ListItem, Paragraph, Span, Table, ToDo
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, PageHead, compact
from publisher.emulator.app import create_app
from publisher.emulator.faults import Faults, Rate, parse
from publisher.emulator.switches import READ_ONLY, Switches, Token
from publisher.errors import ConflictError, RejectedError, TokenError, UnknownOutcomeError, UsageError
from publisher.planning.ops import END, START
from publisher.remote.answers import block_place
from publisher.remote.connect import connect
from publisher.remote.throttle import Budget, Pace
from publisher.remote.workspace import Workspace

SERVICES = ["buildin", "notion"]
HEAD = PageHead(
    compact({"title": {"type": "title", "title": [{"type": "text", "text": {"content": "A page"}}]}})
)

pytestmark = pytest.mark.parametrize("service", SERVICES)


def retitled(title: str) -> PageHead:
    return PageHead(HEAD.properties.replace(b"A page", title.encode()))


@asynccontextmanager
async def opened(
    service: str,
    faults: Faults | None = None,
    tokens: dict[str, Token] | None = None,
    switches: Switches | None = None,
    pace: Pace | None = None,
) -> AsyncIterator[Workspace]:
    app = create_app(None, faults=faults, tokens=tokens, switches=switches or Switches())
    workspace = connect(service, "", "token", app=app, pace=pace, clock=now)
    async with workspace:
        yield workspace


def check(service: str, body: Callable[[Workspace], Awaitable[None]], **options: Any) -> None:
    """Run a test's body over a fresh workspace, in simulated time."""

    async def main() -> None:
        async with opened(service, **options) as workspace:
            await body(workspace)

    run(main())


def blocks(service: str, *nouns: Any) -> tuple[BlockInput, ...]:
    inputs, diagnostics = DIALECTS[service].encode(nouns, "a.md")
    assert not diagnostics
    return inputs


def lines(service: str, *texts: str) -> tuple[BlockInput, ...]:
    return blocks(service, *(Paragraph((Span(text),)) for text in texts))


async def texts(workspace: Workspace, id: str) -> list[str]:
    """The text of each child, in order."""
    found = []
    for block in await workspace.children(id):
        items = json.loads(block.input.content).get("rich_text", [])
        found.append("".join(item["text"]["content"] for item in items))
    return found


def test_a_page_comes_to_be_and_is_found(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD, lines(service, "one", "two"))
        assert page.id
        assert page.url.startswith("http")
        assert (page.title, page.parent_id, page.in_trash) == ("A page", "", False)
        assert await texts(workspace, page.id) == ["one", "two"]
        again = await workspace.page(page.id)
        assert again is not None
        assert (again.id, again.title, again.url) == (page.id, page.title, page.url)
        assert await workspace.page("00000000-0000-4000-8000-000000000000") is None
        assert workspace.counts.writes == 1

    check(service, body)


def test_pages_below_pages(service):
    async def body(workspace: Workspace) -> None:
        top = await workspace.create_page("", HEAD)
        low = await workspace.create_page(top.id, retitled("Low"))
        twin = await workspace.create_page(top.id, retitled("Low"))
        assert low.parent_id == top.id
        assert [page.title for page in await workspace.child_pages(top.id)] == ["Low", "Low"]
        assert [page.id for page in await workspace.find_pages("Low", top.id)] == [low.id, twin.id]
        assert await workspace.find_pages("A page", top.id) == []
        assert [page.id for page in await workspace.find_pages("A page", "")] == [top.id]
        assert all(not block.ours for block in await workspace.children(top.id))

    check(service, body)


def test_what_is_written_is_what_is_read(service):
    async def body(workspace: Workspace) -> None:
        row = ((Span("a"),), (Span("b"),))
        wanted = blocks(
            service,
            Paragraph((Span("Grüße 🦊"),)),
            ToDo((Span("done"),), checked=True),
            Code("print(1)\n", "python"),
            Divider(),
            ListItem((Span("item"),), children=(ListItem((Span("below"),), ordered=True),)),
            Table((row, row)),
        )
        page = await workspace.create_page("", HEAD, wanted)
        read = await workspace.children(page.id)
        assert [block.input.digest for block in read] == [block.digest for block in wanted]
        assert [block.has_children for block in read] == [False] * 4 + [True] * 2
        for block, input in zip(read, wanted, strict=True):
            below = await workspace.children(block.id) if block.has_children else []
            assert [child.input.digest for child in below] == [child.digest for child in input.children]

    check(service, body)


def test_blocks_go_where_they_are_sent(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        (a,) = await workspace.append(page.id, START, lines(service, "a"))
        (z,) = await workspace.append(page.id, END, lines(service, "z"))
        b, c = await workspace.append(page.id, a, lines(service, "b", "c"))
        (first,) = await workspace.append(page.id, START, lines(service, "first"))
        (last,) = await workspace.append(page.id, z, lines(service, "last"))
        (known,) = await workspace.append(page.id, START, lines(service, "known"), first_child=first)
        assert await texts(workspace, page.id) == ["known", "first", "a", "b", "c", "z", "last"]
        ids = [block.id for block in await workspace.children(page.id)]
        assert ids == [known, first, a, b, c, z, last]

    check(service, body)


def test_blocks_below_blocks(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        (item,) = await workspace.append(page.id, END, blocks(service, ListItem((Span("item"),))))
        low, _ = await workspace.append(item, END, lines(service, "low", "lower"))
        assert await texts(workspace, item) == ["low", "lower"]
        await workspace.delete_block(low)
        assert await texts(workspace, item) == ["lower"]

    check(service, body)


def test_more_than_a_hundred_children(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD, lines(service, *map(str, range(100))))
        await workspace.append(page.id, END, lines(service, *map(str, range(100, 200))))
        await workspace.append(page.id, END, lines(service, "200"))
        before = workspace.counts.reads
        assert await texts(workspace, page.id) == [str(n) for n in range(201)]
        assert workspace.counts.reads - before == 3

    check(service, body)


def test_blocks_change_in_place_and_go(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD, lines(service, "a", "b", "c"))
        a, b, c = [block.id for block in await workspace.children(page.id)]
        await workspace.update_block(b, lines(service, "B")[0])
        assert await texts(workspace, page.id) == ["a", "B", "c"]
        await workspace.delete_block(a)
        await workspace.delete_block(a)  # gone already
        assert [block.id for block in await workspace.children(page.id)] == [b, c]
        assert await workspace.block(a) is None
        found = await workspace.block(c)
        assert found is not None
        assert found.input.digest == lines(service, "c")[0].digest

    check(service, body)


def test_pages_change_and_go_to_the_trash_and_back(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        icon = b'{"type":"emoji","emoji":"\xf0\x9f\xa6\x8a"}'
        changed = await workspace.update_page(page.id, properties=retitled("New").properties, icon=icon)
        assert (changed.id, changed.title) == (page.id, "New")
        await workspace.update_page(page.id, icon=b"null")
        await workspace.trash_page(page.id)
        await workspace.trash_page(page.id)
        assert await workspace.page(page.id) is None
        assert (await workspace.restore_page(page.id)).in_trash is False
        assert await workspace.page(page.id) is not None

    check(service, body)


def test_pages_move(service):
    async def body(workspace: Workspace) -> None:
        old, new = [await workspace.create_page("", retitled(title)) for title in ("Old", "New")]
        page = await workspace.create_page(old.id, HEAD)
        await workspace.move_page(page.id, new.id)
        assert [found.id for found in await workspace.child_pages(new.id)] == [page.id]
        assert await workspace.child_pages(old.id) == []
        if service == "notion":
            with pytest.raises(UsageError):
                await workspace.move_page(page.id, "")
        else:
            await workspace.move_page(page.id, "")
            assert page.id in [found.id for found in await workspace.child_pages("")]

    check(service, body)


def test_refusals_name_the_block(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        long = BlockInput(
            "paragraph", lines(service, "x" * 2000)[0].content.replace(b"x" * 2000, b"x" * 2001)
        )
        with pytest.raises(RejectedError) as caught:
            await workspace.append(page.id, END, (*lines(service, "fine"), long))
        error = caught.value
        assert (error.status, error.code) == (400, "validation_error")
        assert error.request_id
        assert block_place(error) == (1,)
        assert await texts(workspace, page.id) == []

    check(service, body)


def test_a_missing_parent_is_refused(service):
    async def body(workspace: Workspace) -> None:
        with pytest.raises(RejectedError) as caught:
            await workspace.create_page("00000000-0000-4000-8000-000000000000", HEAD)
        assert caught.value.status == 404
        assert "integration" in caught.value.hint

    check(service, body)


def test_tokens_are_refused(service):
    async def body(workspace: Workspace) -> None:
        with pytest.raises(TokenError, match="401") as caught:
            await workspace.me()
        assert f"{service.upper()}_TOKEN" in caught.value.hint

    async def reader(workspace: Workspace) -> None:
        assert (await workspace.me()).id
        with pytest.raises(TokenError, match="403"):
            await workspace.create_page("", HEAD)

    check(service, body, tokens={"another": Token()})
    check(service, reader, tokens={"token": READ_ONLY})


def test_the_same_key_makes_one_page(service):
    async def body(workspace: Workspace) -> None:
        first = await workspace.create_page("", HEAD, lines(service, "a"), key="k-1")
        again = await workspace.create_page("", HEAD, lines(service, "a"), key="k-1")
        pages = await workspace.child_pages("")
        if service == "buildin":
            assert again.id == first.id
            assert len(pages) == 1
            with pytest.raises(RejectedError) as caught:
                await workspace.create_page("", HEAD, lines(service, "b"), key="k-1")
            assert caught.value.code == "idempotency_conflict"
        else:
            assert len(pages) == 2  # Notion knows no keys

    check(service, body)


def test_an_etag_guards_a_page(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        seen = await workspace.page(page.id)
        assert seen is not None
        await workspace.update_page(page.id, properties=retitled("Theirs").properties, if_match=seen.etag)
        if service == "buildin":
            with pytest.raises(ConflictError):
                await workspace.update_page(page.id, icon=b"null", if_match='W/"2000-01-01T00:00:00.000Z"')
        else:
            await workspace.update_page(page.id, icon=b"null", if_match='W/"ignored"')

    check(service, body)


def test_a_service_without_delete_is_served_the_other_way(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD, lines(service, "a", "b"))
        a, _ = await workspace.children(page.id)
        await workspace.delete_block(a.id)
        assert await texts(workspace, page.id) == ["b"]

    check(service, body, switches=Switches(buildin_delete=False))


@pytest.mark.parametrize("fault", ["429:7@w1", "529:7@w1"])
def test_a_refusal_for_now_costs_time_only(service, fault):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        assert 7 <= now() <= 9
        assert [found.id for found in await workspace.child_pages("")] == [page.id]
        assert workspace.counts.refused == 1

    check(service, body, faults=parse(fault))


@pytest.mark.parametrize(
    "fault", ["500-after@w2", "502@w2", "504-after@w2", "reset@w2", "reset-after@w2", "truncate@w2"]
)
def test_a_lost_append_is_never_sent_again(service, fault):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        with pytest.raises(UnknownOutcomeError):
            await workspace.append(page.id, END, lines(service, "once"))
        assert await texts(workspace, page.id) in ([], ["once"])
        assert workspace.counts.writes == 2

    check(service, body, faults=parse(fault))


@pytest.mark.parametrize("fault", ["500-after@w1", "504@w1", "reset-after@w1", "truncate@w1", "503-after@w1"])
def test_a_creation_is_repeated_only_with_a_key(service, fault):
    async def body(workspace: Workspace) -> None:
        try:
            page = await workspace.create_page("", HEAD, key="k-1")
        except UnknownOutcomeError:
            assert service == "notion"
            assert not fault.startswith("503")
            return
        assert page.url
        assert [found.id for found in await workspace.child_pages("")] == [page.id]

    check(service, body, faults=parse(fault))


def test_blocks_saved_in_spite_of_an_error(service):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        try:
            ids = await workspace.append(page.id, END, lines(service, "a", "b"))
        except UnknownOutcomeError:
            assert service == "buildin"  # it never says what it has saved
        else:
            assert list(ids) == [block.id for block in await workspace.children(page.id)]
        assert await texts(workspace, page.id) == ["a", "b"]

    check(service, body, faults=parse("503-after@w2"))


@pytest.mark.parametrize("fault", ["500-after@w2", "reset-after@w2", "truncate@w2", "503@w2"])
def test_whole_value_writes_are_repeated(service, fault):
    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD, lines(service, "a", "b"))
        a, _ = await workspace.children(page.id)
        if service == "notion":
            await workspace.update_block(a.id, lines(service, "A")[0])
        else:
            await workspace.delete_block(a.id)
        assert await texts(workspace, page.id) == (["A", "b"] if service == "notion" else ["b"])

    check(service, body, faults=parse(fault))


def test_our_own_pace_is_never_refused(service):
    faults = Faults(rate=Rate(20, 10.0), clock=lambda: 1_800_000_000 + now())

    async def body(workspace: Workspace) -> None:
        page = await workspace.create_page("", HEAD)
        await asyncio.gather(*(workspace.append(page.id, END, lines(service, str(n))) for n in range(90)))
        assert faults.refusals == 0
        assert workspace.counts.refused == 0
        assert now() <= 41

    check(service, body, faults=faults, pace=Pace(writes=Budget(20, 10.0), together=True))
