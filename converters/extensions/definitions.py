"""Definition lists: each term a bold line, with its definitions below it."""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin

from converters.blocks import Paragraph
from converters.dispatch import BlockRule
from converters.extensions.kinds import bold
from converters.extensions.regions import once
from converters.handlers.basic import skip
from converters.inline import text_of
from converters.state import Extension, Frame, State

_ANY = re.compile(r"^[ \t>]*[:~][ \t]", re.MULTILINE)


def _only_with_marker(rule: BlockRule) -> BlockRule:
    """The rule can match at any line, so it is not asked in a text that has no definition at all."""

    def asked(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        found = once(state.env, "definitions", state.src, _ANY.search)
        return found is not None and rule(state, start, end, silent)

    return asked


def _setup(parser: MarkdownIt) -> None:
    deflist_plugin(parser)
    ruler = parser.block.ruler
    rule = next(item for item in ruler.__rules__ if item.name == "deflist")
    ruler.at("deflist", _only_with_marker(rule.fn), {"alt": rule.alt})


def _term(state: State, token: Token) -> None:
    inline = state.tokens[state.index]
    state.index += 2
    line = state.line(token)
    state.blocks.append(Paragraph(bold(text_of(state, inline, line)), line=line))


def _open(state: State, token: Token) -> None:
    state.push(Frame("definition", state.line(token), _finish))


def _close(state: State, token: Token) -> None:
    state.close("definition")


def _finish(state: State, frame: Frame) -> None:
    term = state.blocks[-1] if state.blocks else None
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
