"""Whole documents: title, properties, links, anchors, bytes."""

from __future__ import annotations

import pytest

from converters.anchors import headings, number, slug
from converters.blocks import FileRef, Heading, Link, PageRef, Paragraph, Url, plain
from converters.dialects import DIALECTS
from converters.dialects.encode import is_emoji
from converters.document import Options, convert, convert_bytes, title_of_path
from converters.links import classify, media_kind


@pytest.mark.parametrize(
    ("text", "title", "kept"),
    [
        ("---\ntitle: T\n---\n# H\n\na", "T", ["H", "a"]),
        ("---\ntitle: The title\n---\n# The *title*\n\na", "The title", ["a"]),
        ("# H *i*\n\na", "H i", ["a"]),
        ("a\n\n# H\n\nb", "H", ["a", "b"]),
        ("# H\n\n# I", "Page", ["H", "I"]),
        ("## H", "Page", ["H"]),
        ("> # H", "Page", [""]),
        ("# ![x](y.png)\n\na", "Page", ["", "a"]),
        ("# [H](https://a.example)", "H", ["H"]),
        ("<h1>H</h1>\n\na", "H", ["a"]),
        ("", "Page", []),
        ("---\ntitle: 2024\n---", "2024", []),
        ("---\ntitle: 2024-01-02\n---", "2024-01-02", []),
        ("---\ntitle: '  a\n  b '\n---", "a b", []),
        ("---\ntitle:\n---\n# H", "H", []),
    ],
)
def test_titles(text: str, title: str, kept: list[str]) -> None:
    document = convert(text, "guide/page.md")
    assert document.title == title
    assert [plain(getattr(block, "text", ())) for block in document.blocks] == kept


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("getting-started.md", "Getting started"),
        ("a/01-first_steps.md", "First steps"),
        ("a/2. Setup.md", "Setup"),
        ("a/b-c/index.md", "B c"),
        ("a/README.md", "A"),
        ("a/_index.md", "A"),
        ("index.md", "Index"),
        ("2024.md", "2024"),
        ("2024-05-01-news.md", "2024 05 01 news"),
        ("v1.2.md", "V1.2"),
        ("ünicode-名.md", "Ünicode 名"),
        ("noext", "Noext"),
    ],
)
def test_titles_of_paths(path: str, title: str) -> None:
    assert title_of_path(path) == title


def test_known_keys_are_taken_and_the_others_kept() -> None:
    document = convert(
        "---\ntitle: T\nicon: ⚙️\ncover: /img/c.png\nnav_order: 2\nweight: 9\ndraft: yes\nx: {y: 1}\n---\n",
        "a/b.md",
    )
    assert (document.icon, document.cover, document.order, document.draft) == ("⚙️", "img/c.png", 2.0, True)
    assert document.properties == {"x": {"y": 1}}
    assert document.property_lines["x"] == 8
    assert document.diagnostics == ()


@pytest.mark.parametrize(
    ("line", "icon"),
    [
        ("icon: 🚀", "🚀"),
        ("emoji: 👩‍💻", "👩‍💻"),
        ("icon: ':rocket:'", "🚀"),
        ("icon: https://a.example/i.svg", "https://a.example/i.svg"),
        ("icon: ../i.png", "i.png"),
        ("icon: 1️⃣", "1️⃣"),
        ("icon: 🇩🇪", "🇩🇪"),
        ("icon:", ""),
    ],
)
def test_icons(line: str, icon: str) -> None:
    document = convert(f"---\n{line}\n---\n", "a/b.md")
    assert (document.icon, document.diagnostics) == (icon, ())


@pytest.mark.parametrize(
    "line",
    [
        "icon: material/rocket",
        "icon: 5",
        "icon: javascript:x",
        "cover: [a]",
        "cover: words",
        "order: first",
        "order: true",
        "weight: .nan",
        "draft: perhaps",
        "draft: [1]",
        "title: [a]",
        "title: true",
    ],
)
def test_wrong_types_are_reported_at_their_line_and_ignored(line: str) -> None:
    document = convert(f"---\na: 1\n{line}\n---\n", "p.md")
    assert [(item.code, item.line, item.severity) for item in document.diagnostics] == [
        ("front-matter-type", 3, "warning")
    ]
    assert (document.icon, document.cover, document.order, document.draft, document.title) == (
        "",
        "",
        None,
        False,
        "P",
    )
    assert document.properties == {"a": 1}


