"""The site of the embedded workspace: its pages as HTML for people, beside the APIs for programs.

Server-rendered, one style sheet and one small script of our own, nothing from elsewhere. What people wrote is
escaped; the Content-Security-Policy would stop a script even if it were not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles

from publisher.emulator.site.headers import SafeHeaders

if TYPE_CHECKING:
    from starlette.types import Scope

    from publisher.emulator.store import Store

_STATIC = Path(__file__).parent / "static"


class _Rest(Route):
    """Any other address of the site; those of the APIs are left to answer for themselves."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if str(scope.get("path", "")).startswith(("/v1/", "/v2/")):
            return Match.NONE, {}
        return super().matches(scope)


def routes(store: Store, base_url: str) -> list[BaseRoute]:
    """The routes of the site, to be mounted at the root beside /v1 and /v2, after them.

    `base_url` is the address under which people reach the workspace; it is shown, links are relative.
    """
    from publisher.emulator.site.views import Site

    site = Site(store, base_url)
    safe = [Middleware(SafeHeaders)]
    answered = Middleware(ExceptionMiddleware)  # so that "not found" carries the headers as well
    return [
        Route("/", site.home, middleware=safe, name="home"),
        Route("/p/{id}", site.page, middleware=safe, name="page"),
        Route("/p/{id}/history", site.history, middleware=safe, name="history"),
        Route("/tree/{id}", site.branch, middleware=safe, name="branch"),
        Route("/search", site.search, middleware=safe, name="search"),
        Route("/recent", site.recent, middleware=safe, name="recent"),
        Route("/events", site.events, middleware=safe, name="events"),
        Mount("/static", StaticFiles(directory=_STATIC), middleware=[*safe, answered], name="static"),
        _Rest("/{rest:path}", site.missing, middleware=safe, name="missing"),
    ]
