"""The HTTP client of the open web: asks for addresses that stand in documents, and says what came of each.

Whoever writes a document chooses its addresses, so nothing of ours goes with a request (no token, no cookie, no
credentials out of the address), no body is read but by `fetch`, and what is not on the open web is not asked for.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Literal, TypeAlias
from urllib.request import getproxies, proxy_bypass

import httpx

from publisher import __version__

SECONDS = 10.0  # to connect, and between two pieces of an answer
WHOLE_SECONDS = 20.0  # headers that drip byte by byte end here
FETCH_SECONDS = 120.0  # and bodies here
USER_AGENT = f"pagemill/{__version__} (links and pictures of documents)"

Method: TypeAlias = Literal["HEAD", "GET"]
Cause: TypeAlias = Literal["name", "private", "certificate", "absent", "time", "lost", "address"]
Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]

# Of these, a piece of an answer holds at most a thousand times as much.
_PACKED = frozenset({"identity", "gzip", "deflate"})
# Proxies that work as a network device answer every name with an address of this range (RFC 2544).
_STAND_INS = ipaddress.ip_network("198.18.0.0/15")


@dataclass(frozen=True, slots=True)
class Heard:
    """The headers of an answer. `retry_after` is in seconds, from now on."""

    status: int
    location: str = ""
    retry_after: float | None = None
    etag: str = ""
    modified: str = ""


class Unheard(Exception):
    """There was no answer. `cause`: no host of that name, one that is not on the open web, a bad certificate, no
    connection, a connection without an answer in time, one that broke off, or nothing that can be asked for."""

    def __init__(self, cause: Cause, why: str = "") -> None:
        super().__init__(why)
        self.cause = cause
        self.why = why


async def resolved(host: str) -> Sequence[str]:
    """The addresses of a host, as this machine knows them.

    Raises:
        OSError: there are none, or nobody can say.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


class Web:
    """Sends one request at a time, as often as it is told; follows no redirect.

    Args:
        wall: Unix seconds, for a Retry-After that is a date.
        resolve: gives the addresses of a host. Nobody is asked for one that a proxy will resolve.
        transport: what carries the bytes, in place of the network.
    """

    def __init__(
        self,
        wall: Callable[[], float],
        *,
        connections: int,
        resolve: Resolve = resolved,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._wall = wall
        self._resolve = resolve
        self._hosts: dict[str, asyncio.Future[None]] = {}
        self._proxies = {} if transport is not None else getproxies()
        self._http = httpx.AsyncClient(
            headers={"user-agent": USER_AGENT, "accept": "*/*"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # takes none, so it sends none
            timeout=SECONDS,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            event_hooks={"response": [_keep_location]},
            transport=transport,
        )

    async def ask(self, method: Method, url: str) -> Heard:
        """The headers that an address answers with.

        Raises:
            Unheard: there was no answer.
        """
        async with self._answer(method, url, {}, WHOLE_SECONDS) as answer:
            return self._heard(answer)

    async def fetch(self, url: str, headers: Mapping[str, str], write: Callable[[bytes], object]) -> Heard:
        """As `ask`, and what an address holds goes to `write`, a piece at a time; its errors are passed on.

        Ask for it unpacked (`Accept-Encoding: identity`): what is packed twice
        is refused, as a little of it may fill all memory.

        Raises:
            Unheard: there was no answer, or not the whole of it.
        """
        async with self._answer("GET", url, headers, FETCH_SECONDS) as answer:
            if answer.status_code == 200:
                if answer.headers.get("content-encoding", "identity").lower() not in _PACKED:
                    raise Unheard("address", "packs what it sends, though it was asked not to")
                async for piece in answer.aiter_bytes(1 << 16):
                    write(piece)
            return self._heard(answer)

    @asynccontextmanager
    async def _answer(
        self, method: Method, url: str, headers: Mapping[str, str], seconds: float
    ) -> AsyncIterator[httpx.Response]:
        try:
            address = httpx.URL(url).copy_with(username="", password=None, fragment=None)
            async with asyncio.timeout(seconds):
                await self._on_the_open_web(address)
                more = {} if self._has_proxy(address) else {"trace": _check_peer}
                async with self._http.stream(method, address, headers=headers, extensions=more) as answer:
                    yield answer
        except (httpx.TimeoutException, TimeoutError) as error:
            cause: Cause = "absent" if isinstance(error, httpx.ConnectTimeout) else "time"
            raise Unheard(cause, f"gave no answer within {SECONDS:.0f} s") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            raise Unheard("address", str(error)) from error
        except httpx.HTTPError as error:
            raise _unheard(error) from error

    async def close(self) -> None:
        await self._http.aclose()

    def _heard(self, answer: httpx.Response) -> Heard:
        later = answer.headers.get("retry-after", "")
        etag, modified = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
        wait = _seconds(later, self._wall())
        return Heard(answer.status_code, answer.extensions["led_to"], wait, etag, modified)

    async def _on_the_open_web(self, address: httpx.URL) -> None:
        """Look a host up, once, before anything is sent to it.

        It is looked up again for the connection, when its name server may say something else: so `_check_peer`.
        """
        if self._by_proxy(address):
            return
        host = address.raw_host.decode("ascii")
        task = self._hosts.get(host)
        if task is None:
            task = self._hosts[host] = asyncio.ensure_future(self._look_up(host))
            # Perhaps nobody waits any more when it fails.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(task)

    def _by_proxy(self, address: httpx.URL) -> bool:
        return self._has_proxy(address) and not proxy_bypass(address.host)

    def _has_proxy(self, address: httpx.URL) -> bool:
        return address.scheme in self._proxies or "all" in self._proxies

    async def _look_up(self, host: str) -> None:
        try:
            found = await self._resolve(host)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                del self._hosts[host]
                raise Unheard("lost", "the name server gave no answer") from error
            raise Unheard("name", error.strerror or "") from error
        except OSError as error:
            raise Unheard("absent", error.strerror or str(error)) from error
        if any(is_private(item) for item in found):
            raise Unheard("private")


async def _check_peer(event: str, info: Mapping[str, Any]) -> None:
    """Give up a connection that leads off the open web, before a byte is sent through it."""
    if event != "connection.connect_tcp.complete":
        return
    stream = info["return_value"]
    peer = stream.get_extra_info("server_addr")
    if peer and is_private(str(peer[0])):
        await stream.aclose()
        raise Unheard("private")


async def _keep_location(answer: httpx.Response) -> None:
    """Put aside where an answer leads: httpx reads it even if it is not to follow, and fails on what is no address."""
    answer.extensions["led_to"] = answer.headers.pop("location", "")


def is_private(address: str) -> bool:
    """Whether an IP address is not on the open web: this machine, its network, link-local, reserved."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return (not ip.is_global or ip.is_multicast) and ip not in _STAND_INS


def _seconds(later: str, now: float) -> float | None:
    """What Retry-After says, a number of seconds or a date; None for nothing that can be read."""
    try:
        return max(float(later), 0.0) if later.strip().isdigit() else _until(later, now)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(date: str, now: float) -> float | None:
    return max(parsedate_to_datetime(date).timestamp() - now, 0.0) if date else None


def _unheard(error: httpx.HTTPError) -> Unheard:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unheard("certificate", cause.verify_message or str(cause))
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return Unheard("absent", "takes no connection")
    return Unheard("lost", "broke the connection off")
