"""The embedded workspace over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from publisher.emulator.faults import Faults
from publisher.emulator.gate import ADDRESSES
from publisher.emulator.switches import Switches, Token

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

DEFAULT_PORT = 4747
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANY = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Options:
    """What `serve` passes on to the app; see `publisher.emulator.app.create_app`."""

    tokens: Mapping[str, Token] | None = None
    faults: Faults | None = None
    switches: Switches = Switches()  # noqa: RUF009 - frozen
    clock: Callable[[], datetime] | None = None
    log: Path | None = None
    hosts: tuple[str, ...] = ()
    url: str = ""  # the address under which others reach it, if it is not the one that is listened on


class Breakable:
    """Gives the app below a way to close the socket without an answer, as the scope's `pagemill.abort`."""

    def __init__(self, app: ASGIApp, sockets: Mapping[tuple[str, int], asyncio.Transport]) -> None:
        self.app = app
        self.sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = self.sockets.get(tuple(scope["client"])) if scope.get("client") else None
        if transport is None:
            await self.app(scope, receive, send)
            return
        broken = False

        def abort() -> None:
            nonlocal broken
            broken = True
            # Closing, not aborting: what was already sent of a truncated answer still goes out.
            transport.close()

        scope["extensions"] = {**scope.get("extensions", {}), "pagemill.abort": abort}
        await self.app(scope, receive, send)
        while broken and (await receive())["type"] != "http.disconnect":
            pass


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections; port 0 picks a free one.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share the port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError:
        found.close()
        raise
    return found


def url_of(sock: socket.socket) -> str:
    """The address under which a listening socket is reached; of several (0.0.0.0), the one that leads outside."""
    host, port = sock.getsockname()[:2]
    if host in ANY:
        host = _outer(sock.family) or host
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _outer(family: int) -> str:
    """This computer's own address on the way to others; nothing is sent. Empty if there is no way."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _allowed(host: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """Names for the Host header: beyond the loopback also any address of this computer, and its name."""
    if host in LOOPBACK:
        return given
    return (*given, host, ADDRESSES, socket.gethostname())


def serve(
    workspace: Path | str | None,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    options: Options | None = None,
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve a workspace until interrupted. `ready` gets the address as soon as connections are accepted.

    Raises:
        OSError: the address cannot be had.
        ValueError: the address can be reached by others, and there are no tokens.
        sqlite3.DatabaseError: the file is not a workspace.
    """
    server, sock, url = prepare(workspace, host, port, options)
    try:
        ready(url)
        server.run(sockets=[sock])
    finally:
        sock.close()


def prepare(
    workspace: Path | str | None, host: str, port: int, options: Options | None = None
) -> tuple[Any, socket.socket, str]:
    """A uvicorn server for the workspace, its listening socket and its address. Stop it with `should_exit`.

    Raises:
        ValueError: the address is not of the loopback and no tokens are configured.
    """
    from publisher.emulator.app import create_app

    options = options or Options()
    if options.tokens is None and host not in LOOPBACK:
        raise ValueError(f"{host} can be reached by others; serving it needs tokens.")
    sock = listen(host, port)
    url = options.url.rstrip("/") or url_of(sock)
    try:
        app = create_app(
            workspace,
            base_url=url,
            tokens=options.tokens,
            faults=options.faults,
            switches=options.switches,
            clock=options.clock,
            log=options.log,
            hosts=_allowed(host, options.hosts),
        )
    except BaseException:
        sock.close()
        raise
    return _server(app), sock, url


def _server(app: Any) -> Any:
    """A uvicorn server whose connections can be broken on purpose."""
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    sockets: dict[tuple[str, int], Any] = {}

    class Protocol(H11Protocol):
        """Remembers the transport of each client while it is connected."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._peer = tuple(transport.get_extra_info("peername")[:2])
            sockets[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            sockets.pop(self._peer, None)
            super().connection_lost(exc)

    config = uvicorn.Config(
        Breakable(app, sockets),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    server.app = app  # type: ignore[attr-defined] # so that tests can reach app.state
    return server
