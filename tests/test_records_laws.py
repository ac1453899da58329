"""Any front matter against any schema: a value is sent validly, or refused with file and line; never mangled."""

from __future__ import annotations

import json
from typing import Any

from emulated import Workspace, text
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.dialects import DIALECTS
from converters.dialects.schema import read_schema, read_values
from converters.inference import WRITABLE, Source, Wish
from converters.properties import Property
from publisher.facts import portable
from publisher.planning.record_values import batches
from publisher.planning.records import BasePlan, BaseSpec, plan_base
from publisher.planning.tree import PageNode

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
scalars = (
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats() | words | st.dates() | st.datetimes()
    | st.sampled_from(
        ["https://a.example/ü?q=1", "https://a.example/x.png", "a@b.example", "+49 30 123", "2026-04-09/2026-04-11",
         "b.md", "[[b]]", "open", "done", "1" * 32, "x" * 2100]
    )
)  # fmt: skip
dates = st.fixed_dictionaries(
    {"start": st.dates() | st.datetimes()},
    optional={"end": st.datetimes(), "time_zone": st.sampled_from(["Europe/Berlin", "Mars", ""])},
)
things = scalars | dates | st.lists(scalars, max_size=3) | st.dictionaries(words, scalars, max_size=2)
keys = st.sampled_from(["a", "A", "status", "due", "title", "Name", "", "ü"]) | words
matter = st.dictionaries(keys, things.map(portable), max_size=4)
types = st.sampled_from([kind for kind in WRITABLE if kind != "relation"])
NODES = [PageNode(f"{name}.md", f"{name}.md", name.upper(), "/") for name in "ab"]
IDS = {"a.md": "1" * 32, "b.md": "2" * 32}


def planned(
    dialect: str, given: list[dict[str, Any]], schema: list[Property] | None, **spec: Any
) -> BasePlan:
    sources = {
        node.path or "": Source(node.path or "", values, dict.fromkeys(values, 2))
        for node, values in zip(NODES, given, strict=True)
    }
    kinds = DIALECTS[dialect].property_types(WRITABLE)
    return plan_base(BaseSpec("/", "Base", **spec), schema, False, NODES, sources, kinds)


def publish(dialect: str, plan: BasePlan) -> None:
    """Everything that the plan would send is accepted, and reads back as it was meant."""
    workspace, service = Workspace(), DIALECTS[dialect]
    columns = [item for item in plan.schema if item.type != "relation"]
    schema = json.loads(service.schema(columns))
    if dialect == "buildin":
        made = workspace.ok("POST", "/v2/databases", {"title": text("Base"), "properties": schema})
    else:
        body = {"parent": {"workspace": True}, "initial_data_source": {"properties": schema}}
        made = workspace.ok("POST", "/v1/databases", body)
    path = "/v2/pages" if dialect == "buildin" else "/v1/pages"
    for key, values in plan.values.items():
        if key in plan.held:
            continue
        sent = [value for value in values if value.type != "relation"]
        properties = json.loads(service.properties(sent))
        shown = workspace.ok("POST", path, {"parent": {"database_id": made["id"]}, "properties": properties})
        there = {value.name: value for value in read_values(shown["properties"])}
        for value in sent:
            assert service.properties([there[value.name]]) == service.properties([value])


def honest(plan: BasePlan) -> None:
    """What is not sent is told, with file and line."""
    for item in plan.diagnostics:
        assert (item.path, item.line) in {("a.md", 2), ("b.md", 2)}
    assert plan.held == {item.path for item in plan.diagnostics if item.severity == "error"}


@settings(max_examples=60, deadline=None)
@given(dialect=st.sampled_from(["buildin", "notion"]), files=st.lists(matter, min_size=2, max_size=2))
def test_an_inferred_schema_holds_what_it_was_inferred_from(
    dialect: str, files: list[dict[str, Any]]
) -> None:
    plan = planned(dialect, files, None)
    honest(plan)
    publish(dialect, plan)


@settings(max_examples=60, deadline=None)
@given(
    dialect=st.sampled_from(["buildin", "notion"]),
    files=st.lists(matter, min_size=2, max_size=2),
    columns=st.dictionaries(st.sampled_from(["a", "status", "due", "ü"]), types, max_size=4),
    create=st.booleans(),
)
def test_an_existing_schema_takes_what_is_sent(
    dialect: str, files: list[dict[str, Any]], columns: dict[str, str], create: bool
) -> None:
    usual = DIALECTS[dialect].property_types(columns.values())
    there = [Property(name, kind, ("open",)) for name, kind in columns.items() if kind in usual]
    schema = [Property("Name", "title"), *there]
    plan = planned(dialect, files, schema, new_options="create" if create else "refuse")
    honest(plan)
    publish(dialect, plan)
    assert {item.name for item in plan.schema} == {item.name for item in schema}


@settings(max_examples=40, deadline=None)
@given(files=st.lists(matter, min_size=2, max_size=2), kind=st.sampled_from(WRITABLE))
def test_planning_twice_changes_nothing_more(files: list[dict[str, Any]], kind: str) -> None:
    spec: dict[str, Any] = {"wishes": {"a": Wish(type=kind)}}
    first = planned("notion", files, None, **spec)
    again = planned("notion", files, list(first.schema), **spec)
    assert again.changes == ()
    assert again.values == first.values


def test_a_schema_read_back_needs_no_change() -> None:
    files = [{"n": 1, "t": ["x"], "d": "2026-04-09"}, {"n": 2, "t": ["y"]}]
    for dialect in ("buildin", "notion"):
        first = planned(dialect, files, None)
        raw = json.loads(DIALECTS[dialect].schema(first.schema))
        assert planned(dialect, files, list(read_schema(raw))).changes == ()


@given(st.lists(st.binary(max_size=300), max_size=250), st.integers(1, 100))
def test_batches_hold_everything_in_order_within_the_limits(bodies: list[bytes], most: int) -> None:
    updates = [(str(place), body) for place, body in enumerate(bodies)]
    made = list(batches(updates, most))
    assert [item for batch in made for item in batch] == updates
    assert all(0 < len(batch) <= most for batch in made)
