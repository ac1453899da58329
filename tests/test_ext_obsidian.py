"""Obsidian: links by name, embeds, callouts, highlights, comments, block ids, line breaks."""

from __future__ import annotations

import pytest
from effort import effort
from hypothesis import given, settings
from hypothesis import strategies as st
from outline import blocks

from converters.blocks import Document, FileRef, Media, PageRef, Span
from converters.document import Options, convert
from converters.extensions import FLAVORS, GITHUB

OBSIDIAN = Options(extensions=FLAVORS["obsidian"])


def made(markdown: str) -> Document:
    return convert(markdown, "notes/here.md", OBSIDIAN)


def tree(markdown: str) -> str:
    """The outline without line numbers, one block after the other."""
    return " / ".join(line.partition(": ")[2] or line.strip() for line in blocks(made(markdown).blocks))


def codes(markdown: str) -> list[tuple[str, int, int]]:
    return [(item.code, item.line, item.column) for item in made(markdown).diagnostics]


@pytest.mark.parametrize(
    ("written", "text", "target", "anchor"),
    [
        ("[[Page]]", "Page", "Page", ""),
        ("[[ Page ]]", "Page", "Page", ""),
        ("[[Page|other]]", "other", "Page", ""),
        ("[[Page\\|other]]", "other", "Page", ""),
        ("[[Page|a [b] c]]", "a [b] c", "Page", ""),
        ("[[folder/Page]]", "folder/Page", "folder/Page", ""),
        ("[[/folder/Page]]", "/folder/Page", "folder/Page", ""),
        ("[[../Page]]", "../Page", "Page", ""),
        ("[[./Page]]", "./Page", "notes/Page", ""),
        ("[[Page.md]]", "Page.md", "Page.md", ""),
        ("[[Page#A Heading!]]", "Page > A Heading!", "Page", "a-heading"),
        ("[[Page#One#Two|x]]", "x", "Page", "two"),
        ("[[#A Heading]]", "A Heading", "notes/here.md", "a-heading"),
        ("[[Page#^id-1|x]]", "x", "Page", "^id-1"),
        ("[[50% & more?]]", "50% & more?", "50% & more?", ""),
        ("[[Übersicht]]", "Übersicht", "Übersicht", ""),
        ("[[v1.2]]", "v1.2", "v1.2", ""),
    ],
)
def test_links(written: str, text: str, target: str, anchor: str) -> None:
    document = made(f"x {written}")
    link = PageRef(target, anchor)
    assert document.blocks[0].text[-1] == Span(text, link=link)  # type: ignore[union-attr]  # it is a paragraph
    assert [(use.link, use.line, use.column) for use in document.links] == [(link, 1, 3)]


@pytest.mark.parametrize(
    "text",
    ["[[ ]]", "[[|x]]", "[[a", "[[a\nb]]", "\\[[a]]", "`[[a]]`", "[ [a]]"],
)
def test_what_is_no_link_stays(text: str) -> None:
    assert made(text).links == ()


def test_a_link_of_markdown_is_left_alone() -> None:
    assert tree("[[1]](https://a.example)") == "Paragraph [[1]](https://a.example)"


def test_a_file_is_linked_as_a_file() -> None:
    assert [use.link for use in made("[[paper.pdf]] [[Node.js|n]]").links] == [
        FileRef("paper.pdf"),
        FileRef("Node.js"),
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("![[a b.png]]", "Media file:a b.png"),
        ("![[a.png|300]]", "Media file:a.png"),
        ("![[a.png|300 x 200]]", "Media file:a.png"),
        ("![[a.png|A plan]]", "Media file:a.png / caption A plan"),
        ("![[a.png|A plan|300]]", "Media file:a.png / caption A plan"),
        ("![[a.pdf#page=2]]", "Media kind=pdf file:a.pdf"),
        ("![[a.mp3]]", "Media kind=audio file:a.mp3"),
        ("![[a.canvas]]", "Media kind=file file:a.canvas"),
        ("![[Page]]", "Paragraph [Page](page:Page)"),
        ("![[Page#H]]", "Paragraph [Page > H](page:Page#h)"),
        ("a ![[Page]] b", "Paragraph a / Paragraph [Page](page:Page) / Paragraph b"),
        ("a ![[b.png]] c", "Paragraph a / Media file:b.png / Paragraph c"),
        ("## a ![[Page]]", "Heading level=2 a / Paragraph [Page](page:Page)"),
    ],
)
def test_embeds(written: str, expected: str) -> None:
    assert tree(written) == expected


