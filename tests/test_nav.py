"""MkDocs' `nav`: which file is meant, what it says, and that it sorts pages without moving them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_folder import Site

from publisher.folder import load
from publisher.nav import NONE, Nav, Source, docs_dir, find, nav, read, summary
from publisher.planning.tree import DocFacts, build
from publisher.scan import scan
from publisher.shapes import Shape, shape
from publisher.source import Disk

NAV = [
    "index.md",
    {"Second": "z.md"},
    {"Guide": ["guide/b.md", {"Named": "guide/a.md"}]},
    {"Elsewhere": "https://a.example/"},
    {"Mixed": ["other/x.md", "last.md"]},
]


def test_places_are_those_of_the_list() -> None:
    found = nav(NAV)
    order = sorted(found.order, key=lambda key: (found.order[key], len(key)))
    assert order == [
        "index.md",
        "z.md",
        "guide/",
        "guide/b.md",
        "guide/a.md",
        "other/",
        "other/x.md",
        "last.md",
    ]


def test_titles_are_for_pages_and_for_sections_that_are_a_folder() -> None:
    assert nav(NAV).titles == {"z.md": "Second", "guide/": "Guide", "guide/a.md": "Named"}


def test_an_index_file_is_its_folder() -> None:
    found = nav([{"Guide": [{"Overview": "guide/index.md"}, "guide/b.md"]}])
    assert found == Nav({"guide/": 0, "guide/b.md": 1}, {"guide/": "Guide"})


def test_paths_count_from_the_folder_of_the_pages() -> None:
    text = "docs_dir: ./content/docs/\nnav:\n- a.md\n- Part:\n  - part/b.md\n"
    assert read(Source("mkdocs.yml", text, True)).order.keys() == {
        "content/docs/a.md", "content/docs/part/", "content/docs/part/b.md", "content/docs/", "content/",
    }  # fmt: skip
    assert read(Source("mkdocs.yml", text, False)).order.keys() == {"a.md", "part/", "part/b.md"}
    assert read(Source("mkdocs.yml", "nav: [a.md]", True)).order.keys() == {"docs/a.md", "docs/"}
    assert read(Source("mkdocs.yml", "docs_dir: .\nnav: [a.md]", True)).order.keys() == {"a.md"}


def test_what_mkdocs_adds_to_yaml_is_not_looked_up() -> None:
    text = "x: !!python/name:os.system\ny: !ENV [A, b]\nz: !!python/object/apply:os.system ['exit 1']\nnav: [a.md]\n"
    assert read(Source("mkdocs.yml", text, False)).order == {"a.md": 0}


@pytest.mark.parametrize("text", ["a: [", "\t- x: y\n :", "nav: &a [*a", "a: " + "[" * 5000])
def test_what_is_no_yaml_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not YAML"):
        read(Source("mkdocs.yml", text, False))
    assert docs_dir(text) == "docs"


@pytest.mark.parametrize("value", [None, "", 3, {}, [], [None, 3, [[]]], {"a": {"b": 1}}, [{"a": None}]])
def test_odd_values_are_no_places(value: Any) -> None:
    assert nav(value) == NONE


def test_a_list_that_holds_itself_ends() -> None:
    text = "nav: &a\n- a.md\n- *a\n- b: *a\n"
    assert read(Source("mkdocs.yml", text, False)).order["a.md"] == 0


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8),
    lambda x: st.lists(x) | st.dictionaries(st.text(max_size=4), x),
)


@given(JSON)
def test_any_value_is_read(value: Any) -> None:
    assert all(number >= 0 for number in nav(value).order.values())


def test_the_file_is_in_the_folder_or_above_it(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    disk = Disk(folder)
    assert find(disk, "docs") is None
    above = tmp_path / "mkdocs.yml"
    above.write_text("docs_dir: pages\n")
    assert find(disk, "docs") is None
    above.write_text("nav: [a.md]\n")
    assert find(disk, "docs") == Source("mkdocs.yml", "nav: [a.md]\n", False)
    (folder / "mkdocs.yaml").write_text("x: 1\n")
    assert find(disk, "docs") == Source("mkdocs.yaml", "x: 1\n", True)


def test_a_tree_is_sorted_by_it_and_not_moved() -> None:
    facts = [DocFacts(path) for path in ("a.md", "z.md", "guide/a.md", "guide/b.md", "new.md", "first.md")]
    facts[5] = DocFacts("first.md", "My title", order=-1)
    found = nav([*NAV, {"Other title": "first.md"}])
    tree = build(facts, "docs", places=found.order, titles=found.titles)
    assert [(page.key, page.title) for page in tree.pages] == [
        ("/", "Docs"), ("first.md", "My title"), ("z.md", "Second"), ("guide/", "Guide"), ("guide/b.md", "B"),
        ("guide/a.md", "Named"), ("a.md", "A"), ("new.md", "New"),
    ]  # fmt: skip


def test_it_is_read_when_a_folder_is_published(site: Site) -> None:
    for name in ("a", "b", "c"):
        site.write(f"{name}.md", f"# {name.upper()}\n")
    config = site.root / "mkdocs.yml"
    config.write_text("nav: [c.md, a.md]\n")

    def found(**more: Any) -> Shape:
        settings = site.settings(**more)
        return shape(load(settings, scan(settings.folder), None))

    def order(**more: Any) -> list[str | None]:
        return [page.path for page in found(**more).tree.pages if page.path]

    assert order() == ["c.md", "a.md", "b.md"]
    assert order(flavor="github") == ["a.md", "b.md", "c.md"]
    site.publish()
    assert list(site.tree()["Docs"]) == ["C", "A", "B"]
    assert site.publish().reads == 0
    config.write_text("nav: [b.md, c.md]\n")
    assert order() == ["b.md", "c.md", "a.md"]
    config.write_text("nav: [")
    assert [(item.path, item.code) for item in found().diagnostics] == [("mkdocs.yml", "nav-invalid")]


SUMMARY = """# Summary

