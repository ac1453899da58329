"""Compare our block tree with another parser's: `python bench/oracle.py FOLDER...`

pyromark (pulldown-cmark) and our parser, which is markdown-it with its rules asked in another way, read each file in
core syntax: CommonMark, tables, strikethrough. For each folder one line: files, blocks, how many block trees agree;
then each difference. Exits with 1 below 99.9 %. (One kind of difference is known, and is none of the documents:
markdown-it decodes escapes and entities in the info string of a code block when it renders, pulldown-cmark when it
parses.)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyromark
from markdown_it import MarkdownIt
from markdown_it.token import Token

from converters.frontmatter import split
from converters.parser import build

GOAL = 99.9
SYNTAX = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH
Line = str  # depth, kind and what belongs to it: "1 heading 2"


def ours(parser: MarkdownIt, text: str) -> list[Line]:
    return list(_of_tokens(parser.parse(text)))


def theirs(text: str) -> list[Line]:
    return list(_of_events(pyromark.events(text, options=SYNTAX)))


_CONTAINERS = {
    "blockquote": "quote", "bullet_list": "list", "ordered_list": "list", "list_item": "item", "table": "table",
    "tr": "row", "th": "cell", "td": "cell",
}  # fmt: skip


def _of_tokens(tokens: Iterable[Token]) -> Iterator[Line]:
    depth = 0
    for token in tokens:
        kind, _, end = token.type.rpartition("_")
        if kind in _CONTAINERS and end == "close":
            depth -= 1
        elif kind in _CONTAINERS and end == "open":
            start = token.attrs.get("start", 1) if kind == "ordered_list" else ""
            yield f"{depth} {_CONTAINERS[kind]} {start}".rstrip()
            depth += 1
        elif token.type == "heading_open":
            yield f"{depth} heading {token.tag[1]}"
        elif token.type == "paragraph_open":
            yield f"{depth} text"
        elif token.type in ("fence", "code_block"):
            yield f"{depth} code {token.info.strip()!r} {_code(token.content)}"
        elif token.type == "hr":
            yield f"{depth} rule"
        elif token.type == "html_block":
            yield f"{depth} html"


def _code(text: str) -> str:
    return f"{len(text.splitlines())} lines, {sum(map(len, text.split()))} characters"


# What pulldown-cmark calls the things that hold others, and those that hold text
_HOLDERS = {
    "BlockQuote": "quote", "List": "list", "Item": "item", "Table": "table", "TableHead": "row", "TableRow": "row",
    "TableCell": "cell",
}  # fmt: skip
_LEAVES = ("Paragraph", "Heading", "CodeBlock", "HtmlBlock")


def _of_events(events: Iterable[Any]) -> Iterator[Line]:
    """The same lines from pulldown-cmark's events, which leave the paragraphs of tight lists out."""
    open_tags: list[str] = []
    depth = 0
    loose = False  # whether the text of a tight item is being read
    code: list[str] = []
    info = ""
    for event in events:
        name, tag, about = _parts(event)
        block = tag in _HOLDERS or tag in _LEAVES
        if event == "Rule" or block:
            loose = False
        if event == "Rule":
            yield f"{depth} rule"
        elif name == "Start" and block:
            open_tags.append(tag)
            if tag in _HOLDERS:
                start = about if tag == "List" and about is not None else ""
                yield f"{depth} {_HOLDERS[tag]} {start}".rstrip()
                depth += 1
            elif tag == "CodeBlock":
                code, info = [], about["Fenced"].strip() if isinstance(about, dict) else ""
            else:
                level = f"heading {about['level'][1]}" if tag == "Heading" else ""
                yield f"{depth} {level or ('html' if tag == 'HtmlBlock' else 'text')}"
        elif name == "End" and block:
            open_tags.pop()
            depth -= tag in _HOLDERS
            if tag == "CodeBlock":
                yield f"{depth} code {info!r} {_code(''.join(code))}"
        elif open_tags[-1:] == ["CodeBlock"]:
            code.append(about)
        elif open_tags[-1:] == ["Item"] and not loose:
            loose = True
            yield f"{depth} text"


def _parts(event: Any) -> tuple[str, str, Any]:
    """An event as its name, what begins or ends, and what is said of it."""
    if isinstance(event, str):
        return event, "", None
    ((name, value),) = event.items()
    if name not in ("Start", "End"):
        return name, "", value
    if isinstance(value, str):
        return name, value, None
    ((tag, about),) = value.items()
    return name, tag, about


def differences(mine: list[Line], other: list[Line]) -> list[tuple[str, str]]:
    """What only one of the two has, in order."""
    matcher = SequenceMatcher(a=mine, b=other, autojunk=False)
    return [
        ("; ".join(mine[a:b]), "; ".join(other[c:d]))
        for what, a, b, c, d in matcher.get_opcodes()
        if what != "equal"
    ]


def measure(folder: Path) -> tuple[int, int]:
    """Print the line of a folder and its differences; gives files, and files that agree."""
    parser = build()
    files = sorted(path for path in folder.rglob("*.md") if path.is_file())
    good = blocks = 0
    said: list[str] = []
    for file in files:
        text = split(file.read_text("utf-8", "replace").removeprefix("\ufeff")).body
        mine, other = ours(parser, text), theirs(text)
        blocks += len(mine)
        good += mine == other
        for first, second in differences(mine, other):
            name = file.relative_to(folder)
            said.append(f"    {name}: ours {first[:90] or 'nothing'} | theirs {second[:90] or 'nothing'}")
    share = 100 * good / max(len(files), 1)
    print(
        f"{folder.name:16} {len(files):5} files, {blocks:6} blocks: {good} block trees agree, {share:.2f} %"
    )
    print("".join(f"{item}\n" for item in said), end="", flush=True)
    return len(files), good


def main(arguments: list[str]) -> int:
    counts = [measure(Path(argument)) for argument in arguments]
    total, good = sum(count for count, _ in counts), sum(agree for _, agree in counts)
    share = 100 * good / max(total, 1)
    print(f"{'all':16} {total:5} files: {good} block trees agree, {share:.2f} %")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
