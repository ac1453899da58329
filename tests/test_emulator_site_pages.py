"""The addresses of the site: pages, databases, tree, search, history, events."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from site_sample import Node, block, database, get, page, parse, record, served, text

from publisher.emulator.site import tree
from publisher.emulator.site.code import highlight
from publisher.emulator.site.links import Links
from publisher.emulator.site.properties import cell, number
from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock, Place


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.close()


def html(store: Store, path: str) -> Node:
    answer = get(store, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return parse(answer.text)


def test_an_empty_workspace_says_how_to_begin(store: Store) -> None:
    main = html(store, "/").one("main")
    assert "pagemill publish docs/" in main.text
    assert "http://127.0.0.1:8470/v2" in main.text


def test_home_shows_roots_and_what_was_edited(store: Store) -> None:
    top = page(store, "Handbook", icon="📘")
    page(store, "Inside", parent=top)
    main = html(store, "/").one("main")
    assert [tile.one("span.name").text for tile in main.one("ul.tiles").all("li")] == ["Handbook"]
    assert {name.text for name in main.one("ul.rows").all("span.name")} == {"Handbook", "Inside"}


def test_a_page_by_either_spelling_of_its_id(store: Store) -> None:
    made = page(
        store, "Title & more", block("paragraph", "words"), icon="🚀", cover="https://example.org/c.png"
    )
    for spelling in (made, made.replace("-", ""), made.upper()):
        tree = html(store, f"/p/{spelling}")
        assert tree.one("h1").text == "Title & more"
    assert tree.one("title").text == "Title & more · pagemill"
    assert tree.one("img.cover").attributes["src"] == "https://example.org/c.png"
    assert tree.one("div.page-icon").text.strip() == "🚀"
    assert tree.one("html").attributes["data-version"] == str(store.version())


def test_the_id_of_a_block_leads_to_its_page(store: Store) -> None:
    made = page(store, "P", block("paragraph", "words"))
    found = store.children(made)[0].id
    answer = get(store, f"/p/{found}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/p/{made}#{found}")


def test_the_services_form_of_an_address_leads_to_the_page(store: Store) -> None:
    made = page(store, "P")
    answer = get(store, f"/Some-title-{made.replace('-', '')}")
    assert answer.headers["location"] == f"/p/{made}"


@pytest.mark.parametrize(
    "path", ["/p/x", "/p/00000000-0000-4000-8000-000000000000", "/nothing", "/p/x/history", "/tree/x"]
)
def test_what_is_not_there(store: Store, path: str) -> None:
    answer = get(store, path)
    assert answer.status_code == 404
    assert "There is no such page" in parse(answer.text).one("h1").text


def test_addresses_of_the_apis_are_left_alone(store: Store) -> None:
    assert get(store, "/v1/pages").headers["content-type"].startswith("text/plain")
    assert get(store, "/v2/x").status_code == 404


def test_breadcrumbs_and_tree_mark_the_current_page(store: Store) -> None:
    top = page(store, "Top")
    middle = page(store, "Middle", parent=top)
    made = page(store, "Here", parent=middle)
    page(store, "Elsewhere", parent=page(store, "Other root"))
    found = html(store, f"/p/{made}")
    crumbs = found.one("header").one("nav.crumbs").all("a")
    assert [link.text for link in crumbs] == ["Top", "Middle", "Here"]
    side = found.one("nav.tree")
    (current,) = [link for link in side.all("a") if link.attributes.get("aria-current") == "page"]
    assert current.text == "Here"
    folds = {
        button.attributes["aria-label"]: button.attributes["aria-expanded"] for button in side.all("button")
    }
    assert folds == {"Pages in Top": "true", "Pages in Middle": "true", "Pages in Other root": "false"}


def test_a_large_tree_is_left_to_be_fetched(store: Store) -> None:
    roots = [page(store, f"Root {n}") for n in range(tree.SIBLINGS)]
    for root in roots:
        for n in range(6):
            page(store, f"Child {n}", parent=root)
    last = page(store, "Last", parent=roots[-1])
    side = html(store, f"/p/{last}").one("nav.tree")
    assert len(side.all("a")) < tree.SHOWN + tree.SIBLINGS
    assert "Last" in side.text
    lazy = [branch for branch in side.all("li") if "data-lazy" in branch.attributes]
    assert lazy
    (branch,) = [branch for branch in lazy if branch.attributes["data-page"] == roots[-2]]
    fragment = html(store, f"/tree/{branch.attributes['data-page']}")
    assert [link.text for link in fragment.all("a")] == [f"Child {n}" for n in range(6)]


def test_many_siblings_are_cut_short_but_not_the_current_one(store: Store) -> None:
    top = page(store, "Top")
    children = [page(store, f"Child {n}", parent=top) for n in range(tree.SIBLINGS + 5)]
    side = html(store, f"/p/{children[-1]}").one("nav.tree")
    assert f"Child {tree.SIBLINGS + 4}" in side.text
    assert "and 4 more" in side.text


def test_a_page_in_trash_says_so(store: Store) -> None:
    made = page(store, "Gone", block("paragraph", "words"))
    with store.write("DELETE") as writer:
        node = writer.node(made)
        assert node is not None
        writer.trash(node, True)
    assert "in the trash" in html(store, f"/p/{made}").one("p.notice").text


SCHEMA = {
    "Name": {"type": "title", "title": {}},
    "State": {"type": "select", "select": {"options": []}},
    "Tags": {"type": "multi_select", "multi_select": {"options": []}},
    "Due": {"type": "date", "date": {}},
    "Size": {"type": "number", "number": {"format": "percent"}},
    "Done": {"type": "checkbox", "checkbox": {}},
    "Site": {"type": "url", "url": {}},
}


def test_a_database_is_a_table_of_its_records(store: Store) -> None:
    made = database(store, "Releases", SCHEMA, icon="🗂️")
    entry = record(
        store,
        made,
        "First",
        State={"select": {"name": "Open", "color": "green"}},
        Tags={"multi_select": [{"name": "a", "color": "grey"}, {"name": "b", "color": "evil"}]},
        Due={"date": {"start": "2026-03-01T08:00:00.000Z", "end": None, "time_zone": None}},
        Size={"number": 0.5},
        Done={"checkbox": True},
        Site={"url": "https://example.org/x/"},
    )
    found = html(store, f"/p/{made}").one("main")
    assert [th.text for th in found.one("thead").all("th")] == list(SCHEMA)
    line = found.one("tbody").one("tr")
    assert line.one("th").one("a").attributes["href"] == f"/p/{entry}"
    assert [cell.text for cell in line.all("td")] == [
        "Open",
        "ab",
        "2026-03-01 08:00:00 UTC",
        "50 %",
        "",
        "example.org/x",
    ]
    assert [chip.classes for chip in line.all("span.chip")] == [
        ["chip", "chip-green"],
        ["chip", "chip-gray"],
        ["chip"],
    ]
    assert line.one("span.box").attributes["aria-label"] == "Yes"


def test_a_record_is_a_page_with_its_properties(store: Store) -> None:
    made = database(store, "Releases", SCHEMA)
    entry = record(store, made, "First", Done={"checkbox": False}, State={"select": None})
    found = html(store, f"/p/{entry}")
    names = [dt.text for dt in found.one("dl.properties").all("dt")]
    assert names == [name for name in SCHEMA if name in names]
    assert {"Done", "State"} <= set(names)
    assert [link.text for link in found.one("header").one("nav.crumbs").all("a")] == ["Releases", "First"]


def test_records_come_in_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.emulator.site.views.RECORDS", 2)
    made = database(store, "D", SCHEMA)
    for n in range(5):
        record(store, made, f"Record {n}")
    found = html(store, f"/p/{made}?start=2").one("main")
    assert [th.text for th in found.one("tbody").all("th")] == ["Record 2", "Record 3"]
    assert [link.attributes["href"] for link in found.one("nav.paging").all("a")] == ["?start=0", "?start=4"]
    assert get(store, f"/p/{made}?start=-1x").status_code == 200
    assert get(store, f"/p/{made}?start=99999999999999999999999").status_code == 200


def test_a_data_source_leads_to_its_database(store: Store) -> None:
    made = database(store, "D", SCHEMA)
    assert get(store, f"/p/{store.data_sources(made)[0].id}").headers["location"] == f"/p/{made}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "people", "people": [{"object": "user", "id": "u1", "name": "Ines"}]}, "IInes"),
        ({"type": "files", "files": [{"name": "a.pdf", "external": {"url": "https://x/a.pdf"}}]}, "a.pdf"),
        ({"type": "email", "email": "a@example.org"}, "a@example.org"),
        ({"type": "phone_number", "phone_number": "+47 1"}, "+47 1"),
        (
            {"type": "relation", "relation": [{"id": "00000000-0000-4000-8000-000000000000"}]},
            "A page that is not here",
        ),
        ({"type": "formula", "formula": {"type": "number", "number": 3}}, "3"),
        ({"type": "formula", "formula": {"type": "string", "string": "<b>"}}, "<b>"),
        (
            {"type": "rollup", "rollup": {"type": "array", "array": [{"type": "number", "number": 1.5}]}},
            "1.5",
        ),
        ({"type": "unique_id", "unique_id": {"prefix": "BUG", "number": 7}}, "BUG-7"),
        ({"type": "status", "status": {"name": "Done", "color": "green"}}, "Done"),
        ({"type": "created_time", "created_time": "2026-03-01T00:00:00.000Z"}, "2026-03-01 UTC"),
        ({"type": "place", "place": {"name": "Oslo"}}, "Oslo"),
        ({"type": "new_kind", "new_kind": {"a": 1}}, '{"a": 1}'),
        ({"type": "select", "select": "not an option"}, "not an option"),
        ({"type": "people", "people": 3}, "3"),
        ({"type": "date", "date": None}, ""),
        (None, ""),
    ],
)
def test_property_values(value: dict[str, object] | None, expected: str) -> None:
    assert parse(cell(value, Links(lambda _: None))).text == expected


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (1234567, "number_with_commas", "1,234,567"),
        (0.125, "percent", "12.5 %"),
        (3, "euro", "€3.00"),
        (2.5, "", "2.5"),
    ],
)
def test_numbers(value: float, form: str, expected: str) -> None:
    assert number(value, form) == expected


def test_search_finds_titles_and_words(store: Store) -> None:
    made = page(
        store, "Rivers", block("paragraph", "Of lakes and ", text("GLÖMMA", bold=True), ' and "more"')
    )
    found = html(store, "/search?q=river").one("main")
    assert [name.text for name in found.all("span.name")] == ["Rivers"]
    for query in ("glömma", "LAKES", '"more"'):
        place = parse(get(store, f"/search?q={query}").text).one("main").one("ul.places").one("a")
        assert place.attributes["href"] == f"/p/{made}#{store.children(made)[0].id}"
        assert place.one("mark").text.casefold() == query.casefold()


@pytest.mark.parametrize("query", ["rich_text", "%", "_", "\\", "bold", "zzz"])
def test_search_does_not_find_the_form_in_which_it_is_stored(store: Store, query: str) -> None:
    page(store, "P", block("paragraph", text("words", bold=True)))
    found = parse(get(store, str(httpx.URL("/search", params={"q": query}))).text).one("main")
    assert not found.all("ul.places")


def test_search_gathers_the_places_of_a_page(store: Store) -> None:
    page(store, "Once", block("paragraph", "a needle"))
    many = page(store, "Often", *(block("paragraph", f"needle {number}") for number in range(5)))
    long = page(store, "Long", block("paragraph", "before " * 40 + "needle" + " behind" * 40))
    main = html(store, "/search?q=needle").one("main")
    hits = main.all("section.hit")
    assert [hit.one("h3").one("a").text for hit in hits] == ["Often", "Long", "Once"]
    places = hits[0].one("ul.places").all("a")
    assert [place.text for place in places] == ["needle 0", "needle 1", "needle 2"]
    assert places[0].attributes["href"] == f"/p/{many}#{store.children(many)[0].id}"
    assert hits[0].one("span.quiet").text == "5 places"
    excerpt = hits[1].one("ul.places").one("a").text
    assert excerpt.startswith("… before ")
    assert excerpt.endswith(" behind …")
    assert store.page(long) is not None


def test_a_long_way_is_shortened(store: Store) -> None:
    made = None
    for level in range(6):
        made = page(store, f"Level {level}", parent=made)
    crumbs = html(store, f"/p/{made}").one("header").one("nav.crumbs").all("a")
    assert [link.text for link in crumbs] == ["Level 0", "…", "Level 4", "Level 5"]
    assert crumbs[1].attributes["aria-label"] == "Level 3"


def test_search_forgets_what_is_in_trash(store: Store) -> None:
    made = page(store, "P", block("paragraph", "needle"))
    with store.write("DELETE") as writer:
        node = writer.node(made)
        assert node is not None
        writer.trash(node, True)
    assert "No page holds" in html(store, "/search?q=needle").one("main").text


def test_history_shows_what_each_write_did(store: Store) -> None:
    nested = block("bulleted_list_item", "outer", children=(block("bulleted_list_item", "inner"),))
    made = page(
        store, "P", block("paragraph", "The old words"), block("code", "x = 1", language="python"), nested
    )
    first, code, _ = store.children(made)
    with store.write("PATCH /v2/blocks/x", "tester") as writer:
        before, gone = writer.node(first.id), writer.node(code.id)
        assert before is not None
        assert gone is not None
        writer.update(before, {"rich_text": [text("The new words")]})
        writer.trash(gone, True)
        writer.insert(made, made, [block("paragraph", "added later")], Place("after", first.id))
    newest, oldest = html(store, f"/p/{made}/history").all("section.write")
    assert newest.one("h2").text == "1 block added; 1 block removed; 1 block changed"
    assert newest.all("code")[0].text == "PATCH /v2/blocks/x"
    assert newest.one("div.changed").one("del").text == "old"
    assert newest.one("div.changed").one("ins").text == "new"
    assert newest.one("div.removed").one("pre").text == "x = 1"
    assert newest.one("div.added").one("p").text == "added later"
    added = oldest.all("div.added")
    assert [entry.one("div.entry-body").text.strip() for entry in added][-1] == "outerinner"
    assert "4 blocks added" in oldest.one("h2").text


def test_history_shows_other_changes_of_a_block_before_and_after(store: Store) -> None:
    made = page(store, "P", block("to_do", "same words", checked=False))
    with store.write("PATCH") as writer:
        node = writer.node(store.children(made)[0].id)
        assert node is not None
        writer.update(node, {"rich_text": [text("same words")], "checked": True})
    entry = html(store, f"/p/{made}/history").one("div.changed")
    assert [box.attributes["aria-label"] for box in entry.all("span.box")] == ["To do", "Done"]


def test_history_shows_what_blocks_said_then(store: Store) -> None:
    made = page(store, "P", block("paragraph", "one words"), block("to_do", "task", checked=False))
    words, task = store.children(made)
    for said, done in (("two words", False), ("two words", True), ("three words", False)):
        with store.write("PATCH") as writer:
            for id, content in (
                (words.id, {"rich_text": [text(said)]}),
                (task.id, {"rich_text": [text("task")], "checked": done}),
            ):
                node = writer.node(id)
                assert node is not None
                writer.update(node, content)
    with store.write("DELETE") as writer:
        node = writer.node(words.id)
        assert node is not None
        writer.trash(node, True)
    removed, third, second, first, oldest = html(store, f"/p/{made}/history").all("section.write")
    assert removed.one("div.removed").one("p").text == "three words"
    assert [item.text for item in third.all("del") + third.all("ins")] == ["two", "three"]
    same, changed = second.all("div.changed")
    assert [line.text for line in same.all("p")] == ["two words", "two words"]
    assert [box.attributes["aria-label"] for box in changed.all("span.box")] == ["To do", "Done"]
    assert [item.text for item in first.all("del") + first.all("ins")] == ["one", "two"]
    assert oldest.all("div.added")[0].one("p").text == "one words"
    assert "Done" not in [box.attributes["aria-label"] for box in oldest.all("span.box")]


def test_recent_changes_have_the_last_first(store: Store) -> None:
    first = page(store, "First", block("paragraph", "a"))
    page(store, "Second")
    with store.write("PATCH") as writer:
        writer.insert(first, first, [block("paragraph", "b")])
    lines = html(store, "/recent").one("main").all("li")
    assert [line.one("span.name").text for line in lines] == ["First", "Second"]
    assert "2 added" in lines[0].text


def test_events_tell_the_version_and_then_what_was_written(store: Store) -> None:
    made = page(store, "P")
    with served(store) as address, httpx.stream("GET", f"{address}/events", timeout=20) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        events = _events(answer)
        assert next(events) == ("version", {"version": store.version(), "pages": []})
        with store.write("PATCH") as writer:
            writer.insert(made, made, [block("paragraph", "new")])
        assert next(events) == ("written", {"version": store.version(), "pages": [made]})


def _events(answer: httpx.Response) -> Iterator[tuple[str, object]]:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_highlighting_survives_carriage_returns() -> None:
    assert highlight("a\r\nb", "plain text") == "a\r\nb"


def test_a_page_without_blocks_says_so(store: Store) -> None:
    assert "empty" in html(store, f"/p/{page(store, '')}").one("div.body").text
    assert html(store, f"/p/{page(store, 'x', NewBlock('divider', {}))}").one("hr").tag == "hr"
