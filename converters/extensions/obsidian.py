"""Obsidian's additions to Markdown. (Comments have a module of their own.)"""

from __future__ import annotations

import re

from markdown_it.rules_core import StateCore

from converters.extensions.callouts import CALLOUTS
from converters.extensions.pairs import add_pair
from converters.extensions.vaults import EXTENSIONS as VAULTS
from converters.extensions.wikilinks import WIKILINKS
from converters.inline import HIGHLIGHT, marks
from converters.state import Extension, State

_BLOCK_ID = re.compile(r"(?:\A|[ \t\n])\^([A-Za-z0-9\-]+)[ \t]*\Z")
_IDS = "block ids"


# -- block ids ---------------------------------------------------------------------------------------------------------


def _block_ids(state: StateCore) -> None:
    """Take `^id` from the end of each block's text."""
    if "^" not in state.src:
        return
    for token in state.tokens:
        if token.type == "inline" and "^" in token.content and token.children:
            match = _BLOCK_ID.search(token.content)
            last = token.children[-1]
            if match and last.type == "text" and last.content.rstrip().endswith(match[0].strip()):
                last.content = last.content.rstrip()[: -len(match[0].strip())].rstrip()
                line = token.map[0] + 1 if token.map else 0
                alone = not last.content and len(token.children) == 1  # it names what stands before it
                state.env.setdefault(_IDS, []).append((f"^{match[1]}", line, alone))


def _note_ids(state: State) -> None:
    for name, line, alone in state.env.get(_IDS, ()):
        state.name(name, -(line + state.offset) if alone else line + state.offset)


# -- line breaks -------------------------------------------------------------------------------------------------------


def _breaks(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and "\n" in token.content:
            for child in token.children or ():
                if child.type == "softbreak":
                    child.type = "hardbreak"


EXTENSIONS: tuple[Extension, ...] = (
    WIKILINKS,
    # done by `includes`, before anything is parsed
    Extension("note-embeds", "`![[Page]]` alone on a line becomes the text of that page"),
    CALLOUTS,
    Extension(
        "highlight",
        "`==text==` becomes text on yellow",
        setup=lambda parser: add_pair(parser, "=", "mark"),
        inlines=marks("mark", HIGHLIGHT),
    ),
    Extension(
        "block-ids",
        "`^id` at the end of a block is no text, but a name that links may use",
        setup=lambda parser: parser.core.ruler.push("block_ids", _block_ids),
        finish=_note_ids,
    ),
    Extension(
        "line-breaks",
        "a line break in a paragraph is one on the page too",
        setup=lambda parser: parser.core.ruler.push("line_breaks", _breaks),
    ),
    *VAULTS,
)
