"""The requests of uploads, what is read from their answers, and bodies that are streamed."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest
from virtual_time import now, run

from publisher.errors import PagemillError, RejectedError, UsageError
from publisher.remote import files
from publisher.remote.client import Client
from publisher.remote.connect import connect
from publisher.remote.port import Answer, PassingError, Request, Stream, Transport
from publisher.remote.record import Exchange, Record
from publisher.remote.retry import Retry
from publisher.remote.throttle import STORAGE_FLIGHTS, Budget, Pace, Throttle
from publisher.remote.tokens import Secret

TOKEN, SECRET = "ntn_very-private-0123456789", "signature-0123456789"
ADDRESS = "https://api.example.com"
STORAGE = f"https://bucket.oss.example/a/b.png?Expires=1&Signature={SECRET}"
PAGE = "11111111-2222-4333-8444-555555555555"


def stream_of(*chunks: bytes, kind: str = "image/png", begun: list[int] | None = None) -> Stream:
    async def give() -> AsyncGenerator[bytes, None]:
        if begun is not None:
            begun.append(len(begun))
        for chunk in chunks:
            yield chunk

    return Stream(give, sum(map(len, chunks)), kind)


def whole(stream: Stream | None) -> bytes:
    async def collect() -> bytes:
        assert stream is not None
        return b"".join([chunk async for chunk in stream.chunks()])

    return asyncio.run(collect())


def answer(value: object) -> Answer:
    return Answer(200, {}, json.dumps(value).encode())


def test_notion_announces_a_file():
    request = files.create_upload("é-1.png", "image/png")
    assert (request.method, request.path, request.nature) == ("POST", "/v1/file_uploads", "idempotent")
    assert json.loads(request.body or b"") == {
        "mode": "single_part", "filename": "é-1.png", "content_type": "image/png",
    }  # fmt: skip
    assert json.loads(files.create_upload("a.pdf", "application/pdf", 6).body or b"") == {
        "mode": "multi_part", "filename": "a.pdf", "content_type": "application/pdf", "number_of_parts": 6,
    }  # fmt: skip
    for made, path in ((files.get_upload("u"), ""), (files.complete_upload("u"), "/complete")):
        assert made.path == f"/v1/file_uploads/u{path}"
        assert made.headers == {"notion-version": "2026-03-11"}


def test_notion_takes_a_file_as_a_form():
    request = files.send_part("u", 'é "x"\r\n.png', stream_of(b"ab", b"\r\n--c"), boundary="B")
    assert (request.path, request.body) == ("/v1/file_uploads/u/send", None)
    assert request.stream is not None
    assert request.stream.content_type == "multipart/form-data; boundary=B"
    body = whole(request.stream)
    assert body == (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="_ _x___.png"\r\n'
        b"Content-Type: image/png\r\n\r\nab\r\n--c\r\n--B--\r\n"
    )
    assert request.size == len(body)
    part = files.send_part("u", "a.png", stream_of(b"x"), 3, "B").stream
    assert whole(part).startswith(
        b'--B\r\nContent-Disposition: form-data; name="part_number"\r\n\r\n3\r\n--B\r\n'
    )
    assert part is not None
    assert part.length == len(whole(part))


def test_a_boundary_is_never_the_same():
    kinds = {
        made.content_type
        for _ in range(20)
        if (made := files.send_part("u", "a", stream_of(b"x")).stream) is not None
    }
    assert len(kinds) == 20


def test_buildin_is_asked_for_an_address():
    request = files.ask_address("a.png", "image/png", 7, PAGE)
    assert (request.method, request.path, request.nature) == ("POST", "/v2/files/upload-url", "idempotent")
    assert json.loads(request.body or b"") == {
        "filename": "a.png",
        "content_type": "image/png",
        "content_length": 7,
        "parent": {"type": "page_id", "page_id": PAGE},
    }


def test_the_storage_gets_the_headers_that_its_address_was_made_for():
    given = {
        "Content-Type": "image/png",
        "x-oss-a": "b",
        "Content-Length": "9",
        "Authorization": "Bearer x",
        "Host": "h",
    }
    address = files.read_address(answer({"oss_name": "n", "upload_url": STORAGE, "headers": given}))
    request = files.put_file(address, stream_of(b"ab", kind="text/plain"))
    assert request.headers == {"content-type": "image/png", "x-oss-a": "b"}
    assert (request.method, request.nature, request.url, request.size) == ("PUT", "idempotent", STORAGE, 2)
    assert SECRET not in repr(request) + repr(address) + request.path


@pytest.mark.parametrize(
    "odd", [{}, {"oss_name": "n"}, {"oss_name": "", "upload_url": "u"}, {"oss_name": 1, "upload_url": "u"}]
)
def test_an_address_without_sense_is_none(odd):
    with pytest.raises(ValueError, match="without address"):
        files.read_address(answer(odd))


def test_reads_uploads_and_limits():
    parts = {"id": "u", "status": "pending", "number_of_parts": {"total": 5, "sent": 2}}
    assert files.read_upload(answer(parts)) == files.FileUpload("u", "pending", 5, 2)
    assert files.read_upload(answer({"id": "u", "status": "uploaded", "in_trash": True})).status == "expired"
    with pytest.raises(ValueError, match="without status"):
        files.read_upload(answer({"id": "u"}))
    limits = {"workspace_limits": {"max_file_upload_size_in_bytes": 5_242_880}}
    assert files.read_limit(answer({"bot": limits})) == 5_242_880
    for odd in ({}, {"bot": {}}, {"bot": {"workspace_limits": {"max_file_upload_size_in_bytes": "x"}}}):
        assert files.read_limit(answer(odd)) is None


def test_asks_for_the_limit_of_the_workspace():
    from publisher.emulator.app import create_app

    async def limit(service: str) -> tuple[int | None, int]:
        async with connect(service, "", "t", app=create_app(None)) as workspace:
            return await files.upload_limit(workspace), workspace.counts.requests

    assert asyncio.run(limit("notion")) == (5 * 1024 * 1024, 1)
    assert asyncio.run(limit("buildin")) == (104_857_600, 0)


# streaming


Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, base_url: str = ADDRESS) -> Client:
    async def handle(request: httpx.Request) -> httpx.Response:
        await request.aread()
        return handler(request)

    return Client("buildin", base_url, Secret(TOKEN), transport=httpx.MockTransport(handle))


def put(*chunks: bytes, url: str = STORAGE, begun: list[int] | None = None) -> Request:
    address = files.StorageAddress("n", url, {"content-type": "image/png"})
    return files.put_file(address, stream_of(*chunks, begun=begun))


def send(transport: Transport, request: Request) -> Answer:
    async def main() -> Answer:
        try:
            return await transport.send(request)
        finally:
            await transport.close()

    return run(main())


def test_the_storage_never_sees_the_token():
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"<done/>")

    assert send(client(handler), put(b"abc", b"def")).status == 200
    sent = seen[0]
    assert (str(sent.url), sent.content) == (STORAGE, b"abcdef")
    assert (sent.headers["content-length"], sent.headers["content-type"]) == ("6", "image/png")
    assert "transfer-encoding" not in sent.headers
    assert "authorization" not in sent.headers
    assert TOKEN not in str(sent.headers)
    assert "pagemill" not in str(sent.headers)


def test_a_form_goes_to_the_service_with_the_token():
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "u"})

    request = files.send_part("u", "a.png", stream_of(b"abc"), boundary="B")
    send(client(handler), request)
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert seen[0].headers["content-type"] == "multipart/form-data; boundary=B"
    assert int(seen[0].headers["content-length"]) == len(seen[0].content) == request.size


def test_a_retry_begins_the_stream_anew():
    begun: list[int] = []
    bodies: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        if len(bodies) == 1:
            raise httpx.ReadError("reset")
        return httpx.Response(503 if len(bodies) == 2 else 200)

    async def sleep(seconds: float) -> None: ...

    send(Retry(client(handler), sleep=sleep), put(b"abc", b"def", begun=begun))
    assert bodies == [b"abcdef"] * 3
    assert begun == [0, 1, 2]


def test_a_refusal_of_the_storage_is_told_without_its_secret(caplog):
    caplog.set_level(logging.DEBUG)
    words = f"<Error><Code>AccessDenied</Code><Message>expired {SECRET}</Message></Error>".encode()
    for status, kind in ((403, RejectedError), (307, RejectedError), (503, PassingError)):
        with pytest.raises(kind) as caught:
            send(Record(client(lambda _, status=status: httpx.Response(status, content=words))), put(b"abc"))
        assert "AccessDenied" in str(caught.value)
        assert "bucket.oss.example" in str(caught.value)
        assert SECRET not in str(caught.value)
    with pytest.raises(PassingError, match=r"https://bucket\.oss\.example") as lost:
        send(client(_unreachable), put(b"abc"))
    assert SECRET not in str(lost.value)
    assert "PUT" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("kind", [httpx.LocalProtocolError, httpx.RemoteProtocolError, httpx.InvalidURL])
def test_what_goes_wrong_with_the_storage_is_told_without_its_secret(kind):
    """Such as a header that was made for its address and cannot be sent: the client's words hold it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise kind(f"Illegal header value b'{SECRET}\\n'")

    with pytest.raises(PagemillError, match=f"storage .*{kind.__name__}") as caught:
        send(client(fail), put(b"abc"))
    assert SECRET not in str(caught.value)


