"""Which blocks of the three sides are the same one, and what of other people is in a block."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from converters.dialects.base import BlockInput
from publisher.planning.align import Pairs, fill, increasing
from publisher.planning.base import Node, node_of, tree_digest

INSIDE = ">"  # in made-up ids: behind the id of the block that was not read


class Match:
    """Which blocks of the base are which on the two other sides."""

    def __init__(self, base: Sequence[Node], theirs: Sequence[Node], ours: Sequence[BlockInput]) -> None:
        self.ours_list = ours
        self.theirs = dict(match_theirs(base, theirs))
        self.ours = dict(match_ours(base, ours))
        taken = set(self.theirs.values())
        place = {node.id: j for j, node in enumerate(theirs) if node.id and j not in taken}
        mine = [(i, node) for i, node in enumerate(base) if not node.foreign and i not in self.theirs]
        self.moved = {i: place[node.id] for i, node in mine if node.id in place}

    def block(self, i: int) -> BlockInput | None:
        return self.ours_list[self.ours[i]] if i in self.ours else None


def expected(base: Iterable[Node], within: str = "?") -> tuple[Node, ...]:
    """What should stand there if nobody has edited anything since. Ids that are not known are made up."""
    return tuple(
        Node(
            node.id or f"{within}{at}",
            node.type,
            node.seen or node.digest,
            None if node.children is None else expected(node.children, f"{within}{at}."),
            foreign=node.foreign,
        )
        for at, node in enumerate(base)
        if not node.gone
    )


def match_theirs(base: Sequence[Node], theirs: Sequence[Node], *, loosely: bool = True) -> Pairs:
    """Which of our blocks stand where: by id, and those without id by what is in them. Pairs do not cross.

    `loosely` pairs also what has only the type in common: somebody has edited it.
    """
    place = {node.id: j for j, node in enumerate(theirs) if node.id}
    known = [(i, place[node.id]) for i, node in enumerate(base) if node.id in place and not node.foreign]
    pairs = [known[at] for at in increasing([j for _, j in known])]
    named = {node.id for node in base if node.id}
    left = [None if node.id or node.foreign or node.gone else node for node in base]
    right = [None if node.id in named or node.foreign else node for node in theirs]
    pairs = fill(pairs, [n and (n.seen or n.digest) for n in left], [n and n.digest for n in right])
    if not loosely:
        return pairs
    return fill(pairs, [n and n.type for n in left], [n and n.type for n in right])


def match_ours(base: Sequence[Node], ours: Sequence[BlockInput]) -> Pairs:
    """Which of our blocks is which in the file: the same with all below it, the same without, the same kind.

    Pairs do not cross, except those of blocks that are gone: nobody knows any more where exactly they stood.
    """
    left = [None if node.foreign or node.gone else node for node in base]
    trees = [tree_digest([block]) for block in ours]
    pairs = fill([], [n and tree_digest([n]) for n in left], trees)
    pairs = fill(pairs, [n and n.digest for n in left], [block.digest for block in ours])
    gone = {i: tree_digest([node]) for i, node in enumerate(base) if node.gone}
    away = _pick(gone, trees, {j for _, j in pairs})
    right = [None if j in away.values() else block for j, block in enumerate(ours)]
    pairs = fill(pairs, [n and n.type for n in left], [b and b.type for b in right])
    pairs = fill(pairs, [n and _below(n.children) for n in left], [b and _below(b.children) for b in right])
    if len(away) == len(gone):
        return [*pairs, *away.items()]
    taken = {j for _, j in pairs} | set(away.values())
    rest = {i: base[i].digest for i in gone if i not in away}
    away |= _pick(rest, [block.digest for block in ours], taken)
    pairs = fill(
        pairs,
        [node.type if node.gone and i not in away else None for i, node in enumerate(base)],
        [None if j in taken or j in away.values() else block.type for j, block in enumerate(ours)],
    )
    return [*pairs, *away.items()]


def _pick(these: Mapping[int, bytes], those: Sequence[bytes], taken: Collection[int]) -> dict[int, int]:
    """Pairs of equal values, the first with the first; what is taken stays out."""
    places: dict[bytes, list[int]] = {}
    for j in range(len(those) - 1, -1, -1) if these else ():
        if j not in taken:
            places.setdefault(those[j], []).append(j)
    return {i: places[value].pop() for i, value in sorted(these.items()) if places.get(value)}


def _below(children: Sequence[Node | BlockInput] | None) -> bytes | None:
    """What tells a block that only became another kind: the same blocks below it."""
    return tree_digest(children) if children else None


def arrange(base: Sequence[Node], ours: Sequence[BlockInput], *, done: bool = False) -> tuple[Node, ...]:
    """The base with what is gone where the file has it, so that its `tree_digest` can be that of the file.

    `done` says that everything was sent. What the base still lacks was left out on purpose then: somebody had deleted
    it, and that was accepted. It is remembered as gone, also where the block around it was written anew since.
    """
    place = dict(match_ours(base, ours))
    away = {place[i]: node for i, node in enumerate(base) if node.gone and i in place}
    if done:
        missing = set(range(len(ours))) - set(place.values())
        away |= {k: replace(node_of(ours[k]), gone=True) for k in missing}
    waiting = sorted(away, reverse=True)
    found: list[Node] = []
    for i, node in enumerate(base):
        if node.gone:
            continue
        while i in place and waiting and waiting[-1] < place[i]:
            found.append(away[waiting.pop()])
        if i in place:
            node = node.with_children(arrange(node.children or (), ours[place[i]].children, done=done))
        found.append(node)
    return (*found, *(away[k] for k in reversed(waiting)))


def bind(was: Node, there: Node) -> Node:
    """A block that nobody edited, with the ids that were read, also below it."""
    if there.children is None:
        return replace(was, id=there.id)
    mine = was.children or ()
    pairs = match_theirs(mine, there.children)
    children = tuple(bind(mine[i], there.children[j]) for i, j in pairs)
    seen = there.digest if there.digest != was.digest else b""
    return replace(was, id=there.id, seen=seen, children=children)


def disown(base: Sequence[Node], ids: Collection[str]) -> tuple[Node, ...]:
    """The base with some blocks as not ours: they stay, whatever the file says."""
    return tuple(
        Node(node.id, node.type, node.digest, foreign=True)
        if node.id in ids
        else node.with_children(disown(node.children, ids))
        if node.children
        else node
        for node in base
    )


def as_written(was: Node, there: Node) -> bool:
    return there.digest == was.digest or (there.digest == was.seen and not was.edited)


def untouched(was: Node, there: Node) -> bool:
    """Nobody has edited the block or anything in it; what was not read is taken to be as we wrote it."""
    if not as_written(was, there):
        return False
    if there.children is None:
        return True
    mine = was.children or ()
    pairs = match_theirs(mine, there.children)
    return len(pairs) == len(there.children) and all(untouched(mine[i], there.children[j]) for i, j in pairs)


def holds(was: Node, there: Node) -> Literal["", "edit", "page"]:
    """What of other people is inside a block: a page or database, an edit or addition, or nothing."""
    if any(node.foreign for node in there.walk()):
        return "page"
    mine, children = was.children or (), there.children
    if children is None:
        return ""
    pairs = match_theirs(mine, children)
    clean = len(pairs) == len(children) and all(untouched(mine[i], children[j]) for i, j in pairs)
    return "" if clean else "edit"


def unread(there: Node) -> list[str]:
    return [node.id for node in there.walk() if node.children is None and not node.foreign]
