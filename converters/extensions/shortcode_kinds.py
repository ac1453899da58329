"""What known shortcodes and components become: pictures, films, notes, tabs, code. One table for all tools, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from converters.blocks import (
    Bookmark,
    Code,
    Embed,
    Equation,
    Media,
    Paragraph,
    Quote,
    Span,
    TableOfContents,
    Url,
)
from converters.extensions.containers import finish_tabs, open_note
from converters.extensions.kinds import Note, finish_note
from converters.extensions.tags import Alone, Opens, Raw, Tag, paragraph, pass_on
from converters.handlers.basic import finish_quote
from converters.inline import Writer, show_image
from converters.links import file_name, media_kind
from converters.state import Frame, State

Place = tuple[int, int]


def _names(text: str) -> list[str]:
    return text.split()


# -- alone ---------------------------------------------------------------------------------------------------------


def picture(writer: Writer, tag: Tag, place: Place) -> None:
    """A picture; a caption stands for the alternative text, which says the same in other words."""
    src = tag.get("src", "source", "path", "url", at=0)
    words = [tag.get("title"), tag.get("caption") or tag.get("alt", at=1), tag.get("attr")]
    text = " — ".join(dict.fromkeys(word for word in words if word))
    caption = (Span(text),) if text else ()
    link = writer.link
    if tag.get("link") and link is None and src:
        writer.begin_link(writer.state.link(tag.get("link"), *place))
    if src:
        show_image(writer, src, caption, "", place)
    else:
        writer.parts.append(text)
    if writer.link is not link:
        writer.flush()
        writer.link = link


def _player(writer: Writer, tag: Tag, place: Place) -> None:
    src = tag.get("src", "source", "url", "file", at=0)
    link = writer.state.link(src, *place, media=True) if src else None
    title = tag.get("caption", "title", "alt")
    caption = (Span(title),) if title else ()
    if link is None:
        writer.parts.append(title)
    elif writer.single:
        writer.flush()
        writer.spans.append(Span(title or file_name(link), writer.marks, link))
    else:
        kind = (
            "audio" if tag.name == "audio" else "video" if media_kind(link) == "image" else media_kind(link)
        )
        writer.block(Media(link, kind, caption, line=place[0]))


def _page(address: str, *, embedded: bool = False, keys: tuple[str, ...] = ("id",)) -> Alone:
    """Something on another site: `%s` stands for its name there."""

    def handle(writer: Writer, tag: Tag, place: Place) -> None:
        name = tag.get(*keys, at=0).strip()
        if not name:
            writer.parts.append(tag.text)
            return
        url = name if name.startswith("https://") else address % quote(name, safe="/@?=&-_.~")
        title = tag.get("title", "caption")
        caption = (Span(title),) if title else ()
        if writer.single or writer.spans or "".join(writer.parts).strip():
            writer.flush()
            writer.spans.append(Span(title or url, writer.marks, Url(url)))
        else:
            writer.block((Embed if embedded else Bookmark)(url, caption, line=place[0]))

    return handle


def _post(writer: Writer, tag: Tag, place: Place) -> None:
    """A post of X: it is named by its number alone, or by its author and its number."""
    name, user = (
        tag.get("id", at=1) or tag.get(at=0),
        tag.get("user") or (tag.get(at=0) if len(tag.values) > 1 else "i"),
    )
    _page("https://x.com/%s")(
        writer, Tag(tag.name, tag.role, tag.text, 0, 0, (f"{user}/status/{name}",)), place
    )


def _gist(writer: Writer, tag: Tag, place: Place) -> None:
    name = tag.get("url", "id") or "/".join(tag.values[:2])
    _page("https://gist.github.com/%s")(writer, Tag(tag.name, tag.role, tag.text, 0, 0, (name,)), place)


def link_to(writer: Writer, href: str, text: str, place: Place) -> None:
    """A link that stands for something that cannot be shown, on a line of its own where there is room for one."""
    link = writer.state.link(href, *place)
    paragraph(writer, Paragraph((Span(text, writer.marks, link),), line=place[0]))


def _reference(writer: Writer, tag: Tag, place: Place) -> None:
    href = tag.get("path", at=0)
    link = writer.state.link(href, *place)
    writer.flush()
    writer.spans.append(Span(words_of(href), writer.marks, link))


def include(writer: Writer, path: str, place: Place, words: str = "") -> None:
    """Text of another file, which a page of its own shows."""
    writer.state.report("include-kept", f"“{path}” is not included; a link leads to it.", *place)
    link_to(writer, path, words or words_of(path), place)


def _include(writer: Writer, tag: Tag, place: Place) -> None:
    path = tag.get("file", "path", at=0)
    # Hugo's paths count from the content folder, with or without a slash
    include(writer, path if path.startswith(("/", ".")) else f"/{path}", place)


def words_of(path: str) -> str:
    """What a path says to a reader: "/guide/getting-started.md" is "Getting started"."""
    stem = re.sub(r"\.\w{1,8}\Z", "", path.partition("#")[0].rstrip("/").rpartition("/")[2])
    words = re.sub(r"[-_\s]+", " ", stem).strip() or path
    return words[:1].upper() + words[1:]


def _contents(writer: Writer, tag: Tag, place: Place) -> None:
    if not writer.single:
        writer.block(TableOfContents(line=place[0]))


def _version(words: str) -> Alone:
    def handle(writer: Writer, tag: Tag, place: Place) -> None:
        version = tag.get("version", at=0).removeprefix("v")
        writer.span(f"{words} {version}".strip(), "italic")

    return handle


def _text(writer: Writer, tag: Tag, place: Place) -> None:
    writer.parts.append(tag.get("text", "label", "name", "title", at=0))


def _break(writer: Writer, tag: Tag, place: Place) -> None:
    writer.parts.append("\n")


ALONE: dict[str, Alone] = {
    **dict.fromkeys(_names("figure img image picture imgproc"), picture),
    **dict.fromkeys(_names("video audio mp4"), _player),
    "youtube": _page("https://www.youtube.com/watch?v=%s", embedded=True, keys=("id", "videoid")),
    "vimeo": _page("https://vimeo.com/%s", embedded=True),
    "streamable": _page("https://streamable.com/%s", embedded=True),
    "instagram": _page("https://www.instagram.com/p/%s/"),
    **dict.fromkeys(_names("tweet twitter x"), _post),
    "gist": _gist,
    **dict.fromkeys(_names("ref relref"), _reference),
    **dict.fromkeys(_names("include readfile snippet"), _include),
    **dict.fromkeys(_names("toc tableofcontents table-of-contents"), _contents),
    "new-in": _version("New in version"),
    "deprecated-in": _version("Deprecated since version"),
    "badge": _text,
    "qr": _text,
    "br": _break,
}


# -- pairs around Markdown -----------------------------------------------------------------------------------------


def _note(state: State, tag: Tag, line: int) -> None:
    """A note, tip or warning. Themes disagree on how its kind and its title are given."""
    kind = tag.name
    values = list(tag.values)
    if kind in _GENERIC:
        kind = tag.get("type", "kind", "color", "context", "level", "class") or (
            values.pop(0) if values else "note"
        )
    title = tag.get("title", "summary", "header", "heading") or " ".join(values)
    open_note(state, kind.lower(), (Span(title),) if title else (), line)


_GENERIC = frozenset(_names("admonition callout alert notice notification message block hint-box"))


def _toggle(state: State, tag: Tag, line: int) -> None:
    title = tag.get("title", "summary", "label", at=0)
    open_note(state, "details", (Span(title),) if title else (), line)


def _labelled(state: State, tag: Tag, line: int) -> None:
    title = tag.get("title", "label", "name", "header", "tabname", "value", at=0)
    open_note(state, "tab", (Span(title),) if title else (), line)


def _listing(state: State, tag: Tag, line: int) -> None:
    """mdBook's listing: its file and what it shows stand above the code."""
    number = tag.get("number")
    words = [tag.get("file-name"), f"Listing {number}" if number else "", tag.get("caption")]
    title = ": ".join(word for word in words if word)
    open_note(state, "tab", (Span(title),) if title else (), line)


