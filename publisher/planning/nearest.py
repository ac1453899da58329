"""What a name that is not there may mean: the names of the folder that are written nearly so."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from posixpath import commonprefix

from converters.blocks import FileRef
from converters.links import media_kind

PAGE = "page"
_PAGE_SUFFIXES = frozenset({"md", "markdown", "mdown", "mkd", "mdx", "html", "htm"})
_ALIKE = {PAGE: 0.7}  # how alike a name must be to be suggested
_ALIKE_FILE = 0.8
_NEIGHBOURS = 40


def sort_of(path: str) -> str:
    """What a path's suffix says that it is: a page, a kind of media, "file" for another; "" where it has none."""
    stem, _, suffix = path.rstrip("/").rpartition("/")[2].rpartition(".")
    if not stem or not suffix[:1].isalpha():
        return ""
    return PAGE if suffix.lower() in _PAGE_SUFFIXES else media_kind(FileRef(path))


def stem_of(path: str) -> str:
    name = path.rpartition("/")[2]
    return fold(name.rpartition(".")[0] or name)


def fold(name: str) -> str:
    """One form for names that differ only by case or by how accents are written."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


@dataclass(slots=True)
class Nearest:
    """The names of one sort by their stems."""

    sort: str
    _by_stem: dict[str, list[str]] = field(default_factory=dict, init=False)
    _forward: list[str] = field(default_factory=list, init=False)
    _backward: list[str] = field(default_factory=list, init=False)

    @classmethod
    def of(cls, sort: str, names: Iterable[str]) -> Nearest:
        made = cls(sort)
        for name in names:
            made._by_stem.setdefault(stem_of(name), []).append(name)
        made._forward = sorted(made._by_stem)
        made._backward = sorted(stem[::-1] for stem in made._by_stem)
        return made

    def find(self, path: str) -> str:
        """The name that a wrong one most likely means; "" if none is near."""
        stem = stem_of(path.rstrip("/"))
        if stem not in self._by_stem:
            # difflib looks at every pair of letters: only names that begin or end alike, as typing errors leave them
            backward = _around(self._backward, stem[::-1])
            alike = {*_around(self._forward, stem), *(name[::-1] for name in backward)}
            cutoff = _ALIKE.get(self.sort, _ALIKE_FILE)
            stem = next(iter(get_close_matches(stem, sorted(alike), 1, cutoff)), "")
        found = self._by_stem.get(stem, [])
        return max(found, key=lambda name: (_shared(name, path), -len(name), name), default="")


def _around(names: list[str], name: str) -> list[str]:
    """The neighbours of a name in a sorted list: those that begin like it."""
    at = bisect_left(names, name)
    return names[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]


def _shared(name: str, path: str) -> int:
    """How many folders two paths have in common, from the left and from the right."""
    ours, theirs = name.split("/")[:-1], path.split("/")[:-1]
    left = len(commonprefix([ours, theirs]))
    return left + len(set(ours[left:]) & set(theirs[left:]))
