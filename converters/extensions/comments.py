"""Obsidian's comments: what stands between `%%` and `%%` is not published, wherever it begins and ends.

What begins a line is a comment to the next sign, over blank lines and out of the list or quote that it began in. What
begins within a text is looked for in that text first; if it does not end there, it goes on as the other does. Without an
end all that follows is hidden: Obsidian does so, and what an author has hidden is not to be shown by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.dispatch import BlockRule
from converters.extensions.regions import INTERRUPTS, once
from converters.inline import Writer
from converters.parser import POSITION
from converters.state import Extension, State

SIGN = "%%"
# What the sign is mere text in: behind a backslash, code, a tag or an address
_PIECES = re.compile(r"\\.|(?<!`)(`++)(?!`).*?(?<!`)\1(?!`)|`++|<[A-Za-z/!][^<>]*+>|%%", re.DOTALL)
_TEXTS = ("paragraph", "heading", "lheading", "table")


@dataclass(slots=True)
class _Hidden:
    """How far a source is hidden, and which block was looked into for a comment that is open."""

    until: int = 0
    first: int = -1
    line: int = -1
    open: bool = False


def _hidden(state: StateBlock) -> _Hidden:
    return once(state.env, "comments", state.src, lambda _: _Hidden())


# -- blocks ------------------------------------------------------------------------------------------------------------


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A comment that begins a line. One with text behind it on its line is left to the text."""
    begin = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(SIGN, begin) or state.is_code_block(start):
        return False
    stop = state.src.find(SIGN, begin + len(SIGN))
    if 0 <= stop < state.eMarks[start] and state.src[stop + len(SIGN) : state.eMarks[start]].strip():
        return False
    if silent:
        return not _is_open(state, start)
    token = state.push("comment_block", "", 0)
    token.meta.update(text=state.src[begin + len(SIGN) : stop if stop >= 0 else None], closed=stop >= 0)
    _hide(state, start, stop)
    token.map = [start, max(state.line, start + 1)]
    return True


def _hide(state: StateBlock, line: int, stop: int) -> None:
    """Go on behind the sign at `stop`, or (if there is none) at the end."""
    until = stop + len(SIGN) if stop >= 0 else len(state.src)
    _hidden(state).until = until
    last = len(state.eMarks) - 1  # markdown-it has one line more than there are
    while line < last and state.eMarks[line] < until:
        line += 1
    state.line = line
    if stop < 0 or line >= last or not state.src[until : state.eMarks[line]].strip():
        state.line = min(line + 1, last)
        return
    rest = state.src[until : state.eMarks[line]]
    state.bMarks[line] = until
    state.tShift[line] = len(rest) - len(rest.lstrip(" \t"))
    # it is text, however far the end of the comment was indented
    count = state.sCount[line]
    state.sCount[line] = state.blkIndent if count >= state.blkIndent else min(count, 3)


def _behind(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines that are hidden, where a container went back to them."""
    until = _hidden(state).until
    if silent or state.bMarks[start] >= until:
        return False
    _hide(state, start, until - len(SIGN))
    return state.line > start or state.md.block.ruler.getRules("")[0](state, start, end, False)


def _is_open(state: StateBlock, line: int) -> bool:
    """Whether a comment is open where a line begins, in the block that is being read."""
    known = _hidden(state)
    if known.first != state.line or known.line > line:
        known.first, known.line, known.open = state.line, state.line, False
    for number in range(known.line, line):
        text = state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
        known.open = opened(text, known.open) >= 0
    known.line = line
    return known.open


def opened(text: str, inside: bool = False) -> int:
    """Where the comment begins that is open at the end of a text; -1 for none. `inside`: one is open at its start.

    A percentage ("100%%") opens none.
    """
    at = 0
    if inside:
        at = text.find(SIGN) + len(SIGN)
        if at < len(SIGN):
            return 0
    while match := _PIECES.search(text, at):
        at = match.end()
        if match[0] == SIGN:
            stop = text.find(SIGN, at)
            if stop < 0:
                return -1 if text[match.start() - 1 : match.start()].isdigit() else match.start()
            at = stop + len(SIGN)
    return -1


def _with_rest(rule: BlockRule) -> BlockRule:
    """A rule for text, with what follows it hidden if a comment is open at its end."""

    def read(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        first = len(state.tokens)
        if not rule(state, start, end, silent):
            return False
        if not silent and state.src.find(SIGN, state.bMarks[start], state.eMarks[state.line - 1]) >= 0:
            _close_texts(state, state.tokens[first:])
        return True

    return read


def _close_texts(state: StateBlock, tokens: list[Token]) -> None:
    """Let a comment that goes on behind a text, or a cell of a table, end with it, and go on where it does."""
    inside = False
    for token in tokens:
        if token.type == "inline":
            goes_on = opened(token.content, inside) >= 0
            token.content = f"{'%% ' * inside}{token.content}{' %%' * goes_on}"
            inside = goes_on
    if inside:
        line = state.line - 1
        stop = state.src.find(SIGN, state.eMarks[line])
        if stop < 0:
            token = state.push("comment_block", "", 0)
            token.map, token.meta["closed"] = [line, line + 1], False
        _hide(state, line, stop)


# -- text --------------------------------------------------------------------------------------------------------------


def _inline(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith(SIGN, state.pos):
        return False
    stop = state.src.find(SIGN, state.pos + len(SIGN), state.posMax)
    if stop < 0:
        return False
    end = stop + len(SIGN)
    if not silent:
        token = state.push("comment_inline", "", 0)
        token.meta.update({"text": state.src[state.pos + len(SIGN) : stop], POSITION: state.pos})
    # of the spaces on both sides one is enough
    state.pos = end + 1 if state.src[state.pos - 1 : state.pos] == " " == state.src[end : end + 1] else end
    return True


# -- what becomes of them ----------------------------------------------------------------------------------------------


def _drop_block(state: State, token: Token) -> None:
    line = state.line(token)
    if not token.meta["closed"]:
        message = "A comment begins here and does not end; nothing of what follows is published."
        state.report("comment-unclosed", message, line, 1)
    if "text" in token.meta:
        _drop(state, token, line, 1)


def _drop_inline(writer: Writer, token: Token) -> None:
    _drop(writer.state, token, *writer.place(token))


def _drop(state: State, token: Token, line: int, column: int) -> None:
    state.comments.append((line, token.meta["text"]))
    state.report("comment-dropped", "A comment is not published.", line, column)


def _setup(parser: MarkdownIt) -> None:
    ruler = parser.block.ruler
    for rule in _text_rules(parser):
        ruler.at(rule[0], _with_rest(rule[1]), {"alt": rule[2]})
    ruler.before(ruler.__rules__[0].name, "comment_block", _block, INTERRUPTS)
    ruler.before("comment_block", "comment_rest", _behind)
    parser.inline.ruler.before("emphasis", "comment_inline", _inline)


def _text_rules(parser: MarkdownIt) -> Iterator[tuple[str, BlockRule, list[str]]]:
    for rule in list(parser.block.ruler.__rules__):
        if rule.name in _TEXTS:
            yield rule.name, rule.fn, rule.alt


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "comments",
        "`%%text%%` is not published",
        setup=_setup,
        blocks={"comment_block": _drop_block},
        inlines={"comment_inline": _drop_inline},
    ),
)
