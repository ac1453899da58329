"""Operations and trees as JSON values, as the state keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, assert_never

from converters.dialects.base import BlockInput, PageHead
from publisher.planning.base import Node
from publisher.planning.ops import (
    Append,
    CreatePage,
    DeleteBlock,
    ErasePage,
    MovePage,
    Op,
    ReadChildren,
    TrashPage,
    UpdateBlock,
    UpdatePage,
)

Revived: TypeAlias = CreatePage | Append | UpdateBlock | DeleteBlock | ReadChildren | ErasePage


def describe(op: Op, title: str = "") -> Mapping[str, Any]:
    """An operation as it is kept in an intent: enough to find out later whether it happened, or to send it again."""
    match op:
        case CreatePage():
            head = {name: getattr(op.head, name).decode() for name in ("properties", "icon", "cover")}
            return {
                "op": "create", "parent": op.parent, "title": title, "head": head, "blocks": dump_blocks(op.children),
            }  # fmt: skip
        case Append():
            blocks = dump_blocks(op.blocks)
            return {"op": "append", "parent": op.parent, "after": op.after, "blocks": blocks}
        case UpdateBlock():
            return {"op": "update", "block": op.block, "blocks": dump_blocks((op.input,))}
        case DeleteBlock():
            return {"op": "delete", "block": op.block}
        case ErasePage():
            return {"op": "erase", "page": op.page}
        case UpdatePage() | MovePage() | TrashPage():
            return {"op": type(op).__name__, "page": op.page}
        case ReadChildren():
            return {"op": "read", "parent": op.parent}
        case _:
            assert_never(op)


def revive(op: Mapping[str, Any]) -> Revived | None:
    """The operation behind a description; None for those that leave no doubt (they are planned anew)."""
    blocks = load_blocks(op.get("blocks", []))
    match op["op"]:
        case "create":
            head = PageHead(**{name: text.encode() for name, text in op["head"].items()})
            return CreatePage("", op["parent"], head, blocks)
        case "append":
            return Append(op["parent"], op["after"], blocks)
        case "update":
            return UpdateBlock(op["block"], blocks[0])
        case "delete":
            return DeleteBlock(op["block"])
        case "erase":
            return ErasePage(op["page"])
        case "read":
            return ReadChildren(op["parent"], ())
        case _:
            return None


def dump_nodes(nodes: tuple[Node, ...]) -> str:
    return to_json([_dump(node) for node in nodes])


def load_nodes(text: str) -> tuple[Node, ...]:
    return tuple(_load(item) for item in json.loads(text))


def _dump(node: Node) -> list[Any]:
    children = None if node.children is None else [_dump(child) for child in node.children]
    flags = node.foreign + 2 * node.gone + 4 * node.edited
    return [node.id, node.type, node.digest.hex(), children, node.seen.hex(), flags]


def _load(item: list[Any]) -> Node:
    id, type, digest, children, seen, flags = item
    return Node(
        id,
        type,
        bytes.fromhex(digest),
        None if children is None else tuple(_load(child) for child in children),
        bytes.fromhex(seen),
        foreign=bool(flags & 1),
        gone=bool(flags & 2),
        edited=bool(flags & 4),
    )


def dump_blocks(blocks: Iterable[BlockInput]) -> list[Any]:
    """Blocks as JSON values that give the same bytes again."""
    return [[b.type, b.content.decode(), b.symbolic, b.line, dump_blocks(b.children)] for b in blocks]


def load_blocks(items: list[Any]) -> tuple[BlockInput, ...]:
    return tuple(
        BlockInput(type, content.encode(), load_blocks(children), symbolic, line)
        for type, content, symbolic, line, children in items
    )


def to_json(value: object) -> str:
    """Compact JSON; what JSON has no form for (dates of front matter) as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
