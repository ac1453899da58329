"""Icons by name: `:material-check:`, `:octicons-heart-16:`, `:fontawesome-brands-github:`, `:simple-python:`.

A text has no pictures in its lines. An icon that has its own character becomes that; another goes, unless it is all there
is to read, when its name, or the title its author gave it, stands for it.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.inline import Writer
from converters.parser import POSITION
from converters.state import Extension

_ICON = re.compile(r":(material|octicons|fontawesome-(?:solid|regular|brands)|simple)-([a-z0-9\-]{1,80}):")
_BRANDS = frozenset({"fontawesome-brands", "simple"})
_TITLE = re.compile(r"""\btitle=(?:"([^"]*)"|'([^']*)'|([^\s}]+))""")
_SIZE = re.compile(r"-(?:\d+|outline|fill|all|circle|bold|thin|variant)(?=-|\Z)")
_SIGNS = dict(
    pair.split(" ")
    for pair in [
        "check ✓",
        "close ✗",
        "x ✗",
        "xmark ✗",
        "arrow-right →",
        "arrow-left ←",
        "arrow-up ↑",
        "arrow-down ↓",
        "plus +",
        "minus −",
        "menu ☰",
        "dots-vertical ⋮",
        "dots-horizontal ⋯",
        "lightbulb 💡",
        "light-bulb 💡",
        "alert ⚠️",
        "heart ❤️",
        "star ⭐",
        "information ℹ️",
        "info ℹ️",
        "help ❓",
        "question ❓",
        "pencil ✏️",
        "delete 🗑️",
        "trash 🗑️",
        "home 🏠",
        "magnify 🔍",
        "search 🔍",
        "cog ⚙️",
        "gear ⚙️",
        "lock 🔒",
        "link 🔗",
        "account 👤",
        "person 👤",
        "rocket 🚀",
        "rocket-launch 🚀",
        "bug 🐛",
        "fire 🔥",
        "flag 🚩",
        "clock 🕐",
        "calendar 📅",
        "tag 🏷️",
        "eye 👁️",
        "book 📖",
        "folder 📁",
        "file 📄",
        "email 📧",
        "mail 📧",
        "download ⬇️",
        "upload ⬆️",
    ]
)


def _rule(state: StateInline, silent: bool) -> bool:
    match = _ICON.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        token = state.push("icon", "", 0)
        token.meta.update(
            {"name": match[2], "brand": match[1] in _BRANDS, "code": match[0], POSITION: state.pos}
        )
    state.pos = match.end()
    return True


def _fill(state: StateCore) -> None:
    """Decide, with the whole text in view, what stands for each icon."""
    if not _ICON.search(state.src):
        return
    for token in state.tokens:
        children = token.children or []
        if any(child.type == "icon" for child in children):
            alone = not any(child.content.strip() for child in children)
            for place, child in enumerate(children):
                if child.type == "icon":
                    _decide(children, place, alone)


def _decide(children: list[Token], place: int, alone: bool) -> None:
    icon = children[place]
    name = icon.meta["name"]
    after = place + 1
    if after < len(children) and children[after].type == "attribute_list":
        title = _TITLE.search(children[after].meta["list"])
        icon.content = next(filter(None, title.groups()), "") if title else ""
        after += 1
    if not icon.content and not icon.meta["brand"]:
        icon.content = _SIGNS.get(_SIZE.sub("", name), "")
    following = children[after] if after < len(children) else None
    if icon.content or alone:
        icon.content = icon.content or _SIZE.sub("", name).replace("-", " ")
        if following is not None and following.type == "text" and following.content.startswith("  "):
            following.content = " " + following.content.lstrip(" ")  # columns of a table's source
        return
    icon.meta["dropped"] = True
    before = children[place - 1] if place else None
    gap = before is None or before.type != "text" or before.content.endswith(" ")
    if gap and following is not None and following.type == "text":
        following.content = following.content.lstrip(" ")


def _show(writer: Writer, token: Token) -> None:
    if token.meta.get("dropped"):
        writer.state.report(
            "icon-dropped", f"The icon {token.meta['code']} is not shown.", *writer.place(token)
        )
    else:
        writer.parts.append(token.content)


def _setup(parser: MarkdownIt) -> None:
    parser.inline.ruler.push("icon", _rule)
    parser.core.ruler.after("inline", "icons", _fill)


ICONS = Extension(
    "icons",
    "`:material-check:` becomes a character if there is one, and goes otherwise",
    setup=_setup,
    inlines={"icon": _show},
)
