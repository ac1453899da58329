"""Rich text in the store's flat form (see publisher.emulator.rows) as HTML. Every word in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby
from typing import Any

from publisher.emulator.site.links import Links
from publisher.emulator.site.maths import mathml, tex

Item = Mapping[str, Any]

_COLORS = frozenset({"gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"})
_BACKGROUNDS = _COLORS | {
    "light_yellow", "light_green", "light_blue", "light_purple", "light_red",
    "yellow_green", "green_blue", "blue_purple", "purple_red", "red_orange",
}  # fmt: skip
_MARKS = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strikethrough", "s"), ("underline", "u"))


def colour_classes(style: Mapping[str, Any]) -> str:
    """Class names for the `color` and `background` of an item or a block; empty when both are the default."""
    color, background = style.get("color"), style.get("background")
    names = [f"c-{color}"] if color in _COLORS else []
    if background in _BACKGROUNDS:
        names.append(f"bg-{background}")
    return " ".join(names)


def plain(items: Iterable[Item] | None) -> str:
    """The bare characters of rich text, equations as their TeX."""
    return "".join(str(item.get("text") or "") for item in items or ())


def render(items: Iterable[Item] | None, links: Links) -> str:
    """HTML of rich text. Neighbours that lead to the same place become one link."""
    if not items:
        return ""
    out = []
    for href, run in groupby(items, key=lambda item: _href(item, links)):
        inner = "".join(_item(item, links) for item in run)
        out.append(anchor(href, inner) if href else inner)
    return "".join(out)


def anchor(href: str, inner: str) -> str:
    """A link around HTML; `href` has passed `Links.href`."""
    outside = "" if href.startswith(("/", "#")) else ' class="out" rel="noopener noreferrer nofollow"'
    return f'<a href="{escape(href)}"{outside}>{inner}</a>'


def _href(item: Item, links: Links) -> str | None:
    mention = item.get("mention")
    if mention:
        target = _target(mention)
        own = links.page(target) if target else None
        return own or links.href(_of(mention, "url") or str(item.get("link") or ""))
    url = item.get("link")
    return links.href(url) if url else None


def _of(mention: Item, key: str) -> str:
    """A field of a mention, which may stand in it or under the key of its type."""
    inner = mention.get(str(mention.get("type")))
    found = mention.get(key) or (inner.get(key) if isinstance(inner, Mapping) else None)
    return str(found or "")


def _target(mention: Item) -> str:
    return _of(mention, "id") if mention.get("type") in ("page", "database", "data_source") else ""


def _item(item: Item, links: Links) -> str:
    kind = item.get("type")
    text = str(item.get("text") or "")
    if kind == "equation":
        html = links.budget.spend(lambda: mathml(text), lambda: tex(text))
    elif kind == "mention":
        html = _mention(item.get("mention") or {}, text, links)
    else:
        html = escape(text)
    return _marked(html, item) if len(item) > 2 else html


def _marked(html: str, marks: Item) -> str:
    for name, tag in _MARKS:
        if marks.get(name):
            html = f"<{tag}>{html}</{tag}>"
    classes = colour_classes(marks)
    return f'<span class="{classes}">{html}</span>' if classes else html


def _mention(mention: Item, text: str, links: Links) -> str:
    kind = str(mention.get("type") or "mention")
    inner = mention.get(kind)
    if kind == "date":
        shown = date_range(inner if isinstance(inner, Mapping) else mention) or text
        return f'<time class="mention">@{escape(shown)}</time>'
    if kind == "user":
        name = _of(mention, "name") or text.removeprefix("@") or "someone"
        return f'<span class="mention">@{escape(name)}</span>'
    label = links.title(_target(mention)) or text or _of(mention, "name") or _of(mention, "url") or kind
    return f'<span class="mention">{escape(label)}</span>'


def date_range(value: Mapping[str, Any]) -> str:
    """A date value for people: "2026-03-01 → 2026-03-04 (Europe/Oslo)"."""
    start, end, zone = (value.get(key) for key in ("start", "end", "time_zone"))
    text = moment(str(start or ""))
    if end:
        text += f" → {moment(str(end))}"
    return f"{text} ({zone})" if zone else text


def moment(iso: str) -> str:
    """An ISO date or time with its "T" and its empty parts taken out."""
    day, _, clock = iso.partition("T")
    if not clock:
        return day
    clock = clock.replace(".000", "").replace("Z", " UTC").replace("+00:00", " UTC")
    if clock.startswith("00:00:00"):
        clock = clock[8:].strip()
    return f"{day} {clock}".strip()
