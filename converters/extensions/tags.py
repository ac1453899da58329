"""What becomes of tags of template languages: a dispatch table for each language.

Tags that nobody knows are kept as they are written, and reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from markdown_it.token import Token

from converters.blocks import Paragraph, RichText, Span
from converters.extensions.grammars import UNKNOWN, Grammar, Tag
from converters.extensions.regions import close
from converters.extensions.tag_html import plain_html
from converters.extensions.tag_rules import set_up
from converters.inline import Writer, text_of
from converters.parser import POSITION
from converters.state import Extension, Frame, State

_SPACE = re.compile(r"\s+")
_OPENING = re.compile(r"\{[{%]")
_MARKUP = re.compile(r"[*_`\[\]<>&\\~$:{]")


def _on_tag(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        if tag.role == "close" and close(state, grammar.frame):
            return
        _show(grammar, state, tag, state.line(token))

    return handle


def _show(grammar: Grammar, state: State, tag: Tag, line: int) -> None:
    """Show a tag on a line of its own; of an unknown one around other text, what it was told may be words."""
    place = place_of(state, tag, line)
    writer = Writer(state, "", line, fixed=place)
    _in_line(grammar, writer, tag, place)
    state.emit(writer.finish(), line)


def place_of(state: State, tag: Tag, line: int) -> tuple[int, int]:
    """Where a tag stands that is a block, or the first of its kind on that line."""
    number = line - state.offset - 1
    text = state.lines[number] if 0 <= number < len(state.lines) else ""
    return line, max(text.find(tag.text.partition("\n")[0]), 0) + 1


def _in_line(grammar: Grammar, writer: Writer, tag: Tag, place: tuple[int, int]) -> None:
    if tag.role == "literal":
        writer.parts.append(tag.text)
    elif tag.role != "close" and tag.name in grammar.alone:
        if grammar.alone[tag.name](writer, tag, place) is False:
            grammar.keep(writer, tag, place)
    elif tag.role == "alone" and tag.name in grammar.marks and (text := tag.get("text", "key", "body", at=0)):
        writer.span(text, grammar.marks[tag.name])
    elif tag.name not in grammar.silent:
        grammar.keep(writer, tag, place)


def _on_inline(grammar: Grammar) -> Callable[[Writer, Token], None]:
    return lambda writer, token: _in_line(grammar, writer, token.meta["tag"], writer.place(token))


def _on_within(grammar: Grammar) -> Callable[[Writer, Token], None]:
    def handle(writer: Writer, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        grammar.within[tag.name](writer, tag, token.content, writer.place(token))

    return handle


def _on_begin(grammar: Grammar) -> Callable[[Writer, Token], None]:
    def handle(writer: Writer, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        if tag.name in grammar.marks:
            writer.begin(grammar.marks[tag.name])
        elif writer.link is None and (href := grammar.links[tag.name](tag)):
            writer.begin_link(writer.state.link(href, *writer.place(token)))
        else:
            grammar.keep(writer, tag, writer.place(token))

    return handle


def _on_end(grammar: Grammar) -> Callable[[Writer, Token], None]:
    def handle(writer: Writer, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        if tag.name in grammar.marks:
            writer.end(grammar.marks[tag.name])
        elif grammar.links[tag.name](tag):
            writer.end_link()

    return handle


def _on_broken(grammar: Grammar) -> Callable[[Writer, Token], None]:
    def handle(writer: Writer, token: Token) -> None:
        message = f"“{token.content[:80]}” begins a tag that does not end; it is shown as text."
        writer.state.report(grammar.code, message, *writer.place(token))
        writer.parts.append(token.content)

    return handle


def _on_open(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        line, depth = state.line(token), len(state.frames)
        if opens := grammar.opens.get(tag.name):
            opens(state, tag, line)
        elif tag.name not in grammar.silent:
            _show(grammar, state, tag, line)
        if len(state.frames) == depth:
            state.push(Frame("", line, pass_on))
        state.frames[-1].kind = grammar.frame
        state.frames[-1].html = True

    return handle


def _on_close(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        close(state, grammar.frame)
        tag: Tag = token.meta["tag"]
        if grammar.ends and tag.name not in grammar.opens and tag.name not in grammar.silent:
            _show(grammar, state, tag, _end_line(state, token))

    return handle


def _end_line(state: State, token: Token) -> int:
    return token.map[1] + state.offset if token.map else state.line(token)


def _on_raw(grammar: Grammar) -> Callable[[State, Token], None]:
    def handle(state: State, token: Token) -> None:
        tag: Tag = token.meta["tag"]
        grammar.raw[tag.name](state, tag, token.content, state.line(token))

    return handle


def _open_link(grammar: Grammar) -> Callable[[Writer, Token], bool]:
    """A link whose address only the site knows: its text stays."""

    def handle(writer: Writer, token: Token) -> bool:
        if not str(token.attrs.get("href", "")).startswith(UNKNOWN):
            return False
        _say_unknown(grammar, writer, "a link", writer.place(token))
        writer.begin_link(None)
        return True

    return handle


def _show_image(grammar: Grammar) -> Callable[[Writer, Token], bool]:
    """A picture whose address only the site knows: its description stays."""

    def handle(writer: Writer, token: Token) -> bool:
        if not str(token.attrs.get("src", "")).startswith(UNKNOWN):
            return False
        place = writer.place(token)
        _say_unknown(grammar, writer, "a picture", place)
        alt = Writer(writer.state, token.content, writer.line, single=True, fixed=place)
        alt.write(token.children or ())
        writer.flush()
        writer.spans.extend(alt.text())
        return True

    return handle


def _say_unknown(grammar: Grammar, writer: Writer, what: str, place: tuple[int, int]) -> None:
    message = f"The address of {what} is made by the site; its text stays, without a link."
    writer.state.report(grammar.code, message, *place)


# -- HTML --------------------------------------------------------------------------------------------------------------


def _in_html(grammar: Grammar) -> Callable[[Writer, Token], bool]:
    """A text within HTML that may hold tags; the token's `cursor` knows where it stands."""

    def handle(writer: Writer, token: Token) -> bool:
        text, at, found = token.content, 0, False
        for match in _OPENING.finditer(text):
            tag = grammar.read(text, match.start()) if match.start() >= at else None
            if tag is None:
                continue
            writer.parts.append(_SPACE.sub(" ", text[at : tag.start]))
            place = token.meta["cursor"].at(token.meta[POSITION] + tag.start)
            _in_line(grammar, writer, tag, place)
            at, found = tag.end, True
        if found:
            writer.parts.append(_SPACE.sub(" ", text[at:]))
        return found

    return handle


