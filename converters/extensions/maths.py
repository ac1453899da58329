r"""Mathematics: `$x$`, `` $`x`$ ``, `$$x$$`, fenced as `math`."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from converters.blocks import Equation, InlineEquation
from converters.inline import Writer
from converters.state import Extension, State


def _setup(parser: MarkdownIt) -> None:
    # without spaces and digits around it, "$5 and $10" is money
    dollarmath_plugin(
        parser,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    parser.inline.ruler.before("math_inline", "math_ticks", _ticks)


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
        writer.flush()
        writer.spans.append(InlineEquation(expression, writer.marks))


def _double(writer: Writer, token: Token) -> None:
    """Display mathematics within a line of text: a block of its own where there is room for one."""
    if writer.single or writer.link is not None:
        _inline(writer, token)
    elif token.content.strip():
        writer.block(Equation(token.content.strip(), line=writer.place(token)[0]))


MATH = Extension(
    "math",
    "`$x$`, `$$x$$` and code fenced as `math` become equations",
    setup=_setup,
    blocks={"math_block": _block, "fence": _fence},
    inlines={"math_inline": _inline, "math_inline_double": _double},
)
