"""Obsidian's embedded notes: `![[Note]]`, `![[Note#Heading]]`, `![[Note#^block]]` alone on a line show the note's text.

A note stands apart from the text around it, and its footnotes are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from converters.anchors import slug
from converters.excerpts import HEADING, Lines, below
from converters.extensions.comments import SIGN, opened

_EMBED = re.compile(
    r"(?P<indent>[ \t>]*)(?P<mark>(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)"
    r"!\[\[(?P<target>[^\[\]|\n]+)(?:\|[^\[\]\n]*)?\]\][ \t]*\Z"
)
_QUOTED = re.compile(r"[ \t>]*")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|\Z)")
_BLOCK_ID = re.compile(r"(?:(.*\S)[ \t]+|[ \t>]*)\^([A-Za-z0-9-]+)[ \t]*\Z")
_NOTE = re.compile(r"[ \t>]*\[\^([^\]\s]+)\]:")
_REFERENCE = re.compile(r"\[\^([^\]\s]+)\]")
_OWN_LINK = re.compile(r"(?<!!)\[\[#([^\[\]|\n]+)(?:\|([^\[\]\n]+))?\]\]")
_OWN_ADDRESS = re.compile(r"(?<=\])\(#([^\s()<>]+)\)")
_YES, _NO = (True, "true", "yes"), (False, "false", "no")


@dataclass(frozen=True, slots=True)
class Embed:
    """A line that asks for a note: what it stands in (`indent`, the `mark` of a list item), and the note as written."""

    indent: str
    mark: str
    target: str

    @property
    def part(self) -> str:
        """`Heading`, `Heading#Heading below it`, `^block`; "" for all of the note."""
        return self.target.partition("#")[2].strip()


def embed(text: str) -> Embed | None:
    """What a line asks for, if an embed is all that stands on it."""
    match = _EMBED.match(text)
    return Embed(match["indent"], match["mark"], match["target"].strip()) if match else None


def withheld(metadata: Mapping[str, Any]) -> bool:
    """Whether the front matter says that a note is not to be published; then no other page shows it either."""
    draft, published = (
        value.strip().lower() if isinstance(value, str) else value
        for value in (metadata.get("draft"), metadata.get("published"))
    )
    return draft in _YES or published in _NO


def part(lines: Lines, wanted: str) -> Lines | None:
    """What an embed shows of a note's lines, without blank ones around it; None if there is no such part."""
    found: Lines | None = lines
    if wanted.startswith("^"):
        found = _block(lines, wanted[1:])
    else:
        for name in filter(None, map(str.strip, wanted.split("#"))):
            found = below(found, slug(name)) if found is not None else None
    return _trimmed(found) if found is not None else None


def is_item(lines: Lines) -> bool:
    """Whether lines begin with a list item."""
    return bool(lines) and _ITEM.match(lines[0][1]) is not None


def with_links(lines: Lines, path: str) -> Lines:
    """A part of the note `path` whose links within the note (`[[#Heading]]`, `[text](#Heading)`) lead to its own page."""
    if (
        not any("[[#" in text or "](#" in text for _, text in lines)
        or not path.isprintable()
        or set("[]#|") & set(path)
    ):
        return lines
    name = "/" + path.removesuffix(".md")
    prose = set(_prose(lines))

    def link(match: re.Match[str]) -> str:
        return f"[[{name}#{match[1]}|{match[2] or match[1]}]]"

    def changed(text: str) -> str:
        return _OWN_ADDRESS.sub(rf"(/{quote(path)}#\1)", _OWN_LINK.sub(link, text))

    return [(line[0], changed(line[1])) if line in prose else line for line in lines]


def _trimmed(lines: Lines) -> Lines:
    full = [at for at, (_, text) in enumerate(lines) if text.strip()]
    return lines[full[0] : full[-1] + 1] if full else []


def _block(lines: Lines, name: str) -> Lines | None:
    """The paragraph, list item, heading or other block that ends in `^name`, or that a line `^name` follows."""
    code = ""
    for at, (_, text) in enumerate(lines):
        match = _BLOCK_ID.match(text) if not code and "^" in text else None
        code = fence_behind(code, text)
        if match is None or match[2].lower() != name.lower():
            continue
        if match[1] is None:
            return _above(lines, at - 1 if at and lines[at - 1][1].strip() else at - 2)
        return _above(lines, at) if _item_of(lines, at) is None else _item(lines, at)
    return None


