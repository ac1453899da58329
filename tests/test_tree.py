"""The tree of pages: parents, titles, order, and who is a folder's page."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.planning.tree import DocFacts, PageTree, build, humanise, natural, split_prefix


def tree(*paths: str | DocFacts, root: str = "page") -> PageTree:
    facts = [DocFacts(path) if isinstance(path, str) else path for path in paths]
    return build(facts, "my-docs", "none" if root == "none" else "page")


def shape(found: PageTree) -> list[tuple[str, str | None, str]]:
    return [(page.key, page.path, page.parent) for page in found.pages]


def keys(*paths: str | DocFacts, root: str = "page") -> list[str]:
    return [page.key for page in tree(*paths, root=root).pages]


def test_folders_become_pages() -> None:
    assert shape(tree("a.md", "guide/deep/b.md")) == [
        ("/", None, ""),
        ("a.md", "a.md", "/"),
        ("guide/", None, "/"),
        ("guide/deep/", None, "guide/"),
        ("guide/deep/b.md", "guide/deep/b.md", "guide/deep/"),
    ]


@pytest.mark.parametrize("name", ["index.md", "README.md", "_index.md", "readme.markdown", "Index.MD"])
def test_an_index_is_the_folders_page(name: str) -> None:
    found = tree(f"guide/{name}", name)
    assert shape(found) == [("/", name, ""), ("guide/", f"guide/{name}", "/")]
    assert found.by_path[f"guide/{name}"].key == "guide/"


def test_without_a_root_page_the_top_stands_under_the_parent() -> None:
    assert shape(tree("index.md", "b.md", "c/d.md", root="none")) == [
        ("b.md", "b.md", ""),
        ("c/", None, ""),
        ("c/d.md", "c/d.md", "c/"),
        ("index.md", "index.md", ""),
    ]


def test_an_empty_folder_has_no_pages() -> None:
    assert tree().pages == ()
    assert tree(DocFacts("a.md", draft=True)).pages == ()


def test_a_file_beside_a_folder_of_its_name_is_its_page() -> None:
    assert shape(tree("guide.md", "guide/a.md")) == [
        ("/", None, ""),
        ("guide/", "guide.md", "/"),
        ("guide/a.md", "guide/a.md", "guide/"),
    ]
    assert tree("x/Guide.md", "x/guide/a.md").by_key["x/guide/"].path == "x/Guide.md"


def test_the_note_of_a_folder_is_its_page() -> None:
    assert tree("guide/guide.md", "guide/a.md").by_key["guide/"].path == "guide/guide.md"


def test_a_note_in_a_folder_with_an_index_is_a_page_like_any_other() -> None:
    found = tree("api/index.md", "api/api.md")
    assert found.by_key["api/"].path == "api/index.md"
    assert found.by_key["api/api.md"].parent == "api/"
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    "paths",
    [
        ("a/index.md", "a/README.md"),
        ("a/_index.md", "a/index.md"),
        ("a/index.md", "a/Index.md"),
        ("a.md", "a/index.md"),
        ("a.md", "a.markdown", "a/b.md"),
        ("a/a.md", "a/A.md"),
        ("index.md", "README.md"),
    ],
)
def test_two_files_that_claim_one_page_are_an_error(paths: tuple[str, ...]) -> None:
    found = tree(*paths)
    (problem,) = found.diagnostics
    assert (problem.code, problem.severity) == ("page-claimed-twice", "error")
    assert all(f"“{path}”" in problem.message for path in paths if not path.endswith("b.md"))
    folder = found.by_key["a/"] if "a/" in found.by_key else found.by_key["/"]
    assert folder.held


def test_drafts_are_left_out_before_anything_is_claimed() -> None:
    found = tree(DocFacts("a/README.md", draft=True), "a/index.md", DocFacts("b/c.md", draft=True))
    assert [page.key for page in found.pages] == ["/", "a/"]
    assert found.diagnostics == ()
    assert found.drafts == {"a/README.md", "b/c.md"}


def test_a_draft_index_leaves_the_folder_without_a_text() -> None:
    found = tree(DocFacts("a/index.md", "Secret", draft=True), "a/b.md")
    assert (found.by_key["a/"].path, found.by_key["a/"].title) == (None, "A")


def test_pages_with_errors_are_held_and_keep_their_place() -> None:
    found = tree(DocFacts("a/index.md", "Half read", held=True), "a/b.md", DocFacts("c.md", held=True))
    assert [(page.key, page.held, page.title) for page in found.pages] == [
        ("/", False, "My docs"),
        ("a/", True, "A"),
        ("a/b.md", False, "B"),
        ("c.md", True, "C"),
    ]


def test_titles() -> None:
    found = tree(DocFacts("a.md", "Own title"), "02-getting_started.md", "x-y/z.md")
    titles = {page.key: page.title for page in found.pages}
    assert titles["a.md"] == "Own title"
    assert titles["02-getting_started.md"] == "Getting started"
    assert titles["x-y/"] == "X y"
    assert titles["/"] == "My docs"
    assert tree(DocFacts("index.md", "Home")).pages[0].title == "Home"
    assert tree("README.md", root="none").pages[0].title == "My docs"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("01-intro", "Intro"),
        ("1. The beginning", "The beginning"),
        ("2023-01-02-news", "2023-01-02 news"),
        ("404", "404"),
        ("0", "0"),
        ("---", "---"),
        ("éclair", "Éclair"),
        ("iOS", "IOS"),
        ("", ""),
    ],
)
def test_titles_of_names(name: str, title: str) -> None:
    assert humanise(name) == title


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("01-intro", (1, "intro")),
        ("1. intro", (1, "intro")),
        ("10_intro", (10, "intro")),
        ("3 - intro", (3, "intro")),
        ("01 intro", (1, "intro")),
        ("3 ways", (None, "3 ways")),
        ("2023-01-02-news", (None, "2023-01-02-news")),
        ("7.0-notes", (None, "7.0-notes")),
        ("3d-printing", (None, "3d-printing")),
        ("404", (None, "404")),
        ("01-", (None, "01-")),
        ("٣-intro", (3, "intro")),
    ],
)
def test_number_prefixes(name: str, expected: tuple[int | None, str]) -> None:
    assert split_prefix(name) == expected


def test_order() -> None:
    found = keys(
        DocFacts("z.md", order=1),
        DocFacts("10-y.md", order=-2.5),
        "02-first.md",
        "2-also.md",
        "page10.md",
        "Page2.md",
        "03-folder/a.md",
        "apple/a.md",
        DocFacts("nan.md", order=float("nan")),
    )
    assert [key for key in found if key.count("/") == key.endswith("/") and key != "/"] == [
        "10-y.md", "z.md", "2-also.md", "02-first.md", "03-folder/", "apple/", "nan.md", "Page2.md", "page10.md",
    ]  # fmt: skip
    assert [page.position for page in tree("b.md", "a.md", "c/d.md").pages] == [0, 0, 1, 2, 0]


def test_a_folder_is_ordered_by_its_index() -> None:
    assert keys(DocFacts("z/index.md", order=1), "a.md", root="none") == ["z/", "a.md"]


def test_natural_order_takes_any_digits() -> None:
    names = ["a²", "a١٠", "a9", "a" + "9" * 5000, "A1"]
    assert sorted(names, key=natural) == ["A1", "a9", "a١٠", "a" + "9" * 5000, "a²"]


def test_many_levels_and_many_files() -> None:
    deep = "/".join(["d"] * 1000) + "/a.md"
    assert len(tree(deep).pages) == 1002
    assert len(tree(*(f"f{n % 100}/p{n}.md" for n in range(10_000))).pages) == 10_101


NAMES = st.sampled_from(
    ["a", "A", "b", "index", "README", "_index", "01-a", "é", unicodedata.normalize("NFD", "é")]
)
PATHS = st.builds(
    lambda folders, name, suffix: "/".join([*folders, name + suffix]),
    st.lists(NAMES, max_size=3),
    NAMES,
    st.sampled_from([".md", ".MD", ".markdown"]),
)
FACTS = st.lists(
    st.builds(
        DocFacts,
        PATHS,
        st.sampled_from(["", "T"]),
        st.none() | st.floats() | st.integers(),
        st.booleans(),
        st.booleans(),
    ),
    unique_by=lambda facts: facts.path,
    max_size=12,
)


@given(FACTS, st.sampled_from(["page", "none"]))
def test_law_every_page_has_one_way_to_the_top(facts: list[DocFacts], root: str) -> None:
    found = tree(*facts, root=root)
    seen: set[str] = set()
    for page in found.pages:  # parents come first, so one pass proves that there is no cycle
        assert page.parent == "" or page.parent in seen
        assert page.key not in seen
        assert page.title
        seen.add(page.key)
    assert sum(not page.parent for page in found.pages) <= 1 or root == "none"


@given(FACTS, st.sampled_from(["page", "none"]))
def test_law_every_file_is_one_page_or_a_draft_or_disputed(facts: list[DocFacts], root: str) -> None:
    found = tree(*facts, root=root)
    disputed = " ".join(problem.message for problem in found.diagnostics)
    for fact in facts:
        places = (fact.path in found.by_path, fact.path in found.drafts, f"“{fact.path}”" in disputed)
        assert any(places)
        assert not (places[0] and places[1])


@given(FACTS, st.randoms(use_true_random=False))
def test_law_the_order_of_the_input_does_not_matter(facts: list[DocFacts], luck: random.Random) -> None:
    shuffled = facts.copy()
    luck.shuffle(shuffled)
    assert tree(*facts) == tree(*shuffled)
