"""Where tags of template languages stand in Markdown: on lines of their own, in text, in tables, addresses and HTML.

A tag alone on its line, or on the lines of its pair, is a block, every other one stands in a line of text. What is between
a pair is Markdown, unless the grammar says that it is `raw`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.ruler import StateBase
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.extensions.grammars import SIGNS, UNKNOWN, Grammar, Tag
from converters.extensions.regions import INTERRUPTS, apart, once
from converters.extensions.tag_html import html_rule
from converters.parser import POSITION
from converters.rules import table as table_rule


def set_up(parser: MarkdownIt, grammar: Grammar) -> None:
    """Let a parser read the tags of a language."""
    name = grammar.name
    parser.block.ruler.before("fence", name, _block_rule(grammar), INTERRUPTS)
    parser.block.ruler.at("table", _table_rule(grammar), {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.before("link", name, _inline_rule(grammar))
    parser.inline.ruler.before("html_inline", f"{name}-html", html_rule(grammar))
    _destinations(parser, grammar)


# -- blocks ------------------------------------------------------------------------------------------------------------


def _block_rule(grammar: Grammar) -> Callable[[StateBlock, int, int, bool], bool]:
    def rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        at = state.bMarks[line] + state.tShift[line]
        if not state.src.startswith(SIGNS, at) or state.is_code_block(line):
            return False
        tag = None if _is_literal(grammar, state, at) else grammar.read(state.src, at)
        if tag is None or tag.role == "literal":
            return False
        closing = (
            once(state.env, grammar.name, state.src, grammar.pairs).get(at) if tag.role == "open" else None
        )
        last = _last_line(state, line, end, (closing or tag).end)
        if last < 0:
            return False
        if not silent:
            _tokens(state, grammar, tag, closing, line, last)
            state.line = last + 1
        return True

    return rule


def _last_line(state: StateBlock, line: int, end: int, position: int) -> int:
    """The line that ends at a position; -1 if more stands behind it there, or if it is not in the same container."""
    last = _line_of(state, position, line)
    if last >= end or state.src[position : state.eMarks[last]].strip():
        return -1
    within = all(
        state.sCount[row] >= state.blkIndent or state.isEmpty(row) for row in range(line + 1, last + 1)
    )
    return last if within else -1


def _line_of(state: StateBlock, position: int, low: int) -> int:
    """The line that a position stands in, at or behind line `low`. The last mark is not a line's."""
    return bisect_right(state.bMarks, position, lo=low, hi=len(state.bMarks) - 1) - 1


def _tokens(state: StateBlock, grammar: Grammar, tag: Tag, closing: Tag | None, line: int, last: int) -> None:
    if closing is None:
        alone = replace(tag, role="alone") if grammar.in_pairs(tag) else tag
        _push(state, f"{grammar.name}_tag", alone, line, last)
        return
    first, text = _between(state, tag, closing, line, last)
    if tag.name in grammar.raw:
        _push(state, f"{grammar.name}_raw", tag, line, last).content = text
    else:
        _push(state, f"{grammar.name}_open", tag, line, last, 1)
        count = len(state.tokens)
        if tag.name in grammar.literal:
            _literal(grammar, state, text, len(text))
        apart(state, text, first)
        for token in state.tokens[count:] if tag.name in grammar.literal else ():
            _literal(grammar, state, token.content, len(token.content))
        _push(state, f"{grammar.name}_close", closing, line, last, -1)


def _literal(grammar: Grammar, state: StateBase, source: str, end: int) -> None:
    """Note that up to `end` nothing in this source is a tag."""
    state.env.setdefault(f"{grammar.name} literal", {})[id(source)] = (source, end)


def _is_literal(grammar: Grammar, state: StateBase, position: int) -> bool:
    found = state.env.get(f"{grammar.name} literal")
    source, end = found.get(id(state.src), ("", 0)) if found else ("", 0)
    return source is state.src and position < end


def _push(
    state: StateBlock, kind: str, tag: Tag, line: int, last: int, nesting: Literal[-1, 0, 1] = 0
) -> Token:
    token = state.push(kind, "", nesting)
    token.map, token.meta["tag"] = [line, last + 1], tag
    return token


def _between(state: StateBlock, tag: Tag, closing: Tag, line: int, last: int) -> tuple[int, str]:
    """The text between two tags, without the indent of its container, and the line on which it begins."""
    first, final = _line_of(state, tag.end, line), _line_of(state, closing.start, line)
    if first == final:
        return first, state.src[tag.end : closing.start].strip()
    head = state.src[tag.end : state.eMarks[first]].strip()
    tail = state.src[state.bMarks[final] + state.tShift[final] : closing.start].rstrip()
    middle = state.getLines(first + 1, final, state.blkIndent, False)
    if not head:
        return first + 1, f"{middle}\n{tail}" if tail else middle
    return first, "\n".join(part for part in (head, middle, tail) if part)


# -- tables ------------------------------------------------------------------------------------------------------------

_BAR = "\ufdd0"  # stands for "|" within a tag; Unicode keeps it for such uses