def _transparent(state: State, tag: Tag, line: int) -> None:
    state.push(Frame("", line, pass_on))


def _tabs(state: State, tag: Tag, line: int) -> None:
    state.push(Frame("", line, finish_tabs))


def _quote(state: State, tag: Tag, line: int) -> None:
    author = tag.get("author", "cite", "by", "attribution")
    state.push(Frame("", line, _finish_quote if author else finish_quote, author))


def _finish_quote(state: State, frame: Frame) -> None:
    frame.blocks.append(Paragraph((Span(f"— {frame.data}"),), line=frame.line))
    finish_quote(state, frame)
    assert isinstance(state.blocks[-1], Quote)


def _since(kind: str, words: str) -> Opens:
    def handle(state: State, tag: Tag, line: int) -> None:
        title = f"{words} {tag.get('version', at=0).removeprefix('v')}".strip()
        state.push(Frame("", line, finish_note, Note(kind, (Span(title),))))

    return handle


def _figure(state: State, tag: Tag, line: int) -> None:
    writer = Writer(state, "", line, fixed=(line, 1))
    picture(writer, tag, (line, 1))
    state.emit(writer.finish(), line)


OPENS: dict[str, Opens] = {
    **dict.fromkeys(
        _names(
            "note tip info warning danger important caution hint success error question example bug attention "
            "seealso notice alert admonition callout notification message tldr abstract todo"
        ),
        _note,
    ),
    **dict.fromkeys(_names("details expand collapse spoiler toggle accordion-item dropdown"), _toggle),
    **dict.fromkeys(_names("tab tab-item tabitem card"), _labelled),
    **dict.fromkeys(
        _names("steps columns column cards section div center rawhtml accordion html lead markdownify qr"),
        _transparent,
    ),
    "listing": _listing,
    **dict.fromkeys(_names("tabs tabgroup tabpane"), _tabs),
    **dict.fromkeys(_names("quote blockquote epigraph pullquote"), _quote),
    **dict.fromkeys(_names("figure img image"), _figure),
    "new-in": _since("info", "New in version"),
    "deprecated-in": _since("warning", "Deprecated since version"),
}

