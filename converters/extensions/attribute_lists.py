"""Attribute lists: `{: #id .class }`, `{ width="300" }`. An id becomes a name for links, the rest has no place.

They stand at the end of a heading, right behind a link, a picture, code or a mark, or on a line of their own; elsewhere,
and above all in TeX (`x_{i=1}`), braces are text.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.handlers.basic import add_heading
from converters.inline import Writer, pieces
from converters.parser import POSITION
from converters.state import Extension, State

_NAMED = r"""#[^\s#{}.]++|\.[^\s#{}.]++|[\w:@.\-]++=(?:"[^"\n]*+"|'[^'\n]*+'|[^\s{}"']++)"""
_END = r"(?:[ \t]++|(?=\}))"
_LIST = re.compile(rf"\{{:?[ \t]*+(?:(?:{_NAMED}){_END})++\}}")
# words alone are attributes only where nothing else can be meant: `{ data-preview }`, `{: hidden }`
_WORDS = re.compile(rf"\{{(?::[ \t]*+|[ \t]++)(?:(?:{_NAMED}|[\w\-]++){_END})++\}}")
_ID = re.compile(r"""(?:(?<=[\s:{])#([^\s#}.]++)|\bid=(?:"([^"]++)"|'([^']++)'|([^\s}"']++)))""")
_ONLY_ID = re.compile(r"\{:?\s*#[^\s#}.]+\s*\}")
_CLASSED = re.compile(r"\{[ \t]*+[.#]")
_MARKS = 100  # how many marks back the beginning of one is looked for
_BEFORE = frozenset(
    {"link_close", "image", "code_inline", "icon", "html_inline", "embed", "wikilink", "attribute_list"}
)


def _rule(state: StateInline, silent: bool) -> bool:
    if silent:
        return False
    source, position = state.src, state.pos
    if _behind(state):
        match = _LIST.match(source, position, state.posMax) or _WORDS.match(source, position, state.posMax)
    else:
        match = _LIST.match(source, position, state.posMax)
        if match and not _alone(source, position, match.end()):
            return False
    if match is None:
        return False
    token = state.push("attribute_list", "", 0)
    token.meta.update({"list": match[0], POSITION: position})
    state.pos = match.end()
    return True


def _behind(state: StateInline) -> bool:
    """Whether something that can have attributes ends here."""
    if state.pending or not state.tokens:
        return False
    if state.tokens[-1].type in _BEFORE:
        return True
    last = state.delimiters[-1] if state.delimiters else None
    if last is None or not last.close or last.token != len(state.tokens) - 1:
        return False
    begun = 0
    for mark in state.delimiters[-_MARKS:-1]:
        if mark.marker == last.marker:
            begun += -1 if mark.close and begun else mark.open
    return begun > 0


def _alone(source: str, start: int, end: int) -> bool:
    """Whether a list ends its line, and (if it could be mere text) has it for its own.

    One without a colon is of the block that it ends, if it is not a name or a class.
    """
    stop = source.find("\n", end)
    if source[end : stop if stop >= 0 else len(source)].strip():
        return False
    if source.startswith("{:", start):
        return True
    before = source.rfind("\n", 0, start)
    if source[before + 1 : start].strip():
        return False
    return before >= 0 or _CLASSED.match(source, start) is not None


def _inline(writer: Writer, token: Token) -> None:
    if name := _note(writer.state, token.meta["list"], *writer.place(token)):
        writer.state.name(name, writer.line)


def _note(state: State, text: str, line: int, column: int) -> str:
    """The id of a list; say that the rest is gone."""
    found = _ID.search(text)
    name = found[found.lastindex or 0] if found else ""
    if not _ONLY_ID.fullmatch(text):
        state.report("attributes-dropped", f"“{text}” is not kept.", line, column)
    return name


def _headings(state: StateCore) -> None:
    """Take the list off the end of a heading before its text is parsed."""
    if "{" not in state.src:
        return
    for index, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        inline = state.tokens[index + 1]
        text = inline.content.rstrip()
        start = text.rfind("{") if text.endswith("}") else -1
        if start > 0 and text[start - 1] not in " \t" and text[start + 1] not in ":#.":
            continue
        if start >= 0 and (match := _LIST.fullmatch(text, start) or _WORDS.fullmatch(text, start)):
            token.meta["list"] = match[0]
            inline.content = text[:start].rstrip()


def _heading(state: State, token: Token) -> bool:
    found = token.meta.get("list")
    if found is None:
        return False
    inline = state.tokens[state.index]
    state.index += 2
    line = state.line(token)
    name = _note(state, found, line, 0)
    add_heading(state, int(token.tag[1]), pieces(state, inline, line), line, name)
    return True


def _setup(parser: MarkdownIt) -> None:
    parser.core.ruler.before("inline", "heading_attributes", _headings)
    parser.inline.ruler.before("link", "attribute_list", _rule)


ATTRIBUTE_LISTS = Extension(
    "attribute-lists",
    "`{: #id .class }`: the id becomes a name for links, the rest is not kept",
    setup=_setup,
    blocks={"heading_open": _heading},
    inlines={"attribute_list": _inline},
)
