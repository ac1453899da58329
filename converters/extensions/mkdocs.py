"""The additions of MkDocs, its theme Material, and the PyMdown extensions that they are used with."""

from __future__ import annotations

from converters.extensions.abbreviations import ABBREVIATIONS
from converters.extensions.admonitions import ADMONITIONS
from converters.extensions.attribute_lists import ATTRIBUTE_LISTS
from converters.extensions.critic import CODE_LANGUAGES, CRITIC, KEYS, SCRIPTS
from converters.extensions.definitions import DEFINITIONS
from converters.extensions.generic_blocks import GENERIC_BLOCKS
from converters.extensions.icons import ICONS
from converters.extensions.list_items import LIST_CODE, LIST_ITEMS
from converters.extensions.markdown_html import MARKDOWN_HTML
from converters.extensions.maths import TEX_BRACKETS
from converters.extensions.mkdocstrings import MKDOCSTRINGS
from converters.extensions.references import REFERENCES
from converters.extensions.snippets import SNIPPETS
from converters.extensions.tabs import TABS
from converters.state import Extension

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
    LIST_ITEMS,
    LIST_CODE,
    MKDOCSTRINGS,
    REFERENCES,
    GENERIC_BLOCKS,
    TEX_BRACKETS,
)
