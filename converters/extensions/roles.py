"""MyST's roles and directives, and those of Dive into Deep Learning: `` {ref}`label` ``, ```` ```{note} ````, `:label:`."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.blocks import InlineEquation, Span
from converters.extensions import directives
from converters.extensions.containers import close_container, open_note
from converters.extensions.directive_kinds import TARGET
from converters.extensions.regions import INTERRUPTS, close
from converters.extensions.shortcode_texts import drop_comment
from converters.inline import Writer
from converters.parser import POSITION
from converters.state import Extension, State

_ROLE = re.compile(r"\{([A-Za-z][\w:.+-]*)\}(`+)([^`]+)\2(?!`)")
_RST_ROLE = re.compile(r":([a-z][a-z_:]*):(`+)([^`]+)\2(?!`)")
_MARKS = {
    "kbd": "code",
    "code": "code",
    "file": "code",
    "command": "code",
    "program": "code",
    "samp": "code",
    "guilabel": "bold",
    "strong": "bold",
    "emphasis": "italic",
    "del": "strikethrough",
    "u": "underline",
    "underline": "underline",
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
        writer.state.name(text.strip(), writer.line)
    elif name in ("sub", "sup", "subscript", "superscript"):
        writer.flush()
        writer.script, writer.script_place = name[:3], writer.place(token)
        writer.parts.append(text)
        writer.flush()
        writer.script = ""
    elif name in ("abbr", "sc", "smallcaps"):
        writer.parts.append(text)
    elif name == "width":
        message = f"A width of “{text}” is not published."
        writer.state.report("attributes-dropped", message, *writer.place(token))
    else:
        _refer(writer, token, name, text)


def _refer(writer: Writer, token: Token, name: str, text: str) -> None:
    """A reference to a label somewhere in the book: its words stay, or the label if it has none."""
    place = writer.place(token)
    match = TARGET.match(text)
    words, target = (match[1] or match[2], match[2]) if match else (text, text)
    if name in ("doc", "download") and writer.link is None:
        writer.begin_link(writer.state.link(target, *place))
        writer.parts.append(words)
        writer.end_link()
        return
    refers = name in _REFERENCES or ":" in name
    message = f"“{name}” refers to “{target[:80]}”" if refers else f"The role “{name}” is not known"
    writer.state.report("role-kept", f"{message}; its text is kept.", *place)
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
    state.name(token.info, state.line(token))


_EQUATION_LABEL = re.compile(r"\$\$.*\$\$[ \t]*(\(([\w:.-]+)\))[ \t]*\Z", re.DOTALL)


def _equation(state: State, token: Token) -> bool:
    """A formula on lines of its own may have a name behind it."""
    inline = state.tokens[state.index]
    match = _EQUATION_LABEL.match(inline.content) if inline.content.startswith("$$") else None
    children = inline.children or []
    if match is not None and children and children[-1].content.strip() == match[1]:
        state.name(match[2], state.line(token))
        children.pop()
    return False


def _local(href: str) -> str:
    """`project:#label`, `path:file.zip` and `doc:page` say of what kind a local address is."""
    return _SCHEME.sub("", href)


_SCHEME = re.compile(r"\A(?:project|path|doc):")


def _drop(state: State, token: Token) -> None:
    drop_comment(state, token.meta["text"], (state.line(token), 1))


def _skip(state: State, token: Token) -> None:
    """Where something begins that has no words of its own."""


def _setup(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "labels", _target, INTERRUPTS)
    directives.set_up(parser)
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
            "fence": directives.show,
            "label": _name,
            "myst_comment": _drop,
            "block_break": _skip,
            "paragraph_open": _equation,
            "container_open": directives.open_note,
            "container_close": close_container,
        },
        inlines={"role": _show_role},
        address=_local,
    ),
    Extension(
        "book-tabs",
        "`:begin_tab:` and `:end_tab:` of Dive into Deep Learning become a labelled text",
        setup=_setup_book,
        blocks={"book_tab_begin": _begin_tab, "book_tab_end": _end_tab},
    ),
)
