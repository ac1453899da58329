"""The command as a person runs it: what it prints, what it returns, what it leaves behind."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from command import ask, pagemill, serving


@pytest.fixture
def project(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text("# Docs\n\nSee [a](a.md).\n", encoding="utf-8")
    (docs / "a.md").write_text("---\nicon: 🌱\ntags: [x, y]\n---\n# A\n\nText.\n", encoding="utf-8")
    return tmp_path


def test_publish_twice(project: Path) -> None:
    first = pagemill("publish", "docs", cwd=project)
    assert first.code == 0, first.err
    assert "2 created" in first.out
    assert "index.md" in first.out
    second = pagemill("publish", "docs", cwd=project)
    assert second.code == 0
    assert second.out.startswith("2 unchanged: 0 writes, 0 reads")
    assert (project / ".pagemill" / ".gitignore").read_text() == "*\n"


def test_one_folder_has_one_state_however_it_is_named(project: Path) -> None:
    pagemill("publish", "docs", cwd=project)
    (project / "sub").mkdir()
    (project / "sub" / "link").symlink_to("../docs")
    (project / "docs" / "b.md").write_text("# B\n", encoding="utf-8")
    assert "1 created" in pagemill("publish", "../docs", cwd=project / "sub").out
    assert pagemill("publish", "link", cwd=project / "sub").out.startswith("3 unchanged: 0 writes")
    assert pagemill("publish", cwd=project / "docs").out.startswith("3 unchanged: 0 writes")
    assert len(list((project / ".pagemill").glob("docs.*.db"))) == 1


def test_without_a_command_it_says_which_there_are(project: Path) -> None:
    result = pagemill(cwd=project)
    assert (result.code, result.out) == (2, "")
    assert "\n    publish   Publish a folder" in result.err
    assert "exit codes:" not in result.err


def test_notes_are_counted_unless_asked_for(project: Path) -> None:
    (project / "docs" / "b.md").write_text("# B\n\n<font>this</font>\n\n[x](gone.md)\n", encoding="utf-8")
    brief, whole = (pagemill("check", "docs", *more, cwd=project).out for more in ([], ["-v"]))
    assert (" info: " in brief, " info: " in whole) == (False, True)
    assert brief.splitlines()[-1] == whole.splitlines()[-1] + "; -v shows all."
    assert "`pagemill check docs -v` shows them all" in pagemill("publish", "docs", cwd=project).out


def test_from_within_the_folder_places_are_those_that_a_terminal_opens(project: Path) -> None:
    docs = project / "docs"
    (docs / "b.md").write_text("# B\n\nSee [x](nowhere.md).\n", encoding="utf-8")
    place = "b.md:3:5"
    assert pagemill("check", cwd=docs).out.startswith(f"{place}: warning")
    for command in ("plan", "publish"):
        assert pagemill(command, cwd=docs).err.startswith(f"{place}: warning")
        assert f"1 error: {place} [" in pagemill(command, "--strict", cwd=docs).err
    assert f"`{place}`" in pagemill("plan", "--format", "markdown", cwd=docs).out
    (project / "pagemill.toml").write_text('folder = "docs"\n', encoding="utf-8")
    assert pagemill("check", cwd=project).out.startswith(f"docs/{place}: warning")


def test_a_state_that_was_made_from_outside_is_found_from_within(project: Path) -> None:
    pagemill("publish", "docs", cwd=project)
    assert pagemill("publish", cwd=project / "docs").out.startswith("2 unchanged: 0 writes")
    assert not (project / "docs" / ".pagemill").exists()


def test_what_is_published_from_within_leaves_nothing_beside(project: Path) -> None:
    docs = project / "docs"
    assert "2 created" in pagemill("publish", cwd=docs).out
    assert not (project / ".pagemill").exists()
    assert pagemill("publish", ".", cwd=docs).out.startswith("2 unchanged: 0 writes")
    assert pagemill("publish", "docs", cwd=project).out.startswith("2 unchanged: 0 writes")


def test_pages_stand_in_the_order_of_their_readers(project: Path) -> None:
    docs = project / "docs"
    (docs / "days").mkdir()
    for number in (1, 2, 10):
        (docs / "days" / f"Meeting {number}.md").write_text(f"# Meeting {number}\n", encoding="utf-8")
    (docs / "z.md").write_text("---\norder: 1\n---\n# Zed\n", encoding="utf-8")
    meetings = ["Meeting 1", "Meeting 2", "Meeting 10"]
    order = ["Docs", "Zed", "A", "Days", *meetings]
    plan = json.loads(pagemill("plan", "docs", "--json", cwd=project).out)
    assert [page["title"] for page in plan["pages"]] == order
    done = json.loads(pagemill("publish", "docs", "--json", cwd=project).out)
    assert [page["title"] for page in done["pages"]] == order
    lines = pagemill("publish", "docs", "-v", cwd=project).out.splitlines()
    assert [line[2:12].strip() for line in lines if "Meeting" in line] == meetings
    known = json.loads(pagemill("pages", "docs", "--json", cwd=project).out)
    assert [page["title"] for page in known] == order
    lines = pagemill("pages", "docs", cwd=project).out.splitlines()
    assert [line[:30].strip() for line in lines] == order
    docs.rename(project / "elsewhere")  # the state alone does not know of `order`
    lines = pagemill("pages", "docs", cwd=project).out.splitlines()
    assert [line[:30].strip() for line in lines] == ["Docs", "A", "Days", *meetings, "Zed"]


def test_pages_fit_a_terminal(project: Path) -> None:
    deep = project / "docs" / "one" / "two" / "three"
    deep.mkdir(parents=True)
    title = "A title that goes on and on for longer than a terminal of eighty columns has any room"
    page = deep / "a-file-name-that-is-quite-long-too.md"
    page.write_text(f"# {title}\n", encoding="utf-8")
    pagemill("publish", "docs", cwd=project)
    told = pagemill("pages", "docs", "-v", cwd=project).out
    assert all(len(line) <= 80 for line in told.splitlines())
    assert title in " ".join(told.split())
    found = json.loads(pagemill("pages", "docs", "--json", cwd=project).out)
    assert all(f"{item[name]}\n" in told for item in found for name in ("url", "path"))
    when = datetime.fromisoformat(found[0]["published"]).astimezone()
    assert told.splitlines()[0].split() == ["Docs", f"{when:%Y-%m-%d}", f"{when:%H:%M}", "index.md"]


@pytest.mark.parametrize("command", ["publish", "watch", "plan", "status"])
def test_a_file_named_as_the_folder_leaves_nothing_in_the_folder(project: Path, command: str) -> None:
    result = pagemill(command, "docs/a.md", cwd=project)
    assert result.code == 2
    assert not (project / "docs" / ".pagemill").exists()


@pytest.mark.parametrize("name", ["missing/workspace.db", "docs", "docs/a.md"])
def test_a_workspace_that_is_none_is_a_message(project: Path, name: str) -> None:
    result = pagemill("publish", "docs", "--workspace", name, cwd=project)
    assert result.code == 2
    assert "cannot be used as a workspace" in result.err
    assert "Traceback" not in result.err


def test_what_was_said_already_is_only_counted(project: Path) -> None:
    page = project / "docs" / "b.md"
    page.write_text("# B\n\nSee [x](nowhere.md).\n", encoding="utf-8")
    assert "docs/b.md:3:5: warning" in pagemill("publish", "docs", cwd=project).err
    again = pagemill("publish", "docs", cwd=project)
    assert again.err == ""
    assert "1 warning; `pagemill check docs` shows them all." in again.out
    assert "docs/b.md:3:5: warning" in pagemill("publish", "docs", "-v", cwd=project).err
    page.write_text("# B\n\nSee [x](elsewhere.md).\n", encoding="utf-8")  # no block changes, but it is news
    assert "docs/b.md:3:5: warning" in pagemill("publish", "docs", cwd=project).err


def test_a_folder_without_pages_is_said(project: Path) -> None:
    (project / "empty").mkdir()
    for command in ("publish", "plan"):
        result = pagemill(command, "empty", cwd=project)
        assert (result.code, result.out) == (0, "There are no Markdown files to publish in empty.\n")


def test_a_link_out_of_the_folder_says_what_to_do(project: Path) -> None:
    (project / "docs" / "latest").symlink_to(project)
    for command in ("publish", "plan"):
        result = pagemill(command, "docs", cwd=project)
        assert result.code == 1
        assert "nothing is published before the link is removed, or named in .pagemillignore" in result.err
    (project / "docs" / ".pagemillignore").write_text("latest\n", encoding="utf-8")
    assert "2 created" in pagemill("publish", "docs", cwd=project).out


def test_restoring_what_is_not_in_the_trash(project: Path) -> None:
    pagemill("publish", "docs", cwd=project)
    restore = ("restore", "docs/a.md", "--folder", "docs")
    assert pagemill(*restore, cwd=project).out == ". A is not in the trash\n"
    pagemill("archive", "docs/a.md", "--folder", "docs", cwd=project)
    assert pagemill(*restore, cwd=project).out == "+ A\n"


def test_publish_as_json_has_the_documented_shape(project: Path) -> None:
    result = pagemill("publish", "docs", "--json", cwd=project)
    report = json.loads(result.out)
    assert result.err == ""
    counts = ("reads", "writes", "created", "updated", "moved", "trashed", "unchanged", "conflicts", "failed")
    assert {name: report[name] for name in counts} | {"reads": 0} == {
        **dict.fromkeys(counts, 0), "writes": 3, "created": 2,
    }  # fmt: skip
    assert [set(page) for page in report["pages"]] == [
        {"path", "title", "action", "id", "url", "requests", "note"}
    ] * 2
    assert report["diagnostics"] == []
    assert report["seconds"] > 0


def test_plan_sends_nothing_and_leaves_nothing_behind(project: Path) -> None:
    result = pagemill("plan", "docs", cwd=project)
    assert result.code == 0
    assert "2 to create" in result.out
    assert not (project / ".pagemill").exists()


def test_convert_reads_files_folders_and_standard_input(project: Path) -> None:
    one = json.loads(pagemill("convert", "docs/a.md", cwd=project).out)
    assert set(one) == {"path", "title", "icon", "cover", "properties", "children", "diagnostics"}
    assert one["title"] == "A"
    assert one["icon"] == {"type": "emoji", "emoji": "🌱"}
    assert [tag["name"] for tag in one["properties"]["tags"]["multi_select"]] == ["x", "y"]
    many = pagemill("convert", "docs", "--dialect", "notion", cwd=project).out.splitlines()
    assert [json.loads(line)["path"] for line in many] == ["a.md", "index.md"]
    piped = pagemill("convert", "-", cwd=project, stdin=b"# Title\n\nText\n")
    assert json.loads(piped.out)["title"] == "Title"


def test_check_tells_the_place_and_fails_on_errors_only(project: Path) -> None:
    (project / "docs" / "b.md").write_text("# B\n\nSee [x](nowhere.md).\n", encoding="utf-8")
    result = pagemill("check", "docs", cwd=project)
    assert result.code == 0
    assert "docs/b.md:3:5: warning" in result.out
    assert pagemill("check", "docs", "--strict", cwd=project).code == 1
    (project / "docs" / "c.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    result = pagemill("check", "docs", "--json", cwd=project)
    assert result.code == 1
    assert {item["path"] for item in json.loads(result.out)["diagnostics"]} == {"b.md", "c.md"}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["publish", "nowhere"], 2, "does not exist"),
        (["publish", "docs", "--to", "moon"], 2, "invalid choice"),
        (["publish", "docs", "--to", "notion", "--parent", "nonsense"], 2, "is not a page id"),
        (["publish", "docs", "--to", "notion"], 4, "NOTION_TOKEN"),
        (["publish", "docs", "--config", "none.toml"], 2, "none.toml"),
        (["convert", "nowhere.md"], 2, "nowhere.md"),
        (["frobnicate"], 2, "invalid choice"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    project: Path, arguments: list[str], code: int, says: str
) -> None:
    result = pagemill(*arguments, cwd=project)
    assert (result.code, says in result.err) == (code, True), result.err
    assert "Traceback" not in result.err


def test_nobody_at_the_address(project: Path) -> None:
    result = pagemill(
        "publish",
        "docs",
        "--to",
        "buildin",
        "--base-url",
        "http://127.0.0.1:9",
        cwd=project,
        env={"BUILDIN_TOKEN": "t"},
    )
    assert result.code == 5
    assert "http://127.0.0.1:9" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("service", ["buildin", "notion"])
def test_publish_to_a_running_workspace_over_http(project: Path, service: str) -> None:
    with serving(project) as url:
        arguments = ["publish", "docs", "--to", service, "--base-url", url]
        token = {f"{service.upper()}_TOKEN": "secret-token-1"}
        first = pagemill(*arguments, cwd=project, env=token)
        assert first.code == 0, first.err
        second = pagemill(*arguments, cwd=project, env=token)
        assert "2 unchanged: 0 writes, 0 reads" in second.out
        page = ask("GET", url + "/").text
        assert "Docs" in page
    state = b"".join(file.read_bytes() for file in (project / ".pagemill").iterdir() if file.is_file())
    assert b"secret-token-1" not in state + (first.out + first.err).encode()


def test_settings_come_from_file_environment_and_options(project: Path) -> None:
    (project / "pagemill.toml").write_text('folder = "docs"\nignore = ["a.md"]\n', encoding="utf-8")
    assert "1 to create" in pagemill("plan", cwd=project).out
    (project / "pagemill.toml").write_text('folder = "docs"\nignor = ["a.md"]\n', encoding="utf-8")
    result = pagemill("plan", cwd=project)
    assert result.code == 2
    assert "pagemill.toml:2" in result.err
    assert "ignore" in result.err


def test_a_port_in_use_is_said(project: Path) -> None:
    with serving(project) as url:
        port = url.rpartition(":")[2]
        result = pagemill("serve", "--port", port, cwd=project)
    assert result.code == 2
    assert f"Port {port}" in result.err


def test_two_runs_at_once(project: Path) -> None:
    from publisher.config import load
    from publisher.locking import lock
    from publisher.workplace import state_file

    with lock(state_file(load({"folder": "docs"}, {}, project))):
        result = pagemill("publish", "docs", cwd=project)
    assert result.code == 3
    assert "Another pagemill run" in result.err


def test_two_servers_have_two_states(project: Path) -> None:
    for name in ("one", "two"):
        with serving(project, "--workspace", f"{name}.db") as url:
            result = pagemill("publish", "docs", "--base-url", url, cwd=project)
            assert "2 created" in result.out, result.err
