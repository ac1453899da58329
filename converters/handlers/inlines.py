"""The handlers of inline tokens that every parser has: marks, code, line breaks, links, pictures."""

from __future__ import annotations

from markdown_it.token import Token

from converters.inline import Writer, image, marks
from converters.state import InlineHandler


def code(writer: Writer, token: Token) -> None:
    writer.span(token.content, "code")


def hard_break(writer: Writer, token: Token) -> None:
    writer.parts.append("\n")


def open_link(writer: Writer, token: Token) -> None:
    attrs = token.attrs
    place = writer.place(token)
    if len(attrs) > 1 and (title := attrs.get("title")):
        writer.state.drop_title(str(title), *place)
    writer.begin_link(writer.state.link(str(attrs.get("href", "")), *place))


def close_link(writer: Writer, token: Token) -> None:
    writer.end_link()


INLINES: dict[str, InlineHandler] = {
    **marks("strong", "bold"),
    **marks("em", "italic"),
    **marks("s", "strikethrough"),
    "code_inline": code,
    "hardbreak": hard_break,
    "link_open": open_link,
    "link_close": close_link,
    "image": image,
}
