"""Footnotes: numbered in the order of their references, and listed at the end of the page, linked there and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from converters.anchors import NOTE, REFERENCE
from converters.blocks import PLAIN, WAY_BACK, Divider, ListItem, PageRef, Span
from converters.handlers.basic import lead
from converters.inline import Writer
from converters.state import Extension, Frame, State

_STORE = "footnotes"
_LINES = "footnote lines"  # of the first reference to each number
_AGAIN = "footnotes again"


class _Labels(dict[str, int]):
    """Numbers by label. Case does not count in labels, as GitHub has it."""

    def __setitem__(self, label: str, number: int) -> None:
        super().__setitem__(label.casefold(), number)

    def __getitem__(self, label: str) -> int:
        return super().__getitem__(label.casefold())

    def __contains__(self, label: object) -> bool:
        return super().__contains__(str(label).casefold())

    def get(self, label: str, default: int) -> int:  # type: ignore[override]  # the one form that the plugin uses
        return super().get(label.casefold(), default)


def _setup(parser: MarkdownIt) -> None:
    # the plugin's own tail would drop the notes that nothing refers to
    footnote_plugin(parser, move_to_end=False)
    parser.core.ruler.before("block", "footnote_labels", _fold_labels)


def _fold_labels(core: StateCore) -> None:
    core.env.setdefault(_STORE, {"refs": _Labels(), "list": {}})


def _open(state: State, token: Token) -> None:
    state.push(Frame("footnote", state.line(token), _finish, token.meta["label"].casefold()))


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
    """A number in brackets, the place of the note in the list at the end, linked to it."""
    state, number = writer.state, token.meta["id"]
    shown = f"[{number + 1}]"
    if state.store.setdefault(_LINES, {}).setdefault(number, writer.line) == writer.line:
        state.name(REFERENCE + _name(token.meta, number), writer.line)
    if writer.link is not None:  # a link within a link
        writer.parts.append(shown)
        return
    writer.flush()
    note = PageRef(state.path, NOTE + _name(token.meta, number))
    writer.spans.append(Span(shown, writer.marks, note))


def _name(entry: Mapping[str, Any], number: int) -> str:
    """What tells a note on its page, also when others come before it; one without a label has only its number."""
    label: str = entry.get("label", "")
    return label.casefold() or f"^{number + 1}"


def _notes(state: State) -> None:
    """The notes in the order of their numbers, then those that nothing refers to, then those whose name was taken."""
    written: dict[str, ListItem] = state.store.get(_STORE, {})
    listed = state.env.get(_STORE, {}).get("list", {})
    notes = []
    for number in range(len(listed)):
        name = _name(listed[number], number)
        note = _note(state, listed[number], number, written)
        way = Span(WAY_BACK, PLAIN, PageRef(state.path, REFERENCE + name))
        notes.append(replace(note, text=(*note.text, way)) if REFERENCE + name in state.anchors else note)
        state.notes.append(NOTE + name)
    state.notes.extend(NOTE + name for name in written)
    notes.extend((*written.values(), *state.store.get(_AGAIN, ())))
    if notes:
        state.blocks.extend((Divider(line=notes[0].line), *notes))


def _note(state: State, entry: dict[str, Any], number: int, written: dict[str, ListItem]) -> ListItem:
    line = state.store.get(_LINES, {}).get(number, 0)
    if "tokens" in entry:  # written where it is referred to
        writer = Writer(state, entry["content"], line, single=True)
        writer.write(entry["tokens"])
        return ListItem(writer.text(), True, line=line)
    # none is written if its definition stands within a code block or was cut off
    return written.pop(entry["label"].casefold(), None) or ListItem((), True, line=line)


FOOTNOTES = Extension(
    "footnotes",
    "`[^1]` becomes a number, linked to its note; the notes become a numbered list at the end, linked back",
    setup=_setup,
    blocks={"footnote_reference_open": _open, "footnote_reference_close": _close},
    inlines={"footnote_ref": _reference},
    finish=_notes,
)
