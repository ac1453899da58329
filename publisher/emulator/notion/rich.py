"""Rich text, colours, icons and covers in Notion's JSON."""

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
    show,
    string,
    uuid,
)
from publisher.emulator.reading import COLORS, MARKS, Content, Reading, date_value

API_COLORS = ("default", *COLORS, "default_background", *(f"{name}_background" for name in COLORS))
_KINDS = ("text", "mention", "equation")
_WEB = ("http", "https")
_NATIVE_ICON_COLORS = (
    "gray",
    "lightgray",
    "brown",
    "yellow",
    "orange",
    "green",
    "blue",
    "purple",
    "pink",
    "red",
)
# Buildin's other backgrounds, as the nearest of Notion's.
_NEAREST = {
    "black": "default",
    "light_yellow": "yellow",
    "light_green": "green",
    "light_blue": "blue",
    "light_purple": "purple",
    "light_red": "red",
    "yellow_green": "green",
    "green_blue": "blue",
    "blue_purple": "purple",
    "purple_red": "pink",
    "red_orange": "orange",
}


def one_type(value: Mapping[str, Any], at: At, kinds: Sequence[str]) -> str:
    """The only type key of an object whose `type` may be left out."""
    found = [kind for kind in kinds if kind in value]
    if len(found) != 1:
        names = ", ".join(f"`{kind}`" for kind in kinds)
        raise invalid(at, f"should have exactly one of {names}; has {len(found)}.")
    if "type" in value and value["type"] != found[0]:
        raise invalid((at, "type"), f'should be `"{found[0]}"`, instead was {show(value["type"])}.')
    return found[0]


def read(value: Any, at: At, reading: Reading) -> list[Content]:
    """Rich text in the stored form."""
    items = array(value, at, limit=reading.items)
    return [_item(item, (at, number), reading) for number, item in enumerate(items)]


def _item(value: Any, at: At, reading: Reading) -> Content:
    item = closed(value, at, optional=("type", *_KINDS, "annotations", "plain_text", "href"))
    kind = one_type(item, at, _KINDS)
    read_kind = {"text": _text, "equation": _equation, "mention": _mention}[kind]
    found: Content = {"type": kind, **read_kind(item[kind], (at, kind), reading)}
    if "annotations" in item:
        inner: At = (at, "annotations")
        notes = closed(item["annotations"], inner, optional=(*MARKS, "color"))
        for name in MARKS:
            if name in notes and boolean(notes[name], (inner, name)):
                found[name] = True
        found.update({key: name for key, name in color(notes, inner).items() if name is not None})
    return found


def _text(value: Any, at: At, reading: Reading) -> Content:
    text = closed(value, at, required=("content",), optional=("link",))
    found: Content = {"text": string(text["content"], (at, "content"), limit=reading.text)}
    if text.get("link") is not None:
        inner: At = (at, "link")
        target = closed(text["link"], inner, required=("url",), optional=("type",))
        found["link"] = link(target["url"], (inner, "url"))
    return found


def _equation(value: Any, at: At, reading: Reading) -> Content:
    found = closed(value, at, required=("expression",))
    return {"text": string(found["expression"], (at, "expression"), limit=reading.equation)}


def _mention(value: Any, at: At, reading: Reading) -> Content:
    kinds = ("user", "date", "page", "database", "template_mention", "custom_emoji")
    mention = closed(value, at, optional=("type", *kinds))
    kind = one_type(mention, at, kinds)
    inner: At = (at, kind)
    body = mention[kind]
    if kind == "date":
        date = date_value(body, inner, whole=False)
        text = date["start"] + (f" → {date['end']}" if date["end"] else "")
        return {"text": text, "mention": {"type": kind, "date": date}}
    if kind == "template_mention":
        return {"text": "@Today", "mention": {"type": kind, "value": _template_mention(body, inner)}}
    optional = {"user": ("object",), "custom_emoji": ("name", "url")}.get(kind, ())
    found = closed(body, inner, required=("id",), optional=optional)
    id = uuid(found["id"], (inner, "id"))
    text = "@user" if kind == "user" else f":{found.get('name', 'emoji')}:"
    if kind in ("page", "database"):
        text = reading.title(id)
    return {"text": text, "mention": {"type": kind, "id": id}}


