"""Laws of both dialects: nothing lost, nothing beyond a limit, and what comes back is what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dialect_values import bad_links, blocks, flat, good_links, item_arrays, rich_texts, said, served, texts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converters.blocks import FileRef, PageRef, Paragraph, RichText, Span, plain
from converters.dialects import DIALECTS
from converters.dialects.base import SCHEME, BlockInput, compact, references, resolve
from converters.dialects.service import Service
from converters.dialects.text import clean, split, units

pytestmark = pytest.mark.parametrize("name", ["buildin", "notion"])
calm = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
any_links = st.one_of(good_links, bad_links)


def dialect(name: str) -> Service:
    found = DIALECTS[name]
    assert isinstance(found, Service)
    return found


def check_limits(value: Any) -> None:
    if isinstance(value, list):
        assert len(value) <= 100
        for item in value:
            check_limits(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("content", "url"):
                assert units(item) <= 2000
            elif key == "expression":
                assert units(item) <= 1000
            if key == "url":
                assert item.startswith(("http://", "https://", "mailto:", "tel:", SCHEME))
            check_limits(item)


@calm
@given(body=st.lists(blocks(any_links), max_size=4))
def test_every_block_is_canonical_and_within_the_limits(name: str, body: list[Any]) -> None:
    service = dialect(name)
    inputs, diagnostics = service.encode(body, "a.md")
    for block in flat(inputs):
        content = json.loads(block.content)
        assert compact(content) == block.content
        assert block.type in service.shape.types
        check_limits(content)
        assert block.symbolic == (b'"url":"pagemill:' in block.content)
        rows = [json.loads(row.content)["cells"] for row in block.children if row.type == "table_row"]
        if block.type == "table":
            assert rows
            assert {len(row) for row in rows} == {content["table_width"]}
    assert all(found.path == "a.md" for found in diagnostics)
    assert json.loads(b"[" + b",".join(service.render(block) for block in inputs) + b"]") is not None


@calm
@given(body=st.lists(blocks(any_links), max_size=4))
def test_what_a_service_returns_reads_as_what_was_sent(name: str, body: list[Any]) -> None:
    service = dialect(name)
    inputs, _ = service.encode(body, "a.md")
    for block in flat(inputs):
        shown = json.loads(service.render(block))
        for returned in (shown, served(shown, service.shape.nested)):
            found = service.read(returned)
            assert found.ours
            assert found.input.digest == block.digest
            assert found.input.content == block.content
        assert service.read(served(shown, service.shape.nested)).has_children == bool(block.children)
        if not block.symbolic:
            assert block.type in json.loads(service.render_update(block))


@calm
@given(text=rich_texts(good_links))
def test_no_character_of_a_text_is_lost(name: str, text: RichText) -> None:
    inputs, _ = dialect(name).encode([Paragraph(text)], "a.md")
    kept = "".join(said(block) for block in flat(inputs))
    expected = "".join(
        "" if not isinstance(item, Span) and not item.expression.strip() else plain((item,)) for item in text
    )
    assert kept.replace("\ufffd", "") == clean(expected).replace("\ufffd", "")


@calm
@given(text=rich_texts(bad_links))
def test_a_refused_link_leaves_its_text_and_address(name: str, text: RichText) -> None:
    inputs, diagnostics = dialect(name).encode([Paragraph(text)], "a.md")
    kept = "".join(said(block) for block in flat(inputs))
    at = 0
    for item in text:
        words = clean(plain((item,))).replace("\ufffd", "")
        at = kept.replace("\ufffd", "").find(words, at)
        assert at >= 0
    linked = [item for item in text if isinstance(item, Span) and item.link]
    assert bool(linked) == any(
        found.code in ("link-unsafe", "link-invalid", "url-long") for found in diagnostics
    )


@calm
@given(
    body=st.lists(blocks(good_links), max_size=3),
    found=st.sampled_from([None, "https://w.example/p", "later"]),
)
def test_resolved_blocks_hold_no_names_and_still_read_as_themselves(
    name: str, body: list[Any], found: str | None
) -> None:
    service = dialect(name)
    inputs, _ = service.encode(body, "a.md")

    def lookup(ref: PageRef | FileRef) -> str | None:
        return f"{SCHEME}page/later.md" if found == "later" else found

    for block in inputs:
        done = resolve(block, lookup)
        for part in done.walk():
            assert bool(references(part)) == part.symbolic
            assert part.symbolic <= (found == "later")
            assert service.read(json.loads(service.render(part))).input.content == part.content
        for part, was in zip(done.walk(), block.walk(), strict=True):
            # what says nothing and is not found is named instead
            named = not said(was) and bool(was.instead) and part.type == "paragraph"
            assert (said(part) != "") if named else (said(part) == said(was))


@calm
@given(text=texts)
def test_pieces_join_up_and_end_between_graphemes(name: str, text: str) -> None:
    import regex

    text = clean(text)
    pieces = split(text, 50)
    assert "".join(pieces) == text
    assert all(units(piece) <= 50 for piece in pieces)
    clusters = regex.findall(r"\X", text)
    if all(units(cluster) <= 50 for cluster in clusters):
        assert [cluster for piece in pieces for cluster in regex.findall(r"\X", piece)] == clusters


def test_items_of_one_text_are_as_few_as_possible(name: str) -> None:
    text = tuple(Span("word ") for _ in range(1000))
    inputs, _ = dialect(name).encode([Paragraph(text)], "a.md")
    arrays = [items for block in inputs for items in item_arrays(json.loads(block.content))]
    assert [len(items) for items in arrays] == [3]
    assert isinstance(inputs[0], BlockInput)
