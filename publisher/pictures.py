"""Pictures scaled down before they go up, by Pillow: what `images.max_width` asks for.

A scaled picture is kept beside the state, under the hash of what it was made of, so that it is made once and keeps its
bytes: another version of Pillow might write others, and a picture of other bytes is another picture.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from converters.dialects.uploads import HASH_LENGTH
from publisher.errors import UsageError
from publisher.locking import ignore_in_git
from publisher.settings import Settings

if TYPE_CHECKING:
    from PIL.Image import Image

DIRECTORY = "scaled"
# What Pillow writes as well as it reads. No vector graphics, and no GIF: its pictures may move.
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
}
_WRITE: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 88, "optimize": True, "progressive": True},
    "PNG": {"optimize": True},
    "WEBP": {"quality": 88, "method": 4},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
}
_SAME = "same"  # for a picture that is not wide enough
_KEPT = re.compile(rf"[0-9a-f]+-\d+-(?:[0-9a-f]+|{_SAME})")  # what a killed run was writing has another name


@dataclass(frozen=True, slots=True)
class Scaled:
    """A scaled picture: the file, its hash as content has it, and its size in bytes."""

    place: Path
    hash: str
    size: int


class Scaler:
    """Scales pictures to a width in pixels, and remembers them in a directory.

    Raises:
        UsageError: Pillow is not installed.
    """

    def __init__(self, directory: Path, width: int) -> None:
        if find_spec("PIL") is None:
            raise UsageError(
                "images.max_width needs Pillow, which is not installed.", "pip install 'pagemill[images]'"
            )
        self._directory = directory
        self._width = width
        names = os.listdir(directory) if directory.is_dir() else []  # noqa: PTH208 - names are all that is needed
        self._known = {tuple(name.split("-")[:2]): name for name in names if _KEPT.fullmatch(name)}

    def scaled(
        self, hash: str, content_type: str, open: Callable[[], AbstractContextManager[BinaryIO]]
    ) -> Scaled | None:
        """A smaller picture in place of one; None if that is to go up as it is. `hash` is that of what `open` gives.

        Raises:
            OSError: it cannot be read, or what came of it cannot be written.
        """
        form = _FORMATS.get(content_type)
        if form is None:
            return None
        key = (hash, str(self._width))
        if key not in self._known:
            with open() as stream:
                self._known[key] = self._keep(key, _smaller(stream, form, self._width))
        made = self._known[key].rpartition("-")[2]
        place = self._directory / self._known[key]
        return None if made == _SAME else Scaled(place, made, place.stat().st_size)

    def _keep(self, key: tuple[str, str], data: bytes | None) -> str:
        made = blake2b(data, digest_size=HASH_LENGTH // 2).hexdigest() if data is not None else _SAME
        name = "-".join((*key, made))
        self._directory.mkdir(parents=True, exist_ok=True)
        ignore_in_git(self._directory.parent)
        part = self._directory / f"{name}.{os.getpid()}"
        part.write_bytes(data or b"")
        part.replace(self._directory / name)
        return name


def scaler(settings: Settings) -> Scaler | None:
    """What scales the pictures of a folder; None if they go up as they are.

    Raises:
        UsageError: Pillow is needed, and not installed.
    """
    if not settings.images_max_width or not settings.uploads or settings.files_url or settings.state is None:
        return None
    return Scaler(settings.state / DIRECTORY, settings.images_max_width)


def _smaller(stream: BinaryIO, form: str, width: int) -> bytes | None:
    """The picture at that width; None if it is no wider, moves, cannot be read by Pillow, or would not get smaller."""
    import warnings

    from PIL import Image, ImageOps, UnidentifiedImageError

    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    unreadable = (UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError, OSError)
    with suppress(*unreadable), warnings.catch_warnings(), Image.open(stream, formats=[form]) as found:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        if max(found.size) <= width or getattr(found, "n_frames", 1) > 1:
            return None
        upright = _plain(ImageOps.exif_transpose(found))
        if upright.width <= width:
            return None
        height = max(1, round(upright.height * width / upright.width))
        made = upright.resize((width, height), Image.Resampling.LANCZOS)
        out = BytesIO()
        made.save(out, form, icc_profile=found.info.get("icc_profile"), **_WRITE[form])
        return out.getvalue() if out.tell() < size else None
    return None


def _plain(image: Image) -> Image:
    """Without a palette or single bits, which do not blend."""
    if image.mode in ("1", "P", "PA"):
        clear = "transparency" in image.info or image.mode == "PA"
        return image.convert("RGBA" if clear else "RGB" if image.mode == "P" else "L")
    return image
