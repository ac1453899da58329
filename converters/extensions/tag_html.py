"""Tags of HTML that hold tags of a template language: `<a href="{{< ref "page.md" >}}">`."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from markdown_it.rules_inline import StateInline

from converters.extensions.grammars import LONGEST, SIGNS, UNKNOWN, Grammar, Tag
from converters.parser import POSITION

_HTML = re.compile(r"<[A-Za-z](?=[^<>]*\{[{%])")
_HTML_PART = re.compile(r"""(?P<quote>["'])|(?P<end>>)|(?P<text>[^"'<>{]+|\{(?![{%]))""")
_ADDRESSED = re.compile(r"""\b(?:href|src|poster|data)\s*=\s*["']?[^\s"']*\Z""", re.IGNORECASE)


def plain_html(grammar: Grammar, source: str, position: int, maximum: int) -> tuple[str, int] | None:
    """A tag of HTML, and where it ends. Tags of the language in it are addresses, or texts without quotes.

    None if it holds no such tags, or is no tag of HTML at all.
    """
    maximum = min(maximum, position + LONGEST)
    if not _HTML.match(source, position, maximum):
        return None
    parts, quote = ["<"], ""
    position += 1
    while position < maximum:
        tag = grammar.read(source, position) if source.startswith(SIGNS, position) else None
        if tag is not None and tag.end <= maximum:
            _add_value(grammar, tag, parts)
            position = tag.end
            continue
        match = _HTML_PART.match(source, position, maximum)
        if match is None and not (quote and source[position] in "<{"):
            return None
        parts.append(match[0] if match else source[position])
        position += len(parts[-1])
        if match and match["end"] and not quote:
            return "".join(parts), position
        if match and match["quote"] and quote in ("", match["quote"]):
            quote = "" if quote else match["quote"]
    return None


def _add_value(grammar: Grammar, tag: Tag, parts: list[str]) -> None:
    """What a tag stands for within a tag of HTML."""
    before = "".join(parts)
    known = grammar.address(tag)
    found = _ADDRESSED.search(before)
    if known is not None:
        parts.append(escape(known))
    elif found is None:
        parts.append(escape(tag.text))
    else:
        at = re.search(r"""[^\s"'=]*\Z""", before)
        assert at is not None  # it may be empty
        parts[:] = [before[: at.start()], UNKNOWN, before[at.start() :]]


def html_rule(grammar: Grammar) -> Callable[[StateInline, bool], bool]:
    """The rule that reads such a tag in a line of text."""

    def rule(state: StateInline, silent: bool) -> bool:
        if not state.src.startswith("<", state.pos):
            return False
        found = plain_html(grammar, state.src, state.pos, state.posMax)
        if found is None:
            return False
        if not silent:
            token = state.push("html_inline", "", 0)
            token.content, token.meta[POSITION] = found[0], state.pos
        state.pos = found[1]
        return True

    return rule
