"""The state file: what is saved comes back, also after a crash in between, and it never leaves its directory."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.dialects.base import BlockInput
from publisher.errors import ConflictError, UsageError
from publisher.known import CachedFile, KnownPage
from publisher.locking import lock
from publisher.notes import describe, dump_nodes, load_nodes
from publisher.planning.base import Node, node_of
from publisher.planning.ops import Append, DeleteBlock
from publisher.store import Store

LEAF = st.builds(
    Node,
    id=st.text(max_size=4),
    type=st.sampled_from(["paragraph", "toggle"]),
    digest=st.binary(min_size=2, max_size=2),
    seen=st.binary(max_size=2),
    foreign=st.booleans(),
    gone=st.booleans(),
    edited=st.booleans(),
)
TREES = st.recursive(
    st.lists(LEAF, max_size=3).map(tuple),
    lambda inner: st.lists(
        st.builds(lambda node, children: node.with_children(children), LEAF, st.none() | inner), max_size=3
    ).map(tuple),
    max_leaves=12,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".pagemill" / "docs.db")


def page(key: str, id: str = "", **more: object) -> KnownPage:
    return KnownPage(key, id or f"id-{key}", f"http://x/{key}", more.pop("parent", ""), key.title(), **more)  # type: ignore[arg-type]


@given(TREES)
def test_trees_survive_their_json(trees: tuple[Node, ...]) -> None:
    assert load_nodes(dump_nodes(trees)) == trees


def test_a_page_comes_back_as_it_was_saved(store: Store) -> None:
    base = (Node("b1", "paragraph", b"12", (Node("", "paragraph", b"34"),)),)
    saved = page(
        "a.md",
        source=b"s",
        sketch=b"k",
        content=b"c",
        head={"icon": "i"},
        links={"x": "y"},
        base=base,
        published=5.0,
        path="a.md",
    )
    store.save_page(saved)
    assert store.page("a.md") == saved
    assert store.pages()["a.md"].base == ()  # the list of all pages stays small


def test_saving_the_base_marks_the_body_incomplete(store: Store) -> None:
    store.save_page(page("a.md", content=b"whole"))
    store.save_base("a.md", (Node("b", "paragraph", b"1"),))
    found = store.page("a.md")
    assert found is not None
    assert found.content == b""
    assert found.base == (Node("b", "paragraph", b"1"),)


def test_renames_swap_and_chain_and_parents_follow(store: Store) -> None:
    for key, parent in (("a/", ""), ("b/", ""), ("a/x.md", "a/"), ("b/y.md", "b/")):
        store.save_page(page(key, parent=parent))
    store.rename_pages({"a/": "b/", "b/": "a/", "a/x.md": "b/x.md"})
    found = store.pages()
    assert {key: (p.id, p.parent) for key, p in found.items()} == {
        "b/": ("id-a/", ""),
        "a/": ("id-b/", ""),
        "b/x.md": ("id-a/x.md", "b/"),
        "b/y.md": ("id-b/y.md", "a/"),
    }


def test_an_intent_is_there_for_the_next_process_until_it_is_ended(store: Store) -> None:
    number = store.begin("a.md", {"op": "create", "parent": "p"}, "key-1")
    other = Store(store.path)
    (intent,) = other.intents()
    assert (intent.page, intent.op["parent"], intent.key) == ("a.md", "p", "key-1")
    store.end(number)
    assert other.intents() == []


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.save_page(page("a.md"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.pages() == {}


def test_the_cache_of_files(store: Store) -> None:
    quiet = CachedFile("a.md", 1, 2, b"h", {"title": "A", "diagnostics": []})
    noisy = CachedFile("b.md", 3, 4, b"i", {"title": "B", "diagnostics": [["link-broken"]]})
    store.cache.save_files([quiet, noisy])
    assert store.cache.stats() == {"a.md": (1, 2, b"h"), "b.md": (3, 4, b"i")}
    assert store.cache.files() == {"a.md": quiet, "b.md": noisy}
    store.cache.save_files([], gone=["b.md"])
    assert set(store.cache.files()) == {"a.md"}


def test_the_directory_ignores_itself_in_git(store: Store) -> None:
    assert (store.path.parent / ".gitignore").read_text() == "*\n"


def test_a_file_that_is_no_state_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "state.db"
    bad.write_bytes(b"this is not a database, it is a letter to a friend" * 50)
    with pytest.raises(UsageError, match=r"state\.db cannot be opened"):
        Store(bad)


def test_a_state_of_another_version_is_refused(store: Store) -> None:
    store.set_meta("schema", "99")
    store.close()
    with pytest.raises(UsageError, match="another version"):
        Store(store.path)


def test_two_runs_at_once_the_second_says_so(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with lock(path), pytest.raises(ConflictError, match="Another pagemill run"), lock(path):
        pass
    with lock(path):
        pass


def test_a_reader_beside_a_writer_sees_whole_commits_only(store: Store) -> None:
    reader = sqlite3.connect(store.path)
    with store.transaction():
        store.save_page(page("a.md"))
        assert reader.execute("SELECT count(*) FROM pages").fetchone() == (0,)
    assert reader.execute("SELECT count(*) FROM pages").fetchone() == (1,)


def test_a_page_is_forgotten_with_all_below_it_and_what_was_in_doubt_about_them(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    for key, parent in (("a/", "/"), ("a/b/", "a/"), ("a/b/c.md", "a/b/"), ("d.md", "/")):
        store.save_page(KnownPage(key, f"id {key}", "", parent, key))
    store.begin("a/b/c.md", {"op": "delete", "block": "x"})
    creation = store.begin("a/new.md", {"op": "create"})
    other = store.begin("d.md", {"op": "delete", "block": "y"})
    store.forget_page("a/")
    assert set(store.pages()) == {"d.md"}
    assert [intent.id for intent in store.intents()] == [creation, other]
    store.close()


def test_what_was_noted_of_a_page_counts_until_it_is_saved(store: Store) -> None:
    first = BlockInput("paragraph", b"1")
    second = BlockInput("paragraph", b"2")
    store.save_page(page("a.md", content=b"whole", base=(node_of(first, "b1"),)))
    store.note("a.md", describe(Append("id-a.md", "b1", (second,))), ["b2"])
    store.rename_pages({"a.md": "b.md"})
    found = Store(store.path).page("b.md")
    assert found is not None
    assert found.content == b""
    assert found.base == (node_of(first, "b1"), node_of(second, "b2"))
    store.note("b.md", describe(DeleteBlock("b1")))
    found = store.page("b.md")
    assert found is not None
    assert [node.id for node in found.base] == ["b2"]
    store.save_page(found)
    assert store.page("b.md") == found
