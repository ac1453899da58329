"""Links of a page to its own blocks: footnotes there and back, headings further up or down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from site_folder import Site, actions, id_of
from watched import Gate

from converters.blocks import WAY_BACK
from converters.dialects.base import BlockInput
from publisher.emulator.store import Store as Emulated
from publisher.emulator.writing import NewBlock, Place
from publisher.job import Job
from publisher.remote.port import Request
from publisher.remote.workspace import Workspace
from publisher.report import Report
from publisher.store import Store
from publisher.sync import Run
from publisher.workplace import open_workspace, state_file

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


@pytest.mark.parametrize(
    ("before", "after", "least"),
    [
        ("x [to](#b)\n\n## b\n", "## b\n\nx [to](#b)\n", 2),
        ("## b\n\nx [to](#b)\n\n## a\n\ny [to](#a)\n", "## a\n\ny [to](#a)\n\n## b\n\nx [to](#b)\n", 4),
    ],
)
def test_what_links_and_what_it_links_to_change_places(
    site: Site, before: str, after: str, least: int
) -> None:
    """Which of them stays depends on where the link leads, and that on which of them stays."""
    site.write("a.md", f"# A\n\n{before}")
    published(site)
    site.write("a.md", f"# A\n\n{after}")
    report, found = published(site)
    words = [line[3:] for line in after.splitlines() if line.startswith("## ")]
    assert found == [("to", word) for word in words]
    assert report.writes == least


FOLLOWED = "# A\n\nplain\n\nsee [h](#end)\n\nsecond [h](#end)\n\n## End\n\nlast\n"


def _somebody(site: Site, id: str, what: str) -> None:
    """Edits or deletes the second paragraph that links."""

    async def act(workspace: Workspace) -> None:
        blocks = await workspace.children(id)
        block = next(block for block in blocks if b"second" in block.input.content)
        if what == "edited":
            content = b'{"rich_text":[{"text":{"content":"people"},"type":"text"}]}'
            await workspace.update_block(block.id, BlockInput("paragraph", content))
        else:
            await workspace.delete_block(block.id)

    site.with_workspace(act)


@pytest.mark.parametrize("what", ["edited", "deleted"])
@pytest.mark.parametrize("known", [True, False])
def test_an_edit_of_a_block_that_links_is_no_conflict_when_its_target_changes(
    site: Site, what: str, known: bool
) -> None:
    """The file says of that block what it said: what was accepted stays accepted, and what is new is drift."""
    site.write("a.md", FOLLOWED)
    report, _ = published(site)
    id = id_of(report, "a.md")
    _somebody(site, id, what)
    text = FOLLOWED.replace("plain", "other") if known else FOLLOWED
    if known:
        site.write("a.md", text)
        assert [item.code for item in site.publish(on_drift="keep").diagnostics] == ["drift"]
    for level in ("###", "##"):
        site.write("a.md", text.replace("## End", f"{level} End"))
        report = site.publish(on_drift="keep")
        assert [item.code for item in report.diagnostics] == ([] if known or level == "##" else ["drift"])
        assert report.writes == 3  # the heading, the first paragraph, and the old heading goes
        assert ("people" in site.lines(id)) == (what == "edited")
        assert links(site, id) == [("h", "End")]
        assert requests(site.publish(on_drift="keep")) == (0, 0)


def test_what_was_left_out_with_its_links_stays_so(site: Site) -> None:
    """A note and the text that refers to it: neither of the two has an address."""
    site.write("a.md", "# A\n\nplain\n\nsecond[^1]\n\nthird[^2]\n\n[^1]: One.\n[^2]: Two.\n")
    report, _ = published(site)
    id = id_of(report, "a.md")

    async def delete(workspace: Workspace) -> None:
        for block in await workspace.children(id):
            if b"second" in block.input.content or b"One." in block.input.content:
                await workspace.delete_block(block.id)

    site.with_workspace(delete)
    for number, word in enumerate(("other", "more", "less")):
        text = "# A\n\nplain\n\nsecond[^1]\n\nthird[^2]\n\n[^1]: One.\n[^2]: Two.\n"
        site.write("a.md", text.replace("plain", word))
        report = site.publish(on_drift="keep")
        assert report.writes == 1
        assert [item.code for item in report.diagnostics] == ([] if number else ["drift", "drift"])
    assert [name for name, _ in links(site, id)] == ["[2]", "↩"]


def test_off_is_text_also_when_the_state_is_lost(site: Site) -> None:
    site.write("a.md", NOTES)
    report, _ = published(site)
    state_file(site.settings()).unlink()
    assert site.publish(own_links=False).writes == 5  # every block that links
    assert not links(site, id_of(report, "a.md"))
    assert requests(site.publish(own_links=False)) == (0, 0)


@pytest.mark.parametrize("new", [True, False])
def test_somebody_writes_before_what_was_just_sent_is_read(site: Site, new: bool) -> None:
    """What they wrote stays, and the links go into our blocks, not into theirs."""
    text = "- item\n  - first [h](#h)\n  - second\n\n## H\n"
    site.write("a.md", "# A\n\nplain\n")
    if not new:
        site.publish()
    site.write("a.md", f"# A\n\nplain\n\n{text}")
    chosen = site.settings()
    words: list[str] = []

    def look(request: Request) -> None:
        """Just before our blocks are read: a line in front of them."""
        if words or request.nature != "read" or "/children" not in request.path:
            return
        parent = request.path.split("/")[3]
        assert chosen.workspace is not None
        people = Emulated(chosen.workspace)
        blocks = people.subtree(parent)
        if blocks and (new or "first" in str(blocks[0].content)):
            words.append("people")
            with people.write("", "people") as writer:
                text = {"rich_text": [{"type": "text", "text": "people"}]}
                page = blocks[0].page_id
                writer.insert(parent, page, [NewBlock("bulleted_list_item", text)], Place("start"))
        people.close()

    def join(count: Callable[[], None]) -> Workspace:
        return open_workspace(chosen, count).through(lambda inner: Gate(inner, look))

    store = Store(state_file(chosen))
    report = asyncio.run(Run(Job(chosen, join), store).publish())
    store.close()
    assert not report.failed
    assert words
    lines = [line.strip() for line in site.lines(id_of(report, "a.md"))]
    assert [line for line in lines if line != "people"] == ["plain", "item", "first h", "second", "H"]
    assert lines.count("people") == 1
    assert links(site, id_of(report, "a.md")) == [("h", "H")]
    assert requests(site.publish()) == (0, 0)


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


def test_without_the_state_links_to_headings_of_others_are_known(site: Site) -> None:
    """Nobody knows any more which of their blocks a page linked to; it is not taken for edited, and not written again."""
    site.write("index.md", "# Home\n\n[b](b.md#part) [c](c.md#other)\n")
    site.write("b.md", "# B\n\n[c](c.md#other) [home](index.md)\n\n## Part\n")
    site.write("c.md", "# C\n\n[b](b.md#part)\n\n## Other\n\nText.\n")
    report, _ = published(site, "b.md")

    async def read(workspace: Workspace) -> list[bytes]:
        ids = [id_of(report, path) for path in ("index.md", "b.md", "c.md")]
        return [(await workspace.children(id))[0].input.content for id in ids]

    before = site.with_workspace(read)
    assert all(b"#" in content for content in before)
    state_file(site.settings()).unlink()
    again = site.publish()
    assert again.writes == 0
    assert not again.diagnostics
    assert requests(site.publish()) == (0, 0)
    site.write("c.md", "# C\n\n[b](b.md#part)\n\n## Other\n\nOther text.\n")
    assert site.publish().writes == 1
    assert site.with_workspace(read) == before