# Opening and closing tags in a line that only set a mark, and those that say nothing to a reader
MARKS: Mapping[str, str] = {**dict.fromkeys(_names("kbd code hl-code"), "code"), "mark": "background"}
SILENT = frozenset(_names("div section center lead steps columns column tabs tabpane tabgroup cards clear"))


# -- pairs around text that is no Markdown -----------------------------------------------------------------------------


def _code(state: State, tag: Tag, text: str, line: int) -> None:
    language = tag.get("lang", "language", "type", at=0)
    title = tag.get("title", "caption", "file", "filename", "name")
    add_code(state, text, language, title, line)


def add_code(state: State, text: str, language: str, title: str, line: int) -> None:
    caption = (Span(title),) if title else ()
    state.blocks.append(Code(text.strip("\n").rstrip(), language, caption, line=line))


def _mermaid(state: State, tag: Tag, text: str, line: int) -> None:
    add_code(state, text, "mermaid", "", line)


def _equation(state: State, tag: Tag, text: str, line: int) -> None:
    if text.strip():
        state.blocks.append(Equation(text.strip(), line=line))


def _configuration(state: State, tag: Tag, text: str, line: int) -> None:
    """gohugo.io shows a file in three languages, one of which is written."""
    toml = re.search(r"^\s*[\w.\"'-]+ *= ", text, re.MULTILINE) and not re.search(
        r"^\s*[\w\"'-]+:", text, re.MULTILINE
    )
    language = "toml" if toml else "json" if text.lstrip()[:1] == "{" else "yaml"
    file = tag.get("file", at=0)
    known = "." in file.rpartition("/")[2]
    add_code(state, text, language, file if known or not file else f"{file}.{language}", line)


RAW: dict[str, Raw] = {
    **dict.fromkeys(_names("highlight code codeblock prism"), _code),
    "code-toggle": _configuration,
    "mermaid": _mermaid,
    **dict.fromkeys(_names("katex math latex mathjax"), _equation),
}
