"""The property values of the services' own documentation, both ways: as pagemill sends and as it reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulated import Workspace, text

from converters.dialects import DIALECTS
from converters.dialects.schema import read_schema, read_values
from converters.properties import Property, PropertyValue
from converters.property_types import DateValue

PERSON = "c2f20311-9e54-4d11-8c79-7398424ae41e"
SCHEMA = [
    Property("Name", "title"),
    Property("Status", "select", ("To Do", "Doing", "Done"), colors=(("To Do", "grey"), ("Doing", "yellow"))),
    Property("Tags", "multi_select", ("urgent", "work")),
    Property("Due Date", "date"),
    Property("Description", "rich_text"),
    Property("Priority", "number"),
    Property("Completed", "checkbox"),
    Property("Link", "url"),
    Property("Mail", "email"),
    Property("Phone", "phone_number"),
    Property("Owner", "people"),
    Property("Files", "files"),
]
# As in the documentation: the JSON of one property, and what it means.
EXAMPLES: list[tuple[str, dict[str, Any], PropertyValue]] = [
    ("Name", {"title": [{"text": {"content": "New Task"}}]}, PropertyValue("Name", "title", "New Task")),
    ("Status", {"select": {"name": "To Do"}}, PropertyValue("Status", "select", "To Do")),
    (
        "Tags",
        {"multi_select": [{"name": "urgent"}, {"name": "work"}]},
        PropertyValue("Tags", "multi_select", ("urgent", "work")),
    ),
    (
        "Due Date",
        {"date": {"start": "2022-12-08"}},
        PropertyValue("Due Date", "date", DateValue("2022-12-08")),
    ),
    (
        "Description",
        {"rich_text": [{"text": {"content": "Detailed description here"}}]},
        PropertyValue("Description", "rich_text", "Detailed description here"),
    ),
    ("Priority", {"number": 5}, PropertyValue("Priority", "number", 5)),
    ("Completed", {"checkbox": False}, PropertyValue("Completed", "checkbox", False)),
    ("Link", {"url": "https://example.com/"}, PropertyValue("Link", "url", "https://example.com/")),
    ("Mail", {"email": "a@b.example"}, PropertyValue("Mail", "email", "a@b.example")),
    ("Phone", {"phone_number": "+49 30 1"}, PropertyValue("Phone", "phone_number", "+49 30 1")),
    ("Owner", {"people": [{"object": "user", "id": PERSON}]}, PropertyValue("Owner", "people", (PERSON,))),
    (
        "Files",
        {"files": [{"name": "c.png", "type": "external", "external": {"url": "https://e.example/c.png"}}]},
        PropertyValue("Files", "files", ("https://e.example/c.png",)),
    ),
]


class Base:
    """A database made with the schema that pagemill renders, by one service."""

    def __init__(self, dialect: str) -> None:
        self.workspace = Workspace()
        self.dialect = DIALECTS[dialect]
        self.version = "/v2" if dialect == "buildin" else "/v1"
        schema = json.loads(self.dialect.schema(SCHEMA))
        body: dict[str, Any] = {"title": text("Task Board"), "properties": schema}
        if dialect == "notion":
            body = {
                "title": text("Task Board"),
                "parent": {"type": "workspace", "workspace": True},
                "initial_data_source": {"properties": schema},
            }
        made = self.workspace.ok("POST", f"{self.version}/databases", body)
        self.parent = {"database_id": made["id"]}
        shown = self.workspace.ok("GET", f"/v2/databases/{made['id']}")
        self.schema = shown["properties"]

    def add(self, properties: Any) -> dict[str, Any]:
        body = {"parent": self.parent, "properties": properties}
        made: dict[str, Any] = self.workspace.ok("POST", f"{self.version}/pages", body)["properties"]
        return made


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
@pytest.mark.parametrize(("name", "example", "meant"), EXAMPLES, ids=[item[0] for item in EXAMPLES])
def test_every_example_both_ways(dialect: str, name: str, example: Any, meant: PropertyValue) -> None:
    base = Base(dialect)
    title = PropertyValue("Name", "title", "New Task")
    sent = [meant] if name == "Name" else [title, meant]
    ours = base.add(json.loads(base.dialect.properties(sent)))
    assert {value.name: value for value in read_values(ours)}[name] == meant
    if dialect == "notion":  # Buildin demands what the older examples leave out
        theirs = base.add({"Name": {"title": [{"text": {"content": "New Task"}}]}, name: example})
        assert theirs[name] == ours[name]


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
def test_a_schema_comes_back_as_it_was_meant(dialect: str) -> None:
    base = Base(dialect)
    found = {item.name: (item.type, item.options) for item in read_schema(base.schema)}
    assert found == {item.name: (item.type, item.options) for item in SCHEMA}
    colors = {option["name"]: option["color"] for option in base.schema["Status"]["select"]["options"]}
    assert colors == {"To Do": "grey", "Doing": "yellow", "Done": "default"}


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
def test_empty_values_are_read_as_nothing(dialect: str) -> None:
    base = Base(dialect)
    shown = base.add(json.loads(base.dialect.properties([PropertyValue("Name", "title", "x")])))
    empty = {value.name: value.value for value in read_values(shown) if value.name != "Name"}
    assert empty.pop("Completed") is False
    assert set(empty.values()) == {None}


def test_options_that_exist_keep_their_ids_and_colours() -> None:
    known = {"S": {"type": "select", "select": {"options": [{"id": "1", "name": "a", "color": "red"}]}}}
    wanted = [Property("S", "select", ("a", "b"), colors=(("b", "grey"),))]
    for name, gray in (("buildin", "grey"), ("notion", "gray")):
        entry = json.loads(DIALECTS[name].schema(wanted, known))["S"]["select"]["options"]
        assert entry == [{"id": "1", "name": "a", "color": "red"}, {"name": "b", "color": gray}]
