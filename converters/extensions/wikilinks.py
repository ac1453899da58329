"""Obsidian's links and embeds: `[[Page#Heading|text]]`, `![[picture.png|300]]`, `![[Page]]`.

A target is the name of a note, anywhere in the folder, or a part of its path; it is not relative to the note it stands
in. Here it becomes a path from the folder's root as written, and whoever knows the folder finds the note by its name.
"""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from converters.anchors import slug
from converters.blocks import FileRef, Link, LinkUse, Media, PageRef, Paragraph, Span
from converters.inline import Writer, show_media
from converters.links import classify, media_kind
from converters.parser import POSITION
from converters.state import Extension

_LINK = re.compile(r"!?\[\[([^\[\]|\n]++)(?:\|((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+))?\]\]")
_SIZE = re.compile(r"\s*\d+(?:\s*x\s*\d+)?\s*\Z")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?)\Z", re.IGNORECASE)


def _rule(state: StateInline, silent: bool) -> bool:
    source, position = state.src, state.pos
    if not source.startswith(("[[", "![["), position):
        return False
    match = _LINK.match(source, position, state.posMax)
    if match is None or not match[1].strip() or source.startswith("(", match.end()):
        return False  # `[[1]](address)` is a link of Markdown's own
    if not silent:
        target = match[1].rstrip("\\").strip()  # in a table the bar is written `\|`
        token = state.push("embed" if source[position] == "!" else "wikilink", "", 0)
        words, token.meta["size"] = _words(target, match[2] or "", token.type)
        token.content, token.meta["target"], token.meta[POSITION] = words, target, position
    state.pos = match.end()
    return True


def _words(target: str, alias: str, kind: str) -> tuple[str, str]:
    """The text that a reader sees, and the size that is wanted of a picture."""
    parts = alias.split("|") if kind == "embed" else [alias]
    size = parts.pop().strip() if kind == "embed" and _SIZE.match(parts[-1]) else ""
    words = "|".join(parts).strip()
    if words or (kind == "embed" and isinstance(link_of(target, ""), FileRef)):
        return words, size
    return " > ".join(part for part in map(str.strip, target.split("#")) if part) or target, size


def link_of(target: str, path: str) -> Link:
    """What a target written in the file `path` means."""
    name, _, part = target.partition("#")
    name = name.strip()
    if name.startswith(("./", "../")):
        name = normpath(join(dirname(path), name))
    heading = part.rpartition("#")[2].strip()
    # a heading's name as it reads; a block's keeps its sign
    anchor = heading if heading.startswith("^") else slug(heading)
    if not name:
        return PageRef(path, anchor)
    found = classify(f"/{quote(name.lstrip('/'))}#{quote(anchor)}", path)
    assert found is not None  # it has no scheme
    if anchor and isinstance(found, FileRef) and media_kind(found) == "file":
        return PageRef(found.path, anchor)  # only a note has headings: "Node.js#Modules"
    return found


def _wikilink(writer: Writer, token: Token) -> None:
    _show_link(writer, token, _meant(writer, token))


def _meant(writer: Writer, token: Token) -> Link:
    target: str = token.meta["target"]
    return link_of(target, writer.state.near(target, writer.place(token)[0]))


def _show_link(writer: Writer, token: Token, link: Link) -> None:
    if writer.link is not None:  # a link cannot stand in another
        writer.parts.append(token.content)
        return
    _use(writer, token, link)
    writer.begin_link(link)
    writer.parts.append(token.content)
    writer.end_link()


def _use(writer: Writer, token: Token, link: Link) -> None:
    if isinstance(link, (PageRef, FileRef)):
        writer.state.links.append(LinkUse(link, *writer.place(token)))


def _embed(writer: Writer, token: Token) -> None:
    """A file is shown where it stands; of a note that `includes` did not put here only its link, on its own line."""
    state, place = writer.state, writer.place(token)
    link = _meant(writer, token)
    if isinstance(link, FileRef):
        _show_file(writer, token, link)
        return
    state.report("embed-note", f"“{token.content}” is not shown here; a link leads to it.", *place)
    if writer.single or writer.link is not None:
        _show_link(writer, token, link)
        return
    _use(writer, token, link)
    writer.block(Paragraph((Span(token.content, writer.marks, link),), line=place[0]))


def _show_file(writer: Writer, token: Token, file: FileRef) -> None:
    place = writer.place(token)
    writer.state.links.append(LinkUse(file, *place))
    if size := token.meta["size"]:
        writer.state.report("image-size", f"The size {size} is not kept.", *place)
    kind = media_kind(file)
    if kind == "image" and not _PICTURE.search(file.path):
        kind = "file"
    caption = (Span(token.content),) if token.content else ()
    show_media(writer, Media(file, kind, caption, line=place[0]), place[1])


def _setup(parser: MarkdownIt) -> None:
    parser.inline.ruler.before("link", "wikilink", _rule)


WIKILINKS = Extension(
    "wikilinks",
    "`[[Page#Heading|text]]` becomes a link, `![[picture.png]]` a picture, `![[Page]]` a link on its own line",
    setup=_setup,
    inlines={"wikilink": _wikilink, "embed": _embed},
)
