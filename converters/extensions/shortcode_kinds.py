"""What known shortcodes and components become that stand alone: pictures, films, links. One table for all tools, by name."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from converters.blocks import Bookmark, Embed, InlineEquation, Media, Paragraph, Span, TableOfContents, Url
from converters.extensions.grammars import Alone, Tag
from converters.extensions.shortcode_texts import Place, bare, names
from converters.extensions.tags import paragraph, told
from converters.inline import Writer, show_image
from converters.links import file_name, media_kind


def picture(writer: Writer, tag: Tag, place: Place) -> bool | None:
    """A picture; a caption stands for the alternative text, which says the same in other words."""
    src = tag.get("src", "source", "path", "url", at=0)
    words = [tag.get("title"), tag.get("caption") or tag.get("alt", at=1), tag.get("attr")]
    text = " — ".join(dict.fromkeys(word for word in words if word))
    if not src:
        writer.parts.append(text)
        return None if text else False
    link = writer.link
    if tag.get("link") and link is None:
        writer.begin_link(writer.state.link(tag.get("link"), *place))
    show_image(writer, src, told(writer.state, tag, text, place[0]), "", place)
    if writer.link is not link:
        writer.flush()
        writer.link = link
    return None


def _player(writer: Writer, tag: Tag, place: Place) -> bool | None:
    src = tag.get("src", "source", "url", "file", at=0)
    if not src:
        return False
    link = writer.state.link(src, *place, media=True)
    title = tag.get("caption", "title", "alt")
    caption = told(writer.state, tag, title, place[0])
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
    return None


def _page(address: str, *, embedded: bool = False, keys: tuple[str, ...] = ("id",)) -> Alone:
    """Something on another site: `%s` stands for its name there."""

    def handle(writer: Writer, tag: Tag, place: Place) -> bool | None:
        name = tag.get(*keys, at=0).strip()
        if not name:
            return False
        url = name if name.startswith("https://") else address % quote(name, safe="/@?=&-_.~")
        title = tag.get("title", "caption")
        caption = (Span(title),) if title else ()
        if writer.single or writer.spans or "".join(writer.parts).strip():
            writer.flush()
            writer.spans.append(Span(title or url, writer.marks, Url(url)))
        else:
            writer.block((Embed if embedded else Bookmark)(url, caption, line=place[0]))
        return None

    return handle


def _post(writer: Writer, tag: Tag, place: Place) -> bool | None:
    """A post of X: it is named by its number alone, or by its author and its number."""
    name = tag.get("id", at=1) or tag.get(at=0)
    user = tag.get("user") or (tag.get(at=0) if len(tag.values) > 1 else "i")
    named = replace(tag, values=(f"{user}/status/{name}" if name else "",), named={})
    return _page("https://x.com/%s")(writer, named, place)


def _gist(writer: Writer, tag: Tag, place: Place) -> bool | None:
    name = tag.get("url", "id") or "/".join(tag.values[:2])
    return _page("https://gist.github.com/%s")(writer, replace(tag, values=(name,), named={}), place)


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


def _include(writer: Writer, tag: Tag, place: Place) -> bool | None:
    path = tag.get("file", "path", "src", at=0)
    if not path:
        return False
    # Hugo's paths count from the content folder, with or without a slash
    include(writer, path if path.startswith(("/", ".")) or "://" in path else f"/{path}", place)
    return None


def _card(writer: Writer, tag: Tag, place: Place) -> bool | None:
    """A card or a button without content is a link."""
    words = (tag.get("title", "text", "label", "name"), tag.get("subtitle", "description"))
    text, href = " — ".join(word for word in words if word), address(tag)
    if href:
        link_to(writer, href, text or words_of(href), place)
    else:
        writer.parts.append(text)
    return None if text or href else False


def address(tag: Tag) -> str:
    """Where a card or a button leads."""
    return tag.get("link", "href", "url", "relref", "ref", "page")


def _formula(writer: Writer, tag: Tag, place: Place) -> bool | None:
    """A formula that a tag is told, as some themes of Zola do."""
    text = bare(tag.get("body", "tex", "formula", at=0))
    if not text:
        return False
    writer.flush()
    writer.spans.append(InlineEquation(text, writer.marks))
    return None


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
    **dict.fromkeys(names("figure img image picture imgproc"), picture),
    **dict.fromkeys(names("video audio mp4"), _player),
    "youtube": _page("https://www.youtube.com/watch?v=%s", embedded=True, keys=("id", "videoid")),
    "vimeo": _page("https://vimeo.com/%s", embedded=True),
    "streamable": _page("https://streamable.com/%s", embedded=True),
    "instagram": _page("https://www.instagram.com/p/%s/"),
    **dict.fromkeys(names("tweet twitter x"), _post),
    "gist": _gist,
    **dict.fromkeys(names("ref relref"), _reference),
    **dict.fromkeys(
        names(
            "include readfile snippet code-include include-code includecode include-md include-text codefile"
        ),
        _include,
    ),
    **dict.fromkeys(names("card button link-card linkcard"), _card),
    **dict.fromkeys(names("katex math latex mathjax"), _formula),
    **dict.fromkeys(names("toc tableofcontents table-of-contents"), _contents),
    "new-in": _version("New in version"),
    "deprecated-in": _version("Deprecated since version"),
    "badge": _text,
    "qr": _text,
    "br": _break,
}