def _table_rule(grammar: Grammar) -> Callable[[StateBlock, int, int, bool], bool]:
    """The rule for tables, to which a "|" within a tag ends no cell: tags are read before Markdown is."""

    def rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        source, count = state.src, len(state.tokens)
        masked = once(state.env, f"{grammar.name} table", source, lambda text: _masked(grammar, text))
        if masked is source:
            return table_rule(state, line, end, silent)
        state.src = masked
        try:
            return table_rule(state, line, end, silent)
        finally:
            state.src = source
            for token in state.tokens[count:]:
                token.content = token.content.replace(_BAR, "|")

    return rule


def _masked(grammar: Grammar, source: str) -> str:
    """The source with `_BAR` for "|" in tags, and in what stands on one line between a pair that holds no Markdown."""
    if "|" not in source:
        return source
    pairs = grammar.pairs(source) if grammar.within else {}
    parts: list[str] = []
    done = 0
    for match in grammar.begin.finditer(source):
        tag = grammar.read(source, match.start()) if match.start() >= done else None
        if tag is None:
            continue
        closing = pairs.get(tag.start) if tag.name in grammar.within else None
        end = closing.end if closing and "\n" not in source[tag.start : closing.end] else tag.end
        if "|" in source[tag.start : end]:
            parts += (source[done : tag.start], source[tag.start : end].replace("|", _BAR))
            done = end
    return "".join((*parts, source[done:])) if parts else source


# -- text --------------------------------------------------------------------------------------------------------------


def _inline_rule(grammar: Grammar) -> Callable[[StateInline, bool], bool]:
    def rule(state: StateInline, silent: bool) -> bool:
        source, at = state.src, state.pos
        if not source.startswith(SIGNS, at) or _is_literal(grammar, state, at):
            return False
        tag = grammar.read(source, at)
        if tag is None:
            return _broken(grammar, state, silent)
        if tag.end > state.posMax:
            return False
        closing = None
        if grammar.in_pairs(tag):
            closing = once(state.env, grammar.name, source, grammar.pairs).get(at)
            if closing is None or closing.end > state.posMax:
                closing, tag = None, replace(tag, role="alone")
        if tag.role == "open" and tag.name in grammar.literal:
            end = once(state.env, grammar.name, source, grammar.pairs).get(at)
            _literal(grammar, state, source, end.start if end else 0)
        if not silent:
            _inline_tokens(state, grammar, tag, closing)
        state.pos = (closing or tag).end
        return True

    return rule


def _inline_tokens(state: StateInline, grammar: Grammar, tag: Tag, closing: Tag | None) -> None:
    if closing is None:
        _push_inline(state, f"{grammar.name}_tag", tag)
    elif tag.name in grammar.within:
        _push_inline(state, f"{grammar.name}_within", tag).content = state.src[tag.end : closing.start]
    else:
        _push_inline(state, f"{grammar.name}_begin", tag, 1)
        last, state.pos, state.posMax = state.posMax, tag.end, closing.start
        state.md.inline.tokenize(state)
        state.posMax = last
        _push_inline(state, f"{grammar.name}_end", tag, -1)


def _push_inline(state: StateInline, kind: str, tag: Tag, nesting: Literal[-1, 0, 1] = 0) -> Token:
    token = state.push(kind, "", nesting)
    token.meta["tag"], token.meta[POSITION] = tag, tag.start
    return token


def _broken(grammar: Grammar, state: StateInline, silent: bool) -> bool:
    """What begins a tag, and does not end."""
    match = grammar.broken.match(state.src, state.pos, state.posMax) if grammar.broken else None
    if match is None:
        return False
    if not silent:
        token = state.push(f"{grammar.name}_broken", "", 0)
        token.content, token.meta[POSITION] = match[0], state.pos
    state.pos = match.end()
    return True


# -- addresses ---------------------------------------------------------------------------------------------------------

_TEMPLATED = re.compile(r"[^\s(){}<>]*\{[{%]")


def _destinations(parser: MarkdownIt, grammar: Grammar) -> None:
    """Let the address of a link hold tags, which have spaces and quotes that an address may not have."""
    old = parser.helpers

    def destination(source: str, position: int, maximum: int) -> Any:
        start = position + source.startswith("<", position)
        if _TEMPLATED.match(source, start, maximum) and (found := _address(grammar, source, start, maximum)):
            href, end = found
            if start == position:
                return SimpleNamespace(ok=True, str=href, pos=end)
            if source.startswith(">", end) and end < maximum:
                return SimpleNamespace(ok=True, str=href, pos=end + 1)
        return old.parseLinkDestination(source, position, maximum)

    helpers: Any = SimpleNamespace(
        parseLinkLabel=old.parseLinkLabel, parseLinkTitle=old.parseLinkTitle, parseLinkDestination=destination
    )
    parser.helpers = helpers


_ADDRESS_TEXT = re.compile(r"[^\s(){}<>]+|[{}](?![{%])")


def _address(grammar: Grammar, source: str, position: int, maximum: int) -> tuple[str, int] | None:
    """An address with its tags replaced by what they stand for; it begins with `UNKNOWN` if nobody knows one of them."""
    parts: list[str] = []
    while position < maximum:
        tag = grammar.read(source, position) if source.startswith(SIGNS, position) else None
        if tag is not None:
            known = grammar.address(tag)
            if known is None:
                parts.insert(0, UNKNOWN)
            else:
                parts.append(known)
            position = tag.end
            continue
        match = _ADDRESS_TEXT.match(source, position, maximum)
        if match is None:
            break
        parts.append(match[0])
        position = match.end()
    return ("".join(parts), position) if parts else None
