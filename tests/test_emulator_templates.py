"""Pages after a template, as Notion makes them: any page may be one."""

from __future__ import annotations

from typing import Any

import pytest
from emulated import Workspace, block, text, titled

ROOT: dict[str, Any] = {"workspace": True}


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def after(id: str) -> dict[str, Any]:
    return {"type": "template_id", "template_id": id}


def model(workspace: Workspace) -> str:
    """A page with nested blocks, a child page, and an icon."""
    nested = block("toggle", children=[block("paragraph", {"rich_text": text("inner")})])
    id = workspace.page("Model", children=[block("heading_1", {"rich_text": text("Agenda")}), nested])
    workspace.page("Child", id)
    workspace.ok("PATCH", f"/v1/pages/{id}", {"icon": {"type": "emoji", "emoji": "📋"}})
    return id


def test_a_page_gets_the_templates_blocks_and_icon(workspace: Workspace) -> None:
    id = model(workspace)
    made = workspace.ok(
        "POST", "/v1/pages", {"parent": ROOT, "properties": titled("New"), "template": after(id)}
    )
    assert made["icon"]["emoji"] == "📋"
    assert made["properties"]["title"]["title"][0]["plain_text"] == "New"
    assert workspace.texts(made["id"]) == ["Agenda", "t"]
    kids = workspace.ok("GET", f"/v1/blocks/{made['id']}/children")["results"]
    assert workspace.texts(kids[1]["id"]) == ["inner"]
    assert workspace.texts(id) == ["Agenda", "t", "Child"]
    assert not {kid["id"] for kid in kids} & {block.id for block in workspace.store.children(id)}


def test_a_record_gets_the_templates_values_where_it_has_none(workspace: Workspace) -> None:
    schema = {"Name": {"title": {}}, "Effort": {"number": {}}, "Area": {"rich_text": {}}}
    body = {"parent": ROOT, "initial_data_source": {"properties": schema}}
    source = workspace.ok("POST", "/v1/databases", body)["data_sources"][0]["id"]
    record: dict[str, Any] = {"parent": {"data_source_id": source}}
    values = {"Name": {"title": text("Bug")}, "Effort": {"number": 3}, "Area": {"rich_text": text("core")}}
    template = workspace.ok("POST", "/v1/pages", {**record, "properties": values})["id"]
    given = {"Name": {"title": text("Crash")}, "Area": {"rich_text": text("cli")}}
    made = workspace.ok("POST", "/v1/pages", {**record, "properties": given, "template": after(template)})
    shown = made["properties"]
    assert shown["Effort"]["number"] == 3
    assert shown["Name"]["title"][0]["plain_text"] == "Crash"
    assert shown["Area"]["rich_text"][0]["plain_text"] == "cli"


def test_a_template_is_added_to_a_page_or_takes_the_place_of_its_content(workspace: Workspace) -> None:
    id = model(workspace)
    page = workspace.page("P", children=[block("paragraph", {"rich_text": text("mine")})])
    workspace.ok("PATCH", f"/v1/pages/{page}", {"template": after(id)})
    assert workspace.texts(page) == ["mine", "Agenda", "t"]
    workspace.ok("PATCH", f"/v1/pages/{page}", {"template": after(id), "erase_content": True})
    assert workspace.texts(page) == ["Agenda", "t"]
    workspace.ok("PATCH", f"/v1/pages/{page}", {"template": after(page), "erase_content": True})
    assert workspace.texts(page) == ["Agenda", "t"]


def test_what_a_template_may_not_be(workspace: Workspace) -> None:
    id = model(workspace)
    first = workspace.store.children(id)[0].id
    gone = "5" * 32
    for wrong in ("x", {"type": "some"}, {"type": "template_id"}, {"type": "none", "template_id": id}):
        workspace.refused("POST", "/v1/pages", {"parent": ROOT, "template": wrong})
    for zone in ("Nowhere/At All", 1):
        body = {"parent": ROOT, "template": {**after(id), "timezone": zone}}
        workspace.refused("POST", "/v1/pages", body)
    for missing in (gone, first):
        body = {"parent": ROOT, "template": after(missing)}
        workspace.refused("POST", "/v1/pages", body, code="object_not_found")
    both = {"parent": ROOT, "children": [block("paragraph")]}
    workspace.refused("POST", "/v1/pages", {**both, "template": after(id)})
    workspace.ok("POST", "/v1/pages", {**both, "template": {"type": "none"}})
    workspace.refused("POST", "/v1/pages", {"parent": ROOT, "template": {"type": "default"}})
    workspace.ok("PATCH", f"/v1/pages/{id}", {"in_trash": True})
    workspace.refused("POST", "/v1/pages", {"parent": ROOT, "template": after(id)}, code="object_not_found")
    assert len(workspace.store.roots()) == 1
