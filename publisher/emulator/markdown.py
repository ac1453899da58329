"""The body of a page as Markdown, for the services' operations that read it so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from publisher.emulator.rows import DATABASE, PAGE, BlockRow

_SPECIAL = re.compile(r"([\\*~`$\[\]<>{}|^])")
_FENCE = re.compile(r"^`{3,}", re.MULTILINE)
_PREFIXES = {
    "paragraph": "",
    "heading_1": "# ",
    "heading_2": "## ",
    "heading_3": "### ",
    "heading_4": "#### ",
    "bulleted_list_item": "- ",
    "numbered_list_item": "1. ",
    "quote": "> ",
    "toggle": "- ",
    "callout": "> ",
    "template": "",
}
_CONTAINERS = ("column_list", "column", "synced_block", "tab")
_MARKS = (("strikethrough", "~~"), ("italic", "*"), ("bold", "**"))


def render(blocks: Sequence[BlockRow], root: str, base_url: str, *, unknown: str) -> tuple[str, list[str]]:
    """Markdown of blocks in reading order, children indented by a tab, and the ids of those it has no form for.

    `unknown` is what stands for such a block; `{type}` in it is replaced.
    """
    depths = {root: 0}
    lines: list[str] = []
    lost: list[str] = []
    below: dict[str, list[BlockRow]] = {}
    for block in blocks:
        below.setdefault(block.parent_id, []).append(block)
    for block in blocks:
        depth = depths.get(block.parent_id, 0)
        depths[block.id] = depth + (block.type not in _CONTAINERS)
        if block.type in _CONTAINERS or block.type == "table_row":
            continue
        text = _block(block, below.get(block.id, ()), base_url)
        if text is None:
            lost.append(block.id)
            text = unknown.replace("{type}", block.type)
        indent = "\t" * depth
        lines.extend(indent + line for line in text.split("\n"))
    return "\n".join(lines) + ("\n" if lines else ""), lost


def _block(block: BlockRow, children: Iterable[BlockRow], base_url: str) -> str | None:
    content = block.content
    if block.type in _PREFIXES:
        prefix = _PREFIXES[block.type]
        return prefix + rich(content.get("rich_text", ())).replace("\n", "<br>")
    if block.type == "to_do":
        return f"- [{'x' if content.get('checked') else ' '}] {rich(content['rich_text'])}"
    if block.type == "code":
        text = "".join(item["text"] for item in content["rich_text"])
        longest = max((len(found[0]) for found in _FENCE.finditer(text)), default=2)
        fence = "`" * (longest + 1)
        return f"{fence}{content.get('language', '')}\n{text}\n{fence}"
    if block.type == "equation":
        return f"$$\n{content['expression']}\n$$"
    if block.type == "divider":
        return "---"
    if block.type == "image":
        return f"![{rich(content.get('caption', ()))}]({content['url']})"
    if block.type in ("video", "audio", "pdf", "file", "bookmark", "embed", "link_preview"):
        return f"[{rich(content.get('caption', ())) or content['url']}]({content['url']})"
    if block.type == "table":
        return _table([child.content["cells"] for child in children if child.type == "table_row"])
    if block.type in (PAGE, DATABASE):
        tag = "page" if block.type == PAGE else "database"
        return f'<{tag} url="{base_url}/p/{block.id}">{_escape(content["title"])}</{tag}>'
    return None


def _table(rows: Sequence[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(rich(cell).replace("\n", "<br>") for cell in row) + " |" for row in rows]
    if rows:
        lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def rich(items: Iterable[Mapping[str, Any]]) -> str:
    """Rich text as inline Markdown."""
    return "".join(_item(item) for item in items)


def _item(item: Mapping[str, Any]) -> str:
    text = item["text"]
    if item["type"] == "equation":
        return f"$`{text}`$"
    if item.get("code"):
        ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
        shown = f"{ticks}{text}{ticks}"
    else:
        shown = _escape(text)
        core = shown.strip()
        if core:
            for mark, sign in _MARKS:
                if item.get(mark):
                    core = f"{sign}{core}{sign}"
            lead = shown[: len(shown) - len(shown.lstrip())]
            shown = lead + core + shown[len(shown.rstrip()) :]
    return f"[{shown}]({item['link']})" if item.get("link") else shown


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
