"""One small handler per block type, in a dispatch table. Text blocks are here; see media and tables for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from publisher.emulator.site import code, icons, media, richtext, tables
from publisher.emulator.site.maths import mathml, tex
from publisher.emulator.site.walk import Context, Handler, Heading, Row, Shape, body, styled, tag

_HEADINGS = {"heading_1": 1, "heading_2": 2, "heading_3": 3, "heading_4": 4}


def page_body(context: Context, page_id: str) -> str:
    """HTML of a page's blocks. Fills the context's outline first, so that tables of contents are complete."""
    context.outline = outline(context.children, page_id)
    return body(context, page_id, HANDLERS, unknown)


def excerpt(context: Context, row: Row, children: Mapping[str, Sequence[Row]]) -> str:
    """HTML of one block with the children given, as the history of a page shows it: without ids."""
    alone = Context(context.links, {**children, "": (row,)}, context.icon_of, anchors=False)
    return body(alone, "", HANDLERS, unknown)


def outline(children: Mapping[str, Sequence[Row]], page_id: str) -> list[Heading]:
    """The headings of a page in reading order, those within other blocks included."""
    found = []
    waiting = [iter(children.get(page_id, ()))]
    while waiting:
        row = next(waiting[-1], None)
        if row is None:
            waiting.pop()
            continue
        level = _HEADINGS.get(row.type)
        if level:
            found.append(Heading(row.id, level, richtext.plain(row.content.get("rich_text"))))
        waiting.append(iter(children.get(row.id, ())))
    return found


def paragraph(context: Context, row: Row) -> Shape:
    text = context.text(row) or "<br>"
    return Shape(f"{tag(context, 'div', row, styled(row, 'text'))}<p>{text}</p>", "</div>")


def heading(context: Context, row: Row) -> Shape:
    level = _HEADINGS[row.type]
    name = f"h{level + 1}"  # the page's title is the h1
    link = ""
    folds = bool(row.content.get("is_toggleable"))
    if context.anchors and not folds:  # what folds is itself to be clicked
        label = escape(richtext.plain(row.content.get("rich_text")))
        link = f'<a class="anchor" href="#{escape(row.id)}" aria-label="Link to “{label}”">#</a>'
    title = f"<{name}>{context.text(row)}{link}</{name}>"
    classes = styled(row, f"heading level-{level}")
    if folds:
        return Shape(
            f"{tag(context, 'details', row, classes + ' toggle')}<summary>{title}</summary>", "</details>"
        )
    return Shape(f"{tag(context, 'div', row, classes)}{title}", "</div>")


def list_item(context: Context, row: Row) -> Shape:
    return Shape(
        f'{tag(context, "li", row, styled(row, "item"))}<div class="line">{context.text(row)}</div>', "</li>"
    )


def to_do(context: Context, row: Row) -> Shape:
    done = bool(row.content.get("checked"))
    box = f'<span class="box" role="img" aria-label="{"Done" if done else "To do"}"></span>'
    start = tag(context, "li", row, styled(row, "todo done" if done else "todo"))
    return Shape(
        f'{start}{box}<div class="todo-body"><div class="line">{context.text(row)}</div>', "</div></li>"
    )


def quote(context: Context, row: Row) -> Shape:
    start = tag(context, "blockquote", row, styled(row, "quote"))
    return Shape(f'{start}<div class="line">{context.text(row)}</div>', "</blockquote>")


def callout(context: Context, row: Row) -> Shape:
    classes = styled(row, "callout")
    if "bg-" not in classes:
        classes += " bg-gray"
    icon = icons.icon(row.content.get("icon"), otherwise="")
    side = f'<div class="callout-icon">{icon}</div>' if icon else ""
    text = f'{side}<div class="callout-body"><div class="line">{context.text(row)}</div>'
    return Shape(tag(context, "div", row, classes, ' role="note"') + text, "</div></div>")


def toggle(context: Context, row: Row) -> Shape:
    line = f'<summary><span class="line">{context.text(row)}</span></summary>'
    return Shape(tag(context, "details", row, styled(row, "toggle")) + line, "</details>")


def code_block(context: Context, row: Row) -> Shape:
    text = richtext.plain(row.content.get("rich_text"))
    language = str(row.content.get("language") or "plain text")
    html = context.links.budget.spend(lambda: code.highlight(text, language), lambda: escape(text))
    label = "Mermaid diagram, source" if language.lower() == "mermaid" else language
    caption = context.text(row, "caption")
    return Shape(
        tag(context, "figure", row, "code")
        + f'<div class="code-head"><span class="language">{escape(label)}</span>'
        + '<button class="copy" type="button" hidden>Copy</button></div>'
        + f"<pre><code>{html}</code></pre>"
        + (f"<figcaption>{caption}</figcaption>" if caption else ""),
        "</figure>",
    )


def equation(context: Context, row: Row) -> Shape:
    expression = str(row.content.get("expression") or "")
    drawn = context.links.budget.spend(lambda: mathml(expression, block=True), lambda: tex(expression))
    return Shape(f"{tag(context, 'div', row, styled(row, 'equation'))}{drawn}", "</div>")


def divider(context: Context, row: Row) -> Shape:
    return Shape(f"{tag(context, 'div', row, 'divider')}<hr>", "</div>")


def table_of_contents(context: Context, row: Row) -> Shape:
    context.contents_left -= 1
    if context.contents_left < 0:
        inner = '<p class="quiet">The same contents as above.</p>'
    else:
        inner = contents(context.outline) or '<p class="quiet">No headings yet.</p>'
    return Shape(f"{tag(context, 'nav', row, styled(row, 'toc'), ' aria-label=Contents')}{inner}", "</nav>")


def contents(headings: Sequence[Heading]) -> str:
    """A list of links to headings, indented by level; empty without headings."""
    if not headings:
        return ""
    top = min(heading.level for heading in headings)
    items = "".join(
        f'<li class="in-{heading.level - top}"><a href="#{escape(heading.id)}">'
        f"{escape(heading.text) or 'Untitled'}</a></li>"
        for heading in headings
    )
    return f"<ul>{items}</ul>"


def breadcrumb(context: Context, row: Row) -> Shape:
    return Shape(f"{tag(context, 'div', row, 'crumbs-block')}{context.crumbs}", "</div>")


def synced(context: Context, row: Row) -> Shape:
    origin = row.content.get("synced_from")
    note = f'<p class="quiet">Synced with the block {escape(str(origin))}.</p>' if origin else ""
    return Shape(tag(context, "div", row, "synced") + note, "</div>", indent=False)


def group(context: Context, row: Row) -> Shape:
    """Columns and tabs: an element around the children."""
    classes = {"column_list": "columns", "column": "column", "tab": "tabs"}[row.type]
    ratio = row.content.get("width_ratio")
    if isinstance(ratio, int | float) and not isinstance(ratio, bool) and 0 < ratio <= 1:
        classes += f" wide-{max(1, round(ratio * 12))}"
    return Shape(tag(context, "div", row, classes), "</div>", indent=False)


def unknown(context: Context, row: Row) -> Shape:
    """A type this site does not know: say so, and show the words it holds."""
    kind = str(row.content.get("block_type") or row.type)
    words = escape(" ".join(_words(row.content))[:2000])
    said = f'<span class="words">{words}</span>' if words else ""
    note = f"A block of type “{escape(kind)}”, which this site cannot draw."
    return Shape(
        f'{tag(context, "div", row, "unknown", " role=note")}<span class="quiet">{note}</span> {said}',
        "</div>",
    )


_SPOKEN = frozenset({"text", "title", "name", "url", "expression"})


def _words(content: Any) -> list[str]:
    """The text somewhere inside a block's content, in order."""
    found, waiting = [], [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            found += [v for k, v in value.items() if k in _SPOKEN and isinstance(v, str)]
            waiting.extend(reversed(list(value.values())))
        elif isinstance(value, list | tuple):
            waiting.extend(reversed(value))
    return found


HANDLERS: Mapping[str, Handler] = {
    "paragraph": paragraph,
    **dict.fromkeys(_HEADINGS, heading),
    "bulleted_list_item": list_item,
    "numbered_list_item": list_item,
    "to_do": to_do,
    "quote": quote,
    "callout": callout,
    "toggle": toggle,
    "template": toggle,
    "code": code_block,
    "equation": equation,
    "divider": divider,
    "table_of_contents": table_of_contents,
    "breadcrumb": breadcrumb,
    "synced_block": synced,
    "column_list": group,
    "column": group,
    "tab": group,
    "table": tables.table,
    "table_row": tables.row_alone,
    "image": media.image,
    **dict.fromkeys(("file", "pdf", "video", "audio"), media.file),
    **dict.fromkeys(("bookmark", "embed", "link_preview"), media.bookmark),
    **dict.fromkeys(("child_page", "child_database", "link_to_page"), media.page_link),
}
