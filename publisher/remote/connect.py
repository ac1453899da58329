"""The one place that composes a workspace: attach, retry, throttle, silence, record, client, each over the next."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from converters.dialects import DIALECTS
from publisher.errors import UsageError
from publisher.remote.adapter import Adapter
from publisher.remote.address import is_local
from publisher.remote.answers import NAMES
from publisher.remote.attach import Attach
from publisher.remote.buildin import ADDRESS as BUILDIN
from publisher.remote.buildin import BuildinAdapter
from publisher.remote.notion import ADDRESS as NOTION
from publisher.remote.notion import NotionAdapter
from publisher.remote.port import Transport
from publisher.remote.record import Exchange, Record
from publisher.remote.retry import Patience, Retry
from publisher.remote.silence import Silence
from publisher.remote.stopping import Pauses
from publisher.remote.throttle import PACES, UNLIMITED, Pace, Throttle
from publisher.remote.tokens import Secret, checked
from publisher.remote.workspace import Workspace

ADDRESSES = {"buildin": BUILDIN, "notion": NOTION}
HERE = "http://localhost"

Clock: TypeAlias = Callable[[], float]


def connect(
    service: str,
    base_url: str,
    token: Secret | str,
    *,
    app: Any = None,
    pace: Pace | None = None,
    patience: Patience | None = None,
    on_request: Callable[[Exchange], None] | None = None,
    tell: Callable[[str], None] | None = None,
    idempotency_keys: bool = True,
    clock: Clock = time.monotonic,
) -> Workspace:
    """A workspace, ready to be used; nothing is sent yet.

    Args:
        service: "buildin" or "notion": which API is spoken.
        base_url: the service's address, "" for its own (with `app`: this machine). A last "/v1" or "/v2" is dropped.
        token: of the integration.
        app: an ASGI application that answers in process, such as the embedded workspace.
        pace: None for the service's published limits, and none at all in process or on this machine.
        patience: how long one request may be retried.
        on_request: is told of every attempt, after it.
        tell: is given a line for people when the service does not answer for a while.
        idempotency_keys: see `BuildinAdapter`.
        clock: monotonic seconds, for tests in simulated time.

    Raises:
        UsageError: an unknown service, or an address that cannot be used.
        TokenError: the token cannot stand in a header.
    """
    if service not in ADDRESSES:
        raise UsageError(f"There is no service {service!r}.", f"Known: {', '.join(sorted(ADDRESSES))}.")
    address = _address(base_url or (HERE if app is not None else ADDRESSES[service]))
    secret = token if isinstance(token, Secret) else checked(token, "the token")
    if pace is None:
        pace = UNLIMITED if app is not None or _is_here(address) else PACES[service]
    adapter: Adapter = BuildinAdapter(idempotency_keys) if service == "buildin" else NotionAdapter()
    pauses = Pauses()
    record = Record(_client(service, address, secret, app), on_request=on_request, clock=clock)
    watched = Silence(record, NAMES[service], tell, clock=clock) if tell is not None else record
    transport = Retry(
        Throttle(watched, pace, clock=clock, pauses=pauses), patience=patience, sleep=pauses.wait
    )
    return Workspace(
        adapter, Attach(transport), DIALECTS[service], counts=record.counts, pace=pace, pauses=pauses
    )


def _client(service: str, address: str, token: Secret, app: Any) -> Transport:
    from publisher.remote.client import Client  # late: httpx costs a quarter of a second

    return Client(service, address, token, app=app)


def _address(base_url: str) -> str:
    return base_url.strip().rstrip("/").removesuffix("/v1").removesuffix("/v2")


def _is_here(address: str) -> bool:
    return is_local(urlsplit(address).hostname or "")
