"""Abbreviations: `*[HTML]: Hyper Text Markup Language`.

On a site the explanation shows where a reader points at the word. A page has no such thing, and an explanation put into
the author's sentences would change them, so all of them are listed once at the end. Of those that stand in a file which
the page includes, only what the page uses is.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import Divider, ListItem, Marks, Span
from converters.extensions.indented import line_text, push_title
from converters.extensions.regions import INTERRUPTS
from converters.inline import text_of
from converters.state import Extension, State
from converters.whole import part_of

_DEFINITION = re.compile(r"\*\[([^\]\n]+)\][ ]?:[ \t]*(.*)\Z")
_LINES = re.compile(r"^[ \t>]*\*\[[^\]\n]+\][ ]?:.*$", re.MULTILINE)
_STORE, _TEXT = "abbreviations", "abbreviated"


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    match = None if state.is_code_block(start) else _DEFINITION.match(line_text(state, start))
    if match is None or not match[1].strip():
        return False
    if not silent:
        state.line = start + 1
        token = state.push("abbreviation", "", 0)
        token.map = [start, state.line]
        token.meta["name"] = match[1].strip()
        push_title(state, match[2].strip(), start)
    return True


def _note(state: State, token: Token) -> None:
    line, name = state.line(token), str(token.meta["name"])
    state.index += 1
    if state.parts and part_of(state.parts, line).path != state.path and not _is_used(state, name):
        return
    text = text_of(state, state.tokens[state.index - 1], line)
    state.report("abbreviation-listed", f"“{name}” is explained at the end of the page.", line)
    words = (Span(name, Marks(bold=True)), Span(" — "), *text) if text else (Span(name, Marks(bold=True)),)
    # a definition may be written again wherever the word is used
    state.store.setdefault(_STORE, {}).setdefault(words, ListItem(words, line=line))


def _is_used(state: State, name: str) -> bool:
    text: str | None = state.store.get(_TEXT)
    if text is None:
        text = state.store[_TEXT] = _LINES.sub("", state.source)
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _list(state: State) -> None:
    items = list(state.store.get(_STORE, {}).values())
    if items:
        state.blocks.extend((Divider(line=items[0].line), *items))


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("list", "abbreviation", _rule, INTERRUPTS)


ABBREVIATIONS = Extension(
    "abbreviations",
    "`*[HTML]: Hyper Text …` is listed at the end of the page",
    setup=_setup,
    blocks={"abbreviation": _note},
    finish=_list,
)
