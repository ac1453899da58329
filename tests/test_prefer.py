"""The setting `prefer`, from the settings to what is sent."""

from __future__ import annotations

import pytest
from site_folder import Site

from publisher import saved
from publisher.errors import UsageError
from publisher.store import Store
from publisher.workplace import looking, state_file


def table(changed: int) -> str:
    rows = (f"| {row} | {'new' if row < changed else 'old'} |\n" for row in range(20))
    return "# Page\n\n| a | b |\n|---|---|\n" + "".join(rows)


@pytest.mark.parametrize(("prefer", "writes"), [("ids", 8), ("requests", 2)])
def test_rows_are_updated_or_the_table_is_written_again(site: Site, prefer: str, writes: int) -> None:
    site.write("page.md", table(0))
    site.publish(prefer=prefer)
    site.write("page.md", table(8))
    assert site.plan(prefer=prefer).writes == writes
    assert site.publish(prefer=prefer).writes == writes
    assert site.publish(prefer=prefer).writes == 0


def test_ids_are_preferred_unless_something_else_is_said(site: Site) -> None:
    assert site.settings().prefer == "ids"
    with pytest.raises(UsageError, match="prefer must be 'ids' or 'requests'"):
        site.settings(prefer="id")


def test_a_saved_plan_is_sent_with_the_preference_it_was_made_with(site: Site) -> None:
    site.write("page.md", table(0))
    site.publish()
    site.write("page.md", table(8))
    settings = site.settings(prefer="requests")
    store = Store(state_file(settings))
    try:
        plan = saved.rehearse(settings, store, lambda count: looking(settings, count)).plan
    finally:
        store.close()
    assert len(plan["requests"]) == 2
    assert saved.adopted(plan, site.settings())[0].prefer == "requests"


@pytest.mark.parametrize(
    "text", ['prefer = "requests"', '[update]\nprefer = "requests"', 'update.prefer = "requests"']
)
def test_both_spellings(site: Site, text: str) -> None:
    site.write("pagemill.toml", text + "\n")
    assert site.settings().prefer == "requests"
    site.write("pagemill.toml", "[update]\nprefers = 3\n")
    with pytest.raises(UsageError, match=r"pagemill\.toml:2: unknown setting 'update\.prefers'"):
        site.settings()
