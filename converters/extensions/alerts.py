"""GitHub's alerts: a quote whose first line is `[!NOTE]`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from converters.blocks import Callout, Color
from converters.handlers.basic import lead
from converters.state import Extension, Frame, State

# The signs that GitHub shows, as near as emoji come, and its colours
KINDS: dict[str, tuple[str, Color]] = {
    "note": ("ℹ️", "blue"),
    "tip": ("💡", "green"),
    "important": ("❗", "purple"),
    "warning": ("⚠️", "yellow"),
    "caution": ("🛑", "red"),
}

_MARKER = re.compile(r"\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|\Z)", re.IGNORECASE)


def _rule(state: StateCore) -> None:
    """Take the marker out of the quote's first paragraph, and note the kind at the quote."""
    tokens = state.tokens
    for index in range(len(tokens) - 2):
        token = tokens[index]
        if token.type != "blockquote_open" or tokens[index + 2].content[:2] != "[!":
            continue
        inline = tokens[index + 2]
        match = _MARKER.match(inline.content)
        if match and tokens[index + 1].type == "paragraph_open" and _take(inline):
            token.info = match[1].lower()


def _take(inline: Token) -> bool:
    """Remove the first line; False if it is not plain text (`[!NOTE]` may be defined as a link)."""
    children = inline.children or []
    if not children or children[0].type != "text" or not _MARKER.match(children[0].content):
        return False
    del children[:2]  # the marker and its line break
    return True


def _open(state: State, token: Token) -> bool:
    if token.info not in KINDS:
        return False
    state.push(Frame("quote", state.line(token), _finish, token.info))
    return True


def _finish(state: State, frame: Frame) -> None:
    icon, color = KINDS[frame.data]
    text, children = lead(frame.blocks)
    state.blocks.append(Callout(text, icon, color, children, line=frame.line))


def _setup(parser: MarkdownIt) -> None:
    parser.core.ruler.push("alerts", _rule)


ALERTS = Extension(
    "alerts",
    "`> [!NOTE]` and its like become callouts",
    setup=_setup,
    blocks={"blockquote_open": _open},
)
