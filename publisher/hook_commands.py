"""`pagemill hook …`: what git runs before a push, and what installs it.

Git shows people what a hook says on either stream; programs read the standard output of `git push`, so all goes to
standard error. What a push without docs does not need is imported late.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.errors import Exit, PagemillError, UsageError

if TYPE_CHECKING:
    from publisher.git import Repository
    from publisher.push import Push
    from publisher.report import Report
    from publisher.scan import Scan
    from publisher.settings import Settings
    from publisher.store import Store

_COMMIT = "commit"  # in the state: the commit whose pages were published last
WAIT_SECONDS = 60.0  # for another run, such as a watch that is just publishing


def hook(options: Namespace) -> int:
    commands: dict[str, Callable[[Namespace], int]] = {
        "install": _install,
        "uninstall": _uninstall,
        "status": _status,
        "run": _run,
    }
    return commands[options.hook](options)


# -- before a push -----------------------------------------------------------------------------------------------------


def _run(options: Namespace) -> int:
    from publisher import push
    from publisher.git import Repository

    with redirect_stdout(sys.stderr):
        refs = push.refs_of(_said(), os.environ)
        remote = options.remote or os.environ.get("PRE_COMMIT_REMOTE_NAME", "origin")
        url = options.url or os.environ.get("PRE_COMMIT_REMOTE_URL", "")
        if not refs:
            return Exit.OK
        stops = True
        try:
            if push.skipped(os.environ):
                return _skip(Repository(Path.cwd()).behind)
            wanted = push.decide(refs, remote, url, os.environ, options.folder, options.config)
            if wanted is None or wanted.known:
                return Exit.OK
            stops = wanted.settings.hook_on_failure == "block"
            if _bring(wanted):
                return Exit.OK
        except KeyboardInterrupt:
            print("pagemill: interrupted; the push is stopped.")
            return Exit.INTERRUPTED
        except PagemillError as error:
            print(f"pagemill: {error}")
        except Exception as error:  # a mistake of ours: nobody is kept from pushing without a word of advice
            import traceback

            traceback.print_exc()
            print(f"pagemill: {type(error).__name__}: {error}")
        print(f"pagemill: {push.advice(stops)}")
        return Exit.FAILED if stops else Exit.OK


def _said() -> str:
    """What git says about the push; nothing when a person runs this by hand."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _skip(behind: Path) -> int:
    from publisher import push

    push.mark_behind(behind)
    print("pagemill: skipped; the next push brings the pages up to date.")
    return Exit.OK


def _bring(push: Push) -> bool:
    """Check or publish what is pushed. Says whether all went well; what went wrong has been told."""
    from dataclasses import replace

    from publisher.git import Contents
    from publisher.pool import enable
    from publisher.push import in_words
    from publisher.pushed import Pushed
    from publisher.remote.ids import page_id
    from publisher.scan import scan_source

    enable()
    settings = push.settings
    settings = replace(settings, parent=page_id(settings.parent)) if settings.parent else settings
    with Contents(push.repository) as contents:
        if push.folder and contents.kind(f"{push.ref.commit}:{push.folder}") != "tree":
            print(f"pagemill: {in_words(push)} is not there; the pages stay as they are.")
            return True
        source = Pushed(push.repository, contents, push.ref.commit, push.folder)
        found = scan_source(Path(os.path.realpath(settings.folder)), source, settings.ignore)
        for path in source.submodules:
            print(f"pagemill: {path} is a submodule; its files are not part of this push.")
        if settings.hook_when == "check":
            return _check(push, settings, found)
        print(f"pagemill: publishing {in_words(push)} before it is pushed")
        return _publish(push, settings, found)


def _check(push: Push, settings: Settings, found: Scan) -> bool:
    from publisher import findings, shapes
    from publisher.folder import load

    items = shapes.shape(load(settings, found, None)).diagnostics
    told = tuple(item for item in items if item.severity != "info")
    for line in findings.text(findings.Findings(told, push.folder)):
        print(line)
    return not any(item.severity == "error" for item in items)


