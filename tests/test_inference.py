"""The schema of a database as the front matter of its files suggests it."""

from __future__ import annotations

from typing import Any

import pytest

from converters.inference import PROPERTY_LIMIT, Source, Wish, infer
from converters.properties import Property


def folder(*values: Any, key: str = "k") -> list[Source]:
    """One file for each value."""
    return [Source(f"{place}.md", {key: value}, {key: 3}) for place, value in enumerate(values)]


def kind(*values: Any, key: str = "k") -> str:
    made = infer(folder(*values, key=key), is_record=lambda path, text: text == "0.md").properties[1:]
    return made[0].property.type if made else ""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2.5), "number"),
        ((True, False), "checkbox"),
        ((True, 1), "rich_text"),
        (("2026-04-09", "2026-04-09T10:00:00+02:00"), "date"),
        (("2026-04-09/2026-04-11", {"start": "2026-04-09"}), "date"),
        (("20260409",), "rich_text"),
        (("2026-04-09", "soon"), "rich_text"),
        (("https://a.example/x", "http://b.example"), "url"),
        (("https://a.example/x", "/local"), "rich_text"),
        (("a@b.example",), "email"),
        (("+49 30 123456",), "phone_number"),
        (("030 123456",), "rich_text"),
        ((["https://a.example/x.png"],), "files"),
        ((["a", "b"], ["b"], "a"), "multi_select"),
        ((["a, b"],), "rich_text"),
        (([str(number) for number in range(99)], ["x", "y"]), "rich_text"),
        ((["6" * 32],), "people"),
        (("open", "open", "done", "done"), "select"),
        (("one text", "another"), "rich_text"),
        (("0.md", ["0.md"]), "relation"),
        (({"a": 1}, "x"), ""),
        ((None, ""), ""),
        ((2**60,), "rich_text"),
    ],
)
def test_the_type_is_the_narrowest_that_holds_every_value(values: tuple[Any, ...], expected: str) -> None:
    assert kind(*values) == expected


def test_a_phone_number_is_known_by_its_key_too() -> None:
    assert kind("030 123456", key="phone") == "phone_number"


def test_the_choice_is_explained_by_files_and_values() -> None:
    (_, one) = infer(folder(3, 4)).properties
    assert (one.why, one.files) == ("all are numbers: `3` in 0.md:3, `4` in 1.md:3", 2)
    (_, one) = infer(folder(1, 2, "high")).properties
    assert one.why == "values of several types, such as `high` in 2.md:3"
    (left,) = infer(folder({"a": 1})).left
    assert (left.key, left.path, left.line) == ("k", "0.md", 3)
    assert left.why == "it holds a table, or more than a property can, in 0.md:3"


def test_the_most_used_come_first_and_spellings_are_one() -> None:
    sources = [
        Source("a.md", {"rare": 1, "Often": 1}),
        Source("b.md", {"often": 2}),
        Source("c.md", {"often": 3}),
    ]
    assert [item.property.name for item in infer(sources).properties] == ["Title", "often", "rare"]


def test_options_are_sorted_by_use() -> None:
    (_, one) = infer(folder(["a"], ["b", "c"], ["b"])).properties
    assert one.property.options == ("b", "a", "c")


def test_wishes_name_type_order_and_ignore() -> None:
    wishes = {
        "title": Wish(name="Name"),
        "z": Wish("Last", "select", options=("new",), colors=(("new", "red"),)),
        "a": Wish(ignore=True),
        "unused": Wish(type="status"),
    }
    sources = [Source("a.md", {"a": 1, "b": 2, "z": "x"})]
    assert infer(sources, wishes).schema == (
        Property("Name", "title"),
        Property("Last", "select", ("new", "x"), colors=(("new", "red"),)),
        Property("unused", "status"),
        Property("b", "number"),
    )
    assert infer(sources, wishes, types=("select",)).schema[2].type == "select"  # Buildin has no status


def test_names_that_cannot_be() -> None:
    sources = [Source("a.md", {"title": 1, "Title": 2, "": 3, "x" * 101: 4, "ok": 5})]
    found = infer(sources)
    assert [item.property.name for item in found.properties] == ["Title", "ok"]
    assert len(found.left) == 3


def test_a_database_has_at_most_a_hundred_properties() -> None:
    found = infer([Source("a.md", {f"k{number}": number for number in range(150)})])
    assert len(found.properties) == PROPERTY_LIMIT
    assert "at most 100" in found.left[0].why
