"""Local files arrive with their pages, once, and stay as people left them."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pictures import PDF, png
from site_folder import Site, actions, id_of

from publisher.emulator.switches import Switches
from publisher.job import Job
from publisher.remote.port import Answer, Request, Transport
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.saved import rehearse
from publisher.store import Store
from publisher.sync import Run
from publisher.uploads import Progress
from publisher.workplace import open_workspace, state_file

RED, BLUE, GREEN = png(255), png(7), png(99)


def held(site: Site) -> Counter[bytes]:
    """The bytes of every file that was uploaded, each as often as it was."""
    path = site.settings().workspace
    assert path is not None
    with sqlite3.connect(path) as db:
        rows = db.execute(
            "SELECT file.id, (SELECT group_concat(hex(data), '') FROM file_part WHERE file_part.file = file.id "
            "ORDER BY number) FROM file WHERE status = 'uploaded'"
        ).fetchall()
    return Counter(bytes.fromhex(data) for _, data in rows)


def sources(site: Site, page: str) -> list[str]:
    """What each block of a page shows: the file's name in the workspace, or its address."""

    async def read(workspace: Workspace) -> list[str]:
        async def below(id: str) -> list[str]:
            found = []
            for raw in [block async for block in workspace._children(id)]:
                content = raw[raw["type"]]
                source = content.get("file") or content.get("external") if isinstance(content, dict) else None
                if source:
                    found.append(source["url"].rpartition("/")[2].partition("?")[0])
                if raw["has_children"] and raw["type"] != "child_page":
                    found += await below(raw["id"])
            return found

        return await below(page)

    return site.with_workspace(read)


def rehearsed(site: Site) -> Report:
    settings = site.settings()
    store = Store(state_file(settings))
    try:
        return rehearse(settings, store, lambda count: open_workspace(settings, count)).report
    finally:
        store.close()


def album(site: Site) -> None:
    site.write("img/red.png", RED)
    site.write("img/blue.png", BLUE)
    site.write("manual.pdf", PDF)
    site.write("index.md", "# Album\n\n![Red](img/red.png)\n\nText.\n\n- ![Blue](img/blue.png)\n")
    site.write("more.md", "# More\n\nBefore.\n\n![Red again](img/red.png)\n\nSee [the manual](manual.pdf).\n")


def test_every_file_arrives_and_a_second_publish_sends_nothing(site: Site) -> None:
    album(site)
    report = site.publish()
    assert report.failed == 0
    assert report.diagnostics == []
    notion = site.settings().dialect == "notion"
    assert held(site) == Counter({RED: 1 if notion else 2, BLUE: 1, PDF: 1})
    assert report.uploads == held(site).total()
    assert report.uploaded_bytes == sum(len(data) * times for data, times in held(site).items())
    assert [name[:4] for name in sources(site, id_of(report, "index.md"))] == ["red-", "blue"]
    assert [name[:4] for name in sources(site, id_of(report, "more.md"))] == ["red-", "manu"]
    again = site.publish()
    assert (again.reads, again.writes, again.uploads, again.unchanged) == (0, 0, 0, 2)


@pytest.mark.parametrize("changed", [False, True])
def test_a_plan_counts_uploads_and_what_they_cost(site: Site, changed: bool) -> None:
    album(site)
    if changed:
        site.publish()
        site.write("img/red.png", GREEN)
    planned, exact = site.plan(), rehearsed(site)
    report = site.publish()
    wanted = (report.writes, report.uploads, report.uploaded_bytes)
    assert (planned.writes, planned.uploads, planned.uploaded_bytes) == wanted
    assert (exact.writes, exact.uploads, exact.uploaded_bytes) == wanted


def test_an_edit_beside_a_picture_leaves_the_picture_alone(site: Site) -> None:
    album(site)
    page = id_of(site.publish(), "index.md")
    before = sources(site, page)
    site.write("index.md", "# Album\n\n![Red](img/red.png)\n\nNew text.\n\n- ![Blue](img/blue.png)\n")
    report = site.publish()
    assert (report.writes, report.uploads, report.diagnostics) == (1, 0, [])
    assert sources(site, page) == before


def test_a_changed_picture_is_one_upload_and_one_update_of_its_block(site: Site) -> None:
    album(site)
    first = site.publish()
    page = id_of(first, "index.md")

    async def ids(workspace: Workspace) -> list[str]:
        return [block.id for block in await workspace.children(page)]

    before = site.with_workspace(ids)
    site.write("img/blue.png", GREEN)
    report = site.publish()
    assert actions(report) == {"index.md": "update", "more.md": "unchanged"}
    assert report.uploads == 1
    assert report.uploaded_bytes == len(GREEN)
    assert report.writes == 1 + (
        2 if site.settings().dialect == "notion" else 1
    )  # the block, and what uploads cost
    assert site.with_workspace(ids) == before
    assert held(site)[GREEN] == 1
    after = site.publish()
    assert (after.reads, after.writes) == (0, 0)


