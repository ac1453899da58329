"""What each kind of block becomes in each service, and what a service cannot hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converters.blocks import (
    Block,
    Bookmark,
    Callout,
    Code,
    Columns,
    Divider,
    Document,
    Embed,
    Equation,
    FileRef,
    Heading,
    InlineEquation,
    ListItem,
    Marks,
    Media,
    PageRef,
    Paragraph,
    Quote,
    Span,
    Table,
    TableOfContents,
    ToDo,
    Toggle,
    Url,
)
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, PageHead, resolve_head
from converters.dialects.languages import BUILDIN, NOTION, code_language
from converters.dialects.urls import canonical_url, returned_url

PLAIN_FLAGS = dict.fromkeys(("bold", "code", "italic", "strikethrough", "underline"), False)
both = pytest.mark.parametrize("name", ["buildin", "notion"])


def encode(name: str, *blocks: Block) -> tuple[list[dict[str, Any]], list[str]]:
    """The blocks in the service's JSON, and the codes of the diagnostics."""
    inputs, diagnostics = DIALECTS[name].encode(blocks, "a.md")
    return [json.loads(DIALECTS[name].render(block)) for block in inputs], [d.code for d in diagnostics]


def made(name: str, block: Block) -> BlockInput:
    inputs, _ = DIALECTS[name].encode([block], "a.md")
    assert len(inputs) == 1
    return inputs[0]


def words(text: str) -> tuple[Span]:
    return (Span(text),)


def test_buildin_items_are_complete_objects() -> None:
    text = (
        Span("see "),
        Span("this", Marks(bold=True, color="red", background="yellow"), Url("https://a.example/b")),
    )
    (block,), _ = encode("buildin", Paragraph(text))
    plain, linked = block["paragraph"]["rich_text"]
    assert plain == {
        "type": "text",
        "text": {"content": "see ", "link": None},
        "annotations": PLAIN_FLAGS,
        "plain_text": "see ",
        "href": None,
    }
    assert linked["text"] == {"content": "this", "link": {"url": "https://a.example/b"}}
    assert linked["href"] == "https://a.example/b"
    assert linked["annotations"] == PLAIN_FLAGS | {
        "bold": True,
        "text_color": "red",
        "background_color": "yellow",
    }


def test_notion_items_say_only_what_is_not_the_default() -> None:
    text = (Span("see "), Span("this", Marks(bold=True, background="yellow"), Url("https://a.example/b")))
    (block,), _ = encode("notion", Paragraph((*text, InlineEquation("x^2"))))
    assert block["paragraph"]["rich_text"] == [
        {"type": "text", "text": {"content": "see "}},
        {
            "type": "text",
            "text": {"content": "this", "link": {"url": "https://a.example/b"}},
            "annotations": {"bold": True, "color": "yellow_background"},
        },
        {"type": "equation", "equation": {"expression": "x^2"}},
    ]


def test_children_stand_beside_the_content_or_within_it() -> None:
    item = ListItem(words("a"), children=(ListItem(words("b"), ordered=True),))
    (beside,), _ = encode("buildin", item)
    (within,), _ = encode("notion", item)
    assert [child["type"] for child in beside["children"]] == ["numbered_list_item"]
    assert [child["type"] for child in within["bulleted_list_item"]["children"]] == ["numbered_list_item"]


@pytest.mark.parametrize(
    ("name", "level", "kind", "codes"),
    [
        ("buildin", 3, "heading_3", []),
        ("buildin", 4, "heading_3", ["heading-level"]),
        ("notion", 4, "heading_4", []),
        ("notion", 6, "heading_4", ["heading-level"]),
    ],
)
def test_headings_sink_to_the_lowest_level_there_is(
    name: str, level: int, kind: str, codes: list[str]
) -> None:
    (block,), found = encode(name, Heading(level, words("h")))
    assert (block["type"], found) == (kind, codes)


