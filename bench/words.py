"""Measure what a conversion keeps: `python bench/words.py FOLDER_OR_SPEC.json...`

For each argument one line: the share of the words, link targets and picture targets that markdown-it's tokens hold and
the blocks hold too. Comments and front matter are not words; half-width and raised forms of a character are equal.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from markdown_it.token import Token

from converters.blocks import Bookmark, Document, Embed, FileRef, InlineEquation, Media, PageRef, Span, Url
from converters.document import DEFAULT, Options, _program, convert
from converters.frontmatter import split
from converters.links import classify
from converters.state import Program
from publisher.flavor import flavor_of, options
from publisher.scan import is_markdown, scan
from publisher.settings import Settings

WORD = re.compile(r"\w+")
MARK_TAG = re.compile(r"</?(?!br|li|p|div|td|tr|ul|ol|h\d|img|hr)[a-z]", re.IGNORECASE)


def words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


class Tally:
    """Words, links and pictures, with how often each occurs."""

    def __init__(self) -> None:
        self.words: Counter[str] = Counter()
        self.links: Counter[object] = Counter()
        self.images: Counter[object] = Counter()


def flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def shown(token: Token) -> str:
    """The text of one inline token, joined: `r**e**d` is one word."""
    parts = []
    for child in flat(token.children or ()):
        if child.type == "html_inline":
            parts.append("" if MARK_TAG.match(child.content) else " ")
        else:
            parts.append(" " if child.type in ("softbreak", "hardbreak", "image") else child.content)
    return "".join(parts)


def addressed(href: str, program: Program) -> str:
    """An address as the extensions read it."""
    for rewrite in program.addresses:
        href = rewrite(href)
    return href


def of_tokens(tokens: list[Token], path: str, program: Program) -> Tally:
    tally = Tally()
    for index, token in enumerate(tokens):
        text = shown(token) if token.type == "inline" else "" if token.type == "html_block" else token.content
        if index > 1 and tokens[index - 2].type == "list_item_open":
            text = re.sub(r"^\[[ xX]\](?=\s)", "", text)  # a box, not a word
        tally.words.update(words(text))
    for token in flat(tokens):
        if token.type == "link_open" and (
            link := classify(addressed(str(token.attrs["href"]), program), path)
        ):
            tally.links[link] += 1
        elif token.type == "image" and (link := classify(str(token.attrs["src"]), path, media=True)):
            tally.images[link] += 1
    return tally


def of_document(document: Document) -> Tally:
    tally = Tally()
    texts = [document.title, " "]
    stack: list[Any] = [document.blocks]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, (tuple, list)):
            stack.extend(reversed(item))
            if item and isinstance(item[0], (Span, InlineEquation)):
                texts.append(" ")
        elif isinstance(item, Span):
            texts.append(item.text)
            note(tally, item.link)
        elif is_dataclass(item):
            texts.append(" ")
            if isinstance(item, Media):
                note(tally, item.source)
            elif isinstance(item, (Bookmark, Embed)):
                note(tally, Url(item.url))
            stack.extend(
                reversed([getattr(item, field.name) for field in fields(item) if field.name in CONTENT])
            )
    tally.words.update(words("".join(texts)))
    return tally


CONTENT = {"text", "children", "caption", "rows", "columns", "expression"}


def note(tally: Tally, link: Url | PageRef | FileRef | None) -> None:
    if link is not None:
        tally.links[link] += 1
        tally.images[link] += 1


def kept(have: Mapping[Any, int], want: Mapping[Any, int]) -> tuple[int, int]:
    return sum(min(count, have.get(key, 0)) for key, count in want.items()), sum(want.values())


def cases(argument: Path) -> Iterator[tuple[str, str]]:
    if argument.suffix == ".json":
        for number, example in enumerate(json.loads(argument.read_text("utf-8")), 1):
            yield f"example-{number}.md", example["markdown"]
        return
    for file in (
        sorted(item for item in argument.rglob("*") if is_markdown(item.name))
        if argument.is_dir()
        else [argument]
    ):
        yield file.relative_to(argument).as_posix(), file.read_bytes().decode("utf-8", "replace")


def measure(argument: Path, options: Options, verbose: bool) -> str:
    totals = {name: [0, 0] for name in ("words", "links", "images")}
    files = 0
    for path, text in cases(argument):
        files += 1
        document = convert(text, path, options)
        body = split(text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")).body
        compiled = _program(options.of(path))
        for prepare in compiled.prepare:
            body = prepare(body)
        want, have = of_tokens(compiled.parser.parse(body), path, compiled), of_document(document)
        for name, total in totals.items():
            good, of = kept(getattr(have, name), getattr(want, name))
            total[0] += good
            total[1] += of
            if verbose and good < of:
                lost = getattr(want, name) - getattr(have, name)
                print(f"  {path}: {name} lost: {list(lost.items())[:8]}")
    shares = ", ".join(
        f"{name} {100 * good / of if of else 100:.2f} % of {of:,}" for name, (good, of) in totals.items()
    )
    return f"{argument.name}: {files} files: kept {shares}"


def chosen(argument: Path) -> Options:
    """The options for a folder: its flavour as its own files tell it."""
    if not argument.is_dir():
        return DEFAULT
    found = scan(argument)
    settings = Settings(folder=argument)
    return options(settings, flavor_of(settings, found))


def main(arguments: list[str]) -> None:
    verbose = "-v" in arguments
    for argument in arguments:
        if argument != "-v":
            print(measure(Path(argument), chosen(Path(argument)), verbose))


if __name__ == "__main__":
    main(sys.argv[1:])
