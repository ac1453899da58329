"""Files with the texts of the other files that they include: what is converted, and what decides that it changed.

Only what the scan shows may be included: a hidden or ignored file, one outside the folder, one that is no text stays
where it is. So inclusion shows nobody what a link could not lead to, but for the partial files of a site, which are
made to be included: those in the folder, and those below the directory of a `mkdocs.yml` that says where they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from converters.document import Options
from converters.includes import EXTENSIONS, MAX_SIZE, Finder, Reader, asks, assemble
from converters.lfs import is_pointer
from converters.whole import Part
from publisher.inside import hidden, open_inside
from publisher.planning.named import Named
from publisher.planning.nearest import fold
from publisher.scan import MARKDOWN, Scan, is_markdown

MAX_BYTES = 4_000_000  # of a file that is included
MAX_NAMES = 20_000  # files and folders among which a note is looked for that a lone file names
FOLDER_SIZE = 100_000_000  # characters that all files of a folder may include, in equal shares
LEAST_SIZE = 300_000  # of such a share


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes with what it includes. `files` are the paths that it asks for, found or not."""

    data: bytes
    parts: tuple[Part, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Including:
    """Puts files together, as the extensions of each say."""

    read: Reader
    options: Options
    find: Finder  # the note of a name
    real: Callable[[str], str] = str  # the file that a path means
    limit: int = MAX_SIZE  # characters that one file may include

    def __call__(self, path: str, data: bytes) -> Content:
        """The content of the file `path`, whose own bytes are `data`."""
        extensions, site = self.options.of(path), self.options.snippets
        try:
            text = data.decode("utf-8") if extensions & EXTENSIONS else ""
        except UnicodeDecodeError:
            return Content(data)
        if not asks(text, extensions, site):
            return Content(data)
        whole = assemble(text, path, self.read, extensions, self.limit, self.find, site)
        files = tuple(dict.fromkeys(map(self.real, whole.files)))
        return Content(whole.text.encode() if whole.parts else data, whole.parts, files)


def of_scan(found: Scan, options: Options) -> Including:
    """Inclusion of the files that a scan shows. Paths may count from the folder above, as in a site's settings."""
    names = _Names(found, any(base.startswith("..") for base in options.snippets.bases))
    share = max(LEAST_SIZE, FOLDER_SIZE // max(len(found.files), 1))
    return Including(names.text, options, names.note, names.real, min(share, MAX_SIZE))


def of_directory(root: Path, options: Options) -> Including:
    """Inclusion of what lies in a directory, hidden files aside: for a file that is converted alone."""
    top = root.resolve()

    def text(path: str) -> str | None:
        if any(map(hidden, path.split("/"))):
            return None
        try:
            with open_inside(top, path) as stream:
                return _text(stream.read(MAX_BYTES + 1))
        except OSError:
            return None

    return Including(text, options, _Notes(lambda: _walked(top)).find)


def _walked(top: Path) -> list[str]:
    """The Markdown files below a directory: those that a walk through so many names comes upon."""
    found: list[str] = []
    seen = 0
    for base, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not hidden(name))
        found += (
            Path(base, name).relative_to(top).as_posix()
            for name in names
            if is_markdown(name) and not hidden(name)
        )
        seen += len(names) + len(folders)
        if seen > MAX_NAMES:
            break
    return found


@dataclass(slots=True)
class _Notes:
    """Notes by the names that links give them: `paths` says which there are."""

    paths: Callable[[], Iterable[str]]
    _folded: dict[str, str] = field(default_factory=dict, init=False)  # by path, and in one form
    _named: Named | None = field(default=None, init=False)

    def find(self, name: str) -> str | None:
        """The path of the note that a link of this name leads to: the one at this path, or else one of this name."""
        if self._named is None:
            there = sorted(self.paths())
            self._folded = {fold(path): path for path in reversed(there)} | {path: path for path in there}
            self._named = Named.of(there)
        ends = ("", *MARKDOWN)
        exact = (self._folded.get(way(name + end)) for way in (str, fold) for end in ends)
        return next(filter(None, exact), self._named.find(name)) or None


@dataclass(slots=True)
class _Names:
    """The files of a scan, by the names that an inclusion may give them."""

    scan: Scan
    above: bool = False  # whether files of the directory above may be read
    _known: frozenset[str] = field(default=frozenset(), init=False)
    _notes: _Notes = field(init=False)

    def __post_init__(self) -> None:
        self._notes = _Notes(lambda: (file.path for file in self.scan.files))

    def note(self, name: str) -> str | None:
        """The path of the note that a link of this name leads to."""
        return self._notes.find(self.scan.aliases.get(name, name))

    def real(self, path: str) -> str:
        """The path of the file that an inclusion means; where there is none, that of which it is to be hoped."""
        if not self._known:
            pages = {file.path for file in self.scan.files}
            self._known = self.scan.assets | self.scan.partials | pages
        own = self.scan.folder.name + "/"
        bare = path.removeprefix("../" + own) if path.startswith("../") else path.removeprefix(own)
        names = (self.scan.aliases.get(name, name) for name in (path, bare))
        return next((name for name in names if name in self._known), bare)

    def text(self, path: str) -> str | None:
        real = self.real(path)
        if real.startswith("../"):
            return self._above(real[3:])
        if real not in self._known:
            return None
        try:
            data = self.scan.source.small(real, MAX_BYTES)
            return _text(data) if data is not None else None
        except OSError:
            return None

    def _above(self, path: str) -> str | None:
        """The text of a file that lies beside the folder; one of the folder itself is the scan's to show."""
        source = self.scan.source.beside(self.scan.folder.parent) if self.above else None
        steps = path.split("/")
        if source is None or ".." in steps or any(map(hidden, steps)):
            return None
        inside = source.target(path).inside or "."
        if any(map(hidden, inside.split("/"))) or _is_below(inside, self.scan.folder.name):
            return None
        try:
            with source.open(inside) as stream:
                return _text(stream.read(MAX_BYTES + 1))
        except OSError:
            return None


def _is_below(path: str, folder: str) -> bool:
    """Whether a path leads into a folder, also where case does not count."""
    return f"{path}/".casefold().startswith(f"{folder}/".casefold())


def _text(data: bytes) -> str | None:
    if len(data) > MAX_BYTES or b"\0" in data or is_pointer(data):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