def _above(lines: Lines, last: int) -> Lines | None:
    """The block that ends with a line; code and its fences are one."""
    if last < 0:
        return None
    first = last
    if _FENCE.match(lines[last][1]):
        first = next((line for line in range(last - 1, -1, -1) if _FENCE.match(lines[line][1])), last)
    while not HEADING.match(lines[first][1]) and first and _goes_on(lines[first - 1][1]):
        first -= 1
    return lines[first : last + 1]


def _goes_on(text: str) -> bool:
    return bool(text.strip()) and not HEADING.match(text)


def _item_of(lines: Lines, at: int) -> int | None:
    """The line that begins the list item of whose text a line is."""
    while at >= 0 and _goes_on(text := lines[at][1]):
        if _ITEM.match(text):
            return at
        at -= 1
    return None


def _item(lines: Lines, at: int) -> Lines:
    """A list item with what is nested in it, from its own column on."""
    first = _item_of(lines, at)
    assert first is not None
    indent = _width(lines[first][1])
    last = at
    for line in range(at + 1, len(lines)):
        text = lines[line][1]
        if text.strip() and _width(text) <= indent:
            break
        last = line if text.strip() else last
    return [(number, _cut(text, indent)) for number, text in lines[first : last + 1]]


def _width(text: str) -> int:
    expanded = text.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def _cut(text: str, width: int) -> str:
    return text.expandtabs(4)[width:] if width and _width(text) >= width else text


# -- footnotes ---------------------------------------------------------------------------------------------------------


def footnotes(lines: Lines) -> set[str]:
    """The names of the footnotes that some lines define."""
    return {match[1] for _, text in _prose(lines) if "[^" in text and (match := _NOTE.match(text))}


def with_footnotes(shown: Lines, note: Lines, taken: set[str]) -> Lines:
    """What is shown of the lines of a note, with the footnotes that it refers to under names that are not `taken` yet."""
    if not any("[^" in text for _, text in shown):
        return shown
    lines = shown if shown is note else _with_own(shown, note)
    own = footnotes(lines)
    names = {name: _free(name, taken | own) for name in sorted(own & taken)}
    taken |= own | set(names.values())
    if not names:
        return lines
    prose = set(_prose(lines))
    return [_renamed(line, names) if line in prose else line for line in lines]


def _with_own(shown: Lines, note: Lines) -> Lines:
    """Lines of a note with the definitions of the footnotes that they refer to, wherever in it they stand."""
    found: list[Lines] = []
    defined: set[int] = set()
    wanted = {name for _, text in shown if not _NOTE.match(text) for name in _REFERENCE.findall(text)}
    for line in _prose(note):
        if match := _NOTE.match(line[1]):
            definition = list(_definition(note, line[0] - note[0][0]))
            defined |= {number for number, _ in definition}
            if match[1] in wanted:
                found.append(definition)
    bare = _trimmed([line for line in shown if line[0] not in defined])
    return [*bare, *(line for lines in found for line in ((lines[0][0], ""), *lines))]


def _definition(lines: Lines, at: int) -> Iterable[tuple[int, str]]:
    """A footnote's definition: its line, and those that are indented below it."""
    yield lines[at]
    for number, text in lines[at + 1 :]:
        if (text.strip() and not text.startswith((" ", "\t"))) or _NOTE.match(text):
            return
        yield number, text


def _free(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


def _renamed(line: tuple[int, str], names: Mapping[str, str]) -> tuple[int, str]:
    return line[0], _REFERENCE.sub(lambda match: f"[^{names.get(match[1], match[1])}]", line[1])


# -- what is not shown -------------------------------------------------------------------------------------------------


def fence_behind(fence: str, text: str) -> str:
    """The fence of the code that goes on behind a line, "" if none does."""
    mark = _FENCE.match(text)
    if mark is None or (fence and (not mark[1].startswith(fence) or text[mark.end() :].strip())):
        return fence
    return "" if fence else mark[1]


def comment_behind(end: str, text: str) -> str:
    """What ends the comment that goes on behind a line outside code, "" if none does."""
    bare = text[_QUOTED.match(text).end() :].rstrip()  # type: ignore[union-attr]  # it matches nothing, too
    if end == "-->":
        return "" if end in bare else end
    if opened(bare, bool(end)) >= 0:
        return SIGN
    return "-->" if not end and bare.startswith("<!--") and "-->" not in bare else ""


def _prose(lines: Lines) -> Iterable[tuple[int, str]]:
    """The lines that are not code."""
    code = ""
    for line in lines:
        inside, code = code, fence_behind(code, line[1])
        if not inside and not code:
            yield line
