"""The shortcodes of Hugo and Zola: `{{< figure … >}}`, `{{% note %}}`, `{{ youtube(id="…") }}`, `{% quote() %}`."""

from __future__ import annotations

import re
from typing import Any

from markdown_it.token import Token

from converters.extensions import shortcode_kinds as kinds
from converters.extensions import shortcode_pairs as pairs
from converters.extensions import shortcode_texts as texts
from converters.extensions.glossary import GLOSSARY, term_page
from converters.extensions.grammars import LONGEST, Grammar, Tag, arguments
from converters.extensions.tags import extension
from converters.inline import Writer
from converters.state import Extension, State

_ARGUMENTS = r"""(?:"(?:[^"\\]|\\.)*+"|`[^`]*+`|[^"`<>%{}]|%(?!\}\})|>(?!\}\})|<)*+"""
_HUGO = re.compile(
    rf"\{{\{{([<%])\s*+(/?)\s*+([\w./-]*[\w.-])(?=[\s/>%])\s*+({_ARGUMENTS})[>%]\}}\}}", re.DOTALL
)
_HUGO_LITERAL = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.DOTALL)


def _hugo(source: str, position: int) -> Tag | None:
    limit = position + LONGEST
    literal = _HUGO_LITERAL.match(source, position, limit)
    if literal is not None:
        text = f"{{{{{literal[1]}{literal[2]}{literal[3]}}}}}"
        return Tag("", "literal", text, position, literal.end())
    match = _HUGO.match(source, position, limit)
    if match is None:
        return None
    inner = match[4].rstrip()
    alone = inner.endswith("/")
    values, named = arguments(inner[:-1] if alone else inner)
    role = "close" if match[2] else "alone" if alone else "open"
    return Tag(match[3].lower(), role, match[0], position, match.end(), values, named, True)  # type: ignore[arg-type]  # a Role


def _hugo_address(tag: Tag) -> str | None:
    """`ref` and `relref` name a page; a path without a slash at its head counts from the page, as other links do."""
    if tag.name not in ("ref", "relref"):
        return None
    return tag.get("path", at=0).replace(" ", "%20")


def _term(writer: Writer, tag: Tag, place: tuple[int, int]) -> None:
    """gohugo.io tells what a term means; here a link leads to the page that tells it."""
    term = tag.get("term", at=0)
    kinds.include(writer, term_page(term) if term else "/quick-reference/glossary/", place, term)


def _escapes(literal: re.Pattern[str], shown: str) -> dict[str, Any]:
    """Handlers of code. Shortcodes are read in code too, so that code that shows one has to say so: `{{</* x */>}}`."""

    def block(state: State, token: Token) -> bool:
        if "*/" in token.content:
            token.content = literal.sub(shown, token.content)
        return False

    def inline(writer: Writer, token: Token) -> bool:
        return block(writer.state, token)

    return {"blocks": {"fence": block, "code_block": block}, "inlines": {"code_inline": inline}}


HUGO = extension(
    Grammar(
        "shortcodes",
        re.compile(r"\{\{[<%]"),
        _hugo,
        lambda tag: tag.name,
        {**kinds.ALONE, "glossary-term": _term, "glossary": _term},
        pairs.OPENS,
        texts.RAW,
        pairs.MARKS,
        "shortcode-kept",
        _hugo_address,
        pairs.SILENT,
        within=texts.WITHIN,
        links=pairs.LINKS,
        broken=re.compile(r"\{\{[<%]\s*+/?\s*+[\w./-]+"),
    ),
    "Hugo's `{{< figure >}}`, `{{% note %}}` and their like; unknown ones are kept as they are written",
    **_escapes(_HUGO_LITERAL, r"{{\1\2\3}}"),
)

_CALL = r"""\s*+([A-Za-z_][\w:]*)\s*+\(((?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|[^"'`(){}])*+)\)\s*+-?"""
_ZOLA = re.compile(rf"\{{(?:\{{-?{_CALL}\}}\}}|%-?{_CALL}%\}}|%-?\s*+(end)\s*+-?%\}})", re.DOTALL)
_ZOLA_LITERAL = re.compile(r"\{([{%])/\*(.*?)\*/([}%])\}", re.DOTALL)


def _zola(source: str, position: int) -> Tag | None:
    limit = position + LONGEST
    if literal := _ZOLA_LITERAL.match(source, position, limit):
        text = f"{{{literal[1]}{literal[2]}{literal[3]}}}"
        return Tag("", "literal", text, position, literal.end())
    match = _ZOLA.match(source, position, limit)
    if match is None:
        return None
    if match[5]:
        return Tag("end", "close", match[0], position, match.end())
    name, inner = (match[1], match[2]) if match[1] else (match[3], match[4])
    values, named = arguments(inner)
    role = "alone" if match[1] else "open"
    return Tag(name.lower(), role, match[0], position, match.end(), values, named, True)  # type: ignore[arg-type]  # a Role


def _internal(href: str) -> str:
    """`@/blog/a.md` counts from the content folder."""
    return href[1:] if href.startswith("@/") else href


def _resized(writer: Writer, tag: Tag, place: tuple[int, int]) -> bool | None:
    """A picture that the site makes smaller; its path counts from the content folder."""
    if not tag.get("path"):
        return False
    named = {**tag.named, "src": f"/{tag.get('path').lstrip('@/')}"}
    return kinds.picture(writer, Tag("figure", "alone", tag.text, 0, 0, (), named), place)


ZOLA = extension(
    Grammar(
        "zola-shortcodes",
        re.compile(r"\{[{%]"),
        _zola,
        lambda tag: "",
        {**kinds.ALONE, "resize_image": _resized},
        pairs.OPENS,
        texts.RAW,
        pairs.MARKS,
        "shortcode-kept",
        silent=pairs.SILENT,
        within=texts.WITHIN,
        links=pairs.LINKS,
        broken=re.compile(r"\{[{%]-?\s*+[A-Za-z_]\w*+\("),
    ),
    "Zola's `{{ figure() }}` and `{% note() %}…{% end %}`; unknown ones are kept as they are written",
    **_escapes(_ZOLA_LITERAL, r"{\1\2\3}"),
)

EXTENSIONS: tuple[Extension, ...] = (
    HUGO,
    # done by `includes`, before anything is parsed
    Extension("shortcode-includes", 'Hugo\'s `{{% include "file.md" %}}` becomes the text of the file'),
    GLOSSARY,
    ZOLA,
    Extension("zola-links", "`[text](@/page.md)` leads to a page of the content folder", address=_internal),
)
