"""Plans that were written down: `plan --refresh` and `--out` make them, `publish --plan` sends what they say.

A plan is made by a rehearsal on a copy of the state, so it holds the very requests. It is good as long as the folder
and the state are as they were; and while it is sent, a write that is not in it is refused before it goes out. So what
was reviewed is sent and nothing else, whatever somebody does in the workspace meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

from publisher import shapes
from publisher.account import PAGE
from publisher.errors import ConflictError, UsageError
from publisher.folder import Folder, load
from publisher.job import Job
from publisher.known import KnownPage
from publisher.planning.files import LocalFile
from publisher.rehearsal import Rehearsal
from publisher.remote.port import Answer, Request, Transport
from publisher.remote.throttle import expected_seconds
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.scan import scan
from publisher.settings import Settings
from publisher.store import Store
from publisher.supplies import Forecast
from publisher.sync import Run

VERSION = 1
_PLACE = ("target", "base_url", "parent", "dialect", "database")
_POLICY = ("prune", "on_drift", "on_conflict", "prefer", "comments", "siblings", "own_links")
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_URL = re.compile(r"https?://[^\s\"\\]*")
_SECTIONS = ("pagemill", "place", "policy", "folder", "state", "known", "requests")

Connect: TypeAlias = Callable[[Callable[[], None]], Workspace]
Plan: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Rehearsed:
    """What a rehearsal came to: the report, and the plan as it is written down."""

    report: Report
    plan: Plan


def rehearse(
    settings: Settings,
    store: Store,
    connect: Connect,
    force: bool = False,
    paths: frozenset[str] | None = None,
) -> Rehearsed:
    """Plan a publish exactly: reads the workspace, sends no write, and leaves the state as it is.

    Raises:
        UsageError: the folder needs requests that cannot be rehearsed.
        PagemillError: the workspace could not be read.
    """
    copy = store.copy()
    rehearsals: list[Rehearsal] = []
    try:
        folder = load(settings, scan(settings.folder, settings.ignore), copy)
        job = Job(
            settings, partial(_rehearsing, connect, rehearsals), force=force, folder=folder, paths=paths
        )
        report = asyncio.run(Run(job, copy).publish())
        pages = {page.key: page for page in (*store.listing(), *copy.listing())}
        there = copy.uploads()
    finally:
        copy.close()
    requests = [item for rehearsal in rehearsals for item in rehearsal.writes]
    made = {id.replace("-", "") for rehearsal in rehearsals for id in rehearsal.made}
    shown = [_shown(pages[key].path if key in pages else key, request) for key, request in requests]
    report.reads += sum(rehearsal.reads for rehearsal in rehearsals)
    report.writes += len(requests)
    _count_uploads(report, folder, requests, pages, there)
    plan = _plan(folder, store.generation(), force, shown, made)
    return Rehearsed(_report(report, settings, made), plan)


def _rehearsing(connect: Connect, rehearsals: list[Rehearsal], count: Callable[[], None]) -> Workspace:
    """A workspace that is only read; its rehearsal is added to the others."""

    def wrap(inner: Transport) -> Rehearsal:
        rehearsals.append(Rehearsal(inner, PAGE.get, count))
        return rehearsals[-1]

    return connect(count).through(wrap)


def _plan(
    folder: Folder, state: str, force: bool, shown: Sequence[dict[str, Any]], made: Container[str]
) -> Plan:
    """The plan of these requests. What is made by them has no id yet that they could name."""
    ids = {id.replace("-", "") for id in _ID.findall(json.dumps(shown, ensure_ascii=False))}
    known = {id for id in ids if id not in made}
    return {
        "pagemill": {"plan": VERSION, "made": datetime.now(UTC).isoformat(timespec="seconds")},
        "place": _part(folder.settings, _PLACE),
        "policy": {**_part(folder.settings, _POLICY), "force": force},
        "folder": folder.converged(),
        "state": state,
        "known": sorted(known),
        "requests": [json.loads(plain(json.dumps(item, ensure_ascii=False), known)) for item in shown],
    }


def _count_uploads(
    report: Report,
    folder: Folder,
    requests: Iterable[tuple[str, Request]],
    pages: Mapping[str, KnownPage],
    there: Collection[tuple[str, str]],
) -> None:
    """Add the uploads that the requests will take, each with its page's key; a rehearsal makes none."""
    seen = folder.assets.seen.values() if folder.assets is not None else ()
    files = {item.hash: item for item in seen if isinstance(item, LocalFile)}
    uploads = Forecast(files, there, folder.dialect.name == "notion")
    more: Counter[str] = Counter()
    for key, request in requests:
        page = pages.get(key)
        path, id = (page.path, page.id) if page is not None else (key, key)
        more[path] += uploads.add(id, [request.body or b""])
    report.pages = [replace(page, requests=page.requests + more[page.path]) for page in report.pages]
    report.uploads, report.uploaded_bytes = uploads.count, uploads.size
    report.writes += uploads.writes


