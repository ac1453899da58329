"""What decides what is sent, as a digest: the converter, the settings, what the folder and its site declare, the files."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from converters.dialects.base import Dialect
from converters.document import Options
from publisher import nav
from publisher.categories import declared
from publisher.facts import Facts
from publisher.flavor import version
from publisher.scan import Scan
from publisher.settings import Settings

DATABASE_FILE = "_database.toml"  # makes the folder in which it stands a database
CONVERTER = "7"  # grows when the same text gives other blocks than before: cached facts are then made anew


def version_of(chosen: Options, dialect: Dialect) -> str:
    """What stands for the way in which a text is converted."""
    return f"{CONVERTER}/{dialect.name}/{version(chosen)}"


def begun(version: str, settings: Settings, found: Scan) -> Any:
    """The digest of a folder before its documents are added, each with its path and its hash."""
    said = sorted(settings.diagnostics.items())  # what counts as an error decides what is sent
    roots = [str(root) for root in settings.file_roots]
    files = (settings.files_url, settings.uploads, settings.images_max_width, roots)
    links = settings.own_links
    digest = blake2b(f"{version}/{said}/{settings.strict}/{files}/{links}".encode(), digest_size=16)
    source = nav.find(found.source, found.folder.name) if settings.flavor in ("auto", "mkdocs") else None
    digest.update(source.text.encode("utf-8", "replace") if source else b"")
    digest.update(repr(declared(found)).encode())
    digest.update(_asked_of_databases(settings, found))
    for item in (*sorted(found.assets), *sorted(found.aliases.items()), *found.diagnostics):
        digest.update(str(item).encode("utf-8", "surrogateescape") + b"\0")
    return digest


def _asked_of_databases(settings: Settings, found: Scan) -> bytes:
    """What the settings and the folder say of databases: it decides what is sent beside the files themselves."""
    said = repr((settings.records, settings.new_options, settings.new_properties, settings.properties))
    asked = f"{settings.database}/{said}".encode() if settings.database else b""
    for path in sorted(path for path in found.assets if path.rpartition("/")[2] == DATABASE_FILE):
        try:
            asked += (found.folder / path).read_bytes()
        except OSError:
            asked += b"?"
    return asked


def digest_of(version: str, settings: Settings, found: Scan, facts: Iterable[Facts]) -> str:
    digest = begun(version, settings, found)
    for item in facts:
        digest.update(item.path.encode("utf-8", "surrogateescape") + b"\0" + item.hash)
    return str(digest.hexdigest())
