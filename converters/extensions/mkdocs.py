"""The additions of MkDocs, its theme Material, and the PyMdown extensions that they are used with."""

from __future__ import annotations

from textwrap import dedent

from markdown_it.token import Token

from converters.extensions.abbreviations import ABBREVIATIONS
from converters.extensions.admonitions import ADMONITIONS
from converters.extensions.attribute_lists import ATTRIBUTE_LISTS
from converters.extensions.critic import CODE_LANGUAGES, CRITIC, KEYS, SCRIPTS
from converters.extensions.definitions import DEFINITIONS
from converters.extensions.icons import ICONS
from converters.extensions.markdown_html import MARKDOWN_HTML
from converters.extensions.snippets import SNIPPETS
from converters.extensions.tabs import TABS
from converters.state import Extension, State


def _code(state: State, token: Token) -> bool:
    """In a list, Python-Markdown counts four spaces for the item, Markdown only as many as its mark is wide."""
    if any(frame.kind == "item" for frame in state.frames):
        token.content = dedent(token.content)
    return False


LIST_CODE = Extension(
    "list-code",
    "code in a list item, indented by eight, begins where it is meant to",
    blocks={"code_block": _code},
)

EXTENSIONS: tuple[Extension, ...] = (
    ADMONITIONS,
    TABS,
    ATTRIBUTE_LISTS,
    DEFINITIONS,
    ABBREVIATIONS,
    SNIPPETS,
    ICONS,
    CRITIC,
    SCRIPTS,
    KEYS,
    CODE_LANGUAGES,
    MARKDOWN_HTML,
    LIST_CODE,
)
