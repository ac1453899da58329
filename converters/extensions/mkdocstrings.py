"""mkdocstrings: `::: package.name`, in whose place a site puts what it reads in the source of a program."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from converters.blocks import Code
from converters.extensions.indented import extent, line_text
from converters.extensions.regions import INTERRUPTS
from converters.state import Extension, State

_LINE = re.compile(r":::[ \t]+([A-Za-z_][\w.]*)[ \t]*\Z")


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    match = None if state.is_code_block(start) else _LINE.match(line_text(state, start))
    if match is None:
        return False
    if not silent:
        state.line, _ = extent(state, start, end)
        token = state.push("mkdocstrings", "", 0)
        token.map = [start, state.line]
        token.content, token.info = state.getLines(start, state.line, state.sCount[start], False), match[1]
    return True


def _keep(state: State, token: Token) -> None:
    line = state.line(token)
    state.name(token.info, line)
    message = f"What is said of “{token.info}” stands in its source; the directive is kept as code."
    state.report("directive-kept", message, line, 1)
    state.blocks.append(Code(token.content.rstrip(), line=line))


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "mkdocstrings", _rule, INTERRUPTS)


MKDOCSTRINGS = Extension(
    "mkdocstrings",
    "`::: package.name` with its options is kept as code",
    setup=_setup,
    blocks={"mkdocstrings": _keep},
)
