"""markdown-it's rules, with the usual case of each done first; for every other case the rule itself is asked.

The figures say how much of a bare parse each saved on real folders; `tests/test_states.py` holds them to the rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkDestination
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import lheading as lheading_rule
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import backtick as backtick_rule
from markdown_it.rules_inline import newline as newline_rule

# An address up to what ends it: a blank, the parenthesis of the link, or the text's end
_ADDRESS = re.compile(r"[^\x00-\x20\x7f\\()<&]+(?=[ \n)]|\Z)")


@dataclass(slots=True)
class _Destination:
    """What `parseLinkDestination` returns."""

    ok: bool
    pos: int
    str: str


def destination(string: str, pos: int, maximum: int) -> Any:
    """The address of a link, found by one search instead of character by character (0.02)."""
    found = _ADDRESS.match(string, pos, maximum)
    return _Destination(True, found.end(), found[0]) if found else parseLinkDestination(string, pos, maximum)


def backtick(state: StateInline, silent: bool) -> bool:
    """Code between two single backticks (0.02)."""
    source, start = state.src, state.pos + 1
    end = source.find("`", start, state.posMax)
    # a second backtick at either end makes a longer mark
    if end <= start or source[end + 1 : end + 2] == "`":
        return backtick_rule(state, silent)
    if not silent:
        content = source[start:end]
        if "\n" in content or content[0] == " ":
            return backtick_rule(state, silent)
        token = state.push("code_inline", "code", 0)
        token.markup = "`"
        token.content = content
    state.pos = end + 1
    return True


def newline(state: StateInline, silent: bool) -> bool:
    """A line break after text and before text (0.02 where paragraphs have many lines)."""
    position = state.pos + 1
    if silent or state.pending[-1:] == " " or state.src[position : position + 1] in (" ", "\t"):
        return newline_rule(state, silent)
    state.push("softbreak", "br", 0)
    state.pos = position
    return True


def lheading(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A heading that is underlined; most paragraphs have one line, and nothing below it (0.01)."""
    if startLine + 1 >= endLine or state.isEmpty(startLine + 1):
        return False
    return lheading_rule(state, startLine, endLine, silent)


def install(parser: MarkdownIt) -> None:
    """Put these rules in the place of markdown-it's."""
    inline, old = parser.inline.ruler, parser.helpers
    inline.at("backticks", backtick)
    inline.at("newline", newline)
    parser.block.ruler.at("lheading", lheading)
    helpers: Any = SimpleNamespace(
        parseLinkLabel=old.parseLinkLabel, parseLinkTitle=old.parseLinkTitle, parseLinkDestination=destination
    )
    parser.helpers = helpers
