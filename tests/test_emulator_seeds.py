"""Every example of the documents that the project began from: the request as printed, the answer in its shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulated import Workspace

BUILDIN_PAGE_KEYS = {
    "object", "id", "page_type", "created_time", "last_edited_time", "created_by", "last_edited_by", "parent",
    "in_trash", "icon", "cover", "properties", "url",
}  # fmt: skip
OLD = "2022-02-22"


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def plain_title(page: dict[str, Any], name: str = "title") -> str:
    return "".join(item["plain_text"] for item in page["properties"][name]["title"])


# Buildin: Create Page


def create_page_example(parent: str) -> dict[str, Any]:
    return {
        "parent": {"page_id": parent},
        "properties": {
            "title": {"type": "title", "title": [{"type": "text", "text": {"content": "Launch Plan"}}]}
        },
        "children": [
            {
                "object": "block",
                "type": "paragraph",
                "paragraph": {
                    "rich_text": [
                        {"type": "text", "text": {"content": "Initial release scope and schedule."}}
                    ]
                },
            }
        ],
    }


def test_buildin_create_page(workspace: Workspace) -> None:
    parent = workspace.page("Parent")
    page = workspace.ok("POST", "/v2/pages", create_page_example(parent))
    assert set(page) == BUILDIN_PAGE_KEYS
    assert (page["object"], page["page_type"], page["in_trash"]) == ("page", "page", False)
    assert (page["icon"], page["cover"]) == (None, None)
    assert page["parent"] == {"type": "page_id", "page_id": parent}
    assert page["created_by"] == {"object": "user", "id": page["last_edited_by"]["id"]}
    title = page["properties"]["title"]
    assert (title["id"], title["type"]) == ("title", "title")
    item = title["title"][0]
    assert {key: item[key] for key in ("type", "text", "plain_text", "href")} == {
        "type": "text",
        "text": {"content": "Launch Plan", "link": None},
        "plain_text": "Launch Plan",
        "href": None,
    }
    assert page["url"].endswith(page["id"])
    assert workspace.texts(page["id"]) == ["Initial release scope and schedule."]


def test_buildin_create_page_rules(workspace: Workspace) -> None:
    parent = workspace.page("Parent")
    both = {"page_id": parent, "database_id": parent}
    workspace.refused("POST", "/v2/pages", {"parent": both})
    assert workspace.ok("POST", "/v2/pages", {})["parent"] == {"type": "workspace", "workspace": True}
    body = create_page_example(parent)
    first = workspace.ok("POST", "/v2/pages", body, Idempotency_Key="k")
    assert workspace.ok("POST", "/v2/pages", body, Idempotency_Key="k") == first
    changed = {**body, "children": []}
    error = workspace.refused("POST", "/v2/pages", changed, code="idempotency_conflict", Idempotency_Key="k")
    assert error["status"] == 409
    gone = "55555555-5555-4555-8555-555555555555"
    assert (
        workspace.refused("POST", "/v2/pages", create_page_example(gone), code="not_found")["status"] == 404
    )


# Buildin: Create Database


def create_database_example(parent: str) -> dict[str, Any]:
    return {
        "parent": {"page_id": parent},
        "title": [{"type": "text", "text": {"content": "Task Board"}}],
        "properties": {
            "Name": {"name": "Name", "type": "title"},
            "Status": {
                "name": "Status",
                "type": "select",
                "select": {
                    "options": [
                        {"name": "To Do", "color": "grey"},
                        {"name": "Doing", "color": "yellow"},
                        {"name": "Done", "color": "green"},
                    ]
                },
            },
        },
    }


def test_buildin_create_database(workspace: Workspace) -> None:
    parent = workspace.page("Parent")
    database = workspace.ok("POST", "/v2/databases", create_database_example(parent))
    assert set(database) == {
        "object", "id", "created_time", "last_edited_time", "created_by", "last_edited_by", "title", "description",
        "icon", "cover", "parent", "properties", "in_trash", "is_inline", "url",
    }  # fmt: skip
    assert database["object"] == "database"
    assert database["title"][0]["plain_text"] == "Task Board"
    assert (database["description"], database["icon"], database["cover"]) == ([], None, None)
    assert (database["in_trash"], database["is_inline"]) == (False, False)
    name, status = database["properties"]["Name"], database["properties"]["Status"]
    assert (name["id"], name["type"], name["name"]) == ("title", "title", "Name")
    assert (status["type"], status["name"]) == ("select", "Status")
    assert [option["color"] for option in status["select"]["options"]] == ["grey", "yellow", "green"]
    assert workspace.texts(parent) == ["Task Board"]


@pytest.mark.parametrize(
    "properties",
    [None, {}, {"Status": {"type": "select"}}, {"A": {"type": "title"}, "B": {"type": "title"}}],
)
def test_buildin_create_database_needs_one_title(workspace: Workspace, properties: Any) -> None:
    body = {} if properties is None else {"properties": properties}
    workspace.refused("POST", "/v2/databases", body)


# Buildin: Update Page


UPDATE_PAGE_EXAMPLE: dict[str, Any] = {
    "properties": {
        "title": {"type": "title", "title": [{"type": "text", "text": {"content": "Quarterly Plan Updated"}}]}
    },
    "icon": None,
    "cover": {"type": "external", "external": {"url": "https://example.com/cover.png"}},
    "in_trash": False,
}


def test_buildin_update_page(workspace: Workspace) -> None:
    id = workspace.page("Plan")
    workspace.ok("PATCH", f"/v2/pages/{id}", {"icon": {"type": "emoji", "emoji": "📘"}})
    page = workspace.ok("PATCH", f"/v2/pages/{id}", UPDATE_PAGE_EXAMPLE)
    assert set(page) == BUILDIN_PAGE_KEYS
    assert plain_title(page) == "Quarterly Plan Updated"
    assert page["icon"] is None
    assert page["cover"] == {"type": "external", "external": {"url": "https://example.com/cover.png"}}


def test_buildin_if_match(workspace: Workspace) -> None:
    id = workspace.page("Plan")
    before = workspace.send("GET", f"/v2/pages/{id}").headers["ETag"]
    after = workspace.send("PATCH", f"/v2/pages/{id}", UPDATE_PAGE_EXAMPLE, If_Match=before)
    assert after.status_code == 200
    assert after.headers["ETag"] != before
    error = workspace.refused("PATCH", f"/v2/pages/{id}", {"icon": None}, code="conflict", If_Match=before)
    assert error["status"] == 409


# Notion: the Pages guide, with its older version, property values without type, and `archived`


def old_database(workspace: Workspace) -> str:
    options = [{"name": name} for name in ("To Do", "In Progress", "Done")]
    body = {
        "parent": {"type": "workspace", "workspace": True},
        "initial_data_source": {
            "properties": {
                "Name": {"title": {}},
                "Status": {"select": {"options": options}},
                "Tags": {"multi_select": {"options": [{"name": "urgent"}, {"name": "work"}]}},
                "Due Date": {"date": {}},
                "Description": {"rich_text": {}},
                "Priority": {"number": {}},
                "Completed": {"checkbox": {}},
            }
        },
    }
    return str(workspace.ok("POST", "/v1/databases", body)["id"])


def create_example(database: str) -> dict[str, Any]:
    return {
        "parent": {"type": "database_id", "database_id": database},
        "properties": {
            "Name": {"title": [{"text": {"content": "New Task"}}]},
            "Status": {"select": {"name": "To Do"}},
        },
    }


def test_notion_create_and_retrieve_a_database_page(workspace: Workspace) -> None:
    database = old_database(workspace)
    made = workspace.ok("POST", "/v1/pages", create_example(database), Notion_Version=OLD)
    page = workspace.ok("GET", f"/v1/pages/{made['id']}", Notion_Version=OLD)
    documented = {
        "object", "id", "created_time", "last_edited_time", "created_by", "last_edited_by", "cover", "icon",
        "parent", "archived", "properties",
    }  # fmt: skip
    assert documented <= set(page)
    assert page["parent"] == {"type": "database_id", "database_id": database}
    assert page["archived"] is False
    assert plain_title(page, "Name") == "New Task"
    assert page["properties"]["Name"]["id"] == "title"
    assert page["properties"]["Status"]["select"]["name"] == "To Do"
    assert page["created_time"].endswith(":00.000Z")


def test_notion_create_a_page_with_content(workspace: Workspace) -> None:
    body = {
        **create_example(old_database(workspace)),
        "children": [
            {
                "object": "block",
                "type": "heading_2",
                "heading_2": {"rich_text": [{"type": "text", "text": {"content": "Ingredients"}}]},
            },
            {
                "object": "block",
                "type": "paragraph",
                "paragraph": {"rich_text": [{"type": "text", "text": {"content": "Fresh kale"}}]},
            },
        ],
    }
    page = workspace.ok("POST", "/v1/pages", body, Notion_Version=OLD)
    assert workspace.texts(page["id"]) == ["Ingredients", "Fresh kale"]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Name", {"title": [{"text": {"content": "Page Title"}}]}, None),
        ("Status", {"select": {"name": "In Progress"}}, None),
        ("Tags", {"multi_select": [{"name": "urgent"}, {"name": "work"}]}, None),
        (
            "Due Date",
            {"date": {"start": "2022-12-08"}},
            {"start": "2022-12-08", "end": None, "time_zone": None},
        ),
        ("Description", {"rich_text": [{"text": {"content": "Detailed description here"}}]}, None),
        ("Priority", {"number": 5}, 5),
        ("Completed", {"checkbox": False}, False),
    ],
)
def test_notion_update_each_property_type(workspace: Workspace, name: str, value: Any, shown: Any) -> None:
    page = workspace.ok("POST", "/v1/pages", create_example(old_database(workspace)), Notion_Version=OLD)
    body = {"properties": {name: value}}
    changed = workspace.ok("PATCH", f"/v1/pages/{page['id']}", body, Notion_Version=OLD)
    found = changed["properties"][name]
    kind = next(iter(value))
    assert found["type"] == kind
    if shown is not None:
        assert found[kind] == shown
    else:
        for word in _strings(value):
            assert word in json.dumps(found[kind])


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [word for item in value.values() for word in _strings(item)]
    if isinstance(value, list):
        return [word for item in value for word in _strings(item)]
    return [value]


def test_notion_archive_a_page(workspace: Workspace) -> None:
    page = workspace.ok("POST", "/v1/pages", create_example(old_database(workspace)), Notion_Version=OLD)
    archived = workspace.ok("PATCH", f"/v1/pages/{page['id']}", {"archived": True}, Notion_Version=OLD)
    assert archived["archived"] is True
    assert workspace.ok("GET", f"/v1/pages/{page['id']}")["in_trash"] is True


def test_the_older_shapes_are_refused_by_the_current_version(workspace: Workspace) -> None:
    id = workspace.page()
    workspace.refused("PATCH", f"/v1/pages/{id}", {"archived": True})
    first = workspace.append(id, {"type": "divider", "divider": {}})[0]
    body = {"children": [{"divider": {}}], "after": first}
    workspace.refused("PATCH", f"/v1/blocks/{id}/children", body)
    workspace.ok("PATCH", f"/v1/blocks/{id}/children", body, Notion_Version="2025-09-03")
    workspace.refused("GET", f"/v1/pages/{id}", code="missing_version", Notion_Version="2021-05-13")


def test_a_database_of_an_older_version_is_its_own_data_source(workspace: Workspace) -> None:
    body = {"parent": {"type": "workspace", "workspace": True}, "properties": {"Name": {"title": {}}}}
    database = workspace.ok("POST", "/v1/databases", body, Notion_Version="2022-06-28")
    assert database["properties"]["Name"]["type"] == "title"
    page = {
        "parent": {"database_id": database["id"]},
        "properties": {"Name": {"title": [{"text": {"content": "r"}}]}},
    }
    workspace.ok("POST", "/v1/pages", page, Notion_Version="2022-06-28")
    path = f"/v1/databases/{database['id']}/query"
    rows = workspace.ok("POST", path, {}, Notion_Version="2022-06-28")["results"]
    assert [plain_title(found, "Name") for found in rows] == ["r"]
    workspace.refused("POST", path, {}, code="invalid_request_url")
    search = {"filter": {"property": "object", "value": "database"}}
    found = workspace.ok("POST", "/v1/search", search, Notion_Version="2022-06-28")["results"]
    assert [(entry["object"], entry["id"]) for entry in found] == [("database", database["id"])]


def shape(value: Any) -> Any:
    """The keys and types of an answer; of a list, those of its first item."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value)


