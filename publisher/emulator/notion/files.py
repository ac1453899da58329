"""Notion's file uploads, and the Markdown of a page."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from mimetypes import guess_type
from typing import Any

from publisher.emulator import files
from publisher.emulator.call import BOT, Call, Reply, Route, get_page
from publisher.emulator.check import (
    Refusal,
    as_uuid,
    closed,
    integer,
    invalid,
    link,
    one_of,
    string,
    units,
)
from publisher.emulator.cursors import cut, unpack
from publisher.emulator.dates import iso_minute
from publisher.emulator.files import FileRow
from publisher.emulator.markdown import render
from publisher.emulator.notion import show
from publisher.emulator.notion.pages import missing
from publisher.emulator.rows import moment
from publisher.emulator.writing import Writer

SINGLE = 20 * 1024 * 1024  # bytes in one part at most; a part that is not the last has at least 5 MiB
LEAST_PART = 5 * 1024 * 1024


def shown_upload(call: Call, file: FileRow) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "object": "file_upload",
        "id": file.id,
        "created_time": iso_minute(moment(file.created)),
        "created_by": {"id": BOT, "type": "bot"},
        "last_edited_time": iso_minute(moment(file.created)),
        "in_trash": False,
        "expiry_time": iso_minute(moment(file.expires)) if file.expires else None,
        "status": file.status,
        "filename": file.name,
        "content_type": file.content_type,
        "content_length": file.size,
    }
    if file.status == "pending":
        shown["upload_url"] = f"{call.env.base_url}/v1/file_uploads/{file.id}/send"
    if file.mode == "multi_part":
        sent = len(files.parts_sent(call.store, file.id))
        shown["number_of_parts"] = {"total": file.parts, "sent": sent}
        if file.status == "pending":
            shown["complete_url"] = f"{call.env.base_url}/v1/file_uploads/{file.id}/complete"
    return shown


def _reply(call: Call, id: str) -> Reply:
    file = files.find(call.store, id, "notion")
    return Reply({**shown_upload(call, file), "request_id": call.request_id}, committed=(id, ()))


def _existing(call: Call) -> FileRow:
    id = as_uuid(call.ids[0])
    if id is None or call.store.row("SELECT 1 FROM file WHERE id = ? AND service = 'notion'", (id,)) is None:
        raise Refusal("not_found", missing("file upload", call.ids[0]))
    return files.find(call.store, id, "notion")


def create(call: Call, writer: Writer) -> Reply:
    names = ("mode", "filename", "content_type", "number_of_parts", "external_url")
    body = closed(call.json if call.body else {}, None, optional=names)
    mode = one_of(
        body.get("mode", "single_part"), (None, "mode"), ("single_part", "multi_part", "external_url")
    )
    values = _described(body)
    if mode == "external_url":
        link(body.get("external_url"), (None, "external_url"), schemes=("https",))
        raise invalid((None, "mode"), "This workspace does not fetch files from elsewhere.")
    if mode == "multi_part":
        if "filename" not in body:
            raise invalid((None, "filename"), "should be defined, instead was `undefined`.")
        parts = body.get("number_of_parts")
        values["parts"] = integer(parts, (None, "number_of_parts"), least=1, most=10_000)
    elif "number_of_parts" in body:
        raise invalid((None, "number_of_parts"), "should be present only when mode is multi_part.")
    return _reply(call, files.insert(writer, "notion", mode, **values))


def _described(body: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "filename" in body:
        name = string(body["filename"], (None, "filename"), least=1)
        if len(name.encode()) > 900:
            raise invalid((None, "filename"), "should have at most 900 bytes.", limit=900, actual=units(name))
        values["name"] = name
        values["content_type"] = guess_type(name)[0]
    if "content_type" in body:
        values["content_type"] = string(body["content_type"], (None, "content_type"), limit=200, least=1)
    return values


def send(call: Call, writer: Writer) -> Reply:
    file = _existing(call)
    if file.status != "pending":
        raise invalid(None, f"File upload {file.id} has status `{file.status}`, not `pending`.")
    data, name, kind, part = _multipart(call)
    if len(data) > SINGLE:
        raise invalid(None, f"A part may have at most {SINGLE} bytes.", limit=SINGLE, actual=len(data))
    if file.mode == "single_part":
        _within(call, len(data))
        if file.content_type and kind and kind != file.content_type:
            raise invalid(None, f"The content type should be `{file.content_type}`, instead was `{kind}`.")
        files.put_part(writer, file.id, 1, data)
        files.finish(writer, file.id, len(data), kind, None if file.name else name)
        return _reply(call, file.id)
    if part is None or not part.isdigit() or not 1 <= int(part) <= file.parts:
        raise invalid((None, "part_number"), f"should be between 1 and {file.parts}, instead was `{part}`.")
    if int(part) < file.parts and len(data) < LEAST_PART:
        raise invalid(None, f"Parts but the last should have at least {LEAST_PART} bytes.", limit=LEAST_PART)
    files.put_part(writer, file.id, int(part), data)
    return _reply(call, file.id)


def _within(call: Call, size: int) -> None:
    limit = call.env.switches.notion_max_file
    if size > limit:
        raise invalid(
            None, f"The file has {size} bytes; this workspace takes {limit}.", limit=limit, actual=size
        )


def _multipart(call: Call) -> tuple[bytes, str | None, str | None, str | None]:
    """Bytes, file name and content type of the part `file`, and the field `part_number`."""
    kind = call.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        raise invalid(None, "The body should be multipart/form-data.")
    boundary = _header(f"Content-Type: {kind}\r\n".encode("latin-1")).get_param("boundary")
    found: tuple[bytes, str | None, str | None] | None = None
    number = None
    for part, data in _fields(call.body, str(boundary or "").encode("latin-1")):
        name = part.get_param("name", header="content-disposition")
        if name == "file":
            given = part.get_content_type() if part["content-type"] else None
            found = (data, part.get_filename(), given)
        elif name == "part_number":
            number = data.decode("latin-1").strip()
        else:
            raise invalid((None, str(name)), "should be not present.")
    if found is None:
        raise invalid((None, "file"), "should be defined, instead was `undefined`.")
    return (*found, number)


def _fields(body: bytes, boundary: bytes) -> Iterator[tuple[EmailMessage, bytes]]:
    """Head and content of each field of a form (RFC 2046), without a copy of the whole.

    Raises:
        Refusal: it is none, or not whole.
    """
    mark = b"--" + boundary
    at = len(mark) if boundary and body.startswith(mark) else -1
    while at >= 0 and body[at : at + 2] == b"\r\n":
        end = body.find(b"\r\n" + mark, at)
        begin = body.find(b"\r\n\r\n", at, end)
        if end < 0 or begin < 0:
            break
        yield _header(body[at + 2 : begin + 2]), body[begin + 4 : end]
        at = end + 2 + len(mark)
    if at < 0 or body[at : at + 2] != b"--":
        raise invalid(None, "The body is no whole multipart/form-data.")


def _header(lines: bytes) -> EmailMessage:
    return BytesParser(policy=policy.HTTP).parsebytes(lines + b"\r\n")


def complete(call: Call, writer: Writer) -> Reply:
    file = _existing(call)
    if file.mode != "multi_part" or file.status != "pending":
        raise invalid(None, f"File upload {file.id} cannot be completed.")
    sent = files.parts_sent(call.store, file.id)
    if [number for number, _ in sent] != list(range(1, file.parts + 1)):
        raise invalid(
            None, f"{len(sent)} of {file.parts} parts have been sent.", limit=file.parts, actual=len(sent)
        )
    size = sum(length for _, length in sent)
    _within(call, size)
    files.finish(writer, file.id, size)
    return _reply(call, file.id)


def get(call: Call) -> Reply:
    return _reply(call, _existing(call).id)


def listing(call: Call) -> Reply:
    call.allow_query("status", "start_cursor", "page_size")
    size = call.page_size(100)
    status = (call.query.get("status") or [""])[0]
    after = unpack(call.start_cursor, "file_uploads") if call.start_cursor else 0
    rows = call.store.rows(
        "SELECT seq, id FROM file WHERE service = 'notion' AND seq > ? ORDER BY seq", (after,)
    )
    found = [(seq, files.find(call.store, id, "notion")) for seq, id in rows]
    wanted = [(seq, file) for seq, file in found if status in ("", file.status)]
    page, cursor = cut(wanted[: size + 1], size, lambda entry: entry[0], "file_uploads", as_uuid=True)
    results = [shown_upload(call, file) for _, file in page]
    return Reply(show.listing(results, cursor, "file_upload", call.request_id))


def markdown(call: Call) -> Reply:
    call.allow_query("include_transcript", "markdown_version")
    row = get_page(call, as_uuid(call.ids[0]), "page")
    blocks = call.store.subtree(row.id)
    text, unknown = render(blocks[:20_000], row.id, call.env.base_url, unknown='<unknown alt="{type}"/>')
    shown = {
        "object": "page_markdown",
        "id": row.id,
        "markdown": text,
        "truncated": len(blocks) > 20_000,
        "unknown_block_ids": unknown[:100],
        "request_id": call.request_id,
    }
    return Reply(shown)


ROUTES = (
    Route("POST", "file_uploads", create, "insert", writes=True),
    Route("GET", "file_uploads", listing),
    Route("GET", "file_uploads/*", get),
    Route("POST", "file_uploads/*/send", send, "insert", writes=True),
    Route("POST", "file_uploads/*/complete", complete, "insert", writes=True),
    Route("GET", "pages/*/markdown", markdown),
)
