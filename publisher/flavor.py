"""What the converter is told: the settings' flavour and extensions, or what the folder's own files say.

Some files are read for that, a few kilobytes of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from converters.document import Options
from converters.extensions import EXTENSIONS, FLAVORS, MDX
from converters.flavors import SAMPLE_FILES, SAMPLE_SIZE, detect
from converters.wants import NO_SNIPPETS
from publisher import nav
from publisher.errors import UsageError
from publisher.scan import Scan, SourceFile
from publisher.settings import Settings

AUTO = "auto"
_CONFIG = "config.toml"
# What Jekyll reads, or writes, and makes no pages of; other names with this sign are those of collections
_JEKYLL = frozenset({"_includes", "_layouts", "_data", "_sass", "_plugins", "_drafts", "_site"})

# What stands beside the settings of a Hugo site and becomes no pages: templates, what they make, other people's sites
_HUGO = ("archetypes/", "layouts/", "public/", "resources/", "themes/")


def options(settings: Settings, flavor: str) -> Options:
    """The converter's options for a flavour, with the extensions that the settings switch on and off.

    Raises:
        UsageError: no flavour or extension has that name; the nearest is named.
    """
    _check(flavor, FLAVORS, settings.origin("flavor"), "flavor")
    on, mdx = set(FLAVORS[flavor]), set(MDX)
    for name, wanted in settings.extensions.items():
        _check(name, EXTENSIONS, settings.origin("extensions"), "extension")
        (on.add if wanted else on.discard)(name)
        if not wanted:
            mdx.discard(name)
    looks = settings.mirror and settings.service == "notion"  # Buildin takes no file as an icon or a cover
    return Options(
        frozenset(on), settings.order_keys, settings.title_from, frozenset(mdx), settings.mirror, looks
    )


def with_site(options: Options, found: Scan, flavor: str) -> Options:
    """The options with what the site of the folder says in its own settings."""
    source = nav.find(found.source, found.folder.name) if flavor == "mkdocs" else None
    return replace(options, snippets=nav.snippets(source, found.folder.name)) if source else options


def version(options: Options) -> str:
    """The options as text: equal options give equal texts, in every process."""
    parts = (options.extensions, options.order_keys, options.title_from, options.mdx)
    said = "/".join(",".join(sorted(part) if isinstance(part, frozenset) else part) for part in parts)
    said += f"/{options.snippets}" if options.snippets != NO_SNIPPETS else ""
    return said + "/mirror" * options.mirror + "/looks" * options.mirror_looks


def flavor_of(settings: Settings, found: Scan, remembered: str = "") -> str:
    """The flavour of a folder.

    `remembered` is what its texts said when they were as they are now; else they are read.
    """
    if settings.flavor != AUTO:
        return settings.flavor
    named = detect(_names(found), (), _configs(found))
    if named != detect(()):
        return named
    return remembered or detect((), _samples(found))


def for_site(found: Scan, flavor: str) -> Scan:
    """The scan without the files that the site of a flavour makes no pages of; others may still include them."""
    left_out = _left_out_by_hugo(found) if flavor == "hugo" else ()
    parts = frozenset(
        file.path
        for file in found.files
        if _is_partial(file.path, flavor) or (left_out and file.path.startswith(left_out))
    )
    if not parts:
        return replace(found, site=flavor)
    files = tuple(file for file in found.files if file.path not in parts)
    return replace(found, files=files, ignored=found.ignored | parts, partials=parts, site=flavor)


def _is_partial(path: str, flavor: str) -> bool:
    if flavor == "docusaurus":  # the default of its `exclude`
        return path.startswith("_") or "/_" in path
    return flavor == "jekyll" and not _JEKYLL.isdisjoint(path.split("/")[:-1])


def _left_out_by_hugo(found: Scan) -> tuple[str, ...]:
    """The directories beside the settings of a site that hold no content of it: "archetypes/", "themes/"."""
    sites = set[str]()
    for path in (*found.assets, *found.ignored):
        above, _, name = path.rpartition("/")
        stem, _, suffix = name.partition(".")
        top = f"/{above}".removesuffix("/config/_default").lstrip("/")
        # other programs have a `config.toml` too: further down it is taken for theirs
        if suffix in ("toml", "yaml", "yml", "json") and (stem == "hugo" or (stem == "config" and not top)):
            sites.add(f"{top}/" if top else "")
    return tuple(site + name for site in sorted(sites) for name in _HUGO)


def flavor_of_text(settings: Settings, text: str) -> str:
    """The flavour of one text that stands in no folder."""
    return detect((), (text,)) if settings.flavor == AUTO else settings.flavor


def _names(found: Scan) -> Iterator[str]:
    yield from found.assets
    yield from found.ignored
    yield from (file.path.rpartition("/")[0] for file in found.files)
    try:
        yield from (entry.name for entry in found.source.entries("../"))
    except OSError:
        return


def _configs(found: Scan) -> Iterator[str]:
    for path in (_CONFIG, f"../{_CONFIG}"):
        try:
            yield (found.source.find(path) or b"")[:SAMPLE_SIZE].decode("utf-8", "replace")
        except OSError:
            continue


def _samples(found: Scan) -> Iterator[str]:
    """The heads of some files, evenly over the folder."""
    for file in _spread(found.files):
        try:
            yield found.read(file)[:SAMPLE_SIZE].decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:
            continue


def _spread(items: Sequence[SourceFile]) -> Iterable[SourceFile]:
    count = len(items)
    if count <= SAMPLE_FILES:
        return items
    return (items[index * count // SAMPLE_FILES] for index in range(SAMPLE_FILES))


def _check(name: str, known: Iterable[str], where: str, what: str) -> None:
    names = sorted(known)
    if name in names:
        return
    near = get_close_matches(name.lower().replace("_", "-"), names, 1)
    others = [AUTO, *names] if what == "flavor" else names
    hint = f"Did you mean {near[0]!r}?" if near else f"Known {what}s: {', '.join(others)}."
    raise UsageError(f"{where}: unknown {what} {name!r}", hint)
