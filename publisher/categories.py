"""The titles and places of folders that a site of Docusaurus declares in their `_category_.json` or `_category_.yml`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from publisher.nav import Nav
from publisher.scan import Scan

NAMES = ("_category_.json", "_category_.yml", "_category_.yaml")


@dataclass(frozen=True, slots=True)
class Categories:
    """What the declarations say of their folders, by their own paths where no other key is named.

    `wrong` is why one cannot be understood, `descriptions` the text that the site shows on the page of a folder.
    """

    site: Nav
    wrong: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)


def declared(found: Scan) -> dict[str, str]:
    """The declarations in a folder, by path. One that cannot be read is left out: it says nothing."""
    texts: dict[str, str] = {}
    for path in sorted(path for path in found.assets if path.endswith(NAMES)):
        if path.rpartition("/")[2] in NAMES:
            try:
                texts[path] = found.source.read(path).decode("utf-8", "replace")
            except OSError:
                continue
    return texts


def categories(texts: Mapping[str, str]) -> Categories:
    """What the declarations say, by their texts and paths.

    A `label`, or the `title` of the page that the site generates, is the title of a folder whose text has none; a
    `position` counts where the text gives no order.
    """
    order: dict[str, float] = {}
    titles: dict[str, str] = {}
    wrong: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    for path, text in texts.items():
        key = path.rpartition("/")[0] + "/"
        try:
            value = _load(path, text)
        except ValueError as error:
            wrong[path] = str(error)
            continue
        link = value.get("link")
        link = link if isinstance(link, dict) else {}
        position = value.get("position")
        if title := _text(value.get("label")) or _text(link.get("title")):
            titles[key] = title
        if description := _text(link.get("description")):
            descriptions[path] = description
        if isinstance(position, (int, float)) and not isinstance(position, bool):
            order[key] = float(position)
    return Categories(Nav(order, titles), wrong, descriptions)


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _load(path: str, text: str) -> Mapping[str, Any]:
    """Raises:
    ValueError: the text is not what its suffix says, or holds no keys.
    """
    try:
        value = json.loads(text) if path.endswith(".json") else _yaml(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("it holds no keys")
    return value


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
