"""What known pairs of shortcodes become whose content is no Markdown: code, formulas, comments. One table, by name."""

from __future__ import annotations

import re
from typing import TypeAlias

from converters.blocks import Code, Equation, InlineEquation, Span
from converters.extensions.grammars import Raw, Tag, Within
from converters.extensions.tags import markdown
from converters.inline import Writer, pieces
from converters.state import State

Place: TypeAlias = tuple[int, int]


def names(text: str) -> list[str]:
    """The words of a text, which are names of shortcodes."""
    return text.split()


def _code(state: State, tag: Tag, text: str, line: int) -> None:
    language = tag.get("lang", "language", "type", at=0)
    title = tag.get("title", "caption", "file", "filename", "name")
    add_code(state, text, language, title, line)


def add_code(state: State, text: str, language: str, title: str, line: int) -> None:
    caption = (Span(title),) if title else ()
    state.blocks.append(Code(text.strip("\n").rstrip(), language, caption, line=line))


def _mermaid(state: State, tag: Tag, text: str, line: int) -> None:
    add_code(state, text, "mermaid", "", line)


_DELIMITED = re.compile(r"\s*(?:\$\$(?P<dollars>[^$]+)\$\$|\\\[(?P<brackets>.+)\\\])\s*", re.DOTALL)


def bare(text: str) -> str:
    """A formula without the marks around it."""
    match = _DELIMITED.fullmatch(text)
    return (match[match.lastgroup or 0] if match else text).strip()


def _equation(state: State, tag: Tag, text: str, line: int) -> None:
    formula = bare(text)
    if "$" in formula:  # text with formulas in it
        state.emit(pieces(state, markdown(state, formula), line), line)
    elif formula:
        state.blocks.append(Equation(formula, line=line))


def _comment(state: State, tag: Tag, text: str, line: int) -> None:
    drop_comment(state, text, (line, 1))


def drop_comment(state: State, text: str, place: Place) -> None:
    """Leave a comment out, and remember it: it may switch diagnostics off."""
    state.comments.append((place[0], text))
    state.report("comment-dropped", "A comment is not published.", *place)


def _configuration(state: State, tag: Tag, text: str, line: int) -> None:
    """gohugo.io shows a file in three languages, one of which is written."""
    toml = re.search(r"^\s*[\w.\"'-]+ *= ", text, re.MULTILINE) and not re.search(
        r"^\s*[\w\"'-]+:", text, re.MULTILINE
    )
    language = "toml" if toml else "json" if text.lstrip()[:1] == "{" else "yaml"
    file = tag.get("file", at=0)
    known = "." in file.rpartition("/")[2]
    add_code(state, text, language, file if known or not file else f"{file}.{language}", line)


RAW: dict[str, Raw] = {
    **dict.fromkeys(names("highlight code codeblock prism"), _code),
    "code-toggle": _configuration,
    "mermaid": _mermaid,
    **dict.fromkeys(names("katex math latex mathjax"), _equation),
    "comment": _comment,
}


def _code_within(writer: Writer, tag: Tag, text: str, place: Place) -> None:
    writer.span(text.strip(), "code")


def _equation_within(writer: Writer, tag: Tag, text: str, place: Place) -> None:
    if formula := bare(text):
        writer.flush()
        writer.spans.append(InlineEquation(formula, writer.marks))


def _comment_within(writer: Writer, tag: Tag, text: str, place: Place) -> None:
    drop_comment(writer.state, text, place)


WITHIN: dict[str, Within] = {
    **dict.fromkeys(names("highlight code codeblock prism mermaid"), _code_within),
    **dict.fromkeys(names("katex math latex mathjax"), _equation_within),
    "comment": _comment_within,
}
