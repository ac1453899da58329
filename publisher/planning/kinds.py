"""What a file is, by what stands in it, and what a service makes of that.

A name may lie, and a service believes what it is told: a web page saved as `logo.png` would be a broken picture for
every reader. So the content decides; the name only tells apart what has one form (the office formats are archives), and
names text. The signatures are few because the services know few types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 1 << 16  # bytes from the beginning that `content_type` wants to see
BINARY, TEXT = "application/octet-stream", "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument."

_BY_SUFFIX: dict[str, str] = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
    **dict.fromkeys(("png", "apng"), "image/png"),
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
    **{name: f"image/{name}" for name in ("gif", "webp", "bmp", "heic", "avif")},
    "svg": "image/svg+xml", "ico": "image/vnd.microsoft.icon",
    **dict.fromkeys(("mp3", "mpga"), "audio/mpeg"), **dict.fromkeys(("m4a", "m4b"), "audio/mp4"),
    **dict.fromkeys(("oga", "ogg", "opus"), "audio/ogg"), **dict.fromkeys(("mid", "midi"), "audio/midi"),
    **dict.fromkeys(("aac", "adts"), "audio/aac"),
    "wav": "audio/wav", "flac": "audio/flac", "wma": "audio/x-ms-wma",
    **dict.fromkeys(("mp4", "m4v", "gifv"), "video/mp4"), **dict.fromkeys(("mov", "qt"), "video/quicktime"),
    **dict.fromkeys(("asf", "wmv"), "video/x-ms-asf"), **dict.fromkeys(("mpeg", "mpg"), "video/mpeg"),
    "webm": "video/webm", "mkv": "video/x-matroska", "ogv": "video/ogg", "avi": "video/x-msvideo",
    "flv": "video/x-flv", "f4v": "video/x-f4v", "amv": "video/x-amv",
    "pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip",
    "rar": "application/x-rar-compressed", "7z": "application/x-7z-compressed",
    **dict.fromkeys(("doc", "dot"), "application/msword"),
    **dict.fromkeys(("xls", "xlt", "xla"), "application/vnd.ms-excel"),
    **dict.fromkeys(("ppt", "pot", "pps", "ppa"), "application/vnd.ms-powerpoint"),
    "docx": f"{_OFFICE}wordprocessingml.document", "dotx": f"{_OFFICE}wordprocessingml.template",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet", "xltx": f"{_OFFICE}spreadsheetml.template",
    "pptx": f"{_OFFICE}presentationml.presentation", "potx": f"{_OFFICE}presentationml.template",
    "json": "application/json", "xml": "application/xml", "txt": TEXT, "csv": "text/csv",
    "md": "text/markdown", "html": "text/html", "htm": "text/html",
}  # fmt: skip

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the old office formats
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"), (0, b"GIF89a", "image/gif"), (8, b"WEBP", "image/webp"),
    (0, b"II*\0", "image/tiff"), (0, b"MM\0*", "image/tiff"), (0, b"\0\0\1\0", "image/vnd.microsoft.icon"),
    (0, b"%PDF-", "application/pdf"), (8, b"WAVE", "audio/wav"), (8, b"AVI ", "video/x-msvideo"),
    (0, b"ID3", "audio/mpeg"), (0, b"fLaC", "audio/flac"), (0, b"MThd", "audio/midi"),
    (0, b"\0\0\1\xba", "video/mpeg"), (0, b"\0\0\1\xb3", "video/mpeg"), (0, b"FLV\1", "video/x-flv"),
    (0, b"Rar!\x1a\x07", "application/x-rar-compressed"), (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)  # fmt: skip
# one form for several types: the name tells which, the last of them is what it is called otherwise
_SHARED: tuple[tuple[int, bytes, tuple[str, ...]], ...] = (
    (0, b"PK\3\4", (*(_BY_SUFFIX[name] for name in ("docx", "dotx", "xlsx", "xltx", "pptx", "potx")), "application/zip")),
    (0, b"PK\5\6", ("application/zip",)),
    (0, _OLE, ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", BINARY)),
    (0, b"OggS", ("video/ogg", "audio/ogg")),
    (0, b"\x1a\x45\xdf\xa3", ("video/x-matroska", "video/webm")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ("audio/x-ms-wma", "video/x-ms-asf")),
    (4, b"ftypheic", ("image/heic",)), (4, b"ftypheix", ("image/heic",)), (4, b"ftypmif1", ("image/avif", "image/heic")),
    (4, b"ftypavi", ("image/avif",)), (4, b"ftypM4A", ("audio/mp4",)), (4, b"ftypqt", ("video/mp4", "video/quicktime")),
    (4, b"ftyp", ("audio/mp4", "video/quicktime", "video/x-f4v", "video/mp4")),
    (4, b"moov", ("video/quicktime",)), (4, b"mdat", ("video/quicktime",)),
)  # fmt: skip
_SYNC = re.compile(rb"\xff[\xe2-\xe7\xf2-\xf7\xfa\xfb]")  # MPEG audio without a tag; layers III and II
_ADTS = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]")
_MARKUP = re.compile(
    # atomic, so that a file of a thousand comments is read once
    rb"\s*(?>(?:<\?.*?\?>|<!--.*?-->|<!doctype\s+svg[^\[>]*(?:\[.*?\]\s*)?>)\s*)*+<(!doctype\s+html|html|svg|\w+:svg)\b",
    re.IGNORECASE | re.DOTALL,
)
_BOMS = (b"\xff\xfe", b"\xfe\xff")


def content_type(head: bytes, name: str) -> str:
    """The type of a file's content. `head`: its first bytes, `HEAD` of them or all; `name` as it is called."""
    named = type_of_name(name)
    for at, mark, kind in _SIGNATURES:
        if head.startswith(mark, at):
            return kind
    for at, mark, kinds in _SHARED:
        if head.startswith(mark, at):
            return named if named in kinds else kinds[-1]
    if _is_bitmap(head):
        return "image/bmp"
    if _ADTS.match(head) and named == "audio/aac":
        return named
    if _SYNC.match(head) and not head.startswith(_BOMS):
        return "audio/mpeg"
    if _is_text(head):
        return _text(head, named)
    return named if named in _UNSIGNED else BINARY


