"""What MDX and VitePress add to Markdown: imports, components, comments in braces, text of other files.

A component is a program of the site's. Its marks are left out and its content is read as Markdown; one without content is
shown as a link if it has an address, and as it is written otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.blocks import Code
from converters.extensions.expressions import EXPRESSIONS
from converters.extensions.grammars import LONGEST, Tag
from converters.extensions.regions import INTERRUPTS, close
from converters.extensions.shortcode_kinds import ALONE, include, link_to
from converters.extensions.shortcode_pairs import MARKS, OPENS
from converters.extensions.shortcode_texts import add_code, drop_comment
from converters.extensions.tags import markdown, pass_on
from converters.inline import Writer, pieces
from converters.parser import MAX_NESTING, POSITION
from converters.state import Extension, Frame, State

_BRACES = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\}"
_TAG = re.compile(
    rf"""<(?P<close>/?)(?P<name>[A-Z][\w.:-]*+|(?=>))(?P<attrs>(?:\s++(?:[A-Za-z_@:#.][\w@:.\-\[\]$]*+"""
    rf"""(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|{_BRACES}))?|{_BRACES}))*+)\s*+(?P<alone>/?)>""",
)
_ATTRIBUTE = re.compile(rf"""([A-Za-z_@:#.][\w@:.\-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|({_BRACES})))?""")
_TEXT_IN_BRACES = re.compile(r"""\{\s*(?:"([^"]*)"|'([^']*)'|`([^`$]*)`)\s*\}""")
_FILE_IN_BRACES = re.compile(r"""\b(?:require|useBaseUrl|withBase)\(\s*["'`]([^"'`${}]+)["'`]""")
_ESM = re.compile(
    r"""import\s+(?:["'][^"'\n]+["']|[\w*{][^\n]*)|export\s+(?:default\b|const\b|let\b|var\b|function\b|class\b|async\b|\{|\*)"""
)
_IMPORT_END = re.compile(r"""from\s*["'][^"']+["']|import\s*["'][^"']+["']|\{\s*$""", re.MULTILINE)
_IMPORTS = re.compile(
    r"""^import\s*(?:[\w*${][^;'"]*?\sfrom\s*)?(?:"[^"\n]+"|'[^'\n]+')[ \t]*;?[ \t]*(?://[^\n]*)?$""", re.MULTILINE
)
_COMMENT = re.compile(r"\{\s*/\*(.*?)\*/\s*\}", re.DOTALL)
_SITE = re.compile(r"\A@site/")
_TITLES = ("title", "label", "text", "name", "summary", "heading", "caption", "alt")
_ADDRESSES = ("href", "to", "url", "link", "src")


@dataclass(frozen=True, slots=True)
class Component:
    """One tag of a component; `role` as in `Tag`, `named` are its attributes that are texts."""

    name: str
    role: str
    text: str
    end: int
    named: Mapping[str, str]

    def first(self, names: tuple[str, ...]) -> str:
        return next((self.named[name] for name in names if self.named.get(name)), "")

    def tag(self) -> Tag:
        """The component as the shortcode of the same name."""
        return Tag(self.name.lower(), "open", self.text, 0, 0, (), self.named)


def read(source: str, position: int) -> Component | None:
    """The component's tag at a position."""
    match = _TAG.match(source, position, position + LONGEST)
    if match is None:
        return None
    role = "close" if match["close"] else "alone" if match["alone"] else "open"
    return Component(match["name"], role, match[0], match.end(), _attributes(match["attrs"]))


def _attributes(text: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, double, single, braces in _ATTRIBUTE.findall(text):
        inner = _TEXT_IN_BRACES.fullmatch(braces) if braces else None
        file = _FILE_IN_BRACES.search(braces) if braces and inner is None else None
        said = (inner[1] or inner[2] or inner[3]) if inner else file[1] if file else ""
        value = said if braces else double or single
        named.setdefault(name, value or "")
    return named


# -- components --------------------------------------------------------------------------------------------------------


def _rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A tag on lines of its own. Another one behind it, or text, is a line of text."""
    at = state.bMarks[line] + state.tShift[line]
    if state.src[at : at + 1] != "<" or state.is_code_block(line):
        return False
    found = read(state.src, at)
    if found is None:
        return False
    last = line
    while last < end and state.eMarks[last] < found.end:
        last += 1
    if last >= end or state.src[found.end : state.eMarks[last]].strip():
        return False
    if not silent:
        token = state.push("component", "", 0)
        token.map, token.meta["component"] = [line, last + 1], found
        state.line = last + 1
    return True


def _component(state: State, token: Token) -> None:
    found: Component = token.meta["component"]
    line = state.line(token)
    kind = f"<{found.name}>"
    if found.role == "open" and len(state.frames) < MAX_NESTING:
        _open(state, found, kind, line)
    elif found.role == "close":
        close(state, kind)
    else:
        writer = Writer(state, "", line, fixed=(line, 1))
        _alone(writer, found, (line, 1))
        state.emit(writer.finish(), line)


def _open(state: State, found: Component, kind: str, line: int) -> None:
    opens = OPENS.get(found.name.lower())
    if opens is not None:
        opens(state, found.tag(), line)
    else:
        if found.name:
            _say(state, found, (line, 1))
        title = found.first(("title", "label", "summary", "heading", "caption"))
        OPENS["tab"](state, Tag("tab", "open", "", 0, 0, (), {"title": title}), line)
    frame = state.frames[-1] if state.frames else Frame(kind, line, pass_on)
    frame.kind, frame.html = kind, True


def _say(state: State, found: Component, place: tuple[int, int]) -> None:
    state.report("component-kept", f"<{found.name}> is a program of the site's; its text is kept.", *place)


def _alone(writer: Writer, found: Component, place: tuple[int, int]) -> None:
    name = found.name.lower()
    if name == "themedimage" and (light := found.named.get("sources")):
        name, found = "img", replace(found, name="img", named={**found.named, "src": light})
    title, address = found.first(_TITLES), found.first(_ADDRESSES)
    if name in ("tocinline", "toc"):
        ALONE["toc"](writer, found.tag(), place)
    elif name in ("image", "img", "figure", "youtube", "vimeo", "video", "audio") and (
        address or found.named.get("id")
    ):
        ALONE["youtube" if name == "youtube" and not address else name](writer, found.tag(), place)
    elif name == "badge":
        writer.parts.append(title or found.named.get("type", ""))
    else:
        _say(writer.state, found, place)
        if title and address:
            link_to(writer, address, title, place)
        elif title:
            writer.parts.append(title)
        else:
            writer.span(" ".join(found.text.split()), "code")


def _inline(writer: Writer, token: Token) -> bool:
    """A tag within a line. It was HTML to the parser, whose rules for tags are the stricter ones."""
    if (
        not token.content[1:2].isupper()
        and not token.content[2:3].isupper()
        and token.content not in ("<>", "</>")
    ):
        return False
    found = token.meta.get("component") if token.meta else None
    found = found or read(token.content, 0)
    if found is None:
        return False
    place = writer.place(token)
    if found.role == "alone":
        _alone(writer, found, place)
    elif found.role == "close":
        _end(writer, found)
    else:
        _begin(writer, found, place)
    return True


def _begin(writer: Writer, found: Component, place: tuple[int, int]) -> None:
    address = found.named.get("href") or found.named.get("to")
    if address and writer.link is None:
        writer.begin_link(writer.state.link(address, *place))
    elif found.name and found.name.lower() not in (*MARKS, "code", "badge"):
        _say(writer.state, found, place)
        if title := found.first(("title", "label", "text", "summary")):
            writer.parts.append(f"{title} " if writer.ends_blank() else f" {title} ")


def _end(writer: Writer, found: Component) -> None:
    if (
        found.name in ("Link", "A", "Button", "VPButton", "NuxtLink", "RouterLink")
        and writer.link is not None
    ):
        writer.end_link()


def _tag_rule(state: StateInline, silent: bool) -> bool:
    """A tag whose attributes are expressions, which HTML does not have."""
    if state.src[state.pos] != "<":
        return False
    found = read(state.src, state.pos)
    if found is None or found.end > state.posMax:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content, token.meta["component"], token.meta[POSITION] = found.text, found, state.pos
    state.pos = found.end
    return True


_LISTENING = re.compile(
    r"""<[a-z][\w-]*+(?:\s++[A-Za-z_@:#.][\w@:.\-\[\]$]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'))?)*+\s*+/?>"""
)
_LISTENER = re.compile(r"""("[^"]*+"|'[^']*+')|\s++[@#][\w@:.\-\[\]$]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'))?""")


def _listening(state: StateInline, silent: bool) -> bool:
    """A tag of HTML with `@click` or `#slot`, which it is HTML without."""
    match = _LISTENING.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    bare = _LISTENER.sub(lambda found: found[1] or "", match[0]) if match else ""
    if match is None or bare == match[0]:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content, token.meta[POSITION] = bare, state.pos
    state.pos = match.end()
    return True


def _setup_components(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("html_inline", "listeners", _listening)
    parser.block.ruler.before("html_block", "components", _rule, INTERRUPTS)
    parser.inline.ruler.before("html_inline", "components", _tag_rule)


_PROGRAM = re.compile(r"\s*<(script|style)\b", re.IGNORECASE)


def _program(state: State, token: Token) -> bool:
    """`<script setup>` and `<style>` of a component, which here is the page."""
    match = _PROGRAM.match(token.content)
    end = f"</{match[1].lower()}>" if match else ""
    content = token.content.rstrip().lower()
    if not end or not content.endswith(end) or content.count(end) > 1:
        return False
    message = f"<{end[2:-1]}> is a part of the site's program; it is not published."
    state.report("component-dropped", message, state.line(token), 1)
    return True


# -- MDX ---------------------------------------------------------------------------------------------------------------


def _esm(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Lines of JavaScript at the left margin, until a blank line that no bracket spans."""
    at = state.bMarks[line]
    if state.level or state.sCount[line] or silent or not _ESM.match(state.src, at, state.eMarks[line]):
        return False
    stop, depth = line, 0
    while stop < end and (depth > 0 or not state.isEmpty(stop)):
        text = state.src[state.bMarks[stop] : state.eMarks[stop]]
        depth += sum(map(text.count, "{[(")) - sum(map(text.count, "}])"))
        stop += 1
    text = state.getLines(line, stop, 0, False)
    if text.startswith("import") and not _IMPORT_END.search(text):
        return False  # a sentence that begins with the word
    token = state.push("esm", "", 0)
    token.map, token.content = [line, stop], text
    state.line = stop
    return True


def _show_esm(state: State, token: Token) -> None:
    line = state.line(token)
    if not _IMPORTS.sub("", token.content).strip():
        message = "An import is a part of the site's program; it is not published."
        state.report("component-dropped", message, line, 1)
        return
    state.report("component-kept", "A program of the page is kept as code.", line, 1)
    state.blocks.append(Code(token.content.rstrip(), "js", line=line))


def _comment_block(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    at = state.bMarks[line] + state.tShift[line]
    if not state.src.startswith("{", at) or state.is_code_block(line):
        return False
    match = _COMMENT.match(state.src, at, at + LONGEST)
    if match is None:
        return False
    last = line + match[0].count("\n")
    if last >= end or state.src[match.end() : state.eMarks[last]].strip():
        return False
    if not silent:
        token = state.push("mdx_comment", "", 0)
        token.map, token.meta["text"] = [line, last + 1], match[1]
        state.line = last + 1
    return True


def _comment_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    match = _COMMENT.match(state.src, state.pos, min(state.posMax, state.pos + LONGEST))
    if match is None:
        return False
    if not silent:
        token = state.push("mdx_comment", "", 0)
        token.meta["text"], token.meta[POSITION] = match[1], state.pos
    state.pos = match.end()
    return True


def _drop(state: State, token: Token) -> None:
    drop_comment(state, token.meta["text"], (state.line(token), 1))


def _drop_inline(writer: Writer, token: Token) -> None:
    drop_comment(writer.state, token.meta["text"], writer.place(token))


def _setup_mdx(parser: MarkdownIt) -> None:
    parser.disable("code")  # in MDX an indent is only an indent
    parser.block.ruler.before("table", "esm", _esm)
    parser.block.ruler.before("fence", "mdx_comment", _comment_block, INTERRUPTS)
    parser.inline.ruler.before("link", "mdx_comment", _comment_inline)


def _address(href: str) -> str:
    """`pathname:///a.pdf` is a file that is no page, `@site/static/a.png` one that counts from the site's folder."""
    return href.removeprefix("pathname://") if href.startswith("pathname://") else _SITE.sub("/", href)


# -- text of other files: what `includes` could not put in its place ---------------------------------------------------

_INCLUDE = re.compile(r"\s*<!--\s*@include:\s*(\S+)\s*-->\s*")
_SNIPPET = re.compile(
    r"<<<\s+(\S[^{\[\n]*?)(?:\.(\w+))?(#[\w-]+)?\s*(?:\{[^}\n]*\})?\s*(?:\[([^\]\n]*)\])?\s*\Z"
)


def _include_block(state: State, token: Token) -> bool:
    match = _INCLUDE.fullmatch(token.content) if "@include" in token.content else None
    if match is None:
        return False
    line = state.line(token)
    writer = Writer(state, "", line, fixed=(line, 1))
    _keep_include(writer, match[1], (line, 1))
    state.emit(writer.finish(), line)
    return True


def _include_inline(writer: Writer, token: Token) -> bool:
    match = _INCLUDE.fullmatch(token.content) if "@include" in token.content else None
    if match is not None:
        _keep_include(writer, match[1], writer.place(token))
    return match is not None


def _keep_include(writer: Writer, name: str, place: tuple[int, int]) -> None:
    path = re.sub(r"\{[^}]*\}\Z", "", name)
    include(writer, f"/{path[2:]}" if path.startswith("@/") else path, place)


def _snippet(state: State, token: Token) -> bool:
    """`<<< @/snippets/a.js{2}` alone on a line: code of another file, kept as the name of that file."""
    inline = state.tokens[state.index]
    if not inline.content.startswith("<<<"):
        return False
    rows = inline.content.split("\n")
    line = last = state.line(token)
    while rows and (match := _SNIPPET.match(rows[0])):
        message = f"“{rows[0][:80]}” is not included; the line is kept as code."
        state.report("include-kept", message, last, 1)
        add_code(state, rows.pop(0), match[2] or "", match[4] or "", last)
        last += 1
    if last == line:
        return False
    state.index += 2
    if rows:
        state.emit(pieces(state, markdown(state, "\n".join(rows)), last), last)
    return True


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "components",
        "`<Tabs>`, `<Badge>` and their like: their content is kept, their marks are not",
        setup=_setup_components,
        blocks={"component": _component, "html_block": _program},
        inlines={"html_inline": _inline},
    ),
    Extension(
        "mdx",
        "`import` is not published (but Markdown that is imported stands where its component does), `export` is kept as "
        "code, `{/* comments */}` are not published, indented text is no code",
        setup=_setup_mdx,
        blocks={"esm": _show_esm, "mdx_comment": _drop},
        inlines={"mdx_comment": _drop_inline},
        address=_address,
    ),
    EXPRESSIONS,
    Extension(
        "includes",
        "`<!--@include: ./part.md-->` becomes the text of the file, `<<< @/file.js` its code",
        blocks={"html_block": _include_block, "paragraph_open": _snippet},
        inlines={"html_inline": _include_inline},
    ),
)
