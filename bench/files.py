"""Whether every picture of real folders arrives, once: `python bench/files.py FOLDER…`

The pictures that the texts name are found here on their own, by a pattern over the raw Markdown; those that exist in
the folder must be in the workspace afterwards, byte for byte. One line per folder and dialect: pictures named, missing
ones, files uploaded, uploads of a second publish, and what one changed picture costs: uploads and writes (one for each
block that shows it). Exits with 1 if anything is missing or was sent in vain.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

sys.path.insert(0, str(Path(__file__).resolve().parent))

from corpora import each, publish

from publisher.config import Settings, load

IMAGE = re.compile(
    r"""!\[[^\]]*\]\(\s*<?([^\s)>"']+)|<img\b[^>]*?\bsrc=["']([^"']+)"""
    r"""|^[ ]{0,3}\[[^\]]+\]:\s*<?(\S+\.(?:png|jpe?g|gif|svg|webp))\b""",
    re.IGNORECASE | re.MULTILINE,
)
FENCE = re.compile(r"^[ \t>]*(```+|~~~+).*?^[ \t>]*\1[ \t]*$|<!--.*?-->", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
ROOTS = ("", "public", "static")


def pictures(folder: Path) -> Counter[Path]:
    """The local pictures that the texts of a folder name and that are there, each as often as it is named."""
    found: Counter[Path] = Counter()
    for file in folder.rglob("*.md"):
        text = CODE.sub("", FENCE.sub("", file.read_text("utf-8", "replace")))
        for match in IMAGE.finditer(text):
            name = unquote((match[1] or match[2] or match[3]).partition("#")[0].partition("?")[0])
            if ":" in name or not name:
                continue
            places = [folder / root / name.lstrip("/") for root in ROOTS] if name.startswith("/") else []
            for place in (file.parent / name, *places):
                if place.is_file() and place.resolve().is_relative_to(folder.resolve()):
                    found[place.resolve()] += 1
                    break
    return found


def held(settings: Settings) -> Counter[str]:
    """The digests of all files in the workspace."""
    assert settings.workspace is not None
    found: Counter[str] = Counter()
    with sqlite3.connect(settings.workspace) as db:
        for (id,) in db.execute("SELECT id FROM file WHERE status = 'uploaded'"):
            digest = sha256()
            for (data,) in db.execute("SELECT data FROM file_part WHERE file = ? ORDER BY number", (id,)):
                digest.update(data)
            found[digest.hexdigest()] += 1
    return found


async def one(folder: Path, dialect: str) -> int:
    settings = load({"folder": str(folder), "dialect": dialect}, {})
    named = pictures(folder)
    first = await publish(settings)
    there = held(settings)
    missing = [path for path in named if sha256(path.read_bytes()).hexdigest() not in there]
    second = await publish(settings)
    line = (
        f"{folder.name:<16} {dialect:<8} pictures {len(named):>3} ({named.total()} places)  missing {len(missing)}  "
        f"uploads {first.uploads} ({first.uploaded_bytes / 1e6:.1f} MB)  second {second.uploads}"
    )
    vain = second.uploads + second.writes
    if once := [path for path, times in named.items() if times == 1 and path.suffix == ".png"]:
        once[0].write_bytes(once[0].read_bytes() + b"\0")
        third = await publish(settings)
        updates = third.writes - third.uploads * (2 if dialect == "notion" else 1)
        line += f"  one changed: {third.uploads} + {updates}"
        vain += third.uploads != 1 or not updates
    print(line, flush=True)
    for path in missing[:5]:
        print(f"    missing {path.relative_to(folder)}")
    return len(missing) + vain


def main(folders: list[str]) -> int:
    return each(folders, one)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
