"""A workspace page with people on it, for tests: what the service would hold, and how others edit it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from converters.dialects.base import BlockInput
from publisher.planning.base import Node
from publisher.planning.diff import Insert, diff
from publisher.planning.limits import DEFAULT, Limits
from publisher.planning.merge import Merge, Policy, merge, reads
from publisher.planning.ops import (
    END,
    START,
    Append,
    BlockOp,
    CreatePage,
    DeleteBlock,
    Op,
    ReadChildren,
    UpdateBlock,
)
from publisher.planning.packing import Handles, pack_insert
from publisher.planning.settle import adopt, record, unsettled
from publisher.planning.sides import arrange

PAGE = "page"
HOLDERS = ("toggle", "item", "quote")


def block(text: str, *children: BlockInput, type: str = "", line: int = 0) -> BlockInput:
    """A block with this text; a toggle if it has children, else a paragraph."""
    kind = type or ("toggle" if children else "paragraph")
    return BlockInput(kind, json.dumps(text).encode(), children, line=line)


def blocks(*texts: str) -> tuple[BlockInput, ...]:
    return tuple(block(text, line=line) for line, text in enumerate(texts, 1))


@dataclass(slots=True)
class Standing:
    """A block as the service holds it. `page`: a child page, which no publisher writes as a block."""

    id: str
    type: str
    content: bytes
    children: list[Standing] = field(default_factory=list)
    page: bool = False

    @property
    def digest(self) -> bytes:
        return BlockInput(self.type, self.content).digest

    def walk(self) -> Iterator[Standing]:
        yield self
        for child in self.children:
            yield from child.walk()


def can_update(old: Node, new: BlockInput) -> bool:
    return old.type == new.type


class World:
    """One page in a service."""

    def __init__(self) -> None:
        self.top: list[Standing] = []
        self.last = 0
        self.reads = 0
        self.writes = 0

    def all(self) -> list[Standing]:
        return [below for top in self.top for below in top.walk()]

    def texts(self) -> dict[str, str]:
        """Text of every block, by id."""
        return {one.id: json.loads(one.content) for one in self.all()}

    def find(self, id: str) -> Standing:
        return next(one for one in self.all() if one.id == id)

    def siblings(self, id: str) -> list[Standing]:
        """The list in which a block stands."""
        lists = [self.top, *(one.children for one in self.all())]
        return next(items for items in lists if any(one.id == id for one in items))

    def under(self, parent: str) -> list[Standing]:
        return self.top if parent == PAGE else self.find(parent).children

    def make(self, new: BlockInput) -> Standing:
        self.last += 1
        id = f"b{self.last}"
        return Standing(id, new.type, new.content, [self.make(child) for child in new.children])

    def insert(self, parent: str, after: str, new: Sequence[BlockInput]) -> list[str]:
        items = self.under(parent)
        at = {START: 0, END: len(items)}.get(after, -1)
        if at < 0:
            at = next(i for i, one in enumerate(items) if one.id == after) + 1
        made = [self.make(one) for one in new]
        items[at:at] = made
        return [one.id for one in made]

    def do(self, op: Op) -> list[str]:
        """Answer one request."""
        match op:
            case CreatePage(children=new):
                self.insert(PAGE, END, new)
                return []
            case Append(parent, after, new):
                self.writes += 1
                return self.insert(parent, after, new)
            case UpdateBlock(id, new):
                self.writes += 1
                one = self.find(id)
                assert one.type == new.type
                one.content = new.content
                return []
            case DeleteBlock(id):
                self.writes += 1
                items = self.siblings(id)
                items[:] = [one for one in items if one.id != id]
                return []
            case ReadChildren(parent):
                self.reads += 1
                return [one.id for one in self.under(parent) if not one.page]
            case _:
                raise AssertionError(op)

    def node(self, one: Standing, opened: set[str]) -> Node:
        children = None if one.children and one.id not in opened and not one.page else ()
        if one.id in opened:
            children = tuple(self.node(child, opened) for child in one.children)
        return Node(one.id, one.type, one.digest, children, foreign=one.page)

    def read(self, opened: set[str]) -> tuple[Node, ...]:
        return tuple(self.node(one, opened) for one in self.top)

    def read_all(self) -> tuple[Node, ...]:
        return self.read({one.id for one in self.all()})


class Publisher:
    """Publishes one page as the planning modules say; `base` is its memory."""

    def __init__(self, world: World, limits: Limits = DEFAULT) -> None:
        self.world = world
        self.limits = limits
        self.base: tuple[Node, ...] = ()
        self.pending: list[Append | UpdateBlock | DeleteBlock] = []
        self.thorough = False  # read every block of the page, not only what must be
        self.opened: set[str] = set()

    def create(self, ours: Sequence[BlockInput]) -> None:
        op = CreatePage("@page:a", "", None, tuple(ours))  # type: ignore[arg-type]  # no head is looked at
        self.world.do(op)
        self.base = record((), op)

    def look(self, ours: Sequence[BlockInput], policy: Policy) -> Merge:
        """Read as far as needed and bring the three sides together."""
        opened = self.opened = {one.id for one in self.world.all()} if self.thorough else set()
        while ids := unsettled(self.base, self.world.read(opened), self.pending):
            assert not opened.issuperset(ids)
            opened.update(ids)
        self.base = adopt(self.base, self.world.read(opened), self.pending)
        self.pending = []
        while ids := reads(self.base, self.world.read(opened), ours, can_update, policy, self.limits):
            assert not opened.issuperset(ids)
            opened.update(ids)
        return merge(self.base, self.world.read(opened), ours, policy, can_update)

    def ops(self, merged: Merge) -> list[BlockOp]:
        found: list[BlockOp] = []
        handles = Handles()
        for edit in diff(PAGE, merged.old, merged.new, can_update, self.limits):
            if isinstance(edit, Insert):
                found += pack_insert(edit.parent, edit.after, edit.blocks, self.limits, handles)
            else:
                found.append(edit)
        return found

    def publish(self, ours: Sequence[BlockInput], policy: Policy, lose: int = -1, partly: int = -1) -> Merge:
        """One publish. The answer to write number `lose` is lost, and the run ends; with `partly` at least 0 only
        so many of its blocks were written."""
        merged = self.look(ours, policy)
        self.base = merged.base
        bound: dict[str, str] = {}
        if merged.stopped:
            return merged
        for number, op in enumerate(self.ops(merged)):
            op = bind(op, bound)
            if number == lose and not isinstance(op, ReadChildren):
                self.pending = [op]
                if isinstance(op, Append) and partly >= 0:
                    op = replace(op, blocks=op.blocks[:partly])
                if not (isinstance(op, Append) and not op.blocks):
                    self.world.do(op)
                return merged
            ids = self.world.do(op)
            if isinstance(op, Append):
                bound.update({handle: id for handle, id in zip(op.handles, ids, strict=False) if handle})
            if isinstance(op, ReadChildren):
                bound.update({handle: ids[place] for place, handle in op.handles})
            self.base = record(self.base, op, ids)
        self.base = arrange(self.base, ours, done=True)
        return merged


def bind(op: BlockOp, bound: dict[str, str]) -> BlockOp:
    match op:
        case Append(parent, after, new, handles):
            return Append(bound.get(parent, parent), bound.get(after, after), new, handles)
        case ReadChildren(parent, handles):
            return ReadChildren(bound.get(parent, parent), handles)
        case UpdateBlock() | DeleteBlock():
            return op


def meddle(world: World, rand: Random) -> str:
    """One edit by somebody; the text that they wrote, if any."""
    there = [one for one in world.all() if not one.page]
    choice = rand.choice(("edit", "edit", "add", "add", "delete", "move", "page", "kind"))
    world.last += 1
    text = f"people {world.last}"
    if choice in ("add", "page") or not there:
        holders = [world.top, *(one.children for one in there if one.type in HOLDERS)]
        items = rand.choice(holders)
        new = Standing(
            f"p{world.last}", rand.choice(("paragraph", "toggle", "item")), json.dumps(text).encode()
        )
        new.page = choice == "page"
        items.insert(rand.randint(0, len(items)), new)
        return text
    one = rand.choice(there)
    if choice == "edit":
        one.content = json.dumps(text).encode()
        return text
    if choice == "kind":
        one.type = rand.choice(HOLDERS)
        return ""
    items = world.siblings(one.id)
    if any(below.page for below in one.walk()):
        return ""
    items.remove(one)
    if choice == "move":
        holders = [world.top, items, *(other.children for other in world.all() if other.type in HOLDERS)]
        to = rand.choice(holders)
        to.insert(rand.randint(0, len(to)), one)
    return ""


def rewrite(ours: Sequence[BlockInput], rand: Random, depth: int = 2) -> tuple[BlockInput, ...]:
    """The file after an edit by its author: some blocks changed, dropped, added, moved."""
    found: list[BlockInput] = []
    for one in ours:
        roll = rand.random()
        if roll < 0.12:
            continue
        if roll < 0.24:
            one = replace(one, content=json.dumps(f"ours {rand.randint(0, 999)}").encode())
        elif roll < 0.28:
            one = replace(one, type=rand.choice(HOLDERS))
        if depth and one.type in HOLDERS and rand.random() < 0.4:
            one = replace(one, children=rewrite(one.children, rand, depth - 1))
        found.append(one)
        if rand.random() < 0.12:
            found.append(random_block(rand, depth))
    if len(found) > 1 and rand.random() < 0.15:
        found.insert(0, found.pop(rand.randrange(len(found))))
    return tuple(found)


def random_block(rand: Random, depth: int) -> BlockInput:
    kind = rand.choice(("paragraph", "toggle", "item")) if depth else "paragraph"
    children = (
        [random_block(rand, depth - 1) for _ in range(rand.randint(0, 3))] if kind != "paragraph" else []
    )
    return block(f"{'same' if rand.random() < 0.2 else rand.randint(0, 999)}", *children, type=kind)


def random_page(rand: Random, size: int = 6) -> tuple[BlockInput, ...]:
    return tuple(random_block(rand, 2) for _ in range(rand.randint(0, size)))