@both
def test_a_heading_with_children_folds_them(name: str) -> None:
    (block,), _ = encode(name, Heading(1, words("h"), children=(Divider(),)))
    assert block["heading_1"]["is_toggleable"] is True


@both
def test_to_do_quote_and_toggle(name: str) -> None:
    found, codes = encode(name, ToDo(words("t"), True), Quote(words("q")), Toggle(words("g")), Equation("x"))
    assert [block["type"] for block in found] == ["to_do", "quote", "toggle", "equation"]
    assert found[0]["to_do"]["checked"] is True
    assert found[3]["equation"] == {"expression": "x"}
    assert codes == []


def test_callouts_have_an_emoji_and_a_background() -> None:
    (notion,), _ = encode("notion", Callout(words("n"), "⚠️", "red"))
    (buildin,), _ = encode("buildin", Callout(words("n"), "warning", "red"))
    assert notion["callout"]["icon"] == {"type": "emoji", "emoji": "⚠️"}
    assert notion["callout"]["color"] == "red_background"
    assert buildin["callout"]["icon"] == {"type": "emoji", "emoji": "💡"}
    assert buildin["callout"]["background_color"] == "red"


@pytest.mark.parametrize(
    ("word", "notion", "buildin"),
    [
        ("py", "python", "Python"),
        ("Rust,ignore", "rust", "Rust"),
        ("{.python .numbers}", "python", "Python"),
        ("js{1,3}", "javascript", "JavaScript"),
        ("zsh", "bash", "Shell"),
        ("c++", "c++", "C++"),
        ("cs", "c#", "C#"),
        ("dockerfile", "docker", "Dockerfile"),
        ("jsx", "javascript", "React"),
        ("html+erb", "html", "HTML"),
        ("sh-vue", "shell", "Shell"),
        ('title="a.py"', "plain text", "Plain Text"),
        ("", "plain text", "Plain Text"),
        ("no-such-thing", None, None),
    ],
)
def test_code_languages(word: str, notion: str | None, buildin: str | None) -> None:
    assert code_language(word, NOTION) == notion
    assert code_language(word, BUILDIN) == buildin


def test_an_unknown_language_is_told_and_shown_as_plain_text() -> None:
    (block,), codes = encode("notion", Code("x", "no-such-thing"))
    assert block["code"]["language"] == "plain text"
    assert codes == ["code-language"]


def test_the_caption_of_code_stands_above_it_where_code_has_none() -> None:
    code = Code("x", "py", words("a.py"))
    (notion,), _ = encode("notion", code)
    buildin, codes = encode("buildin", code)
    assert notion["code"]["caption"] == [{"type": "text", "text": {"content": "a.py"}}]
    assert [block["type"] for block in buildin] == ["paragraph", "code"]
    assert codes == ["structure-degraded"]


@both
def test_long_code_is_many_items_and_then_many_blocks(name: str) -> None:
    text = "0123456789\r\n" * 20_000
    found, codes = encode(name, Code(text, "py", words("title") if name == "notion" else ()))
    assert [block["type"] for block in found] == ["code", "code"]
    kept = [item["text"]["content"] for block in found for item in block["code"]["rich_text"]]
    assert "".join(kept) == text
    assert not any(piece.startswith("\n") for piece in kept)
    assert codes == ["text-split"]


@both
def test_long_equations_are_kept_as_code(name: str) -> None:
    found, codes = encode(name, Equation("x" * 1001), Paragraph((InlineEquation("y" * 1001),)))
    assert [block["type"] for block in found] == ["code", "paragraph"]
    assert found[0]["code"]["language"].lower() == "latex"
    (item,) = found[1]["paragraph"]["rich_text"]
    assert item["annotations"]["code"] is True
    assert item["text"]["content"] == "y" * 1001
    assert codes == ["equation-long"] * 2


