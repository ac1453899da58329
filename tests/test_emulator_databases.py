"""Databases: schemas, records, queries and mutations through both services."""

from __future__ import annotations

from typing import Any

import pytest
from emulated import Workspace, text

from publisher.emulator.app import create_app
from publisher.emulator.switches import Switches

SCHEMA: dict[str, Any] = {
    "Name": {"type": "title"},
    "Count": {"type": "number", "number": {"format": "number"}},
    "State": {"type": "select", "select": {"options": [{"name": "open", "color": "grey"}, {"name": "done"}]}},
    "Tags": {"type": "multi_select", "multi_select": {"options": [{"name": "a"}, {"name": "b"}]}},
    "When": {"type": "date"},
    "Done": {"type": "checkbox"},
    "Link": {"type": "url"},
    "Note": {"type": "rich_text"},
    "Made": {"type": "created_time"},
    "Sum": {"type": "formula", "formula": {"expression": "1"}},
}


def value(kind: str, raw: Any) -> dict[str, Any]:
    return {"type": kind, kind: raw}


def record(name: str, **values: Any) -> dict[str, Any]:
    return {"Name": value("title", text(name)), **values}


class Base:
    """A database with some records."""

    def __init__(self, switches: Switches | None = None) -> None:
        self.workspace = Workspace(create_app(None, switches=switches or Switches()))
        made = self.workspace.ok("POST", "/v2/databases", {"title": text("Base"), "properties": SCHEMA})
        self.id: str = made["id"]
        self.source: str = self.workspace.ok("GET", f"/v1/databases/{self.id}")["data_sources"][0]["id"]

    def add(self, name: str, **values: Any) -> str:
        body = {"parent": {"database_id": self.id}, "properties": record(name, **values)}
        return str(self.workspace.ok("POST", "/v2/pages", body)["id"])

    def names(self, filter: Any = None, sorts: Any = None, service: str = "v2", **more: Any) -> list[str]:
        body = {**({"filter": filter} if filter else {}), **({"sorts": sorts} if sorts else {}), **more}
        path = (
            f"/v2/databases/{self.id}/query" if service == "v2" else f"/v1/data_sources/{self.source}/query"
        )
        found = self.workspace.ok("POST", path, body)["results"]
        return [page["properties"]["Name"]["title"][0]["plain_text"] for page in found]


@pytest.fixture
def base() -> Base:
    found = Base()
    found.add(
        "one", Count=value("number", 1), State=value("select", {"name": "open"}), When=when("2026-01-01")
    )
    found.add("two", Count=value("number", 2.5), Tags=value("multi_select", [{"name": "a"}, {"name": "b"}]))
    found.add(
        "Three",
        Done=value("checkbox", True),
        Link=value("url", "https://example.com"),
        When=when("2026-03-01"),
    )
    return found


def when(start: str) -> dict[str, Any]:
    return value("date", {"start": start, "end": None, "time_zone": None})


# Schemas


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "nonsense"},
        {"type": "status"},
        {},
        {"type": "select", "select": {"options": [{"name": "a", "color": "gray"}]}},
        {"type": "select", "select": {"options": [{"name": "a"}, {"name": "a"}]}},
        {"type": "select", "select": {"options": [{"name": "x" * 101}]}},
        {"type": "number", "select": {}},
        {"type": "number", "x": 1},
        {"type": "relation", "relation": {"database_id": "5" * 32}},
    ],
)
def test_buildin_refuses_a_property(entry: Any) -> None:
    workspace = Workspace()
    workspace.refused("POST", "/v2/databases", {"properties": {"Name": {"type": "title"}, "P": entry}})


def test_the_title_is_there_once_and_stays(base: Base) -> None:
    path = f"/v2/databases/{base.id}"
    for change in ({"Name": None}, {"Name": {"type": "number"}}, {"Other": {"type": "title"}}):
        base.workspace.refused("PATCH", path, {"properties": change})
    shown = base.workspace.ok("PATCH", path, {"properties": {"Name": {"type": "title", "name": "Title"}}})
    assert shown["properties"]["Title"]["id"] == "title"


