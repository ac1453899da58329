"""Work spread over processes: every item once, whatever becomes of the workers."""

from __future__ import annotations

import gc
import marshal
import os
import time
from collections import deque
from functools import partial
from multiprocessing import Pipe
from pathlib import Path

import pytest

from publisher import pool
from publisher.pool import Item, helpers, spread


def shout(prefix: bytes, name: str, data: bytes) -> bytes:
    return prefix + name.encode("utf-8", "surrogatepass") + data.upper()


def slowly(main: int, name: str, data: bytes) -> bytes:
    """Takes longer in the main process, so that a worker has time to come."""
    time.sleep(0.05 if os.getpid() == main else 0.001)
    return b"here" if os.getpid() == main else b"there"


def refuse_there(main: int, name: str, data: bytes) -> bytes:
    if os.getpid() != main:
        raise ValueError(name)
    time.sleep(0.02)
    return b"done"


def die_there(main: int, name: str, data: bytes) -> bytes:
    if os.getpid() != main:
        os._exit(7)
    time.sleep(0.02)
    return b"done"


def fail(name: str, data: bytes) -> bytes:
    raise ValueError(name)


def items(count: int) -> list[Item]:
    return [(f"{number}-\udcff", b"x" * (number % 7)) for number in range(count)]


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("how", ["spawn", pool.method()])
def test_every_item_is_done_once(workers: int, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "method", lambda: how)
    given = items(300)
    found = list(spread(partial(shout, b">"), given, workers))
    assert sorted(name for name, _ in found) == sorted(name for name, _ in given)
    assert dict(found) == {name: shout(b">", name, data) for name, data in given}


@pytest.mark.slow
def test_workers_take_part() -> None:
    found = [result for _, result in spread(partial(slowly, os.getpid()), items(100), 2)]
    assert len(found) == 100
    assert found.count(b"there") > 0
    assert found.count(b"here") > 0


@pytest.mark.slow
@pytest.mark.parametrize("work", [refuse_there, die_there])
def test_what_fails_in_a_worker_is_done_here(work: object) -> None:
    found = dict(spread(partial(work, os.getpid()), items(80), 1))  # type: ignore[call-overload]
    assert found == {name: b"done" for name, _ in items(80)}


def plain(name: str, data: bytes) -> dict[str, object]:
    return {"name": name, "size": len(data), "none": None}


def test_results_may_be_any_plain_values() -> None:
    found = dict(spread(plain, items(80), 1))
    assert found == {name: plain(name, data) for name, data in items(80)}


@pytest.mark.parametrize("poll", [True, False])
def test_workers_are_heard_where_the_system_has_no_poll(poll: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not poll:
        monkeypatch.delattr("select.poll", raising=False)
    ours, theirs = Pipe()
    crew = [pool._Worker(_Gone(), ours)]  # type: ignore[arg-type]
    told = pool._told(crew)
    assert bool(told()) is not poll
    theirs.send_bytes(b"")
    assert told()
    theirs.close()
    crew[0].stop()
    assert told()


@pytest.mark.parametrize(
    ("sizes", "processes", "expected"),
    [
        ([1], 2, [1]),
        ([1] * 8, 2, [1, 1]),
        ([1] * 12, 3, [1, 1]),
        ([10, 10, 100], 2, [100]),  # one that is more than its share comes alone
        ([60_000] * 100, 2, [60_000] * 2),  # a chunk is full before half is gone
        ([0, 0], 2, [0, 0]),
    ],
)
def test_a_chunk_is_no_more_than_half_of_a_fair_share(
    sizes: list[int], processes: int, expected: list[int]
) -> None:
    queue: deque[Item] = deque((str(place), b"x" * size) for place, size in enumerate(sizes))
    chunk = pool._chunk(queue, processes)
    assert [len(data) for _, data in chunk] == expected
    assert len(queue) == len(sizes) - len(expected)


class _Gone:
    """A process that has ended."""

    def terminate(self) -> None: ...

    def join(self) -> None: ...


@pytest.mark.parametrize("answer", [b"", b"x"])
def test_what_a_worker_cannot_be_sent_is_done_here(answer: bytes) -> None:
    """It dies between its word and the next piece of work: what it did counts, what it was to do is done here."""
    ours, theirs = Pipe()
    theirs.send_bytes(marshal.dumps([answer]) if answer else b"")
    theirs.close()
    task: list[Item] = [("before", b"a")] if answer else []
    crew = [pool._Worker(_Gone(), ours, bool(answer), task)]  # type: ignore[arg-type]
    failed: deque[Item] = deque()
    queue: deque[Item] = deque([("first", b"b"), ("second", b"c")])
    assert list(pool._exchange(crew, queue, failed, wait=True)) == ([("before", b"x")] if answer else [])
    assert sorted([*queue, *failed]) == [("first", b"b"), ("second", b"c")]
    assert failed
    assert not crew


def test_an_error_here_is_raised_and_workers_are_gone() -> None:
    from multiprocessing import active_children

    with pytest.raises(ValueError, match="0-"):
        list(spread(fail, items(3), 1))
    assert not active_children()


def test_leaving_early_stops_the_workers() -> None:
    from multiprocessing import active_children

    before = gc.get_threshold()
    results = spread(partial(shout, b""), items(50), 1)
    next(results)
    assert len(active_children()) == 1
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert not active_children()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_where_no_process_can_be_made_this_one_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", no)
    assert len(list(spread(partial(shout, b""), items(5), 3))) == 5


def test_workers_only_where_they_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(str(number), b"x" * 100_000) for number in range(100)]
    assert helpers(many) == 0  # nobody has said that the main module may be imported again
    monkeypatch.setattr(pool, "_enabled", True)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)), raising=False)
    monkeypatch.setattr(pool, "method", lambda: "spawn")
    assert helpers(many) == 3
    assert helpers(many[:8]) == 1
    assert helpers(many[:5]) == 0
    assert helpers([("one", b"x" * 10_000_000)]) == 0
    assert helpers([]) == 0


def test_a_folder_converted_by_workers_is_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publisher import folder
    from publisher.config import load
    from publisher.scan import scan

    for number in range(40):
        text = (
            f"---\nn: {number}\nd: 2024-01-02\n---\n# T {number}\n\n> [!NOTE]\n> [x](gone{number}.md) 🌱\n\n"
            + "word " * number
        )
        (tmp_path / f"p{number}.md").write_text(text, encoding="utf-8")
    settings = load({"folder": str(tmp_path)}, {})
    alone = folder.load(settings, scan(tmp_path), None)
    monkeypatch.setattr(pool, "helpers", lambda _: 1)
    together = folder.load(settings, scan(tmp_path), None)
    assert together.facts == alone.facts
    assert list(together.facts) == [file.path for file in together.scan.files]
    assert together.digest == alone.digest
    for path in alone.facts:
        fresh = alone.blocks((tmp_path / path).read_bytes(), path)
        assert [(block, block.line) for block in together.body(path)] == [
            (block, block.line) for block in fresh
        ]
