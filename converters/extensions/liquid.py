"""Liquid, which Jekyll reads before Markdown does: `{% highlight ruby %}…{% endhighlight %}`, `{{ page.title }}`.

Its programs are not run: what only a run would tell is kept as it is written, and reported.
"""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it.token import Token

from converters.blocks import Callout, Paragraph, Span
from converters.extensions import shortcode_kinds as kinds
from converters.extensions import shortcode_texts as texts
from converters.extensions.grammars import LONGEST, Alone, Grammar, Raw, Tag, arguments
from converters.extensions.kinds import KINDS, bold
from converters.extensions.tags import extension, told
from converters.inline import Writer
from converters.state import Extension, State

_INNER = r"""(?:"[^"]*+"|'[^']*+'|[^"'{}%]|%(?!\})|\}(?!\}))*+"""
_TAG = re.compile(rf"\{{%-?\s*+(end)?([A-Za-z_]\w*)\b({_INNER})%\}}", re.DOTALL)
_OUTPUT = re.compile(r"""\{\{-?((?:"[^"]*+"|'[^']*+'|[^"'{}]|\}(?!\}))*+)\}\}""", re.DOTALL)
_TEXT = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)')\s*(?:\||-?\Z)""")
_SITE = re.compile(r"\s*site\.(?:baseurl|url)\b")
_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}\n?")
# Tags that stand alone: what comes behind them is not theirs
_ALONE = frozenset(["include", "include_relative", "include_cached", "link", "post_url", "assign", "gist", "youtube", "vimeo", "increment", "decrement", "seo", "feed_meta", "toc", "break", "continue", "else", "elsif", "when", "cycle", "render", "layout", "picture", "figure", "avatar"])  # fmt: skip


def _read(source: str, position: int) -> Tag | None:
    limit = position + LONGEST
    if source.startswith("{{", position):
        match = _OUTPUT.match(source, position, limit)
        if match is None:
            return None
        return Tag("{{", "alone", match[0], position, match.end(), (match[1].strip(),))
    match = _TAG.match(source, position, limit)
    if match is None:
        return None
    values, named = arguments(match[3].strip().removesuffix("-").strip())
    role = "close" if match[1] else "alone" if match[2] in _ALONE else "open"
    return Tag(match[2], role, match[0], position, match.end(), values, named)  # type: ignore[arg-type]  # a Role


def _address(tag: Tag) -> str | None:
    if tag.name == "link":
        return f"/{tag.get(at=0).lstrip('/')}"
    if tag.name == "post_url":
        folder, _, name = tag.get(at=0).rpartition("/")
        return f"/{folder}{'/' if folder else ''}_posts/{name}.md"
    if tag.name == "{{":
        text = _TEXT.match(tag.values[0])
        if text:
            return text[1] or text[2]
        return "" if _SITE.match(tag.values[0]) else None
    return None


def _output(writer: Writer, tag: Tag, place: tuple[int, int]) -> bool | None:
    """A text in quotes is what it shows; anything else is known only to the site."""
    text = _TEXT.match(tag.values[0])
    if text is None or "|" in tag.values[0]:
        return False
    writer.parts.append(text[1] or text[2] or "")
    return None


def _include(writer: Writer, tag: Tag, place: tuple[int, int]) -> bool | None:
    name = tag.get(at=0)
    player = next((player for player in ("youtube", "vimeo") if player in name.lower()), "")
    if player and tag.get("id"):
        return kinds.ALONE[player](writer, tag, place)
    if tag.name == "include_relative" and name:
        kinds.include(writer, name, place)
        return None
    if re.search("figure|image|picture", name) and tag.get("src", "url", "image_path", "file"):
        return kinds.ALONE["figure"](
            writer, replace(tag, name="figure", values=(), named=_source(tag)), place
        )
    return _note(writer, tag, name.rpartition("/")[2].partition(".")[0].lower(), place)


def _note(writer: Writer, tag: Tag, name: str, place: tuple[int, int]) -> bool | None:
    """`{% include note.html content="…" %}`, as themes for documentation have it."""
    text = tag.get("content", "text", "message")
    kind = tag.get("type").lower() if name in ("alert", "callout", "admonition") else name
    if not text or kind not in KINDS or writer.single:
        return False
    icon, color = KINDS[kind]
    said = told(writer.state, replace(tag, rich=True), text, place[0])
    title = tag.get("title")
    below = (Paragraph(said, line=place[0]),) if title else ()
    writer.block(Callout(bold((Span(title),)) if title else said, icon, color, below, line=place[0]))
    return None


