"""Bodies in a few bytes: what is unpacked is what was packed, and it is small."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.dialects import DIALECTS, Dialect
from converters.dialects.base import BlockInput
from converters.document import convert
from publisher import bodies

NASTY = 'A "quoted" \\ text with \x00 \x01 \x02 \x03 and `","text":{"content":"` in it.'
TEXT = f"""# Title

{NASTY} See [b](b.md) and **[c](c.png)**.

- one
  - two
    ![](d.png)

| a | b |
|---|---|
| 1 | *2* |
"""


def every(block: BlockInput) -> list[object]:
    """All fields, those too that are not compared."""
    own = (block.type, block.content, block.symbolic, block.line, block.instead)
    return [own, [every(child) for child in block.children]]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_a_body_comes_back(dialect: Dialect) -> None:
    inputs, _ = dialect.encode(convert(TEXT, "a.md").blocks, "a.md")
    found = bodies.unpack(bodies.pack(inputs))
    assert [every(block) for block in found] == [every(block) for block in inputs]
    assert any(block.symbolic for top in found for block in top.walk())


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
@given(st.text(max_size=60))
def test_law_any_text_comes_back(dialect: Dialect, text: str) -> None:
    inputs, _ = dialect.encode(convert(text, "a.md").blocks, "a.md")
    assert bodies.unpack(bodies.pack(inputs)) == inputs


def test_nothing_comes_back_as_nothing() -> None:
    assert bodies.unpack(bodies.pack(())) == ()


def test_what_stands_instead_comes_back() -> None:
    block = BlockInput("image", b"{}", (BlockInput("paragraph", b'{"rich_text":[]}', line=2),), line=1)
    block = replace(block, instead=b'{"rich_text":[]}')
    assert [every(item) for item in bodies.unpack(bodies.pack([block]))] == [every(block)]


def test_a_body_is_small_where_every_annotation_is_written() -> None:
    words = "\n\n".join(f"A paragraph of some *{number}* words, as they are." for number in range(200))
    inputs, _ = DIALECTS["buildin"].encode(convert(words, "a.md").blocks, "a.md")
    assert len(bodies.pack(inputs)) < 10 * len(words) < sum(len(block.content) for block in inputs)
