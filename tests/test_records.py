"""Front matter as properties of a database, published for real into the embedded workspace as both services."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from site_folder import Site, actions, id_of

from converters.dialects.schema import read_values
from converters.inference import Wish
from converters.properties import Property, PropertyValue
from converters.property_types import DateValue
from publisher.meeting import rich_text
from publisher.remote.databases import DatabaseInfo, Databases, NewDatabase
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.wording import database_lines

BASE = {"database": "Tasks"}


def tasks(site: Site) -> None:
    site.write(
        "a.md", "---\ntitle: A\npriority: 3\ntags: [x, y]\ndue: 2026-04-09\nafter: b.md\n---\n\nText of a.\n"
    )
    site.write("b.md", "---\ntitle: B\npriority: 4\ntags: [y]\nafter: a.md\n---\n\nText of b.\n")


def task(site: Site, **keys: str) -> None:
    lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
    site.write("a.md", f"---\ntitle: A\n{lines}---\n\nText of a.\n")


def values(site: Site, page: str) -> dict[str, Any]:
    """What a record holds, by property; empty ones left out."""

    async def read(workspace: Workspace) -> dict[str, Any]:
        info = await workspace.page(page)
        assert info is not None
        return {v.name: v.value for v in read_values(info.properties) if v.value not in (None, False)}

    return site.with_workspace(read)


def person_sets(site: Site, page: str, *changed: PropertyValue) -> None:
    """Somebody changes properties in the workspace."""

    async def change(workspace: Workspace) -> None:
        await workspace.update_page(page, properties=workspace.dialect.properties(changed))

    site.with_workspace(change)


def existing(site: Site, *properties: Property) -> str:
    """A database that somebody made; its id."""

    async def create(workspace: Workspace) -> DatabaseInfo:
        dialect = workspace.dialect
        new = NewDatabase(
            rich_text(dialect, "Theirs"), dialect.schema([Property("Name", "title"), *properties])
        )
        return await Databases(workspace).create("", new)

    (site.root / ".pagemill").mkdir(exist_ok=True)
    return site.with_workspace(create).id


def schema(site: Site, report: Report) -> dict[str, str]:
    async def read(workspace: Workspace) -> DatabaseInfo | None:
        return await Databases(workspace).get(id_of(report, "/"))

    info = site.with_workspace(read)
    assert info is not None
    return {name: entry["type"] for name, entry in info.schema.items()}


def records(site: Site, report: Report) -> list[str]:
    async def read(workspace: Workspace) -> list[str]:
        databases = Databases(workspace)
        info = await databases.get(id_of(report, "/"))
        assert info is not None
        return [page.title for page in await databases.records(info.source)]

    return sorted(site.with_workspace(read))


def test_files_become_records_with_typed_properties(site: Site) -> None:
    tasks(site)
    report = site.publish(**BASE)
    a, b = id_of(report, "a.md"), id_of(report, "b.md")
    assert values(site, a) == {
        "Title": "A", "priority": 3, "tags": ("x", "y"), "due": DateValue("2026-04-09"), "after": (b,),
    }  # fmt: skip
    assert values(site, b)["after"] == (a,)
    assert site.lines(a) == ["Text of a."]
    assert schema(site, report) == {
        "Title": "title", "priority": "number", "tags": "multi_select", "after": "relation", "due": "date",
    }  # fmt: skip
    again = site.publish(**BASE)
    assert (again.reads, again.writes) == (0, 0)
    assert actions(again) == {"/": "unchanged", "a.md": "unchanged", "b.md": "unchanged"}


def test_the_plan_shows_the_schema_before_anything_is_sent_and_what_it_costs(site: Site) -> None:
    tasks(site)
    plan = site.plan(**BASE)
    text = "\n".join(database_lines(plan.databases))
    assert "+ priority: number  all are numbers: `3` in a.md:3, `4` in b.md:3" in text
    assert "+ tags: multi_select (2 options)" in text
    assert actions(plan) == {"/": "create", "a.md": "create", "b.md": "create"}
    assert plan.writes == site.publish(**BASE).writes
    task(site, priority="5")
    plan, done = site.plan(**BASE), site.publish(**BASE)
    assert (plan.writes, actions(plan)["a.md"]) == (done.writes, "update") == (1, "update")
    assert plan.as_json()["databases"][0]["properties"][0] == {
        "name": "Title", "type": "title", "sign": ".", "options": (), "why": "",
    }  # fmt: skip


def test_one_changed_property_is_one_request(site: Site) -> None:
    task(site, priority="1", state="open")
    page = id_of(site.publish(**BASE), "a.md")
    task(site, priority="2", state="open")
    report = site.publish(**BASE)
    assert (report.reads, report.writes) == (0, 1)
    assert actions(report)["a.md"] == "update"
    assert values(site, page) == {"Title": "A", "priority": 2, "state": "open"}


def test_only_what_the_file_changed_is_sent(site: Site) -> None:
    task(site, priority="1", state="open")
    page = id_of(site.publish(**BASE), "a.md")
    person_sets(site, page, PropertyValue("state", "rich_text", "in doubt"))
    task(site, priority="2", state="open")
    site.publish(**BASE)
    assert values(site, page) == {"Title": "A", "priority": 2, "state": "in doubt"}


def test_removing_a_key_clears_only_what_pagemill_set(site: Site) -> None:
    task(site, priority="1", done="true", note="mine")
    report = site.publish(**BASE)
    page = id_of(report, "a.md")
    task(site, note="mine")
    assert site.publish(**BASE).writes == 1
    assert values(site, page) == {"Title": "A", "note": "mine"}
    person_sets(site, page, PropertyValue("priority", "number", 9))
    task(site, note="yours")
    site.publish(**BASE)
    assert values(site, page) == {"Title": "A", "note": "yours", "priority": 9}


@pytest.mark.parametrize(("way", "left"), [("ours", "ours"), ("theirs", "theirs"), ("stop", "theirs")])
def test_a_property_that_both_sides_changed(site: Site, way: str, left: str) -> None:
    task(site, note="first", other="1")
    page = id_of(site.publish(**BASE), "a.md")
    person_sets(site, page, PropertyValue("note", "rich_text", "theirs"))
    task(site, note="ours", other="2")
    report = site.publish(**BASE, on_property_conflict=way)
    assert values(site, page)["note"] == left
    assert values(site, page)["other"] == (1 if way == "stop" else 2)
    assert actions(report)["a.md"] == ("conflict" if way == "stop" else "update")
    said = [(item.code, item.path, item.line) for item in report.diagnostics]
    assert said == ([] if way == "ours" else [("property-conflict", "a.md", 3)])
    if way != "stop":
        assert site.publish(**BASE, on_property_conflict=way).writes == 0


def test_icon_and_cover_are_set_changed_and_cleared_with_the_properties(site: Site) -> None:
    task(site, priority="1", icon="🚀", cover="https://e.example/c.png")
    page = id_of(site.publish(**BASE), "a.md")

    async def looks(workspace: Workspace) -> tuple[Any, Any]:
        raw = await workspace.ask(workspace.adapter.get_page(page), lambda answer: answer.json())
        return raw["icon"] and raw["icon"]["emoji"], raw["cover"] and raw["cover"]["external"]["url"]

    assert site.with_workspace(looks) == ("🚀", "https://e.example/c.png")
    task(site, priority="2", icon="🐞", cover="https://e.example/d.png")
    assert site.publish(**BASE).writes == 1
    assert site.with_workspace(looks) == ("🐞", "https://e.example/d.png")
    task(site, priority="2")
    assert site.publish(**BASE).writes == 1
    assert site.with_workspace(looks) == (None, None)


def test_a_hundred_changed_records_are_one_request_on_buildin(site: Site) -> None:
    def write(number: int) -> None:
        for place in range(150):
            site.write(
                f"p{place}.md", f"---\ntitle: P{place}\nnumber: {number + place}\n---\n\nText {place**5}.\n"
            )

    write(0)
    assert site.publish(**BASE).writes == 151
    write(1000)
    plan, report = site.plan(**BASE), site.publish(**BASE)
    assert report.writes == plan.writes == (2 if site.options["dialect"] == "buildin" else 150)
    assert report.reads == 0
    assert values(site, id_of(report, "p149.md"))["number"] == 1149
    assert site.publish(**BASE).writes == 0


def test_a_new_key_and_a_new_option_change_the_schema_once(site: Site) -> None:
    task(site, tags="[x]")
    report = site.publish(**BASE)
    task(site, tags="[x, z]", size="12")
    plan = site.plan(**BASE)
    assert [(item.sign, item.name) for item in plan.databases[0].properties] == [
        (".", "Title"), ("~", "tags"), ("+", "size"),
    ]  # fmt: skip
    report = site.publish(**BASE)
    assert actions(report) == {"/": "update", "a.md": "update"}
    assert values(site, id_of(report, "a.md")) == {"Title": "A", "tags": ("x", "z"), "size": 12}
    site.write("a.md", "---\ntitle: A\n---\n\nText of a.\n")
    site.publish(**BASE)
    assert schema(site, report) == {
        "Title": "title",
        "tags": "multi_select",
        "size": "number",
    }  # nothing goes


def test_a_value_that_does_not_fit_holds_back_its_record_alone(site: Site) -> None:
    task(site, priority="1")
    site.publish(**BASE)
    task(site, priority="high")
    site.write("b.md", "---\ntitle: B\npriority: 2\n---\n")
    report = site.publish(**BASE)
    assert actions(report)["a.md"] == "held-back"
    assert actions(report)["b.md"] == "create"
    (error,) = [item for item in report.diagnostics if item.severity == "error"]
    assert str(error) == "a.md:3:1: error: `priority: high`: `priority` is a number. [property-type]"
    task(site, priority="3")
    assert site.publish(**BASE).failed == 0


def test_an_existing_database_is_read_and_respected(site: Site) -> None:
    base = existing(
        site,
        Property("Priority", "number"),
        Property("State", "select", ("open", "done")),
        Property("Made", "created_time"),
    )
    task(site, priority="high", state="open", made="2026-01-01", extra="1")
    report = site.publish(database=base)
    said = {(item.code, item.line): item.message for item in report.diagnostics}
    assert said[("property-type", 3)] == "`priority: high`: `Priority` is a number."
    assert "computes itself" in said[("property-read-only", 5)]
    assert said[("property-unknown", 6)].startswith("The database has no property `extra`")
    assert report.writes == 0
    task(site, priority="7", state="open")
    report = site.publish(database=base)
    assert values(site, id_of(report, "a.md")) == {"Name": "A", "Priority": 7, "State": "open"}
    assert report.url
    assert site.publish(database=base).reads == 0


def test_options_that_do_not_exist_are_made_or_refused(site: Site) -> None:
    base = existing(site, Property("State", "select", ("open",), colors=(("open", "gray"),)))
    task(site, state="shut")
    report = site.publish(database=base, new_options="refuse")
    assert [item.message for item in report.diagnostics] == [
        "`state: shut`: `State` has no option `shut`; it has open."
    ]
    report = site.publish(database=base)
    assert values(site, id_of(report, "a.md"))["State"] == "shut"

    async def colors(workspace: Workspace) -> dict[str, str]:
        info = await Databases(workspace).get(base)
        assert info is not None
        return {option["name"]: option["color"] for option in info.schema["State"]["select"]["options"]}

    gray = "grey" if site.options["dialect"] == "buildin" else "gray"
    assert site.with_workspace(colors) == {"open": gray, "shut": "default"}


def test_new_properties_of_an_existing_database_are_made_only_if_asked(site: Site) -> None:
    base = existing(site)
    task(site, size="3")
    site.publish(database=base)
    report = site.publish(database=base, new_properties="create")
    assert values(site, id_of(report, "a.md")) == {"Name": "A", "size": 3}


def test_the_settings_name_type_and_ignore_properties(site: Site) -> None:
    wishes = {
        "title": "Name",
        "due": {"name": "Due date", "type": "date"},
        "state": {"type": "select", "options": ["open", {"name": "done", "color": "green"}]},
        "private": False,
    }
    task(site, due="2026-04-09", state="open", private="secret", size="2")
    report = site.publish(**BASE, properties=wishes)
    assert values(site, id_of(report, "a.md")) == {
        "Name": "A", "Due date": DateValue("2026-04-09"), "state": "open", "size": 2,
    }  # fmt: skip
    assert list(schema(site, report)) == ["Name", "Due date", "state", "size"] or set(schema(site, report)) == {
        "Name", "Due date", "state", "size",
    }  # fmt: skip
    task(site, due="soon")
    (error,) = site.publish(**BASE, properties=wishes).diagnostics
    assert error.message.startswith("`due: soon`: `Due date` is a date")


def test_folders_are_records_with_pages_below_and_every_file_if_wanted(site: Site) -> None:
    task(site, size="1")
    site.write("sub/index.md", "---\ntitle: Sub\nsize: 2\n---\n\nText of sub.\n")
    site.write("sub/c.md", "---\ntitle: C\nsize: 3\n---\n\nText of c.\n")
    site.write("index.md", "---\ntitle: Start\n---\n\nWords.\n")
    report = site.publish(**BASE)
    assert records(site, report) == ["A", "Start", "Sub"]
    sub = id_of(report, "sub/index.md")
    assert values(site, sub) == {"Title": "Sub", "size": 2}
    assert site.lines(sub) == ["Text of sub.", "[C]"]
    flat = site.publish(database="Flat", records="all")
    assert records(site, flat) == ["A", "C", "Start", "Sub"]
    assert site.publish(database="Flat", records="all").reads == 0


def test_a_folder_within_a_tree_of_pages_is_a_database(site: Site) -> None:
    site.write("index.md", "# Handbook\n\nSee [ann](people/ann.md).\n")
    site.write("people/_database.toml", 'title = "Team"\nicon = "👥"\n[properties]\nage = "number"\n')
    site.write("people/ann.md", "---\ntitle: Ann\nage: 40\n---\n\nAnn's page, on [home](../index.md).\n")
    site.write("people/bob.md", "---\ntitle: Bob\nage: 50\n---\n")
    site.write("other.md", "# Other\n")
    report = site.publish()
    assert values(site, id_of(report, "people/ann.md")) == {"Title": "Ann", "age": 40}
    assert site.tree() == {"Handbook": {"Other": {}}}
    top = site.with_workspace(lambda workspace: workspace.children(id_of(report, "index.md")))
    assert sorted(block.input.type for block in top) == ["child_database", "child_page", "paragraph"]
    again = site.publish()
    assert (again.reads, again.writes) == (0, 0)
    site.write("people/_database.toml", 'title = "Team"\n[properties]\nage = "rich_text"\n')
    assert site.publish().failed == 0
    site.write("people/_database.toml", "title = 3\n")
    assert site.publish().stopped


def test_a_database_in_a_database_is_refused(site: Site) -> None:
    site.write("a/_database.toml", "")
    site.write("a/x.md", "# X\n")
    report = site.publish(**BASE)
    assert report.stopped
    assert [item.code for item in report.diagnostics] == ["database-nested"]
    assert (report.reads, report.writes) == (0, 0)


def test_when_the_state_is_lost_the_records_are_found_again(site: Site) -> None:
    tasks(site)
    before = site.publish(**BASE)
    for file in (site.root / ".pagemill").glob("docs.*"):
        file.unlink()
    after = site.publish(**BASE)
    assert after.writes == 0
    assert {page.path: page.id for page in after.pages} == {page.path: page.id for page in before.pages}
    assert records(site, after) == ["A", "B"]
    assert site.publish(**BASE).reads == 0


def test_renamed_files_keep_their_records(site: Site) -> None:
    tasks(site)
    page = id_of(site.publish(**BASE), "a.md")
    site.rename("a.md", "c.md")
    report = site.publish(**BASE)
    assert id_of(report, "c.md") == page
    assert records(site, report) == ["A", "B"]


def test_a_page_that_moves_into_a_database_gets_its_properties(site: Site) -> None:
    text = "---\ntitle: Ann\nage: 40\n---\n\nA text of Ann's own, long enough to be known again.\n"
    site.write("people/_database.toml", "")
    site.write("people/bob.md", "---\ntitle: Bob\nage: 50\n---\n\nQuite another text about Bob.\n")
    site.write("ann.md", text)
    page = id_of(site.publish(), "ann.md")
    site.rename("ann.md", "people/ann.md")
    report = site.publish()
    assert (id_of(report, "people/ann.md"), report.failed) == (page, 0)
    assert values(site, page) == {"Title": "Ann", "age": 40}
    site.rename("people/ann.md", "ann.md")
    report = site.publish()
    assert (id_of(report, "ann.md"), report.failed) == (page, 0)
    assert site.tree()["Docs"] == {"Ann": {}}
    assert site.publish().writes == 0


def test_a_record_whose_file_is_gone_is_pruned_and_the_database_stays(site: Site) -> None:
    tasks(site)
    report = site.publish(**BASE)
    site.remove("b.md")
    task(site, priority="3")
    report = site.publish(**BASE, prune=True)
    assert actions(report)["b.md"] == "trash"
    assert records(site, report) == ["A"]


def test_a_record_in_the_trash_is_a_conflict_or_made_anew(site: Site) -> None:
    task(site, priority="1")
    page = id_of(site.publish(**BASE), "a.md")
    site.with_workspace(lambda workspace: workspace.trash_page(page))
    task(site, priority="2")
    assert actions(site.publish(**BASE))["a.md"] == "conflict"
    report = site.publish(**BASE, on_conflict="ours")
    assert id_of(report, "a.md") != page
    assert values(site, id_of(report, "a.md")) == {"Title": "A", "priority": 2}


def test_an_unknown_database_is_told(site: Site) -> None:
    from publisher.errors import UsageError

    task(site)
    with pytest.raises(UsageError, match="There is no database"):
        site.publish(database="5" * 32)


def test_keys_that_no_property_can_hold_are_told_once(site: Site) -> None:
    site.write("a.md", "---\ntitle: A\nbuild: {render: never}\nempty:\n---\n")
    site.write("b.md", "---\ntitle: B\nbuild: {render: always}\n---\n")
    report = site.publish(**BASE)
    assert [(item.code, item.path, item.line) for item in report.diagnostics] == [
        ("front-matter-property", "a.md", 3)
    ]
    assert set(schema(site, report)) == {"Title"}


def test_wishes_are_values() -> None:
    from publisher.wishes import read_wishes

    assert read_wishes({"a": "number", "b": False, "c": {"name": "C", "type": "date"}}) == {
        "a": Wish(type="number"), "b": Wish(ignore=True), "c": Wish("C", "date"),
    }  # fmt: skip
    for bad in ({"a": "nonsense"}, {"a": {"colour": 1}}, {"a": {"options": ["x,y"]}}, {"a": 3}, []):
        with pytest.raises(ValueError):
            read_wishes(bad)


def test_archived_pages_stay_in_the_trash_until_they_are_restored(site: Site) -> None:
    from publisher import shelf
    from publisher.store import Store
    from publisher.workplace import open_workspace, state_file

    tasks(site)
    page = id_of(site.publish(**BASE), "a.md")
    settings = site.settings(**BASE)

    def run(work: Any) -> None:
        store = Store(state_file(settings))
        pages = shelf.chosen(["a.md"], settings, store, site.folder)
        asyncio.run(work(pages, store, open_workspace(settings, lambda: None), lambda _: None))
        store.close()

    def listed() -> dict[str, shelf.Published]:
        store = Store(state_file(settings))
        found = {item.path: item for item in shelf.published(settings, store)}
        store.close()
        return found

    run(shelf.archive)
    task(site, priority="8")
    report = site.publish(**BASE)
    assert (actions(report)["a.md"], report.writes, records(site, report)) == ("unchanged", 0, ["B"])
    assert listed()["a.md"].archived
    run(shelf.restore)
    report = site.publish(**BASE)
    assert (id_of(report, "a.md"), values(site, page)["priority"]) == (page, 8)
    assert listed()["a.md"].properties == {"Title": "A", "priority": 8}
    assert listed()["/"].database


def test_numbers_in_a_text_property_and_relations_are_listed(site: Site) -> None:
    from publisher import shelf
    from publisher.store import Store
    from publisher.workplace import state_file

    site.write("a.md", "---\nprio: 1\nafter: [b.md, sub]\n---\n# A\n")
    site.write("b.md", "---\nprio: high\nafter: a.md\n---\n# B\n")
    site.write("sub/index.md", "# Sub\n")
    site.publish(**BASE)
    settings = site.settings(**BASE)
    store = Store(state_file(settings))
    try:
        found = {item.path: item.properties for item in shelf.published(settings, store)}
    finally:
        store.close()
    assert found["a.md"]["prio"] == "1"
    assert found["b.md"] == {"Title": "B", "prio": "high", "after": ["a.md"]}
    assert "pagemill:" not in str(found)
