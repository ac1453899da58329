"""Measure what a conversion costs: `python bench/speed.py [--peers PYTHON] [--martian DIRECTORY] FOLDER...`

For each folder and dialect one line: seconds for markdown-it alone with the same plugins, seconds for the whole
conversion (bytes to front matter, blocks, links, block inputs within all limits, fingerprints of file and blocks, the
sketch by which renames are known, diagnostics), their ratio, and the memory of the result in units of the Markdown.
Both run in turns in this process; the ratio is the median of the rounds' ratios, of processor time.

PYTHON is an interpreter that has the packages notion-markdown, notionify and md2notionpage; DIRECTORY has martian in
its `node_modules` (`npm install @tryfabric/martian`). Nothing is installed here, and one that is not there is skipped.
Each is run on the same files, in turns with pagemill, and its processor time counts, without its start. A file that a
peer fails on counts with the time it took, and is counted. Where pagemill works on all processors, that of the process
that worked longest counts. notion-markdown and md2notionpage parse with mistune, which is quicker and not exact.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from markdown_it import MarkdownIt

from converters.dialects import DIALECTS
from converters.dialects.base import Dialect
from converters.document import DEFAULT
from converters.extensions import EXTENSIONS
from converters.frontmatter import split
from publisher.converted import convert_file, convert_packed, unpacked
from publisher.including import Content
from publisher.planning.identity import sketch
from publisher.pool import enable, helpers, spread
from publisher.scan import fingerprint

ROUNDS = 7
GOAL, MOST = 1.25, 1.30
PEERS = ("notion-markdown", "notionify", "md2notionpage")

# Run by the peers' interpreter: the files' names on standard input, seconds and failures on standard output.
PEER = r"""
import contextlib, gc, io, json, sys, time
name, files = sys.argv[1], json.load(sys.stdin)
texts = [open(file, encoding="utf-8", errors="replace").read() for file in files]
if name == "notion-markdown":
    from notion_markdown import to_notion as convert
elif name == "notionify":
    from notionify import NotionifyConfig
    from notionify.converter.md_to_notion import MarkdownToNotionConverter
    convert = MarkdownToNotionConverter(NotionifyConfig(token="none")).convert
else:
    from md2notionpage.core import parse_md as convert
best, failed = 1e9, 0
for _ in range(3):
    gc.collect()
    start, failed = time.process_time(), 0
    for text in texts:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                convert(text)
        except Exception:
            failed += 1
    best = min(best, time.process_time() - start)
print(json.dumps([best, failed]))
"""
MARTIAN = r"""
const {markdownToBlocks} = require('@tryfabric/martian');
const fs = require('fs');
const texts = JSON.parse(fs.readFileSync(0)).map(file => fs.readFileSync(file, 'utf8'));
let best = 1e9, failed = 0;
for (let round = 0; round < 3; round++) {
  const start = process.cpuUsage();
  failed = 0;
  for (const text of texts) {
    try { markdownToBlocks(text, {notionLimits: {truncate: true}}); } catch { failed++; }
  }
  const used = process.cpuUsage(start);
  best = Math.min(best, (used.user + used.system) / 1e6);
}
console.log(JSON.stringify([best, failed]));
"""


def bare() -> MarkdownIt:
    """markdown-it as it comes, with the plugins of the default extensions."""
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
    for name, extension in EXTENSIONS.items():
        if name in DEFAULT.extensions and extension.setup is not None:
            extension.setup(parser)
    return parser


def whole(data: bytes, name: str, dialect: Dialect) -> tuple[object, ...]:
    """A file's conversion from beginning to end, as a run does it; what of it is kept."""
    facts, inputs = convert_file(Content(data), name, dialect, DEFAULT)
    return facts, inputs, [block.digest for top in inputs for block in top.walk()]


