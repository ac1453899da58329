"""Extensions by name, and the flavours that switch groups of them on.

A module of this package holds the extensions of one family in a tuple `EXTENSIONS`; it is listed in `_MODULES`. Where two
extensions handle the same kind of token, the one listed later is asked first.
"""

from __future__ import annotations

from converters.extensions import (
    attributes,
    books,
    class_callouts,
    comments,
    components,
    containers,
    github,
    liquid,
    mkdocs,
    obsidian,
    roles,
    shortcodes,
    slugs,
    web,
)
from converters.state import Extension

_MODULES = (
    github,
    web,
    obsidian,
    mkdocs,
    attributes,
    class_callouts,
    slugs,
    containers,
    components,
    books,
    shortcodes,
    liquid,
    roles,
    comments,  # it wraps the rules for texts, so that of all extensions it is the last
)

EXTENSIONS: dict[str, Extension] = {
    extension.name: extension for module in _MODULES for extension in module.EXTENSIONS
}

GITHUB = frozenset(extension.name for extension in github.EXTENSIONS)

# Obsidian's callouts are read by a rule of their own, which knows titles, folds and other kinds
OBSIDIAN = GITHUB - {"alerts"} | {"comments"} | {extension.name for extension in obsidian.EXTENSIONS}
MKDOCS = GITHUB | {"highlight", "toc", "mkdocs-anchors"} | {extension.name for extension in mkdocs.EXTENSIONS}

# What a file called `.mdx` is read with, whatever the rest of the folder was written for
MDX = frozenset({"components", "mdx", "expressions"})

# What the site generators have in common
_SITES = GITHUB | {"toc", "heading-ids", "code-marks"}
_VUE = {"containers", "components", "includes", "vue-templates", "vitepress-anchors", "attribute-lists"}
_HUGO = {
    "shortcodes",
    "callouts",  # for alerts with a title or a fold, or of other kinds than GitHub's
    "shortcode-includes",
    "glossary-links",
    "definitions",
    "term-anchors",
    "block-attributes",
}
_JEKYLL = {
    "liquid",
    "definitions",
    "block-attributes",
    "class-callouts",
    "span-attributes",
    "kramdown-anchors",
}
_MYST = {"roles", "substitutions", "book-tabs", "containers", "definitions", "block-attributes"}

FLAVORS: dict[str, frozenset[str]] = {
    "commonmark": frozenset(),
    "github": GITHUB,
    "obsidian": OBSIDIAN,
    "mkdocs": MKDOCS,
    "docusaurus": _SITES | MDX | {"containers"},
    "vitepress": _SITES | _VUE,
    "hugo": _SITES | _HUGO,
    "zola": _SITES | {"zola-shortcodes", "zola-links", "zola-anchors", "definitions"},
    "jekyll": _SITES | _JEKYLL,
    "myst": _SITES | _MYST,
    "mdbook": GITHUB | {"heading-ids", "components", "book-includes", "definitions"},
}
