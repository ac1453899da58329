"""What a command says at the end of a run, and its exit code."""

from __future__ import annotations

import json
from argparse import Namespace

from publisher import hints
from publisher.config import Settings
from publisher.console import Console, print_json, print_line
from publisher.errors import Exit
from publisher.report import Report, diagnostic_json
from publisher.wording import diagnostics_summary, from_here, nothing_in, page_line, summary


def format_of(options: Namespace) -> str:
    """The form of a report that was asked for; `--json` is short for one."""
    return "json" if options.json else str(options.format)


def shown_name(settings: Settings, options: Namespace) -> str:
    """What the folder is called: as it was typed, or as it is reached from where one stands."""
    return options.folder or from_here(settings.folder)


def is_old(report: Report, said: str | None) -> bool:
    """Whether nothing was sent, and nothing is to be said but what the last run has `said`, as the state has it."""
    now = [diagnostic_json(item) for item in report.diagnostics]
    return not report.writes and bool(now) and now == json.loads(said or "[]")


def print_report(
    report: Report, settings: Settings, options: Namespace, console: Console, old: bool = False
) -> None:
    """A report in the form that was asked for."""
    match format_of(options):
        case "json":
            print_json(report.as_json())
        case "markdown":
            from publisher.markdown import markdown

            for line in markdown(report, shown_name(settings, options)):
                print_line(line)
        case _:
            tell(report, settings, options, console, old)


def exit_code(report: Report) -> int:
    """Exit code of a run that came to its end; the worst thing counts."""
    if report.interrupted:
        return Exit.INTERRUPTED
    if report.conflicts:
        return Exit.CONFLICT
    return Exit.FAILED if report.failed or report.stopped else Exit.OK


def tell(report: Report, settings: Settings, options: Namespace, console: Console, old: bool = False) -> None:
    """Say what a run did, for people. Of diagnostics that are `old` only their number, unless more is asked for."""
    shown = shown_name(settings, options)
    if not old or options.verbose:
        console.diagnostics(report.diagnostics, shown, "info" if options.verbose else "warning")
    if options.verbose:
        if not report.sorted:
            report.sort({})
        for page in report.pages:
            if page.action == "unchanged":
                console.line(page_line(page, console.width))
    counts = diagnostics_summary(report.diagnostics)
    if report.stopped:
        console.note(report.stopped)
        return
    limited = getattr(options, "since", None) or getattr(options, "changed", False)
    told = report.holds_pages or limited or report.interrupted
    console.line(summary(report) if told else nothing_in(shown))
    if counts:
        notes = any(item.severity == "info" for item in report.diagnostics)
        console.line(f"{counts}; `{hints.check(settings, options, notes)}` shows them all.")
    if report.interrupted:
        console.note("Interrupted; the state is saved. Run it again to go on.")
    elif report.url and settings.target == "local" and not settings.base_url:
        console.line(f"To read them, run: {hints.serve(settings, options)}\n{report.url}")
    elif report.url:
        console.line(report.url)
