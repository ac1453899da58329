"""Links of a page to its own blocks: footnotes there and back, headings further up or down."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_folder import Site, actions, id_of

from converters.blocks import WAY_BACK
from publisher.commands import state_file
from publisher.remote.workspace import Workspace
from publisher.report import Report

NOTES = """\
# Notes

Tea is hot[^tea], and so is coffee[^coffee].

Coffee again[^coffee]. See [the end](#the-end).

## The end

Back to [the end](#The-End), or [nowhere](#start).

[^tea]: From **China**.
[^coffee]: From Ethiopia.

    With milk.
"""


def links(site: Site, id: str) -> list[tuple[str, str]]:
    """The links of a page to its own blocks, in reading order: the text of each, and that of the block it leads to."""

    async def read(workspace: Workspace) -> list[tuple[str, str]]:
        page = await workspace.page(id)
        assert page is not None
        found: list[tuple[str, str]] = []
        texts: dict[str, str] = {}

        async def below(parent: str) -> None:
            for block in [item async for item in workspace._children(parent)]:
                content = block[block["type"]]
                items = [
                    *content.get("rich_text", []),
                    *(item for cell in content.get("cells", []) for item in cell),
                ]
                texts[block["id"].replace("-", "")] = "".join(item["plain_text"] for item in items)
                for item in items:
                    url = ((item.get("text") or {}).get("link") or {}).get("url", "")
                    if url.startswith(page.url + "#"):
                        found.append((item["plain_text"], url.rpartition("#")[2]))
                if block["has_children"] and block["type"] != "child_page":
                    await below(block["id"])

        await below(id)
        return [(text.strip("\u00a0\ufe0e"), texts[target]) for text, target in found]

    return site.with_workspace(read)


def requests(report: Report) -> tuple[int, int]:
    return report.reads, report.writes


def published(site: Site, path: str = "a.md") -> tuple[Report, list[tuple[str, str]]]:
    """Publish as planned, and once more for nothing; the links of a page."""
    plan = site.plan()
    report = site.publish()
    assert plan.writes == report.writes
    assert requests(site.publish()) == (0, 0)
    return report, links(site, id_of(report, path))


def test_footnotes_and_headings(site: Site) -> None:
    site.write("a.md", NOTES)
    report, found = published(site)
    first, again = "Tea is hot[1], and so is coffee[2].", "Coffee again[2]. See the end."
    tea, coffee = "From China." + WAY_BACK, "From Ethiopia." + WAY_BACK
    assert found == [
        ("[1]", tea),
        ("[2]", coffee),
        ("[2]", coffee),
        ("the end", "The end"),
        ("the end", "The end"),
        ("↩", first),
        ("↩", first),
    ]
    assert again in site.lines(id_of(report, "a.md"))
    # the root and the page, all behind the last heading, and the two paragraphs before it
    assert report.writes == 2 + 1 + 2


def test_off_is_text(site: Site) -> None:
    site.write("a.md", NOTES)
    report = site.publish(own_links=False)
    assert requests(report) == (1, 2)  # it looks whether the pages are there; the root and the page
    assert "From China." in site.lines(id_of(report, "a.md"))
    assert not links(site, id_of(report, "a.md"))
    on = site.publish()
    assert actions(on)["a.md"] == "update"
    assert len(links(site, id_of(on, "a.md"))) == 7
    site.publish(own_links=False)
    assert not links(site, id_of(on, "a.md"))
    assert requests(site.publish(own_links=False)) == (0, 0)


def test_contents_come_when_the_headings_are_there(site: Site) -> None:
    """A list that links to everything below it is sent behind it, in one request."""
    heads = [f"Part {number}" for number in range(12)]
    toc = "".join(f"- [{head}](#{head.lower().replace(' ', '-')})\n" for head in heads)
    site.write("a.md", f"# A\n\n{toc}\n" + "".join(f"## {head}\n\nText of {head}.\n\n" for head in heads))
    report, found = published(site)
    assert found == [(head, head) for head in heads]
    assert report.writes == 1 + 2
    assert site.lines(id_of(report, "a.md"))[:13] == [*heads, "Part 0"]


def test_links_in_nested_blocks_and_tables(site: Site) -> None:
    site.write(
        "a.md",
        "# A\n\n- one\n  - two [end](#end)\n    - three [end](#end)\n\n| a |\n|---|\n| [in](#end) |\n\n"
        "> [!NOTE]\n> ### Deep\n>\n> text\n\n## End\n\n[deep](#deep)\n",
    )
    _, found = published(site)
    assert found == [("end", "End"), ("end", "End"), ("in", "End"), ("deep", "Note")] or found[3][0] == "deep"
    assert [target for _, target in found[:3]] == ["End"] * 3


def test_an_edit_costs_what_it_must(site: Site) -> None:
    site.write("a.md", NOTES)
    published(site)
    site.write("a.md", NOTES.replace("Tea is", "The tea is"))
    report, found = published(site)
    assert requests(report) == (1, 1)
    assert found[-1] == ("↩", "The tea is hot[1], and so is coffee[2].")


def test_a_new_footnote(site: Site) -> None:
    """The note first, then the paragraph that refers to it: each is written once."""
    site.write("a.md", NOTES)
    published(site)
    new = NOTES.replace("See [the end]", "See[^new] [the end]") + "[^new]: From here.\n"
    site.write("a.md", new)
    report, found = published(site)
    assert report.writes == 2
    assert ("[3]", "From here." + WAY_BACK) in found
    assert found[-1] == ("↩", "Coffee again[2]. See[3] the end.")


def test_what_is_linked_to_becomes_another_block(site: Site) -> None:
    site.write("a.md", NOTES)
    published(site)
    site.write("a.md", NOTES.replace("## The end", "### The end"))
    report, found = published(site)
    assert [pair for pair in found if pair[0] == "the end"] == [("the end", "The end")] * 2
    assert report.writes == 4  # the heading, two paragraphs, and the old heading goes


def test_a_renamed_file_keeps_its_links(site: Site) -> None:
    site.write("a.md", NOTES)
    published(site)
    site.rename("a.md", "b.md")
    report = site.publish()
    assert report.writes == 0
    assert len(links(site, id_of(report, "b.md"))) == 7


def test_without_the_state_nothing_is_written(site: Site) -> None:
    site.write("a.md", NOTES)
    published(site)
    state_file(site.settings()).unlink()
    report = site.publish()
    assert report.writes == 0
    assert [item.code for item in report.diagnostics] == ["link-anchor-broken"]
    site.write("a.md", NOTES.replace("Tea is", "The tea is"))
    report, found = published(site)
    assert report.writes == 1
    assert len(found) == 7


def test_somebody_deletes_what_is_linked_to(site: Site) -> None:
    """The deletion is kept; the links to it become text, and nothing is written again and again."""
    site.write("a.md", NOTES)
    report, _ = published(site)
    id = id_of(report, "a.md")

    async def delete(workspace: Workspace) -> None:
        blocks = await workspace.children(id)
        await workspace.delete_block(next(block.id for block in blocks if block.input.type == "heading_2"))

    site.with_workspace(delete)
    site.write("a.md", NOTES.replace("Tea is", "The tea is"))
    report = site.publish(on_drift="keep")
    assert report.writes == 3
    found = links(site, id)
    assert not [pair for pair in found if pair[0] == "the end"]
    site.write("a.md", NOTES.replace("Tea is", "This tea is"))
    assert site.publish(on_drift="keep").writes == 1


def test_another_page_links_to_a_heading_without_a_read_more(site: Site) -> None:
    site.write("a.md", NOTES)
    site.write("b.md", "# B\n\n[there](a.md#the-end)\n")
    report, _ = published(site)

    async def read(workspace: Workspace) -> list[Any]:
        return [block.input.content async for block in _blocks(workspace, id_of(report, "b.md"))]

    (content,) = site.with_workspace(read)
    assert b"#" in content
    assert report.reads <= 3


async def _blocks(workspace: Workspace, id: str) -> Any:
    for block in await workspace.children(id):
        yield block


WORDS = ("alpha", "beta", "gamma", "delta")


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Pages of headings, paragraphs, lists and quotes that link to headings, and have footnotes."""
    lines = ["# Page", ""]
    count = draw(st.integers(1, 7))
    for number in range(count):
        word = draw(st.sampled_from(WORDS))
        kind = draw(st.sampled_from(["heading", "text", "list", "quote", "note", "plain"]))
        link = f"[to {word}](#{word})"
        lines += {
            "heading": [f"{'#' * draw(st.integers(2, 3))} {word}"],
            "text": [f"Text {number} {link}."],
            "list": [f"- item {number}", f"  - {link}"],
            "quote": [f"> {link} {number}"],
            "note": [f"Noted {number}[^{word}]."],
            "plain": [f"Plain {number}."],
        }[kind]
        lines.append("")
    lines += [f"[^{word}]: About {word}." for word in draw(st.sets(st.sampled_from(WORDS)))]
    return "\n".join(lines) + "\n"


def expected(text: str) -> list[str]:
    """The words that links of a body lead to, as far as they are there."""
    heads = {line.lstrip("# ") for line in text.splitlines() if line.startswith("##")}
    words = (line.partition("](#")[2].partition(")")[0] for line in text.splitlines())
    return [word for word in words if word in heads]


@given(st.lists(bodies(), min_size=1, max_size=3), st.sampled_from(["notion", "buildin"]))
@settings(max_examples=25, deadline=None)
def test_every_link_leads_where_it_should(versions: list[str], dialect: str) -> None:
    with TemporaryDirectory() as directory:
        site = Site(Path(directory), {"dialect": dialect})
        for text in versions:
            site.write("a.md", text)
            report, found = published(site)
            ways = [target for name, target in found if name.startswith("to ")]
            assert ways == expected(text)
            for name, target in found:
                if name.startswith("["):
                    assert target.startswith("About "), (name, target)
                elif name == "↩":
                    assert "[" in target
            assert not report.failed


def test_a_long_page(site: Site) -> None:
    """More blocks than one request takes: those that come later tell their addresses."""
    rand = Random(5)
    heads = [f"H{number}" for number in range(70)]
    text = "".join(
        f"## {head}\n\nSee [{(to := rand.choice(heads))}](#{to.lower()}) here.\n\n" for head in heads
    )
    site.write("a.md", f"# A\n\n{text}")
    _, found = published(site)
    assert [name for name, _ in found] == [target for _, target in found]
    assert len(found) == 70


@pytest.mark.parametrize("many", [1, 30])
def test_many_notes_are_sent_behind_the_text(site: Site, many: int) -> None:
    refs = "".join(f"Word {number}[^{number}].\n\n" for number in range(many))
    notes = "".join(f"[^{number}]: Note {number}.\n" for number in range(many))
    site.write("a.md", f"# A\n\n{refs}{notes}")
    report, found = published(site)
    assert len(found) == 2 * many
    assert report.writes == 1 + (2 + many if many > 1 else 3)
