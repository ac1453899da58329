"""Somebody moves a page to trash: what stands below it refuses to be written, and that is a conflict, not a mistake."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from site_folder import Site, actions, id_of

from converters.blocks import Document
from publisher import shelf
from publisher.errors import TrashedError
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.workplace import open_workspace, state_file


@pytest.fixture(params=["notion", "buildin"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    site = Site(tmp_path, {"dialect": request.param, "root": "none"})
    site.write("top/index.md", "# Top\n\nWords.\n")
    site.write("top/middle/index.md", "# Middle\n\nWords.\n")
    site.write("top/middle/kid.md", "# Kid\n\nWords.\n")
    site.write("other.md", "# Other\n\nWords.\n")
    return site


def trash(site: Site, report: Report, path: str) -> str:
    id = id_of(report, path)
    site.with_workspace(lambda workspace: workspace.trash_page(id))
    return id


def note_of(report: Report, path: str) -> str:
    return next(page.note for page in report.pages if page.path == path)


def test_a_change_below_is_a_conflict(site: Site) -> None:
    top = trash(site, site.publish(), "top/index.md")
    site.write("top/middle/kid.md", "# Kid\n\nOther words.\n")
    site.write("other.md", "# Other\n\nOther words.\n")
    report = site.publish()
    found = actions(report)
    assert (found["top/middle/kid.md"], found["other.md"]) == ("conflict", "update")
    note = note_of(report, "top/middle/kid.md")
    assert note.startswith("Somebody moved a page above this one to trash. Restore it there")
    assert "report" not in note
    site.with_workspace(lambda workspace: workspace.restore_page(top))
    assert actions(site.publish())["top/middle/kid.md"] == "update"


def test_a_new_page_below_is_a_conflict(site: Site) -> None:
    trash(site, site.publish(), "top/index.md")
    site.write("top/middle/new.md", "# New\n\nWords.\n")
    report = site.publish()
    assert actions(report)["top/middle/new.md"] == "conflict"
    assert note_of(report, "top/middle/new.md").startswith("Somebody moved a page above this one to trash.")


@pytest.mark.parametrize("new", [False, True])
def test_with_ours_all_of_it_is_made_anew(site: Site, new: bool) -> None:
    trash(site, site.publish(), "top/index.md")
    if new:
        site.write("top/middle/new.md", "# New\n\nWords.\n")
    else:
        site.write("top/middle/kid.md", "# Kid\n\nOther words.\n")
    site.publish(on_conflict="ours")
    assert list(site.tree()["Top"]["Middle"]) == (["Kid", "New"] if new else ["Kid"])
    assert site.publish().writes == 0


def test_a_change_of_the_page_itself_is_one_too(site: Site) -> None:
    trash(site, site.publish(), "top/middle/index.md")
    site.write("top/middle/index.md", "# Middle\n\nOther words.\n")
    report = site.publish()
    assert actions(report)["top/middle/index.md"] == "conflict"
    assert note_of(report, "top/middle/index.md").startswith("Somebody moved this page to trash.")


@pytest.mark.parametrize("site", ["notion"], indirect=True)  # Buildin does it
@pytest.mark.parametrize("work", [shelf.archive, shelf.restore])
def test_archive_and_restore_say_what_to_do_first(site: Site, work) -> None:
    report = site.publish()
    if work is shelf.restore:
        trash(site, report, "top/middle/kid.md")
    trash(site, report, "top/index.md")
    settings = site.settings()
    store = Store(state_file(settings))
    try:
        page = store.page("top/middle/kid.md")
        assert page is not None
        with pytest.raises(TrashedError, match=r"above top/middle/kid\.md to trash"):
            asyncio.run(work([page], store, open_workspace(settings, lambda: None), lambda _: None))
        assert not store.archived()
    finally:
        store.close()


def test_what_is_new_and_what_has_changed_there_are_made_anew_together(site: Site) -> None:
    trash(site, site.publish(), "top/index.md")
    site.write("top/middle/new.md", "# New\n\nWords.\n")
    site.write("top/middle/kid.md", "# Kid\n\nOther words.\n")
    assert not site.publish(on_conflict="ours").conflicts
    assert list(site.tree()["Top"]["Middle"]) == ["Kid", "New"]
    assert site.publish().writes == 0


# -- what does not belong to the folder ------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["stop", "ours"])
def test_of_a_page_of_somebody_else_the_note_says_what_helps(site: Site, policy: str) -> None:
    async def make(workspace: Workspace) -> str:
        head = workspace.dialect.head(Document("theirs.md", "Theirs", ()))
        return (await workspace.create_page("", head)).id

    (site.root / ".pagemill").mkdir()
    site.options["parent"] = parent = site.with_workspace(make)
    site.publish()
    site.with_workspace(lambda workspace: workspace.trash_page(parent))
    site.write("other.md", "# Other\n\nOther words.\n")
    report = site.publish(on_conflict=policy)
    assert actions(report)["other.md"] == "conflict"
    note = note_of(report, "other.md")
    assert note.endswith(
        "none of this folder's. Restore it there, or publish under another page with --parent."
    )
    site.with_workspace(lambda workspace: workspace.restore_page(parent))
    assert actions(site.publish())["other.md"] == "update"


# -- databases -------------------------------------------------------------------------------------------------------


@pytest.fixture
def tasks(site: Site) -> Site:
    site.write("top/tasks/_database.toml", 'title = "Tasks"\n')
    for name in "ab":
        record(site, name, priority=1)
    return site


def record(site: Site, name: str, **keys: object) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    site.write(f"top/tasks/{name}.md", f"---\ntitle: {name}\n{lines}---\n\nText.\n")


EDITS = {"property": ("a", {"priority": 2}), "record": ("c", {"priority": 1}), "schema": ("a", {"size": 4})}


@pytest.mark.parametrize("edit", EDITS)
def test_records_below_a_page_in_trash_are_a_conflict(tasks: Site, edit: str) -> None:
    top = trash(tasks, tasks.publish(), "top/index.md")
    name, keys = EDITS[edit]
    record(tasks, name, **keys)
    report = tasks.publish()
    path = "top/tasks/" if edit == "schema" else f"top/tasks/{name}.md"
    assert actions(report)[path] == "conflict"
    assert note_of(report, path).startswith("Somebody moved a page above this one to trash. Restore it there")
    tasks.with_workspace(lambda workspace: workspace.restore_page(top))
    assert not tasks.publish().failed
    assert tasks.publish().writes == 0


@pytest.mark.parametrize("edit", EDITS)
def test_with_ours_the_database_is_made_anew_with_its_page(tasks: Site, edit: str) -> None:
    trash(tasks, tasks.publish(), "top/index.md")
    name, keys = EDITS[edit]
    record(tasks, name, **keys)
    report = tasks.publish(on_conflict="ours")
    assert not report.failed
    assert not report.conflicts
    assert actions(report)["top/tasks/"] == "create"
    assert "Top" in tasks.tree()
    assert tasks.publish().writes == 0


def test_a_record_in_trash_is_a_conflict_or_made_anew(tasks: Site) -> None:
    trash(tasks, tasks.publish(), "top/tasks/a.md")
    record(tasks, "a", priority=2)
    report = tasks.publish()
    assert note_of(report, "top/tasks/a.md").startswith("Somebody moved this page to trash.")
    assert actions(tasks.publish(on_conflict="ours"))["top/tasks/a.md"] == "create"
    assert tasks.publish().writes == 0
