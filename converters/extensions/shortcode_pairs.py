"""What known pairs of shortcodes and components become that hold Markdown: notes, toggles, tabs. One table, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from converters.blocks import Link, Paragraph, Quote, RichText, Span
from converters.extensions.containers import ALIASES, finish_tabs, open_note
from converters.extensions.grammars import Opens, Tag
from converters.extensions.kinds import KINDS, Note, finish_note
from converters.extensions.shortcode_kinds import address, picture, words_of
from converters.extensions.shortcode_texts import names
from converters.extensions.tags import pass_on, told
from converters.handlers.basic import finish_quote
from converters.inline import Writer
from converters.state import Frame, State


def _note(state: State, tag: Tag, line: int) -> None:
    """A note, tip or warning. Themes disagree on how its kind and its title are given."""
    kind = tag.name
    values = list(tag.values)
    if kind in _GENERIC:
        kind = "hint" if kind == "hint" else "note"
        if values and values[0].lower() in _KINDS:
            kind = values.pop(0)
        kind = (
            tag.get("type", "kind") or _first_kind(tag, "style", "color", "context", "level", "class") or kind
        )
    title = tag.get("title", "summary", "header", "heading") or " ".join(values)
    open_note(state, kind.lower(), told(state, tag, title, line), line)


_GENERIC = frozenset(names("admonition callout alert notice notification message block hint hint-box"))
_KINDS = frozenset(KINDS) | frozenset(ALIASES)


def _first_kind(tag: Tag, *keys: str) -> str:
    """A kind that a style names among others: "alert alert-warning" names none, "warning mb-3" does."""
    words = (word for key in keys for word in tag.get(key).lower().split())
    return next((word for word in words if word in _KINDS), "")


def _toggle(state: State, tag: Tag, line: int) -> None:
    title = tag.get("title", "summary", "label", at=0)
    open_note(state, "details", told(state, tag, title, line), line)


def _labelled(state: State, tag: Tag, line: int) -> None:
    title = tag.get("title", "label", "name", "header", "tabname", "value", at=0)
    text, href = told(state, tag, title, line), address(tag)
    if href:
        text = linked(text or (Span(words_of(href)),), state.link(href, line, 1))
    open_note(state, "tab", text, line)


def linked(text: RichText, link: Link | None) -> RichText:
    """The text, as a link where it is none yet."""
    return tuple(replace(item, link=item.link or link) if isinstance(item, Span) else item for item in text)


def _button(state: State, tag: Tag, line: int) -> None:
    link = state.link(address(tag), line, 1) if address(tag) else None
    state.push(Frame("", line, _finish_button, link))


def _finish_button(state: State, frame: Frame) -> None:
    for block in frame.blocks:
        if isinstance(block, Paragraph):
            block = replace(block, text=linked(block.text, frame.data))
        state.blocks.append(block)


def _listing(state: State, tag: Tag, line: int) -> None:
    """mdBook's listing: its file and what it shows stand above the code."""
    number = tag.get("number")
    words = [tag.get("file-name"), f"Listing {number}" if number else "", tag.get("caption")]
    title = ": ".join(word for word in words if word)
    open_note(state, "tab", (Span(title),) if title else (), line)


def _transparent(state: State, tag: Tag, line: int) -> None:
    state.push(Frame("", line, pass_on))


def _tabs(state: State, tag: Tag, line: int) -> None:
    state.push(Frame("", line, finish_tabs))


def _quote(state: State, tag: Tag, line: int) -> None:
    author = tag.get("author", "cite", "by", "attribution")
    who = ", ".join(word for word in (author, tag.get("source", "title")) if word)
    text, href = told(state, tag, who, line), tag.get("link", "url", "href")
    if href:
        text = linked(text or (Span(href),), state.link(href, line, 1))
    state.push(Frame("", line, _finish_quote if text else finish_quote, text))


def _finish_quote(state: State, frame: Frame) -> None:
    frame.blocks.append(Paragraph((Span("— "), *frame.data), line=frame.line))
    finish_quote(state, frame)
    assert isinstance(state.blocks[-1], Quote)


def _since(kind: str, words: str) -> Opens:
    def handle(state: State, tag: Tag, line: int) -> None:
        title = f"{words} {tag.get('version', at=0).removeprefix('v')}".strip()
        state.push(Frame("", line, finish_note, Note(kind, (Span(title),))))

    return handle


def _figure(state: State, tag: Tag, line: int) -> None:
    writer = Writer(state, "", line, fixed=(line, 1))
    picture(writer, tag, (line, 1))
    state.emit(writer.finish(), line)


OPENS: dict[str, Opens] = {
    **dict.fromkeys(
        names(
            "note tip info warning danger important caution hint success error question example bug attention "
            "seealso notice alert admonition callout notification message tldr abstract todo"
        ),
        _note,
    ),
    **dict.fromkeys(names("details expand collapse spoiler toggle accordion-item dropdown"), _toggle),
    **dict.fromkeys(names("tab tab-item tabitem card"), _labelled),
    **dict.fromkeys(
        names("steps columns column cards section div center rawhtml accordion html lead markdownify qr"),
        _transparent,
    ),
    "listing": _listing,
    "button": _button,
    **dict.fromkeys(names("tabs tabgroup tabpane"), _tabs),
    **dict.fromkeys(names("quote blockquote epigraph pullquote"), _quote),
    **dict.fromkeys(names("figure img image"), _figure),
    "new-in": _since("info", "New in version"),
    "deprecated-in": _since("warning", "Deprecated since version"),
}

# Opening and closing tags in a line that only set a mark, and those that say nothing to a reader
MARKS: Mapping[str, str] = {**dict.fromkeys(names("kbd hl-code"), "code"), "mark": "background"}
LINKS = {"button": address}
SILENT = frozenset(names("div section center lead steps columns column tabs tabpane tabgroup cards clear"))
