"""Events in, settled changes out: the ways editors save, with the time given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.watching.quiet import GONE_SECONDS, LIMIT_SECONDS, UNFINISHED_SECONDS, Batch, Quiet, Sign

S, N, U, G, A, T = Sign.SETTLED, Sign.NEW, Sign.UNFINISHED, Sign.GONE, Sign.AWAY, Sign.TOUCHED
WINDOW = 0.1


def noted(*signs: tuple[str, Sign], step: float = 0.001) -> Quiet:
    """These signs, one after the other from time 0 on."""
    quiet = Quiet(WINDOW)
    for number, (path, sign) in enumerate(signs):
        quiet.note(path, sign, number * step)
    return quiet


def taken(quiet: Quiet, at: float) -> set[str]:
    batch = quiet.take(at)
    return set(batch.paths) if batch is not None else set()


SAVES = {
    "in place": [("a", U), ("a", U), ("a", S)],
    "written and renamed": [("t", N), ("t", U), ("t", S), ("t", A), ("a", S)],
    "vim": [("4913", N), ("4913", S), ("4913", G), ("a", A), ("a~", S), ("a", N), ("a", U), ("a", S), ("a", T), ("a~", G)],
    "deleted and created": [("a", G), ("a", N), ("a", U), ("a", S)],
}  # fmt: skip


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES.keys())
def test_a_save_settles_once_after_the_window(save: list[tuple[str, Sign]]) -> None:
    quiet = noted(*save)
    last = (len(save) - 1) * 0.001
    assert quiet.due() == pytest.approx(last + WINDOW)
    assert taken(quiet, last + WINDOW - 0.01) == set()
    assert taken(quiet, last + WINDOW) == {"a"}
    assert taken(quiet, last + WINDOW + GONE_SECONDS) <= {"a~"}
    assert quiet.due() is None


def test_what_came_and_went_leaves_nothing() -> None:
    assert noted(("x", N), ("x", S), ("x", G)).due() is None
    assert noted(("x", N), ("x", A)).due() is None


def test_a_path_that_was_there_and_is_gone_in_the_end_is_a_change() -> None:
    quiet = noted(("a", G), ("a", N), ("a", G))
    assert taken(quiet, 0.002 + GONE_SECONDS) == {"a"}


def test_a_deletion_waits_longer_than_a_save() -> None:
    quiet = noted(("a", G), ("b", S))
    assert quiet.take(0.001 + WINDOW) == Batch(frozenset({"b"}), frozenset({"a"}))
    assert quiet.due() == pytest.approx(GONE_SECONDS)
    assert taken(quiet, GONE_SECONDS) == {"a"}


def test_a_deletion_beside_a_new_path_may_be_a_renaming_and_goes_with_it() -> None:
    assert taken(noted(("a", G), ("b", N), ("b", U), ("b", S)), 0.003 + WINDOW) == {"a", "b"}
    assert taken(noted(("a", A), ("b", S)), 0.001 + WINDOW) == {"a", "b"}


def test_a_file_that_is_being_written_is_held() -> None:
    quiet = noted(("a", U), ("b", S))
    assert quiet.take(0.2) == Batch(frozenset({"b"}), frozenset({"a"}))
    quiet.note("a", U, 0.5)
    assert quiet.due() == pytest.approx(0.5 + UNFINISHED_SECONDS)
    quiet.note("a", S, 0.9)
    assert taken(quiet, 0.9 + WINDOW) == {"a"}


def test_a_log_that_is_never_closed_does_not_delay_others() -> None:
    quiet = Quiet(WINDOW)
    quiet.note("page", S, 0.0)
    for number in range(10):
        quiet.note("log", U, number * 0.02)
    assert taken(quiet, WINDOW) == {"page"}


def test_changes_that_never_pause_are_published_all_the_same() -> None:
    quiet = Quiet(WINDOW)
    now = 0.0
    while not taken(quiet, now):
        quiet.note(f"f{now}", S, now)
        now += WINDOW / 2
        assert now < LIMIT_SECONDS + 2 * WINDOW
    assert now >= LIMIT_SECONDS


def test_a_burst_is_one_batch() -> None:
    quiet = noted(*((f"f{number}", S) for number in range(1000)))
    assert len(taken(quiet, 0.999 + WINDOW)) == 1000


def test_looking_again_waits_and_gives_way_to_what_is_known() -> None:
    quiet = Quiet(WINDOW)
    quiet.again(["a"], 0.0)
    assert quiet.due() == UNFINISHED_SECONDS
    quiet.note("a", S, 0.3)
    quiet.again(["a"], 0.35)
    assert quiet.due() == pytest.approx(0.3 + WINDOW)


signs = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(list(Sign)), st.floats(0, 0.3)), max_size=30
)


@given(signs)
@settings(max_examples=200)
def test_nothing_that_ends_well_is_lost(items: list[tuple[str, Sign, float]]) -> None:
    """Every path whose last sign says that something is there is taken at some time after that sign."""
    quiet, now = Quiet(WINDOW), 0.0
    last: dict[str, Sign] = {}
    seen: set[str] = set()
    for path, sign, pause in items:
        now += pause
        seen |= taken(quiet, now)
        quiet.note(path, sign, now)
        seen.discard(path)
        last[path] = sign
    while (due := quiet.due()) is not None:
        assert due <= now + max(UNFINISHED_SECONDS, GONE_SECONDS)
        seen |= taken(quiet, due)
    assert {path for path, sign in last.items() if sign in (S, N, U, T)} <= seen
