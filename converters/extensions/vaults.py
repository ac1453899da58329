"""Pictures and tasks as Obsidian reads them: `![text|300](a.png)`, `![](https://youtu.be/…)`, `- [/] half done`."""

from __future__ import annotations

import re

from markdown_it.token import Token

from converters.blocks import Embed, Url
from converters.inline import Writer
from converters.state import Extension, State

_SIZE = re.compile(r"(?:\A|\|)\s*(\d+(?:\s*x\s*\d+)?)\s*\Z")
_SHOWN = re.compile(
    r"https?://(?:(?:www\.|m\.)?youtube(?:-nocookie)?\.com/(?:watch|embed/|shorts/|live/)|youtu\.be/"
    r"|(?:(?:www|mobile)\.)?(?:twitter|x)\.com/\w+/status/)",
    re.IGNORECASE,
)
# any character but a space says that the task is done; a number is rather that of a footnote
_STATE = re.compile(r"\[([^\s\[\]xX\d])\][ \t\n]+(?=\S)")


def _image(writer: Writer, token: Token) -> bool:
    last = token.children[-1] if token.children else None
    size = _SIZE.search(last.content) if last is not None and last.type == "text" else None
    if last is not None and size is not None and (size[0][0] == "|" or len(token.children or ()) == 1):
        last.content = last.content[: size.start()]
        writer.state.report("image-size", f"The size {size[1]} is not kept.", *writer.place(token))
    address = str(token.attrs.get("src", ""))
    if writer.single or writer.link is not None or not _SHOWN.match(address):
        return False
    place = writer.place(token)
    link = writer.state.link(address, *place)
    if not isinstance(link, Url):
        return True
    caption = Writer(writer.state, token.content, place[0], single=True, fixed=place)
    caption.write(token.children or ())
    writer.block(Embed(link.url, caption.text(), line=place[0]))
    return True


def _item(state: State, token: Token) -> bool:
    """A task with a state of its own is one that is done; the handler of lists makes it."""
    opening, inline = state.tokens[state.index : state.index + 2]
    match = _STATE.match(inline.content) if opening.type == "paragraph_open" else None
    first = inline.children[0] if match is not None and inline.children else None
    if match is None or first is None or first.type != "text" or not first.content.startswith(match[0][:3]):
        return False
    inline.content = f"[x]{inline.content[3:]}"
    first.content = f"[x]{first.content[3:]}"
    message = f"The state “{match[1]}” of a task is not kept; it counts as done."
    state.report("task-state", message, state.line(token), 1)
    return False


EXTENSIONS: tuple[Extension, ...] = (
    Extension(
        "picture-sizes",
        "`![text|300](a.png)` is a picture without its size, `![](https://youtu.be/…)` an embed",
        inlines={"image": _image},
    ),
    Extension(
        "task-states",
        "`- [/] text` is a task that is done, as is any with a sign",
        blocks={"list_item_open": _item},
    ),
)
