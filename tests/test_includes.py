"""Text of other files, put where a file asks for it, and where each line comes from."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters import includes
from converters.excerpts import Lines
from converters.includes import COST, MAX_SIZE, assemble
from converters.whole import Whole, place, shown

EVERY = frozenset({"snippets", "includes", "book-includes", "mdx"})
FILES = {
    "part.md": "---\ntitle: P\n---\n\nOne\n\nTwo\n",
    "guide/near.md": "near\n",
    "main.py": "import a\n\n# --8<-- [start:body]\ndef f():\n    return 1\n# --8<-- [end:body]\nend\n",
    "src/a.js": "// #region one\n  const a = `1`\n    b\n// #endregion one\nrest\n",
    "src/lib.rs": "fn a() {}\n// ANCHOR: b\nfn b() {}\n// ANCHOR_END: b\n",
    "heads.md": "# A\n\n## B {#bee}\n\ntext\n\n### C\n\nmore\n\n## D\n\nend\n",
    "loop.md": 'in\n--8<-- "loop.md"\n',
    "outer.md": 'before\n--8<-- "part.md"\nafter\n',
}


def whole(text: str, path: str = "guide/page.md", extensions: frozenset[str] = EVERY) -> Whole:
    return assemble(text, path, FILES.get, extensions)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a\n--8<-- "part.md"\nb', "a\n\nOne\n\nTwo\nb"),
        ('--8<-- "near.md"', "near"),
        ("-8<- 'main.py:4:5'", "def f():\n    return 1"),
        ('--8<-- "main.py:7"', "end"),
        ('--8<-- "main.py::1"', "import a"),
        ('--8<-- "main.py:1:1,7:7"', "import a\nend"),
        ('```py\n    --8<-- "main.py:body"\n```', "```py\n    def f():\n        return 1\n```"),
        ('> --8<-- "near.md"', "> near"),
        ("--8<--\nnear.md\n; no.md\n\npart.md:7:7\n--8<--\nb", "near\nTwo\nb"),
        ('--8<-- "outer.md"', "before\n\nOne\n\nTwo\nafter"),
        ('--8<-- "loop.md"', 'in\n--8<-- "loop.md"'),
        ("```rust\n{{#rustdoc_include ../src/lib.rs:b}}\n```", "```rust\nfn b() {}\n```"),
        ("{{#include ../part.md:5}}", "One"),
        ("{{#playground ../src/lib.rs editable}}", "```rust\nfn a() {}\nfn b() {}\n```"),
        ("<!--@include: ../part.md-->", "\nOne\n\nTwo"),
        ("<!-- @include: @/heads.md#bee{1,3} -->", "## B {#bee}\n\ntext"),
        ("<!--@include: /heads.md#d-->", "## D\n\nend"),
        ("- x\n\n  <!--@include: ./near.md-->", "- x\n\n  near"),
        ("<<< @/src/a.js#one{2} [x.js]", "```js {2} [x.js]\nconst a = `1`\n  b\n```"),
        (
            "<<< ../src/a.js{ts}",
            "```ts\n// #region one\n  const a = `1`\n    b\n// #endregion one\nrest\n```",
        ),
    ],
)
def test_files_stand_where_they_are_asked_for(text: str, expected: str) -> None:
    assert whole(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        '--8<-- "none.md"',
        '--8<-- "../../part.md"\n<!--@include: ../../part.md-->',
        '--8<-- "https://a.example/part.md"',
        '--8<-- "main.py:none"',
        '--8<-- "main.py:90:99"',
        "<!--@include: ../heads.md#none-->",
        '--8<-- "guide/page.md"',
        "--8<--\npart.md",
        "--8<--\npart.md\nnone.md\n--8<--",
        "```\n<<< @/src/a.js\n```",
        'words --8<-- "part.md"',
        "\\{{#include ../part.md}}",
        "{{#include none.md}}",
    ],
)
def test_what_cannot_be_had_stays(text: str) -> None:
    found = whole(text)
    assert (found.text, found.parts) == (text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import Part from '../part.mdx';\n\n<Part />\n", "\n\nOne\n"),
        ('import Part from "@site/part.mdx"\n\n  <Part name="x"></Part>', "\n\n  One"),
        ("import Part from './none.mdx';\n\n<Part />\n", "import Part from './none.mdx';\n\n<Part />\n"),
        ("import Part from '../part.mdx';\n\na <Part /> b <Other />\n", "\n\na <Part /> b <Other />\n"),
        ("```mdx-code-block\nimport Part from '../part.mdx';\n```\n\n<Part />\n", "\n\n\n\nOne\n"),
        (
            "```js\nimport Part from '../part.mdx';\n<Part />\n```",
            "```js\nimport Part from '../part.mdx';\n<Part />\n```",
        ),
    ],
)
def test_markdown_that_mdx_imports(text: str, expected: str) -> None:
    files = {"part.mdx": "---\nx: 1\n---\nOne\n"}
    assert assemble(text, "guide/page.mdx", files.get, EVERY).text == expected


@pytest.mark.parametrize(
    ("line", "path", "asked"),
    [
        ('{{% include "/a/x.md" %}}', "c/en/d/p.md", ["a/x.md", "includes/a/x.md", "c/a/x.md"]),
        ('{{< include file="x.md" >}}', "c/p.md", ["c/x.md", "c/includes/x.md", "x.md", "includes/x.md"]),
        ('{{% readfile "./x.md" %}}', "c/d/p.md", ["c/d/x.md"]),
        ('{{% readfile "../x.md" %}}', "c/d/p.md", ["c/x.md"]),
        ('{{< codenew file="x.yaml" >}}', "c/p.md", ["c/examples/x.yaml", "c/x.yaml", "examples/x.yaml"]),
        ('{{% readfile "https://a.example/x.md" %}}', "p.md", []),
        ('{{% readfile "../../../x.md" %}}', "c/p.md", []),
        ("{{% include %}}", "p.md", []),
        ('{{%/* include "x.md" */%}}', "p.md", []),
        ('words {{% include "x.md" %}}', "p.md", []),
    ],
)
def test_where_hugo_looks_for_a_file(line: str, path: str, asked: list[str]) -> None:
    found = assemble(line, path, {}.get, frozenset({"shortcode-includes"}))
    assert list(found.files[: len(asked)]) == asked
    assert bool(found.files) == bool(asked)
    assert found.text == line


def test_relative_addresses_count_from_a_note_and_from_nothing_else() -> None:
    found = vault("a\n\n![[Links]]")
    assert {(part.path, part.near) for part in found.parts} >= {
        ("notes/page.md", ""),
        ("Links.md", "Links.md"),
    }
    texts = whole('--8<-- "part.md"\n<!--@include: ../part.md-->\n{{#include ../part.md}}')
    assert {part.near for part in texts.parts} == {""}


def test_only_what_is_switched_on_is_read() -> None:
    text = '--8<-- "part.md"\n\n<!--@include: ../part.md-->'
    assert whole(text, extensions=frozenset()) == Whole(text)
    assert whole(text, extensions=frozenset({"snippets"})).text.endswith("<!--@include: ../part.md-->")
    assert whole(text, extensions=frozenset({"includes"})).text.startswith("--8<--")


def test_every_line_knows_where_it_comes_from() -> None:
    found = whole('a\n--8<-- "outer.md"\nb\n<<< @/main.py\nc')
    lines = found.text.split("\n")
    places = [place(found.parts, number) for number in range(1, len(lines) + 1)]
    for text, (path, line) in zip(lines, places, strict=True):
        if path != "guide/page.md":
            assert FILES[path].split("\n")[line - 1] == text
    assert [line for path, line in places if path == "guide/page.md"] == [1, 3, 4, 4, 5]
    assert [shown(found.parts, "guide/page.md", number) for number in (1, 2, 4, 7, 8, 9, 10, len(lines))] == [
        1, 2, 2, 2, 3, 4, 4, 5,
    ]  # fmt: skip
    assert found.files == ("outer.md", "guide/outer.md", "part.md", "main.py") or set(found.files) == {
        "outer.md",
        "part.md",
        "main.py",
    }


def test_code_of_nothing_is_an_empty_block() -> None:
    files = {"a.js": "// --8<-- [start:x]\n", "b.js": ""}
    assert assemble("<<< @/a.js", "p.md", files.get, EVERY).text == "```js\n```"
    assert assemble("<<< @/b.js", "p.md", files.get, EVERY).text == "```js\n\n```"


def test_what_was_asked_for_in_vain_is_known_too() -> None:
    assert set(whole('--8<-- "none.md"').files) == {"none.md", "guide/none.md"}


def test_files_that_multiply_end() -> None:
    files = {f"{n}.md": f'--8<-- "{n + 1}.md"\n' * 40 for n in range(5)} | {"5.md": "x" * 100_000}
    found = assemble('--8<-- "0.md"\n' * 40, "p.md", files.get, EVERY)
    assert MAX_SIZE - 200_000 < len(found.text) < MAX_SIZE + 200_000


def test_files_of_nothing_that_multiply_end() -> None:
    files = {f"{n}.md": f'--8<-- "{n + 1}.md"\n' * 40 for n in range(5)} | {"5.md": "---\ntitle: a\n---\n"}
    found = assemble('--8<-- "0.md"\n' * 40, "p.md", files.get, EVERY, limit=100_000)
    assert len(found.text) < 100_000


@pytest.mark.parametrize("line", ['--8<-- "{}"', "<!--@include: ./{} -->", "{{{{#include {}}}}}"])
def test_the_lines_that_found_no_room_are_known(line: str) -> None:
    names = [f"{n}.md" for n in range(8)]
    files = {name: (line.format(after) + "\n") * 10 for name, after in pairwise(names)} | {"7.md": "boom\n"}
    asked: list[str] = []

    def read(name: str) -> str | None:
        asked.append(name)
        return files.get(name)

    found = assemble(files["0.md"], "0.md", read, EVERY)
    left = [(part.path, part.line) for part in found.parts if part.full]
    assert {"0.md", "1.md"} <= {path for path, _ in left}
    assert found.text.count("boom") <= MAX_SIZE // COST
    assert len(asked) == len(set(asked))


def test_a_file_is_searched_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    real = includes.section

    def look(lines: Lines, name: str) -> Lines | None:
        looks.append(name)
        return real(lines, name)

    monkeypatch.setattr(includes, "section", look)
    files = {"big.py": "# --8<-- [start:x]\nx\n# --8<-- [end:x]\n" + "y\n" * 500_000}
    names = "".join("big.py:x\n" for _ in range(5000))
    for text in ('--8<-- "big.py:x"\n' * 5000, f"--8<--\n{names}--8<--\n"):
        looks.clear()
        assert any(part.full for part in assemble(text, "p.md", files.get, EVERY).parts)
        assert len(looks) < 250


NOTES = {
    "Recipe.md": "---\ntags: [a]\n---\n\n# Recipe\n\nBake[^1].\n\n## Things ^hd\n\n- a\n- b ^item\n  - c\n- d\n\n"
    "Be\nquick. ^tip\n\n### Deep\n\n|x|\n|--|\n\n^table\n\n```\n\ncode ^no\n```\n^code\n\n## End\n\n[^1]: Note.\n",
    "Short.md": "short",
    "Loop.md": "in\n\n![[Loop]]",
    "One.md": "![[Two]]",
    "Two.md": "two\n\n![[One]]",
    "Open.md": "```js\nrun()",
    "Hiding.md": "a %%b\n\nc",
    "Draft.md": "---\ndraft: true\n---\nsecret",
    "Unpublished.md": "---\npublished: no\n---\nsecret",
    "Empty.md": "---\na: b\n---\n",
    "Far.md": "## A\n\nx[^n] `[^n]`\n\n## B\n\n[^n]: One\n    two\n\n[^m]: no\n",
    "Links.md": "## A\n\n[[#B]] [[#B|b]] [[C]]\n\n```\n[[#B]]\n```\n\n## B\n",
    "Marks.md": "ANCHOR: a\n\n%% b %%",
}
VAULT = frozenset({"wikilinks", "note-embeds", "footnotes"})


def vault(text: str, path: str = "notes/page.md", limit: int = MAX_SIZE) -> Whole:
    files = NOTES | {path: text}

    def find(name: str) -> str | None:
        found = path if name == path else f"{name.removesuffix('.md').capitalize()}.md"
        return found if found in files else None

    return assemble(text, path, files.get, VAULT, limit, find)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![[Short]]", "short\n"),
        ("a\n![[short|words]]\nb", "a\n\nshort\n\nb"),
        ("![[Short.md]]", "short\n"),
        ("![[Recipe#Things#Deep]]", "### Deep\n\n|x|\n|--|\n\n^table\n\n```\n\ncode ^no\n```\n^code\n"),
        ("![[Recipe#deep]]", "### Deep\n\n|x|\n|--|\n\n^table\n\n```\n\ncode ^no\n```\n^code\n"),
        ("![[Recipe#End]]", "## End\n"),
        ("![[Recipe#^tip]]", "Be\nquick. ^tip\n"),
        ("![[Recipe#^item]]", "- b ^item\n  - c\n"),
        ("![[Recipe#^table]]", "|x|\n|--|\n"),
        ("![[Recipe#^code]]", "```\n\ncode ^no\n```\n"),
        ("![[Recipe#^hd]]", "## Things ^hd\n"),
        ("> [!note] a\n> ![[Short]]\n> b", "> [!note] a\n>\n> short\n>\n> b"),
        ("- a\n  ![[Short]]", "- a\n\n  short\n"),
        ("- ![[Recipe#^tip]]\n1. ![[Short]]", "- Be\n  quick. ^tip\n\n1. short\n"),
        ("- a\n- ![[Recipe#^item]]", "- a\n- b ^item\n  - c\n"),
        ("- ![[Empty]]\n- b", "- \n\n- b"),
        ("![[Empty]]", ""),
        ("![[Open]]\nb", "```js\nrun()\n```\n\nb"),
        ("> ![[Open]]\n> b", "> ```js\n> run()\n> ```\n>\n> b"),
        ("![[Hiding]]\nd", "a %%b\n\nc\n%%\n\nd"),
        ("> ![[Hiding]]\n\nd", "> a %%b\n>\n> c\n> %%\n>\n\nd"),
        ("%%\nx\n%% y\n![[Short]]", "%%\nx\n%% y\n\nshort\n"),
        ("![[Marks]]", "ANCHOR: a\n\n%% b %%\n"),
        ("![[Loop]]", "in\n\n![[Loop]]\n"),
        ("![[One]]", "two\n\n![[One]]\n\n"),
        ("![[#A]]\n\n# A\n\nb", "# A\n\nb\n\n\n# A\n\nb"),
        ("# A\n\n![[#A]]", "# A\n\n# A\n\n![[#A]]\n"),
    ],
)
def test_notes_stand_where_they_are_shown(text: str, expected: str) -> None:
    assert vault(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "a ![[Short]]",
        "![[Short]] b",
        "| ![[Short]] |",
        "`![[Short]]`",
        "![[Short.png]]",
        "![[None]]",
        "![[../../Short]]",
        "![[Recipe#None]]",
        "![[Recipe#Deep#Things]]",
        "![[Recipe#^none]]",
        "![[Recipe#^no]]",
        "![[Draft]]",
        "![[Unpublished]]",
        "![[page]]\n\n![[notes/page.md]]",
        "```\n![[Short]]\n```",
        "%%\n![[Short]]\n%%",
        "a %%b\n\n![[Short]]\n\nc%%",
        "<!-- a\n![[Short]]\n-->",
        "[[Short]]",
        "![[ ]]",
    ],
)
def test_what_shows_no_note_stays(text: str) -> None:
    found = vault(text)
    assert (found.text, found.parts) == (text, ())


def test_links_in_a_part_of_a_note_lead_to_the_note() -> None:
    expected = "## A\n\n[[/Links#B|B]] [[/Links#B|b]] [[C]]\n\n```\n[[#B]]\n```\n"
    assert vault("![[Links#A]]").text == expected
    assert "[[#B]] [[#B|b]]" in vault("![[Links]]").text


def test_a_note_keeps_its_footnotes() -> None:
    assert vault("a[^1]\n\n![[Recipe]]\n\n[^1]: Page.").text.count("[^1-2]") == 2
    assert "[^1]" in vault("![[Recipe]]").text
    assert vault("![[Far#A]]").text == "## A\n\nx[^n] `[^n]`\n\n[^n]: One\n    two\n\n"
    assert vault("![[Far#B]]").text == "## B\n"
    assert vault("![[Far]]\n\n![[Far]]").text.count("[^n-2]") == 3


def test_the_lines_of_a_note_are_known() -> None:
    text = "a\n![[Recipe#^tip]]\nb\n\n![[#H]]\n\n# H\n\nc"
    found = vault(text)
    lines = found.text.split("\n")
    places = [place(found.parts, number) for number in range(1, len(lines) + 1)]
    assert [line for line, here in zip(lines, places, strict=True) if here[0] == "Recipe.md"] == [
        "Be",
        "quick. ^tip",
    ]
    assert places[2:4] == [("Recipe.md", 16), ("Recipe.md", 17)]
    own = [shown(found.parts, "notes/page.md", number) for number in range(1, len(lines) + 1)]
    assert own == sorted(own)
    assert own[lines.index("# H")] == 5  # where it is shown first


def test_notes_that_multiply_end() -> None:
    files = {f"{n}.md": f"![[{n + 1}]]\n\n" * 40 for n in range(5)} | {"5.md": "boom"}
    found = assemble("![[0]]\n\n" * 40, "p.md", files.get, VAULT, 100_000, lambda name: f"{name}.md")
    assert len(found.text) < 100_000
    assert {"0.md", "4.md"} <= {part.path for part in found.parts if part.full}


def test_a_note_that_is_missing_is_known() -> None:
    assert vault("![[None]]\n\n![[a.png]]").files == ("None",)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["![[A]]\n", "![[A#^x]]\n", "![[A#H]]\n", "![[B]]", "# H\n", " ^x\n", "^x\n", "```\n", "> ", "- ", "  ", "\n",
             "word", "[^1]", "[^1]: n\n", "%%\n", "<!-- ", "-->", "---\n", "a: b\n"]
        ),
        max_size=20,
    ).map("".join)
)  # fmt: skip
def test_notes_never_fail_and_lose_no_line(text: str) -> None:
    files = {"p.md": text, "A.md": text, "B.md": "word\n" + text}
    found = assemble(text, "p.md", files.get, VAULT, 20_000, lambda name: f"{name}.md")
    count = found.text.count("\n") + 1
    assert all(place(found.parts, line)[1] >= 1 for line in range(1, count + 1) if found.parts)
    assert all(
        1 <= shown(found.parts, "p.md", line) <= text.count("\n") + 1
        for line in range(1, count + 1)
        if found.parts
    )
    assert found.text.count("word") >= text.count("word")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ['--8<-- "', "a.md", '"\n', "--8<--\n", "<!--@include: ", "./", "../", "-->\n", "<<< @/", "{1,",
                "{{#include ",
                "}}\n",
                ":r",
                "--8<-- [start:r]\n",
                "--8<-- [end:r]\n", "}", ":2",
             "#r", "\n", "```\n", "> ", "word", "---\n", "#region r\n"]
        ),
        max_size=20,
    ).map("".join)
)  # fmt: skip
def test_nothing_fails_and_no_line_is_lost(text: str) -> None:
    found = assemble(text, "a/b.md", {"a.md": text, "a/a.md": "x\n" + text}.get, EVERY)
    count = found.text.count("\n") + 1
    assert all(place(found.parts, line)[1] >= 1 for line in range(1, count + 1) if found.parts)
    words = text.count("word")
    assert found.text.count("word") >= words
