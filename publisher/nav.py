"""The order of pages that a site declares: `nav` in the `mkdocs.yml` of MkDocs, the `SUMMARY.md` of mdBook and GitBook.

The pages themselves keep the places that their folders give them; a declaration only sorts siblings, and names what
has no title of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any
from urllib.parse import unquote

from converters.wants import NO_SNIPPETS, Snippets
from publisher.planning.tree import INDEX_NAMES
from publisher.source import Source as Files

FILES = ("mkdocs.yml", "mkdocs.yaml")
SUMMARIES = ("SUMMARY.md", "src/SUMMARY.md")  # in the folder of a book's pages, or in the book's
_CHAPTER = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?\[((?:[^\]\\\n]|\\.)+)\]\(<?([^)>\s]+)", re.MULTILINE)
_MARKS = re.compile(r"\\(\W)|[`*]")
_PLACE = re.compile(r"\A\$(?:docs|config)_dir(?=/|\Z)")  # behind the tag `!relative`
_SNIPPETS = "pymdownx.snippets"
MAX_BASES = 20  # folders, or files, that the site names for its snippets
MAX_ENTRIES = 20_000  # aliases let a few lines of YAML stand for billions


@dataclass(frozen=True, slots=True)
class Nav:
    """Places and titles by the keys of pages: a file's path, or a folder's with a slash at its end."""

    order: Mapping[str, float] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration file: its text, its name for messages, and the way from its place to the published folder."""

    name: str
    text: str
    inside: bool


NONE = Nav()


def find(files: Files, folder: str) -> Source | None:
    """The configuration in the folder itself or, since a site's pages mostly stand in its `docs`, in the one above.

    `folder` is the name of the folder.
    """
    for base, inside in (("", True), ("../", False)):
        for name in FILES:
            try:
                data = files.find(base + name)
            except OSError:
                continue
            text = data.decode("utf-8", "replace") if data is not None else ""
            if data is not None and (inside or docs_dir(text) == folder):
                return Source(name, text, inside)
    return None


def docs_dir(text: str) -> str:
    """The folder of the pages, as the configuration names it; "docs" if it does not, or cannot be read."""
    try:
        value = _load(text).get("docs_dir", "docs")
    except ValueError:
        return "docs"
    return str(value).removeprefix("./").strip("/")


def read(source: Source) -> Nav:
    """What the configuration says.

    Raises:
        ValueError: it is not YAML.
    """
    top = f"{docs_dir(source.text)}/" if source.inside else ""
    return nav(_load(source.text).get("nav"), "" if top in ("./", "/") else top)


def snippets(source: Source, folder: str) -> Snippets:
    """Where the site's snippets lie, and which of them every page ends with; nothing if it has none.

    `folder` is the name of the published folder. Only what lies below the directory of the configuration counts.
    """
    try:
        said = _extension(_load(source.text).get("markdown_extensions"), _SNIPPETS)
    except ValueError:
        return NO_SNIPPETS
    if said is None:
        return NO_SNIPPETS
    places = {"$docs_dir": docs_dir(source.text), "$config_dir": "."}
    named = [_PLACE.sub(lambda match: places[match[0]], base) for base in _texts(said.get("base_path", "."))]
    top, own = "." if source.inside else "..", f"../{folder}"
    ways = [normpath(join(top, base)) for base in named]  # an absolute one stays so
    bases = [f".{way[len(own) :]}" if f"{way}/".startswith(f"{own}/") else way for way in ways]
    within = [base for base in bases if not base.startswith(("/", "../.." if not source.inside else ".."))]
    return Snippets(tuple(within), _texts(said.get("auto_append")))


def _extension(listed: Any, name: str) -> Mapping[str, Any] | None:
    """What is said of one of the Markdown extensions; None if it is not among them."""
    for item in listed if isinstance(listed, list) else [listed]:
        if item == name:
            return {}
        if isinstance(item, dict) and name in item:
            return item[name] if isinstance(item[name], dict) else {}
    return None


def _texts(value: Any) -> tuple[str, ...]:
    """A text, or the texts of a list."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items[:MAX_BASES] if isinstance(item, str) and item)


def summary(text: str, path: str, files: Collection[str]) -> Nav:
    """What a book's list of chapters says; nothing if most of its links lead elsewhere than to files of the folder.

    `path`: that of the list itself, `files` those of all Markdown files.
    """
    base = path.rpartition("/")[0]
    found = [
        (title, normpath(f"{base}/{unquote(link)}").lstrip("/"))
        for title, link in _CHAPTER.findall(text)[:MAX_ENTRIES]
    ]
    chapters = [{_MARKS.sub(r"\1", title): file} for title, file in found if file in files]
    return nav(chapters) if 2 * len(chapters) > len(found) else NONE


def nav(value: Any, top: str = "") -> Nav:
    """The places and titles of a `nav` as YAML gave it.

    `top` stands before its paths: "" or a folder with its slash.
    """
    order: dict[str, float] = {}
    titles: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    for number, (path, title, section) in enumerate(_entries(value)):
        key = _key(top + path)
        order.setdefault(key, number)
        for folder in _folders(key):
            order.setdefault(folder, number)  # entries come in order, so the first is the least
        if title and not key.endswith("/"):
            titles.setdefault(key, title)
        if section:
            sections.setdefault(section, []).append(key)
    for section, keys in sections.items():
        folders = {key if key.endswith("/") else key.rpartition("/")[0] + "/" for key in keys}
        if len(folders) == 1 and (folder := folders.pop()) not in ("/", top):
            titles.setdefault(folder, section.rpartition("\n")[2])
    return Nav(order, titles)


def _entries(value: Any) -> Iterator[tuple[str, str, str]]:
    """Path, title and section (its titles from the top, one a line) of every page of the folder, in order."""
    stack: list[tuple[Any, str]] = [(value, "")]
    for _ in range(MAX_ENTRIES):
        if not stack:
            return
        item, section = stack.pop()
        if isinstance(item, list):
            stack.extend((part, section) for part in reversed(item[:MAX_ENTRIES]))
        elif isinstance(item, dict):
            for title, part in reversed(item.items()):
                if isinstance(part, str):
                    stack.append(((str(title), part), section))
                elif len(section) < MAX_ENTRIES:
                    stack.append((part, f"{section}\n{title}"))
        else:
            title, path = item if isinstance(item, tuple) else ("", item)
            if isinstance(path, str) and path and "://" not in path:
                yield path.removeprefix("./").lstrip("/"), title, section


def _key(path: str) -> str:
    """The key of the page that a file is the text of."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return f"{folder}/" if stem.lower() in INDEX_NAMES and folder else path


def _folders(key: str) -> Iterator[str]:
    folder = key.rstrip("/").rpartition("/")[0]
    while folder:
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]


def _load(text: str) -> Mapping[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads what MkDocs adds to YAML (`!ENV`, `!!python/name:`) as nothing: no code is looked up."""

    Loader.add_constructor(
        "!relative", lambda loader, node: node.value if isinstance(node.value, str) else None
    )
    Loader.add_multi_constructor("", lambda loader, suffix, node: None)
    try:
        found = yaml.load(text, Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(f"it is not YAML: {' '.join(str(error).split())}") from error
    return found if isinstance(found, dict) else {}
