"""Git, as far as pagemill asks it: the only module that runs it. Nothing here changes a repository.

Only plumbing commands are used, so that nobody's aliases and settings change what comes out. Paths are POSIX, from the
repository's top.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from converters.lfs import POINTER_SIZE, is_pointer
from publisher.errors import UsageError

_USUAL = ("main", "master")
_IN_MEMORY = 1 << 23  # bytes of a file from a commit; what is larger goes through a temporary file
_CHUNK = 1 << 20  # bytes
LINK, SUBMODULE = "120000", "160000"


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file in a commit: its mode as git writes it, and the id of its content."""

    path: str
    mode: str
    blob: str


def run(arguments: Sequence[str], cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git, whatever it answers.

    Raises:
        UsageError: there is no git, or no such directory.
    """
    try:
        return subprocess.run(["git", *arguments], cwd=cwd, input=stdin, capture_output=True)
    except FileNotFoundError as error:
        if not cwd.is_dir():
            raise UsageError(f"{cwd}: is not a directory", "Name a folder of a git repository.") from error
        raise UsageError("git was not found.", "Install git, or add it to the PATH.") from error


def ask(arguments: Sequence[str], cwd: Path) -> bytes:
    """What git prints.

    Raises:
        UsageError: git refuses; with its own words.
    """
    done = run(arguments, cwd)
    if done.returncode:
        raise UsageError(f"git {arguments[0]}: {text(done.stderr).strip() or f'exit code {done.returncode}'}")
    return done.stdout


def text(data: bytes) -> str:
    """Names and messages as text; bytes that are no UTF-8 survive."""
    return data.decode("utf-8", "surrogateescape")


def paths(data: bytes) -> list[str]:
    """The items of a list with a NUL behind each (`-z`)."""
    return [text(item) for item in data.split(b"\0") if item]


class Repository:
    """The repository and working tree that a directory is in.

    `top` has no symbolic links in it. `shared` is the directory of the repository that all its working trees share,
    `hooks` where git looks for hooks, `behind` a file of ours that says that a push went out and its pages did not.

    Raises:
        UsageError: there is none, or it has no working tree.
    """

    def __init__(self, start: Path) -> None:
        asked = (
            "--show-toplevel",
            "--git-common-dir",
            "--git-path",
            "hooks",
            "--git-path",
            "pagemill/behind",
        )
        top, shared, hooks, behind = text(ask(["rev-parse", *asked], start)).splitlines()
        self.top = Path(top)
        self.shared = Path(os.path.realpath(start / shared))
        self.hooks = Path(os.path.abspath(start / hooks))  # noqa: PTH100 - links stay what they are
        self.behind = Path(os.path.abspath(start / behind))  # noqa: PTH100

    def ask(self, *arguments: str) -> bytes:
        return ask(arguments, self.top)

    def line(self, *arguments: str) -> str:
        """The first line of what git prints; empty if it refuses."""
        done = run(arguments, self.top)
        return text(done.stdout).partition("\n")[0].rstrip("\r") if done.returncode == 0 else ""

    def path_of(self, place: Path) -> str | None:
        """A place's path from the top, "" for the top itself; None if it is not below it."""
        real = Path(os.path.realpath(place))
        top = Path(os.path.realpath(self.top))
        if not real.is_relative_to(top):
            return None
        path = real.relative_to(top).as_posix()
        return "" if path == "." else path

    def commit(self, revision: str) -> str:
        """The id of the commit that a revision names, empty if it names none that is here."""
        return self.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")

    def default_branch(self, remote: str, contents: Contents) -> str:
        """The branch that a remote shows first, as far as it is known here; else one that is usual and is there."""
        if head := self.line("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD"):
            return head.removeprefix(f"refs/remotes/{remote}/")
        for name in _USUAL:
            if contents.kind(f"refs/remotes/{remote}/{name}"):
                return name
        wanted = self.line("config", "init.defaultBranch")
        names = [wanted, *_USUAL] if wanted else [*_USUAL]
        return next((name for name in names if contents.kind(f"refs/heads/{name}")), names[0])

    def same(self, old: str, new: str, paths: Sequence[str]) -> bool | None:
        """Whether two commits hold the same under these paths; None if that cannot be said (one is not here)."""
        answer = run(
            ["diff-tree", "--quiet", "-r", old, new, "--", *map(_literal, paths)], self.top
        ).returncode
        return {0: True, 1: False}.get(answer)

    def tree(self, commit: str, folder: str) -> list[TreeFile]:
        """All files below a folder of a commit, paths counted from that folder.

        Raises:
            UsageError: the commit has no such folder.
        """
        found = []
        for item in paths(self.ask("ls-tree", "-r", "-z", f"{commit}:{folder}")):
            head, _, path = item.partition("\t")
            mode, _, blob = head.split(" ")
            found.append(TreeFile(path, mode, blob))
        return found

    def names(self, commit: str, folder: str) -> list[str]:
        """The names in one directory of a commit; none if there is no such directory."""
        return paths(run(["ls-tree", "-z", "--name-only", f"{commit}:{folder}"], self.top).stdout)

    def blob(self, name: str) -> bytes | None:
        """One file, as "revision:path"; None if there is none of that name."""
        done = run(["cat-file", "blob", name], self.top)
        return done.stdout if done.returncode == 0 else None

    def open(self, blob: str, path: str) -> BinaryIO | None:
        """A file's content, to be read from its beginning and sought in; None if there is no such blob.

        `path` counts from the top. A pointer of Git LFS is followed if `git lfs` can get what it points to.
        """
        file = self._spooled(["cat-file", "blob", blob])
        if file is None:
            return None
        head = file.read(POINTER_SIZE)
        file.seek(0)
        found = self._spooled(["lfs", "smudge", "--", path], head) if is_pointer(head) else None
        if found is None:
            return file
        file.close()
        return found

    def _spooled(self, arguments: Sequence[str], stdin: bytes = b"") -> BinaryIO | None:
        """What git prints, without holding all of it in memory; None if it refuses or has nothing."""
        file = cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - whoever asked closes it
        command = ["git", *arguments]
        with subprocess.Popen(
            command, cwd=self.top, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as git:
            assert git.stdin is not None
            assert git.stdout is not None
            with suppress(OSError):  # there is no `git lfs` to read it
                git.stdin.write(stdin)  # a pointer at most: it fits into the pipe
                git.stdin.close()
            shutil.copyfileobj(git.stdout, file, _CHUNK)
        size = file.tell()
        if git.returncode or (stdin and not size):
            file.close()
            return None
        file.seek(0)
        return file

    def renames(self, old: str, new: str, folder: str) -> dict[str, str]:
        """Files that git takes for renamed by their similarity: new path to old path, both from the folder."""
        done = run(["diff-tree", "-r", "-z", "-M", "--name-status", "--diff-filter=R", old, new], self.top)
        prefix = f"{folder}/" if folder else ""
        items = paths(done.stdout) if done.returncode == 0 else []
        triples = zip(items[::3], items[1::3], items[2::3], strict=False)
        return {
            there.removeprefix(prefix): here.removeprefix(prefix)
            for _, here, there in triples
            if here.startswith(prefix) and there.startswith(prefix)
        }

    def changed(self, since: str, folder: str) -> list[str]:
        """Files below a folder, from there, that differ between a revision and what lies on the disk.

        Deleted ones and those that git does not know yet count; of a renamed one both names do.

        Raises:
            UsageError: the revision is not known here.
        """
        base = self.commit(since)
        if not base:
            raise UsageError(
                f"{since!r} is not a commit of this repository.",
                "A shallow clone may not reach so far back: fetch more of the history (`fetch-depth: 0`).",
            )
        place = [_literal(folder)] if folder else []
        found = self.ask("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--", *place)
        new = self.ask("ls-files", "--others", "--exclude-standard", "-z", "--", *place)
        prefix = f"{folder}/" if folder else ""
        return sorted({path.removeprefix(prefix) for path in (*paths(found), *paths(new))})


def _literal(path: str) -> str:
    """A path as a pathspec in which nothing is a pattern."""
    return f":(literal,top){path}" if path else ":(top)"


class Contents:
    """The contents of a repository's objects, and their sizes, over one git process each for as many as are asked for.

    Use it as a context manager. Not for several threads at once.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Contents:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.communicate()

    def read(self, name: str) -> bytes | None:
        """An object by its id, or as "commit:path"; None if there is no such file."""
        kind, data = self._object(name)
        return data if kind == "blob" else None

    def kind(self, name: str) -> str:
        """What a name stands for: "blob", "tree", "commit", "tag"; empty if there is nothing."""
        return self._object(name)[0]

    def size(self, name: str) -> int | None:
        """The bytes of a file, which is not read for that; None if there is no such file."""
        kind, size, _ = self._asked("--batch-check", name)
        return size if kind == "blob" else None

    def _object(self, name: str) -> tuple[str, bytes]:
        kind, size, answer = self._asked("--batch", name)
        return kind, answer.read(size + 1)[:-1] if kind and answer is not None else b""

    def _asked(self, how: str, name: str) -> tuple[str, int, IO[bytes] | None]:
        """Kind and size of an object, and where its content follows; an empty kind if there is none."""
        if "\n" in name:
            return "", 0, None
        if how not in self._processes:
            self._processes[how] = subprocess.Popen(
                ["git", "cat-file", how],
                cwd=self._repository.top,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        process = self._processes[how]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        process.stdin.flush()
        head = process.stdout.readline().split(b" ")
        if len(head) != 3 or not head[2].strip().isdigit():
            return "", 0, None
        return text(head[1]), int(head[2]), process.stdout

    def resolved(self, data: bytes, path: str) -> bytes:
        """A file's text; for a pointer of Git LFS that to which it points, if `git lfs` can get it."""
        if not is_pointer(data):
            return data
        done = run(["lfs", "smudge", "--", path], self._repository.top, data)
        return done.stdout if done.returncode == 0 and done.stdout else data


def pushed_refs(lines: str) -> Iterator[tuple[str, str, str, str]]:
    """What `git push` tells its hook, one line each: local name, local id, remote name, remote id."""
    for line in lines.splitlines():
        parts = line.split(" ")
        if len(parts) == 4:
            yield parts[0], parts[1], parts[2], parts[3]
