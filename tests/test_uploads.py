"""Files brought into the embedded workspace: once, whole, resumed, and noted in the state."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any, BinaryIO

import pytest
from virtual_time import now
from virtual_time import run as in_simulated_time

from converters.dialects.base import PageHead
from converters.dialects.uploads import Hosted, hash_of
from publisher import carriers
from publisher.emulator.app import create_app
from publisher.emulator.faults import parse
from publisher.emulator.switches import LOCAL, Switches
from publisher.errors import ConflictError, Interrupted, PagemillError, UnreachableError, UploadError
from publisher.planning.files import LocalFile
from publisher.planning.ops import END
from publisher.remote import files as requests
from publisher.remote.connect import connect
from publisher.remote.port import Answer, Request, Transport
from publisher.remote.retry import Patience
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.streaming import CHUNK
from publisher.uploads import LIFETIME, Progress, Uploader

PART = 5 * 1024 * 1024  # the smallest that Notion takes
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LARGE = Random(5).randbytes(2 * PART + 1000)  # three parts
HEAD = PageHead(b'{"title":{"type":"title","title":[{"type":"text","text":{"content":"P"}}]}}')
BOTH = pytest.mark.parametrize("service", ["buildin", "notion"])


class Killed(BaseException):
    """The process ends here."""


class Seen:
    """A transport that looks at every request before it is sent, and at what came of it."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.begun: list[Request] = []
        self.answered: list[Request] = []
        self.under_way = self.most = 0
        self.before: Callable[[Request], Request] = lambda request: request
        self.after: Callable[[Request], None] = lambda request: None

    async def send(self, request: Request) -> Answer:
        request = self.before(request)
        self.begun.append(request)
        self.under_way += request.stream is not None
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0.01)
            answer = await self.inner.send(request)
        finally:
            self.under_way -= request.stream is not None
        self.answered.append(request)
        self.after(request)
        return answer

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Bench:
    """An embedded workspace, the files of a folder, and a state; `run` is a run of the program."""

    service: str
    switches: Switches = LOCAL
    faults: str = ""
    state: Path | None = None
    hours: float = 0.0
    contents: dict[str, bytes] = field(default_factory=dict)
    opened: int = 0
    chunk: int = 0
    stopped: bool = False
    progress: list[Progress] = field(default_factory=list)
    edit: Callable[[bytes], bytes] = lambda data: data

    def __post_init__(self) -> None:
        faults = parse(self.faults) if self.faults else None
        self.app = create_app(None, switches=self.switches, faults=faults, clock=self.clock)
        self.store = Store(self.state)

    def clock(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.hours)

    def file(self, path: str, data: bytes = PNG, kind: str = "image/png") -> LocalFile:
        self.contents[path] = data
        return LocalFile(path, blake2b(data, digest_size=10).hexdigest(), len(data), kind)

    @contextmanager
    def open(self, file: LocalFile) -> Iterator[BinaryIO]:
        self.opened += 1
        source = io.BytesIO(self.edit(self.contents[file.path]))
        real = source.read

        def read(size: int | None = -1, /) -> bytes:
            self.chunk = max(self.chunk, len(found := real(size)))
            return found

        source.read = read  # type: ignore[method-assign]
        with source:
            yield source

    def run(self, do: Callable[[Run], Awaitable[Any]]) -> Run:
        """Do something with a connection and an uploader of its own."""

        async def main() -> None:
            async with run.workspace:
                await do(run)

        patience = Patience(60, 60, 60)
        workspace = connect(self.service, "", "a-token", app=self.app, patience=patience, clock=now).beneath()
        seen = Seen(workspace._transport)
        workspace._transport = seen
        run = Run(self, workspace, seen)
        try:
            in_simulated_time(main())
        except BaseExceptionGroup as error:
            raise error.exceptions[0] from error
        return run

    def bytes_at(self, reference: Any) -> tuple[str, bytes]:
        """Name and bytes of what a block with this reference shows, as they stand in the workspace."""
        column, value = (
            ("secret", reference["oss_name"]) if "oss_name" in reference else ("id", reference["id"])
        )
        store = self.app.state.store
        row = store.row(f"SELECT id, name FROM file WHERE {column} = ? AND status = 'uploaded'", (value,))
        parts = store.rows("SELECT data FROM file_part WHERE file = ? ORDER BY number", (row[0],))
        return row[1], b"".join(part[0] for part in parts)

    def uploads(self) -> int:
        """How many files the workspace holds whole."""
        return int(self.app.state.store.row("SELECT count(*) FROM file WHERE status = 'uploaded'")[0])


