"""From the blocks of a page to its HTML: one pass without recursion, whatever the depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple, Protocol

from publisher.emulator.site import richtext
from publisher.emulator.site.links import Links

MAX_INDENT = 12  # levels; deeper blocks are shown, but not moved further to the right
CONTENTS = 3  # tables of contents on one page that are written out


class Row(Protocol):
    """What is needed of a stored block (publisher.emulator.rows says what its content holds)."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def content(self) -> Mapping[str, Any]: ...


class Shape(NamedTuple):
    """The HTML of one block around that of its children.

    `leaf` means that the handler has shown the children itself. `indent` wraps them in an element of their own.
    """

    open: str
    close: str = ""
    indent: bool = True
    leaf: bool = False


class Heading(NamedTuple):
    """A line of the page's outline."""

    id: str
    level: int
    text: str


@dataclass(slots=True)
class Context:
    """What handlers may ask for while one page is rendered.

    `children` holds the blocks under each id, in order; `icon_of` gives a page's icon object; `crumbs` is the
    HTML of the way from the root to this page. Without `anchors` blocks have no ids, so that one can stand twice.
    """

    links: Links
    children: Mapping[str, Sequence[Row]]
    icon_of: Callable[[str], Mapping[str, Any] | None] = lambda _id: None
    crumbs: str = ""
    anchors: bool = True
    outline: list[Heading] = field(default_factory=list)
    contents_left: int = CONTENTS

    def text(self, row: Row, key: str = "rich_text") -> str:
        """HTML of one of the block's rich texts."""
        return richtext.render(row.content.get(key), self.links)


Handler = Callable[[Context, Row], Shape]

_GROUPS = {
    "bulleted_list_item": ('<ul class="list">', "</ul>"),
    "numbered_list_item": ('<ol class="list">', "</ol>"),
    "to_do": ('<ul class="todos">', "</ul>"),
}


def tag(context: Context, name: str, row: Row, classes: str, attributes: str = "") -> str:
    """The start tag of a block. On its page every block can be linked to by its id."""
    anchor = f' id="{escape(row.id)}"' if context.anchors else ""
    return f'<{name} class="b {classes}"{anchor}{attributes}>'


def styled(row: Row, classes: str) -> str:
    """`classes` with those for the block's colours and alignment."""
    content = row.content
    found = richtext.colour_classes(content)
    align = content.get("align")
    if found:
        classes = f"{classes} {found}"
    return f"{classes} align-{align}" if align in ("center", "right") else classes


@dataclass(slots=True)
class _Level:
    rows: Iterator[Row]
    end: str
    group: str = ""  # the kind of list that is open


def body(context: Context, parent_id: str, handlers: Mapping[str, Handler], otherwise: Handler) -> str:
    """HTML of all blocks under `parent_id`. Neighbouring list items share one list."""
    out: list[str] = []
    levels = [_Level(iter(context.children.get(parent_id, ())), "")]
    while levels:
        level = levels[-1]
        row = next(level.rows, None)
        if row is None:
            out.append(_regroup(level, ""))
            out.append(level.end)
            levels.pop()
            continue
        if row.type != level.group:
            out.append(_regroup(level, row.type))
        shape = handlers.get(row.type, otherwise)(context, row)
        out.append(shape.open)
        children = () if shape.leaf else context.children.get(row.id, ())
        if not children:
            out.append(shape.close)
            continue
        if shape.indent:
            out.append('<div class="kids">' if len(levels) < MAX_INDENT else '<div class="kids flat">')
        levels.append(_Level(iter(children), ("</div>" if shape.indent else "") + shape.close))
    return "".join(out)


def _regroup(level: _Level, kind: str) -> str:
    """Closes the list that is open at this level and opens the one that `kind` needs."""
    end = _GROUPS[level.group][1] if level.group in _GROUPS else ""
    level.group = kind
    return end + (_GROUPS[kind][0] if kind in _GROUPS else "")
