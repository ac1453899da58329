"""Code with its syntax coloured by class names; the style sheet says which colours."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from io import StringIO
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MAX_LENGTH = 100_000  # characters of one block; longer ones are shown without colours
_KEPT_LENGTH = 20_000  # characters of a block whose coloured form is kept for the next reader
_SECONDS = 0.25  # for one block: some grammars take quadratic time on odd text
_LINE = (
    3000  # characters; one step of a grammar cannot be interrupted, and long lines and gaps make long steps
)
_GAP = 500

_PLAIN = frozenset({"", "plain text", "plaintext", "text", "txt", "ascii art", "mermaid", "notion formula"})
# The services' names for languages that Pygments knows by another one.
_ALIASES = {
    "java/c/c++/c#": "c",
    "llvm ir": "llvm",
    "markup": "html",
    "visual basic": "vb.net",
    "webassembly": "wast",
    "flow": "javascript",
    "less": "scss",
    "reason": "reasonml",
    "assembly": "nasm",
    "latex": "tex",
}


def highlight(text: str, language: str) -> str:
    """HTML of a piece of code, without the element around it.

    Without colours: unknown languages, long blocks, odd ones, and those that take too long.
    """
    if len(text) > MAX_LENGTH or _odd(text) or language.strip().lower() in _PLAIN:
        return escape(text)
    return _kept(text, language) if len(text) <= _KEPT_LENGTH else _coloured(text, language)


def _odd(text: str) -> bool:
    """Whether a line or a stretch of white space is longer than code has them."""
    lines = max(map(len, text.split("\n")))
    return lines > _LINE or any(gap.end() - gap.start() > _GAP for gap in re.finditer(r"\s+", text))


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    name = language.strip().lower()
    for candidate in (_ALIASES.get(name, name), name.replace(" ", "-"), name.replace(" ", "")):
        try:
            return get_lexer_by_name(candidate, stripnl=False, ensurenl=False)
        except ClassNotFound:
            continue
    return None


def _coloured(text: str, language: str) -> str:
    lexer = _lexer(language)
    if lexer is None:
        return escape(text)
    from pygments.formatters.html import HtmlFormatter

    until = perf_counter() + _SECONDS
    tokens = []
    for token in lexer.get_tokens(text):
        tokens.append(token)
        if perf_counter() > until:
            return escape(text)
    out = StringIO()
    HtmlFormatter(nowrap=True, classprefix="t-").format(iter(tokens), out)
    html = out.getvalue()
    return html if text.endswith("\n") else html.removesuffix("\n")  # the formatter ends every line


_kept = lru_cache(maxsize=512)(_coloured)
