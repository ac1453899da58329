"""`convert` and `check`: files to JSON values and to diagnostics, without a workspace."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from converters.blocks import Document, FileRef
from converters.diagnostics import Diagnostic
from converters.dialects import DIALECTS
from converters.dialects.base import Dialect, resolve, resolve_head
from converters.dialects.urls import canonical_url
from converters.dialects.web import is_web, web_addresses
from converters.document import Options, convert_bytes
from converters.external import WebUse, web_uses
from converters.inference import Source, infer
from converters.mirrored import copied_url
from converters.properties import property_values
from converters.silence import judge
from converters.whole import located
from publisher import shapes
from publisher.errors import UsageError
from publisher.facts import Facts
from publisher.findings import Findings, repository
from publisher.flavor import flavor_of, flavor_of_text, for_site, options, with_site
from publisher.folder import dialect_of, load
from publisher.including import Content, of_directory, of_scan
from publisher.report import diagnostic_json
from publisher.scan import scan
from publisher.settings import Settings
from publisher.wording import from_here

STDIN = "-"
_STDIN = "<stdin>"
Ask: TypeAlias = Callable[[Sequence[WebUse]], Iterable[Diagnostic]]


def documents(files: Sequence[str], settings: Settings, dialect: str) -> Iterator[dict[str, Any]]:
    """Each file as the JSON values of `pagemill convert`: links between files are left out, their text stays.

    Raises:
        UsageError: a file or folder that does not exist or cannot be read.
    """
    for path, content, chosen in _sources(files, settings):
        yield document_json(content, path, settings, dialect, chosen)


def document_json(
    content: Content, path: str, settings: Settings, dialect: str, chosen: Options
) -> dict[str, Any]:
    """One document: path, title, icon, cover, properties, children, diagnostics.

    `properties` has the title as a plain page takes it, and every other key of the front matter as a database's record
    would, of the type that its value suggests.
    """
    service = DIALECTS[dialect]
    document = convert_bytes(content.data, path, chosen, content.parts)
    blocks, more = service.encode(document.blocks, path)
    head = resolve_head(service.head(document), lambda _: None)
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


def check(what: str | None, settings: Settings, ask: Ask | None = None) -> Findings:
    """Everything that is to be said about a folder, a file or standard input.

    `ask` says what there is to say about the external addresses at some places; None: nobody looks at them.
    """
    if what == STDIN or (what and Path(what).is_file()):
        ((path, content, chosen),) = _sources([what], settings)
        data = content.data
        document = convert_bytes(data, path, chosen, content.parts)
        blocks, more = dialect_of(settings).encode(document.blocks, path)
        if ask is not None:
            more = (*more, *ask(_uses(path, data, document, web_addresses(blocks))))
        items = _judged(document, more, settings)
        return Findings(items, root=repository(Path()), source=data if what == STDIN else None)
    folder = load(settings, scan(settings.folder, settings.ignore), None)
    base = settings.folder
    found = shapes.shape(folder)
    items = found.diagnostics
    if ask is not None:
        said = shapes.judged(folder, ask(_uses_of_folder(found)))
        items = tuple(sorted((*items, *said)))
    return Findings(items, what or from_here(base), base, repository(base))


def _copied(facts: Facts) -> Iterator[tuple[str, int]]:
    """The pictures on the web of which pages are to hold copies."""
    for use in facts.links:
        if isinstance(use.link, FileRef) and (url := copied_url(use.link.path)):
            yield url, use.line


def _uses(
    path: str, data: bytes, head: Facts | Document, body: Iterable[tuple[str, int]]
) -> Sequence[WebUse]:
    """Where a file's external addresses stand: those of its front matter, then those of its body."""
    looks = [(canonical_url(url) or url, 0) for url in (head.icon, head.cover) if is_web(url)]
    return web_uses(path, data, [*looks, *body])


def _uses_of_folder(found: shapes.Shape) -> Sequence[WebUse]:
    """Where the external addresses of all files stand, but for drafts."""
    folder, uses = found.folder, list[WebUse]()
    for file in folder.scan.files:
        facts = folder.facts.get(file.path)
        if facts is None or file.path in found.tree.drafts:
            continue
        with suppress(OSError):  # it is gone by now
            body = [*web_addresses(folder.body(file.path)), *_copied(facts)]
            uses += _uses(file.path, folder.scan.read(file), facts, body)
    return uses


def _judged(document: Document, more: Iterable[Diagnostic], settings: Settings) -> tuple[Diagnostic, ...]:
    found = sorted((*document.diagnostics, *located(document.parts, more)))
    off = {document.path: document.silences}
    return tuple(judge(found, off, settings.diagnostics, settings.strict))


def _sources(files: Sequence[str], settings: Settings) -> Iterator[tuple[str, Content, Options]]:
    """Path, content and options of each file; a folder's files have the options of the folder. Nothing is mirrored."""
    settings = replace(settings, images_mirror=False)
    for name in files:
        if name == STDIN:
            yield _alone(_STDIN, sys.stdin.buffer.read(), settings)
        elif Path(name).is_dir():
            found = scan(Path(name), settings.ignore)
            flavor = flavor_of(settings, found)
            found, chosen = for_site(found, flavor), with_site(options(settings, flavor), found, flavor)
            including = of_scan(found, chosen)
            for file in found.files:
                yield file.path, including(file.path, found.read(file)), chosen
        else:
            yield _alone(Path(name).as_posix(), _read(Path(name)), settings)


def _alone(path: str, data: bytes, settings: Settings) -> tuple[str, Content, Options]:
    """A file that is converted alone; what it includes is looked for from the working directory."""
    flavor = flavor_of_text(settings, data.decode("utf-8", "replace"))
    chosen = options(settings, flavor)
    alone = path == _STDIN  # there is no telling where it would look
    return path, Content(data) if alone else of_directory(Path(), chosen)(path, data), chosen


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}", "Name Markdown files or folders, or - for standard input."
        ) from error
