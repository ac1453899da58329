"""The embedded workspace as one ASGI app: `/v2` speaks Buildin, `/v1` Notion, everything else shows the pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.routing import Mount

from publisher.emulator import files, site
from publisher.emulator.buildin import service as buildin
from publisher.emulator.call import Environment
from publisher.emulator.faults import Faults
from publisher.emulator.gate import HostCheck, PageGate
from publisher.emulator.notion import service as notion
from publisher.emulator.service import Journal, Service
from publisher.emulator.store import Store
from publisher.emulator.switches import Switches, Token

DEFAULT_URL = "http://127.0.0.1:4747"
DEFAULT_SWITCHES = Switches()


def create_app(
    workspace: Path | str | None,
    *,
    base_url: str = DEFAULT_URL,
    tokens: Mapping[str, Token] | None = None,
    faults: Faults | None = None,
    switches: Switches = DEFAULT_SWITCHES,
    clock: Callable[[], datetime] | None = None,
    log: Path | None = None,
    hosts: Collection[str] | None = None,
) -> Starlette:
    """The app over the workspace in the file `workspace` (None or ":memory:": in memory).

    Args:
        base_url: the address under which pages and files are reached; goes into the answers.
        tokens: what each bearer token may do; None accepts any, and shows the pages to anybody.
        clock: the time of writes, for tests.
        log: a file to which every request is appended as a line of JSON.
        hosts: names that the Host header may have besides those of the loopback and of `base_url` ("*": any,
            "addresses": any IP address).

    `app.state` has `store`, `requests` (a list of `RecordedRequest`) and `faults`. The app needs no lifespan.

    Raises:
        sqlite3.DatabaseError: the file is not a workspace.
    """
    base_url = base_url.rstrip("/")
    store = Store(workspace, clock=clock)
    env = Environment(store, base_url, switches)
    journal = Journal(log=log)
    faults = faults or Faults()
    services = [
        Mount(style.prefix.rstrip("/"), Service(style, env, routes, tokens, faults, journal))
        for style, routes in (
            (buildin.STYLE, buildin.ROUTES),
            (notion.STYLE, notion.ROUTES),
            (buildin.UPLOADS, files.UPLOADS),
        )
    ]
    app = Starlette(routes=[*services, *files.routes(store), *site.routes(store, base_url)])
    if tokens is not None:
        app.add_middleware(PageGate, tokens=tokens)
    app.add_middleware(HostCheck, allowed=frozenset(hosts or ()) | {urlsplit(base_url).hostname or ""})
    app.state.store = store
    app.state.requests = journal.requests
    app.state.faults = faults
    return app
