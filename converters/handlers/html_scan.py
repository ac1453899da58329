"""A scanner for HTML as people write it in Markdown: total, and linear on any input.

The standard library's parser changes its mind about broken HTML between versions of Python, and some of them take
quadratic time. What is needed here is little: tags, text between them, comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import TypeAlias

# `{{<name>}}` is a shortcode of Hugo's
_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)(?:-->|\Z)"
    r"|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)"
    r"|<[!?](?P<other>[^<>]*+)>"
    r"""|<(?!(?<=\{\{<)[^<>]*>\}\})(?P<close>/?)(?P<name>[A-Za-z][^\s/><"']*+)(?P<attrs>(?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?""")
# their content is not markup
_RAW = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "textarea")}


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag, written as `text`; `raw` is the content of an element that holds no markup, and is closed by it."""

    name: str
    attrs: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    at: int = 0
    raw: str | None = None
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class EndTag:
    name: str
    at: int = 0
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; one that is not `closed` goes on to the end of the fragment."""

    text: str
    at: int
    closed: bool = True


Event: TypeAlias = Text | Tag | EndTag | Comment


def scan(source: str) -> Iterator[Event]:
    """The parts of an HTML fragment in order. `at` is where a part begins."""
    position = 0
    while match := _TOKEN.search(source, position):
        if match.start() > position:
            yield Text(unescape(source[position : match.start()]), position)
        position = match.end()
        if match["comment"] is not None:
            yield Comment(match["comment"], match.start(), match[0].endswith("-->"))
        elif match["cdata"] is not None:
            yield Text(match["cdata"], match.start())
        elif match["name"] is not None:
            event, position = _tag(source, match)
            yield event
    if position < len(source):
        yield Text(unescape(source[position:]), position)


def _tag(source: str, match: re.Match[str]) -> tuple[Event, int]:
    name = match["name"].lower()
    if match["close"]:
        return EndTag(name, match.start(), match[0]), match.end()
    attrs = {
        key.lower(): unescape(value[1:-1] if value[:1] in ("'", '"') else value)
        for key, value in reversed(_ATTRIBUTE.findall(match["attrs"]))
    }
    if name not in _RAW:
        alone = match["attrs"].rstrip().endswith("/")
        return Tag(name, attrs, alone, match.start(), None, match[0]), match.end()
    end = _RAW[name].search(source, match.end())
    stop, after = (end.start(), end.end()) if end else (len(source), len(source))
    return Tag(name, attrs, True, match.start(), source[match.end() : stop], match[0]), after
