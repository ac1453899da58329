"""Snippets: `--8<-- "file"`, a line that another file takes the place of.

Where the file can be had, `includes` has put it there; a line that is still here is kept as it is written.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import Marks, Paragraph, Span
from converters.extensions.indented import line_text
from converters.extensions.regions import INTERRUPTS
from converters.state import Extension, State

_LINE = re.compile(r"-+8<-+(?:[ \t]+([\"']).+\1.*)?[ \t]*\Z")
_BARE = re.compile(r"-+8<-+[ \t]*\Z")
_ESCAPED = re.compile(r"^([ \t]*);(?=-+8<-)", re.MULTILINE)
_IN_CODE = re.compile(r"^[ \t]*-+8<-+(?:[ \t]+[\"']|[ \t]*$)", re.MULTILINE)


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    text = line_text(state, start)
    if state.is_code_block(start) or not _LINE.match(text):
        return False
    last = start + 1
    if _BARE.match(text):  # names of files, to the next such line
        closing = (
            line
            for line in range(start + 1, end)
            if state.isEmpty(line) or _BARE.match(line_text(state, line))
        )
        last = next(closing, start)
        if last == start or state.isEmpty(last):
            return False
        last += 1
    if not silent:
        state.line = last
        token = state.push("snippet", "", 0)
        token.map = [start, last]
        token.content = "\n".join(line_text(state, line) for line in range(start, last))
    return True


def _keep(state: State, token: Token) -> None:
    line = state.line(token)
    _report(state, line)
    state.blocks.append(Paragraph((Span(token.content, Marks(code=True)),), line=line))


def _code(state: State, token: Token) -> bool:
    if "8<-" in token.content:
        for match in _IN_CODE.finditer(token.content):
            _report(state, state.line(token) + 1 + token.content.count("\n", 0, match.start()))
        token.content = _ESCAPED.sub(r"\1", token.content)
    return False


def _report(state: State, line: int) -> None:
    state.report("snippet-kept", "The file that this line names cannot be included; the line stays.", line)


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "snippet", _rule, INTERRUPTS)


SNIPPETS = Extension(
    "snippets",
    '`--8<-- "file"` becomes the text of the file',
    setup=_setup,
    blocks={"snippet": _keep, "fence": _code},
)