def test_in_a_table_a_note_is_a_link_and_a_file_stands_below() -> None:
    assert tree("| a |\n|--|\n| ![[b.png\\|30]] ![[Page]] |").endswith(
        "| b.png [Page](page:Page) / Media file:b.png"
    )


@pytest.mark.parametrize(
    ("written", "expected", "said"),
    [
        ("![a|300](b.png)", "Media file:notes/b.png / caption a", ["image-size"]),
        ("![a *b*|30x20](b.png)", "Media file:notes/b.png / caption a _b_", ["image-size"]),
        ("![300](b.png)", "Media file:notes/b.png", ["image-size"]),
        ("![a|b](b.png)", "Media file:notes/b.png / caption a|b", []),
        ("![*a* 300](b.png)", "Media file:notes/b.png / caption _a_ 300", []),
        ("![](https://www.youtube.com/watch?v=a)", "Embed url=https://www.youtube.com/watch?v=a", []),
        ("a ![b](https://x.com/c/status/1) d", "Paragraph a / Embed url=https://x.com/c/status/1 / caption b / Paragraph d", []),
        ("- [/] a\n- [x] b\n- [ ] c\n- [-] d", "ToDo checked=True a / ToDo checked=True b / ToDo c / ToDo checked=True d",
         ["task-state", "task-state"]),
        ("- [1] a\n- [?](b.md) c\n- [?]d", "ListItem [1] a / ListItem [?](page:notes/b.md) c / ListItem [?]d", []),
    ],
)  # fmt: skip
def test_pictures_and_tasks(written: str, expected: str, said: list[str]) -> None:
    assert tree(written) == expected
    assert [item.code for item in made(written).diagnostics if item.code != "image-inline"] == said


