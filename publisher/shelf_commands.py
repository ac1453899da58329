"""`pages`, `open`, `archive`, `restore`: pages that are published already."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from publisher.commands import known_state, open_workspace, settings_of, state_file
from publisher.console import Console, print_json
from publisher.errors import Exit
from publisher.known import KnownPage
from publisher.locking import lock
from publisher.scan import require
from publisher.wording import printable


def pages(options: Namespace) -> int:
    from publisher.shelf import as_tree, published

    settings = settings_of(options)
    console = Console(options.quiet, options.json)
    store = known_state(settings)
    try:
        found = published(settings, store)
    finally:
        store.close()
    if options.json:
        print_json([asdict(page) for page in found])
        return Exit.OK
    for depth, page in as_tree(found):
        mark = " (archived)" if page.archived else " (database)" if page.database else ""
        title = "  " * depth + printable(page.title) + mark
        console.line(f"{title:<40} {printable(page.path)}")
        if options.verbose:
            console.line(f"{'  ' * depth}  {page.url}  {page.published}".rstrip())
        if options.verbose and page.properties:
            values = ", ".join(f"{name}: {_said(value)}" for name, value in page.properties.items())
            console.line(f"{'  ' * depth}  {printable(values)}")
    return Exit.OK


def _said(value: object) -> str:
    """A property's value in a line: lists in brackets as in front matter, dates as `from/to`."""
    if isinstance(value, dict):
        return "/".join(map(str, value.values()))
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def open(options: Namespace) -> int:
    import webbrowser

    from publisher.shelf import chosen

    settings = settings_of(options)
    store = known_state(settings)
    try:
        (page,) = chosen([options.path], settings, store, Path.cwd())
    finally:
        store.close()
    Console().line(page.url)
    if not options.print:
        webbrowser.open(page.url)
    return Exit.OK


def archive(options: Namespace) -> int:
    return _shelve(options, "archive", "-")


def restore(options: Namespace) -> int:
    return _shelve(options, "restore", "+")


def _shelve(options: Namespace, name: str, sign: str) -> int:
    """Move pages to the trash, or out of it."""
    from publisher import shelf

    settings = settings_of(options)
    console = Console(options.quiet)
    require(settings.folder)
    where = state_file(settings)
    with lock(where):
        store = known_state(settings, reading=False)
        try:
            pages = shelf.chosen(options.paths, settings, store, Path.cwd())
            workspace = open_workspace(settings, lambda: None, tell=console.note)

            def done(page: KnownPage) -> None:
                console.line(f"{sign} {printable(page.title)}")

            def idle(page: KnownPage) -> None:
                console.line(f". {printable(page.title)} is not in the trash")

            if name == "archive":
                asyncio.run(shelf.archive(pages, store, workspace, done))
            else:
                asyncio.run(shelf.restore(pages, store, workspace, done, idle))
        finally:
            store.close()
    return Exit.OK
