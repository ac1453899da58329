"""MkDocs: admonitions, tabs, attribute lists, definitions, abbreviations, snippets, icons, marks, Markdown in HTML."""

from __future__ import annotations

import pytest
from effort import effort
from hypothesis import given, settings
from hypothesis import strategies as st
from outline import blocks

from converters.blocks import Document
from converters.document import Options, convert
from converters.extensions import FLAVORS, GITHUB

MKDOCS = Options(extensions=FLAVORS["mkdocs"])


def made(markdown: str) -> Document:
    return convert(markdown, "docs/here.md", MKDOCS)


def tree(markdown: str) -> str:
    """The outline without line numbers, one block after the other."""
    return " / ".join(line.partition(": ")[2] or line.strip() for line in blocks(made(markdown).blocks))


def codes(markdown: str) -> list[tuple[str, int]]:
    return [(item.code, item.line) for item in made(markdown).diagnostics]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("!!! note\n    a", "Callout icon=📝 color=blue a"),
        ("!!! NOTE\n\n    a\n\n\n    b", "Callout icon=📝 color=blue a / Paragraph b"),
        ('!!! tip "T *i*"\n    a', "Callout color=green **T **_**i**_ / Paragraph a"),
        ('!!! tip ""\n    a', "Callout color=green a"),
        ('!!! own ""\n    a', "Callout icon=📝 a"),
        ("!!! own-kind\n    a", "Callout icon=📝 **Own kind** / Paragraph a"),
        ("!!!note\n    a", "Callout icon=📝 color=blue a"),
        ("!!! note\na", "Callout icon=📝 color=blue / Paragraph a"),
        ("a\n!!! note\n    b\nc", "Paragraph a / Callout icon=📝 color=blue b / Paragraph c"),
        ("!!! note\n    !!! bug\n        a", "Callout icon=📝 color=blue / Callout icon=🐛 color=red a"),
        ("!!! note\n        a", "Callout icon=📝 color=blue / Code 'a'"),
        (" !!! note\n    a", "Callout icon=📝 color=blue a"),
        ("1. x\n\n    !!! note\n        a", "ListItem ordered=True x / Callout icon=📝 color=blue a"),
        ("- x\n\n  !!! note\n      a\n- y", "ListItem x / Callout icon=📝 color=blue a / ListItem y"),
        ("1. a\n\n        x\n          y", "ListItem ordered=True a / Code 'x\\n  y'"),
        ("- a\n    - b\n\n            x", "ListItem a / ListItem b / Code 'x'"),
        ("a\n\n      x", "Paragraph a / Code '  x'"),
        (
            "1. a\n    - b\n        - c\n\n    d",
            "ListItem ordered=True a / ListItem b / ListItem c / Paragraph d",
        ),
        ("- a\n\n    ```sh\n    x\n    ```\n\n    b", "ListItem a / Code language=sh 'x' / Paragraph b"),
        (
            '- a\n\n    === "A"\n\n        x\n\n    === "B"\n\n        y',
            "ListItem a / Toggle A / Paragraph x / Toggle B / Paragraph y",
        ),
        ("??? note\n    a", "Toggle 📝 Note / Paragraph a"),
        ('??? bug "B"\n    a', "Toggle 🐛 B / Paragraph a"),
        ('??? "B"\n    a', "Toggle 📝 B / Paragraph a"),
        ("???+ tip\n    a", "Callout color=green a"),
        ("!!!", "Paragraph !!!"),
        ("Oh!!! note", "Paragraph Oh!!! note"),
        ("    !!! note", "Code '!!! note'"),
        ("what ???", "Paragraph what ???"),
    ],
)
def test_admonitions(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_admonitions_say_what_they_lose() -> None:
    assert codes("!!! note inline end\n    a\n\n???+ tip\n    b") == [
        ("attributes-dropped", 1),
        ("fold-open", 4),
    ]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ('=== "A"\n    a\n=== "B"\n    b', "Toggle A / Paragraph a / Toggle B / Paragraph b"),
        (
            '=== "A"\n\n    a\n\n\n=== "B"\n\n    b\n\nc',
            "Toggle A / Paragraph a / Toggle B / Paragraph b / Paragraph c",
        ),
        ('=== "A"\n    a', "Paragraph **A** / Paragraph a"),
        ('=== "`A`"\n    ```py\n    a\n    ```', "Code language=py 'a' / caption `A`"),
        (
            '=== "A"\n    ```py title="t"\n    a\n    ```',
            "Paragraph **A** / Code language=py 'a' / caption t",
        ),
        ('=== "A"\n    a\n===! "B"\n    b', "Paragraph **A** / Paragraph a / Paragraph **B** / Paragraph b"),
        (
            '=== "A"\n    === "B"\n        b\n    === "C"\n        c',
            "Paragraph **A** / Toggle B / Paragraph b / Toggle C / Paragraph c",
        ),
        ('=== "A"\n=== "B"', "Toggle A / Toggle B"),
        ("a\n===", "Heading level=1 a"),
        ('a\n=== "B"\n    b', "Paragraph a / Paragraph **B** / Paragraph b"),
    ],
)
def test_tabs(markdown: str, expected: str) -> None:
    assert (
        tree("# Title\n\n# Title\n\n" + markdown)
        == "Heading level=1 Title / Heading level=1 Title / " + expected
    )


