"""What is in the folder: one walk that finds Markdown files, other files, and what is wrong with either.

Symbolic links are never a second copy of a page. A link to something that the walk finds anyway is an alias: links in
the text may go through it. A link to something in the folder that is ignored by a pattern is followed, once, as if it
stood there itself. A link out of the folder, to a hidden file, or in a loop is an error.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from converters.diagnostics import Diagnostic, diagnostic
from publisher.errors import UsageError
from publisher.ignore import GIT, OWN, Rules, hidden, rules
from publisher.source import Disk, Entry, Source

MARKDOWN = (".md", ".markdown", ".mdx")
_IN_THE_WAY = f": nothing is published before the link is removed, or named in {OWN}."


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Markdown file: POSIX path from the folder's root, size in bytes, time of its last change in nanoseconds.

    `mark` stands for its content where that is known without reading it (a blob's id); size and time are then -1.
    """

    path: str
    size: int
    mtime_ns: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The folder at one instant.

    `files` are the Markdown files, sorted by path. `assets` are the paths of all other files. `aliases` maps the path
    of a symbolic link to the path that it stands for. `ignored` are paths that exist and are not published, directories
    with a slash at the end; what is in them is not listed. `places` maps what was reached only through a symbolic link
    to its path through that link. `source` is what the files are read from, the disk by default. `folders` are the
    directories that were walked, with a slash at the end. `partials` are those of the `ignored` that other files may
    include, since the tool that the folder is written for (`site`) makes no pages of them.
    """

    folder: Path
    files: tuple[SourceFile, ...]
    assets: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    source: Source = field(default_factory=Disk, compare=False)
    folders: frozenset[str] = field(default=frozenset(), compare=False)
    partials: frozenset[str] = frozenset()
    site: str = ""

    @property
    def symlinks(self) -> Mapping[str, str]:
        """The symbolic links that lead nowhere, and the codes of what is said of them."""
        return {item.path: item.code for item in self.diagnostics if item.code.startswith("symlink-")}

    def read(self, file: SourceFile) -> bytes:
        """The bytes of a file.

        Raises:
            OSError: it cannot be read, or is gone by now; `unreadable` makes a diagnostic of it.
        """
        return self.source.read(file.path)


def fingerprint(data: bytes) -> bytes:
    """16 bytes that stand for a file's content."""
    return blake2b(data, digest_size=16).digest()


def unreadable(path: str, error: OSError) -> Diagnostic:
    """The diagnostic for a file that cannot be read."""
    return diagnostic("file-unreadable", f"It cannot be read: {error.strerror or error}.", printable(path))


def printable(path: str) -> str:
    """A path that can be shown and stored: control characters and bytes that are no text are written as escapes."""
    return "".join(char if _plain(char) else char.encode("unicode_escape").decode() for char in path)


def scan(folder: Path, ignore: Sequence[str] = ()) -> Scan:
    """Walk a folder. `ignore` holds patterns as in .gitignore, on top of the ignore files in the folder.

    Raises:
        UsageError: there is no such folder, or a pattern of `ignore` is not valid.
    """
    require(folder)
    root = Path(os.path.realpath(folder))
    return scan_source(root, Disk(root), ignore)


