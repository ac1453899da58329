"""Pointers of Git LFS: a few lines that stand in a repository for a large file."""

from __future__ import annotations

import re

_SIZE = re.compile(rb"^size (\d{1,19})$", re.MULTILINE)
_HEAD = b"version https://git-lfs.github.com/spec/v1\n"
POINTER_SIZE = 1024  # a pointer is shorter than that (git-lfs, docs/spec.md)


def is_pointer(data: bytes) -> bool:
    """Whether a file is a pointer of Git LFS instead of its content."""
    return len(data) < POINTER_SIZE and data.startswith(_HEAD)


def pointed_size(pointer: bytes) -> int:
    """The bytes of the file for which a pointer stands; 0 if it does not say."""
    found = _SIZE.search(pointer)
    return int(found[1]) if found else 0
