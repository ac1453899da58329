"""VitePress's text of other files: the lines that `includes` could put nothing in the place of."""

from __future__ import annotations

import re

from markdown_it.token import Token

from converters.extensions.shortcode_kinds import include
from converters.extensions.shortcode_texts import add_code
from converters.extensions.tags import markdown
from converters.inline import Writer, pieces
from converters.state import Extension, State

_INCLUDE = re.compile(r"\s*<!--\s*@include:\s*(\S+)\s*-->\s*")
_SNIPPET = re.compile(
    r"<<<\s+(\S[^{\[\n]*?)(?:\.(\w+))?(#[\w-]+)?\s*(?:\{[^}\n]*\})?\s*(?:\[([^\]\n]*)\])?\s*\Z"
)


def _include_block(state: State, token: Token) -> bool:
    match = _INCLUDE.fullmatch(token.content) if "@include" in token.content else None
    if match is None:
        return False
    line = state.line(token)
    writer = Writer(state, "", line, fixed=(line, 1))
    _keep_include(writer, match[1], (line, 1))
    state.emit(writer.finish(), line)
    return True


def _include_inline(writer: Writer, token: Token) -> bool:
    match = _INCLUDE.fullmatch(token.content) if "@include" in token.content else None
    if match is not None:
        _keep_include(writer, match[1], writer.place(token))
    return match is not None


def _keep_include(writer: Writer, name: str, place: tuple[int, int]) -> None:
    path = re.sub(r"\{[^}]*\}\Z", "", name)
    include(writer, f"/{path[2:]}" if path.startswith("@/") else path, place)


def _snippet(state: State, token: Token) -> bool:
    """`<<< @/snippets/a.js{2}` alone on a line: code of another file, kept as the name of that file."""
    inline = state.tokens[state.index]
    if not inline.content.startswith("<<<"):
        return False
    rows = inline.content.split("\n")
    line = last = state.line(token)
    while rows and (match := _SNIPPET.match(rows[0])):
        message = f"“{rows[0][:80]}” is not included; the line is kept as code."
        state.report("include-kept", message, last, 1)
        add_code(state, rows.pop(0), match[2] or "", match[4] or "", last)
        last += 1
    if last == line:
        return False
    state.index += 2
    if rows:
        state.emit(pieces(state, markdown(state, "\n".join(rows)), last), last)
    return True


INCLUDES = Extension(
    "includes",
    "`<!--@include: ./part.md-->` becomes the text of the file, `<<< @/file.js` its code",
    blocks={"html_block": _include_block, "paragraph_open": _snippet},
    inlines={"html_inline": _include_inline},
)
