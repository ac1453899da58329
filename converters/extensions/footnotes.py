"""Footnotes: numbered in the order of their references, and listed at the end of the page."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from converters.blocks import Block, Divider, ListItem
from converters.handlers.basic import lead
from converters.inline import Writer
from converters.state import Extension, Frame, State

_STORE = "footnotes"
_LINES = "footnote lines"  # of the first reference to each number
_AGAIN = "footnotes again"


def _setup(parser: MarkdownIt) -> None:
    # the plugin's own tail would drop the notes that nothing refers to
    footnote_plugin(parser, move_to_end=False)


def _open(state: State, token: Token) -> None:
    state.push(Frame("footnote", state.line(token), _finish, token.meta["label"]))


def _close(state: State, token: Token) -> None:
    state.close("footnote")


def _finish(state: State, frame: Frame) -> None:
    """Keep a note. References lead to the first of a name; the words of another one are not lost."""
    text, children = lead(frame.blocks)
    note = ListItem(text, True, children, line=frame.line)
    first = state.store.setdefault(_STORE, {}).setdefault(frame.data, note)
    if first is not note:
        message = f"“[^{frame.data}]” is defined on line {first.line} already; this note stands at the end."
        state.report("footnote-repeated", message, frame.line, 1)
        state.store.setdefault(_AGAIN, []).append(note)


def _reference(writer: Writer, token: Token) -> None:
    """A number in brackets, the place of the note in the list at the end."""
    number = token.meta["id"]
    writer.state.store.setdefault(_LINES, {}).setdefault(number, writer.line)
    writer.parts.append(f"[{number + 1}]")


def _notes(state: State) -> None:
    """The notes in the order of their numbers, then those that nothing refers to, then those whose name was taken."""
    written: dict[str, Block] = state.store.get(_STORE, {})
    listed = state.env.get(_STORE, {}).get("list", {})
    notes = [_note(state, listed[number], number, written) for number in range(len(listed))]
    notes.extend((*written.values(), *state.store.get(_AGAIN, ())))
    if notes:
        state.blocks.extend((Divider(line=notes[0].line), *notes))


def _note(state: State, entry: dict[str, Any], number: int, written: dict[str, Block]) -> Block:
    line = state.store.get(_LINES, {}).get(number, 0)
    if "tokens" in entry:  # written where it is referred to
        writer = Writer(state, entry["content"], line, single=True)
        writer.write(entry["tokens"])
        return ListItem(writer.text(), True, line=line)
    # none is written if its definition stands within a code block or was cut off
    return written.pop(entry["label"], None) or ListItem((), True, line=line)


FOOTNOTES = Extension(
    "footnotes",
    "`[^1]` becomes a number; the notes become a numbered list at the end",
    setup=_setup,
    blocks={"footnote_reference_open": _open, "footnote_reference_close": _close},
    inlines={"footnote_ref": _reference},
    finish=_notes,
)
