"""Shortcodes of Hugo and Zola, Liquid, Vue's braces, and the links that they make."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outline import blocks

from converters.blocks import Code, Paragraph, plain
from converters.dialects import DIALECTS
from converters.document import Options, convert
from converters.extensions import FLAVORS
from converters.extensions.glossary import singular
from converters.extensions.grammars import arguments


def tree(markdown: str, flavor: str = "hugo") -> str:
    document = convert(markdown, "guide/page.md", Options(FLAVORS[flavor]))
    return " / ".join(line.partition(": ")[2] or line.strip() for line in blocks(document.blocks))


def codes(markdown: str, flavor: str = "hugo") -> list[str]:
    return [item.code for item in convert(markdown, "guide/page.md", Options(FLAVORS[flavor])).diagnostics]


def test_arguments() -> None:
    values, named = arguments(r"""one "two \"three\"" four="a b" five=`c` six=1, 'seven'""")
    assert values == ("one", 'two "three"', "seven")
    assert named == {"four": "a b", "five": "c", "six": "1"}


@pytest.mark.parametrize(
    ("markdown", "expected", "said"),
    [
        ('{{< figure src="/a.png" caption="b" >}}', "Media file:a.png / caption b", []),
        ('a {{< figure src="/a.png" >}} b', "Paragraph a / Media file:a.png / Paragraph b", ["image-inline"]),
        ("{{< youtube abc >}}", "Embed url=https://www.youtube.com/watch?v=abc", []),
        ("a {{< youtube abc >}}", "Paragraph a [https://www.youtube.com/watch?v=abc](https://www.youtube.com/watch?v=abc)", []),
        ('{{< x user="a" id="1" >}}', "Bookmark url=https://x.com/a/status/1", []),
        ("{{< tweet 1 >}}", "Bookmark url=https://x.com/i/status/1", []),
        ("{{% toc %}}", "TableOfContents", []),
        ("{{< note >}}a{{< /note >}}", "Callout icon=📝 color=blue a", []),
        ("{{% warning %}}\n\n- a\n\n{{% /warning %}}\nb", "Callout icon=⚠️ color=yellow / ListItem a / Paragraph b", []),
        ('{{% admonition tip "A b" %}}c{{% /admonition %}}', "Callout color=green **A b** / Paragraph c", []),
        ("{{< expand T >}}\na\n{{< /expand >}}", "Toggle T / Paragraph a", []),
        ("{{< highlight go >}}*a*{{< /highlight >}}", "Code language=go '*a*'", []),
        ("- b\n\n  {{< highlight go >}}\n  a\n    c\n  {{< /highlight >}}\n- d", "ListItem b / Code language=go 'a\\n  c' / ListItem d", []),
        ("{{< katex >}}a^2{{< /katex >}}", "Equation expression=a^2", []),
        ("{{< code-toggle file=hugo >}}\na = 1\n{{< /code-toggle >}}", "Code language=toml 'a = 1' / caption hugo.toml", []),
        ("{{< foo >}}", "Paragraph `{{< foo >}}`", ["shortcode-kept"]),
        ("a {{< foo b=\"c d\" >}} e", 'Paragraph a `{{< foo b="c d" >}}` e', ["shortcode-kept"]),
        ("{{< foo 1 >}}\n*a*\n{{< /foo >}}", "Paragraph `{{< foo 1 >}}` / Paragraph _a_", ["shortcode-kept"]),
        ("{{</* foo */>}} {{%/* bar */%}}", "Paragraph {{< foo >}} {{% bar %}}", []),
        ("`{{</* foo */>}}`", "Paragraph `{{< foo >}}`", []),
        ("{{< foo", "Paragraph {{< foo", ["shortcode-kept"]),
        ("{{ .Params.x }} {{ foo }}", "Paragraph {{ .Params.x }} {{ foo }}", []),
        ("    {{< foo >}}", "Code '{{< foo >}}'", []),
        ("a {{< new-in v1.2 >}}", "Paragraph a _New in version 1.2_", []),
        ("> {{< note >}}\n> a\n> {{< /note >}}\n\nb", "Quote / Callout icon=📝 color=blue a / Paragraph b", []),
        # a pair that is not in one container is none
        ("- {{< bar >}}\n  a\n\n{{< /bar >}}\nb", "ListItem `{{< bar >}}` a / Paragraph `{{< /bar >}}` / Paragraph b",
         ["shortcode-kept", "shortcode-kept"]),
    ],
)  # fmt: skip
def test_hugo(markdown: str, expected: str, said: list[str]) -> None:
    assert tree(markdown) == expected
    assert codes(markdown) == said


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ('[a]({{< relref "b.md#c" >}})', "[a](page:guide/b.md#c)"),
        ('[a]({{< ref path="/b c.md" >}})', "[a](page:b c.md)"),
        ('[a]({{< ref "b" >}} "title")', "[a](page:guide/b)"),
        ("[a](/x/{{% eturl b %}}/y)", "a"),
        ("[a](<{{% eturl b %}}>)", "a"),
        ('[a]\n\n[a]: {{< ref "b.md" >}}', "[a](page:guide/b.md)"),
        ("[Content formats](g)", "[Content formats](page:quick-reference/glossary/content-format.md)"),
        ('[it](g "output format")', "[it](page:quick-reference/glossary/output-format.md)"),
        ("[g](go.md)", "[g](page:guide/go.md)"),
    ],
)
def test_links_in_hugo(markdown: str, expected: str) -> None:
    assert tree(markdown) == f"Paragraph {expected}"


@pytest.mark.parametrize(
    ("term", "expected"), [("taxonomies", "taxonomy"), ("boxes", "box"), ("class", "class"), ("pages", "page"), ("status", "status")]
)  # fmt: skip
def test_terms_in_the_singular(term: str, expected: str) -> None:
    assert singular(term) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ('{{ youtube(id="a", autoplay=true) }}', "Embed url=https://www.youtube.com/watch?v=a"),
        ('{% quote(author="V") %}\na\n{% end %}', "Quote a / Paragraph — V"),
        ("{% note() %}a{% end %}", "Callout icon=📝 color=blue a"),
        ("{% note() %}\n{% tip() %}\na\n{% end %}\nb\n{% end %}",
         "Callout icon=📝 color=blue / Callout color=green a / Paragraph b"),
        ("{{ foo(a=[1, 2]) }}", "Paragraph `{{ foo(a=[1, 2]) }}`"),
        ("{{ config.title }} {% if a %}", "Paragraph {{ config.title }} {% if a %}"),
        ("{{/* foo() */}}", "Paragraph {{ foo() }}"),
        ("[a](@/b/c.md#d)", "Paragraph [a](page:b/c.md#d)"),
    ],
)  # fmt: skip
def test_zola(markdown: str, expected: str) -> None:
    assert tree(markdown, "zola") == expected


@pytest.mark.parametrize(
    ("markdown", "expected", "said"),
    [
        ("{% highlight ruby linenos %}\n{{ a }}\n{% endhighlight %}", "Code language=ruby '{{ a }}'", []),
        ("{% raw %}\n`{{ a }}`\n{% endraw %}", "Paragraph `{{ a }}`", []),
        ("a {% comment %} b", "Paragraph a `{% comment %}` b", ["template-kept"]),
        ("{% comment %}\na\n{% endcomment %}\nb", "Paragraph b", ["comment-dropped"]),
        ("[a]({% link b.md %})", "Paragraph [a](page:b.md)", []),
        ("[a]({{ site.baseurl }}{% link b.md %}#c)", "Paragraph [a](page:b.md#c)", []),
        ("[a]({{ '/b/' | relative_url }})", "Paragraph [a](page:b/)", []),
        ("{% post_url 2024-01-02-a %}", "Paragraph [2024 01 02 a](page:_posts/2024-01-02-a.md)", []),
        ("{% include_relative a-b.md %}", "Paragraph [A b](page:guide/a-b.md)", ["include-kept"]),
        ('{% include youtube.html id="a" %}', "Embed url=https://www.youtube.com/watch?v=a", []),
        (
            "{% if a %}\nb\n{% endif %}",
            "Paragraph `{% if a %}` / Paragraph b / Paragraph `{% endif %}`",
            ["template-kept"] * 2,
        ),
        ("{{ page.a }} {{ 'b' }}", "Paragraph `{{ page.a }}` b", ["template-kept"]),
        ("[a](b.md){:target='_blank'} c", "Paragraph [a](page:guide/b.md) c", ["attributes-dropped"]),
        ("* x\n{:toc}", "TableOfContents", []),
        ("100 % {x} and 5%", "Paragraph 100 % {x} and 5%", []),
    ],
)
def test_liquid(markdown: str, expected: str, said: list[str]) -> None:
    assert tree(markdown, "jekyll") == expected
    assert codes(markdown, "jekyll") == said


def test_vue_reads_only_code_that_says_so() -> None:
    document = convert(
        "```sh-vue\n{{'a'}} {{ b }}\n```\n\n```js\n{{'a'}}\n```\n", "p.md", Options(FLAVORS["vitepress"])
    )
    first, second = document.blocks
    assert isinstance(first, Code)
    assert (first.language, first.text) == ("sh", "a {{ b }}")
    assert isinstance(second, Code)
    assert second.text == "{{'a'}}"


def test_lines_and_columns_are_those_of_the_file() -> None:
    document = convert(
        "+++\na = 1\n+++\n\n{{< note >}}\n\n[b](c.md)\n\n{{< foo >}}\n{{< /note >}}\n",
        "p.md",
        Options(FLAVORS["hugo"]),
    )
    assert [(use.line, use.column) for use in document.links] == [(7, 1)]
    assert [item.line for item in document.diagnostics] == [9]


def test_a_mark_across_a_line() -> None:
    (text,) = convert("a {{< kbd >}}b{{< /kbd >}} c", "p.md", Options(FLAVORS["hugo"])).blocks
    assert isinstance(text, Paragraph)
    assert plain(text.text) == "a b c"


@pytest.mark.parametrize("flavor", ["hugo", "zola", "jekyll", "vitepress"])
@pytest.mark.parametrize(
    "piece", ["{{<", "{{< x >}}\n", '{{< "', "{{%", "{%", "{{ a(", "[a]({{", "{% if x %}\n", "{{'"]
)
def test_many_open_ones_take_no_time(flavor: str, piece: str) -> None:
    document = convert(piece * 10_000, "p.md", Options(FLAVORS[flavor]))
    assert document.blocks


@pytest.mark.parametrize(
    ("flavor", "begin", "end"),
    [("hugo", "{{< note >}}\n", "{{< /note >}}\n"), ("zola", "{% note() %}\n", "{% end %}\n"), ("jekyll", "{% if a %}\n", "{% endif %}\n")],
)  # fmt: skip
def test_deep_nesting_keeps_the_words(flavor: str, begin: str, end: str) -> None:
    document = convert(begin * 500 + "word\n" + end * 500, "p.md", Options(FLAVORS[flavor]))
    assert "word" in str(document.blocks)
    assert "nesting-limit" in [item.code for item in document.diagnostics]


_PIECES = st.sampled_from(
    ["{{< note >}}", "{{< /note >}}", "{{% x %}}", '{{< figure src="a.png" >}}', "{{< highlight a >}}", "{{< /highlight >}}",
     "{% note() %}", "{% end %}", "{{ a(b=1) }}", "{% raw %}", "{% endraw %}", "{% highlight r %}", "{% endhighlight %}", "{{ x }}",
     "\n", "\n\n", "- ", "> ", "  ", "word ", "`", "```\n", "[a](", ")", "[b](g)", "@/a.md", "{{", "}}", "{%", "%}", '"', "\\",
     "term\n: def\n", "|a|b|\n|-|-|\n", "{: .x}\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join), st.sampled_from(["hugo", "zola", "jekyll", "vitepress"]))
def test_nothing_raises_and_no_word_is_lost(markdown: str, flavor: str) -> None:
    document = convert(markdown, "p.md", Options(FLAVORS[flavor]))
    text = "\n".join([document.title, *blocks(document.blocks)])
    comments = any(item.code in ("comment-dropped", "link-unsafe") for item in document.diagnostics)
    if not comments and "](" not in markdown:
        assert text.count("word") >= markdown.count("word")
    for dialect in DIALECTS.values():
        dialect.encode(document.blocks, "p.md")
