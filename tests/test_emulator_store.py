"""The store below the services: order, trees, history, and several threads and processes on one file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.emulator.rows import PAGE
from publisher.emulator.store import Store
from publisher.emulator.writing import END, Head, NewBlock, Place


def para(words: str, *children: NewBlock) -> NewBlock:
    return NewBlock("paragraph", {"rich_text": [{"type": "text", "text": words}]}, children)


def new_page(store: Store, title: str = "Page", parent: str | None = None) -> str:
    values = {"title": {"type": "title", "title": [{"type": "text", "text": title}]}}
    with store.write("POST /pages", "me") as writer:
        return writer.insert_page(parent, parent, PAGE, Head(title, values))


def add(store: Store, parent: str, *blocks: NewBlock, place: Place = END) -> list[str]:
    with store.write("PATCH /children", "me") as writer:
        return writer.insert(parent, parent, list(blocks), place)


def words(store: Store, parent: str) -> list[str]:
    return [child.content["rich_text"][0]["text"] for child in store.children(parent)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["start", "end", "after", "before"]), st.integers(0, 50), st.integers(1, 3))
    )
)
def test_the_order_is_that_of_a_list(steps: list[tuple[str, int, int]]) -> None:
    store = Store()
    page = new_page(store)
    mirror = add(store, page, para("x"))
    for where, number, count in steps:
        anchor = mirror[number % len(mirror)]
        made = add(store, page, *[para("x")] * count, place=Place(where, anchor))  # type: ignore[arg-type]
        at = {"start": 0, "end": len(mirror)}.get(where)
        if at is None:
            at = mirror.index(anchor) + (where == "after")
        mirror[at:at] = made
    assert [child.id for child in store.children(page)] == mirror
    store.close()


def test_insertions_at_one_place_renumber_and_keep_the_order() -> None:
    store = Store()
    page = new_page(store)
    first, last = add(store, page, para("first"), para("last"))
    for number in range(200):
        add(store, page, para(str(number)), place=Place("after", first))
    assert words(store, page) == ["first", *map(str, reversed(range(200))), "last"]
    assert store.children(page)[-1].id == last


def test_a_subtree_is_in_reading_order_and_stops_at_pages() -> None:
    store = Store()
    page = new_page(store, "Root")
    add(store, page, para("a", para("a1", para("a11")), para("a2")), para("b"))
    kid = new_page(store, "Kid", page)
    add(store, kid, para("inside"))
    shown = [
        block.content.get("title") or block.content["rich_text"][0]["text"] for block in store.subtree(page)
    ]
    assert shown == ["a", "a1", "a11", "a2", "b", "Kid"]
    deep = store.subtree(page)[2]
    assert [row.title for row in store.ancestors(deep.id)] == ["Root"]
    assert [row.title for row in store.ancestors(kid)] == ["Root"]
    assert [row.title for row in store.child_pages(page)] == ["Kid"]


def test_history_says_what_each_write_did() -> None:
    store = Store()
    page = new_page(store)
    made = add(store, page, para("a"), para("b", para("c")))
    before = store.version()
    with store.write("PATCH /blocks", "me") as writer:
        node = writer.node(made[0])
        assert node is not None
        writer.update(node, {"rich_text": [{"type": "text", "text": "new"}]})
    with store.write("DELETE /blocks", "me") as writer:
        node = writer.node(made[1])
        assert node is not None
        writer.trash(node, True)
    with store.write("GET", "me"):
        pass
    assert store.version() == before + 2
    kinds = [(change.kind, change.request, len(change.block_ids)) for change in store.history(page)]
    assert kinds == [
        ("deleted", "DELETE /blocks", 1),
        ("updated", "PATCH /blocks", 1),
        ("created", "PATCH /children", 3),
        ("page_created", "POST /pages", 0),
    ]
    assert store.history(page)[1].before == {made[0]: {"rich_text": [{"type": "text", "text": "a"}]}}
    assert [change.kind for change in store.changes_since(before)] == ["updated", "deleted"]
    assert store.changes_since(store.version()) == []


def test_a_failed_write_leaves_nothing() -> None:
    store = Store()
    page = new_page(store)
    version = store.version()

    def fail() -> None:
        with store.write() as writer:
            writer.insert(page, page, [para("a")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (store.children(page), store.version()) == ([], version)


def test_search_ignores_case_in_every_script() -> None:
    store = Store()
    for title in ("Größe", "ПРИВЕТ", "100%_sure", "other"):
        new_page(store, title)
    for query, expected in (("GRÖSSE", "Größe"), ("привет", "ПРИВЕТ"), ("%_", "100%_sure")):
        assert [row.title for row in store.search(query)] == [expected]
    assert len(store.search("")) == 4
    assert len(store.search("", 2)) == 2


def test_a_page_of_ten_thousand_blocks() -> None:
    store = Store()
    page = new_page(store)
    for _ in range(100):
        add(store, page, *[para("x")] * 100)
    middle = store.children(page)[5000]
    add(store, page, para("new"), place=Place("before", middle.id))
    found = store.children(page)
    assert len(found) == 10_001
    assert found[5000].content["rich_text"][0]["text"] == "new"


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "w.db")
    page = new_page(store)
    failures: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for number in range(25):
                add(store, page, para(f"{name}.{number}"))
                store.children(page, 10)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(words(store, page))) == 100
    store.close()


WORKER = """
import sys
from publisher.emulator.store import Store
from publisher.emulator.writing import NewBlock
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    with store.write("worker", "me") as writer:
        writer.insert(sys.argv[2], sys.argv[2], [NewBlock("divider", {})])
store.close()
"""


def test_two_processes_on_one_file(tmp_path: Path) -> None:
    file = tmp_path / "w.db"
    store = Store(file)
    page = new_page(store)
    command = [sys.executable, "-c", WORKER, str(file), page]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for number in range(20):
        add(store, page, para(str(number)))
    for worker in workers:
        worker.communicate(timeout=30)
        assert worker.returncode == 0
    assert len(store.children(page)) == 120
    assert store.version() == 121
    store.close()


def test_a_file_that_is_not_a_workspace_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t(x)")
    db.close()
    text = tmp_path / "text.db"
    text.write_text("not a database " * 100, encoding="utf-8")
    for file in (other, text):
        with pytest.raises(sqlite3.DatabaseError):
            Store(file)
