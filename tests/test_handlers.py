"""Blocks: what each kind of Markdown and HTML becomes."""

from __future__ import annotations

import pytest
from outline import blocks

from converters.blocks import (
    Code,
    Embed,
    FileRef,
    Heading,
    ListItem,
    Media,
    PageRef,
    Paragraph,
    Quote,
    Span,
    Table,
    ToDo,
    Toggle,
    plain,
)
from converters.dialects import DIALECTS
from converters.document import DEFAULT, Options, convert
from converters.handlers.basic import info
from converters.handlers.html_scan import Comment, EndTag, Tag, Text, scan


def _outline(markdown: str) -> list[str]:
    return list(blocks(convert(markdown, "guide/page.md").blocks))


def _rest(line: str) -> str:
    """A line of the outline without its line number."""
    head, _, rest = line.partition(": ")
    return head[: len(head) - len(head.lstrip())] + rest if head.strip().isdigit() else line


def tree(markdown: str) -> str:
    return " / ".join(_rest(line) for line in _outline(markdown))


def codes(markdown: str) -> list[tuple[str, int, int]]:
    return [(item.code, item.line, item.column) for item in convert(markdown, "guide/page.md").diagnostics]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## A *b*", "Heading level=2 A _b_"),
        ("## A ![x](y.png) b", "Heading level=2 A / Media file:guide/y.png /   caption x / Paragraph b"),
        ("## ![x](y.png)", "Media file:guide/y.png /   caption x"),
        ("> a\n>\n> b", "Quote a /   Paragraph b"),
        ("> - a", "Quote /   ListItem a"),
        ("> > a", "Quote /   Quote a"),
        (">", "Quote"),
        ("- a\n\n  b", "ListItem a /   Paragraph b"),
        ("- a\n- b", "ListItem a / ListItem b"),
        ("- a\n\n- b", "ListItem a / ListItem b"),
        ("- ```\n  x\n  ```", "ListItem /   Code 'x'"),
        ("- - a", "ListItem /   ListItem a"),
        ("1. a\n   - b", "ListItem ordered=True a /   ListItem b"),
        ("-", "ListItem"),
        ("- ![x](y.png) b", "ListItem /   Media file:guide/y.png /     caption x /   Paragraph b"),
        ("    a\n\n    b", "Code 'a\\n\\nb'"),
        ("***", "Divider"),
        ("a\n***\nb", "Paragraph a / Divider / Paragraph b"),
    ],
)
def test_markdown(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("- [ ] a", "ToDo a"),
        ("- [x] a", "ToDo checked=True a"),
        ("- [X]   **a**", "ToDo checked=True **a**"),
        ("1. [ ] a", "ToDo a"),
        ("- [ ]\n  a", "ToDo a"),
        ("- [ ] a\n  - [x] b\n  - c", "ToDo a /   ToDo checked=True b /   ListItem c"),
        ("- [ ]a", "ListItem [ ]a"),
        ("- [ ]", "ListItem [ ]"),
        ("- \\[x] a", "ListItem [x] a"),
        ("- [x] a\n\n[x]: /b", "ListItem [x](page:b) a"),
        ("- a [x] b", "ListItem a [x] b"),
        ("- > [x] b", "ListItem /   Quote [x] b"),
    ],
)
def test_tasks(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_a_list_that_does_not_begin_with_one_is_reported() -> None:
    assert codes("3. a\n4. b") == [("list-start", 1, 1)]
    assert codes("a\n\n0. b") == [("list-start", 3, 1)]
    assert codes("1. a") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", "")),
        ("python", ("python", "")),
        ("  c++ ", ("c++", "")),
        ("rust,ignore", ("rust", "")),
        ("{.py .x}", ("py", "")),
        ("{python}", ("python", "")),
        ("js{1,3}", ("js", "")),
        ("js {1,3}", ("js", "")),
        ('ts title="a b.ts" {2}', ("ts", "a b.ts")),
        ("ts filename=a.ts", ("ts", "a.ts")),
        ("ts:src/a.ts", ("ts", "src/a.ts")),
        ("ts:line-numbers", ("ts", "")),
        ('title="x"', ("", "x")),
        ("{linenos=true}", ("", "")),
    ],
)
def test_info_strings(text: str, expected: tuple[str, str]) -> None:
    assert info(text) == expected