def test_embeds_say_what_they_lose() -> None:
    assert codes("![[a.png|300]]\n\nx ![[Page]]") == [("image-size", 1, 1), ("embed-note", 3, 3)]
    assert isinstance(made("![[a.png|x]]").blocks[0], Media)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("> [!tip]\n> a", "Callout color=green a"),
        ("> [!TIP] Title\n> a", "Callout color=green **Title** / Paragraph a"),
        ("> [!tip] Title", "Callout color=green **Title**"),
        ("> [!tip]- Title\n> a", "Toggle 💡 Title / Paragraph a"),
        ("> [!tip]-\n> a", "Toggle 💡 Tip / Paragraph a"),
        ("> [!tip]+ Title\n> a", "Callout color=green **Title** / Paragraph a"),
        ("> [!own-kind]\n> a", "Callout icon=📝 **Own kind** / Paragraph a"),
        ("> [!info|wide] Title", "Callout icon=ℹ️ color=blue **Title**"),
        ("> [!note]", "Callout icon=📝 color=blue"),
        ("> [!note]\n> - a", "Callout icon=📝 color=blue / ListItem a"),
        ("> [!note] a\n> > [!bug]- b\n> > c", "Callout icon=📝 color=blue **a** / Toggle 🐛 b / Paragraph c"),
        ("- > [!note] a", "ListItem / Callout icon=📝 color=blue **a**"),
        ("> [!note](b.md)", "Quote [!note](page:notes/b.md)"),
        ("> a\n> [!note]", "Quote a⏎[!note]"),
    ],
)
def test_callouts(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_places_in_a_callout_are_those_of_the_file() -> None:
    document = made("> [!tip] A [[B]]\n> c [[D]]\n> [[E]]")
    assert [(use.line, use.column) for use in document.links] == [(1, 12), (2, 5), (3, 3)]
    assert [block.line for block in document.blocks[0].children] == [2]  # type: ignore[union-attr]  # a callout


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("==a==", "==a=="),
        ("x ==a *b*== y", "x ==a ====_b_== y"),
        ("a == b == c", "a == b == c"),
        ("==a", "==a"),
        ("== a ==", "== a =="),
        ("`==a==`", "`==a==`"),
        ("a=b", "a=b"),
        ("====a====", "==a=="),
    ],
)
def test_highlights(markdown: str, expected: str) -> None:
    assert tree(markdown) == f"Paragraph {expected}"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a %%b%% c", "Paragraph a c"),
        ("%%b%%", ""),
        ("%%\nb\n\nc\n%%\nd", "Paragraph d"),
        ("%% b %% c", "Paragraph c"),
        ("a\n%%\nb\n%%\nc", "Paragraph a / Paragraph c"),
        ("> %%\n> b\n> %%\n> c", "Quote c"),
        ("- a %%b%%\n- c", "ListItem a / ListItem c"),
        ("100%% a", "Paragraph 100%% a"),
        ("%% a\n\nb", ""),
        ("x\n\n- a %%b\n\nc", "Paragraph x / ListItem a"),
        ("%%a%% b\n\nc\n\n%%\nd\n%%", "Paragraph b / Paragraph c"),
        ("%%a%% b %%c%% d %%e\n\nf%% g", "Paragraph b d / Paragraph g"),
        ("%%\na\n%% b\n\nc", "Paragraph b / Paragraph c"),
        ("%%a\nb%% c %%d\ne%% f", "Paragraph c f"),
        ("a %%b\n%% c", "Paragraph a c"),
        ("a %%b\n- c\nd%% e", "Paragraph a / Paragraph e"),
        ("- a %%b\n> c%% d\n\ne", "ListItem a / Paragraph d / Paragraph e"),
        ("- a\n\n  %%\n  b\n\n> c\n- d\n%%\n- e", "ListItem a / ListItem e"),
        ("> %%\na\nb %% c\nd", "Quote / Paragraph c⏎d"),
        ("> - a %%b\n> c\n>\n> d%% e\n\nf", "Quote / ListItem a / Paragraph e / Paragraph f"),
        ("> > %%\n> > a\n> %% b\n\nc", "Quote / Quote / Paragraph b / Paragraph c"),
        ("# a %%b\n\nc%% d\n\n# x", "Heading level=1 a / Paragraph d / Heading level=1 x"),
        (
            "|a|b|\n|-|-|\n|c %%d|e%% f|\n|g %%h|i|\n\nj %% k",
            "Table header=True / | a | b / | c | f / | g | / Paragraph k",
        ),
        ("`%%` a\n\n```\n%%\n```\n\nb `%%`", "Paragraph `%%` a / Code '%%' / Paragraph b `%%`"),
        ("\\%% a\n\nb", "Paragraph %% a / Paragraph b"),
        ("%%\n```\n%%\na", "Paragraph a"),
        ("100%% a\n\n%%\nb\n%%\nc", "Paragraph 100%% a / Paragraph c"),
        ("`%%a%%`", "Paragraph `%%a%%`"),
    ],
)
def test_comments(markdown: str, expected: str) -> None:
    assert tree(markdown) == expected


def test_comments_are_reported_where_they_stand() -> None:
    assert codes("a %%b%%\n\n%%\nc\n%%") == [("comment-dropped", 1, 3), ("comment-dropped", 3, 1)]


