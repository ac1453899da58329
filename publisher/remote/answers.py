"""What a status and a body mean: an answer, a refusal for good, or one that may pass.

Sources: Notion "Status codes" and "Request limits", Buildin "Conventions"; both envelopes are read alike.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from publisher.errors import (
    ConflictError,
    PagemillError,
    RejectedError,
    StorageError,
    TokenError,
    UnreachableError,
)
from publisher.remote.port import Answer, PassingError, Request

NAMES = {"buildin": "Buildin", "notion": "Notion"}
LONGEST_MESSAGE = 600  # characters of a service's own words that a person should have to read
NOT_PROCESSED = frozenset({425, 429, 529})  # refused before anything was done
FULL = 507  # how the embedded workspace says that its disk is full
FINAL_5XX = frozenset({501, 505, 507, 511})  # a server error that waiting does not mend


@dataclass(frozen=True, slots=True)
class Problem:
    """An error answer, whatever shape it came in."""

    status: int
    code: str
    message: str
    request_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    understood: bool = True  # False: the body is not the service's JSON

    def sentence(self, service: str, request: Request) -> str:
        """One line (and one for each place) that says who refused what and why."""
        trace = f", request id {self.request_id}" if self.request_id else ""
        head = f"{NAMES.get(service, service)} answered {request.method} {request.path} with {self.status}"
        return "\n".join((f"{head}: {self.message} ({self.code}{trace})", *self.places))


def interpret(
    service: str, request: Request, status: int, headers: Mapping[str, str], body: bytes, now: float
) -> Answer:
    """The answer, if it is one.

    `headers` have lower-case names; `now` is the time in Unix seconds (for a Retry-After that is a date).

    Raises:
        TokenError, RejectedError, ConflictError: refused for good.
        PassingError: refused or damaged for now.
        UnreachableError: something else than the service answers at this address.
    """
    if status < 300:
        return _whole(service, request, status, headers, body)
    problem = read_problem(status, headers, body)
    if status >= 500 and (done := _committed(problem, headers)) is not None:
        return done
    raise refusal(service, request, problem, headers, now)


def stored(request: Request, status: int, headers: Mapping[str, str], body: bytes, now: float) -> Answer:
    """What a storage answered: there is no JSON in it, and its refusals are not about the token.

    Raises:
        RejectedError: refused for good, such as an address that has expired (403).
        PassingError: another attempt makes sense.
    """
    if status < 300:
        return Answer(status, headers, b"")
    # S3 and its kin; the rest may hold secrets
    code = re.search(rb"<Code>([A-Za-z0-9_.]{1,60})</Code>", body[:4000])
    name = code.group(1).decode() if code else f"http_{status}"
    message = f"The file storage answered {request.method} {request.path} with {status} ({name})."
    if status in (408, 425, 429) or (status >= 500 and status not in FINAL_5XX):
        wait = _seconds(headers.get("retry-after"), now)
        raise PassingError(message, status=status, maybe_written=True, retry_after=wait, hint=_OUTAGE)
    raise RejectedError(message, status=status, code=name, hint=_STORAGE)


def _whole(service: str, request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    try:
        if isinstance(json.loads(body), dict):
            return Answer(status, headers, body)
    except (ValueError, RecursionError):
        pass
    raise PassingError(
        f"The answer of {NAMES.get(service, service)} to {request.method} {request.path} is damaged or not JSON.",
        status=status,
        maybe_written=True,
        hint="Check the address (--base-url): something else may answer there, such as a proxy.",
    )


def read_problem(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Read an error body of either service; a page of HTML or nothing at all is a problem as well."""
    trace = headers.get("x-request-id") or headers.get("x-notion-request-id") or ""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("code"), str):
        title = re.search(rb"<title[^>]*>([^<]{1,200})", body[:4000], re.IGNORECASE)
        words = title.group(1).decode("utf-8", "replace") if title else "no explanation"
        return Problem(status, f"http_{status}", _clean(words), _clean(trace), understood=False)
    extra = data.get("additional_data")
    return Problem(
        status,
        _clean(data["code"]),
        _clean(str(data.get("message") or "no explanation")),
        _clean(str(data.get("request_id") or trace)),
        extra if isinstance(extra, dict) else {},
        _places(data.get("details")),
    )


