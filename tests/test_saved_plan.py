"""Plans that are written down, and the state of the workspace: what was reviewed is sent, and looking changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import pagemill
from crowd import Crowd
from site_folder import Site, actions
from snapshot import snapshot
from stories import first, then

from publisher import saved
from publisher.emulator.rows import BlockRow
from publisher.emulator.store import Store as Emulated
from publisher.emulator.writing import NewBlock, Writer
from publisher.errors import ConflictError, UsageError
from publisher.job import Job
from publisher.report import Report
from publisher.status import Survey
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import looking, open_workspace, state_file


@contextmanager
def state(site: Site) -> Iterator[Store]:
    store = Store(state_file(site.settings()))
    try:
        yield store
    finally:
        store.close()


def rehearse(site: Site, **options: Any) -> saved.Rehearsed:
    with state(site) as store:
        settings = site.settings(**options)
        return saved.rehearse(settings, store, lambda count: looking(settings, count))


def publish(site: Site, file: Path) -> Report:
    plan = saved.read(file)
    settings, force = saved.adopted(plan, site.settings())
    with state(site) as store:
        job = Job(settings, lambda count: open_workspace(settings, count), force=force)
        return asyncio.run(Run(saved.bound(job, plan, store), store).publish())


@contextmanager
def people(site: Site) -> Iterator[tuple[Emulated, Writer]]:
    workspace = site.settings().workspace
    assert workspace is not None
    store = Emulated(workspace)
    with store.write("", "people") as writer:
        yield store, writer
    store.close()


def block(site: Site, store: Emulated, path: str, text: str) -> BlockRow:
    with state(site) as known:
        page = next(page.id for page in known.listing() if page.path == path)
    return next(row for row in store.subtree(page) if text in json.dumps(row.content))


def edit(site: Site, path: str, text: str) -> None:
    """Somebody edits a block."""
    with people(site) as (store, writer):
        row = block(site, store, path, text)
        node = writer.node(row.id)
        assert node is not None
        writer.update(node, {**row.content, "rich_text": [{"type": "text", "text": "people1"}]})


@pytest.mark.parametrize("story", [first, then])
def test_a_rehearsal_says_what_a_publish_does_and_changes_nothing(site: Site, story: Any) -> None:
    first(site)
    if story is then:
        site.publish()
        then(site)
    before = [] if story is first else site.with_workspace(snapshot)
    with state(site) as store:
        generation = store.generation()
    planned = rehearse(site, prune=True)
    with state(site) as store:
        assert store.generation() == generation
    if story is then:
        assert site.with_workspace(snapshot) == before
    else:
        assert not (site.root / ".pagemill" / "workspace.db").exists()
    done = site.publish(prune=True)
    assert actions(planned.report) == actions(done)
    assert (planned.report.writes, planned.report.reads) == (done.writes, done.reads)
    assert {page.path: page.requests for page in planned.report.pages} == {
        page.path: page.requests for page in done.pages
    }
    uploading = done.uploads * (2 if site.settings().dialect == "notion" else 1)  # how is not for review
    assert len(planned.plan["requests"]) == done.writes - uploading


def test_what_was_reviewed_is_sent(site: Site, tmp_path: Path) -> None:
    first(site)
    file = tmp_path / "plan.json"
    for story in (first, then):
        if story is then:
            then(site)
        planned = rehearse(site, prune=True)
        saved.write(planned.plan, file)
        report = publish(site, file)
        assert (report.failed, report.conflicts) == (0, 0)
        assert (report.writes, report.reads) == (planned.report.writes, planned.report.reads)
        assert site.publish(prune=True).writes == 0
        with pytest.raises(ConflictError, match="published since"):
            publish(site, file)


def _records(site: Site, change: int) -> None:
    """Records in a tree of pages, some pointing to one another; each change touches the schema, values and texts."""
    site.write("index.md", "# Handbook\n\nSee [ann](people/n0.md).\n")
    site.write("people/_database.toml", 'title = "Team"\n')
    for number in range(4 + change):
        more = "size: 12\n" if change else ""
        keys = f"age: {40 + number + change}\ntags: [x, y{change}]\nboss: n{(number + 1) % 4}.md\n{more}"
        site.write(
            f"people/n{number}.md",
            f"---\ntitle: N{number}\n{keys}---\n\nText {number} of {change * number}.\n",
        )


def test_what_was_reviewed_of_databases_is_sent(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    for change in (0, 1, 2):
        _records(site, change)
        planned = rehearse(site)
        saved.write(planned.plan, file)
        report = publish(site, file)
        assert (report.failed, report.conflicts) == (0, 0)
        assert (report.writes, report.reads) == (planned.report.writes, planned.report.reads)
        assert actions(report) == actions(planned.report)
        assert len(planned.plan["requests"]) == report.writes > 0
        assert site.publish().writes == 0


def test_a_plan_for_a_folder_of_records(site: Site, tmp_path: Path) -> None:
    site.options["database"] = "Tasks"
    file = tmp_path / "plan.json"
    for text in ("---\nage: 4\n---\nOne.\n", "---\nage: 5\nboss: b.md\n---\nOne.\n"):
        site.write("a.md", text)
        site.write("b.md", text + "\nTwo.\n")
        planned = rehearse(site)
        saved.write(planned.plan, file)
        report = publish(site, file)
        assert (report.failed, report.conflicts) == (0, 0)
        assert (report.writes, report.reads) == (planned.report.writes, planned.report.reads)
        assert site.publish().writes == 0


def test_a_plan_is_for_the_files_that_it_was_made_for(site: Site, tmp_path: Path) -> None:
    first(site)
    file = tmp_path / "plan.json"
    saved.write(rehearse(site).plan, file)
    site.write("old.md", "# Old\n\nAnother text.\n")
    with pytest.raises(ConflictError, match="Files have changed"):
        publish(site, file)


def test_a_page_that_somebody_edits_after_the_review_is_left_alone(site: Site, tmp_path: Path) -> None:
    first(site)
    site.publish()
    site.write("old.md", "# Old\n\nThis will go, later.\n")
    site.write("older/oldest.md", "# Oldest\n\nAnd this, later.\n")
    file = tmp_path / "plan.json"
    saved.write(rehearse(site, on_conflict="ours").plan, file)
    with people(site) as (store, writer):
        row = block(site, store, "old.md", "This will go")
        node = writer.node(row.id)
        assert node is not None
        writer.trash(node, True)
    report = publish(site, file)
    assert actions(report)["old.md"] == "conflict"
    assert "not in the plan" in next(page.note for page in report.pages if page.path == "old.md")
    assert actions(report)["older/oldest.md"] == "update"
    assert report.writes == 1


def test_a_plan_that_was_touched_or_is_none_or_is_for_another_place_is_refused(
    site: Site, tmp_path: Path
) -> None:
    first(site)
    file = tmp_path / "plan.json"
    plan = rehearse(site).plan
    saved.write(plan, file)
    touched = json.loads(file.read_text(encoding="utf-8"))
    touched["requests"].pop()
    file.write_text(json.dumps(touched), encoding="utf-8")
    with pytest.raises(UsageError, match="was changed since"):
        saved.read(file)
    for text in ("[]", "{}", "{", '{"mark": 1, "pagemill": 3}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match="is no plan"):
            saved.read(file)
    with pytest.raises(UsageError, match="cannot be read"):
        saved.read(tmp_path / "none.json")
    with pytest.raises(UsageError, match="for another place: parent"):
        saved.adopted({**plan, "place": {**plan["place"], "parent": "x"}}, site.settings())


def test_ids_in_texts_are_no_ids() -> None:
    known = {"0" * 32}
    one, other = "00000000-0000-0000-0000-000000000000", "11111111-1111-1111-1111-111111111111"
    text = f'["{one}", "{other}", "http://x/{other}#a", "http://x/{one}", "a \\"http://x/{other}\\" b"]'
    assert json.loads(saved.plain(text, known)) == [one, "new", "new", f"http://x/{one}", 'a "new" b']


def test_the_commands(tmp_path: Path) -> None:
    first(Site(tmp_path))
    planned = pagemill("plan", "docs", "--out", "plan.json", cwd=tmp_path)
    assert planned.code == 0
    assert "10 to create" in planned.out
    done = pagemill("publish", "docs", "--plan", "plan.json", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    again = pagemill("publish", "docs", "--plan", "plan.json", cwd=tmp_path)
    assert again.code == 3
    assert "has been published since the plan was made" in again.err
    status = pagemill("status", "docs", cwd=tmp_path)
    assert (status.code, status.out.split(":")[0]) == (0, "10 published")


# The state of the workspace


def look(site: Site, **options: Any) -> tuple[Report, Survey]:
    with state(site) as store:
        settings = site.settings(**options)
        generation = store.generation()
        survey = Survey(settings, store, lambda count: looking(settings, count))
        report = asyncio.run(survey.look())
        assert store.generation() == generation
        assert report.writes == 0
        return report, survey


def test_status_of_a_workspace_that_is_as_it_was_left(site: Site) -> None:
    first(site)
    site.publish()
    report, survey = look(site)
    assert {page.action for page in report.pages} == {"unchanged"}
    assert [page.note for page in report.pages if page.note] == []
    assert report.diagnostics == []
    assert survey.summary.startswith("10 published: ")


def test_status_says_who_edited_what_and_what_is_not_ours(site: Site) -> None:
    first(site)
    site.publish()
    before = site.with_workspace(snapshot)
    site.write("old.md", "# Old\n\nThis will go, later.\n")
    site.remove("older/oldest.md")
    edit(site, "old.md", "This will go")
    edit(site, "guide/start.md", "level 5")  # deep in a list
    with people(site) as (store, writer):
        row = block(site, store, "guide/start.md", "level 2")
        text = [{"type": "text", "text": "people2"}]
        writer.insert(row.id, row.page_id, [NewBlock("paragraph", {"rich_text": text})])
        moving = writer.node(block(site, store, "moving.md", "moves").page_id)
        money = writer.node(block(site, store, "money.md", "pay").page_id)
        assert moving is not None
        assert money is not None
        writer.trash(moving, True)
        writer.update_page(money, **Crowd(store, None)._title())  # type: ignore[arg-type]  # nothing is random here
    report, survey = look(site)
    notes = {page.path: (page.action, page.note) for page in report.pages if page.note}
    assert notes == {
        "old.md": ("conflict", "1 block in conflict"),
        "older/oldest.md": ("removed", "The file is gone"),
        "guide/start.md": ("unchanged", "1 block edited by somebody, 1 block that somebody else put here"),
        "moving.md": ("conflict", "Somebody moved this page to trash."),
        "money.md": ("unchanged", "renamed to 'people1'"),
    }
    assert sorted((item.path, item.line, item.code) for item in report.diagnostics) == [
        ("guide/start.md", 10, "drift"),
        ("old.md", 3, "conflict"),
    ]
    assert survey.summary.startswith(
        "10 published, 1 to publish, 2 edited by others, 1 in conflict, 1 in the trash, 1 without a file, "
        "1 that hold what is not ours: "
    )
    assert before != site.with_workspace(snapshot)