def test_renaming_a_property_keeps_the_values(base: Base) -> None:
    change = {"properties": {"Count": {"name": "Number"}}}
    base.workspace.ok("PATCH", f"/v1/data_sources/{base.source}", change)
    found = base.workspace.ok("POST", f"/v2/databases/{base.id}/query", {})["results"]
    assert [page["properties"]["Number"]["number"] for page in found] == [1, 2.5, None]
    base.workspace.ok("PATCH", f"/v2/databases/{base.id}", {"properties": {"Number": None}})
    assert "Number" not in base.workspace.ok("GET", f"/v2/databases/{base.id}")["properties"]


def test_options_keep_their_ids(base: Base) -> None:
    path = f"/v1/data_sources/{base.source}"
    old = base.workspace.ok("GET", path)["properties"]["State"]["select"]["options"]
    assert old[0]["color"] == "gray"
    new = [{"name": "open"}, {"id": old[1]["id"], "name": "finished"}, {"name": "late", "color": "red"}]
    body = {"properties": {"State": {"select": {"options": new}}}}
    found = base.workspace.ok("PATCH", path, body)["properties"]["State"]["select"]["options"]
    assert [option["id"] for option in found[:2]] == [option["id"] for option in old]
    assert [option["name"] for option in found] == ["open", "finished", "late"]


def test_a_database_of_notion_with_two_data_sources() -> None:
    workspace = Workspace()
    page = workspace.page()
    body = {"parent": {"type": "page_id", "page_id": page}, "title": text("Base")}
    database = workspace.ok("POST", "/v1/databases", body)
    other = {
        "parent": {"database_id": database["id"]},
        "properties": {"N": {"title": {}}},
        "title": text("Second"),
    }
    second = workspace.ok("POST", "/v1/data_sources", other)
    shown = workspace.ok("GET", f"/v1/databases/{database['id']}")
    assert [source["name"] for source in shown["data_sources"]] == ["Base", "Second"]
    row = {"properties": {"N": {"title": text("r")}}}
    workspace.refused("POST", "/v1/pages", {**row, "parent": {"database_id": database["id"]}})
    made = workspace.ok("POST", "/v1/pages", {**row, "parent": {"data_source_id": second["id"]}})
    parent = {"type": "data_source_id", "data_source_id": second["id"], "database_id": database["id"]}
    assert made["parent"] == parent
    assert [record.title for record in workspace.store.records(database["id"])] == ["r"]
    assert [page.title for page in workspace.store.ancestors(made["id"])] == ["Page", "Base"]
    workspace.ok("PATCH", f"/v1/data_sources/{second['id']}", {"in_trash": True})
    workspace.refused("POST", "/v1/pages", {**row, "parent": {"data_source_id": second["id"]}})
    workspace.ok("GET", f"/v1/data_sources/{database['data_sources'][0]['id']}/templates")


def test_a_database_goes_into_trash_and_elsewhere(base: Base) -> None:
    page = base.workspace.page()
    parent = {"type": "page_id", "page_id": page}
    moved = base.workspace.ok("PATCH", f"/v1/databases/{base.id}", {"parent": parent, "is_locked": True})
    assert (moved["parent"], moved["is_locked"]) == (parent, True)
    assert base.workspace.ok("DELETE", f"/v2/databases/{base.id}")["in_trash"] is True
    base.workspace.refused(
        "POST", "/v2/pages", {"parent": {"database_id": base.id}, "properties": record("x")}
    )
    base.workspace.ok("PATCH", f"/v2/databases/{base.id}", {"in_trash": False})
    base.add("x")


