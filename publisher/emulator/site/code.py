"""Code with its syntax coloured by class names; the style sheet says which colours."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MAX_LENGTH = 100_000  # characters of one block; longer ones are shown without colours

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
    "coq": "coq",
    "latex": "tex",
}


@lru_cache(maxsize=256)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    name = language.strip().lower()
    if name in _PLAIN:
        return None
    for candidate in (_ALIASES.get(name, name), name.replace(" ", "-"), name.replace(" ", "")):
        try:
            return get_lexer_by_name(candidate, stripnl=False, ensurenl=False)
        except ClassNotFound:
            continue
    return None


@lru_cache(maxsize=1024)
def highlight(text: str, language: str) -> str:
    """HTML of a piece of code, without the element around it. An unknown language is shown without colours."""
    lexer = _lexer(language) if len(text) <= MAX_LENGTH else None
    if lexer is None:
        return escape(text)
    from pygments.formatters.html import HtmlFormatter
    from pygments import highlight as colour

    return colour(text, lexer, HtmlFormatter(nowrap=True, classprefix="t-")).removesuffix("\n")
