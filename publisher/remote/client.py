"""The HTTP client of one service: the only module that knows httpx."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx

from publisher import __version__
from publisher.errors import UnreachableError
from publisher.remote.address import check_address, is_local
from publisher.remote.answers import NAMES, interpret
from publisher.remote.port import Answer, PassingError, Request
from publisher.remote.tokens import Secret

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0  # both services give up on a request themselves within 60 s
WHOLE_SECONDS = 150.0  # an answer that drips byte by byte ends here

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
        host = check_address(base_url)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={
                "authorization": f"Bearer {token.reveal()}",
                "user-agent": f"pagemill/{__version__}",
                "accept": "application/json",
            },
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=16),
            follow_redirects=False,
            trust_env=not is_local(host),  # a proxy must not stand between us and this machine
            transport=httpx.ASGITransport(app) if app is not None else transport,
        )

    async def send(self, request: Request) -> Answer:
        response = await self._exchange(request)
        headers = {name.lower(): value for name, value in response.headers.items()}
        body = response.content
        if response.status_code >= 300:
            body = body.replace(self._token.reveal().encode(), b"[token]")
        return interpret(self._service, request, response.status_code, headers, body, self._now())

    async def close(self) -> None:
        await self._http.aclose()

    async def _exchange(self, request: Request) -> httpx.Response:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                return await self._http.request(
                    request.method, request.path, content=request.body, headers=_headers(request)
                )
        except _NOT_SENT as error:
            raise self._lost(request, error, maybe_written=False) from error
        except _UNUSABLE as error:
            raise UnreachableError(f"{self._name} cannot be reached: {error}", "Check --base-url.") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._lost(request, error, maybe_written=True) from error
        except Exception as error:
            if not self._in_process:
                raise
            # In process, an application that raises is a server that dropped the connection.
            raise self._lost(request, error, maybe_written=True) from error

    def _lost(self, request: Request, error: Exception, *, maybe_written: bool) -> PassingError:
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        what = "gave no answer to" if maybe_written else "could not be reached for"
        return PassingError(
            f"{self._name} {what} {request.method} {request.path} ({why})",
            maybe_written=maybe_written,
            hint=_lost_hint(str(error), self._http.base_url),
        )


def _headers(request: Request) -> dict[str, str]:
    headers = dict(request.headers)
    if request.body is not None:
        headers["content-type"] = "application/json"
    return headers


def _lost_hint(error: str, address: httpx.URL) -> str:
    if "CERTIFICATE" in error.upper():
        return "The certificate is not trusted. SSL_CERT_FILE names a file with your organisation's certificates."
    return (
        f"Check the network and the address {address.scheme}://{address.netloc.decode('ascii', 'replace')}."
    )
