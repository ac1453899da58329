"""One service over HTTP: who is asking, what goes wrong, which handler answers, and how errors look."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote
from uuid import uuid4

from publisher.emulator.call import Call, Environment, Reply, Route
from publisher.emulator.check import Kind, Refusal
from publisher.emulator.faults import Faults, Nature, Verdict, refusal_of
from publisher.emulator.switches import Token
from publisher.emulator.wire import break_connection, headers_of, read_body, send_reply

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

KEPT = 100_000  # requests that are remembered at least, of a server that runs for long
READ_POSTS = ("query", "search", "semantic")  # POST that changes nothing, by the last part of the path


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it was answered. `status` 0: the connection broke. Sizes are bytes of the bodies."""

    number: int
    service: str
    method: str
    path: str
    status: int
    nature: Nature
    request_bytes: int
    response_bytes: int
    request_id: str
    code: str = ""
    seconds: float = 0.0


@dataclass
class Journal:
    """The last requests in order; every one also as a line of JSON in a file if one is given."""

    requests: list[RecordedRequest] = field(default_factory=list)
    log: Path | None = None
    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **values: Any) -> None:
        with self._lock:
            self.count += 1
            request = RecordedRequest(number=self.count, **values)
            self.requests.append(request)
            if len(self.requests) > 2 * KEPT:
                del self.requests[:KEPT]
            if self.log is not None:
                with self.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(request)) + "\n")


