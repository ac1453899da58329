"""The Markdown parser: markdown-it with CommonMark, tables and strikethrough, and whatever the extensions add.

Six things differ from the parser as it comes: nothing vanishes at the nesting limit or behind the last column of a
table, addresses are not judged here (`links` does, with a diagnostic), every link knows where it stands, bare addresses
hold no emphasis, and rules are asked only where they can begin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline import image as image_rule
from markdown_it.rules_inline import link as link_rule
from markdown_it.token import Token

from converters.addresses import address_rule
from converters.dispatch import InlineParser, Rules
from converters.links import normalise_url
from converters.rules import install
from converters.states import BlockState, normalize, text_join

# The preset's 20 hides lists below the tenth level. A level costs up to three Python frames, of which there are 1,000.
MAX_NESTING = 100
# Pictures within the description of a picture: it is parsed anew at every level
MAX_IMAGE_NESTING = 3
OVERFLOW = "overflow"
POSITION = "at"

Setup: TypeAlias = Callable[[MarkdownIt], object]


class _Blocks(ParserBlock):
    """Keeps what stands below the nesting limit as one `overflow` token of raw text."""

    def parse(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> list[Token] | None:
        if not src:
            return None
        state = BlockState(src, md, env, outTokens)
        self.tokenize(state, state.line, state.lineMax)
        return state.tokens

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        if state.level >= state.md.options["maxNesting"]:
            _overflow(state, startLine, endLine)
        else:
            super().tokenize(state, startLine, endLine)


def _overflow(state: StateBlock, start: int, end: int) -> None:
    line = start
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        line += 1
    state.line = max(line, start + 1)
    token = state.push(OVERFLOW, "", 0)
    token.map = [start, state.line]
    token.content = state.getLines(start, state.line, state.blkIndent, False)


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:
        return normalise_url(url)

    def validateLink(self, url: str) -> bool:
        return True


def _link(state: StateInline, silent: bool) -> bool:
    """The link rule; the opening token gets its place in the inline text."""
    if state.src[state.pos] != "[":
        return False
    return _placed(link_rule, "link_open", state, silent)


def _image(state: StateInline, silent: bool) -> bool:
    """The picture rule, which refuses to go deeper than `MAX_IMAGE_NESTING`: deeper ones stay text."""
    if state.src[state.pos] != "!":
        return False
    depth = state.env.get("image_depth", 0)
    if depth >= MAX_IMAGE_NESTING:
        return False
    state.env["image_depth"] = depth + 1
    try:
        return _placed(image_rule, "image", state, silent)
    finally:
        state.env["image_depth"] = depth


def _placed(rule: Callable[[StateInline, bool], bool], kind: str, state: StateInline, silent: bool) -> bool:
    position, count = state.pos, len(state.tokens)
    if not rule(state, silent):
        return False
    if not silent:
        # text before the link was pending, so the token is the first or the second new one
        tokens = state.tokens
        token = tokens[count] if tokens[count].type == kind else tokens[count + 1]
        token.meta[POSITION] = position
    return True


def build(setups: Iterable[Setup] = ()) -> MarkdownIt:
    """A parser with the plugins of the extensions. Making one takes some milliseconds: keep it."""
    parser = _Parser("commonmark", {"maxNesting": MAX_NESTING})
    inline = InlineParser()
    parser.block, parser.inline = _Blocks(), inline
    parser.configure("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    install(parser)
    parser.core.ruler.at("normalize", normalize)
    parser.core.ruler.at("text_join", text_join)
    parser.inline.ruler.at("link", _link)
    parser.inline.ruler.at("image", _image)
    parser.inline.ruler.before("strikethrough", "address", address_rule)
    for setup in setups:
        setup(parser)
    inline.freeze()
    parser.block.ruler = Rules(parser.block)  # type: ignore[assignment]  # it has what a ruler has, once all rules are in
    return parser
