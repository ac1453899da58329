"""Which block each name of a document stands for."""

from __future__ import annotations

import json

import pytest

from converters.dialects import DIALECTS
from converters.document import DEFAULT, Options, convert_bytes
from converters.extensions import FLAVORS
from publisher.facts import Facts, facts_of, read_facts, write_facts


def facts(text: str, flavor: str = "") -> tuple[Facts, list[str]]:
    """The facts of a text, and the words of its blocks at the top level."""
    data = text.encode()
    document = convert_bytes(data, "a.md", Options(FLAVORS[flavor]) if flavor else DEFAULT)
    blocks, _ = DIALECTS["notion"].encode(document.blocks, "a.md")
    contents = (json.loads(block.content) for block in blocks)
    words = ["".join(item["text"]["content"] for item in one.get("rich_text", [])) for one in contents]
    return facts_of(document, data, blocks, ()), words


def named(text: str, flavor: str = "") -> dict[str, str]:
    """The words of the block that each name stands for."""
    found, words = facts(text, flavor)
    return {name: words[place] if place >= 0 else "" for name, place in found.anchors.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# T\n\ntext\n\n## H\n", {"t": "text", "h": "H"}),
        ('a\n\n<a id="x"></a>\n\n## H\n', {"h": "H", "x": "H"}),
        ("a\n\nb <a name='x'></a> c\nd <span id='y'></span>\n", {"x": "b c d", "y": "b c d"}),
        ("- a\n  - b <a id='x'></a>\n\nlast", {"x": "a"}),
        ("> [!NOTE]\n> n\n>\n> ### Deep\n\nlast", {"deep": "n"}),
        ("a\n\n<div id='x'>\n\nb\n\n</div>\n", {"x": "b"}),
        ("a\n\n<a id='x'></a>\n", {"x": "a"}),
        ("## Only\n", {"only": "Only"}),
        ("<a id='x'></a>\n", {"x": ""}),
    ],
)
def test_the_block_that_a_name_stands_for(text: str, expected: dict[str, str]) -> None:
    assert named(text) == expected


def test_names_of_other_tools() -> None:
    assert named("a ^one\n\n- b ^two\n- c\n\n^three\n\nd\n", "obsidian") == {
        "^one": "a",
        "^two": "b",
        "^three": "c",
    }
    found = named("a\n\n(x)=\n## H\n\n:::{note}\n:name: y\nb\n:::\n", "myst")
    assert (found["x"], found["y"]) == ("H", "b")
    found = named("a\n{: #x}\n\n{: #y}\n\n## H\n", "jekyll")
    assert (found["x"], found["y"]) == ("a", "H")
    assert named("Term\n: text\n\nend\n", "hugo")["term"] == "Term"


def test_footnotes_have_names() -> None:
    found, words = facts("a[^x] b^[in] c[^Y]\n\n- d[^y]\n\n[^x]: X\n[^y]: Y\n\n    more\n[^z]: Z\n")
    shown = {name: words[place].rstrip("\u00a0↩\ufe0e") for name, place in found.anchors.items()}
    first = "a[1] b[2] c[3]"
    assert shown == {
        "fnref:x": first,
        "fnref:^2": first,
        "fnref:y": first,
        "fn:x": "X",
        "fn:^2": "in",
        "fn:y": "Y",
        "fn:z": "Z",
    }


def test_a_name_in_a_table() -> None:
    table = "| a | b |\n|---|---|\n| c[^1] | d |\n| <a id='x'></a>e | f |\n"
    indented = "".join(f"  {line}\n" for line in table.splitlines())
    for text in (f"{table}\nnext\n", f"- item\n\n{indented}\nnext\n"):
        found, _ = facts(f"{text}\n[^1]: N\n")
        assert (found.anchors["fnref:1"], found.anchors["x"]) == (0, 0)


def test_a_divider_of_the_text_is_not_that_of_the_notes() -> None:
    found, words = facts("a[^1]\n\n---\n\n- b\n\n[^1]: N\n")
    assert words[found.anchors["fn:1"]].startswith("N")


def test_facts_survive_the_state() -> None:
    found, _ = facts("---\nx: 1\n---\n# T\n\na[^1] [b](c.md#d)\n\n## H\n\n[^1]: N\n")
    assert read_facts("a.md", found.hash, json.loads(json.dumps(write_facts(found)))) == found


@pytest.mark.parametrize(
    ("text", "title"),
    [("# A\n\ntext", "A"), ("---\ntitle: A\n---\ntext", "A"), ("text", ""), ("# B\n\n# A\n", "")],
)
def test_a_title_that_equals_the_files_name_is_still_its_own(text: str, title: str) -> None:
    assert facts(text)[0].title == title
