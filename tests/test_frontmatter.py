"""Front matter: what is taken off the text, what is left, and where an error is."""

from __future__ import annotations

import datetime

import pytest

from converters.frontmatter import MAX_VALUES, split


def test_yaml_is_taken_off_and_typed() -> None:
    front = split("---\ntitle: A\ndate: 2024-05-01\ntags: [x, y]\nn: 1.5\n---\n\nBody\n")
    assert front.metadata == {"title": "A", "date": datetime.date(2024, 5, 1), "tags": ["x", "y"], "n": 1.5}
    assert front.body == "\nBody\n"
    assert front.offset == 6
    assert front.lines == {"title": 2, "date": 3, "tags": 4, "n": 5}
    assert front.error is None


def test_toml_is_taken_off_and_typed() -> None:
    front = split('+++\ntitle = "A"\nweight = 3\n\n[params]\nauthor = "B"\n+++\nBody')
    assert front.metadata == {"title": "A", "weight": 3, "params": {"author": "B"}}
    assert (front.body, front.offset) == ("Body", 7)
    assert front.lines["params"] == 5


def test_json_is_taken_off_and_typed() -> None:
    front = split('{\n  "title": "A",\n  "draft": true\n}\nBody\n')
    assert front.metadata == {"title": "A", "draft": True}
    assert (front.body, front.offset, front.lines["draft"]) == ("Body\n", 4, 3)


def test_a_content_key_is_only_a_key() -> None:
    assert split("---\ncontent: x\nhandler: y\n---\nBody").metadata == {"content": "x", "handler": "y"}


@pytest.mark.parametrize("end", ["---\n", "...\n", "---", "---  \n"])
def test_the_closing_fence_may_be_written_in_each_of_yaml_s_ways(end: str) -> None:
    front = split(f"---\na: 1\n{end}")
    assert (front.metadata, front.body, front.error) == ({"a": 1}, "", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Text",
        "---\n\nA thematic break, never closed.\n",
        "---\njust text\n---\n",
        "---\n\nA paragraph: with a colon in [it\n\n---\n",
        "---\n- a\n- list\n---\n",
        "----\na: 1\n----\n",
        "\n---\na: 1\n---\n",
        "text\n---\na: 1\n---\n",
        "{not json}\n",
        '{"a": 1} and text\n',
        "+++\nnever closed\n",
    ],
)
def test_what_is_not_front_matter_stays_markdown(text: str) -> None:
    front = split(text)
    assert (front.metadata, front.body, front.offset, front.error) == ({}, text, 0, None)


def test_empty_front_matter_is_taken_off() -> None:
    front = split("---\n---\nBody")
    assert (front.metadata, front.body, front.offset) == ({}, "Body", 2)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: [a\nb: 1\n---\nBody", 3),
        ("---\ntitle: a\n\tb: 1\n---\nBody", 3),
        ("---\na: 1\nb: 'x\n---\nBody", 3),
        ("---\na: 1\ndate: 2024-02-30\n---\nBody", 3),
        ("---\na: *nowhere\n---\nBody", 2),
        ("---\na: !!python/object:os.system x\n---\nBody", 2),
        ("---\na: 1\nb: \x07\n---\nBody", 3),
        ("+++\na = 1\nb = \n+++\nBody", 3),
        ("+++\na = 1\na = 2\n+++\nBody", 3),
        ('{\n"a": 1,\n"b": }\n}\nBody', 3),
    ],
)
def test_an_error_names_its_line_and_leaves_the_body(text: str, line: int) -> None:
    front = split(text)
    assert front.error is not None
    assert front.error.line == line
    assert front.error.message
    assert front.body == "Body"
    assert front.metadata == {}


def test_the_place_of_an_error_counts_the_fence() -> None:
    error = split("---\nkey: a: b\n---\n").error
    assert error is not None
    assert (error.line, error.column) == (2, 7)


def test_aliases_cannot_stand_for_more_than_a_page_may_have() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    front = split("---\n" + "\n".join(rows) + "\n---\n")
    assert front.error is not None
    assert f"{MAX_VALUES:,}" in front.error.message


@pytest.mark.parametrize("inner", ["a: &a [*a]", "a: " + "[" * 5000 + "]" * 5000, "a: " + "{b: " * 2000])
def test_endless_and_deep_values_are_errors(inner: str) -> None:
    assert split(f"---\n{inner}\n---\n").error is not None


def test_keys_become_text_and_are_found_when_quoted() -> None:
    front = split("---\n1: a\n\"two words\": b\n'three': c\nnull: d\n---\n")
    assert list(front.metadata) == ["1", "two words", "three", "None"]
    assert (front.lines["two words"], front.lines["three"]) == (3, 4)


def test_keys_within_values_are_not_top_level() -> None:
    front = split("---\na:\n  title: inner\ntext: |\n  note: x\ntitle: outer\n---\n")
    assert (front.lines["title"], "note" in front.lines) == (6, False)


@pytest.mark.parametrize(
    ("text", "unclosed"),
    [
        ("---\ntitle: x\nbody\n", True),
        ("--- \n# a comment\ntags:\n  - a\n\nbody", True),
        ("+++\ntitle = 'x'\n\nbody", True),
        ("---\ntitle: x\n---\nbody", False),
        ("---\n\nNote: a divider\n", False),
        ("---\ntwo words: a divider\n", False),
        ("---\nhttps://example.org\n", False),
        ("---\n", False),
        ("text\n---\ntitle: x\n", False),
        ("+++\nno key\n", False),
    ],
)
def test_front_matter_that_never_ends_is_known(text: str, unclosed: bool) -> None:
    found = split(text)
    assert found.unclosed is unclosed
    assert not unclosed or (found.metadata, found.body) == ({}, text)
