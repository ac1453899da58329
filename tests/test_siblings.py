"""The setting `siblings`: whether Buildin lists new pages as the folder does, or they are made with the fewest requests."""

from __future__ import annotations

import pytest
from site_folder import Site


@pytest.mark.parametrize("siblings", ["folder", "any"])
def test_pages_stand_in_order_or_cost_less(site: Site, siblings: str) -> None:
    for name in "abcd":
        site.write(f"{name}.md", f"# {name.upper()}\n\nSee the [glossary](glossary.md).\n")
    site.write("glossary.md", "# Glossary\n\nWords.\n")
    plan, report = site.plan(siblings=siblings), site.publish(siblings=siblings)
    notion = site.options["dialect"] == "notion"
    expected = 7 if notion else 6 if siblings == "any" else 10  # Notion: no page is placed before the first
    assert plan.writes == report.writes == expected
    listed = list(site.tree()["Docs"])
    assert sorted(listed) == ["A", "B", "C", "D", "Glossary"]
    assert (listed == sorted(listed)) == (notion or siblings == "folder")
    assert site.publish(siblings=siblings).writes == 0