@dataclass
class Run:
    bench: Bench
    workspace: Workspace
    seen: Seen
    pages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.uploader = Uploader(
            self.workspace,
            self.bench.store,
            self.bench.open,
            now=lambda: self.bench.clock().timestamp(),
            on_progress=self.bench.progress.append,
            stopped=lambda: self.bench.stopped,
        )

    async def page(self) -> str:
        return (await self.workspace.create_page("", HEAD)).id

    def sent(self, requests: list[Request] | None = None) -> int:
        """How many bodies went out and were answered."""
        return sum(one.stream is not None for one in (self.seen.answered if requests is None else requests))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "SINGLE", PART)
    monkeypatch.setattr(requests, "PART", PART)


@BOTH
def test_a_file_arrives_and_is_not_sent_again(service):
    bench = Bench(service)
    file = bench.file("img/a b.png")
    page = ""

    async def first(run: Run) -> None:
        nonlocal page
        page = await run.page()
        await run.uploader.ensure([file], page)
        hosted = run.uploader.hosted(file.hash, page)
        assert hosted.name == "a b.png"
        name, data = bench.bytes_at(hosted.reference)
        assert data == PNG
        assert (hash_of(name), name.startswith("a b-")) == (file.hash, True)
        content = {hosted.kind: dict(hosted.reference), "type": hosted.kind}
        block = json.dumps({"type": "image", "image": content}).encode()
        answer = await run.workspace.ask(
            run.workspace.adapter.append(page, END, [block]), lambda got: got.json()
        )
        assert answer["results"][0]["image"]["type"] == "file"
        assert run.uploader.progress == Progress(1, len(PNG), 1, len(PNG))

    async def again(run: Run) -> None:
        await run.uploader.ensure([replace(file, path="b.png")], page)
        assert run.uploader.hosted(file.hash, page).name == "b.png"

    assert bench.run(first).sent() == 1
    assert bench.run(again).workspace.counts.requests == 0
    assert bench.opened == 1


@BOTH
def test_a_file_that_many_pages_want_at_once(service):
    bench = Bench(service)
    file = bench.file("a.png")

    async def main(run: Run) -> None:
        pages = [await run.page() for _ in range(3)]
        await asyncio.gather(*(run.uploader.ensure([file, file], page) for page in pages * 2))
        names = [run.uploader.hosted(file.hash, page).reference for page in pages]
        assert len({str(name) for name in names}) == (1 if service == "notion" else 3)

    bench.run(main)
    assert bench.uploads() == (1 if service == "notion" else 3)


@BOTH
def test_few_files_go_out_at_once(service):
    bench = Bench(service)
    wanted = [bench.file(f"{number}.png", PNG + bytes([number])) for number in range(20)]

    async def main(run: Run) -> None:
        await run.uploader.ensure(wanted, await run.page())
        assert run.uploader.progress.files == 20

    run = bench.run(main)
    assert run.sent() == 20
    assert 1 < run.seen.most <= carriers.SENDS
    assert bench.progress[-1] == Progress(20, 20 * (len(PNG) + 1), 20, 20 * (len(PNG) + 1))


def test_a_large_file_goes_up_in_parts():
    bench = Bench("notion")
    file = bench.file("a.png", LARGE)

    async def main(run: Run) -> None:
        await run.uploader.ensure([file], "")
        assert bench.bytes_at(run.uploader.hosted(file.hash, "").reference)[1] == LARGE

    run = bench.run(main)
    assert run.sent() == 3
    assert bench.chunk <= CHUNK
    assert bench.progress[-1] == Progress(1, len(LARGE), 1, len(LARGE))


