"""Everything that stands in a workspace, without ids, so that two workspaces can be compared."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from publisher.remote.workspace import Workspace

_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_KEPT = ("rich_text", "cells", "caption", "checked", "language", "expression", "color", "icon", "url", "external")


async def snapshot(workspace: Workspace, parent: str = "") -> list[Any]:
    """All pages below `parent` (the root by default): title, icon, blocks with their text, marks and links in order.

    An id inside an address is replaced by the title of its page, if it is one, else by "block".
    """
    titles: dict[str, str] = {}
    pages = [await _page(workspace, page.id, page.title, titles) for page in await workspace.child_pages(parent)]
    text = json.dumps(sorted(pages, key=lambda page: str(page["title"])) if not parent else pages)
    found: list[Any] = json.loads(_ID.sub(lambda match: titles.get(match[0].replace("-", ""), "block"), text))
    return found


async def _page(workspace: Workspace, id: str, title: str, titles: dict[str, str]) -> dict[str, Any]:
    titles[id.replace("-", "")] = title
    raw = (await workspace._transport.send(workspace.adapter.get_page(id))).json()
    head = {name: _plain(raw.get(name)) for name in ("icon", "cover")}
    return {"title": title, **head, "body": await _blocks(workspace, id, titles)}


async def _blocks(workspace: Workspace, id: str, titles: dict[str, str]) -> list[Any]:
    found: list[Any] = []
    for block in [block async for block in workspace._children(id)]:
        content = block[block["type"]]
        if block["type"] == "child_page":
            found.append(await _page(workspace, block["id"], content["title"], titles))
            continue
        children = await _blocks(workspace, block["id"], titles) if block["has_children"] else []
        kept = {name: _plain(content[name]) for name in _KEPT if name in content}
        found.append([block["type"], kept, children])
    return found


def _plain(value: Any) -> Any:
    """A value without what differs from one time to the next."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if not key.endswith(("_time", "_by"))}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def texts(found: Any) -> Counter[str]:
    """How often each text and page title stands in a snapshot."""
    counts: Counter[str] = Counter()
    if isinstance(found, dict):
        counts[f"page {found['title']}"] += 1
        counts += texts(found["body"])
    elif isinstance(found, list) and len(found) == 3 and isinstance(found[0], str):
        counts["".join(item.get("plain_text", "") for item in found[1].get("rich_text", []))] += 1
        counts += texts(found[2])
    elif isinstance(found, list):
        for item in found:
            counts += texts(item)
    return counts
