"""Laws of the conversion: it never raises, never loses a word, and takes time in proportion to the text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from effort import effort
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from converters.blocks import Block, Document, InlineEquation, Media, PageRef, Span, Url
from converters.document import DEFAULT, Options, convert, convert_bytes
from converters.frontmatter import split
from converters.parser import MAX_NESTING

COMMONMARK = Options(extensions=frozenset())
EITHER = st.sampled_from([DEFAULT, COMMONMARK])


def one_of(text: str) -> st.SearchStrategy[str]:
    """Any of the pieces between the broken bars; line breaks of the source do not count."""
    return st.sampled_from(text.replace("\n    ", "").split("¦"))


# Pieces that mean something, alone or together
PIECES = one_of(
    r"""# ¦## ¦- ¦1. ¦2) ¦> ¦    ¦  ¦---¦***¦```¦~~~¦`¦``¦*¦**¦_¦__¦~~¦[¦]¦(¦)¦![¦](¦<¦>¦</¦/>¦&amp;¦&#0;¦\¦|¦
    word¦two words¦中文¦é¦🚀¦a¦b¦1¦[ ] ¦[x] ¦[!NOTE]¦[^1]¦[^1]: ¦^[¦$¦$$¦:rocket:¦: ¦
    http://a.example¦www.a.example¦a@b.example¦[a](b.md)¦![a](b.png)¦[a]: /b¦<b>¦</b>¦<a href="x">¦</a>¦<br>¦<img src=x alt=y>¦
    <details>¦<summary>¦</summary>¦</details>¦<table>¦<tr>¦<td>¦</table>¦<ul>¦<li>¦</li>¦</ul>¦<pre>¦</pre>¦<!--¦-->¦<?¦
    <script>¦</script>¦<h1>¦</h1>¦| a | b |¦|--|--|¦javascript:¦%zz¦#x"""
) | st.sampled_from(
    [
        "\n",
        "\n\n",
        "\\\n",
        "\t",
        "\r\n",
        "\r",
        "\0",
        "\ufeff",
        "\u2028",
        "\ud800",
        "---\na: 1\n---\n",
        "+++\n",
    ]
)
MARKDOWN = st.lists(PIECES, max_size=40).map("".join)

WORD = re.compile(r"\w+")


@settings(max_examples=300, deadline=None)
@given(MARKDOWN, EITHER)
def test_never_raises_on_what_looks_like_markdown(text: str, options: Options) -> None:
    check(convert(text, "a/b.md", options))


@settings(max_examples=150, deadline=None)
@given(st.text(), EITHER)
def test_never_raises_on_any_text(text: str, options: Options) -> None:
    check(convert(text, "a/b.md", options))


@settings(max_examples=100, deadline=None)
@given(st.binary(), EITHER)
def test_never_raises_on_any_bytes(data: bytes, options: Options) -> None:
    check(convert_bytes(data, "a/b.md", options))


def check(document: Document) -> None:
    """What holds for every document."""
    lines = [use.line for use in document.links] + [item.line for item in document.diagnostics]
    assert all(line >= 0 for line in lines)
    assert all(use.column >= 1 for use in document.links)
    assert document.title
    assert len(set(document.anchors)) == len(document.anchors)
    for item in values(document.blocks):
        if isinstance(item, Span):
            assert item.text
            item.text.encode()
            assert not (isinstance(item.link, PageRef) and item.link.target.startswith("/"))
        if isinstance(item, Url):
            assert item.url.partition(":")[0].lower() in ("http", "https", "mailto", "tel", "ftp")


def values(item: Any) -> Iterator[Any]:
    """A value and everything in it."""
    stack = [item]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, tuple):
            stack.extend(reversed(current))
        elif hasattr(current, "__slots__"):
            stack.extend(reversed([getattr(current, name) for name in current.__slots__]))


# -- words -------------------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    # a line break between two Chinese characters is no space: the words on both sides of it are one
    return WORD.findall(re.sub(r"(?<=[一-鿿])\s+(?=[一-鿿])", "", unicodedata.normalize("NFKC", text)))


def of_tokens(tokens: Iterable[Token]) -> Counter[str]:
    """The words that markdown-it sees, HTML apart."""
    parts: list[str] = []
    for token in tokens:
        if token.type == "inline":
            parts.extend(inline_text(token.children or []))
        elif token.type in ("fence", "code_block"):
            parts.append(token.content)
        parts.append("\n")
    return Counter(words("".join(parts)))


