"""Laws of the embedded workspace: no request breaks it, and what it accepts can be read back through both services."""

from __future__ import annotations

import copy
import logging
from typing import Any

import pytest
from emulated import Workspace, block, row, text, titled
from hypothesis import given, settings
from hypothesis import strategies as st

ID = "55555555-5555-4555-8555-555555555555"
ITEMS = [
    {
        "type": "text",
        "text": {"content": "a", "link": {"url": "https://example.com"}},
        "annotations": {"bold": True},
    },
    {"type": "equation", "equation": {"expression": "x"}},
    {
        "type": "mention",
        "mention": {"type": "date", "date": {"start": "2026-01-01", "end": None, "time_zone": None}},
    },
]
COMMON = [
    block("paragraph", {"rich_text": ITEMS}),
    block("code", {"rich_text": text("x"), "language": "python"}),
    block("image", {"type": "external", "external": {"url": "https://example.com/a.png"}, "caption": ITEMS}),
    block("link_to_page", {"type": "page_id", "page_id": ID}),
    block("callout", {"rich_text": ITEMS, "icon": {"type": "emoji", "emoji": "💡"}}),
]
ICON = {"type": "emoji", "emoji": "📘"}
COVER = {"type": "external", "external": {"url": "https://example.com/c.png"}}
SCHEMA = {
    "N": {"type": "title"},
    "S": {"type": "select", "select": {"options": [{"name": "a", "color": "red"}]}},
    "D": {"type": "date"},
    "F": {"type": "files"},
}
FILTER = {
    "and": [
        {"property": "S", "select": {"equals": "a"}},
        {"timestamp": "created_time", "created_time": {"after": "2020-01-01"}},
    ]
}

Bodies = list[tuple[str, str, Any]]


def bodies(page: str, child: str, base: str, source: str) -> Bodies:
    """One good body for each kind of write and query."""
    table = block("table", {"table_width": 1}, children=[row("a")])
    nested = block("toggle", {"rich_text": [], "children": COMMON})
    notion_table = block("table", {"table_width": 1, "children": [row("a")]})
    columns = {"column_list": {"children": [{"column": {"children": COMMON}}] * 2}}
    values = {"N": {"type": "title", "title": text("r")}, "S": {"type": "select", "select": {"name": "a"}}}
    date = {"D": {"type": "date", "date": {"start": "2026-01-01", "end": None, "time_zone": "Europe/Berlin"}}}
    sorts = [{"property": "N", "direction": "ascending"}]
    head = {"properties": titled("x"), "icon": ICON, "cover": COVER}
    return [
        ("POST", "/v2/pages", {"parent": {"page_id": page}, **head, "children": [*COMMON, table]}),
        ("POST", "/v2/pages", {"parent": {"database_id": base}, "properties": {**values, **date}}),
        ("PATCH", f"/v2/pages/{page}", {**head, "in_trash": False}),
        ("PATCH", f"/v2/pages/{page}/move", {"parent": {"workspace": True}, "after": page}),
        ("PATCH", f"/v2/blocks/{page}/children", {"children": COMMON, "after": child}),
        ("PATCH", f"/v2/blocks/{child}", {"type": "paragraph", "paragraph": {"rich_text": ITEMS, "text_color": "red"}}),
        ("POST", "/v2/databases", {"parent": {"page_id": page}, "title": text("b"), "properties": SCHEMA}),
        ("PATCH", f"/v2/databases/{base}", {"title": text("b"), "properties": {"S": SCHEMA["S"], "X": {"type": "url"}}}),
        ("POST", f"/v2/databases/{base}/query", {"filter": FILTER, "sorts": sorts, "page_size": 3}),
        ("POST", f"/v2/databases/{base}/mutations", {"properties": {"Y": {"type": "number"}}, "create_records": [{"title": "x", "properties": date}]}),
        ("POST", "/v2/search", {"query": "x", "filter": {"property": "object", "value": "page"}, "sort": {"timestamp": "created_time"}}),
        ("POST", "/v2/search/semantic", {"query": "x", "page_size": 3, "score_threshold": 0.5}),
        ("POST", "/v2/files/upload-url", {"filename": "a", "content_type": "image/png", "content_length": 3, "parent": {"page_id": page}}),
        ("POST", "/v1/pages", {"parent": {"type": "page_id", "page_id": page}, **head, "children": [nested, notion_table, columns], "position": {"type": "page_start"}}),
        ("POST", "/v1/pages", {"parent": {"data_source_id": source}, "properties": {**values, **date}}),
        ("PATCH", f"/v1/pages/{page}", {**head, "is_locked": True, "erase_content": False}),
        ("POST", f"/v1/pages/{page}/move", {"parent": {"type": "page_id", "page_id": ID}}),
        ("PATCH", f"/v1/blocks/{page}/children", {"children": [nested, columns], "position": {"type": "after_block", "after_block": {"id": child}}}),
        ("PATCH", f"/v1/blocks/{child}", {"paragraph": {"rich_text": ITEMS, "color": "red"}}),
        ("POST", "/v1/databases", {"parent": {"type": "page_id", "page_id": page}, "initial_data_source": {"properties": {"N": {"title": {}}}}}),
        ("PATCH", f"/v1/databases/{base}", {"title": text("b"), "icon": ICON, "parent": {"type": "workspace", "workspace": True}}),
        ("PATCH", f"/v1/data_sources/{source}", {"properties": {"S": {"name": "S"}, "Z": {"status": {}}, "D": None}}),
        ("POST", f"/v1/data_sources/{source}/query", {"filter": FILTER, "sorts": sorts, "result_type": "page"}),
        ("POST", "/v1/search", {"query": "x", "filter": {"property": "object", "value": "page"}, "page_size": 3}),
        ("POST", "/v1/file_uploads", {"mode": "multi_part", "filename": "a", "number_of_parts": 2}),
    ]  # fmt: skip


