"""Which tool a folder was written for, and what the settings make of it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from converters.document import convert
from converters.extensions import FLAVORS
from converters.flavors import detect
from publisher.categories import categories
from publisher.errors import UsageError
from publisher.flavor import flavor_of, options, version
from publisher.folder import load, unchanged_since
from publisher.scan import scan
from publisher.settings import SPECS, Settings
from publisher.shapes import shape
from publisher.store import Store


@pytest.mark.parametrize(
    ("names", "flavor"),
    [
        (["docusaurus.config.ts", "docs/a.md"], "docusaurus"),
        (["guide/_category_.json"], "docusaurus"),
        ([".vitepress/"], "vitepress"),
        (["book.toml"], "mdbook"),
        (["mkdocs.yml"], "mkdocs"),
        (["hugo.toml"], "hugo"),
        (["_config.yml"], "jekyll"),
        (["_config.yml", "_toc.yml"], "myst"),
        ([".obsidian/"], "obsidian"),
        (["conf.py", "config.toml", "package.json"], "github"),
        ([], "github"),
    ],
)
def test_names_that_only_one_tool_has(names: list[str], flavor: str) -> None:
    assert detect(names) == flavor


@pytest.mark.parametrize(
    ("config", "flavor"),
    [("base_url = 'x'\n[markdown]\n", "zola"), ("baseURL = 'x'\n", "hugo"), ("a = 1\n", "github")],
)
def test_a_configuration_of_two_tools(config: str, flavor: str) -> None:
    assert detect(["config.toml"], (), [config]) == flavor


@pytest.mark.parametrize(
    ("text", "flavor"),
    [
        ("{{< figure src=a >}}\n", "hugo"),
        ("---\nlinkTitle: A\nweight: 1\n---\n\n{{% note %}}\n", "hugo"),
        ("[a](@/b.md)\n", "zola"),
        ("# A {#a}\n\n::: details B\nc\n:::\n", "vitepress"),
        ("```rust\n{{#rustdoc_include a.rs}}\n```\n", "mdbook"),
        ("---\nsidebar_position: 1\n---\n\n:::note\na\n:::\n", "docusaurus"),
        ('!!! note "A"\n    b\n', "mkdocs"),
        ("See [[Other]] and ![[a.png]]\n", "obsidian"),
        ("{% highlight ruby %}\n{% endhighlight %}\n", "jekyll"),
        ("```{note}\na\n```\n", "myst"),
        ("See :numref:`fig`.\n", "myst"),
        ("# A\n\n> [!NOTE]\n> b\n\n- [ ] c\n", "github"),
        # what stands in code says nothing
        ("```md\n{{< figure >}}\n:::note\n!!! note\n```\n`[[a]]` `{% if %}`\n", "github"),
    ],
)
def test_what_texts_say(text: str, flavor: str) -> None:
    assert detect([], [text]) == flavor
    assert detect([], [text] * 5 + ["# Plain\n"] * 10) == flavor


def test_one_odd_file_says_nothing_about_a_folder() -> None:
    assert detect([], ["{{< figure src=a >}}\n"] + ["# Plain\n"] * 9) == "github"


def test_detecting_takes_linear_time() -> None:
    assert (
        detect([], ["```\n" * 6000, "[[" * 6000, ":::" * 4000, "+++\n" * 3000, "---\na\n" * 2000]) in FLAVORS
    )


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def test_a_folder_is_told_by_what_stands_beside_it(tmp_path: Path) -> None:
    write(tmp_path, {"hugo.toml": "", "content/a.md": "# A\n"})
    given = Settings(folder=tmp_path / "content")
    assert flavor_of(given, scan(given.folder)) == "hugo"
    assert flavor_of(Settings(folder=given.folder, flavor="github"), scan(given.folder)) == "github"


def test_what_was_remembered_is_not_read_again(tmp_path: Path) -> None:
    write(tmp_path / "site", {"a.md": "{{< x >}}\n"})
    given = Settings(folder=tmp_path / "site")
    assert flavor_of(given, scan(given.folder)) == "hugo"
    assert flavor_of(given, scan(given.folder), "zola") == "zola"


def test_settings_reach_the_converter() -> None:
    given = Settings(
        extensions={"bookmarks": True, "emoji": False},
        order_keys=("rank",),
        title_from=("h1", "front-matter"),
    )
    chosen = options(given, "github")
    assert chosen.extensions == FLAVORS["github"] - {"emoji"} | {"bookmarks"}
    assert options(Settings(extensions={"mdx": False}), "github").of("a.MDX") == FLAVORS["github"] | {
        "components",
        "expressions",
    }
    document = convert(
        "---\ntitle: A\nrank: 3\nweight: 5\n---\n\n# B\n\n:rocket:\n\nhttps://a.example\n", "p.md", chosen
    )
    assert (document.title, document.order) == ("B", 3)
    assert document.properties == {"weight": 5}
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph", "Bookmark"]


@pytest.mark.parametrize(
    ("sources", "title"),
    [
        (("front-matter", "h1", "file-name"), "Front"),
        (("h1",), "Head"),
        (("file-name", "h1"), "My page"),
        ((), "My page"),
    ],
)
def test_where_a_title_comes_from(sources: tuple[str, ...], title: str) -> None:
    chosen = options(Settings(title_from=sources), "github")
    document = convert("---\ntitle: Front\n---\n\n# Head\n", "my-page.md", chosen)
    assert document.title == title
    assert len(document.blocks) == (0 if title == "Head" else 1)


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        (Settings(extensions={"emojis": True}), "unknown extension 'emojis'", "'emoji'"),
        (Settings(extensions={"zzz": False}), "unknown extension 'zzz'", "Known extensions"),
        (
            Settings(flavor="hugoo", provenance={"flavor": "pagemill.toml:3"}),
            "pagemill.toml:3: unknown flavor",
            "'hugo'",
        ),
    ],
)
def test_unknown_names_are_refused(given: Settings, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        options(given, given.flavor if given.flavor != "auto" else "github")
    assert message in str(error.value)
    assert hint in f"{error.value} {error.value.hint}"


def test_equal_options_have_equal_versions() -> None:
    given = Settings()
    assert version(options(given, "hugo")) == version(options(given, "hugo"))
    assert version(options(given, "hugo")) != version(options(given, "zola"))
    assert version(options(given, "hugo")) != version(options(Settings(order_keys=("a",)), "hugo"))


def test_another_flavour_converts_the_folder_again(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"a.md": "# A\n\n:::note\nb\n:::\n", "b.md": "# B\n\n:::tip\nb\n:::\n"})
    given = Settings(folder=tmp_path / "docs")
    store = Store(None)
    first = load(given, scan(given.folder), store)
    assert first.options == options(given, "docusaurus")
    other = Settings(folder=given.folder, flavor="github")
    assert unchanged_since(other, scan(given.folder), store) == ""
    second = load(other, scan(given.folder), store)
    assert (len(first.body("a.md")), len(second.body("a.md"))) == (1, 1)
    assert first.body("b.md") != second.body("b.md")
    assert first.digest != second.digest


def test_categories_give_folders_titles_and_places(tmp_path: Path) -> None:
    write(
        tmp_path / "docs",
        {
            "index.md": "# Docs\n",
            "b/_category_.json": '{"label": "First", "position": 1}',
            "b/x.md": "# X\n",
            "a/_category_.yml": "label: Second\nposition: 2\n",
            "a/y.md": "# Y\n",
            "c/_category_.json": "{",
            "c/z.md": "# Z\n",
        },
    )
    given = Settings(folder=tmp_path / "docs")
    found = shape(load(given, scan(given.folder), None))
    assert [page.title for page in found.tree.pages if page.folder] == ["First", "Second", "C"]
    assert [(item.path, item.code) for item in found.diagnostics] == [
        ("c/_category_.json", "category-invalid")
    ]


@pytest.mark.parametrize("text", ["[]", "null", "[" * 100_000, "{a"])
def test_a_declaration_that_is_none(text: str) -> None:
    found = categories({"a/_category_.json": text, "a/_category_.yml": "- a"})
    assert not found.site.order
    assert set(found.wrong) == {"a/_category_.json", "a/_category_.yml"}


def test_the_setting_names_all_flavors() -> None:
    assert SPECS["flavor"].choices == ("auto", *FLAVORS)


def test_a_page_that_the_site_generates(tmp_path: Path) -> None:
    link = {"type": "generated-index", "title": "The Guide", "description": "5 minutes\nto learn"}
    files = {
        "a/_category_.json": json.dumps({"link": link}),
        "a/x.md": "# X\n",
        "b/_category_.json": json.dumps({"label": "B!", "link": {"title": "Other", "description": ["?"]}}),
        "b/y.md": "# Y\n",
        "c/_category_.json": '{"link": null}',
    }
    write(tmp_path / "docs", {"index.md": "# Docs\n", **files})
    given = Settings(folder=tmp_path / "docs")
    found = shape(load(given, scan(given.folder), None))
    assert [page.title for page in found.tree.pages if page.folder] == ["The Guide", "B!"]
    assert [(item.path, item.code, item.message) for item in found.diagnostics] == [
        ("a/_category_.json", "category-text", "“5 minutes to learn” is not published.")
    ]


PARTIALS = {
    "index.md": "# Docs\n\n[a](./_part.mdx)\n",
    "page.mdx": "import Part from './_part.mdx';\nimport Deep from '@site/docs/guide/_in/deep.md';\n\n# P\n\n<Part />\n\n<Deep/>\n",
    "_part.mdx": "the *part*\n",
    "guide/_in/deep.md": "the deep\n",
    "guide/_includes/x.md": "x\n",
    "guide/_category_.json": '{"label": "G"}',
    "guide/snake_case.md": "# S\n",
    "_posts/post.md": "# Post\n",
}


@pytest.mark.parametrize(
    ("flavor", "partials"),
    [
        ("docusaurus", {"_part.mdx", "guide/_in/deep.md", "guide/_includes/x.md", "_posts/post.md"}),
        ("auto", {"_part.mdx", "guide/_in/deep.md", "guide/_includes/x.md", "_posts/post.md"}),
        ("jekyll", {"guide/_includes/x.md"}),
        ("github", set()),
    ],
)
def test_what_a_site_makes_no_pages_of(tmp_path: Path, flavor: str, partials: set[str]) -> None:
    write(tmp_path / "docs", PARTIALS)
    given = Settings(folder=tmp_path / "docs", flavor=flavor)
    folder = load(given, scan(given.folder), None)
    assert folder.scan.partials == partials
    assert folder.facts.keys() == {path for path in PARTIALS if path.endswith((".md", ".mdx"))} - partials


@pytest.mark.parametrize(
    "config", ["hugo.toml", "config.toml", "config/_default/hugo.yaml", "site/hugo.json"]
)
def test_the_root_of_a_hugo_site_can_be_published(tmp_path: Path, config: str) -> None:
    site = "site/" if config.startswith("site/") else ""
    templates = {
        f"{site}{name}/default.md" for name in ("archetypes", "layouts", "themes/one/content", "public")
    }
    pages = {
        f"{site}content/_index.md",
        f"{site}content/themes/dark.md",
        f"{site}content/a/public/b.md",
        "README.md",
    }
    write(tmp_path, dict.fromkeys(pages, "# A\n") | dict.fromkeys(templates, "+++\n{{ .Title }}\n+++\n"))
    write(tmp_path, {config: "baseURL = 'https://a.dev'\n", f"{site}content/a/config.toml": "theme = 'b'\n"})
    given = Settings(folder=tmp_path)
    folder = load(given, scan(given.folder), None)
    assert (folder.scan.site, folder.scan.partials, folder.facts.keys()) == ("hugo", templates, pages)
    assert not [item for item in shape(folder).diagnostics if item.severity == "error"]
    other = load(replace(given, flavor="github"), scan(given.folder), None)
    assert other.facts.keys() == pages | templates


def test_folders_of_content_may_be_called_as_hugo_calls_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"themes/a.md": "# A\n", "b/config.toml": "theme = 'b'\n", "b/layouts/c.md": "# C\n"})
    folder = load(Settings(folder=tmp_path, flavor="hugo"), scan(tmp_path), None)
    assert folder.facts.keys() == {"themes/a.md", "b/layouts/c.md"}


def test_partial_files_are_included_and_not_linked(tmp_path: Path) -> None:
    write(tmp_path / "docs", PARTIALS)
    given = Settings(folder=tmp_path / "docs")
    folder = load(given, scan(given.folder), None)
    body = str([block.content for block in folder.body("page.mdx")])
    assert "part" in body
    assert "the deep" in body
    assert set(folder.facts["page.mdx"].includes) == {"_part.mdx", "guide/_in/deep.md"}
    assert [(item.path, item.line, item.code) for item in shape(folder).diagnostics] == [
        ("index.md", 3, "link-held-back")
    ]


def test_addresses_of_docusaurus_begin_with_the_name_of_the_folder(tmp_path: Path) -> None:
    text = "[a](/docs/b/c#part) [b](@site/docs/b/c.md) [c](/docs/b/) [d](/docs/none) [e](/b/c)\n\n![f](/img/f.png) ![g](@site/static/img/f.png)"
    write(tmp_path, {"docs/a.md": text, "docs/b/c.md": "# C\n\n## Part\n", "static/img/f.png": "x"})
    given = Settings(folder=tmp_path / "docs", flavor="docusaurus", file_roots=(tmp_path / "static",))
    found = shape(load(given, scan(given.folder), None))
    wrong = [item.message[1:].partition("”")[0] for item in found.diagnostics if item.code == "link-broken"]
    assert wrong == ["docs/none"]
    assert {item.code for item in found.diagnostics} == {"link-broken", "file-type"}
    other = shape(load(replace(given, flavor="github"), scan(given.folder), None))
    assert [item.code for item in other.diagnostics].count("link-broken") == 5


def test_a_folder_with_partial_files_that_did_not_change_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"a.md": "# A\n", "_b.md": "# B\n", "_category_.json": "{}"})
    given, store = Settings(folder=tmp_path / "docs"), Store(None)
    for path in ("a.md", "_b.md"):
        os.utime(tmp_path / "docs" / path, (1, 1))
    folder = load(given, scan(given.folder), store)
    assert unchanged_since(given, scan(given.folder), store) == folder.converged() != ""
