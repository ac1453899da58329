"""Definition lists: each term a bold line, with its definitions below it. Several lines are as many terms.

Material for MkDocs writes terms as comments that its own hooks replace. A definition right below a comment is read as
one without a term: as the text that it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin

from converters.blocks import Paragraph
from converters.dispatch import BlockRule
from converters.extensions.indented import INDENT, line_text, parse_inside
from converters.extensions.kinds import bold
from converters.extensions.regions import once
from converters.handlers.basic import skip
from converters.inline import text_of
from converters.state import Extension, Frame, State

_MARKER = re.compile(r":[ \t]+(?=\S)")
_ANY = re.compile(r"^[ \t>]*[:~][ \t]", re.MULTILINE)


def _only_with_marker(rule: BlockRule) -> BlockRule:
    """The rule can begin at any line, so it is not asked in a text that has no definition at all."""

    def begin(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        found = once(state.env, "definitions", state.src, _ANY.search)
        if found is None:
            return False
        return rule(state, start, end, silent) or (not silent and _several(rule, state, start, end))

    return begin


def _several(rule: BlockRule, state: StateBlock, start: int, end: int) -> bool:
    """Lines of text above a definition, each of them a term: the last is read with the definition."""
    last = start
    while last + 1 < end and not state.isEmpty(last + 1) and not _ANY.match(line_text(state, last + 1)):
        last += 1
    if last == start or state.is_code_block(start) or not _is_text(state, start, last, end):
        return False
    first = len(state.tokens)
    if not rule(state, last, end, False):
        return False
    own = state.tokens[first:]
    del state.tokens[first:]
    for line in range(start, last):
        state.push("dt_open", "dt", 1).map = [line, line + 1]
        inline = state.push("inline", "", 0)
        inline.content, inline.map, inline.children = line_text(state, line).strip(), [line, line + 1], []
        state.push("dt_close", "dt", -1)
    state.tokens += own
    return True


def _is_text(state: StateBlock, start: int, last: int, end: int) -> bool:
    """Whether nothing but text stands in some lines, as in a paragraph."""
    rules = state.md.block.ruler.getRules("paragraph")
    lines = range(start + 1, last + 1)
    if any(state.sCount[line] < state.blkIndent for line in lines):
        return False
    return not any(rule(state, line, end, True) for line in lines for rule in rules)


def _only_silent(rule: BlockRule) -> BlockRule:
    """The rule as what ends a paragraph: one that begins with the marker, so that it is asked nowhere else."""
    return lambda state, start, end, silent: silent and rule(state, start, end, silent)


def _setup(parser: MarkdownIt) -> None:
    deflist_plugin(parser)
    ruler = parser.block.ruler
    rule = next(item for item in ruler.__rules__ if item.name == "deflist")
    ruler.before("deflist", "definition_next", _only_silent(rule.fn), {"alt": rule.alt})
    ruler.before("deflist", "definition", _orphan)
    ruler.at("deflist", _only_with_marker(rule.fn), {"alt": []})


def _orphan(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.is_code_block(start) or not state.tokens or state.tokens[-1].type != "html_block":
        return False
    match = _MARKER.match(line_text(state, start))
    if match is None:
        return False
    shift, count = state.tShift[start], state.sCount[start]
    last = start + 1
    for line in range(start + 1, end):
        if not state.isEmpty(line):
            if state.sCount[line] < count + 2:
                break
            last = line + 1
    state.push("dd_open", "dd", 1).meta["orphan"] = True
    state.tokens[-1].map = [start, last]
    state.tShift[start] += match.end()
    state.sCount[start] += min(match.end(), INDENT)
    parse_inside(state, start, last, count + 2)
    state.tShift[start], state.sCount[start] = shift, count
    state.push("dd_close", "dd", -1)
    state.line = last
    return True


def _term(state: State, token: Token) -> None:
    inline = state.tokens[state.index]
    state.index += 2
    line = state.line(token)
    state.blocks.append(Paragraph(bold(text_of(state, inline, line)), line=line))


def _open(state: State, token: Token) -> None:
    state.push(Frame("definition", state.line(token), _finish, "orphan" in token.meta))


def _close(state: State, token: Token) -> None:
    state.close("definition")


def _finish(state: State, frame: Frame) -> None:
    term = state.blocks[-1] if state.blocks and not frame.data else None
    if isinstance(term, Paragraph):
        state.blocks[-1] = replace(term, children=(*term.children, *frame.blocks))
    else:
        state.blocks.extend(frame.blocks)


DEFINITIONS = Extension(
    "definitions",
    "a term with `: definition` below it becomes a bold line with indented text",
    setup=_setup,
    blocks={
        "dl_open": skip,
        "dl_close": skip,
        "dt_open": _term,
        "dd_open": _open,
        "dd_close": _close,
    },
)
