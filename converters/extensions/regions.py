"""Markdown between the marks of an extension: parsed where it stands, or apart, and gathered in a frame.

What an author opens and never closes is closed with the Markdown container around it, as with HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from converters.state import State

T = TypeVar("T")
_APART = 4  # levels of Markdown's own that one costs; with its own tokens that makes 20 of them

# A block rule that may end a paragraph, a quote's lazy line and a list names these in its `alt`
INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def inside(state: StateBlock, first: int, last: int) -> None:
    """Parse the lines from `first` up to `last` as blocks, where they stand. `state.line` is where that ended."""
    kind, limit = state.parentType, state.lineMax
    state.parentType, state.lineMax = "container", last
    state.line = first
    state.md.block.tokenize(state, first, last)
    state.parentType, state.lineMax = kind, limit


def apart(state: StateBlock, text: str, line: int) -> None:
    """Parse a text that was cut out of the source as blocks; `line` is where it begins, from 0."""
    if not text.strip():
        return
    inner = StateBlock(text, state.md, state.env, [])
    # every level is read anew, so that there may be fewer of them than of Markdown's own
    inner.level = state.level + _APART
    state.md.block.tokenize(inner, 0, inner.lineMax)
    for token in inner.tokens:
        if token.map:
            token.map = [token.map[0] + line, token.map[1] + line]
    state.tokens.extend(inner.tokens)


def once(env: Mapping[str, object], key: str, source: str, work: Callable[[str], T]) -> T:
    """The result of `work(source)`, worked out once for every source of a parse: the file's, and what is parsed apart."""
    found: dict[int, tuple[str, T]] = env.setdefault(key, {})  # type: ignore[attr-defined]  # an env is a dict
    known = found.get(id(source))
    if known is None or known[0] is not source:
        known = found[id(source)] = (source, work(source))  # keeps the source, so that its id stays its own
    return known[1]


def close(state: State, kind: str) -> bool:
    """Close the innermost open element of this kind, and all in it, as far as Markdown's own containers allow."""
    for depth in range(len(state.frames) - 1, -1, -1):
        frame = state.frames[depth]
        if frame.kind == kind:
            while len(state.frames) > depth:
                state.pop()
            return True
        if not frame.html:
            return False
    return False
