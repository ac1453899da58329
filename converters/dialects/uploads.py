"""Files of the folder that a service holds: how content names them, and how they look in a request and in an answer.

In content, a file is named by what is in it (`pagemill:upload/HASH`), never by the service's own reference: the same
bytes are equal content on every page and in every run, and a block whose picture has changed is another block. The
reference is put in when a request is rendered. The file goes up under a name that holds the hash, and both services
give that name back in the address, so that reading a page tells which file it shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

UPLOAD: Final = "pagemill:upload/"
MEDIA: Final = frozenset({"image", "video", "audio", "pdf", "file"})  # block types that can show a file
HASH_LENGTH: Final = 20  # hex digits
SHOWN_LIMIT: Final = 100  # characters of a name that Notion shows
NAME_LIMIT: Final = 200  # characters of a file name; Buildin allows 255, Notion 900 bytes

_MARK: Final = UPLOAD.encode()
# as a picture has it, so that a text which reads so is only a text
_NAMED = re.compile(rb'"file":\{"url":"' + re.escape(_MARK) + rb'([0-9a-f]{20})"\}')
_HASH = re.compile(rf"-([0-9a-f]{{{HASH_LENGTH}}})(?:\.[^./]*)?$")


@dataclass(frozen=True, slots=True)
class Hosted:
    """An uploaded file. `kind` is the key that the service's reference stands under, `reference` what is there.

    `name` is the file's own name, shown where a service shows names.
    """

    kind: str
    reference: Mapping[str, Any]
    name: str = ""


def upload_address(hash: str) -> str:
    """What stands for an uploaded file in content. `hash`: `HASH_LENGTH` hex digits of what is in it."""
    return UPLOAD + hash


def hosted_name(name: str, hash: str) -> str:
    """The name that a file goes up under: its own, with the hash before the suffix."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 10:
        stem, dot, suffix = name, "", ""
    room = NAME_LIMIT - HASH_LENGTH - len(suffix) - 2
    return f"{stem[:room]}-{hash}{dot}{suffix}"


def hash_of(address: str) -> str:
    """The hash in the address of a file that went up under a `hosted_name`; "" for any other."""
    found = _HASH.search(unquote(address.partition("?")[0]))
    return found.group(1) if found else ""


def uploads(contents: Iterable[bytes]) -> tuple[str, ...]:
    """The hashes of the uploaded files that rendered JSON or contents name, each once, in order."""
    found: dict[str, None] = {}
    for content in contents:
        if _MARK in content:
            found |= dict.fromkeys(match.decode() for match in _NAMED.findall(content))
    return tuple(found)


def named(content: bytes) -> bool | None:
    """Whether the address in a block's content tells which upload it is; None if it shows no uploaded file."""
    if b'"file":{' not in content:
        return None
    source = json.loads(content).get("file")
    return bool(_hash_in(source)) if isinstance(source, dict) else None


def renamed(content: bytes, hash: str) -> bytes:
    """A block's content as if the uploaded file that it shows were that of the hash."""
    value = {**json.loads(content), "file": {"url": upload_address(hash)}}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def attach(rendered: bytes, find: Callable[[str], Hosted]) -> bytes:
    """Rendered JSON with the service's references in place of the names of uploaded files.

    `find` gives the uploaded file of a hash; what it raises is passed on.
    """
    if _MARK not in rendered:
        return rendered
    value = json.loads(rendered)
    _fill(value, "", find)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _fill(value: Any, under: str, find: Callable[[str], Hosted]) -> None:
    if isinstance(value, list):
        for item in value:
            _fill(item, under, find)
    if not isinstance(value, dict):
        return
    hash = _hash_in(value.get("file"))
    if not hash:
        for key, item in value.items():
            _fill(item, key, find)
        return
    hosted = find(hash)
    del value["file"]
    value[hosted.kind] = dict(hosted.reference)
    if "type" in value:
        value["type"] = hosted.kind
    if under in ("file", "files") and hosted.kind == "file_upload" and hosted.name:
        value["name"] = hosted.name[:SHOWN_LIMIT]  # what shows names in Notion: the one block, and properties
    _fill(value.get("caption"), "caption", find)


def _hash_in(source: Any) -> str:
    """The hash in what stands under `file`, if that names an uploaded file."""
    url = source.get("url") if isinstance(source, dict) else None
    return url.removeprefix(UPLOAD) if isinstance(url, str) and url.startswith(UPLOAD) else ""
