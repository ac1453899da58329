"""`convert` and `check` of a folder, without a workspace: what a file becomes, what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_folder import Site

from publisher.converting import check, documents


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
def test_a_local_icon_and_cover_are_left_out(tmp_path: Path, dialect: str) -> None:
    site = Site(tmp_path)
    site.write("a.md", "---\nicon: i.png\ncover: /img/c.png\n---\n\ntext\n")
    site.write("b.md", "---\nicon: 🚀\ncover: https://example.org/c.png\n---\n\ntext\n")
    local, web = documents([str(site.folder)], site.settings(), dialect)
    assert (local["icon"], local["cover"]) == (None, None)
    assert "pagemill:" not in str(local)
    assert web["icon"]["emoji"] == "🚀"
    assert web["cover"]["external"]["url"] == "https://example.org/c.png"


def test_what_is_there_and_cannot_be_shown_is_not_said_to_be_missing(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write("page.md", "![a](passwd.png)\n\n![b](x.png)\n\n![c](img/gone.png)\n\n![d](/dev/zero)\n")
    site.write("guide/deep/one.md", "one")
    site.write("zero.png", b"\x89PNG\r\n\x1a\n")
    (site.folder / "x.png").mkdir()
    (site.folder / "passwd.png").symlink_to("/etc/passwd")
    said = {
        item.line: (item.code, item.message)
        for item in check(None, site.settings()).items
        if item.path == "page.md"
    }
    assert said == {
        1: (
            "link-outside",
            "“passwd.png” is a symbolic link that leads out of the folder, or to a hidden file.",
        ),
        3: ("link-broken", "“x.png” is a directory, not a file."),
        5: ("link-broken", "“img/gone.png” is not in the folder."),
        7: ("link-broken", "“dev/zero” is not in the folder."),
    }
