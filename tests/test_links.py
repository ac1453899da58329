"""Links between files: what they lead to, and what is said when they lead nowhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from effort import effort
from hypothesis import given
from hypothesis import strategies as st

from converters.blocks import FileRef, LinkUse, PageRef
from converters.links import classify
from publisher.planning.folder_names import normalise
from publisher.planning.links import Finding, LinkTable, Nowhere, ToFile, ToPage
from publisher.planning.site_urls import from_address
from publisher.planning.tree import DocFacts, build

PAGES = [
    "index.md",
    "a.md",
    "B c.md",
    "guide/index.md",
    "guide/setup.md",
    "guide/v1.2.md",
    "notes.md",
    "notes/x.md",
    "bare/y.md",
    "100%20.md",
    "caf\u00e9.md",
    "Old.markdown",
    "New.mdx",
    "mdx/index.mdx",
]
ASSETS = frozenset({"img/a b.png", "public/logo.svg", "static/s.css", "LICENSE", "data.json", "img/ü.png"})


def table(
    paths: Collection[str | DocFacts] = PAGES,
    *,
    anchors: Mapping[str, Collection[str]] | None = None,
    files_url: str = "",
    ignored: Collection[str] = (),
    aliases: Mapping[str, str] | None = None,
    known: Collection[str] = (),
) -> LinkTable:
    facts = [DocFacts(path) if isinstance(path, str) else path for path in paths]
    return LinkTable(
        build(facts, "docs"), anchors or {}, ASSETS, aliases or {}, frozenset(ignored), files_url, known
    )


def page(found: Finding) -> str:
    assert isinstance(found.goal, ToPage), found
    return found.goal.key


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("a.md", "a.md"),
        ("a", "a.md"),
        ("a/", "a.md"),
        ("a.html", "a.md"),
        ("a.htm", "a.md"),
        ("a.mdx", "a.md"),
        ("./x/../a.md", "a.md"),
        ("", "/"),
        ("/", "/"),
        ("./", "/"),
        ("index.md", "/"),
        ("README.md", "/"),
        ("index.html", "/"),
        ("guide", "guide/"),
        ("guide/", "guide/"),
        ("guide/index.md", "guide/"),
        ("guide/README.md", "guide/"),
        ("guide/index", "guide/"),
        ("guide/index.html", "guide/"),
        ("guide.html", "guide/"),
        ("guide/setup/", "guide/setup.md"),
        ("guide/setup/index.html", "guide/setup.md"),
        ("guide/v1.2", "guide/v1.2.md"),
        ("notes.md", "notes/"),
        ("notes/", "notes/"),
        ("bare/", "bare/"),
        ("bare/index.md", "bare/"),
        ("B c.md", "B c.md"),
        ("B%20c.md", "B c.md"),
        ("100%20.md", "100%20.md"),
        ("guide\\setup.md", "guide/setup.md"),
        ("Old", "Old.markdown"),
        ("Old.md", "Old.markdown"),
        ("New", "New.mdx"),
        ("New.md", "New.mdx"),
        ("New.mdx", "New.mdx"),
        ("mdx/index.mdx", "mdx/"),
        ("mdx/", "mdx/"),
        ("caf%C3%A9.md", "caf\u00e9.md"),
    ],
)
def test_links_to_pages(target: str, key: str) -> None:
    found = table().resolve(PageRef(target))
    assert (page(found), found.code) == (key, "")


def test_a_built_sites_address_given_as_a_file() -> None:
    assert page(table().resolve(FileRef("guide/setup.html"))) == "guide/setup.md"


@pytest.mark.parametrize(
    "target", ["../a.md", "a/../../b.md", "..", "guide/../../guide/setup.md", "..\\a.md"]
)
def test_links_out_of_the_folder(target: str) -> None:
    for ref in (PageRef(target), FileRef(target)):
        found = table(files_url="https://x.example").resolve(ref)
        assert found.goal == Nowhere(target)
        assert found.code == "link-outside"


def test_other_case_is_found_with_a_warning() -> None:
    found = table().resolve(PageRef("GUIDE/Setup.md"))
    assert (page(found), found.code) == ("guide/setup.md", "link-case")
    assert found.message == "“GUIDE/Setup.md” is written “guide/setup.md” in the folder."
    assert table().resolve(PageRef("cafe\u0301.md")).code == "link-case"
    assert table(files_url="https://x.example").resolve(FileRef("IMG/A b.png")).code == "link-case"


def test_addresses_of_a_site_are_in_lower_case() -> None:
    found = table().resolve(PageRef("b c/"))
    assert (page(found), found.code) == ("B c.md", "")


def test_the_exact_name_wins_over_another_case() -> None:
    assert page(table(["FAQ.md", "faq.md"]).resolve(PageRef("faq.md"))) == "faq.md"
    assert page(table(["FAQ.md", "faq.md"]).resolve(PageRef("FAQ.md"))) == "FAQ.md"


@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("guide/setpu.md", "guide/setup.md"),
        ("setup.md", "guide/setup.md"),
        ("other/setup", "guide/setup.md"),
        ("nots.md", "notes.md"),
        ("guide/zzzzzz.md", ""),
    ],
)
def test_broken_links_name_the_nearest_page(target: str, near: str) -> None:
    found = table().resolve(PageRef(target))
    assert found.goal == Nowhere(target)
    assert found.code == "link-broken"
    assert found.message == f"“{target}” is not in the folder" + (
        f"; did you mean “{near}”?" if near else "."
    )


@pytest.mark.parametrize(
    ("target", "near"),
    [
        ("img/notes.png", ""),  # a page is no picture
        ("dev/logo", ""),
        ("gone/logo.svg", "public/logo.svg"),
        ("img/logo.png", "public/logo.svg"),
        ("img/lgo.svg", "public/logo.svg"),
        ("img/lago.svg", ""),
        ("date.json", ""),
        ("daata.json", "data.json"),
        ("s.pdf", ""),
        ("LICENCE", "LICENSE"),
    ],
)
def test_broken_links_to_files_name_only_files_of_their_sort(target: str, near: str) -> None:
    found = table().resolve(FileRef(target))
    message = found.message.partition(" is not in the folder")[2]
    assert message == (f"; did you mean “{near}”?" if near else ".")


def test_what_is_there_and_no_file_is_not_said_to_be_missing() -> None:
    links = LinkTable(
        build([DocFacts("a.md")], "docs"),
        folders=("", "x.png/", "img/"),
        symlinks={"out.png": "symlink-outside", "loop": "symlink-loop", "gone.png": "symlink-broken"},
    )
    said = {
        ref: links.resolve(ref)
        for ref in (
            FileRef("x.png"),
            PageRef("img/"),
            FileRef("out.png"),
            PageRef("loop/a.md"),
            FileRef("gone.png"),
        )
    }
    assert [(item.code, item.message) for item in said.values()] == [
        ("link-broken", "“x.png” is a directory, not a file."),
        ("link-broken", "“img/” is a directory, not a page."),
        ("link-outside", "“out.png” is a symbolic link that leads out of the folder, or to a hidden file."),
        (
            "link-broken",
            "“loop” is a symbolic link that leads back to itself, or to a folder that it stands in.",
        ),
        ("link-broken", "“gone.png” is a symbolic link that leads to nothing."),
    ]


def test_the_nearest_of_several_is_in_the_same_folder() -> None:
    found = table(["a/x/setup.md", "b/x/setup.md"]).resolve(PageRef("b/y/setup.md"))
    assert "did you mean “b/x/setup.md”?" in found.message


def test_anchors() -> None:
    links = table(anchors={"a.md": ("setup", "Über-uns"), "guide/index.md": ()})
    assert links.resolve(PageRef("a.md", "setup")) == Finding(ToPage("a.md", "setup"))
    assert links.resolve(PageRef("a", "SETUP")) == Finding(ToPage("a.md", "setup"))
    assert links.resolve(PageRef("a.md", "über-uns")) == Finding(ToPage("a.md", "Über-uns"))
    assert links.resolve(PageRef("a.md", "top")) == Finding(ToPage("a.md"))
    broken = links.resolve(PageRef("a.md", "setip"))
    assert broken.goal == ToPage("a.md")
    assert (broken.code, broken.message) == (
        "link-anchor-broken",
        "“a.md” has no heading “#setip”; did you mean “#setup”?",
    )
    assert links.resolve(PageRef("guide/", "x")).message == "“guide/index.md” has no heading “#x”."
    assert links.resolve(PageRef("bare/", "x")).message == "“bare/” has no heading “#x”."


def test_files() -> None:
    assert table().resolve(FileRef("img/a b.png")) == Finding(
        Nowhere("img/a b.png"), "file-not-uploaded", "“img/a b.png” is not on the web."
    )
    links = table(files_url="https://cdn.example/d/")
    assert links.resolve(FileRef("img/a b.png")).goal == ToFile(
        "img/a b.png", "https://cdn.example/d/img/a%20b.png"
    )
    assert links.resolve(FileRef("img/ü.png")).goal == ToFile(
        "img/ü.png", "https://cdn.example/d/img/%C3%BC.png"
    )
    assert links.resolve(PageRef("LICENSE")).goal == ToFile("LICENSE", "https://cdn.example/d/LICENSE")
    assert links.resolve(FileRef("logo.svg")).goal == ToFile(
        "public/logo.svg", "https://cdn.example/d/public/logo.svg"
    )
    assert links.resolve(FileRef("s.css")).goal == ToFile(
        "static/s.css", "https://cdn.example/d/static/s.css"
    )
    assert links.resolve(FileRef("img/missing.png")).code == "link-broken"
    assert links.resolve(PageRef("img/")).code == "link-broken"


def test_what_is_not_published() -> None:
    links = table(
        [
            *PAGES,
            DocFacts("secret.md", draft=True),
            DocFacts("plan/index.md", draft=True),
            DocFacts("bad.md", held=True),
        ],
        ignored=["skip.md", "site/", "pic.png"],
    )
    for ref in (
        PageRef("secret"),
        PageRef("plan/"),
        PageRef("bad.md", "x"),
        PageRef("skip.md"),
        PageRef("site/a/b.md"),
    ):
        found = links.resolve(ref)
        assert isinstance(found.goal, Nowhere)
        assert found.code == "link-held-back"
    assert links.resolve(FileRef("pic.png")).code == "link-held-back"
    assert "a draft" in links.resolve(PageRef("secret.md")).message


def test_a_held_page_that_exists_can_be_linked_to() -> None:
    links = table([DocFacts("bad.md", held=True)], known={"bad.md"}, anchors={"bad.md": ()})
    assert links.resolve(PageRef("bad.md", "any")) == Finding(ToPage("bad.md"))


def test_links_go_through_symbolic_links() -> None:
    links = table(aliases={"latest": "guide", "start.md": "a.md", "loop": "loop/loop", "root": ""})
    assert page(links.resolve(PageRef("latest/setup.md"))) == "guide/setup.md"
    assert page(links.resolve(PageRef("latest/"))) == "guide/"
    assert page(links.resolve(PageRef("start.md"))) == "a.md"
    assert links.resolve(PageRef("loop/x.md")).code == "link-broken"


def test_links_of_a_site_count_from_its_content_folder() -> None:
    site = [f"content/en/p{n}.md" for n in range(20)]
    links = table([*site, "content/en/_index.md", "content/en/deep/x.md", "content/LICENSE.md"])
    assert page(links.resolve(PageRef("deep/x/"))) == "content/en/deep/x.md"
    assert page(links.resolve(PageRef("p3"))) == "content/en/p3.md"
    assert page(links.resolve(PageRef("content/en/p3.md"))) == "content/en/p3.md"
    mixed = table(["guide/index.md", "guide/a.md", *(f"other/p{n}.md" for n in range(9))])
    assert mixed.resolve(PageRef("a.md")).code == "link-broken"


def test_diagnostics_have_a_place() -> None:
    uses = [
        LinkUse(PageRef("a.md"), 1, 1),
        LinkUse(PageRef("nope.md"), 3, 7),
        LinkUse(FileRef("data.json"), 4, 2),
    ]
    assert [(d.path, d.line, d.column, d.code, d.severity) for d in table().check("b.md", uses)] == [
        ("b.md", 3, 7, "link-broken", "warning"),
        ("b.md", 4, 2, "file-not-uploaded", "warning"),
    ]


def test_many_broken_links_in_a_large_folder_take_little_work() -> None:
    links = table([f"section-{n % 97}/page-number-{n}.md" for n in range(10_000)])
    wrong = [PageRef(f"section-1/pagenumber{n}x.md") for n in range(200)]
    assert links.resolve(wrong[0]).code == "link-broken"  # the names are sorted once
    assert effort(lambda: [links.resolve(ref) for ref in wrong]) < 200 * 10_000  # not each name for each link


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.md", "a/b.md"),
        ("/a//b.md", "a/b.md"),
        ("a/./b/../c.md", "a/c.md"),
        ("a/..", ""),
        ("a/b/..", "a/"),
        ("a/", "a/"),
        ("..", None),
        ("a/../../a", None),
        ("/../a", None),
        ("", ""),
    ],
)
def test_normalising(path: str, expected: str | None) -> None:
    assert normalise(path) == expected


TARGETS = st.lists(
    st.sampled_from(
        ["..", ".", "", "a.md", "guide", "setup.md", "img", "%2e%2e", "index", "C:", "~", "\\", "x?y"]
    ),
    max_size=6,
).map("/".join)


@given(TARGETS | st.text(max_size=20), st.booleans(), st.text(max_size=4))
def test_law_no_link_escapes(target: str, file: bool, anchor: str) -> None:
    links = table(files_url="https://x.example", aliases={"a": "guide", "g": ""})
    goal = links.resolve(FileRef(target) if file else PageRef(target, anchor)).goal
    match goal:
        case ToPage(key):
            assert key in links.tree.by_key
        case ToFile(path, url):
            assert path in ASSETS
            assert url.startswith("https://x.example/")
            assert ".." not in url
        case Nowhere():
            assert links.resolve(FileRef(target) if file else PageRef(target, anchor)).code


@given(st.text(alphabet="ab./\\", max_size=20))
def test_law_normal_paths_stay_as_they_are(path: str) -> None:
    normal = normalise(path)
    if normal is not None:
        assert normalise(normal) == normal
        assert ".." not in normal.split("/")


@given(st.sampled_from([*PAGES, *sorted(ASSETS)]))
def test_law_every_name_leads_to_itself(path: str) -> None:
    links = table(files_url="https://x.example")
    if path in ASSETS:
        goal = links.resolve(FileRef(path)).goal
        assert isinstance(goal, ToFile)
        assert goal.path == path
    else:
        assert page(links.resolve(PageRef(path))) == links.tree.by_path[path].key


PROJECT = [
    "README.md",
    "content/docs/_index.md",
    "content/docs/setup/_index.md",
    "content/docs/setup/configure.md",
    "content/docs/setup/install.md",
    "content/docs/other/late.md",
]


def project(site: str) -> LinkTable:
    tree = build([DocFacts(path) for path in PROJECT], "project")
    return LinkTable(
        tree, assets={"content/docs/setup/a.png", "static/b.png"}, files_url="https://f", site=site
    )


@pytest.mark.parametrize(
    ("href", "near", "key"),
    [
        ("../install/", "setup/configure.md", "setup/install.md"),
        ("../install", "setup/configure.md", "setup/install.md"),
        ("../../other/late/", "setup/configure.md", "other/late.md"),
        ("/docs/setup/install/", "setup/configure.md", "setup/install.md"),
        ("/docs/setup/", "other/late.md", "setup/"),
        ("../a.png", "setup/configure.md", "setup/a.png"),
        ("../install/", "setup/_index.md", ""),  # its address is as deep as the file
        ("../install.md", "setup/configure.md", ""),  # a file is looked up from the file
        ("../../../../../install/", "setup/configure.md", ""),
    ],
)
def test_links_of_a_site_count_from_the_address_of_their_page(href: str, near: str, key: str) -> None:
    near = f"content/docs/{near}"
    ref = classify(href, near)
    assert isinstance(ref, PageRef | FileRef)
    found = project("hugo").resolve(ref, near)
    name = found.goal.key if isinstance(found.goal, ToPage) else found.goal.path  # type: ignore[union-attr]  # nothing goes up
    assert (name if not found.code else "") == (f"content/docs/{key}" if key else "")
    if href.startswith("../"):
        assert project("github").resolve(ref, near).code in ("link-broken", "link-outside")


@pytest.mark.parametrize(
    ("target", "near", "found"),
    [
        ("../install", "configure.md", "install"),
        ("../install/", "a/configure.md", "install/"),
        ("../../install", "configure.md", None),
        ("", "a/configure.md", "a/"),
        ("a/b", "a/configure.md", "a/configure/b"),
        ("b", "v1.2/configure", "v1.2/b"),
        ("b", "a/README.md", None),
    ],
)
def test_a_path_from_the_address_of_its_page(target: str, near: str, found: str | None) -> None:
    assert from_address(target, near) == found


def test_the_content_folder_of_a_whole_project() -> None:
    paths = ["README.md", "docs/guide/tips.md", "docs/a.md", "src/b.md"]
    tree = build([DocFacts(path) for path in paths], "project")
    assert page(LinkTable(tree, site="mkdocs").resolve(PageRef("guide/tips/"))) == "docs/guide/tips.md"
    assert page(LinkTable(tree, site="mdbook").resolve(PageRef("b"))) == "src/b.md"
    assert LinkTable(tree, site="hugo").resolve(PageRef("guide/tips/")).code == "link-broken"
