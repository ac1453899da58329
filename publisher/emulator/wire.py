"""Requests and answers of HTTP, as an ASGI server gives and takes them."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from publisher.emulator.call import Reply
from publisher.emulator.faults import ConnectionLost

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers of a request, with lower-case names."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def read_body(receive: Receive, limit: int) -> tuple[bytes, bool]:
    """The body, and whether it is whole: beyond `limit` bytes it is read and dropped."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks), False
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks), size <= limit


async def break_connection(scope: MutableMapping[str, Any]) -> None:
    """Close the socket where the server lets us; else raise, so that the client in process sees no answer."""
    abort = scope.get("extensions", {}).get("pagemill.abort")
    if abort is None:
        raise ConnectionLost("The connection was lost.")
    abort()


async def send_reply(
    scope: MutableMapping[str, Any],
    send: Send,
    reply: Reply,
    content: bytes,
    extra: Mapping[str, str],
    cut: bool,
) -> None:
    kind = "application/json; charset=utf-8"
    headers = {"Content-Type": kind, "Content-Length": str(len(content)), **extra, **reply.headers}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if not cut:
        await send({"type": "http.response.body", "body": content})
        return
    half = content[: len(content) // 2]
    abort = scope.get("extensions", {}).get("pagemill.abort")
    await send({"type": "http.response.body", "body": half, "more_body": abort is not None})
    if abort is not None:
        abort()