def inline_text(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "image":
            yield " "
            yield from inline_text(token.children or [])
            yield " "
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type in ("text", "text_special", "code_inline"):
            yield token.content


def of_document(document: Document) -> Counter[str]:
    parts = [document.title, "\n"]
    stack: list[Any] = [document.blocks]
    while stack:
        item = stack.pop()
        if isinstance(item, (Span, InlineEquation)):
            parts.append(item.text if isinstance(item, Span) else item.expression)
        elif isinstance(item, str):
            parts.append(item)
        elif isinstance(item, tuple):
            stack.extend(reversed(["\n", *item, "\n"]))
        else:
            names = ("text", "expression", "caption", "rows", "columns", "children")
            stack.extend(reversed(["\n", *(getattr(item, name, ()) for name in names)]))
    return Counter(words("".join(parts)))


# No HTML here, whose text markdown-it does not know, and no boxes of tasks, which are not words
SAFE = one_of(
    r"""# ¦## ¦- ¦1. ¦> ¦    ¦---¦```¦`¦``¦*¦**¦_¦~~¦[¦]¦(¦)¦![¦](¦\¦  ¦word¦two words¦中文¦é¦a¦b¦12¦
    http://a.example/b_c¦www.a.example.¦a@b.example¦[a](b.md)¦[a *b*](c.md "d")¦![e](f.png)¦[![g](h.png)](i.md)¦[j]: /k¦[j]¦
    | l | m |¦|--|:-:|¦&amp;"""
) | st.sampled_from(["\n", "\n\n", "  \n", "\\\n", "\t"])


@settings(max_examples=400, deadline=None)
@given(st.lists(SAFE, max_size=40).map("".join))
def test_never_loses_a_word(text: str) -> None:
    body = split(text).body
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    lost = of_tokens(parser.parse(body)) - of_document(convert(text, "p.md", COMMONMARK))
    assert not lost


def images(items: Iterable[Block]) -> int:
    return sum(isinstance(item, Media) for item in values(tuple(items)))


@given(
    st.lists(
        st.sampled_from(["a ", "![b](c.png)", "\n", "*d* ", "[e](f.md)", "- ", "> ", "\n\n"]), max_size=20
    )
)
@settings(max_examples=150, deadline=None)
def test_every_picture_and_link_reaches_the_blocks(parts: list[str]) -> None:
    document = convert("".join(parts), "p.md")
    assert images(document.blocks) == parts.count("![b](c.png)")
    links = [item for item in values(document.blocks) if isinstance(item, Span) and item.link is not None]
    title = document.title.count("e")
    assert len(links) + title >= parts.count("[e](f.md)")


# -- time --------------------------------------------------------------------------------------------------------------

PATHOLOGICAL: dict[str, Callable[[int], str]] = {
    "quotes": lambda n: ">" * n + " word",
    "lists": lambda n: "- " * n + "word",
    "brackets": lambda n: "[" * n + "word",
    "links in links": lambda n: "[" * n + "word" + "](a)" * n,
    "pictures in pictures": lambda n: "![" * n + "word" + "](a)" * n,
    "stars": lambda n: "*" * n + "word" + "*" * n,
    "open stars": lambda n: "*a **b " * n + "word",
    "bold tags": lambda n: "x " + "<b>" * n + "word",
    "tags without end": lambda n: '<a b="' * n + "word",
    "divisions": lambda n: "<div>" * n + "word",
    "lists of HTML": lambda n: "<ul><li>" * n + "word",
    "details": lambda n: "<details>\n\n" * n + "word",
    "stray ends": lambda n: "x\n\n</details>\n\n" * n + "word",
    "comments": lambda n: "<!--" + "a <!--" * n + "--> word",
    "rows": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * n + "\nword",
    "columns": lambda n: "|a" * n + "\n" + "|-" * n + "\n" + "|word" * n,
    "links in a line": lambda n: "[a](b.md) " * n + "word",
    "links of HTML in a line": lambda n: "<p>" + "<a href='x.md'>y</a> " * n + "word",
    "addresses": lambda n: "http://a.b " * n + "word",
    "half an address": lambda n: "http://" * n + " word",
    "letters and a sign": lambda n: "a" * n + "@ word",
    "parentheses": lambda n: "http://a" + ")" * n + " word",
    "footnotes": lambda n: "".join(f"[^{i}]: x\n\n" for i in range(n // 10)) + "word",
    "notes in notes": lambda n: "^[" * n + "word",
    "dollars": lambda n: "$a " * n + "word",
    "fences": lambda n: "---\n" * n + "word",
    "headings of one name": lambda n: "# a\n" * n + "word",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_work_is_linear_and_the_word_survives(name: str) -> None:
    def work(size: int) -> int:
        text = PATHOLOGICAL[name](size)
        found: list[str] = []
        calls = effort(lambda: found.extend(of_document(convert(text, "p.md"))))
        assert any("word" in word for word in found)
        return calls

    # eight times the text: 64 times the work would be quadratic
    assert work(10_000) < max(work(1250), 2_000) * 10


@pytest.mark.slow
def test_binary_junk_of_a_megabyte() -> None:
    junk = bytes((i * 2654435761 >> 7) & 255 for i in range(1_000_000))
    check(convert_bytes(junk, "p.md"))
