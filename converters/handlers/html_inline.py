"""HTML tags within a line of text."""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it.token import Token

from converters.blocks import Embed, Media, Span, Url
from converters.handlers.html_scan import Comment, EndTag, Event, Tag, Text, scan
from converters.handlers.themes import is_other_theme
from converters.inline import HIGHLIGHT, Writer, show_image
from converters.links import media_kind, shown


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MARKS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "italic"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    "mark": HIGHLIGHT,
}
# Tags without which a text reads the same: nobody needs to hear of them.
SILENT = _names("map span small big abbr wbr p picture time data bdi nobr")
# Tags that begin a new line wherever they stand
BLOCKS = _names(
    "address article aside blockquote body caption center colgroup col dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main menu nav ol optgroup option "
    "p pre search section summary table tbody td tfoot th thead title tr ul video audio"
)
_END = re.compile(r"""</([A-Za-z][^\s/><"']*)""")
# Among a writer's counts: the sources that the open player has shown, and the open quotations
_SHOWN, _QUOTED = "<source>", "<q>"
# and how much the writer held when the last source was shown: pieces, spans, and links of the file
SHOWN_AT = ("<out>", "<spans>", "<links>")
_PLAYERS = _names("video audio object")
_FRAMES = _names("iframe embed object")
_KNOWN_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|pdf|mp[34]|webm|ogg|mov|wav)(?:[?#]|\Z)", re.IGNORECASE
)
# Tags of blocks that a line of text cannot hold
_HOLDERS = _names("blockquote details h1 h2 h3 h4 h5 h6 hr ol pre table ul")


def html_inline(writer: Writer, token: Token) -> None:
    for event in scan(token.content):
        if isinstance(event, Text):
            writer.parts.append(event.text)
        elif isinstance(event, Comment):
            line, column = writer.place(token)
            drop_comment(writer, event, line, column)
        elif event.name in BLOCKS and event.name not in ("video", "audio"):
            _boundary(writer, event, token)
        elif not _as_written(writer, event, token):
            tag(writer, event, writer.place(token))


def _as_written(writer: Writer, event: Tag | EndTag, token: Token) -> bool:
    """Keep what only looks like a tag, such as `<name>` or the end of `List<T>`, which browsers hide."""
    if isinstance(event, EndTag) or event.name in HTML or event.attrs or event.closed:
        return False
    text = writer.cursor.content  # empty within a block of HTML
    if not text or event.name in _ended(text):
        return False  # somebody's own element
    message = f"{token.content} is no HTML; it is shown as it is written."
    writer.state.report("html-kept", message, *writer.place(token))
    writer.parts.append(token.content)
    return True


@lru_cache(maxsize=8)  # asked again for every such tag of a text
def _ended(content: str) -> frozenset[str]:
    """The names of the elements that end in a text."""
    return frozenset(map(str.lower, _END.findall(content)))


def _boundary(writer: Writer, event: Tag | EndTag, token: Token) -> None:
    """A block's tag within a line: what follows begins a new line."""
    if isinstance(event, Tag):
        place = writer.place(token)
        note(writer, event, place)
        if event.name in _HOLDERS and writer.below is not None:
            writer.state.report("block-in-table", f"A table cell holds <{event.name}>.", *place)
        elif event.name in _HOLDERS:
            message = f"<{event.name}> within a line is kept as lines of text."
            writer.state.report("html-kept", message, *place)
    if not writer.begins_line():
        writer.parts.append("\n")
    if isinstance(event, Tag) and event.name == "li":
        writer.parts.append("• ")


def drop_comment(writer: Writer, event: Comment, line: int, column: int) -> None:
    writer.state.comments.append((line, event.text))
    if event.closed:
        writer.state.report("html-dropped-comment", "A comment is not published.", line, column)
    else:
        message = "The comment has no end; what follows it is not published."
        writer.state.report("html-comment-open", message, line, column)


def note(writer: Writer, event: Tag, place: tuple[int, int]) -> None:
    """Remember the name that a tag gives its place, and say that the tag itself is gone."""
    for key in ("id", "name"):
        if event.attrs.get(key) and (key == "id" or event.name == "a"):
            writer.state.name(event.attrs[key], writer.line)
    if event.name not in SILENT and event.name not in KNOWN:
        writer.state.report("html-kept", f"<{event.name}> is left out, its text kept.", *place)


def tag(writer: Writer, event: Event, place: tuple[int, int]) -> None:
    """What an opening or closing tag does to a line of text."""
    if isinstance(event, EndTag):
        _end(writer, event.name, place)
    elif isinstance(event, Tag):
        note(writer, event, place)
        _begin(writer, event, place)


def _begin(writer: Writer, event: Tag, place: tuple[int, int]) -> None:
    name, attrs = event.name, event.attrs
    if name in MARKS:
        if not event.closed:
            writer.begin(MARKS[name])
    elif name == "br":
        writer.parts.append("\n")
    elif name == "a":
        if "href" in attrs:
            if writer.link is not None:
                writer.end_link()
            writer.begin_link(writer.state.link(attrs["href"], *place))
            writer.state.drop_title(attrs.get("title", ""), *place)
    elif name == "area":
        _area(writer, attrs, place)
    elif name == "q" and not event.closed:
        writer.parts.append("‘" if writer.counts.get(_QUOTED, 0) % 2 else "“")
        writer.counts[_QUOTED] = writer.counts.get(_QUOTED, 0) + 1
    elif name == "abbr":
        writer.state.drop_title(attrs.get("title", ""), *place)
    elif name == "img" and not is_other_theme(writer, attrs.get("src", ""), place):
        alt = " ".join(attrs.get("alt", "").split())
        if attrs.get("src"):
            title = " ".join(attrs.get("title", "").split())
            show_image(writer, attrs["src"], (Span(alt),) if alt else (), title, place)
            if attrs.get("width") or attrs.get("height"):
                writer.state.report("image-size", "The size of the picture is not kept.", *place)
        elif alt:
            writer.parts.append(alt)
    elif name in ("sub", "sup") and not event.closed:
        writer.flush()
        writer.script, writer.script_place = name, place
    elif name == "input" and attrs.get("type", "").lower() == "checkbox":
        writer.parts.append("☑ " if "checked" in attrs else "☐ ")
    elif name == "object":
        _player(writer, name, {**attrs, "src": attrs.get("data", "")}, place)
    elif name in ("video", "audio", "source", "iframe", "embed"):
        _player(writer, name, attrs, place)
    elif event.raw:
        if name == "textarea":
            writer.parts.append(event.raw)
        else:
            writer.state.report("html-dropped", f"The content of <{name}> is not published.", *place)


def _area(writer: Writer, attrs: dict[str, str], place: tuple[int, int]) -> None:
    """A part of a picture that leads somewhere: a link, for a page has no such parts."""
    if not attrs.get("href"):
        return
    link = writer.state.link(attrs["href"], *place)
    text = " ".join((attrs.get("alt") or attrs.get("title") or attrs["href"]).split())
    if not writer.ends_blank():
        writer.parts.append(" ")
    writer.flush()
    writer.spans.append(Span(text, writer.marks, link))


def _end(writer: Writer, name: str, place: tuple[int, int]) -> None:
    if name in MARKS:
        writer.end(MARKS[name])
    elif name == "a":
        if writer.link is not None:
            writer.end_link()
    elif name in ("sub", "sup"):
        writer.flush()
        writer.script = ""
    elif name == "q" and writer.counts.get(_QUOTED):
        writer.counts[_QUOTED] -= 1
        writer.parts.append("’" if writer.counts[_QUOTED] % 2 else "”")
    elif name in _PLAYERS:
        _drop_fallback(writer, name, place)


def _drop_fallback(writer: Writer, name: str, place: tuple[int, int]) -> None:
    """Leave out the text for browsers that cannot show what is shown here."""
    writer.flush()
    found = writer.counts.pop(_SHOWN, 0)
    out, spans, links = (writer.counts.pop(key, 0) for key in SHOWN_AT)
    if not found:
        return
    dropped = [*writer.out[out:], *writer.spans[spans:]]
    if any(not isinstance(item, Span) or item.text.strip() for item in dropped):
        message = f"The text for readers without {name} is not published."
        writer.state.report("html-dropped", message, *place)
    del writer.out[out:], writer.spans[spans:]
    if links:
        del writer.state.links[links:]


def _player(writer: Writer, name: str, attrs: dict[str, str], place: tuple[int, int]) -> None:
    """A film, a sound or somebody else's page; of the sources of a player the first."""
    if name in _PLAYERS:
        writer.counts[_SHOWN] = 0
    if not attrs.get("src") or (name == "source" and writer.counts.get(_SHOWN)):
        return
    if _SHOWN in writer.counts:
        writer.counts[_SHOWN] += 1
    link = writer.state.link(attrs["src"], *place, media=True)
    title = attrs.get("title", "").strip()
    caption = (Span(title),) if title else ()
    if link is None:
        writer.counts.pop(_SHOWN, None)
        writer.parts.append(title)
        return
    if writer.single:
        writer.flush()
        writer.spans.append(Span(title or shown(link), writer.marks, link))
    elif (
        name in _FRAMES and isinstance(link, Url) and not (name == "object" and _KNOWN_FILE.search(link.url))
    ):
        writer.block(Embed(link.url, caption, line=place[0]))
    else:
        kind = media_kind(link)
        if kind == "image" and name not in ("source", "object"):
            kind = "audio" if name == "audio" else "video" if name == "video" else "file"
        writer.block(Media(link, kind, caption, line=place[0]))
    here = (len(writer.out), len(writer.spans), len(writer.state.links))
    writer.counts.update(zip(SHOWN_AT, here, strict=True))


# Tags that become something
KNOWN = frozenset(MARKS) | _names(
    "br a area q object img sub sup input video audio source iframe embed script style textarea details summary blockquote ul ol li "
    "table thead tbody tr td th pre hr h1 h2 h3 h4 h5 h6 dl dt dd "
    "figure figcaption"
)
_OTHERS = _names(
    "acronym applet area base basefont bgsound blink button canvas circle data datalist defs ellipse embed fieldset "
    "font form frame frameset g iframe keygen label line link map marquee math meta meter mfrac mi mn mo mrow msqrt msub "
    "msup mtext noembed noframes noscript object output param path plaintext polygon polyline progress q rb rect rp rt "
    "rtc ruby select selectedcontent slot svg template text track use xmp"
)
# Every tag of HTML, the obsolete ones that people write, and the commonest of SVG and MathML
HTML = BLOCKS | KNOWN | SILENT | _OTHERS
