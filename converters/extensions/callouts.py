"""Obsidian's callouts: a quote whose first line is `[!tip]- Title`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from converters.blocks import RichText
from converters.extensions.kinds import Note, finish_note
from converters.inline import text_of
from converters.parser import POSITION
from converters.state import Extension, Frame, State

_MARKER = re.compile(r"\[!([^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]([+-]?)(?:[ \t]+|(?=\n)|\Z)")
_CALLOUT = "callout"


def _rule(state: StateCore) -> None:
    """Take the marker out of the quote's first paragraph, and note it at the quote."""
    if "[!" not in state.src:
        return
    tokens = state.tokens
    for index in range(len(tokens) - 2):
        token, inline = tokens[index], tokens[index + 2]
        if token.type != "blockquote_open" or token.info or inline.content[:2] != "[!":
            continue
        match = _MARKER.match(inline.content)
        first = inline.children[0] if inline.children else None
        if match and tokens[index + 1].type == "paragraph_open" and first and first.type == "text":
            # the marker may be defined as a link
            if not first.content.startswith(match[0].rstrip()):
                continue
            first.content = first.content[len(match[0]) :]
            token.meta[_CALLOUT] = (match[1].strip().lower(), match[2])


def _open(state: State, token: Token) -> bool:
    found = token.meta.get(_CALLOUT)
    if found is None:
        return False
    kind, mark = found
    line = state.line(token)
    title = _take_title(state, line)
    note = Note(kind, title, "closed" if mark == "-" else "open" if mark else "")
    state.push(Frame("quote", line, finish_note, note))
    return True


def _take_title(state: State, line: int) -> RichText:
    """The first line of the paragraph that comes next; the paragraph begins with its second line, or is gone."""
    opening, inline = state.tokens[state.index], state.tokens[state.index + 1]
    children = inline.children or []
    end = next((at for at, child in enumerate(children) if child.type in ("softbreak", "hardbreak")), None)
    whole = inline.content
    head, _, rest = whole.partition("\n")
    inline.children = children[:end]
    inline.content = head
    title = text_of(state, inline, line)
    if end is None or not rest:
        state.index += 3
        return title
    inline.children, inline.content = children[end + 1 :], rest
    for child in inline.children:
        if child.meta and POSITION in child.meta:
            child.meta[POSITION] -= len(head) + 1
    if opening.map:
        opening.map = [opening.map[0] + 1, opening.map[1]]
    return title


def _setup(parser: MarkdownIt) -> None:
    parser.core.ruler.push("callouts", _rule)


CALLOUTS = Extension(
    "callouts",
    "`> [!tip] Title`, as Obsidian and Hugo have it, becomes a callout, and a toggle if it is folded (`[!tip]-`)",
    setup=_setup,
    blocks={"blockquote_open": _open},
)
