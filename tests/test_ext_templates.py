"""Tags of template languages where they meet Markdown and HTML: within lines, in tables, addresses and HTML."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outline import blocks

from converters.blocks import Paragraph
from converters.dialects import DIALECTS
from converters.document import Options, convert
from converters.extensions import FLAVORS


def tree(markdown: str, flavor: str) -> str:
    document = convert(markdown, "guide/page.md", Options(FLAVORS[flavor]))
    return " / ".join(line.partition(": ")[2] or line.strip() for line in blocks(document.blocks))


def said(markdown: str, flavor: str) -> list[str]:
    document = convert(markdown, "guide/page.md", Options(FLAVORS[flavor]))
    return [f"{item.line}:{item.column} {item.code}" for item in document.diagnostics]


@pytest.mark.parametrize(
    ("flavor", "markdown", "expected"),
    [
        # a mark that nothing closes does not run on
        ("hugo", '{{< kbd "X" >}} a', "Paragraph `X` a"),
        ("hugo", "{{< kbd >}} a", "Paragraph `{{< kbd >}}` a"),
        ("zola", "{% kbd() %}a{% end %} b", "Paragraph `a` b"),
        ("zola", '{{ kbd(text="a") }} b', "Paragraph `a` b"),
        # what is between these is no Markdown
        ("hugo", "a {{< katex >}}b_1 * c_2 * d{{< /katex >}}", "Paragraph a $b_1 * c_2 * d$"),
        ("zola", "a {% katex() %}*b*{% end %}", "Paragraph a $*b*$"),
        ("zola", 'a {{ katex(body="b_1") }}', "Paragraph a $b_1$"),
        ("hugo", "a {{< highlight go >}}*b*{{< /highlight >}}", "Paragraph a `*b*`"),
        ("jekyll", "a {% highlight go %}*b*{% endhighlight %}", "Paragraph a `*b*`"),
        ("hugo", "a {{< comment >}}b{{< /comment >}} c", "Paragraph a c"),
        ("jekyll", "a {% comment %}b{% endcomment %} c", "Paragraph a c"),
        ("hugo", "{{% comment %}}\nb\n{{% /comment %}}\nc", "Paragraph c"),
        ("hugo", "{{< math >}}\n$$a$$\n{{< /math >}}", "Equation expression=a"),
        ("hugo", "{{< math >}}\na $b$\n{{< /math >}}", "Paragraph a $b$"),
        # links
        ("hugo", '{{< button href="b.md" >}}*a*{{< /button >}} c', "Paragraph [_a_](page:guide/b.md) c"),
        ("hugo", '{{< button href="b.md" >}}\na\n{{< /button >}}', "Paragraph [a](page:guide/b.md)"),
        ("hugo", "{{< button >}}a{{< /button >}} c", "Paragraph `{{< button >}}`a c"),
        ("hugo", '{{< card link="b.md" title="a" subtitle="c" >}}', "Paragraph [a — c](page:guide/b.md)"),
        ("hugo", '{{< card link="b.md" title="a" >}}\nc\n{{< /card >}}',
         "Paragraph [**a**](page:guide/b.md) / Paragraph c"),
        ("hugo", '{{< card >}}', "Paragraph `{{< card >}}`"),
        ("hugo", '{{< quote author="A" source="B" link="b.md" >}}q{{< /quote >}}',
         "Quote q / Paragraph — [A, B](page:guide/b.md)"),
        # captions and titles are Markdown
        ("hugo", '{{< figure src="a.png" caption="*b* [c](d.md)" >}}',
         "Media file:guide/a.png / caption _b_ [c](page:guide/d.md)"),
        ("hugo", '{{< details "*a*" >}}b{{< /details >}}', "Toggle _a_ / Paragraph b"),
        # kinds of notes
        ("hugo", "{{< hint danger >}}a{{< /hint >}}", "Callout icon=⚡ color=red a"),
        ("hugo", "{{< hint >}}a{{< /hint >}}", "Callout color=green a"),
        ("hugo", '{{< alert "Look out" >}}a{{< /alert >}}', "Callout icon=📝 color=blue **Look out** / Paragraph a"),
        ("hugo", '{{% notice style="warning" %}}a{{% /notice %}}', "Callout icon=⚠️ color=yellow a"),
        ("hugo", '{{% alert color="primary" %}}a{{% /alert %}}', "Callout icon=📝 color=blue a"),
        # what names nothing stays as it is
        ("hugo", "{{< figure >}}", "Paragraph `{{< figure >}}`"),
        ("hugo", "{{< youtube >}} {{< x >}} {{< include >}}", "Paragraph `{{< youtube >}}` `{{< x >}}` `{{< include >}}`"),
        ("zola", "{{ resize_image(width=1) }}", "Paragraph `{{ resize_image(width=1) }}`"),
        # files
        ("hugo", '{{< readfile "https://a.org/b.txt" >}}', "Paragraph [B](https://a.org/b.txt)"),
        ("hugo", '{{< code-include "a/b.py" >}}', "Paragraph [B](file:a/b.py)"),
        # nothing is a tag between these
        ("jekyll", "a {% raw %}{{ b }} *c* {% d{% endraw %} {{ 'e' }}", "Paragraph a {{ b }} _c_ {% d e"),
        ("jekyll", "{% raw %}\n- {{ a }}\n\n{% b %}\n{% endraw %}\n{{ 'c' }}",
         "ListItem {{ a }} / Paragraph {% b %} / Paragraph c"),
        ("jekyll", "{% raw %} {{ 'a' }}", "Paragraph a"),
        ("jekyll", '{% include tip.html content="*a*" %}', "Callout color=green _a_"),
        ("jekyll", '{% include callout.html content="a" %}', "Paragraph `{% include callout.html content=\"a\" %}`"),
    ],
)  # fmt: skip
def test_tags(flavor: str, markdown: str, expected: str) -> None:
    assert tree(markdown, flavor) == expected


@pytest.mark.parametrize(
    ("flavor", "row", "cells"),
    [
        ("jekyll", '[a]({{ "/b.md" | relative_url }}) | c', "| [a](page:b.md) | c"),
        ("jekyll", "{{ a | b | c }} | d", "| `{{ a | b | c }}` | d"),
        ("jekyll", "{% highlight x %}a | b{% endhighlight %} | c", "| `a | b` | c"),
        ("hugo", '{{< weather "a|b" >}} | c', '| `{{< weather "a|b" >}}` | c'),
        ("zola", '{{ x(a="b|c") }} | d', '| `{{ x(a="b|c") }}` | d'),
        ("vitepress", "{{ a || b }} | c", "| `{{ a || b }}` | c"),
    ],
)
def test_a_bar_in_a_tag_ends_no_cell(flavor: str, row: str, cells: str) -> None:
    assert tree(f"| a | b |\n|---|---|\n| {row} |", flavor) == f"Table header=True / | a | b / {cells}"


@pytest.mark.parametrize(
    ("flavor", "markdown", "expected", "codes"),
    [
        ("hugo", "a <a href=\"{{< ref \"b.md\" >}}\">c</a>", "Paragraph a [c](page:guide/b.md)", []),
        ("hugo", "<p><a href='{{< ref \"b.md\" >}}'>c</a></p>", "Paragraph [c](page:guide/b.md)", []),
        ("hugo", '<a href="{{< x >}}">c</a>', "Paragraph c", ["1:1 shortcode-kept"]),
        ("hugo", '<p>\n<a href="{{< x >}}">c</a></p>', "Paragraph c", ["2:1 shortcode-kept"]),
        ("hugo", '<p>a\n{{< figure src="b.png" >}}</p>', "Paragraph a / Media file:guide/b.png",
         ["2:1 image-inline"]),
        ("hugo", "<p>{{<tip>}} a</p>", "Paragraph `{{<tip>}}` a", ["1:4 shortcode-kept"]),
        ("hugo", "![a]({{< x >}})", "Paragraph a", ["1:1 shortcode-kept"]),
        ("hugo", '[a]\n\n[a]: <{{< ref "b.md" >}}>', "Paragraph [a](page:guide/b.md)", []),
        ("jekyll", '<img src="{{ "/a.png" | relative_url }}" alt="b">', "Media file:a.png / caption b", []),
        ("jekyll", "<p>\na\n{{ b }}</p>", "Paragraph a `{{ b }}`", ["3:1 template-kept"]),
        ("vitepress", "<p>\n{{ a }}</p>", "Paragraph `{{ a }}`", ["2:1 template-kept"]),
        ("vitepress", '<p><School href="https://a.org" title="b"/></p>', "Paragraph [b](https://a.org/)",
         ["1:4 component-kept"]),
        ("vitepress", '<b @click="x">a</b>', "Paragraph **a**", []),
        ("vitepress", '<a href="b.md" title="x #y @z">a</a>', "Paragraph [a](page:guide/b.md)", ["1:1 title-dropped"]),
        ("vitepress", '<template #a="{ b }">c</template>', "Paragraph c", ["1:1 html-kept"]),
        ("github", "<p>{{ a }} <A HREF='b.md'>c</A></p>", "Paragraph {{ a }} [c](page:guide/b.md)", []),
    ],
)  # fmt: skip
def test_html(flavor: str, markdown: str, expected: str, codes: list[str]) -> None:
    assert tree(markdown, flavor).replace("https://a.org)", "https://a.org/)") == expected
    assert said(markdown, flavor) == codes


@pytest.mark.parametrize(
    ("flavor", "markdown", "codes"),
    [
        ("hugo", 'a {{< figure src="b', ["1:3 shortcode-kept"]),
        ("zola", "a {{ figure(", ["1:3 shortcode-kept"]),
        ("zola", "a {{ figure", []),
        ("jekyll", "a {% if b", ["1:3 template-kept"]),
        ("jekyll", "a {{ b", ["1:3 template-kept"]),
        ("vitepress", "a {{ b", []),
        # the column is that of the tag, in whatever it stands
        ("hugo", "- a\n  {{< b >}}", ["2:3 shortcode-kept"]),
        ("hugo", "> {{< b >}}", ["1:3 shortcode-kept"]),
        ("jekyll", "{% if a %}b{% endif %}", ["1:1 template-kept", "1:12 template-kept"]),
    ],
)
def test_what_is_said_and_where(flavor: str, markdown: str, codes: list[str]) -> None:
    assert said(markdown, flavor) == codes


def test_an_inclusion_of_vitepress_may_stand_anywhere() -> None:
    assert tree("a <!--@include: ./b.md--> c", "vitepress") == (
        "Paragraph a / Paragraph [B](page:guide/b.md) / Paragraph c"
    )
    assert tree("<!--@include: ./b.md--> c", "vitepress") == "Paragraph [B](page:guide/b.md) / Paragraph c"
    assert tree("<<< @/a.js\n<<< ./b.ts\n*c*", "vitepress") == (
        "Code language=js '<<< @/a.js' / Code language=ts '<<< ./b.ts' / Paragraph _c_"
    )


def test_marks_of_lines_are_taken_out_of_code() -> None:
    code = "```js\na // [!code focus]\n/* [!code highlight:2] */\nb <!-- [!code warning] -->\nc // [!code --]\nd // [!!code focus]\n```"
    assert tree(code, "vitepress") == "Code language=js 'a\\nb\\nc // [!code --]\\nd // [!code focus]'"
    assert said(code, "vitepress") == ["1:1 code-marks"]


@pytest.mark.parametrize("flavor", ["hugo", "zola", "jekyll", "vitepress", "myst"])
@pytest.mark.parametrize(
    "piece",
    ['<a href="{{< ', "<a b='{{ ", "{{< kbd >}}", '|{{< a "|" >}}', "<p>{{ x }}", "{{< katex >}}", "{% highlight a %}",
     "| {{ a | b }} |\n|-|\n", '<b @c="', ":::{figure} a\n", ":::{note}\n:a: b\n", "% a\n", "<<< a\n"],
)  # fmt: skip
def test_many_take_no_time(flavor: str, piece: str) -> None:
    document = convert(piece * 1_500, "p.md", Options(FLAVORS[flavor]))
    assert document.blocks or document.diagnostics


_PIECES = st.sampled_from(
    ["{{< kbd >}}", "{{< /kbd >}}", "{{< katex >}}", "{{< /katex >}}", '{{< button href="a.md" >}}', "{{< /button >}}",
     '<a href="{{< ref "x" >}}">', "</a>", "<p>", "</p>\n\n", "{{<tip>}}", "{% kbd() %}", "{% end %}", "{{ a | b }}",
     "{% highlight r %}", "{% endhighlight %}", "<img src='{{ x }}'>", '<b @c="d">', "<X/>", "|", "|a|b|\n|-|-|\n",
     "\n", "\n\n", "- ", "> ", "  ", "word ", "`", "[a](", ")", "{{", "}}", "{%", '"', "\\", ":::{note}\n", ":::\n", ":a: b\n",
     ":::{figure} a.png\n", "```{figure} a.png\n", "```\n", "---\n", "+++\n", "<<< a\n", "<!--@include: a-->", "{.c}"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(_PIECES, max_size=25).map("".join),
    st.sampled_from(["hugo", "zola", "jekyll", "vitepress", "myst", "docusaurus"]),
)
def test_nothing_raises_and_places_are_in_the_file(markdown: str, flavor: str) -> None:
    document = convert(markdown, "p.md", Options(FLAVORS[flavor]))
    for dialect in DIALECTS.values():
        dialect.encode(document.blocks, "p.md")
    last = markdown.count("\n") + 1
    assert all(1 <= item.line <= last and item.column >= 1 for item in document.diagnostics)


def test_a_title_is_markdown_of_the_same_page() -> None:
    document = convert(
        '{{< note title="[a][b]" >}}c{{< /note >}}\n\n[b]: d.md', "p.md", Options(FLAVORS["hugo"])
    )
    (note,) = document.blocks
    assert not isinstance(note, Paragraph)
    assert [(use.line, use.column) for use in document.links] == [(1, 17)]
