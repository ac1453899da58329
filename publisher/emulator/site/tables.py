"""Tables: rows are children of their table and are drawn with it."""

from __future__ import annotations

from collections.abc import Sequence

from publisher.emulator.site import richtext
from publisher.emulator.site.walk import Context, Row, Shape, tag


def table(context: Context, row: Row) -> Shape:
    rows = context.children.get(row.id, ())
    head = bool(row.content.get("has_column_header")) and bool(rows)
    side = bool(row.content.get("has_row_header"))
    width = max((len(_cells(line)) for line in rows), default=0)
    out = [tag(context, "div", row, "table"), "<table>"]
    if head:
        out.append(f"<thead>{_line(context, rows[0], width, 'th scope=col', side=False)}</thead>")
    out.append("<tbody>")
    out.extend(_line(context, line, width, "td", side=side) for line in rows[1 if head else 0 :])
    out.append("</tbody></table></div>")
    return Shape("".join(out), leaf=True)


def row_alone(context: Context, row: Row) -> Shape:
    """A row without its table, as it stands in the history."""
    line = _line(context, row, len(_cells(row)), "td", side=False)
    return Shape(f'<div class="b table"><table><tbody>{line}</tbody></table></div>')


def _cells(row: Row) -> Sequence[Sequence[richtext.Item]]:
    cells = row.content.get("cells")
    return cells if isinstance(cells, list | tuple) else ()


def _line(context: Context, row: Row, width: int, cell: str, *, side: bool) -> str:
    cells = _cells(row)
    close = f"</{cell[:2]}>"
    parts = [f"<{cell}>{richtext.render(text, context.links)}{close}" for text in cells]
    parts.extend([f"<{cell}>{close}"] * (width - len(cells)))
    if side and parts:
        parts[0] = f"<th scope=row>{richtext.render(cells[0], context.links) if cells else ''}</th>"
    return tag(context, "tr", row, "row") + "".join(parts) + "</tr>"