# Values


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("Count", value("number", "1")),
        ("Count", value("number", True)),
        ("Count", {"number": 1}),
        ("Count", value("url", "https://example.com")),
        ("State", value("select", {"name": "unknown"})),
        ("State", value("select", "open")),
        ("Tags", value("multi_select", [{"name": "a"}] * 101)),
        ("When", value("date", {"start": "2026-01-01"})),
        ("When", value("date", {"start": "tomorrow", "end": None, "time_zone": None})),
        ("When", value("date", {"start": "2026-01-01", "end": None, "time_zone": "Mars"})),
        ("Done", value("checkbox", None)),
        ("Link", value("url", "x" * 2001)),
        ("Made", value("created_time", "2026-01-01")),
        ("Sum", value("formula", None)),
        ("Nope", value("number", 1)),
        ("count", value("number", 1)),
    ],
)
def test_buildin_refuses_a_value(base: Base, name: str, bad: Any) -> None:
    body = {"parent": {"database_id": base.id}, "properties": record("x", **{name: bad})}
    base.workspace.refused("POST", "/v2/pages", body)
    assert base.names() == ["one", "two", "Three"]


def test_a_record_of_buildin_needs_a_title(base: Base) -> None:
    parent = {"database_id": base.id}
    for properties in ({}, {"Count": value("number", 1)}, {"Name": value("title", [])}):
        base.workspace.refused("POST", "/v2/pages", {"parent": parent, "properties": properties})
    base.workspace.ok("POST", "/v1/pages", {"parent": parent})


def test_notion_takes_names_and_ids_and_no_type(base: Base) -> None:
    schema = base.workspace.ok("GET", f"/v1/data_sources/{base.source}")["properties"]
    properties = {
        "title": {"title": text("by id")},
        schema["Count"]["id"]: {"number": 3},
        "When": {"date": {"start": "2026-01-01T10:00:00Z", "time_zone": "Europe/Berlin"}},
        "State": {"select": {"id": schema["State"]["select"]["options"][0]["id"]}},
    }
    parent = {"type": "data_source_id", "data_source_id": base.source}
    shown = base.workspace.ok("POST", "/v1/pages", {"parent": parent, "properties": properties})["properties"]
    assert shown["Count"]["number"] == 3
    assert shown["When"]["date"]["time_zone"] == "Europe/Berlin"
    assert shown["State"]["select"]["name"] == "open"
    for bad in (
        {"Count": {"number": 1, "url": "x"}},
        {"Count": {"url": "x"}},
        {"State": {"select": {"name": "a,b"}}},
    ):
        base.workspace.refused("POST", "/v1/pages", {"parent": parent, "properties": bad})


def test_unknown_options_are_made_only_where_switched_on() -> None:
    base = Base(Switches(buildin_new_options=True))
    base.add("x", State=value("select", {"name": "brand new"}))
    options = base.workspace.ok("GET", f"/v2/databases/{base.id}")["properties"]["State"]["select"]["options"]
    assert [option["name"] for option in options] == ["open", "done", "brand new"]


def test_property_items(base: Base) -> None:
    page = base.add("x", Note=value("rich_text", text("a") * 30), Count=value("number", 7))
    item = base.workspace.ok("GET", f"/v2/pages/{page}/properties/Note")
    assert (len(item["results"]), item["has_more"], item["property_item"]["type"]) == (20, True, "rich_text")
    rest = base.workspace.ok("GET", f"/v2/pages/{page}/properties/Note?start_cursor={item['next_cursor']}")
    assert (len(rest["results"]), rest["next_cursor"]) == (10, None)
    assert base.workspace.ok("GET", f"/v2/pages/{page}/properties/Count")["number"] == 7
    base.workspace.refused("GET", f"/v2/pages/{page}/properties/Nope", code="not_found")
    notion = base.workspace.ok("GET", f"/v1/pages/{page}/properties/Note?page_size=4")
    assert notion["results"][0]["rich_text"]["plain_text"] == "a"
    only = base.workspace.ok("GET", f"/v1/pages/{page}?filter_properties=title")
    assert set(only["properties"]) == {"Name"}


# Queries

