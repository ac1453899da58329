"""Rich text, icons and covers in Buildin's JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from publisher.emulator.check import (
    At,
    array,
    boolean,
    closed,
    invalid,
    link,
    mapping,
    one_of,
    string,
    uuid,
)
from publisher.emulator.reading import MARKS, Content, Reading, date_value

TEXT_COLORS = (
    "default", "black", "gray", "brown", "orange", "pink", "yellow", "green", "blue", "purple", "red",
)  # fmt: skip
BACKGROUNDS = (
    "default", "gray", "brown", "orange", "pink", "yellow", "green", "blue", "purple", "red",
    "light_yellow", "light_green", "light_blue", "light_purple", "light_red",
    "yellow_green", "green_blue", "blue_purple", "purple_red", "red_orange",
)  # fmt: skip
ALIGNMENTS = ("left", "center", "right")
_KINDS = ("text", "mention", "equation")
_COLORS = ("color", "text_color", "background_color")


def read(value: Any, at: At, reading: Reading) -> list[Content]:
    """Rich text in the stored form."""
    items = array(value, at, limit=reading.items)
    return [_item(item, (at, number), reading) for number, item in enumerate(items)]


def _item(value: Any, at: At, reading: Reading) -> Content:
    optional = (*_KINDS, "annotations", "plain_text", "href")
    item = closed(value, at, required=("type",), optional=optional)
    kind = one_of(item["type"], (at, "type"), _KINDS)
    for other in _KINDS:
        if (other in item) != (other == kind):
            raise invalid((at, other), "should be present exactly when it is the item's type.")
    if "plain_text" in item:
        string(item["plain_text"], (at, "plain_text"))
    if item.get("href") is not None:
        string(item["href"], (at, "href"))
    read_kind = {"text": _text, "equation": _equation, "mention": _mention}[kind]
    found: Content = {"type": kind, **read_kind(item[kind], (at, kind), reading)}
    if "annotations" in item:
        _annotations(item["annotations"], (at, "annotations"), found)
    return found


def _text(value: Any, at: At, reading: Reading) -> Content:
    text = closed(value, at, required=("content",), optional=("link",))
    found: Content = {"text": string(text["content"], (at, "content"), limit=reading.text)}
    if text.get("link") is not None:
        target = closed(text["link"], (at, "link"), required=("url",))
        found["link"] = link(target["url"], ((at, "link"), "url"))
    return found


def _equation(value: Any, at: At, reading: Reading) -> Content:
    found = closed(value, at, required=("expression",))
    return {"text": string(found["expression"], (at, "expression"), limit=reading.equation)}


def _mention(value: Any, at: At, reading: Reading) -> Content:
    mention = closed(value, at, required=("type",), optional=("page", "user", "date"))
    kind = one_of(mention["type"], (at, "type"), ("page", "user", "date"))
    inner: At = (at, kind)
    body = mapping(mention.get(kind), inner)
    if kind == "date":
        date = date_value(body, inner, whole=False)
        text = date["start"] + (f" → {date['end']}" if date["end"] else "")
        return {"text": text, "mention": {"type": "date", "date": date}}
    closed(body, inner, required=("id",), optional=("object",) if kind == "user" else ())
    id = uuid(body["id"], (inner, "id"))
    text = reading.title(id) if kind == "page" else "@user"
    return {"text": text, "mention": {"type": kind, "id": id}}


def _annotations(value: Any, at: At, found: Content) -> None:
    notes = closed(value, at, optional=(*MARKS, *_COLORS))
    for name in MARKS:
        if name in notes and boolean(notes[name], (at, name)):
            found[name] = True
    for key, color in colors(notes, at).items():
        if color is not None:
            found[key] = color


def colors(holder: Mapping[str, Any], at: At) -> Content:
    """The two colour channels (`color` is the old single one); None for an explicit default."""
    found: Content = {}
    if "color" in holder:
        name = string(holder["color"], (at, "color"))
        key, plain = ("background", name[:-11]) if name.endswith("_background") else ("color", name)
        if plain in TEXT_COLORS:
            found[key] = None if plain == "default" else plain
    for field, key, names in (
        ("text_color", "color", TEXT_COLORS),
        ("background_color", "background", BACKGROUNDS),
    ):
        if field in holder:
            name = one_of(holder[field], (at, field), names)
            found[key] = None if name == "default" else name
    return found


def icon(value: Any, at: At) -> Content | None:
    """An icon in the stored form, which is the services' own common shape."""
    return None if value is None else _picture(value, at, ("emoji", "external", "file"))


def cover(value: Any, at: At) -> Content | None:
    return None if value is None else _picture(value, at, ("external", "file"))


def _picture(value: Any, at: At, kinds: Sequence[str]) -> Content:
    found = mapping(value, at)
    kind = one_of(found.get("type"), (at, "type"), kinds)
    closed(found, at, required=("type", kind))
    inner: At = (at, kind)
    if kind == "emoji":
        return {"type": "emoji", "emoji": string(found["emoji"], inner, limit=32, least=1)}
    optional = ("expiry_time",) if kind == "file" else ()
    target = closed(found[kind], inner, required=("url",), optional=optional)
    return {"type": kind, kind: {"url": link(target["url"], (inner, "url"), schemes=("http", "https"))}}


# Giving out


def write(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored rich text in Buildin's JSON, every field there."""
    return [_write_item(item) for item in items]


def _write_item(item: Mapping[str, Any]) -> dict[str, Any]:
    kind, text, target = item["type"], item["text"], item.get("link")
    body: Any
    if kind == "text":
        body = {"content": text, "link": {"url": target} if target else None}
    elif kind == "equation":
        body = {"expression": text}
    else:
        kind, body = _write_mention(item["mention"], text)
        target = target or None
    return {
        "type": kind,
        kind: body,
        "annotations": {
            **{name: item.get(name, False) for name in MARKS},
            "text_color": item.get("color", "default"),
            "background_color": item.get("background", "default"),
        },
        "plain_text": text,
        "href": target,
    }


def _write_mention(mention: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    """Mentions that Buildin does not have are shown as their text; a database as the page it stands in."""
    kind = mention["type"]
    if kind in ("page", "database"):
        return "mention", {"type": "page", "page": {"id": mention["id"]}}
    if kind == "user":
        return "mention", {"type": "user", "user": {"object": "user", "id": mention["id"]}}
    if kind == "date":
        return "mention", {"type": "date", "date": mention["date"]}
    return "text", {"content": text, "link": None}


def write_picture(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored icon or cover; kinds that Buildin does not have become the nearest."""
    if value is None:
        return None
    if value["type"] in ("emoji", "external", "file"):
        return dict(value)
    return {"type": "emoji", "emoji": "📄"}
