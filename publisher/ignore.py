"""What is not published: ignore patterns as .gitignore writes them, in layers.

From weak to strong: .gitignore files (those above the folder up to the repository's top, then those in it, deeper
ones stronger), .pagemillignore files, and the patterns of the settings. The strongest layer that has an opinion
decides, so a setting `!site/api.md` publishes what git ignores. As in git, nothing below an ignored directory can be
taken back. Hidden files and `ALWAYS` are never published.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from converters.diagnostics import Diagnostic, diagnostic
from publisher.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GIT = ".gitignore"
OWN = ".pagemillignore"
ALWAYS = frozenset({"node_modules", "__pycache__"})


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

    def entering(self, directory: Path, base: str, names: Iterable[str]) -> tuple[Rules, list[Diagnostic]]:
        """The rules below a directory that holds `names`, with its own ignore files added."""
        git, own, problems = self.git, self.own, list[Diagnostic]()
        for name in names:
            spec, found = _read(directory / name, base + name)
            problems += found
            if spec is not None and name == GIT:
                git = (*git, Layer(spec, base))
            elif spec is not None:
                own = (*own, Layer(spec, base))
        return Rules(git, own, self.settings), problems


def hidden(name: str) -> bool:
    """Whether a name is never published, whatever the patterns say."""
    return name.startswith(".") or name in ALWAYS


def rules(folder: Path, patterns: Sequence[str]) -> Rules:
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
    return Rules(git=_above(folder), settings=(Layer(spec),) if spec is not None else ())


def _above(folder: Path) -> tuple[Layer, ...]:
    """The .gitignore files above the folder, up to the repository's top; none outside a repository.

    A file that ignores the folder itself is passed over: who publishes a generated folder means it.
    """
    if (folder / ".git").exists():
        return ()
    layers: list[Layer] = []
    for directory in folder.parents:
        above = folder.relative_to(directory).as_posix() + "/"
        spec, _ = _read(directory / GIT, GIT)
        if spec is not None and not spec.match_file(above):
            layers.append(Layer(spec, "", above))
        if (directory / ".git").exists():
            return tuple(reversed(layers))
    return ()


def _read(path: Path, shown: str) -> tuple[GitIgnoreSpec | None, list[Diagnostic]]:
    if not path.is_file():
        return None, []
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError as error:
        return None, [diagnostic("file-unreadable", f"cannot be read: {error.strerror}", shown)]
    spec = _compile(lines)
    if spec is not None:
        return spec, []
    bad = [number for number, line in enumerate(lines, 1) if _compile([line]) is None]
    problems = [
        diagnostic("ignore-pattern", f"not a pattern: {lines[line - 1]!r}", shown, line, 1) for line in bad
    ]
    return _compile([line for number, line in enumerate(lines, 1) if number not in set(bad)]), problems


def _compile(lines: Sequence[str]) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec  # 56 ms

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return None


def posix(path: str) -> str:
    """A path with forward slashes, whatever the system's separator is."""
    return path.replace(os.sep, "/") if os.sep != "/" else path
