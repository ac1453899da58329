"""Pages and blocks over time: order, paging, moving, trash, edit times, and reading through the other service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from emulated import Workspace, block, row, text, titled
from hypothesis import given
from hypothesis import strategies as st

from publisher.emulator.app import create_app
from publisher.emulator.check import Refusal
from publisher.emulator.cursors import pack, unpack
from publisher.emulator.switches import Switches


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def para(words: str, **beside: Any) -> dict[str, Any]:
    return block("paragraph", {"rich_text": text(words)}, **beside)


# Order


def test_children_keep_their_order_wherever_they_are_put(workspace: Workspace) -> None:
    page = workspace.page()
    a, b = workspace.append(page, para("a"), para("b"))
    workspace.append(page, para("a1"), para("a2"), after=a)
    workspace.append(page, para("b0"), before=b)
    workspace.append(page, para("0"), before=a)
    notion = f"/v1/blocks/{page}/children"
    workspace.ok("PATCH", notion, {"children": [para("first")], "position": {"type": "start"}})
    workspace.ok("PATCH", notion, {"children": [para("last")], "position": {"type": "end"}})
    behind = {"type": "after_block", "after_block": {"id": b}}
    answer = workspace.ok("PATCH", notion, {"children": [para("b1"), para("b2")], "position": behind})
    assert [result["paragraph"]["rich_text"][0]["plain_text"] for result in answer["results"]] == ["b1", "b2"]
    assert workspace.texts(page) == ["first", "0", "a", "a1", "a2", "b0", "b", "b1", "b2", "last"]


def test_anchors_must_be_direct_children(workspace: Workspace) -> None:
    page, other = workspace.page(), workspace.page()
    outer = workspace.append(page, para("o", children=[para("i")]))[0]
    inner = workspace.store.children(outer)[0].id
    a, b = workspace.append(page, para("a"), para("b"))
    body = {"children": [para("x")]}
    path = f"/v2/blocks/{page}/children"
    for position in (
        {"after": inner},
        {"before": other},
        {"after": a, "before": b},
        {"after": "x"},
        {"after": None},
    ):
        workspace.refused("PATCH", path, {**body, **position})
    for id in (inner, other, page):
        position = {"type": "after_block", "after_block": {"id": id}}
        workspace.refused("PATCH", f"/v1/blocks/{page}/children", {**body, "position": position})
    for bad in (
        {"type": "after_block"},
        {"type": "page_start"},
        {"type": "start", "after_block": {"id": a}},
        {},
    ):
        workspace.refused("PATCH", f"/v1/blocks/{page}/children", {**body, "position": bad})
    lenient = Workspace(create_app(None, switches=Switches(buildin_null_anchor=True)))
    lenient.append(lenient.page(), para("x"), after=None)


def test_child_pages_stand_among_the_blocks_of_their_parent(workspace: Workspace) -> None:
    page = workspace.page(children=[para("text")])
    kid = workspace.page("Kid", page)
    workspace.append(page, para("more"))
    database = workspace.ok(
        "POST",
        "/v2/databases",
        {"parent": {"page_id": page}, "title": text("Base"), "properties": {"N": {"type": "title"}}},
    )
    first = {"parent": {"page_id": page}, "properties": titled("Top"), "position": {"type": "page_start"}}
    workspace.ok("POST", "/v1/pages", first)
    assert workspace.texts(page) == ["Top", "text", "Kid", "more", "Base"]
    shown = workspace.ok("GET", f"/v2/blocks/{kid}")
    assert (shown["id"], shown["type"], shown["child_page"]) == (kid, "child_page", {"title": "Kid"})
    assert workspace.ok("GET", f"/v1/blocks/{database['id']}")["child_database"] == {"title": "Base"}
    workspace.refused(
        "PATCH", f"/v2/blocks/{kid}", {"child_page": {"title": "x"}}, code="unsupported_block_type"
    )
    workspace.refused("PATCH", f"/v1/blocks/{kid}", {"child_page": {"title": "x"}})
    workspace.refused("PATCH", f"/v1/blocks/{database['id']}/children", {"children": [para("x")]})


@pytest.mark.parametrize(("service", "default"), [("v2", 20), ("v1", 100)])
def test_paging(workspace: Workspace, service: str, default: int) -> None:
    page, other = workspace.page(), workspace.page()
    ids = [id for _ in range(3) for id in workspace.append(page, *[para(str(n)) for n in range(50)])]
    path = f"/{service}/blocks/{page}/children"
    first = workspace.ok("GET", path)
    assert [len(first["results"]), first["has_more"]] == [default, True]
    found, cursor = list(first["results"]), first["next_cursor"]
    workspace.append(page, para("new"), after=ids[0])  # what is already given out is not repeated
    while cursor:
        answer = workspace.ok("GET", f"{path}?page_size=7&start_cursor={cursor}")
        assert answer["has_more"] is (answer["next_cursor"] is not None)
        found += answer["results"]
        cursor = answer["next_cursor"]
    assert [child["id"] for child in found] == ids
    for query in ("page_size=0", "page_size=101", "page_size=x", "start_cursor=nonsense", "nonsense=1"):
        workspace.refused("GET", f"{path}?{query}")
    foreign = first["next_cursor"]
    workspace.refused("GET", f"/{service}/blocks/{other}/children?start_cursor={foreign}")


@given(position=st.integers(0, 2**63), as_uuid=st.booleans(), name=st.text())
def test_cursors_name_a_place_of_their_list(position: int, as_uuid: bool, name: str) -> None:
    cursor = pack(name, position, as_uuid=as_uuid)
    assert unpack(cursor, name) == position
    with pytest.raises(Refusal):
        unpack(cursor, name + "x")


def test_reading_goes_on_behind_a_block_that_was_deleted(workspace: Workspace) -> None:
    page = workspace.page()
    ids = workspace.append(page, *[para(str(n)) for n in range(5)])
    cursor = workspace.ok("GET", f"/v2/blocks/{page}/children?page_size=2")["next_cursor"]
    workspace.ok("DELETE", f"/v2/blocks/{ids[1]}")
    rest = workspace.ok("GET", f"/v2/blocks/{page}/children?start_cursor={cursor}")
    assert [child["id"] for child in rest["results"]] == ids[2:]


# Updating


def test_an_update_keeps_what_it_does_not_name(workspace: Workspace) -> None:
    page = workspace.page()
    todo = workspace.append(
        page, block("to_do", {"rich_text": text("t"), "checked": True, "text_color": "red"})
    )[0]
    workspace.ok("PATCH", f"/v1/blocks/{todo}", {"to_do": {"checked": False}})
    shown = workspace.ok("GET", f"/v1/blocks/{todo}")["to_do"]
    assert (shown["checked"], shown["color"], shown["rich_text"][0]["plain_text"]) == (False, "red", "t")
    workspace.ok("PATCH", f"/v1/blocks/{todo}", {"to_do": {"color": "default"}})
    assert workspace.ok("GET", f"/v2/blocks/{todo}")["to_do"]["text_color"] == "default"
    workspace.refused(
        "PATCH", f"/v2/blocks/{todo}", {"to_do": {"checked": True}}
    )  # Buildin wants the text again


@pytest.mark.parametrize("service", ["v1", "v2"])
def test_an_update_names_the_type_of_the_block_and_nothing_else(workspace: Workspace, service: str) -> None:
    page = workspace.page()
    id = workspace.append(page, para("a"))[0]
    path = f"/{service}/blocks/{id}"
    words = {"rich_text": text("b")}
    workspace.ok("PATCH", path, {"paragraph": words})
    workspace.ok("PATCH", path, {"type": "paragraph", "paragraph": words})
    assert workspace.texts(page) == ["b"]
    for bad in (
        {},
        {"quote": words},
        {"type": "quote", "paragraph": words},
        {"paragraph": words, "quote": words},
        {"paragraph": words, "children": []},
        {"paragraph": {**words, "children": []}},
    ):
        workspace.refused("PATCH", path, bad)


def test_what_cannot_be_updated(workspace: Workspace) -> None:
    body = {
        "parent": {"workspace": True},
        "children": [
            {"column_list": {"children": [{"column": {"children": []}}] * 2}},
            {"heading_1": {"rich_text": [], "is_toggleable": True, "children": [{"divider": {}}]}},
            {"table": {"table_width": 1, "children": [row("a")]}},
        ],
    }
    page = workspace.ok("POST", "/v1/pages", body)["id"]
    columns, heading, table = (child.id for child in workspace.store.children(page))
    workspace.refused("PATCH", f"/v1/blocks/{columns}", {"column_list": {}})
    workspace.refused("PATCH", f"/v1/blocks/{heading}", {"heading_1": {"is_toggleable": False}})
    workspace.refused("PATCH", f"/v1/blocks/{table}", {"table": {"table_width": 2}})
    workspace.ok("PATCH", f"/v1/blocks/{table}", {"table": {"has_column_header": True}})
    workspace.refused("PATCH", f"/v2/blocks/{table}", {"table": {"table_width": 2}})
    workspace.ok("PATCH", f"/v2/blocks/{table}", {"table": {"table_width": 1}})
    plain = workspace.append(page, block("heading_1"))[0]
    workspace.refused("PATCH", f"/v1/blocks/{plain}/children", {"children": [para("x")]})
    divider = workspace.append(page, block("divider", {}))[0]
    for service in ("v1", "v2"):
        workspace.refused("PATCH", f"/{service}/blocks/{divider}/children", {"children": [para("x")]})


# Moving


def test_moving_through_buildin(workspace: Workspace) -> None:
    root = workspace.page("Root")
    a, b, c = (workspace.page(name, root) for name in "abc")
    moved = workspace.ok("PATCH", f"/v2/pages/{c}/move", {"parent": {"page_id": root}, "before": a})
    assert moved == {
        "object": "move_result",
        "id": c,
        "object_type": "page",
        "parent": {"type": "page_id", "page_id": root},
        "after": None,
        "before": a,
    }
    assert workspace.texts(root) == ["c", "a", "b"]
    workspace.ok("PATCH", f"/v2/pages/{c}/move", {"parent": {"page_id": root}, "after": a})
    assert workspace.texts(root) == ["a", "c", "b"]
    workspace.ok("PATCH", f"/v2/pages/{b}/move", {"parent": {"workspace": True}})
    assert [page.title for page in workspace.store.roots()] == ["Root", "b"]
    for bad in (
        {"parent": {"page_id": root}, "after": a, "before": c},
        {"parent": {"page_id": root}, "after": b},
        {"parent": {"page_id": a}},
        {"parent": {"type": "page_id", "page_id": b}},
        {"parent": {}},
        {},
    ):
        workspace.refused("PATCH", f"/v2/pages/{a}/move", bad)


def test_moving_through_notion(workspace: Workspace) -> None:
    a = workspace.page("a")
    b = workspace.page("b", a)
    workspace.refused("POST", f"/v1/pages/{a}/move", {"parent": {"page_id": b}})
    workspace.refused("POST", f"/v1/pages/{b}/move", {"parent": {"workspace": True}})
    c = workspace.page("c")
    moved = workspace.ok("POST", f"/v1/pages/{b}/move", {"parent": {"type": "page_id", "page_id": c}})
    assert moved["parent"] == {"type": "page_id", "page_id": c}
    assert [page.title for page in workspace.store.ancestors(b)] == ["c"]


# Trash


def test_what_is_in_trash_is_not_listed_and_not_written(workspace: Workspace) -> None:
    page = workspace.page()
    toggle = workspace.append(page, block("toggle", None, children=[para("inner")]))[0]
    inner = workspace.store.children(toggle)[0].id
    kid = workspace.page("Kid", page)
    assert workspace.ok("DELETE", f"/v2/pages/{page}")["in_trash"] is True
    assert workspace.ok("GET", f"/v1/pages/{page}")["in_trash"] is True
    words = {"paragraph": {"rich_text": text("x")}}
    for method, path, body in (
        ("PATCH", f"blocks/{page}/children", {"children": [para("x")]}),
        ("PATCH", f"blocks/{toggle}/children", {"children": [para("x")]}),
        ("PATCH", f"blocks/{inner}", words),
        ("PATCH", f"pages/{kid}", {"icon": None}),
        ("PATCH", f"pages/{page}", {"properties": titled("x")}),
        ("POST", "pages", {"parent": {"page_id": kid}}),
    ):
        for service in ("v1", "v2"):
            workspace.refused(method, f"/{service}/{path}", body)
    workspace.refused("DELETE", f"/v1/blocks/{inner}")
    workspace.refused("PATCH", f"/v1/pages/{kid}", {"in_trash": True})
    assert workspace.ok("POST", "/v1/search", {})["results"] == []
    assert workspace.store.roots() == [] == workspace.store.search("kid")
    workspace.ok("PATCH", f"/v2/pages/{page}", {"in_trash": False})
    workspace.ok("PATCH", f"/v1/blocks/{inner}", words)
    assert workspace.texts(page) == ["t", "Kid"]


def test_a_deleted_block_can_come_back_to_its_place(workspace: Workspace) -> None:
    page = workspace.page()
    ids = workspace.append(page, para("a"), para("b"), para("c"))
    assert workspace.ok("DELETE", f"/v1/blocks/{ids[1]}")["in_trash"] is True
    assert workspace.texts(page) == ["a", "c"]
    assert workspace.ok("GET", f"/v2/blocks/{ids[1]}")["in_trash"] is True
    workspace.refused("PATCH", f"/v2/blocks/{page}/children", {"children": [para("x")], "after": ids[1]})
    workspace.ok("PATCH", f"/v2/blocks/{ids[1]}", {"in_trash": False})
    assert workspace.texts(page) == ["a", "b", "c"]


def test_deleting_the_block_of_a_page_puts_the_page_into_trash(workspace: Workspace) -> None:
    page = workspace.page()
    kid = workspace.page("Kid", page)
    workspace.ok("DELETE", f"/v1/blocks/{kid}")
    assert workspace.ok("GET", f"/v2/pages/{kid}")["in_trash"] is True
    assert workspace.texts(page) == []


def test_erase_content(workspace: Workspace) -> None:
    page = workspace.page(children=[para("a"), para("b")])
    kid = workspace.page("Kid", page)
    workspace.ok("PATCH", f"/v1/pages/{page}", {"erase_content": True, "properties": titled("Empty")})
    assert workspace.texts(page) == []
    assert workspace.ok("GET", f"/v1/pages/{kid}")["in_trash"] is True


def test_operations_that_only_the_documentation_names_can_be_switched_off() -> None:
    workspace = Workspace(create_app(None, switches=Switches(buildin_delete=False, buildin_in_trash=False)))
    page = workspace.page()
    workspace.refused("DELETE", f"/v2/pages/{page}", code="not_found")
    workspace.refused("PATCH", f"/v2/pages/{page}", {"in_trash": True})
    id = workspace.append(page, para("a"))[0]
    workspace.refused("DELETE", f"/v2/blocks/{id}", code="not_found")
    workspace.refused("PATCH", f"/v2/blocks/{id}", {"in_trash": True})


# Edit times and ETags


def test_edit_times_and_etags() -> None:
    now = [datetime(2026, 4, 9, 8, 0, 12, 345_000, UTC)]
    workspace = Workspace(create_app(None, clock=lambda: now[0]))
    page = workspace.page()
    shown = workspace.send("GET", f"/v2/pages/{page}")
    assert shown.json()["last_edited_time"] == "2026-04-09T08:00:12.345Z"
    assert shown.headers["ETag"] == 'W/"2026-04-09T08:00:12.345Z"'
    assert workspace.ok("GET", f"/v1/pages/{page}")["last_edited_time"] == "2026-04-09T08:00:00.000Z"
    now[0] += timedelta(seconds=30)
    block_id = workspace.append(page, para("a"))[0]
    etag = workspace.send("GET", f"/v2/pages/{page}").headers["ETag"]
    assert etag == 'W/"2026-04-09T08:00:42.345Z"'
    workspace.ok("PATCH", f"/v2/blocks/{block_id}", {"paragraph": {"rich_text": text("b")}})
    assert workspace.send("GET", f"/v2/pages/{page}").headers["ETag"] != etag  # also within one millisecond
    workspace.refused("PATCH", f"/v2/pages/{page}", {"icon": None}, code="conflict", If_Match=etag)


def test_block_edits_can_leave_the_page_alone() -> None:
    workspace = Workspace(create_app(None, switches=Switches(block_edits_touch_page=False)))
    page = workspace.page()
    etag = workspace.send("GET", f"/v2/pages/{page}").headers["ETag"]
    workspace.append(page, para("a"))
    workspace.ok("PATCH", f"/v2/pages/{page}", {"icon": None}, If_Match=etag)


# Idempotency


def test_an_idempotency_key_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "workspace.db"
    first = Workspace(create_app(file))
    made = first.ok("POST", "/v2/pages", {"properties": titled("a")}, Idempotency_Key="key")
    first.store.close()
    second = Workspace(create_app(file))
    again = second.ok("POST", "/v2/pages", {"properties": titled("a")}, Idempotency_Key="key")
    assert again == made
    second.refused("POST", "/v2/pages", {}, code="idempotency_conflict", Idempotency_Key="key")
    second.refused("POST", "/v2/pages", {}, Idempotency_Key="k" * 201)
    assert len(second.store.roots()) == 1


def test_a_refused_create_does_not_use_up_its_key(workspace: Workspace) -> None:
    workspace.refused("POST", "/v2/pages", {"x": 1}, Idempotency_Key="key")
    workspace.ok("POST", "/v2/pages", {}, Idempotency_Key="key")


# Reading through the other service


def test_colours_of_buildin_read_through_notion(workspace: Workspace) -> None:
    note = {"background_color": "light_red", "text_color": "blue"}
    items = [
        {"type": "text", "text": {"content": "x"}, "annotations": {"text_color": "purple", "bold": True}}
    ]
    page = workspace.page(children=[block("callout", {"rich_text": items, **note})])
    shown = workspace.ok("GET", f"/v1/blocks/{page}/children")["results"][0]["callout"]
    assert shown["color"] == "red_background"
    notes = shown["rich_text"][0]["annotations"]
    assert (notes["color"], notes["bold"]) == ("purple", True)
    kept = workspace.ok("GET", f"/v2/blocks/{page}/children")["results"][0]["callout"]
    assert {key: kept[key] for key in note} == note


def test_types_of_notion_read_through_buildin(workspace: Workspace) -> None:
    media = {"external": {"url": "https://example.com/v.mp4"}, "caption": text("c")}
    body = {
        "parent": {"workspace": True},
        "children": [{"heading_4": {"rich_text": text("h")}}, {"video": media}, {"table_of_contents": {}}],
    }
    page = workspace.ok("POST", "/v1/pages", body)["id"]
    shown = workspace.ok("GET", f"/v2/blocks/{page}/children")["results"]
    assert [child["type"] for child in shown] == ["heading_3", "file", "paragraph"]
    assert shown[1]["file"]["external"] == {"url": "https://example.com/v.mp4"}
    workspace.ok("PATCH", f"/v2/blocks/{shown[0]['id']}", {"heading_3": {"rich_text": text("new")}})
    assert (
        workspace.ok("GET", f"/v1/blocks/{shown[0]['id']}")["heading_4"]["rich_text"][0]["plain_text"]
        == "new"
    )


def test_code_languages_of_buildin_read_through_notion(workspace: Workspace) -> None:
    names = ["Python", "C++", "Klingon"]
    codes = [block("code", {"rich_text": text("x"), "language": name}) for name in names]
    page = workspace.page(children=codes)
    shown = workspace.ok("GET", f"/v1/blocks/{page}/children")["results"]
    assert [child["code"]["language"] for child in shown] == ["python", "c++", "plain text"]


def test_mentions_and_equations_survive_both_services(workspace: Workspace) -> None:
    page = workspace.page("Target")
    items = [
        {"type": "mention", "mention": {"type": "page", "page": {"id": page}}},
        {"type": "mention", "mention": {"type": "date", "date": {"start": "2026-01-02"}}},
        {"type": "equation", "equation": {"expression": "x^2"}},
    ]
    holder = workspace.page(children=[block("paragraph", {"rich_text": items})])
    for service in ("v1", "v2"):
        shown = workspace.ok("GET", f"/{service}/blocks/{holder}/children")["results"][0]["paragraph"][
            "rich_text"
        ]
        assert [item["plain_text"] for item in shown] == ["Target", "2026-01-02", "x^2"]
        assert shown[0]["mention"]["page"]["id"] == page
        assert shown[2]["equation"] == {"expression": "x^2"}


def test_markdown_of_a_page(workspace: Workspace) -> None:
    items = [
        {
            "type": "text",
            "text": {"content": "b*", "link": {"url": "https://e.com"}},
            "annotations": {"bold": True},
        }
    ]
    page = workspace.page(
        children=[
            block("heading_2"),
            block("bulleted_list_item", {"rich_text": items}, children=[block("to_do")]),
            block("code", {"rich_text": text("```\nx"), "language": "python"}),
            block("table", {"table_width": 2}, children=[row("a", "b"), row("c", "d|")]),
            block("equation", {"expression": "x"}),
            block("divider", {}),
            block("link_to_page", {"type": "page_id", "page_id": "5" * 32}),
        ]
    )
    workspace.page("Kid", page)
    answer = workspace.ok("GET", f"/v2/pages/{page}/content/markdown")
    assert answer["markdown"].split("\n") == [
        "## t",
        r"- [**b\***](https://e.com)",
        "\t- [ ] t",
        "````python",
        "```",
        "x",
        "````",
        "| a | b |",
        "| --- | --- |",
        r"| c | d\| |",
        "$$",
        "x",
        "$$",
        "---",
        "<!-- link_to_page -->",
        f'<page url="http://127.0.0.1:4747/p/{workspace.store.child_pages(page)[0].id}">Kid</page>',
        "",
    ]
    notion = workspace.ok("GET", f"/v1/pages/{page}/markdown")
    assert (notion["object"], notion["truncated"], len(notion["unknown_block_ids"])) == (
        "page_markdown",
        False,
        1,
    )
    workspace.refused("PUT", f"/v2/pages/{page}/content/markdown", {"markdown": ""}, code="not_found")


def test_users_and_search(workspace: Workspace) -> None:
    me = workspace.ok("GET", "/v2/users/me")
    assert (me["object"], me["type"], me["capabilities"]["pages.write"]) == ("bot_user", "integration", True)
    bot = workspace.ok("GET", "/v1/users/me")
    assert bot["bot"]["workspace_limits"]["max_file_upload_size_in_bytes"] == 5 * 1024 * 1024
    assert bot["id"] in [user["id"] for user in workspace.ok("GET", "/v1/users")["results"]]
    ids = [workspace.page(f"Größe {n}") for n in range(5)]
    for service in ("v1", "v2"):
        found: list[str] = []
        cursor: dict[str, Any] = {}
        while cursor is not None:
            body = {"query": "GRÖSSE", "page_size": 2, **cursor}
            answer = workspace.ok("POST", f"/{service}/search", body)
            found += [result["id"] for result in answer["results"]]
            cursor = {"start_cursor": answer["next_cursor"]} if answer["has_more"] else None  # type: ignore[assignment]
        assert sorted(found) == sorted(ids)
        workspace.refused("POST", f"/{service}/search", {"filter": {"property": "object", "value": "x"}})
        workspace.refused("POST", f"/{service}/search", {"x": 1})
    assert (
        workspace.ok("POST", "/v2/search", {"filter": {"property": "object", "value": "folder"}})["results"]
        == []
    )
    hits = workspace.ok("POST", "/v2/search/semantic", {"query": "größe 3"})["results"]
    assert hits[0]["page_title"] == "Größe 3"
