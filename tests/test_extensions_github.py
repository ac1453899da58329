"""GitHub's additions, and what stands alone on a line."""

from __future__ import annotations

import re

import pytest
from outline import blocks

from converters.blocks import (
    WAY_BACK,
    Bookmark,
    Callout,
    Embed,
    Equation,
    ListItem,
    Paragraph,
    TableOfContents,
    plain,
)
from converters.dialects.encode import is_emoji
from converters.document import DEFAULT, Options, convert
from converters.extensions import EXTENSIONS, FLAVORS
from converters.extensions.alerts import KINDS
from converters.extensions.emoji import emoji


def tree(markdown: str, *more: str) -> str:
    document = convert(markdown, "guide/page.md", Options(DEFAULT.extensions | set(more)))
    return " / ".join(line.partition(": ")[2] for line in blocks(document.blocks))


@pytest.mark.parametrize("kind", KINDS)
def test_each_alert_has_its_sign_and_colour(kind: str) -> None:
    (callout,) = convert(f"> [!{kind.upper()}]\n> *a*\n> b\n>\n> - c\n", "p.md").blocks
    assert isinstance(callout, Callout)
    assert (callout.icon, callout.color) == KINDS[kind]
    assert plain(callout.text) == "a b"
    assert [type(child) for child in callout.children] == [ListItem]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("> [!NOTE]", "Callout icon=ℹ️ color=blue"),
        ("> [!note]  \n> a", "Callout icon=ℹ️ color=blue a"),
        ("> [!NOTE]\n>\n> a", "Callout icon=ℹ️ color=blue a"),
        ("> [!NOTE]\n> - a", "Callout icon=ℹ️ color=blue / ListItem a"),
        ("> [!NOTE] a", "Quote [!NOTE] a"),
        ("> [!OTHER]\n> a", "Quote [!OTHER] a"),
        ("> a\n> [!NOTE]", "Quote a [!NOTE]"),
        ("> \\[!NOTE]\n> a", "Quote [!NOTE] a"),
        ("> # [!NOTE]", "Quote / Heading level=1 [!NOTE]"),
        ("> [!NOTE]\n> a\n\n[!note]: b", "Quote [!NOTE](page:guide/b) a"),
        ("> > [!TIP]\n> > a", "Quote / Callout color=green a"),
    ],
)
def test_alerts(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("https://a.example/b&amp;c=__d__e", "Bookmark url=https://a.example/b&c=__d__e"),
        ("<https://a.example/b&amp;c.>", "Bookmark url=https://a.example/b&amp;c."),
        ("https://a.example/b.", "Paragraph [https://a.example/b](https://a.example/b)."),
        ("https://a.example/(b)", "Bookmark url=https://a.example/(b)"),
        ("https://www.youtube-nocookie.com/embed/b", "Embed url=https://www.youtube-nocookie.com/embed/b"),
        ("https://www.youtube.com/@b", "Bookmark url=https://www.youtube.com/@b"),
        (
            "https://a.example/b  \n<https://a.example/c>",
            "Bookmark url=https://a.example/b / Bookmark url=https://a.example/c",
        ),
        (
            "https://youtu.be/b\nhttps://youtu.be/c",
            "Embed url=https://youtu.be/b / Embed url=https://youtu.be/c",
        ),
        ("https://a.example/b\nc", "Paragraph [https://a.example/b](https://a.example/b) c"),
        ("- https://youtu.be/b", "ListItem [https://youtu.be/b](https://youtu.be/b)"),
        ("- b\n\n  https://youtu.be/c", "ListItem b / Embed url=https://youtu.be/c"),
        ("<details>\n\nhttps://youtu.be/b\n\n</details>", "Toggle Details / Embed url=https://youtu.be/b"),
    ],
)
def test_the_address_alone_on_a_line_is_the_one_that_it_would_be_in_a_text(
    markdown: str, expected: str
) -> None:
    assert tree(markdown, "bookmarks", "embeds") == expected


def notes(markdown: str) -> str:
    """The tree with `[n→name]` for a reference, and `↩name` for the way back."""
    shown = re.sub(r"\[(\[\d\])\]\(page:guide/page\.md#fn:(.*?)\)", r"\1→\2", tree(markdown))
    return re.sub(r"\[\xa0↩\ufe0e\]\(page:guide/page\.md#fnref:(.*?)\)", r" ↩\1", shown)


def test_footnotes_are_numbered_by_their_references() -> None:
    assert notes("a[^z] b[^y] c[^z]\n\n[^y]: Y\n[^z]: Z\n\n    more\n") == (
        "Paragraph a[1]→z b[2]→y c[1]→z / Divider / "
        "ListItem ordered=True Z ↩z / Paragraph more / ListItem ordered=True Y ↩y"
    )


def test_case_does_not_count_in_the_names_of_footnotes() -> None:
    assert (
        notes("a[^Z] b[^z]\n\n[^z]: one")
        == "Paragraph a[1]→z b[1]→z / Divider / ListItem ordered=True one ↩z"
    )
    assert [item.code for item in convert("a[^N]\n\n[^n]: one\n[^N]: two\n", "p.md").diagnostics] == [
        "footnote-repeated"
    ]


