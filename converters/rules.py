"""markdown-it's rules, with the usual case of each done first; for every other case the rule itself is asked.

Only that of tables does more than markdown-it's: it loses no cell.

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
from markdown_it.rules_block import table as table_rule
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import backtick as backtick_rule
from markdown_it.rules_inline import newline as newline_rule
from markdown_it.token import Token

# An address up to what ends it: a blank, the parenthesis of the link, or the text's end
_ADDRESS = re.compile(r"[^\x00-\x20\x7f\\()<&]+(?=[ \n)]|\Z)")

_PIPE = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(?<!`)(`++)(?!`).+?(?<!`)\1(?!`)")
SURPLUS = "surplus"  # in the meta of a table's cell: the column from which on a row has more than the table


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


def table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A table. What a row has beyond the last column, which GFM leaves out, stays in its last cell as it is written."""
    first = len(state.tokens)
    if not table_rule(state, startLine, endLine, silent):
        return False
    tokens = state.tokens[first:]
    width = sum(token.type == "th_open" for token in tokens)
    for index, token in enumerate(tokens):
        if token.type == "tr_close" and tokens[index - 1].type == "td_close":
            _keep_surplus(state, tokens[index - 2], width)
    return True


def _keep_surplus(state: StateBlock, cell: Token, width: int) -> None:
    """Give the last cell of a row all that stands behind its beginning."""
    line = cell.map[0] if cell.map else 0
    start, end = state.bMarks[line] + state.tShift[line], state.eMarks[line]
    row = state.src[start:end].rstrip()
    pipes = row.count("|") - row.startswith("|") - row.endswith("|")
    if pipes < width:  # nearly always
        return
    borders = [found.start() for found in _PIPE.finditer(row)]
    if row.startswith("|"):
        del borders[0]
    if len(borders) < width or not row[borders[width - 1] :].strip("| \t"):
        return
    begin = borders[width - 2] + 1 if width > 1 else int(row.startswith("|"))
    stop = borders[-1] if borders[-1] == len(row) - 1 else len(row)
    cell.content = row[begin:stop].strip().replace("\\|", "|")
    if not _PIPE.search(_CODE.sub("", row[begin:stop])):
        return  # bars within code end no cell for other tools, nor for the author
    at = start + borders[width - 1]
    cell.meta[SURPLUS] = at - state.src.rfind("\n", 0, at)


def install(parser: MarkdownIt) -> None:
    """Put these rules in the place of markdown-it's."""
    inline, old = parser.inline.ruler, parser.helpers
    inline.at("backticks", backtick)
    inline.at("newline", newline)
    parser.block.ruler.at("lheading", lheading)
    parser.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    helpers: Any = SimpleNamespace(
        parseLinkLabel=old.parseLinkLabel, parseLinkTitle=old.parseLinkTitle, parseLinkDestination=destination
    )
    parser.helpers = helpers