[Preface](title-page.md)

- [The `match` \\*Construct\\*](ch01.md)
  - [One step](<./ch01-01.md>)
- [Part two](part/README.md)
    * [Odd%20name](part/a%20b.md)
- [Draft]()
"""
CHAPTERS = ["title-page.md", "ch01.md", "ch01-01.md", "part/README.md", "part/a b.md"]


def test_the_list_of_chapters_of_a_book_sorts_and_names_its_pages() -> None:
    assert summary(SUMMARY, "SUMMARY.md", CHAPTERS) == Nav(
        {"title-page.md": 0, "ch01.md": 1, "ch01-01.md": 2, "part/": 3, "part/a b.md": 4},
        {"title-page.md": "Preface", "ch01.md": "The match *Construct*", "ch01-01.md": "One step",
         "part/a b.md": "Odd%20name"},
    )  # fmt: skip
    below = summary(SUMMARY, "src/SUMMARY.md", [f"src/{chapter}" for chapter in CHAPTERS])
    assert list(below.order) == [
        "src/title-page.md",
        "src/",
        "src/ch01.md",
        "src/ch01-01.md",
        "src/part/",
        "src/part/a b.md",
    ]


def test_a_summary_of_something_else_is_a_page_like_others() -> None:
    assert summary("[a](https://a.example/)\n[b](b.md)\n", "SUMMARY.md", ["b.md"]) == NONE
    assert summary("No links.", "SUMMARY.md", ["b.md"]) == NONE
    assert summary("[out](../../etc/passwd)\n", "SUMMARY.md", ["b.md"]) == NONE


@pytest.mark.parametrize("flavor", ["auto", "mdbook", "github"])
def test_a_book_is_published_in_its_order(site: Site, flavor: str) -> None:
    site.write("SUMMARY.md", "# Summary\n\n- [Zebra](z.md)\n- [Apple tree](a.md)\n")
    site.write("a.md", "## A heading\n\nText.\n")
    site.write("z.md", "Text.\n")
    site.publish(flavor=flavor)
    wanted = ["Zebra", "Apple tree", "Summary"] if flavor != "github" else ["A", "Summary", "Z"]
    assert list(site.tree()["Docs"]) == wanted
