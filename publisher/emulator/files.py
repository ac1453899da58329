"""Uploaded files: kept in the workspace itself, served from `/files/<id>/<name>`, never from the disk."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from publisher.emulator.call import Call, Reply
from publisher.emulator.call import Route as CallRoute
from publisher.emulator.check import Refusal
from publisher.emulator.rows import milliseconds

if TYPE_CHECKING:
    from starlette.requests import Request

    from publisher.emulator.store import Store
    from publisher.emulator.writing import Writer

HOUR = 3_600_000
MAX_FILE = 104_857_600  # bytes, Buildin's limit
# Shown in the browser; everything else is offered as a download.
_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "application/pdf", "text/plain")
_INLINE_KINDS = ("video/", "audio/")


@dataclass(frozen=True, slots=True)
class FileRow:
    """An upload. `secret` is the key of its upload address, and Buildin's `oss_name`."""

    id: str
    service: str
    mode: str
    status: str
    name: str | None
    content_type: str | None
    size: int | None
    parts: int
    secret: str
    created: int
    expires: int | None


_COLUMNS = "id, service, mode, status, name, content_type, size, parts, secret, created, expires"


def find(store: Store, id: str | None, service: str) -> FileRow:
    """The upload of that id, expired if its hour has passed and nothing shows it.

    Raises:
        Refusal: not_found.
    """
    row = store.row(f"SELECT {_COLUMNS} FROM file WHERE id = ? AND service = ?", (id, service))
    if row is None:
        raise Refusal("not_found", f"Could not find file upload with ID: {id}.")
    found = FileRow(*row)
    late = found.expires is not None and found.expires <= milliseconds(store.clock())
    if found.status in ("pending", "uploaded") and late:
        return replace(found, status="expired")
    return found


def insert(writer: Writer, service: str, mode: str, status: str = "pending", **values: Any) -> str:
    """A new upload; its bytes must arrive within an hour. Returns its id."""
    id = str(uuid4())
    secret = secrets.token_urlsafe(24)
    expires = None if status == "uploaded" else writer.now + HOUR
    described = (values.get("name"), values.get("content_type"), values.get("size"))
    writer.db.execute(
        f"INSERT INTO file({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (id, service, mode, status, *described, values.get("parts", 1), secret, writer.now, expires),
    )
    return id


def keep_page(writer: Writer, id: str, page: str) -> None:
    """Note the page that a file is for."""
    writer.db.execute("INSERT INTO file_page VALUES (?, ?)", (id, page))


def put_part(writer: Writer, id: str, number: int, data: bytes) -> None:
    writer.db.execute("INSERT OR REPLACE INTO file_part VALUES (?, ?, ?)", (id, number, data))


def parts_sent(store: Store, id: str) -> list[tuple[int, int]]:
    """Numbers and sizes of the parts that have arrived."""
    rows = store.rows("SELECT number, length(data) FROM file_part WHERE file = ? ORDER BY number", (id,))
    return [(row[0], row[1]) for row in rows]


def finish(
    writer: Writer, id: str, size: int, content_type: str | None = None, name: str | None = None
) -> None:
    """All bytes are there. On Notion the hour goes on until something shows the file; Buildin says nothing of that."""
    writer.db.execute(
        "UPDATE file SET status = 'uploaded', size = ?, expires = iif(service = 'notion', expires, NULL), "
        "content_type = coalesce(?, content_type), name = coalesce(?, name) WHERE id = ?",
        (size, content_type, name, id),
    )


def address(base_url: str, file: FileRow) -> str:
    """Where an uploaded file is read."""
    return f"{base_url}/files/{file.id}/{quote((file.name or 'file').replace('/', '_'), safe='')}"


def routes(store: Store) -> list[BaseRoute]:
    """Reading files."""

    async def get(request: Request) -> Response:
        row = store.row(
            f"SELECT {_COLUMNS} FROM file WHERE id = ? AND status = 'uploaded'", (request.path_params["id"],)
        )
        if row is None:
            return Response("There is no such file.", 404, media_type="text/plain")
        file = FileRow(*row)
        size = {"Content-Length": str(file.size or 0)}
        return StreamingResponse(_data(store, file), headers=_headers(file) | size)

    async def _data(store: Store, file: FileRow) -> AsyncIterator[bytes]:
        for number, _ in parts_sent(store, file.id):
            yield store.row("SELECT data FROM file_part WHERE file = ? AND number = ?", (file.id, number))[0]

    return [Route("/files/{id}/{name:path}", get, methods=["GET"])]


def _headers(file: FileRow) -> dict[str, str]:
    """An uploaded file is a stranger's: it is never run in the name of the workspace."""
    kind = (file.content_type or "application/octet-stream").split(";")[0].strip().lower()
    inline = kind in _INLINE or kind.startswith(_INLINE_KINDS) or kind == "image/svg+xml"
    disposition = "inline" if inline else "attachment"
    return {
        "Content-Type": kind if inline else "application/octet-stream",
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name or 'file', safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
    }


def receive(call: Call, writer: Writer) -> Reply:
    """Bytes for an upload address of Buildin: once, as many as announced, within the hour."""
    row = call.store.row(
        f"SELECT {_COLUMNS} FROM file WHERE secret = ? AND service = 'buildin'", (call.ids[0],)
    )
    if row is None or find(call.store, row[0], "buildin").status != "pending":
        raise Refusal("forbidden", "This upload address is not valid, or no longer.")
    file = FileRow(*row)
    if call.headers.get("content-type", "").split(";")[0] != file.content_type:
        raise Refusal("forbidden", f"The Content-Type should be {file.content_type}, as announced.")
    if len(call.body) != file.size:
        raise Refusal("validation", f"{len(call.body)} bytes instead of the {file.size} announced.")
    put_part(writer, file.id, 1, call.body)
    finish(writer, file.id, len(call.body))
    return Reply(b"", committed=(file.id, ()))


UPLOADS = (CallRoute("PUT", "*", receive, "insert", writes=True),)
