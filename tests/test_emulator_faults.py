"""What goes wrong on purpose: the text form, each effect in process and over HTTP, and that it is always the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from emulated import Workspace, block, text

from publisher.emulator.app import create_app
from publisher.emulator.call import PERSON
from publisher.emulator.faults import ConnectionLost, Faults, Rate, Rule, When, parse
from publisher.emulator.server import Options, prepare
from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock

# The text form


def test_the_text_form() -> None:
    faults = parse("429:7@5, 503-after@w10%,reset@2-3,truncate@r*4,delay:0.5@6+,rate=180/30,seed=3")
    assert faults.seed == 3
    assert faults.rate == Rate(180, 30.0)
    assert list(faults.rules) == [
        Rule(When(5, 5), status=429, retry_after=7),
        Rule(When(share=0.1, only="write"), "after", 503),
        Rule(When(2, 3)),
        Rule(When(every=4, only="read"), "after", cut=True),
        Rule(When(first=6), delay=0.5),
    ]
    assert parse("edit@w2").rules == [Rule(When(2, 2, only="write"), edit=True)]
    assert parse("").rules == []
    assert parse("rate=10").rate == Rate(10, 60.0)


@pytest.mark.parametrize(
    "spec",
    [
        "429",
        "429@",
        "418@1",
        "429-after@1",
        "nonsense@1",
        "429@x",
        "429@1.5",
        "seed=x",
        "rate=",
        "delay:1.2.3@1",
        "x y",
    ],
)
def test_a_wrong_text_names_the_item(spec: str) -> None:
    with pytest.raises(ValueError, match="fault") as error:
        parse(spec)
    assert spec.split(",")[0] in str(error.value)


def test_chance_depends_on_the_seed_and_the_number_only() -> None:
    def struck(seed: int) -> list[int]:
        faults = parse(f"500@25%,seed={seed}")
        return [number for number in range(1, 401) if faults.judge("write").rule is not None]

    assert struck(1) == struck(1) != struck(2)
    assert 70 <= len(struck(1)) <= 130


def test_reads_and_writes_are_counted_apart() -> None:
    faults = parse("500@w2,503@r1")
    natures: list[Any] = ["write", "read", "write", "write"]
    statuses = [verdict.rule.status if verdict.rule else 0 for verdict in map(faults.judge, natures)]
    assert statuses == [0, 503, 500, 0]


# Effects in process


def workspace_with(spec: str | Faults) -> Workspace:
    return Workspace(create_app(None, faults=parse(spec) if isinstance(spec, str) else spec))


ROOT: dict[str, Any] = {"parent": {"workspace": True}}


@pytest.mark.parametrize(
    ("effect", "status", "notion", "buildin"),
    [
        ("429", 429, "rate_limited", "rate_limited"),
        ("529", 529, "service_overload", "internal_error"),
        ("500", 500, "internal_server_error", "internal_error"),
        ("502", 502, "internal_server_error", "internal_error"),
        ("503", 503, "service_unavailable", "internal_error"),
        ("504", 504, "gateway_timeout", "internal_error"),
        ("revoked", 401, "unauthorized", "unauthorized"),
        ("plan", 403, "restricted_resource", "forbidden"),
    ],
)
def test_refusals_do_nothing(effect: str, status: int, notion: str, buildin: str) -> None:
    workspace = workspace_with(f"{effect}@1-2")
    assert workspace.refused("POST", "/v1/pages", ROOT, code=notion)["status"] == status
    assert workspace.refused("POST", "/v2/pages", {}, code=buildin)["status"] == status
    assert workspace.store.roots() == []
    workspace.ok("POST", "/v2/pages", {})


def test_429_says_when_to_come_back() -> None:
    workspace = workspace_with("429:7@1+")
    answer = workspace.send("GET", "/v1/users/me")
    assert answer.headers["Retry-After"] == "7"
    assert answer.json()["additional_data"] == {
        "rate_limit_reason": "public_api_request_rate_limit",
        "retry_after": "7",
    }
    assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} <= {
        name
        for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
        if name in workspace.send("GET", "/v2/users/me").headers
    }


def test_a_lost_answer_of_notion_names_what_was_committed() -> None:
    workspace = workspace_with("503-after@1+")
    error = workspace.refused("POST", "/v1/pages", ROOT, code="service_unavailable")
    page = workspace.store.roots()[0].id
    assert error["additional_data"]["committed_resource_id"] == page
    children = {"children": [block("paragraph"), block("paragraph")]}
    error = workspace.refused("PATCH", f"/v1/blocks/{page}/children", children, code="service_unavailable")
    ids = [child.id for child in workspace.store.children(page)]
    assert error["additional_data"]["committed_resource_id"] == page
    assert error["additional_data"]["committed_child_ids"] == ids
    assert "retry_guidance" in error["additional_data"]


@pytest.mark.parametrize("effect", ["500-after", "502-after", "503-after", "504-after"])
def test_the_work_is_done_before_the_answer_gets_lost(effect: str) -> None:
    workspace = workspace_with(f"{effect}@1")
    assert workspace.send("POST", "/v2/pages", {}).status_code == int(effect[:3])
    assert len(workspace.store.roots()) == 1


def test_a_refused_request_is_refused_all_the_same() -> None:
    workspace = workspace_with("503-after@1")
    workspace.refused("POST", "/v2/pages", {"x": 1})


def test_resets() -> None:
    workspace = workspace_with("reset@1,reset-after@2")
    for expected in (0, 1):
        with pytest.raises(ConnectionLost):
            workspace.send("POST", "/v2/pages", {})
        assert len(workspace.store.roots()) == expected
    assert [request.status for request in workspace.app.state.requests] == [0, 0]
    assert isinstance(ConnectionLost(), OSError)


def test_a_truncated_answer() -> None:
    workspace = workspace_with("truncate@1")
    answer = workspace.send("POST", "/v2/pages", {})
    assert len(answer.content) < int(answer.headers["Content-Length"])
    assert len(workspace.store.roots()) == 1


def test_delays_do_not_wait_for_real() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    workspace = workspace_with(Faults([Rule(When(1, 2), delay=30.0)], sleep=sleep))
    workspace.page()
    workspace.page()
    workspace.page()
    assert slept == [30.0, 30.0]


def test_rate_windows() -> None:
    now = [1000.0]
    faults = Faults(rate=Rate(3, 60), clock=lambda: now[0])
    workspace = workspace_with(faults)
    statuses = [workspace.send("GET", "/v2/users/me").status_code for _ in range(5)]
    assert (statuses, faults.refusals) == ([200, 200, 200, 429, 429], 2)
    now[0] += 20
    late = workspace.send("GET", "/v2/users/me")
    assert (late.status_code, late.headers["Retry-After"], late.headers["X-RateLimit-Reset"]) == (
        429,
        "40",
        "1060",
    )
    assert late.headers["X-RateLimit-Limit"] == "3"
    now[0] += 40
    assert workspace.send("GET", "/v2/users/me").status_code == 200


def test_an_edit_by_somebody_else() -> None:
    def edit(store: Store) -> None:
        page = store.roots()[0].id
        with store.write("", PERSON) as writer:
            writer.insert(
                page, page, [NewBlock("paragraph", {"rich_text": [{"type": "text", "text": "theirs"}]})]
            )

    workspace = workspace_with(Faults(edits={3: edit}))
    page = workspace.page(children=[block("paragraph")])
    etag = workspace.send("GET", f"/v2/pages/{page}").headers["ETag"]
    workspace.refused("PATCH", f"/v2/pages/{page}", {"icon": None}, code="conflict", If_Match=etag)
    assert workspace.texts(page) == ["t", "theirs"]
    assert workspace.store.history(page)[0].actor == PERSON


# Over real HTTP


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    found, sock, url = prepare(None, "127.0.0.1", 0, Options(faults=parse(request.param)))
    thread = threading.Thread(target=lambda: found.run(sockets=[sock]))
    thread.start()
    try:
        yield url, found.app
    finally:
        found.should_exit = True
        thread.join()
        sock.close()


HEADERS = {"Authorization": "Bearer test", "Notion-Version": "2026-03-11"}


@pytest.mark.parametrize("server", ["reset@2,reset-after@3,truncate@4"], indirect=True)
def test_sockets_are_really_closed(server: tuple[str, Any]) -> None:
    url, app = server
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        made = client.post("/v2/pages", json={}).json()
        assert made["url"] == f"{url}/p/{made['id']}"
        for expected in (1, 2, 3):
            with pytest.raises(httpx.RemoteProtocolError):
                client.post("/v2/pages", json={})
            assert len(app.state.store.roots()) == expected
        assert client.get("/v1/users/me").status_code == 200
        assert client.get("/v1/users/me", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("server", [""], indirect=True)
def test_concurrent_clients_over_http(server: tuple[str, Any]) -> None:
    url, app = server
    with httpx.Client(base_url=url, headers=HEADERS) as client:
        page = client.post("/v2/pages", json={}).json()["id"]

    def write(name: int) -> None:
        with httpx.Client(base_url=url, headers=HEADERS) as client:
            for number in range(10):
                words = block("paragraph", {"rich_text": text(f"{name}.{number}")})
                answer = client.patch(f"/v2/blocks/{page}/children", json={"children": [words]})
                assert answer.status_code == 200

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [
        "".join(i["text"] for i in child.content["rich_text"]) for child in app.state.store.children(page)
    ]
    assert sorted(found) == sorted(f"{name}.{number}" for name in range(4) for number in range(10))
    for name in range(4):
        assert [words for words in found if words.startswith(f"{name}.")] == [
            f"{name}.{n}" for n in range(10)
        ]


def test_an_edit_by_somebody_else_is_the_same_every_time() -> None:
    def edited(seed: int) -> list[str]:
        workspace = workspace_with(f"edit@*3,seed={seed}")
        page = workspace.page(children=[block("paragraph", {"rich_text": text(str(n))}) for n in range(8)])
        for _ in range(6):
            workspace.ok("GET", f"/v2/pages/{page}")
        assert {change.actor for change in workspace.store.history(page)} >= {PERSON}
        return workspace.texts(page)

    assert edited(1) == edited(1) != edited(2)
    assert sum("somebody else" in words for words in edited(1)) >= 1
    assert workspace_with("edit@1+").ok("GET", "/v2/users/me")  # nothing to edit
