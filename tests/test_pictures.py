"""`images.max_width`: wide pictures are scaled, once; everything else goes up as it is."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from site_folder import Site, actions

from publisher import pictures, saved
from publisher.assets import Assets
from publisher.errors import ConflictError, UsageError
from publisher.pictures import Scaler
from publisher.planning.files import LocalFile
from publisher.scan import scan
from publisher.store import Store
from publisher.workplace import open_workspace, state_file

Image = pytest.importorskip("PIL.Image")


def picture(width: int, height: int, form: str = "PNG", mode: str = "RGB", **more: Any) -> bytes:
    out = BytesIO()
    made = Image.linear_gradient("L").rotate(30).resize((width, height)).convert(mode)
    made.save(out, form, **more)
    return out.getvalue()


def hashed(data: bytes) -> str:
    return blake2b(data, digest_size=10).hexdigest()


def opener(data: bytes) -> Callable[[], AbstractContextManager[BinaryIO]]:
    return lambda: BytesIO(data)


def scaled(directory: Path, data: bytes, kind: str = "image/png", width: int = 40) -> Any:
    """The scaled picture, opened; None if it goes up as it is."""
    found = Scaler(directory / "scaled", width).scaled(hashed(data), kind, opener(data))
    if found is None:
        return None
    content = found.place.read_bytes()
    assert (found.hash, found.size) == (hashed(content), len(content))
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_a_wide_picture_gets_the_width_and_keeps_its_form(tmp_path: Path, form: str) -> None:
    found = scaled(tmp_path, picture(120, 61, form), f"image/{form.lower()}")
    assert (found.size, found.format) == ((40, 20), form)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA"])
def test_every_kind_of_pixel(tmp_path: Path, mode: str) -> None:
    assert scaled(tmp_path, picture(400, 400, mode=mode)).size == (40, 40)


def test_a_picture_that_lies_on_its_side_is_set_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    found = scaled(tmp_path, picture(400, 100, "JPEG", exif=exif), "image/jpeg")
    assert found.size == (40, 160)
    assert scaled(tmp_path, picture(100, 30, "JPEG", exif=exif), "image/jpeg") is None  # 30 wide, 100 high


def moving(form: str) -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", (120, 60), color) for color in ("red", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture(40, 400), "image/png"),
        (moving("GIF"), "image/gif"),
        (moving("PNG"), "image/png"),
        (moving("WEBP"), "image/webp"),
        (b"<svg width='900'/>", "image/svg+xml"),
        (picture(120, 60)[:80], "image/png"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"%PDF-1.4", "application/pdf"),
    ],
)
def test_what_goes_up_as_it_is(tmp_path: Path, data: bytes, kind: str) -> None:
    assert scaled(tmp_path, data, kind) is None


def test_a_picture_is_scaled_once(tmp_path: Path) -> None:
    wide, narrow = picture(120, 60), picture(10, 10)
    for data in (wide, narrow):
        scaled(tmp_path, data)

    def never() -> AbstractContextManager[BinaryIO]:
        raise AssertionError("it is known")

    again = Scaler(tmp_path / "scaled", 40)
    assert again.scaled(hashed(wide), "image/png", never) is not None
    assert again.scaled(hashed(narrow), "image/png", never) is None
    assert scaled(tmp_path, wide, width=30).size == (30, 15)


def test_what_a_killed_run_was_writing_does_not_count(tmp_path: Path) -> None:
    wide = picture(120, 60)
    scaled(tmp_path, wide)
    (kept,) = (tmp_path / "scaled").iterdir()
    whole = kept.read_bytes()
    kept.rename(cut := kept.with_name(f"{kept.name}.4711"))
    cut.write_bytes(whole[:50])
    made = Scaler(tmp_path / "scaled", 40).scaled(hashed(wide), "image/png", opener(wide))
    assert made is not None
    assert (made.hash, made.size) == (hashed(whole), len(whole))


def test_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs Pillow") as caught:
        Scaler(tmp_path, 40)
    assert "pagemill[images]" in caught.value.hint


def test_the_scaled_picture_is_what_goes_up(site: Site) -> None:
    data = picture(120, 60)
    site.write("a.md", "# A\n\n![x](x.png)\n")
    site.write("x.png", data)
    wide = {"images.max_width": 40}
    settings, store = site.settings(**wide), Store(None)
    found = Assets(scan(site.folder), store, "buildin", settings)
    file = found.get("x.png")
    assert isinstance(file, LocalFile)
    assert file.hash != hashed(data)
    with found.open(file) as stream:
        content = stream.read()
    assert (hashed(content), len(content), Image.open(BytesIO(content)).width) == (file.hash, file.size, 40)
    store.close()
    site.publish(**wide)
    again = site.publish(**wide)
    assert (again.reads, again.writes) == (0, 0)
    assert actions(site.publish())["a.md"] == "update"  # without the setting it is the whole picture


def test_a_check_makes_no_files(site: Site) -> None:
    site.write("x.png", picture(120, 60))
    settings = site.settings(**{"images.max_width": 40})
    file = Assets(scan(site.folder), None, "buildin", settings).get("x.png")
    assert isinstance(file, LocalFile)
    assert not (site.root / ".pagemill").exists()


# -- what no page uses any more ------------------------------------------------------------------------------------


def kept(site: Site) -> set[str]:
    """The hashes of what the scaled pictures were made of, each with its width."""
    names = (file.name.rpartition("-")[0] for file in (site.root / ".pagemill/scaled").iterdir())
    return set(names)


def age(site: Site, days: float) -> None:
    """Let time pass, as far as the scaled pictures and the states can tell."""
    then = time.time() - days * 86_400
    for file in (site.root / ".pagemill/scaled").iterdir():
        os.utime(file, (then, then))
    for state in (site.root / ".pagemill").glob("docs.*.db"):
        with closing(sqlite3.connect(state)) as db, db:
            db.execute("UPDATE meta SET value = ? WHERE key = 'scaled_pruned'", (str(then),))


def named(data: bytes, width: int = 40) -> str:
    return f"{hashed(data)}-{width}"


X, Y = picture(120, 60), picture(130, 60)


@pytest.fixture
def album(tmp_path: Path) -> Site:
    """Two pictures were published, a while ago; the page shows but the first of them now."""
    site = Site(tmp_path, {"images.max_width": 40})
    site.write("x.png", X)
    site.write("y.png", Y)
    site.write("a.md", "# A\n\n![x](x.png)\n\n![y](y.png)\n")
    site.publish()
    age(site, 8)
    site.write("a.md", "# A\n\n![x](x.png)\n")
    return site


def test_what_no_page_uses_goes_after_a_week(album: Site) -> None:
    (album.root / ".pagemill/scaled" / f"{named(Y)}-{hashed(Y)}.4711").write_bytes(b"cut")
    age(album, 6)
    album.publish()
    assert len(kept(album)) == 2
    age(album, 8)
    album.write("a.md", "# A\n\n![x](x.png)\n\nwords\n")
    album.publish()
    assert kept(album) == {named(X)}
    album.write("a.md", "# A\n\n![x](x.png)\n\n![y](y.png)\n")
    assert album.publish().uploads == 0  # made again, and the same
    assert kept(album) == {named(X), named(Y)}


def test_what_another_state_knows_stays(album: Site) -> None:
    other = Site(album.root, {**album.options, "dialect": "notion"})
    other.write("b.md", "# B\n\n![y](y.png)\n")
    other.publish()
    album.remove("b.md")
    age(album, 8)
    album.publish()
    assert kept(album) == {named(X), named(Y)}
    assert all(
        time.time() - file.stat().st_mtime < 86_400 for file in (album.root / ".pagemill/scaled").iterdir()
    )
    age(album, 8)
    other.publish()
    assert kept(album) == {named(X)}


def test_a_width_that_nobody_asks_for_any_more(album: Site) -> None:
    album.publish(**{"images.max_width": 30})
    assert kept(album) == {named(X, 30)}
    age(album, 8)
    album.write("a.md", "# A\n\n![x](x.png)\n\nwords\n")
    album.publish(**{"images.max_width": 0})
    assert kept(album) == set()


@pytest.mark.parametrize("what", ["broken", "locked"])
def test_while_a_state_cannot_be_read_nothing_goes(
    album: Site, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = album.root / ".pagemill/docs.notion.0.db"
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: connect(*args, **{"timeout": 0, **more}))
    with closing(connect(state, isolation_level=None)) as db:
        if what == "broken":
            state.write_bytes(b"no database " * 1_000)
        else:
            db.execute("CREATE TABLE assets (hash TEXT)")
            db.execute("BEGIN EXCLUSIVE")
        album.publish()
    assert len(kept(album)) == 2


def test_a_plan_takes_nothing_away(album: Site) -> None:
    settings = album.settings()
    store = Store(state_file(settings))
    saved.rehearse(settings, store, lambda count: open_workspace(settings, count), False, None)
    store.close()
    album.plan()
    assert len(kept(album)) == 2


def test_a_picture_that_another_run_took_away_is_made_again(site: Site) -> None:
    site.write("x.png", X)
    settings, store = site.settings(**{"images.max_width": 40}), Store(None)
    found = Assets(scan(site.folder), store, "buildin", settings)
    file = found.get("x.png")
    assert isinstance(file, LocalFile)
    (made,) = (site.root / ".pagemill/scaled").iterdir()
    made.unlink()
    with found.open(file) as stream:
        assert hashed(stream.read()) == file.hash
    made.unlink()
    assert found.renewed(scan(site.folder), ["x.png"]).get("x.png") == file
    assert made.exists()
    made.unlink()
    site.write("x.png", Y)
    with pytest.raises(ConflictError, match="has changed"), found.open(file):
        pass
    store.close()
