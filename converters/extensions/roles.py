"""MyST's roles and directives, and those of Dive into Deep Learning: `` {ref}`label` ``, ```` ```{note} ````, `:label:`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import fence as fence_rule
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.blocks import Equation, InlineEquation, ListItem, Paragraph, Span, TableOfContents
from converters.extensions.attributes import Attributes
from converters.extensions.containers import (
    LABELLED,
    TRANSPARENT,
    close_container,
    open_container,
    open_note,
    read_opening,
)
from converters.extensions.kinds import KINDS, bold
from converters.extensions.regions import INTERRUPTS, apart, close
from converters.extensions.shortcode_kinds import add_code, words_of
from converters.inline import Writer, show_image
from converters.parser import POSITION
from converters.state import Extension, State

_DIRECTIVE = re.compile(r"\{([A-Za-z][\w:+-]*)\}[ \t]*(.*)")
_OPTION = re.compile(r":([\w-]+):(?:[ \t]+(.*))?\Z")
_NOTES = frozenset(KINDS) | frozenset(
    {
        "admonition",
        "versionadded",
        "versionchanged",
        "deprecated",
        "dropdown",
        "details",
        "margin",
        "sidebar",
        "topic",
    }
)
_TEXTS = _NOTES | TRANSPARENT | LABELLED  # directives whose content is Markdown
_KEPT = frozenset({"name", "label", "alt", "caption"})
_ROLE = re.compile(r"\{([A-Za-z][\w:.+-]*)\}(`+)([^`]+)\2(?!`)")
_RST_ROLE = re.compile(r":([a-z][a-z_:]*):(`+)([^`]+)\2(?!`)")
_TARGET = re.compile(r"\s*(.*?)\s*<([^<>]+)>\s*\Z", re.DOTALL)
_MARKS = {
    "kbd": "code",
    "code": "code",
    "file": "code",
    "command": "code",
    "program": "code",
    "samp": "code",
    "guilabel": "bold",
}
_REFERENCES = frozenset(
    {
        "ref",
        "numref",
        "doc",
        "any",
        "term",
        "download",
        "eq",
        "eqref",
        "cite",
        "citet",
        "citep",
        "cite:p",
        "cite:t",
    }
)


# -- directives --------------------------------------------------------------------------------------------------------


def _fence(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A fence whose info string names a directive; what it holds may be Markdown."""
    if not fence_rule(state, line, end, silent):
        return False
    if silent or not state.tokens[-1].info.startswith("{"):
        return True
    token = state.tokens[-1]
    match = _DIRECTIVE.match(token.info)
    if match is None or match[1].lower() not in _TEXTS:
        return True
    state.tokens.pop()
    options, text = _options(token.content)
    opening = read_opening(f":::{token.info}")
    assert opening is not None  # it has the same form
    if name := options.get("name") or options.get("label"):
        opening = replace(opening, attributes=Attributes(named={"id": name}))
    begin = state.push("container_open", "div", 1)
    begin.map, begin.meta["opening"], begin.meta["options"] = token.map, opening, options
    if opening.title:
        title = state.push("inline", "", 0)
        title.map, title.content, title.children = [line, line + 1], opening.title, []
    apart(state, text, line + 1 + len(options))
    state.push("container_close", "div", -1)
    return True


def _options(text: str) -> tuple[dict[str, str], str]:
    """The `:name: value` lines at the head of a directive, which say how to set it, and the text behind them."""
    lines = text.split("\n")
    found: dict[str, str] = {}
    count = 0
    while count < len(lines) and (match := _OPTION.match(lines[count])):
        found[match[1]] = (match[2] or "").strip()
        count += 1
    return found, "\n".join(lines[count:])


def _note(state: State, token: Token) -> None:
    """The options of a note are said; the note itself is a container like any other."""
    _say_options(state, token.meta.get("options", {}), state.line(token))
    open_container(state, token)


def _say_options(state: State, options: Mapping[str, str], line: int) -> None:
    if dropped := [name for name in options if name not in _KEPT]:
        message = f"“{', '.join(dropped)[:80]}” of a directive is not published."
        state.report("attributes-dropped", message, line, 1)


def _directive(state: State, token: Token) -> bool:
    match = _DIRECTIVE.match(token.info) if token.info.startswith("{") else None
    if match is None or match[1] == "math" or "." in match[1]:
        return _show_math(state, token, match)
    name, argument, line = match[1].lower(), match[2].strip(), state.line(token)
    options, body = _options(token.content)
    if label := options.get("name") or options.get("label"):
        state.anchors.append(label)
    _say_options(state, options, line)
    if name in ("figure", "image"):
        writer = Writer(state, "", line, fixed=(line, 1))
        caption = " ".join(body.split()) or options.get("alt", "")
        show_image(writer, argument, (Span(caption),) if caption else (), "", (line, 1))
        state.emit(writer.finish(), line)
    elif name in ("code", "code-block", "code-cell", "sourcecode", "highlight", "parsed-literal"):
        add_code(state, body, argument, options.get("caption", ""), line)
    elif name == "mermaid":
        add_code(state, body, "mermaid", "", line)
    elif name == "toctree":
        _toctree(state, argument, body, line)
    elif name == "contents":
        state.emit([(Span(argument),)] if argument else [], line)
        state.blocks.append(TableOfContents(line=line))
    else:
        state.report("directive-kept", f"The directive “{name}” is kept as code.", line, 1)
        add_code(
            state, "\n".join(part for part in (argument, token.content.rstrip()) if part), "", name, line
        )
    return True