@pytest.mark.parametrize(
    ("markdown", "expected", "anchors"),
    [
        ("## A {#b}", "Heading level=2 anchor=b A", {"b"}),
        ('## 9.7.0 <small>now</small> { id="9.7.0" }', "Heading level=2 anchor=9.7.0 9.7.0 now", {"9.7.0"}),
        ("## A { #b .c }", "Heading level=2 anchor=b A", {"b"}),
        ("## A {: .c }", "Heading level=2 A", {"a"}),
        ("## A { data-x }", "Heading level=2 A", {"a"}),
        ("## A {x}", "Heading level=2 A {x}", {"a-x"}),
        ("A\n---\n", "Heading level=2 A", {"a"}),
        ("A {#b}\n---\n", "Heading level=2 anchor=b A", {"b"}),
        ("[a](https://b.example){ .c #d } e", "Paragraph [a](https://b.example) e", {"d"}),
        ("**a**{.c} *b*{ .c }", "Paragraph **a** _b_", set()),
        ('![a](b.png){ width="3}00" }', "Media file:docs/b.png / caption a", set()),
        ("`a`{ data-x }", "Paragraph `a`", set()),
        ("`a`{x}", "Paragraph `a`{x}", set()),
        ("a\n{ .b }", "Paragraph a", set()),
        ("a\n{: #b }", "Paragraph a", {"b"}),
        ("a { .b }", "Paragraph a { .b }", set()),
        ("a {: .b }", "Paragraph a", set()),
        ("a { b } c", "Paragraph a { b } c", set()),
        ("{{ a.b }} {% c %}", "Paragraph {{ a.b }} {% c %}", set()),
        ("x_{i=1}", "Paragraph x_{i=1}", set()),
        ("*a* x_{i=1} y*{j=2}", "Paragraph _a_ x_{i=1} y*{j=2}", set()),
        ("x^{i=1} y={i=1}", "Paragraph x^{i=1} y={i=1}", set()),
        ("{x=1}", "Paragraph {x=1}", set()),
        ("a\n{x=1}", "Paragraph a", set()),
        ("## x_{i=1}", "Heading level=2 x_{i=1}", {"x_i1"}),
        ("## A{#b}", "Heading level=2 anchor=b A", {"b"}),
        ("|a|\n|-|\n|{x=1}|", "Table header=True / | a / | {x=1}", set()),
    ],
)
def test_attribute_lists(markdown: str, expected: str, anchors: set[str]) -> None:
    assert tree(markdown) == expected
    assert {name for name in made(markdown).anchors if name != "a-x"} == anchors - {"a-x"}


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (r"a \(x_{i=1}\) b", "Paragraph a $x_{i=1}$ b"),
        (r"\(x\) \(2 * n\) \(\sin x\)", "Paragraph $x$ $2 * n$ $\\sin x$"),
        (r"a \(see my_file and \*that\*\)", "Paragraph a (see my_file and *that*)"),
        (r"a \(x b", "Paragraph a (x b"),
        (r"a \(see below\) \(\)", "Paragraph a (see below) ()"),
        (r"a \\(x_1\\) `\(x_1\)`", "Paragraph a \\(x_1\\) `\\(x_1\\)`"),
        (r"\[ \sum_{k=0}^{\infty} \]", r"Equation expression=\sum_{k=0}^{\infty}"),
        ("\\[\nx = 1\n\\]\na", "Paragraph [ x = 1 ] a"),
        ("\\[\nx = 1\n\\]\n\na", "Equation expression=x = 1 / Paragraph a"),
        ("- a\n\n    \\[\n    x = 1\n    \\]\n- b", "ListItem a / Equation expression=x = 1 / ListItem b"),
        (r"a \[x_1\] b", "Paragraph a [x_1] b"),
        (r"\[x_1\](y)", "Paragraph [x_1](y)"),
        (r"\[not a link\]", "Paragraph [not a link]"),
        (r"\[x = 1 a", "Paragraph [x = 1 a"),
    ],
)
def test_brackets_of_tex(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_brackets_are_escaped_where_they_are_no_mathematics() -> None:
    for flavor in FLAVORS.keys() - {"mkdocs"}:
        document = convert(r"\[x_1\] \(x_1\)", "a.md", Options(extensions=FLAVORS[flavor]))
        assert "[x_1] (x_1)" in "".join(blocks(document.blocks)), flavor


def test_an_id_alone_is_no_loss() -> None:
    assert codes("## A { #b }\n\n`c`{#d} [e](https://f.example){ .g }") == [("attributes-dropped", 3)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a\n: b", "Paragraph **a** / Paragraph b"),
        ("a\n\n:   b\n\n    c\n\n:   d", "Paragraph **a** / Paragraph b / Paragraph c / Paragraph d"),
        ("`a`\n:   - b", "Paragraph `**a**` / ListItem b"),
        ("a\nb\n: c", "Paragraph **a** / Paragraph **b** / Paragraph c"),
        (
            "a\nb\n: c\n: d\n\ne\nf `g`\nh\n\n:   i\n\nj",
            "Paragraph **a** / Paragraph **b** / Paragraph c / Paragraph d / Paragraph **e** / Paragraph **f **`**g**` / "
            "Paragraph **h** / Paragraph i / Paragraph j",
        ),
        ("- a\n  b\n  : c", "ListItem **a** / Paragraph **b** / Paragraph c"),
        ("a\n- b\n: c", "Paragraph a / ListItem b : c"),
        ("a\n> b\n\n: c", "Paragraph a / Quote b / Paragraph : c"),
        ("a\nb\n\nc\n: d", "Paragraph a b / Paragraph **c** / Paragraph d"),
        ("a: b", "Paragraph a: b"),
        (": b", "Paragraph : b"),
        ("<!-- a -->\n\n:   b\n\n    - c\n\nd", "Paragraph b / ListItem c / Paragraph d"),
        ("<!-- a -->\n:   !!! note\n\n        c", "Callout icon=📝 color=blue c"),
    ],
)
def test_definitions(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_definitions_stand_below_their_term() -> None:
    (term,) = made("a\n: b\n: c").blocks
    assert list(blocks([term])) == ["1: Paragraph **a**", "  2: Paragraph b", "  3: Paragraph c"]


def test_abbreviations_are_listed_once() -> None:
    text = "A b.\n\n*[b]: *bee*\n*[b]: *bee*\n*[c]:\n\nD"
    assert tree(text) == "Paragraph A b. / Paragraph D / Divider / ListItem **b** — _bee_ / ListItem **c**"
    assert codes(text) == [("abbreviation-listed", line) for line in (3, 4, 5)]
    assert tree("* [a] b") == "ListItem [a] b"
    assert tree("*[a] b*") == "Paragraph _[a] b_"


@pytest.mark.parametrize(
    ("markdown", "expected", "lines"),
    [
        ('--8<-- "a.md"', 'Paragraph `--8<-- "a.md"`', [1]),
        ("--8<--\na.md\n--8<--\nb", "Paragraph `--8<--⏎a.md⏎--8<--` / Paragraph b", [1]),
        ("--8<--\na.md", "Paragraph --8<-- a.md", []),
        ('```\nx\n--8<-- "a"\n;--8<-- "b"\n```', 'Code \'x\\n--8<-- "a"\\n--8<-- "b"\'', [3]),
        ("- a", "ListItem a", []),
    ],
)
def test_snippets(markdown: str, expected: str, lines: list[int]) -> None:
    assert tree(markdown) == expected
    assert codes(markdown) == [("snippet-kept", line) for line in lines]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (":material-check: a", "✓ a"),
        ("a :octicons-heart-fill-24: b", "a ❤️ b"),
        ("a :simple-x-y: b", "a b"),
        (":simple-x-y: b", "b"),
        ("a:simple-x-y:b", "ab"),
        (":simple-x-y:", "x y"),
        (":fontawesome-solid-x-y:{ .c title='Z z' } b", "Z z b"),
        (":smile: :unknown-x:", "😄 :unknown-x:"),
        ("`:material-check:`", "`:material-check:`"),
    ],
)
def test_icons(markdown: str, expected: str) -> None:
    assert tree(markdown) == f"Paragraph {expected}"


