"""Emoji shortcodes: `:rocket:`."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from converters.state import Extension

_SHORTCODE = re.compile(r"(?<![\w/]):([a-z0-9_+\-]{1,60}):(?!\w)")


@lru_cache(maxsize=1)
def _signs() -> dict[str, str]:
    """The emoji of each shortcode with its colons, as `emojize` finds them: that one searches its whole table each time."""
    from emoji import EMOJI_DATA, STATUS  # reads its table when it is imported

    known = [(sign, data) for sign, data in EMOJI_DATA.items() if data["status"] <= STATUS["fully_qualified"]]
    found: dict[str, str] = {}
    for sign, data in known:
        for alias in data.get("alias", ()):
            found.setdefault(alias, sign)
    for sign, data in known:
        found.setdefault(data["en"], sign)
    return found


def _sign(code: str) -> str:
    """The emoji of a shortcode with its colons; the code itself if there is none."""
    return _signs().get(code, code)


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