def test_a_picture_that_is_moved_or_copied_costs_no_upload(site: Site) -> None:
    album(site)
    site.publish()
    site.rename("img/red.png", "pictures/crimson.png")
    for name in ("index.md", "more.md"):
        text = (site.folder / name).read_text()
        site.write(name, text.replace("img/red.png", "pictures/crimson.png"))
    report = site.publish()
    assert (report.reads, report.writes, report.uploads) == (0, 0, 0)
    assert report.diagnostics == []


def test_what_somebody_put_in_place_of_a_picture_is_kept(site: Site) -> None:
    album(site)
    page = id_of(site.publish(), "index.md")

    async def swap(workspace: Workspace) -> None:
        block = next(block for block in await workspace.children(page) if block.input.type == "image")
        body = b'{"image":{"external":{"url":"https://example.com/theirs.png"}}}'
        await workspace._transport.send(workspace.adapter.update_block(block.id, body))

    site.with_workspace(swap)
    site.write("index.md", "# Album\n\n![Red](img/red.png)\n\nNew text.\n\n- ![Blue](img/blue.png)\n")
    report = site.publish()
    assert [item.code for item in report.diagnostics] == ["drift"]
    assert sources(site, page)[0] == "theirs.png"
    site.write("img/red.png", GREEN)
    report = site.publish()
    assert actions(report)["index.md"] == "conflict"
    assert sources(site, page)[0] == "theirs.png"


def test_a_cover_goes_up_where_the_service_takes_one(site: Site) -> None:
    site.write("cover.png", RED)
    site.write("a.md", "---\ncover: cover.png\n---\n# A\n\nText.\n")
    report = site.publish()
    notion = site.settings().dialect == "notion"
    assert [(item.code, item.line) for item in report.diagnostics] == (
        [] if notion else [("file-not-uploaded", 2)]
    )
    assert report.uploads == notion
    site.write("cover.png", BLUE)
    assert site.publish().uploads == notion
    site.write("a.md", "# A\n\nText.\n")
    assert site.publish().failed == 0
    assert site.publish().writes == 0


def test_with_uploading_off_names_stay_as_text(site: Site) -> None:
    album(site)
    report = site.publish(uploads=False)
    assert report.uploads == 0
    assert {item.code for item in report.diagnostics} == {"file-not-uploaded"}
    assert sources(site, id_of(report, "index.md")) == []
    on = site.publish()  # now they come
    assert on.uploads == (3 if site.settings().dialect == "notion" else 4)
    assert [name[:4] for name in sources(site, id_of(on, "index.md"))] == ["red-", "blue"]


def test_a_file_that_goes_away_takes_its_block_along_and_says_so(site: Site) -> None:
    album(site)
    page = id_of(site.publish(), "index.md")
    site.remove("img/blue.png")
    report = site.publish()
    assert [item.code for item in report.diagnostics] == ["link-broken"]
    assert len(sources(site, page)) == 1


def test_a_state_that_was_lost_is_found_again_with_its_pictures(site: Site) -> None:
    album(site)
    first = site.publish()
    lose_state(site)
    report = site.publish()
    assert {page.path: page.id for page in report.pages} == {page.path: page.id for page in first.pages}
    assert report.uploads == 0
    assert report.diagnostics == []


def lose_state(site: Site) -> None:
    file = state_file(site.settings())
    for path in Path(file).parent.glob(Path(file).name + "*"):
        path.unlink()


@pytest.mark.parametrize(
    "name", ["a b.png", "ä ö.png", "🙂.png", "a%20b.png", "x" * 180 + ".png", "no suffix"]
)
def test_odd_names_arrive(site: Site, name: str) -> None:
    from urllib.parse import quote

    site.write(name, RED)
    site.write("a.md", f"# A\n\n![One]({quote(name)})\n")
    report = site.publish()
    assert report.diagnostics == []
    assert held(site) == Counter({RED: 1})
    site.write("a.md", f"# A\n\n![One]({quote(name)})\n\nMore.\n")
    after = site.publish()
    assert (after.writes, after.uploads, after.diagnostics) == (1, 0, [])


