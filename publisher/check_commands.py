"""`convert` and `check`: what needs no workspace."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from publisher import report as show
from publisher.commands import settings_of
from publisher.errors import Exit
from publisher.report import Console


def convert(options: Namespace) -> int:
    from publisher.converting import documents

    settings = settings_of(options)
    failed = False
    several = len(options.files) > 1 or Path(options.files[0]).is_dir()
    for document in documents(options.files, settings, options.dialect or settings.dialect):
        failed = failed or any(item["severity"] == "error" for item in document["diagnostics"])
        show.print_json(document, indent=None if several else 2)
    return Exit.FAILED if failed else Exit.OK


def check(options: Namespace) -> int:
    from publisher import findings
    from publisher.converting import check as look

    console = Console(options.quiet)
    found = look(options.folder, settings_of(options))
    match "json" if options.json else options.format:
        case "json":
            show.print_line(findings.as_json(found))
        case "sarif":
            show.print_line(findings.sarif(found))
        case "github":
            for line in findings.github(found):
                show.print_line(line)
        case _:
            for line in findings.text(found, console.width if sys.stdout.isatty() else 0):
                console.line(line)
    return Exit.FAILED if found.count("error") else Exit.OK
