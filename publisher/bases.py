"""Which folders are databases, and what their records hold: from the settings and from `_database.toml` files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import quote

from converters.diagnostics import Diagnostic, as_sentence, diagnostic
from converters.dialects.schema import read_schema
from converters.dialects.uploads import upload_address
from converters.inference import WRITABLE, Source
from converters.property_types import Refused
from publisher.digests import DATABASE_FILE as FILE
from publisher.errors import UsageError
from publisher.folder import Folder
from publisher.known import KnownDatabase
from publisher.planning.files import Trouble
from publisher.planning.records import BasePlan, BaseSpec, flatten, plan_base
from publisher.planning.tree import ROOT, PageNode, PageTree, humanise
from publisher.remote.ids import page_id
from publisher.scan import Scan
from publisher.settings import Settings
from publisher.wishes import read_wishes

_KEYS = (
    "title", "database", "description", "icon", "inline", "records", "new_options", "new_properties", "properties",
)  # fmt: skip
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "records": ("top", "all"),
    "new_options": ("create", "refuse"),
    "new_properties": ("auto", "create", "ignore"),
}


@dataclass(slots=True)
class Bases:
    """The databases of a folder, by the key of their folder, and what is planned for those whose schema is known."""

    specs: Mapping[str, BaseSpec] = field(default_factory=dict)
    plans: dict[str, BasePlan] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.specs)

    def holds(self, node: PageNode) -> bool:
        """Whether a page is a record."""
        return node.parent in self.specs

    @property
    def held(self) -> frozenset[str]:
        return frozenset().union(*(plan.held for plan in self.plans.values()))

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        return tuple(item for plan in self.plans.values() for item in plan.diagnostics)


def bases_of(settings: Settings, found: Scan) -> tuple[Bases, tuple[Diagnostic, ...]]:
    """The databases that a folder asks for, and what is wrong with their descriptions."""
    specs: dict[str, BaseSpec] = {}
    said: list[Diagnostic] = []
    for path in sorted(path for path in found.assets if path.rpartition("/")[2] == FILE):
        folder = path.rpartition("/")[0]
        try:
            specs[f"{folder}/"] = _described(path, folder, found)
        except (ValueError, OSError, UsageError) as error:
            said.append(diagnostic("database-settings", as_sentence(error), path))
    if settings.database:
        specs[ROOT] = _asked(settings)
    return Bases(specs), tuple(said)


def _asked(settings: Settings) -> BaseSpec:
    id, title = "", settings.database
    try:
        id, title = page_id(settings.database), ""
    except UsageError:
        if "://" in settings.database:
            raise
    return BaseSpec(
        ROOT,
        title or humanise(settings.folder.name),
        id,
        records=settings.records,
        wishes=settings.properties,
        new_options=settings.new_options,
        new_properties=settings.new_properties,
    )


def _described(path: str, folder: str, found: Scan) -> BaseSpec:
    """The database of one `_database.toml`.

    Raises:
        ValueError: it is not TOML, or says what cannot be.
    """
    text = (found.folder / path).read_text(encoding="utf-8-sig")
    values: dict[str, Any] = tomllib.loads(text)
    if unknown := sorted(set(values) - set(_KEYS)):
        raise ValueError(f"unknown key “{unknown[0]}”; known are {', '.join(_KEYS)}")
    for key in ("title", "database", "description", "icon"):
        if not isinstance(values.get(key, ""), str):
            raise ValueError(f"{key} must be a text")
    for key, choices in _CHOICES.items():
        if values.get(key, choices[0]) not in choices:
            raise ValueError(f"{key} must be {' or '.join(f'“{choice}”' for choice in choices)}")
    if not isinstance(values.get("inline", False), bool):
        raise ValueError("inline must be true or false")
    name = (folder or found.folder.name).rpartition("/")[2]
    return BaseSpec(
        f"{folder}/",
        " ".join(values.get("title", "").split()) or humanise(name),
        page_id(values["database"]) if values.get("database") else "",
        values.get("description", ""),
        values.get("icon", ""),
        values.get("inline", False),
        values.get("records", "top"),
        read_wishes(values.get("properties", {})),
        values.get("new_options", "create"),
        values.get("new_properties", "auto"),
    )


def shaped(tree: PageTree, bases: Bases, wrong: tuple[Diagnostic, ...]) -> PageTree:
    """The tree with all files of a database as its records where that is wanted. Its diagnostics say, beside what is
    wrong already, which databases cannot stand where they do."""
    if not bases and not wrong:
        return tree
    said = [*wrong]
    for key in bases.specs:
        node = tree.by_key.get(key)
        above = [
            other
            for other, spec in bases.specs.items()
            if other != key and spec.records == "all" and (other == ROOT or key.startswith(other))
        ]
        if node is not None and (node.parent in bases.specs or above):
            message = "A database stands below a page, and not in another database."
            said.append(diagnostic("database-nested", message, f"{key.rstrip('/')}/{FILE}".lstrip("/")))
    tree = PageTree(_marked(tree, bases), tree.drafts, (*tree.diagnostics, *said))
    for key, spec in bases.specs.items():
        if spec.records == "all" and not said:
            tree = flatten(tree, key)
    return tree


def _marked(tree: PageTree, bases: Bases) -> tuple[PageNode, ...]:
    """All pages, the databases among them under their own titles."""
    return tuple(
        replace(node, title=spec.title, database=True)
        if (spec := bases.specs.get(node.key)) is not None
        else node
        for node in tree.pages
    )


def plan(bases: Bases, key: str, known: KnownDatabase | None, tree: PageTree, folder: Folder) -> BasePlan:
    """Check all records of one database against its schema, or against the one it will be made with."""
    nodes = [node for node in tree.pages if node.parent == key]
    made = plan_base(
        bases.specs[key],
        None if known is None else read_schema(known.schema),
        known is not None and known.made,
        nodes,
        sources(folder, nodes),
        folder.dialect.property_types(WRITABLE),
        partial(_local, folder),
    )
    if folder.assets is not None:
        folder.assets.settle()  # files that only properties name count from now on
    bases.plans[key] = made
    return made


def _local(folder: Folder, path: str, text: str) -> str | None:
    """What a property holds for the file of the folder that a text in a file names; None if it names none.

    Raises:
        Refused: the file cannot go up, or there is no property that takes it: Buildin's hold addresses.
    """
    assets = folder.assets
    if assets is None or "://" in text:
        return None
    places = (normpath(join(dirname(path), text)), text.lstrip("/"))
    name = next((place for place in places if place in assets.names), None)
    if name is None:
        return None
    if folder.settings.files_url:
        return f"{folder.settings.files_url.rstrip('/')}/{quote(name)}"
    if folder.dialect.name != "notion":
        raise Refused("holds addresses of the web: Buildin takes no uploaded file in a property")
    found = assets.get(name)
    if isinstance(found, Trouble):
        raise Refused(f"cannot hold this file: {found.message.rstrip('.')}")
    return upload_address(found.hash)


def sources(folder: Folder, nodes: Iterable[PageNode]) -> dict[str, Source]:
    """The front matter of the files behind some pages."""
    found = {}
    for node in nodes:
        if node.path is not None and (facts := folder.facts.get(node.path)) is not None:
            found[node.path] = Source(node.path, facts.properties, facts.lines)
    return found


def ready(bases: Bases, key: str, known: KnownDatabase | None) -> bool:
    """Whether a database can be planned without a request: it is known, or it is to be made."""
    return known is not None or not bases.specs[key].id
