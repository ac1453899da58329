"""Tags of template languages in Markdown: what Hugo, Zola and Liquid write in double braces.

A language is a `Grammar`. It says how a tag is read; here tags are paired, and become tokens: a tag alone on its line, or
on the lines of its pair, is a block, every other one stands in a line of text. What is between a pair is Markdown, unless
the grammar says that it is `raw`. Tags that nobody knows are kept as they are written, and reported.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.blocks import Paragraph
from converters.extensions.regions import INTERRUPTS, apart, close, once
from converters.inline import Writer
from converters.parser import POSITION
from converters.state import Extension, Frame, State

Role: TypeAlias = Literal["open", "close", "alone", "literal"]
UNKNOWN = "template:"  # a scheme that no page may hold
LONGEST = 4_000  # characters of one tag; keeps a file of open tags linear

ARGUMENT = re.compile(
    r"""(?:([\w.-]+)\s*[=:]\s*)?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|([^\s"'`,=()]+))""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag. `text` is how it is written, of a `literal` one what it shows; `start` and `end` are its place."""

    name: str
    role: Role
    text: str
    start: int
    end: int
    values: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    def get(self, *names: str, at: int = -1) -> str:
        """The first of the named arguments that is there, else the one at a place, else nothing."""
        found = next((self.named[name] for name in names if self.named.get(name)), "")
        return found or (self.values[at] if 0 <= at < len(self.values) else "")


def arguments(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The values and the named values of a tag."""
    values: list[str] = []
    named: dict[str, str] = {}
    for match in ARGUMENT.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        if "\\" in value:
            value = re.sub(r"\\(.)", r"\1", value)
        if match[1]:
            named[match[1]] = value
        else:
            values.append(value)
    return tuple(values), named


Alone: TypeAlias = Callable[[Writer, Tag, tuple[int, int]], object]
Opens: TypeAlias = Callable[[State, Tag, int], object]
Raw: TypeAlias = Callable[[State, Tag, str, int], object]


@dataclass(frozen=True, slots=True)
class Grammar:
    """A template language: how its tags are read, and what they become.

    `begin` finds where a tag may begin. `closes` says which name a closing tag closes, "" for whichever is open. `alone`
    handles tags in a line of text or on a line of their own, `opens` the first of a pair (it pushes a frame of the kind
    `frame(tag)`), `raw` a pair whose content is no Markdown. `marks` are pairs within a line that only set a mark.
    `silent` tags say nothing to a reader; all others are kept as they are written, and reported as `code`; with `ends`
    the closing ones of blocks too.
    """

    name: str
    begin: re.Pattern[str]
    read: Callable[[str, int], Tag | None]
    closes: Callable[[Tag], str]
    alone: Mapping[str, Alone]
    opens: Mapping[str, Opens]
    raw: Mapping[str, Raw]
    marks: Mapping[str, str]
    code: str
    address: Callable[[Tag], str | None] = lambda tag: None
    silent: Container[str] = frozenset()
    ends: bool = False

    def pairs(self, source: str) -> dict[int, Tag]:
        """The closing tag of each opening one, by the place of the opening one. A name closes the last one of it."""
        found: dict[int, Tag] = {}
        stacks: dict[str, list[int]] = {}
        at, search = 0, self.begin.search
        while match := search(source, at):
            tag = self.read(source, match.start())
            at = tag.end if tag is not None else match.end()
            if tag is None or tag.role in ("literal", "alone"):
                continue
            if tag.role == "open":
                stacks.setdefault(tag.name if self.closes(tag) else "", []).append(match.start())
            elif stack := stacks.get(self.closes(tag)):
                found[stack.pop()] = tag
        return found

    def keep(self, writer: Writer, tag: Tag, place: tuple[int, int]) -> None:
        """Show a tag as it is written."""
        text = " ".join(tag.text.split())
        writer.state.report(self.code, f"“{text[:80]}” is kept as it is written.", *place)
        writer.span(text, "code")

    @property
    def frame(self) -> str:
        """The kind of the frame that a pair of tags opens."""
        return f"{self.name} tag"


# -- reading -----------------------------------------------------------------------------------------------------------


def _block_rule(grammar: Grammar) -> Callable[[StateBlock, int, int, bool], bool]:
    def rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        at = state.bMarks[line] + state.tShift[line]
        if not state.src.startswith(("{{", "{%"), at) or state.is_code_block(line):
            return False
        tag = grammar.read(state.src, at)
        if tag is None or tag.role == "literal":
            return False
        closing = (
            once(state.env, grammar.name, state.src, grammar.pairs).get(at) if tag.role == "open" else None
        )
        last = _last_line(state, line, end, (closing or tag).end)
        if last < 0:
            return False
        if not silent:
            _tokens(state, grammar, tag, closing, line, last)
            state.line = last + 1
        return True

    return rule


def _last_line(state: StateBlock, line: int, end: int, position: int) -> int:
    """The line that ends at a position; -1 if more stands behind it there, or if it is not in the same container."""
    last = _line_of(state, position, line)
    if last >= end or state.src[position : state.eMarks[last]].strip():
        return -1
    within = all(
        state.sCount[row] >= state.blkIndent or state.isEmpty(row) for row in range(line + 1, last + 1)
    )
    return last if within else -1


def _line_of(state: StateBlock, position: int, low: int) -> int:
    """The line that a position stands in, at or behind line `low`. The last mark is not a line's."""
    return bisect_right(state.bMarks, position, lo=low, hi=len(state.bMarks) - 1) - 1


def _tokens(state: StateBlock, grammar: Grammar, tag: Tag, closing: Tag | None, line: int, last: int) -> None:
    if closing is None:
        _push(state, f"{grammar.name}_tag", tag, line, last)
        return
    first, text = _between(state, tag, closing, line, last)
    if tag.name in grammar.raw:
        _push(state, f"{grammar.name}_raw", tag, line, last).content = text
    else:
        _push(state, f"{grammar.name}_open", tag, line, last, 1)
        apart(state, text, first)
        _push(state, f"{grammar.name}_close", closing, line, last, -1)


def _push(
    state: StateBlock, kind: str, tag: Tag, line: int, last: int, nesting: Literal[-1, 0, 1] = 0
) -> Token:
    token = state.push(kind, "", nesting)
    token.map, token.meta["tag"] = [line, last + 1], tag
    return token


def _between(state: StateBlock, tag: Tag, closing: Tag, line: int, last: int) -> tuple[int, str]:
    """The text between two tags, without the indent of its container, and the line on which it begins."""
    first, final = _line_of(state, tag.end, line), _line_of(state, closing.start, line)
    if first == final:
        return first, state.src[tag.end : closing.start].strip()
    head = state.src[tag.end : state.eMarks[first]].strip()
    tail = state.src[state.bMarks[final] + state.tShift[final] : closing.start].rstrip()
    middle = state.getLines(first + 1, final, state.blkIndent, False)
    if not head:
        return first + 1, f"{middle}\n{tail}" if tail else middle
    return first, "\n".join(part for part in (head, middle, tail) if part)


def _inline_rule(grammar: Grammar) -> Callable[[StateInline, bool], bool]:
    kind = f"{grammar.name}_tag"

    def rule(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith(("{{", "{%"), state.pos):
            return False
        tag = grammar.read(state.src, state.pos)
        if tag is None or tag.end > state.posMax:
            return False
        if not silent:
            token = state.push(kind, "", 0)
            token.meta["tag"], token.meta[POSITION] = tag, state.pos
        state.pos = tag.end
        return True

    return rule


_TEMPLATED = re.compile(r"[^\s(){}<>]*\{[{%]")


def _destinations(parser: MarkdownIt, grammar: Grammar) -> None:
    """Let the address of a link hold tags, which have spaces and quotes that an address may not have."""
    old = parser.helpers

    def destination(source: str, position: int, maximum: int) -> Any:
        if _TEMPLATED.match(source, position, maximum) and (
            found := _address(grammar, source, position, maximum)
        ):
            return SimpleNamespace(ok=True, str=found[0], pos=found[1])
        result = old.parseLinkDestination(source, position, maximum)
        if "{{" in result.str or "{%" in result.str:  # in angle brackets
            found = _address(grammar, result.str, 0, len(result.str))
            result.str = found[0] if found and found[1] == len(result.str) else result.str
        return result

    helpers: Any = SimpleNamespace(
        parseLinkLabel=old.parseLinkLabel, parseLinkTitle=old.parseLinkTitle, parseLinkDestination=destination
    )
    parser.helpers = helpers


_ADDRESS_TEXT = re.compile(r"[^\s(){}]+|[{}](?![{%])")


def _address(grammar: Grammar, source: str, position: int, maximum: int) -> tuple[str, int] | None:
    """An address with its tags replaced by what they stand for; it begins with `UNKNOWN` if nobody knows one of them."""
    parts: list[str] = []
    while position < maximum:
        tag = grammar.read(source, position) if source.startswith(("{{", "{%"), position) else None
        if tag is not None:
            known = grammar.address(tag)
            if known is None:
                parts.insert(0, UNKNOWN)
            else:
                parts.append(known)
            position = tag.end
            continue
        match = _ADDRESS_TEXT.match(source, position, maximum)
        if match is None:
            break
        parts.append(match[0])
        position = match.end()
    return ("".join(parts), position) if parts else None


# -- what becomes of tags ----------------------------------------------------------------------------------------------


def _on_tag(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        line = state.line(token)
        if tag.role == "close" and close(state, grammar.frame):
            return
        writer = Writer(state, "", line, fixed=(line, 1))
        _in_line(grammar, writer, tag, (line, 1))
        state.emit(writer.finish(), line)

    return handle


def _in_line(grammar: Grammar, writer: Writer, tag: Tag, place: tuple[int, int]) -> None:
    if tag.role == "literal":
        writer.parts.append(tag.text)
    elif tag.name in grammar.marks and tag.role != "alone":
        mark = grammar.marks[tag.name]
        (writer.begin if tag.role == "open" else writer.end)(mark)
    elif tag.role != "close" and tag.name in grammar.alone:
        grammar.alone[tag.name](writer, tag, place)
    elif tag.name not in grammar.silent:
        grammar.keep(writer, tag, place)


def _on_inline(grammar: Grammar) -> Callable[[Writer, Token], None]:
    return lambda writer, token: _in_line(grammar, writer, token.meta["tag"], writer.place(token))


def _on_open(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        line, depth = state.line(token), len(state.frames)
        if opens := grammar.opens.get(tag.name):
            opens(state, tag, line)
        elif tag.name not in grammar.silent:
            _show(grammar, state, tag, line)
        if len(state.frames) == depth:
            state.push(Frame("", line, pass_on))
        state.frames[-1].kind = grammar.frame
        state.frames[-1].html = True

    return handle


def _show(grammar: Grammar, state: State, tag: Tag, line: int) -> None:
    """Show an unknown tag around other text: what it was told may be words."""
    writer = Writer(state, "", line, fixed=(line, 1))
    _in_line(grammar, writer, tag, (line, 1))
    state.emit(writer.finish(), line)


def _on_close(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        close(state, grammar.frame)
        tag: Tag = token.meta["tag"]
        if grammar.ends and tag.name not in grammar.opens and tag.name not in grammar.silent:
            _show(grammar, state, tag, _end_line(state, token))

    return handle


def _end_line(state: State, token: Token) -> int:
    return token.map[1] + state.offset if token.map else state.line(token)


def _on_raw(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        grammar.raw[tag.name](state, tag, token.content, state.line(token))

    return handle


def _open_link(grammar: Grammar) -> Callable[[Writer, Token], bool]:
    """A link whose address only the site knows: its text stays."""

    def handle(writer: Writer, token: Token) -> bool:
        if not str(token.attrs.get("href", "")).startswith(UNKNOWN):
            return False
        message = "The address of a link is made by the site; its text stays, without a link."
        writer.state.report(grammar.code, message, *writer.place(token))
        writer.begin_link(None)
        return True

    return handle


def pass_on(state: State, frame: Frame) -> None:
    state.blocks.extend(frame.blocks)


def paragraph(writer: Writer, block: Paragraph) -> None:
    """Let a paragraph of its own stand here, or its text where there is no room for one."""
    writer.flush()
    if writer.single:
        writer.spans.extend(block.text)
    else:
        writer.block(block)


def extension(grammar: Grammar, summary: str, **more: Any) -> Extension:
    """The extension that reads this language; `more` are further parts of an `Extension`."""

    def setup(parser: MarkdownIt) -> None:
        parser.block.ruler.before("fence", grammar.name, _block_rule(grammar), INTERRUPTS)
        parser.inline.ruler.before("link", grammar.name, _inline_rule(grammar))
        _destinations(parser, grammar)

    prefix = grammar.name
    made = Extension(
        grammar.name,
        summary,
        setup=setup,
        blocks={
            f"{prefix}_tag": _on_tag(grammar),
            f"{prefix}_open": _on_open(grammar),
            f"{prefix}_close": _on_close(grammar),
            f"{prefix}_raw": _on_raw(grammar),
            **more.pop("blocks", {}),
        },
        inlines={
            f"{prefix}_tag": _on_inline(grammar),
            "link_open": _open_link(grammar),
            **more.pop("inlines", {}),
        },
    )
    return replace(made, **more)
