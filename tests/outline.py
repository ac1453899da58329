"""A document as a text that people can read and compare: one line a block, two spaces a level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from converters.blocks import Block, Document, FileRef, InlineEquation, PageRef, RichText, Span, Url

_SIGNS = {"bold": "**", "italic": "_", "strikethrough": "~~", "underline": "__", "code": "`"}
_PLAIN_FIELDS = (
    "level",
    "anchor",
    "ordered",
    "checked",
    "icon",
    "language",
    "expression",
    "kind",
    "url",
    "color",
)


def outline(document: Document) -> str:
    """Everything that a document says."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    for name in ("title", "icon", "cover", "order", "draft"):
        if value := getattr(document, name):
            yield f"{name}: {value}"
    for key, value in document.properties.items():
        yield f"property {key}: {value!r} (line {document.property_lines.get(key)})"
    yield "---"
    yield from blocks(document.blocks)
    yield "---"
    if document.anchors:
        yield "anchors: " + " ".join(document.anchors)
    for use in document.links:
        yield f"link {use.line}:{use.column} {link(use.link)}"
    yield from map(str, document.diagnostics)


def blocks(items: Iterable[Block], indent: str = "") -> Iterator[str]:
    """The lines of some blocks."""
    for block in items:
        yield f"{indent}{block.line}: {_head(block)}"
        for row in getattr(block, "rows", ()):
            yield indent + "  | " + " | ".join(map(text, row))
        if caption := getattr(block, "caption", ()):
            yield f"{indent}  caption {text(caption)}"
        yield from blocks(getattr(block, "children", ()), indent + "  ")


def _head(block: Block) -> str:
    parts = [type(block).__name__]
    for field in fields(block):
        value: Any = getattr(block, field.name)
        if field.name in _PLAIN_FIELDS and value != field.default and value != "":
            parts.append(f"{field.name}={value}")
    table = ((name, getattr(block, name, ())) for name in ("header", "row_header", "alignments"))
    parts.extend(f"{name}={value}" for name, value in table if value)
    if source := getattr(block, "source", None):
        parts.append(link(source))
    content = getattr(block, "text", ())
    parts.append(repr(content) if isinstance(content, str) else text(content))
    return " ".join(part for part in parts if part)


def text(rich: RichText) -> str:
    """Rich text with signs for its marks."""
    return "".join(map(_span, rich))


def _span(item: Span | InlineEquation) -> str:
    shown = item.text.replace("\n", "⏎") if isinstance(item, Span) else f"${item.expression}$"
    for name, sign in _SIGNS.items():
        if getattr(item.marks, name):
            shown = f"{sign}{shown}{sign}"
    if item.marks.background != "default":
        shown = f"=={shown}=="
    if isinstance(item, Span) and item.link is not None:
        shown = f"[{shown}]({link(item.link)})"
    return shown


def link(target: Url | PageRef | FileRef) -> str:
    """A link's target, with its kind."""
    match target:
        case Url(url):
            return url
        case PageRef(path, anchor):
            return f"page:{path}#{anchor}" if anchor else f"page:{path}"
        case FileRef(path):
            return f"file:{path}"
