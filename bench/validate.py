"""Validate what a publish would send against the services' own OpenAPI files.

    python bench/validate.py SPEC_DIR FOLDER...

SPEC_DIR holds `buildin-v2.openapi.json` and `notion.openapi.json`. Every Markdown file of the folders is converted;
each block input, its update and the head of its page are checked. One line per folder and dialect; exit code 1 if
anything is invalid. Notion's file is older than `heading_4`, which is checked as a `heading_3`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, Dialect, Reference, address, resolve, resolve_head
from converters.document import convert_bytes

FILES = {"buildin": "buildin-v2.openapi.json", "notion": "notion.openapi.json"}
Place = tuple[str | int, ...]


class Spec:
    """The schemas of one service that a publish touches, compiled."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.document = json.loads(path.read_text(encoding="utf-8"))
        resource: Resource[Any] = DRAFT202012.create_resource(self.document)
        self._registry: Registry[Any] = Registry().with_resource("spec:", resource)
        block = "blockObjectRequest" if name == "notion" else "BlockInput"
        self.blocks = self._by_type(("components", "schemas", block))
        body: Place = ("requestBody", "content", "application/json", "schema")
        route = "/v1/blocks/{block_id}" if name == "notion" else "/v2/blocks/{block_id}"
        self.updates = self._by_type(("paths", route, "patch", *body))
        create = ("paths", "/v1/pages", "post") if name == "notion" else ("paths", "/v2/pages", "post")
        self.page = self._validator((*create, *body))

    def _validator(self, place: Place) -> Validator:
        pointer = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in place)
        return Draft202012Validator({"$ref": f"spec:#/{pointer}"}, registry=self._registry)

    def _by_type(self, place: Place) -> Mapping[str, Validator]:
        """A validator for each block type: asking only the right alternative is quick, and its errors say more."""
        found: dict[str, Validator] = {}
        for branch, schema in self._branches(place):
            for name in schema.get("properties", {}):
                if name not in ("type", "object", "children", "in_trash", "archived"):
                    found.setdefault(name, self._validator(branch))
        return found

    def _branches(self, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
        schema: Any = self.document
        for part in place:
            schema = schema[part]
        while "$ref" in schema:
            place = tuple(schema["$ref"].removeprefix("#/").split("/"))
            schema = self.document
            for part in place:
                schema = schema[part]
        for word in ("oneOf", "anyOf"):
            for index in range(len(schema.get(word, ()))):
                yield from self._branches((*place, word, index))
        if "properties" in schema:
            yield place, schema

    def error(self, validators: Mapping[str, Validator], rendered: bytes) -> str:
        """What is wrong with a block or an update; empty if nothing is."""
        if self.name == "notion":
            rendered = rendered.replace(
                b'"heading_4"', b'"heading_3"'
            )  # a quoted name: text has its quotes escaped
        body = json.loads(rendered)
        kind = next(name for name in body if name not in ("type", "object", "children"))
        validator = validators.get(kind)
        return f"{kind}: no such type" if validator is None else self._first(validator, body)

    @staticmethod
    def _first(validator: Validator, body: dict[str, Any]) -> str:
        error = next(iter(validator.iter_errors(body)), None)
        if error is None:
            return ""
        while error.context:
            error = max(error.context, key=lambda inner: len(inner.absolute_path))
        return f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"

    def page_error(self, head: dict[str, Any]) -> str:
        parent = "11111111-1111-4111-8111-111111111111"
        return self._first(self.page, {"parent": {"page_id": parent}, **head})


def lookup(ref: Reference) -> str | None:
    """An address for most references, none for some: both roads are checked."""
    text = address(ref)
    return None if len(text) % 5 == 0 else f"https://docs.example/{len(text)}"


NEEDS = {"table": 2, "column_list": 3}  # levels that a block takes with what it must bring along


def cut(block: BlockInput, levels: int) -> BlockInput:
    """The block with as many levels of children, 100 wide, as one request may hold below it."""
    keep = [child for child in block.children[:100] if NEEDS.get(child.type, 1) <= levels]
    return BlockInput(block.type, block.content, tuple(cut(child, levels - 1) for child in keep))


def errors(dialect: Dialect, spec: Spec, data: bytes, path: str) -> Iterator[str]:
    document = convert_bytes(data, path)
    inputs, _ = dialect.encode(document.blocks, path)
    for top in inputs:
        for block in resolve(top, lookup).walk():
            if block.type not in ("table_row", "column"):
                yield spec.error(spec.blocks, dialect.render(cut(block, 2)))
            if block.type not in ("column_list", "column"):
                yield spec.error(spec.updates, dialect.render_update(block))
    head = resolve_head(dialect.head(document), lookup)
    parts = {"properties": head.properties, "icon": head.icon, "cover": head.cover}
    yield spec.page_error({key: json.loads(value) for key, value in parts.items()})


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    specs = {name: Spec(name, Path(sys.argv[1]) / file) for name, file in FILES.items()}
    failed = False
    for folder in map(Path, sys.argv[2:]):
        files = sorted(folder.rglob("*.md"))
        for name, dialect in DIALECTS.items():
            counts: Counter[str] = Counter()
            for file in files:
                counts.update(
                    errors(dialect, specs[name], file.read_bytes(), file.relative_to(folder).as_posix())
                )
            valid = counts.pop("", 0)
            invalid = sum(counts.values())
            failed = failed or bool(invalid)
            print(
                f"{folder.name:20} {name:8} files {len(files):5}  checked {valid + invalid:7}  invalid {invalid}"
            )
            for message, count in counts.most_common(5):
                print(f"    {count} x {message}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
