"""Server-sent events: one message whenever something was written, so that an open page can follow."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from starlette.requests import Request

    from publisher.emulator.store import Store

INTERVAL = 0.25  # seconds between two looks at the workspace's version
_KEEP_ALIVE = 60  # looks without news before a comment is sent, so that nothing in between closes the stream
_PAGES = 100  # ids in one message; beyond that it says only that much was written


def stream(store: Store, request: Request, interval: float = INTERVAL) -> StreamingResponse:
    """The answer to GET /events. The first message tells the version, each other one what was written since."""
    return StreamingResponse(
        _messages(store, request, interval),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _messages(store: Store, request: Request, interval: float) -> AsyncIterator[str]:
    from anyio import sleep

    version = await run_in_threadpool(store.version)
    yield f"retry: 2000\n{_message('version', version, ())}"
    quiet = 0
    while not await request.is_disconnected():
        await sleep(interval)
        latest = await run_in_threadpool(store.version)
        if latest != version:
            changes = await run_in_threadpool(store.changes_since, version)
            version, quiet = latest, 0
            yield _message("written", latest, dict.fromkeys(change.page_id for change in changes))
            continue
        quiet += 1
        if quiet >= _KEEP_ALIVE:
            quiet = 0
            yield ": nothing new\n\n"


def _message(event: str, version: int, pages: dict[str, None] | tuple[()]) -> str:
    data = json.dumps({"version": version, "pages": list(pages)[:_PAGES]})
    return f"id: {version}\nevent: {event}\ndata: {data}\n\n"
