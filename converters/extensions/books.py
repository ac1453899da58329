"""mdBook: `{{#include file}}`, a line that another file takes the place of.

Where the file can be had, `includes` has put it there; a line that is still here is kept as it is written.
"""

from __future__ import annotations

import re

from markdown_it.token import Token

from converters.state import Extension, State

_LINE = re.compile(
    r"^[ \t]*\{\{#(?:include|rustdoc_include|playground)[ \t]+([^\s{}]+)[^{}\n]*\}\}", re.MULTILINE
)


def _code(state: State, token: Token) -> bool:
    return _say(state, token.content, state.line(token) + 1)


def _text(state: State, token: Token) -> bool:
    return _say(state, state.tokens[state.index].content, state.line(token))


def _say(state: State, content: str, line: int) -> bool:
    if "{{#" in content:
        for match in _LINE.finditer(content):
            place = line + content.count("\n", 0, match.start())
            state.report("include-kept", f"“{match[1][:80]}” cannot be included; the line stays.", place, 1)
    return False


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "book-includes",
        "mdBook's `{{#include file}}` becomes the text of the file",
        blocks={"fence": _code, "paragraph_open": _text},
    ),
)