FILTERS: list[tuple[Any, list[str]]] = [
    ({"property": "Name", "title": {"contains": "t"}}, ["two", "Three"]),
    ({"property": "Name", "title": {"starts_with": "t"}}, ["two", "Three"]),
    ({"property": "Name", "title": {"does_not_equal": "one"}}, ["two", "Three"]),
    ({"property": "Name", "title": {"ends_with": "E"}}, ["one", "Three"]),
    ({"property": "Count", "number": {"greater_than_or_equal_to": 1}}, ["one", "two"]),
    ({"property": "Count", "number": {"less_than": 2}}, ["one"]),
    ({"property": "Count", "number": {"is_empty": True}}, ["Three"]),
    ({"property": "Count", "number": {"does_not_equal": 1}}, ["two", "Three"]),
    ({"property": "State", "select": {"equals": "open"}}, ["one"]),
    ({"property": "State", "select": {"does_not_equal": "open"}}, ["two", "Three"]),
    ({"property": "Tags", "multi_select": {"contains": "b"}}, ["two"]),
    ({"property": "Tags", "multi_select": {"does_not_contain": "b"}}, ["one", "Three"]),
    ({"property": "When", "date": {"after": "2026-01-01"}}, ["Three"]),
    ({"property": "When", "date": {"on_or_before": "2026-01-01T12:00:00Z"}}, ["one"]),
    ({"property": "When", "date": {"is_not_empty": True}}, ["one", "Three"]),
    ({"property": "Done", "checkbox": {"equals": True}}, ["Three"]),
    ({"property": "Done", "checkbox": {"does_not_equal": True}}, ["one", "two"]),
    ({"property": "Link", "url": {"is_empty": True}}, ["one", "two"]),
    ({"timestamp": "created_time", "created_time": {"after": "2000-01-01"}}, ["one", "two", "Three"]),
    ({"property": "Made", "created_time": {"before": "2000-01-01"}}, []),
    (
        {
            "or": [
                {"property": "Count", "number": {"equals": 1}},
                {"and": [{"property": "Done", "checkbox": {"equals": True}}]},
            ]
        },
        ["one", "Three"],
    ),
    ({"and": []}, ["one", "two", "Three"]),
]


@pytest.mark.parametrize("service", ["v1", "v2"])
@pytest.mark.parametrize(("filter", "expected"), FILTERS, ids=range(len(FILTERS)))
def test_filters(base: Base, service: str, filter: Any, expected: list[str]) -> None:
    assert base.names(filter, service=service) == expected


@pytest.mark.parametrize(
    "bad",
    [
        {"property": "Nope", "number": {"equals": 1}},
        {"property": "Count", "title": {"equals": "1"}},
        {"property": "Count", "number": {"equals": "1"}},
        {"property": "Count", "number": {"equals": 1, "less_than": 2}},
        {"property": "Count", "number": {"contains": 1}},
        {"property": "Count"},
        {"and": [{"property": "Count", "number": {"equals": 1}}] * 101},
        {"and": [], "or": []},
        [],
    ],
)
def test_bad_filters(base: Base, bad: Any) -> None:
    base.workspace.refused("POST", f"/v2/databases/{base.id}/query", {"filter": bad})
    base.workspace.refused("POST", f"/v1/data_sources/{base.source}/query", {"filter": bad})


def test_what_cannot_be_filtered_or_sorted_by(base: Base) -> None:
    path = f"/v2/databases/{base.id}/query"
    formula = {"property": "Sum", "formula": {"number": {"equals": 1}}}
    base.workspace.refused("POST", path, {"filter": formula}, code="unsupported_filter")
    base.workspace.refused("POST", path, {"sorts": [{"property": "Sum"}]}, code="unsupported_sort")
    four = [{"property": "Count"}] * 4
    base.workspace.refused("POST", path, {"sorts": four})
    deep = {"and": [{"or": [{"and": [{"property": "Done", "checkbox": {"equals": True}}]}]}]}
    assert base.names(deep) == ["Three"]
    base.workspace.refused("POST", f"/v1/data_sources/{base.source}/query", {"filter": deep})


