"""`convert` and `check`: what needs no workspace."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.console import Bar, Console, print_json, print_line
from publisher.errors import Exit
from publisher.settings import Settings
from publisher.workplace import settings_of

if TYPE_CHECKING:
    from publisher.converting import Ask


def convert(options: Namespace) -> int:
    from publisher.converting import documents

    settings = settings_of(options)
    failed = False
    several = len(options.files) > 1 or Path(options.files[0]).is_dir()
    for document in documents(options.files, settings, options.dialect or settings.dialect):
        failed = failed or any(item["severity"] == "error" for item in document["diagnostics"])
        print_json(document, indent=None if several else 2)
    return Exit.FAILED if failed else Exit.OK


def check(options: Namespace) -> int:
    from publisher import findings
    from publisher.converting import check as look

    console = Console(options.quiet)
    settings = settings_of(options)
    if options.dialect:  # counts also where the settings name a target
        settings = replace(settings, target="local")
    with _external(settings, options, console) as ask:
        found = look(options.folder, settings, ask)
    match "json" if options.json else options.format:
        case "json":
            print_line(findings.as_json(found))
        case "sarif":
            print_line(findings.sarif(found))
        case "github":
            for line in findings.github(found):
                print_line(line)
        case _:
            width = console.width if sys.stdout.isatty() else 0
            for line in findings.text(found, width, options.verbose):
                console.line(line)
    return Exit.FAILED if found.count("error") else Exit.OK


@contextmanager
def _external(settings: Settings, options: Namespace, console: Console) -> Iterator[Ask | None]:
    """What asks for external addresses, with a progress bar; None if they are not to be asked for."""
    if not options.external:
        yield None
        return
    from publisher.external.check import External

    with ExitStack() as stack:
        bar: list[Bar] = []

        def begin(asked: int, known: int, passed: int) -> None:
            before = f"; {known} more are known from before" if known else ""
            console.note(f"Asking for {asked} external address{'es' if asked != 1 else ''}{before}.")
            if passed:
                ignored = ", external.ignore" if settings.external_ignore else ""
                console.note(f"{passed} not asked: this computer, private networks, example.com{ignored}.")
            bar.append(stack.enter_context(console.progress(asked, "Asking")))

        def step() -> None:
            for progress in bar:
                progress.step()

        again = options.no_cache
        yield External(settings.external_ignore, settings.state, again, begin=begin, step=step).look
