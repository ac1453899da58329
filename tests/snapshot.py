"""Everything that stands in a workspace, as lines without ids, so that two workspaces can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from publisher.remote.workspace import Workspace

_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
_PLAIN = {"bold", "italic", "strikethrough", "underline", "code"}


async def snapshot(workspace: Workspace, parent: str = "") -> list[str]:
    """All pages below `parent` (the root by default) with their blocks, in order, one line each, nested ones indented.

    An id in an address is replaced by the title of its page, or by the text of its block.
    """
    titles: dict[str, str] = {}
    roots = await workspace.child_pages(parent)
    lines = [
        line
        for page in sorted(roots, key=lambda page: page.title)
        for line in await _page(workspace, page.id, page.title, titles, "")
    ]
    return [_ID.sub(lambda match: titles.get(match[0].replace("-", ""), "block"), line) for line in lines]


async def _page(workspace: Workspace, id: str, title: str, titles: dict[str, str], indent: str) -> list[str]:
    titles[id.replace("-", "")] = title
    page = (await workspace._transport.send(workspace.adapter.get_page(id))).json()
    return [f"{indent}# {title} {_shown(page['icon'])}", *await _blocks(workspace, id, titles, indent + "  ")]


async def _blocks(workspace: Workspace, id: str, titles: dict[str, str], indent: str) -> list[str]:
    found: list[str] = []
    for block in [block async for block in workspace._children(id)]:
        content = block[block["type"]]
        if block["type"] == "child_page":
            found += await _page(workspace, block["id"], content["title"], titles, indent)
            continue
        found.append(f"{indent}{block['type']} {_content(content)}")
        text = "".join(item["plain_text"] for item in content.get("rich_text", []))
        titles[block["id"].replace("-", "")] = f"‹{text[:20]}›" if text else "block"
        if block["has_children"]:
            found += await _blocks(workspace, block["id"], titles, indent + "  ")
    return found


def _content(content: Mapping[str, Any]) -> str:
    cells = [" ".join(map(_item, cell)) for cell in content.get("cells", [])]
    text = " ".join(map(_item, content.get("rich_text", [])))
    others = {name: content[name] for name in ("checked", "language", "expression", "url") if name in content}
    source = content.get("file") or content.get("external") or {}
    if url := source.get("url"):
        others["shows"] = url.rpartition("/")[2].partition("?")[0]
    return " | ".join([text, *cells, *([_shown(others)] if others else [])])


def _item(item: Mapping[str, Any]) -> str:
    marks = "".join(f"<{name}>" for name in sorted(_PLAIN) if item["annotations"].get(name))
    link = (item.get("text") or {}).get("link")
    return f"{marks}{item['plain_text']}" + (f"({link['url']})" if link else "")


def _shown(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
