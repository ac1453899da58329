"""White space in rich text, as every browser shows it."""

from __future__ import annotations

import re
from dataclasses import replace

from converters.blocks import InlineEquation, RichText, Span

# possessive, so that a long run is looked at once
_SPACES = re.compile(r"((?<=\n) ++| ++(?=\n))|  ++")


def single_spaced(text: str) -> str:
    """Text with single spaces, and none at the ends of its lines, as every browser shows it."""
    return _SPACES.sub(lambda match: "" if match[1] else " ", text)


def stripped(spans: list[Span | InlineEquation]) -> RichText:
    """Rich text without white space at its ends, such as stands beside a picture or a tag that is left out."""
    while spans and isinstance(first := spans[0], Span) and first.text[:1].isspace() and not first.marks.code:
        if text := first.text.lstrip():
            spans[0] = replace(first, text=text)
        else:
            del spans[0]
    while spans and isinstance(last := spans[-1], Span) and last.text[-1:].isspace() and not last.marks.code:
        if text := last.text.rstrip():
            spans[-1] = replace(last, text=text)
        else:
            spans.pop()
    return tuple(spans)
