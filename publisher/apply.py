"""Carry out a plan: every operation of every step, its intent on disk before, its result after.

Reads the plan and nothing else. A step that fails stops its page and the pages below it; the others go on.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar, assert_never

from converters.dialects.base import (
    BlockInput,
    Dialect,
    ReadBlock,
)
from publisher.errors import (
    ConflictError,
    Interrupted,
    PagemillError,
    StorageError,
    TokenError,
    UnknownOutcomeError,
    UnreachableError,
)
from publisher.known import KnownPage
from publisher.names import Names
from publisher.notes import describe
from publisher.planning.base import Node, node_of, tree_digest
from publisher.planning.followed import follow, other_digests
from publisher.planning.ops import (
    Append,
    BlockOp,
    CreatePage,
    DeleteBlock,
    ErasePage,
    MovePage,
    Op,
    ReadChildren,
    TrashPage,
    UpdateBlock,
    UpdatePage,
    record_source,
)
from publisher.planning.settle import recognised, record
from publisher.planning.sides import arrange
from publisher.refused import naming
from publisher.remote.adapter import PageInfo
from publisher.remote.stopping import Stopping, finishing
from publisher.remote.trashed import explained
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.supplies import contents

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageStep:
    """Some operations about one page. `needs` are indexes of steps that must be done before.

    `goal` is what the state shall say of the page once its last step (`last`) is done; its id, url and base come
    from the operations themselves. `ours`: the whole body that they lead to, if it was looked at. `standing` are the
    blocks that will be deleted, as they were read. `here` says where the places of the page are that its own links lead
    to: their addresses, or handles; None if nobody has looked, so that they are where they were.
    """

    page: str
    ops: tuple[Op, ...]
    goal: KnownPage
    needs: tuple[int, ...] = ()
    last: bool = True
    ours: tuple[BlockInput, ...] | None = None
    standing: Mapping[str, Node] = field(default_factory=dict)
    here: Mapping[str, str] | None = None


@dataclass(slots=True)
class Outcome:
    """How applying went, page by page."""

    done: set[str] = field(default_factory=set)
    failed: dict[str, PagemillError] = field(default_factory=dict)
    unsettled: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)  # not tried, because a page above or before failed
    fatal: PagemillError | None = None

    def include(self, other: Outcome) -> None:
        """Add what came of more steps."""
        self.done |= other.done
        self.failed |= other.failed
        self.unsettled |= other.unsettled
        self.held |= other.held
        self.fatal = self.fatal or other.fatal


Prepare: TypeAlias = Callable[[PageStep], Awaitable[PageStep | None]]


class Applier:
    """Applies steps in one workspace."""

    def __init__(self, workspace: Workspace, store: Store, dialect: Dialect, stopping: Stopping) -> None:
        self.workspace = workspace
        self.store = store
        self.dialect = dialect
        self.stopping = stopping
        self.names = Names(store)
        self.bases: dict[str, KnownPage] = {}  # pages that requests are being made about, as they stand

    async def run(
        self,
        steps: Sequence[PageStep],
        concurrency: int = 8,
        on_done: Callable[[PageStep], None] = lambda _: None,
        prepare: Prepare | None = None,
        context: Callable[[str], object] = lambda _: None,
    ) -> Outcome:
        """Apply all steps, independent ones beside each other, at most `concurrency` at once.

        `prepare` may complete a step just before it is applied, once it has read what stands there; None skips it.
        `context` is called with the step's page in the task that works on it.
        """
        outcome = Outcome()
        finished = [asyncio.Event() for _ in steps]
        slots = asyncio.Semaphore(concurrency)
        good: set[int] = set()

        async def one(index: int, step: PageStep) -> None:
            context(step.page)
            for need in step.needs:
                await finished[need].wait()
            try:
                if not all(need in good for need in step.needs) or outcome.fatal or self.stopping.requested:
                    outcome.held.add(step.page)
                    return
                async with slots:
                    if await self._guarded(step, outcome, prepare):
                        good.add(index)
                        on_done(step)
            finally:
                finished[index].set()

        async with asyncio.TaskGroup() as group:
            for index, step in enumerate(steps):
                group.create_task(one(index, step))
        return outcome

    async def _guarded(self, step: PageStep, outcome: Outcome, prepare: Prepare | None) -> bool:
        if outcome.fatal or self.stopping.requested:
            outcome.held.add(step.page)
            return False
        ready: PageStep | None = step
        try:
            ready = await prepare(step) if prepare else step
            if ready is None:
                return False
            await self.apply(ready)
        except UnknownOutcomeError:
            outcome.unsettled.add(step.page)
        except (TokenError, UnreachableError) as error:
            outcome.fatal = error
            outcome.held.add(step.page)
        except Interrupted:
            outcome.held.add(step.page)
        except PagemillError as error:
            outcome.failed[step.page] = await explained(error, *self._about(ready or step), self.workspace)
        else:
            outcome.done.add(step.page)
            return True
        return False

    def _about(self, step: PageStep) -> tuple[str, list[str]]:
        """The ids of the page that a step writes to, "" if there is none yet, and of those that it is put under."""
        page = self.store.page(step.page)
        parents = [self.names.id(op.parent) for op in step.ops if isinstance(op, CreatePage | MovePage)]
        return page.id if page is not None else "", [record_source(id) or id for id in parents]

    async def apply(self, step: PageStep) -> None:
        """One step, operation by operation.

        Raises:
            PagemillError: the service refused, cannot be reached, or the outcome is not known.
            Interrupted: Ctrl-C came between two operations, or while a file for one was uploaded.
        """
        emptied = False
        if step.here is not None:
            self.names.here[step.page] = step.here
        try:
            for op in step.ops:
                if self.stopping.requested and not emptied:  # what was emptied is filled first
                    raise Interrupted
                with finishing() if emptied else nullcontext(), naming(op, step.goal, self.workspace.service):
                    await self._do(step, op)
                emptied = emptied or isinstance(op, ErasePage)
            if step.last:
                self._complete(step.goal, step.ours)
        finally:
            self.bases.pop(step.page, None)  # the next to look at the page may save another tree

    def _complete(self, goal: KnownPage, ours: Sequence[BlockInput] | None) -> None:
        page = self.bases.pop(goal.key, None) or self.store.page(goal.key)
        if page is None:  # trashed
            return
        base = page.base
        if ours is not None:
            whole = self.names.filled(goal.key, ours)
            base = arrange(follow(base, None, other_digests(ours, whole)), whole, done=True)
        links = self.names.links(goal, page.links)
        done = replace(goal, id=page.id, url=page.url, links=links, base=base, published=0.0)
        self.store.save_page(replace(done, content=tree_digest(base)))

    async def _do(self, step: PageStep, op: Op) -> None:
        match op:
            case CreatePage():
                await self._create(step, op)
            case UpdatePage():
                await self._update_page(step, op)
            case MovePage():
                move = self.workspace.move_page(self.names.id(op.page), self.names.id(op.parent))
                parent = step.goal.parent
                await self._plain(step, op, move, lambda: self.store.update_page(step.page, parent=parent))
            case TrashPage():
                trash = self.workspace.trash_page(self.names.id(op.page))
                await self._plain(step, op, trash, lambda: self.store.forget_page(step.page))
            case Append():
                await self._append(step, op)
            case UpdateBlock():
                (block,) = self.names.filled(step.page, (op.input,))
                await self._update_block(step, UpdateBlock(self.names.id(op.block), block))
            case DeleteBlock():
                await self._delete(step, DeleteBlock(self.names.id(op.block)))
            case ErasePage():
                if self.workspace.attach is not None:  # what cannot be shown anew must not be taken away
                    await self.workspace.attach.bring(contents(step.ops))
                erase = self.workspace.erase(op.page)
                await self._plain(step, op, erase, lambda: self._record(step.page, op))
            case ReadChildren():
                await self._learn(step, op)
            case _:
                assert_never(op)

    # -- the operations ------------------------------------------------------------------------------------

    @contextmanager
    def _intent(self, page: str, what: Mapping[str, Any], key: str = "") -> Iterator[int]:
        """The intent of a request, on disk before it goes out; it stays while nobody knows what came of the request."""
        intent = self.store.begin(page, what, key)
        try:
            yield intent
        except (UnknownOutcomeError, StorageError):
            raise
        except (PagemillError, Interrupted):
            self.store.end(intent)
            raise

    async def _create(self, step: PageStep, op: CreatePage) -> None:
        op = replace(
            op,
            parent=self.names.id(op.parent),
            children=self.names.filled(step.page, op.children),
            after=self.names.id(op.after),
        )
        key = str(uuid.uuid4())
        with self._intent(step.page, describe(op, step.goal.title), key) as intent:
            info = await self.workspace.create_page(op.parent, op.head, op.children, key, op.after)
        self.created(step.goal, info, op.children, intent)

    def created(self, goal: KnownPage, info: PageInfo, blocks: Sequence[BlockInput], intent: int) -> None:
        """Note a page that exists now, with the body it was created with."""
        page = replace(goal, id=info.id, url=info.url, base=tuple(map(node_of, blocks)), content=b"")
        with self.store.transaction():
            self.store.save_page(page)
            self.store.end(intent)
        self.names.know(page.key, info.id, info.url)

    async def _update_page(self, step: PageStep, op: UpdatePage) -> None:
        request = self.workspace.update_page(
            self.names.id(op.page), properties=op.properties, icon=op.icon, cover=op.cover
        )
        goal = step.goal
        await self._plain(
            step, op, request, lambda: self.store.update_page(step.page, head=goal.head, title=goal.title)
        )

    async def _update_block(self, step: PageStep, op: UpdateBlock) -> None:
        update = self.workspace.update_block(op.block, op.input)
        await self._plain(step, op, update, lambda: self._record(step.page, op))

    async def _append(self, step: PageStep, op: Append) -> None:
        op = Append(
            self.names.id(op.parent),
            self.names.id(op.after),
            self.names.filled(step.page, op.blocks),
            op.handles,
        )
        with self._intent(step.page, describe(op)) as intent:
            ids = await self.workspace.append(op.parent, op.after, op.blocks)
        self.names.bound.update((handle, id) for handle, id in zip(op.handles, ids, strict=False) if handle)
        with self.store.transaction():
            self._record(step.page, op, ids)
            self.store.end(intent)

    async def _plain(
        self, step: PageStep, op: Op, request: Awaitable[T], done: Callable[[], None] = lambda: None
    ) -> T:
        """A write that may be repeated: its intent matters only as a sign that the page must be read again.

        `done` notes what it has done, in one transaction with the end of the intent.
        """
        with self._intent(step.page, describe(op)) as intent:
            answer = await request
        with self.store.transaction():
            done()
            self.store.end(intent)
        return answer

    async def _delete(self, step: PageStep, op: DeleteBlock) -> None:
        """Delete a block, and put it back if its answer shows that somebody has edited it since it was read.

        Neither service can make a write to a block depend on what stands there, but both give back what was deleted.
        """
        gone = await self._plain(step, op, self.workspace.delete_block(op.block))
        was = step.standing.get(op.block)
        if gone is not None and was is not None and _edited(was, gone):
            with finishing():
                await self._plain(step, op, self.workspace.restore_block(op.block))
            raise ConflictError(
                "Somebody edited a block while it was being deleted; it was put back.",
                "Publish again: it is compared anew.",
            )
        self._record(step.page, op)

    async def _learn(self, step: PageStep, op: ReadChildren) -> None:
        """Bind handles to the ids of blocks that were written without getting their ids back."""
        parent = self.names.id(op.parent)
        there = [block for block in await self.workspace.children(parent) if block.ours]
        page = self.bases.get(step.page) or self.store.page(step.page)
        ids = recognised(page.base if page is not None else (), parent, there)
        for place, handle in op.handles:
            if not (id := ids.get(place, "")):
                raise UnknownOutcomeError(
                    f"{step.page} was changed by somebody while it was being written.",
                    "Run again: the page is read before anything is sent.",
                )
            self.names.bound[handle] = id
        known = [ids.get(place, "") for place in range(max(ids, default=-1) + 1)]
        self._record(step.page, ReadChildren(parent, op.handles), known)

    def _record(self, key: str, op: BlockOp, ids: Sequence[str] = ()) -> None:
        """Note what a request has done. The tree is kept here until the page is complete; the state has it as a list
        of what was done, so that a page of many requests is not written again for each of them."""
        page = self.bases.get(key) or self.store.page(key)
        if page is not None:
            self.bases[key] = replace(page, base=record(page.base, op, ids, page.id))
            self.store.note(key, describe(op), ids)


def _edited(was: Node, gone: ReadBlock) -> bool:
    """Whether a block that was deleted is not what was read; of its children only that there are some is known."""
    return gone.input.digest != was.digest or (gone.has_children and was.children == ())
