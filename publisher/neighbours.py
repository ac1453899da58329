"""Other folders that are published from the same place: their pages are not to be taken for this folder's.

Several folders may keep their states in one directory and have pages of the same titles. When the pages of a folder are
looked for, those that belong to another one are left out, as long as that is still there. The state of a folder that was
copied with its place says nothing of the copy.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from publisher.store import Store

_FOLDER = "folder"


def sign(store: Store, folder: Path) -> None:
    """Note which folder the state is of, and where it lies."""
    signature = _signature(os.path.realpath(folder), store.path)
    if store.meta(_FOLDER) != signature:
        store.set_meta(_FOLDER, signature)


def _signature(folder: str, state: Path) -> str:
    return f"{folder}\n{os.path.realpath(state)}"


def pages_of_others(store: Store, folder: Path) -> frozenset[str]:
    """The ids of the pages that states beside this one know, of other folders that are there."""
    mine = os.path.realpath(folder)
    found: set[str] = set()
    for file in store.path.parent.glob("*.db") if store.path.is_absolute() else ():
        if file.name != store.path.name:
            found |= _pages(file, mine)
    return frozenset(found)


def _pages(file: Path, mine: str) -> set[str]:
    """The pages in a state, none if it is of this folder, of one that is gone, or no state at all."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=1)) as there:
            row = there.execute("SELECT value FROM meta WHERE key = ?", (_FOLDER,)).fetchone()
            folder = row[0].partition("\n")[0] if row is not None else mine
            if folder == mine or row[0] != _signature(folder, file) or not Path(folder).is_dir():
                return set()
            return {id for (id,) in there.execute("SELECT id FROM pages")}
    except sqlite3.Error:
        return set()