def test_a_comment_without_an_end_is_said() -> None:
    assert codes("a\n\nb %%c\n\nd") == [("comment-unclosed", 3, 1), ("comment-dropped", 3, 3)]
    assert codes("a\n\n%%\nd") == [("comment-dropped", 3, 1), ("comment-unclosed", 3, 1)]


SHOWN = st.sampled_from(
    ["word ", "word\n", "\n\n", "\n- ", "\n> ", "\n> - word ", "\n## ", "`%%` ", "\n\n```\n%%\n```\n\n", "\n|a|b|\n|-|-|\n|word|"]
)  # fmt: skip
HIDDEN = st.sampled_from(
    [
        "secret ",
        "\n",
        "\n\n",
        "\n- ",
        "\n> ",
        "\n    ",
        "`",
        "\n```\n",
        "# ",
        "|",
        "<b>",
        "**",
        "100% ",
        "[[x]]",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.lists(SHOWN, max_size=4), st.lists(HIDDEN, max_size=5)), max_size=5))
def test_comments_hide_what_stands_in_them_and_nothing_else(parts: list[tuple[list[str], list[str]]]) -> None:
    text = "".join(f"{''.join(public)} %%{''.join(hidden)}%% " for public, hidden in parts)
    found = tree(text)
    assert "secret" not in found
    assert found.count("word") == text.count("word")
    assert "comment-unclosed" not in {code for code, _, _ in codes(text)}
    assert "word" in tree(f"word {text} %%secret\n\nsecret")
    assert "secret" not in tree(f"word {text} %%secret\n\nsecret")


def test_block_ids_become_anchors() -> None:
    document = made("a ^one\n\n- b ^two\n- c\n\n^three\n\nx^2 and ^no word\n\n## H ^four")
    assert set(document.anchors) == {"h", "^one", "^two", "^three", "^four"}
    assert tree("a ^one\n\n^two\n\nx ^2 y") == "Paragraph a / Paragraph x ^2 y"
    assert tree("a **b** `^c`") == "Paragraph a **b** `^c`"


def test_tags_and_line_breaks_stay() -> None:
    assert tree("#tag a\n#b/c d") == "Paragraph #tag a⏎#b/c d"


def test_nothing_of_this_belongs_to_github() -> None:
    text = "[[a]] ==b== %%c%% d ^e\n\n> [!faq] f"
    document = convert(text, "a.md", Options(extensions=GITHUB))
    assert document.links == ()
    assert document.diagnostics == ()


TEXTS = "[[¦]]¦![[¦|¦#¦^a¦a¦word¦ ¦\n¦\n\n¦> ¦- ¦[!note]¦-¦+¦==¦=¦%%¦%¦`¦**¦*¦| a |\n|--|\n¦(x)¦.png¦300¦[^1]¦$¦\\¦    "
PIECES = st.sampled_from(TEXTS.split("¦"))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_never_raises(text: str) -> None:
    document = made(text)
    lines = text.count("\n") + 1
    assert all(0 <= item.line <= lines for item in document.diagnostics)
    assert all(1 <= use.line <= lines and use.column >= 1 for use in document.links)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["[[w]]", "==w==", "![[w]]", "w ", "> [!note] w\n", "\n", "\n\n", "- w\n", "**w** "])
    )
)
def test_no_word_is_lost(parts: list[str]) -> None:
    text = "".join(parts)
    assert tree(text).replace("(page:w)", "").replace("page:w", "").count("w") >= text.count("w")


@pytest.mark.parametrize(
    "piece",
    [
        "[[",
        "![[",
        "[[a|",
        "[[a]]",
        "==",
        "==a ",
        "%%",
        "%% a\n",
        "%%a\n\n",
        "> [!a] b\n",
        "> ",
        " ^a",
        "\n^a\n",
        "[[a#",
    ],
)
def test_work_grows_with_the_text(piece: str) -> None:
    few, many = (effort(lambda: made(piece * count)) for count in (500, 4_000))  # noqa: B023 - called at once
    assert many < max(few, 1_000) * 10