def _template_mention(value: Any, at: At) -> Content:
    names = {"template_mention_date": ("today", "now"), "template_mention_user": ("me",)}
    found = closed(value, at, optional=("type", *names))
    kind = one_type(found, at, tuple(names))
    return {"type": kind, kind: one_of(found[kind], (at, kind), names[kind])}


def color(holder: Mapping[str, Any], at: At) -> Content:
    """Notion's one channel as the stored two; None for a default."""
    if "color" not in holder:
        return {}
    name = one_of(holder["color"], (at, "color"), API_COLORS)
    channel, plain = ("background", name[:-11]) if name.endswith("_background") else ("color", name)
    both: Content = {"color": None, "background": None}
    both[channel] = None if plain == "default" else plain
    return both


def write_color(content: Mapping[str, Any]) -> str:
    """The stored two channels as one: a background wins."""
    back = _NEAREST.get(content.get("background", "default"), content.get("background", "default"))
    if back != "default":
        return f"{back}_background"
    name: str = content.get("color", "default")
    return _NEAREST.get(name, name)


def icon(value: Any, at: At, reading: Reading) -> Content | None:
    if value is None:
        return None
    found = mapping(value, at)
    kind = one_type(found, at, ("emoji", "external", "file_upload", "custom_emoji", "icon"))
    closed(found, at, required=(kind,), optional=("type",))
    inner: At = (at, kind)
    body = found[kind]
    if kind == "emoji":
        return {"type": kind, kind: string(body, inner, limit=32, least=1)}
    if kind == "custom_emoji":
        given = closed(body, inner, required=("id",), optional=("name", "url"))
        return {"type": kind, kind: {**given, "id": uuid(given["id"], (inner, "id"))}}
    if kind == "icon":
        given = closed(body, inner, required=("name",), optional=("color",))
        name = string(given["name"], (inner, "name"), limit=100, least=1)
        shade = one_of(given.get("color", "gray"), (inner, "color"), _NATIVE_ICON_COLORS)
        return {"type": kind, kind: {"name": name, "color": shade}}
    return _linked(kind, body, inner, reading)


def cover(value: Any, at: At, reading: Reading) -> Content | None:
    if value is None:
        return None
    found = mapping(value, at)
    kind = one_type(found, at, ("external", "file_upload"))
    closed(found, at, required=(kind,), optional=("type",))
    return _linked(kind, found[kind], (at, kind), reading)


def _linked(kind: str, body: Any, at: At, reading: Reading) -> Content:
    if kind == "external":
        url = closed(body, at, required=("url",))["url"]
        return {"type": kind, kind: {"url": link(url, (at, "url"), schemes=_WEB)}}
    id = uuid(closed(body, at, required=("id",))["id"], (at, "id"))
    return {"type": "file", "file": {"url": reading.upload(id, "notion", at)["url"]}}


# Giving out


def write(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Stored rich text in Notion's JSON, every field there."""
    return [_write_item(item) for item in items]


def _write_item(item: Mapping[str, Any]) -> dict[str, Any]:
    kind, text, target = item["type"], item["text"], item.get("link")
    body: Any
    if kind == "text":
        body = {"content": text, "link": {"url": target} if target else None}
    elif kind == "equation":
        body = {"expression": text}
    else:
        body = _write_mention(item["mention"])
    return {
        "type": kind,
        kind: body,
        "annotations": {
            **{name: item.get(name, False) for name in MARKS},
            "color": write_color(item),
        },
        "plain_text": text,
        "href": target,
    }


def _write_mention(mention: Mapping[str, Any]) -> dict[str, Any]:
    kind = mention["type"]
    if kind == "date":
        return {"type": kind, kind: mention["date"]}
    if kind == "template_mention":
        return {"type": kind, kind: mention["value"]}
    if kind == "user":
        return {"type": kind, kind: {"object": "user", "id": mention["id"]}}
    if kind == "custom_emoji":
        return {
            "type": kind,
            kind: {"id": mention["id"], "name": "emoji", "url": "https://example.com/emoji.png"},
        }
    return {"type": kind, kind: {"id": mention["id"]}}


def write_picture(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored icon or cover."""
    if value is None:
        return None
    if value["type"] == "file":
        return {"type": "file", "file": write_file(value["file"]["url"])}
    return dict(value)


def write_file(url: str) -> dict[str, Any]:
    """A file that the workspace keeps; its address does not really expire."""
    return {"url": url, "expiry_time": "2099-12-31T23:59:00.000Z"}