def test_a_large_file_is_one_stream_for_buildin():
    bench = Bench("buildin")
    file = bench.file("a.png", LARGE)

    async def main(run: Run) -> None:
        page = await run.page()
        await run.uploader.ensure([file], page)
        assert bench.bytes_at(run.uploader.hosted(file.hash, page).reference)[1] == LARGE

    run = bench.run(main)
    assert (run.sent(), run.workspace.counts.stored, run.workspace.counts.writes) == (1, 1, 2)
    assert bench.chunk <= CHUNK


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_killed_run_is_continued_without_sending_finished_parts(tmp_path, monkeypatch, parts, answered):
    monkeypatch.setattr(carriers, "PARTS", 1)
    bench = Bench("notion", state=tmp_path / "state.db")
    file = bench.file("a.png", LARGE)

    async def first(run: Run) -> None:
        def die(request: Request) -> Request:
            if request.stream is not None and run.sent() == parts:
                raise Killed
            if request.path.endswith("/complete"):
                raise Killed
            return request

        def die_with_the_answer(request: Request) -> None:
            if run.sent() == parts:
                raise Killed

        if answered:
            run.seen.before = die
        else:
            run.seen.after = die_with_the_answer
        await run.uploader.ensure([file], "")

    with pytest.raises(Killed):
        bench.run(first)
    noted = bench.store.uploads()[file.hash, ""].parts
    assert sum(map(bool, noted.values())) == parts - (not answered)
    bench.store.close()
    bench.store = Store(bench.state)

    async def second(run: Run) -> None:
        await run.uploader.ensure([file], "")
        assert bench.bytes_at(run.uploader.hosted(file.hash, "").reference)[1] == LARGE
        assert run.uploader.progress.bytes == run.uploader.progress.all_bytes

    again = bench.run(second)
    assert again.sent() == 3 - parts
    assert bench.uploads() == 1


def stop_behind(bench: Bench, size: int) -> None:
    """Ctrl-C comes once so many bytes have gone out."""

    class Stopper(list[Progress]):
        def append(self, progress: Progress) -> None:
            super().append(progress)
            bench.stopped = bench.stopped or progress.bytes > size

    bench.progress = Stopper()


def test_ctrl_c_stops_between_two_chunks_and_the_next_run_goes_on(monkeypatch):
    monkeypatch.setattr(carriers, "PARTS", 1)
    bench = Bench("notion")
    file, other = bench.file("a.png", LARGE), bench.file("b.png")
    stop_behind(bench, PART + 2 * CHUNK)

    async def first(run: Run) -> None:
        with pytest.raises(Interrupted):
            await run.uploader.ensure([file], "")
        with pytest.raises(Interrupted):  # nothing is begun any more either
            await run.uploader.ensure([other], "")
        assert (run.sent(), len(run.seen.begun)) == (1, 3)  # it was announced, one part arrived, one was cut

    async def second(run: Run) -> None:
        await run.uploader.ensure([file], "")
        assert bench.bytes_at(run.uploader.hosted(file.hash, "").reference)[1] == LARGE

    bench.run(first)
    assert max(progress.bytes for progress in bench.progress) == PART + 3 * CHUNK
    bench.stopped, bench.progress = False, []
    assert bench.run(second).sent() == 2
    assert bench.uploads() == 1


def test_ctrl_c_stops_a_stream_of_one_part():
    bench = Bench("buildin")
    file = bench.file("a.png", LARGE)
    stop_behind(bench, PART)

    async def first(run: Run) -> None:
        with pytest.raises(Interrupted):
            await run.uploader.ensure([file], await run.page())
        assert run.sent() == 0

    async def second(run: Run) -> None:
        await run.uploader.ensure([file], await run.page())

    bench.run(first)
    assert max(progress.bytes for progress in bench.progress) <= PART + CHUNK
    bench.stopped, bench.progress = False, []
    assert bench.run(second).sent() == 1
    assert bench.uploads() == 1