def seconds(work: Callable[[], object]) -> float:
    """Processor time, which other programs on the machine do not count in."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(folder: Path, files: list[Path]) -> Iterator[str]:
    """One line for each dialect."""
    sources = [(file.name, file.read_bytes()) for file in files]
    bodies = [split(data.decode("utf-8", "replace")).body for _, data in sources]
    size = sum(len(data) for _, data in sources)
    parser = bare()

    def parse() -> None:
        for body in bodies:
            parser.parse(body)

    for service, dialect in DIALECTS.items():

        def convert(dialect: Dialect = dialect) -> None:
            for name, data in sources:
                whole(data, name, dialect)

        def know() -> None:
            for _, data in sources:
                sketch(data)

        rounds = [(seconds(parse), seconds(convert), seconds(know)) for _ in range(ROUNDS)]
        parsing, converting, _ = map(median, zip(*rounds, strict=True))
        ratio = median(convert / parse for parse, convert, _ in rounds)
        sketching = median(know / parse for parse, _, know in rounds)
        word = "ok" if ratio <= GOAL else f"above {GOAL}" if ratio <= MOST else f"TOO SLOW, above {MOST}"
        yield (
            f"{folder.name:16} {service:8} {len(files):4} files {size / 1e6:4.1f} MB: parse {parsing:5.2f} s, "
            f"whole {converting:5.2f} s, ratio {ratio:.2f} ({word}; {sketching:.2f} of it the sketch), "
            f"memory {memory(sources, dialect) / size:.1f} x"
        )


def memory(sources: list[tuple[str, bytes]], dialect: Dialect) -> int:
    """Bytes that the results of all files hold together, as a run keeps them: facts, and block inputs packed."""

    def keep(name: str, data: bytes) -> object:
        return unpacked(name, fingerprint(data), convert_packed(dialect.name, DEFAULT, name, data))

    keep(*sources[0])  # what is loaded once is not part of it
    gc.collect()
    tracemalloc.start()
    kept = [keep(name, data) for name, data in sources]
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return held


def ours(items: list[tuple[str, bytes]], workers: int) -> float:
    """Processor time of the process that works longest on a folder."""

    def used() -> tuple[float, float]:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time(), children.ru_utime + children.ru_stime

    gc.collect()
    here, there = used()
    for name, packed in spread(partial(convert_packed, "notion", DEFAULT), items, workers):
        unpacked(name, b"", packed)
    now, then = used()
    return max(now - here, (then - there) / (workers or 1))


def peers(python: str | None, martian: str | None, files: list[Path]) -> Iterator[str]:
    """One line for each peer."""
    names = json.dumps([str(file.resolve()) for file in files])
    items = [(file.name, file.read_bytes()) for file in files]
    commands: list[tuple[str, list[str] | None, str | None]] = [
        (peer, [python, "-c", PEER, peer] if python else None, None) for peer in PEERS
    ]
    commands.append(("martian", ["node", "-e", MARTIAN] if martian else None, martian))
    for name, command, directory in commands:
        yield f"    {name:16} {_peer(command, directory, names, items)}"


def _peer(
    command: list[str] | None, directory: str | None, files: str, items: list[tuple[str, bytes]]
) -> str:
    """A peer beside pagemill, which is measured before and after it."""
    if command is None:
        return "skipped: not given"
    before = ours(items, 0), ours(items, helpers(items))
    try:
        done = subprocess.run(command, input=files, capture_output=True, text=True, cwd=directory, check=True)
        took, failed = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip()
        return f"skipped: {said.splitlines()[-1][:90] if said else 'no answer'}"
    after = ours(items, 0), ours(items, helpers(items))
    one, all_of = (min(pair) for pair in zip(before, after, strict=True))
    return (
        f"{took:5.2f} s: {took / one:.2f} times what pagemill takes, "
        f"{took / all_of:.2f} times with {helpers(items) + 1} processes; failed on {failed} files"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--martian", metavar="DIRECTORY")
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    enable()
    for folder in options.folders:
        files = sorted(path for path in folder.rglob("*.md") if path.is_file())
        for line in measure(folder, files):
            print(line, flush=True)
        if options.peers or options.martian:
            for line in peers(options.peers, options.martian, files):
                print(line, flush=True)


if __name__ == "__main__":
    main()