def _clean(text: str) -> str:
    """A service's words, fit for a terminal: no control characters, not endless."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def _places(details: object) -> tuple[str, ...]:
    if not isinstance(details, list):
        return ()
    lines = []
    for item in details[:10]:
        if isinstance(item, dict):
            sizes = ", ".join(f"{name} {item[name]}" for name in ("limit", "actual") if name in item)
            reason = f"{item.get('reason') or 'invalid'}" + (f" ({sizes})" if sizes else "")
            lines.append(_clean(f"at {item.get('path') or 'the body'}: {reason}"))
    return tuple(lines)


def block_place(error: RejectedError) -> tuple[int, ...]:
    """Which block of the request was refused, as far as the message says: (3, 1) is child 1 of child 3, from 0.

    Empty when it names no block.
    """
    path = re.search(r"\bchildren(?:\[\d+\]|\.\d+\b)[\w.\[\]]*", "\n".join(error.words))
    return tuple(int(n) for n in re.findall(r"children[\[.](\d+)", path.group())) if path else ()


def retry_after(headers: Mapping[str, str], data: Mapping[str, Any], now: float) -> float | None:
    """Seconds to wait as the service says: Retry-After (seconds or a date), `additional_data.retry_after`, or the
    end of its window (X-RateLimit-Reset in Unix seconds)."""
    for value in (headers.get("retry-after"), data.get("retry_after")):
        seconds = _seconds(value, now)
        if seconds is not None:
            return seconds
    reset = _seconds(headers.get("x-ratelimit-reset"), now)
    return None if reset is None else max(reset - now, 0.0) if reset > 1e9 else reset


def _seconds(value: object, now: float) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(str(value))
    except ValueError:
        try:
            date = parsedate_to_datetime(str(value))
            number = max((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now, 0.0)
        except (ValueError, OverflowError):
            return None
    return number if math.isfinite(number) and number >= 0 else None


def _committed(problem: Problem, headers: Mapping[str, str]) -> Answer | None:
    """A write that Notion saved although it answered 503: the answer that it would have been, as far as known."""
    resource = problem.data.get("committed_resource_id")
    if not isinstance(resource, str) or not resource:
        return None
    body: dict[str, Any] = {"id": resource, "object": "committed"}
    children = problem.data.get("committed_child_ids")
    if isinstance(children, list):
        body["results"] = [{"object": "block", "id": str(child)} for child in children]
    return Answer(200, headers, json.dumps(body).encode())


def refusal(
    service: str, request: Request, problem: Problem, headers: Mapping[str, str], now: float
) -> PagemillError:
    """The error that stands for a problem; a `PassingError` when another attempt makes sense."""
    if (passing := _passing(service, request, problem, headers, now)) is not None:
        return passing
    message, status = problem.sentence(service, request), problem.status
    if status < 400:
        return UnreachableError(
            message, "The address redirects elsewhere. Check --base-url: it is not followed."
        )
    if status == FULL:
        return StorageError(problem.message, "Make room and run this again: what is done is not done twice.")
    if status == 401 or (status == 403 and problem.understood and not _is_limit(problem)):
        return TokenError(message, _token_hint(service, problem))
    if status == 407:
        return UnreachableError(message, "The proxy wants a password: see HTTPS_PROXY in the environment.")
    if status == 409 and problem.code != "idempotency_conflict":
        return ConflictError(message, "Somebody changed the page meanwhile. Run again: it is read first.")
    return RejectedError(
        message,
        status=status,
        code=problem.code,
        request_id=problem.request_id,
        hint=_hint(service, problem),
        words=(problem.message, *problem.places),
    )


def _passing(
    service: str, request: Request, problem: Problem, headers: Mapping[str, str], now: float
) -> PassingError | None:
    status, maybe_written, hint = problem.status, False, _RATE
    verdict: type[PagemillError] = UnreachableError
    if status == 408 or (status >= 500 and status not in NOT_PROCESSED | FINAL_5XX):
        maybe_written, hint = True, _OUTAGE
    elif problem.code == "conflict_error":  # Notion: two transactions collided, this one was not done
        hint, verdict = _COLLISION, ConflictError
    elif status not in NOT_PROCESSED or _blocked(problem):
        return None
    return PassingError(
        problem.sentence(service, request),
        status=status,
        maybe_written=maybe_written,
        retry_after=retry_after(headers, problem.data, now),
        headers=headers,
        verdict=verdict,
        hint=hint,
    )


def _blocked(problem: Problem) -> bool:
    """Notion's one rate answer that must not be repeated: requests of this connection are blocked."""
    return str(problem.data.get("rate_limit_reason", "")).endswith("request_blocked")


def _is_limit(problem: Problem) -> bool:
    """A 403 that no token mends: the plan's number of blocks is used up."""
    words = problem.message.lower()
    return "limit" in words and "block" in words


_RATE = "The service's request budget is used up, perhaps by another program with the same token. Run again later."
_STORAGE = "Publish again: the file is given another address to go to."
_OUTAGE = "The service has a problem. Run again later: what is done is not done twice."
_COLLISION = "Two changes met inside the service. Run again: the page is read first."

_HINTS = {
    "idempotency_conflict": "The same Idempotency-Key was used for another body. Run again: the tree is read first.",
    "validation_error": "The service does not take this content. Please report the page and this message.",
    "unsupported_block_type": "The service cannot write this kind of block. Please report the page and this message.",
    "invalid_json": "Please report the page and this message.",
    "missing_version": "A proxy or --base-url seems to drop the Notion-Version header.",
}


def _hint(service: str, problem: Problem) -> str:
    if not problem.understood:
        return (
            "This is no answer of the service itself: check --base-url, and proxies and firewalls on the way."
        )
    if problem.status == 404:
        return _share_hint(service)
    if _blocked(problem):
        return "The service has blocked this integration's requests; ask its support."
    if problem.status == 403:
        return "The workspace's plan allows no more blocks. A bigger plan helps; deleting may not."
    return _HINTS.get(problem.code, "Run again; if it comes to the same, please report this message.")


def _share_hint(service: str) -> str:
    if service == "notion":
        return "If the page exists, share it with the integration: page menu, Connections, your integration."
    return "If the page exists, give the integration access to it, and check the id."


def _token_hint(service: str, problem: Problem) -> str:
    variable = f"{service.upper()}_TOKEN"
    if problem.status == 401:
        return f"Check {variable}: the token is wrong, expired or of another workspace."
    if service == "notion":
        return (
            "Share the parent page with the integration (page menu, Connections), and give the integration the "
            f"capabilities to read, insert and update content. Is {variable} the right integration?"
        )
    return (
        "The integration needs the scopes pages.read, pages.write, blocks.read and blocks.write, access to the "
        f"parent page, and a plan with the public API. Is {variable} the right integration?"
    )
