"""Lines of text: marks, links, breaks, bare addresses, pictures."""

from __future__ import annotations

import pytest
from outline import text

from converters.blocks import Block, Code, Heading, ListItem, Media, PageRef, Paragraph, Span, Url, plain
from converters.document import convert
from converters.inline import PLAIN, with_mark


def only(markdown: str) -> Block:
    (block,) = convert(markdown, "guide/page.md").blocks
    return block


def line(markdown: str) -> str:
    block = only(markdown)
    assert isinstance(block, Paragraph)
    return text(block.text)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("plain", "plain"),
        ("*a*", "_a_"),
        ("**a**b", "**a**b"),
        ("~~a~~", "~~a~~"),
        ("`a  b`", "`a  b`"),
        ("` a`", "` a`"),
        ("***a***", "_**a**_"),
        ("a\nb", "a b"),
        ("a  \nb", "a⏎b"),
        ("a\\\nb", "a⏎b"),
        ("a<br>\nb", "a⏎b"),
        ("中文\n中文", "中文中文"),
        ("**中文**\n中文", "**中文**中文"),
        ("中文\nword", "中文 word"),
        ("한국어\n한국어", "한국어 한국어"),
        ("&lt;b&gt; \\*", "<b> *"),
        ("a\0b", "a\ufffdb"),
    ],
)
def test_text_and_marks(markdown: str, expected: str) -> None:
    assert line(markdown) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/__init__.py",
        "www.a.example/*b*/~~c~~d",
        "https://a.example/_b_(_c_)",
        "x_y_z@a.example",
    ],
)
@pytest.mark.parametrize("around", ["{}", "see {}, b", "*{}*", "({})", "**b** {} _c_", "- {}"])
def test_an_address_holds_no_emphasis(address: str, around: str) -> None:
    block = only(around.format(address))
    assert isinstance(block, (Paragraph, ListItem))
    assert [item.text for item in block.text if isinstance(item, Span) and item.link] == [address]


@pytest.mark.parametrize("markdown", ["![alt]()", "![alt](#part)", '<img src="#" alt="al\n t">'])
def test_a_picture_without_an_address_is_its_description(markdown: str) -> None:
    document = convert("a " + markdown, "guide/page.md")
    assert [type(block) for block in document.blocks] == [Paragraph]
    assert [(item.code, item.column) for item in document.diagnostics] == [("link-invalid", 3)]
    assert not document.links


def test_the_text_of_a_link_ends_where_its_bracket_is() -> None:
    assert line("[https://a.example/_b](c.md) _d_") == "[https://a.example/_b](page:guide/c.md) _d_"
    assert line("**[b](https://a.example/c)** *d*") == "[**b**](https://a.example/c) _d_"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a  b", "a b"),
        ("a <!-- c --> b", "a b"),
        ("a<br> b <br><br>  c", "a⏎b⏎⏎c"),
        ("a   **b**", "a **b**"),
        ("`a  b`", "`a  b`"),
        ("a\u00a0\u00a0b", "a\u00a0\u00a0b"),
    ],
)
def test_spaces_are_single_as_on_a_site(markdown: str, expected: str) -> None:
    assert line(markdown) == expected


def test_neighbours_of_equal_marks_are_one_span() -> None:
    block = only("a \\* b &amp; c\nd <span>e</span>")
    assert isinstance(block, Paragraph)
    assert block.text == (Span("a * b & c d e"),)


def test_equal_marks_are_one_object() -> None:
    assert with_mark(PLAIN, "bold") is with_mark(PLAIN, "bold")
    assert with_mark(with_mark(PLAIN, "bold"), "bold", False) == PLAIN


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("https://a.example", "[https://a.example](https://a.example)"),
        ("(see https://a.example/b_(c))", "(see [https://a.example/b_(c)](https://a.example/b_(c)))"),
        ("https://a.example/?x=1&y=2.", "[https://a.example/?x=1&y=2](https://a.example/?x=1&y=2)."),
        ("http://localhost:8000/x", "[http://localhost:8000/x](http://localhost:8000/x)"),
        ("见https://a.example。好", "见[https://a.example](https://a.example)。好"),
        ("www.a.example/b!", "[www.a.example/b](http://www.a.example/b)!"),
        ("a.b+c@d.example.", "[a.b+c@d.example](mailto:a.b+c@d.example)."),
        ("https://ä.example/ö", "[https://ä.example/ö](https://xn--4ca.example/%C3%B6)"),
        ("http:// and www. and @ and a@b", "http:// and www. and @ and a@b"),
        ("xhttps://a.example", "xhttps://a.example"),
        ("`https://a.example`", "`https://a.example`"),
        ("[https://a.example](b.md)", "[https://a.example](page:guide/b.md)"),
        ("*https://a.example*", "[_https://a.example_](https://a.example)"),
    ],
)
def test_bare_addresses(markdown: str, expected: str) -> None:
    assert line(markdown) == expected


