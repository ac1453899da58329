"""What is not published: ignore patterns as .gitignore writes them, in layers.

From weak to strong: .gitignore files (those above the folder up to the repository's top, then those in it, deeper
ones stronger), .pagemillignore files, and the patterns of the settings. The strongest layer that has an opinion
decides, so a setting `!site/api.md` publishes what git ignores. As in git, nothing below an ignored directory can be
taken back. What is `hidden` is never published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from converters.diagnostics import Diagnostic, diagnostic
from publisher.errors import UsageError
from publisher.inside import hidden as hidden
from publisher.source import Source

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GIT = ".gitignore"
OWN = ".pagemillignore"


@dataclass(frozen=True, slots=True)
class Layer:
    """Patterns that count from one directory on. `base` is that directory from the folder's root ("" or "a/b/").

    `above` is the way from the ignore file's directory down to the folder, for files that stand above it.
    """

    spec: GitIgnoreSpec
    base: str = ""
    above: str = ""

    def opinion(self, path: str) -> bool | None:
        """Whether the path is ignored; None if no pattern speaks of it. Directories end in a slash."""
        return self.spec.check_file(self.above + path[len(self.base) :]).include


@dataclass(frozen=True, slots=True)
class Rules:
    """The layers in force in one directory, each group from weak to strong."""

    git: tuple[Layer, ...] = ()
    own: tuple[Layer, ...] = ()
    settings: tuple[Layer, ...] = ()

    def ignores(self, path: str) -> bool:
        """Whether a path is ignored by patterns. Directories end in a slash; the ones above it are taken as kept."""
        for group in (self.settings, self.own, self.git):
            for layer in reversed(group):
                opinion = layer.opinion(path)
                if opinion is not None:
                    return opinion
        return False

    def entering(self, source: Source, base: str, names: Iterable[str]) -> tuple[Rules, list[Diagnostic]]:
        """The rules below a directory that holds `names`, with its own ignore files added."""
        git, own, problems = self.git, self.own, list[Diagnostic]()
        for name in names:
            spec, found = _read(source, base + name)
            problems += found
            if spec is not None and name == GIT:
                git = (*git, Layer(spec, base))
            elif spec is not None:
                own = (*own, Layer(spec, base))
        return Rules(git, own, self.settings), problems


def rules(source: Source, patterns: Sequence[str]) -> Rules:
    """The rules at the folder's root, its own ignore files not counted yet.

    Raises:
        UsageError: a pattern of the settings is not valid.
    """
    for pattern in patterns:
        if _compile([pattern]) is None:
            raise UsageError(
                f"ignore: {pattern!r} is not a valid pattern", "Write it as in a .gitignore file."
            )
    spec = _compile(patterns) if patterns else None
    return Rules(git=_above(source), settings=(Layer(spec),) if spec is not None else ())


def _above(source: Source) -> tuple[Layer, ...]:
    """The .gitignore files above the folder, up to the repository's top; none outside a repository.

    A file that ignores the folder itself is passed over: who publishes a generated folder means it.
    """
    layers = []
    for way, data in source.above(GIT):
        spec, _ = _parse(data, GIT)
        if spec is not None and not spec.match_file(way):
            layers.append(Layer(spec, "", way))
    return tuple(reversed(layers))


def _read(source: Source, path: str) -> tuple[GitIgnoreSpec | None, list[Diagnostic]]:
    try:
        data = source.find(path)
    except OSError as error:
        return None, [diagnostic("file-unreadable", f"It cannot be read: {error.strerror}.", path)]
    return _parse(data, path) if data is not None else (None, [])


def _parse(data: bytes, shown: str) -> tuple[GitIgnoreSpec | None, list[Diagnostic]]:
    lines = data.decode("utf-8-sig", "surrogateescape").splitlines()
    spec = _compile(lines)
    if spec is not None:
        return spec, []
    bad = [number for number, line in enumerate(lines, 1) if _compile([line]) is None]
    problems = [
        diagnostic("ignore-pattern", f"“{_readable(lines[line - 1])}” is not a pattern.", shown, line, 1)
        for line in bad
    ]
    return _compile([line for number, line in enumerate(lines, 1) if number not in set(bad)]), problems


def _readable(line: str) -> str:
    """A line without what is no text in it."""
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _compile(lines: Sequence[str]) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec  # 56 ms

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return None