def _source(tag: Tag) -> dict[str, str]:
    return {**tag.named, "src": tag.get("src", "url", "image_path", "file")}


def _link(writer: Writer, tag: Tag, place: tuple[int, int]) -> None:
    href = _address(tag) or ""
    writer.flush()
    writer.begin_link(writer.state.link(href, *place))
    writer.parts.append(kinds.words_of(href))
    writer.end_link()


def _captured(state: State, tag: Tag, text: str, line: int) -> None:
    state.report(
        "template-kept", f"“{tag.name}” is a program of the site's; its text is kept as code.", line, 1
    )
    texts.add_code(state, f"{tag.text}\n{text}", "liquid", "", line)


def _highlight(state: State, tag: Tag, text: str, line: int) -> None:
    # `linenos` and its like are no names
    texts.add_code(state, text, tag.get(at=0), "", line)


_TAGS: dict[str, Alone] = {
    "{{": _output,
    "include": _include,
    "include_cached": _include,
    "include_relative": _include,
    "link": _link,
    "post_url": _link,
    **{name: kinds.ALONE[name] for name in ("youtube", "vimeo", "gist", "toc", "figure", "picture")},
}
_PAIRS: dict[str, Raw] = {"highlight": _highlight, "comment": texts.RAW["comment"], "capture": _captured}


def _code(state: State, token: Token) -> bool:
    """Liquid reads code too, so that code that shows a tag has to stand between `raw`."""
    if "raw" in token.content and "{%" in token.content:
        token.content = _RAW.sub("", token.content)
    return False


def _code_inline(writer: Writer, token: Token) -> bool:
    return _code(writer.state, token)


LIQUID_GRAMMAR = Grammar(
    "liquid",
    re.compile(r"\{[{%]"),
    _read,
    lambda tag: tag.name,
    _TAGS,
    {},
    _PAIRS,
    {},
    "template-kept",
    _address,
    frozenset({"raw"}),
    ends=True,
    literal=frozenset({"raw"}),
    within={name: texts.WITHIN[name] for name in ("highlight", "comment")},
    broken=re.compile(r"\{\{-?|\{%-?\s*+[A-Za-z_]\w*+"),
)
LIQUID = extension(
    LIQUID_GRAMMAR,
    "Liquid's `{% highlight %}`, `{% link %}` and their like; programs are kept as they are written",
    blocks={"fence": _code, "code_block": _code},
    inlines={"code_inline": _code_inline},
)

_VUE = re.compile(r"""\{\{((?:"[^"]*+"|'[^']*+'|`[^`]*+`|[^"'`{}]|\{[^{}]*+\}|\}(?!\}))*+)\}\}""")


def _read_vue(source: str, position: int) -> Tag | None:
    match = _VUE.match(source, position, position + LONGEST)
    if match is None:
        return None
    return Tag("{{", "alone", match[0], position, match.end(), (match[1].strip(),))


_VUE_TEXT = re.compile(r"""\{\{\s*(?:'([^'{}]*)'|"([^"{}]*)")\s*\}\}""")


def _vue_code(state: State, token: Token) -> bool:
    """Code is read by Vue only if its language ends in `-vue`."""
    language, _, rest = token.info.partition(" ")
    if language.endswith("-vue"):
        token.info = f"{language.removesuffix('-vue')} {rest}"
        token.content = _VUE_TEXT.sub(lambda match: match[1] or match[2] or "", token.content)
    return False


VUE = extension(
    Grammar(
        "vue-templates",
        re.compile(r"\{\{"),
        _read_vue,
        lambda tag: "",
        {"{{": _output},
        {},
        {},
        {},
        "template-kept",
    ),
    "Vue's `{{ $frontmatter.title }}` is kept as it is written",
    blocks={"fence": _vue_code},
)

SUBSTITUTIONS = extension(
    Grammar(
        "substitutions",
        re.compile(r"\{\{"),
        _read_vue,
        lambda tag: "",
        {"{{": _output},
        {},
        {},
        {},
        "template-kept",
    ),
    "MyST's `{{ name }}` is kept as it is written",
)

EXTENSIONS: tuple[Extension, ...] = (LIQUID, VUE, SUBSTITUTIONS)
