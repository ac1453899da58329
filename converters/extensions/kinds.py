"""Kinds of notes, tips and warnings: the icon and colour of each, and what a note becomes.

The names are those of Obsidian, Material for MkDocs and their like, which agree where they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from converters.blocks import Callout, Color, InlineEquation, RichText, Span, Toggle
from converters.handlers.basic import lead
from converters.state import Frame, State

Fold: TypeAlias = Literal["", "open", "closed"]

_TABLE: tuple[tuple[str, str, Color], ...] = (
    ("note seealso", "📝", "blue"),
    ("info", "ℹ️", "blue"),
    ("abstract summary tldr", "📋", "blue"),
    ("todo", "☑️", "blue"),
    ("tip hint", "💡", "green"),
    ("important", "❗", "purple"),
    ("success check done", "✅", "green"),
    ("question help faq", "❓", "yellow"),
    ("warning attention", "⚠️", "yellow"),
    ("caution", "🛑", "red"),
    ("failure fail missing", "❌", "red"),
    ("danger error", "⚡", "red"),
    ("bug", "🐛", "red"),
    ("example", "🧪", "purple"),
    ("quote cite", "💬", "gray"),
)
KINDS: dict[str, tuple[str, Color]] = {
    name: (icon, color) for names, icon, color in _TABLE for name in names.split()
}
_OTHER: tuple[str, Color] = ("📝", "default")


@dataclass(frozen=True, slots=True)
class Note:
    """A note that is being read. `closed` notes are folded away until a reader opens them."""

    kind: str
    title: RichText = ()
    fold: Fold = ""


def title_of(kind: str) -> str:
    """The title of a note without one, which its readers see in the tool it was written for."""
    words = kind.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def finish_note(state: State, frame: Frame) -> None:
    """Close a frame whose data is a `Note`: a callout, or a toggle if it is folded.

    The icon stands for a kind of `KINDS`; any other kind is shown as the title, for it is a word of the author's.
    """
    note: Note = frame.data
    icon, color = KINDS.get(note.kind, _OTHER)
    if note.fold == "closed":
        title = note.title or (Span(title_of(note.kind)),)
        state.blocks.append(Toggle((Span(f"{icon} "), *title), tuple(frame.blocks), line=frame.line))
        return
    if note.fold == "open":
        state.report(
            "fold-open", "The note begins open; it is shown as a callout, which does not fold.", frame.line
        )
    title = note.title or ((Span(title_of(note.kind)),) if note.kind and note.kind not in KINDS else ())
    text, children = (bold(title), tuple(frame.blocks)) if title else lead(frame.blocks)
    state.blocks.append(Callout(text, icon, color, children, line=frame.line))


def bold(text: RichText) -> RichText:
    """The text, all of it bold."""
    return tuple(
        replace(item, marks=replace(item.marks, bold=True))
        if isinstance(item, (Span, InlineEquation))
        else item
        for item in text
    )
