"""What the site makes of each block type."""

from __future__ import annotations

import re

import pytest
from site_sample import Node, block, get, page, parse, row, shown, table, text

from publisher.emulator.site.blocks import HANDLERS
from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock


def caption(words: str) -> list[dict[str, str]]:
    return [text(words)]


def test_marks_nest_and_colours_become_classes() -> None:
    body = shown(
        block(
            "paragraph",
            text("a", bold=True, italic=True, code=True),
            text("b", color="red", background="yellow"),
        )
    )
    assert body.one("strong").one("code").text == "a"
    assert body.one("em").one("strong").text == "a"
    assert body.one("span.c-red").classes == ["c-red", "bg-yellow"]


def test_strike_and_underline() -> None:
    body = shown(block("paragraph", text("a", strikethrough=True), text("b", underline=True)))
    assert (body.one("s").text, body.one("u").text) == ("a", "b")


def test_an_unknown_colour_is_no_class() -> None:
    body = shown(block("paragraph", text("a", color='x" onload="'), text("b", background="black")))
    assert not body.all("span")


def test_items_with_the_same_link_are_one_link() -> None:
    url = "https://example.org/"
    body = shown(block("paragraph", text("one ", link=url), text("two", link=url, bold=True), " three"))
    assert body.one("a").text == "one two"
    assert body.one("a").attributes["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize(("level", "tag"), [(1, "h2"), (2, "h3"), (3, "h4"), (4, "h5")])
def test_headings_leave_the_first_level_to_the_title(level: int, tag: str) -> None:
    body = shown(block(f"heading_{level}", "Set up"))
    heading = body.one(f"div.level-{level}")
    assert heading.one(tag).inside[0] == "Set up"
    assert heading.one("a.anchor").attributes["href"] == f"#{heading.attributes['id']}"


def test_a_toggle_heading_folds_its_children() -> None:
    body = shown(block("heading_2", "More", is_toggleable=True, children=(block("paragraph", "inside"),)))
    details = body.one("details.toggle")
    assert details.one("summary").one("h3").inside[0] == "More"
    assert details.one("p").text == "inside"


def test_neighbouring_items_share_a_list() -> None:
    numbered = block("numbered_list_item", "one"), block("numbered_list_item", "two")
    bulleted = block("bulleted_list_item", "x", children=(block("bulleted_list_item", "y"),))
    body = shown(*numbered, bulleted, block("paragraph", "between"), block("numbered_list_item", "again"))
    assert [len(ol.all("li")) for ol in body.all("ol")] == [2, 1]
    outer = body.all("ul")[0]
    assert outer.one("ul").one("li").text == "y"


def test_to_dos_say_whether_they_are_done() -> None:
    body = shown(block("to_do", "a", checked=True), block("to_do", "b", children=(block("to_do", "c"),)))
    boxes = [box.attributes["aria-label"] for box in body.all("span.box")]
    assert boxes == ["Done", "To do", "To do"]
    assert len(body.all("ul.todos")) == 2


def test_quote_and_toggle_hold_their_children() -> None:
    inside = (block("paragraph", "inside"),)
    body = shown(block("quote", "q", children=inside), block("toggle", "t", children=inside))
    assert body.one("blockquote").one("p").text == "inside"
    assert body.one("details").one("summary").text == "t"
    assert body.one("details").one("p").text == "inside"


def test_callout_has_icon_and_colour() -> None:
    emoji = {"type": "emoji", "emoji": "🔥"}
    body = shown(block("callout", "hot", icon=emoji, background="orange"), block("callout", "plain"))
    first, second = body.all("div.callout")
    assert first.one("span.emoji").text == "🔥"
    assert "bg-orange" in first.classes
    assert "bg-gray" in second.classes
    assert first.attributes["role"] == "note"


def test_code_is_coloured_by_classes_and_keeps_its_text() -> None:
    source = "def f(x):\n    return 'a < b'\n"
    body = shown(block("code", source, language="python", caption=caption("A function")))
    assert body.one("code").text == source
    assert body.one("span.language").text == "python"
    assert any(node.text == "def" for node in body.all("span.t-k"))
    assert body.one("figcaption").text == "A function"


@pytest.mark.parametrize(
    "language", ["plain text", "no such language", "C++", "java/c/c++/c#", "vb.net", "Shell"]
)
def test_every_language_keeps_the_text(language: str) -> None:
    source = "\n\n  x <- y & z\n"
    assert shown(block("code", source, language=language)).one("code").text == source


@pytest.mark.parametrize(
    "source", ["\n" * 50_000, "0" * 90_000, "x = 1\n" * 40_000], ids=["gap", "line", "long"]
)
def test_code_that_would_take_long_has_no_colours(source: str) -> None:
    code = shown(block("code", source, language="matlab")).one("code")
    assert not code.all("span")
    assert code.text == source


def test_mermaid_is_labelled_source() -> None:
    body = shown(block("code", "graph TD\n  A --> B", language="mermaid"))
    assert body.one("span.language").text == "Mermaid diagram, source"
    assert body.one("code").text == "graph TD\n  A --> B"


def test_equations_are_mathml_and_keep_their_tex() -> None:
    body = shown(
        NewBlock("equation", {"expression": r"\frac{a}{b}"}),
        block("paragraph", "so ", {"type": "equation", "text": "x^2"}),
    )
    display, inline = body.all("math")
    assert (display.attributes["display"], inline.attributes["display"]) == ("block", "inline")
    assert display.attributes["alttext"] == r"\frac{a}{b}"
    assert display.one("mfrac").text == "ab"


@pytest.mark.parametrize("expression", ["a_b_c", r"\left(", "{" * 5000, r"\sqrt"])
def test_tex_that_cannot_be_drawn_is_readable(expression: str) -> None:
    body = shown(NewBlock("equation", {"expression": expression}))
    assert body.one("code.tex").text == expression


def test_tables_have_header_cells_and_no_short_rows() -> None:
    body = shown(table(row("A", "B"), row("1", text("2", bold=True)), row("3"), side=True))
    assert [th.text for th in body.one("thead").all("th")] == ["A", "B"]
    rows = body.one("tbody").all("tr")
    assert [[cell.tag for cell in line if cell.tag in ("th", "td")] for line in rows] == [["th", "td"]] * 2
    assert rows[0].one("strong").text == "2"
    assert body.one("div.table").attributes["id"]


def test_a_table_without_header() -> None:
    body = shown(table(row("A"), head=False))
    assert not body.all("thead")
    assert body.one("td").text == "A"


def test_pictures_load_late_and_tell_nobody() -> None:
    body = shown(NewBlock("image", {"url": "https://example.org/a.png", "caption": caption("A <hill>")}))
    picture = body.one("img")
    assert picture.attributes["src"] == "https://example.org/a.png"
    assert picture.attributes["alt"] == body.one("figcaption").text == "A <hill>"
    assert (picture.attributes["loading"], picture.attributes["referrerpolicy"]) == ("lazy", "no-referrer")


@pytest.mark.parametrize(
    ("type", "label"), [("file", "File"), ("pdf", "PDF"), ("video", "Video"), ("audio", "Audio")]
)
def test_files_are_cards(type: str, label: str) -> None:
    body = shown(
        NewBlock(type, {"url": "https://www.example.org/x/My%20plan.bin?v=1", "caption": caption("c")})
    )
    assert body.one("span.card-title").text == "My plan.bin"
    assert body.one("span.card-detail").text == f"{label} · example.org"
    assert body.one("figcaption").text == "c"


@pytest.mark.parametrize("type", ["bookmark", "embed", "link_preview"])
def test_bookmarks_and_embeds_are_cards_without_frames(type: str) -> None:
    body = shown(NewBlock(type, {"url": "https://example.org/page", "caption": caption("Title")}))
    assert body.one("a.card").attributes["href"] == "https://example.org/page"
    assert body.one("span.card-title").text == "Title"
    assert not body.all("iframe")


def test_columns_stand_beside_each_other() -> None:
    left = NewBlock("column", {"width_ratio": 0.25}, (block("paragraph", "l"),))
    right = NewBlock("column", {}, (block("paragraph", "r"),))
    columns = shown(NewBlock("column_list", {}, (left, right))).one("div.columns").all("div.column")
    assert [column.text.strip() for column in columns] == ["l", "r"]
    assert "wide-3" in columns[0].classes


def test_table_of_contents_lists_headings_wherever_they_stand() -> None:
    inside = block("toggle", "t", children=(block("heading_3", "Deep"),))
    body = shown(NewBlock("table_of_contents", {}), block("heading_2", "Top"), inside)
    links = body.one("nav.toc").all("a")
    assert [link.text for link in links] == ["Top", "Deep"]
    assert all(body.all(link.attributes["href"]) for link in links)


def test_breadcrumb_leads_up() -> None:
    store = Store()
    top = page(store, "Top")
    made = page(store, "Below", NewBlock("breadcrumb", {}), parent=top)
    body = parse(get(store, f"/p/{made}").text).one("div.body")
    assert [link.attributes["href"] for link in body.one("div.crumbs-block").all("a")] == [
        f"/p/{top}",
        f"/p/{made}",
    ]


def test_synced_blocks_and_tabs_show_their_children() -> None:
    inside = (block("paragraph", "inside"),)
    body = shown(NewBlock("synced_block", {"synced_from": None}, inside), NewBlock("tab", {}, inside))
    assert body.one("div.synced").one("p").text == body.one("div.tabs").one("p").text == "inside"


def test_child_pages_and_links_to_pages() -> None:
    store = Store()
    top = page(store, "Top")
    child = page(store, "Child", NewBlock("link_to_page", {"page_id": top}), parent=top, icon="🌱")
    link = parse(get(store, f"/p/{top}").text).one("div.body").one("a")
    assert (link.attributes["href"], link.one("span.name").text) == (f"/p/{child}", "Child")
    back = parse(get(store, f"/p/{child}").text).one("div.body").one("a")
    assert (back.attributes["href"], back.one("span.name").text) == (f"/p/{top}", "Top")


def test_a_link_to_a_page_that_is_not_here_is_text() -> None:
    body = shown(NewBlock("link_to_page", {"page_id": "00000000-0000-4000-8000-000000000000"}))
    assert not body.all("a")
    assert "not in this workspace" in body.text


def test_mentions() -> None:
    store = Store()
    other = page(store, "Other page")
    date = {"start": "2026-03-01", "end": "2026-03-04", "time_zone": None}
    body = shown(
        block(
            "paragraph",
            {"type": "mention", "text": "old title", "mention": {"type": "page", "id": other}},
            {"type": "mention", "text": "@Ines", "mention": {"type": "user", "id": "u"}},
            {"type": "mention", "text": "", "mention": {"type": "date", "date": date}},
        ),
        store=store,
    )
    assert body.one("a").attributes["href"] == f"/p/{other}"
    shown_as = [node.text for node in body if "mention" in node.classes]
    assert shown_as == ["Other page", "@Ines", "@2026-03-01 → 2026-03-04"]


def test_an_unknown_type_says_so_with_its_words() -> None:
    content = {"title": [text("Monday")], "parts": {"name": "Ines", "secret": "x"}}
    note = shown(NewBlock("meeting_notes", content, (block("paragraph", "kept"),))).one("div.unknown")
    assert "meeting_notes" in note.text
    assert note.one("span.words").text == "Monday Ines"
    assert note.one("p").text == "kept"


@pytest.mark.parametrize("type", sorted(HANDLERS))
def test_empty_content_is_drawn(type: str) -> None:
    body = shown(NewBlock(type, {}, (block("paragraph", "kept"),)))
    assert len(body.all(".b")) >= 1


def test_every_block_can_be_linked_to() -> None:
    store = Store()
    made = page(store, "P", block("paragraph", "a"), block("bulleted_list_item", "b"), table(row("c")))
    html = get(store, f"/p/{made}").text
    ids = set(re.findall(r'<\w+ class="b [^"]*" id="([^"]+)"', html))
    assert ids == {found.id for found in store.subtree(made)}


def _depth(node: Node) -> int:
    level, deepest = [node], 0
    while level:
        level = [part for each in level for part in each.inside if isinstance(part, Node)]
        deepest += 1
    return deepest


def test_deep_nesting_is_drawn_to_the_end_without_moving_further_in() -> None:
    deep = block("toggle", "the bottom")
    for _ in range(200):
        deep = block("toggle", "level", children=(deep,))
    body = shown(deep)
    assert "the bottom" in body.text
    assert len(body.all("div.kids")) - len(body.all("div.flat")) < 20
    assert _depth(body) > 200
