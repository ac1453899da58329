"""Convert every example of the Markdown specifications: `python bench/spec.py [-v] SPEC_DIR_OR_FILE...`

Reads CommonMark's `*.json` and the `*.txt` of GitHub's specification, whose examples stand between long fences. For
each file one line: examples, how many raised, how many lost a word, a link or a picture, how many block inputs were
made. `-v` shows what was lost. Exits with 1 if anything raised or was lost. Every example is converted with the default
extensions and with none, for both services.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from words import kept, of_document, of_tokens

from converters.dialects import DIALECTS
from converters.document import DEFAULT, Options, _program, convert
from converters.frontmatter import split

EXAMPLE = re.compile(r"^(`{32}) example[^\n]*\n(.*?)^\.\n.*?^\1$", re.MULTILINE | re.DOTALL)
PLAIN = Options(frozenset())


def examples(file: Path) -> Iterator[str]:
    text = file.read_text("utf-8")
    if file.suffix == ".json":
        yield from (example["markdown"] for example in json.loads(text))
    else:
        yield from (match[2].replace("→", "\t") for match in EXAMPLE.finditer(text))


def attempt(text: str, options: Options) -> tuple[list[str], int]:
    """What one example lost, and how many block inputs it became.

    Raises:
        Exception: whatever the conversion raised, which it never should.
    """
    document = convert(text, "example.md", options)
    made = 0
    for dialect in DIALECTS.values():
        inputs, _ = dialect.encode(document.blocks, "example.md")
        made += sum(1 for top in inputs for _ in top.walk())
    compiled = _program(options.extensions)
    body = split(text).body
    for prepare in compiled.prepare:
        body = prepare(body)
    want, have = of_tokens(compiled.parser.parse(body), "example.md", compiled), of_document(document)
    lost = []
    for name in ("words", "links", "images"):
        wanted, found = getattr(want, name), getattr(have, name)
        good, of = kept(found, wanted)
        if good < of:
            lost.append(f"{name} {dict(list((wanted - found).items())[:5])}")
    return lost, made


def measure(file: Path, verbose: bool) -> tuple[str, bool]:
    count = raised = losing = made = 0
    for number, text in enumerate(examples(file), 1):
        for options in (DEFAULT, PLAIN):
            count += 1
            try:
                lost, blocks = attempt(text, options)
            except Exception as error:
                raised += 1
                print(f"    example {number} raised {error!r}: {text[:80]!r}")
                continue
            made += blocks
            losing += bool(lost)
            if lost and verbose:
                print(f"    example {number} lost {'; '.join(lost)}: {text[:80]!r}")
    line = (
        f"{file.name:24} {count:5} conversions: {raised} raised, {losing} lost something, {made} block inputs"
    )
    return line, not (raised or losing) and count > 0


def main(arguments: list[str]) -> int:
    verbose = "-v" in arguments
    good = True
    for argument in (Path(item) for item in arguments if item != "-v"):
        for file in sorted(argument.iterdir()) if argument.is_dir() else [argument]:
            if file.suffix in (".json", ".txt"):
                line, fine = measure(file, verbose)
                good = good and fine
                print(line, flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