@both
@pytest.mark.parametrize(
    ("url", "code", "text"),
    [
        ("javascript:alert(1)", "link-unsafe", "here (javascript:alert(1))"),
        ("other.md", "link-invalid", "here (other.md)"),
        ("http://", "link-invalid", "here (http://)"),
        ("data:image/png;base64,AAAA", "link-unsafe", "here (data:image/png;base64,…)"),
        ("https://e.example/" + "x" * 2000, "url-long", "here (https://e.example/" + "x" * 2000 + ")"),
    ],
)
def test_a_link_that_would_be_refused_stays_as_text(name: str, url: str, code: str, text: str) -> None:
    (block,), codes = encode(name, Paragraph((Span("here", link=Url(url)),)))
    items = block["paragraph"]["rich_text"]
    assert "".join(item["text"]["content"] for item in items) == text
    assert not any(item["text"].get("link") for item in items)
    assert codes == [code]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://example.com", "https://example.com/"),
        ("HTTPS://Example.COM?q", "https://example.com/?q"),
        ("https://example.com/a b/ä", "https://example.com/a%20b/%C3%A4"),
        ("https://example.com/%zz", "https://example.com/%zz"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("TEL:+49 30", "tel:+49%2030"),
        ("mailto:", None),
        ("http://a b.example/", None),
        ("http:///path", None),
        ("//example.com/x", None),
        ("http://{{host}}/", None),
        ("https://www.notion.so/t/My-Page-0123456789abcdef0123456789abcdef?pvs=4#a", "https://www.notion.so/0123456789abcdef0123456789abcdef#a"),
        ("https://www.notion.so/0123456789abcdef0123456789abcdef?v=1", "https://www.notion.so/0123456789abcdef0123456789abcdef?v=1"),
    ],
)  # fmt: skip
def test_urls_have_one_form(url: str, canonical: str | None) -> None:
    assert canonical_url(url) == canonical
    if canonical:
        assert canonical_url(canonical) == canonical
        assert returned_url(canonical) == canonical


def test_notion_returns_links_within_a_workspace_as_paths() -> None:
    page = "0123456789abcdef0123456789abcdef"
    assert returned_url(f"/{page}?pvs=25#abc") == f"https://www.notion.so/{page}#abc"


def test_media_of_every_kind() -> None:
    kinds = ("image", "video", "audio", "pdf", "file")
    remote = [Media(Url("https://e.example/f"), kind) for kind in kinds]
    local = [Media(FileRef("f"), kind) for kind in kinds]
    assert [block["type"] for block in encode("notion", *remote)[0]] == list(kinds)
    assert [block["type"] for block in encode("buildin", *remote)[0]] == [
        "image",
        "embed",
        "file",
        "file",
        "file",
    ]
    assert [block["type"] for block in encode("buildin", *local)[0]] == [
        "image",
        "file",
        "file",
        "file",
        "file",
    ]
    assert made("notion", local[0]).symbolic
    assert not made("notion", remote[0]).symbolic


@both
def test_a_picture_that_cannot_be_shown_leaves_caption_and_address(name: str) -> None:
    (block,), codes = encode(name, Media(Url("img/a.png"), caption=words("a cat")))
    assert "".join(item["text"]["content"] for item in block["paragraph"]["rich_text"]) == "a cat img/a.png"
    assert codes == ["link-invalid"]


@both
def test_bookmarks_and_embeds_need_an_address_of_the_web(name: str) -> None:
    found, _ = encode(
        name, Bookmark("https://a.example"), Embed("https://b.example/v"), Bookmark("mailto:a@b.example")
    )
    assert found[0]["bookmark"] == {"url": "https://a.example/"}
    assert found[1]["embed"] == {"url": "https://b.example/v"}
    assert found[2]["paragraph"]["rich_text"][0]["text"]["link"] == {"url": "mailto:a@b.example"}


