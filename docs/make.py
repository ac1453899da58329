"""Write `diagnostics.md` and `mapping.md` from the code: `python docs/make.py`; `--check` only says whether they are stale.

The mapping is not described but done: each sample is converted and shown as what a service would be sent.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samples import CORE, FILES, WITH, Sample
from samples import EXTENSIONS as SAMPLES

from converters.anchors import REFERENCE
from converters.blocks import FileRef, PageRef
from converters.diagnostics import CODES
from converters.dialects import DIALECTS
from converters.dialects.base import BlockInput, parse_address
from converters.document import Options, convert
from converters.extensions import EXTENSIONS, FLAVORS
from converters.includes import assemble

HERE = Path(__file__).resolve().parent
PATH = "page.md"
LONG = 60
SEVERITIES = {
    "error": "Errors: the page is held back, or nothing is published",
    "warning": "Warnings: something is lost or doubtful",
    "info": "Notes: something is shown in another way",
}

# -- diagnostics -------------------------------------------------------------------------------------------------------

DIAGNOSTICS = """\
# Diagnostics

Everything that could not be published as it was written has a diagnostic: a stable code, a severity, and the line and
column in the file. `pagemill check` prints them for people (each `info` with `-v`, otherwise their number), and all of
them as JSON, as GitHub annotations or as SARIF (`--format`).

A code that you do not want to hear of can be turned off:

- on one line, by a comment on it, or alone before it: `<!-- pagemill: off link-broken -->`
- in one file, by its front matter: `pagemill: {off: [link-broken]}`
- in the folder, by its settings: `diagnostics = { "link-broken" = "off" }`; there it can also be made an `info`, a
  `warning` or an `error`.

Errors cannot be turned off. An error in a file holds its page back, and the others are published. An error of the folder
as a whole (a symbolic link that leaves it, two files for one page) stops everything: nothing at all is published before
it is mended, and the last line says which error that is. So does what the settings or `--strict` make an error.
"""


def diagnostics() -> str:
    parts = [DIAGNOSTICS]
    for severity, title in SEVERITIES.items():
        parts.append(f"\n## {title}\n")
        parts += [
            f"\n### {code}\n\n{about.help}\n"
            for code, about in sorted(CODES.items())
            if about.severity == severity
        ]
    return "".join(parts)


# -- mapping -----------------------------------------------------------------------------------------------------------

MAPPING = """\
# What becomes of what

Made from the code, by converting each sample. A line stands for a block: its type, what else it is told, and behind the
colon its text. `‹bold a›` is text with a mark, `‹link a → b›` a link; `↳` is a block within the one above. “Said” names
the [diagnostics](diagnostics.md).

