"""Notion's own kind of client (notion-client, if it is installed) pointed at a running workspace.

Buildin publishes no client for V2.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import serving

notion = pytest.importorskip("notion_client", reason="notion-client is not installed")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    with serving(tmp_path, "--workspace", "w.db") as url:
        yield notion.Client(auth="any", base_url=url, notion_version="2026-03-11")


def paragraph(words: str) -> dict[str, Any]:
    return {"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": words}}]}}


def titled(words: str) -> dict[str, Any]:
    return {"title": [{"text": {"content": words}}]}


def top(client: Any) -> str:
    parent = {"type": "workspace", "workspace": True}
    page = client.pages.create(parent=parent, properties={"title": titled("Top")}, children=[paragraph("a")])
    assert notion.helpers.is_full_page(page)
    return str(page["id"])


def test_pages_and_blocks(client: Any) -> None:
    assert client.users.me()["type"] == "bot"
    page = client.pages.create(parent={"page_id": top(client)}, properties=titled("Child"))["id"]
    made = client.blocks.children.append(block_id=page, children=[paragraph(str(n)) for n in range(100)])
    after = {"type": "after_block", "after_block": {"id": made["results"][0]["id"]}}
    client.blocks.children.append(block_id=page, children=[paragraph("after")], position=after)
    client.blocks.children.append(block_id=page, children=[paragraph("top")], position={"type": "start"})
    listed = notion.helpers.collect_paginated_api(client.blocks.children.list, block_id=page, page_size=30)
    words = [block["paragraph"]["rich_text"][0]["plain_text"] for block in listed]
    assert words == ["top", "0", "after", *map(str, range(1, 100))]
    changed = client.blocks.update(block_id=listed[0]["id"], paragraph=paragraph("changed")["paragraph"])
    assert changed["paragraph"]["rich_text"][0]["plain_text"] == "changed"
    assert client.blocks.delete(block_id=listed[1]["id"])["in_trash"]
    assert client.pages.update(page_id=page, in_trash=True)["in_trash"]
    with pytest.raises(notion.APIResponseError, match="archived"):
        client.blocks.children.append(block_id=page, children=[paragraph("late")])


def test_databases_and_search(client: Any) -> None:
    home = top(client)
    schema = {"Name": {"title": {}}, "Effort": {"number": {"format": "number"}}}
    base = client.databases.create(parent={"page_id": home}, initial_data_source={"properties": schema})
    source = base["data_sources"][0]["id"]
    client.data_sources.update(data_source_id=source, properties={"Done": {"checkbox": {}}})
    assert set(client.data_sources.retrieve(data_source_id=source)["properties"]) == {*schema, "Done"}
    for number in range(5):
        values = {"Name": titled(f"r{number}"), "Effort": {"number": number}}
        client.pages.create(parent={"data_source_id": source}, properties=values)
    found = client.data_sources.query(
        data_source_id=source,
        filter={"property": "Effort", "number": {"greater_than": 2}},
        sorts=[{"property": "Effort", "direction": "descending"}],
    )
    assert [record["properties"]["Effort"]["number"] for record in found["results"]] == [4, 3]
    results = notion.helpers.collect_paginated_api(client.search, query="", page_size=3)
    assert sorted(result["object"] for result in results) == ["data_source", *["page"] * 6]


def test_files_and_errors(client: Any) -> None:
    upload = client.file_uploads.create(mode="single_part", filename="a.txt", content_type="text/plain")
    sent = client.file_uploads.send(file_upload_id=upload["id"], file=("a.txt", b"hello", "text/plain"))
    assert sent["status"] == "uploaded"
    block = {"type": "file", "file": {"file_upload": {"id": upload["id"]}}}
    client.blocks.children.append(block_id=top(client), children=[block])
    with pytest.raises(notion.APIResponseError) as error:
        client.pages.retrieve(page_id="5" * 32)
    assert (error.value.status, error.value.code.value) == (404, "object_not_found")
