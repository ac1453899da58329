"""Rich text in the JSON of a service: links checked, equations and addresses that are too long kept as text."""

from __future__ import annotations

import re

from converters.blocks import PLAIN, InlineEquation, Link, Marks, RichText, Span, Url
from converters.diagnostics import Diagnostic, diagnostic
from converters.dialects.base import address
from converters.dialects.shape import Piece, Shape
from converters.dialects.text import EXPRESSION_LIMIT, units
from converters.dialects.urls import SCHEMES, URL_LIMIT, canonical_url, shown_url

_CODE = Marks(code=True)
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")


class Inline:
    """What happens within the lines of one file, and the diagnostics about it."""

    def __init__(self, shape: Shape, path: str) -> None:
        self.shape = shape
        self.path = path
        self.diagnostics: list[Diagnostic] = []

    def rich(self, text: RichText, line: int) -> list[str]:
        """Rich text as items in JSON; any number of them."""
        return self.shape.items([self._piece(item, line) for item in text]) if text else []

    def _piece(self, item: Span | InlineEquation, line: int) -> Piece:
        if isinstance(item, Span):
            return self._linked(item, item.link, line) if item.link else (item.text, item.marks, None)
        expression = item.expression
        if not expression.strip():
            return "", PLAIN, None
        length = units(expression)
        if length > EXPRESSION_LIMIT:
            self.note("equation-long", f"An equation of {length:,} characters is kept as code.", line)
            return expression, _CODE, None
        return self.shape.equation(expression, item.marks)

    def _linked(self, span: Span, link: Link, line: int) -> Piece:
        url = self.target(link, line)
        if url is not None or not isinstance(link, Url):
            return span.text, span.marks, url
        return readable(span), span.marks, None

    def target(self, link: Link, line: int) -> str | None:
        """The address to send; None, with a diagnostic, if a service would refuse it."""
        if not isinstance(link, Url):
            return address(link)
        url = canonical_url(link.url)
        if url is None:
            scheme = _SCHEME.match(link.url)
            code = "link-unsafe" if scheme and scheme[1].lower() not in SCHEMES else "link-invalid"
            problem = "not a link for a page" if code == "link-unsafe" else "not a whole address"
            message = f"“{link.url[:100]}” is {problem}; it is kept as text."
            self.note(code, message, link.line or line, link.column)
        elif len(url) > URL_LIMIT:
            message = f"A URL of {len(url):,} characters is kept as text: “{url[:60]}…”."
            self.note("url-long", message, link.line or line, link.column)
            return None
        return url

    def note(self, code: str, message: str, line: int, column: int = 0) -> None:
        self.diagnostics.append(diagnostic(code, message, self.path, line, column))


def unmarked(item: Span | InlineEquation) -> Span | InlineEquation:
    """An item without its marks; its link stays."""
    return Span(item.text, link=item.link) if isinstance(item, Span) else item


def readable(item: Span | InlineEquation) -> str:
    """An item as bare text, with the address of its link if that leads out."""
    if isinstance(item, InlineEquation):
        return item.expression
    shown = shown_url(item.link.url).strip() if isinstance(item.link, Url) else ""
    return item.text if shown in item.text else f"{item.text} ({shown})"
