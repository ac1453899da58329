"""What Notion asks of every request, and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from publisher.emulator.call import BOT, Environment
from publisher.emulator.check import Refusal
from publisher.emulator.notion import children, comments, databases, files, pages, people, versions
from publisher.emulator.service import Style

JSON_LIMIT = 500_000  # bytes of a JSON body ("Request limits")
PART_LIMIT = 20 * 1024 * 1024 + 100_000  # bytes of one uploaded part with its multipart frame

ROUTES = tuple(
    replace(route, run=versions.speaking(route.run))
    for module in (pages, children, people, databases, files, comments)
    for route in module.ROUTES
)

_STATUS = {
    "validation": (400, "validation_error"),
    "too_large": (400, "validation_error"),
    "unsupported_filter": (400, "validation_error"),
    "unsupported_sort": (400, "validation_error"),
    "unsupported_block_type": (400, "validation_error"),
    "invalid_json": (400, "invalid_json"),
    "invalid_url": (400, "invalid_request_url"),
    "missing_version": (400, "missing_version"),
    "unauthorized": (401, "unauthorized"),
    "forbidden": (403, "restricted_resource"),
    "not_found": (404, "object_not_found"),
    "conflict": (409, "conflict_error"),
    "idempotency_conflict": (409, "conflict_error"),
    "rate_limited": (429, "rate_limited"),
    "internal": (500, "internal_server_error"),
    "unavailable": (503, "service_unavailable"),
    "gateway_timeout": (504, "gateway_timeout"),
    "full": (507, "insufficient_storage"),
    "overload": (529, "service_overload"),
}


def _envelope(refusal: Refusal, status: int, code: str, request_id: str, method: str) -> Mapping[str, Any]:
    message = refusal.message
    if refusal.path:
        part = "query" if method == "GET" else "body"
        where = refusal.path if refusal.path.startswith("path.") else f"{part}.{refusal.path}"
        message = f"{where.split('.')[0]} failed validation: {where} {refusal.message}"
    body: dict[str, Any] = {"object": "error", "status": status, "code": code, "message": message}
    if refusal.additional:
        body["additional_data"] = dict(refusal.additional)
    return {**body, "request_id": request_id}


def _limit(env: Environment, path: str) -> int:
    return PART_LIMIT if path.startswith("file_uploads/") else JSON_LIMIT


STYLE = Style(
    name="notion",
    prefix="/v1/",
    id_header="X-Notion-Request-Id",
    status=_STATUS,
    envelope=_envelope,
    admit=lambda headers: versions.admit(headers.get("notion-version")),
    body_limit=_limit,
    actor=BOT,
)