@both
def test_tables_are_rectangular(name: str) -> None:
    (block,), codes = encode(
        name, Table(((words("a"), words("b")), (words("c"),)), header=False, row_header=True)
    )
    rows = block.get("children") or block["table"]["children"]
    assert block["table"]["table_width"] == 2
    assert block["table"]["has_column_header"] is False
    assert block["table"]["has_row_header"] is True
    assert [[len(cell) for cell in row["table_row"]["cells"]] for row in rows] == [[1, 1], [1, 0]]
    assert codes == []
    assert encode(name, Table(()), Table(((),))) == ([], [])


@both
def test_a_table_that_is_too_wide_keeps_the_rest_in_its_last_cell(name: str) -> None:
    row = tuple(words(str(number)) for number in range(103))
    (block,), codes = encode(name, Table((row,)))
    (only,) = block.get("children") or block["table"]["children"]
    cells = only["table_row"]["cells"]
    assert len(cells) == 100
    assert "".join(item["text"]["content"] for item in cells[-1]) == "99 | 100 | 101 | 102"
    assert codes == ["table-wide"]


@both
def test_a_cell_of_too_many_parts_loses_marks_before_links_before_its_place(name: str) -> None:
    marked = tuple(Span(str(i), Marks(bold=i % 2 == 0)) for i in range(300))
    linked = tuple(Span(str(i), link=Url(f"https://e.example/{i}")) for i in range(300))
    endless = words("x" * 210_000)
    found, codes = encode(name, Table(((marked, linked, endless),)))
    (row,) = found[0].get("children") or found[0]["table"]["children"]
    first, second, third = (
        "".join(item["text"]["content"] for item in cell) for cell in row["table_row"]["cells"]
    )
    assert first == "".join(map(str, range(300)))
    assert "299 (https://e.example/299)" in second
    below = "".join(
        item["text"]["content"] for block in found[1:] for item in block["paragraph"]["rich_text"]
    )
    assert len(third) + len(below) == 210_000
    assert codes == ["text-split"] * 3


def test_columns_and_contents_where_there_are_none() -> None:
    columns = Columns(((Paragraph(words("a")),), (Columns(((Divider(),), (Divider(),))),)))
    found, codes = encode("notion", columns, Columns(((), ())), Columns(((Divider(),),)), TableOfContents())
    assert [block["type"] for block in found] == [
        "column_list",
        "column_list",
        "divider",
        "table_of_contents",
    ]
    assert codes == ["structure-degraded"]
    assert [column["column"]["children"][0]["type"] for column in found[1]["column_list"]["children"]] == [
        "paragraph"
    ] * 2
    found, codes = encode("buildin", columns, TableOfContents())
    assert [block["type"] for block in found] == ["paragraph", "divider", "divider"]
    assert codes == ["structure-degraded"] * 3


@both
def test_an_update_names_what_goes_back_to_its_default(name: str) -> None:
    dialect = DIALECTS[name]
    body = json.loads(dialect.render_update(made(name, Heading(2, words("h")))))["heading_2"]
    assert body["is_toggleable"] is False
    assert {body.get(key, "default") for key in ("color", "text_color", "background_color")} == {"default"}
    assert ("color" in body) == (name == "notion")
    body = json.loads(dialect.render_update(made(name, Media(Url("https://e.example/a.png")))))["image"]
    assert body == {"caption": [], "external": {"url": "https://e.example/a.png"}}
    table = json.loads(dialect.render_update(made(name, Table(((words("a"),),)))))["table"]
    assert ("table_width" in table) == (name == "buildin")


@both
def test_what_can_be_updated_in_place(name: str) -> None:
    dialect = DIALECTS[name]

    def can(old: Block, new: Block) -> bool:
        before = made(name, old)
        return dialect.can_update(before.type, before.content, made(name, new))

    cell = (words("a"),)
    fold = Heading(1, words("a"), children=(Divider(),))
    assert can(Paragraph(words("a")), Paragraph(words("b")))
    assert not can(Paragraph(words("a")), Quote(words("a")))
    assert can(Table((cell,)), Table((cell,), header=False))
    assert not can(Table((cell,)), Table((cell * 2,)))
    assert can(Heading(1, words("a")), fold)
    assert not can(fold, Heading(1, words("a")))
    assert not can(Divider(), Divider())
    assert can(Media(FileRef("a")), Media(Url("https://e.example/")))
    row = made(name, Table((cell,))).children[0]
    assert dialect.can_update("table_row", row.content, row)
    assert not dialect.can_update("table_row", b'{"cells":[[],[]]}', row)
    assert not dialect.can_update("child_page", b"{}", made(name, Divider()))


