"""The quicker states and rules against markdown-it's own: the same tokens for any text."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination
from markdown_it.rules_block import StateBlock

from converters.addresses import address_rule
from converters.extensions import EXTENSIONS, FLAVORS
from converters.links import normalise_url
from converters.parser import MAX_NESTING, build
from converters.rules import destination, table
from converters.states import BlockState

CASES = sorted((Path(__file__).parent.parent / "fixtures").rglob("*.md"))
LINES = ("bMarks", "eMarks", "tShift", "sCount", "bsCount", "lineMax")

# Pieces that rules begin, end or stumble over
PIECES = st.sampled_from(
    r"""# ¦## ¦- ¦1. ¦> ¦>¦    ¦  ¦```¦``¦`¦`a`¦``b` ``¦` c `¦**¦*¦_¦~~¦[¦]¦(¦)¦![¦\¦\`¦&amp;¦&¦<b>¦<http://a.example>¦<!-- c -->
    word¦two words¦a-b: c¦中文¦é¦\¦$d$¦[e](f.md)¦[e](<f g.md> "t")¦[h](i(j).md 'u')¦[k](&#35;\)¦![l](m.png)¦[n]: /o "p"¦[n]¦[^1]¦
    [^1]: q¦| r | s |¦|--|:-:|¦---¦===¦:smile:¦==¦{#t}¦{.u}¦%%¦::: v¦:::¦{{< w >}}¦{% x %}¦![[y]]¦[[z]]"""
    .replace("\n", "").split("¦")
) | st.sampled_from(["\n", "\n\n", "  \n", "\\\n", "\t", "\n    ", "\n  ", " \t", "\0", "\r\n", "\n\t"])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@cache
def parsers(flavor: str) -> tuple[MarkdownIt, MarkdownIt]:
    """Ours, and markdown-it's with nothing but the same plugins, and the two rules that differ on purpose."""
    setups = [EXTENSIONS[name].setup for name in EXTENSIONS if name in FLAVORS[flavor]]
    stock = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    stock.normalizeLink = normalise_url  # type: ignore[method-assign]
    stock.validateLink = lambda url: True  # type: ignore[method-assign]
    stock.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    stock.inline.ruler.before("strikethrough", "address", address_rule)
    for setup in filter(None, setups):
        setup(stock)
    return build(filter(None, setups)), stock


def tokens(parser: MarkdownIt, text: str) -> list[Any]:
    env: dict[str, Any] = {}
    found = [token.as_dict() for token in parser.parse(text, env)]
    stack = list(found)
    while stack:
        token = stack.pop()
        if token["type"] in ("link_open", "image"):
            token["meta"].pop("at", None)  # where it stands: only ours say so
        stack.extend(token["children"] or ())
    return [found, env.get("references")]


@pytest.mark.parametrize("flavor", FLAVORS)
def test_the_fixtures(flavor: str) -> None:
    ours, stock = parsers(flavor)
    for path in CASES:
        text = path.read_text("utf-8", "replace")
        assert tokens(ours, text) == tokens(stock, text), path


@pytest.mark.parametrize("flavor", ["commonmark", "github", "obsidian", "mkdocs", "jekyll", "hugo"])
@settings(max_examples=80, deadline=None)
@given(TEXTS)
def test_law_the_same_tokens(flavor: str, text: str) -> None:
    ours, stock = parsers(flavor)
    assert tokens(ours, text) == tokens(stock, text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="a \t\n-", max_size=40))
def test_law_the_same_lines(text: str) -> None:
    ours, stock = parsers("commonmark")
    found, wanted = BlockState(text, ours, {}, []), StateBlock(text, stock, {}, [])
    assert [getattr(found, name) for name in LINES] == [getattr(wanted, name) for name in LINES]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="a.#/()<>\\& \n\t\x7f", max_size=12), st.integers(0, 3), st.integers(0, 12))
def test_law_the_same_address(text: str, position: int, most: int) -> None:
    found, wanted = (
        work(text, position, min(most, len(text))) for work in (destination, parseLinkDestination)
    )
    assert (found.ok, found.ok and (found.pos, found.str)) == (
        wanted.ok,
        wanted.ok and (wanted.pos, wanted.str),
    )
