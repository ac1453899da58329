"""Diagnostics as text with the line they speak of, as JSON, as GitHub annotations and as SARIF. Values in, text out."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from converters.diagnostics import CODES, Diagnostic, Severity
from publisher import __version__
from publisher.report import diagnostic_json
from publisher.wording import diagnostics_summary, printable, wrapped

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ASKED = ("link-moved", "link-unsure")  # notes that only `--external` brings
_GITHUB: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF: Mapping[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is to be said about a folder or a file.

    `shown` stands before the paths where people read them. `base` is the directory that the paths start from, and
    `root` the top of the repository, which machines count from. `source` is the text of a file that has no path.
    """

    items: tuple[Diagnostic, ...]
    shown: str = ""
    base: Path = Path()
    root: Path = Path()
    source: bytes | None = None

    def count(self, severity: Severity) -> int:
        return sum(item.severity == severity for item in self.items)

    def place(self, item: Diagnostic) -> str:
        """The path of a diagnostic's file from the repository's top, POSIX; absolute if it is not below it."""
        if self.source is not None:
            return item.path
        path = Path(os.path.abspath(self.base / item.path))  # noqa: PTH100 - links stay what they are
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def repository(start: Path) -> Path:
    """The top of the repository that a directory is in; the directory itself if there is none."""
    start = Path(os.path.abspath(start))  # noqa: PTH100 - links stay what they are
    return next((place for place in (start, *start.parents) if (place / ".git").exists()), start)


# -- for people --------------------------------------------------------------------------------------------------------


def text(findings: Findings, width: int = 0, notes: bool = True) -> Iterator[str]:
    """Each diagnostic, and a summary. Without `notes`, only the number of those that nobody has asked for.

    With a `width` in columns words are kept whole; the source line follows, and a caret.
    """
    lines = _reader(findings)
    shown = [item for item in findings.items if notes or item.severity != "info" or item.code in _ASKED]
    for item in shown:
        yield wrapped(item, findings.shown, width)
        if width and item.line:
            yield from _excerpt(lines(item.path), item, width)
    counts = diagnostics_summary(findings.items) or "Nothing to report."
    hidden = f"; -v shows {'all' if shown else 'them'}." if len(shown) < len(findings.items) else ""
    yield counts + hidden


def _reader(findings: Findings) -> Callable[[str], list[str]]:
    @lru_cache(maxsize=2)  # the diagnostics are sorted by path
    def lines(path: str) -> list[str]:
        try:
            data = (findings.base / path).read_bytes() if findings.source is None else findings.source
        except (OSError, ValueError):
            return []
        source = data.decode("utf-8", "replace").removeprefix("\ufeff")
        return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    return lines


def _excerpt(lines: list[str], item: Diagnostic, width: int) -> Iterator[str]:
    """The line and a caret below the column; of a long line the part around it."""
    if item.line > len(lines) or not lines[item.line - 1].strip():
        return
    line = lines[item.line - 1].replace("\t", " ")
    room = max(width - 8, 20)
    at = min(max(item.column - 1, 0), len(line))
    start = max(0, min(at - room // 2, len(line) - room)) if len(line) > room else 0
    piece = printable(line[start : start + room])
    yield f"{item.line:>5} | {piece}"
    if item.column:
        yield f"{'':>5} | {' ' * _columns(printable(line[start:at]))}^"


def _columns(characters: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in characters
    )


# -- for machines ------------------------------------------------------------------------------------------------------


def as_json(findings: Findings) -> str:
    counts = {"errors": "error", "warnings": "warning", "infos": "info"}
    value: dict[str, Any] = {name: findings.count(severity) for name, severity in counts.items()}  # type: ignore[arg-type]  # the three severities
    value["diagnostics"] = [diagnostic_json(item) for item in findings.items]
    return json.dumps(value, ensure_ascii=False)


def github(findings: Findings) -> Iterator[str]:
    """Workflow commands: GitHub Actions shows each at its line of the change."""
    for item in findings.items:
        properties = {"file": findings.place(item)} if item.path else {}
        if item.line:
            properties |= {"line": str(item.line), "col": str(max(item.column, 1))}
        properties["title"] = item.code
        where = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        yield f"::{_GITHUB[item.severity]} {where}::{_data(item.message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Findings) -> str:
    """A SARIF 2.1.0 log with one run, for code scanning and editors."""
    codes = list(CODES)
    rules = [
        {
            "id": code,
            "shortDescription": {"text": _first_sentence(about.help)},
            "fullDescription": {"text": about.help},
            "help": {"text": about.help},
            "defaultConfiguration": {"level": _SARIF[about.severity]},
        }
        for code, about in CODES.items()
    ]
    driver = {"name": "pagemill", "version": __version__, "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"uri": findings.root.absolute().as_uri().rstrip("/") + "/"}},
        "results": [_result(findings, item, codes.index(item.code)) for item in findings.items],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False)


def _first_sentence(help: str) -> str:
    end = help.find(". ")
    return help if end < 0 else help[: end + 1]


def _result(findings: Findings, item: Diagnostic, rule: int) -> dict[str, Any]:
    place = findings.place(item)
    file: dict[str, Any] = {"uri": quote(place, errors="surrogatepass")}
    if not Path(place).is_absolute():
        file["uriBaseId"] = "SRCROOT"
    else:
        file["uri"] = Path(place).as_uri()
    where: dict[str, Any] = {"artifactLocation": file}
    if item.line:
        where["region"] = {"startLine": item.line, "startColumn": max(item.column, 1)}
    return {
        "ruleId": item.code,
        "ruleIndex": rule,
        "level": _SARIF[item.severity],
        "message": {"text": item.message},
        "locations": [{"physicalLocation": where}] if item.path else [],
    }
