"""Which page is which: known pages found again under new names.

A page keeps its identity (its id, its comments, the links to it) when its file is renamed, also when the file was
edited at the same time. Four kinds of evidence, the strongest first: the same content, a text that is mostly the same,
a folder most of whose pages went to another, and the same place within a renamed folder.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from struct import iter_unpack, pack, unpack_from
from zlib import crc32

SKETCH_BYTES = 512
THRESHOLD = 0.5  # of the larger text must stand in both, as git has it for renames
NAMED_THRESHOLD = 0.25  # enough when the file name or the title is the same
_SAMPLE = (SKETCH_BYTES - 4) // 4
_COMMON = 12  # pages that share a sample; what more have in common says nothing about which is which
_FEW = 8  # features below which a likeness may be chance, so that a name must speak for it too
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of a page to know it again.

    `key` as in the page tree. `digest` stands for the whole file, empty for a folder without one; `sketch` as made by
    `sketch`.
    """

    key: str
    title: str = ""
    digest: bytes = b""
    sketch: bytes = b""


def sketch(text: str) -> bytes:
    """A sample of a text's word pairs, at most 512 bytes, from which `similarity` is estimated.

    It is the number of distinct pairs, then the smallest of their hashes: a fair sample, the same for equal pairs
    wherever they stand. White space, punctuation and case do not count.
    """
    words = _WORDS.findall(unicodedata.normalize("NFC", text).lower())
    pairs = map(" ".join, zip(words, words[1:] or words, strict=False))
    hashes = {crc32(pair.encode()) for pair in pairs}
    sample = sorted(hashes) if len(hashes) <= _SAMPLE else nsmallest(_SAMPLE, hashes)
    return pack(f"<{len(sample) + 1}I", len(hashes), *sample)


def similarity(left: bytes, right: bytes) -> float:
    """The share of the larger text that stands in both, 0 to 1; exact for short texts, within some percent else."""
    if len(left) < 8 or len(right) < 8:
        return 0.0
    return _overlap(_Sample.of(left), _Sample.of(right))


@dataclass(frozen=True, slots=True)
class _Sample:
    count: int
    hashes: frozenset[int]

    @classmethod
    def of(cls, data: bytes) -> _Sample:
        if len(data) < 4:
            return cls(0, frozenset())
        return cls(unpack_from("<I", data)[0], frozenset(item[0] for item in iter_unpack("<I", data[4:])))


def _overlap(left: _Sample, right: _Sample) -> float:
    """The smallest hashes of both together are a sample of the union; the share that both have is Jaccard's index."""
    if not left.hashes or not right.hashes:
        return 0.0
    union = nsmallest(max(len(left.hashes), len(right.hashes)), left.hashes | right.hashes)
    both = sum(item in left.hashes and item in right.hashes for item in union)
    jaccard = both / len(union)
    shared = jaccard / (1 + jaccard) * (left.count + right.count)
    return min(1.0, shared / max(left.count, right.count))


def renames(known: Sequence[Trace], pages: Sequence[Trace]) -> dict[str, str]:
    """The pages that were renamed: new key to known key. A key that is still there is never renamed; no key twice.

    `known` are the pages of the state, `pages` those of the new tree. Only keys that are gone are matched with
    keys that are new, so a folder in which nothing was renamed costs next to nothing. The answer depends only on what
    is given, not on its order.
    """
    here, there = {page.key for page in pages}, {page.key for page in known}
    gone = {page.key: page for page in sorted(known, key=_key) if page.key not in here}
    new = {page.key: page for page in sorted(pages, key=_key) if page.key not in there}
    match = _Match(gone, new)
    if gone and new:
        match.same_note()
        match.same_content()
        match.similar()
        match.folders()
        match.same_place()
    return match.found


def _key(page: Trace) -> str:
    return page.key


@dataclass(slots=True)
class _Match:
    """Known keys that are gone, new keys that nobody has, and what was found so far (new to known)."""

    gone: dict[str, Trace]
    new: dict[str, Trace]
    found: dict[str, str]

    def __init__(self, gone: dict[str, Trace], new: dict[str, Trace]) -> None:
        self.gone, self.new, self.found = gone, new, {}

    def take(self, new: str, old: str) -> bool:
        """Note a rename if both are still free."""
        if new not in self.new or old not in self.gone:
            return False
        del self.new[new], self.gone[old]
        self.found[new] = old
        return True

    def take_best(self, scored: Iterable[tuple[float, str, str]]) -> None:
        """Note the renames of a list of (score, new, old), the best first."""
        for _, new, old in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
            self.take(new, old)

    def same_note(self) -> None:
        """A file became a folder of its name, or the other way: `guide.md` with its text in `guide/`."""
        for key in list(self.new):
            other = [old for old in self.gone if _bare(old) == _bare(key)] if _is_note(key, self.gone) else []
            for old in other:
                self.take(key, old)
                break