def _report(report: Report, settings: Settings, made: Container[str]) -> Report:
    """What the run says, as a plan: pages that it only pretended to make have no id and no address."""
    report.command = "plan"
    report.url = "" if any(id.replace("-", "") in made for id in _ID.findall(report.url)) else report.url
    report.pages = [
        replace(page, id="", url="") if page.id.replace("-", "") in made else page for page in report.pages
    ]
    report.expected_seconds = expected_seconds(settings.target, report.reads, report.writes)
    return report


def plain(text: str, known: Container[str]) -> str:
    """A request as JSON without what cannot be known before it is sent: ids and addresses of what is new."""

    def settled(part: str) -> bool:
        return all(id.replace("-", "") in known for id in _ID.findall(part))

    text = _URL.sub(lambda url: url[0] if settled(url[0]) else "new", text)
    return _ID.sub(lambda id: id[0] if settled(id[0]) else "new", text)


def _part(settings: Settings, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in names}


def _shown(page: str, request: Request) -> dict[str, Any]:
    body = json.loads(request.body) if request.body else None
    return {"page": page, "method": request.method, "path": request.path, "body": body}


def write(plan: Plan, file: Path) -> None:
    """Write a plan for people to read, with a mark by which a change to it is seen.

    Raises:
        UsageError: the file cannot be written.
    """
    text = json.dumps({**plan, "mark": _mark(plan)}, ensure_ascii=False, indent=2)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror or error}.", "Name another file with --out."
        ) from error


def read(file: Path) -> Plan:
    """A plan that `write` wrote.

    Raises:
        UsageError: it cannot be read, is none, or was changed by hand.
    """
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
        mark = plan.pop("mark")
        whole = set(plan) == set(_SECTIONS) and plan["pagemill"]["plan"] == VERSION
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror or error}.", "`pagemill plan --out` writes a plan."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise UsageError(
            f"{file} is no plan of this version of pagemill.", "`pagemill plan --out` writes one."
        )
    if mark != _mark(plan):
        raise UsageError(
            f"{file} was changed since it was written.", "Make a new plan with `pagemill plan --out`."
        )
    assert isinstance(plan, dict)
    return plan


def _mark(plan: Plan) -> str:
    text = json.dumps(plan, ensure_ascii=False, sort_keys=True)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def adopted(plan: Plan, settings: Settings) -> tuple[Settings, bool]:
    """The settings with the policies of the plan, and whether it was made with --force.

    Raises:
        UsageError: the plan is for another place.
    """
    for name, value in plan["place"].items():
        if getattr(settings, name) != value:
            raise UsageError(
                f"The plan is for another place: {name} was {value!r}, now it is {getattr(settings, name)!r}.",
                "Give the same options as when it was made.",
            )
    policy = dict(plan["policy"])
    force = bool(policy.pop("force"))
    return replace(settings, **policy), force


def bound(job: Job, plan: Plan, store: Store) -> Job:
    """The same publish, but it sends the requests of the plan and no other write.

    Raises:
        ConflictError: the folder or the state is not what the plan was made for.
    """
    hint = "Make a new plan with `pagemill plan --out`."
    if store.generation() != plan["state"]:
        raise ConflictError("The folder has been published since the plan was made.", hint)
    folder = load(job.settings, scan(job.settings.folder, job.settings.ignore), store)
    shapes.shape(folder)  # follows the links, so that the files that go up count too
    if folder.converged() != plan["folder"]:
        raise ConflictError("Files have changed since the plan was made.", hint)

    def connect(count: Callable[[], None]) -> Workspace:
        return job.connect(count).through(lambda inner: Guard(inner, plan))

    return replace(job, connect=connect, folder=folder)


class Guard:
    """A transport that lets through the writes of a plan, each as often as it stands there, and all reads."""

    def __init__(self, inner: Transport, plan: Plan) -> None:
        self._inner = inner
        self._known = frozenset(plan["known"])
        self._left = Counter(_form([item["method"], item["path"], item["body"]]) for item in plan["requests"])

    async def send(self, request: Request) -> Answer:
        if request.nature != "read":
            body = json.loads(request.body) if request.body else None
            form = plain(_form([request.method, request.path, body]), self._known)
            if not self._left[form]:
                raise ConflictError(
                    f"{request.method} {request.path} is not in the plan, so it was not sent: somebody has edited the "
                    "page since the plan was made.",
                    "Make a new plan with `pagemill plan --out`.",
                )
            self._left[form] -= 1
        return await self._inner.send(request)

    async def close(self) -> None:
        await self._inner.close()


def _form(request: list[Any]) -> str:
    return json.dumps(request, ensure_ascii=False, sort_keys=True)