class Prepared(Workspace):
    """A workspace with a page, a block and a database, and a good body for everything."""

    def __init__(self) -> None:
        super().__init__()
        page = self.page(children=[block("paragraph")])
        child = self.store.children(page)[0].id
        base = self.ok("POST", "/v2/databases", {"parent": {"page_id": page}, "properties": SCHEMA})["id"]
        source = self.ok("GET", f"/v1/databases/{base}")["data_sources"][0]["id"]
        self.root = page
        self.bodies = bodies(page, child, base, source)


STRANGE = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        "x",
        "é" * 3000,
        [],
        {},
        [[]],
        [None],
        {"type": "x"},
        {"id": None},
        {"type": ["text"]},
        "2026-13-45",
        "\u0000",
        "https://",
        "http://[",
        "pages",
        {"": ""},
        {"a": {"b": [1]}},
        ID,
    ]
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in decoded JSON."""
    found = [at]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*at, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            found += places(item, (*at, number))
    return found


def put(value: Any, at: tuple[Any, ...], strange: Any) -> Any:
    if not at:
        return strange
    changed = copy.copy(value)
    changed[at[0]] = put(value[at[0]], at[1:], strange)
    return changed


def test_the_bodies_are_good() -> None:
    workspace = Prepared()
    for method, path, body in workspace.bodies:
        answer = workspace.send(method, path, body)
        expected = 404 if path.startswith("/v1") and path.endswith("/move") else 200
        if not path.endswith("/move") or path.startswith("/v1"):
            assert answer.status_code == expected, (path, answer.text)


@settings(max_examples=300)
@given(data=st.data())
def test_no_body_breaks_the_workspace(data: st.DataObject) -> None:
    workspace = shared()
    method, path, body = data.draw(st.sampled_from(workspace.bodies))
    at = data.draw(st.sampled_from(places(body)))
    strange = data.draw(STRANGE)
    answer = workspace.send(method, path, put(body, at, strange) if at else strange)
    assert answer.status_code in (200, 400, 404, 409), (path, at, strange, answer.text)
    version = data.draw(st.sampled_from(["2022-02-22", "2026-03-11"]))
    for query in (
        f"/v1/blocks/{workspace.root}/children",
        f"/v2/blocks/{workspace.root}/children",
        f"/v1/pages/{workspace.root}/markdown",
    ):
        assert workspace.send("GET", query, Notion_Version=version).status_code == 200


_SHARED: list[Prepared] = []


def shared() -> Prepared:
    """One workspace for all examples, as a real one has to bear them all; begun again before it grows large."""
    if not _SHARED or len(_SHARED[0].app.state.requests) > 400:
        _SHARED[:] = [Prepared()]
    return _SHARED[0]


@pytest.fixture(autouse=True)
def no_crash_is_logged(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