def test_icons_say_what_they_lose() -> None:
    assert codes(":material-check: :simple-x: a") == [("icon-dropped", 1)]
    assert codes("---\nicon: material/alert-outline\n---\na") == [("icon-dropped", 2)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("{++a *b*++}", "__a _____b___"),
        ("{--a--}", "~~a~~"),
        ("{~~a~>b~~}", "~~a~~__b__"),
        ("{==a==}{>>b<<}", "==a==_b_"),
        ("{++a", "{++a"),
        ("{~~a~~}", "{~~a~~}"),
        ("^^a^^ ==b== ~~c~~", "__a__ ==b== ~~c~~"),
        ("x^2^ H~2~O", "x² H₂O"),
        ("a ~ b ~ c ^ d ^ e", "a ~ b ~ c ^ d ^ e"),
        ("++ctrl+alt+del++", "`Ctrl+Alt+Del`"),
        ('++"a b"+page-up++', "`a b+Page Up`"),
        ("i++ + j++ C++x++", "i++ + j++ C++x++"),
        ("`#!python a()` `#! b` `#!/bin/c d`", "`a()` `#! b` `#!/bin/c d`"),
    ],
)
def test_marks(markdown: str, expected: str) -> None:
    assert tree(markdown) == f"Paragraph {expected}"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<div markdown>\n*a*\n</div>", "Paragraph _a_"),
        ('<div class="x" markdown="1">\n\n    *a*\n\n</div>\nb', "Paragraph _a_ / Paragraph b"),
        ("<p markdown>*a*</p> b", "Paragraph _a_ / Paragraph b"),
        ("<div markdown>\n<div markdown>\n- a\n</div>\n- b\n</div>", "ListItem a / ListItem b"),
        (
            "<figure markdown>\n  ![a](b.png)\n  <figcaption>c</figcaption>\n</figure>",
            "Media file:docs/b.png / caption c — a",
        ),
        ("<details markdown><summary>s</summary>\n\n*a*\n</details>", "Toggle s / Paragraph _a_"),
        ("<div>\n*a*\n</div>", "Paragraph *a*"),
        ("<div markdown>\n*a*", "Paragraph *a*"),
        ("`<div markdown>` a\n\n</div>", "Paragraph `<div markdown>` a"),
        ("<!-- a --> *b*\nc", "Paragraph _b_ c"),
        ("<!-- a -->\n*b*", "Paragraph _b_"),
        ("> <div markdown>\n> *a*\n> </div>\n\nb", "Quote _a_ / Paragraph b"),
    ],
)
def test_markdown_in_html(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("100. a\n\n    b\n\n101. c", "1 a / Paragraph b / 1 c"),
        ("100. a\n    - b\n        - c\n\n            d", "1 a / ListItem b / ListItem c / Paragraph d"),
        ("100. a\nlazy\n\n    b", "1 a lazy / Paragraph b"),
        ("100. a\n\n        x\n          y", "1 a / Code 'x\\n  y'"),
        ("100. a\n\n     b", "1 a / Paragraph b"),
        ("100. a\n\n\tb\n\n\t```\n\tx\n\t\ty\n\t```", "1 a / Paragraph b / Code 'x\\n\\ty'"),
        ("1000. a\n\n    ```\n    x\n      y\n    ```", "1 a / Code 'x\\n  y'"),
        ("1.   a\n\n    b", "1 a / Paragraph b"),
        ("-    a\n\n    b\n\nc\n\n    d", "ListItem a / Paragraph b / Paragraph c / Code 'd'"),
        ("> 100. a\n>\n>     b", "Quote / 1 a / Paragraph b"),
        ("!!! note\n    100. a\n\n        b", "Callout icon=📝 color=blue / 1 a / Paragraph b"),
        ("- a\n\n    100. b\n\n        c", "ListItem a / 1 b / Paragraph c"),
        ("100. a\n\n  b", "1 a / Paragraph b"),
    ],
)
def test_four_spaces_belong_to_an_item_with_a_wide_mark(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected.replace("1 ", "ListItem ordered=True ")
    assert (
        tree(f"word\n\n{markdown}") == f"Paragraph word / {expected.replace('1 ', 'ListItem ordered=True ')}"
    )


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("::: a.b_c\n    :x:\n\n    :y:\n\nd", "Code '::: a.b_c\\n    :x:\\n\\n    :y:' / Paragraph d"),
        ("a\n::: b\nc", "Paragraph a / Code '::: b' / Paragraph c"),
        ("- ::: b\n      x: 1", "ListItem / Code '::: b\\n    x: 1'"),
        ("::: a b", "Paragraph ::: a b"),
        (":::a", "Paragraph :::a"),
    ],
)
def test_directives_of_mkdocstrings(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected
    assert ("directive-kept" in [code for code, _ in codes(markdown)]) == ("Code" in expected)
    assert set(made("::: a.B\n").anchors) == {"a.B"}


def test_headings_have_the_names_of_python_markdown_too() -> None:
    document = made(
        "# A\n\n## Sub- and, *b* & `c`\n\n## Über\n\n## Über\n\n## 中文\n\n## Own {#own}\n\n## v_1\n\n## v_1\n"
    )
    assert document.anchors.keys() == {
        "a", "sub--and-b--c", "sub-and-b-c", "über", "uber", "über-1", "uber_1", "中文", "_1", "own", "v_1", "v_1-1", "v_2",
    }  # fmt: skip
    assert document.anchors["sub-and-b-c"] == document.anchors["sub--and-b--c"] == 3
    assert document.anchors["uber_1"] == 7


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("[a *b*] [c] d", "Paragraph [a ](https://c.example)[_b_](https://c.example) d"),
        ("[a]\n[c]", "Paragraph [a](https://c.example)"),
        ("[c][^1]\n\n[^1]: e", "Paragraph [c](https://c.example)"),
        ("[a] [x] [c]", "Paragraph [a] [x](https://c.example)"),
        ("[a]  [c]", "Paragraph [a] [c](https://c.example)"),
        ("[a](b.md) [c]", "Paragraph [a](page:docs/b.md) [c](https://c.example)"),
        ("![a] [c]", "Paragraph ![a](https://c.example)"),
        ("[x] [y]", "Paragraph [x] [y]"),
    ],
)
def test_references(markdown: str, expected: str) -> None:
    assert tree(f"{markdown}\n\n[c]: https://c.example").startswith(expected)


