"""Blocks of HTML, and the Markdown between their tags.

An element may begin in one block of HTML and end in another, with Markdown in between, so its frame lies on the same
stack as the frames of Markdown's containers, and takes whatever is added while it is open.
"""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it.token import Token

from converters.blocks import Divider
from converters.handlers.html_frames import FRAMES, close, close_implied, data_of, language_of, table_of
from converters.handlers.html_inline import BLOCKS, KNOWN, SHOWN_AT, drop_comment, note, tag
from converters.handlers.html_scan import Comment, EndTag, Event, Tag, Text, scan
from converters.inline import Writer
from converters.parser import MAX_NESTING, POSITION
from converters.state import Cursor, Frame, State

_SPACE = re.compile(r"\s+")


def html_block(state: State, token: Token) -> None:
    flow = _Flow(state, token)
    for event in scan(token.content):
        flow.feed(event)
    flow.end()


class _Flow:
    """One block of HTML: its text collects in a writer, its block tags open and close frames."""

    def __init__(self, state: State, token: Token) -> None:
        self.state = state
        self.cursor = Cursor(state, token.content, state.line(token))
        self.place = self.cursor.at(0)
        self.writer = Writer(state, "", self.line)
        # a link that began, and showed something, before this text
        self.carried = self.writer.link is not None

    @property
    def line(self) -> int:
        return self.place[0]

    def feed(self, event: Event) -> None:
        self.place = self.cursor.at(event.at)
        if isinstance(event, Tag) and "{" in event.text:
            event = self._plain(event)
        if self.state.frames and self.state.frames[-1].kind == "pre":
            self._feed_code(self.state.frames[-1], event)
        elif isinstance(event, Text):
            self._text(event)
        elif isinstance(event, Comment):
            self._comment(event)
        elif event.name not in BLOCKS:
            self._inline(event)
        elif isinstance(event, Tag):
            self._open(event)
        else:
            self.flush()
            close(self.state, event.name)

    def _plain(self, event: Tag) -> Tag:
        """A tag without what it holds of a template, if an extension reads templates."""
        handler = self.state.program.inlines.get("html_tag")
        token = self._token("html_tag", event.text)
        if handler is None or handler(self.writer, token) is False:
            return event
        found = next(scan(token.content), None)
        return replace(found, at=event.at, raw=event.raw) if isinstance(found, Tag) else event

    def _token(self, kind: str, text: str) -> Token:
        """A piece of this HTML for the handlers of text."""
        self.writer.fixed = self.place
        return Token(kind, "", 0, content=text)

    def _templates(self, event: Text) -> bool:
        """Let an extension show a text with what it holds of a template."""
        handler = self.state.program.inlines.get("html_text")
        if handler is None or "{" not in event.text:
            return False
        if self.writer.ends_blank():
            self.writer.line = self.line
        token = self._token("html_text", event.text)
        token.meta.update({"cursor": self.cursor, POSITION: event.at})
        return handler(self.writer, token) is not False

    def _text(self, event: Text) -> None:
        if self._templates(event):
            return
        text = _SPACE.sub(" ", event.text)
        if text.startswith(" ") and self.writer.ends_blank():
            text = text[1:]
        if text:
            if self.writer.ends_blank():
                self.writer.line = self.line
            self.writer.parts.append(text)

    def _comment(self, event: Comment) -> None:
        if event.closed and event.text.lstrip()[:1] == "@":  # says something to an extension
            token = self._token("html_inline", f"<!--{event.text}-->")
            self.state.program.inlines["html_inline"](self.writer, token)
        else:
            drop_comment(self.writer, event, *self.place)

    def _inline(self, event: Tag | EndTag) -> None:
        if isinstance(event, EndTag) and event.name == "a" and self.carried:
            self.writer.flush()
            self.writer.link = None
            self.carried = False
            return
        if isinstance(event, Tag) and event.name == "a":
            self.carried = False
        if self._is_component(event):
            self.state.program.inlines["html_inline"](self.writer, self._token("html_inline", event.text))
        else:
            tag(self.writer, event, self.place)

    def _is_component(self, event: Tag | EndTag) -> bool:
        """Whether a tag is for an extension that knows components, whose names begin with a capital letter."""
        return (
            "component" in self.state.program.blocks
            and event.name not in KNOWN
            and event.text.lstrip("</")[:1].isupper()
        )

    def _feed_code(self, frame: Frame, event: Event) -> None:
        """Within `<pre>`: all text counts as it stands, other tags do not."""
        if isinstance(event, Text):
            frame.data.parts.append(event.text)
        elif isinstance(event, EndTag) and event.name == "pre":
            close(self.state, "pre")
        elif isinstance(event, Tag):
            if event.name == "br":
                frame.data.parts.append("\n")
            if event.attrs.get("href") or event.attrs.get("src"):
                self.state.report("html-kept", f"<{event.name}> within code loses its address.", *self.place)
            frame.data.language = frame.data.language or language_of(event)
        elif isinstance(event, Comment):
            drop_comment(self.writer, event, *self.place)

    def _open(self, event: Tag) -> None:
        self.flush()
        close_implied(self.state, event.name)
        if event.name == "hr":
            self.state.blocks.append(Divider(line=self.line))
            return
        note(self.writer, event, self.place)
        self._doubt(event)
        finish = FRAMES.get(event.name)
        if finish is not None and len(self.state.frames) >= MAX_NESTING:
            self.state.report(
                "nesting-limit", f"<{event.name}> is nested too deeply; its text stays.", *self.place
            )
        elif finish is not None:
            data = data_of(event)
            if event.name == "tr" and (table := table_of(self.state)) is not None:
                table.rows.append([])
            self.state.push(Frame(event.name, self.line, finish, data, html=True))
        if event.name in ("video", "audio"):
            tag(self.writer, event, self.place)

    def _doubt(self, event: Tag) -> None:
        """Say what an attribute asks for and nobody can have."""
        start = event.attrs.get("start", "").strip()
        if event.name == "ol" and start not in ("", "1"):
            message = f"The list begins with {start[:20]}; the service numbers it itself."
            self.state.report("list-start", message, *self.place)
        elif event.name == "details" and "open" in event.attrs:
            self.state.report("fold-open", "The toggle begins folded, not open.", *self.place)

    def flush(self) -> None:
        """End the paragraph. Marks and links that are open go on behind it."""
        writer = self.writer
        found = writer.finish()
        if not found:
            return
        self.state.emit(found, writer.line)
        fresh = Writer(self.state, "", self.line)
        fresh.counts, fresh.marks, fresh.link, fresh.script = (
            writer.counts,
            writer.marks,
            writer.link,
            writer.script,
        )
        for key in SHOWN_AT:
            fresh.counts.pop(key, None)
        self.carried = writer.link is not None
        self.writer = fresh

    def end(self) -> None:
        self.flush()
        self.state.ambient_link = self.writer.link
