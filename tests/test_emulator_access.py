"""Who may do what, over which host, and what every answer carries."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from emulated import Workspace, block, titled

from publisher.emulator.app import create_app
from publisher.emulator.server import prepare
from publisher.emulator.switches import INSERT_ONLY, NO_DATABASES, READ_ONLY, Token, load_tokens

TOKENS = {
    "all": Token(),
    "read": READ_ONLY,
    "insert": INSERT_ONLY,
    "flat": NO_DATABASES,
    "gone": Token(revoked=True),
    "free": Token(plan=False),
}


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(create_app(None, tokens=TOKENS))


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Basic x", "test"])
def test_no_bearer_token_is_401_also_without_configured_tokens(value: str | None) -> None:
    workspace = Workspace()
    for path in ("/v1/users/me", "/v2/users/me"):
        error = workspace.refused("GET", path, code="unauthorized", Authorization=value)
        assert error["status"] == 401


def test_any_token_is_good_until_tokens_are_configured(workspace: Workspace) -> None:
    Workspace().ok("GET", "/v2/users/me", Authorization="bearer anything")
    workspace.refused("GET", "/v2/users/me", code="unauthorized", Authorization="Bearer anything")
    workspace.refused("GET", "/v2/users/me", code="unauthorized", **bearer("gone"))
    workspace.refused("GET", "/v2/users/me", code="forbidden", **bearer("free"))
    workspace.refused("GET", "/v1/users/me", code="restricted_resource", **bearer("free"))


def test_what_a_stranger_sends_is_not_kept(workspace: Workspace) -> None:
    content = b" " * 300_000
    for path in ("/v1/pages", "/v2/pages"):
        assert workspace.raw("POST", path, content=content).status_code == 401
    assert workspace.raw("PUT", "/uploads/guessed", content=content).status_code == 403
    assert [request.request_bytes for request in workspace.app.state.requests] == [0, 0, 0]


def test_capabilities(workspace: Workspace) -> None:
    page = workspace.ok("POST", "/v2/pages", {}, **bearer("all"))["id"]
    children = {"children": [block("paragraph")]}
    parent = {"parent": {"page_id": page}}
    database = {"properties": {"N": {"type": "title"}}}
    allowed: list[tuple[str, str, object, set[str]]] = [
        ("GET", f"/v2/pages/{page}", None, {"read", "flat"}),
        ("GET", f"/v1/blocks/{page}/children", None, {"read", "flat"}),
        ("POST", "/v2/pages", parent, {"insert", "flat"}),
        ("POST", "/v1/pages", parent, {"insert", "flat"}),
        ("PATCH", f"/v1/blocks/{page}/children", children, {"insert", "flat"}),
        ("PATCH", f"/v2/pages/{page}", {"icon": None}, {"flat"}),
        ("PATCH", f"/v1/pages/{page}", {"icon": None}, {"flat"}),
        ("POST", "/v2/databases", database, {"insert"}),
        ("GET", "/v1/users/me", None, {"read", "insert", "flat"}),
    ]
    for method, path, body, names in allowed:
        for name in ("read", "insert", "flat"):
            answer = workspace.send(method, path, body, **bearer(name))
            assert (answer.status_code == 200) is (name in names), (method, path, name)
            if name not in names:
                code = "forbidden" if path.startswith("/v2") else "restricted_resource"
                assert (answer.status_code, answer.json()["code"]) == (403, code)
    scopes = workspace.ok("GET", "/v2/users/me", **bearer("read"))["capabilities"]
    assert (scopes["pages.read"], scopes["pages.write"]) == (True, False)


def test_a_token_file(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(
        '["s3cret"]\nname = "reader"\ninsert = false\nupdate = false\n\n[other]\n', encoding="utf-8"
    )
    assert load_tokens(file) == {"s3cret": Token("reader", insert=False, update=False), "other": Token()}
    for wrong in ("[a]\nwrite = true", '[a]\nread = "no"', "a = 1", "[a"):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(ValueError):
            load_tokens(file)


def test_an_address_that_others_reach_needs_tokens() -> None:
    with pytest.raises(ValueError, match="needs tokens"):
        prepare(None, "0.0.0.0", 0)


def test_notion_wants_its_version(workspace: Workspace) -> None:
    error = workspace.refused(
        "GET", "/v1/users/me", code="missing_version", Notion_Version=None, **bearer("all")
    )
    assert error["status"] == 400
    workspace.ok("GET", "/v2/users/me", Notion_Version=None, **bearer("all"))


def test_every_answer_has_a_request_id_and_says_it_in_errors() -> None:
    workspace = Workspace()
    good = workspace.send("GET", "/v1/users/me")
    assert good.json()["request_id"] == good.headers["X-Notion-Request-Id"]
    assert workspace.send("GET", "/v2/users/me").headers["X-Request-Id"]
    assert workspace.refused("GET", "/v2/nothing", code="not_found")["request_id"]
    assert workspace.refused("GET", "/v1/nothing", code="invalid_request_url")["request_id"]
    workspace.refused("PUT", "/v2/pages", {}, code="not_found")


@pytest.mark.parametrize("id", ["x", "5" * 31, "55555555-5555-4555-8555-555555555555", "5" * 32])
def test_unknown_ids(id: str) -> None:
    workspace = Workspace()
    workspace.refused("GET", f"/v2/pages/{id}", code="not_found")
    workspace.refused("GET", f"/v2/blocks/{id}/children", code="not_found")
    assert workspace.send("GET", f"/v1/pages/{id}").status_code in (400, 404)


def test_ids_in_every_spelling() -> None:
    workspace = Workspace()
    page = workspace.page()
    for id in (page, page.upper(), page.replace("-", ""), page.replace("-", "").upper()):
        for service in ("v1", "v2"):
            assert workspace.ok("GET", f"/{service}/pages/{id}")["id"] == page
    crooked = page[:4] + "-" + page[4:8] + page[9:]
    workspace.refused("GET", f"/v2/pages/{crooked}", code="not_found")


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("127.0.0.1:4747", True),
        ("localhost", True),
        ("[::1]:4747", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_loopback_names_are_served(host: str, good: bool) -> None:
    assert (Workspace().send("GET", "/v2/users/me", Host=host).status_code == 200) is good
    told = Workspace(create_app(None, hosts=["evil.example"]))
    assert told.send("GET", "/v2/users/me", Host="evil.example").status_code == 200


def test_requests_are_recorded_and_logged(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    workspace = Workspace(create_app(None, log=log))
    page = workspace.page()
    workspace.ok("POST", "/v1/search", {})
    workspace.refused("PATCH", f"/v2/pages/{page}", {"x": 1})
    found = workspace.app.state.requests
    assert [(request.service, request.method, request.status, request.nature) for request in found] == [
        ("buildin", "POST", 200, "write"),
        ("notion", "POST", 200, "read"),
        ("buildin", "PATCH", 400, "write"),
    ]
    assert [request.number for request in found] == [1, 2, 3]
    assert found[0].request_bytes == len(
        json.dumps({"properties": titled("Page"), "children": []}, separators=(",", ":"))
    )
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["code"] for line in lines] == ["", "", "validation_error"]


def test_a_mistake_of_ours_is_the_services_own_500_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    workspace = Workspace()
    monkeypatch.setattr(workspace.store, "page", lambda id: 1 / 0)
    error = workspace.refused("GET", f"/v1/pages/{'5' * 32}", code="internal_server_error")
    assert error["status"] == 500
    assert "ZeroDivisionError" in caplog.text


def test_a_workspace_that_stays_locked_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(request: str, actor: str) -> None:
        raise sqlite3.OperationalError("database is locked")

    workspace = Workspace()
    monkeypatch.setattr(workspace.store, "write", locked)
    assert workspace.refused("POST", "/v1/pages", {}, code="service_unavailable")["status"] == 503


def test_nesting_without_end_is_refused() -> None:
    workspace = Workspace()
    base = workspace.ok("POST", "/v2/databases", {"properties": {"N": {"type": "title"}}})["id"]
    for levels, status in ((100, 200), (20_000, 400)):
        body = (
            '{"filter":'
            + '{"and":[' * levels
            + '{"property":"N","title":{"equals":"x"}}'
            + "]}" * levels
            + "}"
        )
        answer = workspace.raw("POST", f"/v2/databases/{base}/query", content=body)
        assert answer.status_code == status
