"""Where external addresses stand: found again in the text, to line and column."""

from __future__ import annotations

import pytest

from converters.dialects import DIALECTS
from converters.dialects.urls import canonical_url
from converters.dialects.web import web_addresses
from converters.document import convert_bytes
from converters.external import web_uses


def places(text: str, dialect: str = "notion") -> list[tuple[int, int, str]]:
    data = text.encode()
    document = convert_bytes(data, "a.md")
    blocks, _ = DIALECTS[dialect].encode(document.blocks, "a.md")
    looks = [(canonical_url(url) or "", 0) for url in (document.icon, document.cover) if url]
    return [
        (use.line, use.column, use.url) for use in web_uses("a.md", data, [*looks, *web_addresses(blocks)])
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_kind_of_use_has_its_place(dialect: str) -> None:
    text = """\
---
title: T
cover: https://pics.dev/c.png
---

See [one](https://a.dev/1) and
[two](https://a.dev/2 "title"), bare https://a.dev/3.

![picture](https://pics.dev/p.png)

- item <https://a.dev/4>
  - deeper [x](https://a.dev/5)

| a | b |
|---|---|
| [c](https://a.dev/6) | d |
| e | [f](https://a.dev/7) |
"""
    assert places(text, dialect) == [
        (3, 8, "https://pics.dev/c.png"),
        (6, 11, "https://a.dev/1"),
        (7, 7, "https://a.dev/2"),
        (7, 38, "https://a.dev/3"),
        (9, 12, "https://pics.dev/p.png"),
        (11, 9, "https://a.dev/4"),
        (12, 16, "https://a.dev/5"),
        (16, 7, "https://a.dev/6"),
        (17, 11, "https://a.dev/7"),
    ]


def test_an_address_is_found_as_it_is_written() -> None:
    written = {
        "HTTPS://A.dev": "https://a.dev/",
        "https://a.dev/x?a=1&amp;b=2": "https://a.dev/x?a=1&b=2",
        "https://a.dev/über": "https://a.dev/%C3%BCber",
        "https://a.dev/–%20x": "https://a.dev/%E2%80%93%20x",
        r"https://a.dev/x\_y\_z": "https://a.dev/x_y_z",
        "https://www.notion.so/Some-page-0123456789abcdef0123456789abcdef": "https://www.notion.so/"
        "0123456789abcdef0123456789abcdef",
    }
    for source, url in written.items():
        (line, column, found) = places(f"words\n\nsee\n[x]({source})\n")[0]
        assert (found, line) == (url, 4), source
        assert column >= 5, source


def test_a_bare_address_without_a_scheme_is_found() -> None:
    assert places("see www.a.dev/x\n") == [(1, 5, "http://www.a.dev/x")]


def test_one_that_is_the_beginning_of_another_is_not_mistaken_for_it() -> None:
    found = places("[long](https://a.dev/x/y) [other](https://a.dev/x?y) [short](https://a.dev/x)\n")
    assert [(url, column) for _, column, url in found] == [
        ("https://a.dev/x/y", 8),
        ("https://a.dev/x?y", 35),
        ("https://a.dev/x", 62),
    ]


def test_twice_in_a_block_is_two_places_and_in_two_blocks_each_its_own() -> None:
    text = "[a](https://a.dev/x) [b](https://a.dev/x)\n\nmore [c](https://a.dev/x)\n"
    assert [(line, column) for line, column, _ in places(text)] == [(1, 5), (1, 26), (3, 10)]


def test_a_definition_is_where_its_address_stands() -> None:
    text = "[d]: https://a.dev/x\n\nsee [this][d] and [that][d]\n\nand [x](https://a.dev/x)\n"
    assert [(line, column) for line, column, _ in places(text)] == [(1, 6), (5, 9)]


def test_a_link_around_a_picture_stands_before_its_block() -> None:
    text = '<p>\n<a href="https://a.dev/x">\n  <img src="https://a.dev/p.png">\n</a>\n</p>\n'
    assert places(text) == [(2, 10, "https://a.dev/x"), (3, 13, "https://a.dev/p.png")]


def test_what_is_not_found_is_where_its_block_begins() -> None:
    text = "one\n\nsee [x](https://a.dev/&#120;)\n"
    assert places(text) == [(3, 1, "https://a.dev/x")]


def test_line_endings_and_a_byte_order_mark_count_as_in_other_diagnostics() -> None:
    assert places("\ufeffone\r\n\r\n[x](https://a.dev/x)\r\n") == [(3, 5, "https://a.dev/x")]


def test_what_is_no_web_address_has_no_place() -> None:
    assert places("[m](mailto:a@b.dev) [t](tel:1) [f](b.md) ![p](p.png) `https://a.dev`\n") == []
