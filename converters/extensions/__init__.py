"""Extensions by name, and the flavours that switch groups of them on.

A module of this package holds the extensions of one family in a tuple `EXTENSIONS`; it is listed in `_MODULES`. Where two
extensions handle the same kind of token, the one listed later is asked first.
"""

from __future__ import annotations

from converters.extensions import github, web
from converters.state import Extension

_MODULES = (github, web)

EXTENSIONS: dict[str, Extension] = {
    extension.name: extension for module in _MODULES for extension in module.EXTENSIONS
}

GITHUB = frozenset(extension.name for extension in github.EXTENSIONS)

FLAVORS: dict[str, frozenset[str]] = {"commonmark": frozenset(), "github": GITHUB}
