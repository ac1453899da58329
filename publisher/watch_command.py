"""`watch`, and what its `--open` opens."""

from __future__ import annotations

import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from urllib.parse import urlsplit

from publisher import watch as watching
from publisher.config import Settings
from publisher.console import Console, Pages
from publisher.errors import UsageError
from publisher.locking import ignore_in_git
from publisher.scan import require
from publisher.telling import shown_name
from publisher.watching.view import View
from publisher.workplace import open_workspace, settings_of, state_file


def watch(options: Namespace) -> int:
    settings = settings_of(options)
    console = Console(options.quiet, options.json)
    pages = Pages(console, shown_name(settings, options))
    require(settings.folder)
    with _opening(settings, options, console) as show:
        plan = watching.Plan(
            lambda: settings_of(options),
            partial(open_workspace, patience=watching.PATIENCE, tell=console.note),
            state_file,
            poll=options.poll,
            force=options.force,
            opened=lambda _, report: show(report.url),
            begin=pages.begin,
            on_page=pages.tell,
            finished=pages.end,
        )
        view = View(console, shown_name(settings, options), options.json, options.verbose)
        return watching.watch(plan, view)


@contextmanager
def _opening(settings: Settings, options: Namespace, console: Console) -> Iterator[Callable[[str], None]]:
    """What `--open` opens: the page in the browser, served from here if it is in the embedded workspace."""
    if not options.open:
        yield lambda url: None
        return
    import webbrowser

    if settings.target != "local" or settings.base_url:
        yield lambda url: _open(webbrowser, url)
        return
    from publisher.emulator.server import prepare

    try:
        assert settings.workspace is not None
        settings.workspace.parent.mkdir(parents=True, exist_ok=True)
        ignore_in_git(settings.workspace.parent)
        server, sock, here = prepare(settings.workspace, "127.0.0.1", options.port)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Port {options.port} cannot be used: {getattr(error, 'strerror', None) or error}",
            "Choose another with --port, or --port 0 for any free one.",
        ) from error
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    console.line(f"The pages are at {here}")
    try:
        yield lambda url: _open(webbrowser, here + urlsplit(url).path)
    finally:
        server.should_exit = True
        thread.join(5)
        sock.close()


def _open(browser: ModuleType, url: str) -> None:
    if url:
        browser.open(url)
