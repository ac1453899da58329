"""The HTTP client of one service: besides `web` the only module that knows httpx."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from contextvars import ContextVar
from typing import Any

import httpx

from publisher import __version__
from publisher.errors import Interrupted, PagemillError, UnreachableError
from publisher.remote.address import check_address, check_storage, is_local
from publisher.remote.answers import NAMES, interpret, stored
from publisher.remote.port import Answer, PassingError, Request
from publisher.remote.tokens import Secret

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0  # both services give up on a request themselves within 60 s
WHOLE_SECONDS = 150.0  # an answer that drips byte by byte ends here
SLOWEST = 16_384  # bytes a second: a body that goes out more slowly is given up

# an address with a secret in it is being asked
_UNSAID: ContextVar[bool] = ContextVar("unsaid", default=False)

# Raised before the first byte of a request has left: nothing can have been written.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_UNUSABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)


class Client:
    """Sends each request once and says what came of it. Follows no redirect: the token is for one address only.

    Args:
        service: "buildin" or "notion", for messages and hints.
        base_url: the service's address without its version ("https://api.notion.com").
        token: goes into the Authorization header and nowhere else.
        app: an ASGI application that answers in process; `base_url` is then only a name.
        transport: what carries the bytes, in place of the network.

    Raises:
        UsageError: `base_url` is no http or https address, or would carry the token over an open network.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        token: Secret,
        *,
        app: Any = None,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._service = service
        self._name = NAMES.get(service, service)
        self._token = token
        self._now = now
        self._in_process = app is not None
        self._local = is_local(check_address(base_url))
        self._transport = httpx.ASGITransport(app) if app is not None else transport
        self._storage: httpx.AsyncClient | None = None
        self._http = self._made(
            base_url=base_url,
            headers={
                "authorization": f"Bearer {token.reveal()}",
                "user-agent": f"pagemill/{__version__}",
                "accept": "application/json",
            },
        )

    def _made(self, **more: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            follow_redirects=False,
            trust_env=not self._local,  # a proxy must not stand between us and this machine
            transport=self._transport,
            **more,
        )

    async def send(self, request: Request) -> Answer:
        response = await self._exchange(request)
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = response.content
        if request.url:
            return stored(request, response.status_code, headers, body, self._now())
        if response.status_code >= 300:
            body = body.replace(self._token.reveal().encode(), b"[token]")
        return interpret(self._service, request, response.status_code, headers, body, self._now())

    async def close(self) -> None:
        await self._http.aclose()
        if self._storage is not None:
            await self._storage.aclose()

    async def _exchange(self, request: Request) -> httpx.Response:
        client, address = self._way(request)
        said = _UNSAID.set(bool(request.url))
        try:
            async with asyncio.timeout(_seconds(request)), _content(request) as content:
                return await client.request(
                    request.method, address, content=content, headers=_headers(request)
                )
        except (PagemillError, Interrupted):  # the body could not be made, or is not to be sent any more
            raise
        except _NOT_SENT as error:
            raise self._lost(request, error, maybe_written=False) from error
        except _UNUSABLE as error:
            if request.url:  # the words would hold its address, or a header that was made for it
                why = type(error).__name__
                raise UnreachableError(
                    f"The file storage cannot be reached ({why}).",
                    "Check the network, and proxies on the way.",
                ) from error
            raise UnreachableError(f"{self._name} cannot be reached: {error}", "Check --base-url.") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._lost(request, error, maybe_written=True) from error
        except Exception as error:
            if not self._in_process:
                raise
            # In process, an application that raises is a server that dropped the connection.
            raise self._lost(request, error, maybe_written=True) from error
        finally:
            _UNSAID.reset(said)

    def _way(self, request: Request) -> tuple[httpx.AsyncClient, str]:
        """Who carries the request, and where to. The one for storage knows nothing of the token."""
        if not request.url:
            return self._http, request.path
        if not self._in_process:
            check_storage(request.url, str(self._http.base_url))
        if self._storage is None:
            self._storage = self._made()
        return self._storage, request.url

    def _lost(self, request: Request, error: Exception, *, maybe_written: bool) -> PassingError:
        why = f"{type(error).__name__}: {error}" if str(error) and not request.url else type(error).__name__
        what = "gave no answer to" if maybe_written else "could not be reached for"
        who = "The file storage" if request.url else self._name
        return PassingError(
            f"{who} {what} {request.method} {request.path} ({why})",
            maybe_written=maybe_written,
            hint=_lost_hint(str(error), httpx.URL(request.url) if request.url else self._http.base_url),
        )


@asynccontextmanager
async def _content(request: Request) -> AsyncIterator[Any]:
    """The body as httpx takes it; a stream is begun here, and closed whatever becomes of it."""
    if request.stream is None:
        yield request.body
        return
    async with aclosing(request.stream.chunks()) as chunks:
        yield chunks


def _seconds(request: Request) -> float:
    """How long one attempt may take."""
    return WHOLE_SECONDS + (request.size / SLOWEST if request.stream is not None else 0)


def _headers(request: Request) -> dict[str, str]:
    headers = dict(request.headers)
    if request.stream is not None:
        # else it would go out in chunks, which storages refuse
        headers["content-length"] = str(request.stream.length)
        if request.stream.content_type:
            headers["content-type"] = request.stream.content_type
    elif request.body is not None:
        headers["content-type"] = "application/json"
    return headers


def _is_said(record: logging.LogRecord) -> bool:
    return not _UNSAID.get()


logging.getLogger("httpx").addFilter(_is_said)  # it logs whole addresses


def _lost_hint(error: str, address: httpx.URL) -> str:
    if "CERTIFICATE" in error.upper():
        return "The certificate is not trusted. SSL_CERT_FILE names a file with your organisation's certificates."
    return (
        f"Check the network and the address {address.scheme}://{address.netloc.decode('ascii', 'replace')}."
    )
