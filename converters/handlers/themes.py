"""Pictures of which a site shows one on light pages and one on dark ones: `![](a.png#gh-light-mode-only)`.

GitHub writes `#gh-dark-mode-only`, Material for MkDocs `#only-dark`. Where that was asked for (`light-pictures`), a page
shows the light one; a dark one that has no light one in the same file stays.
"""

from __future__ import annotations

import re

from markdown_it.token import Token

from converters.inline import Writer
from converters.inline import image as show

LIGHT_PICTURES = "light-pictures"
_DARK = re.compile(r"#(gh-dark-mode-only|only-dark)\s*\Z", re.IGNORECASE)
_LIGHT = re.compile(r"#(?:gh-light-mode-only|only-light)\b", re.IGNORECASE)
_PAIRED = "light pictures"


def is_other_theme(writer: Writer, src: str, place: tuple[int, int]) -> bool:
    """Whether a picture is the dark one of two, which is left out and reported; a link around it goes with it."""
    state = writer.state
    if "#" not in src or LIGHT_PICTURES not in state.program.names or _DARK.search(src) is None:
        return False
    if _PAIRED not in state.store:
        state.store[_PAIRED] = _LIGHT.search(state.source) is not None
    if not state.store[_PAIRED]:
        return False
    name = src.partition("#")[0].rpartition("/")[2][:80]
    state.report("image-theme", f"“{name}” is for dark pages; the one for light pages is shown.", *place)
    writer.flush()
    if writer.link is not None and writer.link_from == (len(writer.out), len(writer.spans)):
        writer.link = None
    return True


def image(writer: Writer, token: Token) -> None:
    """A picture of Markdown, unless it is the dark one of two."""
    src = str(token.attrs.get("src", ""))
    if "#" not in src or not is_other_theme(writer, src, writer.place(token)):
        show(writer, token)
