"""A report as Markdown: the body of a comment on a change, or the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from converters.diagnostics import Diagnostic
from publisher.report import SIGNS, PageReport, Report
from publisher.wording import diagnostics_summary, note_of, printable, summary

MARK = "<!-- pagemill -->"  # by it a comment is found again and brought up to date
MAX_TABLE = 25_000  # characters of the table, and of the diagnostics: a comment on GitHub holds 65,536 in all
MAX_TEXT = 200  # characters of a title, a path or a message
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&$-])")


def markdown(report: Report, folder: str) -> Iterator[str]:
    """Lines of Markdown. `folder` stands before the paths of diagnostics and notes."""
    yield MARK
    yield f"**pagemill** {report.command}, {report.target}: {summary(report)}"
    if report.stopped:
        yield f"\n{_plain(report.stopped)}"
    pages = [page for page in report.pages if page.action != "unchanged"]
    if pages:
        yield "\n| | page | file | requests |\n|---|---|---|---|"
        yield from _within([_row(page, folder) for page in pages])
    told = [item for item in report.diagnostics if item.severity != "info"]
    if told:
        opened = " open" if any(item.severity == "error" for item in told) else ""
        yield f"\n<details{opened}><summary>{diagnostics_summary(told)}</summary>\n"
        yield from _within([_line(item, folder) for item in told])
        yield "\n</details>"
    if report.url.startswith("http"):
        yield f"\n<{report.url}>"


def _row(page: PageReport, folder: str) -> str:
    title = _plain(page.title)
    if page.url.startswith("http"):
        title = f"[{title}]({page.url})"
    note = f"<br>{_plain(note_of(page, folder))}" if page.note else ""
    return f"| {_plain(SIGNS[page.action])} {page.action} | {title}{note} | {_code(page.path)} | {page.requests or ''} |"


def _line(item: Diagnostic, folder: str) -> str:
    path = f"{folder.rstrip('/')}/{item.path}" if folder not in ("", ".") and item.path else item.path
    place = f"{path}:{item.line}:{item.column}" if item.line else path
    return f"- {item.severity}: {_code(place)} {_plain(item.message)} (`{item.code}`)"


def _within(lines: Sequence[str]) -> Iterator[str]:
    """As many lines as there is room for."""
    room = MAX_TABLE
    for number, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            yield f"\n… and {len(lines) - number} more."
            return
        yield line


def _plain(text: str) -> str:
    """Text that means nothing in Markdown: no markup, no mention of anybody."""
    return (
        _SPECIAL.sub(r"\\\1", _short(text))
        .replace("\\@", "&#64;")
        .replace("\\<", "&lt;")
        .replace("\\&", "&amp;")
    )


def _code(text: str) -> str:
    text = _short(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"{fence}{text}{fence}"


def _short(text: str) -> str:
    text = " ".join(printable(text).split())
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
