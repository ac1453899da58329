"""Property values of records as HTML, by type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from publisher.emulator.site import icons, richtext
from publisher.emulator.site.links import Links

_CHIPS = frozenset({"gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"})
_CURRENCIES = {
    "dollar": "$",
    "euro": "€",
    "pound": "£",
    "yen": "¥",
    "yuan": "¥",
    "rupee": "₹",
    "won": "₩",
    "ruble": "₽",
}


def cell(value: Mapping[str, Any] | None, links: Links, schema: Mapping[str, Any] | None = None) -> str:
    """HTML of a property value `{"type", <type>: …}`; empty if it has none.

    `schema` is the database's entry for the property, which knows the format of numbers.
    """
    kind = str((value or {}).get("type") or "")
    inner = (value or {}).get(kind)
    if inner is None or inner in ("", [], {}):
        return ""
    shown = _SHOWN.get(kind)
    try:
        if kind == "number":
            return escape(number(inner, str(((schema or {}).get("number") or {}).get("format") or "")))
        return shown(inner, links) if shown else _text(_raw(inner))
    except (AttributeError, TypeError, KeyError):  # not the shape that its type promises
        return _text(_raw(inner))


def is_numeric(kind: str) -> bool:
    """Whether a column of this type reads best aligned to the right."""
    return kind in ("number", "unique_id")


def number(value: Any, form: str = "") -> str:
    """A number in the format of its property (percent, number_with_commas, a currency)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if form == "percent":
        return f"{value * 100:.10g} %"
    if form in _CURRENCIES:
        return f"{_CURRENCIES[form]}{value:,.2f}"
    if form == "number_with_commas":
        return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _text(text: str) -> str:
    return f'<span class="line">{escape(text)}</span>'


def _raw(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:500]


def _rich(value: Any, links: Links) -> str:
    return f'<span class="line">{richtext.render(value, links)}</span>'


def _chip(option: Mapping[str, Any]) -> str:
    color = str(option.get("color") or "default").replace("grey", "gray")
    name = escape(str(option.get("name") or option.get("id") or ""))
    return f'<span class="chip{f" chip-{color}" if color in _CHIPS else ""}">{name}</span>'


def _status(value: Mapping[str, Any], links: Links) -> str:
    return _chip(value).replace('class="chip', 'class="chip status', 1)


def _many(each: Callable[[Any, Links], str]) -> Callable[[Any, Links], str]:
    return lambda value, links: (
        '<span class="many">' + "".join(each(item, links) for item in value) + "</span>"
    )


def _date(value: Mapping[str, Any], links: Links) -> str:
    return f"<time>{escape(richtext.date_range(value))}</time>"


def _time(value: Any, links: Links) -> str:
    return f"<time>{escape(richtext.moment(str(value)))}</time>"


def _checkbox(value: Any, links: Links) -> str:
    return f'<span class="box{" on" if value else ""}" role="img" aria-label="{"Yes" if value else "No"}"></span>'


def _address(value: Any, links: Links) -> str:
    href = links.href(str(value))
    shown = str(value).removeprefix("https://").removeprefix("http://").rstrip("/")
    return richtext.anchor(href, escape(shown)) if href else _text(str(value))


def _scheme(scheme: str) -> Callable[[Any, Links], str]:
    def show(value: Any, links: Links) -> str:
        href = links.href(f"{scheme}:{value}")
        return richtext.anchor(href, escape(str(value))) if href else _text(str(value))

    return show


def _person(value: Any, links: Links) -> str:
    user = value if isinstance(value, Mapping) else {"id": value}
    name = str(user.get("name") or user.get("id") or "Someone")
    return f'<span class="person"><span class="face" aria-hidden="true">{escape(name[:1].upper())}</span>{escape(name)}</span>'


def _file(value: Mapping[str, Any], links: Links) -> str:
    address = icons.source(value)
    href = links.href(address)
    label = icons.symbol("file") + escape(str(value.get("name") or address or "File"))
    return f'<span class="attachment">{richtext.anchor(href, label) if href else label}</span>'


def _relation(value: Any, links: Links) -> str:
    page_id = str(value.get("id") if isinstance(value, Mapping) else value)
    href, title = links.page(page_id), links.title(page_id)
    label = icons.symbol("page") + escape(title or "Untitled" if href else "A page that is not here")
    return f'<span class="relation">{richtext.anchor(href, label) if href else label}</span>'


def _nested(value: Mapping[str, Any], links: Links) -> str:
    """Formula and rollup hold another value with a type of its own."""
    if value.get("type") == "array":
        return _many(cell)(value.get("array") or [], links)
    if value.get("type") in ("string", "boolean"):
        shown = value.get(str(value["type"]))
        return _checkbox(shown, links) if isinstance(shown, bool) else _text(str(shown or ""))
    return cell(value, links)


def _unique_id(value: Mapping[str, Any], links: Links) -> str:
    return _text(
        "-".join(str(part) for part in (value.get("prefix"), value.get("number")) if part is not None)
    )


def _named(key: str) -> Callable[[Any, Links], str]:
    return lambda value, links: _text(str(value.get(key) or ""))


_SHOWN: Mapping[str, Callable[[Any, Links], str]] = {
    "title": _rich,
    "rich_text": _rich,
    "number": lambda value, links: escape(number(value)),
    "select": lambda value, links: _chip(value),
    "status": _status,
    "multi_select": _many(lambda value, links: _chip(value)),
    "date": _date,
    "people": _many(_person),
    "files": _many(_file),
    "checkbox": _checkbox,
    "url": _address,
    "email": _scheme("mailto"),
    "phone_number": _scheme("tel"),
    "relation": _many(_relation),
    "formula": _nested,
    "rollup": _nested,
    "unique_id": _unique_id,
    "created_time": _time,
    "last_edited_time": _time,
    "created_by": _person,
    "last_edited_by": _person,
    "place": _named("name"),
    "verification": _named("state"),
}


def rows(
    properties: Mapping[str, Any], links: Links, schema: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Name, type and HTML of a record's properties in the order of its database, the title left out."""
    order = [
        *(name for name in schema if name in properties),
        *(name for name in properties if name not in schema),
    ]
    for name in order:
        kind = str(properties[name].get("type") or "")
        if kind != "title":
            yield name, kind, cell(properties[name], links, schema.get(name))
