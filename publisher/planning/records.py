"""Records: what a database must look like to hold the front matter of a folder's files, and what each of them gets.

Pure. Everything is checked here before anything is sent: a value that does not fit holds its record back.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeAlias

from converters.blocks import PageRef
from converters.diagnostics import Diagnostic, diagnostic
from converters.dialects.base import address
from converters.inference import TITLE_KEY, WRITABLE, Inference, Inferred, Source, Wish, infer
from converters.properties import Property, PropertyValue, property_values
from converters.property_types import Refused
from publisher.planning.tree import PageNode, PageTree

Records: TypeAlias = Literal["top", "all"]
NewOptions: TypeAlias = Literal["create", "refuse"]
NewProperties: TypeAlias = Literal["auto", "create", "ignore"]
Local: TypeAlias = Callable[[str, str], str | None]  # raises `Refused` for a file that no property can hold

_SELECTS = ("select", "multi_select", "status")
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BaseSpec:
    """A folder that is a database, as the settings describe it.

    `key` is the folder's in the tree. With an `id` the database exists; else one of this title is looked for, and made
    if there is none. `wishes` by front matter key.
    """

    key: str
    title: str
    id: str = ""
    description: str = ""
    icon: str = ""
    inline: bool = False
    records: Records = "top"
    wishes: Mapping[str, Wish] = field(default_factory=dict)
    new_options: NewOptions = "create"
    new_properties: NewProperties = "auto"


@dataclass(frozen=True, slots=True)
class BasePlan:
    """A database against its folder.

    `schema` is what it has once `changes` are made: new properties, and properties with new options. `added` explains
    the new ones. `values` are those of each record, by its key; `held` are the keys of records with a value that does
    not fit.
    """

    spec: BaseSpec
    exists: bool
    schema: tuple[Property, ...]
    changes: tuple[Property, ...] = ()
    added: tuple[Inferred, ...] = ()
    values: Mapping[str, tuple[PropertyValue, ...]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def title(self) -> str:
        """The name of the title property."""
        return next((item.name for item in self.schema if item.type == "title"), "Title")


def plan_base(
    spec: BaseSpec,
    schema: Sequence[Property] | None,
    made: bool,
    nodes: Sequence[PageNode],
    sources: Mapping[str, Source],
    types: Iterable[str] = WRITABLE,
    local: Local = lambda path, text: None,
) -> BasePlan:
    """What a database needs, and what its records hold.

    Args:
        schema: What it has; None if it does not exist yet.
        made: Whether pagemill made it, and so may add properties unless told otherwise.
        nodes: Its records.
        sources: The front matter of their files, by path.
        types: The property types of the service.
        local: What a property of files holds for the file of the folder that a text in a file names.
    """
    given = [sources[path] for node in nodes if (path := node.path or "") in sources and not node.held]
    find = _Finder(nodes)
    found = infer(
        given,
        spec.wishes,
        lambda path, text: find.named(path, text) is not None,
        frozenset(types),
        partial(_holds, local),
    )
    if schema is None:
        columns, added = list(found.schema), list(found.properties)
        said = [_left(item.key, item.why, item.path, item.line) for item in found.left if item.path]
    else:
        grow = spec.new_properties == "create" or (spec.new_properties == "auto" and made)
        columns, added, said = _extended(schema, found, given, spec, grow)
    filler = _Filler(spec, columns, found, find, local)
    for node in nodes:
        filler.fill(node, sources.get(node.path or ""))
    changed = filler.grown | {item.property.name for item in added}
    return BasePlan(
        spec,
        schema is not None,
        tuple(filler.columns.values()),
        tuple(column for column in filler.columns.values() if schema is None or column.name in changed),
        tuple(added),
        filler.values,
        frozenset(filler.held),
        (*said, *filler.diagnostics),
    )


def _holds(local: Local, path: str, text: str) -> bool:
    try:
        return local(path, text) is not None
    except Refused:
        return False


def _left(key: str, why: str, path: str, line: int) -> Diagnostic:
    return diagnostic(
        "front-matter-property", f"`{key}` becomes no property: {why}.", path, line, min(line, 1)
    )


def _extended(
    schema: Sequence[Property], found: Inference, given: Sequence[Source], spec: BaseSpec, grow: bool
) -> tuple[list[Property], list[Inferred], list[Diagnostic]]:
    """The columns of a database that exists, those to add, and a word for every key that has none."""
    columns = list(schema)
    names = {column.name.casefold() for column in columns}
    added, said = [], []
    for item in found.properties[1:]:
        if item.property.name.casefold() in names:
            continue
        wish = spec.wishes.get(item.key, Wish())
        if (grow or wish.type) and item.files:
            added.append(item)
            columns.append(item.property)
        elif item.files:
            said.append(_unknown(item, given, [column.name for column in schema]))
    return columns, added, said


def _unknown(item: Inferred, given: Sequence[Source], names: Sequence[str]) -> Diagnostic:
    """One message for all files that have the key, at the first of them."""
    from difflib import get_close_matches

    place = next(source for source in given if item.key in source.properties)
    near = get_close_matches(item.property.name, names, 1)
    more = f" ({item.files} files)" if item.files > 1 else ""
    hint = f"; did you mean `{near[0]}`?" if near else '; `new_properties = "create"` adds it.'
    message = f"The database has no property `{item.property.name}`{more}{hint}"
    line = place.lines.get(item.key, 0)
    return diagnostic("property-unknown", message, place.path, line, min(line, 1))


class _Finder:
    """The records that front matter may name: by path from its file or from the folder's root, or as a wiki link."""

    def __init__(self, nodes: Sequence[PageNode]) -> None:
        self.by_path = {node.path: node.key for node in nodes if node.path is not None}
        self.by_stem: dict[str, str] = {}
        for path, key in self.by_path.items():
            self.by_stem.setdefault(posixpath.splitext(posixpath.basename(path))[0].casefold(), key)

    def named(self, path: str, text: str) -> str | None:
        """The key of the record that a text surely names: by its file, with the ending, or in double brackets."""
        text = text.strip()
        if text.startswith("[[") and text.endswith("]]"):
            return self.by_stem.get(posixpath.splitext(text[2:-2].partition("|")[0])[0].strip().casefold())
        if not text.lower().endswith((".md", ".markdown", ".mdx")):
            return None
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
        return self.by_path.get(beside) or self.by_path.get(posixpath.normpath(text.lstrip("/")))

    def related(self, path: str) -> Callable[[str], str]:
        """What stands for a related page in a value: its id, or the address of its key."""

        def find(text: str) -> str:
            if _UUID.fullmatch(text):
                return text
            key = self.named(path, text) or self.by_stem.get(text.casefold())
            if key is None:
                raise Refused("names other records by their files, such as b.md, or by their ids")
            return address(PageRef(key))

        return find


