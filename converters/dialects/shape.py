"""What differs between the services, as data, and the JSON of the smallest parts: rich text items and fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from converters.blocks import PLAIN, Marks, MediaKind
from converters.dialects.text import TEXT_LIMIT, clean, split

quoted: Callable[[str], str] = json.encoder.encode_basestring  # a string's JSON, not escaped to ASCII; in C

Run: TypeAlias = tuple[str, Marks, str | None]  # text, marks, address of the link
Piece: TypeAlias = Run | str  # a run, or the finished JSON of an equation or a mention

# Fields that are left out when they have this value, as a service that returns every default would give them back.
DEFAULTS: Final[Mapping[str, Any]] = {
    "background_color": "default",
    "caption": [],
    "color": "default",
    "is_toggleable": False,
    "text_color": "default",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The data of one service.

    `whole_items`: rich text items carry every annotation, `plain_text` and `href` (Buildin's published schema demands
    them; Notion fills them in). `nested`: children stand inside the type's object, not beside it. `headings`: the
    lowest heading level. `channels`: the colour fields, one for both text and background or one for each. `media`:
    the block type for each kind. `languages`: code languages by their lower-case name. `types`: every block type
    that is written, with its fields.
    """

    name: str
    whole_items: bool
    nested: bool
    headings: int
    channels: tuple[str, ...]
    media: Mapping[MediaKind, str]
    languages: Mapping[str, str]
    types: Mapping[str, tuple[str, ...]]

    def has(self, type: str) -> bool:
        return type in self.types

    def colors(self, color: str, background: str) -> dict[str, str]:
        """Colour fields that are not the default, in JSON. With one channel the background wins."""
        if color == background == "default":
            return {}
        if len(self.channels) == 1:
            return {"color": quoted(f"{background}_background" if background != "default" else color)}
        both = {"background_color": background, "text_color": color}
        return {name: quoted(value) for name, value in both.items() if value != "default"}

    def items(self, pieces: Sequence[Piece]) -> list[str]:
        """Rich text items in JSON: equal neighbours joined, long texts split."""
        if len(pieces) == 1 and not isinstance(piece := pieces[0], str):  # most texts are
            text, marks, url = piece
            return self._run(text, annotations_json(marks, self.whole_items), url) if text else []
        items: list[str] = []
        # Neighbours that look the same and lead to one place are joined once, however many they are.
        texts: list[str] = []
        annotations, url = "", None
        whole = self.whole_items
        for piece in pieces:
            if isinstance(piece, str):
                if texts:
                    items += self._run("".join(texts), annotations, url)
                    texts = []
                items.append(piece)
                continue
            text, marks, target = piece
            looks = annotations_json(marks, whole)
            if not texts:
                texts, annotations, url = [text] if text else [], looks, target
            elif looks == annotations and target == url:
                texts.append(text)
            elif text:
                items += self._run("".join(texts), annotations, url)
                texts, annotations, url = [text], looks, target
        if texts:
            items += self._run("".join(texts), annotations, url)
        return items

    def _run(self, text: str, annotations: str, url: str | None) -> list[str]:
        """The items of one text: one, or several if it is too long for one."""
        if not text.isascii() or "\0" in text:
            text = clean(text)
        if 2 * len(text) <= TEXT_LIMIT:
            return [self._item(quoted(text), annotations, url)]
        return [self._item(quoted(piece), annotations, url) for piece in split(text)]

    def _item(self, content: str, annotations: str, url: str | None) -> str:
        link = "null" if url is None else quoted(url)
        if self.whole_items:
            target = link if url is None else f'{{"url":{link}}}'
            return (
                f'{{{annotations}"href":{link},"plain_text":{content},'
                f'"text":{{"content":{content},"link":{target}}},"type":"text"}}'
            )
        if url is None:
            return f'{{{annotations}"text":{{"content":{content}}},"type":"text"}}'
        return f'{{{annotations}"text":{{"content":{content},"link":{{"url":{link}}}}},"type":"text"}}'

    def equation(self, expression: str, marks: Marks) -> str:
        """An inline equation as an item."""
        tex = quoted(clean(expression))
        repeated = f'"href":null,"plain_text":{tex},' if self.whole_items else ""
        annotations = annotations_json(marks, self.whole_items)
        return f'{{{annotations}"equation":{{"expression":{tex}}},{repeated}"type":"equation"}}'


def annotations_json(marks: Marks, whole: bool) -> str:
    """The annotations of an item as a JSON member with its comma; empty when there is nothing to say."""
    if marks is PLAIN:  # nearly always, and hashing seven fields costs more than all the rest
        return _WHOLE_PLAIN if whole else ""
    known = _KNOWN.get(id(marks))
    if known is None:
        if len(_KNOWN) > 1000:
            _KNOWN.clear()
        known = _KNOWN[id(marks)] = marks, _annotations(marks, False), _annotations(marks, True)
    return known[2] if whole else known[1]


# By identity, which costs a tenth of a hash. The marks are kept, so that no other object gets their address.
_KNOWN: dict[int, tuple[Marks, str, str]] = {}


@lru_cache(maxsize=1024)
def _annotations(marks: Marks, whole: bool) -> str:
    flags = {
        "bold": marks.bold,
        "code": marks.code,
        "italic": marks.italic,
        "strikethrough": marks.strikethrough,
        "underline": marks.underline,
    }
    values: dict[str, Any] = flags if whole else {name: True for name, on in flags.items() if on}
    if whole:
        colors = {"background_color": marks.background, "text_color": marks.color}
        values |= {name: value for name, value in colors.items() if value != "default"}
    elif marks.background != "default":
        values["color"] = f"{marks.background}_background"
    elif marks.color != "default":
        values["color"] = marks.color
    if not values:
        return ""
    return f'"annotations":{json.dumps(values, separators=(",", ":"), sort_keys=True)},'


_WHOLE_PLAIN: Final = _annotations(PLAIN, True)


def members(fields: Mapping[str, str]) -> str:
    """An object of finished JSON members, keys sorted."""
    return "{" + ",".join(f'"{name}":{fields[name]}' for name in sorted(fields)) + "}"


def array(items: list[str]) -> str:
    return "[" + ",".join(items) + "]"


def block_types(
    headings: int, channels: tuple[str, ...], extra: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """The block types that both services have, with their fields, and those of one service."""
    text = ("rich_text", *channels)
    types = dict.fromkeys(("paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle"), text)
    types |= {f"heading_{level}": (*text, "is_toggleable") for level in range(1, headings + 1)}
    types |= {
        "to_do": (*text, "checked"),
        "callout": (*text, "icon"),
        "code": ("rich_text", "language"),
        "equation": ("expression",),
        "divider": (),
        "bookmark": ("url", "caption"),
        "embed": ("url", "caption"),
        "image": ("source", "caption"),
        "file": ("source", "caption"),
        "table": ("table_width", "has_column_header", "has_row_header"),
        "table_row": ("cells",),
    }
    return types | dict(extra)