@both
@pytest.mark.parametrize(
    "kind", ["child_page", "child_database", "unsupported", "synced_block", "link_preview", "tab", ""]
)
def test_what_a_publisher_cannot_have_written_is_foreign(name: str, kind: str) -> None:
    block = {"id": "1", "type": kind, kind: {"title": "T", "children": [1]}, "has_children": True}
    found = DIALECTS[name].read(block)
    assert (found.id, found.ours, found.has_children) == ("1", False, True)
    assert json.loads(found.input.content) == {"title": "T"}
    assert len(found.input.digest) == 16


@both
def test_reading_survives_what_services_and_people_add(name: str) -> None:
    dialect = DIALECTS[name]
    mention = {
        "type": "mention",
        "mention": {"type": "page", "page": {"id": "1"}},
        "plain_text": "P",
        "href": "x",
    }
    block = {
        "id": "1",
        "type": "paragraph",
        "paragraph": {"rich_text": [mention, {"text": {"content": "a"}}]},
    }
    found = dialect.read(block)
    assert [item["type"] for item in json.loads(found.input.content)["rich_text"]] == ["mention", "text"]
    hosted = {
        "type": "file",
        "file": {"url": "https://s3.example/a.png?sig=1", "expiry_time": "2026-01-01T00:00:00Z"},
    }
    later = {
        "type": "file",
        "file": {"url": "https://s3.example/a.png?sig=2", "expiry_time": "2026-01-02T00:00:00Z"},
    }
    readings = [
        dialect.read({"id": "1", "type": "image", "image": image}).input.digest for image in (hosted, later)
    ]
    assert readings[0] == readings[1]
    assert dialect.read({"id": "1", "type": "paragraph"}).ours is False
    assert dialect.read({"id": "1", "type": "code", "code": {"language": "JavaScript"}}).input.type == "code"


@both
@pytest.mark.parametrize(
    ("icon", "kind"),
    [("🚀", "emoji"), ("ℹ️", "emoji"), ("🇩🇪", "emoji"), ("1️⃣", "emoji"), ("https://e.example/i.png", "external"),
     ("img/i.png", "external"), ("rocket", None), ("", None), ("ftp://e.example/i.png", None), ("中", None)],
)  # fmt: skip
def test_icons(name: str, icon: str, kind: str | None) -> None:
    head = DIALECTS[name].head(Document("a.md", "T", (), icon=icon))
    found = json.loads(head.icon)
    assert (found and found["type"]) == kind
    assert head.cover == b"null"


@both
def test_titles_are_one_line_and_within_the_limit(name: str) -> None:
    head = DIALECTS[name].head(Document("a.md", "A\n  title " + "x" * 3000, ()))
    title = json.loads(head.properties)["title"]
    assert title["type"] == "title"
    assert "".join(item["text"]["content"] for item in title["title"]) == "A title " + "x" * 3000
    assert len(title["title"]) == 2


@both
def test_local_pictures_of_a_head_are_filled_in_later(name: str) -> None:
    head = DIALECTS[name].head(Document("a.md", "T", (), icon="i.png", cover="c.png"))

    def lookup(ref: PageRef | FileRef) -> str | None:
        return "https://e.example/c.png" if ref == FileRef("c.png") else None

    found = resolve_head(head, lookup)
    assert found.icon == b"null"
    assert json.loads(found.cover) == {"type": "external", "external": {"url": "https://e.example/c.png"}}
    assert resolve_head(PageHead(b"{}"), lookup) == PageHead(b"{}")
