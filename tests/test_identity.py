"""Pages known again: renames with and without edits, moved folders, and no page for two."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.planning.identity import SKETCH_BYTES, Trace, renames, similarity, sketch
from publisher.scan import fingerprint


def words(seed: object, count: int = 120) -> str:
    luck = random.Random(repr(seed))
    return " ".join(f"w{luck.randrange(3000)}" for _ in range(count))


def trace(key: str, text: str | None = None, title: str = "") -> Trace:
    if text is None:
        return Trace(key, title)
    return Trace(key, title, fingerprint(text.encode()), sketch(text))


def test_nothing_to_do() -> None:
    pages = [trace("a.md", words(1)), trace("b.md", words(2))]
    assert renames(pages, pages) == {}
    assert renames([], pages) == renames(pages, []) == {}


def test_a_rename() -> None:
    assert renames([trace("a.md", words(1))], [trace("x/b.md", words(1))]) == {"x/b.md": "a.md"}


def test_a_rename_with_an_edit() -> None:
    text = words(1)
    for edited in (text + " and more", text[: len(text) * 2 // 3], "New first words. " + text.upper()):
        assert renames([trace("a.md", text)], [trace("b.md", edited)]) == {"b.md": "a.md"}


def test_other_pages_are_not_mistaken() -> None:
    assert renames([trace("a.md", words(1))], [trace("b.md", words(2))]) == {}
    mostly_other = words(1, 40) + " " + words(3, 120)
    assert renames([trace("a.md", words(1, 80))], [trace("b.md", mostly_other)]) == {}


def test_a_name_or_title_makes_less_likeness_enough() -> None:
    text = words(1, 60) + " " + words(2, 80)
    assert renames([trace("a/x.md", words(1, 100))], [trace("b/z.md", text)]) == {}
    assert renames([trace("a/x.md", words(1, 100))], [trace("b/x.md", text)]) == {"b/x.md": "a/x.md"}
    assert renames([trace("a/x.md", words(1, 100), "T")], [trace("b/z.md", text, "T")]) == {
        "b/z.md": "a/x.md"
    }
    assert renames([trace("a/x.md", words(1, 100), "T")], [trace("b/x.md", words(5), "T")]) == {}


def test_a_path_that_is_still_there_keeps_its_page() -> None:
    known = [trace("a.md", words(1)), trace("b.md", words(2))]
    swapped = [trace("a.md", words(2)), trace("b.md", words(1)), trace("c.md", words(1))]
    assert renames(known, swapped) == {}


def test_one_page_is_not_two() -> None:
    found = renames([trace("a.md", words(1))], [trace("b.md", words(1)), trace("c.md", words(1))])
    assert found == {"b.md": "a.md"}


def test_of_equal_pages_names_then_titles_decide() -> None:
    text = words(1)
    known = [trace("old/a.md", text), trace("old/b.md", text), trace("old/c.md", text, "See")]
    new = [trace("new/1.md", text, "See"), trace("new/2.md", text), trace("new/b.md", text)]
    assert renames(known, new) == {"new/b.md": "old/b.md", "new/1.md": "old/c.md", "new/2.md": "old/a.md"}


def test_pages_with_next_to_no_text_need_a_name() -> None:
    known = [trace("a.md", "TODO"), trace("b.md", "TODO"), trace("x.md", "See the other page.")]
    new = [trace("c.md", "TODO"), trace("d/b.md", "TODO"), trace("y.md", "See the other page please.")]
    assert renames(known, new) == {"d/b.md": "b.md", "c.md": "a.md"} or renames(known, new) == {
        "d/b.md": "b.md"
    }
    assert "y.md" not in renames(known, new)


def test_the_better_match_wins() -> None:
    text = words(1, 200)
    known = [trace("a.md", text)]
    new = [trace("b.md", text + " " + words(7, 60)), trace("c.md", text + " one")]
    assert renames(known, new) == {"c.md": "a.md"}


def test_a_page_that_became_a_folder() -> None:
    known = [trace("/"), trace("guide.md", words(1))]
    new = [trace("/"), trace("guide/", words(9)), trace("guide/a.md", words(2))]
    assert renames(known, new) == {"guide/": "guide.md"}
    assert renames(new, known) == {"guide.md": "guide/"}


def test_a_renamed_folder_without_a_text() -> None:
    known = [trace("a/"), *(trace(f"a/{n}.md", words(n)) for n in range(4))]
    new = [trace("b/"), *(trace(f"b/{n}.md", words(n)) for n in range(4))]
    assert renames(known, new)["b/"] == "a/"


def test_a_folder_follows_most_of_its_pages() -> None:
    known = [trace("a/"), *(trace(f"a/{n}.md", words(n)) for n in range(5))]
    new = [trace("b/"), trace("c/"), *(trace(f"{'b' if n < 2 else 'c'}/{n}.md", words(n)) for n in range(5))]
    found = renames(known, new)
    assert found["c/"] == "a/"
    assert "b/" not in found


def test_folders_within_folders() -> None:
    known = [trace("a/"), trace("a/x/"), trace("a/x/y/"), trace("a/x/y/p.md", words(1))]
    new = [trace("n/"), trace("n/z/"), trace("n/z/y/"), trace("n/z/y/p.md", words(1))]
    assert renames(known, new) == {"n/": "a/", "n/z/": "a/x/", "n/z/y/": "a/x/y/", "n/z/y/p.md": "a/x/y/p.md"}


def test_a_folder_moved_into_another() -> None:
    known = [trace("/"), trace("a/"), trace("a/p.md", words(1)), trace("b/"), trace("b/q.md", words(2))]
    new = [trace("/"), trace("b/"), trace("b/a/"), trace("b/a/p.md", words(1)), trace("b/q.md", words(2))]
    assert renames(known, new) == {"b/a/": "a/", "b/a/p.md": "a/p.md"}


def test_a_rewritten_page_in_a_renamed_folder() -> None:
    known = [trace("a/"), trace("a/1.md", words(1)), trace("a/2.md", words(2)), trace("a/3.md", words(3))]
    new = [trace("b/"), trace("b/1.md", words(1)), trace("b/2.md", words(2)), trace("b/3.md", words(33))]
    assert renames(known, new)["b/3.md"] == "a/3.md"


def test_a_folder_that_is_still_there_is_not_taken() -> None:
    known = [trace("a/"), trace("a/1.md", words(1)), trace("a/2.md", words(2))]
    new = [trace("a/"), trace("b/"), trace("a/2.md", words(2)), trace("b/1.md", words(1))]
    assert renames(known, new) == {"b/1.md": "a/1.md"}


def test_sketches() -> None:
    assert len(sketch(words(1, 5000))) == SKETCH_BYTES
    assert len(sketch("")) == 4
    assert similarity(sketch(""), sketch("")) == 0
    assert similarity(b"", sketch("one")) == 0
    assert similarity(sketch("one"), sketch("one")) == 1
    assert sketch("A  b\nC") == sketch("a b c")
    sketch("half a character \udcff")


@pytest.mark.parametrize("kept", [0.9, 0.7, 0.5, 0.2])
def test_the_estimate_is_near_the_truth(kept: float) -> None:
    text = words(1, 2000).split()
    cut = int(len(text) * kept)
    other = text[:cut] + words(2, len(text) - cut).split()
    assert similarity(sketch(" ".join(text)), sketch(" ".join(other))) == pytest.approx(kept, abs=0.12)


def test_a_sketch_is_the_same_in_every_process() -> None:
    assert sketch("the same words").hex() == "03000000e66d453c8c1e7d7144f150fc"


def test_two_thousand_moved_and_edited_pages_with_much_in_common() -> None:
    common = words("common", 150)
    known = [trace(f"a/{n}.md", f"{common} {words(n)}") for n in range(2000)]
    new = [trace(f"b/{2000 - n}.md", f"{common} {words(n)} more") for n in range(2000)]
    found = renames(known, new)
    assert sum(int(to[2:-3]) + int(of[2:-3]) == 2000 for to, of in found.items()) >= 1990


def test_two_thousand_pages_that_are_all_alike_end() -> None:
    common = words("common", 150)
    known = [trace(f"a/{n}.md", f"{common} {n}", "Same") for n in range(2000)]
    new = [trace(f"b/x{n}.md", f"{common} {n} more", "Same") for n in range(2000)]
    renames(known, new)


KEYS = st.sampled_from(
    ["a.md", "b.md", "a/", "b/", "a/x.md", "b/x.md", "a/y.md", "b/y.md", "a/c/", "a/c/x.md", "/"]
)
TRACES = st.lists(
    st.builds(
        trace,
        KEYS,
        st.sampled_from([None, "", "t", words(1), words(2), words(1) + " x"]),
        st.sampled_from("TU"),
    ),
    unique_by=lambda page: page.key,
    max_size=8,
)


@given(TRACES, TRACES)
def test_law_renames_are_a_partial_one_to_one_map(known: list[Trace], new: list[Trace]) -> None:
    found = renames(known, new)
    before, after = {page.key for page in known}, {page.key for page in new}
    assert len(set(found.values())) == len(found)
    assert found.keys() <= after - before
    assert set(found.values()) <= before - after


@given(TRACES, TRACES, st.randoms(use_true_random=False))
def test_law_the_order_of_the_input_does_not_matter(
    known: list[Trace], new: list[Trace], luck: random.Random
) -> None:
    found = renames(known, new)
    luck.shuffle(known)
    luck.shuffle(new)
    assert renames(known, new) == found


@given(st.text(max_size=200), st.text(max_size=200))
def test_law_similarity_is_symmetric_and_a_share(left: str, right: str) -> None:
    one, two = sketch(left), sketch(right)
    assert similarity(one, two) == similarity(two, one)
    assert 0 <= similarity(one, two) <= 1
    assert similarity(one, one) == (1 if left.encode(errors="surrogatepass").split() else 0)
