"""Inclusion through the folder: what is published, what a changed include does, where diagnostics point."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from site_folder import Site, actions, id_of

from converters.document import Options
from publisher import including
from publisher.converting import check, documents
from publisher.facts import read_facts, write_facts
from publisher.folder import load
from publisher.including import of_directory
from publisher.scan import scan
from publisher.shapes import shape
from publisher.shown import showing, widened
from publisher.source import Disk
from publisher.store import Store
from publisher.watching.look import Look
from publisher.watching.quiet import Batch

PAGE = '# Page\n\nbefore\n\n--8<-- "parts/one.txt"\n\n```py\n--8<-- "docs/main.py:body"\n```\n'
CODE = "import a\n# --8<-- [start:body]\nrun()\n# --8<-- [end:body]\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, {"flavor": "mkdocs"})
    made.write("page.md", PAGE)
    made.write("main.py", CODE)
    made.write("parts/one.txt", "the *first* text\n")
    return made


def said(site: Site) -> list[tuple[str, int, str]]:
    folder = load(site.settings(), scan(site.folder), None)
    return [(item.path, item.line, item.code) for item in shape(folder).diagnostics]


def test_a_changed_include_changes_the_pages_that_show_it(site: Site) -> None:
    site.write("other.md", "# Other\n\ntext\n")
    first = site.publish()
    page = id_of(first, "page.md")
    assert site.lines(page) == ["before", "the first text", "run()"]
    again = site.publish()
    assert (again.writes, set(actions(again).values())) == (0, {"unchanged"})
    site.write("main.py", CODE.replace("run()", "walk()"))
    assert actions(site.publish()) == {"/": "unchanged", "page.md": "update", "other.md": "unchanged"}
    assert site.lines(page)[2] == "walk()"


def test_an_include_may_go_and_come_back(site: Site) -> None:
    page = id_of(site.publish(), "page.md")
    site.remove("parts/one.txt")
    site.publish()
    assert site.lines(page)[1] == '--8<-- "parts/one.txt"'
    site.write("parts/one.txt", "back")
    site.publish()
    assert site.lines(page)[1] == "back"


def test_nothing_is_included_that_the_scan_does_not_show(site: Site) -> None:
    (site.root / "secret.txt").write_text("secret")
    site.write(".hidden.txt", "secret")
    site.write("ignored.txt", "secret")
    site.write(".pagemillignore", "ignored.txt\n")
    site.write("raw.bin", b"\0secret")
    (site.folder / "link.txt").symlink_to(site.root / "secret.txt")
    names = (
        "../secret.txt",
        ".hidden.txt",
        "ignored.txt",
        "raw.bin",
        "link.txt",
        str(site.root / "secret.txt"),
    )
    site.write("page.md", "".join(f'--8<-- "{name}"\n\n' for name in names))
    folder = load(site.settings(), scan(site.folder, site.settings().ignore), None)
    assert "secret" not in str([block.content for block in folder.body("page.md")]).replace("secret.txt", "")
    assert [code for path, _, code in said(site) if path == "page.md"] == ["snippet-kept"] * len(names)


def configure(site: Site, options: str) -> None:
    """A `mkdocs.yml` beside the folder, with options of the snippets."""
    (site.root / "mkdocs.yml").write_text(f"markdown_extensions:\n  - toc\n  - pymdownx.snippets:\n{options}")


def beside(site: Site, path: str, text: str) -> None:
    (site.root / path).parent.mkdir(parents=True, exist_ok=True)
    (site.root / path).write_text(text)


@pytest.mark.parametrize(
    "base",
    [
        "includes",
        "[nowhere, ./includes/]",
        "!relative $config_dir/includes",
        "[docs, !relative $config_dir/includes]",
    ],
)
def test_snippets_are_found_where_the_site_says(site: Site, base: str) -> None:
    configure(site, f"      base_path: {base}\n")
    beside(site, "includes/page.md", "beside\n\n<blink>a</blink>")
    site.write("sub/page.md", '--8<-- "page.md"\n')
    site.write("page.md", "x")
    if not base.startswith("[docs"):
        assert "beside" in str(load(site.settings(), scan(site.folder), None).body("sub/page.md"))
        assert ("../includes/page.md", 3, "html-kept") in said(site)
    site.write("other.md", '--8<-- "one.md"\n')
    beside(site, "includes/one.md", "first")
    assert "first" in str(load(site.settings(), scan(site.folder), None).body("other.md"))


def test_the_bases_come_before_the_folder_and_the_default_is_the_directory_of_the_settings(
    site: Site,
) -> None:
    site.write("a.txt", "root")
    site.write("parts/a.txt", "part")
    site.write("page.md", '--8<-- "a.txt"\n')
    configure(site, "      base_path: docs/parts\n")
    assert "part" in str(load(site.settings(), scan(site.folder), None).body("page.md"))
    configure(site, "      check_paths: true\n")
    site.write("page.md", '--8<-- "docs/a.txt"\n\n--8<-- "more/b.txt"\n')
    beside(site, "more/b.txt", "more")
    body = str(load(site.settings(), scan(site.folder), None).body("page.md"))
    assert "root" in body
    assert "more" in body


def test_nothing_is_read_above_the_settings_of_the_site_and_nothing_hidden(site: Site) -> None:
    outer, inner = site.root / "outer", site.root / "outer" / "site"
    inner.mkdir(parents=True)
    own = Site(inner, site.options)
    for path in ("outer/secret.txt", "outer/site/.secret.txt", "outer/site/.git/secret.txt"):
        beside(site, path, "secret")
    own.write("ignored.txt", "secret")
    own.write(".pagemillignore", "ignored.txt\n")
    (inner / "link.txt").symlink_to(outer / "secret.txt")
    (inner / "way").symlink_to(own.folder)
    configure(own, "      base_path: [., .., /, docs, ../../outer, !relative $config_dir/..]\n")
    names = ("secret.txt", "../secret.txt", ".secret.txt", ".git/secret.txt", "link.txt", "way/ignored.txt", "ignored.txt",
             "docs/ignored.txt", "docs/../../secret.txt", str(outer / "secret.txt"), "outer/secret.txt")  # fmt: skip
    own.write("page.md", "".join(f'--8<-- "{name}"\n\n' for name in names))
    assert [code for path, _, code in said(own) if path == "page.md"] == ["snippet-kept"] * len(names)


def test_what_the_site_appends_stands_at_the_end_of_every_page(site: Site) -> None:
    configure(site, "      auto_append: [includes/words.md, none.md]\n")
    beside(site, "includes/words.md", "*[HTML]: Hyper *Text*\n*[CSS]: Sheets\n")
    site.write("page.md", "# Page\n\nHTML\n")
    site.write("other.md", "# Other\n\nSOHTML")
    folder = load(site.settings(), scan(site.folder), None)
    assert [block.type for block in folder.body("page.md")] == ["paragraph", "divider", "bulleted_list_item"]
    assert [block.type for block in folder.body("other.md")] == ["paragraph"]
    assert [line for path, line, code in said(site) if code == "abbreviation-listed"] == [1]
    first = site.publish()
    assert len(site.lines(id_of(first, "other.md"))) == 1
    beside(site, "includes/words.md", "the end")
    assert site.publish().writes > 0
    assert site.lines(id_of(first, "other.md"))[-1] == "the end"
    (site.root / "mkdocs.yml").unlink()
    site.publish(flavor="mkdocs")
    assert site.lines(id_of(first, "other.md")) == ["SOHTML"]


def test_settings_that_come_later_concern_pages_that_did_not_change(site: Site) -> None:
    site.write("page.md", "# Page\n\ntext\n")
    page = id_of(site.publish(), "page.md")
    beside(site, "end.md", "the end")
    configure(site, "      auto_append: end.md\n")
    site.publish()
    assert site.lines(page) == ["text", "the end"]


def test_diagnostics_name_the_included_file(site: Site) -> None:
    site.write("parts/one.txt", "\n1 {: .x }\n\n<blink>a</blink> [b](none.md)\n")
    site.write("page.md", PAGE + "\n<blink>c</blink>\n")
    found = said(site)
    assert ("parts/one.txt", 4, "html-kept") in found
    assert ("page.md", 11, "html-kept") in found
    assert ("page.md", 5, "link-broken") in found


def test_a_document_that_is_included_speaks_once(site: Site) -> None:
    site.write("part.md", "# Part\n\n<blink>a</blink>\n")
    site.write("page.md", '--8<-- "part.md"\n')
    assert said(site).count(("part.md", 3, "html-kept")) == 1


def test_lines_of_blocks_and_anchors_are_found(site: Site) -> None:
    site.write("parts/one.txt", "## One\n\ntext\n\n## Two\n\n## Three\n")
    site.write("page.md", PAGE + "\n## Last\n")
    folder = load(site.settings(), scan(site.folder), None)
    facts = folder.facts["page.md"]
    assert {name: facts.anchors[name] for name in ("one", "two", "three", "last")} == {
        "one": 1,
        "two": 3,
        "three": 4,
        "last": 6,
    }
    assert [block.line for block in folder.body("page.md")] == [3, 5, 5, 5, 5, 7, 11]


def test_a_file_that_was_pushed_concerns_the_pages_that_include_it(site: Site) -> None:
    site.write("other.md", "# Other\n")
    found = shape(load(site.settings(), scan(site.folder), None))
    assert showing(found, {"main.py"}) == showing(found, {"parts/one.txt"}) == {"page.md"}
    assert showing(found, {"parts/two.txt"}) == frozenset()


def test_facts_remember_what_was_included(site: Site) -> None:
    site.write("parts/one.txt", "<blink>a</blink>")
    facts = load(site.settings(), scan(site.folder), None).facts["page.md"]
    assert set(facts.includes) == {"parts/one.txt", "main.py"}
    kept = json.loads(json.dumps(dict(write_facts(facts))))
    assert read_facts(facts.path, facts.hash, kept).diagnostics == facts.diagnostics
    assert read_facts(facts.path, facts.hash, kept).includes == facts.includes


def test_a_watch_looks_at_the_pages_that_include_a_file(site: Site, tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    try:
        look = Look(site.settings(), store)
        site.write("main.py", CODE.replace("run()", "walk()"))
        before = look.stamps()
        site.write("main.py", CODE.replace("run()", "walk()") + "\n")
        assert {path for path, stamp in look.stamps().items() if before[path] != stamp} == {"main.py"}
        sight = look.look(Batch(frozenset({"main.py"})))
        assert sight.folder is not None
        assert "walk()" in str(sight.folder.body("page.md"))
        assert look.look(Batch(frozenset({"main.py"}))).folder is None
    finally:
        store.close()


def test_one_file_is_converted_with_what_it_includes(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site.folder)
    (document,) = documents(["page.md"], site.settings(), "notion")
    assert "the " in json.dumps(document["children"])
    assert "first" in json.dumps(document["children"])
    Path("parts/one.txt").write_text("<blink>a</blink>")
    found = check("page.md", site.settings())
    assert ("parts/one.txt", 1) in [(item.path, item.line) for item in found.items]
    (of_folder,) = (item for item in documents(["."], site.settings(), "notion") if item["path"] == "page.md")
    assert "run()" in json.dumps(of_folder["children"])


def test_a_large_file_is_not_read_to_be_included(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write("page.md", '--8<-- "large.txt"\n--8<-- "small.txt"\n')
    site.write("large.txt", "x" * 2_000)
    site.write("small.txt", "y")
    monkeypatch.setattr(including, "MAX_BYTES", 1_000)
    read: dict[str, bytes | None] = {}
    real = Disk.small

    def small(self: Disk, path: str, limit: int) -> bytes | None:
        return read.setdefault(path, real(self, path, limit))

    monkeypatch.setattr(Disk, "small", small)
    folder = load(site.settings(), scan(site.folder), None)
    assert set(folder.facts["page.md"].includes) == {"large.txt", "small.txt"}
    assert read == {"large.txt": None, "small.txt": b"y"}


def test_a_file_alone_includes_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.txt").write_text("secret")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "out.txt")
    (tmp_path / "in" / ".env").write_text("secret")
    including = of_directory(tmp_path / "in", Options(frozenset({"snippets"})))
    for name in ("../out.txt", "link.txt", ".env"):
        text = f'--8<-- "{name}"\n'.encode()
        assert including("a.md", text).data == text


@pytest.mark.parametrize(
    ("flavor", "line", "code"),
    [
        ("mkdocs", '--8<-- "{}"', "snippet-kept"),
        ("vitepress", "<!--@include: ./{} -->", "include-kept"),
        ("mdbook", "{{{{#include {}}}}}", "include-kept"),
    ],
)
def test_files_that_multiply_are_said_where_they_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flavor: str, line: str, code: str
) -> None:
    monkeypatch.setattr(including, "MAX_SIZE", 20_000)
    site = Site(tmp_path, {"flavor": flavor})
    for number in range(6):
        site.write(f"i{number}.md", (line.format(f"i{number + 1}.md") + "\n\n") * 10)
    site.write("i6.md", "boom\n")
    folder = load(site.settings(), scan(site.folder), None)
    items = [item for item in shape(folder).diagnostics if item.code == code]
    assert (
        {"i0.md", "i1.md", "i2.md"}
        <= {item.path for item in items}
        < {"i5.md", *(f"i{n}.md" for n in range(5))}
    )
    assert len(items) < 100
    assert all("includes too much" in item.message and item.column == 1 for item in items)


def test_the_more_files_a_folder_has_the_less_each_may_include(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(including, "FOLDER_SIZE", 1_500_000)
    monkeypatch.setattr(including, "LEAST_SIZE", 100_000)
    found = scan(tmp_path)
    assert including.of_scan(found, Options()).limit == 500_000
    monkeypatch.setattr(including, "LEAST_SIZE", 600_000)
    assert including.of_scan(found, Options()).limit == 600_000


@pytest.fixture
def vault(tmp_path: Path) -> Site:
    made = Site(tmp_path, {"flavor": "obsidian"})
    made.write("home.md", "before\n\n![[recipe]]\n\nin a line ![[Recipe]] too\n\n![[Soup|300]]\n")
    made.write("food/Recipe.md", "---\ntags: [a]\n---\n# The recipe\n\nBake ==it==.\n")
    return made


def test_a_note_is_found_by_its_name_and_a_change_of_it_changes_the_pages_that_show_it(vault: Site) -> None:
    first = vault.publish()
    page = id_of(first, "home.md")
    assert vault.lines(page)[:3] == ["before", "The recipe", "Bake it."]
    assert vault.publish().writes == 0
    vault.write("food/Recipe.md", "Boil it.\n")
    assert actions(vault.publish())["home.md"] == "update"
    assert vault.lines(page)[1] == "Boil it."
    vault.write("Recipe.md", "A nearer one.\n")
    vault.publish()
    assert vault.lines(page)[1] == "A nearer one."
    vault.write("Soup.md", "Cook it.\n")
    vault.publish()
    assert vault.lines(page)[-1] == "Cook it."


def test_a_note_that_is_gone_concerns_the_pages_that_showed_it(vault: Site) -> None:
    vault.write("other.md", "![[Soup]]\n")
    vault.write("node.md", "![[Node.js]]\n")
    for gone, pages in (("food/Recipe.md", {"home.md"}), ("Node.js.md", {"node.md"}), ("None.md", set())):
        vault.write(gone, "text")
        vault.remove(gone)
        found = shape(load(vault.settings(), scan(vault.folder), None))
        assert widened(found, frozenset({gone})) == {gone} | pages


def test_a_note_may_have_a_dot_in_its_name_and_brings_its_addresses(vault: Site) -> None:
    vault.write("deep/Node.js.md", "# Node\n\n## Modules\n\n[by](other.md) and [up](../food/Recipe.md)\n")
    vault.write("deep/other.md", "text\n")
    vault.write("home.md", "[[Node.js]], [[node.js#modules]]\n\n![[Node.js]]\n\n![[missing.js]]\n")
    assert said(vault) == [("home.md", 5, "link-broken")]
    page = id_of(vault.publish(), "home.md")
    assert vault.lines(page) == ["Node.js, node.js > modules", "Node", "Modules", "by and up", "missing.js"]


def test_a_note_gives_the_page_that_shows_it_no_title(vault: Site) -> None:
    vault.write("own.md", "# My own\n\n![[Recipe]]\n")
    facts = load(vault.settings(), scan(vault.folder), None).facts
    assert (facts["home.md"].title, facts["own.md"].title) == ("", "My own")


def test_what_is_wrong_in_a_note_is_said_of_its_file(vault: Site) -> None:
    vault.write("food/Recipe.md", "---\na: 1\n---\n\n<blink>a</blink> [[None]]\n")
    found = said(vault)
    assert found.count(("food/Recipe.md", 5, "html-kept")) == 1
    assert ("home.md", 3, "link-broken") in found
    assert [line for path, line, code in found if (path, code) == ("home.md", "embed-note")] == [5, 7]


def test_an_embed_shows_nothing_that_is_not_published(vault: Site) -> None:
    vault.write(".pagemillignore", "ignored.md\n")
    for name in ("ignored.md", ".hidden.md"):
        vault.write(name, "secret")
    vault.write("draft.md", "---\ndraft: true\n---\nsecret")
    (vault.root / "outside.md").write_text("secret")
    names = ("ignored", ".hidden", "draft", "../outside", "/outside")
    vault.write("home.md", "".join(f"![[{name}]]\n\n" for name in names))
    folder = load(vault.settings(), scan(vault.folder), None)
    assert "secret" not in str([block.content for block in folder.body("home.md")])
    assert [code for path, _, code in said(vault) if path == "home.md"].count("embed-note") == len(names)


def test_a_file_alone_shows_notes_by_their_names(
    vault: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(vault.folder)
    (document,) = documents(["home.md"], vault.settings(), "notion")
    assert "Bake " in json.dumps(document["children"])
    monkeypatch.setattr(including, "MAX_NAMES", -1)  # then what lies deeper is not come upon
    (document,) = documents(["home.md"], vault.settings(), "notion")
    assert "Bake " not in json.dumps(document["children"])


def test_a_watch_sees_the_partial_files_of_a_site(tmp_path: Path) -> None:
    site = Site(tmp_path, {"flavor": "docusaurus"})
    site.write("page.mdx", "import Part from './_part.mdx';\n\n<Part />\n")
    site.write("_part.mdx", "one\n")
    store = Store(tmp_path / "state.db")
    try:
        look = Look(site.settings(), store)
        assert look.concerns("_part.mdx") == "_part.mdx"
        site.write("_part.mdx", "two\n")
        sight = look.look(Batch(frozenset({"_part.mdx"})))
        assert sight.folder is not None
        assert sight.folder.facts.keys() == {"page.mdx"}
        assert "two" in str(sight.folder.body("page.mdx"))
    finally:
        store.close()
