"""Attributes in braces: names of headings (`{#id}`), classes on a line of their own, marks of code blocks.

A page has no classes: a name is kept as an anchor, everything else is left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import heading as heading_rule
from markdown_it.rules_block import lheading as lheading_rule
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.blocks import ListItem, TableOfContents, plain
from converters.extensions.regions import INTERRUPTS
from converters.handlers.basic import add_heading
from converters.inline import Writer, pieces
from converters.parser import POSITION
from converters.state import Extension, State

_PART = r"""(?:[.#][^\s{}.#="'<>]+|[A-Za-z_:@-][\w:.@-]*=(?:"[^"\n]*+"|'[^'\n]*+'|\[[^\]\n]*+\]|[^\s{}"']++)|[A-Za-z][\w-]*)"""
_ATTRIBUTES = re.compile(rf"\{{:?[ \t]*({_PART}(?:[ \t,]+{_PART})*+)?[ \t]*\}}")
_PARTS = re.compile(
    r"""([.#])([^\s{}.#="'<>]+)|([A-Za-z_:@-][\w:.@-]*)=(?:"([^"\n]*)"|'([^'\n]*)'|(\[[^\]\n]*\]|[^\s{}"']+))|([A-Za-z][\w-]*)"""
)
_HEADING = re.compile(r"[ \t]*\\?\{(?:/\*[ \t]*)?#([^\s{}#]+)((?:[ \t]+[^{}\n]*)?)(?:[ \t]*\*/)?\}[ \t]*\Z")
_LONGEST = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Attributes:
    """`{#id .class name=value flag}`; the id is the value of "id", a flag's value is empty."""

    classes: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)


def read_attributes(text: str, position: int = 0) -> Attributes | None:
    """The attributes in braces that `text` holds from `position` to its end; None if it is something else."""
    match = _ATTRIBUTES.fullmatch(text, position) if len(text) - position < _LONGEST else None
    return _attributes(match[1] or "") if match else None


def _attributes(text: str) -> Attributes:
    classes: list[str] = []
    named: dict[str, str] = {}
    for sign, name, key, double, single, bare, flag in _PARTS.findall(text):
        if sign == ".":
            classes.append(name)
        elif sign == "#":
            named["id"] = name
        elif key:
            named[key] = double or single or bare
        else:
            named[flag] = ""
    return Attributes(tuple(classes), named)


# -- names of headings -------------------------------------------------------------------------------------------------


def _named(
    rule: Callable[[StateBlock, int, int, bool], bool],
) -> Callable[[StateBlock, int, int, bool], bool]:
    """A rule for headings that takes the name off their text and keeps it as the `id` of the heading."""

    def find(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        if not rule(state, line, end, silent):
            return False
        if not silent and state.tokens[-2].content.endswith("}"):
            inline = state.tokens[-2]
            match = _HEADING.search(inline.content, max(inline.content.rfind("{") - 4, 0))
            if match and match.start():
                inline.content = inline.content[: match.start()]
                state.tokens[-3].attrs["id"] = match[1]
        return True

    return find


def _setup_headings(parser: MarkdownIt) -> None:
    parser.block.ruler.at("heading", _named(heading_rule), {"alt": ["paragraph", "reference", "blockquote"]})
    parser.block.ruler.at("lheading", _named(lheading_rule))


def heading_handler(name: Callable[[str], str] | None = None) -> Callable[[State, Token], bool]:
    """A handler for headings that gives them the name they were given, or the one that a site would give them."""

    def handle(state: State, token: Token) -> bool:
        anchor = str(token.attrs.get("id", ""))
        if not anchor and name is None:
            return False
        inline = state.tokens[state.index]
        state.index += 2
        line = state.line(token)
        parts = pieces(state, inline, line)
        text = next((part for part in parts if isinstance(part, tuple)), ())
        add_heading(state, int(token.tag[1]), parts, line, anchor or (name(plain(text)) if name else ""))
        return True

    return handle


# -- attributes of blocks ----------------------------------------------------------------------------------------------


def _rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Attributes alone on a line, behind or before the block that they belong to."""
    at = state.bMarks[line] + state.tShift[line]
    source = state.src
    if source[at : at + 1] != "{" or source[at + 1 : at + 2] in ("{", "%") or state.is_code_block(line):
        return False
    text = source[at : state.eMarks[line]].rstrip()
    found = read_attributes(text)
    # a flag alone is a word in braces
    if found is None or not (text[1:2] == ":" or found.classes or any(found.named.values())):
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.map, token.meta["attributes"], token.meta["text"] = [line, line + 1], found, text
        state.line = line + 1
    return True


def _drop(state: State, token: Token) -> None:
    found: Attributes = token.meta["attributes"]
    line = state.line(token)
    if anchor := found.named.get("id"):
        above = state.lines[line - state.offset - 2 :][:1]
        state.name(anchor, -line if line - state.offset > 1 and any(above) and above[0].strip() else line)
    if "toc" in found.named:
        # kramdown puts the table in the place of a list that is there for nothing else
        if state.blocks and isinstance(state.blocks[-1], ListItem) and not state.blocks[-1].children:
            state.blocks.pop()
        state.blocks.append(TableOfContents(line=line))
    elif found.classes or set(found.named) - {"id"}:
        state.report(
            "attributes-dropped",
            f"“{token.meta['text']}” says how to set a block; it is not published.",
            line,
            1,
        )


def _spans(state: StateInline, silent: bool) -> bool:
    """kramdown's attributes behind a link, a picture or a word: `{:target="_blank"}`."""
    source, at = state.src, state.pos
    if not source.startswith("{:", at):
        return False
    match = _ATTRIBUTES.match(source, at, min(state.posMax, at + _LONGEST))
    if match is None:
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.meta["text"], token.meta[POSITION] = match[0], at
    state.pos = match.end()
    return True


def _drop_span(writer: Writer, token: Token) -> None:
    writer.state.report(
        "attributes-dropped",
        f"“{token.meta['text']}” says how to set a text; it is not published.",
        *writer.place(token),
    )


def _setup_blocks(parser: MarkdownIt) -> None:
    parser.block.ruler.before("fence", "block_attributes", _rule, INTERRUPTS)


def _setup_spans(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("link", "attributes", _spans)


# -- marks of code blocks ----------------------------------------------------------------------------------------------

_LINES = re.compile(r"[ \t]*\{[ \t]*[\d,\- \t]+\}")
_NAMED_MARKS = re.compile(
    r"[ \t,{]*\b(?:hl_lines|linenos|linenostart|lineNos|lineNoStart|hide_lines|anchorLineNos|tabWidth|copy|showLineNumbers)"
    r"""(?:[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[^\s,}"']+))?"""
)
# Comments that only mark their line; what was added or taken away stays marked
_COMMENT = re.compile(
    r"[ \t]*(?:\{?/\*|//|<!--|--|[#;%])?[ \t]*\[!code (?:hl|highlight|focus|warning|error|word:[^\]\n]*)(?::\d+)?\]"
    r"[ \t]*(?:\*/\}?|-->)?"
)
# Docusaurus has them on lines of their own
_LINE_MARKS = re.compile(
    r"^[ \t]*(?:\{?/\*|//|<!--|--|[#;%])[ \t]*highlight-(?:next-line|start|end)[ \t]*(?:\*/\}?|-->)?[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
_FILE = re.compile(r"(?:^|(?<=\s)|(?<=[\w}]))\[([^\[\]]+)\]")
_MARKED = "code marks"


def _fence(state: State, token: Token) -> bool:
    """Take the marks off the info string; a name in brackets is a title. The block itself is somebody else's."""
    if "[!code" in token.content or "[!!code" in token.content:
        _unmark(state, token)
    if "highlight-" in token.content and (lines := _LINE_MARKS.sub("", token.content)) != token.content:
        token.content = lines
        _say_marked(state, token)
    info = token.info
    if "{" not in info and "[" not in info and "," not in info and "showLine" not in info:
        return False
    bare = _NAMED_MARKS.sub(" ", _LINES.sub(" ", info)) if len(info) < _LONGEST else info
    if bare != info and ("hl_lines" in info or _LINES.search(info) is not None):
        _say_marked(state, token)
    file = _FILE.search(bare)
    if file and "title=" not in bare:
        bare = f'{bare[: file.start()]} title="{file[1].replace(chr(34), chr(39))}"{bare[file.end() :]}'
    token.info = bare.replace(",", " ") if "=" not in bare else bare
    return False


def _unmark(state: State, token: Token) -> None:
    """Take the marks out of the code itself, where VitePress has them: `// [!code focus]`."""
    if "[!code" in token.content:
        _say_marked(state, token)
    rows = []
    for row in token.content.split("\n"):
        bare = _COMMENT.sub("", row)
        if bare == row or bare.strip():  # a comment alone has no line of its own
            rows.append(bare)
    token.content = "\n".join(rows).replace("[!!code", "[!code")


def _say_marked(state: State, token: Token) -> None:
    """Say once for a file that marks are not shown."""
    if _MARKED not in state.store:
        state.store[_MARKED] = True
        message = "Lines of code are marked in the file; a page shows them like the others."
        state.report("code-marks", message, state.line(token))


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "heading-ids",
        "`## Title {#id}` names a heading",
        setup=_setup_headings,
        blocks={"heading_open": heading_handler()},
    ),
    Extension(
        "block-attributes",
        "`{.class}` and `{: .class}` on a line of their own are left out; an `#id` names the place",
        setup=_setup_blocks,
        blocks={"attributes": _drop},
    ),
    Extension(
        "span-attributes",
        '`{:target="_blank"}` behind a link or a word is left out',
        setup=_setup_spans,
        inlines={"attributes": _drop_span},
    ),
    Extension(
        "code-marks",
        "marked lines and names of code blocks: `js {1,3-5}`, `js [app.js]`",
        blocks={"fence": _fence},
    ),
)
