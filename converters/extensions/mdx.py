"""What MDX adds to Markdown beside components: imports and exports, comments in braces, Markdown in fences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.blocks import Code
from converters.extensions.grammars import LONGEST
from converters.extensions.regions import INTERRUPTS
from converters.extensions.shortcode_texts import drop_comment
from converters.inline import Writer
from converters.notes import fence_behind
from converters.parser import POSITION
from converters.state import Extension, State

_ESM = re.compile(
    r"""import\s+(?:["'][^"'\n]+["']|[\w*{][^\n]*)|export\s+(?:default\b|const\b|let\b|var\b|function\b|class\b|async\b|\{|\*)"""
)
_IMPORT_END = re.compile(r"""from\s*["'][^"']+["']|import\s*["'][^"']+["']|\{\s*$""", re.MULTILINE)
_IMPORTS = re.compile(
    r"""^import\s*(?:[\w*${][^;'"]*?\sfrom\s*)?(?:"[^"\n]+"|'[^'\n]+')[ \t]*;?[ \t]*(?://[^\n]*)?$""",
    re.MULTILINE,
)
_FILE = re.compile(
    r"""\bimport\s+(?:\*\s+as\s+)?([A-Za-z_$][\w$]*)\s+from\s*["']((?:\.{0,2}/|@site/)[^"'\n?]+)"""
)
_FILES = "imported files"  # in the parser's environment
_COMMENT = re.compile(r"\{\s*/\*(.*?)\*/\s*\}", re.DOTALL)
_SITE = re.compile(r"\A@site/")


def _esm(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Lines of JavaScript at the left margin, until a blank line that no bracket spans."""
    at = state.bMarks[line]
    if state.level or state.sCount[line] or silent or not _ESM.match(state.src, at, state.eMarks[line]):
        return False
    stop, depth = line, 0
    while stop < end and (depth > 0 or not state.isEmpty(stop)):
        text = state.src[state.bMarks[stop] : state.eMarks[stop]]
        depth += sum(map(text.count, "{[(")) - sum(map(text.count, "}])"))
        stop += 1
    text = state.getLines(line, stop, 0, False)
    if text.startswith("import") and not _IMPORT_END.search(text):
        return False  # a sentence that begins with the word
    token = state.push("esm", "", 0)
    token.map, token.content = [line, stop], text
    state.env.setdefault(_FILES, {}).update(_FILE.findall(text))
    state.line = stop
    return True


def imported_files(env: Mapping[str, Any]) -> Mapping[str, str]:
    """The files that the text of a parse imports by a name, as `import logo from './logo.png'` does."""
    files: Mapping[str, str] = env.get(_FILES, {})
    return files


def _show_esm(state: State, token: Token) -> None:
    line = state.line(token)
    if not _IMPORTS.sub("", token.content).strip():
        message = "An import is a part of the site's program; it is not published."
        state.report("component-dropped", message, line, 1)
        return
    state.report("component-kept", "A program of the page is kept as code.", line, 1)
    state.blocks.append(Code(token.content.rstrip(), "js", line=line))


def _comment_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    at = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith("{", at) or state.is_code_block(line):
        return False
    match = _COMMENT.match(state.src, at, at + LONGEST)
    if match is None:
        return False
    last = line + match[0].count("\n")
    if last >= end or state.src[match.end() : state.eMarks[last]].strip():
        return False
    if not silent:
        token = state.push("mdx_comment", "", 0)
        token.map, token.meta["text"] = [line, last + 1], match[1]
        state.line = last + 1
    return True


def _comment_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    match = _COMMENT.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    if match is None:
        return False
    if not silent:
        token = state.push("mdx_comment", "", 0)
        token.meta["text"], token.meta[POSITION] = match[1], state.pos
    state.pos = match.end()
    return True


def _drop(state: State, token: Token) -> None:
    drop_comment(state, token.meta["text"], (state.line(token), 1))


def _drop_inline(writer: Writer, token: Token) -> None:
    drop_comment(writer.state, token.meta["text"], writer.place(token))


def _setup_mdx(parser: MarkdownIt) -> None:
    parser.disable("code")  # in MDX an indent is only an indent
    parser.block.ruler.before("table", "esm", _esm)
    parser.block.ruler.before("fence", "mdx_comment", _comment_block, INTERRUPTS)
    parser.inline.ruler.before("link", "mdx_comment", _comment_inline)


def _address(href: str) -> str:
    """`pathname:///a.pdf` is a file that is no page, `@site/static/a.png` one that counts from the site's folder."""
    return href.removeprefix("pathname://") if href.startswith("pathname://") else _SITE.sub("/", href)


# Markdown that other tools are to take for code
_CODE_BLOCK = "mdx-code-block"


def uncovered(body: str) -> str:
    """The text without the fences of `mdx-code-block`: what they hold is read with what stands around them."""
    if _CODE_BLOCK not in body:
        return body
    rows = body.split("\n")
    code, covered = "", False
    for number, row in enumerate(rows):
        before, code = code, fence_behind(code, row)
        if not before and code and row.lstrip(" \t>").removeprefix(code).strip() == _CODE_BLOCK:
            covered = True
            rows[number] = ""
        elif before and not code and covered:
            covered = False
            rows[number] = ""
    return "\n".join(rows)


MDX = Extension(
    "mdx",
    "`import` is not published (but Markdown that is imported stands where its component does, and a picture where its "
    "name does), `export` is kept as code, `{/* comments */}` are not published, indented text is no code, and "
    "`mdx-code-block` is none",
    setup=_setup_mdx,
    prepare=uncovered,
    blocks={"esm": _show_esm, "mdx_comment": _drop},
    inlines={"mdx_comment": _drop_inline},
    address=_address,
)