@pytest.mark.parametrize(
    ("line", "draft", "properties"),
    [
        ("published: false", True, {}),
        ("published: true", False, {}),
        ("published: 5", False, {"published": 5}),
        ("draft: 'false'", False, {}),
    ],
)
def test_drafts(line: str, draft: bool, properties: dict[str, object]) -> None:
    document = convert(f"---\n{line}\n---\n", "p.md")
    assert (document.draft, document.properties) == (draft, properties)


def test_a_weight_of_nought_is_none() -> None:
    assert convert("---\nweight: 0\n---\n", "p.md").order is None
    assert convert("---\norder: 0\n---\n", "p.md").order == 0


def test_bad_front_matter_holds_the_page_back() -> None:
    document = convert("---\ntitle: [a\n---\n\nBody\n", "p.md")
    assert "error" in {item.severity for item in document.diagnostics}
    assert [(item.code, item.line) for item in document.diagnostics] == [("front-matter-invalid", 2)]
    assert [plain(block.text) for block in document.blocks if isinstance(block, Paragraph)] == ["Body"]


ROOT = "guide/page.md"


@pytest.mark.parametrize(
    ("href", "link"),
    [
        ("https://a.example/b?c#d", Url("https://a.example/b?c#d")),
        ("HTTP://a.example", Url("HTTP://a.example")),
        ("//a.example/b", Url("https://a.example/b")),
        ("mailto:a@b.example", Url("mailto:a@b.example")),
        ("tel:+49-30", Url("tel:+49-30")),
        ("ftp://a.example", Url("ftp://a.example")),
        ("https://a.example/ä b", Url("https://a.example/%C3%A4%20b")),
        ("http://", None),
        ("https:a", None),
        ("mailto:", None),
        ("javascript:x", None),
        ("data:text/html,x", None),
        ("C:\\x.md", None),
        ("a.md", PageRef("guide/a.md")),
        ("./a.md#B%20c", PageRef("guide/a.md", "B c")),
        ("../a.markdown", PageRef("a.markdown")),
        ("a.html#b", PageRef("guide/a.html", "b")),
        ("a.html", FileRef("guide/a.html")),
        ("../../a.md", PageRef("../a.md")),
        ("../../../a", PageRef("../../a")),
        ("/a/b.md", PageRef("a/b.md")),
        ("/", PageRef("")),
        ("a/", PageRef("guide/a/")),
        ("a", PageRef("guide/a")),
        (".", PageRef("guide/")),
        ("..", PageRef("")),
        ("a/../b/./c.md", PageRef("guide/b/c.md")),
        ("#x", PageRef(ROOT, "x")),
        ("", PageRef(ROOT)),
        ("?x=1#y", PageRef(ROOT, "y")),
        ("a.md?x=1#y", PageRef("guide/a.md", "y")),
        ("..\\a\\b.md", PageRef("a/b.md")),
        ("a%20b.md", PageRef("guide/a b.md")),
        ("%C3%A4.md", PageRef("guide/ä.md")),
        ("a.pdf", FileRef("guide/a.pdf")),
        ("a.tar.gz#x", FileRef("guide/a.tar.gz")),
        ("v1.2", PageRef("guide/v1.2")),
        (".gitignore", PageRef("guide/.gitignore")),
    ],
)
def test_addresses(href: str, link: Link | None) -> None:
    assert classify(href, ROOT) == link


def test_a_picture_s_address_is_always_a_file() -> None:
    assert classify("a", ROOT, media=True) == FileRef("guide/a")
    assert media_kind(FileRef("a.MP4")) == "video"
    assert media_kind(Url("https://a.example/b.mp3?x=.png")) == "audio"
    assert media_kind(Url("https://a.example/b")) == "image"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Getting Started", "getting-started"),
        ("What's new? (v1.2)", "whats-new-v12"),
        ("a_b - c", "a_b---c"),
        ("Übersicht 概要", "übersicht-概要"),
        ("हिन्दी", "हिन्दी"),
        ("  spaces  ", "spaces"),
        ("🚀 Go", "-go"),
    ],
)
def test_slugs(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_repeated_names_are_numbered_and_never_meet() -> None:
    assert list(number(["a", "a", "a-1", "a", "a-1"])) == ["a", "a-1", "a-1-1", "a-2", "a-1-2"]


def test_nested_headings_have_anchors_in_reading_order() -> None:
    document = convert("# T\n\n- # In\n\n> ## In\n\n## After\n", "p.md")
    assert tuple(document.anchors) == ("t", "in", "in-1", "after")
    assert [plain(heading.text) for heading in headings(document.blocks)] == ["In", "In", "After"]


def test_bytes_with_a_byte_order_mark_and_windows_lines() -> None:
    document = convert_bytes(b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\n\r\na\r\nb [x](y.md)\r\n", "p.md")
    assert document.title == "T"
    assert [(block.line, plain(block.text)) for block in document.blocks if isinstance(block, Paragraph)] == [
        (5, "a b x")
    ]
    assert (document.links[0].line, document.links[0].column) == (6, 3)


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"a\nb \xff c", 2, 3, "0xFF"),
        ("é".encode("latin-1"), 1, 1, "0xE9"),
        ("a".encode("utf-16"), 1, 1, "UTF-16"),
    ],
)
def test_other_encodings_are_errors_at_their_place(data: bytes, line: int, column: int, words: str) -> None:
    document = convert_bytes(data, "p.md")
    (found,) = document.diagnostics
    assert (found.code, found.severity, found.line, found.column) == ("encoding", "error", line, column)
    assert words in found.message
    assert "error" in {item.severity for item in document.diagnostics}


