"""`images.mirror`: pictures on the web are fetched once, kept, and published as files. No network, no waiting."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import virtual_time
from pictures import png
from site_folder import Site, actions, id_of
from test_publish_files import BLUE, GREEN, RED, held, sources

from converters.blocks import FileRef, Media, Url
from converters.document import Options, convert
from converters.mirrored import copied_url, copy_path
from publisher import mirror
from publisher.converting import check
from publisher.errors import StorageError
from publisher.external import hosts
from publisher.findings import Findings
from publisher.job import Job
from publisher.memory import Memory
from publisher.mirror import AGAIN, FRESH, KEPT, Copies, Mirror, _file_name
from publisher.remote.web import Web
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.watching.look import Look
from publisher.watching.quiet import Batch
from publisher.workplace import open_workspace, state_file

P = "https://pics.dev/p.png"
Reply = bytes | int | str | Exception


@dataclass
class Pictures:
    """A web of pictures that are told apart by an etag; `asked` are the requests and what they answered."""

    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    wall: float = 2_000_000_000.0

    def web(self) -> Web:
        async def resolve(host: str) -> list[str]:
            return ["10.0.0.1" if host == "inner.dev" else "93.184.215.14"]

        transport = httpx.MockTransport(self.answer)
        return Web(lambda: self.wall, connections=9, resolve=resolve, transport=transport)

    def answer(self, request: httpx.Request) -> httpx.Response:
        reply = self.replies.get(str(request.url), 404)
        match reply:
            case bytes():
                tag = f'"{hash(reply)}"'
                same = request.headers.get("if-none-match") == tag
                answer = httpx.Response(
                    304 if same else 200, content=b"" if same else reply, headers={"etag": tag}
                )
            case int():
                answer = httpx.Response(reply)
            case str():
                answer = httpx.Response(302, headers={"location": reply})
            case _:
                raise reply
        self.asked.append((str(request.url), answer.status_code))
        return answer

    def fetch(self, directory: Path, *urls: str, limit: int = 1_000) -> dict[str, bytes]:
        """Refresh the copies; what is there then, by address."""
        keeper = Mirror(directory, limit, self.web, lambda: self.wall)
        virtual_time.run(keeper.refresh(urls))
        copies = Copies(directory)
        found = {}
        for name in copies.names:
            with copies.open(name.removeprefix("pagemill:mirror/")) as file:
                found[copied_url(name)] = file.read()
        return found


# -- what a document says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        P,
        "https://a.dev/?q=a/b&c=%20",
        "https://a.dev/",
        "http://a.dev/%C3%BC/x.svg?v=1#top",
        "https://a.dev/a%2Fb.png",
    ],
)
def test_a_copy_is_called_by_the_address(url: str) -> None:
    assert copied_url(copy_path(url)) == url
    assert ".." not in copy_path(url).split("/")
    assert copied_url("img/p.png") == ""


def test_every_picture_on_the_web_becomes_a_copy_and_nothing_else() -> None:
    text = f"![a]({P})\n\n- x\n\n  ![b](HTTPS://Pics.dev/q.png)\n\n![v](https://a.dev/v.mp4) [l]({P})\n\n![own](o.png)\n"
    plain, made = convert(text, "a.md"), convert(text, "a.md", Options(mirror=True))
    paths = [(use.link, use.line) for use in made.links]
    assert paths == [
        *((use.link, use.line) for use in plain.links),
        (FileRef(copy_path(P)), 1),
        (FileRef(copy_path("https://pics.dev/q.png")), 5),
    ]
    first = made.blocks[0]
    assert isinstance(first, Media)
    assert first.source == FileRef(copy_path(P))
    assert (
        sum(isinstance(block, Media) and isinstance(block.source, Url) for block in made.blocks) == 1
    )  # the video
    assert convert("no picture\n", "a.md", Options(mirror=True)) == convert("no picture\n", "a.md")


ICON, COVER = "https://pics.dev/i.png", "https://pics.dev/c.png"
LOOKS = f"---\nicon: {ICON}\ncover: {{image: HTTPS://Pics.dev/c.png}}\n---\n"


def test_icon_and_cover_become_copies_where_a_service_takes_them() -> None:
    made = convert(f"{LOOKS}# A\n", "a.md", Options(mirror=True, mirror_looks=True))
    assert (made.icon, made.cover) == (copy_path(ICON), copy_path(COVER))
    assert [(use.link, use.line) for use in made.links] == [
        (FileRef(copy_path(ICON)), 2),
        (FileRef(copy_path(COVER)), 3),
    ]
    plain = convert(f"{LOOKS}# A\n", "a.md", Options(mirror=True))
    assert (plain.icon, plain.links) == (ICON, ())
    for text in ("icon: 📘\ncover: own.png", "emoji: own.png", f"cover: https://pics.dev/{'x' * 2000}.png"):
        text = f"---\n{text}\n---\n"
        assert convert(text, "a.md", Options(mirror=True, mirror_looks=True)) == convert(text, "a.md")


# -- fetching ----------------------------------------------------------------------------------------------------------


def test_a_picture_is_fetched_once_and_asked_about_once_a_day(tmp_path: Path) -> None:
    net = Pictures({P: RED})
    assert net.fetch(tmp_path, P, P) == {P: RED}
    assert net.fetch(tmp_path, P) == {P: RED}
    assert net.asked == [(P, 200)]
    net.wall += FRESH
    assert net.fetch(tmp_path, P) == {P: RED}
    net.replies[P] = BLUE
    net.wall += FRESH
    assert net.fetch(tmp_path, P) == {P: BLUE}
    assert [status for _, status in net.asked] == [200, 304, 200]


@pytest.mark.parametrize(
    "reply",
    [404, 403, 500, httpx.ReadError(""), httpx.ConnectTimeout(""), b"<!doctype html><title>Log in</title>", RED * 99,
     "http://127.0.0.1/p.png", "https://inner.dev/p.png", P],
)  # fmt: skip
def test_what_cannot_be_had_leaves_what_was_there(reply: Reply, tmp_path: Path) -> None:
    net = Pictures({P: reply, "https://inner.dev/p.png": RED})
    assert net.fetch(tmp_path, P) == {}
    asked = len(net.asked)
    assert net.fetch(tmp_path, P) == {}
    assert len(net.asked) == asked
    net.replies[P] = RED
    net.wall += AGAIN
    assert net.fetch(tmp_path, P) == {P: RED}
    net.replies[P] = reply
    net.wall += FRESH
    assert net.fetch(tmp_path, P) == {P: RED}
    assert not [file for file in tmp_path.iterdir() if file.name.startswith("new-")]


def test_redirects_are_followed_and_private_addresses_are_not_asked(tmp_path: Path) -> None:
    net = Pictures({P: "https://cdn.dev/x", "https://cdn.dev/x": RED, "http://localhost/p.png": RED})
    assert net.fetch(tmp_path, P, "http://localhost/p.png", "https://example.com/p.png") == {P: RED}
    assert [url for url, _ in net.asked] == [P, "https://cdn.dev/x"]


def test_files_are_open_for_some_copies_at_once_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0

    def count(request: httpx.Request) -> httpx.Response:
        nonlocal most
        most = max(most, sum(file.name.startswith("new-") for file in tmp_path.iterdir()))
        return httpx.Response(200, content=RED)

    monkeypatch.setattr(mirror, "OPEN", 3)
    net = Pictures()
    net.answer = count  # type: ignore[method-assign]
    urls = [f"https://h{n}.dev/p.png" for n in range(12)]
    assert len(net.fetch(tmp_path, *urls)) == 12
    assert 1 <= most <= 3


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    body = gzip.compress(gzip.compress(RED))
    headers = {"content-encoding": "gzip, gzip"}
    net = Pictures()
    net.answer = lambda request: httpx.Response(200, content=body, headers=headers)  # type: ignore[method-assign]
    assert net.fetch(tmp_path, P) == {}
    headers["content-encoding"], body = "gzip", gzip.compress(RED)
    net.wall += AGAIN
    assert net.fetch(tmp_path, P) == {P: RED}


def test_a_full_disk_leaves_pictures_on_the_web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    assert Pictures({P: RED}).fetch(tmp_path, P) == {}


def test_a_copy_that_was_taken_away_is_fetched_again(tmp_path: Path) -> None:
    net = Pictures({P: RED})
    net.fetch(tmp_path, P)
    for file in tmp_path.iterdir():
        if file.suffix != ".db" and "index" not in file.name:
            file.unlink()
    assert net.fetch(tmp_path, P) == {P: RED}


def test_ctrl_c_ends_fetching(tmp_path: Path) -> None:
    net = Pictures({f"https://h{n}.dev/p.png": RED for n in range(200)})
    keeper = Mirror(tmp_path, 1_000, net.web, lambda: net.wall, stopped=lambda: len(net.asked) >= 5)
    virtual_time.run(keeper.refresh(net.replies))
    assert 5 <= len(net.asked) <= 5 + mirror.OPEN


def test_a_copy_that_nobody_wants_goes_after_a_while(tmp_path: Path) -> None:
    other = "https://pics.dev/q.png"
    net = Pictures({P: RED, other: BLUE})
    net.wall = time.time()
    net.fetch(tmp_path, P, other)
    (tmp_path / "new-cut").write_bytes(b"cut")
    net.wall += FRESH
    assert net.fetch(tmp_path, P) == {P: RED, other: BLUE}  # another branch may want it tomorrow
    net.wall += KEPT
    assert net.fetch(tmp_path, P) == {P: RED}
    assert sorted(file.name for file in tmp_path.iterdir() if "index" not in file.name) == [_file_name(P)]


# -- an index that is broken, or that cannot be written ---------------------------------------------------------------


def broken(directory: Path, how: str) -> None:
    index = directory / "index.db"
    match how:
        case "no database":
            index.write_bytes(b"no database at all, but long enough to be one" * 100)
        case "cut":
            index.write_bytes(index.read_bytes()[:5000])
        case "scribbled":  # the head is good, a page of it is not
            with index.open("r+b") as file:
                file.seek(4096)
                file.write(b"\xff" * 4096)
        case _:
            index.unlink()
            with closing(sqlite3.connect(index)) as db:
                db.execute("CREATE TABLE pictures (other TEXT)")


@pytest.mark.parametrize("how", ["no database", "cut", "scribbled", "other tables"])
def test_a_broken_index_is_made_anew_and_no_copy_is_lost(tmp_path: Path, how: str) -> None:
    other = "https://pics.dev/q.png"
    net = Pictures({P: RED, other: BLUE})
    net.wall = time.time()
    net.fetch(tmp_path, P, other)
    broken(tmp_path, how)
    assert Copies(tmp_path).names == frozenset()  # who only looks says nothing of it
    net.replies = {P: 500}
    assert net.fetch(tmp_path, P) == {P: RED}  # the copy is there though nobody can give it now
    assert (tmp_path / _file_name(other)).exists()
    net.wall += KEPT + 1
    assert net.fetch(tmp_path, P) == {P: RED}
    assert not (tmp_path / _file_name(other)).exists()


def refused(directory: Path, net: Pictures, *urls: str) -> StorageError:
    with pytest.raises(StorageError) as caught:
        net.fetch(directory, *urls)
    assert str(directory / "index.db") in caught.value.message
    assert caught.value.hint
    return caught.value


def test_an_index_that_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net = Pictures({P: RED})
    net.fetch(tmp_path, P)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: connect(*args, **{**more, "timeout": 0}))
    with closing(connect(tmp_path / "index.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert "in use by another program" in refused(tmp_path, net, P).message
        with pytest.raises(StorageError, match="in use by another program"):
            Copies(tmp_path)
        other.execute("COMMIT")
    assert net.fetch(tmp_path, P) == {P: RED}


@pytest.mark.parametrize(
    ("pragma", "message"),
    [("query_only = 1", "is read-only"), ("max_page_count = 1", "the disk is full")],
)
def test_an_index_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, message: str
) -> None:
    urls = [f"https://h{n}.dev/{'p' * 900}.png" for n in range(12)]
    net = Pictures(dict.fromkeys(urls, RED))
    net.fetch(tmp_path)
    opened = mirror._opened

    def limited(path: Path) -> sqlite3.Connection | None:
        db = opened(path)
        assert db is not None
        db.execute(f"PRAGMA {pragma}")
        return db

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "_opened", limited)
        assert message in refused(tmp_path, net, *urls).message
    assert len(net.fetch(tmp_path, *urls)) == 12


def test_a_place_where_no_copies_can_be(tmp_path: Path) -> None:
    (tmp_path / "mirror").write_text("a file")
    with pytest.raises(StorageError, match=r"picture index file .*mirror cannot be read or written"):
        Pictures({P: RED}).fetch(tmp_path / "mirror", P)


# -- publishing --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["buildin", "notion"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    site = Site(tmp_path, {"dialect": request.param})
    site.write("pagemill.toml", "[images]\nmirror = true\n")
    return site


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    net = Pictures()

    def wall() -> float:
        return net.wall

    def made(settings: object, limit: int, stopped: Callable[[], bool]) -> Mirror:
        return Mirror(mirror._directory(settings), limit, net.web, wall, stopped=stopped)  # type: ignore[arg-type]

    monkeypatch.setattr(mirror, "mirror", made)
    monkeypatch.setattr(mirror.time, "time", wall)
    monkeypatch.setattr(hosts, "PAUSE", 0.0)
    return net


def test_a_picture_is_published_as_a_file_and_followed(site: Site, net: Pictures) -> None:
    net.replies[P] = RED
    site.write("a.md", f"# A\n\n![Red]({P})\n\nText.\n")
    report = site.publish()
    assert (report.failed, report.diagnostics, report.uploads) == (0, [], 1)
    assert list(held(site)) == [RED]
    assert sources(site, id_of(report, "a.md"))[0].startswith("p-")
    again = site.publish()
    assert (again.reads, again.writes, len(net.asked)) == (0, 0, 1)
    net.wall += FRESH
    again = site.publish()
    assert (again.writes, net.asked[-1]) == (0, (P, 304))
    net.replies[P] = BLUE
    net.wall += FRESH
    again = site.publish()
    assert (again.uploads, actions(again)["a.md"]) == (1, "update")
    assert BLUE in held(site)


def test_icon_and_cover_are_published_as_files_and_followed(site: Site, net: Pictures) -> None:
    net.replies[ICON] = RED
    site.write("a.md", f"{LOOKS}# A\n\nText.\n")
    report = site.publish()
    uploaded = site.options["dialect"] == "notion"
    said = [("image-not-mirrored", 3)] if uploaded else []
    assert [(item.code, item.line) for item in report.diagnostics] == said
    assert (report.failed, report.uploads, len(net.asked)) == ((0, 1, 2) if uploaded else (0, 0, 0))
    assert looks(site, id_of(report, "a.md")) == (RED if uploaded else ICON, COVER)
    assert site.publish().writes == 0
    net.replies[COVER] = BLUE
    net.wall += FRESH
    report = site.publish()
    assert looks(site, id_of(report, "a.md")) == ((RED, BLUE) if uploaded else (ICON, COVER))
    assert report.writes == (3 if uploaded else 0)  # the upload, its bytes and the page
    assert site.publish().writes == 0


def looks(site: Site, page: str) -> tuple[bytes | str, ...]:
    """Icon and cover of a page: the bytes that were uploaded, or the address."""
    path = site.settings().workspace
    assert path is not None
    with closing(sqlite3.connect(path)) as db:
        found = db.execute(
            "SELECT icon, cover FROM node WHERE replace(id, '-', '') = ?", (page.replace("-", ""),)
        )
        values = [json.loads(value) for value in found.fetchone()]
        return tuple(_shown(db, value) for value in values)


def _shown(db: sqlite3.Connection, value: dict[str, Any]) -> bytes | str:
    url = str(value[value["type"]]["url"])
    parts = db.execute("SELECT data FROM file_part WHERE file = ?", (url.split("/")[-2],)).fetchall()
    return b"".join(data for (data,) in parts) or url


def test_what_cannot_be_had_stays_on_the_web_until_it_can(site: Site, net: Pictures) -> None:
    site.write("a.md", f"# A\n\nsee\n\n![Red]({P})\n")
    report = site.publish()
    assert [(item.code, item.line, item.severity) for item in report.diagnostics] == [
        ("image-not-mirrored", 5, "info")
    ]
    assert report.uploads == 0
    assert sources(site, id_of(report, "a.md")) == ["p.png"]
    net.replies[P] = RED
    net.wall += FRESH
    report = site.publish()
    assert (report.uploads, report.diagnostics) == (1, [])
    assert sources(site, id_of(report, "a.md"))[0].startswith("p-")


@pytest.mark.parametrize("other", ["uploads = false\n", 'files_url = "https://raw.dev/docs"\n', ""])
def test_without_uploads_nothing_is_fetched(site: Site, net: Pictures, other: str) -> None:
    site.write("pagemill.toml", f"{other}[images]\nmirror = {'true' if other else 'false'}\n")
    net.replies[P] = RED
    site.write("a.md", f"# A\n\n![Red]({P})\n")
    report = site.publish()
    assert (net.asked, report.uploads, report.diagnostics) == ([], 0, [])


def test_a_plan_fetches_nothing_and_knows_the_copies(site: Site, net: Pictures) -> None:
    net.replies[P] = RED
    site.write("a.md", f"# A\n\n![Red]({P})\n")
    assert [item.code for item in site.plan().diagnostics] == ["image-not-mirrored"]
    assert net.asked == []
    site.publish()
    plan = site.plan()
    assert (plan.diagnostics, plan.writes, len(net.asked)) == ([], 0, 1)


def test_a_watch_fetches_what_files_name_that_are_saved_later(site: Site, net: Pictures) -> None:
    net.replies[P] = RED
    other, late = "https://pics.dev/q.png", "https://pics.dev/late.png"
    net.replies[other] = BLUE
    site.write("own.png", GREEN)
    site.write("a.md", f"# A\n\n![Red]({P})\n\n![Own](own.png)\n")
    site.write("b.md", "# B\n")
    settings = site.settings()
    store = Store(state_file(settings))
    look, memory = Look(settings, store), Memory()

    def publish(*saved: str) -> Report:
        if saved:
            look.look(Batch(frozenset(saved)))
        connect = partial(open_workspace, settings)
        job = Job(settings, connect, folder=look.folder, memory=memory)
        return asyncio.run(Run(job, store).publish())

    first, again = publish(), publish()
    assert (first.uploads, first.diagnostics, again.uploads, len(net.asked)) == (2, [], 0, 1)
    site.write("b.md", f"# B\n\n![Blue]({other})\n\n![Late]({late})\n")
    saved = publish("b.md")
    assert (saved.uploads, [item.code for item in saved.diagnostics]) == (1, ["image-not-mirrored"])
    assert net.asked[1:] == [(other, 200), (late, 404)]
    site.write("b.md", f"# B\n\nwords\n\n![Blue]({other})\n\n![Late]({late})\n")
    assert (publish("b.md").uploads, len(net.asked)) == (0, 3)
    net.replies[late] = png(42)
    net.wall += AGAIN
    site.write("b.md", f"# B\n\nmore\n\n![Blue]({other})\n\n![Late]({late})\n")
    saved = publish("b.md")
    assert (saved.uploads, saved.diagnostics, len(net.asked)) == (1, [], 4)
    site.write("own.png", RED)
    assert actions(publish("own.png")) == {"a.md": "update"}  # the files of the folder are still known
    site.write("c.md", f"# C\n\n![Red]({P})\n")
    assert (publish("c.md").diagnostics, len(net.asked)) == ([], 4)
    store.close()


def test_check_external_asks_for_pictures_that_have_copies(site: Site) -> None:
    site.write("a.md", f"# A\n\nsee ![Red]({P})\n")
    asked: list[tuple[str, int, int, str]] = []
    found = check(
        str(site.folder),
        site.settings(),
        lambda uses: [asked.append((use.path, use.line, use.column, use.url)) for use in uses] and [],  # type: ignore[func-returns-value]
    )
    assert isinstance(found, Findings)
    assert asked == [("a.md", 3, 12, P)]
