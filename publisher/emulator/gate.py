"""Who gets in: by the name of the host for every request, by a token for the pages of a guarded workspace."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

from publisher.emulator.switches import Token

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESSES = "addresses"  # among the allowed hosts: any IP address, which no name of the web can be bound to
# These ask for tokens themselves, or have an address that cannot be guessed, as the services' own files do.
OPEN = ("/v1/", "/v2/", "/uploads/", "/files/")


class HostCheck:
    """Refuses requests for other host names, so that no page of the web can reach the workspace by DNS rebinding."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self.app = app
        self.allowed = {"localhost", "127.0.0.1", "::1", *(name.lower() for name in allowed)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(_host(scope)):
            await PlainTextResponse("This host name is not served here.", 421)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _allows(self, host: str) -> bool:
        if host in self.allowed or "*" in self.allowed:
            return True
        return ADDRESSES in self.allowed and _is_address(host)


class PageGate:
    """Asks for a token before it shows pages: as the password of HTTP's own dialogue, under any user name."""

    def __init__(self, app: ASGIApp, tokens: Mapping[str, Token]) -> None:
        self.app = app
        self.tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(OPEN) and not self._may_read(scope):
            ask = {"WWW-Authenticate": 'Basic realm="pagemill: a token as password", charset="UTF-8"'}
            words = "These pages need a token that may read, as the password; the user name does not matter."
            await PlainTextResponse(words, 401, ask)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _may_read(self, scope: Scope) -> bool:
        token = self.tokens.get(password(_header(scope, b"authorization")))
        return token is not None and token.read and token.plan and not token.revoked


def password(header: str) -> str:
    """The password of an Authorization header of Basic, or the token of Bearer; empty if there is none."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _header(scope: Scope, name: bytes) -> str:
    return str(next((value for known, value in scope["headers"] if known == name), b"").decode("latin-1"))


def _host(scope: Scope) -> str:
    try:
        return urlsplit(f"//{_header(scope, b'host')}").hostname or ""
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
