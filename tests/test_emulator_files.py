"""Uploads through both services, and how files are given out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from emulated import Workspace

from publisher.emulator.app import create_app
from publisher.emulator.faults import parse

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def announce(page: str, **changes: Any) -> dict[str, Any]:
    return {
        "filename": "a b.png",
        "content_type": "image/png",
        "content_length": len(PNG),
        "parent": {"type": "page_id", "page_id": page},
        **changes,
    }


def test_buildin_upload(workspace: Workspace) -> None:
    page = workspace.page()
    upload = workspace.ok("POST", "/v2/files/upload-url", announce(page))
    assert (upload["object"], upload["method"], upload["size"]) == ("file_upload", "PUT", len(PNG))
    source = {"type": "file", "file": {"oss_name": upload["oss_name"], "size": len(PNG)}}
    children = {"children": [{"type": "image", "image": source}]}
    workspace.refused("PATCH", f"/v2/blocks/{page}/children", children)  # the bytes have not arrived
    assert (
        workspace.raw("PUT", upload["upload_url"], content=PNG[:-1], headers=upload["headers"]).status_code
        == 400
    )
    assert (
        workspace.raw("PUT", upload["upload_url"], content=PNG + b"x", headers=upload["headers"]).status_code
        == 400
    )
    assert (
        workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"]).status_code == 200
    )
    assert (
        workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"]).status_code == 403
    )
    block = workspace.ok("PATCH", f"/v2/blocks/{page}/children", children)["results"][0]
    file = workspace.raw("GET", block["image"]["file"]["url"])
    assert (file.content, file.headers["Content-Type"]) == (PNG, "image/png")
    query = f"block_id={block['id']}&oss_name={upload['oss_name']}"
    assert (
        workspace.raw("GET", workspace.ok("GET", f"/v2/files/download-url?{query}")["file"]["url"]).content
        == PNG
    )
    workspace.refused(
        "GET", f"/v2/files/download-url?block_id={page}&oss_name={upload['oss_name']}", code="not_found"
    )
    shown = workspace.ok("GET", f"/v1/blocks/{block['id']}")["image"]
    assert shown["type"] == "file"


def test_uploads_are_recorded_and_can_be_broken() -> None:
    workspace = Workspace(create_app(None, faults=parse("503@w3")))
    upload = workspace.ok("POST", "/v2/files/upload-url", announce(workspace.page()))
    first = workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"])
    again = workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"])
    assert (first.status_code, again.status_code) == (503, 200)
    assert [request.service for request in workspace.app.state.requests][2:] == ["uploads", "uploads"]
    wrong = {**upload["headers"], "Content-Type": "text/html"}
    assert workspace.raw("PUT", upload["upload_url"], content=PNG, headers=wrong).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"content_type": "text/javascript"},
        {"content_length": 0},
        {"content_length": 104_857_601},
        {"filename": ""},
        {"filename": "x" * 256},
        {"parent": {"database_id": "5" * 32}},
        {"extra": 1},
    ],
)
def test_buildin_refuses_an_upload(workspace: Workspace, changes: dict[str, Any]) -> None:
    workspace.refused("POST", "/v2/files/upload-url", announce(workspace.page(), **changes))


def send(workspace: Workspace, id: str, data: bytes, kind: str = "image/png", **fields: str) -> Any:
    files = {"file": ("a.png", data, kind)}
    return workspace.raw("POST", f"/v1/file_uploads/{id}/send", files=files, data=fields)


def test_notion_upload(workspace: Workspace) -> None:
    upload = workspace.ok("POST", "/v1/file_uploads", {"filename": "a.png"})
    assert (upload["status"], upload["content_type"]) == ("pending", "image/png")
    page = workspace.page()
    children = {"children": [{"image": {"file_upload": {"id": upload["id"]}}}] * 2}
    workspace.refused("PATCH", f"/v1/blocks/{page}/children", children)
    assert send(workspace, upload["id"], PNG, "text/plain").status_code == 400
    data = bytes(range(256)) * 40 + b"\r\n--x\r\n"
    answer = send(workspace, upload["id"], data)
    assert (answer.status_code, answer.json()["status"], answer.json()["content_length"]) == (
        200,
        "uploaded",
        len(data),
    )
    assert send(workspace, upload["id"], data).status_code == 400
    blocks = workspace.ok("PATCH", f"/v1/blocks/{page}/children", children)["results"]
    assert workspace.raw("GET", blocks[1]["image"]["file"]["url"]).content == data
    cover = {"type": "file_upload", "file_upload": {"id": upload["id"]}}
    assert workspace.ok("PATCH", f"/v1/pages/{page}", {"cover": cover})["cover"]["type"] == "file"
    assert workspace.ok("GET", f"/v1/file_uploads/{upload['id']}")["status"] == "uploaded"
    assert len(workspace.ok("GET", "/v1/file_uploads?status=uploaded")["results"]) == 1
    assert workspace.ok("GET", "/v1/file_uploads?status=pending")["results"] == []


def test_notion_upload_in_parts(workspace: Workspace) -> None:
    body = {"mode": "multi_part", "filename": "a.png", "number_of_parts": 2}
    id = workspace.ok("POST", "/v1/file_uploads", body)["id"]
    assert send(workspace, id, b"small", part_number="1").status_code == 400
    assert send(workspace, id, b"end", part_number="3").status_code == 400
    assert send(workspace, id, b"end", part_number="2").json()["number_of_parts"] == {"total": 2, "sent": 1}
    workspace.refused("POST", f"/v1/file_uploads/{id}/complete")
    assert send(workspace, id, b"x" * 5 * 1024 * 1024, part_number="1").status_code == 200
    workspace.refused(
        "POST", f"/v1/file_uploads/{id}/complete"
    )  # 5 MiB and 3 bytes: more than the plan takes


@pytest.mark.parametrize(
    "body",
    [
        {"mode": "multi_part", "filename": "a"},
        {"mode": "multi_part", "number_of_parts": 1},
        {"mode": "multi_part", "filename": "a", "number_of_parts": 10_001},
        {"number_of_parts": 1},
        {"filename": "é" * 451},
        {"mode": "external_url", "external_url": "http://example.com/a.png", "filename": "a.png"},
        {"x": 1},
    ],
)
def test_notion_refuses_an_upload(workspace: Workspace, body: Any) -> None:
    workspace.refused("POST", "/v1/file_uploads", body)


def test_an_upload_expires_after_an_hour() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    workspace = Workspace(create_app(None, clock=lambda: now[0]))
    id = workspace.ok("POST", "/v1/file_uploads", {})["id"]
    upload = workspace.ok("POST", "/v2/files/upload-url", announce(workspace.page()))
    now[0] += timedelta(hours=1)
    assert workspace.ok("GET", f"/v1/file_uploads/{id}")["status"] == "expired"
    assert send(workspace, id, PNG).status_code == 400
    assert (
        workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"]).status_code == 403
    )


def test_a_strangers_file_cannot_act_in_the_name_of_the_workspace(workspace: Workspace) -> None:
    page = workspace.page()
    for kind, name in (("text/html", "a.html"), ("image/svg+xml", "a.svg")):
        upload = workspace.ok(
            "POST", "/v2/files/upload-url", announce(page, content_type=kind, filename=name)
        )
        workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"])
        answer = workspace.raw("GET", upload["file_url"])
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if kind == "text/html":
            assert answer.headers["Content-Disposition"].startswith("attachment")
    for path in ("/files/../../etc/passwd", "/files/x/y", "/files/..%2f..%2fetc/passwd"):
        assert workspace.raw("GET", path).status_code == 404
