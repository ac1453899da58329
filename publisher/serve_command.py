"""`serve`: the embedded workspace over HTTP."""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.console import Console
from publisher.errors import Exit, UsageError, not_a_workspace
from publisher.locking import ignore_in_git
from publisher.workplace import settings_of

if TYPE_CHECKING:
    from publisher.emulator.server import Options as ServeOptions


def serve(options: Namespace) -> int:
    from publisher.emulator.server import LOOPBACK
    from publisher.emulator.server import serve as run_server

    settings = settings_of(options)
    assert settings.workspace is not None
    if options.host not in LOOPBACK and not options.tokens:
        raise UsageError(
            f"{options.host} can be reached by others, and without --tokens anybody could read and write.",
            "Name a file of tokens with --tokens, or leave --host out.",
        )
    given = _serve_options(options)
    settings.workspace.parent.mkdir(parents=True, exist_ok=True)
    ignore_in_git(settings.workspace.parent)

    try:
        run_server(
            settings.workspace, options.host, options.port, options=given, ready=partial(_announce, options)
        )
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"Port {options.port} of {options.host} cannot be used: {getattr(error, 'strerror', None) or error}",
            "Choose another with --port, or --port 0 for any free one.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise not_a_workspace(settings.workspace, error) from error
    return Exit.OK


def _announce(options: Namespace, url: str) -> None:
    console = Console(options.quiet)
    console.line(f"The embedded workspace is at {url}")
    console.line(f"  pages    {url}/\n  Buildin  {url}/v2\n  Notion   {url}/v1\nCtrl-C stops it.")
    if options.open:
        import webbrowser

        webbrowser.open(url)


def _serve_options(options: Namespace) -> ServeOptions:
    """What the options of `serve` say, with mistakes told in a person's words."""
    from publisher.emulator import faults, switches
    from publisher.emulator.server import Options

    try:
        tokens = switches.load_tokens(Path(options.tokens)) if options.tokens else None
        broken = faults.parse(options.fault) if options.fault else None
        log = Path(options.log) if options.log else None
        if log is not None:
            log.open("a").close()
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be used: {error.strerror}.",
            "--tokens names a file that can be read, --log one that can be written.",
        ) from error
    except ValueError as error:
        raise UsageError(
            f"{error}.", "docs/serve.md has the grammar of faults and of token files."
        ) from error
    return Options(tokens=tokens, faults=broken, switches=switches.LOCAL, log=log, url=options.url or "")
