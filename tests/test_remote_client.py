"""The HTTP client: what is sent, what an httpx error means, and where the token never goes."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable

import httpx
import pytest
from virtual_time import now, run

from publisher import __version__
from publisher.errors import PagemillError, RejectedError, UnreachableError, UsageError
from publisher.remote.address import check_address, is_local
from publisher.remote.client import WHOLE_SECONDS, Client
from publisher.remote.port import Answer, PassingError, Request
from publisher.remote.tokens import Secret

TOKEN = "ntn_very-private-0123456789"
WRITE = Request("PATCH", "/v1/pages/x", b'{"a":1}', "write", {"notion-version": "2026-03-11"})
ADDRESS = "https://api.example.com"


def client(handler: Callable[[httpx.Request], httpx.Response], base_url: str = ADDRESS) -> Client:
    return Client("notion", base_url, Secret(TOKEN), transport=httpx.MockTransport(handler))


def send(handler: Callable[[httpx.Request], httpx.Response], request: Request = WRITE) -> Answer:
    async def main() -> Answer:
        with_handler = client(handler)
        try:
            return await with_handler.send(request)
        finally:
            await with_handler.close()

    return run(main())


def failing(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return handler


def test_sends_what_the_adapter_made():
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "x"}, headers={"ETag": 'W/"1"'})

    answer = send(handler)
    assert answer.json() == {"id": "x"}
    assert answer.headers["etag"] == 'W/"1"'
    sent = seen[0]
    assert (sent.method, str(sent.url), sent.content) == ("PATCH", f"{ADDRESS}/v1/pages/x", b'{"a":1}')
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["user-agent"] == f"pagemill/{__version__}"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["notion-version"] == "2026-03-11"


def test_a_request_without_body_has_no_content_type():
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    send(handler, Request("GET", "/v1/blocks/a%2Fb/children?page_size=100"))
    assert "content-type" not in seen[0].headers
    assert seen[0].url.raw_path == b"/v1/blocks/a%2Fb/children?page_size=100"


@pytest.mark.parametrize(
    ("error", "maybe_written"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("busy"), False),
        (httpx.ProxyError("proxy says no"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.ReadError("reset"), True),
        (httpx.WriteError("reset"), True),
        (httpx.WriteTimeout("slow"), True),
        (httpx.RemoteProtocolError("server disconnected"), True),
        (httpx.DecodingError("bad gzip"), True),
        (httpx.CloseError(""), True),
    ],
)
def test_knows_what_may_have_been_written(error, maybe_written):
    with pytest.raises(PassingError) as caught:
        send(failing(error))
    assert caught.value.maybe_written is maybe_written
    assert caught.value.status == 0
    assert "PATCH /v1/pages/x" in caught.value.message
    assert type(error).__name__ in caught.value.message


@pytest.mark.parametrize("error", [httpx.UnsupportedProtocol("no"), httpx.LocalProtocolError("bad header")])
def test_what_cannot_be_sent_at_all_is_not_retried(error):
    with pytest.raises(UnreachableError):
        send(failing(error))


def test_an_untrusted_certificate_has_a_hint():
    with pytest.raises(PassingError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        send(failing(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")))
    assert "SSL_CERT_FILE" in caught.value.hint


def test_follows_no_redirect_with_the_token():
    hosts: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example/v1/pages"})

    with pytest.raises(UnreachableError):
        send(handler)
    assert hosts == ["api.example.com"]


async def _slow_app(scope: object, receive: object, send: Callable[[object], object]) -> None:
    await asyncio.sleep(10_000)


def test_an_answer_that_never_ends_is_given_up():
    async def main() -> float:
        slow = Client("notion", "http://localhost", Secret(TOKEN), app=_slow_app)
        with pytest.raises(PassingError, match="TimeoutError") as caught:
            await slow.send(WRITE)
        assert caught.value.maybe_written
        return now()

    assert run(main()) == pytest.approx(WHOLE_SECONDS)


async def _crashing_app(scope: object, receive: object, send: object) -> None:
    raise ZeroDivisionError("a bug in the app")


def test_an_app_that_raises_is_a_lost_answer():
    async def main() -> None:
        with pytest.raises(PassingError, match="ZeroDivisionError: a bug in the app") as caught:
            await Client("notion", "http://localhost", Secret(TOKEN), app=_crashing_app).send(WRITE)
        assert caught.value.maybe_written

    run(main())


def test_a_bug_of_ours_is_not_taken_for_the_network():
    with pytest.raises(ZeroDivisionError):
        send(failing(ZeroDivisionError()))


def test_the_token_is_in_no_log_message_or_traceback(caplog):
    caplog.set_level(logging.DEBUG)

    def echo(request: httpx.Request) -> httpx.Response:
        words = f"bad header {request.headers['authorization']}"
        return httpx.Response(400, json={"code": "validation_error", "message": words})

    with pytest.raises(RejectedError, match=r"bad header Bearer \[token\]") as caught:
        send(echo)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    for error in (httpx.ReadError("reset"), httpx.ConnectError("refused")):
        with pytest.raises(PagemillError) as lost:
            send(failing(error))
        assert TOKEN not in "".join(traceback.format_exception(lost.value))
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(vars(client(echo)))


@pytest.mark.parametrize(
    "address",
    [
        "https://api.notion.com",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "http://localhost",
        "http://workspace:4747",
        "http://192.168.1.7",
        "http://printer.local:80",
    ],
)
def test_addresses_that_a_token_may_go_to(address):
    assert check_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "api.notion.com", "ftp://x", "http://", "http://api.notion.com", "http://8.8.8.8", "http://[2606::1]",
     "https://user:pass@api.notion.com", "https://a.b/?x=1"],
)  # fmt: skip
def test_addresses_that_it_may_not_go_to(address):
    with pytest.raises(UsageError) as caught:
        Client("notion", address, Secret(TOKEN))
    assert "pass" not in caught.value.message


def test_no_proxy_stands_between_us_and_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert is_local("127.0.0.9")
    near = Client("notion", "http://127.0.0.1:9", Secret(TOKEN))
    assert not near._http._mounts
    assert Client("notion", ADDRESS, Secret(TOKEN))._http._mounts
