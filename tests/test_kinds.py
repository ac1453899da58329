"""What a file is, by what stands in it, and what a service makes of that."""

from __future__ import annotations

import pytest

from publisher.emulator.buildin.files import CONTENT_TYPES
from publisher.planning.kinds import BINARY, TEXT, Taken, content_type, family, taken, type_of_name

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
ZIP = b"PK\3\4\x14\0\6\0"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0"
EBML = b"\x1a\x45\xdf\xa3\x9fB\x86\x81"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (PNG, "a.png", "image/png"),
        (PNG, "a.txt", "image/png"),
        (JPEG, "a", "image/jpeg"),
        (b"GIF89a\1\0", "a.gif", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "a.bmp", "image/bmp"),
        (b"BMW builds cars.\n", "a.txt", TEXT),
        (b"II*\0\x08\0\0\0", "a.tif", "image/tiff"),
        (b"\0\0\1\0\1\0\x10\x10", "favicon.ico", "image/vnd.microsoft.icon"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic", "image/heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "a.avif", "image/avif"),
        (b"%PDF-1.7\n%\xe2\xe3", "a.pdf", "application/pdf"),
        (ZIP, "a.zip", "application/zip"),
        (ZIP, "a.docx", DOCX),
        (ZIP, "a.png", "application/zip"),
        (OLE, "a.xls", "application/vnd.ms-excel"),
        (OLE, "a.msi", BINARY),
        (b"\x1f\x8b\x08\0", "a.tgz", "application/gzip"),
        (b"Rar!\x1a\x07\x01\0", "a.rar", "application/x-rar-compressed"),
        (b"ID3\x04\0\0", "a.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\0\0", "a.mp3", "audio/mpeg"),
        (b"\xff\xf1\x50\x80\0", "a.aac", "audio/aac"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a.wav", "audio/wav"),
        (b"OggS\0\2\0\0", "a.ogg", "audio/ogg"),
        (b"OggS\0\2\0\0", "a.ogv", "video/ogg"),
        (MP4, "a.mp4", "video/mp4"),
        (MP4, "a.m4a", "audio/mp4"),
        (b"\0\0\0\x20ftypM4A \0\0", "a.bin", "audio/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0", "a.mov", "video/quicktime"),
        (EBML, "a.webm", "video/webm"),
        (EBML, "a.mkv", "video/x-matroska"),
        (b"<svg xmlns='x'>", "a.svg", "image/svg+xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made -->\n<svg>", "a.svg", "image/svg+xml"),
        (b"<!DOCTYPE svg PUBLIC 'x' 'y' [\n<!ENTITY a 'b'>\n]>\n<svg:svg>", "a.svg", "image/svg+xml"),
        (b"<!DOCTYPE html>\n<svg></svg>", "a.svg", "text/html"),
        (b"<html><body>404</body></html>", "logo.png", "text/html"),
        (b"Not found", "logo.png", TEXT),
        (b"{}", "a.json", "application/json"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        (b"import os\n", "a.py", TEXT),
        ("\u00fcber".encode()[:1], "a.txt", TEXT),
        ("\ufeffx".encode("utf-16-le"), "a.txt", TEXT),
        (b"\x7fELF\2\1\1\0", "tool", BINARY),
        (b"\x7fELF\2\1\1\0", "logo.png", BINARY),
        (b"", "a.txt", TEXT),
    ],
)  # fmt: skip
def test_the_content_says_what_a_file_is(head: bytes, name: str, kind: str) -> None:
    assert content_type(head, name) == kind


def test_a_file_of_many_comments_is_looked_at_once() -> None:
    assert content_type(b"<!-- --> " * 7000 + b"<p>", "a.svg") == TEXT


@pytest.mark.parametrize(
    ("name", "kind"), [("x/A.JPEG", "image/jpeg"), (".png", ""), ("a", ""), ("a.b/c", ""), ("a.xyz", "")]
)
def test_names(name: str, kind: str) -> None:
    assert type_of_name(name) == kind


def test_buildin_is_told_only_types_that_it_takes() -> None:
    names = ("png", "svg", "ico", "avif", "mkv", "mp3", "flac", "docx", "potx", "7z", "xml", "xyz")
    for name in names:
        found = taken("buildin", type_of_name(f"a.{name}") or TEXT, f"a.{name}")
        assert isinstance(found, Taken)
        assert found.content_type in CONTENT_TYPES
    assert taken("buildin", "image/png", "a.png") == Taken("image/png", "a.png")
    assert taken("buildin", "video/x-matroska", "a.mkv") == Taken(BINARY, "a.mkv")


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("image/png", "a.png", Taken("image/png", "a.png")),
        ("image/png", "a.b.jpg", Taken("image/png", "a.b.png")),
        ("image/jpeg", "a.jfif", Taken("image/jpeg", "a.jpg")),
        ("image/png", "logo", Taken("image/png", "logo.png")),
        ("image/png", "v1.2", Taken("image/png", "v1.2.png")),
        ("audio/mpeg", "song.ogg", Taken("audio/mpeg", "song.mp3")),
        (TEXT, "notes.txt", Taken(TEXT, "notes.txt")),
        (DOCX, "a.docx", Taken(DOCX, "a.docx")),
        ("image/bmp", "a.bmp", "is a picture, and Notion takes no such files"),
        ("application/zip", "a.zip", "is an archive, and Notion takes no such files"),
        (TEXT, "setup.py", "is plain text, and Notion takes no such files"),
        ("text/html", "a.png", "is named as a picture, but holds a web page"),
        ("image/png", "a.pdf", "is named as a PDF, but holds a picture"),
        (BINARY, "a.mp4", "is named as sound or film, but holds bytes of no known kind"),
    ],
)  # fmt: skip
def test_notion_is_told_names_that_fit_or_nothing(kind: str, name: str, found: Taken | str) -> None:
    assert taken("notion", kind, name) == found


def test_families() -> None:
    assert [family(kind) for kind in ("audio/mp4", "video/mp4", "image/gif", "application/pdf", TEXT)] == [
        "media", "media", "image", "pdf", "",
    ]  # fmt: skip
