"""Pictures, files and cards that lead elsewhere. Nothing is fetched by the page but pictures."""

from __future__ import annotations

from html import escape
from urllib.parse import unquote

from publisher.emulator.site import icons, richtext
from publisher.emulator.site.links import host
from publisher.emulator.site.walk import Context, Row, Shape, styled, tag

_NAMES = {"file": "File", "pdf": "PDF", "video": "Video", "audio": "Audio"}


def image(context: Context, row: Row) -> Shape:
    address = icons.file_url(row.content)
    caption = context.text(row, "caption")
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    alt = escape(richtext.plain(row.content.get("caption")))
    if address:
        shown = f'<img src="{escape(address)}" alt="{alt}" loading="lazy" decoding="async" referrerpolicy="no-referrer">'
    else:
        shown = (
            f'<p class="missing">{icons.symbol("image")} A picture without an address that can be shown</p>'
        )
    return Shape(f"{tag(context, 'figure', row, styled(row, 'image'))}{shown}{below}", "</figure>")


def file(context: Context, row: Row) -> Shape:
    """Files, PDFs, video and audio as a card: the browser of the reader decides what to do with them."""
    address = icons.source(row.content)
    name = str(row.content.get("name") or "") or _file_name(address) or _NAMES[row.type]
    caption = context.text(row, "caption")
    detail = " · ".join(
        part for part in (_NAMES[row.type], host(address) if address else "not uploaded") if part
    )
    card = _card(context, address, icons.symbol(row.type), name, detail)
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return Shape(f"{tag(context, 'figure', row, 'file')}{card}{below}", "</figure>")


def bookmark(context: Context, row: Row) -> Shape:
    address = str(row.content.get("url") or "")
    title = richtext.plain(row.content.get("caption")) or address or "A link without an address"
    kind = "Embedded page" if row.type == "embed" else ""
    detail = " · ".join(part for part in (kind, host(address) if address else "") if part)
    card = _card(context, address, icons.symbol("embed" if kind else "link"), title, detail)
    return Shape(f"{tag(context, 'div', row, 'bookmark')}{card}", "</div>")


def page_link(context: Context, row: Row) -> Shape:
    """A child page, a child database, or a link to a page somewhere else."""
    content = row.content
    target = str(content.get("page_id") or content.get("database_id") or row.id)
    address = context.links.page(target)
    title = context.links.title(target) or content.get("title") or ("Untitled" if address else "")
    kind = "database" if row.type == "child_database" or content.get("database_id") else "page"
    icon = icons.icon(context.icon_of(target), kind)
    arrow = icons.symbol("arrow") if row.type == "link_to_page" else ""
    start = tag(context, "div", row, "page-link")
    if not address:
        gone = escape(str(title)) or "A page that is not in this workspace"
        return Shape(f'{start}<span class="quiet">{icon} {gone}</span>', "</div>")
    label = f'<span class="name">{escape(str(title))}</span>'
    return Shape(f'{start}<a href="{address}">{icon}{arrow}{label}</a>', "</div>")


def _card(context: Context, address: str, icon: str, title: str, detail: str) -> str:
    inner = (
        f'<span class="card-icon">{icon}</span><span class="card-text"><span class="card-title">{escape(title)}</span>'
        f'<span class="card-detail">{escape(detail)}</span></span>'
    )
    href = context.links.href(address)
    if not href:
        return f'<span class="card">{inner}</span>'
    return f'<a class="card" href="{escape(href)}" rel="noopener noreferrer nofollow">{inner}</a>'


def _file_name(address: str) -> str:
    return unquote(address.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2])