class Routes:
    """Operations by method and path. Templates have "*" for each id."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str, ...], dict[str, Route]]]] = {}
        for route in routes:
            template = tuple(route.template.split("/"))
            same = self._by_length.setdefault(len(template), [])
            methods = next((methods for known, methods in same if known == template), None)
            if methods is None:
                methods = {}
                same.append((template, methods))
                same.sort(key=lambda entry: entry[0].count("*"))  # a fixed name wins over an id
            methods[route.method] = route

    def find(self, method: str, parts: tuple[str, ...]) -> tuple[Route | None, tuple[str, ...]]:
        for template, methods in self._by_length.get(len(parts), ()):
            if all(want in ("*", part) for want, part in zip(template, parts, strict=True)):
                ids = tuple(part for want, part in zip(template, parts, strict=True) if want == "*")
                if method in methods:
                    return methods[method], ids
        return None, ()


@dataclass(frozen=True)
class Style:
    """What differs between the services in front of the handlers.

    `status` gives (HTTP status, code) of an error; `envelope` the whole body. `admit` checks what the service asks
    of every request (Notion: its version) and returns the version. `public` ones ask for no token.
    """

    name: str
    prefix: str
    id_header: str
    status: Mapping[str, tuple[int, str]]
    envelope: Callable[[Refusal, int, str, str, str], Mapping[str, Any]]
    admit: Callable[[Mapping[str, str]], str]
    body_limit: Callable[[Environment, str], int]
    actor: str
    public: bool = False
    oversize: Kind = "too_large"


class Service:
    """The ASGI app of one service."""

    def __init__(
        self,
        style: Style,
        env: Environment,
        routes: Iterable[Route],
        tokens: Mapping[str, Token] | None,
        faults: Faults,
        journal: Journal,
    ) -> None:
        self.style = style
        self.env = env
        self.routes = Routes(route for route in routes if not route.when or getattr(env.switches, route.when))
        self.tokens = tokens
        self.faults = faults
        self.journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = str(uuid4())
        path = self._path(scope)
        nature = nature_of(scope["method"], path)
        body, whole = await read_body(receive, self._limit(scope, path))
        verdict = self.faults.judge(nature)
        if verdict.delay:
            await self.faults.sleep(verdict.delay)
        if verdict.edit is not None:
            verdict.edit(self.env.store)
        reply, code = self._answer(scope, path, body if whole else None, request_id, verdict)
        lost = verdict.rule is not None and not verdict.rule.status and not verdict.rule.cut
        content = b"" if lost else reply.encoded()
        self.journal.add(
            service=self.style.name,
            method=scope["method"],
            path=scope["path"],
            status=0 if lost else reply.status,
            nature=nature,
            request_bytes=len(body),
            response_bytes=len(content),
            request_id=request_id,
            code=code,
            seconds=round(time.perf_counter() - started, 6),
        )
        if lost:
            await break_connection(scope)
            return
        cut = verdict.rule is not None and verdict.rule.cut
        await send_reply(scope, send, reply, content, {self.style.id_header: request_id}, cut)

    def _limit(self, scope: Scope, path: str) -> int:
        """Bytes of the body that are kept; none of somebody who will be refused, so that nobody fills the memory."""
        try:
            self._token(headers_of(scope))
        except Refusal:
            return 0
        return self.style.body_limit(self.env, path)

    def _path(self, scope: Scope) -> str:
        raw = scope.get("raw_path") or scope["path"].encode()
        return str(raw.decode("latin-1").split("?")[0].removeprefix(self.style.prefix))

    def _answer(
        self, scope: Scope, path: str, body: bytes | None, request_id: str, verdict: Verdict
    ) -> tuple[Reply, str]:
        """The answer and, if it is an error, its code."""
        rule = verdict.rule
        try:
            if verdict.refusal is not None:
                raise verdict.refusal
            if rule is not None and rule.stage == "before":
                if not rule.status:
                    return Reply(b""), ""
                raise refusal_of(rule)
            reply = self._handle(scope, path, body, request_id)
            if rule is not None and rule.status:
                raise _lost_answer(rule.status, reply)
            return reply, ""
        except Refusal as refusal:
            return self._error(refusal, scope["method"], request_id, rule.status if rule else 0)
        except RecursionError:
            deep = Refusal("validation", "The request is nested too deeply.")
            return self._error(deep, scope["method"], request_id, 0)
        except sqlite3.OperationalError as error:
            return self._error(_unwritable(error), scope["method"], request_id, 0)
        except Exception:  # a mistake of ours: the client gets the service's own 500, the log says why
            logging.getLogger(__name__).exception("%s %s", scope["method"], scope["path"])
            crash = Refusal("internal", "An unexpected error occurred.")
            return self._error(crash, scope["method"], request_id, 0)

    def _error(self, refusal: Refusal, method: str, request_id: str, forced: int) -> tuple[Reply, str]:
        status, code = self.style.status[refusal.kind]
        if forced == 502 and refusal.kind == "internal":
            status = 502
        body = self.style.envelope(refusal, status, code, request_id, method)
        return Reply(body, refusal.headers, status), code

    def _handle(self, scope: Scope, path: str, body: bytes | None, request_id: str) -> Reply:
        headers = headers_of(scope)
        token = self._token(headers)
        version = self.style.admit(headers)
        parts = tuple(unquote(part) for part in path.strip("/").split("/"))
        route, ids = self.routes.find(scope["method"], parts)
        if route is None:
            raise Refusal("invalid_url", f"There is no operation {scope['method']} {scope['path']}.")
        permit(token, route)
        if body is None:
            raise Refusal(self.style.oversize, "The request body is larger than this address takes.")
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        call = Call(self.env, scope["method"], path, ids, query, headers, body, token, request_id, version)
        if not route.writes:
            return route.run(call)
        with self.env.store.write(f"{call.method} {scope['path']}", self.style.actor) as writer:
            return route.run(call, writer)

    def _token(self, headers: Mapping[str, str]) -> Token:
        if self.style.public:
            return Token()
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            raise Refusal("unauthorized", "API token is invalid.")
        token = Token() if self.tokens is None else self.tokens.get(secret)
        if token is None or token.revoked:
            raise Refusal("unauthorized", "API token is invalid.")
        if not token.plan:
            raise Refusal("forbidden", "The plan of this workspace has no public API.")
        return token


def nature_of(method: str, path: str) -> Nature:
    """Whether a request can change anything."""
    if method in ("GET", "HEAD") or (method == "POST" and path.rstrip("/").rsplit("/", 1)[-1] in READ_POSTS):
        return "read"
    return "write"


def permit(token: Token, route: Route) -> None:
    """Refuse what the token may not do.

    Raises:
        Refusal: forbidden.
    """
    allowed = not route.need or bool(getattr(token, route.need))
    if not allowed or (route.databases and not token.databases):
        raise Refusal("forbidden", "The token has no rights for this operation.")


def _unwritable(error: sqlite3.OperationalError) -> Refusal:
    """A full or broken disk, which waiting does not mend; or locked by another process for too long."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # missing where Python made the error
    if code == sqlite3.SQLITE_FULL:
        return Refusal("full", "The workspace cannot be written: the disk is full.")
    hopeless = code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
    return Refusal("full" if hopeless else "unavailable", f"The workspace cannot be written: {error}.")


def _lost_answer(status: int, reply: Reply) -> Refusal:
    """An error although the work is done."""
    resource, children = reply.committed
    additional: dict[str, Any] = {
        "retry_guidance": "The write was saved. Do not send it again; read the state instead."
    }
    if resource:
        additional["committed_resource_id"] = resource
    if children:
        additional["committed_child_ids"] = list(children)
    kind = {503: "unavailable", 504: "gateway_timeout"}.get(status, "internal")
    message = "The answer was lost after the write was saved."
    return Refusal(kind, message, additional=additional if status == 503 else {})  # type: ignore[arg-type]
