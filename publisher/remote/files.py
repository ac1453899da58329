"""Uploads as requests: Notion's file uploads in one part or several, Buildin's addresses for its storage.

As an adapter does, these functions send nothing; `upload_limit` alone asks.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from converters.dialects.base import compact
from publisher.planning.kinds import largest
from publisher.remote.adapter import block_id, segment
from publisher.remote.notion import HEADERS
from publisher.remote.port import Answer, Request, Stream
from publisher.remote.workspace import Workspace

SINGLE = 20_000_000  # bytes of a file that goes up in one part on Notion ("up to 20 MB")
PART = 10 * 1024 * 1024  # bytes of each part of a larger one; between 5 and 20 MB are allowed
_OURS = frozenset({"authorization", "connection", "content-length", "host", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class FileUpload:
    """An upload of Notion. `status`: pending, uploaded, expired or failed; "" if an answer that was lost told no more
    than that it is saved. `parts` and `sent` of one in parts, else 0.
    """

    id: str
    status: str
    parts: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class StorageAddress:
    """Where a file goes for Buildin. `url` is a secret; `name` is what blocks call the file."""

    name: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


# Notion


def create_upload(name: str, content_type: str, parts: int = 1) -> Request:
    """Announce a file. May be repeated: an upload that nobody uses expires by itself."""
    wish: dict[str, Any] = {"mode": "single_part", "filename": name, "content_type": content_type}
    if parts > 1:
        wish |= {"mode": "multi_part", "number_of_parts": parts}
    return Request("POST", "/v1/file_uploads", compact(wish), "idempotent", HEADERS)


def send_part(upload: str, name: str, data: Stream, number: int = 0, boundary: str = "") -> Request:
    """The bytes of a file, or of one of its parts (`number` from 1).

    `boundary`: what separates the fields of the form and stands nowhere in the file; by default 128 random bits.
    """
    form = _form(name, data, number, boundary or secrets.token_hex(16))
    path = f"/v1/file_uploads/{segment(upload)}/send"
    return Request("POST", path, nature="idempotent", headers=HEADERS, stream=form)


def complete_upload(upload: str) -> Request:
    path = f"/v1/file_uploads/{segment(upload)}/complete"
    return Request("POST", path, nature="idempotent", headers=HEADERS)


def get_upload(upload: str) -> Request:
    return Request("GET", f"/v1/file_uploads/{segment(upload)}", headers=HEADERS)


def read_upload(answer: Answer) -> FileUpload:
    """Raises `ValueError` for an answer that is no upload."""
    data = answer.json()
    status = "" if data.get("object") == "committed" else data.get("status")
    if not isinstance(status, str):
        raise ValueError("an upload without status")
    if data.get("in_trash"):
        status = "expired"
    counts = data.get("number_of_parts")
    total, sent = (
        (_count(counts.get(key)) for key in ("total", "sent")) if isinstance(counts, dict) else (0, 0)
    )
    return FileUpload(block_id(data), status, total, sent)


def read_limit(answer: Answer) -> int | None:
    """Bytes that a file may have in the workspace of the token, None if Notion does not say."""
    bot = answer.json().get("bot")
    limits = bot.get("workspace_limits") if isinstance(bot, dict) else None
    size = limits.get("max_file_upload_size_in_bytes") if isinstance(limits, dict) else None
    return _count(size) or None


def _form(name: str, data: Stream, number: int, boundary: str) -> Stream:
    """The stream within a form (RFC 7578). The name there is plain ASCII: the real one was announced."""
    plain = "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in name
    )
    part = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="part_number"\r\n\r\n{number}\r\n'
        if number
        else ""
    )
    kind = f"Content-Type: {data.content_type}"
    opening = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{plain}"\r\n{kind}\r\n\r\n'
    )
    head, tail = (part + opening).encode(), f"\r\n--{boundary}--\r\n".encode()

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield head
        inner = data.chunks()
        try:
            async for chunk in inner:
                yield chunk
        finally:
            await inner.aclose()
        yield tail

    length = len(head) + data.length + len(tail)
    return Stream(chunks, length, f"multipart/form-data; boundary={boundary}")


# Buildin


def ask_address(name: str, content_type: str, size: int, page: str) -> Request:
    """Ask where a file goes. May be repeated: what is not sent there was nothing."""
    wish = {
        "filename": name,
        "content_type": content_type,
        "content_length": size,
        "parent": {"type": "page_id", "page_id": page},
    }
    return Request("POST", "/v2/files/upload-url", compact(wish), "idempotent")


def read_address(answer: Answer) -> StorageAddress:
    """Raises `ValueError` for an answer that is no address."""
    data = answer.json()
    name, url, headers = data.get("oss_name"), data.get("upload_url"), data.get("headers") or {}
    if not (isinstance(name, str) and name and isinstance(url, str) and url and isinstance(headers, dict)):
        raise ValueError("an upload without address or name")
    given = {str(key).lower(): str(value) for key, value in headers.items()}
    return StorageAddress(name, url, {key: given[key] for key in given.keys() - _OURS})


def put_file(address: StorageAddress, data: Stream) -> Request:
    """The bytes of a file for the storage, with the headers that its address was made for and no others."""
    try:
        host = urlsplit(address.url).hostname or "?"
    except ValueError:
        host = "?"
    bare = Stream(data.chunks, data.length)
    return Request("PUT", f"/… of {host}", None, "idempotent", address.headers, bare, address.url)


# both


async def upload_limit(workspace: Workspace) -> int | None:
    """Bytes that a file may have, None if that is not known. One read on Notion, none on Buildin."""
    if workspace.service == "buildin":
        return largest(workspace.service)
    return await workspace.ask(workspace.adapter.me(), read_limit)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
