"""markdown-it's states, filled faster: the same tokens, with less done for each line, token and text.

A conversion costs less than markdown-it's own parse because of what is saved here and in `dispatch`; the figures say
how much of a bare parse each part saved on real folders. `tests/test_states.py` holds them to markdown-it's answers.
"""

from __future__ import annotations

from itertools import accumulate, groupby
from typing import Any, Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

Nesting: TypeAlias = Literal[-1, 0, 1]

_new = Token.__new__


def make_token(kind: str, tag: str, nesting: Nesting, level: int, block: bool) -> Token:
    """`Token(kind, tag, nesting)` in half the time: no defaults to look up, nothing to convert (0.05)."""
    token = _new(Token)
    token.type = kind
    token.tag = tag
    token.nesting = nesting
    token.level = level
    token.block = block
    token.attrs = {}
    token.meta = {}
    token.map = token.children = None
    token.content = token.markup = token.info = ""
    token.hidden = False
    return token


class BlockState(StateBlock):
    """`StateBlock` that finds the lines and their indents with a few passes in C (0.03)."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__("", md, env, tokens)
        self.src = src
        lines = src.split("\n")
        if not lines[-1].strip(" \t"):
            lines.pop()  # nothing behind the last line break is no line
        lengths = list(map(len, lines))
        bare = [len(line.lstrip(" \t")) for line in lines]
        indents = [length - rest for length, rest in zip(lengths, bare, strict=True)]
        starts = list(accumulate([length + 1 for length in lengths], initial=0))[:-1]
        self.bMarks = [*starts, len(src)]
        self.eMarks = [*map(int.__add__, starts, lengths), len(src)]
        self.tShift = [*indents, 0]
        self.sCount = [*indents, 0]
        self.bsCount = [0] * (len(lines) + 1)
        self.lineMax = len(lines)
        if "\t" in src:
            for number, indent in enumerate(indents):
                if indent and "\t" in (space := lines[number][:indent]):
                    self.sCount[number] = len(space.expandtabs(4))

    def push(self, ttype: str, tag: str, nesting: Nesting) -> Token:
        if nesting < 0:
            self.level -= 1
        token = make_token(ttype, tag, nesting, self.level, True)
        if nesting > 0:
            self.level += 1
        self.tokens.append(token)
        return token


class InlineState(StateInline):
    """`StateInline` whose tokens are made by `make_token`, and whose pending text is a list of pieces (0.02)."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> None:
        self._pieces: list[str] = []
        super().__init__(src, md, env, outTokens)
        self._outer: list[list[Any]] = []  # the delimiters around each open tag

    @property
    def pending(self) -> str:
        pieces = self._pieces
        if len(pieces) > 1:
            pieces[:] = ["".join(pieces)]
        return pieces[0] if pieces else ""

    @pending.setter
    def pending(self, value: str) -> None:
        self._pieces = [value] if value else []

    def append_pending(self, text: str) -> None:
        self._pieces.append(text)

    def pushPending(self) -> Token:
        token = make_token("text", "", 0, self.pendingLevel, False)
        pieces = self._pieces
        token.content = pieces[0] if len(pieces) == 1 else "".join(pieces)
        pieces.clear()
        self.tokens.append(token)
        return token

    def push(self, ttype: str, tag: str, nesting: Nesting) -> Token:
        if self._pieces:
            self.pushPending()
        meta = None
        if nesting < 0:
            self.level -= 1
            self.delimiters = self._outer.pop()
        token = make_token(ttype, tag, nesting, self.level, False)
        if nesting > 0:
            self.level += 1
            self._outer.append(self.delimiters)
            self.delimiters = []
            meta = {"delimiters": self.delimiters}
        self.pendingLevel = self.level
        self.tokens.append(token)
        self.tokens_meta.append(meta)
        return token

    def paired(self) -> bool:
        """Whether there are marks that may be one half of a pair."""
        return bool(self.delimiters) or any(meta and meta["delimiters"] for meta in self.tokens_meta)


def normalize(state: StateCore) -> None:
    """The source as it is: `document` has seen to its line ends, and they were sought one by one (0.01)."""
    if "\r" in state.src:
        state.src = state.src.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in state.src:
        state.src = state.src.replace("\0", "\ufffd")


def text_join(state: StateCore) -> None:
    """Escaped characters become text, and neighbouring texts one; most texts need neither (0.02)."""
    for token in state.tokens:
        children = token.children
        if not children or token.type != "inline":
            continue
        last = ""
        for child in children:
            kind = child.type
            if child.children:
                child.children = _joined(child.children)
            if kind == "text_special" or kind == last == "text":
                token.children = None  # to be joined
            last = kind
        if token.children is None:
            token.children = _joined(children)


def _joined(tokens: list[Token]) -> list[Token]:
    joined: list[Token] = []
    for text, group in groupby(tokens, _is_text):
        run = list(group)
        if text:
            first = run[0]
            first.type, first.content = "text", "".join([token.content for token in run])
            del run[1:]
        joined += run
    return joined


def _is_text(token: Token) -> bool:
    return token.type in ("text", "text_special")
