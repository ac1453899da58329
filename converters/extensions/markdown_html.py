"""Markdown within HTML: `<figure markdown>`. Without that attribute, Markdown next to a tag is HTML's text.

For Python-Markdown a comment at the head of a line is a part of that line, while for CommonMark the whole line is HTML.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block

from converters.extensions.indented import line_text, parse_inside
from converters.extensions.regions import INTERRUPTS, once
from converters.state import Extension

_TAG = re.compile(r"""<(/?)([a-zA-Z][\w\-]*+)((?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""")
_COMMENTED = re.compile(r"(?:<!--(?:(?!-->).)*+-->[ \t]*+)++[^\s<]")
_WANTED = re.compile(r"\smarkdown(?=[\s=/]|\Z)")
_ANY = re.compile(r"<[a-zA-Z][^<>]*\smarkdown[\s=/>]")


def _pairs(source: str) -> dict[int, tuple[int, int, int]]:
    """Where the tags with the attribute begin; the end of each, and the start and end of the tag that closes it."""
    result: dict[int, tuple[int, int, int]] = {}
    names: dict[str, list[tuple[int, int, bool]]] = {}
    for match in _TAG.finditer(source) if _ANY.search(source) else ():
        opened = names.setdefault(match[2].lower(), [])
        if not match[1]:
            opened.append((match.start(), match.end(), _WANTED.search(match[3]) is not None))
        elif opened:
            start, end, wanted = opened.pop()
            if wanted:
                result[start] = (end, match.start(), match.end())
    return result


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begin = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start):
        return False
    found = once(state.env, "html pairs", state.src, _pairs).get(begin)
    last = bisect_right(state.bMarks, found[1], start, end) - 1 if found else end
    if found is None or not state.bMarks[last] <= found[1] < state.eMarks[last]:
        return False
    if not silent:
        _element(state, start, last, found)
    return True


def _element(state: StateBlock, start: int, last: int, found: tuple[int, int, int]) -> None:
    """The tags as HTML, and what stands between them as Markdown, indented by what all of its lines are."""
    after, closing, _ = found
    begin = state.bMarks[start] + state.tShift[start]
    # an opening tag may be longer than a line
    first = bisect_right(state.bMarks, after - 1, start, last + 1) - 1
    _tag(state, state.src[begin:after], start)
    saved = [
        (line, state.bMarks[line], state.eMarks[line], state.tShift[line], state.sCount[line])
        for line in {first, last}
    ]
    tail = state.src[closing : state.eMarks[last]]
    state.eMarks[last] = closing
    lines = [line for line in range(first + 1, last + 1) if not state.isEmpty(line)]
    indent = min((state.sCount[line] for line in lines), default=state.blkIndent)
    _begin_at(state, first, after, indent)
    state.level += 1
    parse_inside(state, first, last + 1, max(indent, 0))
    state.level -= 1
    for line, *values in saved:
        state.bMarks[line], state.eMarks[line], state.tShift[line], state.sCount[line] = values
    _tag(state, tail, last)
    state.line = last + 1


def _begin_at(state: StateBlock, line: int, position: int, indent: int) -> None:
    """Let a line begin where a tag ends in it."""
    end = state.eMarks[line]
    while position < end and state.src[position] in " \t":
        position += 1
    state.bMarks[line], state.tShift[line], state.sCount[line] = position, 0, indent


def _tag(state: StateBlock, text: str, line: int) -> None:
    token = state.push("html_block", "", 0)
    token.content, token.map = text, [line, line + 1]


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Markdown's rule for HTML, but for a comment with a text behind it."""
    commented = state.src.startswith("<!--", state.bMarks[start] + state.tShift[start])
    if commented and _COMMENTED.match(line_text(state, start)):
        return False
    return html_block(state, start, end, silent)


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.at("html_block", _block, {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.before("html_block", "html_markdown", _rule, INTERRUPTS)


MARKDOWN_HTML = Extension(
    "markdown-in-html",
    "what stands in `<div markdown>` is read as Markdown",
    setup=_setup,
)
