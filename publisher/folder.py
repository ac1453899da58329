"""The folder as documents: what changed is converted, what did not is remembered from the last time.

Facts are what planning needs of a document that nobody has to parse again: its title, its links, its diagnostics.
"""

from __future__ import annotations

import datetime
import marshal
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any

from converters.blocks import Document, FileRef, LinkUse, PageRef
from converters.diagnostics import Diagnostic, Silence, diagnostic
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, Dialect
from converters.dialects.text import clean
from converters.document import DEFAULT, Options, convert_bytes, title_of_path
from converters.whole import Part, located, shown
from publisher import bodies, nav
from publisher.assets import Assets
from publisher.categories import categories, declared
from publisher.flavor import flavor_of, options
from publisher.flavor import version as options_version
from publisher.including import Content, of_scan
from publisher.nav import Nav
from publisher.planning.identity import sketch
from publisher.pool import spread
from publisher.scan import Scan, SourceFile, fingerprint, scan, unreadable
from publisher.settings import Settings
from publisher.source import settled
from publisher.store import CachedFile, Store

MAX_BITS = 10_000  # of a whole number: Python writes none of more than 4,300 digits
_FLAVOR = "flavor"  # what the texts said the last time they were read
_INCLUDING = "including"  # whether there are files that include others
DATABASE_FILE = "_database.toml"  # makes the folder in which it stands a database
CONVERTER = "4"  # grows when the same text gives other blocks than before: cached facts are then made anew


@dataclass(frozen=True, slots=True)
class Facts:
    """One document without its blocks. `title` is empty when it has none of its own.

    `anchors` maps each name that a link's `#part` may use to the place of its block at the top level, from 0; -1 where
    it names none. `properties` are the front matter keys that pagemill does not read itself, as `portable` makes them;
    `lines` says where each stands. `hash` is that of the file with all that it includes; `includes` are the files that
    it asks for, found or not.
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
    includes: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether an error in the file keeps its page back."""
        return any(item.severity == "error" for item in self.diagnostics)


@dataclass(slots=True)
class Folder:
    """The folder at one instant. `inputs` holds the block inputs of what was just converted, by path, packed or not.

    `digest` stands for everything but the files of `assets`, which nobody has asked for yet; `converged` for both.
    """

    settings: Settings
    scan: Scan
    dialect: Dialect
    facts: dict[str, Facts]
    digest: str
    diagnostics: tuple[Diagnostic, ...] = ()
    inputs: dict[str, tuple[BlockInput, ...] | bytes] = field(default_factory=dict)
    options: Options = DEFAULT
    assets: Assets | None = None

    def converged(self) -> str:
        """The digest of the folder with the pictures and files that pages show, once their links were followed."""
        if self.assets is None or not self.digest:
            return self.digest
        return f"{self.digest}/{self.assets.digest()}"

    def body(self, path: str) -> tuple[BlockInput, ...]:
        """The block inputs of a document, with its links still by name; converts it if need be.

        Raises:
            OSError: the file cannot be read any more.
        """
        found = self.inputs.pop(path, None)
        if isinstance(found, bytes):
            found = bodies.unpack(found)
        if found is None:
            file = next(file for file in self.scan.files if file.path == path)
            found = self.blocks(self.scan.read(file), path)
        return found

    def blocks(self, data: bytes, path: str) -> tuple[BlockInput, ...]:
        """The block inputs of a text as it stood, or stands, in a file of this folder."""
        content = of_scan(self.scan, self.options)(path, data)
        return _convert(content, path, self.dialect, self.options)[1]


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
    including = of_scan(found, chosen)
    for file in found.files:
        known = cached.get(file.path)
        if known is not None and not _includes(known) and _as_it_was(file, *_stamp(known), marks):
            facts[file.path] = read_facts(file.path, known.hash, known.facts)
            continue
        try:
            data = found.read(file)
        except OSError as error:
            trouble.append(unreadable(file.path, error))
            continue
        content = including(file.path, data)
        digest = read[file.path] = fingerprint(content.data)
        if known is not None and known.hash == digest and _includes(known) == content.files:
            facts[file.path] = read_facts(file.path, digest, known.facts)
        elif content.files:
            facts[file.path], blocks = _convert(content, file.path, dialect, chosen)
            inputs[file.path] = bodies.pack(blocks)
        else:
            changed.append((file.path, data))
    for path, packed in spread(partial(_packed, dialect.name, chosen), changed):
        facts[path], inputs[path] = _unpacked(path, read[path], packed)
    facts = {file.path: facts[file.path] for file in found.files if file.path in facts}
    for file in found.files:
        if file.path not in read:
            continue
        known, digest = cached.get(file.path), read[file.path]
        stamp = file.size, settled(file.mtime_ns)
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
        _note_including(store, facts)
    digest_of_all = _digest(version, settings, found, facts.values())
    assets = Assets(found, store, dialect.name, settings)
    said = (*found.diagnostics, *trouble)
    return Folder(settings, found, dialect, facts, digest_of_all, said, inputs, chosen, assets)


