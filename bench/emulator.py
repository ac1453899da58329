"""How fast the embedded workspace is.

    python -m bench.emulator [PAGES]

Prints writes and reads a second, straight to the app (no client) and through httpx in process, and how long a
workspace of PAGES pages (100,000) takes to open. The second figure counts seconds of this process's own CPU time,
which says more where other work is going on; the first line tells how busy and how fast the machine is.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from publisher.emulator.app import DEFAULT_URL, create_app
from publisher.emulator.rows import PAGE
from publisher.emulator.store import Store
from publisher.emulator.writing import Head

HEADERS = {"Authorization": "Bearer bench", "Notion-Version": "2026-03-11"}
Call = Callable[[str, str, Any], Awaitable[Any]]


def text(words: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": words}}]


PARAGRAPH = {
    "type": "paragraph",
    "paragraph": {"rich_text": text("A sentence of ordinary length, as they come.")},
}


def straight(app: Any) -> Call:
    """Requests to the ASGI app without any client in between."""
    names = [
        (name.lower().encode(), value.encode()) for name, value in {**HEADERS, "Host": "localhost"}.items()
    ]

    async def call(method: str, path: str, body: Any = None) -> Any:
        path, _, query = path.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
            "query_string": query.encode(), "headers": names, "client": ("127.0.0.1", 1), "http_version": "1.1",
        }  # fmt: skip
        await app(scope, receive, send)
        if sent[0]["status"] != 200:
            raise RuntimeError(sent[1]["body"])
        return json.loads(sent[1]["body"])

    return call


def through_httpx(client: httpx.AsyncClient) -> Call:
    async def call(method: str, path: str, body: Any = None) -> Any:
        answer = await client.request(method, path, json=body, headers=HEADERS)
        answer.raise_for_status()
        return answer.json()

    return call


async def measure(name: str, call: Call, count: int) -> None:
    """A page with few blocks each time, single appends to one page, and reads of a hundred blocks."""
    page = (await call("POST", "/v2/pages", {}))["id"]
    many = {"children": [PARAGRAPH] * 100}
    await call("PATCH", f"/v2/blocks/{page}/children", many)
    block = (await call("GET", f"/v2/blocks/{page}/children?page_size=1", None))["results"][0]["id"]
    words = {"paragraph": {"rich_text": text("changed")}}
    jobs: dict[str, tuple[str, str, Any, int]] = {
        "create page, 10 blocks": ("POST", "/v2/pages", {"children": [PARAGRAPH] * 10}, count),
        "append 1 block": ("PATCH", f"/v2/blocks/{page}/children", {"children": [PARAGRAPH]}, count),
        "update block": ("PATCH", f"/v1/blocks/{block}", words, count),
        "append 100 blocks": ("PATCH", f"/v1/blocks/{page}/children", many, count // 20),
        "read 100 blocks": ("GET", f"/v2/blocks/{page}/children?page_size=100", None, count // 5),
        "read page": ("GET", f"/v1/pages/{page}", None, count),
    }
    for job, (method, path, body, times) in jobs.items():
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            await call(method, path, body)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{name:8} {job:24} {times / wall:8.0f} a second {times / cpu:8.0f} a second of CPU")


def calibrate() -> None:
    """How long ten million additions take: on the clock, and of CPU time."""
    wall, cpu, total = time.perf_counter(), time.process_time(), 0
    for number in range(10_000_000):
        total += number & 7
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"calibration: {wall:.2f} s for ten million additions, {cpu:.2f} s of CPU")


def open_many(directory: Path, pages: int) -> None:
    file = directory / "many.db"
    store = Store(file)
    values = {"title": {"type": "title", "title": [{"type": "text", "text": "Page"}]}}
    with store.write("bench") as writer:
        parents = [
            writer.insert_page(None, None, PAGE, Head(f"Root {number}", values)) for number in range(100)
        ]
        for number in range(pages - 100):
            parent = parents[number % 100]
            writer.insert_page(parent, parent, PAGE, Head(f"Page {number}", values))
    store.close()
    started = time.perf_counter()
    store = Store(file)
    opened = time.perf_counter()
    roots = store.roots()
    kids = store.child_pages(roots[0].id)
    listed = time.perf_counter()
    found = store.search(f"page {pages // 2}")
    searched = time.perf_counter()
    nothing = store.search("nowhere to be found")
    missed = time.perf_counter()
    assert (len(roots), len(nothing)) == (100, 0)
    assert found
    print(f"{pages} pages: open {(opened - started) * 1000:.1f} ms, roots and {len(kids)} children "
          f"{(listed - opened) * 1000:.1f} ms, search {(searched - listed) * 1000:.1f} ms, "
          f"search without a hit {(missed - searched) * 1000:.1f} ms")  # fmt: skip
    store.close()


async def run(pages: int) -> None:
    calibrate()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        app = create_app(directory / "straight.db")
        await measure("app", straight(app), 1000)
        app.state.store.close()
        app = create_app(directory / "httpx.db")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=DEFAULT_URL) as client:
            await measure("httpx", through_httpx(client), 1000)
        app.state.store.close()
        open_many(directory, pages)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