def test_sorts(base: Base) -> None:
    assert base.names(sorts=[{"property": "Name"}]) == ["one", "Three", "two"]
    assert base.names(sorts=[{"property": "Count", "direction": "descending"}]) == ["two", "one", "Three"]
    assert base.names(sorts=[{"property": "Done"}, {"property": "Name", "direction": "descending"}]) == [
        "two",
        "one",
        "Three",
    ]
    by_time = [{"timestamp": "created_time", "direction": "descending"}]
    assert base.names(sorts=by_time, service="v1")[-1] in ("one", "two", "Three")
    base.workspace.refused("POST", f"/v1/data_sources/{base.source}/query", {"sorts": [{"property": "Name"}]})


def test_relative_dates_are_notions_only(base: Base) -> None:
    past = {"property": "Made", "created_time": {"past_week": {}}}
    assert base.names(past, service="v1") == ["one", "two", "Three"]
    base.workspace.refused("POST", f"/v2/databases/{base.id}/query", {"filter": past})


@pytest.mark.parametrize(("service", "path"), [("v2", "databases"), ("v1", "data_sources")])
def test_queries_are_paged(base: Base, service: str, path: str) -> None:
    id = base.id if service == "v2" else base.source
    url = f"/{service}/{path}/{id}/query"
    first = base.workspace.ok("POST", url, {"page_size": 2})
    rest = base.workspace.ok("POST", url, {"page_size": 2, "start_cursor": first["next_cursor"]})
    assert (len(first["results"]), len(rest["results"]), rest["has_more"]) == (2, 1, False)
    base.workspace.refused("POST", url, {"start_cursor": "nonsense"})
    base.workspace.refused("POST", url, {"page_size": 101})


# Mutations


def test_mutations_are_one_transaction(base: Base) -> None:
    path = f"/v2/databases/{base.id}/mutations"
    one = base.workspace.store.records(base.id)[0].id
    body = {
        "properties": {"Extra": {"type": "number"}},
        "create_records": [{"title": "new", "properties": {"Extra": value("number", 4)}}],
        "update_records": [{"record_id": one, "properties": {"Name": value("title", text("ONE"))}}],
    }
    result = base.workspace.ok("POST", path, body, Idempotency_Key="m")
    assert result["object"] == "database_mutation"
    assert result["updated_properties"][0] | {"id": ""} == {
        "id": "",
        "name": "Extra",
        "type": "number",
        "created": True,
    }
    assert [made["title"] for made in result["created_records"]] == ["new"]
    assert result["updated_records"] == [{"id": one, "title": "ONE"}]
    assert base.workspace.ok("POST", path, body, Idempotency_Key="m") == result
    base.workspace.refused(
        "POST", path, {**body, "properties": {}}, code="idempotency_conflict", Idempotency_Key="m"
    )
    assert base.names() == ["ONE", "two", "Three", "new"]
    bad = {
        "create_records": [{"title": "lost"}],
        "update_records": [{"record_id": "5" * 32, "properties": {}}],
    }
    base.workspace.refused("POST", path, bad, code="not_found")
    for wrong in ({}, {"create_records": [{"title": ""}]}, {"create_records": [{"title": "x"}] * 101}):
        base.workspace.refused("POST", path, wrong)
    renamed = {"properties": {"Renamed": {"type": "number", "id": result["updated_properties"][0]["id"]}}}
    assert base.workspace.ok("POST", path, renamed)["updated_properties"][0]["created"] is False
    assert base.names() == ["ONE", "two", "Three", "new"]


def test_unique_ids_count_up() -> None:
    workspace = Workspace()
    schema = {"N": {"title": {}}, "Id": {"unique_id": {"prefix": "T"}}}
    body = {"parent": {"workspace": True}, "initial_data_source": {"properties": schema}}
    source = workspace.ok("POST", "/v1/databases", body)["data_sources"][0]["id"]
    numbers = []
    for _ in range(3):
        page = workspace.ok("POST", "/v1/pages", {"parent": {"data_source_id": source}})
        numbers.append(page["properties"]["Id"]["unique_id"])
    assert numbers == [{"prefix": "T", "number": number} for number in (1, 2, 3)]