@pytest.mark.parametrize("again", [False, True])
def test_parts_that_were_on_their_way_when_the_run_was_killed(again):
    """The workspace tells how many parts it has. If none can have been counted twice, that says which."""
    bench = Bench("notion")
    file = bench.file("a.png", LARGE)

    async def first(run: Run) -> None:
        def die(request: Request) -> None:
            if run.sent() == 1:
                raise Killed

        run.seen.after = die
        await run.uploader.ensure([file], "")

    with pytest.raises(Killed):
        bench.run(first)
    known = bench.store.uploads()[file.hash, ""]
    there = bench.app.state.store.rows("SELECT number FROM file_part")
    bench.store.save_upload(replace(known, parts={row[0]: "" for row in there}, again=again))
    after = bench.run(lambda run: run.uploader.ensure([file], ""))
    assert after.sent() == 3 - (0 if again else len(there))
    assert bench.uploads() == 1


def all_parts_but_the_end(bench: Bench, file: LocalFile) -> None:
    """A run that is killed when all parts are there, and nobody has said that they are all."""

    async def first(run: Run) -> None:
        def die(request: Request) -> Request:
            if request.path.endswith("/complete"):
                raise Killed
            return request

        run.seen.before = die
        await run.uploader.ensure([file], "")

    with pytest.raises(Killed):
        bench.run(first)


def test_parts_that_are_not_as_they_were_taken_to_be():
    """The workspace says that it has as many, but they are others: it begins anew rather than to fail for ever."""
    bench = Bench("notion")
    file = bench.file("a.png", LARGE)

    all_parts_but_the_end(bench, file)
    bench.app.state.store.db.execute("UPDATE file_part SET number = 7 WHERE number = 2")
    again = bench.run(lambda run: run.uploader.ensure([file], ""))
    assert (again.sent(), bench.uploads()) == (3, 1)
    assert bench.progress[-1].bytes == bench.progress[-1].all_bytes


def test_a_lost_answer_to_the_last_request_is_found_out(tmp_path):
    bench = Bench("notion", state=tmp_path / "state.db")
    file = bench.file("a.png", LARGE)

    def die(request: Request) -> None:
        if request.path.endswith("/complete"):
            raise Killed

    async def first(run: Run) -> None:
        run.seen.after = die
        await run.uploader.ensure([file], "")

    with pytest.raises(Killed):
        bench.run(first)
    again = bench.run(lambda run: run.uploader.ensure([file], ""))
    assert (again.sent(), bench.uploads()) == (0, 1)


@pytest.mark.parametrize("change", ["hour", "gone", "edited"])
def test_what_was_begun_and_cannot_be_continued_begins_anew(change):
    bench = Bench("notion")
    file = bench.file("a.png", LARGE)

    all_parts_but_the_end(bench, file)
    if change == "hour":
        bench.hours = 1.1
    elif change == "gone":
        bench.app.state.store.db.execute("DELETE FROM file")
    else:
        known = bench.store.uploads()[file.hash, ""]
        bench.store.save_upload(replace(known, parts={1: "0" * 20}))
    again = bench.run(lambda run: run.uploader.ensure([file], ""))
    assert (again.sent(), bench.uploads()) == (3, 1)


@BOTH
def test_an_upload_that_no_page_shows_does_not_last(service):
    bench = Bench(service)
    file = bench.file("a.png")
    page = ""

    async def bring(run: Run) -> None:
        nonlocal page
        page = page or await run.page()
        await run.uploader.ensure([file], page)

    async def use(run: Run) -> None:
        await bring(run)
        run.uploader.mark_used([file.hash, "f" * 20], page)

    assert bench.run(bring).sent() == 1
    bench.hours = LIFETIME / 3600 * 0.9
    assert bench.run(bring).sent() == 0
    bench.hours = LIFETIME / 3600 * 1.1
    assert bench.run(use).sent() == 1
    bench.hours = 1000
    assert bench.run(bring).sent() == 0


