"""Containers, attributes, components and directives: Docusaurus, VitePress, MyST."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outline import blocks

from converters.blocks import Callout, Code, Heading, Paragraph, Toggle, plain
from converters.dialects import DIALECTS
from converters.document import Options, convert
from converters.extensions import EXTENSIONS, FLAVORS
from converters.extensions.attributes import Attributes, read_attributes
from converters.extensions.containers import read_opening
from converters.extensions.slugs import kramdown_slug, vitepress_slug, zola_slug


def tree(markdown: str, flavor: str) -> str:
    document = convert(markdown, "guide/page.md", Options(FLAVORS[flavor]))
    return " / ".join(line.partition(": ")[2] or line.strip() for line in blocks(document.blocks))


def codes(markdown: str, flavor: str) -> list[str]:
    return [item.code for item in convert(markdown, "guide/page.md", Options(FLAVORS[flavor])).diagnostics]


@pytest.mark.parametrize(
    ("text", "kind", "title"),
    [
        (":::note", "note", ""),
        ("::: tip Title *here*", "tip", "Title *here*"),
        (":::warning[A [b] c]", "warning", "A [b] c"),
        (':::info{title="In attributes" .x}', "info", "In attributes"),
        ("::: danger STOP :::", "danger", "STOP"),
        (":::{note} Title", "note", "Title"),
        ("::::{grid-item-card} Card", "grid-item-card", "Card"),
        ("::: {.callout-note #id}", "callout-note", ""),
        (":::note Braces {are text", "note", "Braces {are text"),
    ],
)
def test_an_opening_fence(text: str, kind: str, title: str) -> None:
    opening = read_opening(text)
    assert opening is not None
    assert (opening.kind, opening.title) == (kind, title)


@pytest.mark.parametrize("text", [":::", "::: ", "::note", ":::: ", "::: {}", ":::123"])
def test_no_opening_fence(text: str) -> None:
    assert read_opening(text) is None


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (":::note\na\n:::\nb", "Callout icon=📝 color=blue a / Paragraph b"),
        ("a\n:::note\nb\n:::", "Paragraph a / Callout icon=📝 color=blue b"),
        # the same number of colons nests, and so does a greater one
        (
            ":::tip\na\n:::info\nb\n:::\nc\n:::\nd",
            "Callout color=green a / Callout icon=ℹ️ color=blue b / Paragraph c / Paragraph d",
        ),
        (
            "::::tip\n:::info\nb\n:::\n::::\nd",
            "Callout color=green / Callout icon=ℹ️ color=blue b / Paragraph d",
        ),
        ("::::tip\n:::info\nb\n::::\nd", "Callout color=green / Callout icon=ℹ️ color=blue b / Paragraph d"),
        # what is not closed goes to the end of what it stands in
        ("- :::tip\n  a\n\nb", "ListItem / Callout color=green a / Paragraph b"),
        ("> :::tip\n> a\n\nb", "Quote / Callout color=green a / Paragraph b"),
        ("- :::tip\n  a\n\nb\n:::\nc", "ListItem / Callout color=green a / Paragraph b / Paragraph c"),
        (":::tip\n```\n:::\n```\nb\n:::\nc", "Callout color=green / Code ':::' / Paragraph b / Paragraph c"),
        (":::\na", "Paragraph a"),
        ("    :::note", "Code ':::note'"),
        (":::details\na\n:::", "Toggle Details / Paragraph a"),
        (":::code-group\n```js [a.js]\n1\n```\n:::", "Code language=js '1' / caption a.js"),
    ],
)
def test_containers(markdown: str, expected: str) -> None:
    assert tree(markdown, "vitepress") == expected


def test_a_fence_is_said_where_it_stands() -> None:
    text = "> a\n>\n> :::\n\n- b\n\n  ::: note\n  c"
    found = convert(text, "p.md", Options(FLAVORS["docusaurus"])).diagnostics
    places = [(item.code, item.line, item.column) for item in found]
    assert places == [("container-fence", 3, 3), ("container-fence", 7, 3)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("{: .note }\na", "Callout icon=📝 color=blue a"),
        ("a\n{: .notice--info}", "Callout icon=ℹ️ color=blue a"),
        ("> a\n{: .prompt-warning }", "Callout icon=⚠️ color=yellow a"),
        ("{: .tip-title }\n> *A*\n>\n> b", "Callout color=green _**A**_ / Paragraph b"),
        ("a\n{: .note }\nb\n{: .tip }", "Callout icon=📝 color=blue a / Callout color=green b"),
        ("a\n\n{: .note }\n\nb", "Paragraph a / Paragraph b"),
        ("a\n{: .lead .mark }", "Paragraph a"),
        ("- a\n{: .note }", "ListItem a"),
        ("{: .note }", ""),
    ],
)
def test_classes_that_jekyll_makes_callouts_of(markdown: str, expected: str) -> None:
    assert tree(markdown, "jekyll") == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("```mdx-code-block\n<b>a</b>\n```\nb", "Paragraph **a** / Paragraph b"),
        ("- a\n\n  ~~~mdx-code-block\n  *b*\n  ~~~", "ListItem a / Paragraph _b_"),
        ("````\n```mdx-code-block\n```\n````", "Code '```mdx-code-block\\n```'"),
        ("```mdx-code-block x\n```", "Code language=mdx-code-block ''"),
        (
            "<Tabs values={[{value: 'a', label: 'A'}]}>\n<TabItem value=\"a\">\n\nx\n\n</TabItem>\n"
            '<TabItem value="b">\n\ny\n\n</TabItem>\n</Tabs>',
            "Toggle A / Paragraph x / Toggle b / Paragraph y",
        ),
    ],
)
def test_docusaurus(markdown: str, expected: str) -> None:
    assert tree(markdown, "docusaurus") == expected


def test_lines_of_a_container_are_those_of_the_file() -> None:
    document = convert("---\na: 1\n---\n\n:::tip T\n\nb\n:::\n", "p.md", Options(FLAVORS["docusaurus"]))
    (callout,) = document.blocks
    assert isinstance(callout, Callout)
    assert (callout.line, callout.children[0].line) == (5, 7)


def test_an_unknown_kind_is_said_and_shown() -> None:
    assert codes(":::flask\na\n:::", "docusaurus") == ["container-unknown"]
    assert tree(":::flask\na\n:::", "docusaurus") == "Callout icon=📝 **Flask** / Paragraph a"


@pytest.mark.parametrize(
    ("markdown", "text", "anchor"),
    [
        ("## A {#b}", "A", "b"),
        ("## A `c` {#b .x y=1}", "A c", "b"),
        ("## A \\{#b}", "A", "b"),
        ("## A {/* #b */}", "A", "b"),
        ("A {#b}\n---", "A", "b"),
        ("## A #{b}", "A #{b}", ""),
        ("## A {b}", "A {b}", ""),
        ("## A {#b} c", "A {#b} c", ""),
        ("## {#b}", "{#b}", ""),
    ],
)
def test_names_of_headings(markdown: str, text: str, anchor: str) -> None:
    (heading,) = convert(markdown, "p.md", Options(FLAVORS["docusaurus"])).blocks
    assert isinstance(heading, Heading)
    assert (plain(heading.text), heading.anchor) == (text, anchor)


@pytest.mark.parametrize(
    ("rule", "text", "name"),
    [
        (vitepress_slug, "Ünïcode & 2 signs!", "unicode-2-signs"),
        (vitepress_slug, "3 things: `a.b()`", "_3-things-a-b"),
        (vitepress_slug, "日本語 の", "日本語-の"),
        (zola_slug, "What is Zola? A_b", "what-is-zola-a-b"),
        (kramdown_slug, "2. Step one: go!", "step-one-go"),
        (kramdown_slug, "123", "section"),
    ],
)
def test_names_that_sites_give(rule: object, text: str, name: str) -> None:
    assert callable(rule)
    assert rule(text) == name


def test_repeated_names_are_numbered() -> None:
    document = convert("## A & B\n\n## A & B\n", "p.md", Options(FLAVORS["vitepress"]))
    assert list(document.anchors) == ["a-b", "a-b-1"]


def test_terms_have_names_in_hugo() -> None:
    document = convert("## a\n\n`A`\n: b\n\nC d\n: e\n", "p.md", Options(FLAVORS["hugo"]))
    assert set(document.anchors) == {"a", "a-1", "c-d"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{.a .b}", Attributes(("a", "b"))),
        ('{: #x .a key="b c" }', Attributes(("a",), {"id": "x", "key": "b c"})),
        ("{lines=[1,2] on}", Attributes((), {"lines": "[1,2]", "on": ""})),
        ("{}", Attributes()),
        ("{a b: c}", None),
        ("{.a} b", None),
        ("{" + ".a " * 2000 + "}", None),
    ],
)
def test_attributes(text: str, expected: Attributes | None) -> None:
    assert read_attributes(text) == expected


@pytest.mark.parametrize(
    ("info", "language", "title"),
    [
        ("js {1,3-5}", "js", ""),
        ("js{2}", "js", ""),
        ("ts:line-numbers {1} [a.ts]", "ts", "a.ts"),
        ('jsx title="a b.js" {2} showLineNumbers', "jsx", "a b.js"),
        ("rust,linenos,hl_lines=1-2,name=main.rs", "rust", "main.rs"),
        ('go {hl_lines=[1,"2-3"] linenos=table}', "go", ""),
        ('toml {file="hugo.toml" copy=true}', "toml", "hugo.toml"),
    ],
)
def test_marks_of_code(info: str, language: str, title: str) -> None:
    (code,) = convert(f"```{info}\na\n```\n", "p.md", Options(FLAVORS["hugo"])).blocks
    assert isinstance(code, Code)
    assert (code.language, plain(code.caption)) == (language, title)


def test_marks_of_code_are_said_once() -> None:
    assert codes("```js {1}\na\n```\n\n```js {2}\nb\n```\n", "docusaurus") == ["code-marks"]


@pytest.mark.parametrize(
    ("markdown", "expected", "said"),
    [
        ("import A from 'a';\n\nb", "Paragraph b", ["component-dropped"]),
        ("import A from 'a'\nimport {\n  B,\n  C as D,\n} from \"b\";\nimport './c.css' // d\n\nb", "Paragraph b",
         ["component-dropped"]),
        ("import A from 'a'\nexport const b = 1\n\nc",
         'Code language=js "import A from \'a\'\\nexport const b = 1" / Paragraph c', ["component-kept"]),
        ("import taxes apply.", "Paragraph import taxes apply.", []),
        ("export const a = {\n\n  b: 1,\n};\n\nc", "Code language=js 'export const a = {\\n\\n  b: 1,\\n};' / Paragraph c",
         ["component-kept"]),
        ("a {/* b */}c", "Paragraph a c", ["comment-dropped"]),
        ("{/*\nb\n*/}\nc", "Paragraph c", ["comment-dropped"]),
        ("<A>\n*b*\n</A>", "Paragraph _b_", ["component-kept"]),
        (
            "<Tabs>\n    <TabItem value='a'>\n\n        one\n\n    </TabItem>\n    <TabItem label='b'>\n\n        two\n\n    </TabItem>\n</Tabs>",
            "Toggle a / Paragraph one / Toggle b / Paragraph two",
            ["structure-degraded"],
        ),
        ("<Tabs>\n<TabItem label='b'>\nc\n</TabItem>\n</Tabs>", "Paragraph **b** / Paragraph c", []),
        ("<Details title={'b'}>\nc\n</Details>", "Toggle b / Paragraph c", []),
        ("<Admonition type='tip' title=\"b\">\nc\n</Admonition>", "Callout color=green **b** / Paragraph c", []),
        ("<TOCInline toc={toc} />", "TableOfContents", []),
        ("<Card\n  title='b'\n  href='/c.md'\n/>", "Paragraph [b](page:c.md)", ["component-kept"]),
        ("a <B c={{d: 1}}>e</B> f", "Paragraph a e f", ["component-kept"]),
        ("a <Link to='/b.md'>c</Link> d", "Paragraph a [c](page:b.md) d", []),
        ("</A>\nb", "Paragraph b", []),
        ("a < B and <b>c</b>", "Paragraph a < B and **c**", []),
        ("a{' '}*b*{\"c\"} {`d`}", "Paragraph a _b_c d", []),
        ("a {b.c} `{d}` \\{e} {{f: [1]}}", "Paragraph a {b.c} `{d}` {e} {{f: [1]}}", ["template-kept", "template-kept"]),
        ("## {props.a} b {#c}", "Heading level=2 anchor=c {props.a} b", ["template-kept"]),
        ("a { b", "Paragraph a { b", []),
        ("<img src={require('./b.png').default} alt=\"c\" />", "Media file:guide/b.png / caption c", []),
        ("<img src={useBaseUrl('/d/b.png')} alt='c' width={9} />", "Media file:d/b.png / caption c", []),
        ("<Image img={require('./b.png')} src={require(\"./c.png\").default} />", "Media file:guide/c.png", []),
        ("<ThemedImage alt='a' sources={{light: useBaseUrl('/b.png'), dark: useBaseUrl('/c.png')}} />",
         "Media file:b.png / caption a", []),
        ("<p style={{color: 'red'}}>a <b className={x}>b</b></p>", "Paragraph a **b**", []),
        ("a <span style={{color: 'red'}}>b</span>", "Paragraph a b", []),
        ("`<img src={require('./b.png').default} />`", "Paragraph `<img src={require('./b.png').default} />`", []),
        ("<CodeBlock language='js' title='a.js'>\n  {`a\n\n  b`}\n</CodeBlock>\nc",
         "Code language=js 'a\\n\\n  b' / caption a.js / Paragraph c", []),
        ("<CodeBlock>a</CodeBlock>", "Code 'a'", []),
        ("- <CodeBlock language='sh'>\n  a\n  </CodeBlock>\n- b", "ListItem / Code language=sh 'a' / ListItem b", []),
        ("<CodeBlock language='js'>\n\na", "Paragraph a", ["component-kept"]),
        ("[a](pathname:///b.pdf) ![c](@site/static/d.png)", "Paragraph [a](file:b.pdf) / Media file:static/d.png / caption c", ["image-inline"]),
        ("```js\n// highlight-next-line\na\n  # highlight-start\nb // highlight-end\n{/* highlight-end */}\n```",
         "Code language=js 'a\\nb // highlight-end'", ["code-marks"]),
    ],
)  # fmt: skip
def test_mdx(markdown: str, expected: str, said: list[str]) -> None:
    assert tree(markdown, "docusaurus") == expected
    assert codes(markdown, "docusaurus") == said


@pytest.mark.parametrize(
    ("markdown", "expected", "said"),
    [
        ("```{note}\na\n```", "Callout icon=📝 color=blue a", []),
        (
            "```{warning} T\n:class: x\n\na\n```",
            "Callout icon=⚠️ color=yellow **T** / Paragraph a",
            ["attributes-dropped"],
        ),
        ("````{tip}\n```{note}\na\n```\n````", "Callout color=green / Callout icon=📝 color=blue a", []),
        ("```{dropdown} T\na\n```", "Toggle T / Paragraph a", []),
        ("```{image} a.png\n:alt: b\n```", "Media file:guide/a.png / caption b", []),
        ("```{contents} Here\n```", "Paragraph Here / TableOfContents", []),
        (
            "````{tab-set}\n```{tab-item} A\none\n```\n```{tab-item} B\ntwo\n```\n````",
            "Toggle A / Paragraph one / Toggle B / Paragraph two",
            ["structure-degraded"],
        ),
        (
            "```{toctree} T\n:maxdepth: 2\n\nintro\nThe end <parts/the-end>\nmore/*\n```",
            "Paragraph **T** / ListItem [Intro](page:guide/intro) / ListItem [The end](page:guide/parts/the-end) / ListItem more/*",
            ["attributes-dropped"],
        ),
        ("```{.python .input}\na\n```", "Code language=python 'a'", []),
        ("(x)=\n# A\n\nb", "Paragraph b", []),
        ("a {kbd}`b` {unknown}`c`", "Paragraph a `b` `c`", ["role-kept"]),
        (":xyz: b", "Paragraph :xyz: b", []),
    ],
)
def test_myst(markdown: str, expected: str, said: list[str]) -> None:
    assert tree(markdown, "myst") == expected
    assert codes(markdown, "myst") == said


def test_what_a_book_cannot_include_is_said() -> None:
    text = (
        "a\n\n```rust\n{{#include a.rs:b}}\n```\n\n{{#include c.md}}\n\n`{{#include d}}` \\{{#include e}}\n"
    )
    document = convert(text, "p.md", Options(FLAVORS["mdbook"]))
    assert [(item.code, item.line) for item in document.diagnostics] == [
        ("include-kept", 4),
        ("include-kept", 7),
    ]


def test_directives_need_no_other_extension() -> None:
    names = frozenset({"roles"})
    (note, *tabs) = convert(
        "```{note} T\na\n```\n\n````{tab-set}\n```{tab-item} A\nb\n```\n```{tab-item} B\nc\n```\n````\n",
        "p.md",
        Options(names),
    ).blocks
    assert isinstance(note, Callout)
    assert [plain(tab.text) for tab in tabs if isinstance(tab, Toggle)] == ["A", "B"]


def test_a_file_called_mdx_is_read_as_one_in_every_flavour() -> None:
    text = "import A from './a'\n\n<A>\n    *b*\n</A>\n"
    for names in (FLAVORS["github"], FLAVORS["obsidian"]):
        assert [type(block) for block in convert(text, "p.mdx", Options(names)).blocks] == [Paragraph]
        assert isinstance(convert(text, "p.md", Options(names)).blocks[0], Paragraph)
    off = Options(FLAVORS["github"], mdx=frozenset())
    assert convert(text, "p.mdx", off).blocks == convert(text, "p.md", off).blocks


def test_a_summary_may_hold_markdown() -> None:
    (toggle,) = convert("::: details A **b**\nc\n:::", "p.md", Options(FLAVORS["vitepress"])).blocks
    assert isinstance(toggle, Toggle)
    assert plain(toggle.text) == "A b"


def test_every_flavour_names_extensions_that_there_are() -> None:
    assert all(names <= set(EXTENSIONS) for names in FLAVORS.values())


@pytest.mark.parametrize("flavor", ["docusaurus", "vitepress", "myst"])
@pytest.mark.parametrize(
    "piece", ["{", "{a", "{ {a}", "<CodeBlock>\n", "<a b={c", ":::\n", ":::note\n", "::::a\n:::\n", "<A>\n", "<A {", "{/*", "```{note}\n", "{: .x}\n", ":begin_tab:\n", "{ref}`"]
)  # fmt: skip
def test_many_open_ones_take_no_time(flavor: str, piece: str) -> None:
    document = convert(piece * 10_000, "p.md", Options(FLAVORS[flavor]))
    assert isinstance(document.blocks, tuple)


_PIECES = st.sampled_from(
    [":::", "::::", ":::note T\n", "\n", "\n\n", "- ", "> ", "word ", "<Tabs>", "</Tabs>", "<TabItem label='q'>", "</TabItem>", "<A/>",
     "{/* c */}", "import a from 'b'\n", "export const a = {\n", "}", "{: .x}\n", "{#id}", "# h", "```", "```{note}\n", "{ref}`t`",
     ":begin_tab:`x`\n", ":end_tab:\n", "<!--@include: ./a.md-->\n", "<<< @/a.js\n", "(a)=\n", "  ", "{", "`", "<div>\n"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(_PIECES, max_size=25).map("".join), st.sampled_from(["docusaurus", "vitepress", "myst", "all"])
)
def test_nothing_raises(markdown: str, flavor: str) -> None:
    names = frozenset(EXTENSIONS) if flavor == "all" else FLAVORS[flavor]
    document = convert(markdown, "p.md", Options(names))
    assert sum("word" in line for line in blocks(document.blocks)) <= markdown.count("word")
    for dialect in DIALECTS.values():
        dialect.encode(document.blocks, "p.md")
