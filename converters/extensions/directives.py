"""MyST's directives: ```` ```{note} ````, `:::{figure} a.png`, with their options.

What holds Markdown becomes a container, whichever fence it has; everything else is a fenced block with a name.
"""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import fence as fence_rule
from markdown_it.token import Token

from converters.blocks import Span
from converters.extensions.attributes import Attributes
from converters.extensions.containers import (
    LABELLED,
    QUOTES,
    TRANSPARENT,
    Opening,
    closing_line,
    open_container,
    push_closing,
    push_opening,
    read_opening,
)
from converters.extensions.directive_kinds import SHOWN, Directive, Options, read_options
from converters.extensions.kinds import KINDS, title_of
from converters.extensions.list_tables import list_table
from converters.extensions.regions import INTERRUPTS, apart, inside
from converters.extensions.shortcode_kinds import words_of
from converters.extensions.shortcode_texts import add_code
from converters.state import State

_DIRECTIVE = re.compile(r"\{([A-Za-z][\w:+-]*)\}[ \t]*(.*)")
_COLONS = re.compile(r":{3,}[ \t]*(\{[A-Za-z][\w:+-]*\}[ \t]*.*)")
_NOTES = frozenset(KINDS) | frozenset(
    {
        "admonition",
        "versionadded",
        "versionchanged",
        "deprecated",
        "dropdown",
        "details",
        "margin",
        "sidebar",
        "topic",
    }
)
# Exercises and what stands beside them: the kind of note that each is shown as
_EXERCISES = {
    "exercise": "question",
    "solution": "success",
    "prf:example": "example",
    "prf:algorithm": "example",
}
_PROOF = "prf:"  # theorems, proofs and their like
# Directives whose content is Markdown
_TEXTS = (_NOTES | TRANSPARENT | LABELLED | QUOTES | {"figure-md", "list-table"}) - {"raw"}
# Directives whose content cannot be Markdown, even between colons
_CODES = frozenset({"csv-table", "eval-rst", "raw", "index", "toctree", "mermaid"})
_NAMES = ("name", "label")
_KEPT = frozenset({*_NAMES, "alt", "caption", "link", "target", "header-rows", "stub-columns"})
_SIZES = re.compile(r"[\d ]*")


# -- reading -----------------------------------------------------------------------------------------------------------


