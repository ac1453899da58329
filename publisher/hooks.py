"""`pagemill hook install`, `uninstall` and `status`: a pre-push hook beside whatever hook is there already."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from publisher.errors import UsageError
from publisher.git import Repository

NAME = "pre-push"
KEPT = "pre-push.before-pagemill"  # the hook that was there first
LEGACY = "pre-push.legacy"  # where pre-commit puts a hook that it finds, and calls it
MARK = "# pagemill pre-push hook "

# POSIX sh, as git for Windows has it too. The hook that was there first speaks first; both get what git says.
SCRIPT = """\
refs=$(cat)
say() { if [ -n "$refs" ]; then printf '%s\\n' "$refs"; fi; }
kept=$(dirname "$0")/{kept}
if [ -x "$kept" ]; then
  say | "$kept" "$@" || exit $?
fi
behind() {
  place=$(git rev-parse --git-path pagemill) && mkdir -p "$place" && : > "$place/behind"
}
case ${PAGEMILL_SKIP:-0} in
  0|false|no|off) ;;
  *) behind; echo "pagemill: skipped; the next push brings the pages up to date." >&2; exit 0 ;;
esac
python={python}
package={package}
if [ -f "$python" ] && [ -f "$package/__main__.py" ]; then
  say | "$python" -P -m publisher hook run{options} "$@"
elif command -v pagemill >/dev/null 2>&1; then
  say | pagemill hook run{options} "$@"
else
  behind
  echo "pagemill: it is not where it was when this hook was installed ($python), and not on the PATH." >&2
  echo "Nothing was published; the push goes on. Install it and run 'pagemill hook install' again," >&2
  echo "or remove $0." >&2
fi
"""


@dataclass(frozen=True, slots=True)
class Status:
    """What stands in the hooks' directory.

    `state`: "installed" as it was written, "edited" since by somebody, "legacy" when pre-commit calls it, "absent".
    `kept` says that a hook which was there first is called too, `current` that it calls this very pagemill.
    """

    directory: Path
    state: Literal["installed", "edited", "legacy", "absent"]
    kept: bool
    other: bool
    current: bool


def directory_of(repository: Repository) -> Path:
    """The directory in which git looks for hooks.

    Raises:
        UsageError: it is one that other repositories share, or one that husky writes anew.
    """
    place = repository.hooks
    real = Path(os.path.realpath(place))
    if not real.is_relative_to(os.path.realpath(repository.top)) and not real.is_relative_to(
        repository.shared
    ):
        raise UsageError(
            f"core.hooksPath names a directory outside of this repository: {place}. Others share its hooks.",
            'Add this line to the pre-push hook there: pagemill hook run "$@"  -- it does nothing in repositories '
            "without pagemill settings. Or give this one hooks of its own: git config core.hooksPath .git/hooks",
        )
    if real.parts[-2:] == (".husky", "_"):
        raise UsageError(
            "husky manages the hooks of this repository.",
            'Add this line to .husky/pre-push: pagemill hook run "$@"',
        )
    return place


def script(folder: str | None, config: str | None) -> str:
    """The hook's text. `folder` and `config` are paths from the repository's top."""
    options = "".join(
        f" {name} {shlex.quote(value)}"
        for name, value in (("--folder", folder), ("--config", config))
        if value
    )
    filled = SCRIPT
    for name, value in (
        ("{kept}", KEPT),
        ("{python}", shlex.quote(Path(sys.executable).as_posix())),
        ("{package}", shlex.quote(Path(__file__).parent.as_posix())),
        ("{options}", options),
    ):
        filled = filled.replace(name, value)
    return f"#!/bin/sh\n{MARK}{_digest(filled)}: `pagemill hook uninstall` takes it away.\n{filled}"


def _digest(body: str) -> str:
    return blake2b(body.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()


def _is_ours(text: str) -> bool:
    return text.startswith(f"#!/bin/sh\n{MARK}")


def _is_edited(text: str) -> bool:
    """Whether somebody has changed our hook since it was written."""
    _, line, body = text.split("\n", 2)
    return line[len(MARK) :].partition(":")[0] != _digest(body)


def _text(path: Path) -> str:
    """A hook's text, empty if there is none; what is no text is not ours either."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def status(repository: Repository) -> Status:
    directory = repository.hooks
    text = _text(directory / NAME)
    state: Literal["installed", "edited", "legacy", "absent"] = "absent"
    if _is_ours(text):
        state = "edited" if _is_edited(text) else "installed"
    elif _is_ours(legacy := _text(directory / LEGACY)):
        text, state = legacy, "legacy"
    other = os.path.lexists(directory / NAME) and state in ("absent", "legacy")
    current = shlex.quote(Path(__file__).parent.as_posix()) in text
    return Status(directory, state, (directory / KEPT).exists(), other, current)


def install(repository: Repository, folder: str | None, config: str | None) -> Status:
    """Write the hook; one that is there is kept and called first. Installing again only brings it up to date.

    Raises:
        UsageError: the hooks' directory is not this repository's own, or somebody has edited our hook.
    """
    directory = directory_of(repository)
    found = status(repository)
    if found.state == "edited":
        raise _edited(directory)
    if found.state == "absent" and found.other:
        if found.kept:
            raise UsageError(
                f"{directory / KEPT} is in the way: it was kept by an earlier installation.",
                "Look at it, remove it or move it back, then run this again.",
            )
        (directory / NAME).rename(directory / KEPT)
    directory.mkdir(parents=True, exist_ok=True)
    _write(directory / (LEGACY if found.state == "legacy" else NAME), script(folder, config))
    return status(repository)


def _write(path: Path, text: str) -> None:
    """All or nothing, and executable for those who may read it."""
    new = path.with_name(f"{path.name}.pagemill-new")
    new.write_bytes(text.encode("utf-8", "surrogateescape"))
    mode = stat.S_IMODE(new.stat().st_mode)
    new.chmod(mode | (mode & 0o444) >> 2)
    new.replace(path)


def uninstall(repository: Repository) -> bool:
    """Take the hook away and put the one back that was there first, as it was. Says whether there was one of ours.

    Raises:
        UsageError: somebody has edited our hook.
    """
    found = status(repository)
    if found.state == "absent":
        return False
    if found.state == "edited":
        raise _edited(found.directory)
    path = found.directory / (LEGACY if found.state == "legacy" else NAME)
    if found.kept:
        (found.directory / KEPT).replace(path)
    else:
        path.unlink()
    return True


def _edited(directory: Path) -> UsageError:
    return UsageError(
        f"Somebody has edited {directory / NAME} since pagemill wrote it.",
        "Move the added lines to a hook of their own, or remove the file; then run this again.",
    )
