"""The requests of each service, and what is read from its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converters.dialects.base import PageHead
from publisher.errors import UsageError
from publisher.planning.ops import END, START
from publisher.remote.adapter import Adapter, Me, PageInfo, page_info, read_listing, read_page
from publisher.remote.buildin import BuildinAdapter
from publisher.remote.ids import canonical, page_id
from publisher.remote.notion import NotionAdapter
from publisher.remote.port import Answer, Request

HEAD = PageHead(b'{"title":{"title":[]}}')
FULL = PageHead(b'{"title":{}}', b'{"type":"emoji","emoji":"\xf0\x9f\xa6\x8a"}', b'{"type":"external"}')
BLOCKS = [b'{"type":"divider","divider":{}}', '{"type":"quote","quote":"Grüße"}'.encode()]
DIVIDER, QUOTE = {"type": "divider", "divider": {}}, {"type": "quote", "quote": "Grüße"}
PAGE = "11111111-2222-4333-8444-555555555555"
NOTION, BUILDIN = NotionAdapter(), BuildinAdapter()
BOTH = pytest.mark.parametrize("adapter", [NOTION, BUILDIN], ids=["notion", "buildin"])


def sent(request: Request) -> Any:
    return json.loads(request.body or b"null")


def answer(value: object, **headers: str) -> Answer:
    return Answer(200, headers, json.dumps(value).encode())


def test_notion_creates_a_page():
    request = NOTION.create_page(PAGE, FULL, BLOCKS, key="ignored")
    assert (request.method, request.path, request.nature) == ("POST", "/v1/pages", "write")
    assert request.headers == {"notion-version": "2026-03-11"}
    assert sent(request) == {
        "parent": {"type": "page_id", "page_id": PAGE},
        "properties": {"title": {}},
        "icon": {"type": "emoji", "emoji": "🦊"},
        "cover": {"type": "external"},
        "children": [DIVIDER, QUOTE],
    }
    assert sent(NOTION.create_page("", HEAD))["parent"] == {"type": "workspace", "workspace": True}


def test_buildin_creates_a_page():
    request = BUILDIN.create_page(PAGE, HEAD, BLOCKS, key="k-1")
    assert (request.method, request.path, request.nature) == ("POST", "/v2/pages", "idempotent")
    assert request.headers == {"idempotency-key": "k-1"}
    assert sent(request) == {
        "parent": {"page_id": PAGE},
        "properties": {"title": {"title": []}},
        "children": [DIVIDER, QUOTE],
    }
    assert "parent" not in sent(BUILDIN.create_page("", HEAD))


def test_without_a_key_a_creation_is_a_plain_write():
    assert BUILDIN.create_page("", HEAD).nature == "write"
    request = BuildinAdapter(idempotency_keys=False).create_page("", HEAD, key="k-1")
    assert (request.nature, request.headers) == ("write", {})


def test_the_same_creation_has_the_same_bytes():
    assert BUILDIN.create_page(PAGE, FULL, BLOCKS, "k") == BUILDIN.create_page(PAGE, FULL, list(BLOCKS), "k")


@BOTH
def test_updates_only_what_is_named(adapter: Adapter):
    request = adapter.update_page(PAGE, icon=b"null", in_trash=False)
    assert (request.method, request.nature) == ("PATCH", "idempotent")
    assert request.path.endswith(f"/pages/{PAGE}")
    assert sent(request) == {"icon": None, "in_trash": False}
    assert sent(adapter.update_page(PAGE, properties=b"{}", cover=b"null")) == {
        "properties": {},
        "cover": None,
    }


def test_only_buildin_has_if_match():
    assert BUILDIN.update_page(PAGE, icon=b"null", if_match='W/"1"').headers == {"if-match": 'W/"1"'}
    assert "if-match" not in NOTION.update_page(PAGE, icon=b"null", if_match='W/"1"').headers


def test_moves_pages():
    request = BUILDIN.move_page(PAGE, "p")
    assert (request.method, request.path) == ("PATCH", f"/v2/pages/{PAGE}/move")
    assert sent(request) == {"parent": {"page_id": "p"}}
    assert sent(BUILDIN.move_page(PAGE, "")) == {"parent": {"workspace": True}}
    request = NOTION.move_page(PAGE, "p")
    assert (request.method, request.path) == ("POST", f"/v1/pages/{PAGE}/move")
    assert sent(request) == {"parent": {"type": "page_id", "page_id": "p"}}
    with pytest.raises(UsageError):
        NOTION.move_page(PAGE, "")


@pytest.mark.parametrize(
    ("adapter", "after", "first", "rest"),
    [
        (NOTION, END, "", {}),
        (NOTION, START, "", {"position": {"type": "start"}}),
        (NOTION, "x", "", {"position": {"type": "after_block", "after_block": {"id": "x"}}}),
        (BUILDIN, END, "f", {}),
        (BUILDIN, START, "f", {"before": "f"}),
        (BUILDIN, START, "", {}),
        (BUILDIN, "x", "f", {"after": "x"}),
    ],
)
def test_appends_at_every_place(adapter: Adapter, after: str, first: str, rest: dict[str, object]):
    request = adapter.append(PAGE, after, BLOCKS, first)
    assert (request.method, request.nature) == ("PATCH", "write")
    assert request.path.endswith(f"/blocks/{PAGE}/children")
    assert sent(request) == {"children": [DIVIDER, QUOTE]} | rest


@BOTH
def test_reads_and_changes_blocks(adapter: Adapter):
    assert adapter.get_children("b").path.endswith("/blocks/b/children?page_size=100")
    assert adapter.get_children("b", "c=&/1", 1).path.endswith("?page_size=1&start_cursor=c%3D%26%2F1")
    assert adapter.get_block("b").nature == "read"
    assert sent(adapter.update_block("b", BLOCKS[0])) == DIVIDER
    deletion = adapter.delete_block("b")
    assert (deletion.method, deletion.body, deletion.nature) == ("DELETE", None, "idempotent")
    assert sent(adapter.trash_block("b")) == {"in_trash": True}
    assert sent(adapter.trash_block("b", in_trash=False)) == {"in_trash": False}


@BOTH
def test_search_is_a_read(adapter: Adapter):
    request = adapter.search('Größe "x"', "c")
    assert (request.method, request.nature) == ("POST", "read")
    assert sent(request) == {
        "query": 'Größe "x"',
        "filter": {"property": "object", "value": "page"},
        "page_size": 100,
        "start_cursor": "c",
    }


@BOTH
@pytest.mark.parametrize("odd", ["../users/me", "a/b?c#d", "..", "é", "%2e"])
def test_an_odd_id_stays_one_part_of_the_path(adapter: Adapter, odd: str):
    for request in (adapter.get_page(odd), adapter.get_block(odd), adapter.delete_block(odd)):
        assert request.path.isascii()
        assert request.path.count("/") == 3
        assert not request.path.endswith("/..")
        assert "?" not in request.path


def test_reads_a_page_of_either_service():
    title = [{"type": "text", "text": {"content": "A "}, "plain_text": "A "}, {"text": {"content": "b"}}]
    data = {
        "object": "page",
        "id": PAGE.replace("-", "").upper(),
        "url": "https://w/x",
        "parent": {"type": "page_id", "page_id": PAGE.replace("-", "")},
        "in_trash": False,
        "properties": {"Tags": {"type": "multi_select"}, "Name": {"id": "title", "title": title}},
    }
    assert read_page(answer(data, etag="e")) == PageInfo(PAGE, "https://w/x", "A b", PAGE, False, "e")
    old = {"id": "x", "archived": True, "parent": {"type": "workspace", "workspace": True}}
    assert page_info(old) == PageInfo("x", in_trash=True)


@pytest.mark.parametrize("data", [{}, {"id": 3}, {"id": ""}, {"id": None, "properties": []}])
def test_a_page_without_id_is_none(data):
    with pytest.raises(ValueError, match="without id"):
        page_info(data)


def test_reads_lists():
    assert (
        read_listing(answer({"results": [{"id": "a"}], "has_more": True, "next_cursor": "c"})).cursor == "c"
    )
    assert read_listing(answer({"results": [], "has_more": False, "next_cursor": "c"})).cursor == ""
    for odd in ({}, {"results": None}, {"results": [1]}, {"results": [{"type": "x"}]}):
        with pytest.raises(ValueError, match="a list"):
            read_listing(answer(odd))


def test_reads_whose_token_it_is():
    assert NOTION.read_me(answer({"id": "u", "name": "Docs", "bot": {"workspace_name": "W"}})) == Me(
        "u", "Docs", "W"
    )
    assert NOTION.read_me(answer({"id": "u", "name": None})) == Me("u", "", "")
    assert BUILDIN.read_me(answer({"id": "u", "name": "Docs", "workspace_name": "W"})) == Me("u", "Docs", "W")


@pytest.mark.parametrize(
    "text",
    [
        PAGE,
        PAGE.replace("-", ""),
        f"  {PAGE.upper()}\n",
        f"https://www.notion.so/team/My-page-{PAGE.replace('-', '')}?pvs=4",
        f"https://buildin.ai/docs/{PAGE}",
        f"https://buildin.ai/{PAGE}#part",
        f"https://www.notion.so/{'0' * 32}?v={'1' * 32}&p={PAGE.replace('-', '')}",
    ],
)
def test_finds_the_id_in_what_people_paste(text):
    assert page_id(text) == PAGE


@pytest.mark.parametrize("text", ["", "my page", "https://www.notion.so/", PAGE[:-1], "../" + PAGE + "/x"])
def test_no_id_is_said(text):
    with pytest.raises(UsageError, match="not a page id"):
        page_id(text)


def test_one_spelling_of_an_id():
    assert canonical(PAGE.replace("-", "").upper()) == PAGE
    assert canonical("not-a-uuid") == "not-a-uuid"
