"""Facts of the two OpenAPI documents, typed by hand: what may be written, and what answers must hold."""

from __future__ import annotations

from typing import Any

import pytest
from emulated import Workspace, block, row, text

from publisher.emulator.buildin import blocks as buildin
from publisher.emulator.buildin.rich import BACKGROUNDS, TEXT_COLORS
from publisher.emulator.notion import blocks as notion
from publisher.emulator.notion.languages import LANGUAGES
from publisher.emulator.notion.rich import API_COLORS

BUILDIN_WRITABLE = {
    "paragraph", "heading_1", "heading_2", "heading_3", "bulleted_list_item", "numbered_list_item", "to_do", "quote",
    "code", "callout", "divider", "bookmark", "embed", "image", "file", "table", "table_row", "toggle", "equation",
    "link_to_page",
}  # fmt: skip
NOTION_WRITABLE = BUILDIN_WRITABLE | {
    "heading_4", "template", "synced_block", "breadcrumb", "table_of_contents", "video", "pdf", "audio",
    "column_list", "column", "tab",
}  # fmt: skip
BLOCK_KEYS = {
    "object", "id", "parent", "created_time", "last_edited_time", "created_by", "last_edited_by", "has_children",
    "in_trash", "type",
}  # fmt: skip
TEXT = {"rich_text", "text_color", "background_color"}
BUILDIN_CONTENT: dict[str, set[str]] = {
    "paragraph": TEXT,
    "heading_1": {*TEXT, "is_toggleable"},
    "to_do": {*TEXT, "checked"},
    "callout": {*TEXT, "icon"},
    "code": {"rich_text", "language"},
    "divider": set(),
    "bookmark": {"url", "caption"},
    "image": {"type", "external", "caption"},
    "table": {"table_width", "has_column_header", "has_row_header", "width_mode"},
    "equation": {"expression"},
}
NOTION_CONTENT: dict[str, set[str]] = {
    "paragraph": {"rich_text", "color"},
    "heading_1": {"rich_text", "color", "is_toggleable"},
    "to_do": {"rich_text", "color", "checked"},
    "callout": {"rich_text", "color", "icon"},
    "code": {"rich_text", "language", "caption"},
    "divider": set(),
    "bookmark": {"url", "caption"},
    "image": {"type", "external", "caption"},
    "table": {"table_width", "has_column_header", "has_row_header"},
    "equation": {"expression"},
}
SOURCES = {
    "callout": {"rich_text": text("t"), "icon": {"type": "emoji", "emoji": "💡"}},
    "code": {"rich_text": text("t"), "language": "python"},
    "divider": {},
    "bookmark": {"url": "https://example.com"},
    "image": {"external": {"url": "https://example.com/a.png"}},
    "equation": {"expression": "x"},
}


def test_the_types_that_may_be_written() -> None:
    assert set(buildin.READERS) == BUILDIN_WRITABLE
    assert set(notion.READERS) == NOTION_WRITABLE
    assert (len(BUILDIN_WRITABLE), len(NOTION_WRITABLE)) == (20, 31)


def test_the_closed_lists() -> None:
    assert len(LANGUAGES) == 90
    assert len(API_COLORS) == 20
    assert (len(TEXT_COLORS), len(BACKGROUNDS)) == (11, 20)
    assert "gray" in TEXT_COLORS
    assert "grey" not in TEXT_COLORS


@pytest.mark.parametrize(("service", "contents"), [("v2", BUILDIN_CONTENT), ("v1", NOTION_CONTENT)])
def test_answers_have_every_key_and_no_other(service: str, contents: dict[str, set[str]]) -> None:
    workspace = Workspace()
    inputs = [
        block("table", {"table_width": 1}, children=[row("a")])
        if kind == "table"
        else block(kind, SOURCES.get(kind))
        for kind in contents
    ]
    page = workspace.page(children=inputs)
    answer = workspace.ok("GET", f"/{service}/blocks/{page}/children")
    envelope = {"object", "results", "next_cursor", "has_more"}
    assert set(answer) == (envelope if service == "v2" else {*envelope, "type", "block", "request_id"})
    for shown, (kind, keys) in zip(answer["results"], contents.items(), strict=True):
        assert set(shown) == {*BLOCK_KEYS, kind}
        assert set(shown[kind]) == keys
        for item in shown[kind].get("rich_text", []):
            check_item(item, service)


def check_item(item: dict[str, Any], service: str) -> None:
    assert set(item) == {"type", "text", "annotations", "plain_text", "href"}
    marks = {"bold", "italic", "strikethrough", "underline", "code"}
    colors = {"text_color", "background_color"} if service == "v2" else {"color"}
    assert set(item["annotations"]) == marks | colors


def test_pages_have_every_key() -> None:
    workspace = Workspace()
    id = workspace.page()
    common = {
        "object", "id", "created_time", "last_edited_time", "created_by", "last_edited_by", "parent", "in_trash", "icon",
        "cover", "properties", "url",
    }  # fmt: skip
    assert set(workspace.ok("GET", f"/v2/pages/{id}")) == {*common, "page_type"}
    assert set(workspace.ok("GET", f"/v1/pages/{id}")) == {*common, "is_locked", "public_url", "request_id"}
