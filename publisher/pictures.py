"""Pictures scaled down before they go up, by Pillow: what `images.max_width` asks for.

A scaled picture is kept beside the state, under the hash of what it was made of, so that it is made once and keeps its
bytes: another version of Pillow might write others, and a picture of other bytes is another picture. It goes a week
after the last state in that directory has ceased to know what it was made of.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from converters.dialects.uploads import HASH_LENGTH
from publisher.errors import UsageError
from publisher.locking import ignore_in_git
from publisher.mirror import FRESH, KEPT, is_fresh
from publisher.settings import Settings
from publisher.store import Store

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
_WIDTH = "images_max_width"  # what a state says: its width
_PRUNED = "scaled_pruned"  # and when a run of it tidied up
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
        if key not in self._known or not self._is_there(self._known[key]):
            with open() as stream:
                self._known[key] = self._keep(key, _smaller(stream, form, self._width))
        made = self._known[key].rpartition("-")[2]
        place = self._directory / self._known[key]
        return None if made == _SAME else Scaled(place, made, place.stat().st_size)

    def _is_there(self, name: str) -> bool:
        """Whether a scaled picture is still there; it is then kept for a while, also from other runs."""
        try:
            _use(self._directory / name)
        except FileNotFoundError:
            return False
        return True

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


def prune(settings: Settings, store: Store) -> None:
    """Take away scaled pictures that no page uses any more, once a day. `store` is the state of a finished publish.

    Those count that were made of what one of the states of the directory knows, for its width; and all that were used
    within a week, by a run that is under way or on another branch.
    """
    if store.path == Path(":memory:"):  # nothing was published
        return
    width = str(settings.images_max_width)
    if store.meta(_WIDTH) != width:
        store.set_meta(_WIDTH, width)
    directory = settings.state / DIRECTORY if settings.state is not None else None
    if directory is None or not directory.is_dir() or is_fresh(float(store.meta(_PRUNED) or 0)):
        return
    store.set_meta(_PRUNED, str(time.time()))
    try:
        used = set(_used(directory.parent))
    except sqlite3.Error:  # nobody knows what that state uses
        return
    oldest = time.time() - KEPT
    for place in directory.iterdir():
        hash, width, *_ = (*place.name.split("-"), "")
        with suppress(OSError):  # another run may have been faster, or have it open
            if _KEPT.fullmatch(place.name) and not used.isdisjoint({(hash, width), (hash, "")}):
                _use(place)
            elif place.stat().st_mtime < oldest:
                place.unlink()


def _used(states: Path) -> Iterator[tuple[str, str]]:
    """Hash and width of what the states of a directory may have scaled; no width: that of a state is not known.

    Raises:
        sqlite3.Error: one of them cannot be read.
    """
    for place in states.glob("*.db"):
        with closing(sqlite3.connect(f"file:{quote(str(place))}?mode=ro", uri=True)) as db:
            try:
                width = db.execute("SELECT value FROM meta WHERE key = ?", (_WIDTH,)).fetchone() or ("",)
                yield from db.execute("SELECT hash, ? FROM assets", width)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # that is no state: it has other tables
                    raise


def _use(place: Path) -> None:
    """Note that a picture is used today."""
    if time.time() - place.stat().st_mtime > FRESH:
        with suppress(OSError):  # where a state can only be read
            os.utime(place)


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
