"""What each service accepts and refuses, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from emulated import Workspace, block, row, text, titled


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def on_buildin(workspace: Workspace, *children: Any) -> Any:
    return workspace.send("POST", "/v2/pages", {"children": list(children)})


def on_notion(workspace: Workspace, *children: Any) -> Any:
    body = {"parent": {"workspace": True}, "children": list(children)}
    return workspace.send("POST", "/v1/pages", body)


def long(count: int) -> dict[str, Any]:
    return block("paragraph", {"rich_text": text("x" * count)})


def linked(url: str) -> dict[str, Any]:
    items = [{"type": "text", "text": {"content": "l", "link": {"url": url}}}]
    return block("paragraph", {"rich_text": items})


def nested(kind: str, depth: int, service: str) -> dict[str, Any]:
    """A block with `depth` levels below it."""
    content: dict[str, Any] = {"rich_text": text("t")}
    if not depth:
        return block(kind, content)
    children = [nested(kind, depth - 1, service)]
    if service == "buildin":
        return block(kind, content, children=children)
    return block(kind, {**content, "children": children})


def equation(length: int) -> dict[str, Any]:
    return block("equation", {"expression": "x" * length})


COMMON_GOOD = [
    long(2000),
    block("paragraph", {"rich_text": text("😀" * 1000)}),
    block("paragraph", {"rich_text": text("a") * 100}),
    block("paragraph", {"rich_text": []}),
    linked("https://example.com/" + "a" * 1980),
    linked("mailto:a@example.com"),
    linked("tel:+123"),
    linked("HTTP://EXAMPLE.COM"),
    equation(1000),
    block("divider", {}),
    block("heading_3"),
    block("code", {"rich_text": text("x"), "language": "python"}),
    block("image", {"external": {"url": "https://example.com/a.png"}}),
    block("bookmark", {"url": "https://example.com"}),
]
COMMON_BAD = [
    long(2001),
    block("paragraph", {"rich_text": text("😀" * 1001)}),
    block("paragraph", {"rich_text": text("a") * 101}),
    block("paragraph", {}),
    block("paragraph", {"rich_text": "t"}),
    block("paragraph", {"rich_text": text("t"), "unknown": 1}),
    block("paragraph", unknown=1),
    linked("https://example.com/" + "a" * 1981),
    linked("../a.md"),
    linked("a.md"),
    linked("/page"),
    linked("#part"),
    linked("//example.com/a"),
    linked("javascript:alert(1)"),
    linked("https://"),
    linked("https://exa mple.com"),
    linked(""),
    equation(1001),
    block("divider", {"x": 1}),
    block("image", {"external": {"url": "a.png"}}),
    block("image", {}),
    block("image", {"external": {"url": "data:image/png;base64,AAAA"}}),
    block("bookmark", {"url": "mailto:a@example.com"}),
    block("table_row", {"cells": []}),
    block("column", {}),
    block("nonsense", {}),
    block("child_page", {"title": "x"}),
    {"type": "paragraph"},
    {"type": "paragraph", "heading_1": {"rich_text": []}},
    {"type": "paragraph", "paragraph": {"rich_text": []}, "heading_1": {"rich_text": []}},
    {"object": "page", "type": "divider", "divider": {}},
    [],
    None,
    5,
]


@pytest.mark.parametrize("send", [on_buildin, on_notion])
@pytest.mark.parametrize("good", COMMON_GOOD, ids=range(len(COMMON_GOOD)))
def test_both_accept(workspace: Workspace, send: Any, good: Any) -> None:
    answer = send(workspace, good)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("send", [on_buildin, on_notion])
@pytest.mark.parametrize("bad", COMMON_BAD, ids=range(len(COMMON_BAD)))
def test_both_refuse(workspace: Workspace, send: Any, bad: Any) -> None:
    answer = send(workspace, bad)
    assert answer.status_code == 400, answer.text
    assert workspace.store.roots() == []


NUMBERS = [
    ([block("divider", {})] * 100, True),
    ([block("divider", {})] * 101, False),
]


@pytest.mark.parametrize("send", [on_buildin, on_notion])
@pytest.mark.parametrize(("children", "good"), NUMBERS, ids=["100", "101"])
def test_a_hundred_in_an_array(workspace: Workspace, send: Any, children: list[Any], good: bool) -> None:
    assert (send(workspace, *children).status_code == 200) is good


@pytest.mark.parametrize(("service", "send"), [("buildin", on_buildin), ("notion", on_notion)])
@pytest.mark.parametrize(("depth", "good"), [(2, True), (3, False)])
def test_two_levels_below_the_top(
    workspace: Workspace, service: str, send: Any, depth: int, good: bool
) -> None:
    assert (send(workspace, nested("toggle", depth, service)).status_code == 200) is good


@pytest.mark.parametrize(("service", "send"), [("buildin", on_buildin), ("notion", on_notion)])
@pytest.mark.parametrize(("below", "good"), [(99, True), (100, False)])
def test_a_thousand_blocks(workspace: Workspace, service: str, send: Any, below: int, good: bool) -> None:
    inner = [block("divider", {})] * below
    words: dict[str, Any] = {"rich_text": []}
    each = (
        block("toggle", words, children=inner)
        if service == "buildin"
        else block("toggle", {**words, "children": inner})
    )
    assert (send(workspace, *[each] * 10).status_code == 200) is good


@pytest.mark.parametrize("send", [on_buildin, on_notion])
def test_half_a_megabyte(workspace: Workspace, send: Any) -> None:
    big = block("paragraph", {"rich_text": text("x" * 2000) * 4})
    assert send(workspace, *[big] * 60).status_code == 200
    assert send(workspace, *[big] * 64).status_code == 400


# Tables


def buildin_table(width: int, *rows: Any) -> dict[str, Any]:
    return block("table", {"table_width": width}, children=list(rows))


def notion_table(width: int, *rows: Any) -> dict[str, Any]:
    return block("table", {"table_width": width, "children": list(rows)})


@pytest.mark.parametrize(("send", "table"), [(on_buildin, buildin_table), (on_notion, notion_table)])
def test_tables(workspace: Workspace, send: Any, table: Any) -> None:
    assert send(workspace, table(2, row("a", "b"), row("c", "d"))).status_code == 200
    for bad in (
        table(2),
        table(2, row("a")),
        table(2, row("a", "b", "c")),
        table(0, row()),
        table(2, block("paragraph")),
        table(1, *[row("a")] * 101),
    ):
        assert send(workspace, bad).status_code == 400
    for depth, good in ((0, True), (1, True), (2, False)):
        inner: Any = table(1, row("a"))
        for _ in range(depth):
            words = {"rich_text": text("t")}
            inner = (
                block("toggle", words, children=[inner])
                if send is on_buildin
                else block("toggle", {**words, "children": [inner]})
            )
        assert (send(workspace, inner).status_code == 200) is good


@pytest.mark.parametrize("service", ["v1", "v2"])
def test_rows_are_appended_to_a_table_of_their_width(workspace: Workspace, service: str) -> None:
    page = workspace.page(children=[buildin_table(2, row("a", "b"))])
    table = workspace.store.children(page)[0].id
    path = f"/{service}/blocks/{table}/children"
    workspace.ok("PATCH", path, {"children": [row("c", "d")] * 100})
    workspace.refused("PATCH", path, {"children": [row("c")]})
    workspace.refused("PATCH", path, {"children": [block("paragraph")]})
    assert len(workspace.store.children(table)) == 101
    workspace.refused("PATCH", f"/{service}/blocks/{page}/children", {"children": [row("a", "b")]})
    first = workspace.store.children(table)[0].id
    workspace.refused("PATCH", f"/{service}/blocks/{first}", {"table_row": {"cells": [[]]}})
    workspace.ok("PATCH", f"/{service}/blocks/{first}", {"table_row": {"cells": [[], []]}})


# One service only


BUILDIN_GOOD = [
    block("paragraph", {"rich_text": text("t"), "text_color": "black", "background_color": "red_orange"}),
    block("paragraph", {"rich_text": text("t"), "text_align": "center"}),
    block("code", {"rich_text": text("t"), "language": "any name"}),
    block("code", {"rich_text": text("t"), "language": "Mermaid", "display_mode": "preview"}),
    block("callout", {"rich_text": text("t"), "icon": {"type": "emoji", "emoji": "💡"}}),
    block("heading_1", None, children=[block("paragraph")]),
    block("link_to_page", {"type": "page_id", "page_id": "5" * 32}),
    block(
        "paragraph",
        {
            "rich_text": [
                {"type": "text", "text": {"content": "a", "link": None}, "plain_text": "a", "href": None}
            ]
        },
    ),
]
BUILDIN_BAD = [
    {"paragraph": {"rich_text": text("t")}},
    block("paragraph", {"rich_text": [{"text": {"content": "a"}}]}),
    block("paragraph", {"rich_text": text("t"), "text_color": "light_red"}),
    block("paragraph", {"rich_text": text("t"), "text_align": "justify"}),
    block("paragraph", {"rich_text": text("t"), "children": []}),
    block("code", {"rich_text": text("t"), "caption": []}),
    block("code", {"rich_text": text("t"), "language": "python", "display_mode": "split"}),
    block("divider", {}, children=[block("paragraph")]),
    block("code", {"rich_text": text("t")}, children=[block("paragraph")]),
    block("image", {"external": {"url": "https://e.com/a.png"}, "name": "a"}),
    block("image", {"file": {"oss_name": "nowhere", "size": 1}}),
    block("image", {"file": {"oss_name": "nowhere"}}),
    block("link_to_page", {"page_id": "5" * 32}),
    block("paragraph", {"rich_text": [{"type": "mention", "mention": {"type": "database", "database": {"id": "5" * 32}}}]}),
]  # fmt: skip
BUILDIN_UNSUPPORTED = [
    "heading_4",
    "video",
    "audio",
    "pdf",
    "table_of_contents",
    "column_list",
    "synced_block",
]

NOTION_GOOD = [
    {"paragraph": {"rich_text": [{"text": {"content": "a"}}]}},
    {"heading_4": {"rich_text": [], "color": "red_background"}},
    {"heading_1": {"rich_text": [], "is_toggleable": True, "children": [{"divider": {}}]}},
    {"table_of_contents": {"color": "gray"}},
    {"breadcrumb": {}},
    {"video": {"external": {"url": "https://e.com/v.mp4"}, "caption": text("c")}},
    {"file": {"external": {"url": "https://e.com/v"}, "name": "v"}},
    {"code": {"rich_text": [], "language": "java/c/c++/c#", "caption": text("c")}},
    {"column_list": {"children": [{"column": {"children": [{"divider": {}}]}}] * 2}},
    {"column_list": {"children": [{"column": {"children": [], "width_ratio": 0.5}}] * 2}},
    {"synced_block": {"synced_from": None, "children": [{"divider": {}}]}},
    {"tab": {"children": [{"paragraph": {"rich_text": text("t"), "icon": {"emoji": "💡"}}}]}},
    {"link_to_page": {"database_id": "5" * 32}},
    {"callout": {"rich_text": [], "icon": {"type": "icon", "icon": {"name": "pin", "color": "lightgray"}}}},
]
NOTION_BAD = [
    {"heading_1": {"rich_text": [], "children": [{"divider": {}}]}},
    {"code": {"rich_text": [], "language": "py"}},
    {"code": {"rich_text": []}},
    {"paragraph": {"rich_text": [], "color": "light_red"}},
    {"paragraph": {"rich_text": [], "text_color": "red"}},
    {"paragraph": {"rich_text": []}, "children": []},
    {"divider": {"children": []}},
    {"column_list": {"children": [{"column": {"children": []}}]}},
    {"column_list": {"children": [{"paragraph": {"rich_text": []}}] * 2}},
    {"column_list": {}},
    {
        "toggle": {
            "rich_text": [],
            "children": [{"column_list": {"children": [{"column": {"children": []}}] * 2}}],
        }
    },
    {"column": {"children": []}},
    {"column_list": {"children": [{"column": {"children": [], "width_ratio": 1.5}}] * 2}},
    {"tab": {"children": [{"divider": {}}]}},
    {"synced_block": {"synced_from": {"block_id": "5" * 32}, "children": [{"divider": {}}]}},
    {"image": {"file": {"url": "https://e.com/a.png"}}},
    {"image": {"external": {"url": "https://e.com/a.png"}, "file_upload": {"id": "5" * 32}}},
    {"link_preview": {"url": "https://e.com"}},
    {"meeting_notes": {}},
    {"unsupported": {}},
]


@pytest.mark.parametrize("good", BUILDIN_GOOD, ids=range(len(BUILDIN_GOOD)))
def test_buildin_accepts(workspace: Workspace, good: Any) -> None:
    answer = on_buildin(workspace, good)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("bad", BUILDIN_BAD, ids=range(len(BUILDIN_BAD)))
def test_buildin_refuses(workspace: Workspace, bad: Any) -> None:
    answer = on_buildin(workspace, bad)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error"), answer.text


@pytest.mark.parametrize("kind", BUILDIN_UNSUPPORTED)
def test_buildin_does_not_know(workspace: Workspace, kind: str) -> None:
    assert on_buildin(workspace, block(kind, {})).json()["code"] == "unsupported_block_type"


@pytest.mark.parametrize("good", NOTION_GOOD, ids=range(len(NOTION_GOOD)))
def test_notion_accepts(workspace: Workspace, good: Any) -> None:
    answer = on_notion(workspace, good)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("bad", NOTION_BAD, ids=range(len(NOTION_BAD)))
def test_notion_refuses(workspace: Workspace, bad: Any) -> None:
    answer = on_notion(workspace, bad)
    assert (answer.status_code, answer.json()["code"]) == (400, "validation_error"), answer.text


def test_parents(workspace: Workspace) -> None:
    page = workspace.page()
    for parent in ({"type": "page_id", "page_id": page}, {}, {"workspace": True}, {"page_id": "no uuid"}):
        workspace.refused("POST", "/v2/pages", {"parent": parent})
    workspace.ok("POST", "/v2/pages", {"parent": {"page_id": page.replace("-", "").upper()}})
    for good in ({"type": "page_id", "page_id": page}, {"page_id": page}, {"workspace": True}):
        workspace.ok("POST", "/v1/pages", {"parent": good})
    for bad in ({"type": "workspace", "page_id": page}, {}, {"workspace": False}):
        workspace.refused("POST", "/v1/pages", {"parent": bad})
    divider = workspace.append(page, block("divider", {}))[0]
    workspace.refused("POST", "/v2/pages", {"parent": {"page_id": divider}}, code="not_found")
    workspace.refused("POST", "/v1/pages", {"parent": {"page_id": divider}}, code="object_not_found")


def test_a_plain_page_has_only_a_title(workspace: Workspace) -> None:
    other = {"Tags": {"type": "rich_text", "rich_text": []}}
    workspace.refused("POST", "/v2/pages", {"properties": other})
    workspace.refused("POST", "/v1/pages", {"parent": {"workspace": True}, "properties": other})
    untyped = {"title": {"title": text("t")}}
    workspace.refused("POST", "/v2/pages", {"properties": untyped})
    workspace.ok("POST", "/v1/pages", {"parent": {"workspace": True}, "properties": untyped})


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b'"x"', b'{"children": NaN}', b"\xff", b'{"icon": "\\ud800"}', b"[" * 100_000],
    ids=["empty", "cut", "array", "string", "nan", "bytes", "surrogate", "deep"],
)
def test_bad_json(workspace: Workspace, raw: bytes) -> None:
    for path in ("/v2/pages", "/v1/pages"):
        answer = workspace.raw("POST", path, content=raw)
        assert answer.status_code == 400
        assert answer.json()["code"] in ("validation_error", "invalid_json")


def test_errors_name_the_place_and_the_numbers(workspace: Workspace) -> None:
    bad = [block("divider", {}), long(2001)]
    error = workspace.refused("POST", "/v2/pages", {"children": bad})
    path = "children[1].paragraph.rich_text[0].text.content.length"
    assert error["details"][0] | {"reason": ""} == {"path": path, "reason": "", "limit": 2000, "actual": 2001}
    error = workspace.refused("POST", "/v1/pages", {"parent": {"workspace": True}, "children": bad})
    assert (
        error["message"]
        == f"body failed validation: body.{path} length should be ≤ `2000`, instead was `2001`."
    )


def test_titles_show_in_both(workspace: Workspace) -> None:
    page = workspace.ok("POST", "/v1/pages", {"parent": {"workspace": True}, "properties": titled("Ünï")})
    shown = workspace.ok("GET", f"/v2/pages/{page['id']}")
    assert shown["properties"]["title"]["title"][0]["plain_text"] == "Ünï"
