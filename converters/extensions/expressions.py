"""JavaScript in the text of MDX: `{expressions}`, HTML whose attributes are expressions, `<CodeBlock>`.

What an expression says in so many words is taken; what only the site can work out stays as it is written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.extensions.grammars import LONGEST
from converters.extensions.mdx import imported_files
from converters.extensions.regions import INTERRUPTS
from converters.inline import Writer
from converters.parser import POSITION
from converters.state import Extension, State

_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\}"
_EXPRESSION = re.compile(_BRACES)
_STRING = re.compile(r"""\{\s*(?:"([^"\n]*)"|'([^'\n]*)'|`([^`$]*)`)\s*\}""")
_TAG = re.compile(
    rf"""<[a-z][\w.-]*+(?:\s++[A-Za-z_:][\w:.-]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|{_BRACES}))?)*+\s*+/?>"""
)
_VALUE = re.compile(
    rf"""(?P<space>\s+)(?P<name>[A-Za-z_:][\w:.-]*)\s*=\s*(?P<value>"[^"]*"|'[^']*'|{_BRACES})"""
)
# a file that the site's tool is to look up, or a text
_NAMED = re.compile(
    r"""\{\s*(?:(?:require|useBaseUrl|withBaseUrl)\(\s*)?["'`]([^"'`${}]+)["'`]\s*\)?(?:\.default)?\s*\}"""
)
_NAME = re.compile(r"\{\s*([A-Za-z_$][\w$]*)(?:\.(?:src|default))?\s*\}")  # of a file that is imported
_SHOWN = ("src", "href")  # attributes without which nothing is left of a picture or a link
_LOST = "lost"
_CODE_OPEN = re.compile(r"<CodeBlock\b((?:[^<>{}\"']|\"[^\"]*\"|'[^']*')*)>[ \t]*")
_CODE_CLOSE = "</CodeBlock>"
_LONGEST_CODE = 20_000  # characters
_TEMPLATE = re.compile(r"\{\s*(?:`(.*)`|\"(.*)\"|'(.*)')\s*\}", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([A-Za-z]+)=(?:"([^"]*)"|'([^']*)')""")


# -- expressions -------------------------------------------------------------------------------------------------------


def _expression(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    match = _EXPRESSION.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    if match is None:
        return False
    if not silent:
        token = state.push("expression", "", 0)
        token.content, token.meta[POSITION] = match[0], state.pos
    state.pos = match.end()
    return True


def _show(writer: Writer, token: Token) -> None:
    said = _STRING.fullmatch(token.content)
    if said is not None:
        writer.parts.append(next(filter(None, said.groups()), ""))
        return
    text = " ".join(token.content.split())
    writer.parts.append(text)
    message = f"“{text[:80]}” is worked out by the site; it is kept as it is written."
    writer.state.report("template-kept", message, *writer.place(token))


# -- HTML with expressions ---------------------------------------------------------------------------------------------


def _plain(tag: str, files: Mapping[str, str]) -> tuple[str, str]:
    """A tag as HTML has it: an expression that names a file or a text is one, any other goes with its attribute.

    `files` are those that are imported, by name. The second text is the address that went, "" if none did.
    """
    lost = ""

    def value(match: re.Match[str]) -> str:
        nonlocal lost
        if not match["value"].startswith("{"):
            return match[0]
        named, name = _NAMED.fullmatch(match["value"]), _NAME.fullmatch(match["value"])
        said = named[1] if named else files.get(name[1]) if name else None
        if said is None and match["name"] in _SHOWN:
            lost = match["value"]
        return f'{match["space"]}{match["name"]}="{said}"' if said is not None else ""

    return _VALUE.sub(value, tag), lost


def _tag(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    match = _TAG.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    if match is None or "{" not in match[0]:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content, token.meta[_LOST] = _plain(match[0], imported_files(state.env))
        token.meta[POSITION] = state.pos
    state.pos = match.end()
    return True


def _html(state: State, token: Token) -> bool:
    def plain(match: re.Match[str]) -> str:
        tag, lost = _plain(match[0], imported_files(state.env))
        _say_lost(state, lost, (state.line(token), 1))
        return tag

    if "={" in token.content:
        token.content = _TAG.sub(plain, token.content)
    return False


def _inline(writer: Writer, token: Token) -> bool:
    _say_lost(writer.state, token.meta.get(_LOST, ""), writer.place(token))
    return False


def _say_lost(state: State, lost: str, place: tuple[int, int]) -> None:
    if lost:
        text = " ".join(lost.split())[:80]
        message = f"“{text}” is worked out by the site; its tag has no address here."
        state.report("template-kept", message, *place)


# -- code as a component -----------------------------------------------------------------------------------------------


def _code_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """`<CodeBlock language="js" title="a.js">{`text`}</CodeBlock>` is the code that a fence would hold."""
    at = state.bMarks[line] + state.tShift[line]
    match = (
        _CODE_OPEN.match(state.src, at, state.eMarks[line]) if state.src[at : at + 6] == "<CodeB" else None
    )
    if match is None or match[1].rstrip().endswith("/"):
        return False
    close = state.src.find(_CODE_CLOSE, match.end(), min(state.eMarks[end - 1], match.end() + _LONGEST_CODE))
    last = bisect_left(state.eMarks, close, line, end)
    if close < 0 or state.src[close + len(_CODE_CLOSE) : state.eMarks[last]].strip():
        return False
    if not silent:
        text = state.src[match.end() : close]
        inner = _TEMPLATE.fullmatch(text.strip())
        named = {name: double or single for name, double, single in _ATTRIBUTE.findall(match[1])}
        token = state.push("fence", "code", 0)
        token.map, token.markup = [line, last + 1], "```"
        token.info = named.get("language", "") + (f' title="{named["title"]}"' if named.get("title") else "")
        code = (
            next((part for part in inner.groups() if part is not None), "")
            if inner
            else dedent(text.strip("\n"))
        )
        token.content = code.strip("\n").rstrip() + "\n"
        state.line = last + 1
    return True


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "code_component", _code_block, INTERRUPTS)
    parser.inline.ruler.before("link", "expression", _expression)
    parser.inline.ruler.before("html_inline", "expression_tag", _tag)


EXPRESSIONS = Extension(
    "expressions",
    "`{'text'}` is its text, other expressions stay; `<img src={require('./a.png').default} />` is a picture, "
    "`<CodeBlock>` is code",
    setup=_setup,
    blocks={"html_block": _html},
    inlines={"expression": _show, "html_inline": _inline},
)
