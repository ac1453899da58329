"""Properties of records that hold files: those of the folder go up where a service takes them, once each."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pictures import PDF, png
from site_folder import Site, actions, id_of

from publisher.job import Job
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

RED, BLUE = png(255), png(7)
WEB = "https://a.dev/paper.pdf"


@pytest.fixture(params=["buildin", "notion"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return made(tmp_path, request.param)


@pytest.fixture
def notion(tmp_path: Path) -> Site:
    return made(tmp_path, "notion")


def made(root: Path, dialect: str) -> Site:
    site = Site(root, {"dialect": dialect, "database": "Papers"})
    site.write("img/a.png", RED)
    site.write("img/b.pdf", PDF)
    return site


def shown(site: Site, report: Report, path: str, name: str = "files") -> list[tuple[str, str]]:
    """The files that a property of a record holds: the name, and the end of the address."""

    async def read(workspace: Workspace) -> Any:
        page = await workspace.page(id_of(report, path))
        assert page is not None
        return page.properties[name]["files"]

    found = site.with_workspace(read)
    return [(item["name"], item[item["type"]]["url"].rpartition("/")[2].partition("?")[0]) for item in found]


def said(report: Report) -> list[tuple[str, str, int]]:
    return [(item.code, item.path, item.line) for item in report.diagnostics]


def test_files_of_the_folder_go_up_and_are_followed(notion: Site) -> None:
    notion.write("a.md", f"---\nfiles: [img/a.png, {WEB}]\n---\n# A\n\n![same](img/a.png)\n")
    notion.write("sub/b.md", "---\nfiles: ../img/b.pdf\n---\n# B\n")
    notion.write("sub/c.md", "---\nfiles: [/img/b.pdf]\n---\n# C\n")
    options = {"records": "all"}
    plan = notion.plan(**options)
    report = notion.publish(**options)
    assert (report.failed, said(report), report.uploads) == (0, [], 2)
    assert (plan.uploads, plan.writes) == (2, report.writes)
    assert [item.type for item in report.databases[0].properties] == ["title", "files"]
    (picture, (web_name, web)) = shown(notion, report, "a.md")
    assert picture[0] == "a.png"
    assert picture[1].startswith("a-")
    assert (web_name, web) == ("paper.pdf", "paper.pdf")
    assert [name for name, _ in shown(notion, report, "sub/b.md")] == ["b.pdf"]
    assert shown(notion, report, "sub/b.md") == shown(notion, report, "sub/c.md")
    again = notion.publish(**options)
    assert (again.reads, again.writes) == (0, 0)
    notion.write("img/a.png", BLUE)
    plan = notion.plan(**options)
    report = notion.publish(**options)
    assert (actions(report)["a.md"], report.uploads) == ("update", 1)
    assert (plan.uploads, plan.writes) == (1, report.writes)
    assert shown(notion, report, "a.md")[0][1] != picture[1]
    notion.write("sub/b.md", "# B\n")
    assert actions(notion.publish(**options))["sub/b.md"] == "update"
    assert shown(notion, report, "sub/b.md") == []


def test_a_change_of_nothing_but_the_file_concerns_the_record(notion: Site) -> None:
    notion.write("a.md", "---\nfiles: [img/a.png]\n---\n# A\n")
    notion.write("b.md", "---\nfiles: [img/b.pdf]\n---\n# B\n")
    notion.publish()
    notion.write("img/a.png", BLUE)
    notion.write("b.md", "---\nfiles: [img/b.pdf]\n---\n# B\n\nmore\n")
    settings = notion.settings()
    store = Store(state_file(settings))
    job = Job(settings, partial(open_workspace, settings), paths=frozenset({"img/a.png"}))
    report = asyncio.run(Run(job, store).publish())
    store.close()
    assert {path: action for path, action in actions(report).items() if path.endswith(".md")} == {
        "a.md": "update"
    }


def test_where_a_service_takes_no_file_it_is_said(tmp_path: Path) -> None:
    site = made(tmp_path, "buildin")
    site.write("pagemill.toml", '[properties]\nfiles = "files"\n')
    site.write("a.md", f"---\nfiles: [{WEB}]\n---\n# A\n")
    site.write("b.md", "---\nfiles: [img/a.png]\n---\n# B\n")
    report = site.publish()
    assert said(report) == [("property-type", "b.md", 2)]
    assert "Buildin takes no uploaded file in a property" in report.diagnostics[0].message
    assert (actions(report)["b.md"], report.uploads) == ("held-back", 0)
    assert shown(site, report, "a.md") == [("paper.pdf", "paper.pdf")]


@pytest.mark.parametrize(
    ("value", "words", "more"),
    [
        ("img/gone.png", "addresses of the web, and files of the folder", {}),
        ("../../img/a.png", "addresses of the web, and files of the folder", {}),
        ("img/empty.png", "“img/empty.png” is empty", {}),
        ("img/a.png", "is not uploaded", {"uploads": False}),
    ],
)
def test_a_file_that_cannot_go_up(notion: Site, value: str, words: str, more: dict[str, Any]) -> None:
    notion.write("pagemill.toml", '[properties]\nfiles = "files"\n')
    notion.write("img/empty.png", b"")
    notion.write("a.md", f"---\nfiles: [{value}]\n---\n# A\n")
    report = notion.publish(**more)
    assert said(report) == [("property-type", "a.md", 2)]
    assert words in report.diagnostics[0].message
    assert actions(report)["a.md"] == "held-back"


def test_files_that_are_on_the_web_stand_there(site: Site) -> None:
    site.write("a.md", "---\nfiles: [img/a.png]\n---\n# A\n")
    report = site.publish(files_url="https://raw.dev/docs")
    assert (report.uploads, said(report)) == (0, [])
    assert shown(site, report, "a.md") == [("a.png", "a.png")]


def test_what_is_no_file_of_the_folder_is_text(site: Site) -> None:
    site.write("a.md", "---\nfiles: [img/gone.png]\n---\n# A\n")
    report = site.publish()
    assert [item.type for item in report.databases[0].properties] == ["title", "multi_select"]


def test_what_somebody_changed_there_is_seen(notion: Site) -> None:
    notion.write("a.md", "---\nfiles: [img/a.png]\n---\n# A\n")
    report = notion.publish()
    notion.write("img/a.png", BLUE)
    policy = {"on_property_conflict": "theirs"}
    assert said(notion.publish(**policy)) == []  # nobody has
    assert len(shown(notion, report, "a.md")) == 1

    async def empty(workspace: Workspace) -> None:
        await workspace.update_page(id_of(report, "a.md"), properties=b'{"files":{"files":[]}}')

    notion.with_workspace(empty)
    notion.write("img/a.png", RED)
    changed = notion.publish(**policy)
    assert [code for code, _, _ in said(changed)] == ["property-conflict"]
    assert shown(notion, report, "a.md") == []