class _Filler:
    """Reads the values of record after record; options that are new join their property on the way."""

    def __init__(
        self, spec: BaseSpec, columns: Sequence[Property], found: Inference, find: _Finder, local: Local
    ) -> None:
        self.spec = spec
        self.find = find
        self.local = local
        self.columns = {column.name: column for column in columns}
        self.title = next((column.name for column in columns if column.type == "title"), "Title")
        self.names = {item.key.casefold(): item.property.name for item in found.properties[1:]}
        self.known = {name.casefold() for name in self.columns}
        self.grown: set[str] = set()
        self.values: dict[str, tuple[PropertyValue, ...]] = {}
        self.held: set[str] = set()
        self.diagnostics: list[Diagnostic] = []

    def fill(self, node: PageNode, source: Source | None) -> None:
        values: list[PropertyValue] = []
        if source is not None and not node.held:
            read, said = self._read(source)
            self.diagnostics += said
            if any(item.severity == "error" for item in said):
                self.held.add(node.key)
            values = [value for value in read if value.value is not None]
            if node.key not in self.held:
                self._grow(values)
        title = PropertyValue(self.title, "title", " ".join(node.title.split()))
        self.values[node.key] = (title, *values)

    def _read(self, source: Source) -> tuple[tuple[PropertyValue, ...], list[Diagnostic]]:
        given, names = {}, {}
        said: list[Diagnostic] = []
        for key, value in source.properties.items():
            name = self.names.get(key.casefold(), key)
            if name.casefold() not in self.known or self._ignored(key) or self._empty(name, value):
                continue
            if name.casefold() == self.title.casefold():
                message = f"`{name}` is the database's title; `{TITLE_KEY}` in the front matter sets it."
                line = source.lines.get(key, 0)
                said.append(diagnostic("property-read-only", message, source.path, line, min(line, 1)))
                continue
            given[key], names[key] = value, name
        values, more = property_values(
            given,
            self.columns.values(),
            source.path,
            lines=source.lines,
            create_options=self.spec.new_options == "create",
            related=self.find.related(source.path),
            local=partial(self.local, source.path),
            names=names,
        )
        return values, [*said, *more]

    def _ignored(self, key: str) -> bool:
        return any(
            wish.ignore for name, wish in self.spec.wishes.items() if name.casefold() == key.casefold()
        )

    def _empty(self, name: str, value: Any) -> bool:
        """An empty value says the same as none; a checkbox has no third state to refuse it for."""
        return value is None or value == "" or value == []

    def _grow(self, values: Iterable[PropertyValue]) -> None:
        for value in values:
            column = self.columns[value.name]
            if column.type not in _SELECTS:
                continue
            named = value.value if isinstance(value.value, tuple) else (str(value.value),)
            if new := tuple(name for name in named if name not in column.options):
                self.columns[value.name] = replace(column, options=(*column.options, *new))
                self.grown.add(value.name)


def flatten(tree: PageTree, base: str) -> PageTree:
    """Every file below a database as a record of it; folders without a text of their own are no pages then."""
    below = {base}
    pages: list[PageNode] = []
    for node in tree.pages:
        if node.parent not in below:
            pages.append(node)
            continue
        below.add(node.key)
        if node.path is not None:
            pages.append(replace(node, parent=base))
    return PageTree(tuple(pages), tree.drafts, tree.diagnostics)


def hold(tree: PageTree, keys: Iterable[str]) -> PageTree:
    """The tree with more pages held back."""
    wanted = frozenset(keys)
    if not wanted:
        return tree
    pages = tuple(replace(node, held=node.held or node.key in wanted) for node in tree.pages)
    return PageTree(pages, tree.drafts, tree.diagnostics)
