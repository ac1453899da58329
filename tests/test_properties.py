"""Front matter against a schema: sent validly or refused with file and line, never mangled."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.dialects import DIALECTS
from converters.dialects.text import units
from converters.frontmatter import split
from converters.properties import Property, PropertyValue, property_values
from converters.property_types import DateValue

CASE = Path(__file__).resolve().parent.parent / "fixtures" / "properties" / "every-type"
UTC = datetime.UTC
TYPES = ("title", "rich_text", "number", "select", "multi_select", "date", "checkbox", "url", "email", "phone_number",
         "people", "relation", "files", "status")  # fmt: skip


def read(kind: str, value: Any, *options: str, create: bool = True) -> Any:
    """The value that one property takes; for a refusal its diagnostic."""
    schema = [Property("P", kind, options)]
    values, found = property_values({"P": value}, schema, "a.md", lines={"P": 4}, create_options=create)
    assert len(values) + len(found) == 1
    return found[0] if found else values[0].value


def schema_of(path: Path) -> list[Property]:
    raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    listed = {name: [kind] if isinstance(kind, str) else kind for name, kind in raw.items()}
    return [Property(name, kind[0], tuple(kind[1:])) for name, kind in listed.items()]


@pytest.mark.parametrize("name", ["buildin", "notion"])
def test_the_golden_case_of_every_type(name: str) -> None:
    front = split((CASE / "input.md").read_text(encoding="utf-8"))
    values, found = property_values(
        front.metadata, schema_of(CASE / "schema.json"), "a.md", lines=front.lines
    )
    rendered = json.loads(DIALECTS[name].properties(values))
    assert rendered == json.loads((CASE / f"expected.{name}.json").read_text(encoding="utf-8"))
    assert [(item.code, item.severity, item.line) for item in found] == [
        ("property-read-only", "warning", 16),
        ("property-unknown", "warning", 17),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", 3, 3),
        ("number", "2.5", 2.5),
        ("number", "-7", -7),
        ("checkbox", True, True),
        ("select", "To Do", "To Do"),
        ("select", 2026, "2026"),
        ("multi_select", ["a", "b", "a"], ("a", "b")),
        ("multi_select", "a, b", ("a", "b")),
        ("date", datetime.date(2026, 4, 9), DateValue("2026-04-09")),
        ("date", datetime.datetime(2026, 4, 9, 8, tzinfo=UTC), DateValue("2026-04-09T08:00:00+00:00")),
        ("date", "2026-04-09T14:30", DateValue("2026-04-09T14:30:00")),
        ("date", "2026-04-09/2026-04-11", DateValue("2026-04-09", "2026-04-11")),
        (
            "date",
            {"start": "2026-04-09T09:00", "end": "2026-04-09T10:00", "time_zone": "Europe/Berlin"},
            DateValue("2026-04-09T09:00:00", "2026-04-09T10:00:00", "Europe/Berlin"),
        ),
        ("rich_text", ["a", 1, True], "a, 1, true"),
        ("rich_text", None, None),
        ("multi_select", [], None),
        ("url", " https://e.example/a ", "https://e.example/a"),
    ],
)
def test_values_that_fit(kind: str, value: Any, expected: Any) -> None:
    assert read(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("number", "high", "is a number"),
        ("number", True, "is a number"),
        ("number", float("nan"), "hold exactly"),
        ("number", 10**400, "hold exactly"),
        ("number", "9" * 5000, "hold exactly"),
        ("checkbox", "yes", "is true or false"),
        ("checkbox", None, "cannot be empty"),
        ("select", "a, b", "no comma"),
        ("select", "x" * 101, "at most 100 characters"),
        ("select", {"a": 1}, "needs a text"),
        ("multi_select", [str(i) for i in range(101)], "at most 100 values"),
        ("date", "tomorrow", "is a date"),
        ("date", 20260409, "is a date"),
        ("date", "2026-04-09 to 2026-04-10T10:00", "two days or of two moments"),
        ("url", "example.com", "address of the web"),
        ("url", "https://e.example/" + "x" * 2000, "at most 2,000"),
        ("email", "nobody", "email address"),
        ("people", "Anna", "ids"),
        ("relation", ["a.md"], "ids"),
        ("rich_text", "x" * 200_001, "at most 200,000"),
    ],
)
def test_values_that_do_not_fit_are_refused_with_file_and_line(kind: str, value: Any, reason: str) -> None:
    found = read(kind, value)
    assert (found.path, found.line, found.code, found.severity) == ("a.md", 4, "property-type", "error")
    assert reason in found.message
    assert len(found.message) < 250


def test_options_are_created_or_refused() -> None:
    assert read("select", "new", "old") == "new"
    assert "no option `new`; it has old" in read("select", "new", "old", create=False).message
    assert "no option" in read("status", "new", "old").message
    assert read("status", "old", "old") == "old"
    hundred = [str(number) for number in range(100)]
    assert "more than 100 options" in read("multi_select", ["new"], *hundred).message


def test_names_match_by_case_only_when_nothing_matches_exactly() -> None:
    schema = [Property("Status", "rich_text"), Property("status", "number"), Property("Due", "date")]
    values, found = property_values({"status": 1, "Status": "x", "due": "2026-04-09"}, schema, "a.md")
    assert {value.name: value.value for value in values} == {
        "status": 1,
        "Status": "x",
        "Due": DateValue("2026-04-09"),
    }
    assert found == ()
    _, (doubt,) = property_values({"Due": "2026-04-09", "DUE": "2026-04-10"}, schema, "a.md")
    assert doubt.code == "property-type"


def test_an_unknown_key_names_the_nearest_property() -> None:
    _, (found,) = property_values({"Priorty": 1}, [Property("Priority", "number")], "a.md")
    assert found.message == "The database has no property `Priorty`; did you mean `Priority`?"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(kind=st.sampled_from(TYPES), value=anything)
def test_any_value_is_sent_validly_or_refused(kind: str, value: Any) -> None:
    values, found = property_values({"P": value}, [Property("P", kind)], "a.md")
    assert len(values) + len(found) == 1
    for dialect in DIALECTS.values():
        for name, body in json.loads(dialect.properties(values)).items():
            assert name == "P"
            assert set(body) == {"type", kind}
            assert body["type"] == kind


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=50).map(lambda part: part * 100))
def test_long_texts_are_split_within_the_limit(text: str) -> None:
    values = [PropertyValue("P", "rich_text", text)]
    for dialect in DIALECTS.values():
        items = json.loads(dialect.properties(values))["P"]["rich_text"]
        assert all(units(item["text"]["content"]) <= 2000 for item in items)
        assert "".join(item["text"]["content"] for item in items) == text.replace("\0", "\ufffd")
