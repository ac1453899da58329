"""`convert` and `check`: files to JSON values and to diagnostics, without a workspace."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from converters.blocks import Document
from converters.diagnostics import Diagnostic
from converters.dialects import DIALECTS
from converters.dialects.base import Dialect, resolve
from converters.document import Options, convert_bytes
from converters.inference import Source, infer
from converters.properties import property_values
from converters.silence import judge
from publisher import outline as out
from publisher.errors import UsageError
from publisher.findings import Findings, repository
from publisher.flavor import flavor_of, flavor_of_text, options
from publisher.folder import dialect_of, load
from publisher.report import diagnostic_json
from publisher.scan import scan
from publisher.settings import Settings

STDIN = "-"


def documents(files: Sequence[str], settings: Settings, dialect: str) -> Iterator[dict[str, Any]]:
    """Each file as the JSON values of `pagemill convert`: links between files are left out, their text stays.

    Raises:
        UsageError: a file or folder that does not exist or cannot be read.
    """
    for path, data, chosen in _sources(files, settings):
        yield document_json(data, path, settings, dialect, chosen)


def document_json(
    data: bytes, path: str, settings: Settings, dialect: str, chosen: Options
) -> dict[str, Any]:
    """One document: path, title, icon, cover, properties, children, diagnostics.

    `properties` has the title as a plain page takes it, and every other key of the front matter as a database's record
    would, of the type that its value suggests.
    """
    service = DIALECTS[dialect]
    document = convert_bytes(data, path, chosen)
    blocks, more = service.encode(document.blocks, path)
    head = service.head(document)
    return {
        "path": path,
        "title": document.title,
        "icon": json.loads(head.icon),
        "cover": json.loads(head.cover),
        "properties": {**json.loads(head.properties), **_properties(document, service)},
        "children": [json.loads(service.render(resolve(block, lambda _: None))) for block in blocks],
        "diagnostics": [diagnostic_json(item) for item in _judged(document, more, settings)],
    }


def _properties(document: Document, service: Dialect) -> dict[str, Any]:
    source = Source(document.path, document.properties, document.property_lines)
    schema = infer([source]).schema[1:]  # without the title
    values, _ = property_values(document.properties, schema, document.path)
    found: dict[str, Any] = json.loads(service.properties(values))
    return found


def check(what: str | None, settings: Settings) -> Findings:
    """Everything that is to be said about a folder, a file or standard input."""
    if what == STDIN or (what and Path(what).is_file()):
        ((path, data, chosen),) = _sources([what], settings)
        document = convert_bytes(data, path, chosen)
        more = dialect_of(settings).encode(document.blocks, path)[1]
        items = _judged(document, more, settings)
        return Findings(items, root=repository(Path()), source=data if what == STDIN else None)
    folder = load(settings, scan(settings.folder, settings.ignore), None)
    base = settings.folder
    return Findings(out.shape(folder).diagnostics, what or base.name, base, repository(base))


def _judged(document: Document, more: Iterable[Diagnostic], settings: Settings) -> tuple[Diagnostic, ...]:
    found = sorted((*document.diagnostics, *more))
    off = {document.path: document.silences}
    return tuple(judge(found, off, settings.diagnostics, settings.strict))


def _sources(files: Sequence[str], settings: Settings) -> Iterator[tuple[str, bytes, Options]]:
    """Path, content and options of each file; a folder's files have the options of the folder."""
    for name in files:
        if name == STDIN:
            yield _alone("<stdin>", sys.stdin.buffer.read(), settings)
        elif Path(name).is_dir():
            found = scan(Path(name), settings.ignore)
            chosen = options(settings, flavor_of(settings, found))
            for file in found.files:
                yield file.path, found.read(file), chosen
        else:
            yield _alone(Path(name).as_posix(), _read(Path(name)), settings)


def _alone(path: str, data: bytes, settings: Settings) -> tuple[str, bytes, Options]:
    flavor = flavor_of_text(settings, data.decode("utf-8", "replace"))
    return path, data, options(settings, flavor)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