def renewed(
    last: Folder,
    found: Scan,
    read: Mapping[str, tuple[SourceFile, bytes]],
    store: Store,
    *,
    same_names: bool = False,
    shown: Collection[str] = (),
) -> Folder:
    """A folder a moment later, from what was known of it: only the files in `read` are looked at.

    Documents whose content is as it was keep the very same facts. The digest is not made. Files that nothing is known
    of and that are not in `read` are left out. `same_names` says that no file came or went, `shown` are pictures and other
    files that may have changed.
    """
    assets = last.assets
    if assets is not None and (shown or found is not last.scan):
        assets = assets.renewed(found, shown)
        assets.settle()
    folder = Folder(
        last.settings, found, last.dialect, dict(last.facts), "", found.diagnostics, {}, last.options, assets
    )
    fresh: list[CachedFile] = []
    including = of_scan(found, last.options)
    for path, (file, data) in read.items():
        facts, content = last.facts.get(path), including(path, data)
        if facts is None or facts.hash != fingerprint(content.data) or facts.includes != content.files:
            facts, folder.inputs[path] = _convert(content, path, last.dialect, last.options)
            folder.facts[path] = facts
        stamp = settled(file.mtime_ns)
        fresh.append(CachedFile(path, file.size, stamp, facts.hash, write_facts(facts)))
    if not same_names:
        folder.facts = {
            file.path: folder.facts[file.path] for file in found.files if file.path in folder.facts
        }
    store.save_files(fresh, () if same_names else last.facts.keys() - folder.facts.keys())
    _note_including(store, folder.facts)
    return folder


def _is_pointer(facts: Facts) -> bool:
    """Whether Git LFS could not give the file itself; another time it may."""
    return any(item.code == "lfs-pointer" for item in facts.diagnostics)


def _marks(store: Store | None, found: Scan) -> Mapping[str, tuple[str, bytes]]:
    return store.marks() if store is not None and any(file.mark for file in found.files) else {}


def _stamp(known: CachedFile) -> tuple[int, int, bytes]:
    return known.size, known.mtime_ns, known.hash


def _includes(known: CachedFile) -> tuple[str, ...]:
    return tuple(known.facts.get("includes", ()))


def _note_including(store: Store, facts: Mapping[str, Facts]) -> None:
    """Remember whether the times of the files say enough, as they do where none includes another."""
    value = "yes" if any(item.includes for item in facts.values()) else ""
    if (store.meta(_INCLUDING) or "") != value:
        store.set_meta(_INCLUDING, value)


def _as_it_was(
    file: SourceFile, size: int, mtime_ns: int, hash: bytes, marks: Mapping[str, tuple[str, bytes]]
) -> bool:
    """Whether a file's content still is what is cached of it, as far as that can be said without reading it."""
    if file.mark:
        return marks.get(file.path) == (file.mark, hash)
    return (size, mtime_ns) == (file.size, file.mtime_ns)


