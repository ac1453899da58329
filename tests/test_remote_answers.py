"""What statuses and bodies mean."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import (
    ConflictError,
    PagemillError,
    RejectedError,
    TokenError,
    UnreachableError,
)
from publisher.remote.answers import LONGEST_MESSAGE, block_place, interpret, retry_after
from publisher.remote.port import Answer, PassingError, Request

WRITE = Request("PATCH", "/v1/blocks/b/children", b"{}", "write")
NOW = 1_800_000_000.0


def notion(status: int, code: str, message: str = "words", **extra: object) -> bytes:
    return json.dumps(
        {"object": "error", "status": status, "code": code, "message": message} | extra
    ).encode()


def answer(
    status: int, body: bytes, headers: dict[str, str] | None = None, service: str = "notion"
) -> Answer | PagemillError:
    try:
        return interpret(service, WRITE, status, headers or {}, body, NOW)
    except PagemillError as error:
        return error


def test_success_is_the_answer():
    found = answer(200, b'{"id":"x"}', {"etag": "e"})
    assert found == Answer(200, {"etag": "e"}, b'{"id":"x"}')


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id":"x"', b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_success_may_have_been_written(body):
    found = answer(200, body)
    assert isinstance(found, PassingError)
    assert found.maybe_written


@pytest.mark.parametrize(
    ("service", "status", "code", "kind"),
    [
        ("notion", 400, "validation_error", RejectedError),
        ("notion", 401, "unauthorized", TokenError),
        ("notion", 403, "restricted_resource", TokenError),
        ("notion", 404, "object_not_found", RejectedError),
        ("notion", 409, "conflict_error", PassingError),
        ("notion", 429, "rate_limited", PassingError),
        ("notion", 500, "internal_server_error", PassingError),
        ("notion", 501, "not_implemented", RejectedError),
        ("notion", 503, "service_unavailable", PassingError),
        ("notion", 504, "gateway_timeout", PassingError),
        ("notion", 529, "service_overload", PassingError),
        ("buildin", 400, "unsupported_block_type", RejectedError),
        ("buildin", 401, "unauthorized", TokenError),
        ("buildin", 403, "forbidden", TokenError),
        ("buildin", 404, "not_found", RejectedError),
        ("buildin", 409, "conflict", ConflictError),
        ("buildin", 409, "idempotency_conflict", RejectedError),
        ("buildin", 429, "rate_limited", PassingError),
        ("buildin", 500, "internal_error", PassingError),
    ],
)
def test_each_code_has_its_error(service, status, code, kind):
    found = answer(status, notion(status, code, "the words", request_id="r-1"), service=service)
    assert type(found) is kind
    for part in (code, str(status), "the words", "r-1", "PATCH /v1/blocks/b/children"):
        assert part in found.message
    assert found.hint or status == 501


@pytest.mark.parametrize("status", [409, 425, 429, 529])
def test_refused_before_anything_was_done(status):
    found = answer(status, notion(status, "conflict_error" if status == 409 else "rate_limited"))
    assert isinstance(found, PassingError)
    assert not found.maybe_written


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 599])
def test_server_errors_may_have_been_written(status):
    found = answer(status, b"<html><title>Bad gateway</title>")
    assert isinstance(found, PassingError)
    assert found.maybe_written
    assert "Bad gateway" in found.message


def test_a_collision_ends_as_a_conflict():
    found = answer(409, notion(409, "conflict_error"))
    assert isinstance(found, PassingError)
    assert found.verdict is ConflictError


def test_a_blocked_integration_is_not_retried():
    data = {"rate_limit_reason": "public_api_request_blocked", "retry_after": "5"}
    found = answer(429, notion(429, "rate_limited", additional_data=data), {"retry-after": "5"})
    assert isinstance(found, RejectedError)
    assert "support" in found.hint


def test_the_plan_is_no_matter_of_the_token():
    found = answer(403, notion(403, "restricted_resource", "This workspace has reached its block limit."))
    assert isinstance(found, RejectedError)
    assert "plan" in found.hint


@pytest.mark.parametrize(
    ("headers", "data", "seconds"),
    [
        ({"retry-after": "7"}, {}, 7.0),
        ({"retry-after": "1.5"}, {"retry_after": 3}, 1.5),
        ({}, {"retry_after": "3"}, 3.0),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, {}, 30.0),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, {}, 0.0),
        ({"retry-after": "-4"}, {}, None),
        ({"retry-after": "-nan"}, {"retry_after": 2}, 2.0),
        ({"retry-after": "soon"}, {"retry_after": 9}, 9.0),
        ({"retry-after": "inf"}, {}, None),
        ({"retry-after": "nan"}, {"retry_after": True}, None),
        ({"x-ratelimit-reset": "1800000012"}, {}, 12.0),
        ({"x-ratelimit-reset": "12"}, {}, 12.0),
        ({}, {}, None),
    ],
)
def test_retry_after_in_every_spelling(headers, data, seconds):
    assert retry_after(headers, data, NOW) == seconds


def test_a_saved_page_counts_as_done():
    data = {"retry_guidance": "do not retry", "committed_resource_id": "page-1"}
    found = answer(503, notion(503, "service_unavailable", additional_data=data))
    assert isinstance(found, Answer)
    assert found.json()["id"] == "page-1"


def test_saved_blocks_count_as_done():
    data = {"committed_resource_id": "page-1", "committed_child_ids": ["a", "b"]}
    found = answer(503, notion(503, "service_unavailable", additional_data=data))
    assert isinstance(found, Answer)
    assert [block["id"] for block in found.json()["results"]] == ["a", "b"]


def test_a_redirect_is_not_followed():
    found = answer(308, b"", {"location": "https://elsewhere.example"})
    assert isinstance(found, UnreachableError)
    assert "--base-url" in found.hint


def test_a_proxy_page_is_told_from_a_refusal():
    found = answer(403, b"<html><head><title>Blocked by the\nfirewall</title></head>")
    assert isinstance(found, RejectedError)
    assert "Blocked by the firewall" in found.message
    assert "proxies" in found.hint
    assert isinstance(answer(407, b""), UnreachableError)


def test_details_say_where():
    details = [
        {"path": "children[3].code.rich_text", "reason": "too_long", "limit": 2000, "actual": 2001},
        "odd",
    ]
    found = answer(400, notion(400, "validation_error", "Invalid body.", details=details), service="buildin")
    assert isinstance(found, RejectedError)
    assert "at children[3].code.rich_text: too_long (limit 2000, actual 2001)" in found.message
    assert block_place(found) == (3,)


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("body.children[12].paragraph.children[1].to_do.rich_text[0].text should be defined", (12, 1)),
        ("body.children.4.table.table_width", (4,)),
        ("path /v1/blocks/x/children with 400: no", ()),
        ("nothing", ()),
    ],
)
def test_finds_the_block_in_a_message(message, place):
    assert block_place(RejectedError(message, status=400, code="validation_error")) == place


def test_messages_are_fit_for_a_terminal():
    found = answer(400, notion(400, "validation_error", "\x1b[31mred\x07\n" + "long " * 1000))
    assert isinstance(found, RejectedError)
    assert "\x1b" not in found.message
    assert "\x07" not in found.message
    assert len(found.message) < LONGEST_MESSAGE + 200


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(
            ["code", "message", "additional_data", "details", "request_id", "path", "retry_after",
             "committed_resource_id", "committed_child_ids", "rate_limit_reason"]
        ) | st.text(max_size=5),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    st.sampled_from([200, 204, 302, 400, 401, 403, 404, 409, 418, 429, 500, 503, 529]),
    json_like.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-request-id", "x-ratelimit-reset"]), st.text(max_size=20)
    ),
)
def test_no_answer_is_too_odd(status, body, headers):
    found = answer(status, body, headers)
    assert isinstance(found, Answer | PagemillError)
