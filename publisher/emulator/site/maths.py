"""TeX as MathML, which browsers draw without a script. What cannot be translated stays readable TeX."""

from __future__ import annotations

from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_LENGTH = 2000  # characters; the services allow 1,000 in one expression
_MAX_DEPTH = 100

# The library copies what it reads into its output, so only what is known to be drawing passes.
_ELEMENTS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mn",
        "mo",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "mstyle",
        "mpadded",
        "mphantom",
        "menclose",
        "mfenced",
        "merror",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mmultiscripts",
        "mprescripts",
        "mtable",
        "mtr",
        "mtd",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "accent",
        "accentunder",
        "columnalign",
        "columnlines",
        "columnspacing",
        "depth",
        "display",
        "displaystyle",
        "fence",
        "form",
        "height",
        "largeop",
        "linethickness",
        "lspace",
        "mathbackground",
        "mathcolor",
        "mathsize",
        "mathvariant",
        "maxsize",
        "minsize",
        "movablelimits",
        "notation",
        "rowlines",
        "rowspacing",
        "rspace",
        "scriptlevel",
        "separator",
        "stretchy",
        "symmetric",
        "voffset",
        "width",
    ]
)


@lru_cache(maxsize=1024)
def mathml(expression: str, *, block: bool = False) -> str:
    """HTML of a TeX expression: a `math` element, or the TeX itself in `code` when it cannot be translated."""
    drawn = _convert(expression, "block" if block else "inline")
    return drawn.replace("<math", f'<math alttext="{escape(expression)}"', 1) if drawn else tex(expression)


def tex(expression: str) -> str:
    """HTML of a TeX expression as it was written."""
    return f'<code class="tex">{escape(expression)}</code>'


def _convert(expression: str, display: str) -> str | None:
    from latex2mathml.converter import convert_to_element

    if not expression.strip() or len(expression) > MAX_LENGTH:
        return None
    try:
        out: list[str] = []
        _write(convert_to_element(expression, display=display), out, 0)
    except Exception:  # the library raises a class of its own per mistake, and IndexError or RecursionError
        return None
    return "".join(out)


def _write(element: Element, out: list[str], depth: int) -> None:
    if element.tag not in _ELEMENTS or depth > _MAX_DEPTH:
        raise ValueError(element.tag)
    out.append(f"<{element.tag}")
    out.extend(f' {name}="{escape(value)}"' for name, value in element.items() if name in _ATTRIBUTES)
    # The library writes characters as references into the text, meant to be read once more.
    out.append(f">{escape(unescape(element.text or ''))}")
    for child in element:
        _write(child, out, depth + 1)
    out.append(f"</{element.tag}>")