How it degrades follows one rule: no word is lost, no request is refused. What a service has no block for becomes the
nearest that it has.
"""
FOOTNOTES = """
Notes are numbered in the order in which they are first referred to. A reference is the number in brackets and links to
its note; the note ends with `↩`, which links back to the first reference. Links may lead there too: `#fn:NAME` is the
note, `#fnref:NAME` the reference. Blocks have addresses only when they are there, so such a page takes a read and some requests more, mostly
one for each block that refers to a note; `own_links = false` saves them, and both are text then.
"""
INCLUDED = """
The text of the file stands in the place of the line: all of it, some lines ({lines}), or {part}. Only files of the
folder are included, none that is hidden or ignored; a file that changes changes the pages that include it, and a
diagnostic about its text names it. The name of a file counts {base}. Relative links and pictures
in the text count from the page, as they do in the tool that it was written for.
"""
SNIPPETS = INCLUDED.format(
    lines="`part.md:3:9`",
    part="what stands between `--8<-- [start:name]` and `--8<-- [end:name]` (`part.md:name`)",
    base="from what `base_path` says, from the folder's root (whose own name may stand before it), or from the file that "
    "includes it",
)
SNIPPETS += """
Of `pymdownx.snippets` in a `mkdocs.yml`, in the folder or beside it, `base_path` and `auto_append` are read. A base may be
a folder beside the published one, below the directory of the `mkdocs.yml`: what lies there and is not hidden may be
included too. `watch` does not see it change.
"""
INCLUDES = INCLUDED.format(
    lines="`{3,9}`",
    part="a region (`#name`: what stands between `#region name` and `#endregion`, or below a heading)",
    base="from the file that includes it; `@/` is the folder's root",
)
BOOKS = INCLUDED.format(
    lines="`part.md:3:9`",
    part="what stands between `ANCHOR: name` and `ANCHOR_END: name` (`part.md:name`)",
    base="from the file that includes it",
)
SHORTCODES = """
The text of the file stands in the place of the line; a file that is no text of a page's is a block of code, as is one with
`code="true"`. `readfile`, `code-include`, `code_sample` and their like are read too. Only files of the folder are included,
none that is hidden or ignored; a file that changes changes the pages that include it, and a diagnostic about its text
names it. The name of a file counts from the page, or from a folder above it, such as that of the content; relative
links to files, and pictures, in the text count from its own file.
"""
NOTES = """
The text of the note stands in the place of the line, without its front matter: all of it, what stands below a heading, or
one block. The note is found as a link finds it, by its name anywhere in the folder. Its footnotes stay its own, and its
headings give the page no title; relative links and pictures in it count from its own file. What is a draft, hidden or ignored is not shown; a note that changes changes the pages
that show it, and a diagnostic about its text names it. Without this extension a link stands there.
"""
FAMILY_NOTES = {
    "footnotes": FOOTNOTES,
    "snippets": SNIPPETS,
    "includes": INCLUDES,
    "book-includes": BOOKS,
    "shortcode-includes": SHORTCODES,
    "note-embeds": NOTES,
}


def mapping() -> str:
    parts = [MAPPING]
    for title, samples in CORE.items():
        parts.append(f"\n## {title}\n\n{table(samples, frozenset())}")
    parts.append(
        "\n## Extensions\n\nEach can be switched on or off by its name (`extensions` in the settings).\n"
    )
    parts.append(f"\n{flavors()}")
    for name, extension in EXTENSIONS.items():
        parts.append(f"\n### {name}\n\n{sentence(extension.summary)}\n{FAMILY_NOTES.get(name, '')}")
        if name in SAMPLES:
            parts.append("\n" + table(SAMPLES[name], WITH.get(name, frozenset()) | {name}))
    return "".join(parts)


def flavors() -> str:
    rows = (
        f"| `{name}` | {', '.join(f'`{item}`' for item in EXTENSIONS if item in names)} |\n"
        for name, names in FLAVORS.items()
    )
    return "| `flavor` | switches on |\n|---|---|\n" + "".join(rows)


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def table(samples: Iterable[Sample], extensions: frozenset[str]) -> str:
    return "| | written | in Notion | in Buildin | said |\n|---|---|---|---|---|\n" + "".join(
        row(name, text, extensions) for name, text in samples
    )


def row(name: str, text: str, extensions: frozenset[str]) -> str:
    whole = assemble(text, PATH, FILES.get, extensions, find=lambda name: f"{name}.md")
    document = convert(whole.text, PATH, Options(extensions), whole.parts)
    more = document.anchors.keys() - convert(text, PATH, Options(frozenset())).anchors.keys()
    notes = [anchor for anchor in document.anchors if anchor.startswith(REFERENCE)]
    names = [
        f"(links may name it: #{anchor})" for anchor in document.anchors if anchor in more.difference(notes)
    ]
    lines, said = {}, {}
    for service, dialect in DIALECTS.items():
        blocks, more = dialect.encode(document.blocks, PATH)
        head = dialect.head(document)
        lines[service] = [
            *page(document.title, json.loads(head.icon), json.loads(head.cover)),
            *outline(blocks),
            *names,
        ]
        said[service] = {item.code for item in (*document.diagnostics, *more)}
    notion, buildin = lines["notion"], lines["buildin"]
    same = [] if notion != buildin else ["the same"]
    cells = (
        name,
        codes(text.split("\n")),
        codes(notion) or "nothing",
        same[0] if same else codes(buildin) or "nothing",
        spoken(said),
    )
    return f"| {' | '.join(cells)} |\n"


def spoken(said: Mapping[str, set[str]]) -> str:
    both = said["notion"] & said["buildin"]
    found = [link(code) for code in sorted(both)]
    for service, name in (("notion", "Notion"), ("buildin", "Buildin")):
        found += [f"{link(code)} ({name})" for code in sorted(said[service] - both)]
    return ", ".join(found)


def link(code: str) -> str:
    return f"[{code}](diagnostics.md#{code})"


def codes(lines: Iterable[str]) -> str:
    """Lines as code in a table cell."""
    return "<br>".join(code(line) if line.strip() else "" for line in lines)


def code(line: str) -> str:
    line = short(line).replace("|", "\\|")
    if "`" not in line:
        return f"`{line}`"
    fence = (
        "``"
        if "``" not in line
        else "`" + max(line.split(), key=lambda word: word.count("`")).count("`") * "`"
    )
    return f"{fence} {line} {fence}"


def short(text: str) -> str:
    return text if len(text) <= LONG * 3 else f"{text[:LONG]}…"


def page(title: str, icon: Any, cover: Any) -> Iterator[str]:
    """What the page has, where the sample says it."""
    if title != "Page":
        yield f"(title of the page: {title})"
    if icon:
        yield f"(its icon: {icon.get('emoji') or icon['external']['url']})"
    if cover:
        yield f"(its cover: {cover['external']['url']})"


def outline(blocks: Iterable[BlockInput], depth: int = 0) -> Iterator[str]:
    for block in blocks:
        yield "↳ " * depth + describe(block)
        if len(block.children) > 5 and block.type != "table":
            yield "↳ " * (depth + 1) + "…"
        else:
            yield from outline(block.children, depth + 1)


def describe(block: BlockInput) -> str:
    content = json.loads(block.content)
    words = [block.type]
    colors = (content.get(key, "default") for key in ("color", "background_color"))
    words += [color for color in colors if color != "default"]
    if icon := content.get("icon"):
        words.append(icon["emoji"])
    words += [str(content[key]) for key in ("language", "expression", "url") if key in content]
    flags = ("checked", "is_toggleable", "has_column_header", "has_row_header")
    words += [key for key in flags if content.get(key) is True]
    if "external" in content:
        words.append(target(content["external"]["url"]))
    text = spans(content.get("rich_text", ())) or spans(content.get("caption", ()))
    if "cells" in content:
        shown = [spans(cell) for cell in content["cells"]]
        text = " ¦ ".join(shown if len(shown) < 10 else [*shown[:3], "…", shown[-1]])
    line = " ".join(map(short, words))
    return f"{line}: {text}" if text else line


def spans(items: Iterable[Mapping[str, Any]]) -> str:
    return " + ".join(_joined(items))


def _joined(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Spans side by side; a text that had to be cut shows where."""
    found: list[str] = []
    for item in items:
        shown = span(item)
        cut = bool(found) and "‹" not in shown + found[-1]
        if found and not cut:
            found[-1] += shown
        else:
            found.append(shown)
    return found


