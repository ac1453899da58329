"""Comments in the embedded workspace: Notion's three operations on them, and who may use them."""

from __future__ import annotations

import pytest
from emulated import Workspace, block, text

from publisher.emulator.app import create_app
from publisher.emulator.switches import Token


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def words(workspace: Workspace, id: str, query: str = "") -> list[str]:
    answer = workspace.ok("GET", f"/v1/comments?block_id={id}{query}")
    assert answer["type"] == "comment"
    return ["".join(item["plain_text"] for item in comment["rich_text"]) for comment in answer["results"]]


def comment(workspace: Workspace, kind: str, id: str, content: str = "why?") -> dict[str, object]:
    found = workspace.ok("POST", "/v1/comments", {"parent": {kind: id}, "rich_text": text(content)})
    assert isinstance(found, dict)
    return found


def test_a_page_and_its_blocks_have_comments_of_their_own(workspace: Workspace) -> None:
    page = workspace.page(children=[block("paragraph")])
    (inside,) = workspace.append(page, block("quote"))
    comment(workspace, "page_id", page, "at the top")
    made = comment(workspace, "block_id", inside, "in the text")
    assert words(workspace, page) == ["at the top"]
    assert words(workspace, inside.replace("-", "")) == ["in the text"]
    assert made["parent"] == {"type": "block_id", "block_id": inside}
    assert made["display_name"] == {"type": "integration", "resolved_name": "pagemill"}
    again = workspace.ok("GET", f"/v1/comments/{made['id']}")
    assert {**again, "request_id": ""} == {**made, "request_id": ""}


def test_an_answer_goes_where_its_discussion_is(workspace: Workspace) -> None:
    page = workspace.page()
    first = comment(workspace, "page_id", page)
    body = {
        "discussion_id": first["discussion_id"],
        "rich_text": text("because"),
        "display_name": {"type": "custom", "custom": {"name": "Ada"}},
    }
    second = workspace.ok("POST", "/v1/comments", body)
    assert (second["discussion_id"], second["parent"]) == (first["discussion_id"], first["parent"])
    assert second["display_name"] == {"type": "custom", "resolved_name": "Ada"}
    assert words(workspace, page) == ["why?", "because"]


def test_a_long_list_comes_in_parts(workspace: Workspace) -> None:
    page = workspace.page()
    for number in range(5):
        comment(workspace, "page_id", page, str(number))
    first = workspace.ok("GET", f"/v1/comments?block_id={page}&page_size=3")
    assert (len(first["results"]), first["has_more"]) == (3, True)
    assert words(workspace, page, f"&page_size=3&start_cursor={first['next_cursor']}") == ["3", "4"]


def test_what_is_refused(workspace: Workspace) -> None:
    page = workspace.page()
    parent = {"parent": {"page_id": page}}
    some = "00000000-0000-4000-8000-000000000000"
    workspace.refused("GET", "/v1/comments")
    workspace.refused("GET", f"/v1/comments?block_id={some}", code="object_not_found")
    workspace.refused("GET", f"/v1/comments/{some}", code="object_not_found")
    workspace.refused("POST", "/v1/comments", {"rich_text": text("x")})
    workspace.refused("POST", "/v1/comments", {**parent, "discussion_id": some, "rich_text": text("x")})
    workspace.refused("POST", "/v1/comments", {**parent, "rich_text": text("x" * 2001)})
    workspace.refused(
        "POST", "/v1/comments", {"discussion_id": some, "rich_text": []}, code="object_not_found"
    )
    upload = {"attachments": [{"file_upload_id": some}]}
    workspace.refused("POST", "/v1/comments", {**parent, **upload, "rich_text": text("x")})
    workspace.ok("PATCH", f"/v1/pages/{page}", {"in_trash": True})
    workspace.refused("POST", "/v1/comments", {**parent, "rich_text": text("x")})


def test_reading_and_writing_comments_are_rights_of_their_own() -> None:
    tokens = {"test": Token(), "deaf": Token(read_comments=False), "dumb": Token(insert_comments=False)}
    workspace = Workspace(create_app(None, tokens=tokens))
    page = workspace.page()
    body = {"parent": {"page_id": page}, "rich_text": text("x")}
    for name, reads in (("deaf", False), ("dumb", True)):
        header = {"Authorization": f"Bearer {name}"}
        listing = ("GET", f"/v1/comments?block_id={page}", None)
        allowed, refused = (
            (listing, ("POST", "/v1/comments", body)) if reads else (("POST", "/v1/comments", body), listing)
        )
        workspace.ok(*allowed, **header)
        workspace.refused(*refused, code="restricted_resource", **header)