def test_a_line_that_would_name_a_file_but_for_its_first_sign() -> None:
    assert (
        tree('```\n;--8<-- "a.md"\n  ;--8<-- "b.md"\n;c\n```')
        == 'Code \'--8<-- "a.md"\\n  --8<-- "b.md"\\n;c\''
    )
    assert codes('```\n;--8<-- "a.md"\n```') == []


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("/// note | T *i*\na\n\n- b\n///\nc", "Callout icon=📝 color=blue **T **_**i**_ / Paragraph a / ListItem b / Paragraph c"),
        ("/// tip\na\n///", "Callout color=green a"),
        ("/// admonition | T\n    type: bug\n\na\n///", "Callout icon=🐛 color=red **T** / Paragraph a"),
        ("/// details | T\n    type: tip\n\na\n///", "Toggle 💡 T / Paragraph a"),
        ("/// details\n    open: True\na\n///", "Callout icon=📝 **Details** / Paragraph a"),
        ("//// note\n/// tip\na\n///\nb\n////", "Callout icon=📝 color=blue / Callout color=green a / Paragraph b"),
        ("/// note\n/// tip\na\n///\nb\n///", "Callout icon=📝 color=blue / Callout color=green a / Paragraph b"),
        ("/// tab | A\na\n///\n\n/// tab | B\nb\n///\nc", "Toggle A / Paragraph a / Toggle B / Paragraph b / Paragraph c"),
        ("/// tab | A\na\n///\n/// tab | B\n    new: true\nb\n///", "Paragraph **A** / Paragraph a / Paragraph **B** / Paragraph b"),
        ("![a](b.png)\n/// caption\nc *d*\n///", "Media file:docs/b.png / caption a — c _d_"),
        ("```\na\n```\n/// caption\nc\n\nd\n///", "Code 'a' / caption c / Paragraph d"),
        ("a\n/// caption\nb\n///", "Paragraph a / Paragraph b"),
        ("/// html | div.x\na\n///", "Paragraph a"),
        ("- /// note\n  a\n  ///\n- b", "ListItem /// note a /// / ListItem b"),
        ("- x\n\n    /// note\n    a\n    ///\n- b", "ListItem x / Callout icon=📝 color=blue a / ListItem b"),
        ("> /// note\n> a\n> ///", "Quote / Callout icon=📝 color=blue a"),
        ("/// note\na", "Paragraph /// note a"),
        ("/// own\na\n///", "Paragraph /// own a ///"),
        ("/// note\n```\n///\n```\n///", "Callout icon=📝 color=blue / Code '///'"),
        ("```\n/// note\n```\n///", "Code '/// note' / Paragraph ///"),
    ],
)  # fmt: skip
def test_blocks_of_pymdown(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_places_in_a_wide_item_are_those_of_the_file() -> None:
    document = made("100. a\n\n    [b](c.md)\n\n    - <u>d</u> [e](f.md)")
    assert [(use.line, use.column) for use in document.links] == [(3, 5), (5, 16)]


def test_places_are_those_of_the_file() -> None:
    text = '!!! note "a [b](c.md)"\n    d [e](f.md)\n\n=== "g [h](i.md)"\n    - j [k](l.md)\n\n<div markdown>\n  m [n](o.md)\n</div>'
    found = [(use.line, use.column) for use in made(text).links]
    assert found == [(1, 13), (2, 7), (4, 8), (5, 9), (8, 5)]


def test_nothing_of_this_belongs_to_github() -> None:
    text = '!!! note\n\n=== "a"\n\nb\n: c\n\n`d`{ .e } ++f++ :material-check:\n\n*[g]: h'
    document = convert(text, "a.md", Options(extensions=GITHUB))
    assert document.diagnostics == ()
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph"] * 5


TEXTS = (
    '!!! ¦??? ¦???+ ¦=== ¦===! ¦"t"¦note¦a¦ ¦    ¦\n¦\n\n¦- ¦1. ¦> ¦# ¦: ¦{ .a }¦{#a}¦{¦}¦{++¦++}¦{--¦{~~¦~>¦~~}¦++¦^^¦^¦~¦==¦'
    "*[a]: ¦--8<-- ¦:material-check:¦:¦<div markdown>¦</div>¦<p markdown>¦</p>¦<!-- ¦ -->¦```\n¦`#!¦`¦[a](b)¦![a](b.png)¦|¦|--|\n"
)
PIECES = st.sampled_from(TEXTS.split("¦"))


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_never_raises(text: str) -> None:
    document = made(text)
    lines = text.count("\n") + 1
    assert all(0 <= item.line <= lines for item in document.diagnostics)
    assert all(1 <= use.line <= lines and use.column >= 1 for use in document.links)


WORDS = [
    "!!! note\n    w\n",
    '=== "w"\n    w\n',
    "w\n: w\n",
    "*[w]: w\n",
    "{++w++} ",
    "++w++ ",
    "w ",
    "\n\n",
    "- w\n",
    "    w\n",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*WORDS, "<div markdown>\nw\n</div>\n", "\n", "# w { .x }\n", "w{ .x }"]), max_size=20
    )
)
def test_no_word_is_lost(parts: list[str]) -> None:
    text = "".join(parts)
    document = made(text)
    kept = (document.title + "".join(blocks(document.blocks))).lower().count("w")
    # a definition that is written twice is listed once
    repeated = 2 * max(text.count("*[w]: w") - 1, 0)
    classes = text.count("markdown>")
    assert kept >= text.count("w") - repeated - classes


