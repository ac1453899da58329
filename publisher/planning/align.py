"""Which of these are those: two sequences side by side, order kept.

`fill` is called once per idea of sameness, strictest first: what is between the pairs found so far is compared
again, less strictly. Pairs never cross.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeAlias

Pairs: TypeAlias = list[tuple[int, int]]

SMALL = 20_000  # cells of a table that is filled in full


def fill(pairs: Pairs, left: Sequence[Hashable | None], right: Sequence[Hashable | None]) -> Pairs:
    """The pairs and, between them, more pairs of equal keys. None is equal to nothing. Near n log n."""
    found: Pairs = []
    at, to = 0, 0
    for i, j in [*pairs, (len(left), len(right))]:
        if i > at and j > to:
            found += _common(left, right, at, i, to, j)
        if i < len(left):
            found.append((i, j))
        at, to = i + 1, j + 1
    return found


def increasing(values: Sequence[int]) -> list[int]:
    """Places of a longest strictly increasing subsequence."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        at = bisect_left(tails, value)
        if at == len(tails):
            tails.append(value)
            places.append(place)
        else:
            tails[at] = value
            places[at] = place
        before.append(places[at - 1] if at else -1)
    found: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


def _common(
    left: Sequence[Hashable | None], right: Sequence[Hashable | None], a: int, b: int, c: int, d: int
) -> Pairs:
    """A long common subsequence of left[a:b] and right[c:d]; the longest one where that is cheap."""
    head: Pairs = []
    while a < b and c < d and left[a] == right[c] and left[a] is not None:
        head.append((a, c))
        a, c = a + 1, c + 1
    tail: Pairs = []
    while a < b and c < d and left[b - 1] == right[d - 1] and left[b - 1] is not None:
        b, d = b - 1, d - 1
        tail.append((b, d))
    both = set(left[a:b]) & set(right[c:d]) - {None}
    these = [i for i in range(a, b) if left[i] in both]
    those = [j for j in range(c, d) if right[j] in both]
    if len(these) * len(those) <= SMALL:
        middle = _table(left, right, these, those)
    else:
        middle = _anchored(left, right, these, those)
    return head + middle + tail[::-1]


def _table(
    left: Sequence[Hashable | None], right: Sequence[Hashable | None], these: list[int], those: list[int]
) -> Pairs:
    """The longest common subsequence by the textbook; of several the one whose pairs come first."""
    rows = [[0] * (len(those) + 1) for _ in range(len(these) + 1)]
    for x in range(len(these) - 1, -1, -1):
        key, row, below = left[these[x]], rows[x], rows[x + 1]
        for y in range(len(those) - 1, -1, -1):
            row[y] = below[y + 1] + 1 if right[those[y]] == key else max(below[y], row[y + 1])
    found: Pairs = []
    x = y = 0
    while x < len(these) and y < len(those):
        if left[these[x]] == right[those[y]]:
            found.append((these[x], those[y]))
            x, y = x + 1, y + 1
        elif rows[x + 1][y] >= rows[x][y + 1]:
            x += 1
        else:
            y += 1
    return found


def _anchored(
    left: Sequence[Hashable | None], right: Sequence[Hashable | None], these: list[int], those: list[int]
) -> Pairs:
    """Pair the first with the first, the second with the second of each key, and drop what crosses."""
    where = dict(zip(_numbered(right, those), those, strict=True))
    pairs = [(i, where[key]) for key, i in zip(_numbered(left, these), these, strict=True) if key in where]
    return [pairs[place] for place in increasing([j for _, j in pairs])]


def _numbered(keys: Sequence[Hashable | None], places: Iterable[int]) -> list[tuple[Hashable, int]]:
    count: dict[Hashable | None, int] = {}
    found: list[tuple[Hashable, int]] = []
    for place in places:
        key = keys[place]
        count[key] = count.get(key, 0) + 1
        found.append((key, count[key]))
    return found
