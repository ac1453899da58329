"""Marks that stand on both sides of a text, such as `==` and `^^`, by the rules of emphasis."""

from __future__ import annotations

from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token


def add_pair(parser: MarkdownIt, marker: str, name: str) -> None:
    """Let a doubled character make `<name>_open` and `<name>_close` tokens; a rule of that name is added."""
    code = ord(marker)

    def tokenize(state: StateInline, silent: bool) -> bool:
        if silent or not state.src.startswith(marker * 2, state.pos):
            return False
        scanned = state.scanDelims(state.pos, True)
        if scanned.length % 2:
            # an odd one is text, and stands before the pairs
            state.push("text", "", 0).content = marker
        for _ in range(scanned.length // 2):
            state.push("text", "", 0).content = marker * 2
            place = len(state.tokens) - 1
            state.delimiters.append(Delimiter(code, 0, place, -1, scanned.can_open, scanned.can_close))
        state.pos += scanned.length
        return True

    def pair(state: StateInline) -> None:
        _mark(state, state.delimiters)
        for meta in state.tokens_meta:
            if meta and "delimiters" in meta:
                _mark(state, meta["delimiters"])

    def _mark(state: StateInline, delimiters: list[Delimiter]) -> None:
        for opener in delimiters:
            if opener.marker == code and opener.end >= 0:
                _become(state.tokens[opener.token], f"{name}_open", 1)
                _become(state.tokens[delimiters[opener.end].token], f"{name}_close", -1)

    parser.inline.ruler.before("emphasis", name, tokenize)
    parser.inline.ruler2.before("emphasis", name, pair)


def _become(token: Token, kind: str, nesting: Literal[1, -1]) -> None:
    token.type, token.nesting, token.markup, token.content = kind, nesting, token.content, ""
