"""Buildin's operations on files, and the Markdown of a page."""

from __future__ import annotations

from publisher.emulator import files
from publisher.emulator.buildin import show
from publisher.emulator.buildin.pages import alive
from publisher.emulator.call import Call, Reply, Route, get_page
from publisher.emulator.check import At, Refusal, as_uuid, closed, integer, one_of, string, uuid
from publisher.emulator.dates import iso
from publisher.emulator.markdown import render
from publisher.emulator.rows import PAGE, moment
from publisher.emulator.writing import Writer

CONTENT_TYPES = frozenset(
    [
        *(f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "svg+xml", "bmp", "tiff")),
        *(
            f"application/{kind}"
            for kind in ("pdf", "msword", "zip", "x-rar-compressed", "gzip", "json", "xml")
        ),
        "application/octet-stream",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        *(f"text/{kind}" for kind in ("plain", "csv", "markdown", "html")),
        *(f"audio/{kind}" for kind in ("mpeg", "wav", "ogg")),
        *(f"video/{kind}" for kind in ("mp4", "webm", "quicktime")),
    ]
)


def upload_url(call: Call, writer: Writer) -> Reply:
    body = closed(call.json, None, required=("filename", "content_type", "content_length", "parent"))
    name = string(body["filename"], (None, "filename"), limit=255, least=1)
    kind = one_of(body["content_type"], (None, "content_type"), CONTENT_TYPES)
    size = integer(body["content_length"], (None, "content_length"), least=1, most=files.MAX_FILE)
    at: At = (None, "parent")
    parent = closed(body["parent"], at, required=("page_id",), optional=("type",))
    if "type" in parent:
        one_of(parent["type"], (at, "type"), ("page_id",))
    page = alive(writer, uuid(parent["page_id"], (at, "page_id")), "page", PAGE)
    id = files.insert(writer, "buildin", "single_part", name=name, content_type=kind, size=size)
    files.keep_page(writer, id, page.id)
    file = files.find(call.store, id, "buildin")
    upload = {
        "object": "file_upload",
        "id": id,
        "upload_url": f"{call.env.base_url}/uploads/{file.secret}",
        "oss_name": file.secret,
        "file_url": files.address(call.env.base_url, file),
        "size": size,
        "expiry_time": iso(moment(file.expires or 0)),
        "method": "PUT",
        "headers": {"Content-Type": kind},
    }
    return Reply(upload, committed=(id, ()))


def download_url(call: Call) -> Reply:
    call.allow_query("block_id", "oss_name", "filename", "img_process", "x_oss_process")
    for name in ("block_id", "oss_name"):
        if not call.query.get(name):
            raise Refusal("validation", "should be defined, instead was `undefined`.", name)
    block = call.store.block(as_uuid(call.query["block_id"][0]) or "")
    name = call.query["oss_name"][0]
    row = call.store.row("SELECT id FROM file WHERE secret = ? AND service = 'buildin'", (name,))
    if block is None or row is None or block.content.get("upload") != row[0]:
        raise Refusal("not_found", "Could not find a file with that oss_name in that block.")
    file = files.find(call.store, row[0], "buildin")
    shown = {
        "object": "file",
        "name": (call.query.get("filename") or [file.name or "file"])[0],
        "type": "file",
        "file": {
            "url": files.address(call.env.base_url, file),
            "expiry_time": "2099-12-31T23:59:00.000Z",
            "oss_name": name,
        },
        "ttl": 3600,
    }
    return Reply(shown)


def markdown(call: Call) -> Reply:
    row = get_page(call, as_uuid(call.ids[0]), "page")
    text, _ = render(call.store.subtree(row.id), row.id, call.env.base_url, unknown="<!-- {type} -->")
    time = show.page_time(row, call.env)
    shown = {"object": "markdown", "page_id": row.id, "markdown": text, "last_edited_time": time}
    return Reply(shown, show.etag(time))


ROUTES = (
    Route("POST", "files/upload-url", upload_url, "insert", writes=True),
    Route("GET", "files/download-url", download_url),
    Route("GET", "pages/*/content/markdown", markdown),
)
