"""The folder as documents: what changed is converted, what did not is remembered from the last time.

Facts are what planning needs of a document that nobody has to parse again: its title, its links, its diagnostics.
"""

from __future__ import annotations

import datetime
import marshal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any

from converters.blocks import Document, FileRef, LinkUse, PageRef
from converters.diagnostics import Diagnostic, Silence, diagnostic
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, Dialect
from converters.dialects.text import clean
from converters.document import DEFAULT, Options, convert_bytes, title_of_path
from publisher import nav
from publisher.categories import categories, declared
from publisher.flavor import flavor_of, options
from publisher.flavor import version as options_version
from publisher.nav import Nav
from publisher.planning.identity import sketch
from publisher.pool import spread
from publisher.scan import Scan, SourceFile, fingerprint, scan, unreadable
from publisher.settings import Settings
from publisher.store import CachedFile, Store

RACY_NS = 2_000_000_000  # FAT keeps times to two seconds
MAX_BITS = 10_000  # of a whole number: Python writes none of more than 4,300 digits
_FLAVOR = "flavor"  # what the texts said the last time they were read
DATABASE_FILE = "_database.toml"  # makes the folder in which it stands a database
CONVERTER = "3"  # grows when the same text gives other blocks than before: cached facts are then made anew


@dataclass(frozen=True, slots=True)
class Facts:
    """One document without its blocks. `title` is empty when it has none of its own.

    `anchors` maps each name that a link's `#part` may use to the place of its block at the top level, from 0; -1 where
    it names none. `properties` are the front matter keys that pagemill does not read itself, as `portable` makes them;
    `lines` says where each stands.
    """

    path: str
    hash: bytes
    sketch: bytes
    title: str
    icon: str = ""
    cover: str = ""
    order: float | None = None
    draft: bool = False
    anchors: Mapping[str, int] = field(default_factory=dict)
    links: tuple[LinkUse, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    silences: tuple[Silence, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether an error in the file keeps its page back."""
        return any(item.severity == "error" for item in self.diagnostics)


@dataclass(slots=True)
class Folder:
    """The folder at one instant. `inputs` holds the block inputs of what was just converted, by path, packed or not."""

    settings: Settings
    scan: Scan
    dialect: Dialect
    facts: dict[str, Facts]
    digest: str
    diagnostics: tuple[Diagnostic, ...] = ()
    inputs: dict[str, tuple[BlockInput, ...] | bytes] = field(default_factory=dict)
    options: Options = DEFAULT

    def body(self, path: str) -> tuple[BlockInput, ...]:
        """The block inputs of a document, with its links still by name; converts it if need be.

        Raises:
            OSError: the file cannot be read any more.
        """
        found = self.inputs.pop(path, None)
        if isinstance(found, bytes):
            found = tuple(map(_block, marshal.loads(found)))
        if found is None:
            file = next(file for file in self.scan.files if file.path == path)
            found = self.blocks(self.scan.read(file), path)
        return found

    def blocks(self, data: bytes, path: str) -> tuple[BlockInput, ...]:
        """The block inputs of a text as it stood, or stands, in a file of this folder."""
        return _convert(data, path, self.dialect, self.options)[1]


def dialect_of(settings: Settings) -> Dialect:
    """The dialect of the target; the embedded workspace plays either service."""
    return DIALECTS[settings.dialect if settings.target == "local" else settings.target]


def place(settings: Settings, found: Scan) -> tuple[Nav, tuple[Diagnostic, ...]]:
    """The order of pages that the folder's site declares, and what is wrong with the declaration."""
    folders, wrong = categories(declared(found))
    trouble = tuple(diagnostic("category-invalid", message, path) for path, message in wrong.items())
    source = nav.find(found.source, found.folder.name) if settings.flavor in ("auto", "mkdocs") else None
    if source is None:
        return folders, trouble
    try:
        site = nav.read(source)
    except ValueError as error:
        return folders, (*trouble, diagnostic("nav-invalid", str(error), source.name))
    return Nav({**folders.order, **site.order}, {**folders.titles, **site.titles}), trouble


def survey(settings: Settings) -> tuple[Scan, dict[str, SourceFile]]:
    """Walk the folder; nothing is read yet."""
    found = scan(settings.folder, settings.ignore)
    return found, {file.path: file for file in found.files}


def load(settings: Settings, found: Scan, store: Store | None) -> Folder:
    """Every document's facts: from the state where size and time of change, or the mark, are as they were, else read.

    A file whose content is as it was is not converted again, whatever its times say.
    """
    dialect = dialect_of(settings)
    flavor = flavor_of(settings, found)
    chosen = options(settings, flavor)
    version = _version(chosen, dialect)
    cached = _cache(store, version)
    facts: dict[str, Facts] = {}
    inputs: dict[str, tuple[BlockInput, ...] | bytes] = {}
    fresh: list[CachedFile] = []
    trouble: list[Diagnostic] = []
    marks = _marks(store, found)
    changed: list[tuple[str, bytes]] = []
    read: dict[str, bytes] = {}
    for file in found.files:
        known = cached.get(file.path)
        if known is not None and _as_it_was(file, known.size, known.mtime_ns, known.hash, marks):
            facts[file.path] = read_facts(file.path, known.hash, known.facts)
            continue
        try:
            data = found.read(file)
        except OSError as error:
            trouble.append(unreadable(file.path, error))
            continue
        digest = read[file.path] = fingerprint(data)
        if known is not None and known.hash == digest:
            facts[file.path] = read_facts(file.path, digest, known.facts)
        else:
            changed.append((file.path, data))
    for path, packed in spread(partial(_packed, dialect.name, chosen), changed):
        facts[path], inputs[path] = _unpacked(path, read[path], packed)
    facts = {file.path: facts[file.path] for file in found.files if file.path in facts}
    for file in found.files:
        if file.path not in read:
            continue
        known, digest = cached.get(file.path), read[file.path]
        stamp = file.size, _settled(file.mtime_ns)
        if file.mark and known is not None and known.hash == digest:
            stamp = known.size, known.mtime_ns  # still true of the file on the disk
        fresh.append(CachedFile(file.path, *stamp, digest, write_facts(facts[file.path])))
    if store is not None:
        store.save_files(fresh, set(cached) - {file.path for file in found.files})
        new = {file.path: file.hash for file in fresh}
        store.save_marks(
            (file.path, file.mark, new[file.path])
            for file in found.files
            if file.mark and file.path in new and not _is_pointer(facts[file.path])
        )
        store.set_meta(_FLAVOR, flavor)
    digest_of_all = _digest(version, settings, found, facts.values())
    return Folder(
        settings, found, dialect, facts, digest_of_all, (*found.diagnostics, *trouble), inputs, chosen
    )


def renewed(
    last: Folder,
    found: Scan,
    read: Mapping[str, tuple[SourceFile, bytes]],
    store: Store,
    *,
    same_names: bool = False,
) -> Folder:
    """A folder a moment later, from what was known of it: only the files in `read` are looked at.

    Documents whose content is as it was keep the very same facts. The digest is not made. Files that nothing is known
    of and that are not in `read` are left out. `same_names` says that no file came or went.
    """
    folder = Folder(
        last.settings, found, last.dialect, dict(last.facts), "", found.diagnostics, options=last.options
    )
    fresh: list[CachedFile] = []
    for path, (file, data) in read.items():
        facts = last.facts.get(path)
        if facts is None or facts.hash != fingerprint(data):
            facts, folder.inputs[path] = _convert(data, path, last.dialect, last.options)
            folder.facts[path] = facts
        stamp = _settled(file.mtime_ns)
        fresh.append(CachedFile(path, file.size, stamp, facts.hash, write_facts(facts)))
    if not same_names:
        folder.facts = {
            file.path: folder.facts[file.path] for file in found.files if file.path in folder.facts
        }
    store.save_files(fresh, () if same_names else last.facts.keys() - folder.facts.keys())
    return folder


def _is_pointer(facts: Facts) -> bool:
    """Whether Git LFS could not give the file itself; another time it may."""
    return any(item.code == "lfs-pointer" for item in facts.diagnostics)


def _marks(store: Store | None, found: Scan) -> Mapping[str, tuple[str, bytes]]:
    return store.marks() if store is not None and any(file.mark for file in found.files) else {}


def _as_it_was(
    file: SourceFile, size: int, mtime_ns: int, hash: bytes, marks: Mapping[str, tuple[str, bytes]]
) -> bool:
    """Whether a file's content still is what is cached of it, as far as that can be said without reading it."""
    if file.mark:
        return marks.get(file.path) == (file.mark, hash)
    return (size, mtime_ns) == (file.size, file.mtime_ns)


def _settled(mtime_ns: int) -> int:
    """A time of change that can be trusted. A file changed a moment ago may change again within the clock's tick
    and keep its size (git calls such entries racy): its time is not kept, so that it is read again."""
    return mtime_ns if time.time_ns() - mtime_ns > RACY_NS else -1


def unchanged_since(settings: Settings, found: Scan, store: Store) -> str:
    """The digest of the folder if no file's size or time differs from the cache, else empty. Reads no file."""
    flavor = flavor_of(settings, found, store.meta(_FLAVOR) or "")
    version = _version(options(settings, flavor), dialect_of(settings))
    if store.meta("converter") != version:
        return ""
    stats = store.stats()
    if len(stats) != len(found.files):
        return ""
    digest = _start(version, settings, found)
    marks = _marks(store, found)
    for file in found.files:
        known = stats.get(file.path)
        if known is None or not _as_it_was(file, *known, marks):
            return ""
        digest.update(file.path.encode("utf-8", "surrogateescape") + b"\0" + known[2])
    return str(digest.hexdigest())


def _cache(store: Store | None, version: str) -> dict[str, CachedFile]:
    if store is None:
        return {}
    if store.meta("converter") != version:
        store.forget_files()
        store.set_meta("converter", version)
    return store.files()


def _version(chosen: Options, dialect: Dialect) -> str:
    return f"{CONVERTER}/{dialect.name}/{options_version(chosen)}"


def _start(version: str, settings: Settings, found: Scan) -> Any:
    said = sorted(settings.diagnostics.items())  # what counts as an error decides what is sent
    digest = blake2b(f"{version}/{said}/{settings.strict}".encode(), digest_size=16)
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


def _digest(version: str, settings: Settings, found: Scan, facts: Iterable[Facts]) -> str:
    digest = _start(version, settings, found)
    for item in facts:
        digest.update(item.path.encode("utf-8", "surrogateescape") + b"\0" + item.hash)
    return str(digest.hexdigest())


def _convert(
    data: bytes, path: str, dialect: Dialect, chosen: Options
) -> tuple[Facts, tuple[BlockInput, ...]]:
    document = convert_bytes(data, path, chosen)
    inputs, more = dialect.encode(document.blocks, path)
    return facts_of(document, data, inputs, more), inputs


def _packed(service: str, chosen: Options, path: str, data: bytes) -> bytes:
    """A file converted, in bytes that another process can be sent."""
    facts, inputs = _convert(data, path, DIALECTS[service], chosen)
    blocks = marshal.dumps([_plain(block) for block in inputs])
    return marshal.dumps((dict(write_facts(facts)), blocks))


def _unpacked(path: str, hash: bytes, packed: bytes) -> tuple[Facts, bytes]:
    """The facts of a packed file, and its block inputs, still packed."""
    values, blocks = marshal.loads(packed)
    return read_facts(path, hash, values), blocks


def _plain(block: BlockInput) -> tuple[Any, ...]:
    children = tuple(map(_plain, block.children))
    return block.type, block.content, children, block.symbolic, block.line


def _block(values: tuple[Any, ...]) -> BlockInput:
    type, content, children, symbolic, line = values
    return BlockInput(sys.intern(type), content, tuple(map(_block, children)), symbolic, line)


def facts_of(
    document: Document, data: bytes, inputs: Sequence[BlockInput], more: tuple[Diagnostic, ...]
) -> Facts:
    """What is kept of a document: `more` are the diagnostics of its encoding."""
    places = {block.line: place for place, block in reversed(list(enumerate(inputs))) if block.line}
    return Facts(
        document.path,
        fingerprint(data),
        sketch(data.decode("utf-8", "replace")),
        "" if document.title == title_of_path(document.path) else document.title,
        document.icon,
        document.cover,
        document.order,
        document.draft,
        {name: places.get(line, -1) for name, line in document.anchors.items()},
        document.links,
        tuple(sorted((*document.diagnostics, *more))),
        document.silences,
        {clean(key): portable(value) for key, value in document.properties.items()},
        {clean(key): line for key, line in document.property_lines.items()} if document.properties else {},
    )


def portable(value: Any) -> Any:
    """A front matter value as JSON can hold it: dates as ISO 8601, and what no property can hold as a table."""
    match value:
        case bool() | None | float():
            return value
        case str():
            return clean(value)
        case int():
            return value if value.bit_length() < MAX_BITS else {"number": "too large"}
        case datetime.date() | datetime.time():
            return value.isoformat()
        case list() | tuple() | set():
            return [portable(item) for item in value]
        case dict():
            return {clean(str(key)): portable(item) for key, item in value.items()}
        case _:
            return {"type": type(value).__name__}


def write_facts(facts: Facts) -> Mapping[str, Any]:
    """Facts as JSON values."""
    return {
        "title": facts.title,
        "sketch": facts.sketch.hex(),
        "icon": facts.icon,
        "cover": facts.cover,
        "order": facts.order,
        "draft": facts.draft,
        "anchors": facts.anchors,
        "links": [_write_link(use) for use in facts.links],
        "diagnostics": [
            [item.line, item.column, item.code, item.message, item.severity] for item in facts.diagnostics
        ],
        "silences": [[item.code, item.line] for item in facts.silences],
        **({"properties": facts.properties, "lines": facts.lines} if facts.properties else {}),
    }


def read_facts(path: str, hash: bytes, values: Mapping[str, Any]) -> Facts:
    """The inverse of `write_facts`."""
    return Facts(
        path,
        hash,
        bytes.fromhex(values["sketch"]),
        values["title"],
        values["icon"],
        values["cover"],
        values["order"],
        values["draft"],
        values["anchors"],
        tuple(_read_link(item) for item in values["links"]),
        tuple(Diagnostic(path, *item) for item in values["diagnostics"]),
        tuple(Silence(*item) for item in values["silences"]),
        values.get("properties", {}),
        values.get("lines", {}),
    )


def _write_link(use: LinkUse) -> list[Any]:
    match use.link:
        case PageRef(target, anchor):
            return [target, anchor, use.line, use.column]
        case FileRef(path):
            return [path, None, use.line, use.column]


def _read_link(item: list[Any]) -> LinkUse:
    target, anchor, line, column = item
    return LinkUse(FileRef(target) if anchor is None else PageRef(target, anchor), line, column)
