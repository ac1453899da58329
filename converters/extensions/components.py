"""What MDX and VitePress add to Markdown: components.

A component is a program of the site's. Its marks are left out and its content is read as Markdown; one without content is
shown as a link if it has an address, and as it is written otherwise.
"""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.extensions.component_lines import put_apart
from converters.extensions.component_tags import Component, read, with_files
from converters.extensions.expressions import EXPRESSIONS
from converters.extensions.grammars import LONGEST, Tag
from converters.extensions.kept_includes import INCLUDES
from converters.extensions.mdx import MDX, imported_files
from converters.extensions.regions import INTERRUPTS, close
from converters.extensions.shortcode_kinds import ALONE, link_to
from converters.extensions.shortcode_pairs import MARKS, OPENS
from converters.extensions.tags import pass_on
from converters.inline import Writer
from converters.parser import MAX_NESTING, POSITION
from converters.state import Extension, Frame, State

_OBJECT = re.compile(r"\{([^{}]*)\}")
_PAIR = re.compile(r"""['"]?\b(label|value)['"]?\s*:\s*(?:"([^"]*)"|'([^']*)')""")
_TITLES = ("title", "label", "text", "name", "summary", "heading", "caption", "alt")
_ADDRESSES = ("href", "to", "url", "link", "src")
_PICTURES = ("image", "img", "figure", "youtube", "vimeo", "video", "audio")


def _rule(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A tag on lines of its own, or around what stands behind it there. Any other is a mark in a line of text."""
    at = state.bMarks[line] + state.tShift[line]
    if state.src[at : at + 1] != "<" or state.is_code_block(line):
        return False
    found = read(state.src, at)
    if found is None:
        return False
    last = line
    while last < end and state.eMarks[last] < found.end:
        last += 1
    if last >= end:
        return False
    if state.src[found.end : state.eMarks[last]].strip():
        return found.role == "open" and put_apart(state, line, end, silent)
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
    name = found.name.lower()
    opens = OPENS.get(name)
    if name == "tabitem" and "label" not in found.named and (label := _label_of(state, found)):
        found = replace(found, named={**found.named, "label": label})
    if opens is not None:
        opens(state, found.tag(), line)
    else:
        if found.name:
            _say(state, found, (line, 1))
        title = found.first(("title", "label", "summary", "heading", "caption"))
        OPENS["tab"](state, Tag("tab", "open", "", 0, 0, (), {"title": title}), line)
    frame = state.frames[-1] if state.frames else Frame(kind, line, pass_on)
    frame.kind, frame.html = kind, True
    if name == "tabs" and frame.data is None:
        frame.data = _labels(found.text)


def _labels(text: str) -> dict[str, str]:
    """The labels of tabs by their values, as `<Tabs values={[{label: 'One', value: 'one'}]}>` gives them."""
    objects = (
        {key: one or other for key, one, other in _PAIR.findall(item)} for item in _OBJECT.findall(text)
    )
    return {found["value"]: found["label"] for found in objects if found.keys() >= {"label", "value"}}


def _label_of(state: State, found: Component) -> str:
    """What the tabs around an item call it."""
    tabs = next((frame for frame in reversed(state.frames) if frame.kind == "<Tabs>"), None)
    return tabs.data.get(found.named.get("value", ""), "") if tabs is not None and tabs.data else ""


def _say(state: State, found: Component, place: tuple[int, int]) -> None:
    state.report("component-kept", f"<{found.name}> is a program of the site's; its text is kept.", *place)


def _alone(writer: Writer, found: Component, place: tuple[int, int]) -> None:
    found = with_files(found, imported_files(writer.state.env))
    name = found.name.lower()
    title, address = found.first(_TITLES), found.first(_ADDRESSES)
    if name in ("tocinline", "toc"):
        ALONE["toc"](writer, found.tag(), place)
    elif name in _PICTURES and (address or found.named.get("id")):
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


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "components",
        "`<Tabs>`, `<Badge>` and their like: their content is kept, their marks are not",
        setup=_setup_components,
        blocks={"component": _component, "html_block": _program},
        inlines={"html_inline": _inline},
    ),
    MDX,
    EXPRESSIONS,
    INCLUDES,
)
