"""Uploads through both services, and how files are given out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from emulated import Workspace, block, titled

from publisher.emulator import files
from publisher.emulator.app import create_app
from publisher.emulator.faults import parse
from publisher.emulator.switches import LOCAL, Switches

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


def uploaded(workspace: Workspace, service: str, page: str) -> dict[str, Any]:
    """What a block refers to a new file with."""
    if service == "notion":
        id = workspace.ok("POST", "/v1/file_uploads", {"filename": "a.png"})["id"]
        assert send(workspace, id, PNG).status_code == 200
        return {"file_upload": {"id": id}}
    upload = workspace.ok("POST", "/v2/files/upload-url", announce(page))
    answer = workspace.raw("PUT", upload["upload_url"], content=PNG, headers=upload["headers"])
    assert answer.status_code == 200
    return {"type": "file", "file": {"oss_name": upload["oss_name"], "size": len(PNG)}}


@pytest.mark.parametrize("service", ["buildin", "notion"])
@pytest.mark.parametrize("kind", ["image", "file"])
def test_a_block_changes_from_one_source_to_another(workspace: Workspace, service: str, kind: str) -> None:
    version, page = "v1" if service == "notion" else "v2", workspace.page()
    external = {"external": {"url": "https://example.com/a.png"}}
    block = {"type": kind, kind: external}
    answer = workspace.ok("PATCH", f"/{version}/blocks/{page}/children", {"children": [block]})
    path = f"/{version}/blocks/{answer['results'][0]['id']}"
    first, second = uploaded(workspace, service, page), uploaded(workspace, service, page)
    urls = []
    for source in (first, second, first):
        shown = workspace.ok("PATCH", path, {kind: source})[kind]
        assert shown["type"] == "file"
        urls.append(shown["file"]["url"])
        assert workspace.raw("GET", urls[-1]).content == PNG
    assert urls[0] == urls[2] != urls[1]
    assert workspace.ok("PATCH", path, {kind: external})[kind]["type"] == "external"


def test_buildin_shows_a_file_on_the_page_that_it_was_uploaded_for(workspace: Workspace) -> None:
    page, other = workspace.page(), workspace.page("Other")
    file = {"type": "image", "image": uploaded(workspace, "buildin", page)}
    quote, elsewhere = (workspace.append(where, block("quote"))[0] for where in (page, other))
    workspace.append(quote, file)
    picture = workspace.append(other, {"type": "image", "image": {"external": {"url": "https://e.com/a"}}})[0]
    for path, body in (
        (f"{other}/children", {"children": [file]}),
        (f"{elsewhere}/children", {"children": [file]}),
        (picture, {"image": file["image"]}),
    ):
        refused = workspace.refused("PATCH", f"/v2/blocks/{path}", body)
        assert f"uploaded for the page {page}" in refused["message"]
    body = {"properties": titled("New"), "children": [file]}
    workspace.refused("POST", "/v2/pages", body)
    shared = Workspace(create_app(None, switches=Switches(buildin_shared_files=True)))
    file = {"type": "image", "image": uploaded(shared, "buildin", shared.page())}
    assert shared.append(shared.page("Other"), file)
    assert shared.ok("POST", "/v2/pages", {"properties": titled("New"), "children": [file]})["id"]


def test_a_file_of_an_older_workspace_is_nobodys(workspace: Workspace) -> None:
    file = {"type": "image", "image": uploaded(workspace, "buildin", workspace.page())}
    workspace.store.db.execute("DELETE FROM file_page")
    assert workspace.append(workspace.page("Other"), file)


def test_as_large_as_the_services_allow() -> None:
    workspace = Workspace(create_app(None, switches=LOCAL))
    data = bytes(files.MAX_FILE)
    upload = workspace.ok(
        "POST", "/v2/files/upload-url", announce(workspace.page(), content_length=files.MAX_FILE)
    )
    answer = workspace.raw("PUT", upload["upload_url"], content=data, headers=upload["headers"])
    assert answer.status_code == 200
    assert workspace.raw("GET", upload["file_url"]).content == data
    part = 10 * 1024 * 1024
    body = {"mode": "multi_part", "filename": "a.png", "number_of_parts": 5}
    id = workspace.ok("POST", "/v1/file_uploads", body)["id"]
    for number in range(1, 6):
        assert send(workspace, id, data[:part], part_number=str(number)).status_code == 200
    done = workspace.ok("POST", f"/v1/file_uploads/{id}/complete")
    assert (done["status"], done["content_length"]) == ("uploaded", 5 * part)
    single = workspace.ok("POST", "/v1/file_uploads", {"filename": "b.png"})["id"]
    assert send(workspace, single, data[: 2 * part]).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--B",
        b"--B--",
        b"--B\r\n\r\n",
        b'--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--B',
        b'--B\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--B--\r\n',
        b'--C\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--C--\r\n',
    ],
)
def test_notion_refuses_what_is_no_whole_form(workspace: Workspace, body: bytes) -> None:
    id = workspace.ok("POST", "/v1/file_uploads", {"filename": "a.png"})["id"]
    for kind in ("multipart/form-data; boundary=B", "multipart/form-data"):
        headers = {"Content-Type": kind}
        answer = workspace.raw("POST", f"/v1/file_uploads/{id}/send", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")
    assert workspace.ok("GET", f"/v1/file_uploads/{id}")["status"] == "pending"


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


def test_an_uploaded_file_that_nothing_shows_expires_as_well() -> None:
    time = [datetime(2026, 1, 1, tzinfo=UTC)]
    workspace = Workspace(create_app(None, clock=lambda: time[0]))
    page = workspace.page()
    shown, unshown = (uploaded(workspace, "notion", page)["file_upload"]["id"] for _ in range(2))

    def show(id: str) -> dict[str, Any]:
        return {"children": [{"image": {"file_upload": {"id": id}}}]}

    workspace.ok("PATCH", f"/v1/blocks/{page}/children", show(shown))
    time[0] += timedelta(hours=1)
    assert workspace.ok("GET", f"/v1/file_uploads/{shown}")["expiry_time"] is None
    assert workspace.ok("GET", f"/v1/file_uploads/{unshown}")["status"] == "expired"
    assert workspace.ok("PATCH", f"/v1/blocks/{page}/children", show(shown))
    refused = workspace.refused("PATCH", f"/v1/blocks/{page}/children", show(unshown))
    assert "`expired`" in refused["message"]


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
