"""The facade over a scripted transport: paging, ids of new blocks, what is gone, answers that make no sense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from virtual_time import run

from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, PageHead, compact
from publisher.errors import RejectedError, TokenError, UnknownOutcomeError, UnreachableError, UsageError
from publisher.planning.ops import END, START
from publisher.remote.adapter import PageInfo
from publisher.remote.buildin import BuildinAdapter
from publisher.remote.connect import connect
from publisher.remote.notion import NotionAdapter
from publisher.remote.port import Answer, Request
from publisher.remote.throttle import PACES, UNLIMITED
from publisher.remote.workspace import Workspace

HEAD = PageHead(b"{}")
DIVIDER = BlockInput("divider", b"{}")


class Script:
    """Answers in order and remembers what it was asked."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    async def send(self, request: Request) -> Answer:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(200, {}, compact(answer))

    async def close(self) -> None:
        self.answers = []

    @property
    def lines(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.asked]


def notion(*answers: object) -> tuple[Workspace, Script]:
    script = Script(*answers)
    return Workspace(NotionAdapter(), script, DIALECTS["notion"]), script


def buildin(*answers: object) -> tuple[Workspace, Script]:
    script = Script(*answers)
    return Workspace(BuildinAdapter(), script, DIALECTS["buildin"]), script


def listing(*ids: str, cursor: str | None = None, type: str = "divider") -> dict[str, Any]:
    blocks = [{"object": "block", "id": id, "type": type, type: {}, "has_children": False} for id in ids]
    return {"object": "list", "results": blocks, "next_cursor": cursor, "has_more": cursor is not None}


def missing(status: int = 404) -> RejectedError:
    return RejectedError("not there", status=status, code="object_not_found")


def test_reads_all_children_a_hundred_at_a_time():
    workspace, script = notion(listing("a", "b", cursor="c1"), listing(cursor="c2"), listing("d"))
    assert [block.id for block in run(workspace.children("p"))] == ["a", "b", "d"]
    assert script.lines == [
        "GET /v1/blocks/p/children?page_size=100",
        "GET /v1/blocks/p/children?page_size=100&start_cursor=c1",
        "GET /v1/blocks/p/children?page_size=100&start_cursor=c2",
    ]


def test_a_list_that_goes_in_a_circle_ends():
    workspace, _ = notion(*[listing("a", cursor="c")] * 5)
    with pytest.raises(UnreachableError, match="circle"):
        run(workspace.children("p"))


def test_append_gives_the_new_ids():
    workspace, script = notion(listing("x", "y"))
    assert run(workspace.append("p", "a", [DIVIDER, DIVIDER])) == ("x", "y")
    assert json.loads(script.asked[0].body or b"")["children"][0]["type"] == "divider"


def test_append_at_the_start_on_buildin_needs_the_first_child():
    workspace, script = buildin(listing("f"), listing("x"), listing("x"), listing(), listing("x"))
    assert run(workspace.append("p", START, [DIVIDER])) == ("x",)
    assert script.lines[0].endswith("?page_size=1")
    assert json.loads(script.asked[1].body or b"")["before"] == "f"
    run(workspace.append("p", START, [DIVIDER], first_child="known"))
    assert json.loads(script.asked[2].body or b"")["before"] == "known"
    run(workspace.append("p", START, [DIVIDER]))
    assert "before" not in json.loads(script.asked[4].body or b"")


def test_an_answer_with_neighbours_is_told_from_the_new_blocks():
    workspace, _ = notion(listing("o", "a", "x", "y", "z"))
    assert run(workspace.append("p", "a", [DIVIDER, DIVIDER])) == ("x", "y")


@pytest.mark.parametrize(
    ("after", "ids"), [(START, ("a", "b")), (END, ("c", "d")), ("a", ("b", "c")), ("c", None), ("gone", None)]
)
def test_ids_that_the_answer_does_not_tell_are_read(after, ids):
    workspace, script = notion({"object": "committed", "id": "p"}, listing("a", "b", "c", "d"))
    if ids is None:
        with pytest.raises(UnknownOutcomeError):
            run(workspace.append("p", after, [DIVIDER, DIVIDER]))
    else:
        assert run(workspace.append("p", after, [DIVIDER, DIVIDER])) == ids
    assert len(script.asked) == 2


def test_other_blocks_at_the_place_are_not_taken_for_ours():
    workspace, _ = notion({"id": "p"}, listing("a", type="breadcrumb"))
    with pytest.raises(UnknownOutcomeError):
        run(workspace.append("p", END, [DIVIDER]))


