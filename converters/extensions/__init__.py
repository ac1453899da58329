"""Extensions by name, and the flavours that switch groups of them on.

A module of this package holds the extensions of one family in a tuple `EXTENSIONS`; it is listed in `_MODULES`. Where two
extensions handle the same kind of token, the one listed later is asked first.
"""

from __future__ import annotations

from converters.extensions import github, mkdocs, obsidian, web
from converters.state import Extension

_MODULES = (github, web, obsidian, mkdocs)

EXTENSIONS: dict[str, Extension] = {
    extension.name: extension for module in _MODULES for extension in module.EXTENSIONS
}

GITHUB = frozenset(extension.name for extension in github.EXTENSIONS)

# Obsidian's callouts are read by a rule of their own, which knows titles, folds and other kinds
OBSIDIAN = GITHUB - {"alerts"} | {extension.name for extension in obsidian.EXTENSIONS}
MKDOCS = GITHUB | {"highlight", "toc"} | {extension.name for extension in mkdocs.EXTENSIONS}

FLAVORS: dict[str, frozenset[str]] = {
    "commonmark": frozenset(),
    "github": GITHUB,
    "obsidian": OBSIDIAN,
    "mkdocs": MKDOCS,
}