def _publish(push: Push, settings: Settings, found: Scan) -> bool:
    from publisher.locking import lock
    from publisher.push import mark_behind
    from publisher.store import Store
    from publisher.telling import exit_code
    from publisher.workplace import state_file

    mark_behind(push.repository.behind)  # until it is known to be done
    where = state_file(settings)
    with lock(where, WAIT_SECONDS):
        store = Store(where)
        try:
            report = _report(push, settings, found, store)
            done = exit_code(report) == Exit.OK
            if done:
                store.set_meta(_COMMIT, push.ref.commit)
        finally:
            store.close()
    if report.interrupted:
        raise KeyboardInterrupt
    if done:
        push.repository.behind.unlink(missing_ok=True)
    return done


def _report(push: Push, settings: Settings, found: Scan, store: Store) -> Report:
    """Publish the commit and say so. What stops everything is raised after what was done has been told."""
    import time

    from publisher.console import Console
    from publisher.job import Job
    from publisher.remote.retry import Patience
    from publisher.running import run_job
    from publisher.telling import tell
    from publisher.wording import page_line
    from publisher.workplace import open_workspace

    console = Console()
    patience = Patience(refused=120.0, failing=15.0, absent=2.0)  # somebody is waiting to push
    before = store.meta(_COMMIT) or push.ref.base
    job = Job(
        settings,
        lambda count: open_workspace(settings, count, patience, console.note),
        on_page=lambda page: console.line(page_line(page, console.width, push.folder)),
        scan=found,
        renames=push.repository.renames(before, push.ref.commit, push.folder) if before else {},
        whole=True,
    )
    started = time.monotonic()
    report, error = run_job(job, store)
    report.seconds = time.monotonic() - started
    if error is None or report.pages:
        tell(report, settings, Namespace(folder=push.folder, verbose=False), console)
    if error is not None:
        raise error
    return report


# -- installing --------------------------------------------------------------------------------------------------------


def _install(options: Namespace) -> int:
    from publisher import config, hooks
    from publisher.git import Repository

    repository = Repository(Path.cwd())
    folder = _place(repository, options.folder)
    file = _place(repository, options.config)
    if folder is None and file is None and config.find(repository.top) is None:
        raise UsageError(
            "No settings file says which folder this repository publishes.",
            "Name it (`pagemill hook install docs`), or write `folder` into pagemill.toml.",
        )
    if folder is not None and not (repository.top / folder).is_dir():
        raise UsageError(
            f"{options.folder}: there is no such folder", "Name the folder that holds the Markdown files."
        )
    found = hooks.install(repository, folder, file)
    print(f"Installed: {found.directory / hooks.NAME}")
    if found.kept:
        print(f"The hook that was there first is kept ({hooks.KEPT}) and is called before.")
    print("Pushes to the remote's default branch now publish first; [hook] in pagemill.toml changes that.")
    return Exit.OK


def _place(repository: Repository, name: str | None) -> str | None:
    """A path of the command line as the hook will see it: from the top of whichever working tree pushes."""
    if name is None:
        return None
    place = repository.path_of(Path(name))
    if place is None:
        raise UsageError(
            f"{name} is not in this repository ({repository.top})",
            "Name a path inside of it, or run this in the repository that holds it.",
        )
    return place or "."


def _uninstall(options: Namespace) -> int:
    from publisher import hooks
    from publisher.git import Repository

    repository = Repository(Path.cwd())
    kept = hooks.status(repository).kept
    if not hooks.uninstall(repository):
        print("There was none.")
    elif kept:
        print("Removed; the hook that was there first is back in its place.")
    else:
        print("Removed.")
    return Exit.OK


def _status(options: Namespace) -> int:
    """Prints what is installed; exit code 1 if pushes are not published from here."""
    from publisher import hooks
    from publisher.git import Repository

    repository = Repository(Path.cwd())
    found = hooks.status(repository)
    path = found.directory / hooks.NAME
    says = {
        "installed": f"Installed: {path}",
        "edited": f"Installed, and edited by somebody since: {path}",
        "legacy": f"Installed, and called by the hook of pre-commit: {path}",
        "absent": f"Not installed: {path} is {'of another program' if found.other else 'not there'}.",
    }
    print(says[found.state])
    if found.state != "absent" and not found.current:
        print("It calls another installation of pagemill; `pagemill hook install` makes it call this one.")
    if found.kept:
        print(f"It calls the hook that was there first: {found.directory / hooks.KEPT}")
    if repository.behind.exists():
        print("An earlier push went out without its pages; the next one brings them up to date.")
    return Exit.OK if found.state != "absent" else Exit.FAILED
