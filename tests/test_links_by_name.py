"""Links by name, as Obsidian has them: anywhere in the folder, the shortest path first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from effort import effort
from site_folder import Site, id_of

from converters.blocks import FileRef, PageRef
from publisher.planning.links import LinkTable, ToFile, ToPage
from publisher.planning.tree import DocFacts, build

PAGES = [
    "index.md",
    "One.md",
    "deep/er/Two.md",
    "deep/Two.md",
    "a/Same.md",
    "b/Same.md",
    "b/c/Note.js.md",
    "x/Über.md",
]
ASSETS = frozenset({"media/deep/plan.png", "media/plan.png", "other/paper.pdf"})


def table(pages: Sequence[str] = PAGES, by_name: bool = True) -> LinkTable:
    tree = build([DocFacts(path) for path in pages], "notes")
    anchors = dict.fromkeys(pages, ("part", "^id"))
    return LinkTable(tree, anchors, ASSETS, files_url="https://f.example", by_name=by_name)


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("One", "One.md"),
        ("one", "One.md"),
        ("Two", "deep/Two.md"),
        ("two.md", "deep/Two.md"),
        ("er/Two", "deep/er/Two.md"),
        ("deep/er/Two", "deep/er/Two.md"),
        ("Same", "a/Same.md"),
        ("b/Same", "b/Same.md"),
        ("wrong/Same", "a/Same.md"),
        ("über", "x/Über.md"),
    ],
)
def test_a_page_is_found_by_its_name(target: str, key: str) -> None:
    found = table().resolve(PageRef(target, "^id"))
    assert (found.goal, found.code) == (ToPage(key, "^id"), "")


def test_a_file_is_found_by_its_name() -> None:
    assert table().resolve(FileRef("plan.png")).goal == ToFile(
        "media/plan.png", "https://f.example/media/plan.png"
    )
    assert table().resolve(FileRef("deep/plan.png")).goal == ToFile(
        "media/deep/plan.png", "https://f.example/media/deep/plan.png"
    )
    assert table().resolve(FileRef("paper.pdf")).code == ""
    assert table().resolve(FileRef("Note.js")).goal == ToPage("b/c/Note.js.md")


def test_what_is_nowhere_is_broken() -> None:
    assert table().resolve(PageRef("Three")).code == "link-broken"
    assert table().resolve(PageRef("../Two")).code == "link-outside"
    assert table().resolve(PageRef("Two", "none")).code == "link-anchor-broken"


def test_only_who_asks_for_it_gets_it() -> None:
    assert table(by_name=False).resolve(PageRef("Two")).code == "link-broken"


def test_many_links_by_name_take_little_work() -> None:
    pages = [f"f{number % 100}/Note {number}.md" for number in range(10_000)]
    notes = table(pages)
    notes.resolve(PageRef("Note 1"))  # the names are sorted once
    found = [PageRef(f"Note {number}") for number in range(10_000)]
    assert effort(lambda: [notes.resolve(ref) for ref in found]) < 10_000 * 200
    assert all(notes.resolve(ref).code == "" for ref in found)


def test_a_vault_is_published_with_its_links(site: Site) -> None:
    site.write(
        "Home.md", "# Home\n\nSee [[Deep note#A part|it]], [[Nothing]] and [a link](Deep%20note.md).\n"
    )
    site.write("area/Deep note.md", "# Deep note\n\n## A part\n\nBack to [[home]].\n")
    report = site.publish(flavor="obsidian")
    assert site.lines(id_of(report, "area/Deep note.md"), flavor="obsidian") == ["A part", "Back to home."]
    assert [(item.code, item.line, item.column) for item in report.diagnostics] == [("link-broken", 3, 30)]
    assert [item.code for item in site.plan(extensions={"wikilinks": True}).diagnostics] == ["link-broken"]
    assert [
        item.code for item in site.plan(flavor="obsidian", extensions={"wikilinks": False}).diagnostics
    ] == ["link-broken"]
