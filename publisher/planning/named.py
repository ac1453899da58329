"""Files by their names, wherever in the folder they stand: as Obsidian finds what a link names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from publisher.planning.nearest import fold, stem_of


@dataclass(slots=True)
class Named:
    """Pages may be named without their suffix, other files may not. Case does not count."""

    _paths: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, pages: Iterable[str], files: Iterable[str] = ()) -> Named:
        made = cls()
        for path in pages:
            for name in {stem_of(path), fold(path.rpartition("/")[2])}:
                made._paths.setdefault(name, []).append(path)
        for path in files:
            made._paths.setdefault(fold(path.rpartition("/")[2]), []).append(path)
        return made

    def find(self, path: str) -> str:
        """The file that a link means which names a file, and perhaps some of the folders above it: the one that shares
        most of these folders, of several the one with the shortest path; "" if there is none of that name.
        """
        *above, last = fold(path.rstrip("/")).split("/")
        return min(
            self._paths.get(last, ()),
            key=lambda name: (
                -_tail(fold(name).split("/")[:-1], above),
                name.count("/"),
                len(name),
                name,
            ),
            default="",
        )


def _tail(one: list[str], other: list[str]) -> int:
    """How many folders two paths have in common, from the right."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next(
        (count for count, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other))
    )