def span(item: Mapping[str, Any]) -> str:
    if item["type"] == "equation":
        return f"‹equation {short(item['equation']['expression'])}›"
    text = short(item["text"]["content"].replace("\n", "⏎"))
    marks = [mark(key, value) for key, value in item.get("annotations", {}).items()]
    if address := (item["text"].get("link") or {}).get("url"):
        marks.append("link")
        text += f" → {target(address)}"
    shown = " ".join(filter(None, marks))
    return f"‹{shown} {text}›" if shown else text


def mark(key: str, value: bool | str) -> str:
    """The name of one annotation; empty if it is off."""
    if isinstance(value, bool):
        return key if value else ""
    if value == "default":
        return ""
    return f"{value} background" if key == "background_color" else value.replace("_", " ")


def target(address: str) -> str:
    ref = parse_address(address)
    if ref is None:
        return address
    if isinstance(ref, PageRef) and ref.target == PATH and ref.anchor:
        return f"#{ref.anchor}"
    kind = "file" if isinstance(ref, FileRef) else "page"
    return f"{kind} {address.partition('/')[2]}"


PAGES = {"diagnostics.md": diagnostics, "mapping.md": mapping}


def main(arguments: list[str]) -> int:
    missing = [name for name in EXTENSIONS if name not in SAMPLES]
    if missing:
        print(f"docs/samples.py has no sample of {', '.join(missing)}")
    stale = [
        name
        for name, make in PAGES.items()
        if not (HERE / name).exists() or (HERE / name).read_text("utf-8") != make()
    ]
    for name in stale:
        if "--check" in arguments:
            print(f"docs/{name} is stale: run python docs/make.py")
        else:
            (HERE / name).write_text(PAGES[name](), encoding="utf-8", newline="\n")
            print(f"wrote docs/{name}")
    return 1 if missing or (stale and "--check" in arguments) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