def unchanged_since(settings: Settings, found: Scan, store: Store) -> str:
    """What `Folder.converged` was if no file's size or time differs from the cache, else empty. Reads no file."""
    flavor = flavor_of(settings, found, store.meta(_FLAVOR) or "")
    version = _version(options(settings, flavor), dialect_of(settings))
    if store.meta("converter") != version or store.meta(_INCLUDING):
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
    shown = Assets(found, store, dialect_of(settings).name, settings).unchanged()
    return f"{digest.hexdigest()}/{shown}" if shown else ""


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
    roots = [str(root) for root in settings.file_roots]
    files = (settings.files_url, settings.uploads, settings.images_max_width, roots)
    digest = blake2b(f"{version}/{said}/{settings.strict}/{files}".encode(), digest_size=16)
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
    content: Content, path: str, dialect: Dialect, chosen: Options
) -> tuple[Facts, tuple[BlockInput, ...]]:
    document = convert_bytes(content.data, path, chosen, content.parts)
    inputs, more = dialect.encode(document.blocks, path)
    facts = facts_of(document, content.data, inputs, located(content.parts, more), content.files)
    return facts, _relined(inputs, path, content.parts) if content.parts else inputs


def _relined(inputs: Iterable[BlockInput], path: str, parts: tuple[Part, ...]) -> tuple[BlockInput, ...]:
    """Blocks with the lines of their own file: that which asks for it, for what another file's text became."""
    return tuple(
        replace(block, line=shown(parts, path, block.line), children=_relined(block.children, path, parts))
        for block in inputs
    )


def _packed(service: str, chosen: Options, path: str, data: bytes) -> bytes:
    """A file converted, in bytes that another process can be sent."""
    facts, inputs = _convert(Content(data), path, DIALECTS[service], chosen)
    return marshal.dumps((dict(write_facts(facts)), bodies.pack(inputs)))


def _unpacked(path: str, hash: bytes, packed: bytes) -> tuple[Facts, bytes]:
    """The facts of a packed file, and its block inputs, still packed."""
    values, blocks = marshal.loads(packed)
    return read_facts(path, hash, values), blocks


def facts_of(
    document: Document,
    data: bytes,
    inputs: Sequence[BlockInput],
    more: tuple[Diagnostic, ...],
    includes: tuple[str, ...] = (),
) -> Facts:
    """What is kept of a document: `more` are the diagnostics of its encoding."""
    places = {block.line: place for place, block in reversed(list(enumerate(inputs))) if block.line}
    return Facts(
        document.path,
        fingerprint(data),
        sketch(data),
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
        {clean(key): line for key, line in document.property_lines.items()}
        if document.properties or document.icon or document.cover
        else {},
        includes,
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
            [item.line, item.column, item.code, item.message, item.severity]
            + ([item.path] if item.path != facts.path else [])
            for item in facts.diagnostics
        ],
        "silences": [[item.code, item.line] for item in facts.silences],
        **({"properties": facts.properties} if facts.properties else {}),
        **({"lines": facts.lines} if facts.lines else {}),
        **({"includes": list(facts.includes)} if facts.includes else {}),
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
        tuple(_read_link(*item) for item in values["links"]),
        tuple(Diagnostic(item[5] if len(item) > 5 else path, *item[:5]) for item in values["diagnostics"]),
        tuple(Silence(*item) for item in values["silences"]),
        _keyed(values.get("properties")),
        _keyed(values.get("lines")),
        tuple(values.get("includes", ())),
    )


def _keyed(table: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """A table of front matter keys, which are the same in all documents."""
    return {sys.intern(key): value for key, value in table.items()} if table else {}


def _write_link(use: LinkUse) -> list[Any]:
    match use.link:
        case PageRef(target, anchor):
            return [target, anchor, use.line, use.column]
        case FileRef(path):
            return [path, None, use.line, use.column]


def _read_link(target: str, anchor: str | None, line: int, column: int) -> LinkUse:
    return LinkUse(_reference(target, anchor), line, column)


@lru_cache(maxsize=4096)  # the same pages are linked again and again: half the memory of a folder's facts
def _reference(target: str, anchor: str | None) -> PageRef | FileRef:
    return FileRef(target) if anchor is None else PageRef(target, anchor)