def test_many_pictures_on_one_page(site: Site) -> None:
    pictures: dict[str, Any] = {f"p{n}.png": png(n % 256, 1 + n // 256) for n in range(120)}
    for name, data in pictures.items():
        site.write(name, data)
    site.write("a.md", "# A\n\n" + "\n\n".join(f"![{name}]({name})" for name in pictures) + "\n")
    report = site.publish()
    assert report.failed == 0
    assert [name.partition("-")[0] + ".png" for name in sources(site, id_of(report, "a.md"))] == list(
        pictures
    )
    assert held(site) == Counter(dict.fromkeys(pictures.values(), 1))


class Nameless:
    """A service whose addresses of uploaded files do not tell the files' names."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner

    async def send(self, request: Request) -> Answer:
        answer = await self.inner.send(request)
        return replace(answer, body=re.sub(rb"(/files/[0-9a-f-]{36})/[^\"]*", rb"\1", answer.body))

    async def close(self) -> None:
        await self.inner.close()


def test_where_addresses_tell_nothing_our_pictures_are_ours_all_the_same(site: Site) -> None:
    if site.settings().dialect == "notion":
        return  # its addresses end in the names, in all examples of its reference

    def publish() -> Report:
        settings = site.settings()
        store = Store(state_file(settings))

        def connect(count: Any) -> Workspace:
            return open_workspace(settings, count).through(Nameless)

        try:
            return asyncio.run(Run(Job(settings, connect), store).publish())
        finally:
            store.close()

    album(site)
    page = id_of(publish(), "index.md")
    site.write("index.md", "# Album\n\n![Red](img/red.png)\n\nNew text.\n\n- ![Blue](img/blue.png)\n")
    report = publish()
    assert (report.writes, report.uploads, report.diagnostics) == (1, 0, [])
    site.write("img/red.png", GREEN)
    report = publish()
    assert (actions(report)["index.md"], report.uploads, report.diagnostics) == ("update", 2, [])
    assert len(sources(site, page)) == 2
    assert publish().writes == 0


def test_ctrl_c_in_an_upload_leaves_nothing_in_doubt(site: Site) -> None:
    site.write("index.md", "# Home\n")
    site.publish()
    site.write("index.md", "# Home\n\n![Large](large.png)\n")
    site.write("large.png", RED + bytes(400_000))
    settings = site.settings()
    store = Store(state_file(settings))
    job = Job(settings, lambda count: open_workspace(settings, count))

    def stop(progress: Progress) -> None:
        job.stopping.requested = job.stopping.requested or progress.bytes > 0

    job.on_upload = stop
    report = asyncio.run(Run(job, store).publish())
    assert (report.interrupted, report.failed, store.intents()) == (True, 0, [])
    store.close()
    assert sum(held(site).values()) == 0
    again = site.publish()
    assert (again.uploads, actions(again)["index.md"]) == (1, "update")
    assert sum(held(site).values()) == 1


def test_a_page_that_is_created_anew_has_its_pictures(site: Site) -> None:
    site.write("index.md", "# Home\n")
    site.write("red.png", RED)
    site.write("a.md", "# A\n\n![Red](red.png)\n\nOne.\n")
    old = id_of(site.publish(), "a.md")
    site.with_workspace(lambda workspace: workspace.trash_page(old))
    site.write("a.md", "# A\n\n![Red](red.png)\n\nTwo.\n")
    report = site.publish(on_conflict="ours")
    new = id_of(report, "a.md")
    buildin = site.options["dialect"] == "buildin"
    assert (new != old, report.uploads) == (True, 1 if buildin else 0)
    assert len(sources(site, new)) == 1
    store = Store(state_file(site.settings()))
    assert {page for _, page in store.uploads()} == {new if buildin else ""}
    store.close()


def test_what_the_workspace_does_not_take_is_said_before_the_first_write(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    if site.settings().dialect == "buildin":
        return  # its limit is the same for all
    monkeypatch.setattr("publisher.emulator.switches.LOCAL", Switches(notion_max_file=6_000_000))
    site.write("large.pdf", PDF + b"%" * 7_000_000)
    site.write("small.pdf", PDF + b"%" * 5_500_000)
    site.write("a.md", "# A\n\n[Large](large.pdf)\n\n[Small](small.pdf)\n")
    strict = site.publish(strict=True)
    assert (strict.writes, bool(strict.stopped)) == (0, True)
    report = site.publish()
    assert [(item.code, item.line) for item in report.diagnostics] == [("file-too-large", 3)]
    assert (report.failed, report.uploads) == (0, 1)
    assert [name[:5] for name in sources(site, id_of(report, "a.md"))] == ["small"]
    again = site.publish()
    assert (again.reads, again.writes, len(again.diagnostics)) == (0, 0, 1)


def test_a_plan_counts_the_question_what_the_workspace_takes(site: Site) -> None:
    site.write("large.pdf", PDF + b"%" * 5_500_000)
    site.write("a.md", "# A\n\n[Large](large.pdf)\n")
    planned, exact = site.plan(), rehearsed(site)
    report = site.publish()
    assert (planned.reads, planned.writes) == (exact.reads, exact.writes) == (report.reads, report.writes)
