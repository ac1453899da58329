"""Obsidian's additions to Markdown."""

from __future__ import annotations

import re
from bisect import bisect_left

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.extensions.callouts import CALLOUTS
from converters.extensions.pairs import add_pair
from converters.extensions.regions import once
from converters.extensions.vaults import EXTENSIONS as VAULTS
from converters.extensions.wikilinks import WIKILINKS
from converters.inline import HIGHLIGHT, Writer, marks
from converters.parser import POSITION
from converters.state import Extension, State

_COMMENT = "%%"
_AT_END = re.compile(r"%%(?=[ \t]*$)", re.MULTILINE)
_BLOCK_ID = re.compile(r"(?:\A|[ \t\n])\^([A-Za-z0-9\-]+)[ \t]*\Z")
_IDS = "block ids"


# -- comments ----------------------------------------------------------------------------------------------------------


def _comment_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """From a line that begins with the sign to the line that ends with it; without an end it is no comment."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(_COMMENT, begin) or state.is_code_block(start):
        return False
    ends = once(state.env, "comment ends", state.src, _ends)
    place = bisect_left(ends, begin + len(_COMMENT))
    last = bisect_left(state.eMarks, ends[place], start, end) if place < len(ends) else end
    if last >= end or ends[place] < state.bMarks[last]:
        return False
    if not silent:
        state.line = last + 1
        token = state.push("comment_block", "", 0)
        token.map = [start, state.line]
        token.meta["text"] = state.src[begin + len(_COMMENT) : ends[place]]
    return True


def _ends(source: str) -> list[int]:
    """Where lines end with the sign."""
    return [match.start() for match in _AT_END.finditer(source)]


def _comment_inline(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith(_COMMENT, state.pos):
        return False
    stop = state.src.find(_COMMENT, state.pos + len(_COMMENT), state.posMax)
    if stop < 0:
        return False
    end = stop + len(_COMMENT)
    if not silent:
        token = state.push("comment_inline", "", 0)
        token.meta.update({"text": state.src[state.pos + len(_COMMENT) : stop], POSITION: state.pos})
    # of the spaces on both sides one is enough
    state.pos = end + 1 if state.src[state.pos - 1 : state.pos] == " " == state.src[end : end + 1] else end
    return True


def _drop_block(state: State, token: Token) -> None:
    _drop(state, token, state.line(token), 1)


def _drop_inline(writer: Writer, token: Token) -> None:
    _drop(writer.state, token, *writer.place(token))


def _drop(state: State, token: Token, line: int, column: int) -> None:
    state.comments.append((line, token.meta["text"]))
    state.report("comment-dropped", "A comment is not published.", line, column)


def _comments(parser: MarkdownIt) -> None:
    parser.block.ruler.before(
        "fence", "comment_block", _comment_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.inline.ruler.before("emphasis", "comment_inline", _comment_inline)


# -- block ids ---------------------------------------------------------------------------------------------------------


def _block_ids(state: StateCore) -> None:
    """Take `^id` from the end of each block's text."""
    if "^" not in state.src:
        return
    for token in state.tokens:
        if token.type == "inline" and "^" in token.content and token.children:
            match = _BLOCK_ID.search(token.content)
            last = token.children[-1]
            if match and last.type == "text" and last.content.rstrip().endswith(match[0].strip()):
                last.content = last.content.rstrip()[: -len(match[0].strip())].rstrip()
                line = token.map[0] + 1 if token.map else 0
                alone = not last.content and len(token.children) == 1  # it names what stands before it
                state.env.setdefault(_IDS, []).append((f"^{match[1]}", line, alone))


def _note_ids(state: State) -> None:
    for name, line, alone in state.env.get(_IDS, ()):
        state.name(name, -(line + state.offset) if alone else line + state.offset)


# -- line breaks -------------------------------------------------------------------------------------------------------


def _breaks(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and "\n" in token.content:
            for child in token.children or ():
                if child.type == "softbreak":
                    child.type = "hardbreak"


EXTENSIONS: tuple[Extension, ...] = (
    WIKILINKS,
    # done by `includes`, before anything is parsed
    Extension("note-embeds", "`![[Page]]` alone on a line becomes the text of that page"),
    CALLOUTS,
    Extension(
        "highlight",
        "`==text==` becomes text on yellow",
        setup=lambda parser: add_pair(parser, "=", "mark"),
        inlines=marks("mark", HIGHLIGHT),
    ),
    Extension(
        "comments",
        "`%%text%%` is not published",
        setup=_comments,
        blocks={"comment_block": _drop_block},
        inlines={"comment_inline": _drop_inline},
    ),
    Extension(
        "block-ids",
        "`^id` at the end of a block is no text, but a name that links may use",
        setup=lambda parser: parser.core.ruler.push("block_ids", _block_ids),
        finish=_note_ids,
    ),
    Extension(
        "line-breaks",
        "a line break in a paragraph is one on the page too",
        setup=lambda parser: parser.core.ruler.push("line_breaks", _breaks),
    ),
    *VAULTS,
)