@BOTH
@pytest.mark.parametrize("data", [PNG, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("edit", [lambda old: old[:-1] + b"!", lambda old: old[:-1], lambda old: b""])
def test_a_file_that_changes_while_it_is_sent(service, data, edit):
    bench = Bench(service, edit=edit)
    file = bench.file("img/a.png", data)

    async def main(run: Run) -> None:
        await run.uploader.ensure([file], await run.page())

    with pytest.raises(ConflictError, match=r"img/a\.png changed while it was being uploaded"):
        bench.run(main)
    assert bench.store.uploads() == {}
    assert bench.uploads() == 0
    assert bench.progress[-1].bytes == 0


def test_a_file_that_is_another_one_when_it_is_opened():
    bench = Bench("notion", faults="reset-after@w2")
    file = bench.file("a.png")

    def other(data: bytes) -> bytes:
        if bench.opened > 1:
            raise ConflictError("a.png has changed while it was published.")
        return data

    bench.edit = other
    with pytest.raises(ConflictError, match="changed while it was being uploaded"):
        bench.run(lambda run: run.uploader.ensure([file], ""))


def test_a_large_file_that_changes_between_its_parts():
    bench = Bench("notion")
    file = bench.file("a.png", LARGE)
    bench.edit = lambda data: data if bench.opened < 3 else data[::-1]
    with pytest.raises(ConflictError):
        bench.run(lambda run: run.uploader.ensure([file], ""))
    assert bench.store.uploads() == {}
    assert bench.uploads() == 0


@BOTH
def test_lost_files_are_forgotten_and_sent_again(service):
    bench = Bench(service)
    kept, lost = bench.file("a.png"), bench.file("b.png", PNG + b"b")
    page = ""

    def hosted(run: Run, *files: LocalFile) -> dict[str, Hosted]:
        return {file.hash: run.uploader.hosted(file.hash, page) for file in files}

    async def bring(run: Run) -> None:
        nonlocal page
        page = page or await run.page()
        await run.uploader.ensure([kept, lost], page)
        run.uploader.mark_used([kept.hash, lost.hash], page)
        # what was uploaded a moment ago is not the reason of a refusal
        assert not await run.uploader.forget_lost(hosted(run, kept, lost), page)

    async def refused(run: Run) -> None:
        assert await run.uploader.forget_lost(hosted(run, kept), page) is (service == "buildin")
        sent = hosted(run, lost)
        # two requests that named it are refused: the first finds it out, the second has to go again as well
        assert await asyncio.gather(*(run.uploader.forget_lost(sent, page) for _ in "ab")) == [True, True]
        await run.uploader.ensure([kept, lost], page)
        assert await run.uploader.forget_lost(sent, page)
        assert hosted(run, lost) != sent  # and what was brought in its place stays
        assert not await run.uploader.forget_lost(hosted(run, lost), page)

    bench.run(bring)
    bench.app.state.store.db.execute("UPDATE file SET status = 'expired' WHERE name LIKE 'b-%'")
    assert bench.run(refused).sent() == (1 if service == "notion" else 2)


def test_an_address_that_has_expired_is_asked_for_once_more():
    bench = Bench("buildin")
    file = bench.file("a.png")

    def spoil(count: int) -> Callable[[Request], Request]:
        left = iter(range(count))

        def before(request: Request) -> Request:
            bad = request.url and next(left, None) is not None
            return replace(request, url=request.url + "x") if bad else request

        return before

    async def main(run: Run, bad: int) -> None:
        run.seen.before = spoil(bad)
        await run.uploader.ensure([file], await run.page())

    with pytest.raises(PagemillError, match=r"a\.png could not be uploaded") as caught:
        bench.run(lambda run: main(run, 2))
    assert "uploads/" not in str(caught.value)
    bench.run(lambda run: main(run, 1))
    assert bench.uploads() == 1


@BOTH
@pytest.mark.parametrize("fault", ["reset-after@w3", "503@w3", "500-after@w3", "429@w2-3"])
def test_answers_that_get_lost_on_the_way(service, fault):
    """Writes are, in order: the page, the announcement, the bytes."""
    bench = Bench(service, faults=fault)
    file = bench.file("a.png")

    async def main(run: Run) -> None:
        page = await run.page()
        await run.uploader.ensure([file], page)
        assert bench.bytes_at(run.uploader.hosted(file.hash, page).reference)[1] == PNG
        assert run.uploader.progress.bytes == len(PNG)

    bench.run(main)


@pytest.mark.parametrize("fault", ["reset-after@w2", "reset-after@w4", "503-after@w5", "429@w3-5"])
def test_answers_about_parts_that_get_lost_on_the_way(fault):
    bench = Bench("notion", faults=fault)
    file = bench.file("a.png", LARGE)

    async def main(run: Run) -> None:
        await run.uploader.ensure([file], "")
        assert bench.bytes_at(run.uploader.hosted(file.hash, "").reference)[1] == LARGE

    bench.run(main)


@BOTH
def test_a_service_that_stays_away(service):
    bench = Bench(service, faults="reset@w2+")
    file = bench.file("a.png")

    async def main(run: Run) -> None:
        await run.uploader.ensure([file], await run.page())

    with pytest.raises(UnreachableError, match=r"a\.png"):
        bench.run(main)
    assert bench.store.uploads() == {}


def test_what_the_service_refuses_is_said_of_the_file():
    bench = Bench("notion", switches=Switches(notion_max_file=100))
    file, other = bench.file("img/a.png"), bench.file("b.png", PNG[:50])

    async def main(run: Run) -> None:
        results = await asyncio.gather(
            run.uploader.ensure([file, other], ""), run.uploader.ensure([other], ""), return_exceptions=True
        )
        assert "img/a.png could not be uploaded" in str(results[0])
        assert isinstance(results[0], UploadError)
        assert results[1] is None
        assert run.uploader.progress == Progress(1, 50, 2, 50 + len(PNG))

    bench.run(main)


def test_a_file_that_cannot_be_read():
    bench = Bench("notion")
    file = bench.file("a.png")

    def gone(data: bytes) -> bytes:
        raise FileNotFoundError(2, "No such file or directory")

    bench.edit = gone
    with pytest.raises(PagemillError, match=r"a\.png cannot be read: No such file"):
        bench.run(lambda run: run.uploader.ensure([file], ""))


def test_a_file_goes_up_under_the_name_that_fits_what_is_in_it():
    bench = Bench("notion")
    file = replace(bench.file("photo.png", b"\xff\xd8\xff" + PNG, "image/jpeg"), called="photo.jpg")

    async def main(run: Run) -> None:
        await run.uploader.ensure([file], "")
        hosted = run.uploader.hosted(file.hash, "")
        assert hosted.name == "photo.jpg"
        assert bench.bytes_at(hosted.reference)[0] == f"photo-{file.hash}.jpg"

    bench.run(main)


def test_a_page_that_goes_takes_its_uploads_along(tmp_path):
    from publisher.known import KnownPage, KnownUpload

    store = Store(tmp_path / "state.db")
    store.save_page(KnownPage("a", "id-a", "", "", "A"))
    for page in ("id-a", "id-b", ""):
        store.save_upload(KnownUpload("h", page, "file", {"oss_name": "n"}, made=1.5, used=True))
    store.forget_page("a")
    assert set(store.uploads()) == {("h", "id-b"), ("h", "")}
    assert store.uploads()["h", ""] == KnownUpload("h", "", "file", {"oss_name": "n"}, made=1.5, used=True)


def test_an_older_state_gets_the_table(tmp_path):
    store = Store(tmp_path / "state.db")
    store._db.execute("DROP TABLE uploads")
    store.close()
    assert Store(tmp_path / "state.db").uploads() == {}


def test_no_address_of_a_storage_is_kept():
    bench = Bench("buildin")
    file = bench.file("a.png")

    async def main(run: Run) -> None:
        await run.uploader.ensure([file], await run.page())

    run = bench.run(main)
    url = next(request.url for request in run.seen.answered if request.url)
    assert url not in "".join(bench.store._db.iterdump())
