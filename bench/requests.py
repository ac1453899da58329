"""Every request of real publishes, checked against the services' own OpenAPI files.

    python bench/requests.py SPEC_DIR FOLDER…

Publishes each folder into an embedded workspace as both services: new, then with a third of its files edited, one
renamed and one removed and pruned. Each request must be an operation of the file, and its body must fit. One line per
folder and service: requests, operations used, and how many do not fit. Exit code 1 if any does not.

SPEC_DIR holds `buildin-v2.docs-merged.openapi.json` and `notion.openapi.json`. Notion's is older than `heading_4`,
which is checked as `heading_3`.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from publisher.config import Settings, load
from publisher.job import Job
from publisher.remote.port import Answer, Request, Transport
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

FILES = {"buildin": "buildin-v2.docs-merged.openapi.json", "notion": "notion.openapi.json"}


class Spec:
    """The operations of one service."""

    def __init__(self, path: Path) -> None:
        self.document = json.loads(path.read_text(encoding="utf-8"))
        resource: Resource[Any] = DRAFT202012.create_resource(self.document)
        self.registry: Registry[Any] = Registry().with_resource("spec:", resource)
        self.paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + r"\Z"), path) for path in self.document["paths"]
        ]

    def operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]] | None:
        found = [template for pattern, template in self.paths if pattern.match(path)]
        template = min(found, key=lambda name: name.count("{"), default="")
        operation = self.document["paths"].get(template, {}).get(method.lower())
        return None if operation is None else (template, operation)

    @cache  # noqa: B019 - two specs, for the life of the program
    def validator(self, template: str, method: str) -> Validator | None:
        pointer = f"paths/{template.replace('~', '~0').replace('/', '~1')}/{method.lower()}/requestBody"
        if "requestBody" not in self.document["paths"][template][method.lower()]:
            return None
        schema = {"$ref": f"spec:#/{pointer}/content/application~1json/schema"}
        return Draft202012Validator(schema, registry=self.registry)

    def error(self, request: Request) -> str:
        """What is wrong with a request; empty if it fits."""
        found = self.operation(request.method, request.path.partition("?")[0])
        if found is None:
            return "no such operation"
        validator = self.validator(found[0], request.method)
        if validator is None:
            return "" if request.body is None else "takes no body"
        if request.stream is not None:
            return "" if request.path.endswith("/send") else "streams where none is taken"
        body = json.loads((request.body or b"null").replace(b'"heading_4"', b'"heading_3"'))
        error = next(iter(validator.iter_errors(body)), None)
        while error is not None and error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" if error else ""


@dataclass
class Judge:
    """A transport that checks what goes through it."""

    inner: Transport
    spec: Spec
    operations: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    async def send(self, request: Request) -> Answer:
        if request.url:  # a storage's, not the service's
            self.operations[f"{request.method} storage"] += 1
            return await self.inner.send(request)
        found = self.spec.operation(request.method, request.path.partition("?")[0])
        self.operations[f"{request.method} {found[0] if found else '?'}"] += 1
        if error := self.spec.error(request):
            self.errors.append(f"{request.method} {request.path}: {error}")
        return await self.inner.send(request)

    async def close(self) -> None:
        await self.inner.close()


def publish(settings: Settings, spec: Spec, judges: list[Judge]) -> None:
    def connect(count: Any) -> Any:
        workspace = open_workspace(settings, count)
        assert workspace.attach is not None
        judges.append(Judge(workspace.attach.inner, spec))  # where files have their references
        workspace.attach.inner = judges[-1]
        return workspace

    store = Store(state_file(settings))
    try:
        asyncio.run(Run(Job(settings, connect, force=True), store).publish())
    finally:
        store.close()


def disturb(folder: Path) -> None:
    """Edit every third file, rename one, remove one."""
    files = sorted(folder.rglob("*.md"))
    for path in files[::3]:
        lines = path.read_text(encoding="utf-8").split("\n")
        middle = len(lines) // 2
        path.write_text(
            "\n".join([*lines[:middle], "", "Inserted here.", "", *lines[middle + 2 :]]), encoding="utf-8"
        )
    names = [path for path in files if path.stem.lower() not in ("index", "readme", "_index")]
    names[0].rename(names[0].with_name("renamed-by-bench.md"))
    names[-1].unlink()


def one(folder: Path, service: str, spec: Spec) -> list[str]:
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary, folder.resolve().name)
        shutil.copytree(folder, copy)
        settings = load({"folder": str(copy), "dialect": service, "prune": True}, {})
        judges: list[Judge] = []
        publish(settings, spec, judges)
        disturb(copy)
        publish(settings, spec, judges)
    operations = sum((judge.operations for judge in judges), Counter[str]())
    errors = [error for judge in judges for error in judge.errors]
    used = ", ".join(f"{name} {count}" for name, count in sorted(operations.items()))
    print(
        f"{folder.name:<16} {service:<8} requests {operations.total():>5}  do not fit {len(errors)}  ({used})",
        flush=True,
    )
    return errors


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__)
        return 2
    specs = {service: Spec(Path(arguments[0], name)) for service, name in FILES.items()}
    bad = 0
    for folder in arguments[1:]:
        for service, spec in specs.items():
            errors = one(Path(folder), service, spec)
            bad += len(errors)
            for error in errors[:5]:
                print(f"    {error}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
