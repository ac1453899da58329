"""The folder as documents: what changed is converted, what did not is remembered from the last time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from converters.diagnostics import Diagnostic, as_sentence, diagnostic
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, Dialect
from converters.document import DEFAULT, Options
from publisher import bodies, nav
from publisher.assets import Assets
from publisher.categories import categories, declared
from publisher.converted import convert_file, convert_packed, unpacked
from publisher.digests import begun, digest_of, version_of
from publisher.facts import Facts, read_facts, write_facts
from publisher.flavor import flavor_of, for_site, options, with_site
from publisher.including import Content, of_scan
from publisher.known import CachedFile
from publisher.nav import Nav
from publisher.pool import spread
from publisher.scan import Scan, SourceFile, fingerprint, scan, unreadable
from publisher.settings import Settings
from publisher.source import settled
from publisher.store import Store

_FLAVOR = "flavor"  # what the texts said the last time they were read
_INCLUDING = "including"  # whether there are files that include others


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
        return convert_file(content, path, self.dialect, self.options)[1]


def dialect_of(settings: Settings) -> Dialect:
    """The dialect of the target; the embedded workspace plays either service."""
    return DIALECTS[settings.dialect if settings.target == "local" else settings.target]


def place(settings: Settings, found: Scan) -> tuple[Nav, tuple[Diagnostic, ...]]:
    """The order of pages that the folder's site declares, and what is wrong with the declaration."""
    said = categories(declared(found))
    folders = said.site
    trouble = (
        *(diagnostic("category-invalid", as_sentence(message), path) for path, message in said.wrong.items()),
        *(
            diagnostic("category-text", f"“{text[:80]}” is not published.", path)
            for path, text in said.descriptions.items()
        ),
    )
    source = nav.find(found.source, found.folder.name) if settings.flavor in ("auto", "mkdocs") else None
    try:
        site = nav.read(source) if source is not None else _summary(settings, found)
    except ValueError as error:
        assert source is not None
        return folders, (*trouble, diagnostic("nav-invalid", as_sentence(error), source.name))
    return Nav({**folders.order, **site.order}, {**folders.titles, **site.titles}), trouble


def _summary(settings: Settings, found: Scan) -> Nav:
    """The order of chapters in a book."""
    files = {file.path: file for file in found.files}
    file = next((files[name] for name in nav.SUMMARIES if name in files), None)
    if file is None or settings.flavor not in ("auto", "mdbook"):
        return nav.NONE
    try:
        text = found.read(file).decode("utf-8", "replace")
    except OSError:  # said of the file itself
        return nav.NONE
    return nav.summary(text, file.path, files.keys())


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
    found = for_site(found, flavor)
    chosen = with_site(options(settings, flavor), found, flavor)
    version = version_of(chosen, dialect)
    work = _Loading(found, chosen, dialect, _cache(store, version), _marks(store, found))
    work.run()
    if store is not None:
        work.save(store)
        store.set_meta(_FLAVOR, flavor)
        _note_including(store, work.facts)
    digest = digest_of(version, settings, found, work.facts.values())
    assets = Assets(found, store, dialect.name, settings)
    said = (*found.diagnostics, *work.trouble)
    return Folder(settings, found, dialect, work.facts, digest, said, work.inputs, chosen, assets)


@dataclass(slots=True)
class _Loading:
    """The facts of all files on their way: remembered, or read, and converted if they are new."""

    scan: Scan
    options: Options
    dialect: Dialect
    cached: Mapping[str, CachedFile]
    marks: Mapping[str, tuple[str, bytes]]
    facts: dict[str, Facts] = field(default_factory=dict)
    inputs: dict[str, tuple[BlockInput, ...] | bytes] = field(default_factory=dict)
    trouble: list[Diagnostic] = field(default_factory=list)
    read: dict[str, bytes] = field(default_factory=dict)  # by path: the hash of what was read
    changed: list[tuple[str, bytes]] = field(default_factory=list)

    def run(self) -> None:
        including = of_scan(self.scan, self.options)
        for file in self.scan.files:
            self._look(file, including)
        converted = spread(partial(convert_packed, self.dialect.name, self.options), self.changed)
        for path, packed in converted:
            self.facts[path], self.inputs[path] = unpacked(path, self.read[path], packed)
        self.facts = {file.path: self.facts[file.path] for file in self.scan.files if file.path in self.facts}

    def _look(self, file: SourceFile, including: Callable[[str, bytes], Content]) -> None:
        known = self.cached.get(file.path)
        if known is not None and not _includes(known) and _as_it_was(file, *_stamp(known), self.marks):
            self.facts[file.path] = read_facts(file.path, known.hash, known.facts)
            return
        try:
            data = self.scan.read(file)
        except OSError as error:
            self.trouble.append(unreadable(file.path, error))
            return
        content = including(file.path, data)
        digest = self.read[file.path] = fingerprint(content.data)
        if known is not None and known.hash == digest and _includes(known) == content.files:
            self.facts[file.path] = read_facts(file.path, digest, known.facts)
        elif content.files:
            self.facts[file.path], blocks = convert_file(content, file.path, self.dialect, self.options)
            self.inputs[file.path] = bodies.pack(blocks)
        else:
            self.changed.append((file.path, data))

    def save(self, store: Store) -> None:
        """Remember what was read."""
        there = [file for file in self.scan.files if file.path in self.read]
        store.cache.save_files(
            map(self._fresh, there), set(self.cached) - {file.path for file in self.scan.files}
        )
        store.cache.save_marks(
            (file.path, file.mark, self.read[file.path])
            for file in there
            if file.mark and not _is_pointer(self.facts[file.path])
        )

    def _fresh(self, file: SourceFile) -> CachedFile:
        known, digest = self.cached.get(file.path), self.read[file.path]
        stamp = file.size, settled(file.mtime_ns)
        if file.mark and known is not None and known.hash == digest:
            stamp = known.size, known.mtime_ns  # still true of the file on the disk
        return CachedFile(file.path, *stamp, digest, write_facts(self.facts[file.path]))


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
    of and that are not in `read` are left out. `same_names` says that no file came or went, `shown` are pictures and
    other files that may have changed.
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
            facts, folder.inputs[path] = convert_file(content, path, last.dialect, last.options)
            folder.facts[path] = facts
        stamp = settled(file.mtime_ns)
        fresh.append(CachedFile(path, file.size, stamp, facts.hash, write_facts(facts)))
    if not same_names:
        folder.facts = {
            file.path: folder.facts[file.path] for file in found.files if file.path in folder.facts
        }
    store.cache.save_files(fresh, () if same_names else last.facts.keys() - folder.facts.keys())
    _note_including(store, folder.facts)
    return folder


def _is_pointer(facts: Facts) -> bool:
    """Whether Git LFS could not give the file itself; another time it may."""
    return any(item.code == "lfs-pointer" for item in facts.diagnostics)


def _marks(store: Store | None, found: Scan) -> Mapping[str, tuple[str, bytes]]:
    return store.cache.marks() if store is not None and any(file.mark for file in found.files) else {}


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
    found = for_site(found, flavor)
    version = version_of(with_site(options(settings, flavor), found, flavor), dialect_of(settings))
    if store.meta("converter") != version or store.meta(_INCLUDING):
        return ""
    stats = store.cache.stats()
    if len(stats) != len(found.files):
        return ""
    digest = begun(version, settings, found)
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
        store.cache.forget_files()
        store.set_meta("converter", version)
    return store.cache.files()
