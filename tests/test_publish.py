"""Publishing a folder into the embedded workspace, as both services: what stands there, and what it cost."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from site_folder import Site, actions, id_of

from publisher.planning.ops import END
from publisher.remote.workspace import Workspace
from publisher.store import Store
from publisher.workplace import state_file


def handbook(site: Site) -> None:
    site.write("index.md", "# Handbook\n\nWelcome. See [the guide](guide/start.md) and [money](money.md).\n")
    site.write("guide/index.md", "# Guide\n\nHow we work.\n")
    site.write("guide/start.md", "# Start\n\nFirst day. Back [home](../index.md).\n\n- one\n  - two\n")
    site.write(
        "money.md", "---\norder: 1\nicon: 💶\n---\n# Money\n\n| what | cost |\n|---|---|\n| tea | 3 |\n"
    )


def test_a_folder_becomes_a_tree_of_pages_and_stays_one(site: Site) -> None:
    handbook(site)
    first = site.publish()
    assert site.tree() == {"Handbook": {"Money": {}, "Guide": {"Start": {}}}}
    assert site.lines(id_of(first, "guide/start.md")) == ["First day. Back home.", "one", "  two"]
    assert site.lines(id_of(first, "index.md")) == [
        "Welcome. See the guide and money.", "[Money]", "[Guide]",
    ]  # fmt: skip
    second = site.publish()
    assert (second.reads, second.writes, second.unchanged) == (0, 0, 4)


def test_links_between_files_become_links_to_pages(site: Site) -> None:
    handbook(site)
    report = site.publish()

    async def links(workspace: Workspace) -> list[str]:
        (block, *_) = await workspace.children(id_of(report, "index.md"))
        items = json.loads(block.input.content)["rich_text"]
        return [item["text"]["link"]["url"] for item in items if item["text"].get("link")]

    urls = {page.path: page.url for page in report.pages}
    assert site.with_workspace(links) == [urls["guide/start.md"], urls["money.md"]]


def test_one_edited_word_is_one_read_and_one_write_and_ids_survive(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n\nTwo.\n\nThree.\n")
    site.write("b.md", "# B\n\nOther.\n")
    before = site.publish()
    page = id_of(before, "a.md")

    async def ids(workspace: Workspace) -> list[str]:
        return [block.id for block in await workspace.children(page)]

    old = site.with_workspace(ids)
    site.write("a.md", "# A\n\nOne.\n\nTwo, changed.\n\nThree.\n")
    after = site.publish()
    assert (after.reads, after.writes) == (1, 1)
    assert actions(after)["a.md"] == "update"
    assert site.lines(page) == ["One.", "Two, changed.", "Three."]
    assert site.with_workspace(ids) == old


def test_white_space_and_comments_cost_nothing(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n")
    site.publish()
    site.write("a.md", "# A\n\n\nOne.   \n\n<!-- a note to myself -->\n")
    report = site.publish()
    assert (report.reads, report.writes) == (0, 0)


def test_front_matter_alone_updates_the_page_and_not_its_body(site: Site) -> None:
    site.write("a.md", "---\ntitle: A\n---\n\nText.\n")
    page = id_of(site.publish(), "a.md")
    site.write("a.md", "---\ntitle: New name\nicon: 🚀\n---\n\nText.\n")
    report = site.publish()
    assert (report.reads, report.writes) == (1, 1)  # the old title is read, lest somebody else's be lost
    assert id_of(report, "a.md") == page
    assert site.tree() == {"Docs": {"New name": {}}}


@pytest.mark.parametrize(
    "text", ["# A\n\nSame text as ever, word for word.\n", "# A\n\nSame text as ever, word for it.\n"]
)
def test_a_renamed_file_keeps_its_page(site: Site, text: str) -> None:
    site.write("old.md", "# A\n\nSame text as ever, word for word.\n")
    page = id_of(site.publish(), "old.md")
    site.remove("old.md")
    site.write("deep/new.md", text)
    report = site.publish()
    assert id_of(report, "deep/new.md") == page
    assert site.tree() == {"Docs": {"Deep": {"A": {}}}}
    assert report.count("create") == 1  # the page of the folder
    assert site.publish().writes == 0


@pytest.mark.parametrize(("old", "new"), [("old.md", "new.md"), ("deep/index.md", "deep/README.md")])
def test_a_file_that_is_only_called_otherwise_costs_nothing_and_the_state_follows(
    site: Site, old: str, new: str
) -> None:
    site.write("index.md", "# Home\n")
    site.write(old, "# A\n\nText.\n")
    page = id_of(site.publish(), old)
    site.rename(old, new)
    assert site.publish().writes == 0
    again = site.publish()
    assert (again.reads, again.writes, id_of(again, new)) == (0, 0, page)
    assert old not in actions(again)
    store = Store(state_file(site.settings()))
    try:
        assert {known.path for known in store.listing()} == {"index.md", new}
    finally:
        store.close()


def test_a_removed_file_is_reported_and_pruned_only_if_asked(site: Site) -> None:
    handbook(site)
    site.publish()
    site.remove("money.md")
    kept = site.publish()
    assert actions(kept)["money.md"] == "removed"
    assert "Money" in site.tree()["Handbook"]
    pruned = site.publish(prune=True)
    assert actions(pruned)["money.md"] == "trash"
    assert site.tree() == {"Handbook": {"Guide": {"Start": {}}}}
    assert site.publish(prune=True).writes == 0


def test_pruning_stops_where_it_would_take_too_much(site: Site) -> None:
    for number in range(10):
        site.write(
            f"p{number}.md", f"# Page {number}\n\nText number {number}, unlike all others: {number**9}.\n"
        )
    site.publish()
    for number in range(5):
        site.remove(f"p{number}.md")
    assert site.publish(prune=True).count("trash") == 0
    assert site.publish(prune=True, force=True).count("trash") == 5


def test_pruning_never_takes_what_others_wrote(site: Site) -> None:
    site.write("a.md", "# A\n\nText.\n")
    site.write("b.md", "# B\n\nQuite another text.\n")
    page = id_of(site.publish(), "b.md")

    async def add(workspace: Workspace) -> None:
        block = (await workspace.children(page))[0].input
        await workspace.append(page, END, [block])

    site.with_workspace(add)
    site.remove("b.md")
    report = site.publish(prune=True)
    assert actions(report)["b.md"] == "removed"
    assert "edited" in next(item.note for item in report.pages if item.path == "b.md")
    assert site.tree() == {"Docs": {"A": {}, "B": {}}}


def test_what_keeps_from_pruning_is_named(site: Site) -> None:
    site.write("a.md", "# A\n\nText.\n")
    site.write("b.md", "# B\n\nQuite another text.\n")
    site.publish()
    site.remove("b.md")
    site.write("a.md", "---\ntitle: [\n---\n")
    report = site.publish(prune=True)
    note = next(item.note for item in report.pages if item.path == "b.md")
    assert note == (
        "Not moved to trash, because other pages failed, are held back or in conflict; settle those first."
    )


def test_blocks_that_people_added_stay_where_they_stand(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n\nTwo.\n")
    page = id_of(site.publish(), "a.md")

    async def comment(workspace: Workspace) -> None:
        one, _ = await workspace.children(page)
        note = replace(one.input, content=one.input.content.replace(b"One.", b"A note by a reader."))
        await workspace.append(page, one.id, [note])

    site.with_workspace(comment)
    site.write("a.md", "# A\n\nOne, edited.\n\nTwo.\n\nThree.\n")
    site.publish()
    assert site.lines(page) == ["One, edited.", "A note by a reader.", "Two.", "Three."]


def edit_block(site: Site, page: str, place: int, like: int) -> None:
    """Somebody makes the block at one place say what another one says."""

    async def edit(workspace: Workspace) -> None:
        blocks = await workspace.children(page)
        await workspace.update_block(blocks[place].id, blocks[like].input)

    site.with_workspace(edit)


def test_an_edit_by_somebody_survives_an_edit_of_another_block(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n\nTwo.\n\nThree.\n")
    page = id_of(site.publish(), "a.md")
    edit_block(site, page, 0, like=2)
    site.write("a.md", "# A\n\nOne.\n\nTwo, edited.\n\nThree.\n")
    report = site.publish(on_drift="keep")
    assert site.lines(page) == ["Three.", "Two, edited.", "Three."]
    assert [item.code for item in report.diagnostics] == ["drift"]
    assert report.diagnostics[0].line == 3
    site.write("a.md", "# A\n\nOne.\n\nTwo, edited again.\n\nThree.\n")
    assert site.publish(on_drift="keep").diagnostics == []  # said once


def test_the_same_block_edited_on_both_sides_is_a_conflict(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n\nTwo.\n")
    site.write("b.md", "# B\n\nOther.\n")
    page = id_of(site.publish(), "a.md")
    edit_block(site, page, 0, like=1)
    site.write("a.md", "# A\n\nOne, ours.\n\nTwo.\n")
    site.write("b.md", "# B\n\nOther, edited.\n")
    report = site.publish()
    assert actions(report)["a.md"] == "conflict"
    assert actions(report)["b.md"] == "update"
    assert site.lines(page) == ["Two.", "Two."]
    assert [(item.code, item.line) for item in report.diagnostics] == [("conflict", 3)]
    assert site.publish(on_conflict="ours").conflicts == 0
    assert site.lines(page) == ["One, ours.", "Two."]
    assert site.publish().writes == 0


def test_a_page_that_somebody_trashed_is_a_conflict_or_made_anew(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n")
    page = id_of(site.publish(), "a.md")
    site.with_workspace(lambda workspace: workspace.trash_page(page))
    site.write("a.md", "# A\n\nTwo.\n")
    assert actions(site.publish())["a.md"] == "conflict"
    report = site.publish(on_conflict="ours")
    assert id_of(report, "a.md") != page
    assert site.tree() == {"Docs": {"A": {}}}
    assert site.lines(id_of(report, "a.md")) == ["Two."]


def test_an_error_in_a_file_holds_back_that_page_alone(site: Site) -> None:
    site.write("good.md", "# Good\n")
    site.write("bad.md", "---\ntitle: [\n---\n\nText.\n")
    report = site.publish()
    assert actions(report) == {"/": "create", "good.md": "create", "bad.md": "held-back"}
    assert report.failed == 1
    assert [(item.path, item.line) for item in report.diagnostics if item.severity == "error"] == [
        ("bad.md", 3)
    ]
    site.write("bad.md", "---\ntitle: Mended\n---\n\nText.\n")
    assert site.publish().failed == 0
    assert set(site.tree()["Docs"]) == {"Good", "Mended"}


def test_drafts_and_ignored_files_are_not_published(site: Site) -> None:
    site.write("a.md", "# A\n")
    site.write("draft.md", "---\ndraft: true\n---\n# Draft\n")
    site.write("node_modules/x.md", "# X\n")
    site.write("notes.md", "# Notes\n")
    site.write(".pagemillignore", "notes.md\n")
    site.publish()
    assert site.tree() == {"Docs": {"A": {}}} or site.tree() == {"Docs": {"A": {}, "Node modules": {"X": {}}}}


def test_two_files_that_claim_one_page_stop_everything_before_the_first_write(site: Site) -> None:
    site.write("index.md", "# One\n")
    site.write("README.md", "# Two\n")
    report = site.publish()
    assert (report.reads, report.writes) == (0, 0)
    assert report.stopped
    assert [item.code for item in report.diagnostics] == ["page-claimed-twice"]


def test_when_the_state_is_lost_the_pages_are_found_again(site: Site) -> None:
    handbook(site)
    before = site.publish()
    tree = site.tree()
    for file in (site.root / ".pagemill").glob("docs.*"):
        file.unlink()
    after = site.publish()
    assert site.tree() == tree
    assert {page.path: page.id for page in after.pages} == {page.path: page.id for page in before.pages}
    assert after.writes <= 1  # an icon cannot be compared, it is set again
    assert site.publish().reads == 0


def test_what_somebody_wrote_survives_a_lost_state_and_is_reported(site: Site) -> None:
    site.write("a.md", "# A\n\nOne.\n\nTwo.\n")
    page = id_of(site.publish(), "a.md")
    edit_block(site, page, 0, like=1)
    for file in (site.root / ".pagemill").glob("docs.*"):
        file.unlink()
    report = site.publish()
    said = [item.message for item in report.diagnostics if item.code == "page-strangers"]
    assert said == ["1 block on the page is not in the file; it stays."]
    assert sorted(site.lines(page)) == ["One.", "Two.", "Two."]


def test_under_a_parent(site: Site) -> None:
    site.write("a.md", "# A\n")
    site.publish(root="none")
    parent = id_of(site.publish(root="none"), "a.md")
    site.write("b.md", "# B\n")
    report = site.publish(parent=parent)
    assert site.tree(parent) == {"Docs": {"A": {}, "B": {}}}
    assert report.count("create") == 3


def test_a_plan_says_what_a_publish_then_costs(site: Site) -> None:
    handbook(site)
    planned = site.plan()
    done = site.publish()
    assert (planned.writes, planned.reads) == (done.writes, done.reads)
    assert planned.count("create") == done.count("create") == 4
    site.write("guide/start.md", "# Start\n\nFirst day, again.\n\n- one\n  - two\n  - three\n")
    planned, done = site.plan(), site.publish()
    assert (planned.writes, planned.reads) == (done.writes, done.reads)
    assert actions(planned) == actions(done)
    assert site.plan().writes == 0


@pytest.mark.parametrize("dialect", ["buildin", "notion"])
def test_a_plan_knows_the_reads_of_creations(site: Site, dialect: str) -> None:
    """Blocks that are put before child pages, and headings of pages longer than one listing."""
    long = "\n\n".join(f"Paragraph {number}." for number in range(230))
    site.write("index.md", "# Home\n\nSee [long](guide/long.md#end), then [b](b.md).\n")
    site.write("b.md", "# B\n\nSee [long](guide/long.md#end).\n")
    site.write("guide/index.md", "# Guide\n\nFirst [b](../b.md#part).\n")
    site.write("guide/long.md", f"# Long\n\n{long}\n\n## End\n")
    planned, done = site.plan(dialect=dialect), site.publish(dialect=dialect)
    requests = [{page.path: page.requests for page in report.pages} for report in (planned, done)]
    assert requests[0] == requests[1]
    assert (planned.writes, planned.reads) == (done.writes, done.reads)


def test_a_page_that_does_not_exist_yet_is_not_said_to_stay(site: Site) -> None:
    site.write("a.md", "---\ntitle: [\n---\n")
    assert [page.note for page in site.plan().pages if page.action == "held-back"] == [
        "An error in the file keeps it from being published."
    ]
    site.write("a.md", "# A\n")
    site.publish()
    site.write("a.md", "---\ntitle: [\n---\n")
    assert [page.note for page in site.plan().pages if page.action == "held-back"] == [
        "An error in the file keeps the page as it is."
    ]


def test_files_and_pages_are_not_confused_by_odd_names(site: Site) -> None:
    site.write("sp ace/ün ïcode.md", "# Ünïcode\n\n[there](../%F0%9F%9A%80.md)\n")
    site.write("🚀.md", "# Rocket\n")
    site.write("dot.s.md", "# Dots\n")
    report = site.publish()
    assert report.failed == 0
    assert site.tree()["Docs"] == {"Dots": {}, "Rocket": {}, "Sp ace": {"Ünïcode": {}}}
    assert not report.diagnostics


def test_crlf_bom_and_empty_files(site: Site) -> None:
    site.write("crlf.md", "---\r\ntitle: Crlf\r\n---\r\n\r\nText.\r\n")
    site.write("bom.md", b"\xef\xbb\xbf# Bom\n")
    site.write("empty.md", "")
    report = site.publish()
    assert set(site.tree()["Docs"]) == {"Crlf", "Bom", "Empty"}
    assert site.lines(id_of(report, "crlf.md")) == ["Text."]


def test_a_page_of_many_and_deep_blocks_arrives_whole_and_in_order(site: Site) -> None:
    deep = "".join(f"{'  ' * level}- level {level}\n" for level in range(9))
    many = "".join(f"Paragraph {number}.\n\n" for number in range(250))
    table = "| n |\n|---|\n" + "".join(f"| {number} |\n" for number in range(230))
    site.write("big.md", f"# Big\n\n{deep}\n{many}\n{table}")
    report = site.publish()
    lines = site.lines(id_of(report, "big.md"))
    assert lines[:9] == [f"{'  ' * level}level {level}" for level in range(9)]
    assert lines[9:259] == [f"Paragraph {number}." for number in range(250)]
    assert lines[259:] == ["<table>", "  n", *(f"  {number}" for number in range(230))]
    assert site.publish().writes == 0


def test_a_link_to_a_heading_leads_to_its_block(site: Site) -> None:
    site.write("1.md", "# One\n\nText.\n\n## Second part\n\nMore.\n")
    site.write("2.md", "# Two\n\nSee [there](1.md#second-part).\n")
    report = site.publish()

    async def look(workspace: Workspace) -> tuple[str, str]:
        heading = (await workspace.children(id_of(report, "1.md")))[1].id
        (block,) = await workspace.children(id_of(report, "2.md"))
        (link,) = (
            item["text"]["link"]
            for item in json.loads(block.input.content)["rich_text"]
            if item["text"].get("link")
        )
        return link["url"], heading

    url, heading = site.with_workspace(look)
    assert url.endswith("#" + heading.replace("-", ""))
    assert site.publish().reads == 0
    site.write("2.md", "# Two\n\nSee [there](1.md#second-part).\n\nAnd more.\n")
    assert site.publish().writes == 1  # the link is left as it is


def test_tables_of_two_widths_are_told_apart(site: Site) -> None:
    narrow = "| a | b |\n|---|---|\n| 1 | 2 |\n"
    wide = "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n"
    site.write("a.md", f"# A\n\n{narrow}\nBetween.\n\n{wide}")
    site.publish()
    site.write("a.md", f"# A\n\n{wide.replace('1', '4')}\nBetween.\n\n{narrow.replace('1', '5')}")
    report = site.publish()
    assert report.failed == 0
    assert site.lines(id_of(report, "a.md")) == [
        "<table>", "  abc", "  423", "Between.", "<table>", "  ab", "  52",
    ]  # fmt: skip


def test_an_index_that_becomes_a_draft_does_not_empty_its_page(site: Site) -> None:
    site.write("guide/index.md", "# How we work\n\nText.\n")
    site.write("guide/a.md", "# A\n")
    page = id_of(site.publish(), "guide/index.md")
    site.write("guide/index.md", "---\ndraft: true\n---\n# How we work\n\nText.\n")
    report = site.publish()
    assert report.writes == 0
    assert actions(report)["guide/index.md"] == "removed"
    assert site.lines(page) == ["Text.", "[A]"]
    site.publish(prune=True)
    assert site.lines(page) == ["[A]"]
    assert site.tree() == {"Docs": {"Guide": {"A": {}}}}
