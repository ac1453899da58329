"""Links to terms of a glossary, as gohugo.io writes them: `[content formats](g)` and `[formats](g "content format")`."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from converters.anchors import slug
from converters.state import Extension

_TERM = "g"


def _rule(state: StateCore) -> None:
    """Give the link the term's page as its address."""
    if "](g" not in state.src:
        return
    for token in state.tokens:
        if token.type == "inline" and "](g" in token.content and token.children:
            _name_terms(token.children)


def _name_terms(children: list[Token]) -> None:
    for index, child in enumerate(children):
        if child.type != "link_open" or child.attrs.get("href") != _TERM:
            continue
        words = str(child.attrs.pop("title", "")) or _text(children, index + 1)
        child.attrs["href"] = term_page(words)


def _text(children: list[Token], index: int) -> str:
    parts = []
    for child in children[index:]:
        if child.type == "link_close":
            break
        parts.append(" " if child.type == "softbreak" else child.content)
    return "".join(parts)


def term_page(words: str) -> str:
    """The address of the page that explains a term."""
    return f"/quick-reference/glossary/{singular(slug(' '.join(words.split())))}.md"


def singular(term: str) -> str:
    """An English term in the singular, which is how glossaries name it."""
    if term.endswith("ies") and len(term) > 4:
        return f"{term[:-3]}y"
    if term.endswith(("sses", "xes", "ches", "shes")):
        return term[:-2]
    return term[:-1] if term.endswith("s") and not term.endswith(("ss", "us", "is")) else term


def _setup(parser: MarkdownIt) -> None:
    parser.core.ruler.push("glossary", _rule)


GLOSSARY = Extension(
    "glossary-links", "`[term](g)` leads to the term in the glossary, as on gohugo.io", setup=_setup
)