def test_a_table_is_a_table() -> None:
    (table,) = convert("| a | b |\n|:--|--:|\n| **c** |\n", "p.md").blocks
    assert isinstance(table, Table)
    assert [[plain(cell) for cell in row] for row in table.rows] == [["a", "b"], ["c", ""]]
    assert table.alignments == ("left", "right")
    assert codes("| a |\n|--|\n") == []
    assert codes("| a |\n|:-:|\n") == [("table-alignment", 1, 1)]


def test_lines_count_front_matter() -> None:
    document = convert("---\na: 1\n---\n\n# A\n\n- b\n\n  c\n\n> d\n\n# E\n", "p.md")
    found = [(type(block).__name__, block.line) for block in document.blocks]
    assert found == [("Heading", 5), ("ListItem", 7), ("Quote", 11), ("Heading", 13)]
    item = document.blocks[1]
    assert isinstance(item, ListItem)
    assert item.children[0].line == 9


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<p>a</p><p>b</p>", "Paragraph a / Paragraph b"),
        ("<div>\na <b>b</b>\n  c\n</div>", "Paragraph a **b** c"),
        ("<h2>a</h2>\nb", "Heading level=2 a / Paragraph b"),
        ("<ul><li>a<li>b<ol><li>c</ol></ul>", "ListItem a / ListItem b /   ListItem ordered=True c"),
        ("<blockquote>\n\n*a*\n\n</blockquote>\n\nb", "Quote _a_ / Paragraph b"),
        ("<details><summary>a</summary>b</details>", "Toggle a /   Paragraph b"),
        ("<details>\n\n# b\n\n</details>", "Toggle Details /   Heading level=1 b"),
        ("<details>\n\nnever closed", "Toggle Details /   Paragraph never closed"),
        ("- <details>\n\n  a\n\nb", "ListItem /   Toggle Details /     Paragraph a / Paragraph b"),
        ("- a\n\n</details>\n\nb", "ListItem a / Paragraph b"),
        ("<pre>a\n  b</pre>", "Code 'a\\n  b'"),
        ("<hr>", "Divider"),
        ("<dl><dt>a<dd>b</dl>", "Paragraph **a** /   Paragraph b"),
        (
            "<dl><dt>a<dt>b<dd>c<dd>d<dt>e</dt>\n\n<dd>\n\n- f\n\n</dd></dl>g",
            "Paragraph **a** / Paragraph **b** /   Paragraph c /   Paragraph d / Paragraph **e** /   ListItem f / Paragraph g",
        ),
        ("<dd>a</dd>", "Paragraph a"),
        (
            "<figure><img src=a.png><figcaption>a <b>b</b></figcaption></figure>c",
            "Media file:guide/a.png /   caption a **b** / Paragraph c",
        ),
        (
            "<figure><figcaption>a</figcaption><img src=a.png alt=b></figure>",
            "Media file:guide/a.png /   caption a — b",
        ),
        (
            "<figure>\n\n![a](a.png)\n\n<figcaption>a</figcaption></figure>",
            "Media file:guide/a.png /   caption a",
        ),
        ("<figure><pre>a</pre><figcaption>b</figcaption></figure>", "Code 'a' / Paragraph b"),
        (
            "<figure><img src=a.png><img src=b.png><figcaption>a</figcaption></figure>",
            "Media file:guide/a.png / Media file:guide/b.png / Paragraph a",
        ),
        (
            "<figure><img src=a.png><figcaption><ul><li>a</ul></figcaption></figure>",
            "Media file:guide/a.png / ListItem a",
        ),
        ("<figcaption>a</figcaption>", "Paragraph a"),
        ("<table><tr><th>a<th>b<tr><td>c</table>", "Table header=True /   | a | b /   | c | "),
        ("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>", "Table /   | a | b /   |  | c"),
        ("<img src=a.png alt=b>", "Media file:guide/a.png /   caption b"),
        (
            "<a href=b.md><img src=a.png></a>",
            "Media file:guide/a.png /   caption [guide/b.md](page:guide/b.md)",
        ),
        ("<a href=b.md>\n\n*x*\n\n</a>\n\ny", "Paragraph [_x_](page:guide/b.md) / Paragraph y"),
        ("<textarea>a <b></textarea>", "Paragraph a <b>"),
        ("<custom-tag>a</custom-tag>", "Paragraph a"),
        ("</div>", ""),
        ("<table></table>", ""),
        ("<![CDATA[ a < b ]]>", "Paragraph a < b"),
        ("<?php x ?>", ""),
    ],
)
def test_html(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_html_that_is_left_out_is_reported_where_it_stands() -> None:
    assert codes("a <!-- b --> c\n\n<!--\nd\n-->") == [
        ("html-dropped-comment", 1, 3),
        ("html-dropped-comment", 3, 1),
    ]
    assert codes("a <x-y>b</x-y>") == [("html-kept", 1, 3)]
    assert codes("<div>\n <nav>a</nav>\n</div>") == [("html-kept", 1, 1), ("html-kept", 2, 2)]
    assert codes("<pre>a <a href='b'>c</a><!-- d --></pre>") == [
        ("html-kept", 1, 8),
        ("html-dropped-comment", 1, 25),
    ]
    assert codes("<script>a</script>") == [("html-dropped", 1, 1)]
    assert codes("<b>a</b> <span>b</span>") == []


def test_names_of_places_are_anchors() -> None:
    document = convert('<a name="x"></a>\n\n## A\n\n## A <a id="y"></a>\n\n<div id="z">\n', "p.md")
    assert tuple(document.anchors) == ("a", "a-1", "x", "y", "z")


def test_films_sounds_and_pages_of_others() -> None:
    film, sound, other = convert(
        '<video src="a.mp4">\n</video>\n\n<audio>\n<source src="b.ogg"></audio>\n\n'
        '<iframe src="https://x.example" title="X"></iframe>\n',
        "p.md",
    ).blocks
    assert isinstance(film, Media)
    assert isinstance(sound, Media)
    assert (film.kind, sound.kind) == ("video", "audio")
    assert other == Embed("https://x.example", (Span("X"),))


def test_a_cell_of_blocks_becomes_lines() -> None:
    markdown = "<table><tr><td>\n\na\n\n- b\n- c\n\n```\nd\n```\n\n</td></tr></table>"
    (table,) = convert(markdown, "p.md").blocks
    assert isinstance(table, Table)
    assert plain(table.rows[0][0]) == "a\n• b\n• c\nd"
    assert [code for code, _, _ in codes(markdown)] == ["block-in-table"]


def test_what_is_nested_too_deeply_is_kept_as_text() -> None:
    document = convert("> " * 200 + "word\n\nafter\n", "p.md")
    assert [item.code for item in document.diagnostics] == ["nesting-limit"]
    depth, block = 0, document.blocks[0]
    while isinstance(block, Quote) and block.children:
        depth, block = depth + 1, block.children[0]
    assert depth > 90
    assert isinstance(block, Quote)
    assert plain(block.text).endswith("word")
    assert isinstance(document.blocks[1], Paragraph)


def test_html_nested_too_deeply_is_kept_as_text() -> None:
    document = convert("<ul><li>" * 500 + "word", "p.md")
    assert "nesting-limit" in {item.code for item in document.diagnostics}
    assert "word" in "".join(_outline("<ul><li>" * 500 + "word"))


def test_fifty_levels_of_lists_are_read() -> None:
    document = convert("".join("  " * level + f"- {level}\n" for level in range(49)), "p.md")
    assert document.diagnostics == ()
    block, depth = document.blocks[0], 0
    while isinstance(block, ListItem) and block.children:
        block, depth = block.children[0], depth + 1
    assert depth == 48


def test_toggles_and_tasks_are_equal_wherever_they_stand() -> None:
    one = convert("<details><summary>a</summary>\n\nb\n\n</details>\n\n- [x] c\n", "p.md").blocks
    other = convert("\n\n\n<details><summary>a</summary>\n\nb\n\n</details>\n\n- [x] c\n", "p.md").blocks
    assert one == other
    assert isinstance(one[0], Toggle)
    assert isinstance(one[1], ToDo)


def test_the_scanner_reads_tags_as_browsers_do() -> None:
    events = list(scan("a<B c='d>' e=\"f\" g>h</b  ><!-- i --><br/>j &amp; k <l"))
    assert events == [
        Text("a", 0),
        Tag("b", {"g": "", "e": "f", "c": "d>"}, False, 1),
        Text("h", 19),
        EndTag("b", 20),
        Comment(" i ", 26),
        Tag("br", {}, True, 36),
        Text("j & k <l", 41),
    ]


def test_headings_keep_explicit_anchors() -> None:
    document = convert('<h3 id="own">A</h3>\n', "p.md")
    assert document.blocks == (Heading(3, (Span("A"),), "own"),)
    assert tuple(document.anchors) == ("own",)


def test_code_in_html_has_a_language() -> None:
    assert convert('<pre><code class="language-c">a &lt; b</code></pre>', "p.md").blocks == (
        Code("a < b", "c"),
    )


def test_equal_cells_of_a_row_are_said_where_they_stand() -> None:
    row = "| a <blink>x</blink> | <blink>x</blink> |"
    assert [place[1:] for place in codes(f"> {row}\n> |--|--|\n> {row}")] == [
        (1, 7),
        (1, 26),
        (3, 7),
        (3, 26),
    ]
    assert [place[1:] for place in codes("<q a>x|<map a>\n--|--\n<blink>|<blink>")] == [(3, 1), (3, 9)]


def test_the_rows_of_a_table_know_their_lines() -> None:
    (table,) = convert("\n| a |\n|--|\n| b |\n| c |", "p.md").blocks
    assert isinstance(table, Table)
    assert table.lines == (2, 4, 5)
    made = DIALECTS["notion"].encode((table,), "p.md")[0][0]
    assert [row.line for row in made.children] == [2, 4, 5]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a <video src='a.mp4'>*b* <img src=c.png></video> d", "Paragraph a / Media kind=video file:guide/a.mp4 / Paragraph d"),
        ("a <video>*b*</video> c", "Paragraph a _b_ c"),
        ("a <object data='javascript:x'>b</object> c", "Paragraph a b c"),
        ("<q>a <q>b</q></q> </q>", "Paragraph “a ‘b’”"),
        ("<map><area href=a.md><area href=b.md alt=B></map>", "Paragraph [a.md](page:guide/a.md) [B](page:guide/b.md)"),
    ],
)  # fmt: skip
def test_what_else_html_holds(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("![a](a.png#gh-dark-mode-only)", "Media file:guide/a.png /   caption a"),
        ("![a](a.png#only-dark) ![b](b.png#only-light)", "Media file:guide/b.png /   caption b"),
        ("[![a](a.png#only-dark)](c.md)\n\n<img src='b.png#only-light'>", "Media file:guide/b.png"),
    ],
)
def test_of_pictures_for_two_themes_one_is_shown_if_that_is_wanted(markdown: str, expected: str) -> None:
    document = convert(markdown, "guide/page.md", Options(DEFAULT.extensions | {"light-pictures"}))
    assert " / ".join(_rest(line) for line in blocks(document.blocks)) == expected
    assert "guide/a.png" in tree(markdown)


def test_links_in_a_text_that_is_left_out_are_none_of_the_page() -> None:
    document = convert("a <video src='a.mp4'><a href='b.md'>b</a></video> [c](c.md)", "p.md")
    assert [use.link for use in document.links] == [FileRef("a.mp4"), PageRef("c.md")]
