"""What a push is about to change for readers, and whether that concerns pagemill at all.

A push without docs must not notice the hook: this module imports nothing that converts, plans or sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from publisher import config
from publisher.git import Contents, Repository, pushed_refs
from publisher.settings import Settings

HEADS = "refs/heads/"
SITE_FILES = ("mkdocs.yml", "mkdocs.yaml")  # beside the folder: the order of its pages


@dataclass(frozen=True, slots=True)
class Ref:
    """One branch of a push. `base` is the commit that the remote holds now, empty if it is new or not here."""

    branch: str
    commit: str
    base: str


@dataclass(frozen=True, slots=True)
class Push:
    """A pushed commit whose pages are to be published or checked.

    `folder` is the path of the folder from the repository's top. `known`: nothing that pages are made of differs from
    what the remote holds, and no earlier push is waiting to be caught up with.
    """

    repository: Repository
    ref: Ref
    settings: Settings
    folder: str
    known: bool


def refs_of(lines: str, environ: Mapping[str, str]) -> list[Ref]:
    """The branches that a push creates or updates: no tags, no deletions.

    `lines` are what git says to its hook. pre-commit says it in its environment instead, for one branch at a time.
    """
    refs = list(pushed_refs(lines))
    remote = environ.get("PRE_COMMIT_REMOTE_BRANCH", "")
    if not refs and remote:
        local = environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
        commit = environ.get("PRE_COMMIT_TO_REF") or local
        refs = [(local, commit, remote, environ.get("PRE_COMMIT_FROM_REF") or "0")]
    return [
        Ref(there.removeprefix(HEADS), commit, old if old.strip("0") else "")
        for _, commit, there, old in refs
        if there.startswith(HEADS) and commit.strip("0")
    ]


def decide(
    refs: Iterable[Ref],
    remote: str,
    url: str,
    environ: Mapping[str, str],
    folder: str | None = None,
    config_file: str | None = None,
) -> Push | None:
    """The push that pages are published from; None if it does not concern them.

    Raises:
        UsageError: the settings in the pushed commit are wrong, or git cannot be asked.
    """
    repository = Repository(Path.cwd())
    given = {"folder": folder}
    with Contents(repository) as contents:
        wanted: list[tuple[int, Push]] = []
        for ref in refs:
            read = _Reader(repository, contents, ref.commit)
            start = repository.top / (folder or environ.get("PAGEMILL_FOLDER") or ".")
            file = repository.top / config_file if config_file else read.settings_file(start)
            if file is None and not folder and not environ.get("PAGEMILL_FOLDER"):
                continue  # nothing says that this repository has pages
            settings = config.load(given, environ, repository.top, file, read)
            place = repository.path_of(settings.folder)
            rank = _rank(settings, ref.branch, remote, url, repository, contents)
            if place is not None and rank is not None:
                beside = (repository.path_of(root) for root in settings.file_roots)
                watched = [*_watched(place), *([path] if (path := read.path(file)) else [])]
                watched += [root for root in beside if root is not None]
                known = (
                    not repository.behind.exists()
                    and bool(ref.base)
                    and bool(repository.same(ref.base, ref.commit, watched))
                )
                wanted.append((rank, Push(repository, ref, settings, place, known)))
    return min(wanted, key=lambda item: item[0])[1] if wanted else None


def _rank(
    settings: Settings, branch: str, remote: str, url: str, repository: Repository, contents: Contents
) -> int | None:
    """The place of a branch among those that are published, the first being the one to prefer; None: not published.

    Who pushes to an address gives it as the remote's name.
    """
    if settings.hook_remotes:
        if not any(fnmatchcase(name, pattern) for name in (remote, url) for pattern in settings.hook_remotes):
            return None
    elif remote == url:
        return None
    patterns = settings.hook_branches or (repository.default_branch(remote, contents),)
    return next((place for place, pattern in enumerate(patterns) if fnmatchcase(branch, pattern)), None)


def _watched(folder: str) -> Iterator[str]:
    """Everything in a commit that pages are made of, but the settings."""
    yield folder
    above = folder.rpartition("/")[0]
    if folder:
        yield from (f"{above}/{name}".lstrip("/") for name in SITE_FILES)
    while folder:
        folder = folder.rpartition("/")[0]
        yield f"{folder}/.gitignore".lstrip("/")


class _Reader:
    """Reads settings files as a commit holds them; what it does not hold is read from the disk."""

    def __init__(self, repository: Repository, contents: Contents, commit: str) -> None:
        self._repository = repository
        self._contents = contents
        self._commit = commit

    def __call__(self, path: Path) -> bytes | None:
        place = self.path(path)
        data = self._contents.read(f"{self._commit}:{place}") if place else None
        if data is None and path.is_file():
            return path.read_bytes()
        return data

    def path(self, file: Path | None) -> str:
        """A file's path from the repository's top; empty if it is none of the repository's."""
        if file is None:
            return ""
        directory = self._repository.path_of(file.parent)
        return "" if directory is None else f"{directory}/{file.name}".lstrip("/")

    def settings_file(self, start: Path) -> Path | None:
        found = config.find(start, self)
        return found.path if found else None


def mark_behind(path: Path) -> None:
    """Remember that pages are waiting for the next push."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def advice(stopped: bool) -> str:
    """What a person can do who has to push now."""
    if stopped:
        return "To push anyway: git push --no-verify, or PAGEMILL_SKIP=1 git push. The next push brings the pages up to date."
    return "The push goes on. The next one brings the pages up to date."


def skipped(environ: Mapping[str, str]) -> bool:
    """Whether a person asked for the hook to do nothing this time."""
    return environ.get("PAGEMILL_SKIP", "").lower() not in ("", "0", "false", "no", "off")


def in_words(push: Push) -> str:
    """The folder, the commit and the branch of a push."""
    return f"{push.folder or push.repository.top.name} at {push.ref.commit[:10]} ({push.ref.branch})"
