"""A push, or a change, of nothing but a picture publishes the pages that show it; the bytes come from the commit."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from repositories import Clone, bare, clone

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A remote, and a clone whose first commit is pushed and published."""
    root = tmp_path_factory.mktemp("template")
    made = clone(root, bare(root))
    made.git("remote", "set-url", "origin", "../remote.git")
    made.write("pagemill.toml", 'folder = "docs"\nfile_roots = ["assets"]\n')
    put(made, "docs/x.png", PNG)
    put(made, "assets/y.png", PNG + b"y")
    made.commit(
        docs__index_md="# Docs\n\nText.\n",
        docs__a_md="# A\n\n![x](x.png)\n",
        docs__b_md="# B\n\n![y](../assets/y.png)\n",
    )
    made.pagemill("hook", "install")
    made.push()
    return root


@pytest.fixture
def work(template: Path, tmp_path: Path) -> Clone:
    for name in ("work", "remote.git"):
        shutil.copytree(template / name, tmp_path / name)
    return Clone(tmp_path / "work")


def put(work: Clone, path: str, data: bytes) -> None:
    (work.root / path).parent.mkdir(parents=True, exist_ok=True)
    (work.root / path).write_bytes(data)


def held(work: Clone) -> list[bytes]:
    """The files that the embedded workspace holds."""
    with sqlite3.connect(work.root / ".pagemill/workspace.db") as db:
        rows = db.execute(
            "SELECT group_concat(hex(data), '') FROM (SELECT * FROM file_part ORDER BY file, number) GROUP BY file"
        )
        return sorted(bytes.fromhex(row[0]) for row in rows)


def test_a_push_of_a_picture_publishes_the_page_that_shows_it(work: Clone) -> None:
    assert held(work) == sorted([PNG, PNG + b"y"])
    put(work, "docs/x.png", PNG + b"pushed")
    work.commit()
    put(work, "docs/x.png", b"not committed")
    result = work.push()
    assert "1 updated" in result.err
    assert "  a.md" in result.err
    assert PNG + b"pushed" in held(work)
    assert b"not committed" not in held(work)


def test_a_push_of_a_picture_in_a_further_root(work: Clone) -> None:
    put(work, "assets/y.png", PNG + b"pushed")
    work.commit()
    result = work.push()
    assert "1 updated" in result.err
    assert PNG + b"pushed" in held(work)


def test_a_push_of_a_picture_that_no_page_shows(work: Clone) -> None:
    put(work, "docs/unused.png", PNG + b"unused")
    work.commit()
    assert "0 writes" in work.push().err
    assert PNG + b"unused" not in held(work)


@pytest.mark.parametrize(("path", "with_state"), [("docs/x.png", False), ("assets/y.png", True)])
def test_only_the_pages_of_a_changed_picture(work: Clone, path: str, with_state: bool) -> None:
    put(work, path, PNG + b"since")
    work.commit()
    for state in () if with_state else (work.root / ".pagemill").glob("docs.local.*"):
        state.unlink()
    report = json.loads(work.pagemill("publish", "--json", "--since", "HEAD^").out)
    changed = [page["path"] for page in report["pages"] if page["action"] == "update"]
    assert changed == (["a.md"] if path == "docs/x.png" else ["b.md"])
    assert PNG + b"since" in held(work)
