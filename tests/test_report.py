"""What a run did, as values."""

from __future__ import annotations

from publisher.report import PageReport, Report


def test_a_folder_has_pages_or_none() -> None:
    assert not Report().holds_pages
    assert Report(unchanged=3).holds_pages
    assert Report(pages=[PageReport("a.md", "A", "removed")]).holds_pages