def holds(found: Any, documented: Any) -> bool:
    """Whether an answer has at least the documented shape."""
    if isinstance(documented, dict):
        return isinstance(found, dict) and all(
            key in found and holds(found[key], entry) for key, entry in documented.items()
        )
    if isinstance(documented, list):
        return isinstance(found, list) and all(holds(found[0], entry) for entry in documented)
    return bool(found == documented)


def test_notion_page_object(workspace: Workspace) -> None:
    """The page object of the reference: title, date and status of a record, an emoji, archived."""
    source = {"Title": {"title": {}}, "Due date": {"date": {}}, "Status": {"status": {}}}
    body = {"parent": {"workspace": True}, "initial_data_source": {"properties": source}}
    database = workspace.ok("POST", "/v1/databases", body)["id"]
    record = {
        "parent": {"database_id": database},
        "icon": {"type": "emoji", "emoji": "🐞"},
        "properties": {
            "Title": {"title": [{"text": {"content": "Bug bash"}}]},
            "Due date": {"date": {"start": "2023-02-23"}},
            "Status": {"status": {"name": "Not started"}},
        },
    }
    made = workspace.ok("POST", "/v1/pages", record, Notion_Version="2022-06-28")
    page = workspace.ok("PATCH", f"/v1/pages/{made['id']}", {"archived": True}, Notion_Version="2022-06-28")
    user = {"object": str, "id": str}
    marks = {
        "bold": bool,
        "italic": bool,
        "strikethrough": bool,
        "underline": bool,
        "code": bool,
        "color": str,
    }
    none = type(None)
    documented = {
        "object": str,
        "id": str,
        "created_time": str,
        "last_edited_time": str,
        "created_by": user,
        "last_edited_by": user,
        "cover": none,
        "icon": {"type": str, "emoji": str},
        "parent": {"type": str, "database_id": str},
        "archived": bool,
        "properties": {
            "Due date": {"id": str, "type": str, "date": {"start": str, "end": none, "time_zone": none}},
            "Status": {"id": str, "type": str, "status": {"id": str, "name": str, "color": str}},
            "Title": {
                "id": str,
                "type": str,
                "title": [
                    {
                        "type": str,
                        "text": {"content": str, "link": none},
                        "annotations": marks,
                        "plain_text": str,
                        "href": none,
                    }
                ],
            },
        },
        "url": str,
    }
    assert holds(shape(page), documented)
    assert page["parent"] == {"type": "database_id", "database_id": database}
    assert page["properties"]["Status"]["status"]["color"] == "default"
    assert page["archived"] is True