def test_half_characters_do_not_reach_the_blocks() -> None:
    document = convert("# a \ud800\n\nb \udfff", "p.md")
    (document.title + repr(document.blocks)).encode()
    assert document.title == "a \ufffd"


def test_extensions_are_chosen_by_name() -> None:
    text = "> [!NOTE]\n> $x$ :rocket: a[^1]\n\n[^1]: b\n"
    (callout, _, _) = convert(text, "p.md").blocks
    (quote,) = convert(text, "p.md", Options(extensions=frozenset())).blocks
    assert type(callout).__name__ == "Callout"
    assert plain(getattr(quote, "text", ())) == "[!NOTE] $x$ :rocket: a^1"
    with pytest.raises(KeyError):
        convert("a", "p.md", Options(extensions=frozenset({"no such"})))


def test_no_emoji() -> None:
    assert not any(map(is_emoji, ("", "a", "1", "abc", "🚀 x", "-", "🚀" * 20)))


def test_diagnostics_are_in_order() -> None:
    document = convert("a <x>\n\n3. b\n\n[c](data:x) <!-- d -->\n", "p.md")
    assert [item.line for item in document.diagnostics] == [1, 3, 5, 5]
    assert isinstance(convert("# A\n\n# B", "p.md").blocks[0], Heading)


def test_front_matter_that_never_ends_is_reported_and_published_as_text() -> None:
    document = convert("---\ntitle: x\nbody\n", "p.md")
    assert [(item.code, item.severity, item.line, item.column) for item in document.diagnostics] == [
        ("front-matter-unclosed", "warning", 1, 1)
    ]
    assert document.title == "P"
    assert "error" not in {item.severity for item in document.diagnostics}


@pytest.mark.parametrize(
    ("address", "code"),
    [("https://a.example/" + "b" * 2100, "url-long"), ("ftp://a.example/b", "link-unsafe")],
)
def test_an_address_that_no_service_takes_is_named_where_it_stands(address: str, code: str) -> None:
    document = convert(f"one\ntwo [three]({address})", "p.md")
    for dialect in DIALECTS.values():
        (block,), said = dialect.encode(document.blocks, "p.md")
        assert [(item.code, item.line, item.column) for item in said] == [(code, 2, 5)]
        assert address.encode()[-50:] in block.content


def test_an_address_that_no_host_can_have_is_quoted_as_it_is_written() -> None:
    document = convert("one\n[bad](http://[bad/) ![worse](http://[worse/) [good](http://x.org/[a])", "p.md")
    blocks, said = DIALECTS["notion"].encode(document.blocks, "p.md")
    assert [(item.code, item.line, item.column, item.message) for item in said] == [
        ("link-invalid", 2, 1, "“http://[bad/” is not a whole address; it is kept as text."),
        ("link-invalid", 2, 21, "“http://[worse/” is not a whole address; it is kept as text."),
    ]
    assert b"http://x.org/%5Ba%5D" in blocks[-1].content


@pytest.mark.parametrize("sign", ["℃", "🚀漢", "🚀 🚀", "A"])
def test_a_sign_that_no_service_takes_is_no_icon_and_said(sign: str) -> None:
    document = convert(f"---\nicon: {sign}\n---\ntext\n", "a.md")
    assert document.icon == ""
    assert [item.code for item in document.diagnostics] == ["front-matter-type"]
