"""What the address of a link or picture means: an address on the web, a page of the folder, or a file of it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from markdown_it.common.normalize_url import normalizeLink

from converters.blocks import FileRef, Link, MediaKind, PageRef, Url

PAGE_SUFFIXES = frozenset({"md", "markdown", "mdown", "mkd", "mdx"})

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_WEB = re.compile(r"(?:https?|ftp)://[^\s/?#]", re.IGNORECASE)
_NO_HOST = re.compile(r"[a-z]+://(?:[^/?#@]*@)?[^/?#@]*%", re.IGNORECASE)
_OTHER_SAFE = re.compile(r"(?:mailto|tel):[^\s?]", re.IGNORECASE)
_CLEAN = re.compile(r"[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]*\Z")
# a suffix begins with a letter, so that "v1.2" is a page and "1.tar" a file
_SUFFIX = re.compile(r"[^/]\.([A-Za-z][A-Za-z0-9]{0,9})\Z")

_KINDS: dict[str, MediaKind] = {
    **dict.fromkeys(("mp4", "webm", "mov", "m4v", "mkv", "ogv", "avi"), "video"),
    **dict.fromkeys(("mp3", "wav", "ogg", "oga", "m4a", "flac", "aac", "opus"), "audio"),
    "pdf": "pdf",
}
_PICTURES = frozenset("png apng jpg jpeg jpe jfif gif svg webp avif bmp ico tif tiff heic heif".split())  # noqa: SIM905


def normalise_url(url: str) -> str:
    """The address as a URL may hold it: international names and letters encoded.

    The usual address needs no work at all, and markdown-it's own rule takes ten times as long to find that out.
    An address that no host can have stays as it is written, for what is said about it.
    """
    if _CLEAN.match(url):
        return url
    encoded: str = normalizeLink(url)
    return url if _NO_HOST.match(encoded) else encoded


def classify(href: str, path: str, *, media: bool = False) -> Link | None:
    """What `href`, standing in the file `path`, leads to; None for a scheme that a page may not hold.

    Local addresses are decoded, freed of their query and normalised to a path from the folder's root; "/x" counts
    from the root, "#part" names the file itself, and the root folder is the empty target. What names no suffix, or one
    of a Markdown file, or a place in HTML, is a page; with `media` every local address is a file.
    """
    if href.startswith(("//", "\\\\")):
        href = "https://" + href[2:]
    if _SCHEME.match(href):
        href = href.strip()
        return Url(normalise_url(href)) if _WEB.match(href) or _OTHER_SAFE.match(href) else None
    address, _, fragment = href.partition("#")
    local = unquote(address.partition("?")[0]).replace("\\", "/").replace("\0", "\ufffd").strip()
    if not local:
        return FileRef(path) if media else PageRef(path, unquote(fragment))
    target = _join(path, local)
    suffix = _SUFFIX.search(target)
    if media or (suffix is not None and not _is_page(suffix[1].lower(), fragment)):
        return FileRef(target)
    return PageRef(target, unquote(fragment))


def _is_page(suffix: str, fragment: str) -> bool:
    """Whether a file has headings to link to; a place in HTML is one of the page that a site makes of it."""
    return suffix in PAGE_SUFFIXES or (bool(fragment) and suffix in ("html", "htm"))


def has_suffix(href: str) -> bool:
    """Whether an address ends as the name of a file does."""
    return _SUFFIX.search("/" + href.partition("#")[0].partition("?")[0]) is not None


def _join(path: str, local: str) -> str:
    """A path from the folder's root, without "." and with ".." only where it leaves the folder."""
    parts = [] if local.startswith("/") else path.split("/")[:-1]
    names = local.split("/")
    for name in names:
        if name == "..":
            if parts and parts[-1] != "..":
                parts.pop()
            else:
                parts.append("..")
        elif name not in ("", "."):
            parts.append(name)
    folder = names[-1] in ("", ".", "..")
    return "/".join(parts) + ("/" if folder and parts else "")


def media_kind(link: Link) -> MediaKind:
    """What a Markdown picture shows, by its suffix; a picture if that says nothing.

    A file of the folder goes up as what it is, and a service shows no `notes.txt` as a picture.
    """
    if isinstance(link, Url):
        return _KINDS.get(link.url.partition("?")[0].partition("#")[0].rpartition(".")[2].lower(), "image")
    suffix = _SUFFIX.search(local_path(link))
    if suffix is None or (name := suffix[1].lower()) in _PICTURES:
        return "image"
    return _KINDS.get(name, "file")


def local_path(link: PageRef | FileRef) -> str:
    """The path from the folder's root."""
    return link.path if isinstance(link, FileRef) else link.target


def shown(link: Link) -> str:
    """Text to stand for a link that has none of its own."""
    if isinstance(link, Url):
        return link.url
    path = local_path(link)
    return path + ("#" + link.anchor if isinstance(link, PageRef) and link.anchor else "") or "/"


def file_name(link: Link) -> str:
    """The last part of an address, or the whole where there is none."""
    address = shown(link).partition("?")[0].partition("#")[0].rstrip("/")
    return address.rpartition("/")[2] or shown(link)