def _unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    ("service", "url"),
    [
        (ADDRESS, "http://bucket.oss.example/a"),
        (ADDRESS, "http://127.0.0.1/a"),
        (ADDRESS, "https://user:pass@bucket.oss.example/a"),
        (ADDRESS, "file:///etc/passwd"),
        (ADDRESS, "https://[/"),
        ("http://127.0.0.1:4747", "http://bucket.oss.example/a"),
    ],
)
def test_addresses_that_a_file_may_not_go_to(service, url):
    with pytest.raises(UsageError, match="address for uploads") as caught:
        send(client(lambda _: httpx.Response(200), service), put(b"abc", url=url))
    assert "pass" not in str(caught.value)


def test_a_file_may_go_to_the_service_on_this_machine():
    near = client(lambda _: httpx.Response(200), "http://127.0.0.1:4747")
    assert send(near, put(b"abc", url="http://127.0.0.1:4747/uploads/x")).status == 200


def test_a_body_that_cannot_be_made_ends_the_request():
    closed: list[bool] = []

    async def broken() -> AsyncGenerator[bytes, None]:
        try:
            yield b"abc"
            raise PagemillError("The file is gone.")
        finally:
            closed.append(True)

    request = Request("PUT", "/x", nature="idempotent", stream=Stream(broken, 6), url=STORAGE)
    with pytest.raises(PagemillError, match="gone"):
        send(Retry(client(lambda _: httpx.Response(200))), request)
    with pytest.raises(PagemillError, match="gone"):
        send(Retry(Client("buildin", "http://localhost", Secret(TOKEN), app=_swallowing)), request)
    assert closed == [True, True]