# types whose files have no mark that could be looked for
_UNSIGNED = frozenset({"video/x-amv", "video/mpeg"})


def type_of_name(name: str) -> str:
    """The type that a name's suffix stands for, "" for a suffix that is not known."""
    return _BY_SUFFIX.get(_suffix(name), "")


def family(kind: str) -> str:
    """What a page shows a type as: "image", "media" (sound and moving pictures), "pdf", else ""."""
    group = kind.partition("/")[0]
    if group in ("audio", "video"):
        return "media"  # the same container holds either
    return "image" if group == "image" else "pdf" if kind == "application/pdf" else ""


def is_picture(kind: str) -> bool:
    return family(kind) == "image"


def _is_bitmap(head: bytes) -> bool:
    """Two letters are no signature yet: the header's own size must be one that there is."""
    return head.startswith(b"BM") and head[14:18] in (
        b"\x0c\0\0\0",
        b"\x28\0\0\0",
        b"\x6c\0\0\0",
        b"\x7c\0\0\0",
    )


def _is_text(head: bytes) -> bool:
    if head.startswith(_BOMS):
        return True
    if b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a letter that is cut
    return True


def _text(head: bytes, named: str) -> str:
    found = _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf"))
    if found is not None:
        mark = found[1].lower()
        if mark.endswith(b"svg"):
            return "image/svg+xml"
        if b"html" in mark:
            return "text/html"
    elif named == "image/svg+xml" and b"<svg" in head:
        return named
    return named if named.startswith("text/") or named in ("application/json", "application/xml") else TEXT


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return suffix.lower() if dot and stem else ""


# -- what the services take --------------------------------------------------------------------------------------------

# Buildin: CreateFileUploadRequest.content_type of its OpenAPI; everything else goes as a stream of bytes.
_BUILDIN = frozenset(
    [
        *(f"image/{kind}" for kind in ("jpeg", "png", "gif", "webp", "svg+xml", "bmp", "tiff")),
        *(_BY_SUFFIX[name] for name in ("docx", "xls", "xlsx", "ppt", "pptx", "doc")),
        *(_BY_SUFFIX[name] for name in ("pdf", "zip", "rar", "gz", "json", "xml", "txt", "csv", "md", "html")),
        *(_BY_SUFFIX[name] for name in ("mp3", "wav", "ogg", "mp4", "webm", "mov")),
    ]
)  # fmt: skip
# Notion: "Supported file types" of its guide to files and media; a name with another suffix is refused.
_NOTION = frozenset(
[
        "aac", "adts", "mid", "midi", "mp3", "mpga", "m4a", "m4b", "mp4", "oga", "ogg", "wav", "wma", "pdf", "txt",
        "json", "doc", "dot", "docx", "dotx", "xls", "xlt", "xla", "xlsx", "xltx", "ppt", "pot", "pps", "ppa", "pptx",
        "potx", "gif", "heic", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp", "ico", "amv", "asf", "wmv", "avi",
        "f4v", "flv", "gifv", "m4v", "mkv", "webm", "mov", "qt", "mpeg",
    ]
)  # fmt: skip
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Taken:
    """How a file goes up: the type that is told, and the name, with a suffix that fits what is in it."""

    content_type: str
    name: str


def largest(service: str) -> int:
    """Bytes of a file at most: Buildin's OpenAPI (content_length), Notion's guide (paid plans; others have less)."""
    return 5 * 1024 * MIB if service == "notion" else 100 * MIB


def taken(service: str, kind: str, name: str) -> Taken | str:
    """How a service takes a file of a type; why not, in words, if it does not."""
    told = type_of_name(name)
    if (shown := family(told)) and family(kind) != shown:
        return f"is named as {_NOUNS[shown]}, but holds {in_words(kind)}"
    if service != "notion":
        return Taken(kind if kind in _BUILDIN else BINARY, name)
    suffix = _suffix(name)
    if family(kind) and (told != kind or suffix not in _NOTION):
        # the type has to fit the suffix, and nobody but pagemill reads the name
        suffix = next((end for end, found in _BY_SUFFIX.items() if found == kind and end in _NOTION), "")
        stem = name[: -len(name.rpartition(".")[2]) - 1] if told else name
        name = f"{stem}.{suffix}" if suffix else name
    if suffix not in _NOTION:
        return f"is {in_words(kind)}, and Notion takes no such files"
    return Taken(TEXT if suffix == "txt" else kind, name)


_NOUNS = {"image": "a picture", "media": "sound or film", "pdf": "a PDF"}


def in_words(kind: str) -> str:
    """A type as people call it."""
    words = {
        TEXT: "plain text",
        BINARY: "bytes of no known kind",
        "text/html": "a web page",
        "application/zip": "an archive",
    }
    return words.get(kind) or _NOUNS.get(family(kind), "") or f"of the type {kind}"
