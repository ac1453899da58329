"""Template languages: how a tag is read, and what it may become.

Hugo, Zola and Liquid write tags in double braces; a language is a `Grammar`. `tag_rules` finds its tags in Markdown,
`tags` says what becomes of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from converters.inline import Writer
from converters.state import State

Role: TypeAlias = Literal["open", "close", "alone", "literal"]
SIGNS = ("{{", "{%")  # how tags begin
UNKNOWN = "template:"  # a scheme that no page may hold
LONGEST = 4_000  # characters of one tag; keeps a file of open tags linear

ARGUMENT = re.compile(
    r"""(?:([\w.-]+)\s*[=:]\s*)?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|([^\s"'`,=()]+))""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag. `text` is how it is written, of a `literal` one what it shows; `start` and `end` are its place.

    `rich` tags are told their captions and titles in Markdown.
    """

    name: str
    role: Role
    text: str
    start: int
    end: int
    values: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    rich: bool = False

    def get(self, *names: str, at: int = -1) -> str:
        """The first of the named arguments that is there, else the one at a place, else nothing."""
        found = next((self.named[name] for name in names if self.named.get(name)), "")
        return found or (self.values[at] if 0 <= at < len(self.values) else "")


def arguments(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """The values and the named values of a tag."""
    values: list[str] = []
    named: dict[str, str] = {}
    for match in ARGUMENT.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        if "\\" in value:
            value = re.sub(r"\\(.)", r"\1", value)
        if match[1]:
            named[match[1]] = value
        else:
            values.append(value)
    return tuple(values), named


# What handles a tag alone returns False if it cannot: the tag is then kept as it is written
Alone: TypeAlias = Callable[[Writer, Tag, tuple[int, int]], bool | None]
Opens: TypeAlias = Callable[[State, Tag, int], object]
Raw: TypeAlias = Callable[[State, Tag, str, int], object]
Within: TypeAlias = Callable[[Writer, Tag, str, tuple[int, int]], object]


@dataclass(frozen=True, slots=True)
class Grammar:
    """A template language: how its tags are read, and what they become.

    `begin` finds where a tag may begin. `closes` says which name a closing tag closes, "" for whichever is open. `alone`
    handles tags in a line of text or on a line of their own, `opens` the first of a pair (it pushes a frame), `raw` a pair
    whose content is no Markdown, and `within` such a pair in a line. `marks` are pairs within a line that only set a mark,
    `links` those that lead somewhere. `silent` tags say nothing to a reader; all others are kept as they are written, and
    reported as `code`; with `ends` the closing ones of blocks too. `broken` is the beginning of what can only be a tag.
    Between a pair of `literal` ones nothing is a tag.
    """

    name: str
    begin: re.Pattern[str]
    read: Callable[[str, int], Tag | None]
    closes: Callable[[Tag], str]
    alone: Mapping[str, Alone]
    opens: Mapping[str, Opens]
    raw: Mapping[str, Raw]
    marks: Mapping[str, str]
    code: str
    address: Callable[[Tag], str | None] = lambda tag: None
    silent: Container[str] = frozenset()
    ends: bool = False
    within: Mapping[str, Within] = field(default_factory=dict)
    links: Mapping[str, Callable[[Tag], str]] = field(default_factory=dict)
    broken: re.Pattern[str] | None = None
    literal: Container[str] = frozenset()

    def pairs(self, source: str) -> dict[int, Tag]:
        """The closing tag of each opening one, by the place of the opening one. A name closes the last one of it."""
        found: dict[int, Tag] = {}
        stacks: dict[str, list[int]] = {}
        at, search = 0, self.begin.search
        while match := search(source, at):
            tag = self.read(source, match.start())
            at = tag.end if tag is not None else match.end()
            if tag is None or tag.role in ("literal", "alone"):
                continue
            if tag.role == "open":
                stacks.setdefault(tag.name if self.closes(tag) else "", []).append(match.start())
            elif stack := stacks.get(self.closes(tag)):
                found[stack.pop()] = tag
        return found

    def in_pairs(self, tag: Tag) -> bool:
        """Whether a tag in a line of text means nothing without the one that closes it."""
        name = tag.name
        return tag.role == "open" and (name in self.marks or name in self.within or name in self.links)

    def keep(self, writer: Writer, tag: Tag, place: tuple[int, int]) -> None:
        """Show a tag as it is written."""
        text = " ".join(tag.text.split())
        writer.state.report(self.code, f"“{text[:80]}” is kept as it is written.", *place)
        writer.span(text, "code")

    @property
    def frame(self) -> str:
        """The kind of the frame that a pair of tags opens."""
        return f"{self.name} tag"