@pytest.mark.parametrize(
    "piece",
    [
        "!!! a\n",
        "!!! a\n    ",
        '=== "a"\n',
        "{",
        "{ .a",
        "{ a=",
        "`a`{ .a",
        "{++",
        "{++a++}",
        "{~~",
        "++a+",
        "^a",
        "~a",
        "a\n: b\n\n",
        ": ",
        "*[a]",
        "*[a]: b\n",
        "--8<--\n",
        ":material-",
        "<div markdown>\n",
        "<div markdown>\n\n</div>\n",
        "# a {",
        "# a { .b }\n",
        "<!-- a --> ",
        "/// note\n",
        "/// note\n///\n",
        "///\n",
        "[a] [",
        "::: a\n",
        "100. a\n\n    b\n",
        "-    a\n",
        "100. ",
    ],
)
def test_work_grows_with_the_text(piece: str) -> None:
    few, many = (effort(lambda: made(piece * count)) for count in (500, 4_000))  # noqa: B023 - called at once
    assert many < max(few, 1_000) * 10


@pytest.mark.parametrize("depth", [30, 120, 400])
def test_deep_nesting_loses_nothing(depth: int) -> None:
    notes = "".join("    " * level + "!!! note\n" for level in range(depth)) + "    " * depth + "word"
    html = "<div markdown>\n" * depth + "word\n" + "</div>\n" * depth
    marks = "{++{--" * depth + "word" + "--}++}" * depth
    for text in (notes, html, marks):
        assert "word" in tree(text)