async def _swallowing(scope: Any, receive: Any, send: Any) -> None:
    while (await receive())["more_body"]:
        pass


def test_a_stream_is_never_held_whole():
    made = taken = most = 0
    chunk, count = 128 * 1024, 240  # 30 MB

    async def give() -> AsyncGenerator[bytes, None]:
        nonlocal made
        for _ in range(count):
            made += chunk
            yield bytes(chunk)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal taken, most
        while (message := await receive()).get("more_body"):
            taken += len(message["body"])
            most = max(most, made - taken)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"id":"u","status":"uploaded"}'})

    request = files.send_part("u", "a.bin", Stream(give, chunk * count, "application/pdf"))
    send(Client("notion", "http://localhost", Secret(TOKEN), app=app), request)
    assert taken == request.size > chunk * count
    assert most < chunk


def test_a_slow_body_gets_the_time_it_needs():
    async def give() -> AsyncGenerator[bytes, None]:
        for _ in range(100):
            await asyncio.sleep(5)
            yield bytes(128 * 1024)

    async def main() -> tuple[int, float]:
        stream = Stream(give, 100 * 128 * 1024)
        request = Request("PUT", "/x", nature="idempotent", stream=stream, url=STORAGE)
        sent = await client(lambda _: httpx.Response(200)).send(request)
        return sent.status, now()

    assert run(main()) == (200, pytest.approx(500))


# around it


class Slow:
    def __init__(self) -> None:
        self.under_way = self.most = 0

    async def send(self, request: Request) -> Answer:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(1)
        self.under_way -= 1
        return Answer(
            200, {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "50"}, b""
        )

    async def close(self) -> None: ...


def test_the_storage_spends_no_request_budget():
    async def main() -> tuple[float, int]:
        slow = Slow()
        throttle = Throttle(slow, Pace(writes=Budget(1), together=True), clock=now, wall=now)
        await asyncio.gather(*(throttle.send(put(b"x")) for _ in range(2 * STORAGE_FLIGHTS)))
        await throttle.send(Request("GET", "/x"))
        return now(), slow.most

    assert run(main()) == (3.0, STORAGE_FLIGHTS)


def test_what_goes_to_the_storage_is_told_but_is_no_request():
    seen: list[Exchange] = []
    record = Record(Slow(), on_request=seen.append, clock=now)

    async def main() -> None:
        await record.send(put(b"abc"))
        await record.send(files.send_part("u", "a", stream_of(b"abc"), boundary="B"))

    run(main())
    assert (record.counts.stored, record.counts.requests) == (1, 1)
    assert [(one.storage, one.sent > 3) for one in seen] == [(True, False), (False, True)]
    assert seen[0].sent == 3
