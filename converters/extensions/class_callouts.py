"""Callouts by class, as Jekyll's themes have them: `{: .note }` on a line before or behind a paragraph or a quote.

just-the-docs has `.note`, and `.note-title` for a quote that begins with its title; Chirpy has `.prompt-tip`, Minimal
Mistakes `.notice--warning`. Other classes only say how to set a block.
"""

from __future__ import annotations

from itertools import takewhile

from markdown_it.token import Token

from converters.blocks import Block, Paragraph, Quote, RichText
from converters.extensions.attributes import Attributes
from converters.extensions.kinds import KINDS, Note, finish_note
from converters.handlers.basic import lead
from converters.state import Extension, Frame, State

_TITLE = "-title"
_PREFIXES = ("prompt-", "notice--")
# The names that themes have; "highlight" is one that shows no title
_KINDS = {name: name for name in KINDS if name not in ("quote", "cite", "check", "done", "missing")} | {
    "notice": "note",
    "primary": "note",
    "new": "new",
    "highlight": "",
}


def _handle(state: State, token: Token) -> bool:
    attributes: Attributes = token.meta["attributes"]
    found = next(filter(None, map(_kind, attributes.classes)), None)
    if found is None:
        return False
    line = state.line(token)
    if not (_wrap_above(state, token, *found) or _open_below(state, token, *found)):
        return False
    if name := attributes.named.get("id"):
        state.name(name, line)
    return True


def _kind(name: str) -> tuple[str, bool] | None:
    """The kind of note that a class asks for, and whether the block begins with its title."""
    bare = name.lower()
    titled, bare = bare.endswith(_TITLE), bare.removesuffix(_TITLE)
    bare = next((bare.removeprefix(prefix) for prefix in _PREFIXES if bare.startswith(prefix)), bare)
    return (_KINDS[bare], titled) if bare in _KINDS else None


def _wrap_above(state: State, token: Token, kind: str, titled: bool) -> bool:
    """Make a note of the paragraph or quote that ends right above."""
    above = state.tokens[state.index - 2] if state.index > 1 else token
    line = state.line(token)
    if above.level != token.level or not _text_above(state, line):
        return False
    blocks: list[Block] = []
    if above.type == "paragraph_close":
        first = state.line(state.tokens[state.index - 4])
        count = sum(1 for _ in takewhile(lambda block: block.line >= first, reversed(state.blocks)))
        blocks = state.blocks[len(state.blocks) - count :]
        del state.blocks[len(state.blocks) - count :]
    elif above.type == "blockquote_close" and state.blocks and isinstance(state.blocks[-1], Quote):
        quote = state.blocks[-1]
        blocks = (
            [Paragraph(quote.text, line=quote.line), *quote.children] if quote.text else [*quote.children]
        )
        state.blocks.pop()
    if not blocks:
        return False
    frame = Frame("note", blocks[0].line, _finish, (kind, titled))
    frame.blocks = blocks
    _finish(state, frame)
    return True


def _text_above(state: State, line: int) -> bool:
    """Whether the line above is not blank."""
    return any(text.strip(" \t>") for text in state.lines[max(line - state.offset - 2, 0) :][:1])


def _open_below(state: State, token: Token, kind: str, titled: bool) -> bool:
    """Begin a note of the paragraph or quote that begins right below."""
    below = state.tokens[state.index] if state.index < len(state.tokens) else token
    if below.map is None or token.map is None or below.map[0] != token.map[1]:
        return False
    line = state.line(below)
    if below.type == "blockquote_open":
        state.index += 1
        state.push(Frame("quote", line, _finish, (kind, titled)))
        return True
    if below.type != "paragraph_open":
        return False
    state.index += 1
    state.push(Frame("note", line, _finish, (kind, titled)))
    state.program.blocks["paragraph_open"](state, below)
    state.close("note")
    return True


def _finish(state: State, frame: Frame) -> None:
    kind, titled = frame.data
    title: RichText = ()
    if titled:
        title, rest = lead(frame.blocks)
        frame.blocks[:] = rest
    frame.data = Note(kind, title)
    finish_note(state, frame)


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "class-callouts",
        "`{: .note }` before or behind a paragraph or a quote makes it a callout, `{: .note-title }` one with a title",
        blocks={"attributes": _handle},
    ),
)