def require(folder: Path) -> None:
    """Raises:
    UsageError: there is no such folder.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UsageError(f"{folder}: {what}", "Name the folder that holds the Markdown files.")


def scan_source(root: Path, source: Source, ignore: Sequence[str] = ()) -> Scan:
    """Walk a folder that is read from `source`; `root` is where it stands, or would stand, on the disk.

    Raises:
        UsageError: a pattern of `ignore` is not valid.
    """
    walk = _Walk(source)
    walk.run("", rules(source, ignore))
    walk.follow_links()
    return Scan(
        root,
        tuple(sorted(walk.files.values(), key=lambda file: file.path)),
        frozenset(walk.assets),
        walk.aliases,
        frozenset(walk.ignored),
        tuple(sorted(walk.diagnostics)),
        walk.places,
        source,
        frozenset(walk.folders),
    )


@dataclass(slots=True)
class _Walk:
    source: Source
    files: dict[str, SourceFile] = field(default_factory=dict)
    assets: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    links: list[tuple[str, Rules]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)  # real path of what a link led to -> its path here
    folders: set[str] = field(default_factory=set)

    def run(self, top: str, start: Rules) -> None:
        """Walk everything below a directory given as "" or "a/b/"."""
        pending = [(top, start)]
        while pending:
            base, above = pending.pop()
            self.folders.add(base)
            try:
                entries = self.source.entries(base)
            except OSError as error:
                self.diagnostics.append(unreadable(base or ".", error))
                continue
            own = [entry.name for entry in entries if entry.name in (GIT, OWN)]
            inner, problems = above.entering(self.source, base, own) if own else (above, [])
            self.diagnostics += problems
            kept = [entry for entry in entries if self._keep(entry, base, inner)]
            self._collisions(base, kept)
            for entry in kept:
                if entry.is_symlink():
                    self.links.append((base + entry.name, inner))
                elif entry.is_dir(follow_symlinks=False):
                    pending.append((base + entry.name + "/", inner))
                else:
                    self._add(base + entry.name)

    def _keep(self, entry: Entry, base: str, inner: Rules) -> bool:
        path = base + entry.name
        directory = _is_dir(entry)
        shown = path + "/" if directory else path
        if hidden(entry.name) or inner.ignores(shown):
            self.ignored.add(shown)
            return False
        if not entry.name.isprintable() and not all(map(_plain, entry.name)):
            if directory or is_markdown(entry.name):
                message = "The name holds control characters or is not UTF-8."
                self.diagnostics.append(diagnostic("name-invalid", message, printable(path)))
            return False
        return True

    def _collisions(self, base: str, entries: list[Entry]) -> None:
        seen: dict[str, str] = {}
        for entry in entries:
            other = seen.setdefault(fold(entry.name), entry.name)
            if other != entry.name and (is_markdown(entry.name) or _is_dir(entry)):
                message = f"“{entry.name}” and “{other}” are one name on systems that do not tell them apart."
                self.diagnostics.append(diagnostic("name-collision", message, base + entry.name))

    def _add(self, path: str) -> None:
        if not is_markdown(path):
            self.assets.add(path)
            return
        try:
            status = self.source.status(path)
        except OSError as error:
            self.diagnostics.append(unreadable(path, error))
            return
        if status is not None:
            self.files[path] = SourceFile(path, status.size, status.mtime_ns, status.mark)
        else:
            self.diagnostics.append(diagnostic("file-unreadable", "It is not a regular file.", path))

    def follow_links(self) -> None:
        """Settle the symbolic links, outer folders first, so that nothing is met twice: each may lead to more."""
        while self.links:
            batch, self.links = self.links, []
            for path, inner in sorted(batch, key=lambda item: (self._rank(item[0]), item[0])):
                self._follow(path, inner)

    def _rank(self, path: str) -> tuple[bool, int]:
        target = self.source.target(path)
        return (target.kind != "directory", f"/{target.inside or ''}".rstrip("/").count("/"))

    def _follow(self, path: str, inner: Rules) -> None:
        target = self.source.target(path)
        inside, shown = target.inside, printable(target.inside or ".")
        if inside is None:
            where = f"It leads out of the folder, to {printable(target.shown)}"
            self._report("symlink-outside", f"{where}{_IN_THE_WAY}", path)
        elif target.kind == "loop":
            self._report("symlink-loop", f"It leads to itself{_IN_THE_WAY}", path)
        elif target.kind == "nothing":
            self._report("symlink-broken", "It leads to nothing.", path)
        elif any(hidden(part) for part in inside.split("/")):
            self._report("symlink-outside", f"It leads to a hidden file, {shown}{_IN_THE_WAY}", path)
        elif _holds(inside, self.source.target(path.rpartition("/")[0]).inside):
            where = f"It leads to a folder that it stands in, {shown}"
            self._report("symlink-loop", f"{where}{_IN_THE_WAY}", path)
        else:
            self._take(path, inside, target.kind == "directory", inner)

    def _take(self, path: str, inside: str, directory: bool, inner: Rules) -> None:
        """A link within the folder: an alias of what is there, or the place of what is not there yet."""
        place = self._place(inside)
        if place != inside or not self._left_out(inside, directory):
            self.aliases[path] = place
            return
        self.places[inside] = path
        if directory:
            self.run(path + "/", inner)
        else:
            self._add(path)

    def _place(self, inside: str) -> str:
        """Where a path stands that a link already led to, itself or with a folder above it; otherwise the path."""
        head, tail = inside, ""
        while head:
            if head in self.places:
                return self.places[head] + tail
            head, _, name = head.rpartition("/")
            tail = f"/{name}{tail}"
        return inside

    def _left_out(self, inside: str, directory: bool) -> bool:
        parts = inside.split("/")
        above = ("/".join(parts[:count]) + "/" for count in range(1, len(parts) + directory))
        return inside in self.ignored or any(path in self.ignored for path in above)

    def _report(self, code: str, message: str, path: str) -> None:
        self.diagnostics.append(diagnostic(code, message, path))


def is_markdown(name: str) -> bool:
    """Whether a name is that of a Markdown file."""
    return name.lower().endswith(MARKDOWN)


def fold(name: str) -> str:
    """One form for names that some file systems do not tell apart: composed and without case."""
    return name if name.isascii() and name.islower() else unicodedata.normalize("NFC", name).casefold()


def _plain(char: str) -> bool:
    """Whether a character may stand in a name: no control character, no lone surrogate (a byte that is no text)."""
    return char.isprintable() or char == " " or unicodedata.category(char) not in ("Cc", "Cs")


def _holds(directory: str, path: str | None) -> bool:
    """Whether a path is a directory or stands in it; "" is the root."""
    return path is not None and (directory in ("", path) or path.startswith(directory + "/"))


def _is_dir(entry: Entry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of symbolic links
        return False
