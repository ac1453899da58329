"""What a run did, as values and as JSON; `wording` puts it into words, `console` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from converters.diagnostics import Diagnostic
from publisher.planning.records import BasePlan
from publisher.planning.tree import natural_path

Action: TypeAlias = Literal[
    "create", "update", "move", "trash", "unchanged", "conflict", "failed", "removed", "held-back"
]

SIGNS: dict[Action, str] = {
    "create": "+",
    "update": "~",
    "move": ">",
    "trash": "-",
    "unchanged": ".",
    "conflict": "!",
    "failed": "x",
    "removed": "?",
    "held-back": "!",
}


@dataclass(frozen=True, slots=True)
class PageReport:
    """What happened, or would happen, to one page. `requests` counts reads and writes about this page."""

    path: str
    title: str
    action: Action
    id: str = ""
    url: str = ""
    requests: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class PropertyReport:
    """A property of a database. `sign` is "+" for one that is or was added, "~" for one that gets options, else "."."""

    name: str
    type: str
    sign: str
    options: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """A database and the properties that its records need, with the reason for each that was inferred."""

    path: str
    title: str
    properties: tuple[PropertyReport, ...] = ()


def describe_base(plan: BasePlan) -> DatabaseReport:
    """What the plan of a database says of its schema."""
    why = {item.property.name: item.why for item in plan.added}
    changed = {item.name for item in plan.changes}
    return DatabaseReport(
        plan.spec.key,
        plan.spec.title,
        tuple(
            PropertyReport(
                item.name,
                item.type,
                "+" if item.name in why else "~" if item.name in changed else ".",
                item.options,
                why.get(item.name, ""),
            )
            for item in plan.schema
        ),
    )


@dataclass(slots=True)
class Report:
    """What a run did. `seconds` is wall time; `interrupted` that it was stopped and the state saved.

    `uploads` are the files that were uploaded, or would be; their requests count among reads and writes. `sorted`: the
    pages stand as readers see them, not as they were done.
    """

    command: str = "publish"
    target: str = "local"
    folder: str = ""
    reads: int = 0
    writes: int = 0
    # thousands; asyncio shows results in passing
    pages: list[PageReport] = field(default_factory=list, repr=False)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    seconds: float = 0.0
    expected_seconds: float = 0.0
    unchanged: int = 0
    url: str = ""
    interrupted: bool = False
    stopped: str = ""
    databases: list[DatabaseReport] = field(default_factory=list)
    uploads: int = 0
    uploaded_bytes: int = 0
    sorted: bool = False

    def count(self, action: Action) -> int:
        return sum(1 for page in self.pages if page.action == action)

    def sort(self, places: Mapping[str, int]) -> None:
        """Put the pages in the order in which readers see them; those that have no place at the end, by path."""

        def place(page: PageReport) -> tuple[object, ...]:
            known = places.get(page.path)
            return (len(places), natural_path(page.path)) if known is None else (known,)

        self.pages.sort(key=place)
        self.sorted = True

    @property
    def holds_pages(self) -> bool:
        """Whether there is any page to speak of: a folder without Markdown files, published or to come, has none."""
        return bool(self.pages or self.unchanged)

    @property
    def conflicts(self) -> int:
        return self.count("conflict")

    @property
    def failed(self) -> int:
        """Pages that the service refused, and pages held back because of an error in their file."""
        return self.count("failed") + self.count("held-back")

    def as_json(self) -> dict[str, Any]:
        """The documented shape of `--json` (README, "JSON")."""
        return {
            "command": self.command,
            "target": self.target,
            "folder": self.folder,
            "url": self.url,
            "reads": self.reads,
            "writes": self.writes,
            "created": self.count("create"),
            "updated": self.count("update"),
            "moved": self.count("move"),
            "trashed": self.count("trash"),
            "unchanged": self.unchanged,
            "removed": self.count("removed"),
            "conflicts": self.conflicts,
            "failed": self.failed,
            "uploads": self.uploads,
            "uploaded_bytes": self.uploaded_bytes,
            "interrupted": self.interrupted,
            "pages": [asdict(page) for page in self.pages],
            **({"databases": [asdict(base) for base in self.databases]} if self.databases else {}),
            "diagnostics": [diagnostic_json(item) for item in self.diagnostics],
            "seconds": round(self.seconds, 3),
            **({"expected_seconds": round(self.expected_seconds, 1)} if self.command == "plan" else {}),
        }


def diagnostic_json(item: Diagnostic) -> dict[str, Any]:
    return {
        "code": item.code,
        "severity": item.severity,
        "path": item.path,
        "line": item.line,
        "column": item.column,
        "message": item.message,
    }
