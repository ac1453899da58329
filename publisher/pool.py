"""One piece of work after another, on all processors where that is faster.

A worker process takes up to a third of a second to start, so this process begins at once and goes on until nothing is
left; workers take over what they can once they are there. So a small amount of work is never slower than without them.
What goes to a worker and comes back is what `marshal` writes: objects would cost more to send than to make.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Item: TypeAlias = "tuple[str, bytes]"  # a name, and what it names
Result = TypeVar("Result")  # what `marshal` can write, and not None
Work: TypeAlias = Callable[[str, bytes], Result]  # must be importable by name, with arguments that pickle

# For each worker; less is done before it has started
START_BYTES = {"fork": 120_000, "spawn": 750_000}
CHUNK_BYTES = 128_000  # what a worker is given at once, at most
MOST_WORKERS = 15
COLLECT = 50_000  # new objects after which they are looked at; with Python's 700 all takes 6 % longer

_enabled = False


def enable() -> None:
    """Allow worker processes. Where they cannot be forked they import the program's main module again, so only a
    program that is written for that may say so."""
    global _enabled
    _enabled = True


def method() -> str:
    """How a worker is made. A fork starts at once, but it would copy the locks of other threads as they are, and other
    systems than Linux do not do it well."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def helpers(items: Sequence[Item]) -> int:
    """How many worker processes are worth it, beside this one."""
    if not _enabled:
        return 0
    size = sum(len(data) for _, data in items)
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    processors = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return max(min(processors - 1, size // START_BYTES[method()], len(items) - 1, MOST_WORKERS), 0)


def spread(
    work: Work[Result], items: Sequence[Item], workers: int | None = None
) -> Iterator[tuple[str, Result]]:
    """Do the work for every item; the results come in any order, each with its item's name.

    Args:
        workers: Processes beside this one; None for as many as are worth it.

    Raises:
        Exception: what `work` raises in this process. An item that fails in a worker, or whose worker dies, is done
            again here.
    """
    count = helpers(items) if workers is None else workers
    queue = deque(sorted(items, key=lambda item: len(item[1])))
    failed: deque[Item] = deque()
    crew: list[_Worker] = []
    with _seldom_collecting():
        try:
            crew = _start(work, count)
            told = _told(crew)
            while queue or failed or any(worker.task for worker in crew):
                idle = not (queue or failed)
                if idle or told():
                    yield from _exchange(crew, queue, failed, wait=idle)
                if queue or failed:
                    # small ones here, large ones there: nobody waits long for this process
                    name, data = (failed or queue).popleft()
                    yield name, work(name, data)
        finally:
            for worker in crew:
                worker.stop()


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """The collector looks at nothing older, since that would copy all that a fork shares, here and there; and seldom at
    what is new, since a conversion leaves next to nothing that only the collector can free."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(COLLECT)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@dataclass(slots=True)
class _Worker:
    """A process, and what it is working on. It says one empty word when it is ready."""

    process: BaseProcess
    pipe: Connection
    ready: bool = False
    task: list[Item] = field(default_factory=list)

    def stop(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _start(work: Work[Any], count: int) -> list[_Worker]:
    """The workers that can be had; none where the system allows no processes."""
    if count < 1:
        return []
    from multiprocessing import get_context

    how = method()
    context = get_context(how)
    crew: list[_Worker] = []
    try:
        with _undisturbed():
            for _ in range(count):
                ours, theirs = context.Pipe()
                inherited = [ours, *(worker.pipe for worker in crew)] if how == "fork" else []
                # the contexts of all systems have `Process`, but their common type does not say so
                process = context.Process(target=_serve, args=(theirs, work, inherited), daemon=True)  # type: ignore[attr-defined]
                process.start()
                theirs.close()
                crew.append(_Worker(process, ours))
    except (OSError, ImportError, RuntimeError):
        pass
    return crew


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let new processes hear of no signal before they have handlers of their own."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _told(crew: list[_Worker]) -> Callable[[], object]:
    """What says at once whether a worker may have spoken. It is asked after every item, and one microsecond is enough;
    `multiprocessing.connection.wait` would take twelve, which adds up to 2 % of a conversion."""
    import select

    if not hasattr(select, "poll"):
        return lambda: crew
    poll = select.poll()
    for worker in crew:
        poll.register(worker.pipe, select.POLLIN)
    return partial(poll.poll, 0)  # says yes, too, of a worker that is gone


def _exchange(
    crew: list[_Worker], queue: deque[Item], failed: deque[Item], wait: bool
) -> Iterator[tuple[str, Any]]:
    """Take what workers have done and give them more.

    What fails there, or had a worker that died, is to be done here.
    """
    if not crew:
        return
    from multiprocessing.connection import wait as heard

    busy = {worker.pipe: worker for worker in crew if worker.task or not worker.ready}
    for pipe in heard(list(busy), None if wait else 0):
        worker = busy[pipe]  # type: ignore[index]  # `heard` gives back what it was given
        done: list[Item] = []
        answer = b""
        try:
            answer = worker.pipe.recv_bytes()
            worker.ready, done, worker.task = True, worker.task, []
            if queue:  # before anybody looks at the results, so that the worker need not wait for that
                worker.task = _chunk(queue, len(crew) + 1)
                worker.pipe.send_bytes(marshal.dumps(worker.task))
        except (EOFError, OSError):
            failed.extend(worker.task)
            crew.remove(worker)
            worker.stop()
        if done:
            yield from _results(done, answer, failed)


def _results(task: list[Item], answer: bytes, failed: deque[Item]) -> Iterator[tuple[str, Any]]:
    for item, result in zip(task, marshal.loads(answer), strict=True):
        if result is None:
            failed.append(item)  # this process says how
        else:
            yield item[0], result


def _chunk(queue: deque[Item], processes: int) -> list[Item]:
    """The largest items that are left, up to the size of a chunk and half of a fair share: so nobody is late in the end."""
    left = sum(len(data) for _, data in islice(reversed(queue), 1000))  # more of them hold many chunks
    most = min(left // (2 * processes), CHUNK_BYTES)
    chunk = [queue.pop()]
    size = len(chunk[0][1])
    while queue and size + len(queue[-1][1]) <= most:
        chunk.append(queue.pop())
        size += len(chunk[-1][1])
    return chunk


def _serve(pipe: Connection, work: Work[Any], inherited: list[Connection]) -> None:
    """The life of a worker. It does not hear of Ctrl-C: whoever has started it stops it."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    for other in inherited:
        other.close()  # so that the end of the process at its other end is seen
    gc.set_threshold(COLLECT)  # a process that was not forked has its own
    try:
        pipe.send_bytes(b"")
        while True:
            task: list[Item] = marshal.loads(pipe.recv_bytes())
            pipe.send_bytes(marshal.dumps([_attempt(work, *item) for item in task]))
    except (EOFError, OSError):
        return  # nobody needs it any more


def _attempt(work: Work[Result], name: str, data: bytes) -> Result | None:
    try:
        return work(name, data)
    except Exception:
        return None
