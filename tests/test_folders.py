"""The sample folders, from files to the last link: scan, conversion, tree and links together."""

from __future__ import annotations

from pathlib import Path

import pytest

from converters.diagnostics import Diagnostic
from converters.document import convert_bytes
from publisher.planning.links import LinkTable
from publisher.planning.tree import DocFacts, PageTree, build
from publisher.scan import scan

FOLDERS = Path(__file__).parent.parent / "fixtures" / "folders"


def survey(name: str) -> tuple[PageTree, list[Diagnostic]]:
    """The tree of a folder, and what is said about its links."""
    found = scan(FOLDERS / name)
    documents = [convert_bytes(found.read(file), file.path) for file in found.files]
    facts = [
        DocFacts(
            document.path,
            document.title,
            document.order,
            document.draft,
            any(problem.severity == "error" for problem in document.diagnostics),
        )
        for document in documents
    ]
    tree = build(facts, name)
    anchors = {document.path: document.anchors for document in documents}
    links = LinkTable(tree, anchors, found.assets, found.aliases, found.ignored)
    published = [document for document in documents if document.path not in tree.drafts]
    said = [problem for document in published for problem in links.check(document.path, document.links)]
    return tree, [*found.diagnostics, *tree.diagnostics, *said]


def test_the_handbook_has_no_broken_link() -> None:
    tree, said = survey("handbook")
    assert {problem.code for problem in said} == {"file-not-uploaded"}
    assert [page.key for page in tree.pages if page.parent in ("", "/")] == [
        "/",
        "01-welcome/",
        "02-how-we-work/",
        "03-engineering/",
        "04-people/",
        "glossary.md",
    ]
    assert tree.drafts == {"04-people/draft-retreat.md"}
    assert tree.by_key["04-people/"].path is None
    assert tree.by_key["04-people/"].title == "People"


@pytest.mark.parametrize("name", ["index.md", "README.md", "_index.md"])
def test_the_handbook_has_every_kind_of_index(name: str) -> None:
    tree, _ = survey("handbook")
    assert any(path.rpartition("/")[2] == name for path in tree.by_path)


def test_every_kind_of_link() -> None:
    _, said = survey("links")
    assert [(problem.path, problem.line, problem.code) for problem in said] == [
        ("index.md", 7, "link-broken"),
        ("index.md", 8, "link-anchor-broken"),
        ("index.md", 9, "link-outside"),
        ("index.md", 10, "link-case"),
        ("index.md", 11, "link-held-back"),
        ("index.md", 12, "link-held-back"),
        ("index.md", 13, "link-held-back"),
        ("index.md", 14, "file-not-uploaded"),
        ("index.md", 15, "link-broken"),
    ]


def test_two_claims_name_both_files() -> None:
    _, said = survey("claimed-twice")
    assert [str(problem) for problem in said] == [
        "guide/index.md: error: “guide/index.md” and “guide/README.md” both claim to be the page of "
        "the folder “guide”. [page-claimed-twice]"
    ]
