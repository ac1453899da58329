"""Steps in an order in which links to blocks of other new pages find the addresses of these.

A block's id is told when its page is made, or when it is put there later. What comes later than its page can wait for
that, and costs nothing more; where two pages wait for one another, one of them links to the other's top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from converters.blocks import PageRef
from converters.dialects.base import BlockInput, references
from publisher.planning.ops import Append, CreatePage, ReadChildren, UpdateBlock
from publisher.planning.order import Step


def page_links(blocks: Iterable[BlockInput]) -> Iterator[PageRef]:
    """The links to pages in blocks and in all below them; their targets are keys."""
    parts = (block for top in blocks for block in top.walk() if block.symbolic)
    return (ref for block in parts for ref in references(block) if isinstance(ref, PageRef))


def in_time(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, each behind those that tell the ids of blocks that it links to, as far as that can be."""
    return _Timing(steps).ordered()


class _Timing:
    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = steps
        self.tells: dict[str, int] = {}  # handle -> the step that tells it
        for index, step in enumerate(steps):
            self.tells |= dict.fromkeys(_told(step), index)
        here = {step.key: step.here for step in steps}
        self.wants = [
            {self.tells.get(here.get(ref.target, {}).get(ref.anchor, ""), index) for ref in _anchored(step)}
            - {index}
            for index, step in enumerate(steps)
        ]
        self.line: list[int] = []
        self.done: set[int] = set()

    def ordered(self) -> tuple[Step, ...]:
        waiting: list[int] = []
        for index, step in enumerate(self.steps):
            made = any(isinstance(op, CreatePage) for op in step.ops)
            if self._ready(index) and (made or self.wants[index] <= self.done):
                self._do(index)
            else:
                waiting.append(index)
            waiting = self._catch_up(waiting)
        while waiting:  # they wait for one another
            first = min(filter(self._ready, waiting), key=lambda index: len(self.wants[index] - self.done))
            self._do(first)
            waiting = self._catch_up([index for index in waiting if index != first])
        place = {index: at for at, index in enumerate(self.line)}
        return tuple(replace(self.steps[index], needs=self._needs(index, place)) for index in self.line)

    def _ready(self, index: int) -> bool:
        return self.done.issuperset(self.steps[index].needs)

    def _do(self, index: int) -> None:
        self.line.append(index)
        self.done.add(index)

    def _catch_up(self, waiting: list[int]) -> list[int]:
        """Do what nothing holds up any more; what is left."""
        while found := [index for index in waiting if self._ready(index) and self.wants[index] <= self.done]:
            for index in found:
                self._do(index)
            waiting = [index for index in waiting if index not in self.done]
        return waiting

    def _needs(self, index: int, place: dict[int, int]) -> tuple[int, ...]:
        """What comes before a step, by its new place; of what it would like to know only what is known by then."""
        known = {want for want in self.wants[index] if place[want] < place[index]}
        return tuple(sorted(place[need] for need in known.union(self.steps[index].needs)))


def _told(step: Step) -> Iterator[str]:
    for op in step.ops:
        if isinstance(op, ReadChildren):
            yield from (handle for _, handle in op.handles)
        elif isinstance(op, Append):
            yield from filter(None, op.handles)


def _anchored(step: Step) -> Iterator[PageRef]:
    """The links to blocks of other pages in what a step sends."""
    for op in step.ops:
        match op:
            case CreatePage(children=blocks) | Append(blocks=blocks):
                yield from (ref for ref in page_links(blocks) if ref.anchor)
            case UpdateBlock(input=block):
                yield from (ref for ref in page_links([block]) if ref.anchor)
            case _:
                pass
