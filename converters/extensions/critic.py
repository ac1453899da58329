"""Marks of PyMdown: critic marks, inserted, raised and lowered text, keys.

`{++new++}`, `{--old--}`, `{~~old~>new~~}`, `{==marked==}`, `{>>remark<<}`; `^^new^^`, `a^2^`, `H~2~O`; `++ctrl+alt+del++`.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.extensions.pairs import add_pair
from converters.inline import HIGHLIGHT, Writer, marks
from converters.state import Extension

_CRITIC = {"{++": ("++}", "insert"), "{--": ("--}", "s"), "{==": ("==}", "mark"), "{>>": ("<<}", "remark")}
_CHANGE, _CHANGE_END, _CHANGE_MIDDLE = "{~~", "~~}", "~>"
_KEYS = re.compile(r"""\+\+((?:[A-Za-z0-9_\-]++|"[^"\n]++")(?:\+(?:[A-Za-z0-9_\-]++|"[^"\n]++"))*+)\+\+""")
_RAISED = re.compile(r"\^([^\s^~]++)\^")
_LOWERED = re.compile(r"~([^\s^~]++)~(?!~)")
_LANGUAGE = re.compile(r"#!(?:[A-Za-z][\w+#.\-]*)[ ]+(?=\S)")
_PARTS = re.compile(r'"([^"]*)"|([^+]+)')


def _critic(state: StateInline, silent: bool) -> bool:
    start = state.src[state.pos : state.pos + 3]
    if start == _CHANGE:
        return _change(state, silent)
    if start not in _CRITIC:
        return False
    closing, name = _CRITIC[start]
    end = state.src.find(closing, state.pos + 3, state.posMax)
    if end < 0:
        return False
    if not silent:
        _inside(state, name, state.pos + 3, end)
    state.pos = end + len(closing)
    return True


def _change(state: StateInline, silent: bool) -> bool:
    start, end = state.pos + 3, state.src.find(_CHANGE_END, state.pos + 3, state.posMax)
    middle = state.src.find(_CHANGE_MIDDLE, start, end) if end >= 0 else -1
    if middle < 0:
        return False
    if not silent:
        _inside(state, "s", start, middle)
        _inside(state, "insert", middle + len(_CHANGE_MIDDLE), end)
    state.pos = end + len(_CHANGE_END)
    return True


def _inside(state: StateInline, name: str, start: int, end: int) -> None:
    """Parse a part of the text between two tokens."""
    before = state.pos, state.posMax
    state.push(f"{name}_open", "", 1)
    state.pos, state.posMax = start, end
    state.md.inline.tokenize(state)
    state.push(f"{name}_close", "", -1)
    state.pos, state.posMax = before


def _keys(state: StateInline, silent: bool) -> bool:
    if state.pos and state.src[state.pos - 1].isalnum():
        return False
    match = _KEYS.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        names = (quoted or _key(plain) for quoted, plain in _PARTS.findall(match[1]))
        state.push("keys", "", 0).content = "+".join(names)
    state.pos = match.end()
    return True


def _key(name: str) -> str:
    """`arrow-up` is the key "Arrow Up"."""
    return " ".join(part[:1].upper() + part[1:] for part in name.replace("_", "-").split("-"))


def _raised(state: StateInline, silent: bool) -> bool:
    return _script(state, silent, _RAISED, "superscript")


def _lowered(state: StateInline, silent: bool) -> bool:
    return _script(state, silent, _LOWERED, "subscript")


def _script(state: StateInline, silent: bool, pattern: re.Pattern[str], name: str) -> bool:
    match = pattern.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.push(name, "", 0).content = match[1]
    state.pos = match.end()
    return True


def _show_script(name: str, writer: Writer, token: Token) -> None:
    writer.flush()
    writer.script, writer.script_place = name, writer.place(token)
    writer.parts.append(token.content)
    writer.flush()
    writer.script = ""


def _show_keys(writer: Writer, token: Token) -> None:
    writer.span(token.content, "code")


def _setup_critic(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("link", "critic", _critic)


def _setup_scripts(parser: MarkdownIt) -> None:
    add_pair(parser, "^", "insert")
    parser.inline.ruler.push("superscript", _raised)
    parser.inline.ruler.push("subscript", _lowered)


def _languages(state: StateCore) -> None:
    """Take the language off code in a line: `#!python range()`."""
    if "`#!" not in state.src:
        return
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "code_inline" and (match := _LANGUAGE.match(child.content)):
                child.content = child.content[match.end() :]


_INSERTED = marks("insert", "underline")

CRITIC = Extension(
    "critic",
    "`{++new++}`, `{--old--}`, `{~~old~>new~~}` become underlined and struck text, `{>>remark<<}` italic text",
    setup=_setup_critic,
    inlines={**_INSERTED, **marks("mark", HIGHLIGHT), **marks("remark", "italic")},
)
SCRIPTS = Extension(
    "scripts",
    "`^^new^^` is underlined; `a^2^` and `H~2~O` are raised and lowered",
    setup=_setup_scripts,
    inlines={
        **_INSERTED,
        "superscript": lambda writer, token: _show_script("sup", writer, token),
        "subscript": lambda writer, token: _show_script("sub", writer, token),
    },
)
CODE_LANGUAGES = Extension(
    "code-languages",
    "`#!python range()` as code is code without its language",
    setup=lambda parser: parser.core.ruler.push("code_languages", _languages),
)
KEYS = Extension(
    "keys",
    "`++ctrl+alt+del++` becomes code: Ctrl+Alt+Del",
    setup=lambda parser: parser.inline.ruler.push("keys", _keys),
    inlines={"keys": _show_keys},
)