def _html_tag(grammar: Grammar) -> Callable[[Writer, Token], bool]:
    """A tag of HTML that may hold tags: its content becomes HTML without them."""

    def handle(writer: Writer, token: Token) -> bool:
        found = plain_html(grammar, token.content, 0, len(token.content))
        if found is None:
            return False
        token.content = found[0]
        _without_unknown(grammar, writer, token)
        return True

    return handle


def _in_text(grammar: Grammar) -> Callable[[Writer, Token], bool]:
    def handle(writer: Writer, token: Token) -> bool:
        _without_unknown(grammar, writer, token)
        return False

    return handle


_ATTRIBUTE = re.compile(rf"""\b[\w-]+\s*=\s*(["']?){UNKNOWN}[^"'>]*\1""")


def _without_unknown(grammar: Grammar, writer: Writer, token: Token) -> None:
    """Leave out an address that only the site knows, and say so."""
    if UNKNOWN in token.content:
        _say_unknown(grammar, writer, "a tag of HTML", writer.place(token))
        token.content = _ATTRIBUTE.sub("", token.content)


# -- help for what handles tags ----------------------------------------------------------------------------------------


def told(state: State, tag: Tag, text: str, line: int) -> RichText:
    """A title or caption that a tag was told."""
    if not tag.rich or not _MARKUP.search(text):
        return (Span(text),) if text else ()
    return text_of(state, markdown(state, text), line)


def markdown(state: State, text: str) -> Token:
    """A text that is no part of the Markdown around it, as a line of Markdown."""
    env = {"references": state.env.get("references", {})}
    return state.program.parser.parseInline(text, env)[0]


def pass_on(state: State, frame: Frame) -> None:
    state.blocks.extend(frame.blocks)


def paragraph(writer: Writer, block: Paragraph) -> None:
    """Let a paragraph of its own stand here, or its text where there is no room for one."""
    writer.flush()
    if writer.single:
        writer.spans.extend(block.text)
    else:
        writer.block(block)


def extension(grammar: Grammar, summary: str, **more: Any) -> Extension:
    """The extension that reads this language; `more` are further parts of an `Extension`."""
    prefix = grammar.name
    made = Extension(
        prefix,
        summary,
        setup=lambda parser: set_up(parser, grammar),
        blocks={
            f"{prefix}_tag": _on_tag(grammar),
            f"{prefix}_open": _on_open(grammar),
            f"{prefix}_close": _on_close(grammar),
            f"{prefix}_raw": _on_raw(grammar),
            **more.pop("blocks", {}),
        },
        inlines={
            f"{prefix}_tag": _on_inline(grammar),
            f"{prefix}_within": _on_within(grammar),
            f"{prefix}_begin": _on_begin(grammar),
            f"{prefix}_end": _on_end(grammar),
            f"{prefix}_broken": _on_broken(grammar),
            "link_open": _open_link(grammar),
            "image": _show_image(grammar),
            "html_inline": _in_text(grammar),
            "html_text": _in_html(grammar),
            "html_tag": _html_tag(grammar),
            **more.pop("inlines", {}),
        },
    )
    return replace(made, **more)
