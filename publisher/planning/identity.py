"""Which page is which: known pages found again under new names.

A page keeps its identity (its id, its comments, the links to it) when its file is renamed, also when the file was
edited at the same time. Four kinds of evidence, the strongest first: the same content, a text that is mostly the same,
a folder most of whose pages went to another, and the same place within a renamed folder.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import pack, unpack
from types import MappingProxyType
from zlib import crc32

SKETCH_BYTES = 512
THRESHOLD = 0.5  # of the larger text must stand in both, as git has it for renames
NAMED_THRESHOLD = 0.25  # enough when the file name or the title is the same
_SAMPLE = (SKETCH_BYTES - 4) // 4
_COMMON = 12  # pages that share a sample; what more have in common says nothing about which is which
_PROBES = 64  # samples by which pages to compare are looked for
_NEAREST = 3  # pages with the most samples in common that are compared in full
_FEW = 8  # features below which a likeness may be chance, so that a name must speak for it too
_SUFFIX = re.compile(r"\.[^./]*\Z")


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


def _pieces() -> bytes:
    """What to make of each byte before a text is cut at its line breaks: letters of no case, and the ends of pieces.

    Where a piece ends depends on the text around it alone, so that an edit changes the pieces it touches and no others.
    About every tenth letter is an end: these letters and digits, and one in eight of the bytes that end other letters.
    """
    ends = b"bdgp48" + bytes(range(0x85, 0xC0, 8))
    return bytes(range(256)).lower().translate(bytes.maketrans(ends, b"\n" * len(ends)))


_PIECES = _pieces()
_SHORT = 300  # bytes
_SPACE = bytes(range(9, 14)) + b" "


def _cut(data: bytes) -> list[bytes]:
    """The pieces of a text. In C as far as the hashes: half of what pairs of words cost."""
    if len(data) <= _SHORT:  # one changed word would be half of the pieces: words tell more
        return data.lower().split()
    return data.translate(_PIECES, _SPACE).split(b"\n")


def sketch(text: str | bytes) -> bytes:
    """A sample of a text's pieces of some words each, at most 512 bytes, from which `similarity` is estimated.

    It is the number of distinct pieces, then the smallest of their hashes: a fair sample, the same for equal pieces
    wherever they stand. White space and the case of ASCII letters do not count. `bytes` are UTF-8.
    """
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    pieces = _cut(data)
    hashes = set(map(crc32, filter(None, pieces)))
    if data and not hashes and len(pieces) > 1:
        hashes.add(0)  # nothing but ends of pieces is a text, too
    sample: Iterable[int] = hashes
    if len(hashes) > 3 * _SAMPLE:
        bound = (_SAMPLE << 33) // len(hashes)  # below it are about twice as many as are wanted: less to sort
        small = [item for item in hashes if item < bound]
        sample = small if len(small) >= _SAMPLE else hashes
    smallest = sorted(sample)[:_SAMPLE]
    return pack(f"<{len(smallest) + 1}I", len(hashes), *smallest)


def similarity(left: bytes, right: bytes) -> float:
    """The share of the larger text that stands in both, 0 to 1; exact for short texts, within some percent else."""
    return _overlap(_Sample.of(left), _Sample.of(right))


@dataclass(frozen=True, slots=True)
class _Sample:
    """A sketch, unpacked: how many distinct pieces the text has, and the smallest hashes of them in order."""

    count: int
    hashes: tuple[int, ...]

    @classmethod
    def of(cls, data: bytes) -> _Sample:
        size = len(data) // 4
        count, *hashes = unpack(f"<{size}I", data[: size * 4]) if size else (0,)
        return cls(count, tuple(hashes))


def _overlap(left: _Sample, right: _Sample) -> float:
    """The smallest hashes of both together are a sample of the union; the share that both have is Jaccard's index."""
    if not left.hashes or not right.hashes:
        return 0.0
    common = set(left.hashes).intersection(right.hashes)
    union = sorted({*left.hashes, *right.hashes})[: max(len(left.hashes), len(right.hashes))]
    jaccard = sum(item <= union[-1] for item in common) / len(union)
    shared = jaccard / (1 + jaccard) * (left.count + right.count)
    return min(1.0, shared / max(left.count, right.count))


