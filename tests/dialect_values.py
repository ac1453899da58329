"""Blocks for the laws of the dialects, and what a service makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import strategies as st

from converters.blocks import (
    Block,
    Bookmark,
    Callout,
    Code,
    Columns,
    Divider,
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
    RichText,
    Span,
    Table,
    TableOfContents,
    ToDo,
    Toggle,
    Url,
)
from converters.dialects.base import BlockInput

COLORS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")

_odd = st.sampled_from(
    [
        "👩‍👩‍👧‍👦",
        "🇩🇪🇫🇷",
        "e\u0301",
        "\r\n",
        "\ud800",
        "\udc00",
        "\0",
        "한국",
        "각",
        "नमस्ते",
        "\u0e33",
        " ",
        "\t\n",
        '"\\',
        "𝒳",
    ]
)
texts = st.one_of(
    st.text(max_size=20),
    st.lists(st.one_of(_odd, st.text(max_size=3)), max_size=8).map("".join),
    st.builds(lambda a, b, n: (a + b) * n, st.text(max_size=3), _odd, st.integers(1, 900)),
)
marks = st.builds(
    Marks,
    *[st.booleans()] * 5,
    color=st.sampled_from(COLORS),
    background=st.sampled_from(COLORS),
)
good_links = st.sampled_from(
    [
        Url("https://example.com"),
        Url("https://example.com/a?b=c#d"),
        Url("HTTP://Example.COM/ä ö"),
        Url("mailto:a@b.example"),
        Url("https://www.notion.so/Title-0123456789abcdef0123456789abcdef?pvs=4"),
        PageRef("guide/a.md", "part"),
        PageRef("ü/"),
        FileRef("files/a b.zip"),
    ]
)
bad_links = st.sampled_from(
    [Url("javascript:x"), Url("a.md"), Url(""), Url("http://"), Url("https://e.example/" + "x" * 2000)]
)


def rich_texts(links: st.SearchStrategy[Any]) -> st.SearchStrategy[RichText]:
    span = st.builds(Span, texts, marks, st.none() | links)
    tex = st.builds(InlineEquation, st.sampled_from(["x", "", "\\frac{a}{b}" * 120, "é"]), marks)
    short = st.lists(st.one_of(span, tex), max_size=4).map(tuple)
    alternate = st.builds(
        lambda n: tuple(Span(str(i), Marks(bold=i % 2 == 0)) for i in range(n)), st.integers(95, 320)
    )
    return st.one_of(short, short, short, alternate)


def leaves(links: st.SearchStrategy[Any]) -> st.SearchStrategy[Block]:
    rich = rich_texts(links)
    cells = st.lists(st.lists(rich, max_size=3).map(tuple), max_size=3).map(tuple)
    sources = st.one_of(links, st.just(Url("https://example.com/p.png")))
    return st.one_of(
        st.builds(Paragraph, rich),
        st.builds(Code, texts, st.sampled_from(["", "py", "no-such", "Rust,ignore"]), rich),
        st.builds(Equation, st.sampled_from(["x^2", " ", "y" * 1001])),
        st.builds(Table, cells, st.booleans(), st.booleans()),
        st.just(Divider()),
        st.just(TableOfContents()),
        st.builds(Media, sources, st.sampled_from(["image", "video", "audio", "pdf", "file"]), rich),
        st.builds(Bookmark, st.sampled_from(["https://example.com", "no url", ""]), rich),
        st.builds(Embed, st.sampled_from(["https://example.com/v", "tel:1"]), rich),
    )


def blocks(links: st.SearchStrategy[Any]) -> st.SearchStrategy[Block]:
    rich = rich_texts(links)

    def around(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
        below = st.lists(inner, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Paragraph, rich, below, st.sampled_from(COLORS)),
            st.builds(Heading, st.integers(1, 6), rich, st.just(""), below),
            st.builds(ListItem, rich, st.booleans(), below),
            st.builds(ToDo, rich, st.booleans(), below),
            st.builds(Quote, rich, below),
            st.builds(
                Callout, rich, st.sampled_from(["💡", "⚠️", "note", ""]), st.sampled_from(COLORS), below
            ),
            st.builds(Toggle, rich, below, st.sampled_from(COLORS)),
            st.builds(Columns, st.lists(below, max_size=3).map(tuple)),
        )

    return st.recursive(leaves(links), around, max_leaves=6)


def served(block: dict[str, Any], nested: bool) -> dict[str, Any]:
    """A block as a service returns it: every default filled in, ids added, children left out."""
    kind = block["type"]
    content = {key: value for key, value in block[kind].items() if key != "children"}
    for field in ("rich_text", "caption"):
        if field in content:
            content[field] = [_served_item(item, nested) for item in content[field]]
    if kind == "table_row":
        content["cells"] = [[_served_item(item, nested) for item in cell] for cell in content["cells"]]
    if "rich_text" in content and kind != "code":
        colors = ("color",) if nested else ("text_color", "background_color")
        for field in colors:
            content.setdefault(field, "default")
        if kind.startswith("heading"):
            content.setdefault("is_toggleable", False)
    if kind in ("bookmark", "embed", "image", "file", "video", "audio", "pdf") or (kind == "code" and nested):
        content.setdefault("caption", [])
    if kind == "table_of_contents":
        content["color"] = "default"
    content |= {"list_start_index": 1} if nested else {"text_align": "left", "width_mode": "fixed"}
    return {
        "object": "block",
        "id": f"id-{kind}",
        "type": kind,
        kind: content,
        "has_children": bool(block.get("children") or block[kind].get("children")),
        "in_trash": False,
        "created_time": "2026-01-01T00:00:00.000Z",
    }


def _served_item(item: dict[str, Any], nested: bool) -> dict[str, Any]:
    flags = dict.fromkeys(("bold", "italic", "strikethrough", "underline", "code"), False)
    colors = {"color": "default"} if nested else {"text_color": "default", "background_color": "default"}
    link = None
    filled = dict(item)
    if "text" in item:
        link = item["text"].get("link")
        filled["text"] = {"content": item["text"]["content"], "link": link}
    return filled | {
        "annotations": flags | colors | item.get("annotations", {}),
        "plain_text": item["text"]["content"] if "text" in item else item["equation"]["expression"],
        "href": link["url"] if link else None,
    }


def flat(inputs: Iterable[BlockInput]) -> Iterator[BlockInput]:
    for block in inputs:
        yield from block.walk()


def item_arrays(value: Any) -> Iterator[list[Any]]:
    """Every array of rich text items in decoded content."""
    if isinstance(value, dict):
        for item in value.values():
            yield from item_arrays(item)
    elif isinstance(value, list):
        if all(isinstance(item, dict) for item in value):
            yield value
        for item in value:
            yield from item_arrays(item)


def said(block: BlockInput) -> str:
    """All text of one block input, its children not counted."""
    return "".join(
        item["text"]["content"] if "text" in item else item["equation"]["expression"]
        for items in item_arrays(json.loads(block.content))
        for item in items
    ) + str(json.loads(block.content).get("expression", ""))
