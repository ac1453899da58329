"""Emoji shortcodes: `:rocket:`."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from converters.extensions.emoji_names import NAMES
from converters.state import Extension

_SHORTCODE = re.compile(r"(?<![\w/]):([a-z0-9_+\-]{1,60}):(?!\w)")


@cache
def names() -> dict[str, str]:
    """GitHub's shortcodes, without colons, and their emoji."""
    result: dict[str, str] = {}
    for line in NAMES.splitlines():
        sign, *codes = line.split(" ")
        result.update(dict.fromkeys(codes, sign))
    return result


def emoji(text: str) -> str:
    """The text with emoji for the shortcodes that GitHub knows; others stay."""
    return _SHORTCODE.sub(lambda match: names().get(match[1], match[0]), text) if ":" in text else text


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
