"""What MyST's directives become that hold no Markdown: pictures, code, lists of pages. One table, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from converters.blocks import Embed, Equation, ListItem, Paragraph, RichText, Span, TableOfContents, Url
from converters.extensions.kinds import bold
from converters.extensions.shortcode_kinds import include, words_of
from converters.extensions.shortcode_texts import add_code
from converters.extensions.tags import markdown
from converters.inline import Writer, pieces, show_image, text_of
from converters.state import State

_OPTION = re.compile(r"[ \t]*:([\w-]+):(?:[ \t]+(.*))?\Z")
_YAML = re.compile(r"([\w-]+):(?:[ \t]+(.*))?\Z")
TARGET = re.compile(r"\s*(.*?)\s*<([^<>]+)>\s*\Z", re.DOTALL)
_PARAGRAPH = re.compile(r"[^\s](?:.|\n(?![ \t]*(?:\n|\Z)))*")


@dataclass(frozen=True, slots=True)
class Options:
    """How a directive is to be set: `lines` is how many lines say so, `text` what stands behind them."""

    text: str
    lines: int = 0
    named: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def first(self, *names: str) -> str:
        return next((self.named[name] for name in names if self.named.get(name)), "")


def read_options(text: str) -> Options:
    """The `:name: value` lines at the head of a directive, or the `name: value` lines between two `---`."""
    rows = text.split("\n")
    end = next((row for row in range(1, len(rows)) if rows[row].strip() == "---"), 0)
    yaml = bool(end) and rows[0].strip() == "---"
    named: dict[str, str] = {}
    count = int(yaml)
    while count < len(rows) and (match := (_YAML if yaml else _OPTION).match(rows[count])):
        named[match[1]] = (match[2] or "").strip()
        count += 1
    count = end + 1 if yaml else count
    return Options("\n".join(rows[count:]), count, MappingProxyType(named))


@dataclass(frozen=True, slots=True)
class Directive:
    """A fenced block with a name, and what it says."""

    name: str
    argument: str
    options: Options
    place: tuple[int, int]

    @property
    def line(self) -> int:
        return self.place[0]

    @property
    def body(self) -> str:
        return self.options.text


Show: TypeAlias = Callable[[State, Directive], None]


def _picture(state: State, found: Directive) -> None:
    """A picture. The first paragraph is its caption, the others stand below it."""
    (line, first), *legend = list(_paragraphs(found)) or [(found.line, "")]
    caption: RichText = text_of(state, markdown(state, first), line) if first else ()
    alt = found.options.first("alt")
    writer = Writer(state, "", found.line, fixed=found.place)
    if target := found.options.first("target", "link"):
        writer.begin_link(state.link(target, *found.place))
    show_image(writer, found.argument, caption or ((Span(alt),) if alt else ()), "", found.place)
    writer.link = None
    state.emit(writer.finish(), found.line)
    for line, text in legend:
        state.emit(pieces(state, markdown(state, text), line), line)


def _paragraphs(found: Directive) -> Iterator[tuple[int, str]]:
    """The paragraphs of a text, with their lines."""
    for match in _PARAGRAPH.finditer(found.body):
        yield found.line + 1 + found.options.lines + found.body.count("\n", 0, match.start()), match[0]


def _rubric(state: State, found: Directive) -> None:
    state.blocks.append(Paragraph(bold((Span(found.argument),)), line=found.line))


def _button(state: State, found: Directive) -> None:
    words = " ".join(found.body.split()) or words_of(found.argument)
    text = Span(words, link=state.link(found.argument, *found.place))
    state.blocks.append(Paragraph((text,), line=found.line))


def _code(state: State, found: Directive) -> None:
    language = {"ipython3": "python", "ipython": "python"}.get(found.argument, found.argument)
    add_code(state, found.body, language, found.options.first("caption", "filename"), found.line)


def _diagram(state: State, found: Directive) -> None:
    add_code(state, found.body, "mermaid", found.options.first("caption"), found.line)


def _formula(state: State, found: Directive) -> None:
    if text := "\n".join(part for part in (found.argument, found.body.strip()) if part):
        state.blocks.append(Equation(text, line=found.line))


def _contents(state: State, found: Directive) -> None:
    state.emit([(Span(found.argument),)] if found.argument else [], found.line)
    state.blocks.append(TableOfContents(line=found.line))


def _toctree(state: State, found: Directive) -> None:
    """A list of links to the pages that it names; patterns of names, which only the book can fill in, stay text."""
    title = found.argument or found.options.first("caption")
    if title:
        state.blocks.append(Paragraph(bold((Span(title),)), line=found.line))
    for entry in filter(None, map(str.strip, found.body.split("\n"))):
        match = TARGET.match(entry)
        words, target = (match[1], match[2]) if match else ("", entry)
        link = None if "*" in target or target == "self" else state.link(target, *found.place)
        text = Span(words or (words_of(target) if link else target), link=link)
        state.blocks.append(ListItem((text,), line=found.line))


def _include(state: State, found: Directive) -> None:
    writer = Writer(state, "", found.line, fixed=found.place)
    include(writer, found.argument, found.place)
    state.emit(writer.finish(), found.line)


def _frame(state: State, found: Directive) -> None:
    link = state.link(found.argument, *found.place)
    if isinstance(link, Url):
        state.blocks.append(Embed(link.url, line=found.line))
    else:
        state.emit([(Span(found.argument, link=link),)], found.line)


SHOWN: dict[str, Show] = {
    **dict.fromkeys(("figure", "image"), _picture),
    **dict.fromkeys(("code", "code-block", "code-cell", "sourcecode", "highlight", "parsed-literal"), _code),
    "mermaid": _diagram,
    "math": _formula,
    "toctree": _toctree,
    "contents": _contents,
    **dict.fromkeys(("include", "literalinclude"), _include),
    "iframe": _frame,
    "rubric": _rubric,
    "button-link": _button,
    "button-ref": _button,
}
