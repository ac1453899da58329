"""Measure the cost of a conversion in units of the bare parse: `python bench/speed.py FOLDER...`

For each folder one line: seconds for markdown-it alone with the same plugins, for the whole conversion (front matter,
parse, blocks, links, diagnostics), and their ratio. Both run in turns in this process; the best of the rounds counts.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from markdown_it import MarkdownIt

from converters.document import DEFAULT, convert
from converters.extensions import EXTENSIONS
from converters.frontmatter import split

ROUNDS = 5


def bare() -> MarkdownIt:
    """markdown-it as it comes, with the plugins of the default extensions."""
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    for name, extension in EXTENSIONS.items():
        if name in DEFAULT.extensions and extension.setup is not None:
            extension.setup(parser)
    return parser


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(folder: Path) -> str:
    texts = [(file.name, file.read_text("utf-8", "replace")) for file in sorted(folder.rglob("*.md"))]
    bodies = [split(text).body for _, text in texts]
    parser = bare()

    def parse() -> None:
        for body in bodies:
            parser.parse(body)

    def whole() -> None:
        for name, text in texts:
            convert(text, name)

    rounds = [(seconds(parse), seconds(whole)) for _ in range(ROUNDS)]
    parsing, converting = min(first for first, _ in rounds), min(second for _, second in rounds)
    size = sum(len(body) for body in bodies) / 1e6
    return (
        f"{folder.name}: {len(texts)} files, {size:.1f} MB: parse {parsing:.2f} s, convert {converting:.2f} s, "
        f"ratio {converting / parsing:.2f}"
    )


def main(arguments: list[str]) -> None:
    for argument in arguments:
        print(measure(Path(argument)))


if __name__ == "__main__":
    main(sys.argv[1:])