def renames(
    known: Sequence[Trace], pages: Sequence[Trace], told: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """The pages that were renamed: new key to known key. A key that is still there is never renamed; no key twice.

    `known` are the pages of the state, `pages` those of the new tree. Only keys that are gone are matched with
    keys that are new, so a folder in which nothing was renamed costs next to nothing. The answer depends only on what
    is given, not on its order. `told` are renames that somebody else knows of (git), new key to known key; they count
    before all that is found out here.
    """
    here, there = {page.key for page in pages}, {page.key for page in known}
    gone = {page.key: page for page in sorted(known, key=_key) if page.key not in here}
    new = {page.key: page for page in sorted(pages, key=_key) if page.key not in there}
    match = _Match(gone, new)
    if gone and new:
        for key, old in sorted(told.items()):
            match.take(key, old)
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
        """A page became a folder of its name, or the other way: `guide.md` moved to `guide/index.md`."""
        self._pair_up(lambda page: _bare(page.key))

    def same_content(self) -> None:
        """The same bytes; among several such pages first those of the same name, then of the same title."""
        self._pair_up(lambda page: page.digest and (page.digest, _name(page.key)))
        self._pair_up(lambda page: page.digest and (page.digest, page.title))
        self._pair_up(lambda page: page.digest, lonely=True)

    def _pair_up(self, alike: Callable[[Trace], object], lonely: bool = False) -> None:
        """Note renames between pages for which `alike` is the same, in the order of their keys; falsy: no match.

        With `lonely`, pages with next to no text are matched only if there is no choice.
        """
        groups: dict[object, tuple[list[Trace], list[Trace]]] = defaultdict(lambda: ([], []))
        for side, pages in enumerate((self.gone, self.new)):
            for page in pages.values():
                if same := alike(page):
                    groups[same][side].append(page)
        for olds, news in groups.values():
            if (
                lonely
                and max(len(olds), len(news)) > 1
                and _Sample.of(olds[0].sketch if olds else b"").count < _FEW
            ):
                continue
            for old, new in zip(olds, news, strict=False):
                self.take(new.key, old.key)

    def similar(self) -> None:
        """Texts that are mostly the same. Only pages that share a rare sample, or a name, are compared."""
        olds = {key: _Sample.of(page.sketch) for key, page in self.gone.items()}
        by_hash = _index((item, key) for key, sample in olds.items() for item in sample.hashes[:_PROBES])
        by_name = _index((name, key) for key, page in self.gone.items() for name in _names(page))
        scored: list[tuple[float, str, str]] = []
        for key, page in self.new.items():
            sample = _Sample.of(page.sketch)
            shared = Counter(old for item in sample.hashes[:_PROBES] for old in by_hash.get(item, ()))
            nearest = sorted(shared, key=lambda old: (-shared[old], old))[:_NEAREST]
            for old in {*nearest, *(old for name in _names(page) for old in by_name.get(name, ()))}:
                likeness = _overlap(sample, olds[old])
                named = bool(_names(page) & _names(self.gone[old]))
                few = min(sample.count, olds[old].count) < _FEW
                if likeness >= (NAMED_THRESHOLD if named else THRESHOLD) and (named or not few):
                    scored.append((likeness + named / 10, key, old))
        self.take_best(scored)

    def folders(self) -> None:
        """A folder is what most of the pages say that came from it, the innermost first."""
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        moved: Counter[str] = Counter()
        for new, old in self.found.items():
            votes[_parent(new)][_parent(old)] += 1
            moved[_parent(old)] += 1
        depths = sorted({key.count("/") for key in self.new if key.endswith("/")}, reverse=True)
        for depth in depths:
            level = [key for key in self.new if key.endswith("/") and key.count("/") == depth]
            scored = [(count, new, old) for new in level for old, count in votes[new].items()]
            for count, new, old in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
                if count * 2 >= moved[old] and self.take(new, old):
                    votes[_parent(new)][_parent(old)] += 1
                    moved[_parent(old)] += 1

    def same_place(self) -> None:
        """Within a renamed folder, what stands at the same place under the same name, however much was rewritten."""
        for new in sorted(self.new, key=lambda key: (key.count("/"), key)):
            folder = _parent(new)
            while folder and folder not in self.found:
                folder = _parent(folder)
            if folder:
                self.take(new, self.found[folder] + new[len(folder) :])


def _index(pairs: Iterable[tuple[Hashable, str]]) -> dict[Hashable, list[str]]:
    """Keys by what they hold, without what is too common to tell them apart."""
    found: dict[Hashable, list[str]] = defaultdict(list)
    for item, key in pairs:
        found[item].append(key)
    return {item: keys for item, keys in found.items() if len(keys) <= _COMMON}


def _names(page: Trace) -> set[tuple[str, str]]:
    return {("name", _name(page.key)), ("title", page.title)} - {("title", "")}


def _bare(key: str) -> str:
    """A key without what tells a file from a folder: "guide" for "guide.md" and "guide/"."""
    return key[:-1] if key.endswith("/") else _SUFFIX.sub("", key)


def _name(key: str) -> str:
    return _bare(key).rpartition("/")[2]


def _parent(key: str) -> str:
    """The key of the folder that a page stands in; "" at the top."""
    folder = key.rstrip("/").rpartition("/")[0]
    return f"{folder}/" if folder else ""
