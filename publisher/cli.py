"""The command line: options in, exit code out. Everything a command needs is imported when it runs.

A push without docs must not notice the hook, so the start of the program imports argparse and nothing heavier.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from publisher.errors import Exit, PagemillError
from publisher.options import brief, parser


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every error that a person can mend is printed without a traceback."""
    _utf8_streams()
    if not arguments:
        print(brief(), end="", file=sys.stderr)
        return Exit.USAGE
    options = parser(next(iter(arguments), "")).parse_args(arguments)
    try:
        return _run(options)
    except PagemillError as error:
        print(f"pagemill: {error}", file=sys.stderr)
        return error.exit
    except KeyboardInterrupt:
        print("pagemill: interrupted; the state is saved, run it again to go on.", file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe (head, less) left
        sys.stderr.close()
        return Exit.OK


MODULES = {  # where a command lives; none is imported for another
    "publish": "publish_command",
    "watch": "watch_command",
    "plan": "plan_command",
    "status": "status_command",
    "convert": "check_commands",
    "check": "check_commands",
    "serve": "serve_command",
    "hook": "hook_commands",
    "pages": "shelf_commands",
    "open": "shelf_commands",
    "archive": "shelf_commands",
    "restore": "shelf_commands",
}


def _run(options: argparse.Namespace) -> int:
    module = import_module(f"publisher.{MODULES[options.command]}")
    command: Callable[[argparse.Namespace], int] = getattr(module, options.command)
    return command(options)


def _utf8_streams() -> None:
    """Titles are Unicode; a terminal that cannot show a character shows an escape instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = "utf-8" if not stream.isatty() else None
            stream.reconfigure(encoding=encoding or stream.encoding, errors="backslashreplace")