def test_a_second_note_of_one_name_keeps_its_words() -> None:
    document = convert("a[^n] b[^m]\n\n[^n]: one\n[^n]: two\n\n    three\n\n[^m]: four\n[^u]: five\n", "p.md")
    assert [plain(block.text) for block in document.blocks if isinstance(block, ListItem)] == [
        "one" + WAY_BACK,
        "four" + WAY_BACK,
        "five",
        "two",
    ]
    assert document.notes == ("fn:n", "fn:m", "fn:u")
    assert [(item.code, item.line) for item in document.diagnostics] == [("footnote-repeated", 4)]


def test_footnotes_within_and_without() -> None:
    assert notes("a^[b *c*] d[^none]") == (
        "Paragraph a[1]→^1 d[^none] / Divider / ListItem ordered=True b _c_ ↩^1"
    )
    assert notes("a\n\n[^unused]: kept") == "Paragraph a / Divider / ListItem ordered=True kept"
    assert notes("- a[^1]\n\n  [^1]: in a list\n") == (
        "ListItem a[1]→1 / Divider / ListItem ordered=True in a list ↩1"
    )
    assert notes("a[^1]\n\n[^1]: b[^2]\n[^2]: c") == (
        "Paragraph a[1]→1 / Divider / ListItem ordered=True b[2]→2 ↩1 / ListItem ordered=True c ↩2"
    )
    assert notes('<a href="b.md">a[^1]</a>\n\n[^1]: c') == (
        "Paragraph [a[1]](page:guide/b.md) / Divider / ListItem ordered=True c ↩1"
    )


def test_links_in_footnotes_are_counted() -> None:
    document = convert("a[^1]^[[b](c.md)]\n\n[^1]: [d](e.md)\n", "p.md")
    assert [(use.link.target, use.line) for use in document.links if hasattr(use.link, "target")] == [
        ("e.md", 3),
        ("c.md", 1),
    ]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("$x$", "Paragraph $x$"),
        ("a $\\frac{1}{2}$ b", "Paragraph a $\\frac{1}{2}$ b"),
        ("**$x$**", "Paragraph **$x$**"),
        ("$`a_b`$", "Paragraph $a_b$"),
        ("$5 and $10", "Paragraph $5 and $10"),
        ("cost $5, or 10$", "Paragraph cost $5, or 10$"),
        ("$ x $", "Paragraph $ x $"),
        ("\\$x$", "Paragraph $x$"),
        ("`$x$`", "Paragraph `$x$`"),
        ("$$x$$", "Equation expression=x"),
        ("$$\nx\n\\\\\ny\n$$", "Equation expression=x\n\\\\\ny"),
        ("```math\nx\n```", "Equation expression=x"),
        ("```math\n```", ""),
        ("- $$\n  x\n  $$", "ListItem / Equation expression=x"),
        ("a $$x$$ b", "Paragraph a / Equation expression=x / Paragraph b"),
    ],
)
def test_mathematics(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_display_mathematics_keeps_its_line() -> None:
    (_, equation) = convert("a\n\n$$\nx\n$$\n", "p.md").blocks
    assert isinstance(equation, Equation)
    assert equation.line == 3


def test_every_shortcode_is_one_emoji() -> None:
    codes = "+1 -1 100 1st_place_medal 8ball abcd adult blush clinking_glasses de e-mail family_man_woman_girl octopus"
    assert all(is_emoji(emoji(f":{code}:")) for code in codes.split())
    assert emoji(":rocket::tada: :+1:") == "🚀🎉 👍"
    assert (
        emoji("a:rocket:b 10:30:45 :nope: http://x:rocket:") == "a:rocket:b 10:30:45 :nope: http://x:rocket:"
    )


def test_shortcodes_in_code_and_addresses_stay() -> None:
    assert tree("`:rocket:` <http://a.example/:rocket:>") == (
        "Paragraph `:rocket:` [http://a.example/:rocket:](http://a.example/:rocket:)"
    )


def test_addresses_alone_on_a_line() -> None:
    text = "https://a.example/ä\n\nhttps://youtu.be/x\n\nhttps://a.example b\n\n- https://a.example\n"
    every = Options(DEFAULT.extensions | {"bookmarks", "embeds"})
    first, second, third, fourth = convert(text, "p.md", every).blocks
    assert first == Bookmark("https://a.example/%C3%A4")
    assert second == Embed("https://youtu.be/x")
    assert isinstance(third, Paragraph)
    assert isinstance(fourth, ListItem)
    assert all(isinstance(block, (Paragraph, ListItem)) for block in convert(text, "p.md").blocks)


@pytest.mark.parametrize("marker", ["[TOC]", "[[toc]]", "[[_TOC_]]", "${toc}", "{{TOC}}"])
def test_markers_of_a_table_of_contents(marker: str) -> None:
    assert convert(f"{marker}\n", "p.md", Options(frozenset({"toc"}))).blocks == (TableOfContents(),)
    assert isinstance(convert(f"{marker}\n", "p.md").blocks[0], Paragraph)


def test_flavours_name_extensions_that_exist() -> None:
    assert all(flavor <= set(EXTENSIONS) for flavor in FLAVORS.values())
    assert all(extension.summary and extension.name == name for name, extension in EXTENSIONS.items())
