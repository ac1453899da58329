"""Pages made after a template: any page of the workspace may be one.

Notion fills the new page a moment after it has answered; here it is filled at once. No operation makes a template
the default of a data source, so there is none to ask for.
"""

from __future__ import annotations

import json
from typing import Any

from publisher.emulator.call import Call
from publisher.emulator.check import At, Refusal, closed, invalid, mapping, one_of, uuid
from publisher.emulator.dates import check_zone
from publisher.emulator.rows import DATABASE, PAGE, BlockRow
from publisher.emulator.writing import NewBlock, NodeRow, Writer

_AT: At = (None, "template")


def read(call: Call, writer: Writer, body: dict[str, Any]) -> NodeRow | None:
    """The page that `template` of a body names; None for no template.

    Raises:
        Refusal: there is no such page, or content of the request's own beside it.
    """
    if "template" not in body:
        return None
    value = mapping(body["template"], _AT)
    kind = one_of(value.get("type"), (_AT, "type"), ("none", "default", "template_id"))
    optional = () if kind == "none" else ("timezone",)
    closed(
        value, _AT, required=("type", *(["template_id"] if kind == "template_id" else [])), optional=optional
    )
    if kind == "none":
        return None
    if "timezone" in value:
        check_zone(value["timezone"], (_AT, "timezone"))
    for name in ("children", "content", "markdown"):
        if name in body:
            raise invalid((None, name), "should be not present, as `template` is.")
    if kind == "default":
        raise invalid(_AT, "The data source has no default template.")
    id = uuid(value["template_id"], (_AT, "template_id"))
    node = writer.node(id)
    if node is None or node.type != PAGE or node.trash or writer.archived(id):
        raise Refusal("not_found", f"Could not find page with ID: {id}.")
    return node


def values(template: NodeRow | None, source: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """Values of the new page: those of a template in the same data source where nothing else is given."""
    if template is None or source is None or template.parent != source:
        return given
    return {**json.loads(template.properties or "{}"), **given}


def picture(call: Call, template: NodeRow | None, name: str) -> dict[str, Any] | None:
    """The template's icon or cover."""
    row = call.store.page(template.id) if template else None
    return getattr(row, name) if row else None


def content(call: Call, template: NodeRow) -> list[NewBlock]:
    """The template's blocks, to be written anew; pages and databases in it are not copied."""
    below: dict[str, list[BlockRow]] = {}
    for block in call.store.subtree(template.id):
        if block.type not in (PAGE, DATABASE):
            below.setdefault(block.parent_id, []).append(block)
    return _copies(below, template.id)


def _copies(below: dict[str, list[BlockRow]], parent: str) -> list[NewBlock]:
    return [NewBlock(block.type, block.content, _copies(below, block.id)) for block in below.get(parent, ())]
