"""Paths as the pages of a built site see them: `setup/configure.md` is `setup/configure/` there, one level deeper."""

from __future__ import annotations

from collections.abc import Mapping

from publisher.planning.tree import INDEX_NAMES

# Tools that give every page a folder of its own, at least if they are told to
DEEPER = frozenset({"hugo", "zola", "jekyll", "mkdocs", "docusaurus"})
# The folder of a whole project in which a tool looks for its pages; addresses count from there
CONTENT: Mapping[str, str] = {
    "hugo": "content/",
    "zola": "content/",
    "mkdocs": "docs/",
    "docusaurus": "docs/",
    "vitepress": "docs/",
    "mdbook": "src/",
}


def from_address(target: str, near: str) -> str | None:
    """The path that a link means which counts from the address of its page.

    Args:
        target: the path that it means if it counts from the page's file; ".." at its head leaves the folder.
        near: the page's file.

    Returns:
        None for an index file, whose address is as deep as itself, and for what leaves the folder anyway.
    """
    *base, name = near.split("/")
    stem = name.rpartition(".")[0] or name
    if stem.lower() in INDEX_NAMES:
        return None
    names = target.split("/")
    outside = next((at for at, part in enumerate(names) if part != ".."), len(names))
    shared = 0
    while shared < min(len(base), len(names)) and base[shared] == names[shared]:
        shared += 1
    left = len(base) + 1 - (len(base) - shared) - outside  # parts of the page's address that the link keeps
    if left < 0:
        return None
    return "/".join([*[*base, stem][:left], *names[max(shared, outside) :]])
