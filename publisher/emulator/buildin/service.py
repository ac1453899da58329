"""What Buildin asks of every request, and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publisher.emulator.buildin import children, databases, files, pages, people
from publisher.emulator.call import BOT, Environment
from publisher.emulator.check import Refusal
from publisher.emulator.service import Style

ROUTES = (*pages.ROUTES, *children.ROUTES, *people.ROUTES, *databases.ROUTES, *files.ROUTES)

_STATUS = {
    "validation": (400, "validation_error"),
    "invalid_json": (400, "validation_error"),
    "too_large": (400, "validation_error"),
    "missing_version": (400, "validation_error"),
    "unsupported_filter": (400, "unsupported_filter"),
    "unsupported_sort": (400, "unsupported_sort"),
    "unsupported_block_type": (400, "unsupported_block_type"),
    "unauthorized": (401, "unauthorized"),
    "forbidden": (403, "forbidden"),
    "not_found": (404, "not_found"),
    "invalid_url": (404, "not_found"),
    "conflict": (409, "conflict"),
    "idempotency_conflict": (409, "idempotency_conflict"),
    "rate_limited": (429, "rate_limited"),
    "internal": (500, "internal_error"),
    "unavailable": (503, "internal_error"),
    "gateway_timeout": (504, "internal_error"),
    "full": (507, "insufficient_storage"),
    "overload": (529, "internal_error"),
}


def _envelope(refusal: Refusal, status: int, code: str, request_id: str, method: str) -> Mapping[str, Any]:
    body: dict[str, Any] = {
        "object": "error",
        "status": status,
        "code": code,
        "message": str(refusal),
        "request_id": request_id,
    }
    if refusal.path:
        detail: dict[str, Any] = {"path": refusal.path, "reason": refusal.message}
        if refusal.limit is not None:
            detail["limit"] = refusal.limit
        if refusal.actual is not None:
            detail["actual"] = refusal.actual
        body["details"] = [detail]
    return body


def _limit(env: Environment, path: str) -> int:
    return env.switches.buildin_bytes


def _upload_limit(env: Environment, path: str) -> int:
    """As much as was announced, and one byte more so that too much is noticed."""
    row = env.store.row("SELECT size FROM file WHERE secret = ? AND status = 'pending'", (path,))
    return int(row[0] or 0) + 1 if row else 0


# The upload addresses that Buildin gives out: the address itself is the key.
UPLOADS = Style(
    name="uploads",
    prefix="/uploads/",
    id_header="X-Request-Id",
    status=_STATUS,
    envelope=_envelope,
    admit=lambda headers: "",
    body_limit=_upload_limit,
    actor=BOT,
    public=True,
    oversize="forbidden",
)

STYLE = Style(
    name="buildin",
    prefix="/v2/",
    id_header="X-Request-Id",
    status=_STATUS,
    envelope=_envelope,
    admit=lambda headers: "",
    body_limit=_limit,
    actor=BOT,
)