def test_a_link_without_text_shows_its_address() -> None:
    assert line("[](https://a.example)") == "[https://a.example](https://a.example)"
    assert line("[](b.md#c)") == "[guide/b.md#c](page:guide/b.md#c)"


def test_a_title_of_a_link_is_not_text() -> None:
    assert line('[a](https://b.example "title")') == "[a](https://b.example)"


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ('a\n\n[a](b.md "T")\n[c](d.md "U")', [3]),
        ('<a href="b.md" title="T">c</a>', [1]),
        ('<abbr title="T">c</abbr> [a](b.md "U")', [1]),
        ('[a]\n\n[a]: b.md "T"', [1]),
        ("[a](b.md) [b](c.md '') <abbr>c</abbr>", []),
    ],
)
def test_titles_that_no_page_can_show_are_said_once(markdown: str, said: list[int]) -> None:
    found = convert(markdown, "p.md").diagnostics
    assert [item.line for item in found if item.code == "title-dropped"] == said


@pytest.mark.parametrize("scheme", ["javascript", "JavaScript", "data", "file", "vbscript", "chrome"])
def test_an_unsafe_link_keeps_its_text_and_is_reported(scheme: str) -> None:
    document = convert(f"a [b *c*]({scheme}:alert) d", "p.md")
    assert [plain(block.text) for block in document.blocks if isinstance(block, Paragraph)] == ["a b c d"]
    assert [(item.code, item.line, item.column) for item in document.diagnostics] == [("link-unsafe", 1, 3)]
    assert not any(span.link for span in document.blocks[0].text if isinstance(span, Span))  # type: ignore[union-attr]


def test_places_of_links_are_those_of_the_file() -> None:
    text = "---\ntitle: x\n---\n\n> quote [a](a.md)\n> and **[b](b.md)** [c][r]\n\n- item\n  ![d](d.png)\n\n[r]: r.md\n"
    uses = convert(text, "p.md").links
    assert [(use.line, use.column) for use in uses] == [(5, 9), (6, 9), (6, 21), (9, 3)]


def test_places_in_tables_and_html() -> None:
    text = "| a | b |\n|---|---|\n| x | [y](y.md) |\n\n<p>\n  <a href='z.md'>z</a></p>\n\ntext <a href='w.md'>w</a>\n"
    uses = convert(text, "p.md").links
    assert [(use.line, use.column) for use in uses] == [(3, 7), (6, 3), (8, 6)]


def test_a_picture_splits_its_paragraph() -> None:
    before, media, after = convert('a ![b *c*](d.png "e") f', "p.md").blocks
    assert isinstance(media, Media)
    assert (plain(before.text), plain(media.caption), plain(after.text)) == ("a", "b c — e", "f")  # type: ignore[union-attr,arg-type]


def test_a_title_equal_to_the_description_is_said_once() -> None:
    media = only('![a](b.png "a")')
    assert isinstance(media, Media)
    assert plain(media.caption) == "a"


def test_it_is_said_where_the_picture_was() -> None:
    said = convert(
        "one\n\na ![b](c.png) d\ne ![f](g.png)\n\n| a |\n|--|\n| x ![y](z.png) |", "p.md"
    ).diagnostics
    assert [(item.code, item.line, item.column) for item in said] == [
        ("image-inline", 3, 3),
        ("image-inline", 4, 3),
        ("image-inline", 8, 5),
    ]


def test_a_picture_in_a_link_keeps_both() -> None:
    picture, rest = convert("[![a](b.png) c](https://d.example)", "p.md").blocks
    assert isinstance(picture, Media)
    assert isinstance(rest, Paragraph)
    assert picture.caption == (Span("a", link=Url("https://d.example")),)
    assert rest.text == (Span("c", link=Url("https://d.example")),)


def test_a_picture_with_an_unsafe_address_keeps_its_description() -> None:
    document = convert("![words](data:image/png;base64,AAAA)", "p.md")
    assert [plain(block.text) for block in document.blocks if isinstance(block, Paragraph)] == ["words"]
    assert [item.code for item in document.diagnostics] == ["link-unsafe"]


def test_raised_and_lowered_text() -> None:
    assert line("x<sup>2</sup> H<sub>2</sub>O 4<sup>th</sup>") == "x² H₂O 4th"


def test_deep_marks_cost_nothing() -> None:
    assert line("<b>" * 3000 + "word" + "</b>" * 3000 + " end") == "**word** end"


def test_a_link_in_a_heading_is_kept() -> None:
    heading = only("## [a](b.md)")
    assert isinstance(heading, Heading)
    assert heading.text == (Span("a", link=PageRef("guide/b.md")),)


def test_code_keeps_its_language() -> None:
    assert only("```py\nx\n```") == Code("x", "py")
