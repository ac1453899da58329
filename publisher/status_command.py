"""`status`: what others did in the workspace."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from functools import partial

from publisher.console import Console, print_json
from publisher.status import Survey
from publisher.telling import exit_code, shown_name
from publisher.wording import page_line
from publisher.workplace import known_state, looking, settings_of


def status(options: Namespace) -> int:
    settings = settings_of(options)
    console = Console(options.quiet, options.json)
    store = known_state(settings)
    try:
        survey = Survey(settings, store, partial(looking, settings, tell=console.note))
        report = asyncio.run(survey.look())
    finally:
        store.close()
    if options.json:
        print_json(report.as_json())
        return exit_code(report)
    for page in report.pages:
        if page.action != "unchanged" or page.note or options.verbose:
            console.line(page_line(page, console.width, shown_name(settings, options)))
    console.diagnostics(report.diagnostics, shown_name(settings, options))
    console.line(survey.summary)
    return exit_code(report)