def test_create_gives_the_page():
    workspace, script = notion({"id": "p", "url": "https://w/p", "properties": {}})
    assert run(workspace.create_page("", HEAD, [DIVIDER])) == PageInfo("p", "https://w/p")
    assert len(script.asked) == 1


def test_a_page_saved_in_spite_of_an_error_is_read():
    workspace, script = notion({"object": "committed", "id": "p"}, {"id": "p", "url": "https://w/p"})
    assert run(workspace.create_page("", HEAD)).url == "https://w/p"
    assert script.lines[1] == "GET /v1/pages/p"


def test_a_write_with_a_senseless_answer_is_of_unknown_outcome():
    workspace, _ = notion({"object": "page"}, {"object": "page"})
    with pytest.raises(UnknownOutcomeError):
        run(workspace.create_page("", HEAD))
    with pytest.raises(UnreachableError):
        run(workspace.page("p"))


def test_a_page_that_is_not_there():
    workspace, _ = notion(missing(), {"id": "p", "in_trash": True}, missing(400))
    assert run(workspace.page("p")) is None
    assert run(workspace.page("p")) is None
    with pytest.raises(RejectedError):
        run(workspace.page("p"))


def test_deleting_what_is_gone_is_done():
    workspace, script = notion(missing(400), {"id": "b", "in_trash": True})
    run(workspace.delete_block("b"))
    assert script.lines == ["DELETE /v1/blocks/b", "GET /v1/blocks/b"]
    workspace, _ = buildin(missing(), missing())
    run(workspace.delete_block("b"))


def test_deleting_tries_the_other_way_where_there_is_no_such_operation():
    workspace, script = buildin(missing(405), {"id": "b"}, {"id": "b", "in_trash": True})
    run(workspace.delete_block("b"))
    assert script.lines[-1] == "PATCH /v2/blocks/b"


def test_a_deletion_that_is_refused_is_an_error():
    workspace, _ = notion(missing(400), {"id": "b"})
    with pytest.raises(RejectedError):
        run(workspace.delete_block("b"))


def test_trashing_what_is_gone_is_done():
    workspace, script = notion({"id": "p", "in_trash": True}, missing(), missing(), missing(400), {"id": "p"})
    run(workspace.trash_page("p"))
    assert json.loads(script.asked[0].body or b"") == {"in_trash": True}
    run(workspace.trash_page("p"))
    with pytest.raises(RejectedError):
        run(workspace.trash_page("p"))


def child(id: str, title: str) -> dict[str, Any]:
    return {"id": id, "type": "child_page", "child_page": {"title": title}, "has_children": True}


def test_finds_pages_by_title_below_a_page():
    blocks = listing("x") | {"results": [child("a", "One"), child("b", "Two"), child("c", "Two")]}
    workspace, _ = notion(blocks, blocks, {"id": "b", "url": "u"}, missing())
    assert [page.title for page in run(workspace.child_pages("p"))] == ["One", "Two", "Two"]
    assert run(workspace.find_pages("Two", "p")) == [PageInfo("b", "u")]


def test_finds_pages_at_the_root_by_search():
    def hit(id: str, parent: dict[str, Any], **more: Any) -> dict[str, Any]:
        title = {"title": [{"plain_text": "Two"}]}
        return {"object": "page", "id": id, "parent": parent, "properties": {"title": title}} | more

    root = {"type": "workspace", "workspace": True}
    hits = [hit("a", root), hit("b", {"type": "page_id", "page_id": "p"}), hit("c", root, in_trash=True)]
    workspace, script = notion({"results": hits, "has_more": False}, {"id": "a", "url": "u"})
    assert run(workspace.find_pages("Two", "")) == [PageInfo("a", "u")]
    assert script.lines[0] == "POST /v1/search"


def test_connect_composes_by_service():
    for service, address in (("notion", "https://api.notion.com/v1/"), ("buildin", "")):
        workspace = connect(service, address, "token")
        assert workspace.service == service
        assert workspace.pace == PACES[service]
        run(workspace.close())
    assert connect("notion", "http://127.0.0.1:4747/v1", "token").pace == UNLIMITED
    assert connect("notion", "http://127.0.0.1:4747", "token", pace=PACES["notion"]).pace == PACES["notion"]
    with pytest.raises(UsageError):
        connect("confluence", "", "token")
    with pytest.raises(TokenError):
        connect("notion", "", "two words")
