"""Emoji shortcodes: `:rocket:`."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from converters.state import Extension

_SHORTCODE = re.compile(r"(?<![\w/]):([a-z0-9_+\-]{1,60}):(?!\w)")


@lru_cache(maxsize=4096)
def _sign(code: str) -> str:
    """The emoji of a shortcode with its colons; the code itself if there is none."""
    from emoji import emojize  # reads its table when it is imported

    return emojize(code, language="alias")


def emoji(text: str) -> str:
    """The text with emoji for the shortcodes that GitHub and Unicode know; others stay."""
    return _SHORTCODE.sub(lambda match: _sign(match[0]), text) if ":" in text else text


def _rule(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and token.content.count(":") > 1 and token.children:
            automatic = False
            for child in token.children:
                if child.info == "auto":
                    automatic = child.nesting > 0
                elif child.type == "text" and not automatic:
                    child.content = emoji(child.content)


def _setup(parser: MarkdownIt) -> None:
    parser.core.ruler.push("emoji", _rule)


EMOJI = Extension("emoji", "`:rocket:` becomes 🚀", setup=_setup)