def fence(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A fence whose info string names a directive; what it holds may be Markdown."""
    if not fence_rule(state, line, end, silent):
        return False
    if silent or not state.tokens[-1].info.startswith("{"):
        return True
    token = state.tokens[-1]
    options = read_options(token.content)
    opening = _opening(token.info, options)
    if opening is None:
        return True
    state.tokens.pop()
    stop = state.line
    push_opening(state, opening, line, stop).meta["options"] = options
    apart(state, options.text, line + 1 + options.lines)
    state.push("container_close", "div", -1)
    return True


def colons(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A directive between colons. Without options, and with Markdown in it, it is a container like any other."""
    at = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith(":::", at) or state.is_code_block(line):
        return False
    match = _COLONS.match(state.src, at, state.eMarks[line])
    if match is None or silent:
        return match is not None
    last = closing_line(state, line, end)
    text = state.getLines(line + 1, last, state.sCount[line], True)
    options = read_options(text)
    opening = _opening(match[1], options)
    if opening is None and _name(match[1]) not in _CODES and _name(match[1]) not in SHOWN:
        opening = read_opening(f":::{match[1]}")  # colons are for Markdown
    if opening is not None:
        push_opening(state, opening, line, last).meta["options"] = options
        inside(state, line + 1 + options.lines, last)
        push_closing(state, line, last, end)
        return True
    token = state.push("fence", "code", 0)
    token.info, token.content, token.map = match[1].strip(), text, [line, last]
    state.line = min(last + 1, end)
    return True


def _name(info: str) -> str:
    match = _DIRECTIVE.match(info)
    return match[1].lower() if match else ""


def _opening(info: str, options: Options) -> Opening | None:
    """The container that a directive is; None for one that holds no Markdown."""
    match, name = _DIRECTIVE.match(info), _name(info)
    html = name == "raw" and match is not None and match[2].strip() == "html"
    proof = name in _EXERCISES or name.startswith(_PROOF)
    if name not in _TEXTS and not html and not proof:
        return None
    opening = read_opening(f":::{info}")
    assert opening is not None  # it has the same form
    label = options.first(*_NAMES)
    if name == "figure-md":
        return Opening("div", "", Attributes(named={"id": label or opening.title}))
    if html or (name == "grid" and _SIZES.fullmatch(opening.title)):
        opening = replace(opening, title="")
    if name == "admonition":
        classes = options.first("class").lower().split()
        opening = replace(opening, kind=next((kind for kind in classes if kind in KINDS), name))
    if proof:
        opening = _exercise(opening, options)
    return replace(opening, attributes=Attributes(named={"id": label})) if label else opening


def _exercise(opening: Opening, options: Options) -> Opening:
    """An exercise, a solution, a theorem, with its kind and its title: "Theorem (Pythagoras)"."""
    words = title_of(opening.kind.removeprefix(_PROOF))
    # a solution names the exercise that it is one of, by a label
    title = f"{words} ({opening.title})" if opening.title and opening.kind != "solution" else words
    folded = "dropdown" in options.first("class").lower().split()
    return Opening("dropdown" if folded else _EXERCISES.get(opening.kind, "note"), title, Attributes())


def comment(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Lines that begin with a percent sign."""
    last = line
    while last < end and state.src.startswith("%", state.bMarks[last] + state.tShift[last]):
        if state.sCount[last] < state.blkIndent or state.is_code_block(last):
            break
        last += 1
    if last == line or silent:
        return last > line
    token = state.push("myst_comment", "", 0)
    token.map = [line, last]
    token.meta["text"] = state.getLines(line, last, state.blkIndent, False)
    state.line = last
    return True


_BREAK = re.compile(r"(?:\+{3,}(?![+\w]).*|\^{3,})[ \t]*\Z")


def block_break(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """`+++`, where a cell of a notebook or the foot of a card begins, and `^^^` below a card's head: no words."""
    at = state.bMarks[line] + state.tShift[line]
    if state.is_code_block(line) or not _BREAK.match(state.src[at : state.eMarks[line]]):
        return False
    if not silent:
        state.push("block_break", "", 0).map = [line, line + 1]
        state.line = line + 1
    return True


def set_up(parser: MarkdownIt) -> None:
    """Let a parser read directives."""
    ruler = parser.block.ruler
    ruler.before("table", "colon_directives", colons, INTERRUPTS)
    ruler.before("table", "myst_comments", comment, INTERRUPTS)
    ruler.before("table", "block_breaks", block_break, INTERRUPTS)
    ruler.at("fence", fence, INTERRUPTS)


# -- what becomes of them ----------------------------------------------------------------------------------------------


def place_of(state: State, line: int) -> tuple[int, int]:
    """Where the fence on a line stands."""
    number = line - state.offset - 1
    found = re.search("[`~:]{3,}", state.lines[number]) if 0 <= number < len(state.lines) else None
    return line, found.start() + 1 if found else 1


def open_note(state: State, token: Token) -> None:
    """The options of a note are said; the note itself is a container like any other."""
    options: Options = token.meta.get("options", Options(""))
    line = state.line(token)
    _say_options(state, options, place_of(state, line))
    if token.meta["opening"].kind == "list-table":
        list_table(state, token, options)
        return
    href = options.first("link", "target")
    if not href:
        open_container(state, token)
        return
    link = state.link(href, *place_of(state, line))
    before = len(state.frames)
    open_container(state, token)
    title = state.frames[before].data
    if isinstance(title, tuple) and title:
        state.frames[before].data = tuple(
            replace(item, link=item.link or link) if isinstance(item, Span) else item for item in title
        )
    else:
        state.emit([(Span(words_of(href), link=link),)], line)


def _say_options(state: State, options: Options, place: tuple[int, int]) -> None:
    if dropped := [name for name in options.named if name not in _KEPT]:
        message = f"“{', '.join(dropped)[:80]}” of a directive is not published."
        state.report("attributes-dropped", message, *place)


def show(state: State, token: Token) -> bool:
    """A directive that holds no Markdown."""
    match = _DIRECTIVE.match(token.info) if token.info.startswith("{") else None
    if match is None:
        return False
    line = state.line(token)
    name, argument = match[1].lower(), match[2].strip()
    found = Directive(name, argument, read_options(token.content), place_of(state, line))
    if label := found.options.first(*_NAMES):
        state.name(label, line)
    if handler := SHOWN.get(name):
        _say_options(state, found.options, found.place)
        handler(state, found)
        return True
    state.report("directive-kept", f"The directive “{name}” is kept as code.", *found.place)
    text = "\n".join(part for part in (argument, token.content.rstrip()) if part)
    add_code(state, text, "", name, line)
    return True
