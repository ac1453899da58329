r"""Mathematics: `$x$`, `` $`x`$ ``, `$$x$$`, fenced as `math`; apart from these, TeX's `\(x\)` and `\[x\]`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath.index import math_block_dollar

from converters.blocks import Equation, InlineEquation
from converters.inline import Writer
from converters.state import Extension, State

# Up to the first dollar sign that no backslash stands before
_SINGLE = re.compile(r"\$(?![\s$])((?:[^$\\]++|\\.)++)(?<!\s)\$(?!\d)", re.DOTALL)
_DOUBLE = re.compile(r"\$\$((?:[^$\\]++|\\.|\$(?!\$))++)\$\$(?!\d)", re.DOTALL)
# "$HOME/bin:$PATH" and "[$A](…) [$B](…)" name variables: nothing ends in such a sign before a letter
_VARIABLE = re.compile(r"[\[({:,;/=_\-\"'`&|]\$[A-Za-z_]")
# Up to the bracket that closes, with none that opens in between
_ROUND = re.compile(r"\\\(((?:[^\\]++|\\[^()])++)\\\)", re.DOTALL)
_SQUARE = re.compile(r"\\\[((?:[^\\]++|\\[^\[\]])++)\\\][ \t]*\Z", re.DOTALL)
# "\(see below\)" is text whose parentheses were escaped: words, and nothing that is written in formulas
_FORMULA = re.compile(r"\\[A-Za-z]|[\^{}=+<>|]|(?<![^\W_]{2})_|\A(?!.*[^\W\d_]{2})(?=.*\w)", re.DOTALL)

_block_rule = math_block_dollar(allow_labels=False, allow_blank_lines=False)


def _setup(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("escape", "math_inline", _dollar)
    parser.inline.ruler.before("math_inline", "math_ticks", _ticks)
    parser.block.ruler.before("fence", "math_block", _dollars)


def _dollar(state: StateInline, silent: bool) -> bool:
    """`$x$` and `$$x$$` in a text. Without spaces and digits around it: "$5 and $10" is money."""
    source, position = state.src, state.pos
    double = source.startswith("$$", position)
    found = (_DOUBLE if double else _SINGLE).match(source, position, state.posMax)
    if found is None or (position and source[position - 1].isdigit()):
        return False
    if not double and (_VARIABLE.match(source, found.end() - 2) or found[1].count("`") % 2):
        return False
    if not silent:
        token = state.push("math_inline_double" if double else "math_inline", "math", 0)
        token.content = found[1]
    state.pos = found.end()
    return True


def _dollars(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A formula on lines of its own; several on one line are left to the text."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if state.src.count("$$", start, state.eMarks[startLine]) > 2:
        return False
    return _block_rule(state, startLine, endLine, silent)


def _ticks(state: StateInline, silent: bool) -> bool:
    """GitHub's other form, for formulas that Markdown would read."""
    if not state.src.startswith("$`", state.pos):
        return False
    end = state.src.find("`$", state.pos + 2, state.posMax)
    if end <= state.pos + 2:
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def _block(state: State, token: Token) -> None:
    expression = token.content.strip()
    if expression:
        state.blocks.append(Equation(expression, line=state.line(token)))


def _fence(state: State, token: Token) -> bool:
    if token.info.strip() != "math":
        return False
    _block(state, token)
    return True


def _inline(writer: Writer, token: Token) -> None:
    expression = token.content.strip()
    if expression:
        if writer.link is not None:
            message = "No service links a formula; the text beside it, or its address behind it, is the link."
            writer.state.report("structure-degraded", message, *writer.place(token))
        writer.flush()
        writer.spans.append(InlineEquation(expression, writer.marks))


def _double(writer: Writer, token: Token) -> None:
    """Display mathematics within a line of text: a block of its own where there is room for one."""
    if writer.single or writer.link is not None:
        _inline(writer, token)
    elif token.content.strip():
        writer.block(Equation(token.content.strip(), line=writer.place(token)[0]))


# -- TeX's brackets ----------------------------------------------------------------------------------------------------


def _brackets(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("escape", "tex_inline", _round)
    parser.block.ruler.before("paragraph", "tex_block", _square)


def _round(state: StateInline, silent: bool) -> bool:
    found = _ROUND.match(state.src, state.pos, state.posMax)
    if found is None or not _FORMULA.search(found[1]):
        return False
    if not silent:
        state.push("tex_inline", "math", 0).content = found[1]
    state.pos = found.end()
    return True


def _square(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A formula that is all of its block; elsewhere `\\[` is the escaped bracket of CommonMark."""
    if silent or not state.src.startswith("\\[", state.bMarks[start] + state.tShift[start]):
        return False
    line = start
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    found = _SQUARE.fullmatch(state.getLines(start, line, state.blkIndent, False).strip())
    if found is None or not _FORMULA.search(found[1]):
        return False
    token = state.push("tex_block", "math", 0)
    token.content, token.map = found[1], [start, line]
    state.line = line
    return True


MATH = Extension(
    "math",
    "`$x$`, `$$x$$` and code fenced as `math` become equations",
    setup=_setup,
    blocks={"math_block": _block, "fence": _fence},
    inlines={"math_inline": _inline, "math_inline_double": _double},
)

TEX_BRACKETS = Extension(
    "tex-brackets",
    r"`\(x\)` and, alone, `\[x\]` become equations",
    setup=_brackets,
    blocks={"tex_block": _block},
    inlines={"tex_inline": _inline},
)
