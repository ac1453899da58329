"""Bulleted, numbered and task lists."""

from __future__ import annotations

import re

from markdown_it.token import Token

from converters.blocks import ListItem, ToDo
from converters.handlers.basic import lead
from converters.state import Frame, State

_TASK = re.compile(r"\[([ xX])\][ \t\n]+(?=\S)")


def ordered_open(state: State, token: Token) -> None:
    start = token.attrs.get("start", 1)
    if start != 1:
        state.report(
            "list-start", f"The list begins with {start}; the service numbers it itself.", state.line(token)
        )


def item_open(state: State, token: Token) -> None:
    ordered = token.markup in ")."
    checked = _take_task(state.tokens, state.index)
    data = ordered if checked is None else checked
    if ordered and checked is not None and not isinstance(state.blocks[-1] if state.blocks else None, ToDo):
        state.report("structure-degraded", "Tasks have no numbers; they go.", state.line(token))
    finish = finish_item if checked is None else finish_task
    state.push(Frame("item", state.line(token), finish, data))


def item_close(state: State, token: Token) -> None:
    state.close("item")


def finish_item(state: State, frame: Frame) -> None:
    text, children = lead(frame.blocks)
    state.blocks.append(ListItem(text, frame.data, children, line=frame.line))


def finish_task(state: State, frame: Frame) -> None:
    text, children = lead(frame.blocks)
    state.blocks.append(ToDo(text, frame.data, children, line=frame.line))


def _take_task(tokens: list[Token], index: int) -> bool | None:
    """Whether the item that begins here is checked, and its box taken from the text; None if it has no box."""
    if tokens[index].type != "paragraph_open":
        return None
    inline = tokens[index + 1]
    if inline.content[:1] != "[" or not inline.children:
        return None
    box = _TASK.match(inline.content)
    first = inline.children[0]
    if box is None or first.type != "text" or first.content[:3] != box[0][:3]:
        return None  # `[x]` may be a link to a reference, or escaped
    first.content = first.content[3:].lstrip()
    if not first.content and len(inline.children) > 1 and inline.children[1].type == "softbreak":
        del inline.children[1]
    return box[1] != " "