def _toctree(state: State, title: str, body: str, line: int) -> None:
    """A list of links to the pages that it names; patterns of names, which only the book can fill in, stay text."""
    if title:
        state.blocks.append(Paragraph(bold((Span(title),)), line=line))
    for entry in filter(None, map(str.strip, body.split("\n"))):
        match = _TARGET.match(entry)
        words, target = (match[1], match[2]) if match else ("", entry)
        link = None if "*" in target or target == "self" else state.link(target, line, 1)
        state.blocks.append(
            ListItem((Span(words or (words_of(target) if link else target), link=link),), line=line)
        )


def _show_math(state: State, token: Token, match: re.Match[str] | None) -> bool:
    if match is None or match[1] != "math":
        return False
    _, body = _options(token.content)
    if body.strip():
        state.blocks.append(Equation(body.strip(), line=state.line(token)))
    return True


_LABEL = re.compile(r"\(([^()\s]+)\)=[ \t]*")


# -- roles -------------------------------------------------------------------------------------------------------------


def _role(state: StateInline, silent: bool) -> bool:
    source, at = state.src, state.pos
    pattern = _ROLE if source[at] == "{" else _RST_ROLE if source[at] == ":" else None
    match = pattern.match(source, at, state.posMax) if pattern else None
    if match is None:
        return False
    if not silent:
        token = state.push("role", "", 0)
        token.info, token.meta["text"], token.meta[POSITION] = match[1], match[3], at
    state.pos = match.end()
    return True


def _show_role(writer: Writer, token: Token) -> None:
    name, text = token.info.lower(), token.meta["text"]
    if name == "math":
        writer.flush()
        writer.spans.append(InlineEquation(text.strip(), writer.marks))
    elif name in _MARKS:
        writer.span(text, _MARKS[name])
    elif name in ("label", "eqlabel"):
        writer.state.anchors.append(text.strip())
    elif name in ("sub", "sup", "subscript", "superscript", "abbr", "emphasis", "strong", "width"):
        _plain(writer, name, text)
    else:
        _refer(writer, token, name, text)


def _plain(writer: Writer, name: str, text: str) -> None:
    if name == "width":
        writer.state.report("attributes-dropped", f"A width of “{text}” is not published.", writer.line)
    else:
        writer.parts.append(text)


def _refer(writer: Writer, token: Token, name: str, text: str) -> None:
    """A reference to a label somewhere in the book: its words stay, or the label if it has none."""
    place = writer.place(token)
    match = _TARGET.match(text)
    words, target = (match[1] or match[2], match[2]) if match else (text, text)
    if name in ("doc", "download") and writer.link is None:
        writer.begin_link(writer.state.link(target, *place))
        writer.parts.append(words)
        writer.end_link()
        return
    writer.state.report("role-kept", f"“{name}” refers to “{target[:80]}”; its text is kept.", *place)
    if name in _REFERENCES:
        writer.parts.append(f"[{words}]" if words == target and name.startswith("cit") else words)
    else:
        writer.span(words, "code")


def _target(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """`(label)=` alone on a line names what stands below it."""
    at = state.bMarks[line] + state.tShift[line]
    match = _LABEL.fullmatch(state.src[at : state.eMarks[line]]) if state.src.startswith("(", at) else None
    if match is None or state.is_code_block(line):
        return False
    if not silent:
        token = state.push("label", "", 0)
        token.map, token.info = [line, line + 1], match[1]
        state.line = line + 1
    return True


def _name(state: State, token: Token) -> None:
    state.anchors.append(token.info)


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "labels", _target, INTERRUPTS)
    parser.block.ruler.at("fence", _fence, INTERRUPTS)
    parser.inline.ruler.before("link", "roles", _role)


# -- lines of a book ---------------------------------------------------------------------------------------------------

_TAB = re.compile(r":(begin|end)_tab:(?:`([^`\n]+)`|)[ \t]*\Z")
_FRAMEWORKS = {"mxnet": "MXNet", "pytorch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}


def _tab(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    at = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith(":", at):
        return False
    match = _TAB.match(state.src[at : state.eMarks[line]].rstrip())
    if match is None:
        return False
    if not silent:
        token = state.push(f"book_tab_{match[1]}", "", 0)
        token.map, token.info = [line, line + 1], match[2] or ""
        state.line = line + 1
    return True


def _begin_tab(state: State, token: Token) -> None:
    names = [_FRAMEWORKS.get(name.strip(), name.strip()) for name in token.info.split(",")]
    text = ", ".join(name for name in names if name)
    open_note(state, "tab", (Span(text),) if text else (), state.line(token))
    state.frames[-1].kind, state.frames[-1].html = "book tab", True


def _end_tab(state: State, token: Token) -> None:
    close(state, "book tab")


def _setup_book(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "book_tabs", _tab, INTERRUPTS)


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "roles",
        "MyST's `` {ref}`label` `` keeps its text; ```` ```{note} ```` becomes a callout, other directives code",
        setup=_setup,
        blocks={
            "fence": _directive,
            "label": _name,
            "container_open": _note,
            "container_close": close_container,
        },
        inlines={"role": _show_role},
    ),
    Extension(
        "book-tabs",
        "`:begin_tab:` and `:end_tab:` of Dive into Deep Learning become a labelled text",
        setup=_setup_book,
        blocks={"book_tab_begin": _begin_tab, "book_tab_end": _end_tab},
    ),
)
