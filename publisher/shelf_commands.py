"""`pages`, `open`, `archive`, `restore`: pages that are published already."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from publisher.console import Console, print_json
from publisher.errors import Exit
from publisher.known import KnownPage
from publisher.locking import lock
from publisher.scan import require
from publisher.wording import printable
from publisher.workplace import known_state, open_workspace, settings_of, state_file

if TYPE_CHECKING:
    from publisher.shelf import Published

TITLE = 30  # columns for a title beside a time and a path


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
        for line in _lines(page, depth, console.width, options.verbose):
            console.line(line)
    return Exit.OK


def _lines(page: Published, depth: int, width: int, verbose: bool) -> Iterator[str]:
    """A page for a terminal of so many columns: what does not fit into a line goes on the next, none in mid-word."""
    margin = "  " * depth
    mark = " (archived)" if page.archived else " (database)" if page.database else ""
    *above, title = _wrapped(printable(page.title) + mark, margin, width) or [margin]
    yield from above
    if not verbose:
        yield from _fitted(f"{title:<39}", printable(page.path), margin, width)
        return
    when = _local(page.published) if page.published else ""
    if len(title) > TITLE:
        yield title
        title = ""
    yield from _fitted(f"{title:<{TITLE}}  {when:<16}", printable(page.path), margin, width)
    room = max(width - len(page.url), 0)  # deep down an address would not fit otherwise
    yield f"{margin}  "[:room] + page.url
    if page.properties:
        values = ", ".join(f"{name}: {_said(value)}" for name, value in page.properties.items())
        yield from _wrapped(printable(values), margin + "  ", width)


def _fitted(line: str, more: str, margin: str, width: int) -> Iterator[str]:
    """A line with more behind it, or below it where that is too long."""
    if len(whole := f"{line}  {more}") <= width:
        yield whole.rstrip()
    else:
        yield line.rstrip()
        yield f"{margin}    {more}".rstrip()


def _wrapped(text: str, margin: str, width: int) -> list[str]:
    width = max(width, len(margin) + 20)
    more = margin + "    "
    return wrap(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=more,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _local(when: str) -> str:
    """A moment in UTC as a clock on the wall shows it, to the minute."""
    return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M")


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
