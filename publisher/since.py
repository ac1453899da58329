"""Which files changed since a revision: what `--since` and `--changed` limit a run to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from publisher.errors import UsageError
from publisher.git import Repository

# Where CI services say what the branch was before: GitLab's variables; GitHub has a file for it
_VARIABLES = ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_COMMIT_BEFORE_SHA")


@dataclass(frozen=True, slots=True)
class Range:
    """What changed in a folder since a commit. `paths` count from the folder, POSIX; deleted files are among them."""

    repository: Repository
    commit: str
    folder: str
    paths: frozenset[str]

    def before(self, path: str) -> bytes | None:
        """The text that a changed file had then; None if there was none, or if it is the same now."""
        if path not in self.paths:
            return None
        return self.repository.blob(
            f"{self.commit}:{self.folder}/{path}" if self.folder else f"{self.commit}:{path}"
        )


def changed_files(
    folder: Path, since: str | None, changed: bool, environ: Mapping[str, str], roots: Iterable[Path] = ()
) -> Range | None:
    """The range that a run is limited to; None if it is not. `roots` are the folders of the setting `file_roots`.

    `changed` asks for what the last push brought, as the CI service tells it, and elsewhere for the last commit (of a
    merge, all that it brought). What is not committed yet counts too.

    Raises:
        UsageError: not in a repository, or the revision is not known here.
    """
    if since is None and not changed:
        return None
    repository = Repository(folder)
    place = repository.path_of(folder)
    if place is None:
        raise UsageError(
            f"{folder} is not in the repository {repository.top}.",
            "Only files of a repository can be compared with a revision: leave --since and --changed out.",
        )
    revision = since if since is not None else _before(repository, environ)
    if not revision:
        return None
    paths = set(repository.changed(revision, place))
    for root in roots:
        way = Path(os.path.relpath(os.path.realpath(root), os.path.realpath(folder))).as_posix()
        there = repository.path_of(root)
        found = repository.changed(revision, there) if there is not None else []
        paths |= {f"{way}/{path}" for path in found}
    return Range(repository, repository.commit(revision), place, frozenset(paths))


def _before(repository: Repository, environ: Mapping[str, str]) -> str:
    """The revision before the last push; empty if everything is new."""
    told = [_of_github(environ), *(environ.get(name, "") for name in _VARIABLES)]
    for revision in told:
        if revision.strip("0"):
            return revision
    return "HEAD^" if repository.commit("HEAD^") else ""


def _of_github(environ: Mapping[str, str]) -> str:
    path = environ.get("GITHUB_EVENT_PATH", "")
    try:
        event: Any = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError):
        return ""
    request = event.get("pull_request") if isinstance(event, dict) else None
    revision = request["base"]["sha"] if request else event.get("before") if isinstance(event, dict) else ""
    return revision if isinstance(revision, str) else ""
