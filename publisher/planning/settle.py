"""What a write did to a page: after its answer (`record`), and when the answer was lost (`adopt`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from converters.dialects.base import BlockInput, ReadBlock
from publisher.planning.align import Pairs, fill
from publisher.planning.base import Node, node_of
from publisher.planning.ops import (
    END,
    START,
    Append,
    CreatePage,
    DeleteBlock,
    ErasePage,
    ReadChildren,
    UpdateBlock,
)
from publisher.planning.sides import match_theirs

Pending: TypeAlias = Append | UpdateBlock | DeleteBlock | ErasePage
Children: TypeAlias = tuple[Node, ...]


def record(
    base: Sequence[Node],
    op: CreatePage | Append | UpdateBlock | DeleteBlock | ReadChildren | ErasePage,
    ids: Sequence[str] = (),
    page: str = "",
) -> Children:
    """The base after a request that succeeded.

    Ids in the request are the service's own. `ids` are the new ids of the first level (`Append`), or those of all our
    children in their order (`ReadChildren`). A parent that is not in the base is the page; giving the `page`'s id
    spares the search for it. Linear in the page.
    """
    match op:
        case CreatePage(children=blocks):
            return tuple(node_of(block) for block in blocks)
        case Append(parent, after, blocks):
            nodes = [node_of(block, ids[at] if at < len(ids) else "") for at, block in enumerate(blocks)]
            return _children_of(base, parent, lambda children: _insert(children, after, nodes), page)
        case UpdateBlock(block, new):
            return _changed(base, block, lambda node: _written(node, new)) or tuple(base)
        case DeleteBlock(block):
            rest = _changed(base, block, lambda _: None)
            return tuple(base) if rest is None else rest
        case ErasePage():
            return tuple(node for node in base if node.gone)
        case ReadChildren(parent):
            return _children_of(base, parent, lambda children: _bind(children, ids), page)


def recognised(base: Sequence[Node], parent: str, there: Sequence[ReadBlock]) -> dict[int, str]:
    """The ids of our blocks below a block or page that was just written, each by its place among them.

    `there` is all that was read below it. People may have put something between them since, or taken some away.
    """
    holder = next((node for top in base for node in top.walk() if node.id == parent), None)
    nodes = base if holder is None else holder.children or ()
    mine = [node for node in nodes if not node.foreign and not node.gone]
    read = [Node(block.id, block.input.type, block.input.digest) for block in there]
    pairs = match_theirs(mine, read)
    if len(mine) == len(read) and all(i == j for i, j in pairs):
        pairs = [(i, i) for i in range(len(mine))]  # also what the service gives back as something else
    return {i: read[j].id for i, j in pairs}


def unsettled(base: Sequence[Node], theirs: Sequence[Node], pending: Iterable[Pending]) -> tuple[str, ...]:
    """Ids of blocks whose children must be read before `adopt`. Ask again with the answers until there are none."""
    standing = {node.id: node for top in theirs for node in top.walk()}
    found: dict[str, None] = {}
    for op in pending:
        if isinstance(op, ErasePage):
            continue
        way = _way(base, op.parent if isinstance(op, Append) else op.block)
        if not isinstance(op, Append):
            way = way[:-1]
        unread = [id for id in way if id in standing and standing[id].children is None]
        if unread:
            found[unread[0]] = None
        elif isinstance(op, Append) and any(block.children for block in op.blocks):
            for node in _newcomers(base, theirs, op):
                found.update((below.id, None) for below in node.walk() if below.children is None)
    return tuple(found)


def adopt(base: Sequence[Node], theirs: Sequence[Node], pending: Iterable[Pending]) -> Children:
    """The base as it really stands, after requests whose answers were lost.

    `theirs` was read after all of them had ended, with the children of every block in `unsettled`. What stands there
    as it was sent is ours, also where only a part of a request was done; so nothing is sent twice, and nothing
    half-written is taken for somebody else's. What differs both from before and from what was sent is left to `merge`.
    """
    now = tuple(base)
    for op in pending:
        if isinstance(op, Append):
            now = _adopt_append(now, theirs, op)
            continue
        standing = {node.id: node for top in theirs for node in top.walk()}
        if isinstance(op, ErasePage):  # what is not there any more was taken by us, however much of it
            now = tuple(node for node in now if node.gone or node.id in standing)
            continue
        if isinstance(op, UpdateBlock):
            there = standing.get(op.block)
            happened = there is not None and there.digest == op.input.digest
        else:
            happened = op.block not in standing and not unsettled(now, theirs, [op])
        if happened:
            now = record(now, op)
    return now


def _adopt_append(base: Children, theirs: Sequence[Node], op: Append) -> Children:
    candidates = _newcomers(base, theirs, op)
    pairs = fill([], [block.digest for block in op.blocks], [node.digest for node in candidates])
    found = [_stands(op.blocks[i], candidates[j]) for i, j in _bridged(pairs, op.blocks, candidates)]
    if not found:
        return base
    return _children_of(base, op.parent, lambda children: _insert(children, op.after, found))


def _newcomers(base: Sequence[Node], theirs: Sequence[Node], op: Append) -> list[Node]:
    """What stands where the blocks of the request belong and was not there before."""
    mine, children = tuple(base), tuple(theirs)
    if way := _way(base, op.parent):
        holder = [node for top in base for node in top.walk() if node.id == way[-1]]
        there = [node for top in theirs for node in top.walk() if node.id == way[-1]]
        mine = holder[0].children or ()
        children = (there[0].children or ()) if there else ()
    old = {j for _, j in match_theirs(mine, children, loosely=False)}
    named = {node.id for node in mine if node.id}
    old |= {j for j, node in enumerate(children) if node.id in named}
    place = {node.id: j for j, node in enumerate(children)}
    first = max(old, default=-1) + 1 if op.after == END else place.get(op.after, -1) + 1
    if op.after in place or op.after == START:
        last = min((j for j in old if j >= first), default=len(children))
    else:
        last = len(children)
    return [
        node for j, node in enumerate(children[:last]) if j >= first and j not in old and not node.foreign
    ]


def _bridged(pairs: Pairs, blocks: Sequence[BlockInput], there: Sequence[Node]) -> Pairs:
    """The pairs, and what stands between two of them in the same number and of the same types.

    A service may give a block back in another form than it was sent.
    """
    found: Pairs = []
    for i, j in pairs:
        if found and i - found[-1][0] == j - found[-1][1]:
            before, to = found[-1]
            between = list(zip(range(before + 1, i), range(to + 1, j), strict=True))
            if all(blocks[a].type == there[b].type for a, b in between):
                found += between
        found.append((i, j))
    return found


def _stands(block: BlockInput, there: Node) -> Node:
    """A block of ours as far as it was written."""
    if there.children is None:
        return node_of(block, there.id)
    pairs = fill([], [child.digest for child in block.children], [node.digest for node in there.children])
    pairs = _bridged(pairs, block.children, there.children)
    children = tuple(_stands(block.children[i], there.children[j]) for i, j in pairs)
    seen = there.digest if there.digest != block.digest else b""
    return Node(there.id, block.type, block.digest, children, seen)


def _way(nodes: Sequence[Node], id: str) -> list[str]:
    """Ids from the top level down to the block; empty if it is not there."""
    for node in nodes:
        if node.id == id:
            return [id]
        if node.children and (below := _way(node.children, id)):
            return [node.id, *below]
    return []


def _children_of(
    base: Sequence[Node], parent: str, change: Callable[[Children], Children], page: str = ""
) -> Children:
    """The base with other children in one block, or in the page."""
    if parent == page:
        return change(tuple(base))
    found = _changed(base, parent, lambda node: node.with_children(change(node.children or ())))
    return change(tuple(base)) if found is None else found


def _changed(nodes: Sequence[Node], id: str, change: Callable[[Node], Node | None]) -> Children | None:
    """The nodes with one of them changed, or taken away; None if it is not among them."""
    for at, node in enumerate(nodes):
        if node.id == id:
            new = change(node)
            return (*nodes[:at], *([new] if new else []), *nodes[at + 1 :])
        below = _changed(node.children, id, change) if node.children else None
        if below is not None:
            return (*nodes[:at], node.with_children(below), *nodes[at + 1 :])
    return None


def _insert(children: Children, after: str, nodes: Sequence[Node]) -> Children:
    at = len(children)
    if after == START:
        at = 0
    elif after != END:
        at = next((place + 1 for place, node in enumerate(children) if node.id == after), at)
    return (*children[:at], *nodes, *children[at:])


def _bind(children: Children, ids: Sequence[str]) -> Children:
    """Our children with the ids that were read; what is bound already stays."""
    left = iter(ids)
    found: list[Node] = []
    for node in children:
        id = "" if node.foreign or node.gone else next(left, "")
        found.append(replace(node, id=id) if id and not node.id else node)
    return tuple(found)


def _written(node: Node, new: BlockInput) -> Node:
    return replace(node, type=new.type, digest=new.digest, seen=b"", edited=False)
