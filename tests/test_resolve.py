"""References become addresses, vanish, or wait; what is left is as canonical as before."""

from __future__ import annotations

import json

import pytest

from converters.blocks import FileRef, ListItem, Marks, Media, MediaKind, PageRef, Paragraph, Span, Table, Url
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, address, compact, parse_address, references, resolve

pytestmark = pytest.mark.parametrize("name", ["buildin", "notion"])
A, B = PageRef("a.md", "part 1"), PageRef("guide/b.md")


def encoded(name: str, *blocks: Paragraph | Media | ListItem | Table) -> tuple[BlockInput, ...]:
    return DIALECTS[name].encode(blocks, "x.md")[0]


def contents(block: BlockInput) -> list[str]:
    return [item["text"]["content"] for item in json.loads(block.content)["rich_text"]]


def test_a_page_that_is_found_is_linked(name: str) -> None:
    (block,) = encoded(name, Paragraph((Span("see "), Span("a", link=A))))
    assert references(block) == (A,)
    done = resolve(block, {A: "https://w.example/a#h"}.get)
    item = json.loads(done.content)["rich_text"][1]
    assert item["text"]["link"] == {"url": "https://w.example/a#h"}
    assert item.get("href", "https://w.example/a#h") == "https://w.example/a#h"
    assert not done.symbolic
    assert references(done) == ()
    assert DIALECTS[name].read(json.loads(DIALECTS[name].render(done))).input == done


def test_a_page_that_is_not_found_leaves_text_as_if_there_had_been_no_link(name: str) -> None:
    (block,) = encoded(name, Paragraph((Span("see "), Span("a", link=A), Span("!", Marks(bold=True)))))
    (plain,) = encoded(name, Paragraph((Span("see a"), Span("!", Marks(bold=True)))))
    done = resolve(block, lambda _: None)
    assert contents(done) == ["see a", "!"]
    assert done == plain


def test_text_that_grows_together_is_split_again(name: str) -> None:
    (block,) = encoded(name, Paragraph((Span("x" * 1500), Span("y" * 1500, link=A))))
    (plain,) = encoded(name, Paragraph((Span("x" * 1500 + "y" * 1500),)))
    assert resolve(block, lambda _: None) == plain


def test_links_may_wait_for_later(name: str) -> None:
    (block,) = encoded(name, Paragraph((Span("a", link=A), Span("b", link=B))))
    half = resolve(block, lambda ref: "https://w.example/b" if ref == B else address(ref))
    assert half.symbolic
    assert references(half) == (A,)
    assert not resolve(half, lambda _: "https://w.example/a").symbolic


def test_references_are_found_in_cells_and_children(name: str) -> None:
    (table,) = encoded(name, Table((((Span("a", link=A),), (Span("b", link=B), Span("b2", link=B))),)))
    assert [references(block) for block in table.walk()] == [(), (A, B)]
    done = resolve(table, lambda _: "https://w.example/x")
    cells = json.loads(done.children[0].content)["cells"]
    assert [[item["text"]["content"] for item in cell] for cell in cells] == [["a"], ["bb2"]]
    (item,) = encoded(name, ListItem((Span("top"),), children=(Paragraph((Span("a", link=A),)),)))
    assert not resolve(item, lambda _: None).children[0].symbolic


def test_nothing_to_do_gives_the_same_block(name: str) -> None:
    (block,) = encoded(
        name, ListItem((Span("a", link=Url("https://e.example/")),), children=(Paragraph(()),))
    )
    assert resolve(block, lambda _: None) is block


def test_a_picture_without_an_address_becomes_its_caption(name: str) -> None:
    picture = Media(FileRef("img/a b.png"), caption=(Span("A cat, "), Span("see", link=A)))
    (block,) = encoded(name, picture)
    assert references(block) == (A, FileRef("img/a b.png")) or references(block) == (
        FileRef("img/a b.png"),
        A,
    )
    done = resolve(block, lambda _: None)
    assert done == encoded(name, Paragraph((Span("A cat, see"),)))[0]
    shown = resolve(block, lambda _: "https://files.example")
    assert shown.type == "image"
    assert json.loads(shown.content)["external"] == {"url": "https://files.example/"}


@pytest.mark.parametrize("kind", ["image", "pdf", "video"])
def test_a_picture_without_an_address_and_without_a_caption_becomes_its_name(
    name: str, kind: MediaKind
) -> None:
    (block,) = encoded(name, ListItem((), children=(Media(FileRef("img/a b.png"), kind),)))
    waiting = resolve(block, lambda ref: address(ref))
    for some in (block, waiting):
        done = resolve(some, lambda _: None)
        assert done == encoded(name, ListItem((), children=(Paragraph((Span("a b.png"),)),)))[0]
    shown = resolve(block, lambda _: "https://files.example").children[0]
    assert shown.type != "paragraph"
    assert "caption" not in json.loads(shown.content)


@pytest.mark.parametrize("text", ["a.md", "ü/ß #?%.md", "../x", "", "\udc80\ud800"])
def test_addresses_stand_for_exactly_one_reference(name: str, text: str) -> None:
    for ref in (PageRef(text, text), PageRef(text), FileRef(text)):
        assert parse_address(address(ref)) == ref
    assert parse_address("https://e.example/") is None


def test_text_that_looks_like_a_reference_is_text(name: str) -> None:
    written = Span('"url":"pagemill:page/a.md"', link=Url("pagemill:page/a.md"))
    (block,) = encoded(name, Paragraph((written,)))
    assert references(block) == ()
    assert compact(json.loads(resolve(block, lambda _: None).content)) == block.content
