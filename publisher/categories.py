"""The titles and places of folders that a site of Docusaurus declares, in a `_category_.json` or `_category_.yml` each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from publisher.nav import Nav
from publisher.scan import Scan

NAMES = ("_category_.json", "_category_.yml", "_category_.yaml")


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


def categories(texts: Mapping[str, str]) -> tuple[Nav, dict[str, str]]:
    """What the declarations say of their folders, and what is wrong with those that cannot be understood, by path.

    A `label` is the title of a folder whose text has none; a `position` counts where the text gives no order.
    """
    order: dict[str, float] = {}
    titles: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for path, text in texts.items():
        key = path.rpartition("/")[0] + "/"
        try:
            value = _load(path, text)
        except ValueError as error:
            wrong[path] = str(error)
            continue
        label, position = value.get("label"), value.get("position")
        if isinstance(label, str) and label.strip():
            titles[key] = " ".join(label.split())
        if isinstance(position, (int, float)) and not isinstance(position, bool):
            order[key] = float(position)
    return Nav(order, titles), wrong


def _load(path: str, text: str) -> Mapping[str, Any]:
    """Raises:
    ValueError: the text is not what its suffix says, or holds no keys.
    """
    try:
        value = json.loads(text) if path.endswith(".json") else _yaml(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("holds no keys")
    return value


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None
